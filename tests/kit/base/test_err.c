/* Errors as values. */
#include "support/suite.h"

#include <string.h>

#include "kit/base/err.h"

START_TEST(carries_what_went_wrong)
{
	const struct err *e = ERR(arena, ERR_NOT_FOUND, "No flow %d.", 7);

	ck_assert(e->kind == ERR_NOT_FOUND && !e->code && e->line > 0 && e->sqlstate[0] == '\0');
	ck_assert_text(e->message, STR("No flow 7."));
	ck_assert_str_eq(err_code(e), "not_found");
	ck_assert(str_ends(str_of(e->file), STR("test_err.c")));
	ck_assert_str_eq(err_code(ERR_CODE(arena, ERR_CONFLICT, "stale", "x")), "stale");
}
END_TEST

START_TEST(has_a_code_for_every_kind)
{
	for (int kind = 0; kind < ERR__MAX; kind++)
		ck_assert_ptr_nonnull(err_code(ERR(arena, (enum err_kind)kind, "x")));
}
END_TEST

START_TEST(cuts_a_long_message_between_characters)
{
	static const char *const fills[] = { "x", "\xc3\xa9", "\xe2\x82\xac", "\xf0\x9f\x98\x80" };
	char text[4096];

	for (size_t at = 0; at < 4; at++) {
		for (size_t shift = 0; shift < 4; shift++) {
			const struct err *e;

			memset(text, '-', shift);
			text[shift] = '\0';
			while (strlen(text) < 2000)
				memcpy(text + strlen(text), fills[at], strlen(fills[at]) + 1);
			e = ERR(arena, ERR_INVALID, "%s", text);
			ck_assert(e->message.n > 1019 && e->message.n < 1024 &&
				  str_is_utf8(e->message));
			ck_assert(str_starts(str_of(text), e->message));
		}
	}
}
END_TEST

static const struct err *fails(int *calls)
{
	++*calls;
	return ERR(arena, ERR_BUSY, "away");
}

static const struct err *passes_on(int *calls)
{
	TRY(NULL);
	TRY(fails(calls));
	TRY(fails(calls));
	return NULL;
}

START_TEST(is_passed_on_once)
{
	int calls = 0;

	ck_assert(passes_on(&calls)->kind == ERR_BUSY && calls == 1);
}
END_TEST

SUITE("kit/base/err", carries_what_went_wrong, has_a_code_for_every_kind,
      cuts_a_long_message_between_characters, is_passed_on_once)
