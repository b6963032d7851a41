#ifndef SEALED_STORE_H
#define SEALED_STORE_H

#include "sealed/sealed.h"

/* Where sealed texts lie; private to the room. */

struct sealed_row {
	struct uuid account, id;
	struct str part; /* where one row holds several */
	struct str sealed;
};

struct renewed {
	int64_t n;
};

struct sealed_kind {
	const char *what;
	const struct sql *read, *renew;
};
/* Ended by one without a name. */
extern const struct sealed_kind sealed_kinds[];

/* The next ones behind `after`, which is NULL at the beginning. */
void store_sealed(struct tx *t, const struct sealed_kind *kind, const struct sealed_row *after,
		  int64_t most, struct list *ret);
/* Of rows as they were read; fresh: a list of texts, one for each. */
void store_sealed_renew(struct tx *t, struct arena *a, const struct sealed_kind *kind,
			struct list rows, struct list fresh, struct renewed **ret);

#endif
