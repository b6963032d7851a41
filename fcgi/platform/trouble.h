#ifndef PLATFORM_TROUBLE_H
#define PLATFORM_TROUBLE_H

#include "kit/base/shape.h"

struct arena;

/* What an operator should look at, as sentences that say what to do; of the rows of
 * store_platform_queues. */
struct trouble {
	struct str text, advice, url, link;
};
extern const struct shape platform_trouble_shape;
struct list platform_troubles(struct arena *a, struct list queues);

#endif
