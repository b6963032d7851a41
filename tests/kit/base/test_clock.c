/* Time: what is read, what is printed, and what is no time at all. */
#include "support/suite.h"

#include <time.h>

#include <limits.h>

#include "kit/base/clock.h"

static struct instant at(int64_t seconds, int64_t us)
{
	return (struct instant){ seconds * CLOCK_SECOND + us };
}

START_TEST(reads_rfc_3339_and_what_postgresql_prints)
{
	static const struct {
		const char *text;
		int64_t seconds, us;
	} rows[] = {
		{ "2026-11-21T10:51:07Z", 1795258267, 0 },
		{ "2026-11-21t10:51:07z", 1795258267, 0 },
		{ "2026-11-21 10:51:07.5+00", 1795258267, 500000 },
		{ "2026-11-21 12:51:07.123456+02", 1795258267, 123456 },
		{ "2026-11-21T16:21:07.1234567+05:30", 1795258267, 123456 },
		{ "2026-11-21T16:21:07+0530", 1795258267, 0 },
		{ "2026-11-21T05:21:07-05:30", 1795258267, 0 },
		{ "1970-01-01T00:00:00Z", 0, 0 },
		{ "1969-12-31T23:59:59.999999Z", 0, -1 },
		{ "2024-02-29T00:00:00Z", 1709164800, 0 },
		{ "2000-02-29T00:00:00Z", 951782400, 0 },
		{ "2016-12-31T23:59:60Z", 1483228800, 0 },
		{ "0001-01-01T00:00:00Z", -62135596800, 0 },
		{ "9999-12-31T23:59:59.999999Z", 253402300799, 999999 },
	};

	for (size_t row = 0; row < sizeof(rows) / sizeof(rows[0]); row++) {
		struct instant got = { 42 };

		ck_assert_msg(clock_parse(str_of(rows[row].text), &got), "%s", rows[row].text);
		ck_assert_msg(got.us == at(rows[row].seconds, rows[row].us).us, "%s: %lld",
			      rows[row].text, (long long)got.us);
	}
}
END_TEST

START_TEST(refuses_what_is_no_time)
{
	static const char *const texts[] = {
		"",
		"now",
		"infinity",
		"-infinity",
		"2026-11-21",
		"2026-11-21T10:51:07",
		"2026-11-21T10:51Z",
		"2026-11-21T10:51:07Zx",
		"2026-11-21T10:51:07Z ",
		" 2026-11-21T10:51:07Z",
		"2026-13-21T10:51:07Z",
		"2026-00-21T10:51:07Z",
		"2026-11-00T10:51:07Z",
		"2026-11-31T10:51:07Z",
		"2026-02-29T10:51:07Z",
		"2100-02-29T10:51:07Z",
		"2026-02-30T10:51:07Z",
		"2026-11-21T24:00:00Z",
		"2026-11-21T10:60:07Z",
		"2026-11-21T10:51:61Z",
		"2026-11-21T10:51:07.Z",
		"2026-11-21T10:51:07,5Z",
		"2026-11-21T10:51:07+",
		"2026-11-21T10:51:07+5",
		"2026-11-21T10:51:07+05:",
		"2026-11-21T10:51:07+05:3",
		"2026-11-21T10:51:07+24:00",
		"2026-11-21T10:51:07+05:60",
		"2026-11-21T10:51:07+05:30:15",
		"2026-11-21X10:51:07Z",
		"2026-1-21T10:51:07Z",
		"26-11-21T10:51:07Z",
		"12026-11-21T10:51:07Z",
		"-026-11-21T10:51:07Z",
		"+026-11-21T10:51:07Z",
		"2026-11-21T 1:51:07Z",
		"0044-03-15 12:00:00+00 BC",
		"9999-12-31T23:59:59-00:01",
	};

	for (size_t row = 0; row < sizeof(texts) / sizeof(texts[0]); row++) {
		struct instant got = { 42 };

		ck_assert_msg(!clock_parse(str_of(texts[row]), &got), "%s", texts[row]);
		ck_assert(got.us == 42);
	}
	ck_assert(!clock_parse(STR("2026-11-21T10:51:07\0Z"), &(struct instant){ 0 }));
	ck_assert(!clock_parse(STR_NONE, &(struct instant){ 0 }));
}
END_TEST

START_TEST(prints_what_it_reads_again)
{
	static const char *const texts[] = {
		"2026-11-21T10:51:07Z",        "2026-11-21T10:51:07.500000Z",
		"1969-12-31T23:59:59.999999Z", "0001-01-01T00:00:00Z",
		"0999-12-31T23:59:59Z",        "9999-12-31T23:59:59.999999Z",
	};

	for (size_t row = 0; row < sizeof(texts) / sizeof(texts[0]); row++) {
		struct instant when = { 0 };

		ck_assert(clock_parse(str_of(texts[row]), &when));
		ck_assert_text(clock_rfc3339(arena, when), str_of(texts[row]));
	}
}
END_TEST

START_TEST(knows_every_day_of_four_centuries)
{
	for (int64_t day = -80000; day < 80000; day++) {
		time_t seconds = day * 86400 + 43200;
		struct instant when;
		char text[40];
		struct tm tm;

		gmtime_r(&seconds, &tm);
		strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ", &tm);
		ck_assert_text(clock_rfc3339(arena, at(seconds, 0)), str_of(text));
		ck_assert(clock_parse(str_of(text), &when) && when.us == seconds * CLOCK_SECOND);
	}
}
END_TEST

START_TEST(prints_any_instant_into_its_room)
{
	static const int64_t far[] = { INT64_MIN, INT64_MIN + 1, -1, 1, INT64_MAX };

	for (size_t row = 0; row < sizeof(far) / sizeof(far[0]); row++) {
		char room[CLOCK_TEXT];
		size_t n = clock_print((struct instant){ far[row] }, room);

		ck_assert(n < CLOCK_TEXT && room[n] == '\0' && room[n - 1] == 'Z');
	}
}
END_TEST

START_TEST(stands_still_where_it_is_held)
{
	struct instant then = at(1000, 1);

	clock_hold(then);
	ck_assert(clock_now().us == then.us && clock_now().us == then.us);
	clock_hold((struct instant){ 0 });
	ck_assert(clock_now().us > at(1700000000, 0).us);
	ck_assert(clock_mono() <= clock_mono());
}
END_TEST

static struct str ago(int64_t seconds)
{
	return clock_ago(arena, at(2000000000 - seconds, 0));
}

START_TEST(says_how_long_ago)
{
	clock_hold(at(2000000000, 0));
	ck_assert_text(ago(-5), STR("just now"));
	ck_assert_text(ago(0), STR("just now"));
	ck_assert_text(ago(59), STR("just now"));
	ck_assert_text(ago(60), STR("1 min ago"));
	ck_assert_text(ago(3599), STR("59 min ago"));
	ck_assert_text(ago(3600), STR("1 h ago"));
	ck_assert_text(ago(86399), STR("23 h ago"));
	ck_assert_text(ago(86400), STR("yesterday"));
	ck_assert_text(ago(172799), STR("yesterday"));
	ck_assert_text(ago(172800), STR("2 days ago"));
}
END_TEST

START_TEST(says_when_in_words)
{
	ck_assert_text(clock_words(arena, at(1795258267, 999999)),
		       STR("21 November 2026, 10:51 UTC"));
	ck_assert_text(clock_words(arena, at(946684800, 0)), STR("1 January 2000, 00:00 UTC"));
	ck_assert_text(clock_words(arena, at(-1, 5)), STR("31 December 1969, 23:59 UTC"));
	ck_assert_ptr_null(clock_words(arena, at(0, 0)).p);
	clock_words(arena, (struct instant){ INT64_MAX });
	clock_words(arena, (struct instant){ INT64_MIN });
}
END_TEST

START_TEST(says_how_long)
{
	static const struct {
		int64_t seconds;
		const char *words;
	} rows[] = {
		{ INT64_MIN, "0 s" }, { 0, "0 s" },           { 59, "59 s" },
		{ 60, "1 min" },      { 245, "4 min 5 s" },   { 600, "10 min" },
		{ 659, "10 min" },    { 3599, "59 min" },     { 3600, "1 h" },
		{ 3659, "1 h" },      { 4320, "1 h 12 min" }, { 93780, "26 h 3 min" },
	};

	for (size_t row = 0; row < sizeof(rows) / sizeof(rows[0]); row++)
		ck_assert_text(clock_span(arena, rows[row].seconds), str_of(rows[row].words));
}
END_TEST

START_TEST(reads_a_day)
{
	static const char *const odd[] = {
		"",         "2026-11-2",  "2026-02-29", "2026-11-211", "2026-11-21T",
		"26-11-21", "2026/11/21", "0000-00-00"
	};
	struct instant day = { 7 }, moment;

	ck_assert(clock_parse_day(STR("2024-02-29"), &day) &&
		  clock_parse(STR("2024-02-29T00:00:00Z"), &moment));
	ck_assert_int_eq(day.us, moment.us);
	for (size_t at = 0; at < sizeof(odd) / sizeof(odd[0]); at++)
		ck_assert_msg(!clock_parse_day(str_of(odd[at]), &day), "%s", odd[at]);
	ck_assert(!clock_parse_day(STR_NONE, &day) && day.us == moment.us);
}
END_TEST

SUITE("kit/base/clock", reads_rfc_3339_and_what_postgresql_prints, refuses_what_is_no_time,
      prints_what_it_reads_again, prints_any_instant_into_its_room,
      knows_every_day_of_four_centuries, stands_still_where_it_is_held, says_how_long_ago,
      says_when_in_words, says_how_long, reads_a_day)
