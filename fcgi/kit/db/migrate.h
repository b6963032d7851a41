#ifndef KIT_DB_MIGRATE_H
#define KIT_DB_MIGRATE_H

#include <stdint.h>

#include "kit/db/db.h"

/*
 * The schema is a folder of files 0001_name.sql, 0002_name.sql ... without a gap.  Each is applied
 * once, in a transaction of its own (so it holds no BEGIN or COMMIT), and never edited afterwards:
 * the table schema_migration keeps its SHA-256, and an edited or missing file is refused by name.
 * Any number of migrators may run at once; one works and the others find it done.
 */

/*
 * Applies what is missing, as settings->role (statements are not prepared).  A lock on a table is
 * waited for lock_timeout_ms, or 300; ERR_BUSY then, and running again goes on where it stopped.
 * applied may be NULL.
 */
const struct err *migrate_run(struct arena *a, const struct db_settings *settings, const char *dir,
			      void (*applied)(void *ctx, struct str file, int64_t microseconds),
			      void *ctx) must_check;

/* The number of the newest file; 0 where there is none. */
const struct err *migrate_newest(struct arena *a, const char *dir, int *ret) must_check;
/* For the settings of a db that is asked what follows. */
extern const struct sql *const migrate_statements[];
/* The number of the newest file that the database was given. */
const struct err *migrate_applied(struct arena *a, struct db *db, int *ret) must_check;
/* ERR_BUSY, with both numbers, where the database is older than `newest`; a newer one is well. */
const struct err *migrate_is_current(struct arena *a, struct db *db, int newest) must_check;

#endif
