#ifndef HANDOFFS_STATES_H
#define HANDOFFS_STATES_H

#include <stdbool.h>
#include <stddef.h>

#include "kit/base/shape.h"

/*
 * What a hand-off can be, and what leads from one state to another: pure.  An escalation is open,
 * claimed, resolved or cancelled; a park is parked or resumed.
 */
enum handoff_state {
	HANDOFF_OPEN,
	HANDOFF_CLAIMED,
	HANDOFF_RESOLVED,
	HANDOFF_CANCELLED,
	HANDOFF_PARKED,
	HANDOFF_RESUMED,
	HANDOFF_NONE, /* before it is made */
};
extern const struct names handoff_states;

enum handoff_act {
	HANDOFF_ESCALATE,
	HANDOFF_CLAIM,
	HANDOFF_RELEASE,
	HANDOFF_LAPSE,  /* the claim rested too long */
	HANDOFF_VACATE, /* whoever has it was deactivated, or has left */
	HANDOFF_REMIND, /* nobody came in time */
	HANDOFF_RESOLVE,
	HANDOFF_RETURN, /* resolved, and whoever handed it off goes on with the session */
	HANDOFF_CANCEL,
	HANDOFF_DROP, /* its session was cancelled */
	HANDOFF_PARK,
	HANDOFF_RESUME,
};

/* Who may: any of these. */
enum {
	HAND_OWNER = 1, /* whoever runs the session; judged by the sessions room */
	HAND_COLLEAGUE = 2,
	HAND_CLAIMER = 4,
	HAND_ESCALATOR = 8,
	HAND_ADMIN = 16, /* a team_admin */
	HAND_CLOCK = 32, /* the jobs program */
};

struct handoff_edge {
	enum handoff_act act;
	enum handoff_state from, to;
	int hands;
	const char *name;     /* as people say it */
	const char *occasion; /* what the event and the notices tell; NULL: nobody hears of it */
	bool returns;         /* the session is again whose it was */
};

/* The edge of that act from that state; NULL: there is none. */
const struct handoff_edge *handoff_edge(enum handoff_act act, enum handoff_state from);
/* All of them, ended by a row without a name: for the graph and for tests. */
extern const struct handoff_edge handoff_edges[];

/* The graph as text in the language of Graphviz. */
struct arena;
struct str handoff_graph(struct arena *a);

#endif
