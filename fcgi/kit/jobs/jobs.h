#ifndef KIT_JOBS_JOBS_H
#define KIT_JOBS_JOBS_H

#include <stdbool.h>

#include "kit/base/err.h"
#include "kit/base/shape.h"

struct arena;
struct db;
struct sql;
struct tx;

/*
 * Work for later.  A row is written with the change that asks for it; whichever process takes it
 * holds it by a lease, so that nothing is lost with a process, and by SKIP LOCKED none waits for
 * another.
 */
struct new_job {
	const char *kind;
	struct json_text payload; /* none: {} */
	struct instant run_at;    /* none: now */
	struct str unique_key;    /* none, or: at most one of this key waits in the account */
	struct uuid account;      /* none: the one that the transaction has entered */
};

void jobs_enqueue(struct tx *tx, const struct new_job *job);

/*
 * A job in hand.  `tx` has entered the job's account and is held: what the handler queues there
 * commits together with the job's being done, so each job has its effects in the database once.
 * What goes outward can happen again, where the process dies before the commit.
 */
struct job {
	struct arena *arena;
	struct db *db;
	struct tx *tx;
	const void *ctx; /* of struct jobs_settings */
	struct uuid id, account;
	struct str kind, payload;
	int64_t attempt;  /* from 1 */
	int64_t deadline; /* of clock_mono: when the lease runs out */
};

/*
 * Another transaction in the job's account, for a part of the work that does not fail with the
 * rest.  It commits by itself, so the handler finds what is done already; it comes before the first
 * use of the job's own.
 */
struct tx *job_tx(const struct job *j);

/* A room's table of these ends with a row without a name. */
struct job_kind {
	const char *name;
	const struct err *(*run)(struct job *j);
	int max_attempts;  /* then it is a dead letter */
	int lease_seconds; /* more than the longest run */
};

/* Housekeeping: done once in each period, by whichever process comes first. */
struct chore {
	const char *name;
	int every_seconds;
	const struct err *(*run)(struct job *j);
};

/* What became of a job or a chore, for the log. */
struct job_report {
	const char *event, *outcome; /* "job" or "chore"; "done", "later", "dead", "failed" */
	const struct job *job;
	const struct err *why; /* NULL: done */
	int64_t microseconds;
};

struct jobs_settings {
	struct db *db;                       /* with jobs_statements */
	const struct job_kind *const *kinds; /* both: NULL-ended lists of tables */
	const struct chore *const *chores;
	const void *ctx;
	void (*tell)(const struct job_report *report);
};

struct jobs;

struct jobs *jobs_new(struct arena *a, const struct jobs_settings *settings);
/*
 * Takes one job that is due and runs it; *ret is false where none was.  What the handler made of
 * it is no error here: that is told, recorded, and tried again after 10 s, 20 s, 40 s ... up to an
 * hour, or longer where the error says so.
 */
const struct err *jobs_work(struct jobs *q, bool *ret) must_check;
/* Does the housekeeping that is due; a chore that fails waits for its next period. */
const struct err *jobs_keep_house(struct jobs *q) must_check;

/*
 * For the operator, over all accounts, as the jobs program's role.  state, kind: "" for any; id,
 * account: none for any.
 */
enum job_state { JOB_QUEUED, JOB_RUNNING, JOB_DONE, JOB_DEAD };
extern const struct names job_states;
struct job_row {
	struct uuid id, account;
	struct str kind;
	int state;
	int64_t attempts;
	struct instant run_at, created_at, finished_at;
	struct str last_error;
};
extern const struct shape job_row_shape;
struct job_filter {
	struct str state, kind;
	struct uuid account;
};
struct job_count {
	int64_t n;
	struct str kinds; /* "announce, digest" */
};
void jobs_list(struct tx *tx, const struct job_filter *filter, int64_t most, struct list *ret);
/* Dead ones from the beginning; where one of the same key waits, it stays dead. */
void jobs_retry(struct tx *tx, struct uuid id, const struct job_filter *filter,
		struct job_count **ret);
/* One that waits or is dead, for ever. */
void jobs_drop(struct tx *tx, struct uuid id, struct job_count **ret);

extern const struct sql *const jobs_statements[];
extern const struct chore jobs_chores[];

#endif
