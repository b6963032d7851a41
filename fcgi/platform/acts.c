/* What super_admins do with accounts; see acts.h. */
#include "platform/acts.h"

#include "kit/base/arena.h"
#include "kit/crypto/crypto.h"
#include "mail/mail.h"
#include "people/people.h"
#include "record/record.h"

const struct shape platform_account_form =
	SHAPE(struct account_form,
	      F_STR(struct account_form, name, .min = 1, .max = 120, .label = "Company name"),
	      F_STR(struct account_form, plan, .min = 1, .max = 40, .label = "Plan"),
	      F_STR(struct account_form, email, .min = 1, .max = 254, .check = mail_check_address,
		    .label = "E-mail address of its first team admin"));
const struct shape platform_plan_form = SHAPE(
	struct plan_form, F_STR(struct plan_form, plan, .min = 1, .max = 40, .label = "Plan"));
const struct shape platform_reason_form =
	SHAPE(struct reason_form,
	      F_STR(struct reason_form, reason, .min = 1, .max = 500, .label = "Reason"));

void platform_tell(struct req *r, const char *action, struct uuid account, struct json_text before,
		   struct json_text after)
{
	audit(r, action, "account", account, before, after);
	people_go_on_as(r->tx, account, r->who->person);
	audit(r, action, "account", account, before, after);
	people_go_on_as(r->tx, r->who->account, r->who->person);
}

void platform_account_find(struct req *r)
{
	struct account_row **row = ARENA_NEW(r->arena, struct account_row *);

	store_platform_account(r->tx, r->id[0], row);
}

struct list platform_plan_choices(struct req *r, struct list plans, const char *first)
{
	struct pair *choices = ARENA_ARRAY(r->arena, struct pair, plans.n + 1);
	size_t n = 0;

	if (first)
		choices[n++] = (struct pair){ STR(""), str_of(first) };
	for (size_t at = 0; at < plans.n; at++) {
		const struct plan_row *plan = &((const struct plan_row *)plans.items)[at];

		choices[n++] = (struct pair){ plan->name, plan->label };
	}
	return LIST_OF(choices, n);
}

static bool is_plan(struct list plans, struct str name)
{
	for (size_t at = 0; at < plans.n; at++)
		if (str_eq(((const struct plan_row *)plans.items)[at].name, name))
			return true;
	return false;
}

const struct err *platform_found(struct req *r, struct founded *ret)
{
	const struct account_form *form = r->input;
	struct uuid account = crypto_uuid7();
	struct list plans;

	store_platform_plans(r->tx, STR_NONE, &plans);
	store_platform_address_free(r->tx, form->email);
	TRY(tx_more(r->tx));
	if (!is_plan(plans, form->plan))
		return input_refuse(r, "plan", "Choose one of the plans.");
	TRY(people_found_account(
		r, &(struct new_account){ account, form->name, form->plan, form->email },
		&ret->url));
	people_go_on_as(r->tx, r->who->account, r->who->person);
	platform_tell(r, "account.made", account, audit_nothing,
		      audit_fact(r->arena, "plan", form->plan));
	store_platform_account(r->tx, account, &ret->row);
	mail_bell(r->tx);
	return tx_run(r->tx);
}

const struct err *platform_change_plan(struct req *r, struct account_row **ret)
{
	const struct plan_form *form = r->input;
	struct word_row *was;

	store_platform_plan(r->tx, r->id[0], form->plan, &was);
	TRY(tx_more(r->tx));
	if (!str_eq(was->word, form->plan))
		platform_tell(r, "account.plan_changed", r->id[0],
			      audit_fact(r->arena, "plan", was->word),
			      audit_fact(r->arena, "plan", form->plan));
	store_platform_account(r->tx, r->id[0], ret);
	return tx_run(r->tx);
}

const struct err *platform_suspend(struct req *r, struct account_row **ret)
{
	const struct reason_form *form = r->input;

	store_platform_suspend(r->tx, r->id[0], form->reason);
	platform_tell(r, "account.suspended", r->id[0], audit_nothing,
		      audit_fact(r->arena, "reason", form->reason));
	store_platform_account(r->tx, r->id[0], ret);
	people_go_on_as(r->tx, r->id[0], r->who->person);
	store_platform_streams_end(r->tx);
	people_go_on_as(r->tx, r->who->account, r->who->person);
	event_bell(r->tx, r->id[0]);
	return tx_run(r->tx);
}

const struct err *platform_resume(struct req *r, struct account_row **ret)
{
	store_platform_resume(r->tx, r->id[0]);
	platform_tell(r, "account.resumed", r->id[0], audit_nothing, audit_nothing);
	store_platform_account(r->tx, r->id[0], ret);
	return tx_run(r->tx);
}
