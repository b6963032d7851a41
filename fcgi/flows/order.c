/*
 * Which vertex stands left of which: few crossings, and where it costs none the author's order.
 * Only the rows of boxes are ordered by trial; what stands between two of them has one segment up,
 * and so follows from them without a crossing more.
 */
#include "flows/ordering.h"

#include <stdlib.h>
#include <string.h>

#include "kit/base/arena.h"

/* A large flow gets fewer trials, which bounds its time. */
#define WORK       ((size_t)24000)
#define STARTS_MIN ((size_t)2)
#define STARTS_MAX ((size_t)24)
#define SWEEPS_MAX ((size_t)60)
#define PATIENCE   ((size_t)6) /* sweeps without a gain */

struct wish {
	double at;
	size_t pos, vertex;
};

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

/* ---- trial ---- */

static bool keep_best(struct ordering *o)
{
	size_t n = ordering_crossings(o);

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

	ordering_choose_sides(o);
	keep_best(o);
	exchange(o, 1);
	ordering_choose_sides(o);
	keep_best(o);
	for (size_t turn = 0; turn < SWEEPS_MAX && o->fewest && in_vain < PATIENCE; turn++) {
		sweep(o, turn % 2 == 0);
		exchange(o, turn % 4 / 2 == 0);
		ordering_choose_sides(o);
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

	ordering_find_arcs(a, &o);
	starts = starts < STARTS_MIN ? STARTS_MIN : starts > STARTS_MAX ? STARTS_MAX : starts;
	for (size_t start = 0; start < starts && o.fewest; start++) {
		walk_down(&o, start);
		improve(&o);
	}
	memcpy(s->order, o.best, s->nvertices * sizeof(*o.best));
	for (size_t row = 0; row < s->nrows; row += 2)
		number_row(s, row);
	ordering_choose_sides(&o);
	ordering_follow_author(&o);
	ordering_choose_sides(&o);
	for (size_t row = 1; row < s->nrows; row += 2)
		order_between(&o, row);
}
