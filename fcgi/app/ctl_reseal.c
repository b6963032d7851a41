/* `resolutionflow reseal`: what rows hold sealed is taken from the previous MASTER_SECRET to
 * today's.
 */
#include <stdio.h>

#include "accounts/accounts.h"
#include "app/commands.h"
#include "app/ctl.h"
#include "kit/base/arena.h"
#include "record/record.h"
#include "sealed/sealed.h"

#define S struct sealed_count
#define COUNT(n, m)                                                                                \
	{                                                                                          \
		.name = (n), .type = FIELD_INT, .off = offsetof(S, m)                              \
	}
static const struct shape told_shape =
	SHAPE(S, F_STR(S, what), COUNT("sealed_anew", previous), COUNT("were_already", current),
	      COUNT("open_by_neither", closed));
#undef S

static const struct err *tell_log(struct call *call, struct db *db, struct str renewed)
{
	struct tx *tx = tx_new(call->arena, db);

	audit_of_platform(tx, call_who(call), "secrets.resealed", "platform", UUID_NONE,
			  audit_fact(call->arena, "sealed_anew", renewed));
	return tx_run(tx);
}

/* A program that was not started again seals by the previous secret still. */
static const struct err *look_again(struct call *call, struct db *db)
{
	struct list counts;
	struct str left;

	TRY(sealed_look(call->arena, db, call->settings, false, &counts));
	left = sealed_previous(call->arena, counts);
	if (left.p)
		return ERR(
			call->arena, ERR_CONFLICT,
			"sealed by the previous secret meanwhile: %.*s. Restart all programs with "
			"the new MASTER_SECRET, and run this again",
			STR_ARG(left));
	return NULL;
}

static void tell_previous(const struct call *call)
{
	if (!call->settings->master_secret_previous.n) {
		fputs("MASTER_SECRET_PREVIOUS is not set, so nothing was to be sealed anew.\n",
		      stderr);
		return;
	}
	fprintf(stderr,
		"MASTER_SECRET_PREVIOUS may go from the settings a day after all programs run with "
		"the new MASTER_SECRET.\n"
		"Keep it elsewhere for %lld months: resolutionflow audit verify needs it for what "
		"was "
		"sealed in the log before,\n"
		"and a backup of before is sealed by it.\n",
		(long long)call->settings->audit_months);
}

const struct err *ctl_reseal(struct call *call)
{
	struct list counts;
	struct str renewed, closed;
	struct db *db;

	TRY(call_connect(call, "migrate", sealed_lists, &db));
	TRY(sealed_look(call->arena, db, call->settings, true, &counts));
	renewed = sealed_previous(call->arena, counts);
	closed = sealed_closed(call->arena, counts);
	if (renewed.p)
		TRY(tell_log(call, db, renewed));
	call_print(call, &told_shape, counts);
	TRY(look_again(call, db));
	if (closed.p)
		return ERR(call->arena, ERR_CONFLICT,
			   "opened by neither secret: %.*s. Set the one that sealed them as "
			   "MASTER_SECRET_PREVIOUS and run this again; where it is lost, password "
			   "reset "
			   "--second-factor and new secrets of webhooks help",
			   STR_ARG(closed));
	tell_previous(call);
	return NULL;
}
