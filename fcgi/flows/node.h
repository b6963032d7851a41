#ifndef FLOWS_NODE_H
#define FLOWS_NODE_H

#include "flows/editor.h"
#include "flows/write.h"

/*
 * One step's form, private to its page: what comes in, what is made of it, and what was typed and
 * not sent.
 */
struct node_form {
	struct str title, body, help;
	int kind;
	struct str next, new_title;
	int new_kind;
	bool required;
	int outcome;
	/* One entry for each row of options; rows without anything in them are for more. */
	struct list option_id, option_label, option_next, option_new, option_kind;
	struct str remove, up, down; /* the option whose button was pressed */
	struct str was;              /* a hash of the step that the form was made of */
	struct str at;               /* the control to come back to */
	struct str act;              /* "add": as a new step, where this one was deleted; "more": a row */
};

extern const struct shape node_form_shape;

/* Of a list of the form: a row's text, "" where it has none. */
struct str node_form_text(struct list list, size_t row);

/*
 * The step as the form has it: what the form did not hold stays as it is in `from`.  Steps made on
 * the spot are added to e's doc; *opened is the first of them.
 */
const struct err *node_typed(struct flow_edit *e, const struct node_form *form,
			     const struct flow_node *from, struct flow_node *ret,
			     struct str *opened) must_check;

/* With more steps than this a target is typed, with one list of them on the page, not chosen in a
 * list for each option. */
#define NODE_TARGETS_MAX 60
/* "4. Restart the router" */
struct str node_target_label(struct arena *a, const struct flow_step *step);

/* Queues to keep the form as it came. */
const struct err *node_note_unsent(struct req *r) must_check;
/* By the script, while one types and on leaving: the form as it stands, for whoever typed it. */
const struct err *node_keep_unsent(struct req *r) must_check;
const struct err *node_drop_unsent(struct req *r) must_check;

#endif
