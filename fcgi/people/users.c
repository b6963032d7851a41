/* The account's users: list, one, and changing role, team or standing. */
#include "kit/base/arena.h"
#include "kit/http/form.h"
#include "kit/http/page.h"
#include "kit/render/render.h"
#include "people/security.h"
#include "people/team.h"
#include "record/record.h"

/* ---- the API's face ---- */

struct member_json {
	struct uuid id;
	struct str email, name;
	int role;
	struct uuid team_id;
	bool active, email_verified;
	struct instant created_at, last_seen_at;
};

static const struct shape member_json = SHAPE_WITH(
	struct member_json, (.label = "Member"), F_UUID(struct member_json, id),
	F_STR(struct member_json, email), F_STR(struct member_json, name),
	F_ENUM(struct member_json, role, &role_names),
	F_UUID(struct member_json, team_id, .null = true), F_BOOL(struct member_json, active),
	F_BOOL(struct member_json, email_verified), F_TIME(struct member_json, created_at),
	F_TIME(struct member_json, last_seen_at, .null = true));
static const struct shape members_json = SHAPE_PAGE(&member_json);

static struct member_json member_of(const struct user_row *row)
{
	return (struct member_json){
		.id = row->id,
		.email = row->email,
		.name = row->name,
		.role = row->role,
		.team_id = row->team,
		.active = row->active,
		.email_verified = row->verified,
		.created_at = row->created_at,
		.last_seen_at = row->last_seen_at,
	};
}

struct users_query {
	int64_t page, per_page;
	struct str q;
};

static const struct shape users_query =
	SHAPE(struct users_query, F_PAGE(struct users_query),
	      F_STR(struct users_query, q, .optional = true, .max = 120));

struct users {
	struct page page;
	struct str q;
	struct list rows;
	int64_t total;
};

static const struct err *find_users(struct req *r, struct users *ret)
{
	const struct users_query *query = r->input;
	struct count_row *count;

	ret->page = page_of(query->page, query->per_page);
	ret->q = query->q.p ? query->q : STR("");
	store_users_count(r->tx, ret->q, &count);
	store_users(r->tx, ret->q, ret->page.size, page_skip(ret->page), &ret->rows);
	TRY(tx_run(r->tx));
	ret->total = count->n;
	return NULL;
}

static const struct err *users_api(struct req *r)
{
	struct page_json answer;
	struct member_json *items;
	struct users users;

	TRY(find_users(r, &users));
	items = ARENA_ARRAY(r->arena, struct member_json, users.rows.n);
	for (size_t at = 0; at < users.rows.n; at++)
		items[at] = member_of(&((const struct user_row *)users.rows.items)[at]);
	answer = page_json(r, users.page, LIST_OF(items, users.rows.n), users.total);
	return reply_json(r, &members_json, &answer);
}

static const struct err *user_api(struct req *r)
{
	struct user_row *row;
	struct member_json member;

	store_user(r->tx, r->id[0], &row);
	TRY(tx_run(r->tx));
	member = member_of(row);
	return reply_json(r, &member_json, &member);
}

struct change_json {
	int role;
	struct uuid team_id;
	bool active;
};

static const struct shape change_json = SHAPE_WITH(
	struct change_json, (.read_only = "id,email,name,email_verified,created_at,last_seen_at"),
	F_ENUM(struct change_json, role, &given_roles, .optional = true),
	F_UUID(struct change_json, team_id, .optional = true, .null = true),
	F_BOOL(struct change_json, active, .optional = true));

static void user_find(struct req *r)
{
	struct user_row **row = ARENA_NEW(r->arena, struct user_row *);

	store_user(r->tx, r->id[0], row);
}

static const struct err *user_patch(struct req *r)
{
	const struct change_json *in = r->input;
	struct user_row *row;
	struct member_json member;

	store_user_change(r, r->id[0],
			  &(struct user_change){
				  .role = in->role,
				  .team = in->team_id,
				  .team_given = input_given(r, "team_id"),
				  .active = input_given(r, "active") ? &in->active : NULL,
			  });
	store_user(r->tx, r->id[0], &row);
	event_bell(r->tx, r->who->account);
	TRY(tx_run(r->tx));
	member = member_of(row);
	return reply_json(r, &member_json, &member);
}

/* ---- the list as a page ---- */

struct user_line {
	struct uuid id;
	struct str name, email, role_label, team, last_seen_ago;
	bool active, you;
	struct instant last_seen;
};

static const struct shape user_line_shape =
	SHAPE(struct user_line, F_UUID(struct user_line, id), F_STR(struct user_line, name),
	      F_STR(struct user_line, email), F_STR(struct user_line, role_label),
	      F_STR(struct user_line, team), F_STR(struct user_line, last_seen_ago),
	      F_BOOL(struct user_line, active), F_BOOL(struct user_line, you),
	      F_TIME(struct user_line, last_seen));

struct users_page {
	int64_t total;
	struct str q;
	struct pager_view pager;
	struct list users;
};

static const struct shape users_page_shape =
	SHAPE(struct users_page, F_INT(struct users_page, total), F_STR(struct users_page, q),
	      F_OBJECT(struct users_page, pager, struct pager_view, &pager_shape),
	      F_LIST(struct users_page, users, &user_line_shape));
const struct view users_view = { "people/users", &users_page_shape };

static struct user_line line_of(struct req *r, const struct user_row *row)
{
	return (struct user_line){
		.id = row->id,
		.name = row->name,
		.email = row->email,
		.role_label = role_label(row->role),
		.team = row->team_name,
		.active = row->active,
		.you = uuid_eq(row->id, r->who->person),
		.last_seen = row->last_seen_at,
		.last_seen_ago = clock_ago(r->arena, row->last_seen_at),
	};
}

static const struct err *users_show(struct req *r)
{
	struct user_line *lines;
	struct users_page page;
	struct users users;

	TRY(find_users(r, &users));
	lines = ARENA_ARRAY(r->arena, struct user_line, users.rows.n);
	for (size_t at = 0; at < users.rows.n; at++)
		lines[at] = line_of(r, &((const struct user_row *)users.rows.items)[at]);
	page = (struct users_page){
		.total = users.total,
		.q = users.q,
		.pager = pager_view(r, users.page, users.total, STR("people")),
		.users = LIST_OF(lines, users.rows.n),
	};
	return reply_page(r, &users_view, &page);
}

/* ---- one user as a page ---- */

struct person_view {
	struct str name, email, role_label, team, joined_ago, last_seen_ago;
	bool active, you, verified;
	struct instant joined, last_seen;
};

static const struct shape person_shape =
	SHAPE(struct person_view, F_STR(struct person_view, name), F_STR(struct person_view, email),
	      F_STR(struct person_view, role_label), F_STR(struct person_view, team),
	      F_STR(struct person_view, joined_ago), F_STR(struct person_view, last_seen_ago),
	      F_BOOL(struct person_view, active), F_BOOL(struct person_view, you),
	      F_BOOL(struct person_view, verified), F_TIME(struct person_view, joined),
	      F_TIME(struct person_view, last_seen));

struct user_page {
	struct person_view person;
	struct factor_view factor;
	bool may_change;
	struct str why_not;
	struct form_view form;
};

static const struct shape user_page_shape = SHAPE(
	struct user_page, F_OBJECT(struct user_page, person, struct person_view, &person_shape),
	F_OBJECT(struct user_page, factor, struct factor_view, &factor_view_shape),
	F_BOOL(struct user_page, may_change), F_STR(struct user_page, why_not),
	F_OBJECT(struct user_page, form, struct form_view, &form_view_shape));
const struct view user_view = { "people/user", &user_page_shape };

struct user_form {
	int role;
	struct uuid team_id;
	bool active;
};

const struct choice role_choices[] = {
	{ "viewer", "Viewer" },
	{ "engineer", "Engineer" },
	{ "team_admin", "Team admin" },
	{ 0 },
};

static const struct shape user_form = SHAPE(
	struct user_form,
	F_ENUM(struct user_form, role, &given_roles, .label = "Role", .choices = role_choices),
	F_UUID(struct user_form, team_id, .optional = true, .label = "Team"),
	F_BOOL(struct user_form, active, .label = "May sign in"));

struct list team_choices(struct req *r, struct list teams)
{
	struct pair *choices = ARENA_ARRAY(r->arena, struct pair, teams.n + 1);

	choices[0] = (struct pair){ STR(""), STR("None") };
	for (size_t at = 0; at < teams.n; at++) {
		const struct team_row *team = &((const struct team_row *)teams.items)[at];

		choices[at + 1] = (struct pair){ uuid_str(&team->id), team->name };
	}
	return LIST_OF(choices, teams.n + 1);
}

static struct form_view user_form_view(struct req *r, const struct user_row *row, struct list teams)
{
	const struct pair values[] = {
		{ STR("role"), names_text(&role_names, row->role) },
		{ STR("team_id"), uuid_str(&row->team) },
		{ STR("active"), row->active ? STR("1") : STR("") },
		{ { 0 }, { 0 } },
	};
	const struct control controls[] = {
		{ "role", CONTROL_SELECT, .hint = ROLES_HINT },
		{ "team_id", CONTROL_SELECT, .more = team_choices(r, teams) },
		{ "active", CONTROL_CHECKBOX,
		  .hint = "Untick this, and all their devices are signed out at once. "
			  "What they did stays on record." },
		{ 0 },
	};

	return form_view(r, &(struct form_settings){
				    .action = str_fmt(r->arena, "/users/%s", row->id.text),
				    .button = "Save",
				    .input = &user_form,
				    .controls = controls,
				    .values = values,
				    .quiet = true,
			    });
}

static const struct err *user_show(struct req *r)
{
	struct user_row *row;
	struct user_page page;
	struct list teams;
	bool platform;
	struct holder_row *holder;

	store_user(r->tx, r->id[0], &row);
	store_factor_holder(r->tx, r->id[0], &holder);
	store_teams(r->tx, &teams);
	TRY(tx_run(r->tx));
	platform = row->role == ROLE_SUPER_ADMIN;
	page = (struct user_page){
		.person = {
			.name = row->name,
			.email = row->email,
			.role_label = role_label(row->role),
			.team = row->team_name,
			.joined = row->created_at,
			.joined_ago = clock_ago(r->arena, row->created_at),
			.last_seen = row->last_seen_at,
			.last_seen_ago = clock_ago(r->arena, row->last_seen_at),
			.active = row->active,
			.you = uuid_eq(row->id, r->who->person),
			.verified = row->verified,
		},
		.factor = factor_view(r, r->id[0], holder),
		.may_change = !platform,
		.why_not = platform ? STR("The platform's operators are managed by the platform.") : STR_NONE,
		.form = user_form_view(r, row, teams),
	};
	return reply_page(r, &user_view, &page);
}

static const struct err *user_save(struct req *r)
{
	const struct user_form *in = r->input;

	store_user_change(r, r->id[0],
			  &(struct user_change){ .role = in->role,
						 .team = in->team_id,
						 .team_given = true,
						 .active = &in->active });
	event_bell(r->tx, r->who->account);
	TRY(tx_run(r->tx));
	people_flash(r, "Saved.");
	/* Whoever gave up the role may not see the list any more. */
	return reply_see_other(r, in->role < ROLE_TEAM_ADMIN && uuid_eq(r->id[0], r->who->person)
					  ? STR("/")
					  : STR("/users"));
}

const struct route users_routes[] = {
	{ GET, "/users", .need = PERM_PEOPLE, .input = &users_query, .run = users_show },
	{ GET, "/users/:user", .need = PERM_PEOPLE, .run = user_show },
	{ POST, "/users/:user", .need = PERM_PEOPLE, .input = &user_form, .find = user_find,
	  .run = user_save, .again = user_show },
	{ GET, "/api/v1/users", .need = PERM_PEOPLE, .input = &users_query, .run = users_api,
	  .output = &members_json, .about = "The account's users" },
	{ GET, "/api/v1/users/:user", .need = PERM_PEOPLE, .run = user_api, .output = &member_json,
	  .about = "One user" },
	{ PATCH, "/api/v1/users/:user", .need = PERM_PEOPLE, .input = &change_json,
	  .find = user_find, .run = user_patch, .output = &member_json,
	  .about = "Change a user's role, team or standing; 409 for the last team_admin" },
	{ 0 },
};
