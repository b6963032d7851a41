#ifndef KIT_CRYPTO_TOTP_H
#define KIT_CRYPTO_TOTP_H

#include "kit/base/clock.h"
#include "kit/base/str.h"

/*
 * The codes that an authenticator app shows: RFC 6238 with SHA-1, six digits and steps of half a
 * minute, which is what every app understands.
 */
#define TOTP_DIGITS 6

/* A new secret: 160 random bits as apps take them, 32 characters of base32. */
struct str totp_secret(struct arena *a);
/* How many half minutes had passed by then since 1970. */
int64_t totp_step(struct instant at);
/* The code of a step; none where the secret is no base32. */
struct str totp_code(struct arena *a, struct str secret, int64_t step);
/* The step whose code this is, of the one of `now` and its two neighbours, for clocks differ and
 * people type slowly; 0: it is of none of them. */
int64_t totp_find(struct arena *a, struct str secret, struct str code, struct instant now);

#endif
