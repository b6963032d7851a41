#ifndef APP_CTL_H
#define APP_CTL_H

#include "kit/base/err.h"

struct settings;

/* Commands of ctl.c that have a file of their own; argv[0] is the command. */
const struct err *ctl_mail(struct arena *a, const struct settings *settings, int argc,
			   char **argv) must_check;

const struct err *ctl_audit(struct arena *a, const struct settings *settings, int argc,
			    char **argv) must_check;

#endif
