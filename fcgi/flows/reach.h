#ifndef FLOWS_REACH_H
#define FLOWS_REACH_H

#include "flows/doc.h"

/*
 * Where the ways of a flow lead, for check.h.  A way to a step that is not there is taken for a way
 * out here, since it is told of as what it is.
 */
struct flow_reach {
	bool *reached; /* each node: whether a way from the start leads to it */
	bool *trap;    /* each node: whether it is the first, in reading order, of a loop that
			  no way leads out of */
};

void flow_reach(struct arena *a, const struct flow_graph *g, struct flow_reach *ret);

#endif
