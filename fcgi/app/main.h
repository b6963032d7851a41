#ifndef APP_MAIN_H
#define APP_MAIN_H

#include "accounts/accounts.h"

/* The programs behind the one binary; each returns its exit status. */
int worker_main(const struct settings *settings);
int hub_main(const struct settings *settings);
int jobs_main(const struct settings *settings);
bool ctl_knows(const char *command);
/* Commands that only print what the program knows by itself. */
bool ctl_needs_no_settings(const char *command);
int ctl_main(const struct settings *settings, int argc, char **argv);

#endif
