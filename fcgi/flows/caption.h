#ifndef FLOWS_CAPTION_H
#define FLOWS_CAPTION_H

#include "flows/doc.h"

/*
 * Texts of a picture, which measures no fonts: each class of characters has one width, on the wide
 * side of what system fonts have.
 */
#define CAPTION_LINES 3

struct caption {
	struct str line[CAPTION_LINES]; /* views into the text */
	size_t n;
	bool cut;     /* an ellipsis follows the last */
	double width; /* of the longest, with the ellipsis */
};

/* Broken where words end, or inside one that is longer than a line; em: the size of the letters. */
struct caption caption_fit(struct str text, double em, double width, size_t lines);

/* Of a box: the node's title. */
struct caption caption_of_node(const struct flow_node *n);
/* Of a line's label: shorter at a loop, where it stands beside a box. */
struct caption caption_of_label(struct str text, bool loop);

/* What is written at a line: the labels of all ways from `from` that lead where way `way` does. */
struct str caption_of_line(struct arena *a, const struct flow_graph *g, size_t from, size_t way);

#endif
