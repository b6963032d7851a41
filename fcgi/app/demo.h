#ifndef APP_DEMO_H
#define APP_DEMO_H

#include "accounts/accounts.h"
#include "kit/base/err.h"

/* Makes the demo accounts where they are not there, and prints their sign-ins either way. */
const struct err *demo_seed(struct arena *a, const struct settings *settings) must_check;

#endif
