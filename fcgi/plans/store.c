/* The plans room's statements; see store.h and store.sql. */
#include "plans/store.h"

#define USAGE(T)                                                                                   \
	F_STR(T, key), F_STR(T, label), F_BOOL(T, monthly), F_STR(T, effect), F_INT(T, used),      \
		F_INT(T, most), F_STR(T, used_text), F_STR(T, most_text, .null = true),            \
		F_BOOL(T, own)
static const struct shape usage_shape = SHAPE(struct usage_row, USAGE(struct usage_row));
static const struct shape usage_of_shape =
	SHAPE(struct usage_of_row, USAGE(struct usage_of_row),
	      F_STR(struct usage_of_row, account_name), F_STR(struct usage_of_row, plan_label));
static const struct shape mine_shape =
	SHAPE(struct mine_row, F_STR(struct mine_row, name), F_STR(struct mine_row, label),
	      F_TIME(struct mine_row, turns_at));
#define R struct plan_row
static const struct shape plan_shape =
	SHAPE(R, F_STR(R, name), F_STR(R, label), F_BOOL(R, for_new),
	      F_TIME(R, retired_at, .null = true), F_INT(R, accounts), F_JSON(R, limits));
#undef R
#define R struct reader_row
static const struct shape reader_shape =
	SHAPE(R, F_STR(R, person), F_STR(R, name), F_STR(R, email), F_STR(R, account_name),
	      F_STR(R, label), F_STR(R, effect), F_STR(R, used), F_STR(R, most));
#undef R

#include "fcgi/plans/store.sql.h"

void plans_read_usage(struct tx *tx, struct list *ret)
{
	tx_list(tx, &sql_plan_usage, ret);
}

void plans_read(struct tx *tx, struct list *ret)
{
	tx_list(tx, &sql_plans, ret);
}

void store_mine(struct tx *t, struct mine_row **ret)
{
	tx_one(t, &sql_plan_mine, ret);
}

void store_plan(struct tx *t, struct str name, struct plan_row **ret)
{
	tx_one(t, &sql_plan_one, ret, P(name));
}

void store_plan_save(struct tx *t, const struct plan_row *plan, bool adds)
{
	tx_exec(t, &sql_plan_save, P(plan->name), P(plan->label), P(plan->for_new),
		P(plan->limits.s), P(adds));
}

void store_plan_retire(struct tx *t, struct str name, bool retired)
{
	tx_exec(t, &sql_plan_retire, P(name), P(retired));
}

void store_usage_of(struct tx *t, struct uuid account, struct list *ret)
{
	tx_list(t, &sql_plan_usage_of, ret, P(account));
}

void store_account_limits_set(struct req *r, struct uuid account, struct str limits)
{
	tx_exec(r->tx, &sql_account_limits_set, P(account), P(limits), P(r->address), P(r->agent),
		P(r->request_id));
}

void store_readers(struct tx *t, struct str key, int64_t used, int64_t most, struct list *ret)
{
	tx_list(t, &sql_plan_readers, ret, P(key), P(used), P(most));
}
