/* Keys, tokens, seals and passwords: known answers, and what must not open. */
#include "support/suite.h"

#include <stdio.h>
#include <string.h>

#include "kit/base/clock.h"
#include "kit/base/json.h"
#include "kit/crypto/crypto.h"

#define VECTORS "../shared/data/wycheproof/hmac_sha256_test.json"

static const uint8_t key[CRYPTO_KEY] = { 1, 2, 3 }, other_key[CRYPTO_KEY] = { 1, 2, 4 };
/* As cheap as argon2 goes. */
static const struct password_cost cheap = { 1, 8192 };

static struct str hex_of(const uint8_t *bytes, size_t n)
{
	struct str text = STR("");

	for (size_t at = 0; at < n; at++)
		text = str_fmt(arena, "%.*s%02x", STR_ARG(text), bytes[at]);
	return text;
}

static struct str unhex(struct str hex)
{
	uint8_t *bytes = arena_alloc(arena, hex.n / 2 + 1, 1);

	for (size_t at = 0; at < hex.n / 2; at++) {
		unsigned int byte = 0;

		ck_assert_int_eq(sscanf(hex.p + 2 * at, "%2x", &byte), 1);
		bytes[at] = (uint8_t)byte;
	}
	return (struct str){ (const char *)bytes, hex.n / 2 };
}

START_TEST(starts)
{
	ck_assert_ptr_null(crypto_start(arena));
	ck_assert_ptr_null(crypto_start(arena));
}
END_TEST

START_TEST(makes_ids_of_version_seven_in_order)
{
	struct uuid last = UUID_NONE, id;

	clock_hold((struct instant){ 1645557742000000 }); /* the example of RFC 9562, A.6 */
	for (int at = 0; at < 10000; at++) {
		id = crypto_uuid7();
		ck_assert(uuid_parse(uuid_str(&id), &id));
		ck_assert_msg(strcmp(id.text, last.text) > 0, "%s after %s", id.text, last.text);
		ck_assert_int_eq(id.text[14], '7');
		ck_assert_ptr_nonnull(strchr("89ab", id.text[19]));
		if (at == 0)
			ck_assert_text(str_first(uuid_str(&id), 13), STR("017f22e2-79b0"));
		last = id;
	}
	clock_hold((struct instant){ 1645557700000000 });
	id = crypto_uuid7();
	ck_assert_msg(strcmp(id.text, last.text) > 0,
		      "a clock that steps back must not take ids back");
	clock_hold((struct instant){ 1745557742000000 });
	id = crypto_uuid7();
	ck_assert_text(str_first(uuid_str(&id), 13), STR("01966b59-61b0"));
}
END_TEST

START_TEST(repeats_held_chance_only)
{
	static const uint8_t seed[32] = { 9 }, another[32] = { 8 };
	struct str first, second;
	struct uuid id;

	clock_hold((struct instant){ 1645557742000000 });
	crypto_hold_random(seed);
	id = crypto_uuid7();
	first = crypto_token(arena);
	second = crypto_token(arena);
	ck_assert(first.n == 43 && !str_eq(first, second));
	crypto_hold_random(seed);
	ck_assert(uuid_eq(crypto_uuid7(), id));
	ck_assert_text(crypto_token(arena), first);
	ck_assert_text(crypto_token(arena), second);
	crypto_hold_random(another);
	ck_assert(!uuid_eq(crypto_uuid7(), id) && !str_eq(crypto_token(arena), first));
	crypto_hold_random(NULL);
	crypto_uuid7();
	ck_assert(!str_eq(crypto_token(arena), first) && !str_eq(crypto_token(arena), second));
}
END_TEST

START_TEST(hashes_tokens_by_sha256)
{
	ck_assert_text(crypto_hash_token(arena, STR("abc")),
		       STR("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"));
	ck_assert_text(crypto_hash_token(arena, STR_NONE),
		       STR("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"));
}
END_TEST

START_TEST(signs_as_rfc_4231_does)
{
	uint8_t mac[CRYPTO_HMAC];

	crypto_hmac_sha256((const uint8_t *)"Jefe", 4, STR("what do ya want for nothing?"), mac);
	ck_assert_text(hex_of(mac, sizeof(mac)),
		       STR("5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"));
}
END_TEST

static void check_mac(const struct json *group, const struct json *test)
{
	struct str text_key = unhex(json_str(json_get(test, STR("key"))));
	struct str tag = unhex(json_str(json_get(test, STR("tag"))));
	bool valid = str_eq(json_str(json_get(test, STR("result"))), STR("valid")), equal;
	uint8_t mac[CRYPTO_HMAC];

	ck_assert((size_t)json_int(json_get(group, STR("tagSize"))) / 8 == tag.n &&
		  tag.n <= sizeof(mac));
	crypto_hmac_sha256((const uint8_t *)text_key.p, text_key.n,
			   unhex(json_str(json_get(test, STR("msg")))), mac);
	equal = crypto_equal((struct str){ (const char *)mac, tag.n }, tag);
	ck_assert_msg(equal == valid, "tcId %d", (int)json_int(json_get(test, STR("tcId"))));
}

START_TEST(passes_the_vectors_of_hmac)
{
	const struct json_limits limits = {
		.bytes = 4096 * 1024, .depth = 32, .keys = 1000, .values = 500000
	};
	char *bytes = arena_alloc(arena, limits.bytes, 1);
	FILE *f = fopen(VECTORS, "rb");
	const struct json *j, *groups;
	int seen = 0;

	if (!f) {
		printf("skip: %s is not here\n", VECTORS);
		return;
	}
	ck_assert_ptr_null(json_parse(
		arena, (struct str){ bytes, fread(bytes, 1, limits.bytes, f) }, &limits, &j));
	fclose(f);
	groups = json_get(j, STR("testGroups"));
	for (size_t at = 0; at < json_length(groups); at++) {
		const struct json *group = json_item(groups, at),
				  *tests = json_get(group, STR("tests"));

		for (size_t test = 0; test < json_length(tests); test++, seen++)
			check_mac(group, json_item(tests, test));
	}
	ck_assert_int_eq(seen, 174);
}
END_TEST

START_TEST(derives_a_key_for_each_purpose)
{
	struct str master = STR("0123456789abcdef0123456789abcdef");
	uint8_t csrf[CRYPTO_KEY], jwt[CRYPTO_KEY], again[CRYPTO_KEY];

	crypto_derive(master, "csrf", csrf);
	crypto_derive(master, "jwt", jwt);
	crypto_derive(master, "csrf", again);
	ck_assert(memcmp(csrf, jwt, CRYPTO_KEY) != 0 && memcmp(csrf, again, CRYPTO_KEY) == 0);
	crypto_derive(STR("0123456789abcdef0123456789abcdeg"), "csrf", again);
	ck_assert(memcmp(csrf, again, CRYPTO_KEY) != 0);
}
END_TEST

START_TEST(tells_macs_apart)
{
	struct str mac = crypto_mac(arena, key, STR("text"));

	ck_assert_uint_eq(mac.n, 43);
	ck_assert(crypto_equal(mac, crypto_mac(arena, key, STR("text"))));
	ck_assert(!crypto_equal(mac, crypto_mac(arena, other_key, STR("text"))));
	ck_assert(!crypto_equal(mac, crypto_mac(arena, key, STR("texT"))));
	ck_assert(!crypto_equal(mac, str_first(mac, 42)));
	ck_assert(!crypto_equal(STR_NONE, STR_NONE) && !crypto_equal(STR(""), STR_NONE));
	ck_assert(crypto_equal(STR(""), STR("")));
}
END_TEST

START_TEST(opens_only_what_it_sealed)
{
	struct str plain = STR("a\0secret"), sealed = crypto_seal(arena, key, plain);

	ck_assert_text(crypto_open(arena, key, sealed), plain);
	ck_assert(!str_eq(sealed, crypto_seal(arena, key, plain)));
	ck_assert_ptr_null(crypto_open(arena, other_key, sealed).p);
	ck_assert_ptr_null(crypto_open(arena, key, STR_NONE).p);
	ck_assert_ptr_null(crypto_open(arena, key, STR("")).p);
	for (size_t n = 0; n < sealed.n; n++)
		ck_assert_ptr_null(crypto_open(arena, key, str_first(sealed, n)).p);
	for (size_t at = 0; at < sealed.n; at++) {
		char *bent = arena_alloc(arena, sealed.n, 1);

		memcpy(bent, sealed.p, sealed.n);
		bent[at] = bent[at] == 'A' ? 'B' : 'A';
		ck_assert_ptr_null(crypto_open(arena, key, (struct str){ bent, sealed.n }).p);
	}
	sealed = crypto_open(arena, key, crypto_seal(arena, key, STR("")));
	ck_assert(sealed.p && sealed.n == 0);
}
END_TEST

START_TEST(reads_base64url_strictly)
{
	static const struct str wrong[] = {
		STR_INIT("Zg=="), STR_INIT("Zm8="),  STR_INIT("Zh"),    STR_INIT("Zm9"),
		STR_INIT("Z"),    STR_INIT("Zm9vZ"), STR_INIT("Zm 9v"), STR_INIT("Zm9v\n"),
		STR_INIT("+/+/"), STR_INIT("Zm9?"),  STR_INIT("Zm9\0"), STR_INIT("Zm\xc3\xa9"),
	};
	uint8_t *bytes = NULL;
	size_t n = 7;

	for (size_t at = 0; at < sizeof(wrong) / sizeof(wrong[0]); at++)
		ck_assert_msg(!crypto_unbase64url(arena, wrong[at], &bytes, &n), "%.*s",
			      STR_ARG(wrong[at]));
	ck_assert(!crypto_unbase64url(arena, STR_NONE, &bytes, &n));
	ck_assert(n == 7 && !bytes);
	ck_assert(crypto_unbase64url(arena, STR(""), &bytes, &n) && n == 0);
	ck_assert(crypto_unbase64url(arena, STR("_-8"), &bytes, &n) && n == 2 && bytes[0] == 0xff &&
		  bytes[1] == 0xef);
	for (size_t length = 0; length < 70; length++) {
		uint8_t all[70];
		struct str text;

		memset(all, (int)(length * 37), sizeof(all));
		text = crypto_base64url(arena, all, length);
		ck_assert(crypto_unbase64url(arena, text, &bytes, &n) && n == length &&
			  memcmp(bytes, all, n) == 0);
	}
}
END_TEST

START_TEST(knows_a_password_again)
{
	struct str hash = STR_NONE, again = STR_NONE;

	ck_assert_ptr_null(password_hash(arena, STR("correct horse"), cheap, &hash));
	ck_assert_ptr_null(password_hash(arena, STR("correct horse"), cheap, &again));
	ck_assert(str_starts(hash, STR("$argon2id$")) && !str_eq(hash, again));
	ck_assert(password_matches(arena, STR("correct horse"), hash, cheap));
	ck_assert(!password_matches(arena, STR("correct hors"), hash, cheap));
	ck_assert(!password_matches(arena, STR("correct horse\0"), hash, cheap));
	ck_assert(!password_matches(arena, STR_NONE, hash, cheap));
	ck_assert(!password_matches(arena, STR("correct horse"), STR_NONE, cheap));
	ck_assert(!password_matches(arena, STR(""), STR(""), cheap));
	ck_assert(!password_matches(arena, STR("x"), STR("$2b$10$abcdefghijklmnopqrstuv"), cheap));
}
END_TEST

START_TEST(spends_the_same_time_on_a_user_who_is_not)
{
	const struct password_cost cost = { 2, 8 * 1024 * 1024 };
	struct str hash;
	int64_t start, known, unknown;

	ck_assert_ptr_null(password_hash(arena, STR("correct horse"), cost, &hash));
	start = clock_mono();
	for (int at = 0; at < 5; at++)
		password_matches(arena, STR("wrong"), hash, cost);
	known = clock_mono() - start;
	start = clock_mono();
	for (int at = 0; at < 5; at++)
		password_matches(arena, STR("wrong"), STR_NONE, cost);
	unknown = clock_mono() - start;
	ck_assert_msg(unknown > known / 4, "%lld us against %lld us", (long long)unknown,
		      (long long)known);
}
END_TEST

START_TEST(sees_a_stale_hash_and_a_lack_of_memory)
{
	struct password_cost dear = { 2, 16384 }, endless = { 1, (size_t)1 << 41 };
	struct str hash, unset = STR_NONE;
	const struct err *e;

	ck_assert_ptr_null(password_hash(arena, STR("correct horse"), cheap, &hash));
	ck_assert(!password_is_stale(hash, cheap) && password_is_stale(hash, dear));
	ck_assert(password_is_stale(STR_NONE, cheap) && password_is_stale(STR("md5:00"), cheap));
	hash = str_fmt(arena, "%.*s%0200d", STR_ARG(hash), 0);
	ck_assert(password_is_stale(hash, cheap) &&
		  !password_matches(arena, STR("correct horse"), hash, cheap));
	e = password_hash(arena, STR("correct horse"), endless, &unset);
	ck_assert(e && e->kind == ERR_BUSY && !unset.p);
}
END_TEST

SUITE("kit/crypto/crypto", starts, makes_ids_of_version_seven_in_order, repeats_held_chance_only,
      hashes_tokens_by_sha256, signs_as_rfc_4231_does, passes_the_vectors_of_hmac,
      derives_a_key_for_each_purpose, tells_macs_apart, opens_only_what_it_sealed,
      reads_base64url_strictly, knows_a_password_again, spends_the_same_time_on_a_user_who_is_not,
      sees_a_stale_hash_and_a_lack_of_memory)
