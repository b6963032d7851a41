#ifndef SESSIONS_INSIDE_H
#define SESSIONS_INSIDE_H

#include "sessions/acts.h"
#include "sessions/store.h"

/* What the acts of this room share. */

const struct err *session_read_doc(struct arena *a, const struct startable_row *from,
				   struct flow_doc *ret) must_check;
/* Where a session stands and its values, when row, doc, ix and visits are there. */
const struct err *session_settle(struct req *r, struct session *s) must_check;
/* The sealed passwords of a row, opened: a JSON object of name to text. */
struct str session_passwords(struct req *r, const struct session_row *row);
/* Queues the first visit of a session that starts, and counts the flow's use. */
void session_enter_first(struct req *r, const struct session *s, struct uuid flow);

/* Queues what a colleague reads of a session that was prepared for them, as they wish to be told: a
 * notice, a mail.  Nothing to whoever does it, nor to nobody.  It is queued last. */
struct told {
	struct uuid session;
	struct str flow, client, ticket;
	struct list patterns; /* of redaction_read: a mail leaves the product */
};
void session_tell(struct req *r, const struct assignee_row *to, const struct told *what);
/* Opens the version that a session would start on now. */
const struct err *session_flow_now(struct req *r, struct uuid flow,
				   struct flow_doc *ret) must_check;

#endif
