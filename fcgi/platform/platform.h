#ifndef PLATFORM_PLATFORM_H
#define PLATFORM_PLATFORM_H

#include "kit/http/http.h"
#include "kit/jobs/jobs.h"

/*
 * What super_admins do: all accounts, the codes by which companies register, looking into an
 * account, and the system. The wall between accounts stands here, too: migrations/0016_platform.sql
 * says what goes beyond it.
 */

/* How it all stands: the home page of a super_admin. */
const struct err *platform_home(struct req *r) must_check;

extern const struct route platform_overview[], platform_accounts[], platform_account[],
	platform_looks[], platform_codes[], platform_system[];
extern const struct view *const platform_views[];
extern const struct sql *const platform_statements[];
extern const struct chore platform_chores[];

#endif
