#ifndef INSIGHT_INSIGHT_H
#define INSIGHT_INSIGHT_H

#include "kit/http/http.h"

struct sql;
struct view;

/* What the numbers tell of the work: where people are stuck, and how soon they are helped. */
extern const struct route insight_routes[], insight_api[];
extern const struct view *const insight_views[];
extern const struct sql *const insight_statements[];

#endif
