#ifndef FLOWS_FLOWS_H
#define FLOWS_FLOWS_H

#include "kit/http/http.h"
#include "kit/jobs/jobs.h"

/* Flows: what an account knows.  doc.h is the pure side, store.h the stored one, acts.h what is
 * done. */

extern const struct route trees_api[], editor_routes[], node_routes[], fields_routes[],
	details_routes[], history_routes[], search_routes[];
extern const struct view *const flows_views[];
extern const struct sql *const flows_statements[];
extern const struct job_kind flows_jobs[];
extern const struct chore flows_chores[];

#endif
