#ifndef KIT_HUB_FRAMES_H
#define KIT_HUB_FRAMES_H

#include <stddef.h>
#include <stdint.h>

#include "kit/base/str.h"

struct arena;

/*
 * Finished bytes for a client, one copy for all who get them.  Every frame speaks for FastCGI
 * request 1, the only number that nginx uses; the door refuses any other.
 */
#define FRAME_REQUEST_ID 1

struct frame {
	uint32_t refs;
	uint32_t n;
	unsigned char bytes[];
};

/* Each new frame belongs to the caller, who gives it back by frame_drop. */
struct frame *frame_text(struct str text); /* as STDOUT records */
/* "id:", "event:" and "data:" lines; a line break within is made a space, which means the same in
 * JSON. */
struct frame *frame_event(struct arena *a, int64_t seq, struct str type, struct str payload);
struct frame *frame_end(void); /* the end of STDOUT and of the request */

struct frame *frame_keep(struct frame *f); /* one more owner */
void frame_drop(struct frame *f);          /* NULL is fine */

#endif
