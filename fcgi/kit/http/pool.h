#ifndef KIT_HTTP_POOL_H
#define KIT_HTTP_POOL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "kit/base/err.h"

struct arena;

/*
 * Prefork: a parent that holds the sockets and never serves, and for each socket a pool of children
 * that do.  A dead child is replaced at once, a hung one is killed and named in the log with what
 *it was doing, and on SIGHUP each is replaced by a new one that is ready before the old one goes.
 *
 *	SIGTERM, SIGINT  connections are refused, children finish what they have in hand, and
 *			 pool_run returns
 *	SIGHUP           reload, then new children one by one; an old one stays for as long as its
 *			 successor fails
 *	SIGUSR2          the program as it now stands on the disk takes this one's place, where a
 *			 trial of it succeeds; it replaces the children in the same way
 *
 * This is the main loop of a program, so it writes to the log itself.
 */
struct pool_beat; /* a child's place in the memory that it shares with the parent */

struct pool_settings {
	const char *name;        /* for the log */
	const char *socket_path; /* NULL: none, for children that look for work by themselves */
	int backlog;             /* 1024 or more: a full one is an instant 502 */
	int workers;
	int hang_seconds; /* without a sign of life, and the child is killed */
	/*
	 * The child's life: its result is the exit status.  SIGTERM is blocked and is to be let
	 * through in the wait for a request only, as fcgi_accept does.  Dies with the parent.
	 */
	int (*run)(void *ctx, int listen_fd, struct pool_beat *beat);
	void *ctx;
};

struct pool_host {
	const struct pool_settings *pools;
	size_t npools;
	bool (*reload)(
		void *ctx); /* in the parent, at SIGHUP; false: the children stay as they are */
	void *ctx;
	/* For SIGUSR2: what to exec in this process, and what must exit with 0 before; or NULL. */
	char *const *command, *const *trial;
	int drain_seconds; /* that a child may take to finish after SIGTERM */
};

/*
 * Runs until SIGTERM or SIGINT; NULL after an orderly end.  An error where it could not begin: a
 * path longer than 107 bytes, or a socket that another one holds, which stays untouched; see
 * kit/net/listen.h.
 */
const struct err *pool_run(struct arena *a, const struct pool_host *host) must_check;

/* Zeroed memory that the children forked later share, for counters (use atomics). */
void *pool_shared(size_t size);

/* What a child tells.  Any of them is a sign of life. */
void pool_ready(struct pool_beat *b); /* once, when it can serve */
void pool_idle(
	struct pool_beat *b); /* nothing in hand; at least every second, also while it starts */
void pool_busy(struct pool_beat *b, struct str request_id, struct str path);
/* How the pool of that index in struct pool_host stands now, as any child sees it. */
struct pool_count {
	int64_t ready, busy;
};
struct pool_count pool_count(const struct pool_beat *b, size_t pool);
/* Asks to be replaced, after many requests say; it serves on until SIGTERM comes. */
void pool_retire(struct pool_beat *b);

#endif
