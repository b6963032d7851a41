#ifndef APP_DEV_H
#define APP_DEV_H

#include "kit/http/http.h"

/* Pages of the demo setting: every component in every state. */
extern const struct route dev_routes[];
extern const struct view *const dev_views[];

#endif
