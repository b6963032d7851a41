#ifndef BACKUP_FILES_H
#define BACKUP_FILES_H

#include "kit/base/err.h"

/* The folder in which backups lie, one folder each. */
#define BACKUP_DUMP     "database.dump"
#define BACKUP_MANIFEST "manifest.json"

struct backup_dir {
	const char *path;   /* of the folder */
	const char *making; /* of the one that is being made: not whole, and nobody's yet */
	int fd, lock;
};

/* Makes the folder where it is not there, locks it (ERR_BUSY where another does), clears away what
 * one that was killed has left, and begins a new one.  Closed with the arena. */
const struct err *backup_dir_open(struct arena *a, const char *path,
				  struct backup_dir *ret) must_check;
/* To the disk with both files; then it has its name, by the time, and is whole. */
const struct err *backup_dir_finish(struct arena *a, const struct backup_dir *dir,
				    struct str *path) must_check;
/* Leaves so many of the whole ones, the newest. */
const struct err *backup_dir_thin(struct arena *a, const struct backup_dir *dir,
				  int64_t keep) must_check;

/* Of a file in one backup, opened for reading: its size and SHA-256. */
const struct err *backup_measure(struct arena *a, const char *path, const char *name,
				 int64_t *bytes, struct str *sha256) must_check;
const struct err *backup_write(struct arena *a, const char *path, const char *name,
			       struct str text) must_check;
const struct err *backup_slurp(struct arena *a, const char *path, const char *name,
			       struct str *ret) must_check;

#endif
