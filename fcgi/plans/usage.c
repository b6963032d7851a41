/* What an account uses of its plan: /plan and its API. */
#include "kit/base/arena.h"
#include "kit/db/db.h"
#include "kit/render/render.h"
#include "people/people.h"
#include "plans/inside.h"
#include "plans/store.h"

#define U struct usage_view
const struct shape usage_view_shape = SHAPE(
	U, F_STR(U, key), F_STR(U, label), F_STR(U, effect), F_STR(U, used_text),
	F_STR(U, most_text), F_STR(U, part), F_INT(U, used), F_INT(U, most), F_INT(U, near),
	F_BOOL(U, limited), F_BOOL(U, full), F_BOOL(U, close), F_BOOL(U, none), F_BOOL(U, own));
#undef U

static struct usage_view view_of(struct arena *a, const struct usage_row *row)
{
	bool limited = row->most >= 0, none = row->most == 0;
	bool full = limited && !none && row->used >= row->most;

	return (struct usage_view){
		.key = row->key,
		.label = row->label,
		.effect = row->effect,
		.used_text = row->used_text,
		.most_text = row->most_text,
		.part = limited && !none
				? str_fmt(a, "%lld %%", (long long)(row->used * 100 / row->most))
				: STR_NONE,
		.used = row->used,
		.most = row->most,
		.near = (row->most * 4 - 1) /
			5, /* a meter shows what is above it in another colour */
		.limited = limited,
		.full = full,
		.close = limited && !none && !full && row->used * 5 >= row->most * 4,
		.none = none,
		.own = row->own,
	};
}

struct list plans_usage_views(struct arena *a, struct list rows)
{
	struct usage_view *views = ARENA_ARRAY(a, struct usage_view, rows.n + 1);

	for (size_t at = 0; at < rows.n; at++)
		views[at] = view_of(a, &((const struct usage_row *)rows.items)[at]);
	return LIST_OF(views, rows.n);
}

/* ---- the page ---- */

struct plan_page {
	struct str label, turns;
	struct instant turns_at;
	struct list limits;
};

#define P_ struct plan_page
static const struct shape plan_page_shape =
	SHAPE(P_, F_STR(P_, label), F_STR(P_, turns), F_TIME(P_, turns_at),
	      F_LIST(P_, limits, &usage_view_shape));
#undef P_
static const struct view plan_view = { "plans/plan", &plan_page_shape };

static const struct err *read_mine(struct req *r, struct mine_row **mine, struct list *usage)
{
	store_mine(r->tx, mine);
	plans_read_usage(r->tx, usage);
	return tx_run(r->tx);
}

static const struct err *show(struct req *r)
{
	struct plan_page page;
	struct mine_row *mine;
	struct list usage;

	TRY(read_mine(r, &mine, &usage));
	page = (struct plan_page){
		.label = mine->label,
		.turns = clock_words(r->arena, mine->turns_at),
		.turns_at = mine->turns_at,
		.limits = plans_usage_views(r->arena, usage),
	};
	return reply_page(r, &plan_view, &page);
}

/* ---- the API ---- */

struct limit_json {
	struct str key, label;
	bool monthly;
	int64_t used;
	struct json_text limit;
	bool own;
	struct str effect;
};

#define L struct limit_json
const struct shape limit_json_shape = SHAPE_WITH(
	L, (.label = "Limit"), F_STR(L, key), F_STR(L, label), F_BOOL(L, monthly), F_INT(L, used),
	F_JSON(L, limit, .null = true), F_BOOL(L, own), F_STR(L, effect));
#undef L

/* A whole number, or null: 0 is a limit, too. */
static struct limit_json limit_of(struct arena *a, const struct usage_row *row)
{
	return (struct limit_json){
		.key = row->key,
		.label = row->label,
		.monthly = row->monthly,
		.used = row->used,
		.limit = { row->most < 0 ? STR_NONE : str_fmt(a, "%lld", (long long)row->most) },
		.own = row->own,
		.effect = row->effect,
	};
}

struct list limits_json(struct arena *a, struct list rows)
{
	struct limit_json *items = ARENA_ARRAY(a, struct limit_json, rows.n + 1);

	for (size_t at = 0; at < rows.n; at++)
		items[at] = limit_of(a, &((const struct usage_row *)rows.items)[at]);
	return LIST_OF(items, rows.n);
}

struct plan_json {
	struct str name, label;
	struct instant month_turns_at;
	struct list limits;
};

#define J struct plan_json
static const struct shape plan_json =
	SHAPE_WITH(J, (.label = "PlanUsage"), F_STR(J, name), F_STR(J, label),
		   F_TIME(J, month_turns_at), F_LIST(J, limits, &limit_json_shape));
#undef J

static const struct err *get(struct req *r)
{
	struct mine_row *mine;
	struct list usage;

	TRY(read_mine(r, &mine, &usage));
	return reply_json(r, &plan_json,
			  &(struct plan_json){ mine->name, mine->label, mine->turns_at,
					       limits_json(r->arena, usage) });
}

const struct route plan_routes[] = {
	{ GET, "/plan", .need = PERM_PEOPLE, .run = show },
	{ GET, "/api/v1/plan", .need = PERM_PEOPLE, .run = get, .output = &plan_json,
	  .about = "The account's plan: what is used of each limit; null where there is none" },
	{ 0 },
};

const struct view *const plans_views[] = { &plan_view, &offers_view, &offer_view,
					   &account_limits_view, NULL };
