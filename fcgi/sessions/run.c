/* How a run moves through a flow; see run.h. */
#include "sessions/run.h"

static const struct flow_node *node_at(const struct flow_doc *d, const struct flow_index *ix,
				       struct str id)
{
	ptrdiff_t at = flow_at(ix, id);

	return at < 0 ? NULL : &flow_nodes(&d->structure)[at];
}

struct landing run_land(const struct flow_doc *d, const struct flow_index *ix, struct str id)
{
	struct landing ret = { node_at(d, ix, id), STR_NONE };

	/* Bounded, for sections may lead round in a circle. */
	for (size_t passed = 0; ret.node && ret.node->kind == FLOW_SECTION; passed++) {
		if (passed == d->structure.nodes.n)
			return (struct landing){ NULL, ret.section };
		ret.section = ret.node->title;
		ret.node = node_at(d, ix, ret.node->next);
	}
	return ret;
}

int64_t run_steps_left(const struct flow_doc *d, const struct flow_index *ix, struct str id)
{
	struct landing at = run_land(d, ix, id);
	int64_t n = 0;

	for (; at.node; at = run_land(d, ix, at.node->next)) {
		n++;
		if (at.node->kind == FLOW_ANSWER)
			return n;
		if (at.node->kind == FLOW_DECISION || n > (int64_t)d->structure.nodes.n)
			return 0;
	}
	return n;
}

const struct flow_option *run_option(const struct flow_node *n, struct str id)
{
	for (size_t at = 0; at < n->options.n; at++)
		if (str_eq(flow_options(n)[at].id, id))
			return &flow_options(n)[at];
	return NULL;
}
