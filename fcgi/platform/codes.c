/* Codes by which companies register: make, list, revoke.  They are stored hashed and shown once. */
#include "accounts/accounts.h"
#include "kit/base/arena.h"
#include "kit/crypto/crypto.h"
#include "kit/http/form.h"
#include "kit/http/page.h"
#include "kit/render/render.h"
#include "people/people.h"
#include "platform/pages.h"
#include "record/record.h"

#define PAGE "/platform/codes"
#define API  "/api/v1/platform/codes"
#define DAY  ((int64_t)24 * 3600)

struct code_form {
	struct str label, plan;
	int64_t max_uses, expires_in;
};

static const struct choice life_choices[] = {
	{ "2592000", "30 days" },
	{ "604800", "A week" },
	{ "31536000", "A year" },
	{ 0 },
};

#define F struct code_form
static const struct shape code_form =
	SHAPE(F, F_STR(F, label, .min = 1, .max = 120, .label = "Label"),
	      F_STR(F, plan, .optional = true, .null = true, .max = 40, .label = "Plan"),
	      F_INT(F, max_uses, .optional = true, .min = 1, .max = 100000,
		    .label = "Companies that can use it"),
	      F_INT(F, expires_in, .optional = true, .min = 60, .max = 3660 * DAY,
		    .label = "Valid for", .choices = life_choices));
#undef F

/* ---- acts ---- */

struct made {
	struct str code, url;
	struct code_row *row;
};

static const struct err *make_code(struct req *r, struct made *ret)
{
	const struct code_form *form = r->input;
	struct new_code code = {
		.id = crypto_uuid7(),
		.label = form->label,
		.plan = str_or_empty(form->plan),
		.max_uses = form->max_uses ? form->max_uses : 1,
		.lasts = form->expires_in ? form->expires_in : 30 * DAY,
	};

	ret->code = crypto_token(r->arena);
	ret->url = str_fmt(r->arena, "%.*s/start/%.*s", STR_ARG(r->settings->base_url),
			   STR_ARG(ret->code));
	code.hash = crypto_hash_token(r->arena, ret->code);
	store_platform_code_add(r->tx, &code);
	audit(r, "platform_code.made", "platform_code", code.id, audit_nothing,
	      audit_fact(r->arena, "label", form->label));
	store_platform_code(r->tx, code.id, &ret->row);
	return tx_run(r->tx);
}

void platform_seed_code(struct arena *a, struct tx *tx, struct str label, struct str plan)
{
	store_platform_code_add(tx, &(struct new_code){
					    .id = crypto_uuid7(),
					    .hash = crypto_hash_token(a, crypto_token(a)),
					    .label = label,
					    .plan = plan,
					    .max_uses = 5,
					    .lasts = 30 * DAY,
				    });
}

static void code_find(struct req *r)
{
	struct code_row **row = ARENA_NEW(r->arena, struct code_row *);

	store_platform_code(r->tx, r->id[0], row);
}

static const struct err *revoke(struct req *r)
{
	store_platform_code_revoke(r->tx, r->id[0]);
	audit(r, "platform_code.revoked", "platform_code", r->id[0], audit_nothing, audit_nothing);
	return tx_run(r->tx);
}

/* ---- API ---- */

struct made_json {
	struct uuid id;
	struct str code, url, label, plan;
	int64_t uses, max_uses;
	struct instant expires_at;
};

#define R struct made_json
static const struct shape made_json = SHAPE(
	R, F_UUID(R, id), F_STR(R, code), F_STR(R, url), F_STR(R, label),
	F_STR(R, plan, .null = true), F_INT(R, uses), F_INT(R, max_uses), F_TIME(R, expires_at));
#undef R
static const struct shape codes_json = SHAPE_PAGE(&platform_code_shape);

struct codes_query {
	int64_t page, per_page;
};

static const struct shape codes_query = SHAPE(struct codes_query, F_PAGE(struct codes_query));

struct codes {
	struct page page;
	struct list rows, plans;
	int64_t total;
};

static const struct err *find_codes(struct req *r, struct codes *ret)
{
	const struct codes_query *query = r->method == GET ? r->input : NULL;
	struct count_row *count;

	ret->page = query ? page_of(query->page, query->per_page) : page_of(1, 50);
	store_platform_codes_count(r->tx, &count);
	store_platform_codes(r->tx, ret->page.size, page_skip(ret->page), &ret->rows);
	store_platform_plans(r->tx, STR_NONE, &ret->plans);
	TRY(tx_run(r->tx));
	ret->total = count->n;
	return NULL;
}

static const struct err *codes_api(struct req *r)
{
	struct page_json answer;
	struct codes codes;

	TRY(find_codes(r, &codes));
	answer = page_json(r, codes.page, codes.rows, codes.total);
	return reply_json(r, &codes_json, &answer);
}

static const struct err *code_add_api(struct req *r)
{
	struct made made;
	struct made_json answer;

	TRY(make_code(r, &made));
	answer = (struct made_json){ made.row->id,       made.code,           made.url,
				     made.row->label,    made.row->plan,      made.row->uses,
				     made.row->max_uses, made.row->expires_at };
	return reply_json(r, &made_json, &answer);
}

static const struct err *code_revoke_api(struct req *r)
{
	TRY(revoke(r));
	return reply_none(r);
}

/* ---- pages ---- */

struct code_line {
	struct uuid id;
	struct str label, plan, made_by, state, expires_text;
	struct instant expires;
	int64_t uses, max_uses;
	bool open;
};

#define L struct code_line
static const struct shape code_line_shape =
	SHAPE(L, F_UUID(L, id), F_STR(L, label), F_STR(L, plan), F_STR(L, made_by), F_STR(L, state),
	      F_STR(L, expires_text), F_TIME(L, expires), F_INT(L, uses), F_INT(L, max_uses),
	      F_BOOL(L, open));
#undef L

struct codes_page {
	struct form_view form;
	struct pager_view pager;
	struct str mode;
	bool by_code;
	int64_t total;
	struct list codes;
};

#define V struct codes_page
static const struct shape codes_page_shape =
	SHAPE(V, F_OBJECT(V, form, struct form_view, &form_view_shape),
	      F_OBJECT(V, pager, struct pager_view, &pager_shape), F_STR(V, mode),
	      F_BOOL(V, by_code), F_INT(V, total), F_LIST(V, codes, &code_line_shape));
#undef V
const struct view platform_codes_view = { "platform/codes", &codes_page_shape };

struct code_page {
	struct code_line code;
	struct str url;
};

static const struct shape code_page_shape = SHAPE(
	struct code_page, F_OBJECT(struct code_page, code, struct code_line, &code_line_shape),
	F_STR(struct code_page, url));
const struct view platform_code_view = { "platform/code_made", &code_page_shape };

static struct code_line line_of(struct req *r, const struct code_row *row)
{
	static const char *const labels[] = { "Open", "Used up", "Expired", "Revoked" };

	return (struct code_line){
		.id = row->id,
		.label = row->label,
		.plan = row->plan_label,
		.made_by = row->made_by,
		.state = str_of(labels[row->state]),
		.expires = row->expires_at,
		.expires_text = clock_words(r->arena, row->expires_at),
		.uses = row->uses,
		.max_uses = row->max_uses,
		.open = row->state == CODE_OPEN,
	};
}

static struct form_view code_form_view(struct req *r, struct list plans)
{
	const struct pair values[] = { { STR("max_uses"), STR("1") }, { { 0 }, { 0 } } };
	const struct control controls[] = {
		{ "label", CONTROL_TEXT, .autocomplete = "off",
		  .hint = "For you: whom it is for." },
		{ "plan", CONTROL_SELECT,
		  .more = platform_plan_choices(r, plans, "The usual one") },
		{ "max_uses", CONTROL_TEXT, .inputmode = "numeric", .autocomplete = "off" },
		{ "expires_in", .kind = CONTROL_SELECT },
		{ 0 },
	};

	return form_view(r, &(struct form_settings){ .action = STR(PAGE),
						     .button = "Make the code",
						     .input = &code_form,
						     .controls = controls,
						     .values = values,
						     .once = true,
						     .quiet = true });
}

static const struct err *codes_show(struct req *r)
{
	struct code_line *lines;
	struct codes codes;

	TRY(find_codes(r, &codes));
	lines = ARENA_ARRAY(r->arena, struct code_line, codes.rows.n);
	for (size_t at = 0; at < codes.rows.n; at++)
		lines[at] = line_of(r, &((const struct code_row *)codes.rows.items)[at]);
	return reply_page(r, &platform_codes_view,
			  &(struct codes_page){
				  .form = code_form_view(r, codes.plans),
				  .pager = pager_view(r, codes.page, codes.total, STR("codes")),
				  .mode = r->settings->registration,
				  .by_code = str_eq(r->settings->registration, STR("code")),
				  .total = codes.total,
				  .codes = LIST_OF(lines, codes.rows.n),
			  });
}

static const struct err *code_add(struct req *r)
{
	struct made made;

	TRY(make_code(r, &made));
	return reply_page(r, &platform_code_view,
			  &(struct code_page){ line_of(r, made.row), made.url });
}

static const struct err *code_revoke(struct req *r)
{
	TRY(revoke(r));
	people_flash(r, "The code is revoked. Accounts that came by it stay.");
	return reply_see_other(r, STR(PAGE));
}

const struct route platform_codes[] = {
	{ GET, API, .need = PERM_PLATFORM, .input = &codes_query, .run = codes_api,
	  .output = &codes_json, .about = "Codes by which companies register, newest first" },
	{ POST, API, .need = PERM_PLATFORM, .input = &code_form, .run = code_add_api,
	  .output = &made_json, .status = 201, .once = true,
	  .about = "Make a code; it is shown this once" },
	{ DELETE, API "/:code", .need = PERM_PLATFORM, .find = code_find, .run = code_revoke_api,
	  .status = 204, .about = "Revoke a code; accounts that came by it stay" },
	{ GET, PAGE, .need = PERM_PLATFORM, .input = &codes_query, .run = codes_show },
	{ POST, PAGE, .need = PERM_PLATFORM, .input = &code_form, .run = code_add,
	  .again = codes_show, .once = true },
	{ POST, PAGE "/:code/revoke", .need = PERM_PLATFORM, .find = code_find,
	  .run = code_revoke },
	{ 0 },
};
