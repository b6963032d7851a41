#ifndef FLOWS_DIFF_H
#define FLOWS_DIFF_H

#include "flows/doc.h"

/* What became of a flow between two docs, for people to read.  Nodes are the same by their id. */
struct flow_change {
	struct str what;    /* "added", "removed", "changed" */
	struct str node_id; /* none for name, description, type and fields */
	struct str title;   /* "Step 'Ping the gateway'", "Field 'server_name'", "Name" */
	struct list parts;  /* struct flow_change_part: what of it differs */
};

struct flow_change_part {
	struct str name, before, after; /* "Text", "Title", "Option 'Yes' leads to" */
};

extern const struct shape flow_change_shape;

/* struct flow_change in the order of the newer doc, removed ones where they stood. */
struct list flow_diff(struct arena *a, const struct flow_doc *from, const struct flow_doc *to);

#endif
