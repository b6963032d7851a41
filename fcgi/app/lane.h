#ifndef APP_LANE_H
#define APP_LANE_H

#include "kit/db/db.h"

struct pollfd;
struct pool_beat;
struct settings;

/*
 * A lane of the jobs program: one process that does one sort of work in turns, so that a server
 * which keeps one of them waiting holds up no other.
 */
struct lane {
	const char *name, *bell; /* for the log; the channel that wakes it, if any */
	const struct sql *const *const *statements;
	/* What it works with.  stop_fd, or -1, is readable when it is to come to an end. */
	const struct err *(*open)(struct arena *a, const struct settings *settings, struct db *db,
				  int stop_fd, void **ret);
	/* Does some of what is due; *more is false where nothing was. */
	const struct err *(*turn)(void *work, bool *more);
	/* NULL, or waits as poll() does, and comes back too when a turn has something to do. */
	void (*wait)(void *work, struct pollfd *fds, size_t n, int ms);
	/* NULL, or brings what is under way to its end, within seconds. */
	void (*finish)(void *work);
};

struct lane_start {
	const struct lane *lane;
	const struct settings *settings;
};

/* Opens all that the lane needs and closes it again; ERR_BUSY where the database is away. */
const struct err *lane_rehearse(const struct lane_start *start, struct arena *a) must_check;
/* The life of its process, a child of kit/http/pool.h: ctx is a struct lane_start. */
int lane_run(void *ctx, int listen_fd, struct pool_beat *beat);

#endif
