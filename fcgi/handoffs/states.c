/* The table of states; see states.h. */
#include "handoffs/states.h"

#include "kit/base/buf.h"

#define GRAPH_MAX 4096

const struct names handoff_states =
	NAMES("open", "claimed", "resolved", "cancelled", "parked", "resumed");

const struct handoff_edge handoff_edges[] = {
	{ HANDOFF_ESCALATE, HANDOFF_NONE, HANDOFF_OPEN, HAND_OWNER, "escalate", "created", false },
	{ HANDOFF_CLAIM, HANDOFF_OPEN, HANDOFF_CLAIMED, HAND_COLLEAGUE, "claim", "claimed", false },
	{ HANDOFF_RELEASE, HANDOFF_CLAIMED, HANDOFF_OPEN, HAND_CLAIMER | HAND_ADMIN, "release",
	  "released", true },
	{ HANDOFF_LAPSE, HANDOFF_CLAIMED, HANDOFF_OPEN, HAND_CLOCK, "time out", "released", true },
	{ HANDOFF_VACATE, HANDOFF_CLAIMED, HANDOFF_OPEN, HAND_CLOCK, "leave", "released", true },
	{ HANDOFF_REMIND, HANDOFF_OPEN, HANDOFF_OPEN, HAND_CLOCK, "wait too long", "overdue",
	  false },
	{ HANDOFF_RESOLVE, HANDOFF_CLAIMED, HANDOFF_RESOLVED, HAND_CLAIMER | HAND_ADMIN, "resolve",
	  "resolved", false },
	{ HANDOFF_RETURN, HANDOFF_CLAIMED, HANDOFF_RESOLVED, HAND_CLAIMER | HAND_ADMIN,
	  "resolve and return", "resolved", true },
	{ HANDOFF_CANCEL, HANDOFF_OPEN, HANDOFF_CANCELLED, HAND_ESCALATOR | HAND_ADMIN, "cancel",
	  "cancelled", true },
	{ HANDOFF_DROP, HANDOFF_OPEN, HANDOFF_CANCELLED, HAND_OWNER, "drop the session",
	  "cancelled", false },
	{ HANDOFF_DROP, HANDOFF_CLAIMED, HANDOFF_CANCELLED, HAND_OWNER, "drop the session",
	  "cancelled", false },
	{ HANDOFF_PARK, HANDOFF_NONE, HANDOFF_PARKED, HAND_OWNER, "park", NULL, false },
	{ HANDOFF_RESUME, HANDOFF_PARKED, HANDOFF_RESUMED, HAND_OWNER, "resume", NULL, false },
	{ 0 },
};

const struct handoff_edge *handoff_edge(enum handoff_act act, enum handoff_state from)
{
	for (const struct handoff_edge *e = handoff_edges; e->name; e++)
		if (e->act == act && e->from == from)
			return e;
	return NULL;
}

struct str handoff_graph(struct arena *a)
{
	struct buf out = buf_new(a, GRAPH_MAX);

	buf_put(&out, STR("digraph handoff {\n"));
	for (const struct handoff_edge *e = handoff_edges; e->name; e++) {
		struct str from =
			e->from == HANDOFF_NONE ? STR("new") : names_text(&handoff_states, e->from);
		struct str to = names_text(&handoff_states, e->to);

		buf_printf(&out, "\t%.*s -> %.*s [label=\"%s\"];\n", STR_ARG(from), STR_ARG(to),
			   e->name);
	}
	buf_put(&out, STR("}\n"));
	return buf_str(&out);
}
