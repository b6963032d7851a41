#ifndef ESCALATIONS_ESCALATIONS_H
#define ESCALATIONS_ESCALATIONS_H

#include "kit/http/http.h"

struct sql;
struct view;

/* Cases that are handed to colleagues: handing off, the queue, taking over. */
extern const struct route escalations_api[], hand_over_routes[], context_routes[], resolve_routes[];
extern const struct view *const escalations_views[];
extern const struct sql *const escalations_statements[];

#endif
