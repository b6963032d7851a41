/* The order in which the author wrote the options of each decision, as far as it is free. */
#include "flows/ordering.h"

#include <string.h>

#define TRIALS ((size_t)200000) /* arcs to look at for the author's order */

/* By how many the neighbouring options of a node that stand in the author's order are fewer than
 * those that do not. */
static ptrdiff_t disorder(const struct ordering *o, size_t vertex)
{
	size_t n, before = SIZE_MAX;
	const size_t *links = arcs_to(o, vertex, LOWER, &n);
	ptrdiff_t wrong = 0;

	for (size_t link = 0; link < n; link++) {
		const struct arc *arc = &o->arcs[links[link]];
		size_t place = place_of(o, arc, LOWER);

		if (o->s->segments[arc->segment[UPPER]].side[UPPER])
			continue;
		if (before != SIZE_MAX)
			wrong += (place < before) - (before < place);
		before = place;
	}
	return wrong;
}

static ptrdiff_t disorder_of_all(const struct ordering *o)
{
	ptrdiff_t wrong = 0;

	for (size_t node = 0; node < o->s->graph->nodes.n; node++)
		wrong += disorder(o, node);
	return wrong;
}

/* Marks what is under a vertex. */
static void mark_under(const struct ordering *o, size_t vertex)
{
	size_t depth = 1;

	memset(o->seen, 0, o->s->nvertices * sizeof(*o->seen));
	o->stack[0] = vertex;
	while (depth) {
		size_t n;
		const size_t *links = arcs_to(o, o->stack[--depth], LOWER, &n);

		for (size_t link = 0; link < n; link++) {
			size_t under = o->arcs[links[link]].vertex[LOWER];

			if (!o->seen[under])
				o->stack[depth++] = under;
			o->seen[under] = true;
		}
	}
}

/* What is marked changes places with itself, from left to right, in each row. */
static void mirror_marked(const struct ordering *o)
{
	struct sketch *s = o->s;

	for (size_t row = 0; row < s->nrows; row += 2) {
		size_t left = s->row[row], right = s->row[row + 1];

		while (left < right) {
			size_t last = s->order[right - 1], first = s->order[left];

			if (o->seen[first] && o->seen[last]) {
				s->order[left++] = last;
				s->order[--right] = first;
			} else if (o->seen[first]) {
				right--;
			} else {
				left++;
			}
		}
		number_row(s, row);
	}
}

/* The options of a node from left to right instead of from right to left; with what is under each
 * of them mirrored too, or as it was. */
static void turn_over(const struct ordering *o, size_t node, bool as_it_was)
{
	size_t n;
	const size_t *links = arcs_to(o, node, LOWER, &n);

	mark_under(o, node);
	mirror_marked(o);
	for (size_t link = 0; as_it_was && link < n; link++) {
		mark_under(o, o->arcs[links[link]].vertex[LOWER]);
		mirror_marked(o);
	}
	ordering_choose_sides(o);
}

static void keep(const struct ordering *o)
{
	memcpy(o->best, o->s->order, o->s->nvertices * sizeof(*o->best));
}

static void take_back(const struct ordering *o)
{
	memcpy(o->s->order, o->best, o->s->nvertices * sizeof(*o->best));
	for (size_t row = 0; row < o->s->nrows; row += 2)
		number_row(o->s, row);
	ordering_choose_sides(o);
}

/* Mirrors the whole, then what is under single nodes, where that brings more options into the
 * author's order and costs no crossing. */
void ordering_follow_author(const struct ordering *o)
{
	const struct sketch *s = o->s;
	size_t trials = TRIALS / (o->narcs + 1);
	ptrdiff_t wrong = disorder_of_all(o);

	if (wrong > 0) {
		memset(o->seen, true, s->nvertices * sizeof(*o->seen));
		mirror_marked(o);
		ordering_choose_sides(o);
		wrong = -wrong;
	}
	keep(o);
	for (size_t trial = 0; trial < s->graph->nodes.n * 2 && trials; trial++) {
		size_t node = trial / 2;
		ptrdiff_t now;

		if (disorder(o, node) <= 0)
			continue;
		trials--;
		turn_over(o, node, trial % 2 == 0);
		now = disorder_of_all(o);
		if (now < wrong && ordering_crossings(o) <= o->fewest) {
			wrong = now;
			keep(o);
		} else {
			take_back(o);
		}
	}
}
