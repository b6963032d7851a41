#ifndef PEOPLE_ROLES_H
#define PEOPLE_ROLES_H

#include <stdbool.h>

#include "kit/base/shape.h"

/*
 * Who may do what: one table, in roles.c, from which come the router's checks, what pages show, and
 * the test of every role on every route.
 */
enum role { ROLE_VIEWER, ROLE_ENGINEER, ROLE_TEAM_ADMIN, ROLE_SUPER_ADMIN, ROLE__MAX };

enum permission {
	PERM_NONE,      /* a route for whoever comes */
	PERM_SIGNED_IN, /* one's own profile, devices, notices */
	PERM_READ,      /* the account's flows, search, pins, own folders */
	PERM_FLOWS,     /* make and edit flows */
	PERM_CURATE,    /* delete flows, rename and merge categories */
	PERM_RUN,       /* run flows, see colleagues to assign to */
	PERM_QUEUE,     /* see what colleagues hand on, and take it */
	PERM_PEOPLE,    /* users, teams, invites, redaction, webhooks, the account's audit log */
	PERM_ADMIN,     /* the account's own settings, its data as a whole, its end */
	PERM_PLATFORM,  /* all accounts: plans, flags, platform invites, the system */
	PERM__MAX
};

extern const struct names role_names;

/* Whether what it opens is the caller's own or the platform's, not an account's that is looked
 * into. */
bool permission_at_home(enum permission p);
bool role_may(enum role role, enum permission p);
/* A bit for each role that may, as the SQL function enter() takes it. */
int roles_allowed(enum permission p);

#endif
