/* Roles and their permissions; see roles.h. */
#include "people/roles.h"

#define V (1 << ROLE_VIEWER)
#define E (1 << ROLE_ENGINEER)
#define T (1 << ROLE_TEAM_ADMIN)
#define S (1 << ROLE_SUPER_ADMIN)

static const int permissions[PERM__MAX] = {
	[PERM_NONE] = V | E | T | S,
	[PERM_SIGNED_IN] = V | E | T | S,
	[PERM_READ] = V | E | T | S,
	[PERM_FLOWS] = E | T,
	[PERM_CURATE] = T,
	[PERM_RUN] = E | T,
	[PERM_QUEUE] = E | T,
	[PERM_PEOPLE] = T | S,
	[PERM_ADMIN] = T,
	[PERM_PLATFORM] = S,
};

const struct names role_names = NAMES("viewer", "engineer", "team_admin", "super_admin");

int roles_allowed(enum permission p)
{
	return permissions[p];
}

bool permission_at_home(enum permission p)
{
	return p == PERM_NONE || p == PERM_SIGNED_IN || p == PERM_PLATFORM;
}

bool role_may(enum role role, enum permission p)
{
	return permissions[p] & 1 << role;
}
