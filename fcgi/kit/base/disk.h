#ifndef KIT_BASE_DISK_H
#define KIT_BASE_DISK_H

#include <stdbool.h>
#include <stdint.h>

#include "kit/base/str.h"

/* The room of a file system, in bytes; left: for those who are not root. */
struct disk_room {
	struct str path; /* that was asked for */
	int64_t all, left;
	int percent; /* that is left */
};

/* Of the one that the path, "" for the root, is on; false where nobody can say. */
bool disk_room(struct arena *a, struct str path, struct disk_room *ret);

#endif
