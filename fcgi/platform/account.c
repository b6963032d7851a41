/* One account: how it stands, its plan, suspending it and letting it go on. */
#include "kit/base/arena.h"
#include "kit/http/form.h"
#include "kit/render/render.h"
#include "people/people.h"
#include "platform/pages.h"

#define PAGE "/platform/accounts/:account"
#define API  "/api/v1/platform/accounts/:account"

/* ---- API ---- */

static const struct err *account_api(struct req *r)
{
	struct account_row *row;

	store_platform_account(r->tx, r->id[0], &row);
	TRY(tx_run(r->tx));
	return reply_json(r, &platform_account_shape, row);
}

/* An act and the account as it is then. */
static const struct err *
reply_act(struct req *r, const struct err *(*act)(struct req *r, struct account_row **ret))
{
	struct account_row *row;

	TRY(act(r, &row));
	return reply_json(r, &platform_account_shape, row);
}

static const struct err *plan_api(struct req *r)
{
	return reply_act(r, platform_change_plan);
}

static const struct err *suspend_api(struct req *r)
{
	return reply_act(r, platform_suspend);
}

static const struct err *resume_api(struct req *r)
{
	return reply_act(r, platform_resume);
}

/* ---- pages ---- */

struct admin_view {
	struct str name, email, seen_ago;
	struct instant seen;
};

static const struct shape admin_view_shape =
	SHAPE(struct admin_view, F_STR(struct admin_view, name), F_STR(struct admin_view, email),
	      F_STR(struct admin_view, seen_ago), F_TIME(struct admin_view, seen));

struct account_page {
	struct account_view account;
	struct form_view form;
	struct list admins;
};

#define V struct account_page
static const struct shape account_page_shape =
	SHAPE(V, F_OBJECT(V, account, struct account_view, &platform_account_view_shape),
	      F_OBJECT(V, form, struct form_view, &form_view_shape),
	      F_LIST(V, admins, &admin_view_shape));
#undef V
const struct view platform_account_page = { "platform/account", &account_page_shape };
const struct view platform_suspend_view = { "platform/suspend", &account_page_shape };

static struct str url_of(struct req *r, const char *more)
{
	return str_fmt(r->arena, "/platform/accounts/%s%s", r->id[0].text, more);
}

static struct list admins_of(struct req *r, struct list rows)
{
	struct admin_view *views = ARENA_ARRAY(r->arena, struct admin_view, rows.n);

	for (size_t at = 0; at < rows.n; at++) {
		const struct admin_row *row = &((const struct admin_row *)rows.items)[at];

		views[at] = (struct admin_view){ row->name, row->email,
						 row->last_seen_at.us
							 ? clock_ago(r->arena, row->last_seen_at)
							 : STR_NONE,
						 row->last_seen_at };
	}
	return LIST_OF(views, rows.n);
}

static const struct err *account_show(struct req *r)
{
	struct account_row *row;
	struct account_page page;
	struct list admins, plans;

	store_platform_account(r->tx, r->id[0], &row);
	store_platform_admins(r->tx, r->id[0], &admins);
	TRY(tx_more(r->tx));
	store_platform_plans(r->tx, row->plan, &plans);
	TRY(tx_run(r->tx));
	page = (struct account_page){
		.account = platform_account_view(r, row),
		.admins = admins_of(r, admins),
		.form = form_view(
			r,
			&(struct form_settings){
				.action = url_of(r, "/plan"),
				.button = "Change the plan",
				.input = &platform_plan_form,
				.controls =
					(const struct control[]){
						{ "plan", CONTROL_SELECT,
						  .more = platform_plan_choices(r, plans, NULL) },
						{ 0 } },
				.values = (const struct pair[]){ { STR("plan"), row->plan },
								 { { 0 }, { 0 } } },
				.quiet = true }),
	};
	return reply_page(r, &platform_account_page, &page);
}

static const struct err *suspend_show(struct req *r)
{
	struct account_row *row;
	struct account_page page;

	store_platform_account(r->tx, r->id[0], &row);
	TRY(tx_run(r->tx));
	page = (struct account_page){
		.account = platform_account_view(r, row),
		.form = form_view(
			r,
			&(struct form_settings){
				.action = url_of(r, "/suspend"),
				.button = "Suspend the account",
				.input = &platform_reason_form,
				.controls =
					(const struct control[]){
						{ "reason", CONTROL_LINES,
						  .hint = "For the record: its audit log shows "
							  "it, and this page." },
						{ 0 } } }),
	};
	return reply_page(r, &platform_suspend_view, &page);
}

static const struct err *back(struct req *r, const char *sentence)
{
	people_flash(r, sentence);
	return reply_see_other(r, url_of(r, ""));
}

static const struct err *plan_save(struct req *r)
{
	struct account_row *row;

	TRY(platform_change_plan(r, &row));
	return back(r, "The plan is changed.");
}

static const struct err *suspend(struct req *r)
{
	struct account_row *row;

	TRY(platform_suspend(r, &row));
	return back(r, "The account is suspended. Nobody of it is signed in any more.");
}

static const struct err *resume(struct req *r)
{
	struct account_row *row;

	TRY(platform_resume(r, &row));
	return back(r, "The account goes on. Its people can sign in again.");
}

const struct route platform_account[] = {
	{ GET, API, .need = PERM_PLATFORM, .run = account_api, .output = &platform_account_shape,
	  .about = "One account" },
	{ PATCH, API, .need = PERM_PLATFORM, .input = &platform_plan_form,
	  .find = platform_account_find, .run = plan_api, .output = &platform_account_shape,
	  .about = "Change its plan" },
	{ POST, API "/suspend", .need = PERM_PLATFORM, .input = &platform_reason_form,
	  .find = platform_account_find, .run = suspend_api, .output = &platform_account_shape,
	  .about = "Suspend it: its sign-ins and streams end" },
	{ POST, API "/resume", .need = PERM_PLATFORM, .find = platform_account_find,
	  .run = resume_api, .output = &platform_account_shape, .about = "Let it go on" },
	{ GET, PAGE, .need = PERM_PLATFORM, .run = account_show },
	{ POST, PAGE "/plan", .need = PERM_PLATFORM, .input = &platform_plan_form,
	  .find = platform_account_find, .run = plan_save, .again = account_show },
	{ GET, PAGE "/suspend", .need = PERM_PLATFORM, .run = suspend_show },
	{ POST, PAGE "/suspend", .need = PERM_PLATFORM, .input = &platform_reason_form,
	  .find = platform_account_find, .run = suspend, .again = suspend_show },
	{ POST, PAGE "/resume", .need = PERM_PLATFORM, .find = platform_account_find,
	  .run = resume },
	{ 0 },
};
