#ifndef FLOWS_OUTLINE_H
#define FLOWS_OUTLINE_H

#include "flows/doc.h"

/*
 * A flow from an indented text or a Markdown checklist; the grammar is in docs/outline.md.  What is
 * wrong is gathered with its line, and the doc holds whatever could be read.  It borrows the text.
 * Pure.
 */
struct flow_line_problem {
	int64_t line;
	struct str message;
};

extern const struct shape flow_line_problem_shape;

struct flow_outline {
	struct flow_doc doc;
	struct list problems; /* struct flow_line_problem; none: sound */
};

void flow_read_outline(struct arena *a, struct str text, struct flow_outline *ret);

#endif
