#ifndef APP_METRICS_H
#define APP_METRICS_H

#include "kit/http/http.h"

/* Numbers for Prometheus, counted by every worker in memory that all of them share. */

/* Bytes of that memory, mapped by the parent before it forks; zeroed. */
size_t metrics_size(void);
void metrics_attach(void *shared);
void metrics_count(const struct req *r, int64_t microseconds);
struct str metrics_text(struct arena *a, const struct router *router);

#endif
