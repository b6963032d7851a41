/* The codes of RFC 6238 and RFC 4226, and how far a clock may be off. */
#include "support/suite.h"

#include "kit/crypto/crypto.h"
#include "kit/crypto/totp.h"

/* "12345678901234567890", the secret of both documents. */
static const struct str secret = STR_INIT("GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ");

/* RFC 6238, appendix B, SHA-1: the last six of its eight digits. */
static const struct {
	int64_t seconds;
	const char *code;
} moments[] = {
	{ 59, "287082" },         { 1111111109, "081804" }, { 1111111111, "050471" },
	{ 1234567890, "005924" }, { 2000000000, "279037" }, { 20000000000, "353130" },
};

/* RFC 4226, appendix D: of the steps 0 to 9. */
static const char *const steps[] = { "755224", "287082", "359152", "969429", "338314",
				     "254676", "287922", "162583", "399871", "520489" };

static struct instant at_second(int64_t seconds)
{
	return (struct instant){ seconds * CLOCK_SECOND };
}

START_TEST(gives_the_codes_of_both_documents)
{
	for (size_t at = 0; at < sizeof(moments) / sizeof(moments[0]); at++)
		ck_assert_text(totp_code(arena, secret, totp_step(at_second(moments[at].seconds))),
			       str_of(moments[at].code));
	for (int at = 0; at < 10; at++)
		ck_assert_text(totp_code(arena, secret, at), str_of(steps[at]));
}
END_TEST

START_TEST(a_step_is_half_a_minute)
{
	ck_assert_int_eq(totp_step(at_second(29)), 0);
	ck_assert_int_eq(totp_step(at_second(30)), 1);
	ck_assert_int_eq(totp_step((struct instant){ 59999999 }), 1);
}
END_TEST

START_TEST(finds_a_code_one_step_away_and_no_further)
{
	for (int64_t off = -3; off <= 3; off++) {
		int64_t found = totp_find(arena, secret, totp_code(arena, secret, 1000 + off),
					  at_second(30000));

		ck_assert_int_eq(found, off >= -1 && off <= 1 ? 1000 + off : 0);
	}
	/* The last moment of one step and the first of the next. */
	ck_assert_int_eq(totp_find(arena, secret, totp_code(arena, secret, 1002),
				   (struct instant){ 30030 * CLOCK_SECOND - 1 }),
			 0);
	ck_assert_int_eq(totp_find(arena, secret, totp_code(arena, secret, 1002), at_second(30030)),
			 1002);
}
END_TEST

START_TEST(finds_nothing_in_what_is_no_code)
{
	static const char *const texts[] = {
		"", "75522", "7552240", "755224 ", "abcdef", "-55224"
	};

	for (size_t at = 0; at < sizeof(texts) / sizeof(texts[0]); at++)
		ck_assert_int_eq(totp_find(arena, secret, str_of(texts[at]), at_second(15)), 0);
	ck_assert_int_eq(totp_find(arena, secret, STR_NONE, at_second(15)), 0);
	ck_assert_int_eq(totp_find(arena, STR_NONE, STR("755224"), at_second(15)), 0);
	ck_assert_int_eq(totp_find(arena, STR("not base32: 018"), STR("755224"), at_second(15)), 0);
}
END_TEST

START_TEST(a_secret_has_160_bits)
{
	struct str one = totp_secret(arena), other = totp_secret(arena);

	ck_assert_uint_eq(one.n, 32);
	for (size_t at = 0; at < one.n; at++)
		ck_assert(str_find(STR("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"), one.p[at]) >= 0);
	ck_assert(!str_eq(one, other));
	ck_assert_uint_eq(totp_code(arena, one, 1).n, TOTP_DIGITS);
}
END_TEST

SUITE("kit/crypto/totp", gives_the_codes_of_both_documents, a_step_is_half_a_minute,
      finds_a_code_one_step_away_and_no_further, finds_nothing_in_what_is_no_code,
      a_secret_has_160_bits)
