/*
 * Looking into an account, read-only.  The sign-in remembers which; enter() then shows that
 * account's rows, and refuses all changes.  What was seen is on record there, a row a page
 * (people/look.c).
 */
#include "kit/base/arena.h"
#include "people/people.h"
#include "platform/acts.h"
#include "record/record.h"

#define LASTS_US (3600 * CLOCK_SECOND)

struct look_json {
	struct uuid account_id;
	struct str account_name;
	struct instant ends_at;
};

#define L struct look_json
static const struct shape look_json = SHAPE_WITH(L, (.label = "Look"), F_UUID(L, account_id),
						 F_STR(L, account_name), F_TIME(L, ends_at));
#undef L

static const struct err *begin(struct req *r, struct look_json *ret)
{
	struct account_row *row;

	store_platform_account(r->tx, r->id[0], &row);
	TRY(tx_more(r->tx));
	if (uuid_eq(r->id[0], r->who->account))
		return ERR_CODE(r->arena, ERR_CONFLICT, "own_account",
				"This is your own account: you are in it already.");
	store_platform_look(r->tx, r->who->sign_in, r->id[0]);
	platform_tell(r, "look.begun", r->id[0], audit_nothing,
		      audit_fact(r->arena, "operator", r->who->row->name));
	TRY(tx_run(r->tx));
	*ret = (struct look_json){ row->id, row->name, { clock_now().us + LASTS_US } };
	return NULL;
}

static const struct err *leave(struct req *r)
{
	store_platform_look(r->tx, r->who->sign_in, UUID_NONE);
	return tx_run(r->tx);
}

static const struct err *look_api(struct req *r)
{
	struct look_json answer;

	TRY(begin(r, &answer));
	return reply_json(r, &look_json, &answer);
}

static const struct err *leave_api(struct req *r)
{
	TRY(leave(r));
	return reply_none(r);
}

static const struct err *look(struct req *r)
{
	struct look_json look;

	TRY(begin(r, &look));
	return reply_see_other(r, STR("/flows"));
}

static const struct err *leave_by_page(struct req *r)
{
	TRY(leave(r));
	people_flash(r, "You are back in your own account.");
	return reply_see_other(r, STR("/platform/accounts"));
}

const struct route platform_looks[] = {
	{ POST, "/api/v1/platform/accounts/:account/look", .need = PERM_PLATFORM, .run = look_api,
	  .output = &look_json,
	  .about = "Look into an account for an hour: this sign-in then reads what is there, and "
		   "changes nothing" },
	{ POST, "/api/v1/platform/leave", .need = PERM_PLATFORM, .run = leave_api, .status = 204,
	  .about = "Leave the account that is looked into" },
	{ POST, "/platform/accounts/:account/look", .need = PERM_PLATFORM, .run = look },
	{ POST, "/platform/leave", .need = PERM_PLATFORM, .run = leave_by_page },
	{ 0 },
};

/* Those that nobody ended. */
static const struct err *end_looks(struct job *j)
{
	store_platform_looks_end(j->tx);
	return tx_run(j->tx);
}

const struct chore platform_chores[] = { { "end_looks", 60, end_looks }, { 0 } };
