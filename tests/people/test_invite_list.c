/* Lists of people to invite, as spreadsheets of many countries save them. */
#include "people/invite_list.h"

#include "kit/base/buf.h"
#include "support/suite.h"

static struct list read_list(struct str text)
{
	return invite_list_read(arena, text, STR("viewer"));
}

static const struct invite_entry *entry(struct list list, size_t at)
{
	ck_assert_uint_lt(at, list.n);
	return &((const struct invite_entry *)list.items)[at];
}

static void expect_str(struct str got, const char *want)
{
	ck_assert_str_eq(str_cstr(arena, got), want);
}

static void expect(const struct invite_entry *e, int64_t n, const char *email, const char *role,
		   const char *team, const char *fault)
{
	ck_assert_int_eq(e->n, n);
	expect_str(e->email, email);
	expect_str(e->role, role);
	expect_str(e->team, team);
	expect_str(e->fault, fault);
}

START_TEST(without_a_head_the_order_is_email_role_team)
{
	struct list list = read_list(STR("a@example.com,engineer,Night\nb@example.com\n"));

	ck_assert_uint_eq(list.n, 2);
	expect(entry(list, 0), 1, "a@example.com", "engineer", "Night", "");
	expect(entry(list, 1), 2, "b@example.com", "viewer", "", "");
}
END_TEST

START_TEST(a_head_says_what_stands_where)
{
	static const char *const lists[] = {
		"\xef\xbb\xbfTeam;Name;E-Mail;Role\r\nNight;Ann;a@example.com;Team admin\r\n",
		"team\tname\temail\trole\nNight\tAnn\ta@example.com\tteam-admin\n",
		"\"Team\",\"Name\",\"email address\",\"Role\"\r\"Night\",\"Ann, of "
		"us\",\"a@example.com\",\"admin\"\r",
	};

	for (size_t at = 0; at < sizeof(lists) / sizeof(lists[0]); at++) {
		struct list list = read_list(str_of(lists[at]));

		ck_assert_uint_eq(list.n, 1);
		expect(entry(list, 0), 2, "a@example.com", "team_admin", "Night", "");
	}
}
END_TEST

START_TEST(empty_lines_count_and_are_left_out)
{
	struct list list = read_list(STR("\n ,,\r\na@example.com,\"viewer\",\"two\nlines\"\nx\n"));

	ck_assert_uint_eq(list.n, 2);
	expect(entry(list, 0), 3, "a@example.com", "viewer", "two lines", "unknown_team");
	expect(entry(list, 1), 5, "x", "viewer", "", "bad_address");
	ck_assert_uint_eq(read_list(STR("")).n, 0);
	ck_assert_uint_eq(read_list(STR("email,role")).n, 0);
}
END_TEST

START_TEST(what_is_wrong_with_a_line_is_said)
{
	struct list list = read_list(STR("a@example.com;king\nb@example.com;super_admin\n;viewer\n"
					 "=cmd@evil;viewer\nc@example.com,viewer\n"));

	expect(entry(list, 0), 1, "a@example.com", "king", "", "unknown_role");
	expect(entry(list, 1), 2, "b@example.com", "super_admin", "", "unknown_role");
	expect(entry(list, 2), 3, "", "viewer", "", "bad_address");
	expect_str(entry(list, 4)->fault, "bad_address");
}
END_TEST

START_TEST(reading_stops_at_one_more_than_the_most)
{
	struct buf text = buf_new(arena, (size_t)1 << 20);

	for (int at = 0; at < INVITE_LIST_MOST * 3; at++)
		buf_put(&text, STR("a@example.com\n"));
	ck_assert_uint_eq(read_list(buf_str(&text)).n, INVITE_LIST_MOST + 1);
}
END_TEST

START_TEST(a_cell_that_is_too_long_is_shown_in_part)
{
	struct buf text = buf_new(arena, 4096);

	for (int at = 0; at < 1000; at++)
		buf_put(&text, STR("\xc3\xbc"));
	ck_assert_uint_lt(entry(read_list(buf_str(&text)), 0)->email.n, 300);
	ck_assert(str_is_utf8(entry(read_list(buf_str(&text)), 0)->email));
}
END_TEST

SUITE("people/invite_list", without_a_head_the_order_is_email_role_team,
      a_head_says_what_stands_where, empty_lines_count_and_are_left_out,
      what_is_wrong_with_a_line_is_said, reading_stops_at_one_more_than_the_most,
      a_cell_that_is_too_long_is_shown_in_part)
