#ifndef WEBHOOKS_BODY_H
#define WEBHOOKS_BODY_H

#include "webhooks/webhooks.h"

/* News as each kind of endpoint reads it: no I/O here. */
struct webhook_bodies {
	struct str of[WEBHOOK_KIND__MAX];
};

struct webhook_bodies webhook_bodies(struct arena *a, const struct webhook_news *news);

/*
 * What proves who called: "t=1795258267,v1=HEX", where HEX is the HMAC-SHA256 of "t.body" under the
 * secret, as it was shown.  A second v1 is by the secret before it, where there still is one.
 */
struct str webhook_signature(struct arena *a, struct str secret, struct str old_secret,
			     int64_t seconds, struct str body);

#endif
