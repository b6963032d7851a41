#ifndef ESCALATIONS_ESCALATIONS_H
#define ESCALATIONS_ESCALATIONS_H

#include "kit/http/http.h"

/* Cases that are handed to colleagues: handing off, the queue, taking over. */
extern const struct route escalations_api[], queue_routes[];
extern const struct view *const escalations_views[];

#endif
