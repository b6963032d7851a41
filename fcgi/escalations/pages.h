#ifndef ESCALATIONS_PAGES_H
#define ESCALATIONS_PAGES_H

#include "handoffs/handoffs.h"
#include "kit/render/render.h"
#include "sessions/pages.h"

/* What the pages of hand-offs share. */

struct str escalation_url(struct req *r, struct uuid handoff); /* "/escalations/ID" */
/* The tone of its mark. */
struct str priority_tone(int priority);

/* Queues and runs the reading; ERR_NOT_FOUND where it is no escalation of the account.  Stays in
 * the transaction. */
const struct err *escalation_read(struct req *r, struct handoff *ret) must_check;

/* What is left to try: the answers of the step where it stands, or the steps that are sure to come.
 */
struct case_left {
	struct str kind, id, title; /* "option" or "step" */
};
struct list case_left(struct req *r, const struct session *s);

/* Of somebody who came second, or does what can't be done any more: who was first, and what they
 * typed. */
const struct err *escalation_late(struct req *r) must_check;

extern const struct view queue_view, rules_view, hand_over_view, context_view, late_view,
	resolve_view, release_view;

#endif
