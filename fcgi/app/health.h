#ifndef APP_HEALTH_H
#define APP_HEALTH_H

#include "kit/http/http.h"

/* For operators and their programs: /healthz, /readyz, /metrics, the OpenAPI document. */
extern const struct route health_routes[];

#endif
