#ifndef APP_MAIN_H
#define APP_MAIN_H

#include "accounts/accounts.h"

/* The programs behind the one binary; each returns its exit status.  The worker begins itself anew
 * by argv, when told to. */
int worker_main(const struct settings *settings, char **argv);
/* One more hub beside another is named hub-2, hub-3 and so on, as is its socket. */
bool hub_is_named(const char *name);
int hub_main(const struct settings *settings, char **argv);
int jobs_main(const struct settings *settings, char **argv);
bool ctl_knows(const char *command);
/* Commands that only print what the program knows by itself. */
bool ctl_needs_no_settings(const char *command);
int ctl_main(const struct settings *settings, int argc, char **argv);

#endif
