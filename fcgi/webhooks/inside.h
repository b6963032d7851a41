#ifndef WEBHOOKS_INSIDE_H
#define WEBHOOKS_INSIDE_H

#include "kit/http/page.h"
#include "webhooks/store.h"

/* What pages and API of the room share beside the acts. */
extern const struct shape webhook_input, calls_query;

struct calls_query {
	int64_t page, per_page;
};

struct calls {
	struct page page;
	struct list rows; /* of struct call_row */
	struct webhook_call_count *count;
};

/* Runs the transaction.  The first page, where the request's input is none of calls_query. */
const struct err *calls_find(struct req *r, struct calls *ret) must_check;

#endif
