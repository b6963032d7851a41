#ifndef KIT_CRYPTO_BREACHED_H
#define KIT_CRYPTO_BREACHED_H

#include <stdbool.h>

#include "kit/base/err.h"
#include "kit/base/str.h"

struct arena;

/*
 * A list of stolen passwords as Have I Been Pwned gives it away: lines "SHA-1 in hex:how often", by
 * hash.  It has some tens of gigabytes and is read where it lies.
 */
struct breached;

/* Kept open until the arena goes, so that a sandbox may close around it.  Refused is what is no
 * such list, is not by hash, or is only a part of one. */
const struct err *breached_open(struct arena *a, const char *path,
				const struct breached **ret) must_check;
/* Some thirty small reads. */
const struct err *breached_has(struct arena *a, const struct breached *list, struct str password,
			       bool *ret) must_check;

#endif
