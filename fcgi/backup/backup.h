#ifndef BACKUP_BACKUP_H
#define BACKUP_BACKUP_H

#include "kit/base/err.h"
#include "kit/base/shape.h"
#include "kit/db/db.h"

struct settings;

/*
 * A backup is a folder of two files: database.dump, by pg_dump, and manifest.json, which says what
 * is in it: the schema, when, each table's rows and a sum over them, the dump's SHA-256, and by
 * which MASTER_SECRET its secrets are sealed (its name, not the secret itself).  The sums are of
 * the very moment that the dump shows, so a restore can say that it gave the same data.
 */
struct backup_table {
	struct str name;
	int64_t rows;
	struct str sum;
};

struct manifest {
	int64_t format; /* of these files */
	struct instant made_at;
	int64_t schema;
	struct str database, server, secret;
	int64_t bytes;
	struct str sha256;
	struct list tables; /* of struct backup_table */
};

/* A name for the MASTER_SECRET, by which two can be told apart and nothing else be learnt. */
struct str backup_secret_name(struct arena *a, const struct settings *settings);

/*
 * Makes one in dir, under a name of its own (*path), which appears when it is whole.  db: as
 * server_database's "backup" gives it, with backup_lists; url: the same.  ERR_BUSY where another
 * one is being made there.  keep: how many whole ones are left there afterwards; 0 for all.
 */
struct backup_wish {
	struct arena *arena;
	const struct settings *settings;
	struct db *db;
	const char *url;
};
const struct err *backup_make(const struct backup_wish *wish, const char *dir, int64_t keep,
			      struct str *path, struct manifest *ret) must_check;

/* When the newest whole one in dir was made; the beginning of time where there is none. */
const struct err *backup_newest(struct arena *a, const char *dir, struct instant *ret) must_check;
/* What is wrong with the files of one; NULL where they are whole. */
const struct err *backup_read(struct arena *a, const char *path, struct manifest *ret) must_check;
/*
 * Into an empty database that has the roles, in one transaction.  settings: with schema_version.
 * ERR_CONFLICT where it is not empty, the schema is newer than the program's, or the secret is
 * another one and that was not asked for.  db: as server_database's "backup".
 */
const struct err *backup_restore(const struct backup_wish *wish, const char *path,
				 bool other_secret, struct manifest *ret) must_check;
/* Whether the database holds now what the backup says; else ERR_CONFLICT, which names the first
 * table that differs. */
const struct err *backup_compare(const struct backup_wish *wish,
				 const struct manifest *manifest) must_check;

extern const struct sql *const *const backup_lists[];

#endif
