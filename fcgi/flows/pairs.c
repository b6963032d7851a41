/* Which items of two lists are the same, and which have moved; see pairs.h. */
#include "flows/pairs.h"

#include "flows/places.h"
#include "kit/base/arena.h"

static struct str key_at(struct list l, size_t size, size_t at)
{
	return *(const struct str *)(const void *)((const char *)l.items + at * size);
}

static void find_partners(struct arena *a, size_t size, struct list older, struct list newer,
			  ptrdiff_t *to_new, ptrdiff_t *to_old)
{
	struct places *places = places_new(a, older.n);

	for (size_t at = 0; at < older.n; at++) {
		places_put(places, key_at(older, size, at), at);
		to_new[at] = -1;
	}
	for (size_t at = 0; at < newer.n; at++) {
		to_old[at] = places_find(places, key_at(newer, size, at));
		if (to_old[at] < 0)
			continue;
		if (to_new[to_old[at]] < 0)
			to_new[to_old[at]] = (ptrdiff_t)at;
		else
			to_old[at] = -1; /* a double: one partner each */
	}
}

/*
 * The longest run of pairs that is in the same order in both lists has not moved.  ends[n] is the
 * item that ends the run of n + 1 with the lowest old place; before[at] is the one before it in its
 * run.
 */
static void find_moved(struct arena *a, const ptrdiff_t *to_old, size_t n, bool *moved)
{
	ptrdiff_t *ends = ARENA_ARRAY(a, ptrdiff_t, n + 1),
		  *before = ARENA_ARRAY(a, ptrdiff_t, n + 1), at;
	size_t longest = 0;

	for (size_t item = 0; item < n; item++) {
		size_t low = 0, high = longest;

		moved[item] = to_old[item] >= 0;
		if (!moved[item])
			continue;
		while (low < high) {
			size_t mid = (low + high) / 2;

			if (to_old[ends[mid]] < to_old[item])
				low = mid + 1;
			else
				high = mid;
		}
		before[item] = low ? ends[low - 1] : -1;
		ends[low] = (ptrdiff_t)item;
		longest += low == longest;
	}
	for (at = longest ? ends[longest - 1] : -1; at >= 0; at = before[at])
		moved[at] = false;
}

/* Those that are gone stand before the one that followed them. */
static size_t put_gone(const ptrdiff_t *to_new, size_t before, ptrdiff_t *merged, size_t n)
{
	size_t from = before;

	while (from > 0 && to_new[from - 1] < 0)
		from--;
	for (; from < before; from++)
		merged[n++] = -1 - (ptrdiff_t)from;
	return n;
}

void pair_up(struct arena *a, size_t size, struct list older, struct list newer, struct pairs *ret)
{
	ptrdiff_t *to_new = ARENA_ARRAY(a, ptrdiff_t, older.n + 1);
	ptrdiff_t *to_old = ARENA_ARRAY(a, ptrdiff_t, newer.n + 1);
	ptrdiff_t *merged = ARENA_ARRAY(a, ptrdiff_t, older.n + newer.n + 1);
	bool *moved = ARENA_ARRAY(a, bool, newer.n + 1);
	size_t n = 0;

	find_partners(a, size, older, newer, to_new, to_old);
	find_moved(a, to_old, newer.n, moved);
	for (size_t at = 0; at < newer.n; at++) {
		if (to_old[at] >= 0)
			n = put_gone(to_new, (size_t)to_old[at], merged, n);
		merged[n++] = (ptrdiff_t)at;
	}
	n = put_gone(to_new, older.n, merged, n);
	*ret = (struct pairs){ to_new, to_old, moved, merged, n };
}
