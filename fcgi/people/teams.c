/* The account's teams: list and add.  What is done with one is team_page.c's. */
#include "kit/base/arena.h"
#include "kit/crypto/crypto.h"
#include "kit/http/form.h"
#include "kit/http/page.h"
#include "kit/render/render.h"
#include "people/team.h"
#include "record/record.h"

const struct shape team_form =
	SHAPE_WITH(struct team_form, (.read_only = "id,members,created_at"),
		   F_STR(struct team_form, name, .min = 1, .max = 80, .label = "Name"));

const struct shape team_json =
	SHAPE_WITH(struct team_row, (.label = "Team"), F_UUID(struct team_row, id),
		   F_STR(struct team_row, name), F_INT(struct team_row, members),
		   F_TIME(struct team_row, created_at));
static const struct shape teams_json = SHAPE_PAGE(&team_json);

const struct control team_controls[] = { { "name", CONTROL_TEXT, .autocomplete = "off" }, { 0 } };

/* ---- acts ---- */

const struct err *team_name_taken(struct req *r, const struct err *e)
{
	if (!e || e->kind != ERR_CONFLICT || !str_eq(str_of(err_code(e)), STR("team_name")))
		return e;
	(void)!input_refuse(r, "name", "There is a team of that name already.");
	return ERR_CODE(r->arena, ERR_CONFLICT, "name_taken",
			"There is a team of that name already.");
}

static const struct err *add_team(struct req *r, struct team_row **ret)
{
	const struct team_form *form = r->input;
	struct uuid id = crypto_uuid7();

	store_team_add(r->tx, id, form->name);
	audit(r, "team.added", "team", id, audit_nothing, audit_fact(r->arena, "name", form->name));
	store_team(r->tx, id, ret);
	return team_name_taken(r, tx_run(r->tx));
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

static const struct err *teams_show(struct req *r)
{
	struct teams_page page = { 0 };

	store_teams(r->tx, &page.teams);
	TRY(tx_run(r->tx));
	page.may_change = !people_is_inside(r);
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

const struct route teams_routes[] = {
	{ GET, "/teams", .need = PERM_PEOPLE, .run = teams_show },
	{ POST, "/teams", .need = PERM_PEOPLE, .input = &team_form, .run = teams_add,
	  .again = teams_show, .once = true },
	{ GET, "/api/v1/teams", .need = PERM_PEOPLE, .run = teams_api, .output = &teams_json,
	  .about = "The account's teams" },
	{ POST, "/api/v1/teams", .need = PERM_PEOPLE, .input = &team_form, .run = teams_add_api,
	  .output = &team_json, .status = 201, .once = true, .about = "Add a team" },
	{ 0 },
};
