#ifndef PLANS_PLANS_H
#define PLANS_PLANS_H

#include "kit/http/http.h"
#include "kit/jobs/jobs.h"

struct sql;

/*
 * What an account's plan holds and what is used of it.  The limits themselves are kept by triggers
 * (migrations/0014_plans.sql); this room shows them, lets the platform's operators change them, and
 * tells an account's admins when one comes near.
 */

/* As the two pages print it, and the platform's page of an account. */
struct usage_row {
	struct str key, label;
	bool monthly;
	struct str effect;
	int64_t used, most; /* most: -1 is no limit */
	struct str used_text, most_text;
	bool own; /* the account's own limit, not the plan's */
};

struct usage_view {
	struct str key, label, effect, used_text, most_text, part;
	int64_t used, most, near;
	bool limited, full, close, none, own;
};

extern const struct shape usage_view_shape; /* templates/plans/usage.mustache */
/* Of the transaction's account: a list of struct usage_row. */
void plans_read_usage(struct tx *tx, struct list *ret);
struct list plans_usage_views(struct arena *a, struct list rows);

/* The plans that there are, for super_admins. */
struct plan_row {
	struct str name, label;
	bool for_new; /* that of accounts which register */
	struct instant retired_at;
	int64_t accounts;
	struct json_text limits; /* {"flows":10,"users":null} */
};
void plans_read(struct tx *tx, struct list *ret);

extern const struct route plan_routes[], offers_routes[], account_limits_routes[];
extern const struct view *const plans_views[];
extern const struct sql *const plans_statements[];
extern const struct job_kind plans_jobs[];

#endif
