/* How much room is left on a disk; see disk.h. */
#include "kit/base/disk.h"

#include <sys/statvfs.h>

#include "kit/base/arena.h"

bool disk_room(struct arena *a, struct str path, struct disk_room *ret)
{
	struct statvfs disk;

	if (!path.n)
		path = STR("/");
	if (statvfs(str_cstr(a, path), &disk) || !disk.f_blocks)
		return false;
	*ret = (struct disk_room){
		.path = path,
		.all = (int64_t)(disk.f_blocks * disk.f_frsize),
		.left = (int64_t)(disk.f_bavail * disk.f_frsize),
		.percent = (int)(disk.f_bavail * 100 / disk.f_blocks),
	};
	return true;
}
