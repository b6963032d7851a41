#ifndef PLATFORM_FLAGS_H
#define PLATFORM_FLAGS_H

#include "kit/http/http.h"

/* The switches of features, for the platform's operators: page and API. */
extern const struct route flags_routes[];
extern const struct view *const flags_views[];

#endif
