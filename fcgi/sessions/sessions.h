#ifndef SESSIONS_SESSIONS_H
#define SESSIONS_SESSIONS_H

#include "kit/http/http.h"

/* Sessions: guided runs of a flow, from its preparation to its end.  run.h and values.h are the
 * pure side, store.h the stored one, acts.h what is done. */

struct sql;
struct view;

extern const struct route sessions_api[], steps_routes[], panel_routes[], ending_routes[],
	record_routes[];
extern const struct view *const sessions_views[];
extern const struct sql *const sessions_statements[];

#endif
