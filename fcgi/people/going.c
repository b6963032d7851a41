/*
 * Who may not sign in any more, for now or for good, and who owns the account: each step has a page
 * that says what it will do.  What somebody held goes on without them; see person_gone in
 * migrations/0018_members.sql.
 */
#include "kit/base/arena.h"
#include "kit/render/render.h"
#include "people/held.h"
#include "people/team.h"
#include "record/record.h"

struct going_page {
	struct uuid id;
	struct str name, title, what, button, action;
	bool goes, for_good, has_held;
	struct list held;
};

#define P_ struct going_page
static const struct shape going_shape =
	SHAPE(P_, F_UUID(P_, id), F_STR(P_, name), F_STR(P_, title), F_STR(P_, what),
	      F_STR(P_, button), F_STR(P_, action), F_BOOL(P_, goes), F_BOOL(P_, for_good),
	      F_BOOL(P_, has_held), F_LIST(P_, held, &held_group_shape));
#undef P_
const struct view going_view = { "people/going", &going_shape };

/* The steps, by the last part of their path. */
static const struct going {
	const char *path, *before, *after, *what, *button; /* before and after the name */
	bool goes, for_good;
} goings[] = {
	{ "deactivate", "Deactivate ", "", "They cannot sign in until you let them in again.",
	  "Deactivate", true, false },
	{ "remove", "Remove ", " from the account",
	  "This cannot be undone. Their name stays with what they did, and their e-mail address is "
	  "free: if you invite it again, a new person joins.",
	  "Remove from the account", true, true },
	{ "owner", "Make ", " the owner",
	  "They will own this account instead of you. You stay a team admin, and only they can "
	  "hand "
	  "it back.",
	  "Hand the account on", false, false },
};

static const struct err *show(struct req *r, const struct going *g)
{
	struct going_page page;
	struct user_row *row;
	struct list held;

	store_user(r->tx, r->id[0], &row);
	store_user_holds(r->tx, r->id[0], HELD_SHOWN, &held);
	TRY(tx_run(r->tx));
	page = (struct going_page){
		.id = row->id,
		.name = row->name,
		.title = str_fmt(r->arena, "%s%.*s%s", g->before, STR_ARG(row->name), g->after),
		.what = str_of(g->what),
		.button = str_of(g->button),
		.action = str_fmt(r->arena, "/users/%s/%s", row->id.text, g->path),
		.goes = g->goes,
		.for_good = g->for_good,
		.held = held_groups(r, held),
		.has_held = g->goes && held.n > 0,
	};
	return reply_page(r, &going_view, &page);
}

static const struct err *deactivate_show(struct req *r)
{
	return show(r, &goings[0]);
}

static const struct err *remove_show(struct req *r)
{
	return show(r, &goings[1]);
}

static const struct err *owner_show(struct req *r)
{
	return show(r, &goings[2]);
}

/* ---- doing it ---- */

/* What they held goes on in a job; open pages of theirs end by an event. */
static const struct err *settle(struct req *r)
{
	event_bell(r->tx, r->who->account);
	tx_bell(r->tx, STR("bell_job"), STR(""));
	return tx_run(r->tx);
}

static const struct err *set_active(struct req *r, bool active)
{
	store_user_change(r, r->id[0], &(struct user_change){ .role = -1, .active = &active });
	return settle(r);
}

/* Whoever did it to themselves is signed out by it. */
static const struct err *done(struct req *r, const char *sentence, struct str path)
{
	people_flash(r, sentence);
	return reply_see_other(r, path);
}

static const struct err *deactivate(struct req *r)
{
	TRY(set_active(r, false));
	return done(r, "They are deactivated, and signed out everywhere.", user_path(r));
}

static const struct err *reactivate(struct req *r)
{
	TRY(set_active(r, true));
	return done(r, "They may sign in again.", user_path(r));
}

static const struct err *leave(struct req *r)
{
	store_user_leave(r, r->id[0]);
	return settle(r);
}

static const struct err *remove_person(struct req *r)
{
	TRY(leave(r));
	return done(r, "They are out of the account.", user_path(r));
}

static const struct err *hand_on(struct req *r)
{
	store_owner_hand_on(r, r->id[0]);
	return tx_run(r->tx);
}

static const struct err *owner_save(struct req *r)
{
	TRY(hand_on(r));
	return done(r, "The account has a new owner.", user_path(r));
}

/* ---- the API ---- */

static const struct err *remove_api(struct req *r)
{
	TRY(leave(r));
	return reply_none(r);
}

static const struct err *owner_api(struct req *r)
{
	struct member_json member;
	struct user_row *row;

	store_owner_hand_on(r, r->id[0]);
	store_user(r->tx, r->id[0], &row);
	TRY(tx_run(r->tx));
	member = member_of(row);
	return reply_json(r, &member_json, &member);
}

#define H struct holding_row
static const struct shape holding_json =
	SHAPE_WITH(H, (.label = "Holding"), F_ENUM(H, kind, &holding_kinds), F_UUID(H, id),
		   F_STR(H, name), F_STR(H, about), F_TIME(H, at), F_INT(H, total));
#undef H
struct holdings_json {
	struct list items;
};
static const struct shape holdings_json =
	SHAPE(struct holdings_json, F_LIST(struct holdings_json, items, &holding_json));

static const struct err *holdings_api(struct req *r)
{
	struct holdings_json answer;

	user_find(r);
	store_user_holds(r->tx, r->id[0], 200, &answer.items);
	TRY(tx_run(r->tx));
	return reply_json(r, &holdings_json, &answer);
}

#define U   "/users/:user"
#define API "/api/v1/users/:user"

const struct route going_routes[] = {
	{ GET, U "/deactivate", .need = PERM_PEOPLE, .asks = true, .run = deactivate_show },
	{ POST, U "/deactivate", .need = PERM_PEOPLE, .find = user_find, .run = deactivate },
	{ POST, U "/reactivate", .need = PERM_PEOPLE, .find = user_find, .run = reactivate },
	{ GET, U "/remove", .need = PERM_PEOPLE, .asks = true, .run = remove_show },
	{ POST, U "/remove", .need = PERM_PEOPLE, .find = user_find, .run = remove_person },
	{ GET, U "/owner", .need = PERM_PEOPLE, .asks = true, .run = owner_show },
	{ POST, U "/owner", .need = PERM_PEOPLE, .find = user_find, .run = owner_save },
	{ DELETE, API, .need = PERM_PEOPLE, .find = user_find, .run = remove_api, .status = 204,
	  .about = "Remove a user from the account for good; 409 for its owner and its last "
		   "team_admin" },
	{ POST, API "/owner", .need = PERM_PEOPLE, .find = user_find, .run = owner_api,
	  .output = &member_json, .about = "Hand the account on; only its owner may" },
	{ GET, API "/holdings", .need = PERM_PEOPLE, .run = holdings_api, .output = &holdings_json,
	  .about = "What a user holds: sessions, hand-offs and flows, the newest of each kind" },
	{ 0 },
};
