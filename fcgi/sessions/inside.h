#ifndef SESSIONS_INSIDE_H
#define SESSIONS_INSIDE_H

#include "sessions/acts.h"

/* What the acts of this room share. */

const struct err *session_read_doc(struct arena *a, const struct startable_row *from,
				   struct flow_doc *ret) must_check;
/* The sealed passwords of a row, opened: a JSON object of name to text. */
struct str session_passwords(struct req *r, const struct session_row *row);
/* Queues the first visit of a session that starts, and counts the flow's use. */
void session_enter_first(struct req *r, const struct session *s, struct uuid flow);

#endif
