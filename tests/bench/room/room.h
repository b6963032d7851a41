#ifndef ROOM_ROOM_H
#define ROOM_ROOM_H

#include "kit/base/shape.h"
#include "kit/http/http.h"

/*
 * Pages as flows and sessions will have them, for `make bench`: a list of 50 rows, a session with
 * ten steps, one form post.  They go the whole way of a real page.
 */
struct flow_row {
	struct uuid id;
	struct str name, description, category;
	struct list tags;
	int64_t used;
	struct instant updated_at;
};

struct session_row {
	struct uuid id;
	struct str ticket, flow, status;
	int64_t step_count;
	struct instant updated_at;
	struct json_text node;
};

struct step_row {
	int64_t seq;
	struct str question, answer, note;
	struct instant created_at;
};

struct answered_row {
	int64_t seq;
};

struct answer_form {
	int64_t step;
	struct str answer, note;
};

extern const struct shape flow_row_shape, step_row_shape;

/* Queued, as in every room. */
void store_flows(struct tx *t, struct list *ret);
void store_session(struct tx *t, struct uuid session, struct session_row **ret);
void store_steps(struct tx *t, struct uuid session, struct list *ret);
/* NULL where that step is not the one that is asked, or it has no such answer. */
void store_answer(struct tx *t, struct uuid session, const struct answer_form *form,
		  struct answered_row **ret);

/* Shows the list; rows of flow_row. */
const struct err *view_flows(struct req *r, struct list flows) must_check;
const struct err *view_session(struct req *r, const struct session_row *session,
			       struct list steps) must_check;

extern const struct route room_routes[];
extern const struct view *const room_views[];
extern const struct sql *const room_statements[];

#endif
