/*
 * The throw-away server of support/db.h.  A guard process owns it and waits on a pipe: a byte stops
 * or starts the server, and the end of the pipe, which comes with the death of the last test
 * process, takes all down.
 */
#include "support/db.h"

#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <grp.h>
#include <pwd.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "kit/base/arena.h"
#include "kit/crypto/crypto.h"
#include "kit/db/db.h"
#include "kit/db/migrate.h"
#include "support/patience.h"

static struct {
	char dir[32];
	char bin[128];
	int guard_fd; /* -1: somebody else's server */
	pid_t guard, owner;
} server = { .guard_fd = -1 };

static const char roles[] =
	"DO $$ DECLARE name text; BEGIN"
	" FOREACH name IN ARRAY ARRAY['rf_owner', 'doorman', 'searcher', 'eraser', 'overseer', "
	"'rf_worker', "
	"'rf_hub', "
	"'rf_jobs'] LOOP"
	"  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = name) THEN"
	"   EXECUTE format('CREATE ROLE %I', name); END IF; END LOOP;"
	" EXECUTE format('GRANT CREATE ON DATABASE %I TO rf_owner', current_database()); END $$;"
	"GRANT CREATE, USAGE ON SCHEMA public TO rf_owner; GRANT doorman, searcher, eraser, "
	"overseer TO "
	"rf_owner";

static void die(const char *what)
{
	perror(what);
	exit(EXIT_FAILURE);
}

static void find_programs(void)
{
	glob_t found;

	if (glob("/usr/lib/postgresql/*/bin", 0, NULL, &found) != 0)
		die("no /usr/lib/postgresql/*/bin");
	snprintf(server.bin, sizeof(server.bin), "%s", found.gl_pathv[found.gl_pathc - 1]);
	globfree(&found);
}

/* PostgreSQL refuses to run as root. */
static void become_unprivileged(void)
{
	const struct passwd *user = geteuid() == 0 ? getpwnam("postgres") : NULL;

	if (user && (initgroups(user->pw_name, user->pw_gid) || setgid(user->pw_gid) ||
		     setuid(user->pw_uid)))
		_exit(126);
}

/* What follows "exec DIR_OF_PROGRAMS/". */
static pid_t spawn(const char *command)
{
	char line[400];
	pid_t pid = fork();
	int log;

	if (pid != 0)
		return pid;
	become_unprivileged();
	prctl(PR_SET_PDEATHSIG, SIGQUIT);
	if (chdir(server.dir))
		_exit(126);
	log = open("log", O_WRONLY | O_CREAT | O_APPEND, 0600);
	dup2(log, STDOUT_FILENO);
	dup2(log, STDERR_FILENO);
	snprintf(line, sizeof(line), "exec %s/%s", server.bin, command);
	execl("/bin/sh", "sh", "-c", line, (char *)NULL);
	_exit(127);
}

static void make_cluster(void)
{
	const struct passwd *user = geteuid() == 0 ? getpwnam("postgres") : NULL;
	int status;

	snprintf(server.dir, sizeof(server.dir), "/tmp/rf-XXXXXX");
	if (!mkdtemp(server.dir) || (user && chown(server.dir, user->pw_uid, user->pw_gid)))
		die("mkdtemp");
	if (waitpid(spawn("initdb -N -D data -U postgres -A trust -E UTF8 --locale C.UTF-8"),
		    &status, 0) < 0 ||
	    status != 0)
		die("initdb");
}

static pid_t start_postgres(void)
{
	return spawn("postgres -D data -k \"$PWD\" -h '' -F -c shared_buffers=16MB -c "
		     "max_connections=40");
}

static void end_postgres(pid_t pid, int sig)
{
	if (pid > 0 && kill(pid, sig) == 0)
		waitpid(pid, NULL, 0);
}

static _Noreturn void guard(int fd)
{
	pid_t postgres = start_postgres();
	char command, remove[64];

	setsid();
	while (read(fd, &command, 1) == 1) {
		end_postgres(postgres, SIGINT);
		postgres = command == 's' ? start_postgres() : -1;
	}
	end_postgres(postgres, SIGQUIT);
	snprintf(remove, sizeof(remove), "rm -rf %s", server.dir);
	_exit(system(remove));
}

/* Children of Check come by here as well. */
static void at_exit(void)
{
	if (getpid() != server.owner)
		return;
	close(server.guard_fd);
	waitpid(server.guard, NULL, 0);
}

static const char *url_of(struct arena *a, const char *database)
{
	const char *given = getenv("TEST_DATABASE_URL");

	if (given)
		return str_fmt(a, "%s dbname=%s", given, database).p;
	return str_fmt(a, "host=%s user=postgres dbname=%s", server.dir, database).p;
}

static bool answers(struct arena *a)
{
	const struct db_settings settings = { .url = url_of(a, "postgres") };
	struct db *db;

	if (db_open(a, &settings, &db))
		return false;
	db_close(db);
	return true;
}

static bool is_gone(struct arena *a)
{
	return access(str_fmt(a, "%s/data/postmaster.pid", server.dir).p, F_OK) != 0;
}

static void wait_until(bool (*happened)(struct arena *a))
{
	struct arena *a = arena_new((size_t)16 * 1024 * 1024);

	for (int tries = 0; !happened(a); tries++) {
		if (tries == patient(600))
			die("the server does not come up or go down");
		usleep(20000);
	}
	arena_free(a);
}

void server_start(void)
{
	int fds[2];

	if (getenv("TEST_DATABASE_URL"))
		return;
	find_programs();
	make_cluster();
	if (pipe2(fds, O_CLOEXEC))
		die("pipe2");
	server.owner = getpid();
	server.guard = fork();
	if (server.guard == 0) {
		close(fds[1]);
		guard(fds[0]);
	}
	close(fds[0]);
	server.guard_fd = fds[1];
	atexit(at_exit);
	wait_until(answers);
}

static void command(char c)
{
	if (write(server.guard_fd, &c, 1) != 1)
		die("guard");
}

bool server_is_own(void)
{
	return server.guard_fd >= 0;
}

void server_stop(void)
{
	command('k');
	wait_until(is_gone);
}

void server_go_on(void)
{
	command('s');
	wait_until(answers);
}

const char *server_database(struct arena *a)
{
	const struct db_settings settings = { .url = url_of(a, "postgres") };
	const char *name = str_fmt(a, "rf_%s", program_invocation_short_name).p;
	struct db *db;

	must(db_open(a, &settings, &db));
	must(db_script(a, db, str_fmt(a, "DROP DATABASE IF EXISTS %s WITH (FORCE)", name).p));
	must(db_script(a, db, str_fmt(a, "CREATE DATABASE %s TEMPLATE template0", name).p));
	db_close(db);
	return url_of(a, name);
}

const char *server_schema(struct arena *a)
{
	struct db_settings settings = { .url = server_database(a) };
	struct db *db;

	must(crypto_start(a));
	must(db_open(a, &settings, &db));
	must(db_script(a, db, roles));
	settings.role = "rf_owner";
	must(migrate_run(a, &settings, "migrations", NULL, NULL));
	must(db_script(a, db,
		       "INSERT INTO account (account_id, name) VALUES ('" SCHEMA_ACCOUNT
		       "', 'A')"));
	db_close(db);
	return settings.url;
}

void outcome_well(const struct err *e, int line)
{
	if (e)
		ck_abort_msg("line %d: %s: %.*s", line, err_code(e), STR_ARG(e->message));
}

const struct err *outcome_fails(const struct err *e, enum err_kind kind, int line)
{
	if (!e)
		ck_abort_msg("line %d: went well", line);
	if (e->kind != kind)
		ck_abort_msg("line %d: %s: %.*s", line, err_code(e), STR_ARG(e->message));
	return e;
}
