#ifndef REDACTION_STORE_H
#define REDACTION_STORE_H

#include "kit/db/db.h"

/* An account's own patterns and their statements, one function each; private to the room. */

struct pattern_row {
	struct uuid id;
	struct str name, pattern, kind, made_by;
	struct instant created_at;
};

void store_patterns(struct tx *t, struct list *ret);
void store_pattern(struct tx *t, struct uuid id, struct pattern_row **ret);
/* Refused where there are 50 already, or one of that name. */
void store_pattern_add(struct tx *t, const struct pattern_row *row);
void store_pattern_delete(struct tx *t, struct uuid id);

#endif
