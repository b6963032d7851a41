#ifndef PEOPLE_KEY_WORDS_H
#define PEOPLE_KEY_WORDS_H

#include "kit/http/http.h"
#include "people/roles.h"

/*
 * What a key of the API may open, in words: one for each permission that a key can have.  What no
 * word opens, no key reaches: pages, what is one's own to change (password, devices, keys,
 * notices), and the account or the platform as a whole.
 */
struct key_word {
	const char *word, *label, *opens;
	enum permission opened;
};

extern const struct key_word key_words[]; /* ended by one without a word */
extern const struct names key_word_names; /* in the same order */

/* The permission that a key needs for a route, which for changes may be more than a person needs;
 * PERM__MAX: no key reaches it. */
enum permission key_needs(const struct route *route);
/* The word of what it needs, "any" where each key will do, NULL where none does. */
const char *key_word_of(const struct route *route);

/* A bit for each permission that these words open, and what needs none. */
unsigned key_mask(struct list words);

#endif
