#ifndef FLOWS_CHECK_H
#define FLOWS_CHECK_H

#include "flows/doc.h"

/*
 * Whether a flow is sound: the one judge that editor, API and import ask.  Pure; 500 nodes take
 * less than a millisecond.  Errors bar publishing, warnings do not.
 */
struct flow_finding {
	struct str node_id; /* none: the flow as a whole, or its intake */
	struct str code;    /* "missing_target" */
	struct str message; /* what is wrong, naming the step */
	struct str hint;    /* how to mend it */
};

struct flow_findings {
	struct list errors,
		warnings; /* struct flow_finding: flow, intake, then nodes as they stand */
};

extern const struct shape flow_finding_shape, flow_findings_shape;

void flow_check(struct arena *a, const struct flow_doc *doc, struct flow_findings *ret);

#endif
