#ifndef INSIGHT_PLOT_H
#define INSIGHT_PLOT_H

#include "kit/base/shape.h"

struct arena;

/*
 * Plots of one row of numbers, as SVG without a viewBox: what is wide is a share of the width that
 * the page has, so that letters stay as large as the text around them.  Colours are app.css's, of
 * .plot.  Pure, and knows nothing of what it tells.
 */
struct plot_bar {
	struct str label, told; /* told: the value as people read it */
	int64_t value;          /* below 0 is 0 */
};

struct plot {
	struct str title; /* what a screen reader says first */
	const struct plot_bar *bars;
	size_t n;
};

/* Bars below one another, each under its label; none where there are none. */
struct html plot_bars(struct arena *a, const struct plot *p);
/* Columns side by side: of many only the highest tells its value, and not every label is shown. */
struct html plot_columns(struct arena *a, const struct plot *p);

#endif
