#ifndef REPORTS_OF_SESSION_H
#define REPORTS_OF_SESSION_H

#include "reports/reports.h"
#include "sessions/acts.h"

/* How the documentation of a session is wished. */
struct report_wish {
	int unfilled;       /* enum unfilled: what stands where a variable is empty */
	bool scratchpad;    /* the scratchpad, too */
	struct str account; /* the company's name */
	struct list story;  /* of handoff_story */
};

/* Pure.  Passwords are never in it.  ERR_INVALID where it is too long to be written. */
const struct err *report_of_session(struct req *r, const struct session *s,
				    const struct report_wish *wish, struct report *ret) must_check;

#endif
