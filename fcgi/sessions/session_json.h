#ifndef SESSIONS_SESSION_JSON_H
#define SESSIONS_SESSION_JSON_H

#include "flows/tree.h"
#include "sessions/acts.h"

/* SESSION of the API. */
struct session_tree {
	struct uuid id;
	struct str name;
	int type;
	int64_t version;
};

struct session_step {
	struct uuid id;
	int64_t n;
	struct str node_id, title, kind, section;
	const struct flow_option *option;
	struct str notes;
	bool skipped;
	struct str skip_reason;
	const struct person_json *by;
	struct instant answered_at;
	int64_t seconds;
	bool reverted;
};

struct session_warning {
	struct str code, name;
};

struct session_json {
	struct uuid id;
	int status;
	struct session_tree tree;
	const struct flow_node *current_node;
	const struct session_step *current_step;
	struct str step_token;
	const struct person_json *owner, *prepared_by, *assigned_to;
	struct json_text variables;
	struct list unfilled; /* texts */
	struct list steps;
	struct str scratchpad, ticket_number, client_name, outcome, summary;
	struct instant started_at, completed_at, abandoned_at;
	int64_t active_seconds, revision;
	struct instant created_at, updated_at;
	struct list warnings; /* after completing it */
};

extern const struct shape session_json_shape, session_completed_shape;
extern const struct shape session_item_shape; /* in lists: without steps and scratchpad */

struct session_json session_json(struct arena *a, const struct session *s);
/* The session as the database now has it, with its ETag. */
const struct err *session_reply(struct req *r, struct uuid id) must_check;
/* Puts the session as it stands into a refusal, so that whoever was late sees where it is. */
const struct err *session_conflict(struct req *r, const struct session *s,
				   const struct err *e) must_check;

#endif
