#ifndef KIT_NET_LISTEN_H
#define KIT_NET_LISTEN_H

#include <stdbool.h>
#include <stddef.h>

#include "kit/base/err.h"

/*
 * A listening socket at a path: made here, or inherited as systemd hands sockets on.  LISTEN_PID
 * names the process that is meant, LISTEN_FDS says how many descriptors from 3 on are passed, and
 * the path tells which of them is wanted; what is closed among them or something else is passed
 * over.  A program that execs another in its own place hands its sockets on in the same way.
 */
struct listener {
	const char *path;
	int fd, lock; /* or -1 */
	bool lent;    /* a service manager has it open too, and connections wait there */
};

#define LISTENER_NONE ((struct listener){ .fd = -1, .lock = -1 })

/*
 * Takes <path>.lock beside it, so that ERR_BUSY says that another process listens there, and is
 * open to the owner and the group.  Replaces a socket that a dead program left, but nothing that is
 * not a socket.  Nothing of it survives an exec but what listen_hand_over let through.
 */
const struct err *listen_open(struct arena *a, const char *path, int backlog,
			      struct listener *ret) must_check;

/* From here on connections are refused at once, and not left waiting for somebody who goes; what
 * was lent stays where it is.  Closing LISTENER_NONE, or twice, does nothing. */
void listen_close(struct listener *l);

/* Lets the sockets through to the program that this process is about to exec. */
void listen_hand_over(const struct listener *const *all, size_t n);

#endif
