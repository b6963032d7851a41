#ifndef KIT_HUB_DOOR_H
#define KIT_HUB_DOOR_H

struct arena;
struct crowd;
struct stream;

/*
 * Something has come in from this stream's connection: more of its request while it is OPENING, and
 * later nothing that matters but its end.  A whole request is let in, answered with numbers (the
 * path
 * /_hub_stats) or refused.
 */
void door_readable(struct crowd *c, struct stream *s, struct arena *a);

#endif
