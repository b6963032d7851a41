/* Growing text; see buf.h. */
#include "kit/base/buf.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "kit/base/arena.h"

#define BUF_FIRST ((size_t)1024)

struct buf buf_new(struct arena *a, size_t max)
{
	return (struct buf){ .arena = a, .max = max };
}

struct str buf_str(const struct buf *b)
{
	return (struct str){ b->p ? b->p : "", b->n };
}

static bool grow(struct buf *b, size_t more)
{
	size_t cap = b->cap ? b->cap : BUF_FIRST;

	if (b->full || more > b->max - b->n) {
		b->full = true;
		return false;
	}
	while (cap <= b->n + more)
		cap *= 2;
	b->p = arena_grow(b->arena, b->p, b->cap, cap);
	b->cap = cap;
	return true;
}

/* Room for `more` bytes and a NUL, or false and `full`; once full it takes nothing, so that it has
 * no holes. */
static inline bool reserve(struct buf *b, size_t more)
{
	return (more < b->cap - b->n && more <= b->max - b->n && !b->full) || grow(b, more);
}

void buf_put(struct buf *b, struct str s)
{
	if (s.n == 0 || !reserve(b, s.n))
		return;
	memcpy(b->p + b->n, s.p, s.n);
	b->n += s.n;
}

void buf_putc(struct buf *b, char c)
{
	buf_put(b, (struct str){ &c, 1 });
}

void buf_put_int(struct buf *b, int64_t value)
{
	char room[STR_INT_ROOM];

	buf_put(b, str_of_int(value, room));
}

void buf_printf(struct buf *b, const char *fmt, ...)
{
	va_list ap, again;
	int n;

	va_start(ap, fmt);
	va_copy(again, ap);
	n = vsnprintf(NULL, 0, fmt, ap);
	va_end(ap);
	if (n > 0 && reserve(b, (size_t)n)) {
		vsnprintf(b->p + b->n, (size_t)n + 1, fmt, again);
		b->n += (size_t)n;
	}
	va_end(again);
}

/* Copies runs that need no escape whole; escape() names what stands for a byte, or none. */
static void put_escaped(struct buf *b, struct str s,
			struct str (*escape)(unsigned char c, char room[8]))
{
	size_t start = 0;
	char room[8];

	for (size_t at = 0; at < s.n; at++) {
		struct str instead = escape((unsigned char)s.p[at], room);

		if (!instead.p)
			continue;
		buf_put(b, (struct str){ s.p + start, at - start });
		buf_put(b, instead);
		start = at + 1;
	}
	buf_put(b, str_skip(s, start));
}

static const struct str html_instead[] = {
	STR_INIT(""),      STR_INIT("&lt;"),   STR_INIT("&gt;"),
	STR_INIT("&amp;"), STR_INIT("&quot;"), STR_INIT("&#39;"),
};

/* Which of html_instead stands for a byte; 0 for itself.  A page is mostly text: no call a byte. */
static const unsigned char html_index[256] = {
	['<'] = 1, ['>'] = 2, ['&'] = 3, ['"'] = 4, ['\''] = 5,
};

typedef unsigned char bytes16 __attribute__((vector_size(16)));

/* How many of the first bytes of s, in steps of 16, stand for themselves. */
static size_t plain_html(struct str s)
{
	size_t at = 0;

	for (; s.n - at >= sizeof(bytes16); at += sizeof(bytes16)) {
		bytes16 text, special;
		uint64_t any[2];

		memcpy(&text, s.p + at, sizeof(text));
		special = (bytes16)((text == '<') | (text == '>') | (text == '&') | (text == '"') |
				    (text == '\''));
		memcpy(any, &special, sizeof(any));
		if (any[0] | any[1])
			break;
	}
	return at;
}

void buf_put_html(struct buf *b, struct str s)
{
	size_t start = 0;

	for (size_t at = plain_html(s); at < s.n; at++) {
		unsigned char instead = html_index[(unsigned char)s.p[at]];

		if (!instead)
			continue;
		buf_put(b, (struct str){ s.p + start, at - start });
		buf_put(b, html_instead[instead]);
		start = at + 1;
		at += plain_html(str_skip(s, start));
	}
	buf_put(b, str_skip(s, start));
}

static struct str json_escape(unsigned char c, char room[8])
{
	switch (c) {
	case '"':
		return STR("\\\"");
	case '\\':
		return STR("\\\\");
	case '\n':
		return STR("\\n");
	case '\r':
		return STR("\\r");
	case '\t':
		return STR("\\t");
	default:
		if (c >= 0x20 && c != '<' && c != '>' && c != '&' && c != 0x7f)
			return STR_NONE;
		return (struct str){ room, (size_t)snprintf(room, 8, "\\u%04x", c) };
	}
}

void buf_put_json(struct buf *b, struct str s)
{
	buf_putc(b, '"');
	put_escaped(b, s, json_escape);
	buf_putc(b, '"');
}

static struct str url_escape(unsigned char c, char room[8])
{
	bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
		     c == '-' || c == '.' || c == '_' || c == '~';

	if (plain)
		return STR_NONE;
	return (struct str){ room, (size_t)snprintf(room, 8, "%%%02X", c) };
}

void buf_put_url(struct buf *b, struct str s)
{
	put_escaped(b, s, url_escape);
}
