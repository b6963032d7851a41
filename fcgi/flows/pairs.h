#ifndef FLOWS_PAIRS_H
#define FLOWS_PAIRS_H

#include "kit/base/shape.h"

struct arena;

/*
 * Two lists of structs whose first member is the text that tells them apart: which are in both, and
 * which of these have left the order that the others kept (as few as can be said to have moved).
 */
struct pairs {
	const ptrdiff_t *to_new; /* each older item's place in the newer list, or -1 */
	const ptrdiff_t *to_old; /* and back */
	const bool *moved;       /* each newer item */
	/* All of both in the order of the newer list, those that are gone where they stood:
	 * newer ones by their place, gone ones by -1 - place. */
	const ptrdiff_t *merged;
	size_t n;
};

void pair_up(struct arena *a, size_t size, struct list older, struct list newer, struct pairs *ret);

#endif
