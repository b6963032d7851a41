/* The plans that the platform offers: a page for its operators, and the API. */
#include "kit/base/arena.h"
#include "kit/base/json.h"
#include "kit/base/shape_json.h"
#include "kit/render/render.h"
#include "people/people.h"
#include "plans/inside.h"
#include "plans/store.h"
#include "record/record.h"

#define PAGE "/platform/plans"
#define ONE  PAGE "/*plan"
#define API  "/api/v1/plans"

/* ---- acts ---- */

#define R struct plan_row
static const struct shape plan_json =
	SHAPE_WITH(R, (.label = "Plan"), F_STR(R, name), F_STR(R, label), F_BOOL(R, for_new),
		   F_TIME(R, retired_at, .null = true), F_INT(R, accounts), F_JSON(R, limits));
/* Without what changes by itself. */
static const struct shape fact_shape =
	SHAPE(R, F_STR(R, label), F_BOOL(R, for_new), F_TIME(R, retired_at, .null = true),
	      F_JSON(R, limits));
#undef R

static struct json_text facts(struct req *r, const struct plan_row *row)
{
	struct buf out = buf_new(r->arena, 4096);

	shape_put_json(&out, &fact_shape, row);
	return (struct json_text){ buf_str(&out) };
}

/* What it became, beside what it was. */
static const struct err *record(struct req *r, const char *action, struct str name,
				struct json_text was, struct plan_row **ret)
{
	store_plan(r->tx, name, ret);
	TRY(tx_more(r->tx));
	audit(r, action, "plan", UUID_NONE, was, facts(r, *ret));
	return tx_run(r->tx);
}

static const struct err *add(struct req *r, const struct plan_row *plan, struct plan_row **ret)
{
	store_plan_save(r->tx, plan, true);
	return record(r, "plan.added", plan->name, audit_fact(r->arena, "name", plan->name), ret);
}

static const struct err *change(struct req *r, const struct plan_row *plan, struct plan_row **ret)
{
	struct plan_row *was;

	store_plan(r->tx, r->word, &was);
	TRY(tx_more(r->tx));
	store_plan_save(r->tx, plan, false);
	return record(r, "plan.changed", plan->name, facts(r, was), ret);
}

static const struct err *retire(struct req *r, bool retired, struct plan_row **ret)
{
	struct plan_row *was;

	store_plan(r->tx, r->word, &was);
	TRY(tx_more(r->tx));
	store_plan_retire(r->tx, r->word, retired);
	return record(r, retired ? "plan.retired" : "plan.restored", r->word, facts(r, was), ret);
}

static void plan_find(struct req *r)
{
	struct plan_row **row = ARENA_NEW(r->arena, struct plan_row *);

	store_plan(r->tx, r->word, row);
}

/* ---- input ---- */

static const char *check_name(struct str name)
{
	for (size_t at = 0; at < name.n; at++) {
		char c = name.p[at];

		if (!((c >= 'a' && c <= 'z') || (at && ((c >= '0' && c <= '9') || c == '-'))))
			return "Use small letters, digits and -, and begin with a letter.";
	}
	return NULL;
}

struct plan_input {
	struct str name, label;
	bool for_new;
	struct json_text limits;
	LIMIT_MEMBERS;
};

#define I      struct plan_input
#define NAME   F_STR(I, name, .min = 1, .max = 30, .check = check_name, .label = "Short name")
#define LABEL  F_STR(I, label, .min = 1, .max = 40, .label = "Name")
#define FOR_IT F_BOOL(I, for_new, .optional = true, .label = "Accounts that register begin with it")
#define LIMITS F_JSON(I, limits, .optional = true)
static const struct shape add_json = SHAPE(I, NAME, LABEL, FOR_IT, LIMITS);
static const struct shape change_json =
	SHAPE_WITH(I, (.read_only = "name,retired_at,accounts"), LABEL, FOR_IT, LIMITS);
static const struct shape add_form = SHAPE(I, NAME, LABEL, F_LIMITS(I));
static const struct shape change_form = SHAPE(I, LABEL, F_LIMITS(I), FOR_IT);
#undef I

static const struct control add_controls[] = {
	{ "label", CONTROL_TEXT, .autocomplete = "off" },
	{ "name", CONTROL_TEXT, .autocomplete = "off",
	  .hint = "For the API and the address of its page. It can't be changed later." },
	LIMIT_CONTROLS,
	{ 0 },
};
static const struct control change_controls[] = {
	{ "label", CONTROL_TEXT, .autocomplete = "off" },
	LIMIT_CONTROLS,
	{ "for_new", CONTROL_CHECKBOX, .hint = "In place of the plan that does so now." },
	{ 0 },
};

static struct plan_row plan_of(const struct req *r, struct str limits)
{
	const struct plan_input *in = r->input;

	return (struct plan_row){ .name = in->name.n ? in->name : r->word,
				  .label = in->label,
				  .for_new = in->for_new,
				  .limits = { limits } };
}

/* ---- the API ---- */

struct plans_json {
	struct list items;
};
static const struct shape plans_json =
	SHAPE(struct plans_json, F_LIST(struct plans_json, items, &plan_json));

static const struct err *list_api(struct req *r)
{
	struct plans_json answer;

	plans_read(r->tx, &answer.items);
	TRY(tx_run(r->tx));
	return reply_json(r, &plans_json, &answer);
}

static const struct err *save_api(struct req *r)
{
	bool adds = r->method == POST;
	struct plan_row plan, *row;
	struct str limits;

	TRY(limits_given(r, &limits));
	plan = plan_of(r, limits);
	TRY(adds ? add(r, &plan, &row) : change(r, &plan, &row));
	return reply_json(r, &plan_json, row);
}

static const struct err *retire_api(struct req *r)
{
	struct plan_row *row;

	TRY(retire(r, true, &row));
	return reply_json(r, &plan_json, row);
}

static const struct err *restore_api(struct req *r)
{
	struct plan_row *row;

	TRY(retire(r, false, &row));
	return reply_json(r, &plan_json, row);
}

/* ---- the pages ---- */

struct offer_line {
	struct str name, label, holds;
	int64_t accounts;
	bool for_new, retired;
};

struct offers_page {
	struct form_view form;
	struct list plans;
};

#define L struct offer_line
static const struct shape line_shape =
	SHAPE(L, F_STR(L, name), F_STR(L, label), F_STR(L, holds), F_INT(L, accounts),
	      F_BOOL(L, for_new), F_BOOL(L, retired));
#undef L
static const struct shape offers_shape = SHAPE(
	struct offers_page, F_OBJECT(struct offers_page, form, struct form_view, &form_view_shape),
	F_LIST(struct offers_page, plans, &line_shape));
const struct view offers_view = { "platform/plans", &offers_shape };

struct holds {
	struct arena *a;
	struct buf out;
	struct pair *values;
	size_t n;
};

static const struct err *hold(void *ctx, struct str key, const struct json *value)
{
	struct holds *h = ctx;
	int64_t most = value ? json_int(value) : -1;
	struct pair pair = limit_pair(h->a, key, most);
	bool bytes = str_eq(pair.name, STR("stored_mb"));

	if (!value)
		return NULL;
	h->values[h->n++] = pair;
	buf_printf(&h->out, "%s%.*s %.*s", h->out.n ? ", " : "",
		   STR_ARG(bytes ? str_size(h->a, most) : str_count(h->a, most)),
		   STR_ARG(str_eq(pair.name, STR("sessions_month"))   ? STR("sessions a month")
			   : str_eq(pair.name, STR("ai_calls_month")) ? STR("AI calls a month")
			   : bytes                                    ? STR("of stored data")
								      : pair.name));
	return NULL;
}

/* Its limits as a form's values, and in words. */
static struct holds holds_of(struct arena *a, const struct plan_row *row)
{
	struct holds h = { a, buf_new(a, 1024), ARENA_ARRAY(a, struct pair, LIMIT_FIELDS + 3), 0 };
	const struct json *limits;

	h.values[h.n++] = (struct pair){ STR("label"), row->label };
	h.values[h.n++] = (struct pair){ STR("for_new"), row->for_new ? STR("true") : STR("") };
	if (!json_parse(a, row->limits.s, &json_default_limits, &limits))
		(void)!json_each(limits, hold, &h);
	h.values[h.n] = (struct pair){ STR_NONE, STR_NONE };
	return h;
}

static const struct err *show_all(struct req *r)
{
	struct offers_page page;
	struct offer_line *lines;
	struct list rows;

	plans_read(r->tx, &rows);
	TRY(tx_run(r->tx));
	lines = ARENA_ARRAY(r->arena, struct offer_line, rows.n + 1);
	for (size_t at = 0; at < rows.n; at++) {
		const struct plan_row *row = &((const struct plan_row *)rows.items)[at];
		struct holds h = holds_of(r->arena, row);

		lines[at] =
			(struct offer_line){ row->name,     row->label,   buf_str(&h.out),
					     row->accounts, row->for_new, row->retired_at.us != 0 };
	}
	page.plans = LIST_OF(lines, rows.n);
	page.form = form_view(r, &(struct form_settings){ .action = STR(PAGE),
							  .button = "Add the plan",
							  .input = &add_form,
							  .controls = add_controls,
							  .once = true,
							  .quiet = true });
	return reply_page(r, &offers_view, &page);
}

struct offer_page {
	struct str name, label;
	int64_t accounts;
	bool for_new, retired;
	struct form_view form;
};

#define O struct offer_page
static const struct shape offer_shape =
	SHAPE(O, F_STR(O, name), F_STR(O, label), F_INT(O, accounts), F_BOOL(O, for_new),
	      F_BOOL(O, retired), F_OBJECT(O, form, struct form_view, &form_view_shape));
#undef O
const struct view offer_view = { "platform/plan", &offer_shape };

static struct str url_of(struct req *r)
{
	return str_fmt(r->arena, PAGE "/%.*s", STR_ARG(r->word));
}

static const struct err *show_one(struct req *r)
{
	struct offer_page page;
	struct plan_row *row;
	struct holds h;

	store_plan(r->tx, r->word, &row);
	TRY(tx_run(r->tx));
	h = holds_of(r->arena, row);
	page = (struct offer_page){
		.name = row->name,
		.label = row->label,
		.accounts = row->accounts,
		.for_new = row->for_new,
		.retired = row->retired_at.us != 0,
		.form = form_view(r, &(struct form_settings){ .action = url_of(r),
							      .button = "Save",
							      .input = &change_form,
							      .controls = change_controls,
							      .values = h.values }),
	};
	return reply_page(r, &offer_view, &page);
}

static const struct err *add_by_page(struct req *r)
{
	struct plan_row plan = plan_of(r, limits_typed(r)), *row;

	TRY(add(r, &plan, &row));
	people_flash(r, "The plan is added. Accounts can be given it.");
	return reply_see_other(r, STR(PAGE));
}

static const struct err *change_by_page(struct req *r)
{
	struct plan_row plan = plan_of(r, limits_typed(r)), *row;

	TRY(change(r, &plan, &row));
	people_flash(r, "Saved. It holds for all accounts of this plan at once.");
	return reply_see_other(r, STR(PAGE));
}

static const struct err *retire_by_page(struct req *r)
{
	struct plan_row *row;

	TRY(retire(r, true, &row));
	people_flash(r, "The plan is retired. Whoever has it keeps it.");
	return reply_see_other(r, STR(PAGE));
}

static const struct err *restore_by_page(struct req *r)
{
	struct plan_row *row;

	TRY(retire(r, false, &row));
	people_flash(r, "The plan is back. Accounts can be given it.");
	return reply_see_other(r, STR(PAGE));
}

#define OPERATOR .need = PERM_PLATFORM
#define KNOWN    .find = plan_find

const struct route offers_routes[] = {
	{ GET, API, OPERATOR, .run = list_api, .output = &plans_json,
	  .about = "All plans: their limits, null where there is none, and how many accounts have "
		   "each" },
	{ POST, API, OPERATOR, .input = &add_json, .run = save_api, .output = &plan_json,
	  .status = 201, .once = true,
	  .about = "Add a plan; a limit that is not named, or null, is none" },
	{ PUT, API "/*plan", OPERATOR, KNOWN, .input = &change_json, .run = save_api,
	  .output = &plan_json, .about = "Change a plan for all accounts that have it" },
	{ POST, API "/*plan/retire", OPERATOR, KNOWN, .run = retire_api, .output = &plan_json,
	  .about = "Retire a plan: whoever has it keeps it, and no account is given it" },
	{ POST, API "/*plan/restore", OPERATOR, KNOWN, .run = restore_api, .output = &plan_json,
	  .about = "Bring a retired plan back" },
	{ GET, PAGE, OPERATOR, .run = show_all },
	{ POST, PAGE, OPERATOR, .input = &add_form, .run = add_by_page, .again = show_all,
	  .once = true },
	{ GET, ONE, OPERATOR, KNOWN, .run = show_one },
	{ POST, ONE, OPERATOR, KNOWN, .input = &change_form, .run = change_by_page,
	  .again = show_one },
	{ POST, ONE "/retire", OPERATOR, KNOWN, .run = retire_by_page, .again = show_one },
	{ POST, ONE "/restore", OPERATOR, KNOWN, .run = restore_by_page, .again = show_one },
	{ 0 },
};
