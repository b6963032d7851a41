#ifndef ADMIN_ARCHIVE_H
#define ADMIN_ARCHIVE_H

#include "admin/store.h"

struct settings;

/*
 * An account's archive on its way, written piece by piece.  Its arena closes it; what is not whole
 * then is removed.
 */
struct making;

struct making_settings {
	struct db *db;
	const char *dir;
	struct uuid account, id;
	struct str holder;
};

const struct err *making_new(struct arena *a, const struct making_settings *settings,
			     struct making **ret) must_check;
/* Writes some; *more is false when it is whole and stands in its place.  ERR_GONE where it is not
 * wanted any more. */
const struct err *making_step(struct making *m, struct arena *scratch, bool *more) must_check;
int64_t making_bytes(const struct making *m);

/* "ACCOUNT-ID.tar.gz", below ARCHIVE_DIR. */
struct str archive_file(struct arena *a, struct uuid account, struct uuid id);

#endif
