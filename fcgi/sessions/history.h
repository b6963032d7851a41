#ifndef SESSIONS_HISTORY_H
#define SESSIONS_HISTORY_H

#include "kit/http/page.h"
#include "sessions/acts.h"
#include "sessions/store.h"

/* The list of sessions, for its page and its API. */

/* What the address asks for. */
struct history_query {
	int64_t page, per_page;
	int owner, status;
	struct str assigned_to_id;
	struct uuid tree_id;
	struct str q, from, to, client, ticket;
	struct uuid person, after, before; /* before: the page's alone */
};

extern const struct shape history_query_shape;
extern const struct names history_owners; /* "mine", "all" */

struct history {
	struct history_filter filter;
	struct page page;
	struct list sessions;     /* struct session, newest first; without steps */
	int64_t total, counted;   /* counted: up to so many */
	bool more_total;          /* there are more than the total, or may be */
	struct uuid older, newer; /* the places to go on from; none at the ends */
	bool gave_up;             /* of what is asked for, more may be found beyond `older` */
	struct list found;        /* struct history_row */
	struct history_count_row *count;
};

/* What is asked of the reading. */
struct history_need {
	int64_t size, count; /* of a page; up to how many are counted */
	bool every;          /* flows' texts and variables of ended ones as well */
};

struct history_filter history_filter(struct req *r, const struct history_query *q);
/* Queues the first part; what else is queued comes back with history_fetch, which commits. */
const struct err *history_ask(struct req *r, const struct history_query *query,
			      const struct history_need *need, struct history *ret) must_check;
const struct err *history_fetch(struct req *r, const struct history_need *need,
				struct history *h) must_check;

/* The list as a file for spreadsheets. */
const struct err *history_csv(struct req *r, const struct history_filter *f) must_check;

extern const struct view session_history_view;

#endif
