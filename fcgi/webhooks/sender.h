#ifndef WEBHOOKS_SENDER_H
#define WEBHOOKS_SENDER_H

#include <stdbool.h>
#include <stddef.h>

#include "kit/base/err.h"
#include "kit/base/uuid.h"

struct arena;
struct db;
struct pollfd;
struct settings;

/*
 * Makes the calls that are due, several at a time, and never waits for one of them: an endpoint
 * that hangs holds up nobody else.  A call that is held by a process that died is taken again when
 * its lease has run out: it may come twice then, with the same id.
 */
struct sender;

/* What became of a call, for the log; nothing of its body or its address but the host. */
struct sender_report {
	struct uuid id, account, webhook;
	struct str host;
	int64_t attempt, status;
	const char *outcome; /* "sent", "later", "failed" */
	const char *why;     /* "" where it was sent */
};

const struct err *sender_new(struct arena *a, const struct settings *settings, struct db *db,
			     void (*tell)(const struct sender_report *report),
			     struct sender **ret) must_check;
/*
 * Moves on what is under way, records what has come to its end, and takes more that is due; *more
 * is false where nothing of that was to be done.  What could not be recorded is, the next time.
 */
const struct err *sender_work(struct sender *s, bool *more) must_check;
/* Until a call has come to its end, a descriptor is ready, or ms have passed. */
void sender_wait(struct sender *s, struct pollfd *fds, size_t n, int ms);
/* Takes no more, and gives what is under way a few seconds to end. */
void sender_finish(struct sender *s);

#endif
