/* What another program says; see output.h. */
#include "doctor/output.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "kit/base/arena.h"

#define SAID_MAX  ((size_t)1 << 20)
#define BY_SIGNAL 128

static _Noreturn void run_child(int out, char *const *argv)
{
	int in = open("/dev/null", O_RDONLY | O_CLOEXEC);

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (in >= 0 && dup2(in, 0) == 0 && dup2(out, 1) == 1 && dup2(out, 2) == 2)
		execvp(argv[0], argv);
	_exit(OUTPUT_NO_SUCH);
}

static struct str read_all(struct arena *a, int fd)
{
	char *text = arena_alloc(a, SAID_MAX, 1), rest[4096];
	size_t n = 0;
	ssize_t got;

	do {
		got = n < SAID_MAX ? read(fd, text + n, SAID_MAX - n)
				   : read(fd, rest, sizeof(rest));
		if (got > 0 && n < SAID_MAX)
			n += (size_t)got;
	} while (got > 0 || (got < 0 && errno == EINTR));
	return (struct str){ text, n };
}

const struct err *output_of(struct arena *a, const char *const *argv, struct str *said, int *status)
{
	char **arguments;
	size_t n = 0;
	int ends[2], how;
	pid_t pid;

	while (argv[n])
		n++;
	arguments = ARENA_ARRAY(a, char *, n + 1);
	memcpy(arguments, argv, n * sizeof(*argv)); /* which execvp leaves as they are */
	if (pipe2(ends, O_CLOEXEC))
		return ERR(a, ERR_BUSY, "pipe: %s", strerror(errno));
	pid = fork();
	if (pid == 0)
		run_child(ends[1], arguments);
	close(ends[1]);
	if (pid > 0)
		*said = read_all(a, ends[0]);
	close(ends[0]);
	if (pid < 0)
		return ERR(a, ERR_BUSY, "fork: %s", strerror(errno));
	while (waitpid(pid, &how, 0) < 0 && errno == EINTR)
		;
	*status = WIFEXITED(how) ? WEXITSTATUS(how) : BY_SIGNAL;
	return NULL;
}
