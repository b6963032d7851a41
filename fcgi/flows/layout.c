/* From places in rows to boxes and lines; the work is done in layers.c, order.c and place.c. */
#include <math.h>
#include <string.h>

#include "flows/caption.h"
#include "flows/sketch.h"
#include "kit/base/arena.h"

#define MARGIN       12.0
#define BOX_MIN      112.0
#define BEND_ROOM    3.0
#define LABEL_HEIGHT 20.0
#define WING         16.0 /* between a box and what passes beside it to enter or leave it */
#define SLOT         22.0 /* between two loops that meet the same side of a box */
#define GAP_OVER     14.0 /* over a row of labels */
#define GAP_UNDER    26.0 /* under it, where the arrows are */
#define GAP_APART    44.0

/* Where a loop meets the side of a box, from the middle of its top; step: to the one over it. */
struct port {
	double off, y, step;
};

struct drawing {
	struct arena *a;
	struct sketch *s;
	struct flow_layout *layout;
	struct flow_box *boxes;
	struct flow_line *lines;
	struct port *entry;   /* of a node */
	struct port *exit;    /* of a line; of one to its own node, the lower end */
	double *top, *height; /* of a row */
	double (*points)[2];  /* of the line at hand */
	size_t npoints, ndrawn;
	bool *drawn; /* of a bend: a line leads on from it */
};

/* ---- sizes ---- */

static double label_width(const struct flow_line *l)
{
	return l->text.n ? caption_of_label(l->text, l->back).width + 12 : 0;
}

static void size_boxes(struct drawing *d)
{
	for (size_t at = 0; at < d->layout->nboxes; at++) {
		struct caption c = caption_of_node(&flow_nodes(d->s->graph)[at]);
		double width = c.width + PICTURE_MARK_WIDTH + 2 * PICTURE_PADDING;

		d->boxes[at].width = ceil(width > BOX_MIN ? width : BOX_MIN);
		d->boxes[at].height = (double)(c.n ? c.n : 1) * PICTURE_LEADING + 20;
	}
}

static void describe_lines(struct drawing *d)
{
	for (size_t at = 0; at < d->layout->nlines; at++) {
		const struct sketch_line *l = &d->s->lines[at];

		d->lines[at] = (struct flow_line){
			.from = l->from, .way = l->way, .to = l->to, .back = l->back
		};
		d->lines[at].text = caption_of_line(d->a, d->s->graph, l->from, l->way);
	}
}

/* ---- wings: the ends of loops beside a box ---- */

/* The loops that leave a node at one side, from the box outward. */
static size_t exits_of(const struct sketch *s, size_t node, int side, size_t *ret)
{
	size_t n = 0, at;

	for (size_t line = s->lines_of[node]; line < s->lines_of[node + 1]; line++) {
		const struct sketch_line *l = &s->lines[line];

		if (!l->back || l->first == NOWHERE || s->segments[l->exit].side[LOWER] != side)
			continue;
		for (at = n++; at > 0; at--) {
			size_t other = s->vertices[s->lines[ret[at - 1]].first].pos;

			if ((other < s->vertices[l->first].pos) == (side > 0))
				break;
			ret[at] = ret[at - 1];
		}
		ret[at] = line;
	}
	return n;
}

static struct segment *entry_of(const struct sketch *s, size_t node)
{
	size_t n;
	const size_t *links = links_to(s, &s->vertices[node], LOWER, &n);

	for (size_t link = 0; link < n; link++)
		if (s->segments[links[link]].side[UPPER])
			return &s->segments[links[link]];
	return NULL;
}

static ptrdiff_t self_loop(const struct sketch *s, size_t node)
{
	for (size_t line = s->lines_of[node]; line < s->lines_of[node + 1]; line++)
		if (s->lines[line].to == node)
			return (ptrdiff_t)line;
	return -1;
}

static double reach(double far, double width, const struct flow_line *l)
{
	double wing = width / 2 + WING + label_width(l);

	return far + WING > wing ? far + WING : wing;
}

/* From top to bottom: loops that leave, the innermost first, then the one to the node itself, then
 * where loops enter: so that none crosses another there.  Returns how far out it goes. */
static double make_wing(struct drawing *d, size_t node, int side, size_t *nslots)
{
	struct sketch *s = d->s;
	struct segment *entry = entry_of(s, node);
	ptrdiff_t self = side > 0 ? self_loop(s, node) : -1;
	double far = 0, width = d->boxes[node].width;
	size_t exits[FLOW_OPTIONS_MAX], n = exits_of(s, node, side, exits), slot = 0;

	for (; slot < n; slot++) {
		far = reach(far, width, &d->lines[exits[slot]]);
		d->exit[exits[slot]] = (struct port){ side * far, (double)slot, 0 };
		s->segments[s->lines[exits[slot]].exit].off[LOWER] = side * far;
	}
	if (self >= 0) {
		far = reach(far, width, &d->lines[self]);
		d->exit[self] = (struct port){ far, (double)slot + 1, 0 };
		slot += 2;
	}
	if (entry && entry->side[UPPER] == side) {
		entry->off[UPPER] = side * (width / 2 + WING);
		d->entry[node] = (struct port){ entry->off[UPPER], (double)slot++, 0 };
		far = far > width / 2 + WING ? far : width / 2 + WING;
	}
	*nslots = slot;
	return far;
}

static void settle_port(struct port *p, double step)
{
	p->y = (p->y + 1) * step;
	p->step = step;
}

/* Slots become heights once it is known how many there are. */
static void settle_wing(struct drawing *d, size_t node, int side, size_t nslots)
{
	const struct sketch *s = d->s;
	double step = d->boxes[node].height / (double)(nslots + 1);

	for (size_t line = s->lines_of[node]; line < s->lines_of[node + 1]; line++)
		if (s->lines[line].back && d->exit[line].off * side > 0)
			settle_port(&d->exit[line], step);
	if (d->entry[node].off * side > 0)
		settle_port(&d->entry[node], step);
}

static void make_wings(struct drawing *d, size_t node)
{
	size_t nleft, nright, most;
	struct flow_box *box = &d->boxes[node];
	double left = make_wing(d, node, -1, &nleft), right = make_wing(d, node, 1, &nright);
	struct vertex *v = &d->s->vertices[node];

	most = nleft > nright ? nleft : nright;
	if (box->height < (double)most * SLOT + 8)
		box->height = (double)most * SLOT + 8;
	v->left = left > 0 ? left + BEND_ROOM : box->width / 2;
	v->right = right > 0 ? right + BEND_ROOM : box->width / 2;
	settle_wing(d, node, -1, nleft);
	settle_wing(d, node, 1, nright);
}

static void make_room(struct drawing *d)
{
	struct sketch *s = d->s;

	for (size_t node = 0; node < d->layout->nboxes; node++)
		make_wings(d, node);
	for (size_t at = d->layout->nboxes; at < s->nvertices; at++)
		s->vertices[at].left = s->vertices[at].right = BEND_ROOM;
	for (size_t at = 0; at < s->nlines; at++)
		if (!s->lines[at].back && s->lines[at].first != NOWHERE && d->lines[at].text.n) {
			struct vertex *v = &s->vertices[s->lines[at].first];

			v->left = v->right = label_width(&d->lines[at]) / 2;
		}
}

/* ---- down the page ---- */

/* Where lines go far to the side, the rows stand farther apart. */
static double slope_under(const struct sketch *s, size_t row)
{
	double most = 0;

	for (size_t at = s->row[row]; at < s->row[row + 1]; at++) {
		size_t n;
		const size_t *links = links_to(s, &s->vertices[s->order[at]], LOWER, &n);

		for (size_t link = 0; link < n; link++) {
			const struct segment *seg = &s->segments[links[link]];
			double far = fabs(s->vertices[seg->vertex[LOWER]].x + seg->off[LOWER] -
					  s->vertices[seg->vertex[UPPER]].x - seg->off[UPPER]);

			most = far > most ? far : most;
		}
	}
	return most / 12 < 40 ? round(most / 12) : 40;
}

static void measure_rows(struct drawing *d)
{
	const struct sketch *s = d->s;

	d->top = ARENA_ARRAY(d->a, double, s->nrows + 1);
	d->height = ARENA_ARRAY(d->a, double, s->nrows + 1);
	for (size_t at = 0; at < d->layout->nboxes; at++) {
		double *height = &d->height[s->vertices[at].row];

		*height = d->boxes[at].height > *height ? d->boxes[at].height : *height;
	}
	for (size_t at = 0; at < s->nlines; at++) {
		struct caption c = caption_of_label(d->lines[at].text, false);
		double *height = &d->height[s->vertices[s->lines[at].from].row + 1];

		if (s->lines[at].back || s->lines[at].first == NOWHERE || !c.n)
			continue;
		if (*height < (double)c.n * PICTURE_LABEL_LEADING + 5)
			*height = (double)c.n * PICTURE_LABEL_LEADING + 5;
	}
}

static void place_rows(struct drawing *d)
{
	const struct sketch *s = d->s;
	double y = MARGIN;

	measure_rows(d);
	for (size_t row = 0; row < s->nrows; row++) {
		if (row == s->apart) {
			y += row ? GAP_APART : 0;
			d->layout->apart = y - MARGIN;
		}
		d->top[row] = y;
		y += d->height[row] + (row % 2 ? GAP_UNDER : GAP_OVER) +
		     (row + 1 < s->nrows ? slope_under(s, row) : 0);
	}
	if (s->nrows)
		y = d->top[s->nrows - 1] + d->height[s->nrows - 1];
	d->layout->height = y + MARGIN;
}

static void place_boxes(struct drawing *d)
{
	struct sketch *s = d->s;
	double left = 1e9, right = 0;

	for (size_t at = 0; at < s->nvertices; at++)
		if (s->vertices[at].x - s->vertices[at].left < left)
			left = s->vertices[at].x - s->vertices[at].left;
	for (size_t at = 0; at < s->nvertices; at++) {
		struct vertex *v = &s->vertices[at];

		v->x = round((v->x - left + MARGIN) * 2) / 2;
		right = v->x + v->right > right ? v->x + v->right : right;
	}
	d->layout->width = ceil(right + MARGIN);
	place_rows(d);
	for (size_t at = 0; at < d->layout->nboxes; at++) {
		d->boxes[at].x = s->vertices[at].x - d->boxes[at].width / 2;
		d->boxes[at].y = d->top[s->vertices[at].row];
	}
}

/* ---- lines ---- */

/* A point on the straight way between its neighbours is left out. */
static void go_to(struct drawing *d, double x, double y)
{
	size_t n = d->npoints;
	double(*last)[2] = &d->points[n ? n - 1 : 0], (*before)[2] = &d->points[n > 1 ? n - 2 : 0];

	if (n && fabs((*last)[0] - x) < .01 && fabs((*last)[1] - y) < .01)
		return;
	if (n > 1 && n != d->ndrawn &&
	    ((fabs((*last)[0] - x) < .01 && fabs((*before)[0] - x) < .01) ||
	     (fabs((*last)[1] - y) < .01 && fabs((*before)[1] - y) < .01)))
		n--;
	d->points[n][0] = x;
	d->points[n][1] = y;
	d->npoints = n + 1;
}

static double row_end(const struct drawing *d, size_t row, bool bottom)
{
	return d->top[row] + (bottom ? d->height[row] : 0);
}

static void go_through(struct drawing *d, size_t vertex, bool up)
{
	for (; vertex != NOWHERE; vertex = d->s->vertices[vertex].next) {
		const struct vertex *v = &d->s->vertices[vertex];

		go_to(d, v->x, row_end(d, v->row, up));
		if (d->drawn[vertex] && !d->ndrawn)
			d->ndrawn = d->npoints;
		d->drawn[vertex] = true;
		go_to(d, v->x, row_end(d, v->row, !up));
	}
}

static void go_forward(struct drawing *d, size_t line)
{
	const struct sketch_line *l = &d->s->lines[line];
	const struct vertex *from = &d->s->vertices[l->from], *to = &d->s->vertices[l->to];
	double bottom = row_end(d, from->row, false) + d->boxes[l->from].height;

	go_to(d, from->x, bottom);
	if (l->first == NOWHERE) {
		d->lines[line].label[0] = from->x;
		d->lines[line].label[1] = bottom + LABEL_HEIGHT;
	} else {
		const struct vertex *label = &d->s->vertices[l->first];

		go_to(d, from->x, row_end(d, from->row, true));
		d->lines[line].label[0] = label->x;
		d->lines[line].label[1] = d->top[label->row] + d->height[label->row] / 2;
		go_through(d, l->first, false);
	}
	go_to(d, to->x, d->top[to->row]);
}

static void go_round(struct drawing *d, size_t line)
{
	const struct sketch_line *l = &d->s->lines[line];
	const struct vertex *from = &d->s->vertices[l->from];
	struct port exit = d->exit[line];
	double side = from->x + d->boxes[l->from].width / 2, y = d->top[from->row] + exit.y;

	go_to(d, side, y);
	go_to(d, from->x + exit.off, y);
	go_to(d, from->x + exit.off, y - exit.step);
	go_to(d, side, y - exit.step);
	d->lines[line].label[0] = (side + from->x + exit.off) / 2;
	d->lines[line].label[1] = y;
}

static double side_of(const struct drawing *d, size_t node, struct port port)
{
	double half = d->boxes[node].width / 2;

	return d->s->vertices[node].x + (port.off > 0 ? half : -half);
}

static void go_back(struct drawing *d, size_t line)
{
	const struct sketch_line *l = &d->s->lines[line];
	const struct vertex *from = &d->s->vertices[l->from], *to = &d->s->vertices[l->to];
	struct port exit = d->exit[line], entry = d->entry[l->to];
	double y = d->top[from->row] + exit.y, side = side_of(d, l->from, exit);

	if (l->first == NOWHERE) {
		go_to(d, from->x, d->top[from->row]);
		go_to(d, to->x, d->top[to->row] + d->boxes[l->to].height);
		return;
	}
	go_to(d, side, y);
	go_to(d, from->x + exit.off, y);
	go_to(d, from->x + exit.off, d->top[from->row]);
	go_through(d, l->first, true);
	go_to(d, to->x + entry.off, row_end(d, to->row, true));
	go_to(d, to->x + entry.off, d->top[to->row] + entry.y);
	go_to(d, side_of(d, l->to, entry), d->top[to->row] + entry.y);
	d->lines[line].label[0] = (side + from->x + exit.off) / 2;
	d->lines[line].label[1] = y;
}

static void draw_lines(struct drawing *d)
{
	d->drawn = ARENA_ARRAY(d->a, bool, d->s->nvertices + 1);
	d->points = arena_array(d->a, d->s->nrows * 2 + 16, sizeof(*d->points), _Alignof(double));
	for (size_t line = 0; line < d->layout->nlines; line++) {
		const struct sketch_line *l = &d->s->lines[line];
		double(*kept)[2];

		d->npoints = d->ndrawn = 0;
		if (l->from == l->to)
			go_round(d, line);
		else if (l->back)
			go_back(d, line);
		else
			go_forward(d, line);
		kept = arena_array(d->a, d->npoints, sizeof(*kept), _Alignof(double));
		memcpy(kept, d->points, d->npoints * sizeof(*kept));
		d->lines[line].points = (const double(*)[2])kept;
		d->lines[line].npoints = d->npoints;
		d->lines[line].ndrawn = d->ndrawn ? d->ndrawn : d->npoints;
	}
}

const struct flow_layout *flow_lay_out(struct arena *a, const struct flow_graph *g)
{
	struct sketch *s = sketch_layers(a, g);
	struct flow_layout *layout = ARENA_NEW(a, struct flow_layout);
	struct drawing d = { .a = a,
			     .s = s,
			     .layout = layout,
			     .boxes = ARENA_ARRAY(a, struct flow_box, g->nodes.n + 1),
			     .lines = ARENA_ARRAY(a, struct flow_line, s->nlines + 1),
			     .entry = ARENA_ARRAY(a, struct port, g->nodes.n + 1),
			     .exit = ARENA_ARRAY(a, struct port, s->nlines + 1) };

	*layout = (struct flow_layout){
		.nboxes = g->nodes.n, .nlines = s->nlines, .boxes = d.boxes, .lines = d.lines
	};
	size_boxes(&d);
	describe_lines(&d);
	sketch_order(a, s);
	make_room(&d);
	sketch_place(a, s);
	sketch_straighten(a, s);
	place_boxes(&d);
	draw_lines(&d);
	return layout;
}
