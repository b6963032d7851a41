#ifndef ESCALATIONS_ESCALATIONS_H
#define ESCALATIONS_ESCALATIONS_H

#include "kit/http/http.h"
#include "kit/jobs/jobs.h"

struct sql;
struct view;

/* Cases that are handed to colleagues: handing off, the queue, taking over, and the stream that
 * tells of it. */
extern const struct route escalations_api[], queue_routes[], rules_routes[], hand_over_routes[],
	context_routes[], resolve_routes[], escalations_stream[];
extern const struct view *const escalations_views[], *const escalations_mails[];
extern const struct sql *const escalations_statements[];
/* What follows the commit of a hand-off: telling, and looking at the clock. */
extern const struct job_kind escalations_jobs[];

#endif
