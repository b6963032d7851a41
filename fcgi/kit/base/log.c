/* The log; see log.h. */
#include "kit/base/log.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "kit/base/clock.h"

static struct {
	enum log_level least;
	bool json;
	const char *program;
} setup = { LOG_INFO, false, "" };

static const char *const level_names[] = { "debug", "info", "warn", "error" };

void log_setup(enum log_level least, bool json, const char *program)
{
	setup.least = least;
	setup.json = json;
	setup.program = program;
}

/* What may still be written: two bytes are kept for the closing brace and the newline. */
static size_t room(const struct log *l)
{
	return sizeof(l->text) - 2 - l->n;
}

/* All of it or nothing. */
static bool put(struct log *l, const char *p, size_t n)
{
	if (n > room(l))
		return false;
	memcpy(l->text + l->n, p, n);
	l->n += n;
	return true;
}

static bool is_plain(unsigned char c)
{
	return c > 0x20 && c < 0x7f && c != '"' && c != '\\' && c != '=';
}

static size_t utf8_length(struct str s)
{
	size_t n = 1;

	while (n < s.n && ((unsigned char)s.p[n] & 0xc0) == 0x80)
		n++;
	return n;
}

/*
 * How the first character of s is written: as it is, or by an escape where it could end the value
 * or the line, command a terminal (C1 controls too) or is not UTF-8.  Returns how many bytes of s
 * it stands for.
 */
static size_t spell(struct str s, bool utf8, char escape[8], struct str *ret)
{
	unsigned char c = (unsigned char)s.p[0];
	size_t n = utf8 ? utf8_length(s) : 1;
	bool c1 = n == 2 && c == 0xc2 && (unsigned char)s.p[1] < 0xa0;

	*ret = str_first(s, n);
	if (c == '"' || c == '\\')
		*ret = (struct str){ escape, (size_t)snprintf(escape, 8, "\\%c", c) };
	else if (c < 0x20 || c == 0x7f || c1 || (c > 0x7f && !utf8))
		*ret = (struct str){ escape, (size_t)snprintf(escape, 8, "\\u%04x",
							      c1 ? (unsigned char)s.p[1] : c) };
	return n;
}

/* Room for the quotes must be there; a value that is too long is cut between two characters. */
static void put_quoted(struct log *l, struct str value)
{
	bool utf8 = str_is_utf8(value);
	struct str piece;
	char escape[8];

	put(l, "\"", 1);
	while (value.n) {
		size_t n = spell(value, utf8, escape, &piece);

		if (piece.n + 1 > room(l))
			break;
		put(l, piece.p, piece.n);
		value = str_skip(value, n);
	}
	put(l, "\"", 1);
}

/* False where the key and an empty value do not fit. */
static bool put_key(struct log *l, const char *key)
{
	if (room(l) < strlen(key) + strlen(",\"\":\"\""))
		return false;
	if (setup.json) {
		put(l, ",", l->n > 1);
		put_quoted(l, str_of(key));
		put(l, ":", 1);
		return true;
	}
	put(l, " ", l->n > 0);
	put(l, key, strlen(key));
	put(l, "=", 1);
	return true;
}

void log_str(struct log *l, const char *key, struct str value)
{
	bool plain = value.n > 0 && !setup.json;

	if (!value.p || !put_key(l, key))
		return;
	for (size_t at = 0; at < value.n; at++)
		plain &= is_plain((unsigned char)value.p[at]);
	if (!plain || !put(l, value.p, value.n))
		put_quoted(l, value);
}

void log_int(struct log *l, const char *key, int64_t value)
{
	size_t start = l->n;
	char room_of_int[STR_INT_ROOM];
	struct str digits = str_of_int(value, room_of_int);

	if (!put_key(l, key) || !put(l, digits.p, digits.n))
		l->n = start;
}

static void put_time(struct log *l)
{
	char room[CLOCK_TEXT];

	log_str(l, "time", (struct str){ room, clock_print(clock_now(), room) });
}

struct log log_begin(enum log_level level, const char *event)
{
	struct log l = { .level = level };

	put(&l, "{", setup.json);
	put_time(&l);
	log_str(&l, "level", str_of(level_names[level]));
	log_str(&l, "program", str_of(setup.program));
	log_str(&l, "event", str_of(event));
	return l;
}

void log_end(struct log *l)
{
	ssize_t ignored;

	if (l->level < setup.least)
		return;
	if (setup.json)
		l->text[l->n++] = '}';
	l->text[l->n++] = '\n';
	ignored = write(STDERR_FILENO, l->text, l->n);
	(void)ignored;
}

void log_note(enum log_level level, const char *event, const char *fmt, ...)
{
	struct log l = log_begin(level, event);
	char text[1024];
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	if (n > 0) {
		size_t length = (size_t)n < sizeof(text) ? (size_t)n : sizeof(text) - 1;

		log_str(&l, "msg", (struct str){ text, length });
	}
	log_end(&l);
}
