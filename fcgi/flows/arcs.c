/* Between rows of boxes: what leads from one to the next, and how often that crosses. */
#include "flows/ordering.h"

#include <string.h>

#include "kit/base/arena.h"

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

void ordering_find_arcs(struct arena *a, struct ordering *o)
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

size_t ordering_crossings(const struct ordering *o)
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

void ordering_choose_sides(const struct ordering *o)
{
	for (size_t seg = 0; seg < o->s->nsegments; seg++)
		for (enum end end = UPPER; end <= LOWER; end++)
			if (o->s->segments[seg].side[end])
				choose_side(o, seg, end);
}
