/* Second factors as a team admin sees them: asking everyone for one, who has one, and taking away
 * that of somebody who lost it. */
#include "people/security.h"

#include "kit/base/arena.h"
#include "kit/http/form.h"
#include "kit/http/page.h"
#include "people/second_factor.h"
#include "people/team.h"
#include "record/record.h"

#define PAGE "/account/security"

struct security_query {
	int64_t page, per_page;
	bool without;
};

static const struct shape security_query =
	SHAPE(struct security_query, F_PAGE(struct security_query),
	      F_BOOL(struct security_query, without, .optional = true));

struct require_form {
	bool second_factor_required;
};

static const struct shape require_input =
	SHAPE(struct require_form, F_BOOL(struct require_form, second_factor_required));

struct holders {
	struct page page;
	bool without;
	struct list rows;
	struct count_row *count;
};

static void find_holders(struct req *r, struct holders *ret)
{
	static const struct security_query first = { 0 };
	const struct security_query *query = r->method == GET ? r->input : &first;

	ret->page = page_of(query->page, query->per_page);
	ret->without = query->without;
	store_factor_holders_count(r->tx, ret->without, &ret->count);
	store_factor_holders(r->tx, ret->without, ret->page.size, page_skip(ret->page), &ret->rows);
}

/* ---- the page ---- */

struct holder_view {
	struct uuid id;
	struct str name, email, role_label, since_ago;
	struct instant since;
	bool you;
};

struct security_page {
	bool required, own;
	int64_t people, lacking, total;
	struct str refused;
	struct list tabs, holders;
	struct pager_view pager;
};

#define V struct holder_view
#define S struct security_page
static const struct shape holder_view_shape =
	SHAPE(V, F_UUID(V, id), F_STR(V, name), F_STR(V, email), F_STR(V, role_label),
	      F_STR(V, since_ago), F_TIME(V, since), F_BOOL(V, you));
static const struct shape security_shape =
	SHAPE(S, F_BOOL(S, required), F_BOOL(S, own), F_INT(S, people), F_INT(S, lacking),
	      F_INT(S, total), F_STR(S, refused), F_LIST(S, tabs, &tab_shape),
	      F_LIST(S, holders, &holder_view_shape),
	      F_OBJECT(S, pager, struct pager_view, &pager_shape));
#undef V
#undef S
const struct view security_view = { "people/security", &security_shape };

static struct list views_of(struct req *r, struct list rows)
{
	struct holder_view *views = ARENA_ARRAY(r->arena, struct holder_view, rows.n);

	for (size_t at = 0; at < rows.n; at++) {
		const struct holder_line *row = &((const struct holder_line *)rows.items)[at];

		views[at] = (struct holder_view){ .id = row->id,
						  .name = row->name,
						  .email = row->email,
						  .role_label = role_label(row->role),
						  .since = row->since,
						  .since_ago = clock_ago(r->arena, row->since),
						  .you = uuid_eq(row->id, r->who->person) };
	}
	return LIST_OF(views, rows.n);
}

static struct list tabs_of(struct req *r, bool without)
{
	struct tab *tabs = ARENA_ARRAY(r->arena, struct tab, 2);

	tabs[0] = (struct tab){ STR("Everyone"), STR(PAGE), !without };
	tabs[1] =
		(struct tab){ STR("Without a second factor"), STR(PAGE "?without=true"), without };
	return LIST_OF(tabs, 2);
}

static const struct err *security_show(struct req *r)
{
	struct security_row *security;
	struct holders holders;

	store_security(r->tx, r->who->person, &security);
	find_holders(r, &holders);
	TRY(tx_run(r->tx));
	return reply_page(
		r, &security_view,
		&(struct security_page){
			.required = security->required,
			.own = security->own,
			.people = security->people,
			.lacking = security->people - security->having,
			.total = holders.count->n,
			.refused = input_problem_of(r, STR("")),
			.tabs = tabs_of(r, holders.without),
			.holders = views_of(r, holders.rows),
			.pager = pager_view(r, holders.page, holders.count->n, STR("people")),
		});
}

static const struct err *security_save(struct req *r)
{
	const struct require_form *form = r->input;

	TRY(factor_require(r, form->second_factor_required));
	TRY(tx_run(r->tx));
	people_flash(r, form->second_factor_required
				? "Everyone needs a second factor now."
				: "A second factor is everybody's own choice now.");
	return reply_see_other(r, STR(PAGE));
}

/* ---- taking somebody's away ---- */

const struct shape factor_view_shape =
	SHAPE(struct factor_view, F_UUID(struct factor_view, id), F_TIME(struct factor_view, since),
	      F_STR(struct factor_view, since_ago), F_BOOL(struct factor_view, may_reset));

struct factor_view factor_view(struct req *r, struct uuid id, const struct holder_row *holder)
{
	if (!holder)
		return (struct factor_view){ .id = id };
	return (struct factor_view){ .id = id,
				     .since = holder->since,
				     .since_ago = clock_ago(r->arena, holder->since),
				     .may_reset =
					     role_may((enum role)r->who->row->role, PERM_ADMIN) &&
					     !uuid_eq(id, r->who->person) };
}

struct reset_page {
	struct holder_view holder;
};

static const struct shape reset_shape =
	SHAPE(struct reset_page,
	      F_OBJECT(struct reset_page, holder, struct holder_view, &holder_view_shape));
const struct view factor_reset_view = { "people/factor_reset", &reset_shape };

static const struct err *reset_show(struct req *r)
{
	struct holder_row *holder;

	store_factor_holder(r->tx, r->id[0], &holder);
	TRY(tx_run(r->tx));
	if (!holder)
		return ERR(r->arena, ERR_NOT_FOUND, "There is nobody of that id.");
	return reply_page(r, &factor_reset_view,
			  &(struct reset_page){
				  .holder = { .id = r->id[0],
					      .name = holder->name,
					      .email = holder->email,
					      .since = holder->since,
					      .since_ago = clock_ago(r->arena, holder->since),
					      .you = uuid_eq(r->id[0], r->who->person) },
			  });
}

static const struct err *reset_send(struct req *r)
{
	TRY(factor_reset(r, r->id[0]));
	people_flash(r, "Their second factor is gone, and all their devices are signed out.");
	return reply_see_other(r, str_fmt(r->arena, "/users/%s", r->id[0].text));
}

/* ---- the API ---- */

struct security_json {
	bool second_factor_required;
	int64_t people, with_second_factor;
};

struct holder_json {
	struct uuid id;
	struct str name, email;
	int role;
	struct instant second_factor_since;
};

static const struct shape security_json =
	SHAPE(struct security_json, F_BOOL(struct security_json, second_factor_required),
	      F_INT(struct security_json, people), F_INT(struct security_json, with_second_factor));
static const struct shape holder_json =
	SHAPE(struct holder_json, F_UUID(struct holder_json, id), F_STR(struct holder_json, name),
	      F_STR(struct holder_json, email), F_ENUM(struct holder_json, role, &role_names),
	      F_TIME(struct holder_json, second_factor_since, .null = true));
static const struct shape holders_json = SHAPE_PAGE(&holder_json);

static const struct err *reply_security(struct req *r)
{
	struct security_row *row;

	store_security(r->tx, r->who->person, &row);
	TRY(tx_run(r->tx));
	return reply_json(r, &security_json,
			  &(struct security_json){ .second_factor_required = row->required,
						   .people = row->people,
						   .with_second_factor = row->having });
}

static const struct err *security_put(struct req *r)
{
	const struct require_form *form = r->input;

	TRY(factor_require(r, form->second_factor_required));
	return reply_security(r);
}

static const struct err *holders_api(struct req *r)
{
	struct page_json answer;
	struct holder_json *items;
	struct holders holders;

	find_holders(r, &holders);
	TRY(tx_run(r->tx));
	items = ARENA_ARRAY(r->arena, struct holder_json, holders.rows.n);
	for (size_t at = 0; at < holders.rows.n; at++) {
		const struct holder_line *row =
			&((const struct holder_line *)holders.rows.items)[at];

		items[at] = (struct holder_json){ row->id, row->name, row->email, row->role,
						  row->since };
	}
	answer = page_json(r, holders.page, LIST_OF(items, holders.rows.n), holders.count->n);
	return reply_json(r, &holders_json, &answer);
}

static const struct err *reset_api(struct req *r)
{
	TRY(factor_reset(r, r->id[0]));
	return reply_none(r);
}

const struct route security_routes[] = {
	{ GET, PAGE, .need = PERM_ADMIN, .input = &security_query, .run = security_show },
	{ POST, PAGE, .need = PERM_ADMIN, .input = &require_input, .run = security_save,
	  .again = security_show },
	{ GET, "/users/:user/second-factor", .need = PERM_ADMIN, .run = reset_show },
	{ POST, "/users/:user/second-factor", .need = PERM_ADMIN, .run = reset_send },
	{ GET, "/api/v1/account/security", .need = PERM_ADMIN, .run = reply_security,
	  .output = &security_json, .about = "What the account asks of those who sign in" },
	{ PUT, "/api/v1/account/security", .need = PERM_ADMIN, .input = &require_input,
	  .run = security_put, .output = &security_json,
	  .about = "Ask everyone for a second factor, or nobody; 409 where one has none oneself" },
	{ GET, "/api/v1/account/second-factors", .need = PERM_ADMIN, .input = &security_query,
	  .run = holders_api, .output = &holders_json,
	  .about = "Who has a second factor, and since when" },
	{ DELETE, "/api/v1/users/:user/totp", .need = PERM_ADMIN, .run = reset_api, .status = 204,
	  .about = "Take away the second factor of somebody who lost it; signs out all their "
		   "devices" },
	{ 0 },
};
