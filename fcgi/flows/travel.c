/* The ways that finished runs took; see travel.h. */
#include "flows/travel.h"

#include "kit/base/arena.h"

#define R struct travel_row
const struct shape travel_row_shape = SHAPE(R, F_STR(R, node), F_STR(R, option), F_INT(R, taken),
					    F_INT(R, resolved), F_INT(R, seconds));
#undef R

static const struct travel_row *find(const struct travel *t, struct str node, struct str option)
{
	for (size_t at = 0; at < t->n; at++)
		if (str_eq(t->rows[at].node, node) && str_eq(t->rows[at].option, option))
			return &t->rows[at];
	return NULL;
}

/* Of all that came to the node. */
static struct travel_row sum_of(const struct travel *t, struct str node)
{
	struct travel_row sum = { .node = node };

	for (size_t at = 0; at < t->n; at++) {
		if (!str_eq(t->rows[at].node, node))
			continue;
		sum.taken += t->rows[at].taken;
		sum.resolved += t->rows[at].resolved;
	}
	return sum;
}

struct travel_share travel_share(const struct travel *t, struct str node, struct str option)
{
	const struct travel_row *row = find(t, node, option);
	int64_t all = sum_of(t, node).resolved, here = row ? row->resolved : 0;

	if (all < TRAVEL_ENOUGH)
		return (struct travel_share){ 0, 0 };
	return (struct travel_share){ (here * 200 + all) / (2 * all), all };
}

bool travel_is_dead_end(const struct travel *t, struct str node)
{
	struct travel_row sum = sum_of(t, node);

	return sum.taken >= TRAVEL_ENOUGH && sum.resolved == 0;
}

/* The way that most of the resolved runs took; -1: nobody knows. */
static ptrdiff_t most_taken(const struct travel *t, const struct flow_node *n)
{
	int64_t most = 0;
	ptrdiff_t ret = -1;

	if (n->kind != FLOW_DECISION)
		return flow_ways(n) ? 0 : -1;
	if (sum_of(t, n->id).resolved < TRAVEL_ENOUGH)
		return -1;
	for (size_t at = 0; at < n->options.n; at++) {
		const struct travel_row *row = find(t, n->id, flow_options(n)[at].id);

		if (row && row->resolved > most) {
			most = row->resolved;
			ret = (ptrdiff_t)at;
		}
	}
	return ret;
}

const ptrdiff_t *travel_path(struct arena *a, const struct flow_doc *d, const struct travel *t,
			     size_t *length)
{
	size_t n = d->structure.nodes.n;
	ptrdiff_t *ways = ARENA_ARRAY(a, ptrdiff_t, n + 1);
	bool *passed = ARENA_ARRAY(a, bool, n + 1);
	const struct flow_index *ix = flow_index(a, &d->structure);
	ptrdiff_t at = flow_at(ix, d->structure.start);

	*length = 0;
	for (size_t node = 0; node < n; node++) {
		ways[node] = -1;
		passed[node] = false;
	}
	/* Once round a loop is enough to show it. */
	while (at >= 0 && !passed[at]) {
		const struct flow_node *node = &flow_nodes(&d->structure)[at];

		passed[at] = true;
		++*length;
		ways[at] = most_taken(t, node);
		if (ways[at] < 0)
			break;
		at = flow_at(ix, flow_way(node, (size_t)ways[at]).next);
	}
	return ways;
}

void travel_order(const struct travel *t, const struct flow_node *n, size_t *order)
{
	/* Twenty at most: each goes before those that fewer took, and behind its equals. */
	for (size_t at = 0; at < n->options.n; at++) {
		int64_t share = travel_share(t, n->id, flow_options(n)[at].id).percent;
		size_t place = at;

		while (place > 0 &&
		       travel_share(t, n->id, flow_options(n)[order[place - 1]].id).percent <
			       share) {
			order[place] = order[place - 1];
			place--;
		}
		order[place] = at;
	}
}
