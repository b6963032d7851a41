/* What is typed as a code, what is made to be typed, and what opens only where it belongs. */
#include "support/suite.h"

#include <string.h>

#include "accounts/accounts.h"
#include "people/second_factor.h"

static const struct {
	const char *typed;
	enum code_kind kind;
	const char *text;
} typed[] = {
	{ "123456", CODE_APP, "123456" },
	{ " 123 456 ", CODE_APP, "123456" },
	{ "123-456", CODE_APP, "123456" },
	{ "123\xe2\x80\x93"
	  "456",
	  CODE_APP, "123456" }, /* what a phone makes of a dash */
	{ "000000", CODE_APP, "000000" },
	{ "12345", CODE_NONE, "12345" },
	{ "1234567", CODE_NONE, "1234567" },
	{ "12345a", CODE_NONE, "12345a" },
	{ "", CODE_NONE, "" },
	{ "abcd-efgh-ijkl-mnop-qrst-uvwx", CODE_RECOVERY, "abcdefghijklmnopqrstuvwx" },
	{ "ABCD EFGH ijkl mnop qrst uvwx", CODE_RECOVERY, "abcdefghijklmnopqrstuvwx" },
	{ "abcd-efgh-ijkl-mnop-qrst-uvw", CODE_NONE, "abcdefghijklmnopqrstuvw" },
};

START_TEST(reads_a_code_however_it_is_typed)
{
	for (size_t at = 0; at < sizeof(typed) / sizeof(typed[0]); at++) {
		struct code code = code_read(arena, str_of(typed[at].typed));

		ck_assert_int_eq(code.kind, typed[at].kind);
		ck_assert_text(code.text, str_of(typed[at].text));
	}
	ck_assert_int_eq(code_read(arena, STR_NONE).kind, CODE_NONE);
	ck_assert_int_eq(code_read(arena, str_fmt(arena, "%0100000d", 7)).kind, CODE_NONE);
}
END_TEST

START_TEST(makes_ten_codes_that_it_reads_back)
{
	struct list codes = codes_new(arena), hashes = codes_hashed(arena, codes);
	const struct str *texts = codes.items, *stored = hashes.items;

	ck_assert_uint_eq(codes.n, 10);
	ck_assert_uint_eq(hashes.n, 10);
	for (size_t at = 0; at < codes.n; at++) {
		struct code code = code_read(arena, texts[at]);

		ck_assert_uint_eq(texts[at].n, 29);
		ck_assert_int_eq(code.kind, CODE_RECOVERY);
		ck_assert_text(stored[at], crypto_hash_token(arena, code.text));
		for (size_t other = 0; other < at; other++)
			ck_assert(!str_eq(texts[at], texts[other]));
	}
}
END_TEST

START_TEST(the_address_for_the_app_is_escaped)
{
	ck_assert_text(totp_url(arena, STR("ann+x&y@a.example"), STR("ABCD")),
		       STR("otpauth://totp/ResolutionFlow:ann%2Bx%26y%40a.example"
			   "?secret=ABCD&issuer=ResolutionFlow"));
	ck_assert_text(secret_in_groups(arena, STR("ABCDEFGHIJ")), STR("ABCD EFGH IJ"));
}
END_TEST

static struct settings settings_of(uint8_t now, uint8_t before)
{
	struct settings s = { 0 };

	memset(s.keys.secret, now, CRYPTO_KEY);
	memset(s.keys.secret_previous, before, CRYPTO_KEY);
	memset(s.keys.half, now, CRYPTO_KEY);
	return s;
}

START_TEST(a_secret_opens_for_its_person_by_this_key_or_the_one_before)
{
	struct settings first = settings_of(1, 1), next = settings_of(2, 1),
			last = settings_of(3, 2);
	struct uuid ann = crypto_uuid7(), ben = crypto_uuid7();
	struct str sealed = factor_seal(arena, &first, ann, STR("ABCD"));

	ck_assert_text(factor_open(arena, &first, ann, sealed), STR("ABCD"));
	ck_assert_text(factor_open(arena, &next, ann, sealed), STR("ABCD"));
	ck_assert_ptr_null(factor_open(arena, &last, ann, sealed).p);
	ck_assert_ptr_null(factor_open(arena, &first, ben, sealed).p);
	ck_assert_ptr_null(factor_open(arena, &first, ann, STR("rubbish")).p);
	ck_assert_ptr_null(factor_open(arena, &first, ann, STR_NONE).p);
}
END_TEST

START_TEST(half_a_sign_in_holds_for_five_minutes)
{
	struct settings s = settings_of(1, 1), other = settings_of(2, 1);
	struct credentials c = { .account = crypto_uuid7(),
				 .person = crypto_uuid7(),
				 .password_hash = STR("$argon2id$1") };
	struct half half = half_of(arena, &c), read;
	struct instant began = { 1000 * CLOCK_SECOND };
	struct str sealed;

	clock_hold(began);
	sealed = half_seal(arena, &s, &half);
	ck_assert(half_unseal(arena, &s, sealed, &read));
	ck_assert(uuid_eq(read.account, c.account) && uuid_eq(read.person, c.person));
	ck_assert_text(read.mark, half.mark);
	clock_hold((struct instant){ began.us + HALF_SECONDS * CLOCK_SECOND - 1 });
	ck_assert(half_unseal(arena, &s, sealed, &read));
	clock_hold((struct instant){ began.us + HALF_SECONDS * CLOCK_SECOND });
	ck_assert(!half_unseal(arena, &s, sealed, &read));
	clock_hold(began);
	ck_assert(!half_unseal(arena, &other, sealed, &read));
	ck_assert(!half_unseal(arena, &s, str_first(sealed, sealed.n - 1), &read));
	ck_assert(!half_unseal(arena, &s, STR_NONE, &read));
	clock_hold((struct instant){ 0 });
	c.password_hash = STR("$argon2id$2");
	ck_assert(!str_eq(half.mark, half_of(arena, &c).mark));
}
END_TEST

SUITE("people/codes", reads_a_code_however_it_is_typed, makes_ten_codes_that_it_reads_back,
      the_address_for_the_app_is_escaped,
      a_secret_opens_for_its_person_by_this_key_or_the_one_before,
      half_a_sign_in_holds_for_five_minutes)
