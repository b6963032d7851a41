#ifndef FLOWS_PICTURE_H
#define FLOWS_PICTURE_H

#include "flows/doc.h"

/*
 * The picture of a flow: an SVG laid out in layers, few crossings, loops back drawn apart.  Pure.
 * Node's link is base + id.  It has classes, no styles: app.css colours it.
 */
struct flow_picture {
	struct str base;    /* "/flows/ID/edit/"; none: no links */
	struct str current; /* the node to mark; none */
	bool alone;         /* for a file of its own: with its style in it */
};

struct html flow_svg(struct arena *a, const struct flow_graph *g, const struct flow_picture *p);

/* The layout alone, for whoever counts its crossings. */
struct flow_box {
	double x, y, width, height;
};
struct flow_line {
	size_t from, way, to; /* nodes by their places, and which way of `from` it is */
	bool back;            /* a loop back */
	size_t npoints;
	const double (*points)[2];
};
struct flow_layout {
	double width, height;
	size_t nboxes, nlines;
	const struct flow_box *boxes; /* one for each node */
	const struct flow_line *lines;
};
const struct flow_layout *flow_lay_out(struct arena *a, const struct flow_graph *g);

#endif
