#ifndef PLATFORM_PLATFORM_H
#define PLATFORM_PLATFORM_H

#include "kit/http/http.h"
#include "kit/jobs/jobs.h"

struct arena;
struct tx;

/*
 * What super_admins do: all accounts, the codes by which companies register, looking into an
 * account, and the system. The wall between accounts stands here, too: migrations/0016_platform.sql
 * says what goes beyond it.
 */

/* How it all stands: the home page of a super_admin. */
const struct err *platform_home(struct req *r) must_check;

/* For the demonstration, in a transaction that a super_admin has entered: a code that was mislaid.
 */
void platform_seed_code(struct arena *a, struct tx *tx, struct str label, struct str plan);

extern const struct route platform_overview[], platform_accounts[], platform_account[],
	platform_looks[], platform_codes[], platform_system[];
extern const struct view *const platform_views[];
extern const struct sql *const platform_statements[];
extern const struct chore platform_chores[];

#endif
