/* Which days are counted, and the counts of them; see counts.h. */
#include "insight/counts.h"

#include "kit/base/arena.h"
#include "kit/base/clock.h"

#define DAY     (86400 * CLOCK_SECOND)
#define USUALLY 1 /* of the days: 30 */

const struct names count_parts = NAMES("flows", "steps", "hours", "weekdays", "people");
const struct names count_days = NAMES("7", "30", "90", "365");
static const int64_t ndays[] = { 7, 30, 90, 365 };

const struct names weekday_words =
	NAMES("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday");

static const char *check_day(struct str text)
{
	struct instant at;

	return !text.n || clock_parse_day(text, &at) ? NULL : "Write a date such as 2026-11-21.";
}

#define Q struct counts_query
#define DAYS                                                                                       \
	F_ENUM(Q, days, &count_days, .optional = true),                                            \
		F_STR(Q, from, .optional = true, .max = 40, .check = check_day),                   \
		F_STR(Q, to, .optional = true, .max = 40, .check = check_day)
const struct shape counts_query_shape = SHAPE(Q, DAYS);
const struct shape counts_file_shape = SHAPE(Q, DAYS, F_ENUM(Q, of, &count_parts));
#undef Q

static int days_of(const struct counts_query *q)
{
	return q->days < 0 ? USUALLY : q->days;
}

/* Nothing was handed off before there was a 1970, nor is it the day after tomorrow anywhere. */
static struct str day_of(struct arena *a, struct str text)
{
	struct instant at;
	int64_t most = clock_now().us + DAY;

	if (!text.n || !clock_parse_day(text, &at))
		return STR("");
	at.us = at.us < DAY ? DAY : at.us > most ? most : at.us;
	return clock_day(a, at);
}

/* From the rows of store_hours. */
static void count_hours(struct list rows, struct counts *ret)
{
	const struct stuck_hour *row = rows.items;

	for (size_t at = 0; at < rows.n; at++) {
		ret->hours[row[at].hour % HOURS] += row[at].handoffs;
		ret->weekdays[row[at].weekday % WEEKDAYS] += row[at].handoffs;
	}
}

const struct err *counts_read(struct req *r, struct counts *ret)
{
	const struct counts_query *q = r->input;
	const struct span *span;
	struct list hours;

	store_span(r->tx, day_of(r->arena, q->from), day_of(r->arena, q->to), ndays[days_of(q)],
		   &span);
	TRY(tx_more(r->tx));
	*ret = (struct counts){ .span = *span, .days = q->from.n || q->to.n ? -1 : days_of(q) };
	store_totals(r->tx, ret->span, &ret->totals);
	store_stuck_flows(r->tx, ret->span, &ret->flows);
	store_steps(r->tx, ret->span, &ret->steps);
	store_hours(r->tx, ret->span, &hours);
	store_people(r->tx, ret->span, &ret->people);
	TRY(tx_run(r->tx));
	count_hours(hours, ret);
	return NULL;
}

struct str step_title(const struct stuck_step *s)
{
	return s->title.n ? s->title : STR("After the last step");
}
