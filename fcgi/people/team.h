#ifndef PEOPLE_TEAM_H
#define PEOPLE_TEAM_H

#include "kit/http/form.h"
#include "people/pages.h"

/* The account's people as an admin sees them: users, teams and invites, as pages and as API. */

struct user_row {
	struct uuid id;
	struct str email, name;
	int role;
	struct uuid team;
	struct str team_name;
	bool active, verified;
	struct instant created_at, last_seen_at;
};

struct team_row {
	struct uuid id;
	struct str name;
	struct instant created_at;
	int64_t members;
};

struct invite_row {
	struct uuid id;
	int role;
	struct str team_name, email, made_by;
	int64_t uses, max_uses;
	struct instant expires_at, created_at;
	int state;
};

enum invite_state { INVITE_OPEN, INVITE_USED, INVITE_EXPIRED, INVITE_REVOKED };

struct user_change {
	int role; /* -1: as it is */
	struct uuid team;
	bool team_given;
	const bool *active; /* NULL: as it is */
};

struct new_invite {
	struct uuid id, team;
	struct str code_hash, role, email;
	int64_t max_uses, lasts;
};

/* Roles that an admin of an account may give. */
extern const struct names given_roles, invite_states;
extern const struct choice role_choices[];
#define ROLES_HINT                                                                                 \
	"Viewers read, engineers also run and write flows, team admins also manage people."

void store_users(struct tx *t, struct str q, int64_t most, int64_t skip, struct list *ret);
void store_users_count(struct tx *t, struct str q, struct count_row **ret);
void store_user(struct tx *t, struct uuid person, struct user_row **ret);
void store_user_change(struct req *r, struct uuid person, const struct user_change *change);
void store_teams(struct tx *t, struct list *ret);
void store_team(struct tx *t, struct uuid team, struct team_row **ret);
void store_team_rename(struct tx *t, struct uuid team, struct str name);
void store_invite_add(struct tx *t, const struct new_invite *i, struct invite_row **ret);
void store_invites(struct tx *t, int64_t most, int64_t skip, struct list *ret);
void store_invites_count(struct tx *t, struct count_row **ret);
void store_invite_revoke(struct tx *t, struct uuid invite);

/* Choices of a select: every team of the account, first "None". */
struct list team_choices(struct req *r, struct list teams);

extern const struct view users_view, user_view, teams_view, team_view, invites_view,
	invite_made_view;

#endif
