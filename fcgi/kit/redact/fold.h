#ifndef KIT_REDACT_FOLD_H
#define KIT_REDACT_FOLD_H

#include <stdint.h>

/* What a character beyond ASCII looks like: NULL as itself, "" like nothing at all, else the ASCII
 * byte that it points to. */
const char *fold_look(uint32_t c);

#endif
