/* From a flow to rows of vertices: lines, loops, layers, bends; see sketch.h. */
#include "flows/sketch.h"

#include "kit/base/arena.h"

#define BENDS_MAX ((size_t)60000) /* longer lines than fit in it are drawn without bends */

/* ---- lines: the ways that lead somewhere, those from one node to another as one ---- */

static void collect_lines(struct arena *a, struct sketch *s)
{
	const struct flow_graph *g = s->graph;
	const struct flow_index *ix = flow_index(a, g);
	size_t *seen = ARENA_ARRAY(a, size_t, g->nodes.n + 1), room = 0;

	for (size_t at = 0; at < g->nodes.n; at++)
		room += flow_ways(&flow_nodes(g)[at]);
	s->lines = ARENA_ARRAY(a, struct sketch_line, room + 1);
	s->lines_of = ARENA_ARRAY(a, size_t, g->nodes.n + 1);
	for (size_t at = 0; at < g->nodes.n; at++) {
		const struct flow_node *n = &flow_nodes(g)[at];

		s->lines_of[at] = s->nlines;
		for (size_t way = 0; way < flow_ways(n); way++) {
			ptrdiff_t to = flow_at(ix, flow_way(n, way).next);

			if (to < 0 || seen[to] == at + 1)
				continue;
			seen[to] = at + 1;
			s->lines[s->nlines++] = (struct sketch_line){
				.from = at, .way = way, .to = (size_t)to, .first = NOWHERE
			};
		}
	}
	s->lines_of[g->nodes.n] = s->nlines;
}

/* ---- a walk in the order of the options finds the loops, and an order for the layers ---- */

enum state { FRESH, OPEN, REACHED, APART };

struct walk {
	struct sketch *s;
	unsigned char *state, leave; /* leave: the state of a node behind which all was seen */
	size_t *stack, *next;        /* next: of an open node, its line to look at */
	size_t *done, ndone;         /* nodes as they were left: each after all it leads to */
};

static void walk_from(struct walk *w, size_t root)
{
	const struct sketch *s = w->s;
	size_t depth = 1;

	if (w->state[root] != FRESH)
		return;
	w->stack[0] = root;
	w->state[root] = OPEN;
	while (depth) {
		size_t at = w->stack[depth - 1], line = s->lines_of[at] + w->next[at]++;
		struct sketch_line *l = &s->lines[line];

		if (line == s->lines_of[at + 1]) {
			w->state[at] = w->leave;
			w->done[w->ndone++] = at;
			depth--;
		} else if (w->state[l->to] == FRESH) {
			w->state[l->to] = OPEN;
			w->stack[depth++] = l->to;
		} else {
			l->back = w->state[l->to] == OPEN ||
				  (w->state[l->to] == REACHED && w->leave == APART);
		}
	}
}

/* Rows for done[first..]: from `top` on, each under all that lead to it.  Returns the lowest. */
static size_t rank(const struct walk *w, size_t first, size_t top)
{
	const struct sketch *s = w->s;
	size_t lowest = 0;

	for (size_t at = first; at < w->ndone; at++)
		s->vertices[w->done[at]].row = top;
	for (size_t at = w->ndone; at > first; at--) {
		size_t node = w->done[at - 1], row = s->vertices[node].row;

		lowest = row > lowest ? row : lowest;
		for (size_t line = s->lines_of[node]; line < s->lines_of[node + 1]; line++) {
			const struct sketch_line *l = &s->lines[line];

			if (!l->back && s->vertices[l->to].row < row + 2)
				s->vertices[l->to].row = row + 2;
		}
	}
	return lowest;
}

/* What cannot be reached stands under the rest; a way of it into the rest goes up, as loops do. */
static void layer(struct arena *a, struct sketch *s)
{
	size_t n = s->graph->nodes.n, reached, lowest = 0;
	ptrdiff_t start = flow_at(flow_index(a, s->graph), s->graph->start);
	struct walk w = { .s = s,
			  .state = ARENA_ARRAY(a, unsigned char, n + 1),
			  .leave = REACHED,
			  .stack = ARENA_ARRAY(a, size_t, n + 1),
			  .next = ARENA_ARRAY(a, size_t, n + 1),
			  .done = ARENA_ARRAY(a, size_t, n + 1) };
	bool *entered = ARENA_ARRAY(a, bool, n + 1);

	if (start >= 0) {
		walk_from(&w, (size_t)start);
		lowest = rank(&w, 0, 0) + 2;
	}
	reached = w.ndone;
	s->apart = reached < n ? lowest : NOWHERE;
	w.leave = APART;
	for (size_t line = 0; line < s->nlines; line++)
		if (s->lines[line].from != s->lines[line].to)
			entered[s->lines[line].to] = true;
	for (size_t at = 0; at < n; at++)
		if (!entered[at])
			walk_from(&w, at);
	for (size_t at = 0; at < n; at++)
		walk_from(&w, at);
	if (reached < n)
		lowest = rank(&w, reached, lowest) + 2;
	s->nrows = lowest ? lowest - 1 : 0;
}

/* ---- bends ---- */

/* The bends that lines into one node share: one in each row from `first` to `last`. */
struct trunk {
	size_t first, last, vertex; /* vertex: the bend in row `first`; the others follow */
};

static size_t span(const struct sketch *s, const struct sketch_line *l)
{
	size_t from = s->vertices[l->from].row, to = s->vertices[l->to].row;

	return from > to ? from - to : to - from;
}

static void widen(struct trunk *t, size_t first, size_t last)
{
	if (first > last)
		return;
	if (t->first > t->last)
		*t = (struct trunk){ first, last, 0 };
	t->first = first < t->first ? first : t->first;
	t->last = last > t->last ? last : t->last;
}

/* Trunks for the lines that span at most `limit` rows, 2 for each node: into its top, and of the
 * loops into its side.  Returns how many bends they have. */
static size_t measure_trunks(const struct sketch *s, struct trunk *trunks, size_t limit)
{
	size_t n = 0;

	for (size_t at = 0; at < s->graph->nodes.n * 2; at++)
		trunks[at] = (struct trunk){ .first = 1, .last = 0 };
	for (size_t line = 0; line < s->nlines; line++) {
		const struct sketch_line *l = &s->lines[line];
		size_t from = s->vertices[l->from].row, to = s->vertices[l->to].row;

		if (span(s, l) > limit || l->from == l->to)
			continue;
		if (l->back)
			widen(&trunks[l->to * 2 + 1], to + 1, from - 1);
		else
			widen(&trunks[l->to * 2], from + 2, to - 1);
	}
	for (size_t at = 0; at < s->graph->nodes.n * 2; at++)
		n += trunks[at].last + 1 - trunks[at].first;
	return n;
}

static size_t add_vertex(struct sketch *s, size_t row, size_t next)
{
	s->vertices[s->nvertices] = (struct vertex){ .row = row, .next = next };
	return s->nvertices++;
}

static size_t join(struct sketch *s, size_t upper, size_t lower)
{
	s->segments[s->nsegments] = (struct segment){ .vertex = { upper, lower } };
	return s->nsegments++;
}

static void add_trunk(struct sketch *s, struct trunk *t, size_t node, bool back)
{
	if (t->first > t->last)
		return;
	t->vertex = s->nvertices;
	for (size_t row = t->first; row <= t->last; row++) {
		size_t at = s->nvertices;
		bool ends = row == (back ? t->first : t->last);

		add_vertex(s, row, ends ? NOWHERE : back ? at - 1 : at + 1);
		if (row > t->first)
			s->segments[join(s, at - 1, at)].spine = true;
		if (ends && back)
			s->segments[join(s, node, at)].side[UPPER] = 1;
		else if (ends)
			join(s, at, node);
	}
}

static void add_line(struct sketch *s, struct sketch_line *l, const struct trunk *trunks)
{
	const struct trunk *t = &trunks[l->to * 2 + l->back];
	size_t from = s->vertices[l->from].row, to = s->vertices[l->to].row;

	if (l->back) {
		l->first = t->vertex + (from - 1 - t->first);
		l->exit = join(s, l->first, l->from);
		s->segments[l->exit].side[LOWER] = 1;
		return;
	}
	l->first =
		add_vertex(s, from + 1, from + 2 == to ? NOWHERE : t->vertex + from + 2 - t->first);
	join(s, l->from, l->first);
	join(s, l->first, from + 2 == to ? l->to : s->vertices[l->first].next);
}

static void add_bends(struct arena *a, struct sketch *s)
{
	size_t n = s->graph->nodes.n, limit = s->nrows, bends;
	struct trunk *trunks = ARENA_ARRAY(a, struct trunk, n * 2 + 1);
	struct vertex *nodes = s->vertices;

	while ((bends = measure_trunks(s, trunks, limit)) > BENDS_MAX)
		limit /= 2;
	s->vertices = ARENA_ARRAY(a, struct vertex, n + s->nlines + bends + 1);
	s->segments = ARENA_ARRAY(a, struct segment, s->nlines * 2 + bends + n * 2 + 1);
	for (size_t at = 0; at < n; at++)
		add_vertex(s, nodes[at].row, NOWHERE);
	for (size_t at = 0; at < n * 2; at++)
		add_trunk(s, &trunks[at], at / 2, at % 2);
	for (size_t line = 0; line < s->nlines; line++)
		if (s->lines[line].from != s->lines[line].to && span(s, &s->lines[line]) <= limit)
			add_line(s, &s->lines[line], trunks);
}

/* ---- what is where ---- */

static void link_segments(struct arena *a, struct sketch *s)
{
	size_t *filled = ARENA_ARRAY(a, size_t, s->nvertices * 2 + 1), at = 0;

	s->links = ARENA_ARRAY(a, size_t, s->nsegments * 2 + 1);
	for (size_t seg = 0; seg < s->nsegments; seg++) {
		s->vertices[s->segments[seg].vertex[UPPER]].ndown++;
		s->vertices[s->segments[seg].vertex[LOWER]].nup++;
	}
	for (size_t v = 0; v < s->nvertices; v++) {
		s->vertices[v].first = at;
		filled[v * 2] = at;
		filled[v * 2 + 1] = at + s->vertices[v].nup;
		at += s->vertices[v].nup + s->vertices[v].ndown;
	}
	for (size_t seg = 0; seg < s->nsegments; seg++) {
		s->links[filled[s->segments[seg].vertex[UPPER] * 2 + 1]++] = seg;
		s->links[filled[s->segments[seg].vertex[LOWER] * 2]++] = seg;
	}
}

static void make_rows(struct arena *a, struct sketch *s)
{
	s->row = ARENA_ARRAY(a, size_t, s->nrows + 2);
	s->order = ARENA_ARRAY(a, size_t, s->nvertices + 1);
	for (size_t v = 0; v < s->nvertices; v++)
		s->row[s->vertices[v].row + 1]++;
	for (size_t row = 0; row < s->nrows; row++)
		s->row[row + 1] += s->row[row];
}

struct sketch *sketch_layers(struct arena *a, const struct flow_graph *g)
{
	struct sketch *s = ARENA_NEW(a, struct sketch);

	s->graph = g;
	s->vertices = ARENA_ARRAY(a, struct vertex, g->nodes.n + 1);
	collect_lines(a, s);
	layer(a, s);
	add_bends(a, s);
	link_segments(a, s);
	make_rows(a, s);
	return s;
}
