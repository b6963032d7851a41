#ifndef PEOPLE_TEAM_H
#define PEOPLE_TEAM_H

#include "kit/http/form.h"
#include "mail/mail.h"
#include "people/pages.h"

/* The account's people as an admin sees them: users, teams and invites, as pages and as API. */

struct user_row {
	struct uuid id;
	struct str email, name;
	int role;
	struct uuid team;
	struct str team_name;
	int status;
	bool owner, verified, second_factor;
	struct instant created_at, left_at, last_seen_at;
};

enum user_status { USER_ACTIVE, USER_DEACTIVATED, USER_LEFT, USER_UNVERIFIED };

/* Whom a list is of: texts that are empty where they do not matter. */
struct user_filter {
	struct str q, role, team, status;
};

/* What somebody holds; total: of its kind, of which only some may be listed. */
struct holding_row {
	int kind;
	struct uuid id;
	struct str name, about;
	struct instant at;
	int64_t total;
};

enum holding {
	HOLDS_RUNNING,
	HOLDS_CLAIMED,
	HOLDS_WAITING,
	HOLDS_PREPARED,
	HOLDS_FLOW,
	HOLDS__MAX
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
	struct uuid team;
	struct str team_name, email, made_by;
	int64_t uses, max_uses;
	struct instant expires_at, created_at;
	int state;
	struct str used_by; /* the names of the last who joined by it */
	struct instant used_at;
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
extern const struct names given_roles, invite_states, user_statuses, holding_kinds;
extern const struct choice role_choices[];
#define ROLES_HINT                                                                                 \
	"Viewers read, engineers also run and write flows, team admins also manage people."

void store_users(struct tx *t, const struct user_filter *f, int64_t most, int64_t skip,
		 struct list *ret);
void store_users_count(struct tx *t, const struct user_filter *f, struct count_row **ret);
void store_user(struct tx *t, struct uuid person, struct user_row **ret);
/* NULL where there is nobody: a super_admin who looks inside is none of them. */
void store_user_maybe(struct tx *t, struct uuid person, struct user_row **ret);
/* A list of struct holding_row; at most so many of a kind. */
void store_user_holds(struct tx *t, struct uuid person, int64_t most, struct list *ret);
void store_user_leave(struct req *r, struct uuid person);
void store_owner_hand_on(struct req *r, struct uuid person);
void store_user_change(struct req *r, struct uuid person, const struct user_change *change);
void store_teams(struct tx *t, struct list *ret);
void store_team(struct tx *t, struct uuid team, struct team_row **ret);
void store_team_rename(struct tx *t, struct uuid team, struct str name);
void store_team_delete(struct req *r, struct uuid team, struct uuid into);
/* people: ids as texts; gives how many were moved. */
void store_team_take(struct req *r, struct uuid team, struct list people, struct count_row **ret);
void store_invite_add(struct tx *t, const struct new_invite *i, struct invite_row **ret);
struct invite_filter {
	struct str q, state;
};
void store_invites(struct tx *t, const struct invite_filter *f, int64_t most, int64_t skip,
		   struct list *ret);
void store_invites_count(struct tx *t, const struct invite_filter *f, struct count_row **ret);
/* A new code for one that is open or has run out; the old one dies, and its time begins anew. */
void store_invite_renew(struct tx *t, struct uuid invite, struct str code_hash,
			struct invite_row **ret);
struct new_batch {
	struct uuid id;
	int64_t lasts;
	struct list entries; /* struct invite_entry */
};
struct batch_row {
	struct uuid id;
	struct instant created_at, sent_at;
	struct str by;
	int64_t lines;
};
/* A line of a list, and what becomes or became of it; seats is the same in each. */
struct batch_line {
	int64_t n;
	struct str email, role, team;
	int outcome;
	struct uuid invite;
	struct instant expires_at;
	bool can_make; /* a team that is not there, of a name that it could have */
};
struct sent_row {
	bool sent;
};
void store_batch_add(struct tx *t, struct arena *a, const struct new_batch *b);
void store_batch(struct tx *t, struct uuid batch, struct batch_row **ret);
void store_batch_lines(struct tx *t, struct uuid batch, struct list *ret);
/* codes, ids: a text for each line, in their order; *ret: false where it was sent already. */
void store_batch_send(struct req *r, struct uuid batch, struct list codes, struct list ids,
		      bool makes_teams, struct sent_row **ret);
void store_invite(struct tx *t, struct uuid invite, struct invite_row **ret);
void store_invite_revoke(struct tx *t, struct uuid invite);

/* 404 where there is nobody of the route's id. */
void user_find(struct req *r);
/* The page of the route's user. */
struct str user_path(struct req *r);

/* The API's resource of one of the account's people. */
extern const struct shape member_json;
struct member_json {
	struct uuid id;
	struct str email, name;
	int role;
	struct uuid team_id;
	int status;
	bool active, email_verified, second_factor, owner;
	struct instant created_at, last_seen_at;
};
struct member_json member_of(const struct user_row *row);

/* A team's name, as it is given or changed. */
struct team_form {
	struct str name;
};
extern const struct shape team_form, team_json;
extern const struct control team_controls[];
/* A name that is taken is the form's matter, not the server's. */
const struct err *team_name_taken(struct req *r, const struct err *e) must_check;

/* Choices of a select: every team of the account, first "None". */
struct list team_choices(struct req *r, struct list teams);

/* The link that lets somebody in, and the mail that brings it. */
struct str invite_url(struct req *r, struct str code);
struct mail invite_mail(struct req *r, struct str email, struct str code, struct instant expires);
extern const struct choice life_choices[];
#define INVITE_DAY     ((int64_t)24 * 3600)
#define INVITE_SECONDS (7 * INVITE_DAY) /* where nobody says how long */

extern const struct view users_view, user_view, going_view, teams_view, team_view, team_delete_view,
	invites_view, invite_made_view, bulk_view, bulk_report_view;

#endif
