#ifndef KIT_CRYPTO_CERTIFICATE_H
#define KIT_CRYPTO_CERTIFICATE_H

#include <stdbool.h>

#include "kit/base/clock.h"
#include "kit/base/err.h"
#include "kit/base/str.h"

/* What a server's certificate says: the first of the file, PEM. */
struct certificate {
	struct instant from, until;
	bool names_host; /* or address */
	bool has_key;    /* the key of the other file is its own */
};

/* key: of a file, PEM.  ERR_FORBIDDEN where this process may not read one of them; ERR_INVALID with
 * what is wrong with it else. */
const struct err *certificate_read(struct arena *a, const char *path, const char *key,
				   const char *host, struct certificate *ret) must_check;

#endif
