/* The list of accounts, and making one. */
#include "kit/base/arena.h"
#include "kit/http/form.h"
#include "kit/http/page.h"
#include "kit/render/render.h"
#include "people/people.h"
#include "platform/pages.h"

#define PAGE "/platform/accounts"
#define API  "/api/v1/platform/accounts"

/* ---- the list ---- */

struct accounts_query {
	int64_t page, per_page;
	struct uuid after, code;
	struct str q, plan;
	int state;
};

#define Q struct accounts_query
static const struct shape accounts_query = SHAPE(
	Q, F_PAGE(Q), F_UUID(Q, after, .optional = true), F_UUID(Q, code, .optional = true),
	F_STR(Q, q, .optional = true, .max = 254), F_STR(Q, plan, .optional = true, .max = 40),
	F_ENUM(Q, state, &account_states, .optional = true));
#undef Q

struct accounts {
	struct page page;
	struct account_wish wish;
	struct list rows, plans;
	int64_t total;
	struct str next; /* the address of those that follow, or none */
};

/* One row more than is shown says whether more follow. */
static const struct err *find_accounts(struct req *r, struct accounts *ret)
{
	const struct accounts_query *query = r->input;
	struct count_row *count;

	ret->page = page_of(query->page, query->per_page);
	ret->wish = (struct account_wish){
		.q = str_or_empty(query->q),
		.plan = str_or_empty(query->plan),
		.state = input_given(r, "state") ? names_text(&account_states, query->state)
						 : STR(""),
		.code = query->code,
		.after = query->after,
		.most = ret->page.size + 1,
		.skip = uuid_is_none(query->after) ? page_skip(ret->page) : 0,
	};
	store_platform_accounts_count(r->tx, &ret->wish, &count);
	store_platform_accounts(r->tx, &ret->wish, &ret->rows);
	store_platform_plans(r->tx, STR_NONE, &ret->plans);
	TRY(tx_run(r->tx));
	ret->total = count->n;
	if (ret->rows.n > (size_t)ret->page.size) {
		const struct account_row *rows = ret->rows.items;

		ret->rows.n--;
		ret->next = url_changed(r, &(struct url_change){
						   .name = "after",
						   .value = uuid_str(&rows[ret->rows.n - 1].id),
					   });
	}
	return NULL;
}

static const struct shape accounts_json = SHAPE_PAGE(&platform_account_shape);

static const struct err *accounts_api(struct req *r)
{
	struct accounts accounts = { 0 };
	struct page_json answer;

	TRY(find_accounts(r, &accounts));
	answer = page_json(r, accounts.page, accounts.rows, accounts.total);
	answer.next = accounts.next;
	return reply_json(r, &accounts_json, &answer);
}

#define L struct account_view
const struct shape platform_account_view_shape =
	SHAPE(L, F_UUID(L, id), F_STR(L, name), F_STR(L, plan), F_STR(L, created_ago),
	      F_STR(L, seen_ago), F_STR(L, reason), F_STR(L, code), F_STR(L, suspended_ago),
	      F_STR(L, closing_text), F_TIME(L, created), F_TIME(L, seen), F_TIME(L, suspended_at),
	      F_TIME(L, closing_at), F_INT(L, people), F_INT(L, flows), F_INT(L, sessions),
	      F_BOOL(L, suspended), F_BOOL(L, closing), F_BOOL(L, yours));
#undef L

struct account_view platform_account_view(struct req *r, const struct account_row *row)
{
	return (struct account_view){
		.id = row->id,
		.name = row->name,
		.plan = row->plan_label,
		.created = row->created_at,
		.created_ago = clock_ago(r->arena, row->created_at),
		.seen = row->last_seen_at,
		.seen_ago =
			row->last_seen_at.us ? clock_ago(r->arena, row->last_seen_at) : STR_NONE,
		.reason = row->suspended_reason,
		.code = row->code,
		.suspended_at = row->suspended_at,
		.suspended_ago =
			row->suspended_at.us ? clock_ago(r->arena, row->suspended_at) : STR_NONE,
		.closing_at = row->closing_at,
		.closing_text =
			row->closing_at.us ? clock_words(r->arena, row->closing_at) : STR_NONE,
		.people = row->people,
		.flows = row->flows,
		.sessions = row->sessions_this_month,
		.suspended = row->suspended_at.us != 0,
		.closing = row->closing_at.us != 0,
		.yours = uuid_eq(row->id, r->who->account),
	};
}

struct accounts_page {
	int64_t total;
	bool filtered, further;
	struct str q, state, next, first, code;
	struct list tabs, plans, accounts;
};

#define V struct accounts_page
static const struct shape accounts_page_shape = SHAPE(
	V, F_INT(V, total), F_BOOL(V, filtered), F_BOOL(V, further), F_STR(V, q), F_STR(V, state),
	F_STR(V, next), F_STR(V, first), F_STR(V, code), F_LIST(V, tabs, &tab_shape),
	F_LIST(V, plans, &option_view_shape), F_LIST(V, accounts, &platform_account_view_shape));
#undef V
static const struct names state_labels = NAMES("Active", "Suspended", "Closing");
const struct view platform_accounts_view = { "platform/accounts", &accounts_page_shape };

static struct list plan_options(struct req *r, struct list plans, struct str chosen)
{
	struct option_view *options = ARENA_ARRAY(r->arena, struct option_view, plans.n);

	for (size_t at = 0; at < plans.n; at++) {
		const struct plan_row *plan = &((const struct plan_row *)plans.items)[at];

		options[at] =
			(struct option_view){ plan->name, plan->label, str_eq(plan->name, chosen) };
	}
	return LIST_OF(options, plans.n);
}

static const struct err *accounts_show(struct req *r)
{
	struct accounts accounts = { 0 };
	struct account_view *lines;
	const struct account_wish *wish = &accounts.wish;

	TRY(find_accounts(r, &accounts));
	lines = ARENA_ARRAY(r->arena, struct account_view, accounts.rows.n);
	for (size_t at = 0; at < accounts.rows.n; at++)
		lines[at] = platform_account_view(
			r, &((const struct account_row *)accounts.rows.items)[at]);
	return reply_page(
		r, &platform_accounts_view,
		&(struct accounts_page){
			.total = accounts.total,
			.filtered = wish->q.n || wish->plan.n || wish->state.n ||
				    !uuid_is_none(wish->code),
			.further = !uuid_is_none(wish->after) || wish->skip > 0,
			.q = wish->q,
			.state = wish->state,
			.code = uuid_str(&wish->code),
			.next = accounts.next,
			.first = url_changed(r, &(struct url_change){ .drop = "after,page" }),
			.tabs = value_tabs(r, "state", &account_states, &state_labels, wish->state),
			.plans = plan_options(r, accounts.plans, wish->plan),
			.accounts = LIST_OF(lines, accounts.rows.n),
		});
}

/* ---- a new one ---- */

struct new_page {
	struct form_view form;
};

static const struct shape new_page_shape =
	SHAPE(struct new_page, F_OBJECT(struct new_page, form, struct form_view, &form_view_shape));
const struct view platform_new_view = { "platform/account_new", &new_page_shape };

struct made_page {
	struct str name, email, url;
	struct uuid id;
};

static const struct shape made_page_shape =
	SHAPE(struct made_page, F_STR(struct made_page, name), F_STR(struct made_page, email),
	      F_STR(struct made_page, url), F_UUID(struct made_page, id));
const struct view platform_made_view = { "platform/account_made", &made_page_shape };

static const struct err *new_show(struct req *r)
{
	struct new_page page;
	struct list plans;

	store_platform_plans(r->tx, STR_NONE, &plans);
	TRY(tx_run(r->tx));
	page.form = form_view(
		r,
		&(struct form_settings){
			.action = STR(PAGE),
			.button = "Create the account",
			.input = &platform_account_form,
			.controls =
				(const struct control[]){
					{ "name", CONTROL_TEXT, .autocomplete = "off" },
					{ "plan", CONTROL_SELECT,
					  .more = platform_plan_choices(r, plans, NULL) },
					{ "email", CONTROL_EMAIL, .autocomplete = "off",
					  .hint = "We send an invite there. It holds for a week." },
					{ 0 },
				},
			.once = true,
		});
	return reply_page(r, &platform_new_view, &page);
}

static const struct err *account_add(struct req *r)
{
	const struct account_form *form = r->input;
	struct founded founded;

	TRY(platform_found(r, &founded));
	return reply_page(
		r, &platform_made_view,
		&(struct made_page){ form->name, form->email, founded.url, founded.row->id });
}

static const struct err *account_add_api(struct req *r)
{
	struct founded founded;

	TRY(platform_found(r, &founded));
	return reply_json(r, &platform_account_shape, founded.row);
}

const struct route platform_accounts[] = {
	{ GET, API, .need = PERM_PLATFORM, .input = &accounts_query, .run = accounts_api,
	  .output = &accounts_json,
	  .about = "All accounts, newest first; q is a part of the name, or the address of one of "
		   "its people" },
	{ POST, API, .need = PERM_PLATFORM, .input = &platform_account_form, .run = account_add_api,
	  .output = &platform_account_shape, .status = 201, .once = true,
	  .about = "Make an account; its first team admin is invited by mail" },
	{ GET, PAGE, .need = PERM_PLATFORM, .input = &accounts_query, .run = accounts_show },
	{ GET, PAGE "/new", .need = PERM_PLATFORM, .run = new_show },
	{ POST, PAGE, .need = PERM_PLATFORM, .input = &platform_account_form, .run = account_add,
	  .again = new_show, .once = true },
	{ 0 },
};
