#ifndef FLOWS_FLOWS_H
#define FLOWS_FLOWS_H

#include "kit/http/http.h"
#include "kit/jobs/jobs.h"

/* Flows: what an account knows.  doc.h is the pure side, store.h the stored one, acts.h what is
 * done. */

extern const struct route trees_api[], editor_routes[], node_routes[], fields_routes[],
	details_routes[], library_api[], library_routes[], bulk_routes[];

/* The flows on somebody's home page: those pinned, and those last changed.  The second call makes
 * lines of the rows when the transaction has run. */
struct flows_home {
	struct list pinned, recent;
};
extern const struct shape flows_home_shape;
void flows_home_read(struct req *r, struct flows_home *ret);
void flows_home_ready(struct req *r, struct flows_home *home);

extern const struct view *const flows_views[];
extern const struct sql *const flows_statements[];

#endif
