#ifndef SESSIONS_PREPARED_H
#define SESSIONS_PREPARED_H

#include "kit/render/render.h"
#include "sessions/acts.h"

/* The pages before a session runs and while it is laid aside.  These two are the page of a session
 * that was read: while it is prepared, and while it is parked. */
const struct err *prepared_show(struct req *r, const struct session *s) must_check;
const struct err *parked_show(struct req *r, const struct session *s) must_check;

/* "Acme, ticket T-12"; empty where it has neither. */
struct str session_for(struct req *r, struct str ticket, struct str client);
#define STALE_DAYS 7
bool session_is_stale(struct instant prepared_at);

extern const struct view prepare_view, choose_view, prepared_view, taken_view, park_view,
	parked_view, told_html_view, told_text_view, hand_to_view;

#endif
