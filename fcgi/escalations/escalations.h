#ifndef ESCALATIONS_ESCALATIONS_H
#define ESCALATIONS_ESCALATIONS_H

#include "kit/http/http.h"

/* Cases that are handed to colleagues: handing off, the queue, taking over. */
extern const struct route escalations_api[], escalations_stream[];

#endif
