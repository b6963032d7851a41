/* Time; see clock.h. */
#include "kit/base/clock.h"

#include <time.h>

/* RFC 3339 has years of four digits; in seconds since 1970. */
#define DAY        (86400 * CLOCK_SECOND)
#define YEAR_0     INT64_C(-62167219200)
#define YEAR_10000 INT64_C(253402300800)

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

/* The last n digits of value. */
static char *put_digits(char *to, size_t n, int value)
{
	unsigned rest = (unsigned)value;

	for (size_t at = n; at-- > 0; rest /= 10)
		to[at] = (char)('0' + rest % 10);
	return to + n;
}

static char *put_date(char *to, const struct tm *tm)
{
	to = put_digits(to, 4, tm->tm_year + 1900);
	*to++ = '-';
	to = put_digits(to, 2, tm->tm_mon + 1);
	*to++ = '-';
	return put_digits(to, 2, tm->tm_mday);
}

static char *put_time_of_day(char *to, const struct tm *tm)
{
	to = put_digits(to, 2, tm->tm_hour);
	*to++ = ':';
	to = put_digits(to, 2, tm->tm_min);
	*to++ = ':';
	return put_digits(to, 2, tm->tm_sec);
}

/* Of a second since 1970.  The calendar of days_until, read the other way round. */
static struct tm broken_down(int64_t seconds)
{
	int64_t days = (seconds - YEAR_0) / 86400 + 146097 - 60, rest = (seconds - YEAR_0) % 86400;
	int64_t day = days % 146097; /* of 400 years, which begin in March */
	int64_t year = (day - day / 1460 + day / 36524 - day / 146096) / 365;
	int64_t month;

	day -= year * 365 + year / 4 - year / 100;
	month = (day * 5 + 2) / 153;
	return (struct tm){
		.tm_year = (int)(days / 146097 * 400 + year - 400 + (month >= 10) - 1900),
		.tm_mon = (int)((month + 2) % 12),
		.tm_mday = (int)(day - (month * 153 + 2) / 5 + 1),
		.tm_hour = (int)(rest / 3600),
		.tm_min = (int)(rest / 60 % 60),
		.tm_sec = (int)(rest % 60),
	};
}

/* Takes the microseconds beyond its second off a moment, also where it lies before 1970. */
static int64_t seconds_of(struct instant at, int64_t *us)
{
	int64_t seconds = at.us / CLOCK_SECOND;

	*us = at.us % CLOCK_SECOND;
	if (*us >= 0)
		return seconds;
	*us += CLOCK_SECOND;
	return seconds - 1;
}

/* By hand, for a list has a time in each row: snprintf took eight times as long. */
size_t clock_print(struct instant at, char room[CLOCK_TEXT])
{
	int64_t us, seconds = seconds_of(at, &us);
	struct tm tm = broken_down(seconds);
	char *to = room;

	to = put_date(to, &tm);
	*to++ = 'T';
	to = put_time_of_day(to, &tm);
	if (us) {
		*to++ = '.';
		to = put_digits(to, 6, (int)us);
	}
	*to++ = 'Z';
	*to = '\0';
	return (size_t)(to - room);
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

/* At least one digit; what is finer than a microsecond is dropped. */
static bool fraction(struct str *s, int64_t *ret)
{
	int64_t us = 0, unit = CLOCK_SECOND / 10;
	size_t before = s->n;

	while (s->n && s->p[0] >= '0' && s->p[0] <= '9') {
		us += (s->p[0] - '0') * unit;
		unit /= 10;
		*s = str_skip(*s, 1);
	}
	*ret = us;
	return s->n < before;
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
	if ((take(s, ':') || s->n) && !digits(s, 2, &minutes))
		return false;
	*ret = sign * (hours * 3600 + minutes * 60);
	return hours < 24 && minutes < 60;
}

/* "2026-11-21", a day that there is. */
static bool date(struct str *s, struct tm *tm)
{
	static const int days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
	int year, month;
	bool leap;

	if (!digits(s, 4, &year) || !take(s, '-') || !digits(s, 2, &month) || !take(s, '-') ||
	    !digits(s, 2, &tm->tm_mday) || month < 1 || month > 12)
		return false;
	leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
	tm->tm_year = year - 1900;
	tm->tm_mon = month - 1;
	return tm->tm_mday >= 1 && tm->tm_mday <= days[tm->tm_mon] + (leap && month == 2);
}

/* "10:51:07"; a leap second counts as the first of the next minute. */
static bool time_of_day(struct str *s, struct tm *tm)
{
	return digits(s, 2, &tm->tm_hour) && take(s, ':') && digits(s, 2, &tm->tm_min) &&
	       take(s, ':') && digits(s, 2, &tm->tm_sec) && tm->tm_hour < 24 && tm->tm_min < 60 &&
	       tm->tm_sec <= 60;
}

/*
 * From 1970 to a date.  Years begin in March, so that a leap day is the last day of its year, and
 * 400 of them more keep all numbers above zero.  timegm takes five times as long.
 */
static int64_t days_until(const struct tm *tm)
{
	int64_t years = tm->tm_year + 1900 + 400 - (tm->tm_mon < 2);
	int64_t months = (tm->tm_mon + 10) % 12;

	return years * 365 + years / 4 - years / 100 + years / 400 + (months * 153 + 2) / 5 +
	       tm->tm_mday - 1 - 865565;
}

bool clock_parse(struct str text, struct instant *ret)
{
	struct tm tm = { 0 };
	int64_t us = 0, seconds;
	int shift;

	if (!date(&text, &tm) || (!take(&text, 'T') && !take(&text, 't') && !take(&text, ' ')) ||
	    !time_of_day(&text, &tm))
		return false;
	if (take(&text, '.') && !fraction(&text, &us))
		return false;
	if (!offset(&text, &shift) || text.n)
		return false;
	seconds = days_until(&tm) * 86400 + tm.tm_hour * 3600 + tm.tm_min * 60 + tm.tm_sec - shift;
	if (seconds < YEAR_0 || seconds >= YEAR_10000)
		return false;
	*ret = (struct instant){ seconds * CLOCK_SECOND + us };
	return true;
}

struct str clock_day(struct arena *a, struct instant at)
{
	return str_first(clock_rfc3339(a, at), 10);
}

bool clock_parse_day(struct str text, struct instant *ret)
{
	struct tm tm = { 0 };

	if (!date(&text, &tm) || text.n)
		return false;
	*ret = (struct instant){ days_until(&tm) * 86400 * CLOCK_SECOND };
	return true;
}

static bool read_moment(struct str text, struct instant *ret, bool *day)
{
	*day = clock_parse_day(text, ret);
	return *day || clock_parse(text, ret);
}

bool clock_is_moment(struct str text)
{
	struct instant at;
	bool day;

	return read_moment(text, &at, &day);
}

/* Nothing was before the first of these, nor will be after the second; PostgreSQL knows no year 0,
 * and five digits of a year are read by nobody. */
static struct instant within_reason(struct instant at)
{
	const struct instant first = { DAY }, last = { (int64_t)365 * 1000 * DAY };

	return at.us < first.us ? first : at.us > last.us ? last : at;
}

struct instant clock_since(struct str text)
{
	struct instant at = { 0 };
	bool day;

	return text.n && read_moment(text, &at, &day) ? within_reason(at) : (struct instant){ 0 };
}

/* A moment is meant with its millisecond. */
struct instant clock_until(struct str text)
{
	struct instant at = { 0 };
	bool day;

	if (!text.n || !read_moment(text, &at, &day))
		return (struct instant){ 0 };
	at.us += day ? DAY : CLOCK_SECOND / 1000;
	return within_reason(at);
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

struct str clock_words(struct arena *a, struct instant at)
{
	static const char *const months[] = { "January",   "February", "March",    "April",
					      "May",       "June",     "July",     "August",
					      "September", "October",  "November", "December" };
	int64_t us;
	struct tm tm = broken_down(seconds_of(at, &us));

	if (!at.us)
		return STR_NONE;
	return str_fmt(a, "%d %s %d, %02d:%02d UTC", tm.tm_mday, months[(unsigned)tm.tm_mon % 12],
		       tm.tm_year + 1900, tm.tm_hour, tm.tm_min);
}

struct str clock_span(struct arena *a, int64_t seconds)
{
	long long s = seconds > 0 ? seconds : 0, minutes = s / 60, hours = minutes / 60;

	if (s < 60)
		return str_fmt(a, "%lld s", s);
	if (minutes < 10 && s % 60)
		return str_fmt(a, "%lld min %lld s", minutes, s % 60);
	if (hours == 0)
		return str_fmt(a, "%lld min", minutes);
	if (minutes % 60 == 0)
		return str_fmt(a, "%lld h", hours);
	return str_fmt(a, "%lld h %lld min", hours, minutes % 60);
}

const char *clock_check_time(struct str text)
{
	const char *t = text.p;
	bool sound = text.n == 5 && t[0] >= '0' && t[0] <= '2' && t[1] >= '0' && t[1] <= '9' &&
		     (t[0] < '2' || t[1] <= '3') && t[2] == ':' && t[3] >= '0' && t[3] <= '5' &&
		     t[4] >= '0' && t[4] <= '9';

	return sound ? NULL : "Enter a time of day such as 22:00.";
}
