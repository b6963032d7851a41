#ifndef KIT_HUB_RING_H
#define KIT_HUB_RING_H

#include <stdbool.h>

struct frame;

/*
 * What waits for one slow socket: at most 64 frames, the one being sent among them.  NULL while
 * nothing waits, which is nearly always, so that an idle stream costs no ring.
 */
#define RING_SLOTS 64

struct ring;

enum ring_result {
	RING_OK,   /* sent, or waiting in the ring */
	RING_FULL, /* not taken */
	RING_LOST, /* the other side is gone */
};

/* Sends the frame now if nothing waits before it; the ring keeps the frame as long as it needs. */
enum ring_result ring_push(struct ring **ring, int fd, struct frame *f);
/* Sends what waits and frees the ring when all has gone. */
enum ring_result ring_flush(struct ring **ring, int fd);
unsigned ring_waiting(const struct ring *ring); /* how many */
void ring_free(struct ring **ring);             /* drops what waits */

#endif
