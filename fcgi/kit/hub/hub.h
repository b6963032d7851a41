#ifndef KIT_HUB_HUB_H
#define KIT_HUB_HUB_H

#include <stdbool.h>
#include <stdint.h>

#include "kit/base/err.h"
#include "kit/base/shape.h"

/*
 * Server-sent events for very many browsers at once: one process, one epoll loop, one database
 * connection that listens.  nginx hands a stream over after a worker has allowed it; the hub knows
 * accounts, users and topics, and nothing of what an event means.
 *
 * Events of an account are numbered in commit order without gaps, and the table is the truth; a
 * bell only says when to look.  So each account has one number, up to which its streams have been
 * told, and a stream that comes back with the last number it saw is brought up to that number
 * first.
 *
 * Two types of event end the streams that hear them: `signed_out`, for good, and `stream_end`,
 * after which the client comes back and a worker judges it anew.
 */
struct hub_ask {
	struct uuid account;
	int64_t after; /* -1: only tell the account's number */
	int64_t most;
};

/* An event, or (seq 0) only the account's number. */
struct hub_news {
	int64_t ask;  /* which of the asks it answers */
	int64_t head; /* the account's number now */
	int64_t seq;
	struct str topic, type;
	struct uuid user_id, sign_in_id; /* none: for everyone */
	struct str payload;
};

/* At most so many rows come at once, in order of asks and then of numbers; more wait for the next
 * reading. */
#define HUB_NEWS_MAX 1000

/* Where events come from: the database, or a script in tests. */
struct hub_feed {
	void *self;
	int (*fd)(void *self); /* to wait on; -1 while there is no connection */
	int (*generation)(
		void *self); /* changes with each new connection: bells before it may be lost */
	const struct err *(*heal)(struct arena *a,
				  void *self); /* connects again where that is needed */
	/* The next account whose bell has rung, without waiting. */
	bool (*bell)(struct arena *a, void *self, struct uuid *account);
	/* Answers all asks in one query: a list of struct hub_news. */
	const struct err *(*read)(struct arena *a, void *self, const struct hub_ask *asks,
				  size_t nasks, struct list *ret);
};

struct hub_settings {
	const char *socket; /* its path; a lock file stands beside it */
	int64_t heartbeat_seconds, poll_ms;
	int64_t max_streams, max_per_account, max_per_user;
	int send_buffer; /* bytes in the kernel for each stream; 0: the system's own */
	/* Tells the operator that the feed is lost, with the reason, or back, with NULL. */
	void (*feed_changed)(const struct err *why);
};

/* Serves until SIGTERM or SIGINT, then ends every stream cleanly and returns NULL. */
const struct err *hub_run(struct arena *a, const struct hub_settings *settings,
			  const struct hub_feed *feed) must_check;

#endif
