#ifndef ESCALATIONS_ESCALATIONS_H
#define ESCALATIONS_ESCALATIONS_H

#include "kit/http/http.h"

/* Cases that are handed to colleagues: handing off, the queue, taking over, and the stream that
 * tells of it. */
extern const struct route escalations_api[], queue_routes[], escalations_stream[];
extern const struct view *const escalations_views[];

#endif
