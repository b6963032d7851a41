#ifndef SEALED_SEALED_H
#define SEALED_SEALED_H

#include "kit/base/err.h"
#include "kit/base/shape.h"
#include "kit/db/db.h"

struct settings;

/*
 * All that rows of all accounts hold sealed (settings_seal): what it is and where it lies is one
 * table, in sealed.c.  What is kept for a day at most (forms, first answers) is not in it: it goes
 * before MASTER_SECRET_PREVIOUS may.
 */
struct sealed_count {
	struct str what; /* "second factors" */
	int64_t current, previous,
		closed; /* opened by today's key, by the one before it, by none */
};
extern const struct shape sealed_count_shape;

/*
 * Looks at all of it, by pieces, in little memory.  db: as the owner (server_database's "migrate"),
 * with sealed_lists.  renew: what the previous key opens is sealed by today's, each only where it
 * still is what was read, so programs may run meanwhile; `previous` then counts what was renewed.
 * *ret is of struct sealed_count.
 */
const struct err *sealed_look(struct arena *a, struct db *db, const struct settings *settings,
			      bool renew, struct list *ret) must_check;
/* "second factors: 3, secrets of webhooks: 1" of those that are counted at that field; none of
 * none. */
struct str sealed_closed(struct arena *a, struct list counts);
struct str sealed_previous(struct arena *a, struct list counts);

/* With what the audit log is written by. */
extern const struct sql *const *const sealed_lists[];

#endif
