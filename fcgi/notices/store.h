#ifndef NOTICES_STORE_H
#define NOTICES_STORE_H

#include "kit/db/db.h"

/* A person's notices and their statements, one function each; private to the room. */

struct notice {
	struct uuid id;
	struct str text, link;
	struct instant created_at;
	bool unread;
};

struct opened {
	struct str link;
};

/* The newest first; before: UUID_NONE, or only those older than this one. */
void store_notices(struct tx *t, struct uuid before, int64_t most, struct list *ret);
void store_notice_open(struct tx *t, struct uuid id, struct opened **ret);
void store_notices_read(struct tx *t);

#endif
