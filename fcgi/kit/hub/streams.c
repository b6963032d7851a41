/* The crowd of streams, their states and their limits; see streams.h.  What they are told is in
 * catchup.c. */
#include "kit/hub/streams.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "kit/base/arena.h"
#include "kit/hub/memory.h"
#include "kit/hub/records.h"
#include "kit/hub/ring.h"

#define REPLAY_MAX      500 /* one who missed more is told to read anew */
#define OPENING_SECONDS 10
#define ENDING_SECONDS  3 /* with the tick's one, a stream is gone in four */

static int64_t unix_seconds(void)
{
	return clock_now().us / CLOCK_SECOND;
}

struct crowd *crowd_new(const struct hub_settings *settings, int epoll, size_t fds)
{
	struct crowd *c = hub_alloc(sizeof(*c));

	c->settings = settings;
	c->epoll = epoll;
	c->fds = fds;
	c->by_fd = hub_alloc(fds * sizeof(*c->by_fd));
	c->todo_tail = &c->todo;
	c->heartbeat = frame_text(STR(": still here\n\n"));
	c->later = frame_text(STR("retry: 60000\n\n"));
	c->end = frame_end();
	c->ticked = clock_mono() / CLOCK_SECOND;
	return c;
}

void crowd_free(struct crowd *c)
{
	for (size_t at = 0; at < c->fds; at++) {
		if (c->by_fd[at])
			stream_kill(c, c->by_fd[at]);
	}
	crowd_reap(c);
	while (crowd_next_todo(c))
		;
	frame_drop(c->heartbeat);
	frame_drop(c->later);
	frame_drop(c->end);
	free(c->by_fd);
	free(c);
}

/* Accounts. */

static struct account **find_account(struct crowd *c, struct uuid id)
{
	uint32_t hash = 2166136261u;
	struct account **at;

	for (const char *p = id.text; *p; p++)
		hash = (hash ^ (unsigned char)*p) * 16777619u;
	at = &c->bucket[hash % CROWD_BUCKETS];
	while (*at && !uuid_eq((*at)->id, id))
		at = &(*at)->next;
	return at;
}

static struct account *need_account(struct crowd *c, struct uuid id)
{
	struct account **at = find_account(c, id);

	if (!*at) {
		*at = hub_alloc(sizeof(**at));
		(*at)->id = id;
		(*at)->last = -1;
		c->stats.accounts++;
	}
	return *at;
}

/* One on the to-do list is freed when it is taken off. */
static void free_if_empty(struct crowd *c, struct account *account)
{
	struct account **at;

	if (account->streams || account->todo)
		return;
	at = find_account(c, account->id);
	*at = account->next;
	c->stats.accounts--;
	free(account);
}

void crowd_wake(struct crowd *c, struct account *account)
{
	if (account->todo)
		return;
	account->todo = true;
	account->next_todo = NULL;
	*c->todo_tail = account;
	c->todo_tail = &account->next_todo;
	c->todo_n++;
}

void crowd_bell(struct crowd *c, struct uuid account)
{
	struct account *found = *find_account(c, account);

	if (found)
		crowd_wake(c, found);
}

void crowd_wake_all(struct crowd *c)
{
	for (size_t at = 0; at < CROWD_BUCKETS; at++) {
		for (struct account *account = c->bucket[at]; account; account = account->next)
			crowd_wake(c, account);
	}
}

struct account *crowd_next_todo(struct crowd *c)
{
	while (c->todo) {
		struct account *account = c->todo;

		c->todo = account->next_todo;
		if (!c->todo)
			c->todo_tail = &c->todo;
		c->todo_n--;
		account->todo = false;
		if (account->streams)
			return account;
		free_if_empty(c, account);
	}
	return NULL;
}

/* Streams. */

/* Room in the socket is waited for only while something waits for it. */
static void watch(struct crowd *c, struct stream *s, bool waited)
{
	struct epoll_event event = { .events = EPOLLIN | EPOLLRDHUP, .data.ptr = s };

	if (waited == (s->ring != NULL))
		return;
	if (s->ring)
		event.events |= EPOLLOUT;
	if (epoll_ctl(c->epoll, EPOLL_CTL_MOD, s->fd, &event))
		stream_kill(c, s);
}

bool crowd_accept(struct crowd *c, int fd)
{
	struct epoll_event event = { .events = EPOLLIN | EPOLLRDHUP };
	struct stream *s;

	if ((size_t)fd >= c->fds) {
		close(fd);
		return false;
	}
	s = hub_alloc(sizeof(*s));
	event.data.ptr = s;
	if (epoll_ctl(c->epoll, EPOLL_CTL_ADD, fd, &event)) {
		close(fd);
		free(s);
		return false;
	}
	if (c->settings->send_buffer)
		setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &c->settings->send_buffer, sizeof(int));
	s->fd = fd;
	s->until = unix_seconds() + OPENING_SECONDS;
	s->records = records_new();
	c->by_fd[fd] = s;
	c->stats.streams++;
	return true;
}

void stream_kill(struct crowd *c, struct stream *s)
{
	if (s->state == GONE)
		return;
	s->state = GONE;
	s->next_gone = c->gone;
	c->gone = s;
}

bool stream_send(struct crowd *c, struct stream *s, struct frame *f)
{
	bool waited = s->ring != NULL;

	switch (ring_push(&s->ring, s->fd, f)) {
	case RING_OK:
		c->stats.frames++;
		watch(c, s, waited);
		return true;
	case RING_FULL:
		return false;
	case RING_LOST:
		stream_kill(c, s);
		break;
	}
	return true;
}

static void send_overflow(struct crowd *c, struct stream *s)
{
	int64_t from = s->state == REPLAYING ? s->cursor : s->account->last;
	char text[80];
	int n = snprintf(text, sizeof(text), "id: %lld\nevent: overflow\ndata: {}\n\n",
			 (long long)from);
	struct frame *f = frame_text((struct str){ text, (size_t)n });

	stream_send(c, s, f);
	frame_drop(f);
	s->missed = false;
	c->stats.overflows++;
}

void stream_settle(struct crowd *c, struct stream *s)
{
	if (!s->ring && s->state != GONE && s->missed)
		send_overflow(c, s);
	if (s->ring || s->state == GONE)
		return;
	if (s->state == REPLAYING)
		crowd_wake(c, s->account);
	if (s->state == ENDING && !s->parted) {
		s->parted = true;
		stream_send(c, s, c->end);
	}
	if (s->parted && !s->ring)
		stream_kill(c, s);
}

void stream_writable(struct crowd *c, struct stream *s)
{
	bool waited = s->ring != NULL;

	if (s->state == GONE)
		return;
	if (ring_flush(&s->ring, s->fd) != RING_OK)
		stream_kill(c, s);
	watch(c, s, waited);
	stream_settle(c, s);
}

void stream_fall_behind(struct crowd *c, struct stream *s)
{
	s->state = LIVE;
	s->missed = true;
	stream_settle(c, s);
}

void stream_end(struct crowd *c, struct stream *s)
{
	if (s->state >= ENDING)
		return;
	s->state = ENDING;
	s->until = unix_seconds() + ENDING_SECONDS;
	stream_settle(c, s);
}

/* That nobody may store it the worker has said.  The moments of coming back are spread over three
 * seconds. */
static void send_head(struct crowd *c, struct stream *s, struct arena *a)
{
	struct frame *f = frame_text(str_fmt(a,
					     "Status: 200 OK\r\nContent-Type: text/event-stream\r\n"
					     "X-Accel-Buffering: no\r\n\r\n"
					     "retry: %d\n\n",
					     2000 + (int)(c->stats.frames * 997 % 3001)));

	stream_send(c, s, f);
	frame_drop(f);
}

static void link_stream(struct account *account, struct stream *s)
{
	s->account = account;
	s->next = account->streams;
	if (s->next)
		s->next->prev = s;
	account->streams = s;
	account->n++;
}

static void unlink_stream(struct stream *s)
{
	if (s->prev)
		s->prev->next = s->next;
	else
		s->account->streams = s->next;
	if (s->next)
		s->next->prev = s->prev;
	s->account->n--;
}

/* The oldest goes, and is asked to stay away for a while lest one tab too many chase the others in
 * a circle. */
static void keep_user_limit(struct crowd *c, const struct stream *newest)
{
	struct stream *oldest = NULL;
	int64_t n = 0;

	for (struct stream *s = newest->account->streams; s; s = s->next) {
		if (s->state < ENDING && uuid_eq(s->user, newest->user)) {
			oldest = s;
			n++;
		}
	}
	if (!oldest || n <= c->settings->max_per_user)
		return;
	stream_send(c, oldest, c->later);
	stream_end(c, oldest);
}

bool crowd_join(struct crowd *c, struct stream *s, const struct wish *w, struct arena *a)
{
	struct account *account;

	if (c->stats.streams > c->settings->max_streams)
		return false;
	account = *find_account(c, w->account);
	if (account && account->n >= c->settings->max_per_account)
		return false;
	account = need_account(c, w->account);
	link_stream(account, s);
	s->state = JOINING;
	s->user = w->user;
	s->sign_in = w->sign_in;
	s->until = w->until;
	s->at = w->at;
	s->cursor = w->last < 0 ? w->at : w->last;
	memcpy(s->topics, w->topics, sizeof(s->topics));
	crowd_wake(c, account);
	send_head(c, s, a);
	if (s->until <= unix_seconds())
		stream_end(c, s);
	keep_user_limit(c, s);
	return true;
}

static void send_ready(struct crowd *c, struct stream *s, int64_t seq, struct arena *a)
{
	struct str now = clock_rfc3339(a, clock_now());
	struct str data = str_fmt(a, "{\"account_id\":\"%s\",\"server_time\":\"%.*s\"}",
				  s->account->id.text, STR_ARG(now));
	struct frame *f = frame_event(a, seq, STR("ready"), data);

	stream_send(c, s, f);
	frame_drop(f);
}

static bool can_go_on(const struct stream *s, int64_t from)
{
	return from <= s->account->last && s->account->last - from <= REPLAY_MAX;
}

/*
 * `ready` carries a number too: the browser sends it back even if nothing has happened until it has
 * to come again, and so misses nothing in between.  Whoever missed too much, or comes with a number
 * of another life of the database, reads anew and hears what came since the permission, which may
 * be the end of it.
 */
void stream_start(struct crowd *c, struct stream *s, struct arena *a)
{
	if (!can_go_on(s, s->at)) {
		stream_end(c, s); /* that permission is of another time */
		return;
	}
	if (!can_go_on(s, s->cursor)) {
		s->cursor = s->at;
		s->missed = true;
	}
	send_ready(c, s, s->cursor, a);
	if (s->state == GONE)
		return;
	s->state = s->cursor == s->account->last ? LIVE : REPLAYING;
	stream_settle(c, s);
}

static bool heartbeat_is_due(const struct crowd *c, int fd, int64_t seconds)
{
	return (seconds - fd % c->settings->heartbeat_seconds) % c->settings->heartbeat_seconds <
	       seconds - c->ticked;
}

static void tick_stream(struct crowd *c, struct stream *s, bool heartbeat, int64_t now)
{
	if (now >= s->until) {
		if (s->state == OPENING || s->state == ENDING)
			stream_kill(c, s);
		else
			stream_end(c, s);
	} else if (heartbeat && !s->ring &&
		   (s->state == JOINING || s->state == REPLAYING || s->state == LIVE)) {
		stream_send(c, s, c->heartbeat);
	}
}

void crowd_tick(struct crowd *c, int64_t seconds)
{
	int64_t now = unix_seconds();

	for (size_t fd = 0; fd < c->fds; fd++) {
		if (c->by_fd[fd])
			tick_stream(c, c->by_fd[fd], heartbeat_is_due(c, (int)fd, seconds), now);
	}
	c->ticked = seconds;
}

void crowd_end_all(struct crowd *c)
{
	for (size_t fd = 0; fd < c->fds; fd++) {
		struct stream *s = c->by_fd[fd];

		if (s && s->state == OPENING)
			stream_kill(c, s);
		else if (s)
			stream_end(c, s);
	}
}

/* What the client still sent is read first: closing over unread bytes would be a reset to the other
 * side. */
static void close_quietly(int fd)
{
	char unread[512];

	for (int at = 0; at < 16 && recv(fd, unread, sizeof(unread), MSG_DONTWAIT) > 0; at++)
		;
	close(fd);
}

void crowd_reap(struct crowd *c)
{
	while (c->gone) {
		struct stream *s = c->gone;

		c->gone = s->next_gone;
		c->by_fd[s->fd] = NULL;
		c->stats.streams--;
		close_quietly(s->fd);
		ring_free(&s->ring);
		records_free(s->records);
		if (s->account) {
			unlink_stream(s);
			free_if_empty(c, s->account);
		}
		free(s);
	}
}
