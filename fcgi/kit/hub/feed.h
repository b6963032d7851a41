#ifndef KIT_HUB_FEED_H
#define KIT_HUB_FEED_H

#include "kit/db/db.h"
#include "kit/hub/hub.h"

/*
 * The tables feed and event, and the bell `bell_event` whose payload is an account.  `connection`
 * says where and as whom; the feed adds the statements and the channel.  It lives as long as the
 * arena.
 */
const struct err *hub_feed_open(struct arena *a, struct db_settings connection,
				struct hub_feed *ret) must_check;

#endif
