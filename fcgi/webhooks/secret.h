#ifndef WEBHOOKS_SECRET_H
#define WEBHOOKS_SECRET_H

#include "kit/base/str.h"
#include "kit/base/uuid.h"

struct arena;
struct settings;

/* What signs an endpoint's calls: "whsec_..." to whoever runs it, sealed in the table. */
struct str secret_new(struct arena *a);
struct str secret_seal(struct arena *a, const struct settings *s, struct uuid webhook,
		       struct str secret);
/* None where it does not open. */
struct str secret_open(struct arena *a, const struct settings *s, struct uuid webhook,
		       struct str sealed);

#endif
