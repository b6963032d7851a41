/* Codes of authenticator apps: the face over liboath; see totp.h. */
#include "kit/crypto/totp.h"

#include <liboath/oath.h>
#include <stdlib.h>

#include "kit/base/arena.h"
#include "kit/crypto/crypto.h"

#define SECRET_CHARACTERS 32
#define STEP              (30 * CLOCK_SECOND)

struct str totp_secret(struct arena *a)
{
	return crypto_base32(a, SECRET_CHARACTERS);
}

int64_t totp_step(struct instant at)
{
	return at.us / STEP;
}

struct str totp_code(struct arena *a, struct str secret, int64_t step)
{
	char *key, code[TOTP_DIGITS + 1];
	size_t n;
	int rc;

	if (!secret.n || oath_base32_decode(secret.p, secret.n, &key, &n) != OATH_OK)
		return STR_NONE;
	rc = oath_hotp_generate(key, n, (uint64_t)step, TOTP_DIGITS, false,
				OATH_HOTP_DYNAMIC_TRUNCATION, code);
	crypto_wipe(key, n);
	free(key);
	return rc == OATH_OK ? str_dup(a, str_of(code)) : STR_NONE;
}

/* All three are looked at, whichever fits: how long it takes tells nothing. */
int64_t totp_find(struct arena *a, struct str secret, struct str code, struct instant now)
{
	int64_t step = totp_step(now), found = 0;

	for (int64_t at = step - 1; at <= step + 1; at++)
		if (crypto_equal(code, totp_code(a, secret, at)))
			found = at;
	return found;
}
