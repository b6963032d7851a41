/* Backups on the disk: nothing has a backup's name before it is whole; see files.h. */
#include "backup/files.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "backup/backup.h"
#include "kit/base/arena.h"
#include "kit/base/clock.h"
#include "kit/crypto/crypto.h"

#define PREFIX       "resolutionflow-"
#define MAKING       ".making"
#define MANIFEST_MAX ((off_t)4 << 20)

static const struct err *failure(struct arena *a, const char *path)
{
	return ERR(a, ERR_INTERNAL, "%s: %s", path, strerror(errno));
}

static void close_fd(void *fd)
{
	close(*(int *)fd);
}

static int kept_fd(struct arena *a, int fd)
{
	int *kept = ARENA_NEW(a, int);

	*kept = fd;
	if (fd >= 0)
		arena_defer(a, close_fd, kept);
	return fd;
}

static const char *join(struct arena *a, const char *path, const char *name)
{
	return str_fmt(a, "%s/%s", path, name).p;
}

/* The manifest first: without it, it is none. */
static const struct err *remove_one(struct arena *a, const char *path)
{
	const char *const files[] = { join(a, path, BACKUP_MANIFEST), join(a, path, BACKUP_DUMP) };

	for (size_t at = 0; at < 2; at++)
		if (unlink(files[at]) && errno != ENOENT)
			return failure(a, files[at]);
	return rmdir(path) && errno != ENOENT ? failure(a, path) : NULL;
}

const struct err *backup_dir_open(struct arena *a, const char *path, struct backup_dir *ret)
{
	struct backup_dir dir = { .path = path, .making = join(a, path, MAKING) };

	umask(077);
	if (mkdir(path, 0700) && errno != EEXIST)
		return failure(a, path);
	dir.fd = kept_fd(a, open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC));
	if (dir.fd < 0)
		return failure(a, path);
	dir.lock = kept_fd(a, openat(dir.fd, ".lock", O_RDWR | O_CREAT | O_CLOEXEC, 0600));
	if (dir.lock < 0)
		return failure(a, path);
	if (flock(dir.lock, LOCK_EX | LOCK_NB))
		return ERR(a, ERR_BUSY, "another backup is being made in %s", path);
	TRY(remove_one(a, dir.making));
	if (mkdir(dir.making, 0700))
		return failure(a, dir.making);
	*ret = dir;
	return NULL;
}

static const struct err *to_disk(struct arena *a, const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	bool failed = fd < 0 || fsync(fd);

	if (fd >= 0)
		close(fd);
	return failed ? failure(a, path) : NULL;
}

/* "20261121T105107.123456Z" */
static const char *name_now(struct arena *a)
{
	char room[CLOCK_TEXT], *name = arena_alloc(a, sizeof(PREFIX) + CLOCK_TEXT, 1);
	size_t n = clock_print(clock_now(), room), to = sizeof(PREFIX) - 1;

	memcpy(name, PREFIX, to);
	for (size_t at = 0; at < n; at++)
		if (room[at] != '-' && room[at] != ':')
			name[to++] = room[at];
	return name;
}

const struct err *backup_dir_finish(struct arena *a, const struct backup_dir *dir, struct str *path)
{
	const char *to = join(a, dir->path, name_now(a));

	TRY(to_disk(a, join(a, dir->making, BACKUP_DUMP)));
	TRY(to_disk(a, join(a, dir->making, BACKUP_MANIFEST)));
	TRY(to_disk(a, dir->making));
	if (rename(dir->making, to))
		return failure(a, to);
	TRY(to_disk(a, dir->path));
	*path = str_of(to);
	return NULL;
}

static int is_backup(const struct dirent *entry)
{
	return str_starts(str_of(entry->d_name), STR(PREFIX));
}

/* Of a name as name_now gives it; none where it is another. */
static struct instant made_at(struct arena *a, const char *name)
{
	const char *n = name + sizeof(PREFIX) - 1;
	struct instant at = { 0 };
	struct str text;

	if (strlen(n) < sizeof("20261121T105107Z") - 1)
		return at;
	text = str_fmt(a, "%.4s-%.2s-%.5s:%.2s:%s", n, n + 4, n + 6, n + 11, n + 13);
	(void)clock_parse(text, &at);
	return at;
}

const struct err *backup_newest(struct arena *a, const char *dir, struct instant *ret)
{
	struct dirent **entries;
	int n = scandir(dir, &entries, is_backup, alphasort);

	if (n < 0)
		return failure(a, dir);
	*ret = (struct instant){ 0 };
	for (int at = 0; at < n; at++) {
		struct instant made = made_at(a, entries[at]->d_name);

		if (made.us > ret->us)
			*ret = made;
		free(entries[at]);
	}
	free(entries);
	return NULL;
}

const struct err *backup_dir_thin(struct arena *a, const struct backup_dir *dir, int64_t keep)
{
	struct dirent **entries;
	int n = scandir(dir->path, &entries, is_backup, alphasort);
	const struct err *e = NULL;

	if (n < 0)
		return failure(a, dir->path);
	for (int at = 0; at < n; at++) {
		if (!e && at < n - keep)
			e = remove_one(a, join(a, dir->path, entries[at]->d_name));
		free(entries[at]);
	}
	free(entries);
	return e;
}

const struct err *backup_measure(struct arena *a, const char *path, const char *name,
				 int64_t *bytes, struct str *sha256)
{
	const char *file = join(a, path, name);
	int fd = kept_fd(a, open(file, O_RDONLY | O_CLOEXEC));
	struct stat st;

	if (fd < 0 || fstat(fd, &st))
		return failure(a, file);
	*sha256 = crypto_hash_file(a, fd);
	*bytes = st.st_size;
	return sha256->p ? NULL : failure(a, file);
}

const struct err *backup_write(struct arena *a, const char *path, const char *name, struct str text)
{
	const char *file = join(a, path, name);
	int fd = kept_fd(a, open(file, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));

	while (fd >= 0 && text.n) {
		ssize_t n = write(fd, text.p, text.n);

		if (n < 0)
			return failure(a, file);
		text = str_skip(text, (size_t)n);
	}
	return fd < 0 ? failure(a, file) : NULL;
}

const struct err *backup_slurp(struct arena *a, const char *path, const char *name, struct str *ret)
{
	const char *file = join(a, path, name);
	int fd = kept_fd(a, open(file, O_RDONLY | O_CLOEXEC));
	struct stat st;
	char *text;
	size_t n = 0;

	if (fd < 0 || fstat(fd, &st))
		return failure(a, file);
	if (!S_ISREG(st.st_mode) || st.st_size > MANIFEST_MAX)
		return ERR(a, ERR_INVALID, "%s is no manifest", file);
	text = arena_alloc(a, (size_t)st.st_size + 1, 1);
	while (n < (size_t)st.st_size) {
		ssize_t got = read(fd, text + n, (size_t)st.st_size - n);

		if (got <= 0)
			return failure(a, file);
		n += (size_t)got;
	}
	*ret = (struct str){ text, n };
	return NULL;
}
