#ifndef DOCTOR_PROBE_H
#define DOCTOR_PROBE_H

#include "kit/base/err.h"

/* Whether somebody answers on that socket. */
const struct err *probe_socket(struct arena *a, const char *path) must_check;
/* Whether a worker there says that it is ready: GET /readyz as nginx would ask it. */
const struct err *probe_ready(struct arena *a, const char *path) must_check;

#endif
