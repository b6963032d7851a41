/* The account's users: the list, as page, API and CSV. */
#include "accounts/accounts.h"
#include "kit/base/arena.h"
#include "kit/base/csv.h"
#include "kit/http/form.h"
#include "kit/http/page.h"
#include "kit/render/render.h"
#include "people/team.h"
#include "record/record.h"

#define CSV_ROWS 500

/* ---- whom ---- */

struct users_query {
	int64_t page, per_page;
	struct str q, team;
	int role, status;
};

static const char *check_team(struct str text)
{
	struct uuid id;

	return text.n == 0 || str_eq(text, STR("none")) || uuid_parse(text, &id)
		       ? NULL
		       : "Choose a team of the list.";
}

#define Q struct users_query
static const struct shape users_query =
	SHAPE(Q, F_PAGE(Q), F_STR(Q, q, .optional = true, .max = 120),
	      F_STR(Q, team, .optional = true, .max = 40, .check = check_team),
	      F_ENUM(Q, role, &role_names, .optional = true),
	      F_ENUM(Q, status, &user_statuses, .optional = true));
#undef Q

struct users {
	struct page page;
	struct user_filter filter;
	struct list rows, teams;
	int64_t total;
};

static struct str or_empty(struct str s)
{
	return s.p ? s : STR("");
}

static struct user_filter filter_of(const struct users_query *query)
{
	return (struct user_filter){
		.q = or_empty(query->q),
		.team = or_empty(query->team),
		.role = or_empty(names_text(&role_names, query->role)),
		.status = or_empty(names_text(&user_statuses, query->status)),
	};
}

static const struct err *find_users(struct req *r, struct users *ret)
{
	const struct users_query *query = r->input;
	struct count_row *count;

	ret->page = page_of(query->page, query->per_page);
	ret->filter = filter_of(query);
	store_users_count(r->tx, &ret->filter, &count);
	store_users(r->tx, &ret->filter, ret->page.size, page_skip(ret->page), &ret->rows);
	store_teams(r->tx, &ret->teams);
	TRY(tx_run(r->tx));
	ret->total = count->n;
	return NULL;
}

/* ---- the API's face ---- */

#define M struct member_json
const struct shape member_json =
	SHAPE_WITH(M, (.label = "Member"), F_UUID(M, id), F_STR(M, email), F_STR(M, name),
		   F_ENUM(M, role, &role_names), F_UUID(M, team_id, .null = true),
		   F_ENUM(M, status, &user_statuses), F_BOOL(M, active), F_BOOL(M, email_verified),
		   F_BOOL(M, second_factor), F_BOOL(M, owner), F_TIME(M, created_at),
		   F_TIME(M, last_seen_at, .null = true));
#undef M
static const struct shape members_json = SHAPE_PAGE(&member_json);

struct member_json member_of(const struct user_row *row)
{
	return (struct member_json){
		.id = row->id,
		.email = row->email,
		.name = row->name,
		.role = row->role,
		.team_id = row->team,
		.status = row->status,
		.active = row->status == USER_ACTIVE,
		.email_verified = row->verified,
		.second_factor = row->second_factor,
		.owner = row->owner,
		.created_at = row->created_at,
		.last_seen_at = row->last_seen_at,
	};
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

/* ---- the page ---- */

struct user_line {
	struct uuid id;
	struct str name, email, role_label, team, last_seen_ago;
	bool active, left, you, owner, verified, second_factor;
	struct instant last_seen;
};

#define L struct user_line
static const struct shape user_line_shape = SHAPE(
	L, F_UUID(L, id), F_STR(L, name), F_STR(L, email), F_STR(L, role_label), F_STR(L, team),
	F_STR(L, last_seen_ago), F_BOOL(L, active), F_BOOL(L, left), F_BOOL(L, you),
	F_BOOL(L, owner), F_BOOL(L, verified), F_BOOL(L, second_factor), F_TIME(L, last_seen));
#undef L

struct users_page {
	int64_t total, minutes;
	struct str q, csv;
	bool filtered;
	struct pager_view pager;
	struct list users, roles, teams, statuses;
};

#define P_ struct users_page
static const struct shape users_page_shape =
	SHAPE(P_, F_INT(P_, total), F_INT(P_, minutes), F_STR(P_, q), F_STR(P_, csv),
	      F_BOOL(P_, filtered), F_OBJECT(P_, pager, struct pager_view, &pager_shape),
	      F_LIST(P_, users, &user_line_shape), F_LIST(P_, roles, &option_view_shape),
	      F_LIST(P_, teams, &option_view_shape), F_LIST(P_, statuses, &option_view_shape));
#undef P_
const struct view users_view = { "people/users", &users_page_shape };

static const struct choice status_choices[] = {
	{ "", "All but those who left" },
	{ "active", "Active" },
	{ "deactivated", "Deactivated" },
	{ "unverified", "Address not confirmed" },
	{ "left", "Left" },
	{ 0 },
};

static struct list options_of(struct arena *a, const struct choice *choices, struct str is)
{
	struct option_view *options;
	size_t n = 0;

	while (choices[n].value)
		n++;
	options = ARENA_ARRAY(a, struct option_view, n + 1);
	for (size_t at = 0; at < n; at++)
		options[at] =
			(struct option_view){ str_of(choices[at].value), str_of(choices[at].label),
					      str_eq(str_of(choices[at].value), is) };
	return LIST_OF(options, n);
}

static struct list role_options(struct arena *a, struct str is)
{
	struct option_view *options = ARENA_ARRAY(a, struct option_view, ROLE__MAX);

	options[0] = (struct option_view){ STR(""), STR("Any role"), is.n == 0 };
	for (int role = 0; role < ROLE_SUPER_ADMIN; role++)
		options[role + 1] =
			(struct option_view){ names_text(&role_names, role), role_label(role),
					      str_eq(names_text(&role_names, role), is) };
	return LIST_OF(options, ROLE__MAX);
}

static struct list team_options(struct arena *a, struct list teams, struct str is)
{
	struct option_view *options = ARENA_ARRAY(a, struct option_view, teams.n + 2);
	const struct team_row *team = teams.items;

	options[0] = (struct option_view){ STR(""), STR("Any team"), is.n == 0 };
	for (size_t at = 0; at < teams.n; at++)
		options[at + 1] = (struct option_view){ uuid_str(&team[at].id), team[at].name,
							str_eq(uuid_str(&team[at].id), is) };
	options[teams.n + 1] =
		(struct option_view){ STR("none"), STR("No team"), str_eq(is, STR("none")) };
	return LIST_OF(options, teams.n + 2);
}

static struct user_line line_of(struct req *r, const struct user_row *row)
{
	return (struct user_line){
		.id = row->id,
		.name = row->name,
		.email = row->email,
		.role_label = role_label(row->role),
		.team = row->team_name,
		.active = row->status == USER_ACTIVE,
		.left = row->status == USER_LEFT,
		.you = uuid_eq(row->id, r->who->person),
		.owner = row->owner,
		.verified = row->verified,
		.second_factor = row->second_factor,
		.last_seen = row->last_seen_at,
		.last_seen_ago = clock_ago(r->arena, row->last_seen_at),
	};
}

static const struct err *users_show(struct req *r)
{
	struct user_line *lines;
	const struct user_filter *f;
	struct users_page page;
	struct users users;
	struct str here;

	TRY(find_users(r, &users));
	f = &users.filter;
	lines = ARENA_ARRAY(r->arena, struct user_line, users.rows.n);
	for (size_t at = 0; at < users.rows.n; at++)
		lines[at] = line_of(r, &((const struct user_row *)users.rows.items)[at]);
	here = url_changed(r, &(struct url_change){ .drop = "page,per_page" });
	page = (struct users_page){
		.total = users.total,
		.minutes = (r->settings->access_token_seconds + 59) / 60,
		.q = f->q,
		.csv = str_fmt(r->arena, "/users.csv%.*s", STR_ARG(str_skip(here, r->path.n))),
		.filtered = f->q.n || f->role.n || f->team.n || f->status.n,
		.pager = pager_view(r, users.page, users.total, STR("people")),
		.users = LIST_OF(lines, users.rows.n),
		.roles = role_options(r->arena, f->role),
		.teams = team_options(r->arena, users.teams, f->team),
		.statuses = options_of(r->arena, status_choices, f->status),
	};
	return reply_page(r, &users_view, &page);
}

/* ---- as a file ---- */

struct cells {
	struct str name, email;
	int role;
	struct str team;
	int status;
	bool owner, email_verified, second_factor;
	struct instant joined, left, last_active;
};

#define C struct cells
static const struct shape cells_shape =
	SHAPE(C, F_STR(C, name), F_STR(C, email), F_ENUM(C, role, &role_names), F_STR(C, team),
	      F_ENUM(C, status, &user_statuses), F_BOOL(C, owner), F_BOOL(C, email_verified),
	      F_BOOL(C, second_factor), F_TIME(C, joined), F_TIME(C, left), F_TIME(C, last_active));
#undef C

struct csv {
	struct user_filter filter;
	int64_t skip;
};

static void put_row(struct buf *out, const struct user_row *row)
{
	const struct cells cells = {
		.name = row->name,
		.email = row->email,
		.role = row->role,
		.team = row->team_name,
		.status = row->status,
		.owner = row->owner,
		.email_verified = row->verified,
		.second_factor = row->second_factor,
		.joined = row->created_at,
		.left = row->left_at,
		.last_active = row->last_seen_at,
	};

	csv_put_row(out, &cells_shape, &cells);
}

static const struct err *put_rows(struct req *r, void *ctx, struct buf *out, bool *more)
{
	struct csv *csv = ctx;
	struct list rows;

	store_users(r->tx, &csv->filter, CSV_ROWS, csv->skip, &rows);
	TRY(tx_run(r->tx));
	if (csv->skip == 0)
		csv_put_head(out, &cells_shape);
	for (size_t at = 0; at < rows.n; at++)
		put_row(out, &((const struct user_row *)rows.items)[at]);
	csv->skip += CSV_ROWS;
	*more = rows.n == CSV_ROWS;
	return NULL;
}

static const struct err *users_csv(struct req *r)
{
	struct csv *csv = ARENA_NEW(r->arena, struct csv);

	csv->filter = filter_of(r->input);
	return reply_csv(r, "people", put_rows, csv);
}

const struct route users_routes[] = {
	{ GET, "/users", .need = PERM_PEOPLE, .input = &users_query, .run = users_show },
	{ GET, "/users.csv", .need = PERM_PEOPLE, .input = &users_query, .run = users_csv },
	{ GET, "/api/v1/users", .need = PERM_PEOPLE, .input = &users_query, .run = users_api,
	  .output = &members_json, .about = "The account's users" },
	{ 0 },
};
