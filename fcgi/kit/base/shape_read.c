/*
 * The shape's door in for our own JSON, as the database kept it; see shape_json.h.  It was checked
 * on its way in, by us and by PostgreSQL, so it is read once and straight into the struct, and a
 * text without an escape stays where it is.
 */
#include <string.h>

#include "kit/base/arena.h"
#include "kit/base/json_check.h"
#include "kit/base/shape_json.h"

struct reader {
	struct arena *arena;
	struct str rest;
};

static bool read_object(struct reader *r, const struct shape *s, char *object);
static bool read_value(struct reader *r, const struct field *f, void *at);

/* No more than is left. */
static void pass(struct reader *r, size_t n)
{
	r->rest.p += n;
	r->rest.n -= n;
}

/* The next byte that is no space, or 0 at the end. */
static char peek(struct reader *r)
{
	while (r->rest.n) {
		char c = r->rest.p[0];

		if (c != ' ' && c != '\t' && c != '\n' && c != '\r')
			return c;
		pass(r, 1);
	}
	return '\0';
}

static bool take(struct reader *r, char c)
{
	if (peek(r) != c || !r->rest.n)
		return false;
	pass(r, 1);
	return true;
}

/* ---- texts ---- */

/* What follows "\u"; a pair of surrogates is one character. */
static bool read_code(struct str *escaped, uint32_t *ret)
{
	uint32_t low;

	if (!json_hex(*escaped, ret) || *ret == 0)
		return false;
	*escaped = str_skip(*escaped, 4);
	if (*ret < 0xd800 || *ret > 0xdfff)
		return true;
	if (*ret > 0xdbff || !str_starts(*escaped, STR("\\u")) ||
	    !json_hex(str_skip(*escaped, 2), &low) || low < 0xdc00 || low > 0xdfff)
		return false;
	*escaped = str_skip(*escaped, 6);
	*ret = 0x10000 + ((*ret - 0xd800) << 10) + (low - 0xdc00);
	return true;
}

/* No escape is shorter than what it stands for. */
static bool unescape(struct arena *a, struct str escaped, struct str *ret)
{
	static const char escapes[] = "\"\\/bfnrt", meant[] = "\"\\/\b\f\n\r\t";
	char *to = arena_alloc(a, escaped.n + 1, 1);
	size_t n = 0;

	while (escaped.n) {
		const char *hit = memchr(escaped.p, '\\', escaped.n), *known;
		size_t plain = hit ? (size_t)(hit - escaped.p) : escaped.n;
		uint32_t code;

		memcpy(to + n, escaped.p, plain);
		n += plain;
		escaped = str_skip(escaped, plain + 1);
		if (!hit)
			break;
		if (str_starts(escaped, STR("u"))) {
			escaped = str_skip(escaped, 1);
			if (!read_code(&escaped, &code))
				return false;
			n += str_put_utf8(code, to + n);
			continue;
		}
		known = escaped.n && escaped.p[0] ? strchr(escapes, escaped.p[0]) : NULL;
		if (!known)
			return false;
		to[n++] = meant[known - escapes];
		escaped = str_skip(escaped, 1);
	}
	*ret = (struct str){ to, n };
	return true;
}

/* As it stands between its quotes. */
static bool read_raw(struct reader *r, struct str *ret, bool *escaped)
{
	const char *start, *quote, *at;

	if (!take(r, '"'))
		return false;
	*escaped = false;
	start = at = r->rest.p;
	for (;;) {
		size_t left = r->rest.n - (size_t)(at - start);
		const char *slash;

		quote = memchr(at, '"', left);
		if (!quote)
			return false;
		slash = memchr(at, '\\', (size_t)(quote - at));
		if (!slash)
			break;
		*escaped = true;
		at = slash + 2; /* a quote behind it ends nothing */
		if ((size_t)(at - start) > r->rest.n)
			return false;
	}
	*ret = str_first(r->rest, (size_t)(quote - start));
	pass(r, ret->n + 1);
	return true;
}

static bool read_text(struct reader *r, struct str *ret)
{
	bool escaped;

	return read_raw(r, ret, &escaped) && (!escaped || unescape(r->arena, *ret, ret));
}

/* ---- values ---- */

/* A number, or a word such as true. */
static struct str take_word(struct reader *r)
{
	struct str word;
	size_t n = 0;

	(void)peek(r);
	while (n < r->rest.n && r->rest.p[n] && !strchr(",:]} \t\n\r\"[{", r->rest.p[n]))
		n++;
	word = str_first(r->rest, n);
	r->rest = str_skip(r->rest, n);
	return word;
}

/* What the shape does not know, however deep it is. */
static bool skip_value(struct reader *r)
{
	struct str ignored;
	size_t depth = 0;
	bool escaped;

	do {
		char c = peek(r);

		if (c == '"') {
			if (!read_raw(r, &ignored, &escaped))
				return false;
		} else if (c && strchr("{[}],:", c)) {
			depth += (c == '{' || c == '[');
			if ((c == '}' || c == ']' || c == ',' || c == ':') && !depth)
				return false;
			depth -= (c == '}' || c == ']');
			r->rest = str_skip(r->rest, 1);
		} else if (!take_word(r).n) {
			return false;
		}
	} while (depth);
	return true;
}

static bool read_item(struct reader *r, const struct shape *item, char *into)
{
	return item->scalar ? read_value(r, &item->fields[0], into) : read_object(r, item, into);
}

static bool read_list(struct reader *r, const struct shape *item, struct list *ret)
{
	size_t n = 0, room = 4;
	char *items = arena_array(r->arena, room, item->size, _Alignof(max_align_t));

	if (!take(r, '['))
		return false;
	if (!take(r, ']')) {
		do {
			if (n == room) {
				const char *before = items;

				room *= 2;
				items = arena_array(r->arena, room, item->size,
						    _Alignof(max_align_t));
				memcpy(items, before, n * item->size);
			}
			if (!read_item(r, item, items + n++ * item->size))
				return false;
		} while (take(r, ','));
		if (!take(r, ']'))
			return false;
	}
	*ret = LIST_OF(items, n);
	return true;
}

static bool read_bool(struct reader *r, bool *ret)
{
	struct str word = take_word(r);

	*ret = str_eq(word, STR("true"));
	return *ret || str_eq(word, STR("false"));
}

static bool read_value(struct reader *r, const struct field *f, void *at)
{
	struct str text;

	switch (f->type) {
	case FIELD_LIST:
		return read_list(r, f->item, at);
	case FIELD_OBJECT:
		return read_object(r, f->item, at);
	case FIELD_INT:
		return str_to_int(take_word(r), at);
	case FIELD_BOOL:
		return read_bool(r, at);
	case FIELD_STR:
		return read_text(r, at);
	case FIELD_TIME:
		return read_text(r, &text) && clock_parse(text, at);
	case FIELD_UUID:
		return read_text(r, &text) && uuid_parse(text, at);
	case FIELD_ENUM:
		return read_text(r, &text) && names_find(f->names, text, at);
	case FIELD_HTML:
	case FIELD_JSON:
	case FIELD_REF:
		return false;
	}
	return false;
}

/* Keys come in the order in which the shape has them, but for those that are not there. */
static const struct field *next_field(const struct shape *s, struct str key, size_t *next)
{
	for (size_t seen = 0; seen < s->nfields; seen++) {
		const struct field *f = &s->fields[(*next)++ % s->nfields];

		if (str_eq(str_of(f->name), key))
			return f;
	}
	return NULL;
}

static bool read_member(struct reader *r, const struct shape *s, char *object, size_t *next)
{
	const struct field *f;
	struct str key;

	if (!read_text(r, &key) || !take(r, ':'))
		return false;
	f = next_field(s, key, next);
	if (!f)
		return skip_value(r);
	if (peek(r) == 'n')
		return str_eq(take_word(r), STR("null"));
	return read_value(r, f, object + f->off);
}

static bool read_object(struct reader *r, const struct shape *s, char *object)
{
	size_t next = 0;

	if (!take(r, '{'))
		return false;
	for (size_t at = 0; at < s->nfields; at++)
		if (s->fields[at].type == FIELD_ENUM)
			*(int *)(void *)(object + s->fields[at].off) = -1;
	if (take(r, '}'))
		return true;
	do {
		if (!read_member(r, s, object, &next))
			return false;
	} while (take(r, ','));
	return take(r, '}');
}

const struct err *shape_read_json(struct arena *a, const struct shape *s, struct str text,
				  void *object)
{
	struct reader r = { a, text };

	if (!read_object(&r, s, object) || peek(&r) || r.rest.n)
		return ERR(a, ERR_INTERNAL, "kept JSON is not of the shape that wrote it");
	return NULL;
}
