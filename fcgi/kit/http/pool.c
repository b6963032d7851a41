/* The parent of the workers; see pool.h. */
#include "kit/http/pool.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "kit/base/arena.h"
#include "kit/base/buf.h"
#include "kit/base/clock.h"
#include "kit/base/log.h"
#include "kit/http/upgrade.h"
#include "kit/net/listen.h"

#define TICK_MS      200
#define EARLY_MAX    10 /* deaths of children that never came to serve, within ... */
#define EARLY_SPAN   (10 * CLOCK_SECOND)
#define EARLY_PAUSE  (5 * CLOCK_SECOND)
#define STARTING_MAX 2 /* at once, lest they keep one another from being the first to serve */
#define RENEW_PAUSE  (CLOCK_SECOND / 4) /* from one to the next, for the children to come */
#define NAMES_MAX    65536              /* of all children, in words */

struct pool_beat {
	const struct parent
		*parent; /* the same address in every child, with beats that all share */
	int bell;        /* an eventfd that wakes the parent */
	_Atomic bool ready, retiring;
	_Atomic int64_t alive_us, busy_us; /* when last heard of; since when busy, or 0 */
	char request_id[64], route[128];   /* read by the parent when the child is dead */
};

#define ADOPTED 0 /* of the program before this one: its beat is not ours to hear */

struct child {
	struct pool_beat *beat;
	pid_t pid;           /* 0: a free place */
	unsigned generation; /* ADOPTED, or the crew's when it was forked */
	int64_t told_us;     /* when first sent SIGTERM, or 0 */
	const char *killed;  /* why, where it was by us */
};

/* A pool as the parent sees it. */
struct crew {
	const struct pool_settings *is;
	struct listener listener;
	struct child *children; /* one place more than workers, for a successor, and the adopted */
	size_t places;
	unsigned generation;
	int early; /* deaths before they could serve, since early_us */
	int64_t early_us, resume_us;
};

struct parent {
	const struct pool_host *host;
	struct arena *arena;
	struct crew *crews;
	struct upgrade upgrade;
	pid_t pid;
	int signal_fd, bell_fd;
	int64_t seen_us, renewed_us;
	bool stopping, renewal; /* is wished for */
};

/* ---- what a child tells */

void *pool_shared(size_t size)
{
	void *p = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (p == MAP_FAILED) {
		perror("shared memory");
		abort();
	}
	return p;
}

static void ring(struct pool_beat *b)
{
	eventfd_write(b->bell, 1);
}

void pool_idle(struct pool_beat *b)
{
	b->busy_us = 0;
	b->alive_us = clock_mono();
}

void pool_ready(struct pool_beat *b)
{
	pool_idle(b);
	b->ready = true;
	ring(b);
}

void pool_retire(struct pool_beat *b)
{
	if (!b->retiring) {
		b->retiring = true;
		ring(b);
	}
}

/* Of a page's path the first word and no more: later ones may be the secret of a link. */
static struct str told_path(struct str path)
{
	const char *slash = path.n > 1 ? memchr(path.p + 1, '/', path.n - 1) : NULL;

	return slash && !str_starts(path, STR("/api/")) ? str_first(path, (size_t)(slash - path.p))
							: path;
}

void pool_busy(struct pool_beat *b, struct str request_id, struct str path)
{
	b->alive_us = b->busy_us = clock_mono();
	snprintf(b->request_id, sizeof(b->request_id), "%.*s", STR_ARG(str_first(request_id, 63)));
	snprintf(b->route, sizeof(b->route), "%.*s", STR_ARG(str_first(told_path(path), 127)));
}

struct pool_count pool_count(const struct pool_beat *b, size_t pool)
{
	const struct crew *c = &b->parent->crews[pool];
	struct pool_count count = { 0 };

	for (size_t at = 0; at < c->places; at++) {
		const struct pool_beat *beat = c->children[at].beat;

		count.ready += beat->ready;
		count.busy += beat->ready && beat->busy_us;
	}
	return count;
}

/* ---- children */

static _Noreturn void live(const struct parent *p, const struct crew *c, const struct child *me)
{
	struct sigaction ignore = { .sa_handler = SIG_IGN };
	sigset_t parents;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != p->pid)
		_exit(EXIT_FAILURE);
	sigaction(SIGINT, &ignore,
		  NULL); /* a terminal sends it to all, and people do; the parent sees to it */
	sigaction(SIGHUP, &ignore, NULL);
	sigaction(SIGUSR2, &ignore, NULL);
	sigemptyset(&parents);
	sigaddset(&parents, SIGINT);
	sigaddset(&parents, SIGHUP);
	sigaddset(&parents, SIGUSR2);
	sigaddset(&parents, SIGCHLD);
	sigprocmask(SIG_UNBLOCK, &parents, NULL);
	close(p->signal_fd);
	for (size_t at = 0; at < p->host->npools; at++) {
		close(p->crews[at].listener.lock);
		if (&p->crews[at] != c)
			close(p->crews[at].listener.fd);
	}
	exit(c->is->run(c->is->ctx, c->listener.fd, me->beat));
}

static struct child *free_place(struct crew *c)
{
	for (size_t at = 0; at < c->places; at++)
		if (c->children[at].pid == 0)
			return &c->children[at];
	return NULL;
}

static bool spawn(struct parent *p, struct crew *c)
{
	struct child *child = free_place(c);
	struct pool_beat *beat = child ? child->beat : NULL;
	int64_t now = clock_mono();

	if (!child || now < c->resume_us)
		return false;
	*beat = (struct pool_beat){ .parent = p, .bell = p->bell_fd, .alive_us = now };
	*child = (struct child){ .beat = beat, .generation = c->generation };
	fflush(NULL); /* or both would write what is left in a buffer */
	child->pid = fork();
	if (child->pid == 0)
		live(p, c, child);
	if (child->pid > 0)
		return true;
	log_note(LOG_ERROR, "fork_failed", "%s: %s", c->is->name, strerror(errno));
	child->pid = 0;
	c->resume_us = now + CLOCK_SECOND;
	return false;
}

static void tell_to_go(struct child *child)
{
	if (!child->told_us)
		child->told_us = clock_mono();
	kill(child->pid, SIGTERM);
}

static void kill_child(struct child *child, const char *why)
{
	if (!child->killed)
		kill(child->pid, SIGKILL);
	child->killed = why;
}

static void count_early_death(struct crew *c, int64_t now)
{
	if (now - c->early_us > EARLY_SPAN) {
		c->early_us = now;
		c->early = 0;
	}
	if (++c->early <= EARLY_MAX)
		return;
	c->early = 0;
	c->resume_us = now + EARLY_PAUSE;
	log_note(LOG_ERROR, "alarm",
		 "pool %s: its workers die before they can serve; next try in %d s", c->is->name,
		 (int)(EARLY_PAUSE / CLOCK_SECOND));
}

/* The child is dead and writes no more, so what it left in its beat is whole. */
static void report_death(const struct crew *c, const struct child *child, int status)
{
	bool well = WIFEXITED(status) && WEXITSTATUS(status) == 0;
	struct log l = log_begin(well ? LOG_INFO : LOG_ERROR, well ? "worker_left" : "worker_died");

	log_str(&l, "pool", str_of(c->is->name));
	log_int(&l, "pid", child->pid);
	if (WIFSIGNALED(status))
		log_int(&l, "signal", WTERMSIG(status));
	else
		log_int(&l, "status", WEXITSTATUS(status));
	log_str(&l, "killed", str_of(child->killed));
	if (child->beat->busy_us) {
		log_str(&l, "request_id", str_of(child->beat->request_id));
		log_str(&l, "route", str_of(child->beat->route));
		log_int(&l, "busy_ms", (clock_mono() - child->beat->busy_us) / 1000);
	}
	log_end(&l);
}

static void reap(struct crew *c)
{
	int64_t now = clock_mono();

	for (size_t at = 0; at < c->places; at++) {
		struct child *child = &c->children[at];
		int status;

		if (!child->pid || waitpid(child->pid, &status, WNOHANG) != child->pid)
			continue;
		report_death(c, child, status);
		if (!child->told_us && !child->beat->ready)
			count_early_death(c, now);
		child->pid = 0;
		child->beat->ready = false;
		child->beat->busy_us = 0;
	}
}

/* Kills the hung, and those that do not go when told; tells the others again, should a signal have
 * been lost. */
static void watch_over(const struct parent *p, struct crew *c)
{
	int64_t now = clock_mono(), hang = c->is->hang_seconds * CLOCK_SECOND;
	int64_t drain = p->host->drain_seconds * CLOCK_SECOND;
	bool slept = now - p->seen_us > 2 * CLOCK_SECOND; /* we all did: that is nobody's silence */

	for (size_t at = 0; at < c->places; at++) {
		struct child *child = &c->children[at];

		if (!child->pid)
			continue;
		if (slept || child->generation == ADOPTED)
			child->beat->alive_us = now;
		if (now - child->beat->alive_us > hang)
			kill_child(child, "hung");
		else if (child->told_us && now - child->told_us > drain)
			kill_child(child, "would not go");
		else if (child->told_us)
			tell_to_go(child);
	}
}

/* One step towards as many children as there should be, all of the newest generation. */
static void keep_up(struct parent *p, struct crew *c)
{
	struct child *old = NULL;
	int serving = 0, ready = 0;

	for (size_t at = 0; at < c->places; at++) {
		struct child *child = &c->children[at];

		if (!child->pid || child->told_us)
			continue;
		serving++;
		ready += child->beat->ready;
		if (child->generation != c->generation || child->beat->retiring)
			old = child;
	}
	while (serving < c->is->workers && serving - ready < STARTING_MAX && spawn(p, c))
		serving++;
	if (old && serving == c->is->workers)
		spawn(p, c); /* its successor, as soon as there is a place */
	else if (old && ready > c->is->workers)
		tell_to_go(old);
}

/* ---- the parent */

static void begin_stop(struct parent *p)
{
	if (p->stopping)
		return;
	p->stopping = true;
	upgrade_give_up(&p->upgrade);
	log_note(LOG_INFO, "stopping", "workers finish what they have in hand");
	for (size_t at = 0; at < p->host->npools; at++) {
		struct crew *c = &p->crews[at];

		listen_close(&c->listener);
		for (size_t place = 0; place < c->places; place++)
			if (c->children[place].pid)
				tell_to_go(&c->children[place]);
	}
}

static void renew(struct parent *p)
{
	for (size_t at = 0; at < p->host->npools; at++)
		p->crews[at].generation++;
	log_note(LOG_INFO, "renewing", "workers are replaced one by one");
}

/* Wishes that come faster than they are fulfilled are one, and between them children have a turn.
 */
static void renew_in_time(struct parent *p)
{
	if (!p->renewal || p->stopping || clock_mono() - p->renewed_us < RENEW_PAUSE)
		return;
	p->renewal = false;
	if (!p->host->reload || p->host->reload(p->host->ctx))
		renew(p);
	p->renewed_us = clock_mono();
}

/* Returns where the new program can't be begun. */
static void give_place(struct parent *p)
{
	const struct listener **listeners =
		ARENA_ARRAY(p->arena, const struct listener *, p->host->npools);
	struct buf children = buf_new(p->arena, NAMES_MAX);

	for (size_t at = 0; at < p->host->npools; at++) {
		const struct crew *c = &p->crews[at];

		listeners[at] = &c->listener;
		for (size_t place = 0; place < c->places; place++)
			if (c->children[place].pid)
				upgrade_name(&children, c->is->name, c->children[place].pid);
	}
	listen_hand_over(listeners, p->host->npools);
	upgrade_become(&p->upgrade, str_cstr(p->arena, buf_str(&children)));
}

static void take_signals(struct parent *p)
{
	struct signalfd_siginfo signal;

	while (read(p->signal_fd, &signal, sizeof(signal)) == (ssize_t)sizeof(signal)) {
		if (signal.ssi_signo == SIGTERM || signal.ssi_signo == SIGINT)
			begin_stop(p);
		else if (signal.ssi_signo == SIGHUP)
			p->renewal = true;
		else if (signal.ssi_signo == SIGUSR2 && !p->stopping)
			upgrade_try(&p->upgrade);
	}
}

static void wait_for_news(struct parent *p)
{
	struct pollfd fds[] = { { .fd = p->signal_fd, .events = POLLIN },
				{ .fd = p->bell_fd, .events = POLLIN } };
	eventfd_t rung;

	poll(fds, 2, TICK_MS);
	eventfd_read(p->bell_fd, &rung);
	take_signals(p);
	renew_in_time(p);
}

static bool anyone_left(const struct parent *p)
{
	for (size_t at = 0; at < p->host->npools; at++)
		for (size_t place = 0; place < p->crews[at].places; place++)
			if (p->crews[at].children[place].pid)
				return true;
	return false;
}

static void supervise(struct parent *p)
{
	p->seen_us = clock_mono();
	while (!p->stopping || anyone_left(p)) {
		for (size_t at = 0; at < p->host->npools; at++) {
			reap(&p->crews[at]);
			watch_over(p, &p->crews[at]);
			if (!p->stopping)
				keep_up(p, &p->crews[at]);
		}
		if (upgrade_passed(&p->upgrade) && !p->stopping)
			give_place(p);
		p->seen_us = clock_mono();
		if (!p->stopping || anyone_left(p))
			wait_for_news(p);
	}
}

/* Blocked before the first fork, so that none is lost and a child begins with SIGTERM blocked. */
static void open_signals(struct parent *p, sigset_t *before)
{
	sigset_t mine;

	sigemptyset(&mine);
	sigaddset(&mine, SIGTERM);
	sigaddset(&mine, SIGINT);
	sigaddset(&mine, SIGHUP);
	sigaddset(&mine, SIGUSR2);
	sigaddset(&mine, SIGCHLD);
	sigprocmask(SIG_BLOCK, &mine, before);
	signal(SIGPIPE, SIG_IGN); /* a log that nobody reads any more ends nothing */
	p->signal_fd = signalfd(-1, &mine, SFD_NONBLOCK | SFD_CLOEXEC);
	p->bell_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
}

static void plan_crew(struct arena *a, struct crew *c, const struct pool_settings *is)
{
	pid_t *left;
	size_t nleft = upgrade_left(a, is->name, &left);
	struct pool_beat *beats;

	c->is = is;
	c->listener = LISTENER_NONE;
	c->generation = ADOPTED + 1;
	c->places = (size_t)is->workers + 1 + nleft;
	c->children = ARENA_ARRAY(a, struct child, c->places);
	beats = pool_shared(c->places * sizeof(*beats));
	for (size_t at = 0; at < c->places; at++)
		c->children[at].beat = &beats[at];
	for (size_t at = 0; at < nleft; at++) {
		c->children[at].pid = left[at];
		beats[at].ready = true;
	}
}

static void leave(struct parent *p, const sigset_t *before)
{
	for (size_t at = 0; at < p->host->npools; at++) {
		struct crew *c = &p->crews[at];

		listen_close(&c->listener);
		munmap(c->children[0].beat, c->places * sizeof(struct pool_beat));
	}
	close(p->signal_fd);
	close(p->bell_fd);
	sigprocmask(SIG_SETMASK, before, NULL);
}

const struct err *pool_run(struct arena *a, const struct pool_host *host)
{
	struct parent p = {
		.host = host,
		.arena = a,
		.upgrade = { .trial = host->trial, .command = host->command },
		.pid = getpid(),
	};
	const struct err *failed = NULL;
	sigset_t before;

	p.crews = ARENA_ARRAY(a, struct crew, host->npools);
	for (size_t at = 0; at < host->npools; at++)
		plan_crew(a, &p.crews[at], &host->pools[at]);
	for (size_t at = 0; at < host->npools && !failed; at++)
		if (host->pools[at].socket_path)
			failed = listen_open(a, host->pools[at].socket_path,
					     host->pools[at].backlog, &p.crews[at].listener);
	open_signals(&p, &before);
	if (!failed)
		supervise(&p);
	leave(&p, &before);
	return failed;
}
