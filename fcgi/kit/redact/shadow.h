#ifndef KIT_REDACT_SHADOW_H
#define KIT_REDACT_SHADOW_H

#include "kit/base/str.h"

struct arena;

/*
 * A text as the detectors read it: what cannot be seen is gone, every letter-like or digit-like
 * character is the ASCII one that it looks like, and each byte knows where it came from.  What has
 * no ASCII look stays as it is.
 */
struct shadow {
	struct str text;    /* as it was */
	const char *p;      /* as it is read */
	size_t n;           /* bytes of p */
	const uint32_t *at; /* n + 1 places in text; NULL: text and shadow are the same */
};

struct shadow shadow_of(struct arena *a, struct str text);
/* Where byte `at` of the shadow begins in the text. */
size_t shadow_place(const struct shadow *s, size_t at);

#endif
