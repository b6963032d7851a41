/* Counted strings: what must hold whatever the bytes are. */
#include "support/suite.h"

START_TEST(cuts_at_the_first)
{
	struct str rest = STR("a=b=c");

	ck_assert_text(str_cut(&rest, '='), STR("a"));
	ck_assert_text(rest, STR("b=c"));
	ck_assert_text(str_cut(&rest, ';'), STR("b=c"));
	ck_assert_ptr_null(rest.p);
}
END_TEST

START_TEST(reads_the_whole_range_of_numbers)
{
	int64_t value = 7;

	ck_assert(str_to_int(STR("-9223372036854775808"), &value));
	ck_assert(value == INT64_MIN);
	ck_assert(str_to_int(STR("9223372036854775807"), &value));
	ck_assert(value == INT64_MAX);
	ck_assert(!str_to_int(STR("9223372036854775808"), &value));
	ck_assert(!str_to_int(STR("12x"), &value));
	ck_assert(!str_to_int(STR("-"), &value));
	ck_assert(!str_to_int(STR(""), &value));
}
END_TEST

START_TEST(refuses_what_is_not_utf8)
{
	ck_assert(str_is_utf8(STR("caf\xc3\xa9 \xf0\x9f\x98\x80")));
	ck_assert(!str_is_utf8(STR("\xc0\xaf")));
	ck_assert(!str_is_utf8(STR("\xed\xa0\x80")));
	ck_assert(!str_is_utf8(STR("\xf4\x90\x80\x80")));
	ck_assert(!str_is_utf8(STR("\xe2\x82")));
}
END_TEST

SUITE("kit/base/str", cuts_at_the_first, reads_the_whole_range_of_numbers, refuses_what_is_not_utf8)
