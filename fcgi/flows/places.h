#ifndef FLOWS_PLACES_H
#define FLOWS_PLACES_H

#include "kit/base/str.h"

struct arena;

/* Texts to places in a list: of the same text the first. */
struct places;

struct places *places_new(struct arena *a, size_t most);
/* The place of the text, or -1. */
ptrdiff_t places_find(const struct places *p, struct str text);
/* The place that the text has already, or -1 and it is `at` from now on. */
ptrdiff_t places_put(struct places *p, struct str text, size_t at);
void places_clear(struct places *p);

#endif
