#ifndef HANDOFFS_STORE_H
#define HANDOFFS_STORE_H

#include "handoffs/handoffs.h"
#include "kit/db/db.h"

/* The handoffs room's statements, one function each; private to the room. */

void store_handoff_lock(struct tx *t, struct uuid handoff);
void store_handoff_find(struct tx *t, struct uuid handoff);
void store_handoff(struct tx *t, struct uuid handoff, const struct handoff_row **ret);
/* Into the story, where it is a step of it: that one waited too long is none. */
void store_handoff_step(struct tx *t, struct uuid handoff, const char *what);
void store_handoff_story(struct tx *t, struct uuid session, struct list *ret);
/* Of several, in the order of their ids. */
void store_deliveries_of(struct tx *t, struct list handoffs, struct list *ret);
void store_handoff_add(struct tx *t, struct uuid id, enum handoff_act act,
		       const struct new_handoff *from);
/* ERR_NOT_FOUND where it is no longer in that state. */
void store_handoff_move(struct tx *t, struct uuid handoff, const struct handoff_edge *edge,
			struct str word);
/* Of somebody who is away: a list of struct handoff_held. */
struct handoff_held {
	struct uuid id;
	int state;
};
void store_handoffs_held(struct tx *t, struct uuid person, struct list *ret);
/* It waits for nobody in particular any more. */
void store_handoff_to_all(struct tx *t, struct uuid handoff);
/* The record of whom the occasion is to be told to. */
void store_handoff_tell(struct tx *t, struct uuid handoff, const char *occasion);
/* What still waits to be told is not told any more. */
void store_handoff_hush(struct tx *t, struct uuid handoff, struct str why);

#endif
