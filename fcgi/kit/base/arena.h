#ifndef KIT_BASE_ARENA_H
#define KIT_BASE_ARENA_H

#include <stddef.h>

/*
 * One arena serves one request, one job or the start of a program.  What is taken from it is zeroed
 * and lives until the next reset; nothing is freed singly.  Foreign objects (a PGresult, a
 * json_object) are handed over with arena_defer and die with it.
 *
 * Running past the maximum is a fault of ours, not of the world, since input is bounded at the
 * door: the program stops with a message.
 */
struct arena;

struct arena *arena_new(size_t max);
/* One that is freed with the outer one, or when that is reset. */
struct arena *arena_within(struct arena *outer, size_t max);
/* Runs the deferred calls, last first, and takes all memory back; one block stays for the next
 * user. */
void arena_reset(struct arena *a);
void arena_free(struct arena *a);

void *arena_alloc(struct arena *a, size_t size, size_t align)
	__attribute__((malloc, returns_nonnull, alloc_size(2)));
/* n objects of size bytes; the product is checked. */
void *arena_array(struct arena *a, size_t n, size_t size, size_t align)
	__attribute__((malloc, returns_nonnull));
/* Bytes made more, as by realloc: where they lie if nothing lies behind them, else a copy.  p may
 * be NULL, of size 0. */
void *arena_grow(struct arena *a, void *p, size_t size, size_t larger)
	__attribute__((returns_nonnull, alloc_size(4)));
void arena_defer(struct arena *a, void (*fn)(void *), void *obj);
/* Gives the system what the heap holds but nobody uses: worth it once, after a start. */
void arena_trim(void);
/* Bytes taken since the last reset. */
size_t arena_used(const struct arena *a);

#define ARENA_NEW(a, T)      ((T *)arena_alloc((a), sizeof(T), _Alignof(T)))
#define ARENA_ARRAY(a, T, n) ((T *)arena_array((a), (n), sizeof(T), _Alignof(T)))

#endif
