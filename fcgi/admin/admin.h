#ifndef ADMIN_ADMIN_H
#define ADMIN_ADMIN_H

#include "kit/http/http.h"

struct sql;
struct tx;

/* An account as a whole: its settings, how long it keeps sessions, its archive, its end. */

/*
 * What is slow, in whichever account: sessions whose time is up go, archives are written, what is
 * closed is erased.  A lane of the jobs program; each turn does a little of each.
 */
struct keeper;
struct keeper_report {
	const char *what, *outcome;
	struct uuid account;
	const char *why; /* "" where all is well */
};
const struct err *keeper_new(struct arena *a, const struct settings *settings, struct db *db,
			     void (*tell)(const struct keeper_report *report),
			     struct keeper **ret) must_check;
const struct err *keeper_work(struct keeper *k, bool *more) must_check;
/* An archive that is not whole yet is begun anew by whoever comes next. */
void keeper_finish(struct keeper *k);

/* For the demo account: the first session on a flow that has ended is kept.  ERR_NOT_FOUND. */
void admin_seed_hold(struct tx *tx, struct str flow, struct str reason);

extern const struct route account_routes[], retention_routes[], due_routes[], kept_routes[],
	archive_routes[], closing_routes[];
extern const struct view *const admin_views[];
extern const struct sql *const admin_statements[];

#endif
