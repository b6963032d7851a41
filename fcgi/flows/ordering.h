#ifndef FLOWS_ORDERING_H
#define FLOWS_ORDERING_H

#include "flows/sketch.h"

/*
 * What order.c tries orders with, and author.c puts into the author's order: only the rows of boxes
 * count, with arcs from one to the next.
 */
/* From one row of boxes to the next: a segment and the one that follows it. */
struct arc {
	size_t vertex[2], segment[2];
};

struct wish;

struct ordering {
	struct sketch *s;
	struct arc *arcs;
	size_t narcs, nrows;
	size_t *links, *first[2], *n[2]; /* of a vertex: where its arcs up and down are in links */
	size_t *tree;                    /* of ordering_crossings */
	struct wish *wishes;             /* of order_row */
	size_t *slots;
	size_t *stack, *filled; /* of walk_down */
	bool *seen;
	size_t *best, fewest;
};

/* The arcs of a vertex that lead to the row of boxes above it, or under it. */
static inline const size_t *arcs_to(const struct ordering *o, size_t vertex, enum end end,
				    size_t *n)
{
	*n = o->n[end][vertex];
	return o->links + o->first[end][vertex];
}

/* Where an arc meets a row: three places for each vertex. */
static inline size_t place_of(const struct ordering *o, const struct arc *arc, enum end end)
{
	return o->s->vertices[arc->vertex[end]].pos * 3 +
	       (size_t)(o->s->segments[arc->segment[end]].side[end] + 1);
}

static inline void number_row(struct sketch *s, size_t row)
{
	for (size_t at = s->row[row]; at < s->row[row + 1]; at++)
		s->vertices[s->order[at]].pos = at - s->row[row];
}

/* Finds the arcs of o->s. */
void ordering_find_arcs(struct arena *a, struct ordering *o);
size_t ordering_crossings(const struct ordering *o);
/* Loops leave and enter a box at the side where they cross less. */
void ordering_choose_sides(const struct ordering *o);
/* Brings options into the author's order where that costs no crossing beyond o->fewest. */
void ordering_follow_author(const struct ordering *o);

#endif
