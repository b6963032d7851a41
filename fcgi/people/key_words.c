/* What a key of the API may open; see key_words.h. */
#include "people/key_words.h"

const struct key_word key_words[] = {
	{ "read", "Read",
	  "Flows, the sessions that you may see, exports of flows, search. It changes nothing.",
	  PERM_READ },
	{ "run", "Run", "Start, answer, complete, export and share sessions.", PERM_RUN },
	{ "flows", "Write flows", "Make, edit, import and publish flows; pins and folders.",
	  PERM_FLOWS },
	{ "queue", "Escalations", "See what colleagues hand on, also as it comes, and take it.",
	  PERM_QUEUE },
	{ "curate", "Curate", "Delete flows; rename and merge categories.", PERM_CURATE },
	{ "people", "Administer",
	  "Users, teams, invites, redaction, webhooks and mail. Such a key can make its owner's "
	  "colleagues team admins.",
	  PERM_PEOPLE },
	{ 0 },
};
const struct names key_word_names = NAMES("read", "run", "flows", "queue", "curate", "people");

static const char *word_for(enum permission need)
{
	for (const struct key_word *k = key_words; k->word; k++)
		if (k->opened == need)
			return k->word;
	return NULL;
}

/* Whoever may read may also pin and sort by hand; a key that reads changes nothing at all. */
enum permission key_needs(const struct route *route)
{
	enum permission need = (enum permission)route->need;
	bool changes = route->method != GET;

	if (!str_starts(str_of(route->path), STR("/api/v1/")))
		return PERM__MAX;
	if (need == PERM_NONE || need == PERM_SIGNED_IN)
		return changes ? PERM__MAX : need;
	if (need == PERM_READ && changes)
		need = PERM_FLOWS;
	return word_for(need) ? need : PERM__MAX;
}

const char *key_word_of(const struct route *route)
{
	enum permission need = key_needs(route);

	if (need == PERM_NONE || need == PERM_SIGNED_IN)
		return "any";
	return need == PERM__MAX ? NULL : word_for(need);
}

unsigned key_mask(struct list words)
{
	unsigned mask = 1u << PERM_NONE | 1u << PERM_SIGNED_IN;

	for (size_t at = 0; at < words.n; at++) {
		int word;

		if (names_find(&key_word_names, ((const struct str *)words.items)[at], &word))
			mask |= 1u << key_words[word].opened;
	}
	return mask;
}
