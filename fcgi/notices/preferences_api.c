/* The API of what a person wishes to be told of. */
#include "kit/base/arena.h"
#include "notices/preferences.h"
#include "people/people.h"

static const struct names inapp_names = NAMES("now", "off");

struct event_json {
	int event, email, inapp;
};

struct preferences_json {
	struct list events;
	struct str quiet_from, quiet_until;
	struct list quiet_days;
	bool urgent_anyway;
	struct str digest_at, zone;
	bool chime;
};

static const struct shape event_json =
	SHAPE(struct event_json, F_ENUM(struct event_json, event, &event_names),
	      F_ENUM(struct event_json, email, &wish_names, .optional = true),
	      F_ENUM(struct event_json, inapp, &inapp_names, .optional = true));
/* An answer holds all of them, a change those that are to change. */
#define J struct preferences_json
static const struct shape preferences_json = SHAPE_WITH(
	J, (.label = "Preferences"),
	F_LIST(J, events, &event_json, .optional = true, .max = NOTICE__MAX),
	F_STR(J, quiet_from, .optional = true, .null = true, .check = clock_check_time),
	F_STR(J, quiet_until, .optional = true, .null = true, .check = clock_check_time),
	F_LIST(J, quiet_days, &shape_texts, .optional = true, .max = 7),
	F_BOOL(J, urgent_anyway, .optional = true),
	F_STR(J, digest_at, .optional = true, .min = 1, .check = clock_check_time),
	F_STR(J, zone, .optional = true, .min = 1, .max = 100), F_BOOL(J, chime, .optional = true));
#undef J

static struct list events_json(struct req *r, const struct preferences *p)
{
	struct event_json *items = ARENA_ARRAY(r->arena, struct event_json, NOTICE__MAX);
	size_t n = 0;

	for (int event = 0; event < NOTICE__MAX; event++)
		if (preferences_concern(r, event))
			items[n++] = (struct event_json){ event, p->wish[event][CHANNEL_EMAIL],
							  p->wish[event][CHANNEL_INAPP] == WISH_NOW
								  ? 0
								  : 1 };
	return LIST_OF(items, n);
}

static struct list days_json(struct arena *a, int64_t days)
{
	struct str *items = ARENA_ARRAY(a, struct str, day_names.n);
	size_t n = 0;

	for (size_t at = 0; at < day_names.n; at++)
		if (days >> at & 1)
			items[n++] = names_text(&day_names, (int)at);
	return LIST_OF(items, n);
}

static const struct err *reply_preferences(struct req *r, const struct preferences *p)
{
	const struct times *t = &p->times;

	return reply_json(
		r, &preferences_json,
		&(struct preferences_json){ .events = events_json(r, p),
					    .quiet_from = t->quiet_from,
					    .quiet_until = t->quiet_until,
					    .quiet_days = days_json(r->arena, t->quiet_days),
					    .urgent_anyway = t->urgent_anyway,
					    .digest_at = t->digest_at,
					    .zone = t->zone,
					    .chime = t->chime });
}

static const struct err *api_show(struct req *r)
{
	struct preferences p;
	struct kept kept;

	preferences_read(r, &kept);
	TRY(tx_run(r->tx));
	p = preferences_of(&kept);
	return reply_preferences(r, &p);
}

static const struct err *change_events(struct req *r, struct list changes, struct preferences *p)
{
	for (size_t at = 0; at < changes.n; at++) {
		const struct event_json *change = &((const struct event_json *)changes.items)[at];
		int *wish = p->wish[change->event];

		if (!preferences_concern(r, change->event))
			return input_refuse(r, "events", "Your role is never told of that.");
		if (change->email >= 0)
			wish[CHANNEL_EMAIL] = change->email;
		if (change->inapp >= 0)
			wish[CHANNEL_INAPP] = change->inapp ? WISH_OFF : WISH_NOW;
	}
	return NULL;
}

static void change_text(const struct req *r, const char *field, struct str value, struct str *ret)
{
	if (input_given(r, field))
		*ret = value;
}

static void change_flag(const struct req *r, const char *field, bool value, bool *ret)
{
	if (input_given(r, field))
		*ret = value;
}

static const struct err *api_change(struct req *r)
{
	const struct preferences_json *in = r->input;
	struct preferences p;
	struct kept kept;
	struct times *t = &p.times;

	preferences_read(r, &kept);
	TRY(tx_more(r->tx));
	p = preferences_of(&kept);
	change_text(r, "quiet_from", in->quiet_from, &t->quiet_from);
	change_text(r, "quiet_until", in->quiet_until, &t->quiet_until);
	change_text(r, "digest_at", in->digest_at, &t->digest_at);
	change_text(r, "zone", in->zone, &t->zone);
	change_flag(r, "urgent_anyway", in->urgent_anyway, &t->urgent_anyway);
	change_flag(r, "chime", in->chime, &t->chime);
	if (input_given(r, "quiet_days"))
		TRY(preferences_days(r, in->quiet_days, &t->quiet_days));
	TRY(change_events(r, in->events, &p));
	TRY(preferences_keep(r, &kept, &p));
	return reply_preferences(r, &p);
}

#define API "/api/v1/me/preferences"

const struct route preferences_api[] = {
	{ GET, API, .need = PERM_SIGNED_IN, .run = api_show, .output = &preferences_json,
	  .about = "What one is told of, by which channel and when" },
	{ PATCH, API, .need = PERM_SIGNED_IN, .input = &preferences_json, .run = api_change,
	  .output = &preferences_json, .about = "Change what one is told of, and when" },
	{ 0 },
};
