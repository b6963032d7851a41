#ifndef ESCALATIONS_DELIVERIES_H
#define ESCALATIONS_DELIVERIES_H

#include "handoffs/handoffs.h"

/* Who was told of a hand-off, by which channel, and how that went: in words. */
struct delivery_line {
	struct str recipient, channel, occasion, state, how, tone;
};
extern const struct shape delivery_line_shape;
/* Of those it was to reach, not of the one who asked. */
struct list delivery_lines(struct req *r, const struct handoff *h);

#endif
