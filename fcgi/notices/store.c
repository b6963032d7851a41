/* The notices room's statements; see store.h and store.sql. */
#include "notices/store.h"

#include "kit/base/arena.h"

const struct names event_names = NAMES("prepared", "escalation", "overdue", "answer");
const struct names channel_names = NAMES("email", "inapp");
const struct names wish_names = NAMES("now", "digest", "off");

static const struct shape notice_shape =
	SHAPE(struct notice, F_UUID(struct notice, id), F_STR(struct notice, text),
	      F_STR(struct notice, link), F_TIME(struct notice, created_at),
	      F_BOOL(struct notice, unread), F_STR(struct notice, day));
static const struct shape opened_shape = SHAPE(struct opened, F_STR(struct opened, link));

#define T struct times
static const struct shape times_shape = SHAPE(
	T, F_STR(T, zone), F_STR(T, quiet_from, .null = true), F_STR(T, quiet_until, .null = true),
	F_INT(T, quiet_days), F_BOOL(T, urgent_anyway), F_STR(T, digest_at), F_BOOL(T, chime));
#undef T
static const struct shape wish_shape =
	SHAPE(struct wish_row, F_ENUM(struct wish_row, event, &event_names),
	      F_ENUM(struct wish_row, channel, &channel_names),
	      F_ENUM(struct wish_row, wish, &wish_names));
static const struct shape zone_shape = SHAPE(struct zone_row, F_STR(struct zone_row, name));

#include "fcgi/notices/store.sql.h"

void store_notices(struct tx *t, struct uuid before, int64_t most, struct list *ret)
{
	tx_list(t, &sql_notices, ret, P(before), P(most));
}

void store_notice_link(struct tx *t, struct uuid id, struct opened **ret)
{
	tx_maybe(t, &sql_notice_link, ret, P(id));
}

void store_notice_read(struct tx *t, struct uuid id)
{
	tx_last(t, &sql_notice_read, P(id));
}

void store_times(struct tx *t, struct times **ret)
{
	tx_one(t, &sql_times, ret);
}

void store_wishes(struct tx *t, struct list *ret)
{
	tx_list(t, &sql_wishes, ret);
}

void store_zones(struct tx *t, struct list *ret)
{
	tx_list(t, &sql_zones, ret);
}

void store_times_set(struct tx *t, const struct times *times)
{
	tx_exec(t, &sql_times_set, P(times->zone), P(times->quiet_from), P(times->quiet_until),
		P(times->quiet_days), P(times->urgent_anyway), P(times->digest_at),
		P(times->chime));
}

void store_wishes_set(struct arena *a, struct tx *t, struct list rows)
{
	struct str *events = ARENA_ARRAY(a, struct str, rows.n + 1),
		   *channels = ARENA_ARRAY(a, struct str, rows.n + 1),
		   *wishes = ARENA_ARRAY(a, struct str, rows.n + 1);

	for (size_t at = 0; at < rows.n; at++) {
		const struct wish_row *row = &((const struct wish_row *)rows.items)[at];

		events[at] = names_text(&event_names, row->event);
		channels[at] = names_text(&channel_names, row->channel);
		wishes[at] = names_text(&wish_names, row->wish);
	}
	tx_exec(t, &sql_wishes_set, P(LIST_OF(events, rows.n)), P(LIST_OF(channels, rows.n)),
		P(LIST_OF(wishes, rows.n)));
}

void store_wish_email(struct tx *t, struct str event, struct str wish)
{
	tx_exec(t, &sql_wish_email, P(event), P(wish));
}

void store_digest_off(struct tx *t)
{
	tx_exec(t, &sql_digest_off);
}
