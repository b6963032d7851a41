/* The frames that wait for one slow socket; see ring.h. */
#include "kit/hub/ring.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/socket.h>

#include "kit/hub/frames.h"
#include "kit/hub/memory.h"

struct ring {
	uint32_t sent; /* bytes of the first frame that have gone */
	unsigned first, n;
	struct frame *slot[RING_SLOTS];
};

/* Advances *sent as far as the socket takes it. */
static enum ring_result send_rest(int fd, const struct frame *f, uint32_t *sent)
{
	while (*sent < f->n) {
		ssize_t n = send(fd, f->bytes + *sent, f->n - *sent, MSG_NOSIGNAL | MSG_DONTWAIT);

		if (n > 0)
			*sent += (uint32_t)n;
		else if (n < 0 && errno == EAGAIN)
			return RING_FULL;
		else if (n == 0 || errno != EINTR)
			return RING_LOST;
	}
	return RING_OK;
}

static void append(struct ring *r, struct frame *f)
{
	r->slot[(r->first + r->n++) % RING_SLOTS] = frame_keep(f);
}

enum ring_result ring_push(struct ring **ring, int fd, struct frame *f)
{
	uint32_t sent = 0;
	enum ring_result result;

	if (*ring) {
		if ((*ring)->n == RING_SLOTS)
			return RING_FULL;
		append(*ring, f);
		return RING_OK;
	}
	result = send_rest(fd, f, &sent);
	if (result != RING_FULL)
		return result;
	*ring = hub_alloc(sizeof(**ring));
	(*ring)->sent = sent;
	append(*ring, f);
	return RING_OK;
}

enum ring_result ring_flush(struct ring **ring, int fd)
{
	struct ring *r = *ring;

	while (r && r->n) {
		struct frame *f = r->slot[r->first];
		enum ring_result result = send_rest(fd, f, &r->sent);

		if (result != RING_OK)
			return result == RING_FULL ? RING_OK : result;
		frame_drop(f);
		r->sent = 0;
		r->first = (r->first + 1) % RING_SLOTS;
		r->n--;
	}
	ring_free(ring);
	return RING_OK;
}

unsigned ring_waiting(const struct ring *ring)
{
	return ring ? ring->n : 0;
}

void ring_free(struct ring **ring)
{
	struct ring *r = *ring;

	for (unsigned at = 0; r && at < r->n; at++)
		frame_drop(r->slot[(r->first + at) % RING_SLOTS]);
	free(r);
	*ring = NULL;
}
