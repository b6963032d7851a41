/* Which vertex stands left of which: few crossings, and where it costs none the author's order. */
#include "flows/sketch.h"

#include <stdlib.h>
#include <string.h>

#include "kit/base/arena.h"

#define WORK       ((size_t)40000) /* vertices to look at: bounds the time of a large flow */
#define SWEEPS_MIN ((size_t)4)
#define SWEEPS_MAX ((size_t)24)

struct wish {
	double at;
	size_t pos, vertex;
};

struct ordering {
	struct sketch *s;
	size_t *tree; /* of count_row */
	struct wish *wishes;
	size_t *slots;
	size_t *best, fewest;
};

/* Takes the order of a row as it stands in s->order. */
static void number_row(struct sketch *s, size_t row)
{
	for (size_t at = s->row[row]; at < s->row[row + 1]; at++)
		s->vertices[s->order[at]].pos = at - s->row[row];
}

/* ---- counting: how many pairs of segments between two rows change sides ---- */

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

/* Segments of one vertex and one side meet there and do not cross: all are counted, then entered.
 */
static size_t count_row(const struct ordering *o, size_t row)
{
	const struct sketch *s = o->s;
	size_t size = row_length(s, row + 1) * 3, seen = 0, crossings = 0;

	memset(o->tree, 0, (size + 1) * sizeof(*o->tree));
	for (size_t at = s->row[row]; at < s->row[row + 1]; at++) {
		for (int side = -1; side <= 1; side++) {
			const struct vertex *v = &s->vertices[s->order[at]];
			size_t n, before = seen;
			const size_t *links = links_to(s, v, LOWER, &n);

			for (size_t link = 0; link < n; link++)
				if (s->segments[links[link]].side[UPPER] == side)
					crossings += count_above(
						o->tree,
						place_of(s, &s->segments[links[link]], LOWER),
						before);
			for (size_t link = 0; link < n; link++) {
				if (s->segments[links[link]].side[UPPER] != side)
					continue;
				enter(o->tree, size, place_of(s, &s->segments[links[link]], LOWER));
				seen++;
			}
		}
	}
	return crossings;
}

static size_t count_all(const struct ordering *o)
{
	size_t n = 0;

	for (size_t row = 0; row + 1 < o->s->nrows; row++)
		n += count_row(o, row);
	return n;
}

/* ---- the first order: a walk down, as the author wrote it ---- */

static void walk_down(struct arena *a, struct sketch *s, bool mirrored)
{
	size_t *stack = ARENA_ARRAY(a, size_t, s->nvertices + s->nsegments + 1);
	size_t *filled = ARENA_ARRAY(a, size_t, s->nrows + 1), depth;
	bool *seen = ARENA_ARRAY(a, bool, s->nvertices + 1);

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
			for (size_t link = 0; link < n; link++) {
				size_t turn = mirrored ? link : n - 1 - link;

				stack[depth++] = s->segments[links[turn]].vertex[LOWER];
			}
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

static double mean_place(const struct sketch *s, const size_t *links, size_t n, enum end end)
{
	double sum = 0;

	for (size_t link = 0; link < n; link++)
		sum += (double)place_of(s, &s->segments[links[link]], end);
	return sum / (double)n;
}

/* Who has no neighbour there keeps its place; the others share the places that are left. */
static void order_row(const struct ordering *o, size_t row, enum end end)
{
	struct sketch *s = o->s;
	size_t *order = s->order + s->row[row], n = row_length(s, row), nwishes = 0;

	for (size_t pos = 0; pos < n; pos++) {
		size_t nlinks;
		const size_t *links = links_to(s, &s->vertices[order[pos]], end, &nlinks);

		if (!nlinks)
			continue;
		o->slots[nwishes] = pos;
		o->wishes[nwishes++] =
			(struct wish){ mean_place(s, links, nlinks, end), pos, order[pos] };
	}
	qsort(o->wishes, nwishes, sizeof(*o->wishes), by_wish);
	for (size_t at = 0; at < nwishes; at++)
		order[o->slots[at]] = o->wishes[at].vertex;
	number_row(s, row);
}

/* ---- exchange of neighbours ---- */

/* How much more often the segments of a and b would cross if b stood left of a. */
static ptrdiff_t gain(const struct sketch *s, size_t a, size_t b, enum end end)
{
	size_t na, nb;
	const size_t *of_a = links_to(s, &s->vertices[a], end, &na);
	const size_t *of_b = links_to(s, &s->vertices[b], end, &nb);
	ptrdiff_t gained = 0;

	for (size_t at = 0; at < na; at++) {
		size_t place = place_of(s, &s->segments[of_a[at]], end);

		for (size_t other = 0; other < nb; other++) {
			size_t beside = place_of(s, &s->segments[of_b[other]], end);

			gained += (beside < place) - (place < beside);
		}
	}
	return gained;
}

static bool exchange_row(struct sketch *s, size_t row)
{
	size_t *order = s->order + s->row[row], n = row_length(s, row);
	bool changed = false;

	for (size_t pos = 0; pos + 1 < n; pos++) {
		size_t a = order[pos], b = order[pos + 1];

		if (gain(s, a, b, UPPER) + gain(s, a, b, LOWER) <= 0)
			continue;
		order[pos] = b;
		order[pos + 1] = a;
		s->vertices[b].pos = pos;
		s->vertices[a].pos = pos + 1;
		changed = true;
	}
	return changed;
}

static void exchange(struct sketch *s)
{
	bool changed = true;

	for (size_t pass = 0; changed && pass < 8; pass++) {
		changed = false;
		for (size_t row = 0; row < s->nrows; row++)
			changed |= exchange_row(s, row);
	}
}

/* ---- loops leave and enter a box at the side where they cross less ---- */

static void choose_side(struct sketch *s, struct segment *seg, enum end end)
{
	const struct vertex *box = &s->vertices[seg->vertex[end]];
	enum end other = end == UPPER ? LOWER : UPPER;
	size_t n, place = place_of(s, seg, other);
	const size_t *links = links_to(s, box, other, &n);
	ptrdiff_t right = 0;

	for (size_t link = 0; link < n; link++) {
		size_t beside = place_of(s, &s->segments[links[link]], other);

		right += (beside > place) - (beside < place);
	}
	seg->side[end] = right > 0 ? -1 : 1;
}

static void choose_sides(struct sketch *s)
{
	for (size_t seg = 0; seg < s->nsegments; seg++)
		for (enum end end = UPPER; end <= LOWER; end++)
			if (s->segments[seg].side[end])
				choose_side(s, &s->segments[seg], end);
}

static void keep_best(struct ordering *o)
{
	size_t n = count_all(o);

	if (n >= o->fewest)
		return;
	o->fewest = n;
	memcpy(o->best, o->s->order, o->s->nvertices * sizeof(*o->best));
}

static void improve(struct ordering *o, size_t sweeps)
{
	struct sketch *s = o->s;

	choose_sides(s);
	keep_best(o);
	for (size_t sweep = 0; sweep < sweeps && o->fewest; sweep++) {
		for (size_t row = 1; row < s->nrows; row++) {
			if (sweep % 2)
				order_row(o, s->nrows - 1 - row, LOWER);
			else
				order_row(o, row, UPPER);
		}
		exchange(s);
		choose_sides(s);
		keep_best(o);
	}
}

void sketch_order(struct arena *a, struct sketch *s)
{
	struct ordering o = { .s = s,
			      .tree = ARENA_ARRAY(a, size_t, s->nvertices * 3 + 2),
			      .wishes = ARENA_ARRAY(a, struct wish, s->nvertices + 1),
			      .slots = ARENA_ARRAY(a, size_t, s->nvertices + 1),
			      .best = ARENA_ARRAY(a, size_t, s->nvertices + 1),
			      .fewest = SIZE_MAX };
	size_t sweeps = WORK / (s->nvertices + 1);

	sweeps = sweeps < SWEEPS_MIN ? SWEEPS_MIN : sweeps > SWEEPS_MAX ? SWEEPS_MAX : sweeps;
	for (int mirrored = 0; mirrored <= 1 && o.fewest; mirrored++) {
		walk_down(a, s, mirrored);
		improve(&o, sweeps);
	}
	memcpy(s->order, o.best, s->nvertices * sizeof(*o.best));
	for (size_t row = 0; row < s->nrows; row++)
		number_row(s, row);
	choose_sides(s);
}
