/* Which passwords are easily guessed, and that asking costs little whatever is asked. */
#include "support/suite.h"

#include <string.h>
#include <time.h>

#include "kit/crypto/crypto.h"

static const struct str known[] = { STR_INIT("Maren.Holt@northbridge.example"),
				    STR_INIT("Maren Holt"), STR_INIT("Northbridge IT Services") };

#define KNOWN (sizeof(known) / sizeof(known[0]))

static const struct {
	const char *password, *why; /* NULL: not easily guessed */
} cases[] = {
	{ "walk the proven path", NULL },
	{ "correct horse battery staple", NULL },
	{ "maren met nine otters", NULL },
	{ "k3V!x9_pQ2wz", NULL },
	{ "Password123!", "it is made of common words" },
	{ "P@ssw0rd2026", "it is made of common words" },
	{ "aaaaaaaaaaaaaaaa", "it repeats itself" },
	{ "monkeymonkeymonkey", "it repeats itself" },
	{ "abcdefghijklmn", "it is a row like abc or 123" },
	{ "qwertyuiop[]", "its keys lie side by side" },
	{ "northbridge12", "it is made of your name, address or company, or ours" },
	{ "MAREN.HOLT@NORTHBRIDGE.EXAMPLE",
	  "it is made of your name, address or company, or ours" },
	{ "", "it is too short" },
};

START_TEST(says_why_a_password_is_easily_guessed)
{
	for (size_t at = 0; at < sizeof(cases) / sizeof(cases[0]); at++) {
		const char *why =
			password_weakness(arena, str_of(cases[at].password), known, KNOWN);

		ck_assert_msg(why == cases[at].why ||
				      (why && cases[at].why && strcmp(why, cases[at].why) == 0),
			      "%s: %s", cases[at].password, why ? why : "well");
	}
}
END_TEST

START_TEST(knows_only_what_it_is_told)
{
	ck_assert_ptr_null(password_weakness(arena, STR("zephyrtech oko"), NULL, 0));
	ck_assert_ptr_nonnull(password_weakness(
		arena, STR("zephyrtech oko"), (struct str[]){ STR("Zephyrtech"), STR("Oko") }, 2));
}
END_TEST

START_TEST(takes_little_time_for_any_length)
{
	static const char *const hard[] = { "6535753525359535753525351535453", "a4@", "aA", "$1|" };
	struct str long_name = str_fmt(arena, "%05000d", 7);
	clock_t began = clock();

	for (size_t at = 0; at < sizeof(hard) / sizeof(hard[0]); at++) {
		struct str text = STR("");

		while (text.n < 10000)
			text = str_fmt(arena, "%.*s%s%.*s", STR_ARG(text), hard[at], STR_ARG(text));
		password_weakness(arena, text, &long_name, 1);
	}
	ck_assert_msg(clock() - began < CLOCKS_PER_SEC / 2, "%ld us", (long)(clock() - began));
}
END_TEST

SUITE("kit/crypto/guess", says_why_a_password_is_easily_guessed, knows_only_what_it_is_told,
      takes_little_time_for_any_length)
