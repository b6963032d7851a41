/* Which accounts have a feature: by their own setting, by that of all, by a part of all. */
#include "flags/flags.h"

#include "kit/crypto/crypto.h"
#include "support/suite.h"

#define ACCOUNTS 10000

static struct uuid account(int n)
{
	struct uuid id;

	snprintf(id.text, sizeof(id.text), "01a20091-a482-75fc-ab04-%012x", (unsigned)n);
	return id;
}

static struct list rows(bool enabled, int64_t percent)
{
	struct flag_row *row = ARENA_NEW(arena, struct flag_row);

	*row = (struct flag_row){ STR("insight"), UUID_NONE, enabled, percent };
	return LIST_OF(row, 1);
}

START_TEST(what_nobody_set_is_as_the_table_says)
{
	for (enum flag f = FLAG_NONE + 1; f < FLAG__MAX; f++) {
		ck_assert_int_eq(flags_judge((struct list){ 0 }, f, account(1)), flag_kinds[f].on);
		ck_assert_int_eq(flag_named(str_of(flag_kinds[f].name)), f);
		ck_assert(flag_kinds[f].about && flag_kinds[f].about[0]);
	}
	ck_assert_int_eq(flag_named(STR("nothing")), FLAG_NONE);
	ck_assert_int_eq(flag_named(STR("")), FLAG_NONE);
}
END_TEST

START_TEST(a_part_is_about_right_and_only_grows)
{
	static const int parts[] = { 0, 1, 10, 50, 90, 99, 100 };
	int before[ACCOUNTS] = { 0 };

	for (size_t part = 0; part < sizeof(parts) / sizeof(parts[0]); part++) {
		int in = 0;

		for (int n = 0; n < ACCOUNTS; n++) {
			bool on = flags_judge(rows(true, parts[part]), FLAG_INSIGHT, account(n));

			ck_assert_msg(on || !before[n], "%d was in before %d %%", n, parts[part]);
			before[n] = on;
			in += on;
		}
		ck_assert_int_ge(in, parts[part] * 100 - 150);
		ck_assert_int_le(in, parts[part] * 100 + 150);
		if (parts[part] == 0 || parts[part] == 100)
			ck_assert_int_eq(in, parts[part] * 100);
	}
}
END_TEST

START_TEST(a_place_is_the_flags_own_and_never_another)
{
	int same = 0;

	for (int n = 0; n < ACCOUNTS; n++)
		same += flag_place(FLAG_INSIGHT, account(n)) ==
			flag_place(FLAG_WEBHOOKS, account(n));
	ck_assert_int_lt(same, 200);
	/* Of a rollout that is under way: another number would switch accounts off and on. */
	ck_assert_int_eq(flag_place(FLAG_INSIGHT, account(1)), 77);
	ck_assert_int_eq(flag_place(FLAG_WEBHOOKS, account(1)), 16);
}
END_TEST

START_TEST(an_accounts_own_setting_wins)
{
	const struct flag_row set[] = {
		{ STR_INIT("insight"), account(1), true, 0 },
		{ STR_INIT("insight"), account(2), false, 0 },
		{ STR_INIT("insight"), { "" }, false, 100 },
		{ STR_INIT("webhooks"), account(1), false, 0 },
	};
	struct list all = LIST_OF(set, 4);

	ck_assert(flags_judge(all, FLAG_INSIGHT, account(1)));
	ck_assert(!flags_judge(all, FLAG_INSIGHT, account(2)));
	ck_assert(!flags_judge(all, FLAG_INSIGHT, account(3)));
	ck_assert(!flags_judge(all, FLAG_WEBHOOKS, account(1)));
	ck_assert(flags_judge(all, FLAG_WEBHOOKS, account(2)));
	ck_assert(flags_judge(rows(true, 100), FLAG_INSIGHT, account(2)));
}
END_TEST

SUITE("flags", what_nobody_set_is_as_the_table_says, a_part_is_about_right_and_only_grows,
      a_place_is_the_flags_own_and_never_another, an_accounts_own_setting_wins)
