#ifndef KIT_PACK_PACK_H
#define KIT_PACK_PACK_H

#include <stdint.h>

#include "kit/base/err.h"

struct arena;

/*
 * An archive (tar, gzip) that is written piece by piece, in little memory however long it grows;
 *the only room that includes libarchive.
 *
 *	TRY(pack_new(a, dir, "x.tar.gz", &pack));
 *	TRY(pack_begin(pack, STR("people.csv")));
 *	TRY(pack_put(pack, text));
 *	TRY(pack_end(pack, a));
 *	TRY(pack_finish(pack, a, STR("\"sessions\":3")));
 *
 * It is written beside its place, under the name with ".part" behind, and appears there when it is
 *whole.  The arena of pack_new closes it, and what is not whole then is removed.
 */
struct pack;

/* A directory with the setgid bit lets its group read the file; else it is its owner's alone. */
const struct err *pack_new(struct arena *a, const char *dir, const char *name,
			   struct pack **ret) must_check;
const struct err *pack_begin(struct pack *p, struct str name) must_check;
const struct err *pack_put(struct pack *p, struct str text) must_check;
const struct err *pack_end(struct pack *p, struct arena *scratch) must_check;
/* Adds manifest.json: each file with its bytes and SHA-256, and these counts. */
const struct err *pack_finish(struct pack *p, struct arena *scratch, struct str counts) must_check;
int64_t pack_bytes(const struct pack *p); /* on the disk by now */

/* Removes those files of a directory whose names begin so; how many there were.  No directory:
 * none. */
int pack_remove(const char *dir, const char *begin);

#endif
