#ifndef SUPPORT_PATIENCE_H
#define SUPPORT_PATIENCE_H

#include <stdlib.h>

/* A wait or a bound of a test, longer where tests/support/patience.mjs says so. */
static inline int patient(int ms)
{
	const char *times = getenv("TEST_PATIENCE");

	return times && *times ? ms * (int)strtol(times, NULL, 10) : ms;
}

#endif
