#ifndef FLOWS_EDIT_H
#define FLOWS_EDIT_H

#include "flows/doc.h"
#include "kit/base/err.h"

/*
 * What an editor does to a flow: each act makes of one doc another, leaving the old as it was, and
 * says in `label` what it did, for the history ("Changed step 'Ping the gateway'").  Pure.  Texts
 * given to it are kept as views.  On an error the doc is as it was.
 * ERR_NOT_FOUND where the node is not there, ERR_INVALID with a sentence where it can't be done.
 */
struct flow_edit {
	struct arena *arena;
	struct flow_doc doc; /* in: as it is; out: as it becomes */
	struct str label;    /* out */
	struct str made;     /* out: the id of a node that was made */
};

/*
 * A new node behind `after` (none: at the end); its id is made here; the first becomes the start.
 * An action or a section before it leads to it from now on, and it leads to where that one led; at
 * the end so in a procedure only, where a reader expects the last step to go on.
 */
const struct err *flow_add_node(struct flow_edit *e, int kind, struct str title,
				struct str after) must_check;
/* Texts, kind, options and target at once: as a node's form is saved.  The id of `to` is passed
 * over; options without a sound id of their own get one.  Of another kind than before, what the new
 * one has no place for is carried over where it can be (an action's next becomes a decision's first
 * option, and back). */
const struct err *flow_set_node(struct flow_edit *e, struct str id,
				const struct flow_node *to) must_check;
/* Right behind it, with the same ways out; in a procedure the next step of the run, where it was
 * led on in order. */
const struct err *flow_duplicate_node(struct flow_edit *e, struct str id) must_check;
/* Ways that led to it lead nowhere, or, where it had one way out, to where that led.  So does the
 * start, or else it is the first node left. */
const struct err *flow_delete_node(struct flow_edit *e, struct str id) must_check;
/* To the place `at` (from 0, at most the last) in the order of the nodes.  In a procedure a node
 * that led to the one after it does so again, and the start stays the first where it was. */
const struct err *flow_move_node(struct flow_edit *e, struct str id, size_t at) must_check;
const struct err *flow_set_start(struct flow_edit *e, struct str id) must_check;
/* An option more; `next` none leads nowhere yet; else to a node, or with `new_title` to one made on
 * the spot of kind `new_kind`, which is `made`. */
struct flow_new_option {
	struct str label, next, new_title;
	int new_kind;
};
const struct err *flow_add_option(struct flow_edit *e, struct str node,
				  const struct flow_new_option *option) must_check;
const struct err *flow_delete_option(struct flow_edit *e, struct str node,
				     struct str option) must_check;
const struct err *flow_move_option(struct flow_edit *e, struct str node, struct str option,
				   size_t at) must_check;
/* `was` none adds the field; renaming one renames its [VAR:...] in titles, texts and helps. */
const struct err *flow_set_field(struct flow_edit *e, struct str was,
				 const struct flow_field *to) must_check;
const struct err *flow_delete_field(struct flow_edit *e, struct str name) must_check;
const struct err *flow_move_field(struct flow_edit *e, struct str name, size_t at) must_check;
/* Name, description and type. */
const struct err *flow_set_head(struct flow_edit *e, struct str name, struct str description,
				int type) must_check;

#endif
