#ifndef FLOWS_WRITE_H
#define FLOWS_WRITE_H

#include "flows/doc.h"
#include "kit/base/buf.h"

struct cache;

/* A flow written out for people and for other programs.  Pure. */

/* What there is to see of a text: without blanks and control characters at its ends. */
struct str flow_visible(struct str text);

struct str flow_outcome_word(int outcome); /* "Escalate to a colleague" */

/* Markdown: numbered steps in reading order, "If No: go to step 7". */
void flow_put_markdown(struct arena *a, struct buf *out, const struct flow_doc *d);
/* A Mermaid flowchart. */
void flow_put_mermaid(struct arena *a, struct buf *out, const struct flow_doc *d);

/*
 * The flow as numbered steps in reading order, for the outline beside the picture, the booklet and
 * the file that stands alone; templates/flows/steps.mustache prints it.
 */
struct flow_step_way {
	struct str label;  /* of an option, or none */
	struct str target; /* the step's title; none: nowhere yet, or the end */
	struct str id;     /* the target's id */
	int64_t number;    /* the target's number; 0: none */
	bool back, ends, missing;
};

struct flow_step {
	struct str id, title, kind; /* kind as a word: "decision" */
	int64_t number;
	bool decision, action, answer, section, required, unreachable, start;
	struct str outcome;     /* of an answer: "Resolved" */
	struct html body, help; /* [VAR:x] as a marked place, in print a blank to fill by hand */
	struct list ways;       /* struct flow_step_way */
	bool straight;          /* its only way leads to the next number: nothing to tell */
};

extern const struct shape flow_step_shape, flow_step_way_shape;

/*
 * A body, a help or a description: safe HTML of its Markdown, each [VAR:name] in it a marked place
 * with the field's label.  What Markdown refuses, for its length or nesting, is shown as written.
 * made: where its HTML is kept, or NULL.
 */
struct html flow_text_html(struct arena *a, struct cache *made, const struct flow_doc *d,
			   struct str text);

/* Where a [VAR:name] stands: in a text; where no control may, in code or in a link's words; or in a
 * link's address, which is an attribute. */
enum flow_place { PLACE_TEXT, PLACE_QUIET, PLACE_ADDRESS };
struct flow_places {
	void (*put)(void *ctx, struct buf *out, struct str name, enum flow_place place);
	void *ctx;
	size_t room; /* bytes that all of it may take beside the text */
};
/* The same, each place printed by `put`. */
struct html flow_text_places(struct arena *a, struct cache *made, struct str text,
			     const struct flow_places *places);

/* The same flow for whoever reads it: in its name, titles and options each [VAR:name] is the
 * field's label in brackets, as a run shows it until it is filled in. */
struct flow_doc flow_labelled(struct arena *a, const struct flow_doc *d);
/* struct flow_step: titles and ways only, as the outline needs them. */
struct list flow_steps(struct arena *a, const struct flow_doc *d);
/* With body and help, and labelled. */
struct list flow_steps_told(struct arena *a, struct cache *made, const struct flow_doc *d);

#endif
