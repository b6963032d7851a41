/*
 * A layout as SVG.  It is a group, not an image, for its boxes are links; app.css colours its
 * classes, and `alone` brings a copy of the few colours that it needs.
 */
#include <math.h>

#include "flows/caption.h"
#include "flows/picture.h"
#include "kit/base/arena.h"
#include "kit/base/buf.h"

#define SVG_MAX ((size_t)32 << 20)
#define ROUND   8.0 /* of a corner */

static const struct str kind_classes[] = {
	[FLOW_DECISION] = STR_INIT("decision"),
	[FLOW_ACTION] = STR_INIT("action"),
	[FLOW_ANSWER] = STR_INIT("answer"),
	[FLOW_SECTION] = STR_INIT("section"),
};
static const struct str outcome_classes[] = {
	[OUTCOME_RESOLVED] = STR_INIT(" resolved"),
	[OUTCOME_ESCALATE] = STR_INIT(" escalate"),
	[OUTCOME_UNRESOLVED] = STR_INIT(" unresolved"),
};

/* In a square of 14, its middle at the left end of the title: a question, a tick box, a heading. */
static const struct str kind_marks[] = {
	[FLOW_DECISION] = STR_INIT("m-7 0 7-7 7 7-7 7z"),
	[FLOW_ACTION] = STR_INIT("m-2-5 6 5-6 5z"),
	[FLOW_ANSWER] = STR_INIT("m-5 0h10"),
	[FLOW_SECTION] = STR_INIT("m-6-4h12m-12 4h12m-12 4h7"),
};
static const struct str outcome_marks[] = {
	[OUTCOME_RESOLVED] = STR_INIT("m-6 0 4 5 8-9"),
	[OUTCOME_ESCALATE] = STR_INIT("m-5 5 10-10m-8 0h8v8"),
	[OUTCOME_UNRESOLVED] = STR_INIT("m-5-5 10 10m0-10-10 10"),
};

static const struct str style =
	STR_INIT(".pic{color-scheme:light dark;font:14px system-ui,sans-serif;background:#fff}"
		 ".pic .way{fill:none;stroke:#748582;stroke-width:1.5}");

struct pen {
	struct arena *a;
	struct buf out;
	const struct flow_graph *graph;
	const struct flow_layout *layout;
	const struct flow_picture *picture;
};

/* With at most one decimal, as short as it goes. */
static void put_number(struct buf *out, double x)
{
	int64_t tenths = (int64_t)floor(x * 10 + .5);

	if (tenths < 0)
		buf_putc(out, '-');
	tenths = tenths < 0 ? -tenths : tenths;
	buf_put_int(out, tenths / 10);
	if (tenths % 10) {
		buf_putc(out, '.');
		buf_put_int(out, tenths % 10);
	}
}

static void put_point(struct buf *out, char how, double x, double y)
{
	buf_putc(out, how);
	put_number(out, x);
	buf_putc(out, ' ');
	put_number(out, y);
}

static void put_attribute(struct buf *out, const char *name, double value)
{
	buf_putc(out, ' ');
	buf_put(out, str_of(name));
	buf_put(out, STR("=\""));
	put_number(out, value);
	buf_putc(out, '"');
}

/* A file that stands alone is XML, which has no place for control characters. */
static void put_text(struct buf *out, struct str text)
{
	while (text.n) {
		size_t at = 0;

		while (at < text.n && (unsigned char)text.p[at] >= ' ')
			at++;
		buf_put_html(out, str_first(text, at));
		if (at < text.n)
			buf_putc(out, ' ');
		text = str_skip(text, at + 1);
	}
}

/* ---- lines ---- */

/* From one row to the next a line swings over; within a row it is straight, its corners round. */
static void put_path(struct buf *out, const struct flow_line *l)
{
	put_point(out, 'M', l->points[0][0], l->points[0][1]);
	for (size_t at = 1; at < l->npoints; at++) {
		const double *p = l->points[at], *q = l->points[at - 1];
		double y = (p[1] + q[1]) / 2;

		if (p[0] != q[0] && p[1] != q[1]) {
			put_point(out, 'C', q[0], y);
			put_point(out, ' ', p[0], y);
			put_point(out, ' ', p[0], p[1]);
		} else {
			put_point(out, 'L', p[0], p[1]);
		}
	}
}

static void put_line(struct pen *pen, const struct flow_line *l)
{
	buf_put(&pen->out,
		l->back ? STR("<path class=\"way back\" marker-end=\"url(#pic.back)\" d=\"")
			: STR("<path class=\"way\" marker-end=\"url(#pic.end)\" d=\""));
	put_path(&pen->out, l);
	buf_put(&pen->out, STR("\"/>"));
}

static void put_label(struct pen *pen, const struct flow_line *l)
{
	struct buf *out = &pen->out;
	struct caption c = caption_fit(l->text, PICTURE_LABEL_EM, PICTURE_LABEL_WIDTH, 1);

	if (!c.n)
		return;
	buf_put(out, STR("<rect class=\"paper\""));
	put_attribute(out, "x", l->label[0] - c.width / 2 - 3);
	put_attribute(out, "y", l->label[1] - 9);
	put_attribute(out, "width", c.width + 6);
	buf_put(out, STR(" height=\"18\"/><text class=\"label\""));
	put_attribute(out, "x", l->label[0]);
	put_attribute(out, "y", l->label[1] + 4);
	buf_putc(out, '>');
	put_text(out, c.line[0]);
	buf_put(out, c.cut ? STR("…</text>") : STR("</text>"));
}

/* ---- boxes ---- */

/* A decision has its corners cut; loops meet the straight part of its sides. */
static void put_octagon(struct buf *out, const struct flow_box *b)
{
	double cut = 9, right = b->x + b->width, low = b->y + b->height;
	const double corners[][2] = { { b->x + cut, b->y },  { right - cut, b->y },
				      { right, b->y + cut }, { right, low - cut },
				      { right - cut, low },  { b->x + cut, low },
				      { b->x, low - cut },   { b->x, b->y + cut } };

	buf_put(out, STR("<path class=\"box\" d=\""));
	for (size_t at = 0; at < 8; at++)
		put_point(out, at ? 'L' : 'M', corners[at][0], corners[at][1]);
	buf_put(out, STR("z\"/>"));
}

static void put_shape(struct buf *out, const struct flow_node *n, const struct flow_box *b)
{
	if (n->kind == FLOW_DECISION) {
		put_octagon(out, b);
		return;
	}
	buf_put(out, STR("<rect class=\"box\""));
	put_attribute(out, "x", b->x);
	put_attribute(out, "y", b->y);
	put_attribute(out, "width", b->width);
	put_attribute(out, "height", b->height);
	put_attribute(out, "rx", n->kind == FLOW_ANSWER ? 19 : n->kind == FLOW_SECTION ? 2 : 8);
	buf_put(out, STR("/>"));
}

static void put_mark(struct buf *out, const struct flow_node *n, const struct flow_box *b)
{
	buf_put(out, STR("<path class=\"mark\" d=\""));
	put_point(out, 'M', b->x + PICTURE_PADDING + 6, b->y + b->height / 2);
	buf_put(out, n->kind == FLOW_ANSWER && n->outcome >= 0 ? outcome_marks[n->outcome]
							       : kind_marks[n->kind]);
	buf_put(out, STR("\"/>"));
}

static void put_title(struct buf *out, const struct flow_node *n, const struct flow_box *b)
{
	struct caption c = caption_fit(n->title, PICTURE_EM, PICTURE_TITLE_WIDTH, CAPTION_LINES);
	double x = b->x + PICTURE_PADDING + PICTURE_MARK_WIDTH;
	double y = b->y + b->height / 2 + 5 - (double)(c.n ? c.n - 1 : 0) * PICTURE_LEADING / 2;

	buf_put(out, STR("<text"));
	put_attribute(out, "y", y);
	buf_putc(out, '>');
	for (size_t at = 0; at < c.n; at++) {
		buf_put(out, STR("<tspan"));
		put_attribute(out, "x", x);
		if (at)
			put_attribute(out, "dy", PICTURE_LEADING);
		buf_putc(out, '>');
		put_text(out, c.line[at]);
		buf_put(out, at + 1 == c.n && c.cut ? STR("…</tspan>") : STR("</tspan>"));
	}
	buf_put(out, STR("</text>"));
}

static void put_node(struct pen *pen, size_t at)
{
	const struct flow_node *n = &flow_nodes(pen->graph)[at];
	const struct flow_box *b = &pen->layout->boxes[at];
	bool link = pen->picture->base.p != NULL, apart = pen->layout->apart > 0;
	struct buf *out = &pen->out;

	buf_put(out, link ? STR("<a href=\"") : STR("<g"));
	if (link) {
		buf_put_html(out, pen->picture->base);
		buf_put_html(out, n->id);
		buf_putc(out, '"');
	}
	buf_put(out, STR(" id=\"pic-"));
	buf_put_html(out, n->id);
	buf_put(out, STR("\" class=\""));
	buf_put(out, kind_classes[n->kind]);
	if (n->kind == FLOW_ANSWER && n->outcome >= 0)
		buf_put(out, outcome_classes[n->outcome]);
	if (apart && b->y > pen->layout->apart)
		buf_put(out, STR(" apart"));
	if (n->id.n && str_eq(n->id, pen->picture->current))
		buf_put(out, STR("\" aria-current=\"true"));
	buf_put(out, STR("\"><title>"));
	put_text(out, n->title);
	buf_put(out, STR("</title>"));
	put_shape(out, n, b);
	put_mark(out, n, b);
	put_title(out, n, b);
	buf_put(out, link ? STR("</a>") : STR("</g>"));
}

/* ---- the whole ---- */

static void put_head(struct pen *pen)
{
	const struct flow_layout *l = pen->layout;
	struct buf *out = &pen->out;

	buf_put(out, STR("<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"pic\" role=\"group\" "
			 "aria-label=\"Picture of the flow\" viewBox=\"0 0"));
	put_point(out, ' ', l->width, l->height);
	buf_putc(out, '"');
	put_attribute(out, "width", l->width);
	put_attribute(out, "height", l->height);
	buf_putc(out, '>');
	if (pen->picture->alone) {
		buf_put(out, STR("<style>"));
		buf_put(out, style);
		buf_put(out, STR("</style>"));
	}
	for (int back = 0; back <= 1; back++) {
		buf_put(out, back ? STR("<marker id=\"pic.back\" class=\"tip back\"")
				  : STR("<marker id=\"pic.end\" class=\"tip\""));
		buf_put(out,
			STR(" viewBox=\"0 0 8 8\" refX=\"7\" refY=\"4\" markerWidth=\"8\" "
			    "markerHeight=\"8\" markerUnits=\"userSpaceOnUse\" orient=\"auto\">"
			    "<path d=\"M0 0 8 4 0 8z\"/></marker>"));
	}
	if (l->apart > 0) {
		buf_put(out, STR("<text class=\"aside\" x=\"12\""));
		put_attribute(out, "y", l->apart);
		buf_put(out, STR(">Not reached from the start</text>"));
	}
}

struct html flow_svg(struct arena *a, const struct flow_graph *g, const struct flow_picture *p)
{
	struct pen pen = { .a = a,
			   .out = buf_new(a, SVG_MAX),
			   .graph = g,
			   .layout = flow_lay_out(a, g),
			   .picture = p };
	const struct flow_layout *l = pen.layout;

	put_head(&pen);
	for (size_t at = 0; at < l->nlines; at++)
		put_line(&pen, &l->lines[at]);
	for (size_t at = 0; at < l->nboxes; at++)
		put_node(&pen, at);
	for (size_t at = 0; at < l->nlines; at++)
		put_label(&pen, &l->lines[at]);
	buf_put(&pen.out, STR("</svg>"));
	return (struct html){ buf_str(&pen.out) };
}
