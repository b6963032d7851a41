#ifndef APP_CONFIG_H
#define APP_CONFIG_H

#include "accounts/accounts.h"
#include "kit/base/err.h"

/*
 * Reads the settings from the environment, by the table in config.c.  ERR_INVALID names the one
 * that is missing or wrong.  A setting NAME may stand in a file that NAME_FILE names.
 */
const struct err *config_load(struct arena *a, struct settings *ret) must_check;
/* The names under which nginx serves public/, from its manifest. */
const struct err *config_assets(struct arena *a, struct settings *settings) must_check;

#endif
