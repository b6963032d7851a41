#ifndef KIT_HUB_MEMORY_H
#define KIT_HUB_MEMORY_H

#include <stddef.h>

/*
 * A stream lives for minutes and ends when its client likes, in no order: an arena, which gives
 * everything back at once, does not fit, so the hub takes streams, accounts and frames from the
 * heap one by one.  Each kind is bounded by a setting; running out is a fault of the machine, and
 * the program stops with a message.
 */
void *hub_alloc(size_t size) __attribute__((malloc, returns_nonnull, alloc_size(1))); /* zeroed */

#endif
