/*
 * Which vertex stands left of which: few crossings, and where it costs none the author's order.
 * Only the rows of boxes are ordered by trial; what stands between two of them has one segment up,
 * and so follows from them without a crossing more.
 */
#include "flows/sketch.h"

#include <stdlib.h>
#include <string.h>

#include "kit/base/arena.h"

/* A large flow gets fewer trials, which bounds its time. */
#define WORK       ((size_t)24000)
#define STARTS_MIN ((size_t)2)
#define STARTS_MAX ((size_t)32)
#define SWEEPS_MAX ((size_t)60)
#define PATIENCE   ((size_t)6) /* sweeps without a gain */

/* From one row of boxes to the next: a segment and the one that follows it. */
struct arc {
	size_t vertex[2], segment[2];
};

struct wish {
	double at;
	size_t pos, vertex;
};

struct ordering {
	struct sketch *s;
	struct arc *arcs;
	size_t narcs, nrows;
	size_t *links, *first[2], *n[2]; /* of a vertex: where its arcs up and down are in links */
	size_t *tree;                    /* of count_row */
	struct wish *wishes;
	size_t *slots;
	size_t *stack, *filled; /* of walk_down */
	bool *seen;
	size_t *best, fewest;
};

/* ---- arcs ---- */

static void link_arcs(struct arena *a, struct ordering *o)
{
	size_t n = o->s->nvertices + 1, at = 0;

	o->links = ARENA_ARRAY(a, size_t, o->narcs * 2 + 1);
	for (enum end end = UPPER; end <= LOWER; end++) {
		o->first[end] = ARENA_ARRAY(a, size_t, n);
		o->n[end] = ARENA_ARRAY(a, size_t, n);
		for (size_t arc = 0; arc < o->narcs; arc++)
			o->n[end][o->arcs[arc].vertex[!end]]++;
		for (size_t vertex = 0; vertex + 1 < n; vertex++) {
			o->first[end][vertex] = at;
			at += o->n[end][vertex];
			o->n[end][vertex] = 0;
		}
		for (size_t arc = 0; arc < o->narcs; arc++) {
			size_t vertex = o->arcs[arc].vertex[!end];

			o->links[o->first[end][vertex] + o->n[end][vertex]++] = arc;
		}
	}
}

static void find_arcs(struct arena *a, struct ordering *o)
{
	const struct sketch *s = o->s;

	o->nrows = (s->nrows + 1) / 2;
	o->arcs = ARENA_ARRAY(a, struct arc, s->nsegments + 1);
	for (size_t seg = 0; seg < s->nsegments; seg++) {
		size_t between = s->segments[seg].vertex[UPPER], above;

		if (s->vertices[between].row % 2 == 0)
			continue;
		above = s->links[s->vertices[between].first];
		o->arcs[o->narcs++] = (struct arc){ { s->segments[above].vertex[UPPER],
						      s->segments[seg].vertex[LOWER] },
						    { above, seg } };
	}
	link_arcs(a, o);
}

/* The arcs of a vertex that lead to the row of boxes above it, or under it. */
static const size_t *arcs_to(const struct ordering *o, size_t vertex, enum end end, size_t *n)
{
	*n = o->n[end][vertex];
	return o->links + o->first[end][vertex];
}

/* Where an arc meets a row: three places for each vertex. */
static size_t place_of(const struct ordering *o, const struct arc *arc, enum end end)
{
	return o->s->vertices[arc->vertex[end]].pos * 3 +
	       (size_t)(o->s->segments[arc->segment[end]].side[end] + 1);
}

static void number_row(struct sketch *s, size_t row)
{
	for (size_t at = s->row[row]; at < s->row[row + 1]; at++)
		s->vertices[s->order[at]].pos = at - s->row[row];
}

/* ---- counting: how often the arcs between two rows change sides ---- */

static size_t count_above(const size_t *tree, size_t place, size_t seen)
{
	for (size_t at = place + 1; at; at &= at - 1)
		seen -= tree[at];
	return seen;
}

static void enter(size_t *tree, size_t size, size_t place)
{
	for (size_t at = place + 1; at <= size; at += at & -at)
		tree[at]++;
}

/* Arcs of one vertex and one side meet there and do not cross: all are counted, then entered. */
static size_t count_side(const struct ordering *o, size_t vertex, int side, size_t size,
			 size_t *seen)
{
	size_t n, before = *seen, crossings = 0;
	const size_t *links = arcs_to(o, vertex, LOWER, &n);

	for (size_t link = 0; link < n; link++) {
		const struct arc *arc = &o->arcs[links[link]];

		if (o->s->segments[arc->segment[UPPER]].side[UPPER] == side)
			crossings += count_above(o->tree, place_of(o, arc, LOWER), before);
	}
	for (size_t link = 0; link < n; link++) {
		const struct arc *arc = &o->arcs[links[link]];

		if (o->s->segments[arc->segment[UPPER]].side[UPPER] != side)
			continue;
		enter(o->tree, size, place_of(o, arc, LOWER));
		(*seen)++;
	}
	return crossings;
}

static size_t count_all(const struct ordering *o)
{
	const struct sketch *s = o->s;
	size_t crossings = 0;

	for (size_t row = 0; row + 1 < o->nrows; row++) {
		size_t size = row_length(s, row * 2 + 2) * 3, seen = 0;

		memset(o->tree, 0, (size + 1) * sizeof(*o->tree));
		for (size_t at = s->row[row * 2]; at < s->row[row * 2 + 1]; at++)
			for (int side = -1; side <= 1; side++)
				crossings += count_side(o, s->order[at], side, size, &seen);
	}
	return crossings;
}

/* ---- a first order: a walk down, as the author wrote it ---- */

static void shuffle(size_t *items, size_t n, uint64_t *chance)
{
	for (; n > 1; n--) {
		size_t other, last = items[n - 1];

		*chance = *chance * 6364136223846793005u + 1442695040888963407u;
		other = (size_t)(*chance >> 33) % n;
		items[n - 1] = items[other];
		items[other] = last;
	}
}

/* With a chance it turns elsewhere at each fork: the same chance, the same order. */
static void walk_down(const struct ordering *o, uint64_t chance)
{
	struct sketch *s = o->s;
	size_t *stack = o->stack, *filled = o->filled, depth;
	bool *seen = o->seen;

	memset(seen, 0, s->nvertices * sizeof(*seen));
	memcpy(filled, s->row, s->nrows * sizeof(*filled));
	for (size_t root = 0; root < s->nvertices; root++) {
		stack[0] = root;
		depth = s->vertices[root].nup == 0;
		while (depth) {
			size_t at = stack[--depth], n;
			const size_t *links = links_to(s, &s->vertices[at], LOWER, &n);

			if (seen[at])
				continue;
			seen[at] = true;
			s->order[filled[s->vertices[at].row]++] = at;
			for (size_t link = n; link > 0; link--)
				stack[depth++] = s->segments[links[link - 1]].vertex[LOWER];
			if (chance)
				shuffle(stack + depth - n, n, &chance);
		}
	}
	for (size_t row = 0; row < s->nrows; row++)
		number_row(s, row);
}

/* ---- sweeps: each row after where its neighbours in the last one stand ---- */

static int by_wish(const void *left, const void *right)
{
	const struct wish *a = left, *b = right;

	if (a->at < b->at || a->at > b->at)
		return a->at < b->at ? -1 : 1;
	return a->pos < b->pos ? -1 : a->pos > b->pos;
}

static double mean_place(const struct ordering *o, const size_t *links, size_t n, enum end end)
{
	size_t sum = 0;

	for (size_t link = 0; link < n; link++)
		sum += place_of(o, &o->arcs[links[link]], end);
	return (double)sum / (double)n;
}

/* Who has no neighbour there keeps its place; the others share the places that are left. */
static void order_row(const struct ordering *o, size_t row, enum end end)
{
	struct sketch *s = o->s;
	size_t *order = s->order + s->row[row], n = row_length(s, row), nwishes = 0;

	for (size_t pos = 0; pos < n; pos++) {
		size_t nlinks;
		const size_t *links = arcs_to(o, order[pos], end, &nlinks);

		if (!nlinks)
			continue;
		o->slots[nwishes] = pos;
		o->wishes[nwishes++] =
			(struct wish){ mean_place(o, links, nlinks, end), pos, order[pos] };
	}
	qsort(o->wishes, nwishes, sizeof(*o->wishes), by_wish);
	for (size_t at = 0; at < nwishes; at++)
		order[o->slots[at]] = o->wishes[at].vertex;
	number_row(s, row);
}

/* ---- exchange of neighbours ---- */

/* How much less often the arcs of a and b cross if b stands left of a. */
static ptrdiff_t gain(const struct ordering *o, size_t a, size_t b, enum end end)
{
	size_t na, nb;
	const size_t *of_a = arcs_to(o, a, end, &na), *of_b = arcs_to(o, b, end, &nb);
	ptrdiff_t gained = 0;

	for (size_t at = 0; at < na; at++) {
		size_t place = place_of(o, &o->arcs[of_a[at]], end);

		for (size_t other = 0; other < nb; other++) {
			size_t beside = place_of(o, &o->arcs[of_b[other]], end);

			gained += (beside < place) - (place < beside);
		}
	}
	return gained;
}

static bool exchange_row(const struct ordering *o, size_t row, ptrdiff_t least)
{
	struct sketch *s = o->s;
	size_t *order = s->order + s->row[row], n = row_length(s, row);
	bool changed = false;

	for (size_t pos = 0; pos + 1 < n; pos++) {
		size_t a = order[pos], b = order[pos + 1];
		ptrdiff_t gained = gain(o, a, b, UPPER) + gain(o, a, b, LOWER);

		if (gained < least)
			continue;
		order[pos] = b;
		order[pos + 1] = a;
		s->vertices[b].pos = pos;
		s->vertices[a].pos = pos + 1;
		changed |= gained > 0;
	}
	return changed;
}

/* least 0: also where it makes no difference, to come out of a dead end. */
static void exchange(const struct ordering *o, ptrdiff_t least)
{
	bool changed = true;

	for (size_t pass = 0; changed && pass < 10; pass++) {
		changed = false;
		for (size_t row = 0; row < o->nrows; row++)
			changed |= exchange_row(o, row * 2, pass ? 1 : least);
	}
}

/* ---- loops leave and enter a box at the side where they cross less ---- */

static void choose_side(const struct ordering *o, size_t seg, enum end end)
{
	size_t n;
	const size_t *links = arcs_to(o, o->s->segments[seg].vertex[end], !end, &n);
	ptrdiff_t right = 0;

	for (size_t link = 0; link < n; link++) {
		const struct arc *one = &o->arcs[links[link]];

		for (size_t other = 0; one->segment[end] == seg && other < n; other++) {
			const struct arc *two = &o->arcs[links[other]];
			size_t place = place_of(o, one, !end), beside = place_of(o, two, !end);

			if (two->segment[end] != seg)
				right += (beside > place) - (beside < place);
		}
	}
	o->s->segments[seg].side[end] = right > 0 ? -1 : 1;
}

static void choose_sides(const struct ordering *o)
{
	for (size_t seg = 0; seg < o->s->nsegments; seg++)
		for (enum end end = UPPER; end <= LOWER; end++)
			if (o->s->segments[seg].side[end])
				choose_side(o, seg, end);
}

/* ---- trial ---- */

static bool keep_best(struct ordering *o)
{
	size_t n = count_all(o);

	if (n >= o->fewest)
		return false;
	o->fewest = n;
	memcpy(o->best, o->s->order, o->s->nvertices * sizeof(*o->best));
	return true;
}

static void sweep(const struct ordering *o, bool up)
{
	for (size_t row = 1; row < o->nrows; row++) {
		if (up)
			order_row(o, (o->nrows - 1 - row) * 2, LOWER);
		else
			order_row(o, row * 2, UPPER);
	}
}

static void improve(struct ordering *o)
{
	size_t in_vain = 0;

	choose_sides(o);
	keep_best(o);
	exchange(o, 1);
	choose_sides(o);
	keep_best(o);
	for (size_t turn = 0; turn < SWEEPS_MAX && o->fewest && in_vain < PATIENCE; turn++) {
		sweep(o, turn % 2 == 0);
		exchange(o, turn % 4 / 2 == 0);
		choose_sides(o);
		in_vain = keep_best(o) ? 0 : in_vain + 1;
	}
}

/* What is between two rows of boxes stands in the order of what is above it, then of what is under
 * it. */
static void order_between(const struct ordering *o, size_t row)
{
	struct sketch *s = o->s;
	size_t *order = s->order + s->row[row], n = row_length(s, row);

	for (size_t pos = 0; pos < n; pos++) {
		const struct vertex *v = &s->vertices[order[pos]];
		const struct segment *up = &s->segments[s->links[v->first]];
		double under = 0;

		for (size_t link = 0; link < v->ndown; link++)
			under += (double)s
					 ->vertices[s->segments[s->links[v->first + v->nup + link]]
							    .vertex[LOWER]]
					 .pos /
				 (double)v->ndown;
		o->wishes[pos] = (struct wish){ (double)(s->vertices[up->vertex[UPPER]].pos * 3 +
							 (size_t)(up->side[UPPER] + 1)) +
							under / 1e6,
						pos, order[pos] };
	}
	qsort(o->wishes, n, sizeof(*o->wishes), by_wish);
	for (size_t pos = 0; pos < n; pos++)
		order[pos] = o->wishes[pos].vertex;
	number_row(s, row);
}

void sketch_order(struct arena *a, struct sketch *s)
{
	size_t n = s->nvertices + 1, starts = WORK / n;
	struct ordering o = { .s = s,
			      .tree = ARENA_ARRAY(a, size_t, n * 3),
			      .wishes = ARENA_ARRAY(a, struct wish, n),
			      .slots = ARENA_ARRAY(a, size_t, n),
			      .stack = ARENA_ARRAY(a, size_t, n + s->nsegments),
			      .filled = ARENA_ARRAY(a, size_t, s->nrows + 1),
			      .seen = ARENA_ARRAY(a, bool, n),
			      .best = ARENA_ARRAY(a, size_t, n),
			      .fewest = SIZE_MAX };

	find_arcs(a, &o);
	starts = starts < STARTS_MIN ? STARTS_MIN : starts > STARTS_MAX ? STARTS_MAX : starts;
	for (size_t start = 0; start < starts && o.fewest; start++) {
		walk_down(&o, start);
		improve(&o);
	}
	memcpy(s->order, o.best, s->nvertices * sizeof(*o.best));
	for (size_t row = 0; row < s->nrows; row += 2)
		number_row(s, row);
	choose_sides(&o);
	for (size_t row = 1; row < s->nrows; row += 2)
		order_between(&o, row);
}
