/*
 * How far right each vertex stands, its order in the row given.  After Brandes and Köpf: vertices
 * that should stand under each other are joined to blocks, the blocks pushed together, and that
 * four ways (from above and from below, to the left and to the right); the picture is the mean of
 * the two in the middle, which keeps order and distance since each of the four does.
 */
#include "flows/sketch.h"

#include <stdlib.h>
#include <string.h>

#include "kit/base/arena.h"

struct block_run {
	const struct sketch *s;
	const bool *crossed;  /* segments that would break a spine */
	enum end end;         /* where the vertex stands that one is put under (UPPER) or over */
	bool mirrored;        /* from right to left */
	size_t *root, *after; /* of a block: a ring of its vertices */
	double *shift, *x;    /* of a vertex in its block; of a block */
	size_t *waiting, *queue;
};

/* ---- segments that cross a spine give way ---- */

static const struct segment *spine_under(const struct sketch *s, size_t vertex)
{
	size_t n;
	const size_t *links = links_to(s, &s->vertices[vertex], LOWER, &n);

	for (size_t link = 0; link < n; link++)
		if (s->segments[links[link]].spine)
			return &s->segments[links[link]];
	return NULL;
}

static void mark_row(const struct sketch *s, size_t row, bool *crossed, size_t *least)
{
	size_t n = row_length(s, row), most = 0;

	/* least[p]: the leftmost foot of the spines at p or right of it */
	least[n] = SIZE_MAX;
	for (size_t pos = n; pos > 0; pos--) {
		const struct segment *spine = spine_under(s, s->order[s->row[row] + pos - 1]);
		size_t foot = spine ? s->vertices[spine->vertex[LOWER]].pos : SIZE_MAX;

		least[pos - 1] = foot < least[pos] ? foot : least[pos];
	}
	for (size_t pos = 0; pos < n; pos++) {
		size_t vertex = s->order[s->row[row] + pos], nlinks;
		const size_t *links = links_to(s, &s->vertices[vertex], LOWER, &nlinks);
		const struct segment *spine = spine_under(s, vertex);

		for (size_t link = 0; link < nlinks; link++) {
			size_t foot = s->vertices[s->segments[links[link]].vertex[LOWER]].pos;

			crossed[links[link]] = !s->segments[links[link]].spine &&
					       (foot + 1 < most || least[pos + 1] < foot);
		}
		if (spine && s->vertices[spine->vertex[LOWER]].pos >= most)
			most = s->vertices[spine->vertex[LOWER]].pos + 1;
	}
}

/* ---- blocks ---- */

static size_t turned(const struct block_run *b, size_t vertex)
{
	size_t pos = b->s->vertices[vertex].pos;

	return b->mirrored ? row_length(b->s, b->s->vertices[vertex].row) - 1 - pos : pos;
}

static size_t vertex_at(const struct block_run *b, size_t row, size_t pos)
{
	return b->s->order[b->mirrored ? b->s->row[row + 1] - 1 - pos : b->s->row[row] + pos];
}

struct candidate {
	size_t place, link;
};

static int by_place(const void *left, const void *right)
{
	const struct candidate *a = left, *b = right;

	if (a->place != b->place)
		return a->place < b->place ? -1 : 1;
	return a->link < b->link ? -1 : a->link > b->link;
}

/* Puts the vertex into the block of the one at the other end, where that lies right of *bound. */
static bool put_under(struct block_run *b, size_t vertex, size_t link, size_t *bound)
{
	const struct segment *seg = &b->s->segments[link];
	size_t over = seg->vertex[b->end];
	double turn = b->mirrored ? -1 : 1;

	if (b->crossed[link] || turned(b, over) < *bound)
		return false;
	*bound = turned(b, over) + 1;
	b->root[vertex] = b->root[over];
	b->after[vertex] = b->after[over];
	b->after[over] = vertex;
	b->shift[vertex] = b->shift[over] +
			   turn * (seg->off[b->end] - seg->off[b->end == UPPER ? LOWER : UPPER]);
	return true;
}

/* The segments by which it may be put under another: its spine, else those that meet it in the
 * middle, else any. */
static size_t candidates(const struct block_run *b, size_t vertex, struct candidate *ret)
{
	size_t n, best = 0, kept = 0;
	const size_t *links = links_to(b->s, &b->s->vertices[vertex], b->end, &n);

	for (size_t link = 0; link < n; link++) {
		const struct segment *seg = &b->s->segments[links[link]];
		size_t worth = seg->spine ? 3 : seg->side[b->end == UPPER ? LOWER : UPPER] ? 1 : 2;
		size_t place = segment_place(b->s, seg, b->end);

		if (worth > best)
			kept = 0;
		best = worth > best ? worth : best;
		if (worth == best)
			ret[kept++] = (struct candidate){ place, links[link] };
	}
	qsort(ret, kept, sizeof(*ret), by_place);
	return kept;
}

static void make_blocks(struct block_run *b, struct candidate *found)
{
	const struct sketch *s = b->s;

	for (size_t vertex = 0; vertex < s->nvertices; vertex++) {
		b->root[vertex] = b->after[vertex] = vertex;
		b->shift[vertex] = 0;
	}
	for (size_t turn = 1; turn < s->nrows; turn++) {
		size_t row = b->end == UPPER ? turn : s->nrows - 1 - turn, bound = 0;

		for (size_t pos = 0; pos < row_length(s, row); pos++) {
			size_t vertex = vertex_at(b, row, pos);
			size_t n = candidates(b, vertex, found), low, high;

			if (!n)
				continue;
			low = (n - 1) / 2;
			high = n / 2;
			if (!put_under(b, vertex, found[b->mirrored ? high : low].link, &bound))
				put_under(b, vertex, found[b->mirrored ? low : high].link, &bound);
		}
	}
}

/* ---- pushing together ---- */

/* The block right of a vertex (in the run's sense) and how far its x lies from that of ours. */
static bool beside(const struct block_run *b, size_t vertex, size_t *block, double *far)
{
	const struct vertex *v = &b->s->vertices[vertex], *r;
	size_t row = v->row, pos = turned(b, vertex), right;

	if (pos + 1 == row_length(b->s, row))
		return false;
	right = vertex_at(b, row, pos + 1);
	r = &b->s->vertices[right];
	*block = b->root[right];
	*far = b->shift[vertex] - b->shift[right] +
	       (b->mirrored ? sketch_distance(r, v) : sketch_distance(v, r));
	return true;
}

/* Each block as far left as those left of it let it; in the order in which that is known. */
static size_t push_left(struct block_run *b)
{
	const struct sketch *s = b->s;
	size_t n = 0, block;
	double far;

	memset(b->waiting, 0, s->nvertices * sizeof(*b->waiting));
	for (size_t vertex = 0; vertex < s->nvertices; vertex++) {
		b->x[vertex] = -1e9;
		b->waiting[b->root[vertex]] += turned(b, vertex) > 0;
	}
	for (size_t vertex = 0; vertex < s->nvertices; vertex++)
		if (b->root[vertex] == vertex && !b->waiting[vertex])
			b->queue[n++] = vertex;
	for (size_t at = 0; at < n; at++) {
		size_t root = b->queue[at], vertex = root;

		if (b->x[root] <= -1e9)
			b->x[root] = 0;
		do {
			if (beside(b, vertex, &block, &far)) {
				if (b->x[block] < b->x[root] + far)
					b->x[block] = b->x[root] + far;
				if (--b->waiting[block] == 0)
					b->queue[n++] = block;
			}
			vertex = b->after[vertex];
		} while (vertex != root);
	}
	return n;
}

/* And back to the right as far as there is room, which closes gaps inside. */
static void pull_right(struct block_run *b, size_t n)
{
	for (size_t at = n; at > 0; at--) {
		size_t root = b->queue[at - 1], vertex = root, block;
		double room = 1e9, far;

		do {
			if (beside(b, vertex, &block, &far) && b->x[block] - far < room)
				room = b->x[block] - far;
			vertex = b->after[vertex];
		} while (vertex != root);
		if (room < 1e9 && room > b->x[root])
			b->x[root] = room;
	}
}

static void run(struct block_run *b, struct candidate *found, double *ret)
{
	const struct sketch *s = b->s;

	make_blocks(b, found);
	pull_right(b, push_left(b));
	for (size_t vertex = 0; vertex < s->nvertices; vertex++) {
		double x = b->x[b->root[vertex]] + b->shift[vertex];

		ret[vertex] = b->mirrored ? -x : x;
	}
}

/* ---- the mean of four ---- */

struct extent {
	double left, right;
};

static struct extent extent_of(const struct sketch *s, const double *x)
{
	struct extent e = { 1e9, -1e9 };

	for (size_t vertex = 0; vertex < s->nvertices; vertex++) {
		const struct vertex *v = &s->vertices[vertex];

		e.left = x[vertex] - v->left < e.left ? x[vertex] - v->left : e.left;
		e.right = x[vertex] + v->right > e.right ? x[vertex] + v->right : e.right;
	}
	return e;
}

static double middle(const double x[4])
{
	double low = x[0], high = x[0], sum = 0;

	for (size_t at = 0; at < 4; at++) {
		low = x[at] < low ? x[at] : low;
		high = x[at] > high ? x[at] : high;
		sum += x[at];
	}
	return (sum - low - high) / 2;
}

/* Each moved to the edge of the narrowest that it was pushed to. */
static void combine(struct sketch *s, double *const x[4])
{
	struct extent e[4];
	size_t narrow = 0;

	for (size_t at = 0; at < 4; at++) {
		e[at] = extent_of(s, x[at]);
		if (e[at].right - e[at].left < e[narrow].right - e[narrow].left)
			narrow = at;
	}
	for (size_t vertex = 0; vertex < s->nvertices; vertex++) {
		double moved[4];

		for (size_t at = 0; at < 4; at++)
			moved[at] = x[at][vertex] + (at % 2 ? e[narrow].right - e[at].right
							    : e[narrow].left - e[at].left);
		s->vertices[vertex].x = middle(moved);
	}
}

void sketch_place(struct arena *a, struct sketch *s)
{
	size_t n = s->nvertices + 1;
	bool *crossed = ARENA_ARRAY(a, bool, s->nsegments + 1);
	size_t *least = ARENA_ARRAY(a, size_t, n + 1);
	struct candidate *found = ARENA_ARRAY(a, struct candidate, s->nsegments + 1);
	double *x[4];
	struct block_run b = { .s = s,
			       .crossed = crossed,
			       .root = ARENA_ARRAY(a, size_t, n),
			       .after = ARENA_ARRAY(a, size_t, n),
			       .shift = ARENA_ARRAY(a, double, n),
			       .x = ARENA_ARRAY(a, double, n),
			       .waiting = ARENA_ARRAY(a, size_t, n),
			       .queue = ARENA_ARRAY(a, size_t, n) };

	if (!s->nvertices)
		return;
	for (size_t row = 0; row + 1 < s->nrows; row++)
		mark_row(s, row, crossed, least);
	for (size_t at = 0; at < 4; at++) {
		x[at] = ARENA_ARRAY(a, double, n);
		b.end = at < 2 ? UPPER : LOWER;
		b.mirrored = at % 2;
		run(&b, found, x[at]);
	}
	combine(s, x);
}
