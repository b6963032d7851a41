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

/* Room is kept for the closing brace and the newline. */
static void put(struct log *l, const char *p, size_t n)
{
	size_t room = sizeof(l->text) - 2 - l->n;

	if (n > room)
		n = room;
	memcpy(l->text + l->n, p, n);
	l->n += n;
}

static bool is_plain(unsigned char c)
{
	return c > 0x20 && c < 0x7f && c != '"' && c != '\\' && c != '=';
}

/* Quotes and control bytes are written as escapes, so that no value can begin a line or a field. */
static void put_quoted(struct log *l, struct str value)
{
	char hex[8];

	put(l, "\"", 1);
	for (size_t at = 0; at < value.n; at++) {
		unsigned char c = (unsigned char)value.p[at];

		if (c == '"' || c == '\\') {
			put(l, "\\", 1);
			put(l, (const char *)&c, 1);
		} else if (c < 0x20 || c == 0x7f) {
			put(l, hex, (size_t)snprintf(hex, sizeof(hex), "\\u%04x", c));
		} else {
			put(l, (const char *)&c, 1);
		}
	}
	put(l, "\"", 1);
}

static void put_key(struct log *l, const char *key)
{
	if (setup.json) {
		put(l, l->n > 1 ? "," : "", l->n > 1);
		put_quoted(l, str_of(key));
		put(l, ":", 1);
		return;
	}
	put(l, " ", l->n > 0);
	put(l, key, strlen(key));
	put(l, "=", 1);
}

void log_str(struct log *l, const char *key, struct str value)
{
	bool plain = value.n > 0;

	if (!value.p)
		return;
	for (size_t at = 0; at < value.n; at++)
		plain &= is_plain((unsigned char)value.p[at]);
	put_key(l, key);
	if (plain && !setup.json)
		put(l, value.p, value.n);
	else
		put_quoted(l, value);
}

void log_int(struct log *l, const char *key, int64_t value)
{
	char digits[24];

	put_key(l, key);
	put(l, digits, (size_t)snprintf(digits, sizeof(digits), "%lld", (long long)value));
}

static void put_time(struct log *l)
{
	char room[CLOCK_TEXT];

	log_str(l, "time", (struct str){ room, clock_print(clock_now(), room) });
}

struct log log_begin(enum log_level level, const char *event)
{
	struct log l = { .level = level };

	if (setup.json)
		put(&l, "{", 1);
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
