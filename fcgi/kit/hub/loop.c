/* The one loop of the hub: sockets, the feed, the clock and the signal to stop; see hub.h. */
#include "kit/hub/hub.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "kit/base/arena.h"
#include "kit/hub/catchup.h"
#include "kit/hub/door.h"
#include "kit/hub/streams.h"
#include "kit/net/listen.h"

#define TURN_ARENA                                                                                 \
	((size_t)1024 * 1024 * 1024) /* a limit, not a size: HUB_NEWS_MAX large events             \
				      */
#define EVENTS        256
#define ACCEPT_MOST   64 /* in one turn, so that those who are here are served too */
#define FDS_SPARE     64 /* for what is no stream */
#define LEAVE_SECONDS 5

struct hub {
	const struct hub_settings *settings;
	const struct hub_feed *feed;
	struct crowd *crowd;
	struct arena *a; /* of this turn */
	struct listener door;
	int signals, epoll;
	bool accepting; /* the listener is being watched */
	int feed_fd, generation;
	bool feed_is_up;
	int64_t next_poll, next_heal, next_tick; /* microseconds of clock_mono */
	int64_t leave_by;                        /* 0 until the signal to stop */
};

static const struct err *failed(struct arena *a, const char *what, const char *name)
{
	return ERR(a, ERR_INTERNAL, "%s %s: %s", what, name, strerror(errno));
}

static void watch(struct hub *h, int op, int fd, uint32_t events)
{
	/* Streams are pointed at by themselves, the others by their field of the hub. */
	struct epoll_event event = { .events = events };

	if (fd == h->door.fd)
		event.data.ptr = &h->door.fd;
	else if (fd == h->signals)
		event.data.ptr = &h->signals;
	else
		event.data.ptr = &h->feed_fd;
	epoll_ctl(h->epoll, op, fd, &event);
}

static const struct err *catch_signals(struct hub *h)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	sigprocmask(SIG_BLOCK, &set, NULL);
	h->signals = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
	return h->signals < 0 ? failed(h->a, "catch", "signals") : NULL;
}

/* As many descriptors as the system gives, and never more streams than that. */
static size_t descriptors(const struct hub_settings *settings)
{
	struct rlimit limit = { 1024, 1024 };
	size_t wanted = (size_t)settings->max_streams + FDS_SPARE;

	if (getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < limit.rlim_max) {
		limit.rlim_cur = limit.rlim_max;
		if (setrlimit(RLIMIT_NOFILE, &limit))
			getrlimit(RLIMIT_NOFILE, &limit);
	}
	/* The feed must be able to connect again however many streams there are. */
	return limit.rlim_cur < wanted + FDS_SPARE ? (size_t)limit.rlim_cur - FDS_SPARE : wanted;
}

static const struct err *start(struct hub *h)
{
	TRY(listen_open(h->a, h->settings->socket, 4096, &h->door));
	TRY(catch_signals(h));
	h->epoll = epoll_create1(EPOLL_CLOEXEC);
	if (h->epoll < 0)
		return failed(h->a, "make", "epoll");
	watch(h, EPOLL_CTL_ADD, h->signals, EPOLLIN);
	watch(h, EPOLL_CTL_ADD, h->door.fd, EPOLLIN);
	h->accepting = true;
	h->crowd = crowd_new(h->settings, h->epoll, descriptors(h->settings));
	return NULL;
}

static void stop(struct hub *h)
{
	if (h->crowd)
		crowd_free(h->crowd);
	listen_close(&h->door);
	if (h->signals >= 0)
		close(h->signals);
	if (h->epoll >= 0)
		close(h->epoll);
	arena_free(h->a);
}

/* With no descriptor left the listener rests until the next tick, lest it wake us in vain. */
static void accept_some(struct hub *h)
{
	for (int at = 0; at < ACCEPT_MOST; at++) {
		int fd = accept4(h->door.fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);

		if (fd >= 0) {
			crowd_accept(h->crowd, fd);
			continue;
		}
		if (errno != EAGAIN && errno != EINTR && errno != ECONNABORTED) {
			watch(h, EPOLL_CTL_DEL, h->door.fd, 0);
			h->accepting = false;
		}
		return;
	}
}

static void begin_to_leave(struct hub *h)
{
	struct signalfd_siginfo ignored;

	while (read(h->signals, &ignored, sizeof(ignored)) > 0)
		;
	if (h->leave_by)
		return;
	h->leave_by = clock_mono() + LEAVE_SECONDS * CLOCK_SECOND;
	listen_close(&h->door);
	h->accepting = false;
	crowd_end_all(h->crowd);
}

static void take_event(struct hub *h, const struct epoll_event *event)
{
	struct stream *s = event->data.ptr;

	if (event->data.ptr == &h->door.fd) {
		if (h->accepting)
			accept_some(h);
	} else if (event->data.ptr == &h->signals) {
		begin_to_leave(h);
	} else if (event->data.ptr != &h->feed_fd) {
		if (event->events & EPOLLOUT)
			stream_writable(h->crowd, s);
		if (event->events & ~(uint32_t)EPOLLOUT)
			door_readable(h->crowd, s, h->a);
	}
}

static void set_feed(struct hub *h, const struct err *why)
{
	bool up = !why;

	if (up != h->feed_is_up)
		h->settings->feed_changed(why);
	h->feed_is_up = up;
	h->crowd->stats.feed_is_up = up;
}

/* On a new connection nobody knows which bells were missed. */
static void follow_feed(struct hub *h)
{
	const struct hub_feed *feed = h->feed;
	struct uuid account;

	while (feed->bell(h->a, feed->self, &account))
		crowd_bell(h->crowd, account);
	if (feed->generation(feed->self) == h->generation)
		return;
	h->generation = feed->generation(feed->self);
	h->feed_fd = feed->fd(feed->self);
	if (h->feed_fd >= 0)
		watch(h, EPOLL_CTL_ADD, h->feed_fd, EPOLLIN);
	crowd_wake_all(h->crowd);
}

/* Streams stay while the feed is away; once a second it is tried again. */
static void consult_feed(struct hub *h, int64_t now)
{
	const struct hub_feed *feed = h->feed;
	const struct err *e = NULL;

	follow_feed(h);
	if (!h->feed_is_up && now < h->next_heal)
		return;
	if (now >= h->next_poll || !h->feed_is_up)
		crowd_wake_all(h->crowd);
	if (now >= h->next_poll)
		h->next_poll = now + h->settings->poll_ms * 1000;
	h->next_heal = now + CLOCK_SECOND;
	if (feed->fd(feed->self) < 0 || !h->feed_is_up)
		e = feed->heal(h->a, feed->self);
	if (!e && h->crowd->todo)
		e = crowd_catch_up(h->crowd, h->a, feed);
	set_feed(h, e);
	follow_feed(h); /* a bell may have come in with the answers */
}

static void tick(struct hub *h, int64_t now)
{
	if (now < h->next_tick)
		return;
	h->next_tick = now + CLOCK_SECOND;
	crowd_tick(h->crowd, now / CLOCK_SECOND);
	if (!h->accepting && h->door.fd >= 0) {
		watch(h, EPOLL_CTL_ADD, h->door.fd, EPOLLIN);
		h->accepting = true;
	}
}

static int patience_ms(const struct hub *h)
{
	int64_t now = clock_mono();
	int64_t until = h->feed_is_up ? h->next_poll : h->next_heal;

	if (h->feed_is_up && h->crowd->todo)
		return 0;
	if (until > h->next_tick)
		until = h->next_tick;
	return until <= now ? 0 : (int)((until - now) / 1000 + 1);
}

static void turn(struct hub *h)
{
	struct epoll_event events[EVENTS];
	int n = epoll_wait(h->epoll, events, EVENTS, patience_ms(h));
	int64_t now = clock_mono();

	for (int at = 0; at < n; at++)
		take_event(h, &events[at]);
	consult_feed(h, now);
	tick(h, now);
	crowd_reap(h->crowd);
	arena_reset(h->a);
}

static bool is_over(const struct hub *h)
{
	return h->leave_by && (h->crowd->stats.streams == 0 || clock_mono() > h->leave_by);
}

const struct err *hub_run(struct arena *a, const struct hub_settings *settings,
			  const struct hub_feed *feed)
{
	struct hub h = { .settings = settings,
			 .feed = feed,
			 .a = a,
			 .door = LISTENER_NONE,
			 .signals = -1,
			 .epoll = -1,
			 .feed_fd = -1,
			 .generation = -1 };
	const struct err *e = start(&h);

	h.a = arena_new(TURN_ARENA);
	while (!e && !is_over(&h))
		turn(&h);
	stop(&h);
	return e;
}
