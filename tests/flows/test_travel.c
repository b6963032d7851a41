/* The ways that runs took: shares, dead ends, the path and the order of answers. */
#include "flows/travel.h"

#include "kit/base/arena.h"
#include "support/flows.h"
#include "support/suite.h"

static const struct flow_doc line =
	FLOW(FLOW_TROUBLESHOOTING, "q",
	     DECISION("q", "Is it plugged in?", WAY("yes", "Yes", TO("r")),
		      WAY("no", "No", TO("a")), WAY("odd", "Hm", TO("q"))),
	     DECISION("r", "Does it hum?", WAY("h", "Yes", TO("q")), WAY("s", "No", TO("end"))),
	     ACTION("a", "Plug it in", TO("r")), ANSWER("end", "It works"));

#define ROW(n, o, all, good)                                                                       \
	{                                                                                          \
		STR_INIT(n), STR_INIT(o), all, good, 60                                            \
	}
static const struct travel_row rows[] = {
	ROW("q", "yes", 4, 3),  ROW("q", "no", 40, 28), ROW("q", "odd", 12, 10),
	ROW("a", "", 40, 28),   ROW("r", "h", 6, 0),    ROW("r", "s", 3, 0),
	ROW("end", "", 41, 41),
};
static const struct travel travel = { rows, sizeof(rows) / sizeof(rows[0]) };

START_TEST(shares_are_of_resolved_runs)
{
	struct travel_share share = travel_share(&travel, STR("q"), STR("no"));

	ck_assert_int_eq(share.percent, 68); /* 28 of 41 */
	ck_assert_int_eq(share.runs, 41);
	ck_assert_int_eq(travel_share(&travel, STR("q"), STR("never")).percent, 0);
	ck_assert_int_eq(travel_share(&travel, STR("q"), STR("never")).runs, 41);
	ck_assert_int_eq(travel_share(&travel, STR("r"), STR("h")).runs, 0);
	ck_assert_int_eq(travel_share(&travel, STR("x"), STR("")).runs, 0);
}
END_TEST

START_TEST(a_dead_end_was_tried_often_and_never_resolved)
{
	ck_assert(travel_is_dead_end(&travel, STR("r")));
	ck_assert(!travel_is_dead_end(&travel, STR("q")));
	ck_assert(!travel_is_dead_end(&travel, STR("x")));
}
END_TEST

START_TEST(the_path_follows_most_runs_and_stops_where_nobody_knows)
{
	struct travel_row more[7];
	size_t length;
	const ptrdiff_t *path = travel_path(arena, &line, &travel, &length);

	ck_assert_uint_eq(length, 3);
	ck_assert(path[0] == 1 && path[2] == 0 && path[1] == -1 && path[3] == -1);
	for (size_t at = 0; at < 7; at++)
		more[at] = rows[at];
	more[5].resolved = 5;
	path = travel_path(arena, &line, &(struct travel){ more, 7 }, &length);
	ck_assert_uint_eq(length, 4);
	ck_assert(path[1] == 1);
	more[4].resolved = 50; /* the loop is the most taken way: shown once */
	path = travel_path(arena, &line, &(struct travel){ more, 7 }, &length);
	ck_assert_uint_eq(length, 3);
	ck_assert(path[1] == 0);
	path = travel_path(arena, &line, &(struct travel){ NULL, 0 }, &length);
	ck_assert_uint_eq(length, 1);
	ck_assert(path[0] == -1);
}
END_TEST

START_TEST(answers_in_the_order_of_their_use)
{
	size_t order[3];

	travel_order(&travel, flow_nodes(&line.structure), order);
	ck_assert(order[0] == 1 && order[1] == 2 && order[2] == 0);
	travel_order(&(struct travel){ NULL, 0 }, flow_nodes(&line.structure), order);
	ck_assert(order[0] == 0 && order[1] == 1 && order[2] == 2);
}
END_TEST

START_TEST(odd_flows_have_a_path_too)
{
	struct chance chance = { 7 };

	for (size_t at = 0; at < 300; at++) {
		struct flow_doc doc = flows_by_chance(arena, &chance, 40);
		size_t length;

		travel_path(arena, &doc, &travel, &length);
		ck_assert_uint_le(length, doc.structure.nodes.n);
	}
}
END_TEST

SUITE("flows/travel", shares_are_of_resolved_runs, a_dead_end_was_tried_often_and_never_resolved,
      the_path_follows_most_runs_and_stops_where_nobody_knows, answers_in_the_order_of_their_use,
      odd_flows_have_a_path_too)
