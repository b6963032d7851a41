/* What a person wishes to be told of, by which channel and when; see preferences.h. */
#include "notices/preferences.h"

#include "people/people.h"

static const struct {
	const char *title;
	enum permission need; /* whom it can concern */
} events[NOTICE__MAX] = {
	[NOTICE_PREPARED] = { "A session was prepared for you", PERM_RUN },
	[NOTICE_ESCALATION] = { "A colleague hands a case off", PERM_RUN },
	[NOTICE_OVERDUE] = { "Nobody took a case in time", PERM_RUN },
	[NOTICE_ANSWER] = { "Your own hand-off was taken, given back or resolved", PERM_RUN },
};

struct str notice_event_title(int event)
{
	return str_of(events[event].title);
}

bool preferences_concern(const struct req *r, int event)
{
	return role_may((enum role)r->who->row->role, events[event].need);
}

/* ---- days ---- */

const struct names day_names =
	NAMES("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday");
#define ALL_DAYS 127

const struct err *preferences_days(struct req *r, struct list texts, int64_t *ret)
{
	int64_t days = 0;
	int day;

	for (size_t at = 0; at < texts.n; at++) {
		if (!names_find(&day_names, ((const struct str *)texts.items)[at], &day))
			return input_refuse(r, "quiet_days",
					    "A quiet day is one of monday to sunday.");
		days |= (int64_t)1 << day;
	}
	*ret = days;
	return NULL;
}

/* ---- what is kept ---- */

void preferences_read(struct req *r, struct kept *ret)
{
	store_times(r->tx, &ret->times);
	store_wishes(r->tx, &ret->wishes);
	store_zones(r->tx, &ret->zones);
}

struct preferences preferences_of(const struct kept *kept)
{
	struct preferences p = { .times = *kept->times };

	for (size_t at = 0; at < kept->wishes.n; at++) {
		const struct wish_row *row = &((const struct wish_row *)kept->wishes.items)[at];

		p.wish[row->event][row->channel] = row->wish;
	}
	return p;
}

static bool is_zone(const struct kept *kept, struct str name)
{
	for (size_t at = 0; at < kept->zones.n; at++)
		if (str_eq(((const struct zone_row *)kept->zones.items)[at].name, name))
			return true;
	return false;
}

static const struct err *check(struct req *r, const struct kept *kept, const struct times *t)
{
	if (t->quiet_from.n && !t->quiet_until.n)
		return input_refuse(r, "quiet_until",
				    "Say when quiet hours end, or leave both times empty.");
	if (t->quiet_until.n && !t->quiet_from.n)
		return input_refuse(r, "quiet_from",
				    "Say when quiet hours begin, or leave both times empty.");
	if (t->quiet_from.n && str_eq(t->quiet_from, t->quiet_until))
		return input_refuse(r, "quiet_until",
				    "Quiet hours end at another time than they begin.");
	if (t->quiet_days == ALL_DAYS)
		return input_refuse(r, "quiet_days", "Leave a day that is not quiet.");
	if (!t->digest_at.n)
		return input_refuse(r, "digest_at", "Say at what time the digest comes.");
	if (!is_zone(kept, t->zone))
		return input_refuse(r, "zone", "Choose a time zone such as Europe/Berlin.");
	return NULL;
}

const struct err *preferences_keep(struct req *r, const struct kept *kept,
				   const struct preferences *p)
{
	struct wish_row rows[NOTICE__MAX * CHANNEL__MAX];
	size_t n = 0;

	TRY(check(r, kept, &p->times));
	for (int event = 0; event < NOTICE__MAX; event++)
		for (int channel = 0; channel < CHANNEL__MAX && preferences_concern(r, event);
		     channel++)
			rows[n++] = (struct wish_row){ event, channel, p->wish[event][channel] };
	store_times_set(r->tx, &p->times);
	store_wishes_set(r->arena, r->tx, LIST_OF(rows, n));
	return tx_run(r->tx);
}
