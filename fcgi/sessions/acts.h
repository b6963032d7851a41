#ifndef SESSIONS_ACTS_H
#define SESSIONS_ACTS_H

#include "handoffs/handoffs.h"
#include "kit/http/http.h"
#include "sessions/run.h"
#include "sessions/session.h"
#include "sessions/values.h"

/*
 * What is done to sessions, for pages and API alike.  An act works on an opened session, which is
 * locked, and queues its writes; the handler runs the transaction.
 */
struct session {
	struct session_row *row;
	struct flow_doc doc; /* the version that it runs on */
	const struct flow_index *ix;
	struct list visits;           /* struct visit_row */
	const struct visit_row *here; /* where it stands; NULL before the start and at the end */
	const struct flow_node *node; /* of here */
	struct values values;
};

const struct visit_row *session_visits(const struct session *s);
const struct visit_row *session_visit(const struct session *s, int64_t n); /* or NULL */
/* Answered and not gone back on. */
bool visit_holds(const struct visit_row *v);
/* What a record tells: what was answered; and of what has no answer, or none yet, what holds a note
 * of its own. */
bool session_tells(const struct session *s, const struct visit_row *v);

struct str session_url(struct req *r, struct uuid session); /* "/sessions/ID" */
struct str session_outcome_word(struct str outcome);        /* "Escalated"; none before the end */

/* For the `find` column of a route: 404 and 403 before 422. */
void session_find(struct req *r);
/* Commits. */
const struct err *session_read(struct req *r, struct uuid id, struct session *ret) must_check;
/* Locks it and stays in the transaction. */
const struct err *session_open(struct req *r, struct uuid id, struct session *ret) must_check;

/* Refuses (403, 409) who may not answer and end it, or when it does not run. */
const struct err *session_must_run(struct req *r, const struct session *s) must_check;
/* The same of filling its variables and texts, which is also done before the start. */
bool session_fills(const struct session *s);
const struct err *session_must_fill(struct req *r, const struct session *s) must_check;

/* ---- making ---- */

struct session_making {
	struct uuid flow;
	const struct json *variables; /* an object, or NULL */
	struct str ticket, client;
	bool starts; /* else it is prepared */
	struct uuid assignee;
	bool quiet; /* they know of it: it stands for one of which they were told */
};
/* Queues it all; the id is made here. */
const struct err *session_make(struct req *r, const struct session_making *m,
			       struct uuid *ret) must_check;
const struct err *session_start(struct req *r, const struct session *s) must_check;
/* Of a prepared one; none: open to the team. */
const struct err *session_assign(struct req *r, const struct session *s,
				 struct uuid assignee) must_check;

/* ---- filling ---- */

/* A form's fields "v.NAME", or a JSON object, judged; what is wrong becomes problems of `prefix`
 * and the name, and a name without a field too. */
struct value_changes {
	struct value_change *items;
	size_t n;
};
const struct err *values_from_json(struct req *r, const struct flow_doc *d, const struct json *j,
				   struct value_changes *ret) must_check;
const struct err *values_from_form(struct req *r, const struct flow_doc *d,
				   struct value_changes *ret) must_check;
void session_fill(struct req *r, const struct session *s, const struct value_changes *changes);
/* None leaves a text as it is; a scratchpad typed over an older one than is stored is "stale". */
struct session_texts {
	struct str scratchpad, ticket, client;
	int64_t scratch_n; /* -1: whatever is stored */
};
const struct err *session_write(struct req *r, const struct session *s,
				const struct session_texts *texts) must_check;

/* ---- the run ---- */

struct run_answer {
	struct str node;   /* none: where it stands */
	struct str token;  /* none: not told */
	struct str option; /* of a decision */
	struct str notes;  /* none: as they are */
	bool skip;
	struct str skip_reason;
};
/* ERR_CONFLICT "stale_step" where node or token are not where the session stands. */
const struct err *session_check_step(struct req *r, const struct session *s, struct str node,
				     struct str token) must_check;
const struct err *session_answer(struct req *r, const struct session *s,
				 const struct run_answer *a) must_check;
/* To the visit n, which is come to anew; 0: one step. */
const struct err *session_back(struct req *r, const struct session *s, int64_t n) must_check;
/* Refuses what is too much for one record. */
const struct err *session_note(struct req *r, const struct session *s, int64_t n,
			       struct str notes) must_check;
struct str session_token(struct arena *a, const struct session *s);

/* ---- its end ---- */

/* outcome none: the answer's where it stands, else unresolved. */
const struct err *session_complete(struct req *r, const struct session *s, struct str outcome,
				   struct str summary) must_check;
const struct err *session_abandon(struct req *r, const struct session *s) must_check;
const struct err *session_park(struct req *r, const struct session *s, struct str reason,
			       struct instant wake_at, struct handoff *ret) must_check;
/* A name of a flow or a step with what is filled in it, else with the field's label, where a list
 * knows no more of its session; one that can't be told so stays as it was written. */
struct str session_named(struct arena *a, struct json_text intake, struct json_text variables,
			 struct str name);
/* To colleagues, from wherever it stands, a parked one too.  `session` and `aside` of it are filled
 * in here. */
const struct err *session_escalate(struct req *r, const struct session *s, struct new_handoff from,
				   struct handoff *ret) must_check;
const struct err *session_resume(struct req *r, const struct session *s) must_check;

#endif
