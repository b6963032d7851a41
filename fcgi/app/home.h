#ifndef APP_HOME_H
#define APP_HOME_H

#include "kit/http/http.h"

/* The home page; signed out, the front page. */
extern const struct route home_routes[];
extern const struct view *const home_views[];

#endif
