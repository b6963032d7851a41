#ifndef FLOWS_WORDS_H
#define FLOWS_WORDS_H

#include "flows/doc.h"

/* How the history, the checks and the changes name a part of a flow. */

/* At most 60 characters of it; the last is an ellipsis where more follows. */
struct str flow_brief(struct arena *a, struct str text);
/* The step's title, brief, or its id where it has none. */
struct str flow_node_name(struct arena *a, const struct flow_node *n);
/* The same of an option: its label or its id. */
struct str flow_option_name(struct arena *a, const struct flow_option *option);
/* The first `max` characters of it, cut between two. */
struct str flow_cut(struct str text, size_t max);
/* Whether it has more characters than that. */
bool flow_is_longer(struct str text, size_t max);

#endif
