#ifndef SESSIONS_RUN_H
#define SESSIONS_RUN_H

#include "flows/doc.h"

/* How a run moves through a flow.  Pure. */

/* Where a way leads: a section is passed through and names what comes behind it. */
struct landing {
	const struct flow_node *node; /* NULL: the end of the run */
	struct str section;           /* the last title passed through; none: as before */
};
struct landing run_land(const struct flow_doc *d, const struct flow_index *ix, struct str id);

/* The steps from this one to the end, itself included, where one way leads there; else 0. */
int64_t run_steps_left(const struct flow_doc *d, const struct flow_index *ix, struct str id);

const struct flow_option *run_option(const struct flow_node *n, struct str id);

#endif
