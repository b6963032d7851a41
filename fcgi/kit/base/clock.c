/* Time; see clock.h. */
#include "kit/base/clock.h"

#include <stdio.h>
#include <time.h>

static struct instant held;

static int64_t read_clock(clockid_t id)
{
	struct timespec t;

	clock_gettime(id, &t);
	return (int64_t)t.tv_sec * CLOCK_SECOND + t.tv_nsec / 1000;
}

struct instant clock_now(void)
{
	return held.us ? held : (struct instant){ read_clock(CLOCK_REALTIME) };
}

int64_t clock_mono(void)
{
	return read_clock(CLOCK_MONOTONIC);
}

void clock_hold(struct instant at)
{
	held = at;
}

size_t clock_print(struct instant at, char room[CLOCK_TEXT])
{
	time_t seconds = at.us / CLOCK_SECOND;
	int64_t us = at.us % CLOCK_SECOND;
	struct tm tm;
	size_t n;

	if (us < 0) {
		us += CLOCK_SECOND;
		seconds--;
	}
	gmtime_r(&seconds, &tm);
	n = strftime(room, CLOCK_TEXT, "%Y-%m-%dT%H:%M:%S", &tm);
	if (us)
		n += (size_t)snprintf(room + n, CLOCK_TEXT - n, ".%06d", (int)us);
	room[n++] = 'Z';
	room[n] = '\0';
	return n;
}

struct str clock_rfc3339(struct arena *a, struct instant at)
{
	char room[CLOCK_TEXT];

	return str_dup(a, (struct str){ room, clock_print(at, room) });
}

/* Takes exactly n digits off the front of *s. */
static bool digits(struct str *s, size_t n, int *ret)
{
	int value = 0;

	if (s->n < n)
		return false;
	for (size_t at = 0; at < n; at++) {
		char c = s->p[at];

		if (c < '0' || c > '9')
			return false;
		value = value * 10 + (c - '0');
	}
	*s = str_skip(*s, n);
	*ret = value;
	return true;
}

static bool take(struct str *s, char c)
{
	if (s->n == 0 || s->p[0] != c)
		return false;
	*s = str_skip(*s, 1);
	return true;
}

static int64_t fraction(struct str *s)
{
	int64_t us = 0, unit = CLOCK_SECOND / 10;

	while (s->n && s->p[0] >= '0' && s->p[0] <= '9') {
		us += (s->p[0] - '0') * unit;
		unit /= 10;
		*s = str_skip(*s, 1);
	}
	return us;
}

/* "Z", "+00", "+0530" or "-05:30" as seconds. */
static bool offset(struct str *s, int *ret)
{
	int hours, minutes = 0, sign;

	if (take(s, 'Z') || take(s, 'z')) {
		*ret = 0;
		return true;
	}
	sign = s->n && s->p[0] == '-' ? -1 : 1;
	if (!take(s, '+') && !take(s, '-'))
		return false;
	if (!digits(s, 2, &hours))
		return false;
	take(s, ':');
	if (s->n && !digits(s, 2, &minutes))
		return false;
	*ret = sign * (hours * 3600 + minutes * 60);
	return hours < 24 && minutes < 60;
}

bool clock_parse(struct str text, struct instant *ret)
{
	struct tm tm = { 0 };
	int64_t us = 0;
	int year, month, shift;

	if (!digits(&text, 4, &year) || !take(&text, '-') || !digits(&text, 2, &month) ||
	    !take(&text, '-') || !digits(&text, 2, &tm.tm_mday))
		return false;
	if (!take(&text, 'T') && !take(&text, 't') && !take(&text, ' '))
		return false;
	if (!digits(&text, 2, &tm.tm_hour) || !take(&text, ':') || !digits(&text, 2, &tm.tm_min) ||
	    !take(&text, ':') || !digits(&text, 2, &tm.tm_sec))
		return false;
	if (take(&text, '.'))
		us = fraction(&text);
	if (!offset(&text, &shift) || text.n || month < 1 || month > 12 || tm.tm_mday < 1 ||
	    tm.tm_mday > 31 || tm.tm_hour > 23 || tm.tm_min > 59 || tm.tm_sec > 60)
		return false;
	tm.tm_year = year - 1900;
	tm.tm_mon = month - 1;
	*ret = (struct instant){ (timegm(&tm) - shift) * CLOCK_SECOND + us };
	return true;
}

struct str clock_ago(struct arena *a, struct instant at)
{
	int64_t seconds = (clock_now().us - at.us) / CLOCK_SECOND;
	int64_t minutes = seconds / 60, hours = minutes / 60, days = hours / 24;

	if (seconds < 60)
		return STR("just now");
	if (minutes < 60)
		return str_fmt(a, "%d min ago", (int)minutes);
	if (hours < 24)
		return str_fmt(a, "%d h ago", (int)hours);
	if (days == 1)
		return STR("yesterday");
	return str_fmt(a, "%d days ago", (int)days);
}
