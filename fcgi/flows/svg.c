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

/* The same sheet as app.css has for .pic, with its colours in it. */
static const struct str style = STR_INIT(
	"svg{--p:light-dark(#fff,#131e1c);--t:light-dark(#12201e,#e4edeb);"
	"--m:light-dark(#51625f,#9db0ac);--e:light-dark(#748582,#748985);"
	"--i:light-dark(#22588f,#93c4f5);--g:light-dark(#186637,#7ddc9f);"
	"--w:light-dark(#8a4b05,#f5c26b);--b:light-dark(#b3261e,#ff9d94);"
	"--l:light-dark(#b45309,#fbbf24);color-scheme:light dark;"
	"background:var(--p);font:500 14px system-ui,sans-serif}"
	"text{fill:var(--t)}.label,.aside{fill:var(--m);font-size:12.5px}.label{text-anchor:middle}"
	".way,.mark{fill:none;stroke:var(--e);stroke-width:1.5}.tip{fill:var(--e)}"
	".back{stroke:var(--l);stroke-dasharray:6 4}.tip.back{fill:var(--l);stroke:none}"
	".paper{fill:var(--p)}.box{fill:var(--p);stroke:var(--k,var(--e));stroke-width:1.5}"
	".mark{stroke:var(--k,var(--e));stroke-width:2}.section text{font-weight:700}"
	".decision{--k:var(--i)}.resolved{--k:var(--g)}.escalate{--k:var(--w)}"
	".unresolved{--k:var(--b)}.apart .box{stroke-dasharray:2 3}"
	"[aria-current] .box{stroke-width:3.5}.most{stroke-width:4}");

struct pen {
	struct arena *a;
	struct buf out;
	const struct flow_graph *graph;
	const struct flow_layout *layout;
	const struct flow_picture *picture;
	const struct flow_index *index;
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

/* At a corner between an upright and a level piece: round. */
static void put_corner(struct buf *out, const double *before, const double *at, const double *after)
{
	double in = fabs(at[0] - before[0]) + fabs(at[1] - before[1]);
	double on = fabs(after[0] - at[0]) + fabs(after[1] - at[1]);
	double r = fmin(ROUND, fmin(in, on) / 2);

	put_point(out, 'L', at[0] - (at[0] - before[0]) / in * r,
		  at[1] - (at[1] - before[1]) / in * r);
	put_point(out, 'Q', at[0], at[1]);
	put_point(out, ' ', at[0] + (after[0] - at[0]) / on * r,
		  at[1] + (after[1] - at[1]) / on * r);
}

static bool slants(const double *p, const double *q)
{
	return fabs(p[0] - q[0]) > .01 && fabs(p[1] - q[1]) > .01;
}

/* From one row to the next a line swings over; within a row it is straight. */
static void put_path(struct buf *out, const struct flow_line *l)
{
	put_point(out, 'M', l->points[0][0], l->points[0][1]);
	for (size_t at = 1; at < l->ndrawn; at++) {
		const double *before = l->points[at - 1], *p = l->points[at], *after = p + 2;
		double middle = (before[1] + p[1]) / 2;

		if (slants(before, p)) {
			put_point(out, 'C', before[0], middle);
			put_point(out, ' ', p[0], middle);
			put_point(out, ' ', p[0], p[1]);
		} else if (at + 1 < l->ndrawn && !slants(p, after) &&
			   fabs(before[0] - after[0]) > .01 && fabs(before[1] - after[1]) > .01) {
			put_corner(out, before, p, after);
		} else {
			put_point(out, 'L', p[0], p[1]);
		}
	}
}

/* Several ways to one node are one line. */
static bool is_on_path(const struct pen *pen, const struct flow_line *l)
{
	ptrdiff_t way = pen->picture->path ? pen->picture->path[l->from] : -1;
	const struct flow_node *from = &flow_nodes(pen->graph)[l->from];

	return way >= 0 &&
	       flow_at(pen->index, flow_way(from, (size_t)way).next) == (ptrdiff_t)l->to;
}

static void put_line(struct pen *pen, const struct flow_line *l)
{
	struct buf *out = &pen->out;

	if (l->ndrawn < 2)
		return;
	buf_put(out, STR("<path class=\"way"));
	buf_put(out, l->back ? STR(" back") : STR(""));
	buf_put(out, is_on_path(pen, l) ? STR(" most\"") : STR("\""));
	if (l->ndrawn == l->npoints)
		buf_put(out, l->back ? STR(" marker-end=\"url(#pic.back)\"")
				     : STR(" marker-end=\"url(#pic.end)\""));
	buf_put(out, STR(" d=\""));
	put_path(out, l);
	buf_put(out, STR("\"/>"));
}

/* Lines of a text, one under the other; an ellipsis where it goes on. */
static void put_lines(struct buf *out, const struct caption *c, double x, double leading)
{
	for (size_t at = 0; at < c->n; at++) {
		buf_put(out, STR("<tspan"));
		put_attribute(out, "x", x);
		if (at)
			put_attribute(out, "dy", leading);
		buf_putc(out, '>');
		put_text(out, c->line[at]);
		buf_put(out, at + 1 == c->n && c->cut ? STR("…</tspan>") : STR("</tspan>"));
	}
}

static void put_label(struct pen *pen, const struct flow_line *l)
{
	struct buf *out = &pen->out;
	struct caption c = caption_of_label(l->text, l->back);
	double height = (double)c.n * PICTURE_LABEL_LEADING + 3;

	if (!c.n)
		return;
	buf_put(out, STR("<rect class=\"paper\""));
	put_attribute(out, "x", l->label[0] - c.width / 2 - 3);
	put_attribute(out, "y", l->label[1] - height / 2);
	put_attribute(out, "width", c.width + 6);
	put_attribute(out, "height", height);
	buf_put(out, STR("/><text class=\"label\""));
	put_attribute(out, "y", l->label[1] + 4.5 - (double)(c.n - 1) * PICTURE_LABEL_LEADING / 2);
	buf_putc(out, '>');
	if (c.cut) {
		buf_put(out, STR("<title>"));
		put_text(out, l->text);
		buf_put(out, STR("</title>"));
	}
	put_lines(out, &c, l->label[0], PICTURE_LABEL_LEADING);
	buf_put(out, STR("</text>"));
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
	struct caption c = caption_of_node(n);
	double x = b->x + PICTURE_PADDING + PICTURE_MARK_WIDTH;
	double y = b->y + b->height / 2 + 5 - (double)(c.n ? c.n - 1 : 0) * PICTURE_LEADING / 2;

	buf_put(out, STR("<text"));
	put_attribute(out, "y", y);
	buf_putc(out, '>');
	put_lines(out, &c, x, PICTURE_LEADING);
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
	if (flow_at(pen->index, n->id) == (ptrdiff_t)at) {
		buf_put(out, STR(" id=\"pic-"));
		buf_put_html(out, n->id);
		buf_putc(out, '"');
	}
	buf_put(out, STR(" class=\""));
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
			   .picture = p,
			   .index = flow_index(a, g) };
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
