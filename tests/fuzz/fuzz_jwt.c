/*
 * Any bytes as a token, then as the header and the payload of a token that is rightly signed: never
 * a crash, and nothing holds that does not say what is asked of it.
 */
#include <stdint.h>
#include <stdlib.h>

#include "kit/base/arena.h"
#include "kit/crypto/crypto.h"
#include "kit/crypto/jwt.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static const struct jwt_keys keys = { .current = { "k2", { 2, 2, 2 } } };

static struct str forged(struct arena *a, struct str head, struct str body)
{
	struct str h = crypto_base64url(a, (const uint8_t *)head.p, head.n);
	struct str b = crypto_base64url(a, (const uint8_t *)body.p, body.n);
	struct str part = str_fmt(a, "%.*s.%.*s", STR_ARG(h), STR_ARG(b)), m;
	uint8_t mac[CRYPTO_HMAC];

	crypto_hmac_sha256(keys.current.bytes, sizeof(keys.current.bytes), part, mac);
	m = crypto_base64url(a, mac, sizeof(mac));
	return str_fmt(a, "%.*s.%.*s", STR_ARG(part), STR_ARG(m));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct arena *a = arena_new((size_t)64 * 1024 * 1024);
	struct str text = { (const char *)data, n };
	struct jwt_claims claims;

	clock_hold((struct instant){ 1800000000 * CLOCK_SECOND });
	/* Without the key nobody makes one. */
	if (jwt_check(a, &keys, text, &claims))
		abort();
	if (jwt_check(a, &keys, forged(a, text, STR("{}")), &claims))
		abort();
	if (jwt_check(a, &keys,
		      forged(a, STR("{\"alg\":\"HS256\",\"kid\":\"k2\",\"typ\":\"JWT\"}"), text),
		      &claims) &&
	    (uuid_is_none(claims.user) || uuid_is_none(claims.account) ||
	     uuid_is_none(claims.sign_in) || claims.expires.us <= clock_now().us ||
	     claims.role < 0))
		abort();
	arena_free(a);
	return 0;
}
