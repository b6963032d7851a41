/* What a worker can no longer do, and what it still must; each in a child, for there is no way
 * back. */
#include "support/suite.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "kit/http/sandbox.h"

static const struct sandbox limits = { .memory = (size_t)512 << 20, .files = 64 };

/* The exit status of fn in a child, 256 and more for a signal; 0 is well. */
static int in_child(int (*fn)(void))
{
	int status = -1;
	pid_t pid = fork();

	if (pid == 0)
		_exit(fn());
	waitpid(pid, &status, 0);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 256 + WTERMSIG(status);
}

static bool skipped(void)
{
	if (!sandbox_built_in())
		printf("skip: the sandbox is not built in under AddressSanitizer\n");
	return !sandbox_built_in();
}

static int everything_is_denied(void)
{
	struct str still;

	if (sandbox_enter(arena, &limits))
		return 1;
	still = sandbox_selftest(arena);
	if (still.n)
		printf("allowed: %.*s\n", STR_ARG(still));
	fflush(stdout);
	return still.n ? 2 : 0;
}

/* Otherwise a test that finds nothing would prove nothing. */
static int selftest_sees_what_is_open(void)
{
	static const char *const names[] = { "execve",         "fork",   "clone",
					     "open_to_write",  "unlink", "rename",
					     "chmod",          "setuid", "socket_netlink",
					     "new_privileges", "dumps" };
	struct str open = sandbox_selftest(arena);

	for (size_t at = 0; at < sizeof(names) / sizeof(names[0]); at++)
		if (!str_contains(open, str_of(names[at]))) {
			printf("not seen: %s in %.*s\n", names[at], STR_ARG(open));
			fflush(stdout);
			return 1;
		}
	return 0;
}

static void *one_thread(void *arg)
{
	return arg;
}

/* What libpq, the log and libfcgi need. */
static int what_is_needed_works(void)
{
	struct sockaddr_un where = { .sun_family = AF_UNIX };
	struct addrinfo *found = NULL;
	pthread_t thread;
	void *back = NULL;
	char word[4];
	int pair[2], file;

	if (sandbox_enter(arena, &limits))
		return 1;
	file = open("/etc/passwd", O_RDONLY | O_CLOEXEC);
	if (file < 0 || read(file, word, 4) != 4)
		return 2;
	for (size_t at = 0; at < 3; at++)
		if (socket((const int[]){ AF_UNIX, AF_INET, AF_INET6 }[at], SOCK_STREAM, 0) < 0 &&
		    errno != EAFNOSUPPORT)
			return 3;
	snprintf(where.sun_path, sizeof(where.sun_path), "/nonexistent");
	if (connect(socket(AF_UNIX, SOCK_STREAM, 0), (struct sockaddr *)&where, sizeof(where)) !=
		    -1 ||
	    errno != ENOENT)
		return 4;
	if (getaddrinfo("localhost", "5432", NULL, &found) != 0)
		return 5;
	freeaddrinfo(found);
	if (pthread_create(&thread, NULL, one_thread, word) || pthread_join(thread, &back) ||
	    back != word)
		return 6;
	if (socketpair(AF_UNIX, SOCK_STREAM, 0, pair) || write(pair[0], "a", 1) != 1)
		return 7;
	return write(STDERR_FILENO, "", 0) == 0 ? 0 : 8;
}

static int real_attempts_fail(void)
{
	int file = open("/dev/null", O_RDONLY | O_CLOEXEC), denied = 0;

	if (sandbox_enter(arena, &limits))
		return 1;
	denied +=
		open("/tmp/rf-sandbox", O_WRONLY | O_CREAT | O_CLOEXEC, 0600) < 0 && errno == EPERM;
	denied += open("/dev/null", O_RDWR | O_CLOEXEC) < 0 && errno == EPERM;
	denied += open("/tmp", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600) < 0 && errno == EPERM;
	denied += fopen("/dev/null", "ae") == NULL && errno == EPERM;
	denied += fork() < 0 && errno == EPERM;
	denied += popen("true", "re") == NULL;
	denied += fchmod(file, 0666) < 0 && errno == EPERM;
	denied += kill(getppid(), 0) < 0 && errno == EPERM;
	denied += socket(AF_NETLINK, SOCK_RAW, 0) < 0 && errno == EPERM;
	return denied == 9 ? 0 : 100 + denied;
}

static int memory_ends(void)
{
	if (sandbox_enter(arena, &limits))
		return 1;
	void *much = malloc((size_t)600 << 20), *some = malloc((size_t)100 << 20);

	return !much && some ? 0 : 2;
}

static int abort_still_aborts(void)
{
	if (sandbox_enter(arena, &limits))
		return 1;
	abort();
}

START_TEST(denies_all_that_it_says)
{
	if (skipped())
		return;
	ck_assert_int_eq(in_child(everything_is_denied), 0);
	ck_assert_int_eq(in_child(real_attempts_fail), 0);
	ck_assert_int_eq(in_child(memory_ends), 0);
}
END_TEST

START_TEST(the_selftest_would_see_a_hole)
{
	ck_assert_int_eq(in_child(selftest_sees_what_is_open), 0);
}
END_TEST

START_TEST(leaves_what_a_worker_needs)
{
	ck_assert_int_eq(in_child(what_is_needed_works), 0);
	ck_assert_int_eq(in_child(abort_still_aborts), 256 + SIGABRT);
}
END_TEST

SUITE("kit/http/sandbox", denies_all_that_it_says, the_selftest_would_see_a_hole,
      leaves_what_a_worker_needs)
