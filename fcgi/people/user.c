/* One of the account's users: the page, changing role or team, and what they are signed in with. */
#include "kit/base/arena.h"
#include "kit/http/form.h"
#include "kit/render/render.h"
#include "people/held.h"
#include "people/security.h"
#include "people/store.h"
#include "people/team.h"
#include "record/record.h"

void user_find(struct req *r)
{
	struct user_row **row = ARENA_NEW(r->arena, struct user_row *);

	store_user(r->tx, r->id[0], row);
}

struct str user_path(struct req *r)
{
	return str_fmt(r->arena, "/users/%s", r->id[0].text);
}

/* ---- the page ---- */

struct person_view {
	struct uuid id;
	struct str name, email, role_label, team, joined_ago, last_seen_ago, left_ago;
	bool active, left, you, owner, verified;
	struct instant joined, last_seen, left_at;
};

#define V struct person_view
static const struct shape person_shape =
	SHAPE(V, F_UUID(V, id), F_STR(V, name), F_STR(V, email), F_STR(V, role_label),
	      F_STR(V, team), F_STR(V, joined_ago), F_STR(V, last_seen_ago), F_STR(V, left_ago),
	      F_BOOL(V, active), F_BOOL(V, left), F_BOOL(V, you), F_BOOL(V, owner),
	      F_BOOL(V, verified), F_TIME(V, joined), F_TIME(V, last_seen), F_TIME(V, left_at));
#undef V

struct user_page {
	struct person_view person;
	struct factor_view factor;
	bool may_change, may_own, may_go, has_held, has_devices;
	struct str why_not;
	struct form_view form;
	struct list held, devices;
};

#define P_ struct user_page
static const struct shape user_page_shape = SHAPE(
	P_, F_OBJECT(P_, person, struct person_view, &person_shape),
	F_OBJECT(P_, factor, struct factor_view, &factor_view_shape), F_BOOL(P_, may_change),
	F_BOOL(P_, may_own), F_BOOL(P_, may_go), F_BOOL(P_, has_held), F_BOOL(P_, has_devices),
	F_STR(P_, why_not), F_OBJECT(P_, form, struct form_view, &form_view_shape),
	F_LIST(P_, held, &held_group_shape), F_LIST(P_, devices, &device_view_shape));
#undef P_
const struct view user_view = { "people/user", &user_page_shape };

struct user_form {
	int role;
	struct uuid team_id;
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
	F_UUID(struct user_form, team_id, .optional = true, .label = "Team"));

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
		{ { 0 }, { 0 } },
	};
	const struct control controls[] = {
		{ "role", CONTROL_SELECT, .hint = ROLES_HINT },
		{ "team_id", CONTROL_SELECT, .more = team_choices(r, teams) },
		{ 0 },
	};

	return form_view(r, &(struct form_settings){
				    .action = user_path(r),
				    .button = "Save",
				    .input = &user_form,
				    .controls = controls,
				    .values = values,
				    .quiet = true,
			    });
}

static struct person_view person_of(struct req *r, const struct user_row *row)
{
	return (struct person_view){
		.id = row->id,
		.name = row->name,
		.email = row->email,
		.role_label = role_label(row->role),
		.team = row->team_name,
		.joined = row->created_at,
		.joined_ago = clock_ago(r->arena, row->created_at),
		.last_seen = row->last_seen_at,
		.last_seen_ago = clock_ago(r->arena, row->last_seen_at),
		.left_at = row->left_at,
		.left_ago = clock_ago(r->arena, row->left_at),
		.active = row->status == USER_ACTIVE,
		.left = row->status == USER_LEFT,
		.you = uuid_eq(row->id, r->who->person),
		.owner = row->owner,
		.verified = row->verified,
	};
}

static struct str why_not(const struct user_row *row)
{
	if (row->role == ROLE_SUPER_ADMIN)
		return STR("The platform's operators are managed by the platform.");
	return row->status == USER_LEFT
		       ? STR("They have left this account. An invite makes a new person of them.")
		       : STR_NONE;
}

static const struct err *user_show(struct req *r)
{
	struct list teams, held, devices;
	struct user_page page;
	struct user_row *row, *asker;
	struct holder_row *holder;

	store_user(r->tx, r->id[0], &row);
	store_user_maybe(r->tx, r->who->person, &asker);
	store_factor_holder(r->tx, r->id[0], &holder);
	store_teams(r->tx, &teams);
	store_user_holds(r->tx, r->id[0], HELD_SHOWN, &held);
	store_devices(r->tx, r->id[0], &devices);
	TRY(tx_run(r->tx));
	page = (struct user_page){
		.person = person_of(r, row),
		.factor = factor_view(r, r->id[0], holder),
		.why_not = why_not(row),
		.form = user_form_view(r, row, teams),
		.held = held_groups(r, held),
		.has_held = held.n > 0,
		.devices = device_views(r, devices),
		.has_devices = devices.n > 0,
	};
	page.may_change = !page.why_not.n;
	page.may_go = page.may_change && !row->owner;
	page.may_own = page.may_go && asker && asker->owner && row->role == ROLE_TEAM_ADMIN &&
		       row->status == USER_ACTIVE;
	return reply_page(r, &user_view, &page);
}

static const struct err *user_save(struct req *r)
{
	const struct user_form *in = r->input;

	store_user_change(
		r, r->id[0],
		&(struct user_change){ .role = in->role, .team = in->team_id, .team_given = true });
	event_bell(r->tx, r->who->account);
	TRY(tx_run(r->tx));
	people_flash(r, "Saved.");
	/* Whoever gave up the role may not see the list any more. */
	return reply_see_other(r, in->role < ROLE_TEAM_ADMIN && uuid_eq(r->id[0], r->who->person)
					  ? STR("/")
					  : user_path(r));
}

/* ---- the API of one ---- */

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
	struct change_json,
	(.read_only = "id,email,name,status,email_verified,second_factor,owner,created_at,"
		      "last_seen_at"),
	F_ENUM(struct change_json, role, &given_roles, .optional = true),
	F_UUID(struct change_json, team_id, .optional = true, .null = true),
	F_BOOL(struct change_json, active, .optional = true));

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

/* ---- what they are signed in with ---- */

#define D struct device
static const struct shape device_json =
	SHAPE_WITH(D, (.label = "Device"), F_UUID(D, id), F_STR(D, agent), F_STR(D, address),
		   F_TIME(D, created_at), F_TIME(D, last_seen_at));
#undef D
struct devices_json {
	struct list items;
};
static const struct shape devices_json =
	SHAPE(struct devices_json, F_LIST(struct devices_json, items, &device_json));

static const struct err *devices_api(struct req *r)
{
	struct devices_json answer;

	user_find(r);
	store_devices(r->tx, r->id[0], &answer.items);
	TRY(tx_run(r->tx));
	return reply_json(r, &devices_json, &answer);
}

static void their_device_find(struct req *r)
{
	store_device_find(r->tx, r->id[1], r->id[0]);
}

static void audit_end(struct req *r, const char *action, struct uuid sign_in)
{
	audit(r, action, "sign_in", sign_in, audit_fact(r->arena, "person", uuid_str(&r->id[0])),
	      audit_nothing);
}

static const struct err *end_device(struct req *r)
{
	audit_end(r, "sign_in.ended", r->id[1]);
	store_sign_in_end(r->tx, r->id[1], r->id[0], "ended_by_admin");
	event_bell(r->tx, r->who->account);
	return tx_run(r->tx);
}

static const struct err *end_devices(struct req *r)
{
	audit_end(r, "sign_in.ended_all", UUID_NONE);
	store_sign_ins_end(r->tx, r->id[0], UUID_NONE, "ended_by_admin");
	event_bell(r->tx, r->who->account);
	return tx_run(r->tx);
}

static const struct err *their_device_end(struct req *r)
{
	TRY(end_device(r));
	people_flash(r, "That device is signed out.");
	return reply_see_other(r, user_path(r));
}

static const struct err *their_devices_end(struct req *r)
{
	TRY(end_devices(r));
	people_flash(r, "All their devices are signed out.");
	return reply_see_other(r, user_path(r));
}

static const struct err *device_end_api(struct req *r)
{
	TRY(end_device(r));
	return reply_none(r);
}

static const struct err *devices_end_api(struct req *r)
{
	TRY(end_devices(r));
	return reply_none(r);
}

#define U   "/users/:user"
#define API "/api/v1/users/:user"

const struct route user_routes[] = {
	{ GET, U, .need = PERM_PEOPLE, .run = user_show },
	{ POST, U, .need = PERM_PEOPLE, .input = &user_form, .find = user_find, .run = user_save,
	  .again = user_show },
	{ POST, U "/devices/end", .need = PERM_PEOPLE, .find = user_find,
	  .run = their_devices_end },
	{ POST, U "/devices/:device/end", .need = PERM_PEOPLE, .find = their_device_find,
	  .run = their_device_end },
	{ GET, API, .need = PERM_PEOPLE, .run = user_api, .output = &member_json,
	  .about = "One user" },
	{ PATCH, API, .need = PERM_PEOPLE, .input = &change_json, .find = user_find,
	  .run = user_patch, .output = &member_json,
	  .about = "Change a user's role, team or standing; 409 for the last team_admin" },
	{ GET, API "/devices", .need = PERM_PEOPLE, .run = devices_api, .output = &devices_json,
	  .about = "Where a user is signed in" },
	{ DELETE, API "/devices", .need = PERM_PEOPLE, .find = user_find, .run = devices_end_api,
	  .status = 204, .about = "Sign a user out everywhere" },
	{ DELETE, API "/devices/:device", .need = PERM_PEOPLE, .find = their_device_find,
	  .run = device_end_api, .status = 204, .about = "Sign one of a user's devices out" },
	{ 0 },
};
