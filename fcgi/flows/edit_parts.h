#ifndef FLOWS_EDIT_PARTS_H
#define FLOWS_EDIT_PARTS_H

#include "flows/edit.h"

/* What the files of edit.h share; of no use outside them.  Docs share their lists, so each change
 * is made to a copy. */

/* A copy of the list without `gone` items at `at` and with `more` zeroed ones in their place;
 * returns its items, to be written to. */
void *edit_splice(struct arena *a, struct list *l, size_t size, size_t at, size_t gone,
		  size_t more);
/* A copy with the item at `from` where `to` says, or at the end. */
struct list edit_moved(struct arena *a, struct list l, size_t size, size_t from, size_t to);

struct str edit_text(struct str text); /* empty for none */
/* ERR_INVALID where the text is longer than that: "The title has more than 200 characters: ...". */
const struct err *edit_check_length(struct arena *a, const char *what, struct str text,
				    size_t max) must_check;
/* The title, body and help of a step. */
const struct err *edit_check_texts(struct arena *a, const struct flow_node *n) must_check;

/* Where the step stands, ERR_NOT_FOUND where it does not. */
const struct err *edit_find(const struct flow_edit *e, struct str id, size_t *ret) must_check;
/* The steps as a copy that may be written to; it is the doc's from now on. */
struct flow_node *edit_nodes(struct flow_edit *e);
/* Puts in a step at the place and gives it its id, which is `made`; the first becomes the start.
 * Refused where there are enough steps or its texts are too long. */
const struct err *edit_insert(struct flow_edit *e, size_t at, struct flow_node *node) must_check;

/* A step's options as a form or the API sent them: ids made where they are missing, unsound or
 * taken, and the whole refused where it is too much. */
const struct err *edit_settle_options(struct arena *a, struct list *options) must_check;
const struct err *edit_check_target(struct arena *a, struct str next) must_check;

/* Numbers of "n7" or "o7" that are in use; there is room for as many as are noted. */
struct edit_numbers {
	struct arena *arena;
	char letter;
	bool *taken;
	size_t room;
};
struct edit_numbers edit_numbers(struct arena *a, char letter, size_t most);
void edit_note(struct edit_numbers *numbers, struct str id);
struct str edit_free_id(struct edit_numbers *numbers); /* the first that is free; now it is not */

#endif
