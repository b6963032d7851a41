/* `resolutionflow COMMAND`: reads the settings and starts the program that the command names. */
#include <stdio.h>
#include <string.h>

#include "app/config.h"
#include "app/main.h"
#include "kit/base/arena.h"
#include "kit/base/log.h"
#include "kit/base/shape.h"

static const char usage[] =
	"usage: resolutionflow COMMAND\n"
	"  worker            serve pages and the API on RUN_DIR/worker.sock and password.sock\n"
	"  hub               hold event streams on RUN_DIR/hub.sock; one more beside it is hub-2\n"
	"  jobs              send mail, run what was put off, keep house\n"
	"  migrate           bring the database to this version's schema\n"
	"  install-roles [ROLE]  print the SQL that makes the database roles; ROLE is "
	"DATABASE_URL's\n"
	"  routes [--nginx]  list the routes, or nginx's map of them to pools\n"
	"  check             whether a worker could serve: templates, statements, schema\n"
	"  mail list [STATE]  what became of mails: queued, sending, sent, failed, skipped\n"
	"  mail retry ID|all  send what failed again\n"
	"  seed-demo         make the demo account, once\n"
	"Settings come from the environment: see .env.example.\n";

static const struct names levels = NAMES("debug", "info", "warn", "error");

static enum log_level level_of(struct str name)
{
	int level = LOG_INFO;

	names_find(&levels, name, &level);
	return (enum log_level)level;
}

static const struct program {
	const char *name;
	int (*run)(const struct settings *settings, char **argv);
} programs[] = { { "worker", worker_main }, { "hub", hub_main }, { "jobs", jobs_main } };

static const struct program *find_program(const char *name)
{
	for (size_t at = 0; at < sizeof(programs) / sizeof(programs[0]); at++)
		if (strcmp(programs[at].name, name) == 0)
			return &programs[at];
	return hub_is_named(name) ? find_program("hub") : NULL;
}

static int start(const struct settings *settings, int argc, char **argv)
{
	const struct program *program = find_program(argv[1]);

	log_setup(level_of(settings->log_level), str_eq(settings->log_format, STR("json")),
		  argv[1]);
	return program ? program->run(settings, argv) : ctl_main(settings, argc - 1, argv + 1);
}

static int load_and_start(struct arena *a, int argc, char **argv)
{
	struct settings settings = { 0 };
	const struct err *e = crypto_start(a);

	if (!e && !ctl_needs_no_settings(argv[1]))
		e = config_load(a, &settings);
	if (e) {
		fprintf(stderr, "resolutionflow: %.*s\n", STR_ARG(e->message));
		return 2;
	}
	return start(&settings, argc, argv);
}

int main(int argc, char **argv)
{
	struct arena *a;
	int status;

	if (argc < 2 || strcmp(argv[1], "help") == 0 || strcmp(argv[1], "--help") == 0) {
		fputs(usage, argc < 2 ? stderr : stdout);
		return argc < 2 ? 2 : 0;
	}
	if (!find_program(argv[1]) && !ctl_knows(argv[1])) {
		fprintf(stderr, "resolutionflow: there is no command \"%s\"\n%s", argv[1], usage);
		return 2;
	}
	a = arena_new((size_t)1024 * 1024);
	status = load_and_start(a, argc, argv);
	arena_free(a);
	return status;
}
