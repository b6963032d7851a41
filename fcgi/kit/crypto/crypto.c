/* The face over libsodium; see crypto.h.  Only this room includes it. */
#include "kit/crypto/crypto.h"

#include <errno.h>
#include <sodium.h>
#include <unistd.h>
#include <string.h>

#include "kit/base/arena.h"
#include "kit/base/clock.h"

/* Chance: the kernel's, or a stream of the held seed, of which each draw takes the next nonce. */
static struct {
	bool held;
	uint8_t seed[32];
	uint64_t draws;
} chance;

/* The last id's millisecond and counter, so that the next one is greater. */
static struct {
	int64_t ms;
	uint64_t counter;
} last_id;

const struct err *crypto_start(struct arena *a)
{
	return sodium_init() < 0 ? ERR(a, ERR_INTERNAL, "libsodium does not start") : NULL;
}

void crypto_hold_random(const uint8_t seed[32])
{
	chance.held = seed != NULL;
	chance.draws = 0;
	if (seed)
		memcpy(chance.seed, seed, sizeof(chance.seed));
	last_id.ms = 0;
	last_id.counter = 0;
}

static void random_bytes(uint8_t *bytes, size_t n)
{
	uint8_t nonce[crypto_stream_chacha20_NONCEBYTES] = { 0 };

	if (!chance.held) {
		randombytes_buf(bytes, n);
		return;
	}
	memcpy(nonce, &chance.draws, sizeof(chance.draws));
	chance.draws++;
	crypto_stream_chacha20(bytes, n, nonce, chance.seed);
}

uint32_t crypto_below(uint32_t n)
{
	uint32_t number;

	random_bytes((uint8_t *)&number, sizeof(number));
	return (uint32_t)((uint64_t)number * n >> 32);
}

/*
 * The 12 bits beside the time count the ids of one millisecond, from a random start in the lower
 * half. Where they run over, or the clock steps back, ids go on from the last one's time.
 */
static void next_id(uint64_t start)
{
	int64_t ms = clock_now().us / 1000;

	if (ms > last_id.ms) {
		last_id.ms = ms;
		last_id.counter = start & 0x7ff;
		return;
	}
	last_id.counter++;
	if (last_id.counter > 0xfff) {
		last_id.ms++;
		last_id.counter = start & 0x7ff;
	}
}

struct uuid crypto_uuid7(void)
{
	static const char hex[] = "0123456789abcdef";
	struct uuid id = UUID_NONE;
	uint8_t random[10], bytes[16];
	size_t to = 0;

	random_bytes(random, sizeof(random));
	next_id((uint64_t)random[0] << 8 | random[1]);
	for (size_t at = 0; at < 6; at++)
		bytes[at] = (uint8_t)(last_id.ms >> (40 - 8 * at));
	bytes[6] = (uint8_t)(0x70 | last_id.counter >> 8);
	bytes[7] = (uint8_t)last_id.counter;
	memcpy(bytes + 8, random + 2, 8);
	bytes[8] = (uint8_t)(0x80 | (bytes[8] & 0x3f));
	for (size_t at = 0; at < 16; at++) {
		if (at == 4 || at == 6 || at == 8 || at == 10)
			id.text[to++] = '-';
		id.text[to++] = hex[bytes[at] >> 4];
		id.text[to++] = hex[bytes[at] & 15];
	}
	return id;
}

struct str crypto_token(struct arena *a)
{
	uint8_t bytes[32];
	struct str token;

	random_bytes(bytes, sizeof(bytes));
	token = crypto_base64url(a, bytes, sizeof(bytes));
	crypto_wipe(bytes, sizeof(bytes));
	return token;
}

struct str crypto_base32(struct arena *a, size_t n)
{
	static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
	char *text = arena_alloc(a, n + 1, 1);

	random_bytes((uint8_t *)text, n);
	for (size_t at = 0; at < n; at++)
		text[at] = alphabet[text[at] & 31];
	return (struct str){ text, n };
}

void crypto_derive(struct str master, const char *purpose, uint8_t key[CRYPTO_KEY])
{
	crypto_hmac_sha256((const uint8_t *)master.p, master.n, str_of(purpose), key);
}

struct str crypto_integrity(struct arena *a, struct str content)
{
	uint8_t hash[crypto_hash_sha256_BYTES];
	char text[sodium_base64_ENCODED_LEN(sizeof(hash), sodium_base64_VARIANT_ORIGINAL)];

	crypto_hash_sha256(hash, (const uint8_t *)content.p, content.n);
	sodium_bin2base64(text, sizeof(text), hash, sizeof(hash), sodium_base64_VARIANT_ORIGINAL);
	return str_fmt(a, "sha256-%s", text);
}

struct str crypto_hash_token(struct arena *a, struct str token)
{
	uint8_t hash[crypto_hash_sha256_BYTES];
	size_t n = 2 * sizeof(hash);
	char *hex = arena_alloc(a, n + 1, 1);

	crypto_hash_sha256(hash, (const uint8_t *)token.p, token.n);
	sodium_bin2hex(hex, n + 1, hash, sizeof(hash));
	return (struct str){ hex, n };
}

struct str crypto_hash_file(struct arena *a, int fd)
{
	uint8_t block[65536], hash[crypto_hash_sha256_BYTES];
	crypto_hash_sha256_state state;
	size_t n = 2 * sizeof(hash);
	char *hex = arena_alloc(a, n + 1, 1);
	ssize_t got;

	crypto_hash_sha256_init(&state);
	while ((got = read(fd, block, sizeof(block))) > 0)
		crypto_hash_sha256_update(&state, block, (size_t)got);
	if (got < 0)
		return STR_NONE;
	crypto_hash_sha256_final(&state, hash);
	sodium_bin2hex(hex, n + 1, hash, sizeof(hash));
	return (struct str){ hex, n };
}

struct str crypto_mac(struct arena *a, const uint8_t key[CRYPTO_KEY], struct str text)
{
	uint8_t mac[32];

	crypto_generichash(mac, sizeof(mac), (const uint8_t *)text.p, text.n, key, CRYPTO_KEY);
	return crypto_base64url(a, mac, sizeof(mac));
}

_Static_assert(sizeof(struct crypto_sum) >= sizeof(crypto_hash_sha256_state), "it has room");

static crypto_hash_sha256_state *state_of(struct crypto_sum *sum)
{
	return (crypto_hash_sha256_state *)sum->state;
}

void crypto_sum_begin(struct crypto_sum *sum)
{
	crypto_hash_sha256_init(state_of(sum));
}

void crypto_sum_add(struct crypto_sum *sum, struct str piece)
{
	crypto_hash_sha256_update(state_of(sum), (const uint8_t *)piece.p, piece.n);
}

struct str crypto_sum_end(struct arena *a, struct crypto_sum *sum)
{
	uint8_t hash[crypto_hash_sha256_BYTES];
	char *hex = ARENA_ARRAY(a, char, 2 * sizeof hash + 1);

	crypto_hash_sha256_final(state_of(sum), hash);
	sodium_bin2hex(hex, 2 * sizeof hash + 1, hash, sizeof hash);
	return (struct str){ hex, 2 * sizeof hash };
}

void crypto_hmac_sha256(const uint8_t *key, size_t nkey, struct str text, uint8_t mac[CRYPTO_HMAC])
{
	crypto_auth_hmacsha256_state state;

	crypto_auth_hmacsha256_init(&state, key, nkey);
	crypto_auth_hmacsha256_update(&state, (const uint8_t *)text.p, text.n);
	crypto_auth_hmacsha256_final(&state, mac);
	crypto_wipe(&state, sizeof(state));
}

bool crypto_equal(struct str a, struct str b)
{
	return a.p && b.p && a.n == b.n && sodium_memcmp(a.p, b.p, a.n) == 0;
}

#define SEAL_NONCE crypto_aead_xchacha20poly1305_ietf_NPUBBYTES
#define SEAL_TAG   crypto_aead_xchacha20poly1305_ietf_ABYTES

struct str crypto_seal(struct arena *a, const uint8_t key[CRYPTO_KEY], struct str plain)
{
	size_t n = SEAL_NONCE + plain.n + SEAL_TAG;
	uint8_t *sealed = arena_alloc(a, n, 1);

	random_bytes(sealed, SEAL_NONCE);
	crypto_aead_xchacha20poly1305_ietf_encrypt(sealed + SEAL_NONCE, NULL,
						   (const uint8_t *)plain.p, plain.n, NULL, 0, NULL,
						   sealed, key);
	return crypto_base64url(a, sealed, n);
}

struct str crypto_open(struct arena *a, const uint8_t key[CRYPTO_KEY], struct str sealed)
{
	uint8_t *bytes, *plain;
	size_t n;

	if (!crypto_unbase64url(a, sealed, &bytes, &n) || n < SEAL_NONCE + SEAL_TAG)
		return STR_NONE;
	plain = arena_alloc(a, n, 1);
	if (crypto_aead_xchacha20poly1305_ietf_decrypt(plain, NULL, NULL, bytes + SEAL_NONCE,
						       n - SEAL_NONCE, NULL, 0, bytes, key) != 0)
		return STR_NONE;
	return (struct str){ (const char *)plain, n - SEAL_NONCE - SEAL_TAG };
}

struct str crypto_open_either(struct arena *a, const uint8_t key[CRYPTO_KEY],
			      const uint8_t previous[CRYPTO_KEY], struct str sealed)
{
	struct str plain = crypto_open(a, key, sealed);

	return plain.p ? plain : crypto_open(a, previous, sealed);
}

#define BASE64URL sodium_base64_VARIANT_URLSAFE_NO_PADDING

struct str crypto_base64url(struct arena *a, const uint8_t *bytes, size_t n)
{
	size_t room = sodium_base64_encoded_len(n, BASE64URL);
	char *text = arena_alloc(a, room, 1);

	sodium_bin2base64(text, room, bytes, n, BASE64URL);
	return (struct str){ text, room - 1 };
}

bool crypto_unbase64url(struct arena *a, struct str text, uint8_t **ret, size_t *n)
{
	size_t room = text.n / 4 * 3 + 3, length;
	uint8_t *bytes = arena_alloc(a, room, 1);

	/* libsodium 1.0.18 reads every byte above 0x7f as "_". */
	for (size_t at = 0; at < text.n; at++)
		if ((unsigned char)text.p[at] > 0x7f)
			return false;
	if (!text.p ||
	    sodium_base642bin(bytes, room, text.p, text.n, NULL, &length, NULL, BASE64URL) != 0)
		return false;
	*ret = bytes;
	*n = length;
	return true;
}

void crypto_wipe(void *p, size_t n)
{
	sodium_memzero(p, n);
}

static bool hash_with(struct str password, struct password_cost cost,
		      char hash[crypto_pwhash_STRBYTES])
{
	const char *text = password.n ? password.p : "";

	return crypto_pwhash_str(hash, text, password.n, cost.passes, cost.bytes) == 0;
}

const struct err *password_hash(struct arena *a, struct str password, struct password_cost cost,
				struct str *ret)
{
	char hash[crypto_pwhash_STRBYTES];

	if (!hash_with(password, cost, hash))
		return ERR(a, ERR_BUSY, "argon2 with %zu bytes: %s", cost.bytes, strerror(errno));
	*ret = str_dup(a, str_of(hash));
	return NULL;
}

bool password_matches(struct arena *a, struct str password, struct str hash,
		      struct password_cost cost)
{
	char unused[crypto_pwhash_STRBYTES];

	if (!hash.p) {
		hash_with(password, cost, unused);
		return false;
	}
	return crypto_pwhash_str_verify(str_cstr(a, hash), password.n ? password.p : "",
					password.n) == 0;
}

bool password_is_stale(struct str hash, struct password_cost cost)
{
	char text[crypto_pwhash_STRBYTES] = { 0 };

	if (hash.n >= sizeof(text))
		return true;
	if (hash.n)
		memcpy(text, hash.p, hash.n);
	return crypto_pwhash_str_needs_rehash(text, cost.passes, cost.bytes) != 0;
}
