#ifndef BACKUP_STORE_H
#define BACKUP_STORE_H

#include "backup/backup.h"

/* The rows of the backup room and its statements; private to the room. */

struct snapshot {
	struct str id, database, server;
	int64_t schema; /* 0: there is none */
};

struct obstacle {
	struct str name;
};

extern const struct shape manifest_shape;

/* Begins what sees one moment of the data, read-only, for as long as it takes. */
void backup_one_view(struct tx *t);
void backup_snapshot(struct tx *t, struct snapshot **ret);
void backup_tables(struct tx *t, struct list *ret);
void backup_in_the_way(struct tx *t, struct obstacle **ret);
void backup_roles_missing(struct tx *t, struct obstacle **ret);

#endif
