/* One of the account's users as a page: who it is, and changing role, team or standing. */
#include "kit/base/arena.h"
#include "kit/http/form.h"
#include "kit/render/render.h"
#include "people/team.h"
#include "record/record.h"

void user_find(struct req *r)
{
	struct user_row **row = ARENA_NEW(r->arena, struct user_row *);

	store_user(r->tx, r->id[0], row);
}

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
	bool may_change;
	struct str why_not;
	struct form_view form;
};

static const struct shape user_page_shape = SHAPE(
	struct user_page, F_OBJECT(struct user_page, person, struct person_view, &person_shape),
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

	store_user(r->tx, r->id[0], &row);
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

const struct route user_routes[] = {
	{ GET, "/users/:user", .need = PERM_PEOPLE, .run = user_show },
	{ POST, "/users/:user", .need = PERM_PEOPLE, .input = &user_form, .find = user_find,
	  .run = user_save, .again = user_show },
	{ 0 },
};
