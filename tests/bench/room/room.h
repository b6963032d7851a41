#ifndef ROOM_ROOM_H
#define ROOM_ROOM_H

#include "kit/base/shape.h"
#include "kit/http/http.h"

/* A list of 50 rows for `make bench`, without whatever a list of ours has beside its rows: it goes
 * the whole way of a real page. */
struct flow_row {
	struct uuid id;
	struct str name, description, category;
	struct list tags;
	int64_t used;
	struct instant updated_at;
};

extern const struct shape flow_row_shape;

/* Queued, as in every room. */
void store_flows(struct tx *t, struct list *ret);

/* Shows the list; rows of flow_row. */
const struct err *view_flows(struct req *r, struct list flows) must_check;

extern const struct route room_routes[];
extern const struct view *const room_views[];
extern const struct sql *const room_statements[];

#endif
