/* Access tokens; see jwt.h.  Only this file includes libjwt. */
#include "kit/crypto/jwt.h"

#include <jwt.h>
#include <limits.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "kit/base/arena.h"
#include "kit/base/json.h"
#include "kit/crypto/crypto.h"

#define TOKEN_MAX ((size_t)4096)
#define LEEWAY    30                 /* seconds that another machine's clock may be ahead of ours */
#define TIME_MAX  ((int64_t)1 << 40) /* far beyond any date, and safe to count in microseconds */
#define ISSUER    "resolutionflow"
#define AUDIENCE  "resolutionflow-api"

#define KNOWN 512 /* tokens; a newer one takes the place of an older one */

static const struct json_limits part_limits = {
	.bytes = TOKEN_MAX, .depth = 4, .keys = 64, .values = 64
};

struct token {
	struct str head, body, signature, signed_part;
};

/* Three parts and nothing else; strict base64url is found out where each is decoded. */
static bool split(struct str text, struct token *ret)
{
	struct str rest = text;

	if (text.n > TOKEN_MAX)
		return false;
	ret->head = str_cut(&rest, '.');
	ret->body = str_cut(&rest, '.');
	ret->signature = rest;
	ret->signed_part = str_first(text, ret->head.n + 1 + ret->body.n);
	return ret->head.n && ret->body.n && ret->signature.n;
}

static const struct json *decoded(struct arena *a, struct str part)
{
	const struct json *j = NULL;
	uint8_t *bytes;
	size_t n;

	if (!crypto_unbase64url(a, part, &bytes, &n) ||
	    json_parse(a, (struct str){ (const char *)bytes, n }, &part_limits, &j))
		return NULL;
	return j;
}

static bool has_text(const struct json *j, const char *name, const char *want)
{
	return str_eq(json_str(json_get(j, str_of(name))), str_of(want));
}

bool jwt_signature_ok(struct arena *a, const uint8_t *key, size_t nkey, struct str text)
{
	uint8_t want[CRYPTO_HMAC], *got, *body;
	struct token t;
	size_t n;

	if (!key || nkey < 32 || !split(text, &t))
		return false;
	if (!crypto_unbase64url(a, t.body, &body, &n) ||
	    !crypto_unbase64url(a, t.signature, &got, &n))
		return false;
	if (!has_text(decoded(a, t.head), "alg", "HS256"))
		return false;
	crypto_hmac_sha256(key, nkey, t.signed_part, want);
	return crypto_equal((struct str){ (const char *)got, n },
			    (struct str){ (const char *)want, sizeof(want) });
}

/* The header has exactly what ours has, so that no "jku", "jwk" or "crit" is ever a question. */
static const struct jwt_key *key_of(struct arena *a, const struct jwt_keys *keys, struct str head)
{
	const struct jwt_key *const known[] = { &keys->current, &keys->previous };
	const struct json *j = decoded(a, head);
	struct str id = json_str(json_get(j, STR("kid")));

	if (json_length(j) != 3 || !has_text(j, "typ", "JWT") || !has_text(j, "alg", "HS256") ||
	    !id.n)
		return NULL;
	for (size_t at = 0; at < 2; at++)
		if (str_eq(str_of(known[at]->id), id))
			return known[at];
	return NULL;
}

static bool uuid_claim(const struct json *j, const char *name, struct uuid *ret)
{
	return uuid_parse(json_str(json_get(j, str_of(name))), ret);
}

static bool int_claim(const struct json *j, const char *name, int64_t most, int64_t *ret)
{
	const struct json *claim = json_get(j, str_of(name));

	*ret = json_int(claim);
	return json_type(claim) == JSON_INT && *ret >= 0 && *ret <= most;
}

static bool times_hold(int64_t issued, int64_t not_before, int64_t expires)
{
	int64_t now = clock_now().us / CLOCK_SECOND;

	return issued <= now + LEEWAY && not_before <= now + LEEWAY && now < expires &&
	       issued < expires;
}

static bool claims_hold(const struct json *j, struct jwt_claims *ret)
{
	struct jwt_claims claims = { 0 };
	int64_t role, issued, not_before, expires;

	if (!has_text(j, "iss", ISSUER) || !has_text(j, "aud", AUDIENCE))
		return false;
	if (!uuid_claim(j, "sub", &claims.user) || !uuid_claim(j, "acc", &claims.account) ||
	    !uuid_claim(j, "sid", &claims.sign_in))
		return false;
	if (!int_claim(j, "role", INT_MAX, &role) || !int_claim(j, "iat", TIME_MAX, &issued) ||
	    !int_claim(j, "nbf", TIME_MAX, &not_before) || !int_claim(j, "exp", TIME_MAX, &expires))
		return false;
	if (!times_hold(issued, not_before, expires))
		return false;
	claims.role = (int)role;
	claims.issued.us = issued * CLOCK_SECOND;
	claims.expires.us = expires * CLOCK_SECOND;
	*ret = claims;
	return true;
}

/* It has its say on the token, but not on the claims: it takes the text "2" for a number. */
static bool libjwt_agrees(struct arena *a, const struct jwt_key *key, struct str token)
{
	jwt_t *jwt = NULL;
	bool agrees = jwt_decode(&jwt, str_cstr(a, token), key->bytes, sizeof(key->bytes)) == 0 &&
		      jwt_get_alg(jwt) == JWT_ALG_HS256;

	jwt_free(jwt);
	return agrees;
}

bool jwt_check(struct arena *a, const struct jwt_keys *keys, struct str token,
	       struct jwt_claims *ret)
{
	const struct jwt_key *key;
	struct token t;

	if (!split(token, &t))
		return false;
	key = key_of(a, keys, t.head);
	if (!key || !jwt_signature_ok(a, key->bytes, sizeof(key->bytes), token))
		return false;
	return libjwt_agrees(a, key, token) && claims_hold(decoded(a, t.body), ret);
}

struct jwt_known {
	uint8_t key[crypto_generichash_KEYBYTES];
	struct known_token {
		uint8_t digest[crypto_generichash_BYTES];
		struct jwt_claims claims;
	} tokens[KNOWN];
};

struct jwt_known *jwt_known_new(struct arena *a)
{
	struct jwt_known *known = ARENA_NEW(a, struct jwt_known);

	crypto_generichash_keygen(known->key);
	return known;
}

/* Where a token of this digest stands, if it is known. */
static struct known_token *place_of(struct jwt_known *known, const uint8_t *digest)
{
	return &known->tokens[(digest[0] << 8 | digest[1]) % KNOWN];
}

bool jwt_check_known(struct jwt_known *known, struct arena *a, const struct jwt_keys *keys,
		     struct str token, struct jwt_claims *ret)
{
	uint8_t digest[crypto_generichash_BYTES];
	struct known_token *place;

	if (token.n > TOKEN_MAX)
		return false;
	crypto_generichash(digest, sizeof(digest), (const uint8_t *)token.p, token.n, known->key,
			   sizeof(known->key));
	place = place_of(known, digest);
	if (sodium_memcmp(place->digest, digest, sizeof(digest)) != 0) {
		if (!jwt_check(a, keys, token, ret))
			return false;
		memcpy(place->digest, digest, sizeof(digest));
		place->claims = *ret;
		return true;
	}
	if (clock_now().us >= place->claims.expires.us)
		return false;
	*ret = place->claims;
	return true;
}

static int add_claims(jwt_t *jwt, const struct jwt_claims *claims)
{
	long issued = claims->issued.us / CLOCK_SECOND, expires = claims->expires.us / CLOCK_SECOND;

	return jwt_add_grant(jwt, "iss", ISSUER) || jwt_add_grant(jwt, "aud", AUDIENCE) ||
	       jwt_add_grant(jwt, "sub", claims->user.text) ||
	       jwt_add_grant(jwt, "acc", claims->account.text) ||
	       jwt_add_grant(jwt, "sid", claims->sign_in.text) ||
	       jwt_add_grant_int(jwt, "role", claims->role) ||
	       jwt_add_grant_int(jwt, "iat", issued) || jwt_add_grant_int(jwt, "nbf", issued) ||
	       jwt_add_grant_int(jwt, "exp", expires);
}

struct str jwt_sign(struct arena *a, const struct jwt_keys *keys, const struct jwt_claims *claims)
{
	const struct jwt_key *key = &keys->current;
	jwt_t *jwt = NULL;
	char *text;
	struct str token;

	/* Short of memory, or claims that are not set: like the arena, it does not go on. */
	if (jwt_new(&jwt) || jwt_set_alg(jwt, JWT_ALG_HS256, key->bytes, sizeof(key->bytes)) ||
	    jwt_add_header(jwt, "kid", key->id) || add_claims(jwt, claims))
		abort();
	text = jwt_encode_str(jwt);
	if (!text)
		abort();
	token = str_dup(a, str_of(text));
	crypto_wipe(text, token.n);
	free(text);
	jwt_free(jwt);
	return token;
}

const struct err *jwt_start(struct arena *a, const struct jwt_keys *keys)
{
	struct instant now = clock_now();
	struct jwt_claims claims = {
		.user = crypto_uuid7(),
		.account = crypto_uuid7(),
		.sign_in = crypto_uuid7(),
		.issued = now,
		.expires = { now.us + 60 * CLOCK_SECOND },
	};

	if (jwt_check(a, keys, jwt_sign(a, keys, &claims), &claims))
		return NULL;
	return ERR(a, ERR_INTERNAL, "libjwt does not take a token that it signed");
}
