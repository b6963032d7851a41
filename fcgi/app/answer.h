#ifndef APP_ANSWER_H
#define APP_ANSWER_H

#include "kit/http/http.h"

/* How an error is shown, and answers that count once. */

/* Turns an error into status and page, or status and problem document. */
void answer_error(struct req *r, const struct err *e);
/* On a row with .once: takes the request's key, so that a second one gets the first's answer. */
const struct err *answer_take_once(struct req *r) must_check;
/* Stores the answer under that key, and commits; what a handler has left queued runs here, so that
 * none answers before the database has said who asks. */
const struct err *answer_keep_once(struct req *r) must_check;

extern const struct view *const answer_views[];

#endif
