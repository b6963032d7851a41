#ifndef FLOWS_SKETCH_H
#define FLOWS_SKETCH_H

#include "flows/picture.h"

/*
 * A flow on its way to being a picture: layers.c puts it in rows, order.c orders each row, place.c
 * and straighten.c find where in its row each thing stands, layout.c makes boxes and lines of it.
 *
 * Boxes stand in the even rows, the labels of lines in the odd ones.  A line over more rows takes a
 * bend in each; lines to one box share their bends, so that they meet on the way.  A loop back
 * leaves its box at one side and enters the other box at one side, at a wing: room kept free there.
 */
#define NOWHERE SIZE_MAX

struct vertex {
	size_t row, pos;    /* pos: its place in the row, from the left */
	size_t next;        /* of a bend: the one that follows on the way to the target */
	double left, right; /* the room it takes on both sides of x */
	double x;
	size_t first, nup, ndown; /* links[first]: the segments up, then those down */
};

/* What leads from one row to the next. */
enum end { UPPER, LOWER };
struct segment {
	size_t vertex[2];
	int side[2];   /* where it meets a box: -1 left wing, 0 middle, 1 right wing */
	double off[2]; /* and how far that is from the vertex's x */
	bool spine;    /* between bends: the part that should be straight */
};

struct sketch_line {
	size_t from, way, to;
	bool back;
	size_t first; /* its label, or a loop's bend beside `from`; NOWHERE: drawn without bends */
	size_t exit;  /* a loop's segment at `from` */
};

struct sketch {
	const struct flow_graph *graph;
	size_t nvertices, nsegments, nlines, nrows;
	struct vertex *vertices; /* first the nodes, by their places */
	struct segment *segments;
	size_t *links;
	size_t *row;   /* row[r]: where row r begins in `order` */
	size_t *order; /* vertices, row by row */
	struct sketch_line *lines;
	size_t *lines_of; /* lines_of[n]: the first line of node n */
	size_t apart;     /* the first row of what cannot be reached; NOWHERE: all can be */
};

struct sketch *sketch_layers(struct arena *a, const struct flow_graph *g);
void sketch_order(struct arena *a, struct sketch *s);
void sketch_place(struct arena *a, struct sketch *s);
void sketch_straighten(struct arena *a, struct sketch *s);

static inline size_t row_length(const struct sketch *s, size_t row)
{
	return s->row[row + 1] - s->row[row];
}

/* From the x of one to that of its neighbour to the right, at least. */
static inline double sketch_distance(const struct vertex *left, const struct vertex *right)
{
	return left->right + right->left + (left->row % 2 ? 12 : 24);
}

/* The segments of a vertex that lead to the row above it, or under it. */
static inline const size_t *links_to(const struct sketch *s, const struct vertex *v, enum end end,
				     size_t *n)
{
	*n = end == UPPER ? v->nup : v->ndown;
	return s->links + v->first + (end == UPPER ? 0 : v->nup);
}

/* Where a segment meets a row: three places for each vertex. */
static inline size_t segment_place(const struct sketch *s, const struct segment *seg, enum end end)
{
	return s->vertices[seg->vertex[end]].pos * 3 + (size_t)(seg->side[end] + 1);
}

#endif
