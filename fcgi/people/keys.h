#ifndef PEOPLE_KEYS_H
#define PEOPLE_KEYS_H

#include "kit/http/page.h"
#include "people/acts.h"
#include "people/key_words.h"
#include "people/team.h"

/* Keys of the API: sign-ins for programs, made and ended by their owner or an admin; private to the
 * room. */

struct key_row {
	struct uuid id, person;
	struct str person_name, name, prefix;
	struct list permissions; /* struct str */
	struct instant created_at, expires_at, last_used_at;
	struct str address, agent;
	int state;
};

enum key_state { KEY_ACTIVE, KEY_EXPIRED, KEY_REVOKED };
extern const struct names key_states;

/* What a wish for a key says, however it came. */
struct key_wish {
	struct str name;
	struct list permissions;
	struct instant expires_at;         /* none: never */
	struct str current_password, totp; /* totp: where a second factor is on */
};

/* The one time that the key itself is at hand. */
struct key_made {
	struct str key;
	struct key_row row;
};

const struct err *key_make(struct req *r, const struct key_wish *wish,
			   struct key_made *ret) must_check;
/* owner: UUID_NONE where it may be anyone's of the account.  One that has ended stays so. */
const struct err *key_revoke(struct req *r, struct uuid owner) must_check;

/* A list of the account's keys, narrowed by what was asked. */
struct keys_query {
	int64_t page, per_page;
	struct str q;
	int state;
};
struct keys_found {
	struct page page;
	struct list rows;
	struct count_row *count;
};
extern const struct shape keys_query;
const struct err *keys_find(struct req *r, struct keys_found *ret) must_check;

#define KEY_NAME .min = 1, .max = 80, .label = "Name"
/* The list of words in an input. */
extern const struct shape key_word_text;

struct known_key {
	struct uuid account, person, sign_in;
	int role;
	struct list permissions;
};

struct key_held {
	struct uuid person;
	struct str name;
	bool ended;
};

struct key_used {
	struct uuid id;
	struct str name;
	struct list permissions;
	struct instant expires_at;
};

struct key_ending {
	struct uuid person;
	struct str email, name, prefix;
	struct instant expires_at;
	bool expired;
};

/* most: wrong keys a minute of that address; then it refuses. */
void store_key_find(struct tx *t, struct req *r, struct str hash, int64_t most,
		    struct known_key **ret);
void store_key_add(struct tx *t, const struct key_row *row, struct str hash);
void store_keys(struct tx *t, struct uuid person, struct list *ret);
void store_all_keys(struct tx *t, const struct keys_query *q, struct keys_found *ret);
void store_key_hold(struct tx *t, struct uuid id, struct uuid owner, struct key_held **ret);
void store_key_used(struct tx *t, struct uuid sign_in, struct key_used **ret);
void store_key_ending(struct tx *t, struct uuid id, struct key_ending **ret);

#endif
