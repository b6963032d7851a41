/* The shape's door out to CSV, with the teeth of formulas drawn; see csv.h. */
#include "kit/base/csv.h"

#include <assert.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* A cell that begins so is run; the last four are the full-width forms of the first. */
static const struct str signs[] = {
	STR_INIT("="),
	STR_INIT("+"),
	STR_INIT("-"),
	STR_INIT("@"),
	STR_INIT("\xef\xbc\x9d"),
	STR_INIT("\xef\xbc\x8b"),
	STR_INIT("\xef\xbc\x8d"),
	STR_INIT("\xef\xbc\xa0"),
};

/* What readers drop before they look, beside blanks and control characters. */
static const struct str unseen[] = {
	STR_INIT("\""),           STR_INIT("\xc2\xa0"), /* U+00A0 */
	STR_INIT("\xe3\x80\x80"),                       /* U+3000 */
	STR_INIT("\xe2\x80\x8b"),                       /* U+200B */
	STR_INIT("\xef\xbb\xbf"),                       /* U+FEFF */
};

/* Bytes of the one that s begins with, or 0. */
static size_t begins_with(struct str s, const struct str *any, size_t n)
{
	for (size_t at = 0; at < n; at++)
		if (str_starts(s, any[at]))
			return any[at].n;
	return 0;
}

static bool is_break(char c)
{
	return c == '\t' || c == '\r' || c == '\n';
}

static size_t passed_over(struct str s)
{
	if (s.n && (unsigned char)s.p[0] <= ' ')
		return !is_break(s.p[0]); /* a cell of its own begins behind it */
	return begins_with(s, unseen, COUNT(unseen));
}

static bool is_formula(struct str cell)
{
	for (size_t n; (n = passed_over(cell));)
		cell = str_skip(cell, n);
	return begins_with(cell, signs, COUNT(signs)) > 0;
}

static size_t digits(struct str s)
{
	size_t n = 0;

	while (n < s.n && s.p[n] >= '0' && s.p[n] <= '9')
		n++;
	return n;
}

/* -5, +12.50 */
static bool is_number(struct str s)
{
	size_t whole;

	if (s.n && (s.p[0] == '+' || s.p[0] == '-'))
		s = str_skip(s, 1);
	whole = digits(s);
	s = str_skip(s, whole);
	if (s.n && s.p[0] == '.' && digits(str_skip(s, 1)))
		s = str_skip(s, 1 + digits(str_skip(s, 1)));
	return whole && s.n == 0;
}

static void put_text(struct buf *out, struct str s)
{
	if (!s.p)
		return;
	buf_putc(out, '"');
	if (s.n && !is_number(s) && (is_break(s.p[0]) || is_formula(s)))
		buf_putc(out, '\'');
	for (size_t at = 0; at < s.n; at++) {
		char c = s.p[at];

		buf_put(out, c == '"' ? STR("\"\"") : (struct str){ s.p + at, 1 });
		if ((c == ';' || is_break(c)) && is_formula(str_skip(s, at + 1)))
			buf_putc(out, '\'');
	}
	buf_putc(out, '"');
}

static void put_time(struct buf *out, struct instant at)
{
	char room[CLOCK_TEXT];
	struct str text, day;

	if (!at.us)
		return;
	text = (struct str){ room, clock_print(at, room) };
	day = str_cut(&text, 'T');
	buf_put(out, day);
	buf_putc(out, ' ');
	buf_put(out, str_first(text, sizeof("10:51:07") - 1));
}

static void put_value(struct buf *out, const struct field *f, const void *object)
{
	const void *v = field_at(f, object);

	switch (f->type) {
	case FIELD_STR:
		put_text(out, *(const struct str *)v);
		return;
	case FIELD_INT:
		buf_put_int(out, *(const int64_t *)v);
		return;
	case FIELD_BOOL:
		buf_put(out, *(const bool *)v ? STR("true") : STR("false"));
		return;
	case FIELD_TIME:
		put_time(out, *(const struct instant *)v);
		return;
	case FIELD_UUID:
		put_text(out, uuid_str(v));
		return;
	case FIELD_ENUM:
		put_text(out, names_text(f->names, *(const int *)v));
		return;
	case FIELD_HTML:
	case FIELD_JSON:
	case FIELD_OBJECT:
	case FIELD_REF:
	case FIELD_LIST:
		break;
	}
	assert(!"a field that is no cell");
}

void csv_put_head(struct buf *out, const struct shape *s)
{
	buf_put(out, STR("\xef\xbb\xbf"));
	for (size_t at = 0; at < s->nfields; at++) {
		if (at)
			buf_putc(out, ',');
		put_text(out, str_of(s->fields[at].name));
	}
	buf_put(out, STR("\r\n"));
}

void csv_put_row(struct buf *out, const struct shape *s, const void *object)
{
	for (size_t at = 0; at < s->nfields; at++) {
		if (at)
			buf_putc(out, ',');
		put_value(out, &s->fields[at], object);
	}
	buf_put(out, STR("\r\n"));
}
