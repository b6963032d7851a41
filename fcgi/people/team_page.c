/* One team: its people, moving them to another, its name, and its end. */
#include "kit/base/arena.h"
#include "kit/http/form.h"
#include "kit/http/page.h"
#include "kit/render/render.h"
#include "people/pages.h"
#include "people/team.h"
#include "record/record.h"

#define MOVE_MOST 200

static void team_find(struct req *r)
{
	struct team_row **row = ARENA_NEW(r->arena, struct team_row *);

	store_team(r->tx, r->id[0], row);
}

static struct str team_path(struct req *r)
{
	return str_fmt(r->arena, "/teams/%s", r->id[0].text);
}

/* ---- what comes in ---- */

struct person_id {
	struct str text;
};

static const char *check_id(struct str text)
{
	struct uuid id;

	return uuid_parse(text, &id) ? NULL : "A person's id is a UUID.";
}

static const struct shape person_ids =
	SHAPE_WITH(struct person_id, (.scalar = true),
		   F_STR(struct person_id, text, .min = 1, .max = 40, .check = check_id));

struct move_form {
	struct list person;
	struct uuid to;
};

static const struct shape move_form =
	SHAPE(struct move_form,
	      F_LIST(struct move_form, person, &person_ids, .optional = true, .max = MOVE_MOST),
	      F_UUID(struct move_form, to, .label = "Move to"));

struct end_form {
	struct uuid to;
};

static const struct shape end_form =
	SHAPE(struct end_form, F_UUID(struct end_form, to, .label = "Its people and flows go to"));

struct move_json {
	struct list people;
};

static const struct shape move_json =
	SHAPE(struct move_json, F_LIST(struct move_json, people, &person_ids, .max = MOVE_MOST));

/* ---- acts ---- */

static const struct err *rename_team(struct req *r, struct team_row **ret)
{
	const struct team_form *form = r->input;

	store_team_rename(r->tx, r->id[0], form->name);
	audit(r, "team.renamed", "team", r->id[0], audit_nothing,
	      audit_fact(r->arena, "name", form->name));
	store_team(r->tx, r->id[0], ret);
	return team_name_taken(r, tx_run(r->tx));
}

static const struct err *end_team(struct req *r, struct uuid to)
{
	store_team_delete(r, r->id[0], to);
	return tx_run(r->tx);
}

/* ---- the page ---- */

struct member_line {
	struct uuid id;
	struct str name, email, role_label;
	bool active, movable;
};

static const struct shape member_line_shape =
	SHAPE(struct member_line, F_UUID(struct member_line, id), F_STR(struct member_line, name),
	      F_STR(struct member_line, email), F_STR(struct member_line, role_label),
	      F_BOOL(struct member_line, active), F_BOOL(struct member_line, movable));

struct team_page {
	struct uuid id;
	struct str name;
	int64_t total, active;
	bool has_others;
	struct list members;
	struct pager_view pager;
	struct form_view form, move, wrong;
};

#define P_ struct team_page
static const struct shape team_page_shape =
	SHAPE(P_, F_UUID(P_, id), F_STR(P_, name), F_INT(P_, total), F_INT(P_, active),
	      F_BOOL(P_, has_others), F_LIST(P_, members, &member_line_shape),
	      F_OBJECT(P_, pager, struct pager_view, &pager_shape),
	      F_OBJECT(P_, form, struct form_view, &form_view_shape),
	      F_OBJECT(P_, move, struct form_view, &form_view_shape),
	      F_OBJECT(P_, wrong, struct form_view, &form_view_shape));
#undef P_
const struct view team_view = { "people/team", &team_page_shape };

/* Every team but this one. */
static struct list other_teams(struct req *r, struct list teams)
{
	struct pair *choices = ARENA_ARRAY(r->arena, struct pair, teams.n + 1);
	size_t n = 0;

	choices[n++] = (struct pair){ STR(""), STR("Choose a team") };
	for (size_t at = 0; at < teams.n; at++) {
		const struct team_row *team = &((const struct team_row *)teams.items)[at];

		if (!uuid_eq(team->id, r->id[0]))
			choices[n++] = (struct pair){ uuid_str(&team->id), team->name };
	}
	return LIST_OF(choices, n);
}

static struct list lines_of(struct req *r, struct list rows)
{
	struct member_line *lines = ARENA_ARRAY(r->arena, struct member_line, rows.n);

	for (size_t at = 0; at < rows.n; at++) {
		const struct user_row *row = &((const struct user_row *)rows.items)[at];

		lines[at] = (struct member_line){
			.id = row->id,
			.name = row->name,
			.email = row->email,
			.role_label = role_label(row->role),
			.active = row->status == USER_ACTIVE,
			.movable = row->role != ROLE_SUPER_ADMIN,
		};
	}
	return LIST_OF(lines, rows.n);
}

static struct form_view name_form_view(struct req *r, const struct team_row *row)
{
	const struct pair values[] = { { STR("name"), row->name }, { { 0 }, { 0 } } };

	return form_view(r, &(struct form_settings){ .action = team_path(r),
						     .button = "Rename",
						     .input = &team_form,
						     .controls = team_controls,
						     .values = values,
						     .quiet = true });
}

static struct form_view move_form_view(struct req *r, struct list teams)
{
	const struct control controls[] = {
		{ "to", CONTROL_SELECT, .more = other_teams(r, teams) },
		{ 0 },
	};

	return form_view(r, &(struct form_settings){
				    .action = str_fmt(r->arena, "/teams/%s/move", r->id[0].text),
				    .button = "Move them",
				    .input = &move_form,
				    .controls = controls,
				    .quiet = true });
}

struct team_query {
	int64_t page, per_page;
};

static const struct shape team_query = SHAPE(struct team_query, F_PAGE(struct team_query));

static const struct err *team_show(struct req *r)
{
	const struct team_query *query = r->method == GET ? r->input : NULL;
	struct page at = query ? page_of(query->page, query->per_page) : page_of(1, 50);
	struct user_filter filter = { STR(""), STR(""), uuid_str(&r->id[0]), STR("") };
	struct list rows, teams;
	struct count_row *count;
	struct team_page page;
	struct team_row *row;

	store_team(r->tx, r->id[0], &row);
	store_users_count(r->tx, &filter, &count);
	store_users(r->tx, &filter, at.size, page_skip(at), &rows);
	store_teams(r->tx, &teams);
	TRY(tx_run(r->tx));
	page = (struct team_page){
		.id = row->id,
		.name = row->name,
		.total = count->n,
		.active = row->members,
		.has_others = teams.n > 1,
		.members = lines_of(r, rows),
		.form = name_form_view(r, row),
		.move = move_form_view(r, teams),
	};
	if (r->method == GET)
		page.pager = pager_view(r, at, count->n, STR("people"));
	page.wrong = str_ends(r->path, STR("/move")) ? page.move : page.form;
	return reply_page(r, &team_view, &page);
}

static const struct err *team_rename(struct req *r)
{
	struct team_row *row;

	TRY(rename_team(r, &row));
	people_flash(r, "The team is renamed.");
	return reply_see_other(r, team_path(r));
}

static const struct err *team_move(struct req *r)
{
	const struct move_form *form = r->input;
	struct count_row *count;

	if (form->person.n == 0)
		return input_refuse(r, "to", "Tick the people to move first.");
	store_team_take(r, form->to, form->person, &count);
	TRY(tx_run(r->tx));
	people_flash(r, str_fmt(r->arena, "%lld %s moved.", (long long)count->n,
				count->n == 1 ? "person is" : "people are")
				.p);
	return reply_see_other(r, team_path(r));
}

/* ---- its end ---- */

struct team_delete_page {
	struct uuid id;
	struct str name;
	int64_t members;
	bool last;
	struct form_view form;
};

#define P_ struct team_delete_page
static const struct shape team_delete_shape =
	SHAPE(P_, F_UUID(P_, id), F_STR(P_, name), F_INT(P_, members), F_BOOL(P_, last),
	      F_OBJECT(P_, form, struct form_view, &form_view_shape));
#undef P_
const struct view team_delete_view = { "people/team_delete", &team_delete_shape };

static const struct err *delete_show(struct req *r)
{
	struct team_delete_page page;
	struct team_row *row;
	struct list teams;

	store_team(r->tx, r->id[0], &row);
	store_teams(r->tx, &teams);
	TRY(tx_run(r->tx));
	page = (struct team_delete_page){
		.id = row->id, .name = row->name, .members = row->members, .last = teams.n < 2
	};
	page.form = form_view(
		r, &(struct form_settings){
			   .action = str_fmt(r->arena, "/teams/%s/delete", row->id.text),
			   .button = "Delete the team",
			   .input = &end_form,
			   .controls = (const struct control[]){ { "to", CONTROL_SELECT,
								   .more = other_teams(r, teams) },
								 { 0 } },
		   });
	return reply_page(r, &team_delete_view, &page);
}

static const struct err *team_delete(struct req *r)
{
	const struct end_form *form = r->input;

	TRY(end_team(r, form->to));
	people_flash(r, "The team is deleted.");
	return reply_see_other(r, STR("/teams"));
}

/* ---- API ---- */

static const struct err *reply_team(struct req *r)
{
	struct team_row *row;

	store_team(r->tx, r->id[0], &row);
	TRY(tx_run(r->tx));
	return reply_json(r, &team_json, row);
}

static const struct err *team_rename_api(struct req *r)
{
	struct team_row *row;

	TRY(rename_team(r, &row));
	return reply_json(r, &team_json, row);
}

static const struct err *team_take_api(struct req *r)
{
	const struct move_json *in = r->input;
	struct count_row *count;

	store_team_take(r, r->id[0], in->people, &count);
	return reply_team(r);
}

static const struct err *team_delete_api(struct req *r)
{
	const struct end_form *in = r->input;

	TRY(end_team(r, in->to));
	return reply_none(r);
}

#define API "/api/v1/teams/:team"

const struct route team_routes[] = {
	{ GET, "/teams/:team", .need = PERM_PEOPLE, .input = &team_query, .run = team_show },
	{ POST, "/teams/:team", .need = PERM_PEOPLE, .input = &team_form, .find = team_find,
	  .run = team_rename, .again = team_show },
	{ POST, "/teams/:team/move", .need = PERM_PEOPLE, .input = &move_form, .find = team_find,
	  .run = team_move, .again = team_show },
	{ GET, "/teams/:team/delete", .need = PERM_PEOPLE, .asks = true, .run = delete_show },
	{ POST, "/teams/:team/delete", .need = PERM_PEOPLE, .input = &end_form, .find = team_find,
	  .run = team_delete, .again = delete_show },
	{ GET, API, .need = PERM_PEOPLE, .run = reply_team, .output = &team_json,
	  .about = "One team" },
	{ PATCH, API, .need = PERM_PEOPLE, .input = &team_form, .find = team_find,
	  .run = team_rename_api, .output = &team_json, .about = "Rename a team" },
	{ POST, API "/members", .need = PERM_PEOPLE, .input = &move_json, .find = team_find,
	  .run = team_take_api, .output = &team_json, .about = "Bring people into a team" },
	{ POST, API "/delete", .need = PERM_PEOPLE, .input = &end_form, .find = team_find,
	  .run = team_delete_api, .status = 204,
	  .about = "Delete a team; its people and flows go to another, and 409 for the last" },
	{ 0 },
};
