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

START_TEST(says_numbers_as_people_do)
{
	ck_assert_text(str_count(arena, 0), STR("0"));
	ck_assert_text(str_count(arena, 999), STR("999"));
	ck_assert_text(str_count(arena, -1234567), STR("-1,234,567"));
	ck_assert_text(str_count(arena, INT64_MIN), STR("-9,223,372,036,854,775,808"));
}
END_TEST

START_TEST(says_sizes_as_people_do)
{
	static const struct {
		int64_t bytes;
		const char *text;
	} cases[] = {
		{ 0, "0 bytes" },         { 999, "999 bytes" },
		{ 1000, "1 kB" },         { 1500, "1.5 kB" },
		{ 9949, "9.9 kB" },       { 9990, "10 kB" },
		{ 99999, "100 kB" },      { 999499, "999 kB" },
		{ 999500, "1 MB" },       { 200000, "200 kB" },
		{ 5000000000, "5 GB" },   { 80600000000, "81 GB" },
		{ 1234567890, "1.2 GB" }, { 5000000000000000, "5000 TB" },
	};

	for (size_t at = 0; at < sizeof(cases) / sizeof(cases[0]); at++)
		ck_assert_text(str_size(arena, cases[at].bytes), str_of(cases[at].text));
}
END_TEST

SUITE("kit/base/str", cuts_at_the_first, reads_the_whole_range_of_numbers, refuses_what_is_not_utf8,
      says_numbers_as_people_do, says_sizes_as_people_do)
