#ifndef BACKUP_TOOL_H
#define BACKUP_TOOL_H

#include "kit/base/err.h"

/*
 * Runs one of PostgreSQL's own programs to its end, without a shell; it dies with this process. url
 * says where the database is: in the child's environment, where no other user reads its password.
 * What it complains of goes to standard error.
 */
const struct err *tool_run(struct arena *a, const char *url, const char *const *argv) must_check;

#endif
