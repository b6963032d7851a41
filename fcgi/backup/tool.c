/* Running pg_dump and pg_restore; see tool.h. */
#include "backup/tool.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "kit/base/arena.h"
#include "kit/db/db.h"

#define CANNOT_RUN 127

static _Noreturn void run_child(const struct list *environment, char *const *argv)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	setenv("PGOPTIONS", "-c client_min_messages=error", 1);
	for (size_t at = 0; at < environment->n; at++) {
		const struct db_variable *one =
			&((const struct db_variable *)environment->items)[at];

		setenv(one->name, one->value, 1);
	}
	execvp(argv[0], argv);
	fprintf(stderr, "%s: %s\n", argv[0], strerror(errno));
	_exit(CANNOT_RUN);
}

const struct err *tool_run(struct arena *a, const char *url, const char *const *argv)
{
	struct list environment;
	size_t n = 0;
	char **arguments;
	int status;
	pid_t pid;

	while (argv[n])
		n++;
	arguments = ARENA_ARRAY(a, char *, n + 1);
	memcpy(arguments, argv, n * sizeof(*argv)); /* which execvp leaves as they are */
	TRY(db_environment(a, url, &environment));
	fflush(NULL);
	pid = fork();
	if (pid == 0)
		run_child(&environment, arguments);
	if (pid < 0)
		return ERR(a, ERR_BUSY, "fork: %s", strerror(errno));
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
		return NULL;
	if (WIFEXITED(status) && WEXITSTATUS(status) == CANNOT_RUN)
		return ERR(a, ERR_INTERNAL,
			   "%s can't be run: install PostgreSQL's client programs, of at least the "
			   "server's version",
			   argv[0]);
	return ERR(a, ERR_INTERNAL, "%s has failed", argv[0]);
}
