/* The escalations room's statements; see store.h and store.sql. */
#include "escalations/store.h"

#include "handoffs/handoffs.h"
#include "kit/base/arena.h"

#define R struct due_row
static const struct shape due_shape =
	SHAPE(R, F_UUID(R, id), F_UUID(R, handoff), F_UUID(R, person, .null = true), F_STR(R, name),
	      F_STR(R, email), F_UUID(R, webhook, .null = true), F_STR(R, occasion),
	      F_INT(R, round), F_BOOL(R, calls), F_TIME(R, created_at));
#undef R
#define R struct case_row
static const struct shape case_shape =
	SHAPE(R, F_UUID(R, id), F_STR(R, by), F_STR(R, claimer, .null = true),
	      F_ENUM(R, priority, &handoff_priorities), F_STR(R, flow_name), F_JSON(R, intake),
	      F_JSON(R, variables), F_STR(R, client), F_STR(R, ticket), F_STR(R, step),
	      F_STR(R, reason), F_STR(R, tried), F_STR(R, resolution));
#undef R
#define R struct told_step_row
static const struct shape step_shape = SHAPE(R, F_INT(R, n), F_STR(R, title), F_STR(R, answer),
					     F_STR(R, skip_reason), F_STR(R, notes));
#undef R
static const struct shape account_shape =
	SHAPE(struct told_account_row, F_STR(struct told_account_row, name));
static const struct shape hours_shape = SHAPE(struct hours_row, F_BOOL(struct hours_row, closed));
static const struct shape later_shape = SHAPE(struct later_row, F_TIME(struct later_row, at));

#define R struct rules
static const struct shape rules_shape =
	SHAPE(R, F_INT(R, low_wait), F_INT(R, low_rest), F_INT(R, normal_wait),
	      F_INT(R, normal_rest), F_INT(R, high_wait), F_INT(R, high_rest),
	      F_INT(R, urgent_wait), F_INT(R, urgent_rest), F_LIST(R, second_tier, &shape_texts));
#undef R
static const struct shape tier_shape =
	SHAPE(struct tier_row, F_STR(struct tier_row, id), F_STR(struct tier_row, name),
	      F_BOOL(struct tier_row, chosen));
static const struct shape helper_row_shape =
	SHAPE(struct helper_row, F_UUID(struct helper_row, id), F_STR(struct helper_row, name));
static const struct shape handed_row_shape =
	SHAPE(struct handed_row, F_STR(struct handed_row, scratchpad));

#include "fcgi/escalations/store.sql.h"

void store_told_gone(struct tx *t, struct uuid handoff, struct str channel)
{
	tx_exec(t, &sql_told_gone, P(handoff), P(channel));
}

void store_told_off(struct tx *t, struct uuid handoff, struct str channel)
{
	tx_exec(t, &sql_told_off, P(handoff), P(channel));
}

void store_told_due(struct tx *t, struct uuid handoff, struct str channel, struct list *ret)
{
	tx_list(t, &sql_told_due, ret, P(handoff), P(channel));
}

void store_told_cases(struct tx *t, struct uuid handoff, struct str channel, struct list *ret)
{
	tx_list(t, &sql_told_cases, ret, P(handoff), P(channel));
}

void store_told_account(struct tx *t, const struct told_account_row **ret)
{
	tx_maybe(t, &sql_told_account, ret);
}

void store_told_steps(struct tx *t, struct uuid handoff, struct list *ret)
{
	tx_list(t, &sql_told_steps, ret, P(handoff));
}

void store_told_failed(struct tx *t, struct uuid handoff, struct str channel, struct str error)
{
	tx_exec(t, &sql_told_failed, P(handoff), P(channel), P(error));
}

void store_told_inside(struct tx *t, struct list deliveries)
{
	tx_exec(t, &sql_told_inside, P(deliveries));
}

void store_told_by_mail(struct tx *t, struct list deliveries, struct list mails)
{
	tx_exec(t, &sql_told_by_mail, P(deliveries), P(mails));
}

void store_told_by_call(struct tx *t, struct list deliveries, struct list calls)
{
	tx_exec(t, &sql_told_by_call, P(deliveries), P(calls));
}

void store_told_later(struct tx *t, struct uuid handoff, struct list *ret)
{
	tx_list(t, &sql_told_later, ret, P(handoff));
}

void store_rules(struct tx *t, const struct rules **ret)
{
	tx_maybe(t, &sql_rules, ret);
}

void store_tier(struct tx *t, struct list *ret)
{
	tx_list(t, &sql_tier, ret);
}

static struct list minutes(struct arena *a, const int64_t *four)
{
	struct str *texts = ARENA_ARRAY(a, struct str, 4);

	for (size_t at = 0; at < 4; at++)
		texts[at] = str_fmt(a, "%lld", (long long)four[at]);
	return LIST_OF(texts, 4);
}

void store_rules_set(struct tx *t, struct arena *a, const struct rules *r)
{
	const int64_t waits[] = { r->low_wait, r->normal_wait, r->high_wait, r->urgent_wait };
	const int64_t rests[] = { r->low_rest, r->normal_rest, r->high_rest, r->urgent_rest };

	tx_exec(t, &sql_rules_set, P(minutes(a, waits)), P(minutes(a, rests)));
	tx_exec(t, &sql_tier_leave, P(r->second_tier));
	tx_exec(t, &sql_tier_join, P(r->second_tier));
}

void store_helpers(struct tx *t, struct list *ret)
{
	tx_list(t, &sql_helpers, ret);
}

void store_handed(struct tx *t, struct uuid handoff, struct handed_row **ret)
{
	tx_maybe(t, &sql_handed, ret, P(handoff));
}

void store_hours_now(struct tx *t, const struct hours_row **ret)
{
	tx_maybe(t, &sql_hours_now, ret);
}
