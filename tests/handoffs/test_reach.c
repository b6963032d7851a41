/* Whether a hand-off has reached anybody. */
#include "handoffs/handoffs.h"

#include "support/suite.h"

static bool reached_nobody(int state, const struct delivery_row *rows, size_t n)
{
	const struct handoff_row row = { .state = state };

	return handoff_reached_nobody(&(struct handoff){ &row, LIST_OF(rows, n) });
}

static struct delivery_row delivery(const char *status, bool calls)
{
	return (struct delivery_row){ .status = str_of(status), .calls = calls };
}

START_TEST(one_that_is_on_its_way_reaches_somebody)
{
	static const char *const on_its_way[] = { "queued", "sending", "sent" };

	for (size_t at = 0; at < sizeof(on_its_way) / sizeof(on_its_way[0]); at++) {
		const struct delivery_row rows[] = { delivery("failed", true),
						     delivery(on_its_way[at], true) };

		ck_assert(!reached_nobody(HANDOFF_OPEN, rows, 2));
	}
}
END_TEST

START_TEST(nobody_is_there_or_every_way_failed)
{
	const struct delivery_row rows[] = { delivery("failed", true), delivery("skipped", true) };

	ck_assert(reached_nobody(HANDOFF_OPEN, rows, 0));
	ck_assert(reached_nobody(HANDOFF_OPEN, rows, 2));
}
END_TEST

START_TEST(the_one_who_handed_it_off_is_no_help)
{
	const struct delivery_row own = delivery("sent", false);

	ck_assert(reached_nobody(HANDOFF_OPEN, &own, 1));
}
END_TEST

START_TEST(what_does_not_wait_needs_nobody)
{
	for (int state = HANDOFF_CLAIMED; state < HANDOFF_NONE; state++)
		ck_assert(!reached_nobody(state, NULL, 0));
}
END_TEST

SUITE("handoffs/reach", one_that_is_on_its_way_reaches_somebody,
      nobody_is_there_or_every_way_failed, the_one_who_handed_it_off_is_no_help,
      what_does_not_wait_needs_nobody)
