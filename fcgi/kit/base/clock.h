#ifndef KIT_BASE_CLOCK_H
#define KIT_BASE_CLOCK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "kit/base/str.h"

struct arena;

/* A moment, in microseconds since 1970 UTC; 0 means none. */
struct instant {
	int64_t us;
};

#define CLOCK_SECOND ((int64_t)1000000)

struct instant clock_now(void);
/* Microseconds that only grow, for measuring. */
int64_t clock_mono(void);
/* Tests hold the clock at a moment; none lets it run again. */
void clock_hold(struct instant at);

/* 2026-11-21T10:51:07Z, or with microseconds where there are any. */
#define CLOCK_TEXT 40
size_t clock_print(struct instant at, char room[CLOCK_TEXT]);
struct str clock_rfc3339(struct arena *a, struct instant at);
/* RFC 3339, and what PostgreSQL prints ("2026-11-21 10:51:07.5+00"); an offset is required. */
bool clock_parse(struct str text, struct instant *ret);
struct str clock_day(struct arena *a, struct instant at); /* "2026-11-21", UTC's */
/* "2026-11-21": when that day begins, UTC. */
bool clock_parse_day(struct str text, struct instant *ret);
/* What filters by time take: "2026-11-21", or a moment as clock_parse takes it. */
bool clock_is_moment(struct str text);
/* Where such a span begins, and where it ends: with the end of that day, or right behind that
 * moment.  None where the text is no moment. */
struct instant clock_since(struct str text);
struct instant clock_until(struct str text);
/* NULL, or what is wrong with a time of day such as "22:00". */
const char *clock_check_time(struct str text);
/* "just now", "4 min ago", "3 h ago", "yesterday", "9 days ago". */
struct str clock_ago(struct arena *a, struct instant at);

/* "21 November 2026, 10:51 UTC"; none gives none. */
struct str clock_words(struct arena *a, struct instant at);
/* "1 h 12 min", "4 min 5 s", "12 min" from ten minutes on, "45 s"; below 0 is 0. */
struct str clock_span(struct arena *a, int64_t seconds);

#endif
