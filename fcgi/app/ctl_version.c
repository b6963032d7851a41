/* `resolutionflow version`: what this program is, and whether its database is of the same age. */
#include <stdio.h>

#include "accounts/accounts.h"
#include "app/commands.h"
#include "app/ctl.h"
#include "commit.h"
#include "kit/base/arena.h"
#include "kit/db/migrate.h"

#define QUOTED_(text) #text
#define QUOTED(text)  QUOTED_(text)

static const struct err *ask_applied(struct call *call, int *ret)
{
	static const struct sql *const *const statements[] = { migrate_statements, NULL };
	struct db *db;

	TRY(call_connect(call, "worker", statements, &db));
	return migrate_applied(call->arena, db, ret);
}

static const struct err *tell_schema(struct call *call)
{
	int needed, applied;

	TRY(migrate_newest(call->arena, str_cstr(call->arena, call->settings->migrations_dir),
			   &needed));
	printf("schema %d is needed\n", needed);
	TRY(ask_applied(call, &applied));
	printf("schema %d is in the database\n", applied);
	if (applied < needed)
		return ERR(call->arena, ERR_CONFLICT,
			   "the database is older: run resolutionflow migrate");
	if (applied > needed)
		return ERR(
			call->arena, ERR_CONFLICT,
			"the database is newer: install the version that migrated it, or a later "
			"one");
	return NULL;
}

const struct err *ctl_version(struct call *call)
{
	puts("resolutionflow " QUOTED(RF_VERSION));
	if (RF_COMMIT[0])
		puts("commit " RF_COMMIT);
	if (!call->fault)
		return tell_schema(call);
	printf("The database was not asked: %.*s\n", STR_ARG(call->fault->message));
	return NULL;
}
