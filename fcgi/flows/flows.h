#ifndef FLOWS_FLOWS_H
#define FLOWS_FLOWS_H

#include "kit/http/http.h"
#include "kit/jobs/jobs.h"

/* Flows: what an account knows.  doc.h is the pure side, store.h the stored one, acts.h what is
 * done. */

struct json;
struct tx;

/*
 * For the demo account: a flow as the JSON export gives one, published, by whoever the transaction
 * has entered as; its category is made by a team admin.
 */
void flows_seed_category(struct tx *tx, const struct json *flow);
const struct err *flows_seed(struct arena *a, struct tx *tx, const struct json *flow) must_check;

extern const struct route trees_api[], editor_routes[], node_routes[], fields_routes[],
	details_routes[], history_routes[], flow_routes[], import_routes[], library_api[],
	library_routes[], bulk_routes[], lane_routes[], folders_routes[], categories_routes[],
	search_routes[];

/* The flows on somebody's home page: those pinned, and those last changed.  The second call makes
 * lines of the rows when the transaction has run. */
struct flows_home {
	struct list pinned, recent;
};
extern const struct shape flows_home_shape;
void flows_home_read(struct req *r, struct flows_home *ret);
void flows_home_ready(struct req *r, struct flows_home *home);

/* A flow's page once more, with what was wrong with starting a session on it. */
const struct err *flow_show_again(struct req *r, struct uuid flow) must_check;

extern const struct view *const flows_views[], *const library_views[];
extern const struct sql *const flows_statements[];
extern const struct job_kind flows_jobs[];
extern const struct chore flows_chores[];

#endif
