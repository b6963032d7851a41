#ifndef SESSIONS_SESSIONS_H
#define SESSIONS_SESSIONS_H

#include "kit/http/http.h"
#include "kit/jobs/jobs.h"

/* Sessions: guided runs of a flow, from its preparation to its end.  run.h and values.h are the
 * pure side, store.h the stored one, acts.h what is done. */

struct sql;

extern const struct route sessions_api[], sessions_lists[], sessions_history[];
extern const struct view *const sessions_views[];
extern const struct sql *const sessions_statements[];
extern const struct chore sessions_chores[];

#endif
