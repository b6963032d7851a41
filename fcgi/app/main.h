#ifndef APP_MAIN_H
#define APP_MAIN_H

#include <stdio.h>

#include "accounts/accounts.h"
#include "kit/base/err.h"

struct arena;
struct command;

/* The programs behind the one binary; each returns its exit status.  The worker begins itself anew
 * by argv, when told to. */
int worker_main(const struct settings *settings, char **argv);
/* One more hub beside another is named hub-2, hub-3 and so on, as is its socket. */
bool hub_is_named(const char *name);
int hub_main(const struct settings *settings, char **argv);
int jobs_main(const struct settings *settings, char **argv);

/* The command that argv begins with, and how many words of it are its name; or NULL. */
const struct command *ctl_find(char **argv, size_t *words);
/* Whether what follows its name is how it is used. */
bool ctl_fits(const struct command *command, char **argv);
/* From root, who alone may read the secrets, to the user that the database knows; NULL: stays. */
const struct err *ctl_become(struct arena *a, const char *name) must_check;
/* Runs it with that, and returns the exit status.  user: whom a rooted command becomes. */
int ctl_main(const struct settings *settings, const struct err *fault, const char *user,
	     const struct command *command, char **argv);
/* Each returns the exit status. */
int ctl_help(char **argv);
int ctl_refuse(char **argv); /* says how the command is used, or which there are */
void ctl_usage(FILE *to);
/* Whether one of the words is --help. */
bool ctl_asks_help(char **argv);

#endif
