/*
 * The last touch: what hangs together by upright lines is moved to the side as one, where there is
 * room and more of its other lines become short than long.
 */
#include "flows/sketch.h"

#include <math.h>
#include <stdlib.h>

#include "kit/base/arena.h"

#define PASSES  4
#define UPRIGHT .01

struct straighten {
	struct sketch *s;
	size_t *group, *members; /* group: of a vertex, + 1; members: of the one at hand */
	double *pulls;           /* how far it should move, by each of its slanted lines */
};

/* How far the lower end stands right of the upper one. */
static double slant(const struct sketch *s, const struct segment *seg)
{
	return s->vertices[seg->vertex[LOWER]].x + seg->off[LOWER] -
	       s->vertices[seg->vertex[UPPER]].x - seg->off[UPPER];
}

static size_t collect(const struct straighten *t, size_t first, size_t mark)
{
	const struct sketch *s = t->s;
	size_t n = 1;

	t->members[0] = first;
	t->group[first] = mark;
	for (size_t at = 0; at < n; at++) {
		const struct vertex *v = &s->vertices[t->members[at]];

		for (size_t link = 0; link < v->nup + v->ndown; link++) {
			const struct segment *seg = &s->segments[s->links[v->first + link]];
			size_t other = seg->vertex[link < v->nup ? UPPER : LOWER];

			if (t->group[other] == mark || fabs(slant(s, seg)) > UPRIGHT)
				continue;
			t->group[other] = mark;
			t->members[n++] = other;
		}
	}
	return n;
}

/* Room to the left (negative) and to the right of all members. */
static void find_room(const struct straighten *t, size_t n, size_t mark, double room[2])
{
	const struct sketch *s = t->s;

	room[0] = -1e9;
	room[1] = 1e9;
	for (size_t at = 0; at < n; at++) {
		const struct vertex *v = &s->vertices[t->members[at]];
		const size_t *order = s->order + s->row[v->row];

		if (v->pos > 0 && t->group[order[v->pos - 1]] != mark) {
			const struct vertex *left = &s->vertices[order[v->pos - 1]];

			room[0] = fmax(room[0], left->x + sketch_distance(left, v) - v->x);
		}
		if (v->pos + 1 < row_length(s, v->row) && t->group[order[v->pos + 1]] != mark) {
			const struct vertex *right = &s->vertices[order[v->pos + 1]];

			room[1] = fmin(room[1], right->x - sketch_distance(v, right) - v->x);
		}
	}
}

static int by_size(const void *left, const void *right)
{
	const double *a = left, *b = right;

	return *a < *b ? -1 : *a > *b;
}

/* Where half of its lines pull to the left of it and half to the right; as near as that goes. */
static double best_move(const struct straighten *t, size_t n, size_t mark)
{
	const struct sketch *s = t->s;
	size_t npulls = 0;

	for (size_t at = 0; at < n; at++) {
		const struct vertex *v = &s->vertices[t->members[at]];

		for (size_t link = 0; link < v->nup + v->ndown; link++) {
			const struct segment *seg = &s->segments[s->links[v->first + link]];
			bool up = link < v->nup;

			if (t->group[seg->vertex[up ? UPPER : LOWER]] != mark)
				t->pulls[npulls++] = up ? -slant(s, seg) : slant(s, seg);
		}
	}
	if (!npulls)
		return 0;
	qsort(t->pulls, npulls, sizeof(*t->pulls), by_size);
	if (t->pulls[(npulls - 1) / 2] > 0)
		return t->pulls[(npulls - 1) / 2];
	return t->pulls[npulls / 2] < 0 ? t->pulls[npulls / 2] : 0;
}

static void pass(const struct straighten *t, size_t *mark)
{
	struct sketch *s = t->s;
	size_t first_mark = *mark;

	for (size_t vertex = 0; vertex < s->nvertices; vertex++) {
		double room[2], move;
		size_t n;

		if (t->group[vertex] > first_mark)
			continue;
		n = collect(t, vertex, ++*mark);
		move = best_move(t, n, *mark);
		find_room(t, n, *mark, room);
		move = fmax(fmin(move, fmax(room[1], 0)), fmin(room[0], 0));
		for (size_t at = 0; at < n; at++)
			s->vertices[t->members[at]].x += move;
	}
}

void sketch_straighten(struct arena *a, struct sketch *s)
{
	struct straighten t = { .s = s,
				.group = ARENA_ARRAY(a, size_t, s->nvertices + 1),
				.members = ARENA_ARRAY(a, size_t, s->nvertices + 1),
				.pulls = ARENA_ARRAY(a, double, s->nsegments + 1) };
	size_t mark = 0;

	for (size_t turn = 0; turn < PASSES; turn++)
		pass(&t, &mark);
}
