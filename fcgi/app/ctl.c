/* Finds the operator's command, reads its arguments, runs it, and tells how each is used. */
#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
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

/* All commands, or those whose name begins with that word; but not that one. */
static bool print_list(FILE *to, const char *first, const struct command *but)
{
	bool any = false;

	for (const struct command *at = commands; at->name; at++) {
		struct str name = str_of(at->name);

		if ((but && at == but) || (first && !str_eq(str_cut(&name, ' '), str_of(first))))
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
	print_list(to, NULL, NULL);
	fputs("  help [COMMAND]\n"
	      "Settings come from the environment, or from FILE; see .env.example.\n",
	      to);
}

/* `jobs` is a program, and `jobs list` beside it is none. */
static bool has_others(const struct command *command)
{
	size_t n = 0;

	for (const struct command *at = commands; at->name; at++) {
		struct str name = str_of(at->name);

		n += str_eq(str_cut(&name, ' '), str_of(command->name));
	}
	return n > 1;
}

static void print_command(FILE *to, const struct command *command)
{
	fputs("usage: resolutionflow ", to);
	print_usage(to, command);
	if (to == stdout)
		print_paragraph(command->about);
	if (!has_others(command))
		return;
	fputs("There are also:\n", to);
	print_list(to, command->name, command);
}

int ctl_help(char **argv)
{
	size_t words;
	const struct command *command = argv[0] ? ctl_find(argv, &words) : NULL;

	if (!argv[0])
		ctl_usage(stdout);
	else if (command)
		print_command(stdout, command);
	else if (!print_list(stdout, argv[0], NULL))
		return ctl_refuse(argv);
	return 0;
}

bool ctl_asks_help(char **argv)
{
	for (; *argv; argv++)
		if (strcmp(*argv, "--help") == 0 || strcmp(*argv, "-h") == 0)
			return true;
	return false;
}

int ctl_refuse(char **argv)
{
	size_t words;
	const struct command *command = ctl_find(argv, &words);

	if (command) {
		print_command(stderr, command);
		return 2;
	}
	fprintf(stderr, "resolutionflow: there is no command \"%s\"; there are:\n", argv[0]);
	if (!print_list(stderr, argv[0], NULL))
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

const struct err *ctl_become(struct arena *a, const char *name)
{
	const struct passwd *user;

	if (!name)
		return NULL;
	user = getpwnam(name);
	if (!user)
		return ERR(a, ERR_INVALID, "there is no user \"%s\"", name);
	if (geteuid() == user->pw_uid)
		return NULL;
	if (initgroups(name, user->pw_gid) || setgid(user->pw_gid) || setuid(user->pw_uid))
		return ERR(a, ERR_INVALID, "can't become %s: %s", name, strerror(errno));
	return NULL;
}

const struct err *call_connect(struct call *call, const char *program,
			       const struct sql *const *const *statements, struct db **ret)
{
	struct db_settings *wish = ARENA_NEW(call->arena, struct db_settings);

	*wish = server_database(call->arena, call->settings, program);
	wish->statements = statements;
	return db_open(call->arena, wish, ret);
}

bool ctl_fits(const struct command *command, char **argv)
{
	struct call call = { .command = command };

	return command->program ? !*argv : call_parse(&call, argv);
}

int ctl_main(const struct settings *settings, const struct err *fault, const char *user,
	     const struct command *command, char **argv)
{
	struct arena *a = arena_new(ARENA_MAX);
	struct call call = {
		.arena = a, .settings = settings, .fault = fault, .user = user, .command = command
	};
	const struct err *e;

	if (!call_parse(&call, argv))
		abort(); /* ctl_fits has said that it does */
	e = command->run(&call);
	if (e)
		fprintf(stderr, "resolutionflow %s: %.*s\n", command->name, STR_ARG(e->message));
	arena_free(a);
	return e ? 1 : call.status;
}
