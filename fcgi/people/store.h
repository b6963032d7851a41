#ifndef PEOPLE_STORE_H
#define PEOPLE_STORE_H

#include "kit/db/db.h"
#include "people/people.h"

/* The rows of the people room and its statements, one function each; private to the room. */

struct credentials {
	struct uuid account, person;
	int role;
	struct str email, password_hash;
	struct str factor; /* the sealed secret of the second factor; none: there is none */
	bool suspended;    /* the account: nobody of it signs in */
};

struct count_row {
	int64_t n;
};

enum outcome { OUTCOME_ROTATED, OUTCOME_RACED, OUTCOME_REUSED };

struct renewal {
	int outcome;
	struct uuid account, person, sign_in;
	int role;
};

struct device {
	struct uuid id;
	struct str agent, address;
	struct instant created_at, last_seen_at;
};

/* For a stream: what the sign-in may hear and for how long, and the account's number then. */
struct permit {
	int role;
	struct instant expires_at;
	int64_t at;
	bool due; /* a second factor */
};

struct invite_taken {
	struct uuid account, invite;
	int role;
	struct uuid team;
};

struct invite_offer {
	struct str account_name;
	int role;
	struct str email;
	bool usable;
};

/* What the platform's code offers to a company that registers. */
struct code_offer {
	struct str plan_label; /* none: the plan that every account begins with */
	bool usable;
};

struct code_taken {
	struct uuid code;
	struct str plan; /* as above */
};

struct ticket {
	struct uuid account, person;
	struct str email, name, account_name;
	bool used;
};

struct ticket_used {
	struct uuid account, person;
};

struct password_row {
	struct str password_hash, email, name, account_name;
};

struct me {
	struct uuid id;
	struct str email, name;
	int role;
	struct uuid account;
	struct str account_name, plan;
	bool email_verified;
	struct instant created_at;
};

struct kept_form {
	struct str sealed;
	struct instant created_at;
};

struct home_counts {
	int64_t people, teams;
	struct str plan;
};

struct profile_row {
	struct str team;
	struct instant password_changed_at;
	int64_t devices, keys;
	bool second_factor;
};

struct forgotten {
	struct str address, ticket_hash, subject, body;
	int64_t lasts;
};

struct device_notice {
	struct str agent, address, text, link;
};

struct profile_form {
	struct str name, theme;
	bool single_keys;
};

struct refresh_try {
	struct str old_hash, new_hash, address, agent;
	struct str subject, body; /* of the mail to its owner, where it was reused */
	int64_t grace, lasts;
};

struct new_sign_in {
	struct uuid id, person;
	struct str agent, address, refresh_hash;
	int64_t lasts;
};

void store_enter(struct req *r, enum permission need);
void store_begin_as(struct tx *t, struct uuid account, struct uuid person);
void store_rate(struct tx *t, struct str key, int64_t most);
void store_sign_in_find(struct tx *t, struct str address, struct str guess,
			struct credentials **ret);
/* whose: NULL where nobody signs in with that address, which takes the same time. */
void store_sign_in_wrong(struct req *r, struct str guess, const struct credentials *whose);
void store_sign_in_right(struct tx *t, struct str guess);
/* 401 where the password was changed since its hash was read; locks the person's row. */
void store_sign_in_check(struct tx *t, struct uuid person, struct str hash);
void store_sign_in_add(struct tx *t, const struct new_sign_in *s);
void store_refresh(struct tx *t, const struct refresh_try *try, struct renewal **ret);
void store_sign_out(struct req *r, struct str hash);
void store_sign_in_end(struct tx *t, struct uuid sign_in, struct uuid person, const char *why);
/* All devices of that person but one. */
void store_sign_ins_end(struct tx *t, struct uuid person, struct uuid but, const char *why);
/* 404 where it is none of the person's. */
void store_device_find(struct tx *t, struct uuid sign_in, struct uuid person);
void store_permit(struct tx *t, struct uuid sign_in, struct permit **ret);
void store_devices(struct tx *t, struct uuid person, struct list *ret);
void store_account_add(struct tx *t, struct uuid account, struct str name,
		       const struct code_taken *by);
void store_code_find(struct tx *t, struct str code_hash, struct code_offer **ret);
void store_code_take(struct tx *t, struct str code_hash, struct code_taken **ret);
void store_team_add(struct tx *t, struct uuid id, struct str name);
void store_person_add(struct tx *t, const struct new_person *p);
void store_invite_take(struct tx *t, struct str code_hash, struct str address,
		       struct invite_taken **ret);
void store_invite_find(struct tx *t, struct str code_hash, struct invite_offer **ret);
void store_ticket_add(struct tx *t, struct str hash, struct uuid person, const char *purpose,
		      int64_t lasts);
void store_ticket_find(struct tx *t, struct str hash, const char *purpose, struct ticket **ret);
void store_ticket_use(struct tx *t, struct str hash, const char *purpose, struct ticket_used **ret);
void store_password_set(struct tx *t, struct uuid person, struct str hash);
/* The same password, hashed with today's cost. */
void store_password_rehash(struct tx *t, struct uuid person, struct str hash);
/* Mailed links to choose a password hold no more. */
void store_tickets_end(struct tx *t, struct uuid person);
void store_password_of(struct tx *t, struct uuid person, struct password_row **ret);
void store_email_verified(struct tx *t, struct uuid person);
void store_me(struct tx *t, struct uuid person, struct me **ret);
/* Queues the mail where the address is somebody's; tells nobody whether it is. */
void store_forgot(struct tx *t, const struct forgotten *f);
void store_profile_set(struct tx *t, struct uuid person, const struct profile_form *f);
void store_home_counts(struct tx *t, struct home_counts **ret);
void store_profile(struct tx *t, struct uuid person, struct profile_row **ret);
/* Tells of a sign-in of an agent and address that the person has not signed in from. */
void store_notice_new_device(struct tx *t, struct uuid person, const struct device_notice *n);
/* What only passed through, and what has long ended. */
void store_sweep_leftovers(struct tx *t);
void store_sweep_sign_ins(struct tx *t);
void store_sweep_batches(struct tx *t);
void store_form_keep(struct tx *t, struct str hash, struct str sealed);
void store_form_find(struct tx *t, struct str hash, struct kept_form **ret);
void store_form_drop(struct tx *t, struct str hash);

#endif
