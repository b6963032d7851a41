/* A hash table from texts to places; see places.h. */
#include "flows/places.h"

#include "kit/base/arena.h"

struct place {
	struct str text;
	size_t at, round; /* free where it is of another round than the table */
};

struct places {
	size_t mask, round;
	struct place *slots;
};

struct places *places_new(struct arena *a, size_t most)
{
	struct places *p = ARENA_NEW(a, struct places);
	size_t room = 16;

	while (room < most * 2)
		room *= 2;
	*p = (struct places){ room - 1, 1, ARENA_ARRAY(a, struct place, room) };
	return p;
}

static size_t hash(struct str text)
{
	uint64_t h = 14695981039346656037u;

	for (size_t at = 0; at < text.n; at++)
		h = (h ^ (unsigned char)text.p[at]) * 1099511628211u;
	return (size_t)(h ^ h >> 32);
}

/* The slot that holds the text, or the free one where it belongs. */
static struct place *slot_of(const struct places *p, struct str text)
{
	size_t slot = hash(text) & p->mask;

	while (p->slots[slot].round == p->round && !str_eq(p->slots[slot].text, text))
		slot = (slot + 1) & p->mask;
	return &p->slots[slot];
}

ptrdiff_t places_find(const struct places *p, struct str text)
{
	const struct place *slot = slot_of(p, text);

	return slot->round == p->round ? (ptrdiff_t)slot->at : -1;
}

ptrdiff_t places_put(struct places *p, struct str text, size_t at)
{
	struct place *slot = slot_of(p, text);

	if (slot->round == p->round)
		return (ptrdiff_t)slot->at;
	*slot = (struct place){ text, at, p->round };
	return -1;
}

void places_clear(struct places *p)
{
	p->round++;
}
