/* A chain of blocks with a pointer that only moves forward; see arena.h. */
#include "kit/base/arena.h"

#include <malloc.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BLOCK_MIN ((size_t)256 * 1024) /* an ordinary page never needs a second one */

struct block {
	struct block *older;
	size_t size, used;
	_Alignas(max_align_t) unsigned char data[];
};

struct deferred {
	struct deferred *older;
	void (*fn)(void *);
	void *obj;
};

struct arena {
	struct block *newest;
	struct deferred *deferred;
	size_t used, max;
};

static _Noreturn void exhausted(const struct arena *a, size_t size)
{
	fprintf(stderr, "level=fatal msg=\"arena exhausted\" used=%zu wanted=%zu max=%zu\n",
		a ? a->used : 0, size, a ? a->max : 0);
	abort();
}

static void add_block(struct arena *a, size_t size)
{
	size_t want = size + _Alignof(max_align_t);
	struct block *b;

	if (want < BLOCK_MIN)
		want = BLOCK_MIN;
	b = calloc(1, sizeof(*b) + want);
	if (!b)
		exhausted(a, size);
	b->size = want;
	b->older = a->newest;
	a->newest = b;
}

struct arena *arena_new(size_t max)
{
	struct arena *a = calloc(1, sizeof(*a));

	if (!a)
		exhausted(NULL, sizeof(*a));
	a->max = max;
	return a;
}

void *arena_alloc(struct arena *a, size_t size, size_t align)
{
	struct block *b = a->newest;
	size_t at;

	if (size > a->max - a->used)
		exhausted(a, size);
	if (!b || b->size - b->used < size + align) {
		add_block(a, size + align);
		b = a->newest;
	}
	at = (b->used + align - 1) & ~(align - 1);
	b->used = at + size;
	a->used += size;
	return b->data + at;
}

void *arena_array(struct arena *a, size_t n, size_t size, size_t align)
{
	size_t total;

	if (__builtin_mul_overflow(n, size, &total))
		exhausted(a, SIZE_MAX);
	return arena_alloc(a, total, align);
}

void *arena_grow(struct arena *a, void *p, size_t size, size_t larger)
{
	struct block *b = a->newest;
	size_t more = larger - size;
	void *copy;

	if (p && (unsigned char *)p + size == b->data + b->used && more <= b->size - b->used &&
	    more <= a->max - a->used) {
		b->used += more;
		a->used += more;
		return p;
	}
	copy = arena_alloc(a, larger, 1);
	if (p)
		memcpy(copy, p, size);
	return copy;
}

void arena_defer(struct arena *a, void (*fn)(void *), void *obj)
{
	struct deferred *d = ARENA_NEW(a, struct deferred);

	*d = (struct deferred){ .older = a->deferred, .fn = fn, .obj = obj };
	a->deferred = d;
}

size_t arena_used(const struct arena *a)
{
	return a->used;
}

static void run_deferred(struct arena *a)
{
	while (a->deferred) {
		struct deferred *d = a->deferred;

		a->deferred = d->older;
		d->fn(d->obj);
	}
}

void arena_reset(struct arena *a)
{
	run_deferred(a);
	while (a->newest && a->newest->older) {
		struct block *b = a->newest;

		a->newest = b->older;
		explicit_bzero(b->data, b->used);
		free(b);
	}
	if (a->newest) {
		explicit_bzero(a->newest->data, a->newest->used);
		a->newest->used = 0;
	}
	a->used = 0;
}

void arena_free(struct arena *a)
{
	if (!a)
		return;
	arena_reset(a);
	free(a->newest);
	free(a);
}

static void free_inner(void *a)
{
	arena_free(a);
}

struct arena *arena_within(struct arena *outer, size_t max)
{
	struct arena *a = arena_new(max);

	arena_defer(outer, free_inner, a);
	return a;
}

void arena_trim(void)
{
	malloc_trim(0);
}
