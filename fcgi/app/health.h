#ifndef APP_HEALTH_H
#define APP_HEALTH_H

#include "kit/http/http.h"

struct sql;

/* For operators and their programs: /healthz, /readyz, /metrics, the OpenAPI document. */
extern const struct route health_routes[];
extern const struct sql *const app_statements[];

#endif
