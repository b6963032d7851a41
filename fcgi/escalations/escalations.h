#ifndef ESCALATIONS_ESCALATIONS_H
#define ESCALATIONS_ESCALATIONS_H

#include "kit/http/http.h"

/* What colleagues hand on: the queue, who takes it, and the stream that tells of both. */

extern const struct route escalations_stream[];

#endif
