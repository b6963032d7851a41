#ifndef KIT_CRYPTO_JWT_H
#define KIT_CRYPTO_JWT_H

#include <stdbool.h>
#include <stdint.h>

#include "kit/base/clock.h"
#include "kit/base/err.h"
#include "kit/base/str.h"
#include "kit/base/uuid.h"

struct arena;

/*
 * Access tokens, HS256 by libjwt behind two strict functions.  libjwt 1.10 takes any algorithm that
 * fits the key, tolerates foreign characters, never looks at the claims and takes a text for a
 * number, so everything is checked here: the form, algorithm, type, key id, issuer, audience, not
 * before, expiry, and that each claim is there and of its type.
 */
struct jwt_keys {
	struct jwt_key {
		const char *id; /* NULL where there is none */
		uint8_t bytes[32];
	} current, previous; /* two during a rotation; the current one signs */
};

struct jwt_claims {
	struct uuid user, account, sign_in;
	int role;
	struct instant issued, expires;
};

struct str jwt_sign(struct arena *a, const struct jwt_keys *keys, const struct jwt_claims *claims);
/* False for anything that is not a token of ours that holds now; over 4 KB it is not looked at. */
bool jwt_check(struct arena *a, const struct jwt_keys *keys, struct str token,
	       struct jwt_claims *ret);
/*
 * The same by way of what was found right before: a page takes less time than the check of its
 * token. Of each token a keyed digest is kept and its claims, so the very same bytes are known
 * again, and only whether they have run out is asked anew.  One for each process and set of keys.
 */
struct jwt_known;
struct jwt_known *jwt_known_new(struct arena *a);
bool jwt_check_known(struct jwt_known *known, struct arena *a, const struct jwt_keys *keys,
		     struct str token, struct jwt_claims *ret);
/*
 * What jwt_check asks first, and the test vectors are put to: three parts of strict base64url,
 * HS256 and a right signature by a key of at least 32 bytes, whatever the payload is.  libjwt sees
 * nothing that fails it.
 */
bool jwt_signature_ok(struct arena *a, const uint8_t *key, size_t nkey, struct str token);

#endif
