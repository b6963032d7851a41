/* Sockets that are made, left over, held by another, lent, and handed on. */
#include "support/suite.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "kit/net/listen.h"

static char folder[64], path[80], other_path[80];

static void clean_up(void *unused)
{
	(void)unused;
	for (size_t at = 0; at < 2; at++) {
		const char *socket_path = at ? other_path : path;

		unlink(socket_path);
		unlink(str_cstr(arena, str_fmt(arena, "%s.lock", socket_path)));
	}
	rmdir(folder);
}

static void set_up(void)
{
	suite_folder(folder, sizeof(folder));
	snprintf(path, sizeof(path), "%s/a.sock", folder);
	snprintf(other_path, sizeof(other_path), "%s/b.sock", folder);
}

static struct listener opened(const char *at)
{
	struct listener l = LISTENER_NONE;

	ck_assert_ptr_null(listen_open(arena, at, 16, &l));
	return l;
}

static struct sockaddr_un address(const char *at)
{
	struct sockaddr_un where = { .sun_family = AF_UNIX };

	snprintf(where.sun_path, sizeof(where.sun_path), "%s", at);
	return where;
}

/* 0, or errno. */
static int connecting(const char *at)
{
	struct sockaddr_un where = address(at);
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	int failed = connect(fd, (struct sockaddr *)&where, sizeof(where)) ? errno : 0;

	close(fd);
	return failed;
}

/* As a service manager has it, and not closed by an exec; `fd` is where the other process finds it.
 */
static void lend(const char *at, int fd)
{
	struct sockaddr_un where = address(at);
	int made = socket(AF_UNIX, SOCK_STREAM, 0);

	ck_assert_int_eq(bind(made, (struct sockaddr *)&where, sizeof(where)), 0);
	ck_assert_int_eq(listen(made, 16), 0);
	ck_assert_int_eq(dup2(made, fd), fd);
	close(made);
}

static void announce(const char *n, const char *names)
{
	setenv("LISTEN_PID", str_cstr(arena, str_fmt(arena, "%d", (int)getpid())), 1);
	setenv("LISTEN_FDS", n, 1);
	if (names)
		setenv("LISTEN_FDNAMES", names, 1);
	else
		unsetenv("LISTEN_FDNAMES");
}

START_TEST(a_socket_of_our_own)
{
	struct listener l, second = LISTENER_NONE;
	const struct err *e;
	struct stat is;

	set_up();
	arena_defer(arena, clean_up, NULL);
	l = opened(path);
	ck_assert(!l.lent);
	ck_assert_int_eq(fcntl(l.fd, F_GETFD), FD_CLOEXEC);
	ck_assert_int_eq(stat(path, &is), 0);
	ck_assert_int_eq(is.st_mode & 07777, 0660);
	ck_assert_int_eq(connecting(path), 0);
	e = listen_open(arena, path, 16, &second);
	ck_assert(e && e->kind == ERR_BUSY);
	ck_assert_int_eq(connecting(path), 0);
	listen_close(&l);
	listen_close(&l);
	ck_assert_int_eq(connecting(path), ENOENT);
	l = opened(path); /* and the lock is free again */
	listen_close(&l);
}
END_TEST

START_TEST(what_a_dead_program_left_is_no_hindrance)
{
	struct listener l;

	set_up();
	arena_defer(arena, clean_up, NULL);
	l = opened(path);
	close(l.fd);
	close(l.lock);
	ck_assert_int_eq(connecting(path), ECONNREFUSED);
	l = opened(path);
	ck_assert_int_eq(connecting(path), 0);
	listen_close(&l);
}
END_TEST

/* Among descriptors that are something else, or nothing. */
START_TEST(a_lent_socket_is_taken_and_left_where_it_is)
{
	struct listener l, made;

	set_up();
	arena_defer(arena, clean_up, NULL);
	lend(path, 20);
	announce("18", "resolutionflow@worker.socket");
	l = opened(path);
	ck_assert_int_eq(l.fd, 20);
	ck_assert(l.lent);
	ck_assert_int_eq(fcntl(l.fd, F_GETFD), FD_CLOEXEC);
	ck_assert(fcntl(l.fd, F_GETFL) & O_NONBLOCK);
	made = opened(other_path); /* nobody lends that one */
	ck_assert(!made.lent);
	ck_assert_int_eq(dup2(l.fd, 21), 21); /* the manager's own */
	listen_close(&made);
	listen_close(&l);
	ck_assert_int_eq(connecting(path), 0);
	ck_assert_int_eq(connecting(other_path), ENOENT);
	close(21);
}
END_TEST

START_TEST(an_environment_that_is_not_meant_for_us_is_passed_over)
{
	static const char *const counts[] = { "17", "", "x", "-1", "99999999999999999999" };
	struct listener l;

	set_up();
	arena_defer(arena, clean_up, NULL);
	lend(path, 20);
	setenv("LISTEN_PID", "1", 1);
	setenv("LISTEN_FDS", "18", 1);
	l = opened(path);
	ck_assert_int_ne(l.fd, 20);
	listen_close(&l);
	for (size_t at = 0; at < sizeof(counts) / sizeof(counts[0]); at++) {
		announce(counts[at], NULL);
		l = opened(path);
		ck_assert_int_ne(l.fd, 20);
		listen_close(&l);
	}
	close(20);
}
END_TEST

START_TEST(a_socket_is_handed_on_with_its_queue)
{
	struct listener one, two, again;
	const struct listener *const both[] = { &one, &two };
	struct sockaddr_un where;
	int waiting = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0), accepted;

	set_up();
	arena_defer(arena, clean_up, NULL);
	unsetenv("LISTEN_FDNAMES");
	one = opened(path);
	two = opened(other_path);
	where = address(path);
	ck_assert_int_eq(connect(waiting, (struct sockaddr *)&where, sizeof(where)), 0);
	listen_hand_over(both, 2);
	ck_assert_int_eq(fcntl(one.fd, F_GETFD), 0);
	ck_assert_int_eq(fcntl(two.fd, F_GETFD), 0);
	close(one.lock); /* as an exec does */
	again = opened(path);
	ck_assert_int_eq(again.fd, one.fd);
	ck_assert(!again.lent);
	accepted = accept(again.fd, NULL, NULL);
	ck_assert_int_ge(accepted, 0);
	close(accepted);
	close(waiting);
	listen_close(&again);
	ck_assert_int_eq(connecting(path), ENOENT);
	listen_close(&two);
}
END_TEST

SUITE("kit/net/listen", a_socket_of_our_own, what_a_dead_program_left_is_no_hindrance,
      a_lent_socket_is_taken_and_left_where_it_is,
      an_environment_that_is_not_meant_for_us_is_passed_over, a_socket_is_handed_on_with_its_queue)
