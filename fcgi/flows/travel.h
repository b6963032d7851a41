#ifndef FLOWS_TRAVEL_H
#define FLOWS_TRAVEL_H

#include "flows/doc.h"

/*
 * The ways that finished runs took through a flow, over all its versions: of each step and each of
 * its options, how many runs went there, and how many of them were resolved.  Pure.
 */
#define TRAVEL_ENOUGH 5 /* fewer runs than that tell nothing */

struct travel_row {
	struct str node, option; /* option empty: of a step that has none */
	int64_t taken, resolved, seconds;
};

extern const struct shape travel_row_shape;

struct travel {
	const struct travel_row *rows;
	size_t n;
};

/* How the resolved runs that came to a decision left it. */
struct travel_share {
	int64_t percent, runs; /* runs: resolved ones that came here; 0: too few to tell */
};
struct travel_share travel_share(const struct travel *t, struct str node, struct str option);
/* Enough runs came to this step, and none of them was resolved. */
bool travel_is_dead_end(const struct travel *t, struct str node);

/* For each node of the graph the way out of it (flow_way's number) that lies on the most travelled
 * path from the start, or -1; the path ends where too few runs have gone. *length: its nodes. */
const ptrdiff_t *travel_path(struct arena *a, const struct flow_doc *d, const struct travel *t,
			     size_t *length);
/* A decision's options, the most taken by resolved runs first; *order has a place for each. */
void travel_order(const struct travel *t, const struct flow_node *n, size_t *order);

#endif
