#ifndef SESSIONS_SESSIONS_H
#define SESSIONS_SESSIONS_H

#include "kit/http/http.h"

/* Sessions: guided runs of a flow, from its preparation to its end.  run.h and values.h are the
 * pure side, store.h the stored one, acts.h what is done. */

struct sql;

extern const struct route sessions_api[];
extern const struct sql *const sessions_statements[];

#endif
