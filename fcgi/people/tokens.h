#ifndef PEOPLE_TOKENS_H
#define PEOPLE_TOKENS_H

#include "people/store.h"

/* What a sign-in hands out: an access token of minutes and a refresh token that is spent at each
 * renewal. */
struct tokens {
	struct str access_token, refresh_token, token_type;
	int64_t expires_in;
};

extern const struct shape tokens_shape;

/* A new sign-in: queues its rows (the transaction must have entered the account) and gives its
 * tokens. */
struct tokens tokens_start(struct req *r, struct uuid account, struct uuid person, enum role role);
/* Spends a refresh token.  *ret is NULL where it is unknown or its sign-in has ended; see enum
 * outcome. */
const struct err *tokens_renew(struct req *r, struct str refresh_token, struct renewal **ret,
			       struct tokens *tokens) must_check;

/* The browser's copy. */
void tokens_set_cookies(struct req *r, const struct tokens *tokens);
void tokens_clear_cookies(struct req *r);

/* Runs what is queued and begins the request's next transaction, as the same caller. */
const struct err *people_next_tx(struct req *r) must_check;

#endif
