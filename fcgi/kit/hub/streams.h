#ifndef KIT_HUB_STREAMS_H
#define KIT_HUB_STREAMS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "kit/hub/frames.h"
#include "kit/hub/hub.h"
#include "kit/hub/wish.h"

struct records;
struct ring;

/*
 * The crowd of streams: who hears what, and what waits for whom.  A stream goes from OPENING (its
 * request is being read) to JOINING (its head is sent, the account's number is being asked for), by
 * way of REPLAYING (it is told what it missed) to LIVE, and by ENDING to GONE.  A stream that is
 * GONE is freed by crowd_reap at the end of the turn, so that no list changes under a loop over it.
 */
enum stream_state { OPENING, JOINING, REPLAYING, LIVE, ENDING, GONE };

struct stream {
	int fd;
	enum stream_state state;
	bool missed;    /* an event did not fit: `overflow` is due when the ring has drained */
	bool parted;    /* the end of the request has been written */
	int64_t until;  /* unix seconds: the end of the permission, or of our patience while OPENING
			   or ENDING */
	int64_t at;     /* the account's number when the permission was given */
	int64_t cursor; /* told up to here, while JOINING or REPLAYING */
	struct account *account;
	struct stream *next, *prev; /* in the account, newest first */
	struct stream *next_gone;
	struct records *records; /* while OPENING */
	struct ring *ring;
	struct uuid user, sign_in;
	char topics[WISH_TOPICS + 1];
};

struct account {
	struct uuid id;
	struct account *next;      /* in its bucket */
	struct account *next_todo; /* in the list of those to be asked about */
	struct stream *streams;
	int64_t n;    /* how many */
	int64_t last; /* its streams have been told up to here; -1 until it is known */
	bool todo;
};

struct crowd_stats {
	bool feed_is_up;
	int64_t streams, accounts;                           /* now */
	int64_t frames, dropped, overflows, refused, events; /* since the start */
};

#define CROWD_BUCKETS 4096

struct crowd {
	const struct hub_settings *settings;
	int epoll;
	struct stream **by_fd;
	size_t fds;
	struct account *bucket[CROWD_BUCKETS];
	struct account *todo, **todo_tail;
	size_t todo_n;
	struct stream *gone;
	struct frame *heartbeat, *end, *later;
	int64_t ticked; /* seconds of the last crowd_tick */
	struct crowd_stats stats;
};

/* `fds`: no descriptor is as large.  Events of epoll carry the stream. */
struct crowd *crowd_new(const struct hub_settings *settings, int epoll, size_t fds);
void crowd_free(struct crowd *c);

/* A new connection, which from now on belongs to the crowd; false where it was closed at once. */
bool crowd_accept(struct crowd *c, int fd);
/* Sends the head and lets the stream in; false where a limit forbids it.  `a` is for the while of
 * the call. */
bool crowd_join(struct crowd *c, struct stream *s, const struct wish *w, struct arena *a);
/* Tells the stream `ready` and where it goes on, once its account's number is known. */
void stream_start(struct crowd *c, struct stream *s, struct arena *a);

/* False where the ring is full. */
bool stream_send(struct crowd *c, struct stream *s, struct frame *f);
void stream_writable(struct crowd *c, struct stream *s);
/* What is due when nothing waits any more: an overflow, the end, or more of the replay. */
void stream_settle(struct crowd *c, struct stream *s);
/* The client must read anew what it shows; from here on it hears what is new. */
void stream_fall_behind(struct crowd *c, struct stream *s);
void stream_end(struct crowd *c, struct stream *s);  /* after what waits has gone, within seconds */
void stream_kill(struct crowd *c, struct stream *s); /* at once */

/* Marks the account, if anyone hears it, to be asked about. */
void crowd_bell(struct crowd *c, struct uuid account);
void crowd_wake(struct crowd *c, struct account *account);
void crowd_wake_all(struct crowd *c);
/* Takes one off the list; NULL where there is none.  It has streams. */
struct account *crowd_next_todo(struct crowd *c);

/* Heartbeats and ends that are due; `seconds` is a clock that only grows. */
void crowd_tick(struct crowd *c, int64_t seconds);
void crowd_end_all(struct crowd *c);
void crowd_reap(struct crowd *c);

#endif
