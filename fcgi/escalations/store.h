#ifndef ESCALATIONS_STORE_H
#define ESCALATIONS_STORE_H

#include "kit/base/shape.h"
#include "kit/db/db.h"

/* The rows of the escalations room and its statements; private to the room. */

struct helper_row {
	struct uuid id;
	struct str name;
};

struct handed_row {
	struct str scratchpad;
};

/* Colleagues who may take a case over: struct helper_row. */
void store_helpers(struct tx *t, struct list *ret);
/* What only colleagues see, and only while it is handed to them; NULL: it is not. */
void store_handed(struct tx *t, struct uuid handoff, struct handed_row **ret);

#endif
