#ifndef FLOWS_HITS_H
#define FLOWS_HITS_H

#include "flows/doc.h"

/* Where in a flow the words of a search stand.  The database says which flows fit; which steps of
 * those few to show is found here, without asking it again.  Pure. */

/* A word as the index keeps it: its stem in lower case, or the beginning of one. */
struct search_word {
	struct str text;
	bool prefix;
};

/* A piece of a snippet. */
struct hit_part {
	struct str text;
	bool hit;
};

struct flow_hit {
	struct str node_id, title;
	struct list parts; /* struct hit_part, of a line or two around what was found */
};

extern const struct shape hit_part_shape;

/* The steps with most of the words, at most `most`: struct flow_hit.  More than 64 words are not
 * looked for. */
struct list flow_hits(struct arena *a, const struct flow_graph *g, struct list words, size_t most);
/* A line or two of the text from its first hit on, or from its beginning: struct hit_part. */
struct list flow_hit_parts(struct arena *a, struct str text, struct list words);
/* The parts as one text, what was found between « and ». */
struct str flow_hit_text(struct arena *a, struct list parts);

#endif
