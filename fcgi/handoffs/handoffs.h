#ifndef HANDOFFS_HANDOFFS_H
#define HANDOFFS_HANDOFFS_H

#include "handoffs/states.h"
#include "kit/base/err.h"
#include "kit/http/http.h"
#include "kit/jobs/jobs.h"

struct sql;
struct tx;

/*
 * A session handed to colleagues, or laid aside for oneself.  Whatever changes one goes through
 * handoff_begin and handoff_do, which look the step up in the table of states, and write with it in
 * the same transaction: the session's owner and clock, the audit, the numbered event for streams,
 * the record of who is to be told, and the jobs that tell them.
 */
struct handoff_row {
	struct uuid id, session;
	struct str intent;
	int state;
	struct str reason, tried;
	int priority; /* of handoff_priorities; -1 of a parked one */
	struct uuid by;
	struct str by_name;
	struct uuid to;
	struct str to_name;
	struct uuid claimer;
	struct str claimer_name;
	struct instant created_at, claimed_at, ended_at, due_at, overdue_at, wake_at;
	struct str resolution;
	struct uuid flow;
	int64_t version;
	struct str flow_name; /* as the author wrote it, with its variables unfilled */
	struct json_text intake, variables;
	struct str client, ticket;
	int64_t visit; /* where the session stood, and what that step is called */
	struct str step;
	struct instant watch_at; /* when the clock has to look at it */
};

struct delivery_row {
	struct uuid handoff, id;
	struct str occasion, channel, recipient, status;
	int64_t attempts;
	struct str last_error;
	struct instant sent_at, created_at, not_before;
	bool calls; /* somebody to take it over; else it tells how one's own goes */
};

/* What happened to a session by way of colleagues. */
struct handoff_event {
	struct instant at;
	int what;        /* enum handoff_happening */
	struct str who;  /* none: it happened by itself */
	struct str word; /* why it was handed off, what it was */
};
enum handoff_happening {
	HAPPENED_CREATED,
	HAPPENED_CLAIMED,
	HAPPENED_RELEASED,
	HAPPENED_RESOLVED,
	HAPPENED_CANCELLED
};

struct handoff {
	const struct handoff_row *row;
	struct list deliveries; /* of struct delivery_row, oldest first */
};

enum handoff_priority { PRIORITY_LOW, PRIORITY_NORMAL, PRIORITY_HIGH, PRIORITY_URGENT };
extern const struct names handoff_priorities;
extern const struct names handoff_priority_words; /* "High" */

/* ---- doing ---- */

struct new_handoff {
	struct uuid session; /* opened and locked: its number of visits is where it stands */
	struct uuid aside;   /* a park that this one ends, or UUID_NONE */
	struct str reason, tried;
	int priority;
	struct uuid to;      /* told first; UUID_NONE: all at once */
	struct instant wake; /* of a park */
};

/* HANDOFF_ESCALATE or HANDOFF_PARK, of a session that whoever asks runs.  Queues the last of it;
 * *ret is there when it returns. */
const struct err *handoff_begin(struct req *r, enum handoff_act act, const struct new_handoff *from,
				struct handoff *ret) must_check;

/*
 * One step of one that is there.  ERR_NOT_FOUND; ERR_CONFLICT, with the name of whoever was first,
 * where its state has no such step; ERR_FORBIDDEN where the step is another's.  word: how it was
 * resolved, or why it was cancelled; none is fine.
 */
const struct err *handoff_do(struct req *r, enum handoff_act act, struct uuid handoff,
			     struct str word, struct handoff *ret) must_check;
/* The same by the jobs program; *ret false where there was no such step to take any more. */
const struct err *handoff_clock(struct job *j, enum handoff_act act, struct uuid handoff,
				bool *ret) must_check;

/*
 * What somebody who was deactivated or has left had to do: what they took over goes back to the
 * queue, and what waits for them waits for everybody.  Nothing where they are back meanwhile.
 */
const struct err *handoff_vacate(struct job *j, struct uuid person) must_check;

/* ---- reading ---- */

/* A route's `find`. */
void handoff_find(struct req *r);
/* Queues the reading. */
void handoff_read(struct tx *tx, struct uuid handoff, struct handoff *ret);
/* Queues the reading of all struct handoff_event of a session, oldest first. */
void handoff_story(struct tx *tx, struct uuid session, struct list *ret);
/* "Handed off", "Taken over", by what happened. */
extern const struct names handoff_happenings;

/* Escalations, some at a time. */
enum handoff_whose { WHOSE_ALL, WHOSE_OTHERS, WHOSE_TAKEN, WHOSE_HANDED };
enum handoff_first { FIRST_NEWEST, FIRST_URGENT, FIRST_ENDED };
struct handoff_wish {
	struct list states; /* texts */
	enum handoff_whose whose;
	enum handoff_first first;
	int64_t most, skip;
};
/* Queues the reading of a list of struct handoff_row, and of how many there are in all. */
void handoff_list(struct tx *tx, const struct handoff_wish *wish, struct list *ret);
struct handoffs_count {
	int64_t n;
};
void handoff_count(struct tx *tx, const struct handoff_wish *wish, int64_t most,
		   struct handoffs_count **ret);
/* Of all these rows: a list of struct handoff, each with its deliveries.  Runs the transaction on.
 */
const struct err *handoff_fill(struct tx *tx, struct arena *a, struct list rows,
			       struct list *ret) must_check;

/* Whether whoever asks may take that step now: what pages offer. */
bool handoff_may(const struct req *r, const struct handoff_row *row, enum handoff_act act);

/*
 * Whether it waits and no colleague was told of it, nor will be: nobody is there to be told, all
 * turned it off, or every way failed.
 */
bool handoff_reached_nobody(const struct handoff *h);

/* HANDOFF of the API, and of the events; its members and fields by themselves, for whoever tells
 * more of one. */
struct person_json;
#define HANDOFF_MEMBERS                                                                            \
	struct uuid id, session_id;                                                                \
	struct str intent, status, reason, tried, priority;                                        \
	const struct person_json *escalated_by, *assigned_to, *claimed_by;                         \
	struct instant created_at, claimed_at, resolved_at, overdue_at, park_until;                \
	struct str resolution;                                                                     \
	struct list deliveries;
#define HANDOFF_PERSON(H, m) F_REF(H, m, struct person_json, &person_json_shape, .null = true)
#define HANDOFF_FIELDS(H)                                                                          \
	F_UUID(H, id), F_UUID(H, session_id), F_STR(H, intent), F_STR(H, status),                  \
		F_STR(H, reason), F_STR(H, tried), F_STR(H, priority, .null = true),               \
		HANDOFF_PERSON(H, escalated_by), HANDOFF_PERSON(H, assigned_to),                   \
		HANDOFF_PERSON(H, claimed_by), F_TIME(H, created_at),                              \
		F_TIME(H, claimed_at, .null = true), F_TIME(H, resolved_at, .null = true),         \
		F_TIME(H, overdue_at, .null = true), F_TIME(H, park_until, .null = true),          \
		F_STR(H, resolution), F_LIST(H, deliveries, &delivery_json_shape)
struct handoff_json {
	HANDOFF_MEMBERS
};
extern const struct shape handoff_json_shape, delivery_json_shape;
const struct handoff_json *handoff_json(struct arena *a, const struct handoff *h);
/* In lists: with "mine", whether it is of whoever asks.  handoffs: of struct handoff. */
extern const struct shape handoff_item_shape;
struct list handoff_items(struct req *r, struct list handoffs);

/* The jobs that a hand-off queues, with {"handoff": ID}. */
#define JOB_ANNOUNCE "handoff_announce"
#define JOB_WATCH    "handoff_watch"
void handoff_watch(struct tx *tx, struct arena *a, const struct handoff_row *row);

extern const struct sql *const handoffs_statements[];

#endif
