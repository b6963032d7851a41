#ifndef ESCALATIONS_ESCALATIONS_H
#define ESCALATIONS_ESCALATIONS_H

#include "kit/http/http.h"

struct sql;
struct view;

/* Cases that are handed to colleagues: handing off, the queue, taking over, and the stream that
 * tells of it. */
extern const struct route escalations_api[], queue_routes[], hand_over_routes[], context_routes[],
	resolve_routes[], escalations_stream[];
extern const struct view *const escalations_views[];
extern const struct sql *const escalations_statements[];

#endif
