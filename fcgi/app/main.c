/* `resolutionflow COMMAND`: reads the settings and starts what the command names; see commands.c.
 */
#include <stdio.h>
#include <string.h>

#include "app/config.h"
#include "app/ctl.h"
#include "app/main.h"
#include "kit/base/arena.h"
#include "kit/base/log.h"
#include "kit/base/shape.h"

static const struct names levels = NAMES("debug", "info", "warn", "error");

static enum log_level level_of(struct str name)
{
	int level = LOG_INFO;

	names_find(&levels, name, &level);
	return (enum log_level)level;
}

/* What stands before the command. */
struct preface {
	const char *env[4], *user;
	size_t nenv;
};

/* Steps over it; false where it is none of ours. */
static bool read_preface(char ***argv, struct preface *ret)
{
	for (; **argv && str_starts(str_of(**argv), STR("--")); *argv += 2) {
		if (strcmp(**argv, "--help") == 0 || strcmp(**argv, "--version") == 0)
			return true;
		if (!(*argv)[1])
			return false;
		if (strcmp(**argv, "--user") == 0)
			ret->user = (*argv)[1];
		else if (strcmp(**argv, "--env") == 0 && ret->nenv < 4)
			ret->env[ret->nenv++] = (*argv)[1];
		else
			return false;
	}
	return true;
}

static const struct err *prepare(struct arena *a, const struct preface *preface,
				 const struct command *command, struct settings *ret,
				 const struct err **fault)
{
	TRY(crypto_start(a));
	for (size_t at = 0; at < preface->nenv; at++)
		TRY(config_env(a, preface->env[at]));
	if (!command->bare)
		*fault = config_load(a, ret);
	if (!command->lenient)
		TRY(*fault);
	return command->rooted ? NULL : ctl_become(a, preface->user);
}

/* argv: the command and what follows it; before it stands the program's own name. */
static int start(struct arena *a, const struct preface *preface, char **argv)
{
	struct settings settings = { 0 };
	const struct err *e, *fault = NULL;
	size_t words;
	const struct command *command = ctl_find(argv, &words);

	if (!command || !ctl_fits(command, argv + words))
		return ctl_refuse(argv);
	e = prepare(a, preface, command, &settings, &fault);
	if (e) {
		fprintf(stderr, "resolutionflow: %.*s\n", STR_ARG(e->message));
		return 2;
	}
	log_setup(level_of(settings.log_level), str_eq(settings.log_format, STR("json")), argv[0]);
	return command->program ? command->program(&settings, argv - 1)
				: ctl_main(&settings, fault, preface->user, command, argv + words);
}

int main(int argc, char **argv)
{
	struct preface preface = { 0 };
	char **rest = argv + 1, *self = argv[0], version[] = "version";
	struct arena *a;
	int status;

	if (argc < 2 || !read_preface(&rest, &preface) || !*rest) {
		ctl_usage(stderr);
		return 2;
	}
	rest[-1] = self;
	if (strcmp(*rest, "help") == 0)
		return ctl_help(rest + 1);
	if (ctl_asks_help(rest))
		return ctl_help(str_starts(str_of(*rest), STR("-")) ? rest + 1 : rest);
	if (strcmp(*rest, "--version") == 0)
		*rest = version;
	a = arena_new((size_t)1024 * 1024);
	status = start(a, &preface, rest);
	arena_free(a);
	return status;
}
