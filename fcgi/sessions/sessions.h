#ifndef SESSIONS_SESSIONS_H
#define SESSIONS_SESSIONS_H

#include "kit/http/http.h"
#include "kit/jobs/jobs.h"

/* Sessions: guided runs of a flow, from its preparation to its end.  run.h and values.h are the
 * pure side, store.h the stored one, acts.h what is done. */

struct json;
struct sql;
struct tx;
struct view;

/*
 * For the demo account: a session as a file of app/demo/sessions tells of it, after the flow it is
 * on; people: their names there and their ids, ended by one without a name.
 */
const struct err *sessions_seed(struct arena *a, struct tx *tx, const struct pair *people,
				const struct json *told) must_check;

/* What the home page shows: where whoever asks stopped, the latest by itself, and what waits for
 * them.  The second call makes lines of the rows when the transaction has run. */
struct sessions_home {
	struct list last, going, waiting;
	bool has_going, has_others, has_waiting, runs;
};
extern const struct shape sessions_home_shape;
void sessions_home_read(struct req *r, struct sessions_home *ret);
void sessions_home_ready(struct req *r, struct sessions_home *home);

extern const struct route sessions_api[], steps_routes[], panel_routes[], ending_routes[],
	record_routes[], begin_routes[], prepare_routes[], aside_routes[], sessions_lists[],
	sessions_history[], hand_to_routes[];
extern const struct view *const sessions_views[];
extern const struct sql *const sessions_statements[];
extern const struct chore sessions_chores[];

#endif
