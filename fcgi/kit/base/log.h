#ifndef KIT_BASE_LOG_H
#define KIT_BASE_LOG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "kit/base/str.h"

/*
 * One line an event, to standard error by one write, as key=value or as JSON.  Only serve.c and the
 *mains log; a room returns an error instead.  Never a secret: there is no call that prints a
 *struct.  A line has at most 2048 bytes: a value that does not fit is cut, and a field left out,
 *but the line stays whole.
 *
 *	struct log line = log_begin(LOG_INFO, "request");
 *	log_str(&line, "route", STR("/login"));
 *	log_end(&line);
 */
enum log_level { LOG_DEBUG, LOG_INFO, LOG_WARN, LOG_ERROR };

struct log {
	enum log_level level;
	size_t n;
	char text[2048];
};

void log_setup(enum log_level least, bool json, const char *program);
struct log log_begin(enum log_level level, const char *event);
void log_str(struct log *l, const char *key, struct str value); /* none is left out */
void log_int(struct log *l, const char *key, int64_t value);
void log_end(struct log *l);
/* For the one-liners: an event and a message. */
void log_note(enum log_level level, const char *event, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

#endif
