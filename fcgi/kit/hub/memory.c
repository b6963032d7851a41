/* The heap for what outlives a turn of the loop; see memory.h. */
#include "kit/hub/memory.h"

#include <stdio.h>
#include <stdlib.h>

void *hub_alloc(size_t size)
{
	void *p = calloc(1, size);

	if (!p) {
		fprintf(stderr, "level=fatal msg=\"out of memory\" wanted=%zu\n", size);
		abort();
	}
	return p;
}
