#ifndef KIT_HTTP_SANDBOX_H
#define KIT_HTTP_SANDBOX_H

#include <stdbool.h>
#include <stddef.h>

#include "kit/base/err.h"

struct arena;

/*
 * What a process that answers the outside world gives up for good: programs and processes, writing
 * and changing files, listening, signals to others, other network families than UNIX and IP, and
 * the kernel's rarer doors. Reading files and connecting stay, for a lost database is connected to
 * again.  A denied call fails with EPERM; the process lives.
 */
struct sandbox {
	size_t memory; /* bytes of address space; 0: unlimited */
	int files;     /* descriptors; 0: as it is */
};

/* False under AddressSanitizer, whose leak check forks and traces: then sandbox_enter does nothing.
 */
bool sandbox_built_in(void);
/* To be called when all is open that the process needs.  There is no way back. */
const struct err *sandbox_enter(struct arena *a, const struct sandbox *limits) must_check;
/* Tries each: the names of what is still allowed, separated by blanks; "" inside a sound sandbox.
 */
struct str sandbox_selftest(struct arena *a);

#endif
