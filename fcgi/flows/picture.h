#ifndef FLOWS_PICTURE_H
#define FLOWS_PICTURE_H

#include "flows/doc.h"

/*
 * The picture of a flow: an SVG laid out in layers, few crossings, loops back drawn apart.  Pure.
 * Node's link is base + id.  It has classes, no styles: app.css colours it.
 */
struct flow_picture {
	struct str base;       /* "/flows/ID/edit/"; none: no links */
	struct str current;    /* the node to mark; none */
	bool alone;            /* for a file of its own: with its style in it */
	const ptrdiff_t *path; /* of each node the way to draw thick, or -1; NULL: none */
};

struct html flow_svg(struct arena *a, const struct flow_graph *g, const struct flow_picture *p);

/* What the layout needs to know of the texts, in pixels. */
#define PICTURE_EM            14.0 /* a title's letters */
#define PICTURE_LEADING       18.0
#define PICTURE_TITLE_WIDTH   190.0
#define PICTURE_MARK_WIDTH    22.0 /* the mark of the kind, left of the title */
#define PICTURE_PADDING       14.0
#define PICTURE_LABEL_EM      12.5
#define PICTURE_LABEL_WIDTH   132.0
#define PICTURE_LABEL_LEADING 15.0
#define PICTURE_LABEL_LINES   2 /* 1 at a loop */

/* The layout alone, for whoever counts its crossings. */
struct flow_box {
	double x, y, width, height;
};
struct flow_line {
	size_t from, way, to;   /* nodes by their places, and which way of `from` it is; ways of it
				   that lead to the same node are one line, of the first of them */
	bool back;              /* a loop back, or from what cannot be reached to what can */
	size_t npoints, ndrawn; /* ndrawn: behind so many it runs on an earlier line */
	const double (*points)[2];
	struct str text; /* the option's label, or those of all its ways */
	double label[2]; /* the middle of where that is written */
};
struct flow_layout {
	double width, height;
	size_t nboxes, nlines;
	double apart;                 /* under it stands what cannot be reached; 0: all can be */
	const struct flow_box *boxes; /* one for each node */
	const struct flow_line *lines;
};
const struct flow_layout *flow_lay_out(struct arena *a, const struct flow_graph *g);

#endif
