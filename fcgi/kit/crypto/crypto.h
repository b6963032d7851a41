#ifndef KIT_CRYPTO_CRYPTO_H
#define KIT_CRYPTO_CRYPTO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "kit/base/err.h"
#include "kit/base/str.h"
#include "kit/base/uuid.h"

struct arena;

/* libsodium's face, and the seam for chance: nothing else in the tree makes random bytes. */
const struct err *crypto_start(struct arena *a) must_check;

/* RFC 9562 version 7, by the clock of kit/base/clock.h; each is greater than the one before it in
 * the process. */
struct uuid crypto_uuid7(void);
struct str crypto_token(struct arena *a); /* 32 random bytes, base64url, 43 characters */
struct str crypto_base32(struct arena *a,
			 size_t n); /* n random characters A-Z 2-7, five bits each */
uint32_t crypto_below(uint32_t n);  /* 0 to n - 1, n at least 1; close to even, for waits */
/* Tests make chance repeat itself; NULL gives it back to the kernel. */
void crypto_hold_random(const uint8_t seed[32]);

#define CRYPTO_KEY 32
/* A key of CRYPTO_KEY bytes for one purpose ("csrf", "jwt"), derived from the master secret. */
void crypto_derive(struct str master, const char *purpose, uint8_t key[CRYPTO_KEY]);

/* "sha256-...", as the integrity attribute of a script has it. */
struct str crypto_integrity(struct arena *a, struct str content);

/* SHA-256 in hex, how tokens are stored; 64 characters. */
struct str crypto_hash_token(struct arena *a, struct str token);
/* The same of a whole file, from where it stands; none where it can't be read. */
struct str crypto_hash_file(struct arena *a, int fd);
/* Keyed BLAKE2b, base64url, 43 characters. */
struct str crypto_mac(struct arena *a, const uint8_t key[CRYPTO_KEY], struct str text);
/* In constant time for equal lengths; none equals nothing, not even none. */
bool crypto_equal(struct str a, struct str b);
/* What other parties ask for: JWT, webhook signatures. */
#define CRYPTO_HMAC 32
void crypto_hmac_sha256(const uint8_t *key, size_t nkey, struct str text, uint8_t mac[CRYPTO_HMAC]);

/* SHA-256 of what comes in pieces; hex has 64 digits. */
struct crypto_sum {
	uint64_t state[16];
};
void crypto_sum_begin(struct crypto_sum *sum);
void crypto_sum_add(struct crypto_sum *sum, struct str piece);
struct str crypto_sum_end(struct arena *a, struct crypto_sum *sum);

/* Sealed with the key (XChaCha20-Poly1305, random nonce), base64url; open gives none where it does
 * not fit. */
struct str crypto_seal(struct arena *a, const uint8_t key[CRYPTO_KEY], struct str plain);
struct str crypto_open(struct arena *a, const uint8_t key[CRYPTO_KEY], struct str sealed);
/* By the key, or else by the one before it. */
struct str crypto_open_either(struct arena *a, const uint8_t key[CRYPTO_KEY],
			      const uint8_t previous[CRYPTO_KEY], struct str sealed);

struct str crypto_base64url(struct arena *a, const uint8_t *bytes, size_t n);
/* Strict: no padding, no foreign characters, no stray bits in the last one; false else. */
bool crypto_unbase64url(struct arena *a, struct str text, uint8_t **ret, size_t *n);
void crypto_wipe(void *p, size_t n);

/* NULL, or why a new password is easily guessed ("it repeats itself") by whom these texts about its
 * owner are known.  Reads 64 characters and takes far less time than the hash. */
const char *password_weakness(struct arena *a, struct str password, const struct str *known,
			      size_t n);

struct password_cost {
	uint64_t passes;
	size_t bytes;
};
/* "$argon2id$..." ; ERR_BUSY where memory is short. */
const struct err *password_hash(struct arena *a, struct str password, struct password_cost cost,
				struct str *ret) must_check;
/* Compares against hash, or, where hash is none, spends the same time on a hash of its own and says
 * false. */
bool password_matches(struct arena *a, struct str password, struct str hash,
		      struct password_cost cost);
/* Whether hash was made with another cost than today's, or is none of ours. */
bool password_is_stale(struct str hash, struct password_cost cost);

#endif
