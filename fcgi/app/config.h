#ifndef APP_CONFIG_H
#define APP_CONFIG_H

#include "accounts/accounts.h"
#include "kit/base/err.h"

/*
 * Reads the settings from the environment, by the table in config.c.  ERR_INVALID names the one
 * that is missing or wrong.  A setting NAME may stand in a file that NAME_FILE names.
 */
const struct err *config_load(struct arena *a, struct settings *ret) must_check;
/* Sets what a file of NAME=value lines has and the environment lacks. */
const struct err *config_env(struct arena *a, const char *path) must_check;
/* The names under which nginx serves public/, from its manifest. */
const struct err *config_assets(struct arena *a, struct settings *settings) must_check;

#endif
