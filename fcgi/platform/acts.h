#ifndef PLATFORM_ACTS_H
#define PLATFORM_ACTS_H

#include "kit/http/http.h"
#include "platform/store.h"

/* What can be done with accounts; the pages and the API are two faces of these.  Private to the
 * room. */

/* What happened to an account is on record there, and in the account of whoever did it. */
void platform_tell(struct req *r, const char *action, struct uuid account, struct json_text before,
		   struct json_text after);

struct account_form {
	struct str name, plan, email;
};
struct plan_form {
	struct str plan;
};
struct reason_form {
	struct str reason;
};
extern const struct shape platform_account_form, platform_plan_form, platform_reason_form;

struct founded {
	struct account_row *row;
	struct str url; /* of the first team admin's invite, which was mailed, too */
};
const struct err *platform_found(struct req *r, struct founded *ret) must_check;
const struct err *platform_change_plan(struct req *r, struct account_row **ret) must_check;
const struct err *platform_suspend(struct req *r, struct account_row **ret) must_check;
const struct err *platform_resume(struct req *r, struct account_row **ret) must_check;
/* Of the route's first id: 404 where there is no such account. */
void platform_account_find(struct req *r);

/* Choices of a select: every plan; first "first", where there is one. */
struct list platform_plan_choices(struct req *r, struct list plans, const char *first);

#endif
