/* The strict reader in front of json-c: RFC 8259 and our bounds, to the letter.  It builds nothing.
 */
#include "kit/base/json_check.h"

#include <string.h>

/* The reader stops where the text is malformed, but reads on past what is merely unfit for us. */
struct scan {
	struct str text;
	size_t at, depth;
	const struct json_limits *limits;
	struct json_count count;
	const char *malformed, *unfit;
	size_t unfit_at;
};

static bool value(struct scan *s);

static bool refuse(struct scan *s, const char *why)
{
	s->malformed = why;
	return false;
}

static void note_unfit(struct scan *s, size_t at, const char *why)
{
	if (s->unfit)
		return;
	s->unfit = why;
	s->unfit_at = at;
}

/* The next byte, or 0 at the end; a real NUL fits nowhere outside strings either. */
static char peek(const struct scan *s)
{
	if (s->at == s->text.n)
		return '\0';
	return s->text.p[s->at];
}

static bool take(struct scan *s, char c)
{
	if (s->at == s->text.n || s->text.p[s->at] != c)
		return false;
	s->at++;
	return true;
}

static void space(struct scan *s)
{
	while (peek(s) == ' ' || peek(s) == '\t' || peek(s) == '\n' || peek(s) == '\r')
		s->at++;
}

static bool word(struct scan *s, struct str expected)
{
	if (!str_starts(str_skip(s->text, s->at), expected))
		return refuse(s, "a value was expected");
	s->at += expected.n;
	return true;
}

static bool digits(struct scan *s)
{
	size_t start = s->at;

	while (peek(s) >= '0' && peek(s) <= '9')
		s->at++;
	return s->at > start || refuse(s, "a digit was expected");
}

static bool number(struct scan *s)
{
	size_t start = s->at;
	bool whole = true;
	int64_t ignored;

	take(s, '-');
	if (!take(s, '0') && !digits(s))
		return false;
	if (take(s, '.')) {
		whole = false;
		if (!digits(s))
			return false;
	}
	if (take(s, 'e') || take(s, 'E')) {
		whole = false;
		if (!take(s, '+'))
			take(s, '-');
		if (!digits(s))
			return false;
	}
	/* json-c would quietly take the nearest that it can hold. */
	if (whole && !str_to_int((struct str){ s->text.p + start, s->at - start }, &ignored))
		note_unfit(s, start, "a whole number is too large");
	return true;
}

bool json_hex(struct str text, uint32_t *ret)
{
	*ret = 0;
	for (size_t at = 0; at < 4; at++) {
		char c = at < text.n ? text.p[at] : '\0';

		if (c >= '0' && c <= '9')
			*ret = *ret * 16 + (uint32_t)(c - '0');
		else if ((c | 0x20) >= 'a' && (c | 0x20) <= 'f')
			*ret = *ret * 16 + (uint32_t)((c | 0x20) - 'a') + 10;
		else
			return false;
	}
	return true;
}

static bool four_hex(struct scan *s, uint32_t *ret)
{
	if (!json_hex(str_skip(s->text, s->at), ret))
		return refuse(s, "four hexadecimal digits were expected");
	s->at += 4;
	return true;
}

/* What follows "\u": PostgreSQL can hold neither U+0000 nor half a surrogate pair. */
static bool unicode_escape(struct scan *s)
{
	size_t start = s->at - 2;
	uint32_t unit, low;

	if (!four_hex(s, &unit))
		return false;
	if (unit == 0)
		note_unfit(s, start, "the character U+0000 is not allowed");
	if (unit < 0xd800 || unit > 0xdfff)
		return true;
	if (unit < 0xdc00 && str_starts(str_skip(s->text, s->at), STR("\\u"))) {
		s->at += 2;
		if (!four_hex(s, &low))
			return false;
		if (low >= 0xdc00 && low <= 0xdfff)
			return true;
	}
	note_unfit(s, start, "half a surrogate pair is not allowed");
	return true;
}

static bool string(struct scan *s)
{
	if (!take(s, '"'))
		return refuse(s, "a string was expected");
	while (s->at < s->text.n) {
		unsigned char c = (unsigned char)s->text.p[s->at];

		if (c < 0x20)
			return refuse(s, "a control character stands in a string");
		s->at++;
		if (c == '"')
			return true;
		if (c != '\\')
			continue;
		c = (unsigned char)peek(s);
		if (!c || !strchr("\"\\/bfnrtu", c))
			return refuse(s, "an escape is not known");
		s->at++;
		if (c == 'u' && !unicode_escape(s))
			return false;
	}
	return refuse(s, "a string does not end");
}

static bool count(struct scan *s, size_t *which)
{
	++*which;
	return s->count.keys + s->count.items <= s->limits->values ||
	       refuse(s, "there are too many values");
}

static bool array(struct scan *s)
{
	space(s);
	if (take(s, ']'))
		return true;
	do {
		space(s);
		if (!count(s, &s->count.items) || !value(s))
			return false;
		space(s);
	} while (take(s, ','));
	return take(s, ']') || refuse(s, "\",\" or \"]\" was expected");
}

static bool object(struct scan *s)
{
	size_t n = 0;

	space(s);
	if (take(s, '}'))
		return true;
	do {
		space(s);
		if (n++ == s->limits->keys)
			return refuse(s, "an object has too many keys");
		if (!count(s, &s->count.keys) || !string(s))
			return false;
		space(s);
		if (!take(s, ':'))
			return refuse(s, "\":\" was expected");
		space(s);
		if (!value(s))
			return false;
		space(s);
	} while (take(s, ','));
	return take(s, '}') || refuse(s, "\",\" or \"}\" was expected");
}

static bool nested(struct scan *s, bool (*inside)(struct scan *s))
{
	bool sound;

	if (s->depth == s->limits->depth)
		return refuse(s, "it is nested too deeply");
	s->at++;
	s->depth++;
	sound = inside(s);
	s->depth--;
	return sound;
}

static bool value(struct scan *s)
{
	switch (peek(s)) {
	case '{':
		return nested(s, object);
	case '[':
		return nested(s, array);
	case '"':
		return string(s);
	case 't':
		return word(s, STR("true"));
	case 'f':
		return word(s, STR("false"));
	case 'n':
		return word(s, STR("null"));
	default:
		if (peek(s) == '-' || (peek(s) >= '0' && peek(s) <= '9'))
			return number(s);
		return refuse(s, "a value was expected");
	}
}

static bool whole_text(struct scan *s)
{
	if (str_starts(s->text, STR("\xef\xbb\xbf")))
		return refuse(s, "it begins with a byte order mark");
	space(s);
	if (!value(s))
		return false;
	space(s);
	return s->at == s->text.n || refuse(s, "something follows its end");
}

const struct err *json_check_count(struct arena *a, struct str text,
				   const struct json_limits *limits, struct json_count *ret)
{
	struct scan s = { .text = text, .limits = limits };

	if (text.n > limits->bytes)
		return ERR(a, ERR_TOO_LARGE, "This JSON is larger than %zu bytes.", limits->bytes);
	if (!str_is_utf8(text))
		return ERR(a, ERR_MALFORMED, "This is not JSON: it is not valid UTF-8.");
	if (!whole_text(&s))
		return ERR(a, ERR_MALFORMED, "This is not JSON that we can read: %s at byte %zu.",
			   s.malformed, s.at);
	if (s.unfit)
		return ERR(a, ERR_INVALID, "This JSON cannot be taken: %s (byte %zu).", s.unfit,
			   s.unfit_at);
	*ret = s.count;
	return NULL;
}

const struct err *json_check(struct arena *a, struct str text, const struct json_limits *limits)
{
	struct json_count ignored;

	return json_check_count(a, text, limits, &ignored);
}
