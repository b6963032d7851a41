/* The escalations room's statements; see store.h and store.sql. */
#include "escalations/store.h"

#include "handoffs/handoffs.h"

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
static const struct shape later_shape = SHAPE(struct later_row, F_TIME(struct later_row, at));

static const struct shape helper_row_shape =
	SHAPE(struct helper_row, F_UUID(struct helper_row, id), F_STR(struct helper_row, name));
static const struct shape handed_row_shape =
	SHAPE(struct handed_row, F_STR(struct handed_row, scratchpad));

#include "fcgi/escalations/store.sql.h"

void store_told_gone(struct tx *t, struct uuid handoff, struct str channel)
{
	tx_exec(t, &sql_told_gone, P(handoff), P(channel));
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

void store_helpers(struct tx *t, struct list *ret)
{
	tx_list(t, &sql_helpers, ret);
}

void store_handed(struct tx *t, struct uuid handoff, struct handed_row **ret)
{
	tx_maybe(t, &sql_handed, ret, P(handoff));
}
