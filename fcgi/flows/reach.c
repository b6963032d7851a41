/* Which steps are reached, and which loops have no way out; see reach.h. */
#include "flows/reach.h"

#include <string.h>

#include "kit/base/arena.h"

/* The ways as numbers: those of the node `at` are to[first[at]] and on, up to first[at + 1]. */
struct net {
	size_t n, *first, *to;
	bool *out; /* each node: whether one of its ways leads out of the flow */
};

static struct net net_of(struct arena *a, const struct flow_graph *g, const struct flow_index *ix)
{
	struct net net = { .n = g->nodes.n };
	size_t ways = 0;

	for (size_t at = 0; at < net.n; at++)
		ways += flow_ways(&flow_nodes(g)[at]);
	net.first = ARENA_ARRAY(a, size_t, net.n + 1);
	net.to = ARENA_ARRAY(a, size_t, ways + 1);
	net.out = ARENA_ARRAY(a, bool, net.n + 1);
	ways = 0;
	for (size_t at = 0; at < net.n; at++) {
		const struct flow_node *n = &flow_nodes(g)[at];

		net.out[at] = flow_ways(n) == 0;
		for (size_t way = 0; way < flow_ways(n); way++) {
			ptrdiff_t to = flow_at(ix, flow_way(n, way).next);

			if (to >= 0)
				net.to[ways++] = (size_t)to;
			else
				net.out[at] = true;
		}
		net.first[at + 1] = ways;
	}
	return net;
}

/* The same ways walked backwards. */
static struct net net_back(struct arena *a, const struct net *net)
{
	size_t ways = net->first[net->n], *next = ARENA_ARRAY(a, size_t, net->n + 1);
	struct net back = { .n = net->n };

	back.first = ARENA_ARRAY(a, size_t, net->n + 1);
	back.to = ARENA_ARRAY(a, size_t, ways + 1);
	for (size_t way = 0; way < ways; way++)
		back.first[net->to[way] + 1]++;
	for (size_t at = 0; at < net->n; at++) {
		back.first[at + 1] += back.first[at];
		next[at] = back.first[at];
	}
	for (size_t at = 0; at < net->n; at++)
		for (size_t way = net->first[at]; way < net->first[at + 1]; way++)
			back.to[next[net->to[way]]++] = at;
	return back;
}

/* All that can be reached from the marked nodes is marked too. */
static void flood(struct arena *a, const struct net *net, bool *marked)
{
	size_t *stack = ARENA_ARRAY(a, size_t, net->n + 1), depth = 0;

	for (size_t at = 0; at < net->n; at++)
		if (marked[at])
			stack[depth++] = at;
	while (depth) {
		size_t at = stack[--depth];

		for (size_t way = net->first[at]; way < net->first[at + 1]; way++) {
			if (marked[net->to[way]])
				continue;
			marked[net->to[way]] = true;
			stack[depth++] = net->to[way];
		}
	}
}

/* ---- loops: strongly connected components, after Tarjan ---- */

struct loops {
	const struct net *net;
	size_t *number; /* in the order of their first visit, from 1 */
	size_t *low;    /* the least number that a node leads back to */
	size_t *way;    /* the next one to take */
	size_t *path, depth;
	size_t *open, nopen;   /* visited, and not yet in a loop */
	size_t *loop, n, seen; /* each node's, from 1 */
};

static void enter(struct loops *l, size_t at)
{
	l->number[at] = l->low[at] = ++l->seen;
	l->way[at] = l->net->first[at];
	l->path[l->depth++] = at;
	l->open[l->nopen++] = at;
}

static void leave(struct loops *l, size_t at)
{
	size_t member, above;

	if (l->low[at] == l->number[at]) {
		l->n++;
		do {
			member = l->open[--l->nopen];
			l->loop[member] = l->n;
		} while (member != at);
	}
	if (--l->depth == 0)
		return;
	above = l->path[l->depth - 1];
	if (l->low[at] < l->low[above])
		l->low[above] = l->low[at];
}

static void step(struct loops *l, size_t at)
{
	size_t to;

	if (l->way[at] == l->net->first[at + 1]) {
		leave(l, at);
		return;
	}
	to = l->net->to[l->way[at]++];
	if (!l->number[to])
		enter(l, to);
	else if (!l->loop[to] && l->number[to] < l->low[at])
		l->low[at] = l->number[to];
}

/* The loops of all nodes but those to be left out; nothing of the others leads to these. */
static struct loops find_loops(struct arena *a, const struct net *net, const bool *leave_out)
{
	size_t *room = ARENA_ARRAY(a, size_t, net->n * 6 + 1);
	struct loops l = { .net = net,
			   .number = room,
			   .low = room + net->n,
			   .way = room + net->n * 2,
			   .path = room + net->n * 3,
			   .open = room + net->n * 4,
			   .loop = room + net->n * 5 };

	for (size_t at = 0; at < net->n; at++) {
		if (leave_out[at] || l.number[at])
			continue;
		enter(&l, at);
		while (l.depth)
			step(&l, l.path[l.depth - 1]);
	}
	return l;
}

/* Marks one node of each loop that only leads to itself; the others without an end lead to such. */
static void mark_traps(struct arena *a, const struct flow_graph *g, const struct net *net,
		       const bool *ends, bool *trap)
{
	struct loops l = find_loops(a, net, ends);
	bool *done = ARENA_ARRAY(a, bool, l.n + 1);
	size_t *order = ARENA_ARRAY(a, size_t, net->n + 1);

	for (size_t at = 0; at < net->n; at++)
		for (size_t way = net->first[at]; way < net->first[at + 1]; way++)
			if (l.loop[at] != l.loop[net->to[way]])
				done[l.loop[at]] = true;
	done[0] = true;
	flow_reading_order(a, g, order);
	for (size_t at = 0; at < net->n; at++) {
		trap[order[at]] = !done[l.loop[order[at]]];
		done[l.loop[order[at]]] = true;
	}
}

void flow_reach(struct arena *a, const struct flow_graph *g, struct flow_reach *ret)
{
	const struct flow_index *ix = flow_index(a, g);
	struct net net = net_of(a, g, ix), back = net_back(a, &net);
	ptrdiff_t start = flow_at(ix, g->start);

	*ret = (struct flow_reach){ ARENA_ARRAY(a, bool, net.n + 1),
				    ARENA_ARRAY(a, bool, net.n + 1) };
	if (start >= 0)
		ret->reached[start] = true;
	flood(a, &net, ret->reached);
	flood(a, &back, net.out);
	if (memchr(net.out, 0, net.n))
		mark_traps(a, g, &net, net.out, ret->trap);
}
