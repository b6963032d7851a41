#ifndef PEOPLE_PEOPLE_H
#define PEOPLE_PEOPLE_H

#include "flags/flags.h"
#include "kit/base/err.h"
#include "kit/http/http.h"
#include "kit/jobs/jobs.h"
#include "people/roles.h"

struct breached;
struct sql;

/* Who asks: from the token, and, once the transaction has run, from the database. */
struct who {
	struct uuid account, person, sign_in;
	enum role role;
	bool by_cookie;
	bool by_key;               /* of the API */
	unsigned key_may;          /* a bit for each permission that it has; see key_words.h */
	const struct who_row *row; /* NULL until the transaction has run */
};

/* What enter() tells of the caller, with the first statement of each request. */
#define UNREAD_MOST 100

struct who_row {
	struct uuid here; /* whose rows are seen: a super_admin may look into another account */
	struct str name, email;
	int role;
	struct str account_name;
	bool verified;
	struct str theme;
	bool single_keys;
	bool chime;                /* where something arrives on an open page */
	int64_t unread;            /* notices, counted to UNREAD_MOST */
	int64_t waiting;           /* hand-offs of colleagues that nobody has taken, so, too */
	int64_t last_event;        /* the account's last event */
	struct instant closing_at; /* when the account will be deleted, if it is to be */
	struct str inside; /* the name of the account that is looked into, read-only; or none */
	bool look_over;    /* its hour is over, and it is to be left */
	bool second_factor_due; /* nothing of the account is for them until they have one */
};

/*
 * Reads the bearer token or the browser's cookies.  An access cookie that has run out is renewed
 * with the refresh cookie in the same request.  Leaves r->who NULL where nobody is signed in.
 */
const struct err *people_identify(struct req *r) must_check;
/* Refuses what a key of the API does not open; whether its sign-in holds and the role allows it,
 * the transaction says first. */
const struct err *people_check_key(struct req *r) must_check;
/* Whether the caller may do this, too: by the role and, where a key calls, by the key. */
bool who_may(const struct who *who, enum permission p);
/* Refuses a change by cookie or by form that did not come from a page of ours, or from one of an
 * account that was looked into then, for whichever account the browser shows now. */
const struct err *people_check_csrf(struct req *r) must_check;
/* What each form of a page brings along, once there is a csrf_seed. */
struct str people_csrf_token(struct req *r);
/* Queues what every request begins with: rate, enter. */
void people_enter(struct req *r);
/* The same without the rate: a page that is shown after a refusal. */
void people_enter_again(struct req *r);
/* For a page that tells of an error: whom its frame greets, where that can be found out. */
void people_recognise(struct req *r);
/* The sign-in turned out to be ended: forgets the cookies and goes on signed out. */
void people_forget(struct req *r);
/* Forgets it: it was sent again, or is not wanted, or somebody else may sit down now. */
void people_drop_kept_form(struct req *r);
/*
 * Where a page that needs a sign-in sends the browser, and one whose account asks for a second
 * factor; it comes back afterwards, and a form that was sent is kept.  204 to an EventSource, which
 * then stays away.
 */
const struct err *people_ask_sign_in(struct req *r) must_check;
const struct err *people_ask_second_factor(struct req *r) must_check;

/* Whether the caller's account, or the one that is looked into, has a feature. */
bool flag_on(const struct req *r, enum flag flag);

/*
 * For what is not to be done by whoever finds a device unlocked: refuses what is not the caller's
 * password, as a problem of "current_password".  Of a route of POOL_PASSWORD; the rest of the
 * request is in another transaction, in which it still holds.
 */
const struct err *people_prove_password(struct req *r, struct str password) must_check;

/* What every page has; the function of struct server. */
extern const struct shape people_frame_shape;
const void *people_frame(struct req *r);
/* Whether what is shown is of another account, which the platform looks into; once
 * the transaction has run. */
bool people_is_inside(const struct req *r);
/* One sentence for the next page that is shown. */
void people_flash(struct req *r, const char *sentence);

/*
 * Hands the connection to the hub, which tells of the topic (NULL: of all that the caller's role
 * may hear) and ends it with the sign-in or a change of the role.
 */
const struct err *people_stream(struct req *r, const char *topic) must_check;

/* What the home page shows of the account and of who asks; the second call makes it of what was
 * read, when the transaction has run. */
struct people_home {
	bool verified, setting_up;
	int64_t people, teams;
	struct str plan, role_label;
	struct list steps;
	struct home_counts *counts;
};
extern const struct shape people_home_shape;
void people_home_read(struct req *r, struct people_home *ret);
void people_home_ready(struct req *r, struct people_home *home);
/* The front page, for whoever is signed out. */
const struct err *people_welcome(struct req *r) must_check;

/* Goes on as that person, in a transaction that is nobody's yet: a link or the program itself said
 * who. */
void people_go_on_as(struct tx *tx, struct uuid account, struct uuid person);

/* "Firefox on Windows", of what a browser calls itself. */
struct str agent_label(struct arena *a, struct str agent);
/* An account of the platform's making, with the invite of its first team admin, which is mailed;
 * goes on in it, as nobody.  *url is the invite's. */
struct new_account {
	struct uuid id;
	struct str name, plan, email;
};
const struct err *people_found_account(struct req *r, const struct new_account *account,
				       struct str *url) must_check;

/* Where an account is looked into: writes into its log what was seen, before it is sent. */
const struct err *people_record_look(struct req *r) must_check;
/* What whoever guesses at a password tries first. */
struct owner {
	struct str email, name, account_name;
};
/* Into *ret NULL, or a sentence that says why this can't be somebody's new password; list may be
 * NULL. */
const struct err *people_password_fault(struct arena *a, const struct breached *list,
					struct str password, struct owner owner,
					const char **ret) must_check;

/* For the demo account, in a transaction that is nobody's yet. */
struct new_person {
	struct uuid id, team, invite;
	struct str name, email, role, password_hash;
	bool owner;
};
void people_seed_account(struct tx *tx, struct uuid account, struct str name, struct uuid team,
			 struct str team_name);
void people_seed_person(struct tx *tx, const struct new_person *person);
/* In a transaction that is an admin's: somebody who was invited, joined, and is away since, for
 * good or not; and an invite that nobody took yet. */
void people_seed_leaver(struct arena *a, struct tx *tx, struct new_person person, bool for_good);
void people_seed_invite(struct arena *a, struct tx *tx, struct str email, struct str role);

/* Queued by the database where somebody was deactivated or has left, with {"person": ID}. */
#define JOB_PERSON_GONE "person_gone"

extern const struct route people_pages[], people_api[], users_routes[], user_routes[],
	going_routes[], teams_routes[], team_routes[], invite_bulk_routes[], invites_routes[],
	keys_routes[], keys_api[], second_factor_routes[], security_routes[];
extern const struct view *const people_views[], *const second_factor_views[];
extern const struct sql *const people_statements[], *const team_statements[];
extern const struct chore people_chores[];
extern const struct job_kind people_jobs[];

#endif
