/* Finds the operator's command, reads its arguments, runs it, and tells how each is used. */
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "app/ctl.h"
#include "app/main.h"
#include "app/server.h"
#include "kit/base/arena.h"

#define ARENA_MAX ((size_t)64 << 20)
#define LINE      78

/* How many words of argv the command's name takes; 0 where they are not its name. */
static size_t named(const struct command *command, char **argv)
{
	size_t n = 0;

	for (struct str rest = str_of(command->name); rest.p; n++)
		if (!argv[n] || !str_eq(str_cut(&rest, ' '), str_of(argv[n])))
			return 0;
	return n;
}

const struct command *ctl_find(char **argv, size_t *words)
{
	const struct command *found = NULL;

	*words = 0;
	for (const struct command *at = commands; at->name; at++) {
		size_t n = named(at, argv);

		if (at->program == hub_main && hub_is_named(argv[0]))
			n = 1;
		if (n <= *words)
			continue;
		*words = n;
		found = at;
	}
	return found;
}

/* ---- help ---- */

static void print_usage(FILE *to, const struct command *command)
{
	fprintf(to, "%s%s%s\n", command->name, command->usage[0] ? " " : "", command->usage);
}

/* Broken into lines between words. */
static void print_paragraph(const char *text)
{
	size_t width = 0;

	for (struct str rest = str_of(text); rest.p;) {
		struct str word = str_cut(&rest, ' ');

		if (width && width + 1 + word.n > LINE) {
			putchar('\n');
			width = 0;
		}
		width += (size_t)printf("%s%.*s", width ? " " : "", STR_ARG(word));
	}
	putchar('\n');
}

/* All commands, or those whose name begins with that word. */
static bool print_list(FILE *to, const char *first)
{
	bool any = false;

	for (const struct command *at = commands; at->name; at++) {
		struct str name = str_of(at->name);

		if (first && !str_eq(str_cut(&name, ' '), str_of(first)))
			continue;
		fputs("  ", to);
		print_usage(to, at);
		any = true;
	}
	return any;
}

void ctl_usage(FILE *to)
{
	fputs("usage: resolutionflow [--env FILE] [--user NAME] COMMAND\n", to);
	print_list(to, NULL);
	fputs("  help [COMMAND]\n"
	      "Settings come from the environment, or from FILE; see .env.example.\n",
	      to);
}

int ctl_help(char **argv)
{
	size_t words;
	const struct command *command = argv[0] ? ctl_find(argv, &words) : NULL;

	if (command) {
		fputs("usage: resolutionflow ", stdout);
		print_usage(stdout, command);
		print_paragraph(command->about);
		return 0;
	}
	if (!argv[0]) {
		ctl_usage(stdout);
		return 0;
	}
	return print_list(stdout, argv[0]) ? 0 : ctl_refuse(argv);
}

int ctl_refuse(char **argv)
{
	size_t words;
	const struct command *command = ctl_find(argv, &words);

	if (command) {
		fputs("usage: resolutionflow ", stderr);
		print_usage(stderr, command);
		return 2;
	}
	fprintf(stderr, "resolutionflow: there is no command \"%s\"; there are:\n", argv[0]);
	if (!print_list(stderr, argv[0]))
		ctl_usage(stderr);
	return 2;
}

/* ---- running ---- */

/* Behind sudo, who said sudo. */
struct str call_who(const struct call *call)
{
	const struct passwd *user = getpwuid(getuid());

	return str_fmt(call->arena, "resolutionflow, run by %s",
		       user ? user->pw_name : "nobody known");
}

const struct err *call_connect(struct call *call, const char *program,
			       const struct sql *const *const *statements, struct db **ret)
{
	struct db_settings *wish = ARENA_NEW(call->arena, struct db_settings);

	*wish = server_database(call->arena, call->settings, program);
	wish->statements = statements;
	return db_open(call->arena, wish, ret);
}

int ctl_main(const struct settings *settings, const struct err *fault,
	     const struct command *command, char **argv)
{
	struct arena *a = arena_new(ARENA_MAX);
	struct call call = { .arena = a, .settings = settings, .fault = fault, .command = command };
	const struct err *e;

	if (!call_parse(&call, argv)) {
		arena_free(a);
		return -1;
	}
	e = command->run(&call);
	if (e)
		fprintf(stderr, "resolutionflow %s: %.*s\n", command->name, STR_ARG(e->message));
	arena_free(a);
	return e ? 1 : call.status;
}
