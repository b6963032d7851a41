#ifndef AUDIT_LIST_H
#define AUDIT_LIST_H

#include "audit/store.h"
#include "kit/http/page.h"

/* What addresses of the page, the API and the file ask for; all of it optional. */
struct audit_query {
	int64_t page, per_page;
	struct str actor; /* an id, or "nobody" */
	struct str action;
	struct str object; /* a kind, or an id */
	struct str from, to;
	struct uuid after, before; /* ids to go on from: to older ones, to newer ones */
};

struct audit_filter audit_filter_of(const struct audit_query *q);

extern const struct shape audit_query_shape;
const struct err *audit_list_api(struct req *r) must_check;
const struct err *audit_csv(struct req *r) must_check;
extern const struct shape audit_page_json;

#endif
