/* The parent and its workers under what happens to processes: kills, stops, reloads, a broken
 * release. */
#include "support/suite.h"

#include <fcntl.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "kit/base/log.h"
#include "kit/http/fcgi.h"
#include "kit/http/pool.h"
#include "kit/net/listen.h"
#include "processes.h"
#include "raw_client.h"

/* What the test and the processes below it share. */
struct shared {
	_Atomic int born, reloads, retire_after, reload_us;
	_Atomic bool broken, reload_fails, waits;
};

static struct shared *shared;
static struct pool_settings settings[2];
static struct pool_host host;
static char folder[64], path[80], other_path[80], log_path[80];

/* ---- the program under test: answers the length of the body and its process id */

static void serve(struct fcgi *f, struct arena *a, const struct fcgi_request *r)
{
	if (str_eq(r->path, STR("/hang")))
		for (;;)
			pause();
	if (str_eq(r->path, STR("/spin")))
		for (volatile int at = 0;; at = 1 - at)
			;
	if (str_starts(r->path, STR("/crash")))
		abort();
	if (str_eq(r->path, STR("/slow")))
		usleep(100000);
	fcgi_reply(f, STR("\r\n"), str_fmt(a, "%zu from %d", r->body.n, (int)getpid()));
}

/* Not in the test's arena, which would clear the test's folder away. */
static int run(void *ctx, int listen_fd, struct pool_beat *beat)
{
	const struct fcgi_limits limits = { .body = 100000, .params = 4096 };
	struct arena *lasting = arena_new(65536), *a = arena_new((size_t)1 << 22);
	struct fcgi *f = fcgi_new(lasting, listen_fd);
	struct fcgi_request r;
	enum fcgi_got got;
	bool broken = shared->broken;
	int answered = 0;

	(void)ctx;
	shared->born++;
	while (shared->waits)
		usleep(1000);
	if (!broken)
		pool_ready(beat);
	while (!broken && (got = fcgi_accept(f, a, &limits, 200, &r)) != FCGI_GOT_STOP) {
		if (got == FCGI_GOT_REQUEST) {
			pool_busy(beat, r.request_id, r.path);
			serve(f, a, &r);
			if (shared->retire_after && ++answered >= shared->retire_after)
				pool_retire(beat);
		}
		pool_idle(beat);
		arena_reset(a);
	}
	arena_free(lasting);
	arena_free(a);
	return broken ? 3 : 0;
}

static bool reload(void *ctx)
{
	(void)ctx;
	shared->reloads++;
	usleep((useconds_t)shared->reload_us);
	return !shared->reload_fails;
}

/* ---- around it */

static void remove_folder(void *unused)
{
	(void)unused;
	for (size_t at = 0; at < 2; at++) {
		const char *socket_path = at ? other_path : path;

		unlink(socket_path);
		unlink(str_cstr(arena, str_fmt(arena, "%s.lock", socket_path)));
	}
	unlink(log_path);
	rmdir(folder);
}

/* Two pools: one of `workers` at path, one of a single worker at other_path. */
static void plan(int workers)
{
	suite_folder(folder, sizeof(folder));
	snprintf(path, sizeof(path), "%s/a.sock", folder);
	snprintf(other_path, sizeof(other_path), "%s/b.sock", folder);
	snprintf(log_path, sizeof(log_path), "%s/log", folder);
	shared = pool_shared(sizeof(*shared));
	settings[0] = (struct pool_settings){ .name = "pages",
					      .socket_path = path,
					      .backlog = 1024,
					      .workers = workers,
					      .hang_seconds = 1,
					      .run = run };
	settings[1] = settings[0];
	settings[1].name = "password";
	settings[1].socket_path = other_path;
	settings[1].workers = 1;
	host = (struct pool_host){
		.pools = settings, .npools = 2, .reload = reload, .drain_seconds = 3
	};
	arena_defer(arena, remove_folder, NULL);
}

static pid_t start_parent(void)
{
	pid_t pid = fork();

	if (pid)
		return pid;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	dup2(open(log_path, O_WRONLY | O_CREAT | O_APPEND, 0600), STDERR_FILENO);
	log_setup(LOG_INFO, false, "test");
	setenv("LISTEN_PID", str_cstr(arena, str_fmt(arena, "%d", (int)getpid())), 1);
	_exit(pool_run(arena, &host) ? 9 : 0);
}

static bool log_has(const char *text)
{
	char all[65536];
	FILE *f = fopen(log_path, "re");
	size_t n = f ? fread(all, 1, sizeof(all), f) : 0;

	if (f)
		fclose(f);
	return str_contains((struct str){ all, n }, str_of(text));
}

/* The supervisor may be at it still. */
static bool log_comes(const char *text)
{
	for (int at = 0; at < patient(200) && !log_has(text); at++)
		usleep(10000);
	return log_has(text);
}

static struct str request(const char *uri, struct str body)
{
	char length[24];
	const char *pairs[] = { "DOCUMENT_URI",
				uri,
				"CONTENT_LENGTH",
				length,
				"RF_REQUEST_ID",
				"r7",
				"RF_END",
				"1",
				NULL };

	snprintf(length, sizeof(length), "%zu", body.n);
	return raw_request(arena, pairs, body);
}

static struct str answer(int fd)
{
	struct str got = raw_content(arena, raw_receive(arena, fd, 4000));

	close(fd);
	return got;
}

static struct str ask(const char *socket_path, const char *uri, struct str body)
{
	int fd = raw_connect(socket_path);

	if (fd < 0 || !raw_send(fd, request(uri, body)))
		return STR_NONE;
	return answer(fd);
}

static bool served(struct str content, const char *length)
{
	return str_starts(content, str_fmt(arena, "\r\n%s from ", length));
}

/* Until both pools answer. */
static pid_t started(int workers)
{
	pid_t parent;

	plan(workers);
	parent = start_parent();
	for (int tries = 0; tries < patient(200); tries++) {
		if (served(ask(path, "/", STR("")), "0") &&
		    served(ask(other_path, "/", STR("")), "0"))
			break;
		usleep(10000);
	}
	ck_assert(until_children(parent, workers + 1, NULL, 2000));
	return parent;
}

static int end_of(pid_t parent, int wait_ms)
{
	int status = -1;

	for (int64_t end = clock_mono() + patient(wait_ms) * 1000; clock_mono() < end; usleep(3000))
		if (waitpid(parent, &status, WNOHANG) == parent)
			return WIFEXITED(status) ? WEXITSTATUS(status) : 256;
	return -1;
}

static void stopped(pid_t parent)
{
	struct pids all = children_of(parent);

	kill(parent, SIGTERM);
	ck_assert_int_eq(end_of(parent, 4000), 0);
	for (int at = 0; at < all.n; at++)
		ck_assert_int_eq(kill(all.pid[at], 0), -1);
	ck_assert_int_ne(access(path, F_OK), 0);
	ck_assert_int_ne(access(other_path, F_OK), 0);
}

/* ---- the tests */

START_TEST(serves_until_told_to_stop)
{
	pid_t parent = started(2);
	struct stat is;

	ck_assert_int_eq(stat(path, &is), 0);
	ck_assert_int_eq(is.st_mode & 07777, 0660);
	ck_assert(served(ask(path, "/", STR("hello")), "5"));
	ck_assert(served(ask(other_path, "/", STR("hi")), "2"));
	stopped(parent);
	ck_assert_int_eq(shared->born, 3);
}
END_TEST

/* The bytes before the first record of the body. */
static size_t head_of(struct str all)
{
	size_t at = 0;

	while (all.p[at + 1] != RAW_STDIN)
		at += 8 +
		      ((size_t)(unsigned char)all.p[at + 4] << 8 | (unsigned char)all.p[at + 5]);
	return at;
}

/*
 * libfcgi's own way with signals loses each of these.  Stages: 0 connected, 1 the parameters sent,
 * 2 half of the body sent, and then all workers get SIGTERM, or the parent does.
 */
static void interrupted_at(int stage, bool whole_stop)
{
	char bytes[20480] = { 0 };
	struct str all, body = { bytes, sizeof(bytes) };
	size_t sent;
	pid_t parent = started(2);
	struct pids before = children_of(parent);
	int fd = raw_connect(path);

	all = request("/", body);
	sent = stage == 0 ? 0 : stage == 1 ? head_of(all) : all.n - 10240;
	ck_assert(raw_send(fd, str_first(all, sent)));
	usleep(150000);
	if (whole_stop)
		kill(parent, SIGTERM);
	for (int at = 0; at < before.n && !whole_stop; at++)
		kill(before.pid[at], SIGTERM);
	usleep(150000);
	ck_assert(raw_send(fd, str_skip(all, sent)));
	ck_assert_msg(served(answer(fd), "20480"), "lost at stage %d", stage);
	if (!whole_stop)
		ck_assert(until_children(parent, 3, &before, 2000));
	if (whole_stop)
		ck_assert_int_eq(end_of(parent, 4000), 0);
	else
		stopped(parent);
}

START_TEST(sigterm_loses_no_request_at_any_stage)
{
	for (int stage = 0; stage < 3; stage++) {
		interrupted_at(stage, false);
		remove_folder(NULL);
		interrupted_at(stage, true);
		remove_folder(NULL);
	}
}
END_TEST

START_TEST(a_request_that_breaks_off_leaves_the_worker_alive)
{
	struct str whole = request("/", STR(""));
	pid_t parent = started(1);
	struct pids before = children_of(parent);

	for (size_t cut = 8; cut < whole.n - 8; cut += 7) {
		int fd = raw_connect(path);

		ck_assert(raw_send(fd, str_first(whole, cut)));
		shutdown(fd, SHUT_WR);
		ck_assert_int_eq((int)raw_receive(arena, fd, 1000).n, 0);
		close(fd);
	}
	ck_assert(served(ask(path, "/", STR("hello")), "5"));
	for (int at = 0; at < before.n; at++)
		ck_assert_int_eq(kill(before.pid[at], 0), 0);
	stopped(parent);
}
END_TEST

START_TEST(a_killed_worker_is_replaced_at_once)
{
	pid_t parent = started(2);

	for (int round = 0; round < 24; round++) { /* so many that it could pass for a crash loop */
		struct pids before = children_of(parent),
			    gone = { .n = 1, .pid = { before.pid[0] } };

		kill(before.pid[0], SIGKILL);
		ck_assert(until_children(parent, 3, &gone, 1000));
	}
	ck_assert(log_comes("event=worker_died"));
	stopped(parent);
}
END_TEST

/* The first page is there all the sooner. */
START_TEST(two_of_a_pool_start_at_once)
{
	pid_t parent;

	plan(5);
	shared->waits = true;
	parent = start_parent();
	ck_assert(until_children(parent, 2 + 1, NULL, 1000));
	usleep(100000);
	ck_assert_int_eq(children_of(parent).n, 2 + 1);
	shared->waits = false;
	ck_assert(until_children(parent, 5 + 1, NULL, 1000));
	stopped(parent);
}
END_TEST

START_TEST(a_crash_is_reported_with_its_request)
{
	pid_t parent = started(2);

	ck_assert_ptr_null(ask(path, "/crash", STR("")).p);
	ck_assert(served(ask(path, "/", STR("a")), "1"));
	ck_assert(log_comes("signal=6 request_id=r7 route=/crash"));
	ck_assert(until_children(parent, 3, NULL, 500));
	/* What would open something is not told. */
	ck_assert_ptr_null(
		ask(path, "/crash/CCOnhMXEkiqthkncIdFlZ3nxNQ9U3cVFn106x35otsk/x", STR("")).p);
	ck_assert(log_comes("signal=6 request_id=r7 route=/crash busy_ms="));
	ck_assert(until_children(parent, 3, NULL, 500));
	stopped(parent);
}
END_TEST

START_TEST(a_hung_worker_is_killed_and_named)
{
	static const char *const ways[] = { "/hang",
					    "/spin" }; /* asleep for ever, or busy for ever */
	pid_t parent = started(2);
	struct pids before = children_of(parent), gone = { .n = 1, .pid = { before.pid[0] } };

	usleep((useconds_t)patient(200) *
	       1000);                 /* what was answered is off the desk a moment later */
	kill(before.pid[0], SIGSTOP); /* with nothing in hand */
	ck_assert(until_children(parent, 3, &gone, 2000));
	ck_assert(log_comes("signal=9 killed=hung\n"));
	for (size_t at = 0; at < 2; at++) {
		int fd = raw_connect(path);

		ck_assert(raw_send(fd, request(ways[at], STR(""))));
		ck_assert_int_eq((int)raw_receive(arena, fd, 2000).n, 0); /* closed, by the kill */
		usleep(20000);
		ck_assert(log_comes(str_fmt(arena,
					    "signal=9 killed=hung request_id=r7 route=%s busy_ms=1",
					    ways[at])
					    .p));
		ck_assert(until_children(parent, 3, NULL, 500));
		ck_assert(served(ask(path, "/", STR("a")), "1"));
		close(fd);
	}
	stopped(parent);
}
END_TEST

/* Asks again and again until *stop; its exit status says whether one failed. */
static pid_t client(const _Atomic bool *stop, _Atomic int *answers)
{
	pid_t pid = fork();

	if (pid)
		return pid;
	while (!*stop) {
		if (!served(ask(path, *answers % 7 ? "/" : "/slow", STR("hello")), "5"))
			_exit(1);
		++*answers;
		usleep(500);
	}
	_exit(0);
}

START_TEST(renewing_again_and_again_loses_no_request)
{
	struct {
		_Atomic bool stop;
		_Atomic int answers;
	} *load = pool_shared(sizeof(*load));
	pid_t parent, clients[3];
	struct pids before;

	parent = started(3);
	before = children_of(parent);
	for (size_t at = 0; at < 3; at++)
		clients[at] = client(&load->stop, &load->answers);
	shared->reload_us = 30000;
	for (int round = 0; round < 100; round++) {
		kill(parent, SIGHUP);
		usleep(20000);
	}
	ck_assert_int_ge(shared->born, 12); /* though a reload takes longer than the next is away */
	ck_assert(until_children(parent, 4, &before, 5000));
	load->stop = true;
	for (size_t at = 0; at < 3; at++)
		ck_assert_int_eq(end_of(clients[at], 2000), 0);
	ck_assert_int_ge(shared->reloads, 5);
	ck_assert_int_ge(load->answers, 20);
	stopped(parent);
}
END_TEST

START_TEST(a_failed_reload_and_a_broken_release_leave_the_old_workers)
{
	pid_t parent = started(2);
	struct pids before = children_of(parent);

	shared->reload_fails = true;
	kill(parent, SIGHUP);
	usleep(300000);
	ck_assert_int_eq(shared->reloads, 1);
	ck_assert_int_eq(shared->born, 3);
	shared->reload_fails = false;
	shared->broken = true;
	kill(parent, SIGHUP);
	usleep(1500000);
	for (int at = 0; at < before.n; at++)
		ck_assert_int_eq(kill(before.pid[at], 0), 0);
	ck_assert(served(ask(path, "/", STR("a")), "1"));
	ck_assert(log_comes("event=alarm"));
	ck_assert_int_le(shared->born, 3 + 2 * 11); /* two pools, each with its pause */
	shared->broken = false;
	ck_assert(until_children(parent, 3, &before,
				 8000)); /* after the pause, as nothing had been */
	stopped(parent);
}
END_TEST

START_TEST(a_worker_that_retires_is_replaced_without_a_gap)
{
	pid_t parent = started(1);

	shared->retire_after = 10;
	for (int at = 0; at < 4000 && shared->born < 6; at++) {
		ck_assert(served(ask(path, "/", STR("hello")), "5"));
		usleep(500);
	}
	ck_assert_int_eq(shared->born, 6);
	ck_assert(!log_has("event=worker_died"));
	stopped(parent);
}
END_TEST

START_TEST(a_second_parent_does_not_steal_the_socket)
{
	pid_t parent = started(1);

	ck_assert_int_eq(end_of(start_parent(), 2000), 9);
	ck_assert(served(ask(path, "/", STR("hello")), "5"));
	stopped(parent);
}
END_TEST

START_TEST(a_killed_parent_takes_its_workers_along)
{
	pid_t parent = started(2), next;
	struct pids all = children_of(parent);

	kill(all.pid[0], SIGSTOP);
	kill(parent, SIGKILL);
	ck_assert_int_eq(end_of(parent, 1000), 256);
	for (int at = 0; at < all.n; at++) {
		char pid[16], state = 'X';
		pid_t above;

		snprintf(pid, sizeof(pid), "%d", (int)all.pid[at]);
		for (int tries = 0;
		     tries < patient(100) && look_at(pid, &state, &above) && state != 'Z'; tries++)
			usleep(5000);
		ck_assert(!look_at(pid, &state, &above) || state == 'Z');
	}
	ck_assert_int_eq(access(path, F_OK), 0); /* the socket is left over, and no hindrance */
	next = start_parent();
	ck_assert(until_children(next, 3, NULL, 2000));
	ck_assert(served(ask(path, "/", STR("hello")), "5"));
	stopped(next);
}
END_TEST

START_TEST(what_does_not_go_in_time_is_killed)
{
	pid_t parent;
	int fd;

	plan(1);
	settings[0].hang_seconds = 60;
	host.drain_seconds = 1;
	parent = start_parent();
	ck_assert(until_children(parent, 2, NULL, 2000));
	usleep(100000);
	fd = raw_connect(path);
	ck_assert(raw_send(fd, request("/hang", STR(""))));
	usleep(50000);
	kill(parent, SIGINT);
	ck_assert_int_eq(end_of(parent, 2500), 0);
	ck_assert(log_comes("route=/hang"));
	close(fd);
}
END_TEST

START_TEST(bursts_wait_in_line)
{
	pid_t parent = started(1);
	int fds[300], first = raw_connect(path);

	ck_assert(raw_send(first, request("/slow", STR(""))));
	for (size_t at = 0; at < 300; at++) {
		fds[at] = raw_connect(path);
		ck_assert_int_ge(fds[at], 0);
		ck_assert(raw_send(fds[at], request("/", STR("a"))));
	}
	for (size_t at = 0; at < 300; at++)
		ck_assert(served(answer(fds[at]), "1"));
	ck_assert(served(answer(first), "0"));
	stopped(parent);
}
END_TEST

/* A manager holds the socket over the stop, so whoever comes in between waits for the next start.
 */
START_TEST(a_restart_over_lent_sockets_loses_no_request)
{
	struct listener lent = LISTENER_NONE;
	pid_t parent;
	int fd;

	plan(1);
	host.npools = 1;
	ck_assert_ptr_null(listen_open(arena, path, 16, &lent));
	close(lent.lock);
	setenv("LISTEN_FDS", str_cstr(arena, str_fmt(arena, "%d", lent.fd)), 1);
	setenv("LISTEN_FDNAMES", "resolutionflow@worker.socket", 1);
	for (int round = 0; round < 3; round++) {
		fd = raw_connect(path);
		ck_assert(raw_send(fd, request("/", STR("hello"))));
		parent = start_parent();
		ck_assert(served(answer(fd), "5"));
		ck_assert(served(ask(path, "/", STR("a")), "1"));
		kill(parent, SIGTERM);
		ck_assert_int_eq(end_of(parent, 4000), 0);
	}
	close(lent.fd);
}
END_TEST

START_TEST(says_why_it_cannot_begin)
{
	char longer[109], nowhere[] = "/nonexistent/a.sock";
	const struct err *e;

	plan(1);
	memset(longer, 'x', 108);
	longer[108] = '\0';
	settings[1].socket_path = longer;
	e = pool_run(arena, &host);
	ck_assert(e && str_contains(e->message, STR("107 bytes")));
	ck_assert_int_ne(access(path, F_OK), 0); /* the other pool's socket went again */
	settings[1].socket_path = nowhere;
	e = pool_run(arena, &host);
	ck_assert(e && str_contains(e->message, STR("No such file")));
	settings[1].socket_path = other_path;
	fclose(fopen(other_path, "we"));
	e = pool_run(arena, &host); /* a file that is no socket is not removed */
	ck_assert(e && str_contains(e->message, STR("Address already in use")));
	ck_assert_int_eq(access(other_path, F_OK), 0);
}
END_TEST

SUITE("kit/http/pool", serves_until_told_to_stop, sigterm_loses_no_request_at_any_stage,
      a_request_that_breaks_off_leaves_the_worker_alive, a_killed_worker_is_replaced_at_once,
      two_of_a_pool_start_at_once, a_crash_is_reported_with_its_request,
      a_hung_worker_is_killed_and_named, renewing_again_and_again_loses_no_request,
      a_failed_reload_and_a_broken_release_leave_the_old_workers,
      a_worker_that_retires_is_replaced_without_a_gap, a_second_parent_does_not_steal_the_socket,
      a_killed_parent_takes_its_workers_along, what_does_not_go_in_time_is_killed,
      bursts_wait_in_line, a_restart_over_lent_sockets_loses_no_request, says_why_it_cannot_begin)
