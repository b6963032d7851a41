/* A table of chains and a ring in the order of use; see cache.h. */
#include "kit/base/cache.h"

#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define BYTES_A_SLOT ((size_t)1024) /* how large an entry is thought to be */
#define SLOTS_MIN    ((size_t)16)

/* In the ring the one after the head was used last, the one before it first. */
struct ring {
	struct ring *after, *before;
};

struct entry {
	struct ring ring; /* first: a place in the ring is an entry */
	struct entry *next;
	size_t slot, nkey, nvalue;
	char bytes[]; /* the key, then the value */
};

struct cache {
	struct ring ring;
	size_t max, used, nslots;
	struct entry *slots[];
};

struct cache *cache_new(size_t max_bytes)
{
	size_t nslots = max_bytes / BYTES_A_SLOT + SLOTS_MIN;
	struct cache *c = calloc(1, sizeof(*c) + nslots * sizeof(struct entry *));

	if (!c)
		abort();
	c->ring = (struct ring){ &c->ring, &c->ring };
	c->max = max_bytes;
	c->nslots = nslots;
	return c;
}

static void ring_out(struct ring *r)
{
	r->before->after = r->after;
	r->after->before = r->before;
}

static void ring_first(struct cache *c, struct ring *r)
{
	*r = (struct ring){ c->ring.after, &c->ring };
	c->ring.after->before = r;
	c->ring.after = r;
}

static size_t size_of(const struct entry *e)
{
	return sizeof(*e) + e->nkey + e->nvalue;
}

static size_t slot_of(const struct cache *c, struct str key)
{
	uint64_t hash = 14695981039346656037u;

	for (size_t at = 0; at < key.n; at++)
		hash = (hash ^ (unsigned char)key.p[at]) * 1099511628211u;
	return (size_t)((hash ^ hash >> 32) % c->nslots);
}

static struct entry *find(const struct cache *c, struct str key)
{
	struct entry *e = c->slots[slot_of(c, key)];

	while (e && !str_eq((struct str){ e->bytes, e->nkey }, key))
		e = e->next;
	return e;
}

static void forget(struct cache *c, struct entry *e)
{
	struct entry **link = &c->slots[e->slot];

	while (*link != e)
		link = &(*link)->next;
	*link = e->next;
	ring_out(&e->ring);
	assert(c->ring.before != &e->ring);
	c->used -= size_of(e);
	free(e);
}

void cache_free(struct cache *c)
{
	if (!c)
		return;
	while (c->ring.after != &c->ring)
		forget(c, (struct entry *)c->ring.after);
	free(c);
}

bool cache_get(struct cache *c, struct str key, struct str *ret)
{
	struct entry *e = find(c, key);

	if (!e)
		return false;
	ring_out(&e->ring);
	ring_first(c, &e->ring);
	*ret = (struct str){ e->bytes + e->nkey, e->nvalue };
	return true;
}

void cache_put(struct cache *c, struct str key, struct str value)
{
	struct entry *old = find(c, key), *e;
	size_t size = sizeof(*e) + key.n + value.n;

	e = size <= c->max ? malloc(size) : NULL;
	if (e) {
		*e = (struct entry){ .slot = slot_of(c, key), .nkey = key.n, .nvalue = value.n };
		if (key.n)
			memcpy(e->bytes, key.p, key.n);
		if (value.n)
			memcpy(e->bytes + key.n, value.p, value.n);
	}
	if (old)
		forget(c, old);
	if (!e)
		return;
	while (c->used + size > c->max)
		forget(c, (struct entry *)c->ring.before);
	e->next = c->slots[e->slot];
	c->slots[e->slot] = e;
	ring_first(c, &e->ring);
	c->used += size;
}
