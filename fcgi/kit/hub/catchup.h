#ifndef KIT_HUB_CATCHUP_H
#define KIT_HUB_CATCHUP_H

#include "kit/base/err.h"

struct crowd;
struct hub_feed;

/*
 * Asks the feed, once, about all accounts on the to-do list and tells their streams what is new and
 * what they missed.  Accounts with more to tell are on the list again afterwards.  After an error
 * the list is lost: wake all accounts when the feed is back.
 */
const struct err *crowd_catch_up(struct crowd *c, struct arena *a,
				 const struct hub_feed *feed) must_check;

#endif
