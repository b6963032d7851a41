/* The account's teams: list, add, rename. */
#include "kit/base/arena.h"
#include "kit/crypto/crypto.h"
#include "kit/http/form.h"
#include "kit/http/page.h"
#include "kit/render/render.h"
#include "people/team.h"
#include "record/record.h"

struct team_form {
	struct str name;
};

static const struct shape team_form =
	SHAPE_WITH(struct team_form, (.read_only = "id,members,created_at"),
		   F_STR(struct team_form, name, .min = 1, .max = 80, .label = "Name"));

static const struct shape team_json =
	SHAPE_WITH(struct team_row, (.label = "Team"), F_UUID(struct team_row, id),
		   F_STR(struct team_row, name), F_INT(struct team_row, members),
		   F_TIME(struct team_row, created_at));
static const struct shape teams_json = SHAPE_PAGE(&team_json);

static const struct control team_controls[] = { { "name", CONTROL_TEXT, .autocomplete = "off" },
						{ 0 } };

/* ---- acts ---- */

/* A name that is taken is the form's matter, not the server's. */
static const struct err *name_taken(struct req *r, const struct err *e)
{
	if (!e || e->kind != ERR_CONFLICT || !str_eq(str_of(err_code(e)), STR("team_name")))
		return e;
	(void)!input_refuse(r, "name", "There is a team of that name already.");
	return ERR_CODE(r->arena, ERR_CONFLICT, "name_taken",
			"There is a team of that name already.");
}

static struct json_text name_json(struct req *r, struct str name)
{
	struct buf out = buf_new(r->arena, 1024);

	buf_put(&out, STR("{\"name\":"));
	buf_put_json(&out, name);
	buf_putc(&out, '}');
	return (struct json_text){ buf_str(&out) };
}

static const struct err *add_team(struct req *r, struct team_row **ret)
{
	const struct team_form *form = r->input;
	struct uuid id = crypto_uuid7();

	store_team_add(r->tx, id, form->name);
	audit(r, "team.added", "team", id, (struct json_text){ STR_NONE },
	      name_json(r, form->name));
	store_team(r->tx, id, ret);
	return name_taken(r, tx_run(r->tx));
}

static const struct err *rename_team(struct req *r, struct team_row **ret)
{
	const struct team_form *form = r->input;

	store_team_rename(r->tx, r->id[0], form->name);
	audit(r, "team.renamed", "team", r->id[0], (struct json_text){ STR_NONE },
	      name_json(r, form->name));
	store_team(r->tx, r->id[0], ret);
	return name_taken(r, tx_run(r->tx));
}

static void team_find(struct req *r)
{
	struct team_row **row = ARENA_NEW(r->arena, struct team_row *);

	store_team(r->tx, r->id[0], row);
}

/* ---- pages ---- */

struct teams_page {
	struct form_view form;
	bool may_change;
	int64_t total;
	struct list teams;
};

static const struct shape teams_page_shape = SHAPE(
	struct teams_page, F_OBJECT(struct teams_page, form, struct form_view, &form_view_shape),
	F_BOOL(struct teams_page, may_change), F_INT(struct teams_page, total),
	F_LIST(struct teams_page, teams, &team_json));
const struct view teams_view = { "people/teams", &teams_page_shape };

struct team_page {
	struct str name;
	struct form_view form;
};

static const struct shape team_page_shape =
	SHAPE(struct team_page, F_STR(struct team_page, name),
	      F_OBJECT(struct team_page, form, struct form_view, &form_view_shape));
const struct view team_view = { "people/team", &team_page_shape };

static const struct err *teams_show(struct req *r)
{
	struct teams_page page = { .may_change = true };

	store_teams(r->tx, &page.teams);
	TRY(tx_run(r->tx));
	page.total = (int64_t)page.teams.n;
	page.form = form_view(r, &(struct form_settings){ .action = STR("/teams"),
							  .button = "Add the team",
							  .input = &team_form,
							  .controls = team_controls,
							  .once = true,
							  .quiet = true });
	return reply_page(r, &teams_view, &page);
}

static const struct err *teams_add(struct req *r)
{
	struct team_row *row;

	TRY(add_team(r, &row));
	people_flash(r, "The team is added.");
	return reply_see_other(r, STR("/teams"));
}

static const struct err *team_show(struct req *r)
{
	struct pair values[] = { { STR("name"), STR("") }, { { 0 }, { 0 } } };
	struct team_row *row;
	struct team_page page;

	store_team(r->tx, r->id[0], &row);
	TRY(tx_run(r->tx));
	values[0].value = row->name;
	page = (struct team_page){
		.name = row->name,
		.form = form_view(r,
				  &(struct form_settings){
					  .action = str_fmt(r->arena, "/teams/%s", row->id.text),
					  .button = "Rename",
					  .input = &team_form,
					  .controls = team_controls,
					  .values = values,
				  }),
	};
	return reply_page(r, &team_view, &page);
}

static const struct err *team_rename(struct req *r)
{
	struct team_row *row;

	TRY(rename_team(r, &row));
	people_flash(r, "The team is renamed.");
	return reply_see_other(r, STR("/teams"));
}

/* ---- API ---- */

static const struct err *teams_api(struct req *r)
{
	struct page_json answer;
	struct list rows;

	store_teams(r->tx, &rows);
	TRY(tx_run(r->tx));
	answer = page_json(r, page_of(1, 1000), rows, (int64_t)rows.n);
	return reply_json(r, &teams_json, &answer);
}

static const struct err *teams_add_api(struct req *r)
{
	struct team_row *row;

	TRY(add_team(r, &row));
	return reply_json(r, &team_json, row);
}

static const struct err *team_rename_api(struct req *r)
{
	struct team_row *row;

	TRY(rename_team(r, &row));
	return reply_json(r, &team_json, row);
}

const struct route teams_routes[] = {
	{ GET, "/teams", .need = PERM_PEOPLE, .run = teams_show },
	{ POST, "/teams", .need = PERM_PEOPLE, .input = &team_form, .run = teams_add,
	  .again = teams_show, .once = true },
	{ GET, "/teams/:team", .need = PERM_PEOPLE, .run = team_show },
	{ POST, "/teams/:team", .need = PERM_PEOPLE, .input = &team_form, .find = team_find,
	  .run = team_rename, .again = team_show },
	{ GET, "/api/v1/teams", .need = PERM_PEOPLE, .run = teams_api, .output = &teams_json,
	  .about = "The account's teams" },
	{ POST, "/api/v1/teams", .need = PERM_PEOPLE, .input = &team_form, .run = teams_add_api,
	  .output = &team_json, .status = 201, .once = true, .about = "Add a team" },
	{ PATCH, "/api/v1/teams/:team", .need = PERM_PEOPLE, .input = &team_form, .find = team_find,
	  .run = team_rename_api, .output = &team_json, .about = "Rename a team" },
	{ 0 },
};
