#ifndef REPORTS_PAGES_H
#define REPORTS_PAGES_H

#include "kit/http/http.h"

/* What of a session leaves the product, and how: exports, links, and the check of a document. */

struct sql;

extern const struct route out_routes[], print_routes[], shares_routes[], shared_routes[],
	verify_routes[];
extern const struct view *const out_views[],
	*const print_views[], *const shares_views[], *const shared_views[], *const verify_views[];
extern const struct sql *const reports_statements[];

#endif
