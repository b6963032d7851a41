#ifndef SESSIONS_STORE_H
#define SESSIONS_STORE_H

#include "kit/db/db.h"
#include "sessions/session.h"

/* The rows of the sessions room and its statements, one function each; private to the room. */

/* The visit at which a session stands. */
struct visit_here_row {
	struct uuid session, id;
	int64_t n;
	struct str node, kind, title, section, notes;
	int64_t again, earlier;
	struct instant entered_at;
	int64_t entered_active;
	struct instant answered_at;
};

/* A flow's published version; version 0: there is none. */
struct startable_row {
	int64_t version;
	bool archived;
	struct str name;
	int type;
	struct json_text structure, intake;
};

struct colleague_row {
	struct uuid id;
	struct str name;
};

/* Whose sessions are handed on, and those that they have under way. */
struct req;
struct person_named {
	struct uuid id;
	struct str name;
};
struct held_row {
	struct uuid id;
	struct str name, about;
	struct instant at;
};
struct session_given {
	struct uuid id;
};

struct assignee_row {
	struct uuid id;
	struct str name, email;
	bool notice, mail;      /* how they wish to be told */
	struct instant mail_at; /* when a mail may leave */
};

/* A flow to choose from. */
struct startable_flow {
	struct uuid id;
	struct str name;
	int type;
	int64_t steps, runs;
};

/* On the home page: one's own, and those that wait for somebody to start them. */
struct going_row {
	struct uuid id;
	struct str flow_name, title, ticket, client;
	bool parked, escalated;
	struct instant updated_at, wake_at;
	struct json_text variables, intake;
};

struct waiting_row {
	struct uuid id;
	struct str flow_name, ticket, client, preparer;
	struct instant created_at;
	bool outdated, mine;
};

struct new_session {
	struct uuid id, flow;
	int64_t version;
	struct str variables; /* JSON */
	struct str ticket, client;
	bool starts; /* else it is prepared */
	struct uuid assignee;
};

struct new_visit {
	struct str node, kind, title, section;
	int64_t again, earlier; /* 0: none */
	struct str notes;
};

/* ---- lists ---- */

/* What of the sessions is listed; none and -1 ask for nothing. */
struct history_filter {
	struct str q;
	bool whole; /* the account's, not one's own */
	int status;
	struct uuid flow;
	struct str client, ticket;
	struct uuid person, assignee;
	struct instant since, until;
};

/* Where in the list: older than `after`, or newer than `before`, the nearest of them. */
struct history_place {
	struct uuid after, before;
	int64_t skip, most;
};

struct history_row {
	struct uuid id;
	bool hit; /* else the place where looking ended, to go on from */
};

struct history_count_row {
	int64_t n;
	bool more; /* at least n */
};

struct history_choice {
	struct str kind, value, label;
};

struct session_doc_row {
	struct uuid flow;
	int64_t version;
	struct str name;
	int type;
	struct json_text structure, intake;
};

/* ERR_NOT_FOUND, or ERR_FORBIDDEN where a colleague of the account may not see it. */
void store_session_find(struct tx *t, struct uuid session);
void store_step_find(struct tx *t, struct uuid session, struct uuid step);
void store_session_lock(struct tx *t, struct uuid session);
void store_session(struct tx *t, struct uuid session, struct session_row **ret);
void store_visits(struct tx *t, struct uuid session, struct list *ret);
/* Of struct travel_row. */
void store_travel_here(struct tx *t, struct uuid session, struct list *ret);
void store_startable(struct tx *t, struct uuid flow, struct startable_row **ret);
void store_session_add(struct tx *t, const struct new_session *s);
void store_flow_used(struct tx *t, struct uuid flow);
void store_session_start(struct tx *t, struct uuid session);
void store_startables(struct tx *t, struct str q, int64_t most, struct list *ret);
void store_assignee(struct tx *t, struct uuid person, struct assignee_row **ret);
void store_colleagues(struct tx *t, struct list *ret);
void store_person_named(struct tx *t, struct uuid person, struct person_named **ret);
void store_sessions_held(struct tx *t, struct uuid person, int64_t most, struct list *ret);
/* sessions: ids as texts; a list of struct session_given, those that went. */
void store_sessions_hand_to(struct req *r, struct uuid person, struct list sessions, struct uuid to,
			    struct list *ret);
void store_session_assign(struct tx *t, struct uuid session, struct uuid assignee);
/* At the number where the session stands. */
void store_visit_add(struct tx *t, struct uuid session, const struct new_visit *v);
void store_visit_answer(struct tx *t, struct uuid session, struct str option, struct str label,
			struct str skip_reason);
void store_session_step(struct tx *t, struct uuid session);
void store_visits_revert(struct tx *t, struct uuid session, int64_t from);
/* ERR_CONFLICT where so many were replaced that no more is kept. */
void store_visit_note_room(struct tx *t, struct uuid session);
void store_visit_note(struct tx *t, struct uuid session, int64_t n, struct str notes);
void store_session_touch(struct tx *t, struct uuid session);
/* filled: a JSON object to merge; cleared: texts. */
void store_session_fill(struct tx *t, struct uuid session, struct str filled, struct list cleared);
void store_secret_keep(struct tx *t, struct uuid session, struct str name, struct str sealed);
void store_secrets_drop(struct tx *t, struct uuid session, struct list names);
/* None leaves a text as it is. */
void store_session_texts(struct tx *t, struct uuid session, struct str scratchpad,
			 struct str ticket, struct str client);
void store_travel_add(struct tx *t, struct uuid session);
void store_session_complete(struct tx *t, struct uuid session, struct str outcome,
			    struct str summary);
void store_session_abandon(struct tx *t, struct uuid session);
/* For the demo account: as it was, when it was. */
struct seed_flow {
	struct uuid id;
	int64_t version;
	struct str name;
	int type;
	struct json_text structure, intake;
};
struct seed_session {
	struct uuid id, flow;
	int64_t version;
	struct uuid owner, preparer, assignee; /* no owner: prepared */
	struct str variables, ticket, client;
	struct instant created, started, ended;
	int64_t visit, seconds;
	struct str outcome, summary;
};
struct seed_visit {
	int64_t n;
	struct new_visit step;
	struct str option, option_label, skip_reason;
	struct uuid person;
	struct instant entered;
	int64_t before, took; /* seconds; took -1: it stands there */
};
void store_seed_flow(struct tx *t, struct str name, struct seed_flow **ret);
void store_seed_session(struct tx *t, const struct seed_session *s);
void store_seed_visit(struct tx *t, struct uuid session, const struct seed_visit *v);
void store_seed_parked(struct tx *t, struct uuid session, struct uuid person, struct str reason,
		       struct instant at);
struct seed_handoff {
	struct uuid id, session, by, taker; /* no taker: it waits */
	struct str reason, tried, priority, resolution;
	struct instant at, taken, ended;
	int64_t visit;
};
void store_seed_handoff(struct tx *t, const struct seed_handoff *h);
void store_sessions_going(struct tx *t, struct list *ret);
void store_sessions_waiting(struct tx *t, struct list *ret);

void store_history(struct tx *t, const struct history_filter *f, const struct history_place *p,
		   struct list *ret);
void store_history_count(struct tx *t, const struct history_filter *f, int64_t most,
			 struct history_count_row **ret);
/* struct history_choice of the kinds "flow", "client" and "person". */
void store_history_choices(struct tx *t, const struct history_filter *f, struct list *ret);
/* struct session_row, newest first; all that list items need of ended ones as well where `every`.
 */
void store_sessions_listed(struct tx *t, struct list ids, bool every, struct list *ret);
void store_session_docs(struct tx *t, struct list ids, bool every, struct list *ret);
/* Across accounts, some of them at a time. */
void store_session_text_settle(struct tx *t);
/* struct visit_here_row */
void store_visits_here(struct tx *t, struct list ids, struct list *ret);

#endif
