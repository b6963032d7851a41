#ifndef KIT_BASE_CACHE_H
#define KIT_BASE_CACHE_H

#include <stdbool.h>
#include <stddef.h>

#include "kit/base/str.h"

/*
 * Texts that were made of other texts, kept for a worker's lifetime: a picture under the hash of
 * its flow, HTML under that of its Markdown.  A key tells all that the value depends on, so that
 * nothing here grows stale; its first letter is its kind's.  Where the bytes run out, what was not
 * used for longest goes.
 */
struct cache;

/* max_bytes: of keys, values and what holds them. */
struct cache *cache_new(size_t max_bytes);
void cache_free(struct cache *c);
/* *ret is the cache's own and holds until the next cache_put. */
bool cache_get(struct cache *c, struct str key, struct str *ret);
/* Copies both.  In place of the key's old value; what is larger than the whole is not kept. */
void cache_put(struct cache *c, struct str key, struct str value);

#endif
