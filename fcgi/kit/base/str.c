/* Counted strings; see str.h. */
#include "kit/base/str.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kit/base/arena.h"

struct str str_of(const char *cstr)
{
	return cstr ? (struct str){ cstr, strlen(cstr) } : STR_NONE;
}

bool str_eq(struct str a, struct str b)
{
	return a.n == b.n && (a.n == 0 || memcmp(a.p, b.p, a.n) == 0);
}

static char lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

bool str_eq_nocase(struct str a, struct str b)
{
	if (a.n != b.n)
		return false;
	for (size_t at = 0; at < a.n; at++)
		if (lower(a.p[at]) != lower(b.p[at]))
			return false;
	return true;
}

bool str_starts(struct str s, struct str prefix)
{
	return s.n >= prefix.n && str_eq(str_first(s, prefix.n), prefix);
}

bool str_ends(struct str s, struct str suffix)
{
	return s.n >= suffix.n && str_eq(str_skip(s, s.n - suffix.n), suffix);
}

struct str str_skip(struct str s, size_t n)
{
	if (n > s.n)
		n = s.n;
	return s.p ? (struct str){ s.p + n, s.n - n } : s;
}

struct str str_first(struct str s, size_t n)
{
	return (struct str){ s.p, n < s.n ? n : s.n };
}

static bool is_space(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

struct str str_trim(struct str s)
{
	while (s.n && is_space(s.p[0]))
		s = str_skip(s, 1);
	while (s.n && is_space(s.p[s.n - 1]))
		s.n--;
	return s;
}

ptrdiff_t str_find(struct str s, char c)
{
	const char *hit = s.n ? memchr(s.p, c, s.n) : NULL;

	return hit ? hit - s.p : -1;
}

struct str str_cut(struct str *rest, char sep)
{
	ptrdiff_t at = str_find(*rest, sep);
	struct str head = *rest;

	if (at < 0) {
		*rest = STR_NONE;
		return head;
	}
	*rest = str_skip(*rest, (size_t)at + 1);
	return str_first(head, (size_t)at);
}

struct str str_cut_line(struct str *rest)
{
	struct str line = *rest;

	for (size_t at = 0; at < line.n; at++) {
		if (line.p[at] != '\n' && line.p[at] != '\r')
			continue;
		*rest = str_skip(line, at + (str_starts(str_skip(line, at), STR("\r\n")) ? 2 : 1));
		return str_first(line, at);
	}
	*rest = STR_NONE;
	return line;
}

bool str_contains(struct str s, struct str part)
{
	return part.n == 0 || (s.n >= part.n && memmem(s.p, s.n, part.p, part.n));
}

/* Length of the sequence that begins at p, 0 where it is not valid UTF-8 (RFC 3629: no surrogates,
 * shortest form). */
static size_t utf8_sequence(const unsigned char *p, size_t left)
{
	size_t n = p[0] < 0x80                   ? 1
		   : p[0] >= 0xc2 && p[0] < 0xe0 ? 2
		   : (p[0] & 0xf0) == 0xe0       ? 3
						 : 0;

	if (p[0] >= 0xf0 && p[0] <= 0xf4)
		n = 4;
	if (n == 0 || n > left)
		return 0;
	for (size_t at = 1; at < n; at++)
		if ((p[at] & 0xc0) != 0x80)
			return 0;
	if ((p[0] == 0xe0 && p[1] < 0xa0) || (p[0] == 0xed && p[1] > 0x9f) ||
	    (p[0] == 0xf0 && p[1] < 0x90) || (p[0] == 0xf4 && p[1] > 0x8f))
		return 0;
	return n;
}

bool str_is_utf8(struct str s)
{
	const unsigned char *p = (const unsigned char *)s.p;

	for (size_t at = 0; at < s.n;) {
		size_t n = utf8_sequence(p + at, s.n - at);

		if (n == 0)
			return false;
		at += n;
	}
	return true;
}

struct str str_mend(struct str s)
{
	struct str whole = s;

	for (int at = 0; at < 3 && whole.n && !str_is_utf8(whole); at++)
		whole.n--;
	return str_is_utf8(whole) ? whole : s;
}

bool str_has_control(struct str s, struct str allowed)
{
	for (size_t at = 0; at < s.n; at++) {
		unsigned char c = (unsigned char)s.p[at];

		if ((c < 0x20 || c == 0x7f) && str_find(allowed, (char)c) < 0)
			return true;
	}
	return false;
}

size_t str_utf8_length(struct str s)
{
	size_t points = 0;

	for (size_t at = 0; at < s.n; at++)
		points += ((unsigned char)s.p[at] & 0xc0) != 0x80;
	return points;
}

bool str_to_int(struct str s, int64_t *ret)
{
	bool negative = s.n && s.p[0] == '-';
	int64_t value = 0;

	s = str_skip(s, negative);
	if (s.n == 0 || s.n > 19)
		return false;
	for (size_t at = 0; at < s.n; at++) {
		int digit = s.p[at] - '0';

		if (digit < 0 || digit > 9 || __builtin_mul_overflow(value, 10, &value) ||
		    __builtin_sub_overflow(value, digit, &value))
			return false;
	}
	/* Counted downwards, since the negative range is the larger one. */
	if (!negative && value == INT64_MIN)
		return false;
	*ret = negative ? value : -value;
	return true;
}

struct str str_of_int(int64_t value, char room[STR_INT_ROOM])
{
	uint64_t rest = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;
	size_t at = STR_INT_ROOM - 1;

	room[at] = '\0';
	do {
		room[--at] = (char)('0' + rest % 10);
		rest /= 10;
	} while (rest);
	if (value < 0)
		room[--at] = '-';
	return (struct str){ room + at, STR_INT_ROOM - 1 - at };
}

size_t str_put_utf8(uint32_t c, char ret[4])
{
	size_t n = 0;

	if (c < 0x80) {
		ret[n++] = (char)c;
		return n;
	}
	if (c < 0x800) {
		ret[n++] = (char)(0xc0 | (c >> 6));
	} else if (c < 0x10000) {
		ret[n++] = (char)(0xe0 | (c >> 12));
		ret[n++] = (char)(0x80 | (c >> 6 & 0x3f));
	} else {
		ret[n++] = (char)(0xf0 | (c >> 18));
		ret[n++] = (char)(0x80 | (c >> 12 & 0x3f));
		ret[n++] = (char)(0x80 | (c >> 6 & 0x3f));
	}
	ret[n++] = (char)(0x80 | (c & 0x3f));
	return n;
}

struct str str_dup(struct arena *a, struct str s)
{
	return (struct str){ str_cstr(a, s), s.n };
}

struct str str_unix_lines(struct arena *a, struct str s)
{
	char *out = arena_alloc(a, s.n + 1, 1);
	size_t n = 0;

	for (size_t at = 0; at < s.n; at++)
		if (s.p[at] != '\r' || (at + 1 < s.n && s.p[at + 1] != '\n'))
			out[n++] = s.p[at];
	return (struct str){ out, n };
}

struct str str_lower(struct arena *a, struct str s)
{
	char *copy = arena_alloc(a, s.n + 1, 1);

	for (size_t at = 0; at < s.n; at++)
		copy[at] = lower(s.p[at]);
	return (struct str){ s.p ? copy : NULL, s.n };
}

const char *str_cstr(struct arena *a, struct str s)
{
	char *copy;

	if (!s.p)
		return NULL;
	copy = arena_alloc(a, s.n + 1, 1);
	memcpy(copy, s.p, s.n);
	return copy;
}

struct str str_fmt(struct arena *a, const char *fmt, ...)
{
	char small[512];
	va_list ap, again;
	char *text;
	int n;

	va_start(ap, fmt);
	va_copy(again, ap);
	n = vsnprintf(small, sizeof(small), fmt, ap);
	va_end(ap);
	if (n < 0)
		abort();
	text = arena_alloc(a, (size_t)n + 1, 1);
	if ((size_t)n < sizeof(small))
		memcpy(text, small, (size_t)n);
	else
		vsnprintf(text, (size_t)n + 1, fmt, again);
	va_end(again);
	return (struct str){ text, (size_t)n };
}

struct str str_count(struct arena *a, int64_t n)
{
	char room[32];
	size_t at = sizeof(room);
	uint64_t left = n < 0 ? 0 - (uint64_t)n : (uint64_t)n;

	for (int digits = 0; digits == 0 || left; digits++, left /= 10) {
		if (digits && digits % 3 == 0)
			room[--at] = ',';
		room[--at] = (char)('0' + left % 10);
	}
	return str_fmt(a, "%s%.*s", n < 0 ? "-" : "", (int)(sizeof(room) - at), room + at);
}

struct str str_size(struct arena *a, int64_t bytes)
{
	static const char *const units[] = { "bytes", "kB", "MB", "GB", "TB" };
	size_t unit = 0;
	double n = (double)bytes;

	/* What would be rounded to the next unit is told in that one. */
	for (; n >= 999.5 && unit + 1 < sizeof(units) / sizeof(units[0]); unit++)
		n /= 1000;
	return n < 9.95 ? str_fmt(a, "%.2g %s", n, units[unit])
			: str_fmt(a, "%.0f %s", n, units[unit]);
}

struct str str_or_empty(struct str s)
{
	return s.p ? s : STR("");
}

struct str str_brief(struct arena *a, struct str s, size_t most)
{
	if (s.n <= most)
		return s;
	return str_fmt(a, "%.*s…", STR_ARG(str_mend(str_first(s, most))));
}

struct str str_one_line(struct arena *a, struct str s)
{
	char *copy = arena_alloc(a, s.n + 1, 1);

	for (size_t at = 0; at < s.n; at++)
		copy[at] = (unsigned char)s.p[at] < ' ' || s.p[at] == 127 ? ' ' : s.p[at];
	return (struct str){ copy, s.n };
}
