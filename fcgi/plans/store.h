#ifndef PLANS_STORE_H
#define PLANS_STORE_H

#include "kit/db/db.h"
#include "plans/plans.h"

/* Rows and statements, one function each; private to the room. */

struct mine_row {
	struct str name, label;
	struct instant turns_at; /* when the month does */
};

/* Of another account: the usage_row first, so that a list of these is read like one of those. */
struct usage_of_row {
	struct str key, label;
	bool monthly;
	struct str effect;
	int64_t used, most;
	struct str used_text, most_text;
	bool own;
	struct str account_name, plan_label;
};

struct reader_row {
	struct str person, name, email, account_name, label, effect, used, most;
};

void store_mine(struct tx *t, struct mine_row **ret);
void store_plan(struct tx *t, struct str name, struct plan_row **ret);
/* limits: a JSON object of numbers; what it does not name has none. */
void store_plan_save(struct tx *t, const struct plan_row *plan, bool adds);
void store_plan_retire(struct tx *t, struct str name, bool retired);
void store_usage_of(struct tx *t, struct uuid account, struct list *ret);
void store_account_limits_set(struct req *r, struct uuid account, struct str limits);
void store_readers(struct tx *t, struct str key, int64_t used, int64_t most, struct list *ret);

#endif
