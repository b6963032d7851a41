/* Listening sockets, made here or inherited; see listen.h. */
#include "kit/net/listen.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "kit/base/arena.h"

#define FIRST 3 /* of the descriptors that may be inherited */

static const struct err *lock_beside(struct arena *a, struct listener *l)
{
	const char *path = str_cstr(a, str_fmt(a, "%s.lock", l->path));

	l->lock = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (l->lock < 0)
		return ERR(a, ERR_INTERNAL, "cannot open %s: %s", path, strerror(errno));
	if (flock(l->lock, LOCK_EX | LOCK_NB) != 0)
		return ERR(a, ERR_BUSY, "%s belongs to another process that is running", l->path);
	return NULL;
}

static int number(const char *name)
{
	int64_t n = 0;

	return str_to_int(str_of(getenv(name)), &n) && n > 0 && n < 1 << 22 ? (int)n : 0;
}

static bool listens_at(int fd, const char *path)
{
	struct sockaddr_un where = { 0 };
	socklen_t size = sizeof(where) - 1, flag_size = sizeof(int);
	int listens = 0;

	return getsockname(fd, (struct sockaddr *)&where, &size) == 0 &&
	       where.sun_family == AF_UNIX && strcmp(where.sun_path, path) == 0 &&
	       getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &listens, &flag_size) == 0 && listens;
}

static bool inherit(struct listener *l)
{
	int end = number("LISTEN_PID") == getpid() ? FIRST + number("LISTEN_FDS") : 0;

	for (int fd = FIRST; fd < end; fd++) {
		if (!listens_at(fd, l->path))
			continue;
		fcntl(fd, F_SETFD, FD_CLOEXEC);
		fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
		l->fd = fd;
		l->lent = getenv("LISTEN_FDNAMES"); /* a manager gives names; we do not */
		return true;
	}
	return false;
}

/* Removes a socket that a dead program left, and nothing that is not one. */
static void remove_socket(const char *path)
{
	struct stat is;

	if (lstat(path, &is) == 0 && S_ISSOCK(is.st_mode))
		unlink(path);
}

static const struct err *listen_anew(struct arena *a, struct listener *l, int backlog)
{
	struct sockaddr_un where = { .sun_family = AF_UNIX };
	mode_t mask = umask(0117); /* for the web server by its group, and for nobody else */
	int failed;

	snprintf(where.sun_path, sizeof(where.sun_path), "%s", l->path);
	remove_socket(l->path);
	l->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	failed = bind(l->fd, (struct sockaddr *)&where, sizeof(where)) || listen(l->fd, backlog)
			 ? errno
			 : 0;
	umask(mask);
	if (!failed)
		return NULL;
	return ERR(a, ERR_INTERNAL, "cannot listen at %s: %s", l->path, strerror(failed));
}

const struct err *listen_open(struct arena *a, const char *path, int backlog, struct listener *ret)
{
	struct listener l = { .path = path, .fd = -1, .lock = -1 };
	struct sockaddr_un where;
	const struct err *e;

	if (strlen(path) >= sizeof(where.sun_path))
		return ERR(a, ERR_INVALID, "the path of a socket is limited to %zu bytes: %s",
			   sizeof(where.sun_path) - 1, path);
	e = lock_beside(a, &l);
	if (!e && !inherit(&l))
		e = listen_anew(a, &l, backlog);
	if (!e) {
		*ret = l;
		return NULL;
	}
	if (l.fd >= 0)
		close(l.fd);
	if (l.lock >= 0)
		close(l.lock);
	return e;
}

void listen_close(struct listener *l)
{
	if (l->fd < 0)
		return;
	if (!l->lent)
		remove_socket(l->path);
	close(l->fd);
	close(l->lock);
	*l = LISTENER_NONE;
}

static void say(const char *name, int n)
{
	char text[24];

	snprintf(text, sizeof(text), "%d", n);
	setenv(name, text, 1);
}

/* They stay where they are, and count from FIRST on with whatever lies between them. */
void listen_hand_over(const struct listener *const *all, size_t n)
{
	int last = 0;

	for (size_t at = 0; at < n; at++) {
		fcntl(all[at]->fd, F_SETFD, 0);
		if (all[at]->fd > last)
			last = all[at]->fd;
	}
	say("LISTEN_PID", getpid());
	say("LISTEN_FDS", last - FIRST + 1);
}
