#ifndef APP_CTL_H
#define APP_CTL_H

#include "kit/base/err.h"
#include "kit/base/shape.h"
#include "kit/db/db.h"
#include "kit/http/http.h"

struct settings;

/*
 * The operator's commands.  A row of the table in commands.c says all of one: its name, how it is
 * used, and what it does; the usage is also what its arguments are read by.
 */
#define CALL_WORDS   4
#define CALL_OPTIONS 8

/* A command as it was called. */
struct call {
	struct arena *arena;
	const struct settings *settings;
	const struct err *fault; /* of the settings, where the command is lenient; or NULL */
	const char *user;        /* whom a rooted command is to become (ctl_become), or NULL */
	const struct command *command;
	const char *words[CALL_WORDS + 1]; /* what is no option; NULL behind the last */
	struct pair options[CALL_OPTIONS];
	size_t nwords, noptions;
	int status; /* of the process; an error makes it 1 */
};

struct command {
	const char *name;                            /* one word, or two: "admin add" */
	const char *usage;                           /* "EMAIL [NAME] [--force] [--account NAME]" */
	const char *about;                           /* a paragraph */
	const struct err *(*run)(struct call *call); /* or */
	int (*program)(const struct settings *settings, char **argv); /* one that stays */
	bool bare;    /* needs no settings: prints what the program knows by itself */
	bool lenient; /* runs with settings that are missing or wrong, too */
	bool rooted;  /* begins as whoever calls, and becomes call->user by itself */
};

extern const struct command commands[]; /* ended by one without a name */

/* Whether the option was given; its value, or none. */
bool call_has(const struct call *call, const char *option);
struct str call_option(const struct call *call, const char *option);

/* Connects as the role of that program (see server_database), with these statements. */
const struct err *call_connect(struct call *call, const char *program,
			       const struct sql *const *const *statements,
			       struct db **ret) must_check;
/* Who runs it, for the audit log: "resolutionflow, run by root". */
struct str call_who(const struct call *call);
/* The id that a command is given, or none for "all". */
const struct err *call_id(const struct call *call, struct uuid *ret) must_check;
/* What the option --state, of names, --kind or --account wants; "" and none where it is not given.
 */
const struct err *call_state(const struct call *call, const struct names *names,
			     struct str *ret) must_check;
const struct err *call_account(const struct call *call, struct uuid *ret) must_check;

/* Reads what follows the command's name; false where its usage does not have that. */
bool call_parse(struct call *call, char **argv);
/* A list to standard output: columns under the names of the shape's fields, or by --json an array.
 * Fields may be of the types STR, INT, BOOL, TIME, UUID and ENUM. */
void call_print(struct call *call, const struct shape *shape, struct list rows);

#endif
