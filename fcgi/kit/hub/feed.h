#ifndef KIT_HUB_FEED_H
#define KIT_HUB_FEED_H

#include "kit/hub/hub.h"

/* The tables feed and event, and the bell `bell_event` whose payload is an account. */
struct hub_feed_settings {
	const char *url, *role, *program; /* as in struct db_settings */
};

/* Connects; the feed lives as long as the arena. */
const struct err *hub_feed_open(struct arena *a, const struct hub_feed_settings *settings,
				struct hub_feed *ret) must_check;

#endif
