/* The states of hand-offs: every act in every state, and the graph. */
#include "handoffs/states.h"

#include <string.h>

#include "kit/base/arena.h"
#include "support/suite.h"

#define ACTS 12

/* By act and state, in their order, new last: the state after it, or '-'. */
static const char *const expected[ACTS] = {
	[HANDOFF_ESCALATE] = "------o", [HANDOFF_CLAIM] = "c------",  [HANDOFF_RELEASE] = "-o-----",
	[HANDOFF_LAPSE] = "-o-----",    [HANDOFF_VACATE] = "-o-----", [HANDOFF_REMIND] = "o------",
	[HANDOFF_RESOLVE] = "-r-----",  [HANDOFF_RETURN] = "-r-----", [HANDOFF_CANCEL] = "x------",
	[HANDOFF_DROP] = "xx-----",     [HANDOFF_PARK] = "------p",   [HANDOFF_RESUME] = "----u--",
};
static const char letters[] = "ocrxpu";

START_TEST(each_act_leads_where_the_table_says_and_nowhere_else)
{
	for (int act = 0; act < ACTS; act++) {
		for (int from = 0; from <= HANDOFF_NONE; from++) {
			const struct handoff_edge *e = handoff_edge(act, from);

			ck_assert_int_eq(e ? letters[e->to] : '-', expected[act][from]);
		}
	}
}
END_TEST

START_TEST(nobody_but_the_table_says_who_may)
{
	ck_assert_int_eq(handoff_edge(HANDOFF_CLAIM, HANDOFF_OPEN)->hands, HAND_COLLEAGUE);
	ck_assert(!(handoff_edge(HANDOFF_CANCEL, HANDOFF_OPEN)->hands & HAND_COLLEAGUE));
	ck_assert(!(handoff_edge(HANDOFF_RESOLVE, HANDOFF_CLAIMED)->hands & HAND_ESCALATOR));
	ck_assert_int_eq(handoff_edge(HANDOFF_LAPSE, HANDOFF_CLAIMED)->hands, HAND_CLOCK);
}
END_TEST

START_TEST(a_park_is_told_to_nobody_and_the_rest_to_somebody)
{
	for (const struct handoff_edge *e = handoff_edges; e->name; e++)
		ck_assert(!e->occasion == (e->act == HANDOFF_PARK || e->act == HANDOFF_RESUME));
}
END_TEST

START_TEST(the_graph_has_every_edge)
{
	struct str graph = handoff_graph(arena);
	size_t lines = 0, edges = 0;

	while (handoff_edges[edges].name)
		edges++;
	for (size_t at = 0; at < graph.n; at++)
		lines += graph.p[at] == '\n';
	ck_assert_uint_eq(lines, edges + 2);
	ck_assert(strstr(graph.p, "\topen -> claimed [label=\"claim\"];\n"));
	ck_assert(strstr(graph.p, "\tnew -> parked [label=\"park\"];\n"));
}
END_TEST

SUITE("handoffs/states", each_act_leads_where_the_table_says_and_nowhere_else,
      nobody_but_the_table_says_who_may, a_park_is_told_to_nobody_and_the_rest_to_somebody,
      the_graph_has_every_edge)
