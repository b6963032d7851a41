/* Another program in this one's place; see upgrade.h. */
#include "kit/http/upgrade.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "kit/base/arena.h"
#include "kit/base/buf.h"
#include "kit/base/clock.h"
#include "kit/base/log.h"

#define PATIENCE (30 * CLOCK_SECOND)
#define CHILDREN "POOL_CHILDREN"

/* Returns only where that fails. */
static void execute(char *const *arguments)
{
	fflush(NULL);
	execvp(arguments[0], arguments);
	log_note(LOG_ERROR, "upgrade_failed", "%s: %s", arguments[0], strerror(errno));
}

static _Noreturn void run_trial(const struct upgrade *u)
{
	sigset_t none;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	execute(u->trial);
	_exit(EXIT_FAILURE);
}

void upgrade_try(struct upgrade *u)
{
	pid_t pid;

	if (!u->command || u->trying)
		return;
	log_note(LOG_INFO, "upgrade_tried", "%s %s", u->trial[0], u->trial[1]);
	pid = fork();
	if (pid == 0)
		run_trial(u);
	if (pid < 0) {
		log_note(LOG_ERROR, "fork_failed", "%s", strerror(errno));
		return;
	}
	u->trying = pid;
	u->since_us = clock_mono();
}

bool upgrade_passed(struct upgrade *u)
{
	int status;

	if (!u->trying)
		return false;
	if (waitpid(u->trying, &status, WNOHANG) != u->trying) {
		if (clock_mono() - u->since_us > PATIENCE)
			kill(u->trying, SIGKILL);
		return false;
	}
	u->trying = 0;
	if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
		return true;
	log_note(LOG_ERROR, "upgrade_refused",
		 "%s %s ended with %s %d and has said why; the running program goes on",
		 u->trial[0], u->trial[1], WIFSIGNALED(status) ? "signal" : "status",
		 WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status));
	return false;
}

void upgrade_give_up(struct upgrade *u)
{
	if (u->trying)
		kill(u->trying, SIGKILL);
}

/* Signals stay blocked over the exec, and one that comes meanwhile waits for the new program. */
void upgrade_become(struct upgrade *u, const char *children)
{
	setenv(CHILDREN, children, 1);
	log_note(LOG_INFO, "upgrading", "the new program takes this one's place");
	execute(u->command);
}

void upgrade_name(struct buf *children, const char *pool, pid_t pid)
{
	buf_printf(children, "%s=%d ", pool, (int)pid);
}

/* Whoever is not our child is none of our business, whatever the environment says. */
size_t upgrade_left(struct arena *a, const char *pool, pid_t **ret)
{
	struct str rest = str_of(getenv(CHILDREN));
	pid_t *pids = ARENA_ARRAY(a, pid_t, rest.n + 1);
	size_t n = 0;

	while (rest.p) {
		struct str pid = str_cut(&rest, ' '), name = str_cut(&pid, '=');
		int64_t value = 0;

		if (str_eq(name, str_of(pool)) && str_to_int(pid, &value) && value > 0 &&
		    waitpid((pid_t)value, NULL, WNOHANG) == 0)
			pids[n++] = (pid_t)value;
	}
	*ret = pids;
	return n;
}
