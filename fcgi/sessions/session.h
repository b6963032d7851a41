#ifndef SESSIONS_SESSION_H
#define SESSIONS_SESSION_H

#include "kit/base/clock.h"
#include "kit/base/shape.h"

/* A session and its visits as they are read, for whoever shows or writes them. */

enum session_status {
	SESSION_PREPARED,
	SESSION_ACTIVE,
	SESSION_PARKED,
	SESSION_ESCALATED,
	SESSION_COMPLETED,
	SESSION_ABANDONED
};

extern const struct names session_statuses, session_status_words; /* "active", "Running" */

struct session_row {
	struct uuid id, flow;
	int64_t version, newest; /* the flow's last version by now */
	bool retired;            /* the flow was archived or deleted */
	bool by_use;             /* its author lets the most taken answers stand first */
	struct str flow_name;
	int type; /* enum flow_type */
	struct json_text structure, intake;
	int status;
	struct uuid owner;
	struct str owner_name;
	struct uuid preparer;
	struct str preparer_name;
	struct uuid assignee;
	struct str assignee_name;
	struct instant created_at, updated_at, started_at, completed_at, abandoned_at;
	int64_t visit;  /* where it stands; 0 before the start */
	int64_t active; /* seconds */
	bool ticking;
	struct str outcome, summary; /* no outcome before the end */
	struct json_text variables;  /* name to value; null: a password */
	struct json_text secrets;    /* name to what is sealed, for those who may use it */
	struct str scratchpad;
	int64_t scratch_n;
	struct str ticket, client;
	int64_t revision;
	struct uuid handoff; /* to colleagues: open or claimed */
	struct str handoff_by, handoff_why;
	struct uuid aside; /* parked: since when, why, and when it returns by itself */
	struct instant aside_at;
	struct str aside_why;
	struct instant wake_at;
	bool sees, runs, starts, prepares, ends, takes_out;
};

struct visit_row {
	struct uuid id;
	int64_t n;
	struct str node, kind, title, section;
	struct str option, option_label, notes;
	struct str skip_reason; /* none: not skipped */
	int64_t again, earlier; /* earlier: the visit that it repeats, 0: none */
	struct uuid person;
	struct str person_name;
	struct instant entered_at;
	int64_t entered_active, took; /* seconds; took of an answered one */
	struct instant answered_at, reverted_at;
};

#endif
