/* One account's own limits, in spite of its plan: what an operator sees and changes. */
#include "kit/base/arena.h"
#include "kit/render/render.h"
#include "people/people.h"
#include "plans/inside.h"
#include "plans/store.h"

#define PAGE "/platform/accounts/:account/limits"
#define API  "/api/v1/accounts/:account/limits"

static void account_find(struct req *r)
{
	struct list *rows = ARENA_NEW(r->arena, struct list);

	store_usage_of(r->tx, r->id[0], rows); /* 404 where there is no such account */
}

/* The same without what the account is called. */
static struct list usage_of(struct arena *a, struct list rows)
{
	struct usage_row *usage = ARENA_ARRAY(a, struct usage_row, rows.n + 1);
	const struct usage_of_row *row = rows.items;

	for (size_t at = 0; at < rows.n; at++)
		usage[at] =
			(struct usage_row){ row[at].key,       row[at].label,     row[at].monthly,
					    row[at].effect,    row[at].used,      row[at].most,
					    row[at].used_text, row[at].most_text, row[at].own };
	return LIST_OF(usage, rows.n);
}

/* ---- the API ---- */

struct account_limits_json {
	struct str account_name, plan;
	struct list limits;
};

#define J struct account_limits_json
static const struct shape limits_shape =
	SHAPE_WITH(J, (.label = "AccountLimits"), F_STR(J, account_name), F_STR(J, plan),
		   F_LIST(J, limits, &limit_json_shape));
#undef J

struct limits_input {
	struct json_text limits;
	LIMIT_MEMBERS;
};
#define I struct limits_input
static const struct shape limits_json_input = SHAPE(I, F_JSON(I, limits));
static const struct shape limits_form = SHAPE(I, F_LIMITS(I));
#undef I

static const struct err *get(struct req *r)
{
	const struct usage_of_row *first;
	struct list rows;

	store_usage_of(r->tx, r->id[0], &rows);
	TRY(tx_run(r->tx));
	first = rows.items;
	return reply_json(
		r, &limits_shape,
		&(struct account_limits_json){ first->account_name, first->plan_label,
					       limits_json(r->arena, usage_of(r->arena, rows)) });
}

static const struct err *put(struct req *r)
{
	struct str limits;

	TRY(limits_given(r, &limits));
	store_account_limits_set(r, r->id[0], limits);
	return get(r);
}

/* ---- the page ---- */

struct account_limits_page {
	struct str account, plan;
	struct uuid id;
	struct list limits;
	struct form_view form;
};

#define P_ struct account_limits_page
static const struct shape page_shape =
	SHAPE(P_, F_STR(P_, account), F_STR(P_, plan), F_UUID(P_, id),
	      F_LIST(P_, limits, &usage_view_shape),
	      F_OBJECT(P_, form, struct form_view, &form_view_shape));
#undef P_
const struct view account_limits_view = { "platform/account_limits", &page_shape };

static const struct control controls[] = { LIMIT_CONTROLS, { 0 } };

static const struct pair *values_of(struct arena *a, struct list rows)
{
	struct pair *values = ARENA_ARRAY(a, struct pair, rows.n + 1);
	const struct usage_of_row *row = rows.items;
	size_t n = 0;

	for (size_t at = 0; at < rows.n; at++)
		if (row[at].own)
			values[n++] = limit_pair(a, row[at].key, row[at].most);
	return values;
}

static struct str url_of(struct req *r)
{
	return str_fmt(r->arena, "/platform/accounts/%s/limits", r->id[0].text);
}

static const struct err *show(struct req *r)
{
	const struct usage_of_row *first;
	struct account_limits_page page;
	struct list rows;

	store_usage_of(r->tx, r->id[0], &rows);
	TRY(tx_run(r->tx));
	first = rows.items;
	page = (struct account_limits_page){
		.account = first->account_name,
		.plan = first->plan_label,
		.id = r->id[0],
		.limits = plans_usage_views(r->arena, usage_of(r->arena, rows)),
		.form = form_view(r,
				  &(struct form_settings){ .action = url_of(r),
							   .button = "Save",
							   .input = &limits_form,
							   .controls = controls,
							   .values = values_of(r->arena, rows) }),
	};
	return reply_page(r, &account_limits_view, &page);
}

static const struct err *save(struct req *r)
{
	store_account_limits_set(r, r->id[0], limits_typed(r));
	TRY(tx_run(r->tx));
	people_flash(r, "Saved. The account's admins find it in their audit log.");
	return reply_see_other(r, url_of(r));
}

const struct route account_limits_routes[] = {
	{ GET, API, .need = PERM_PLATFORM, .find = account_find, .run = get,
	  .output = &limits_shape, .about = "What an account uses of its limits" },
	{ PUT, API, .need = PERM_PLATFORM, .find = account_find, .input = &limits_json_input,
	  .run = put, .output = &limits_shape,
	  .about = "Give an account limits of its own: a number, null for none; what is not named "
		   "is its plan's" },
	{ GET, PAGE, .need = PERM_PLATFORM, .find = account_find, .run = show },
	{ POST, PAGE, .need = PERM_PLATFORM, .find = account_find, .input = &limits_form,
	  .run = save, .again = show },
	{ 0 },
};
