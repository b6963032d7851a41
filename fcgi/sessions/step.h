#ifndef SESSIONS_STEP_H
#define SESSIONS_STEP_H

#include "sessions/pages.h"

/* The form of a step: what all its buttons send along. */
struct step_form {
	struct str note, note_was, scratchpad, scratch_was;
	struct str option, change, skip_reason;
	struct str older; /* what was typed in an older window, to be added to the note */
};
extern const struct shape step_form_shape;

/* What the form's texts are beside what is stored by now; the note is of the visit, if there is
 * one. */
struct step_texts {
	struct meeting note, scratchpad;
};
struct step_texts step_texts(struct req *r, const struct session *s, const struct visit_row *v,
			     const struct step_form *form);

/* The visit of the address; ERR_NOT_FOUND where the session has not come so far. */
const struct err *step_of_path(struct req *r, const struct session *s, int64_t *ret) must_check;

/* The page of the address; what was typed is kept in it. */
const struct err *step_show(struct req *r) must_check;
const struct err *step_again(struct req *r) must_check;
const struct err *step_send(struct req *r) must_check;
const struct err *step_keep_unsent(struct req *r) must_check;
const struct err *step_note(struct req *r) must_check;

#endif
