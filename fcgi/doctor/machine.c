/* Checks of this machine: room, modes, sockets, nginx. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "accounts/accounts.h"
#include "backup/backup.h"
#include "doctor/checks.h"
#include "doctor/probe.h"
#include "kit/base/arena.h"
#include "kit/base/clock.h"
#include "kit/base/disk.h"

#define BACKUP_OLD (2 * 86400 * CLOCK_SECOND) /* they are made each night */
#define GIB        ((int64_t)1 << 30)
#define MAP_MAX    ((size_t)256 << 10)
#define LITTLE     10 /* percent */
#define TOO_LITTLE 3

static const struct err *look_disk(struct doctor *d, struct found *ret)
{
	const struct str places[] = { d->settings->run_dir, d->settings->mail_dir,
				      d->settings->archive_dir, STR("/var"),
				      STR("/var/lib/postgresql") };

	for (size_t at = 0; at < sizeof(places) / sizeof(places[0]); at++) {
		struct disk_room room;

		if (!disk_room(d->arena, places[at], &room) || room.percent >= LITTLE ||
		    room.left > 20 * GIB)
			continue;
		ret->text = str_fmt(d->arena, "%.*s has %d %% left, %lld MB", STR_ARG(room.path),
				    room.percent, (long long)(room.left >> 20));
		ret->state = room.percent < TOO_LITTLE ? FINDING_FAIL : FINDING_WARN;
	}
	return NULL;
}

static const struct err *look_run_dir(struct doctor *d, struct found *ret)
{
	const char *path = str_cstr(d->arena, d->settings->run_dir);
	struct stat st;

	if (stat(path, &st))
		return ERR(d->arena, ERR_INTERNAL, "%s: %s", path, strerror(errno));
	if (st.st_mode & 0007)
		ret->text = str_fmt(d->arena, "everybody on this machine may enter %s (%o)", path,
				    (unsigned)st.st_mode & 0777);
	return NULL;
}

/* The jobs program writes archives there, and nginx, by the directory's group, reads them. */
static const struct err *look_archive_dir(struct doctor *d, struct found *ret)
{
	const char *path = str_cstr(d->arena, d->settings->archive_dir);
	struct stat st;

	if (!d->settings->archive_dir.n) {
		*ret = (struct found){ STR("no account can be archived: none is set"),
				       FINDING_SKIPPED, STR_NONE };
		return NULL;
	}
	if (access(path, R_OK | W_OK | X_OK) || stat(path, &st))
		return ERR(d->arena, ERR_INTERNAL, "%s: %s", path, strerror(errno));
	if (st.st_mode & 0007)
		ret->text = str_fmt(d->arena, "everybody on this machine may enter %s (%o)", path,
				    (unsigned)st.st_mode & 0777);
	else if ((st.st_mode & 02050) != 02050)
		ret->text = str_fmt(d->arena, "nginx can't read what is written to %s (%o)", path,
				    (unsigned)st.st_mode & 07777);
	return NULL;
}

/* Names tell when each was made, and the newest stands last; one that is being made has none. */
static const struct err *look_backup(struct doctor *d, struct found *ret)
{
	struct instant at;
	const struct err *e = backup_newest(d->arena, d->backups, &at);

	if (e) {
		*ret = (struct found){ e->message, FINDING_SKIPPED,
				       STR("--backups names the folder of the backups.") };
		return NULL;
	}
	if (!at.us)
		ret->text = str_fmt(d->arena, "%s holds none", d->backups);
	else if (clock_now().us - at.us > BACKUP_OLD)
		ret->text = str_fmt(d->arena, "the newest in %s is of %.*s", d->backups,
				    STR_ARG(clock_rfc3339(d->arena, at)));
	return NULL;
}

static const char *socket_of(struct doctor *d, const char *name)
{
	return str_fmt(d->arena, "%.*s/%s.sock", STR_ARG(d->settings->run_dir), name).p;
}

static const struct err *look_worker(struct doctor *d, struct found *ret)
{
	(void)ret;
	return probe_ready(d->arena, socket_of(d, "worker"));
}

static const struct err *look_password(struct doctor *d, struct found *ret)
{
	(void)ret;
	return probe_ready(d->arena, socket_of(d, "password"));
}

static const struct err *look_hub(struct doctor *d, struct found *ret)
{
	(void)ret;
	return probe_socket(d->arena, socket_of(d, "hub"));
}

static const struct err *look_nginx(struct doctor *d, struct found *ret)
{
	struct str path = str_fmt(d->arena, "%s/pool.map", d->nginx);
	char *text = arena_alloc(d->arena, MAP_MAX, 1);
	int fd = open(path.p, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, text, MAP_MAX);

	if (fd >= 0)
		close(fd);
	if (n < 0) {
		*ret = (struct found){ str_fmt(d->arena, "%s: %s", path.p, strerror(errno)),
				       FINDING_SKIPPED,
				       STR("--nginx names the folder of the site's parts.") };
		return NULL;
	}
	if (!str_eq((struct str){ text, (size_t)n }, d->pool_map))
		ret->text = str_fmt(d->arena, "%s is of another version", path.p);
	return NULL;
}

const struct check machine_checks[] = {
	{ "disk", FINDING_WARN, "Make room, or the database stops.", .look = look_disk },
	{ "RUN_DIR", FINDING_FAIL,
	  "chmod 750, for whoever reaches the sockets can say who they are.",
	  .look = look_run_dir },
	{ "ARCHIVE_DIR", FINDING_FAIL,
	  "chmod 2750, and give it to the programs' user and the group that nginx belongs to.",
	  .look = look_archive_dir },
	{ "backups", FINDING_WARN,
	  "systemctl start resolutionflow@backup, and enable resolutionflow-backup.timer.",
	  .look = look_backup },
	{ "worker", FINDING_FAIL,
	  "Start it: systemctl start resolutionflow@worker, and read journalctl -u "
	  "resolutionflow@worker.",
	  .look = look_worker },
	{ "worker for passwords", FINDING_FAIL, "Start it: systemctl start resolutionflow@worker.",
	  .look = look_password },
	{ "hub", FINDING_FAIL, "Start it: systemctl start resolutionflow@hub.", .look = look_hub },
	{ "nginx's map of routes", FINDING_FAIL,
	  "Install again, or write resolutionflow routes --nginx there, and reload nginx.",
	  .look = look_nginx },
	{ 0 },
};
