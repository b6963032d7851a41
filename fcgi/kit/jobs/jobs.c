/* The queue and the housekeeping; see jobs.h. */
#include "kit/jobs/jobs.h"

#include <string.h>

#include "kit/base/arena.h"
#include "kit/crypto/crypto.h"
#include "kit/db/db.h"

#define JOB_ARENA_MAX ((size_t)256 * 1024 * 1024)
#define FIRST_RETRY   10 /* seconds */
#define LONGEST_RETRY 3600
#define LONGEST_ERROR 1000

struct claimed {
	struct uuid id, account;
	int64_t kind;
	struct str payload;
	int64_t attempt;
};

struct period {
	int64_t chore;
};

struct period_claimed {
	struct str name;
};

static const struct shape claimed_shape =
	SHAPE(struct claimed, F_UUID(struct claimed, id),
	      F_UUID(struct claimed, account, .null = true), F_INT(struct claimed, kind),
	      F_STR(struct claimed, payload), F_INT(struct claimed, attempt));
static const struct shape period_shape = SHAPE(struct period, F_INT(struct period, chore));
static const struct shape period_claimed_shape =
	SHAPE(struct period_claimed, F_STR(struct period_claimed, name));

const struct names job_states = NAMES("queued", "running", "done", "dead");
#define R struct job_row
const struct shape job_row_shape = SHAPE(
	R, F_UUID(R, id), F_UUID(R, account, .null = true), F_STR(R, kind),
	F_ENUM(R, state, &job_states), F_INT(R, attempts), F_TIME(R, run_at), F_TIME(R, created_at),
	F_TIME(R, finished_at, .null = true), F_STR(R, last_error, .null = true));
#undef R
static const struct shape count_shape =
	SHAPE(struct job_count, F_INT(struct job_count, n), F_STR(struct job_count, kinds));

#include "fcgi/kit/jobs/store.sql.h"

/* The tables as the statements take them: names beside numbers. */
struct columns {
	struct str *names, *numbers;
	size_t n;
};

struct jobs {
	struct jobs_settings settings;
	struct arena *a; /* of the job in hand */
	struct str holder;
	const struct job_kind **kinds;
	const struct chore **chores;
	struct columns leases, periods;
};

void jobs_enqueue(struct tx *tx, const struct new_job *job)
{
	tx_exec(tx, &sql_enqueue, P(job->account), P(str_of(job->kind)), P(job->payload.s),
		P(job->run_at), P(job->unique_key));
	tx_bell(tx, STR("bell_job"), STR(""));
}

struct tx *job_tx(const struct job *j)
{
	struct tx *tx = tx_new(j->arena, j->db);

	tx_exec(tx, &sql_enter, P(j->account));
	return tx;
}

/* ---- the tables ---- */

static struct columns columns_new(struct arena *a, size_t n)
{
	return (struct columns){ .names = ARENA_ARRAY(a, struct str, n),
				 .numbers = ARENA_ARRAY(a, struct str, n) };
}

static void columns_add(struct arena *a, struct columns *c, const char *name, int number)
{
	c->names[c->n] = str_of(name);
	c->numbers[c->n++] = str_fmt(a, "%d", number);
}

static void gather_kinds(struct arena *a, struct jobs *q)
{
	size_t n = 0;

	for (const struct job_kind *const *list = q->settings.kinds; *list; list++)
		for (const struct job_kind *k = *list; k->name; k++)
			n++;
	q->kinds = ARENA_ARRAY(a, const struct job_kind *, n);
	q->leases = columns_new(a, n);
	for (const struct job_kind *const *list = q->settings.kinds; *list; list++)
		for (const struct job_kind *k = *list; k->name; k++) {
			q->kinds[q->leases.n] = k;
			columns_add(a, &q->leases, k->name, k->lease_seconds);
		}
}

static void gather_chores(struct arena *a, struct jobs *q)
{
	size_t n = 0;

	for (const struct chore *const *list = q->settings.chores; *list; list++)
		for (const struct chore *c = *list; c->name; c++)
			n++;
	q->chores = ARENA_ARRAY(a, const struct chore *, n);
	q->periods = columns_new(a, n);
	for (const struct chore *const *list = q->settings.chores; *list; list++)
		for (const struct chore *c = *list; c->name; c++) {
			q->chores[q->periods.n] = c;
			columns_add(a, &q->periods, c->name, c->every_seconds);
		}
}

struct jobs *jobs_new(struct arena *a, const struct jobs_settings *settings)
{
	struct jobs *q = ARENA_NEW(a, struct jobs);

	*q = (struct jobs){ .settings = *settings,
			    .a = arena_within(a, JOB_ARENA_MAX),
			    .holder = str_first(crypto_token(a), 16) };
	gather_kinds(a, q);
	gather_chores(a, q);
	return q;
}

static void tell(const struct jobs *q, const struct job_report *report)
{
	if (q->settings.tell)
		q->settings.tell(report);
}

/* ---- a job ---- */

static const struct err *claim(struct jobs *q, const struct claimed **ret)
{
	struct tx *tx = tx_new(q->a, q->settings.db);

	tx_maybe(tx, &sql_claim, ret, P(LIST_OF(q->leases.names, q->leases.n)),
		 P(LIST_OF(q->leases.numbers, q->leases.n)), P(q->holder));
	return tx_run(tx);
}

/* The handler's effects and the job's end, or neither. */
static const struct err *run(const struct jobs *q, struct job *j, const struct job_kind *kind)
{
	j->tx = tx_new(j->arena, j->db);
	tx_hold(j->tx);
	tx_exec(j->tx, &sql_enter, P(j->account));
	TRY(kind->run(j));
	tx_must(j->tx, &sql_done, P(j->id), P(q->holder), P(j->attempt));
	return tx_finish(j->tx);
}

/* Doubles from try to try; half of it is chance, so that what failed together comes back apart. */
static int64_t wait_seconds(const struct job *j, const struct err *why)
{
	int64_t seconds =
		j->attempt < 10 ? (int64_t)FIRST_RETRY << (j->attempt - 1) : LONGEST_RETRY;

	if (seconds > LONGEST_RETRY)
		seconds = LONGEST_RETRY;
	seconds = seconds / 2 + (int64_t)crypto_below((uint32_t)seconds / 2 + 1);
	return seconds < why->retry_after ? why->retry_after : seconds;
}

static const struct err *record_failure(const struct jobs *q, const struct job *j, bool dead,
					const struct err *why)
{
	struct tx *tx = tx_new(j->arena, j->db);
	struct str error = str_first(why->message, LONGEST_ERROR);

	if (dead)
		tx_exec(tx, &sql_bury, P(j->id), P(q->holder), P(j->attempt), P(error));
	else
		tx_exec(tx, &sql_later, P(j->id), P(q->holder), P(j->attempt),
			P(wait_seconds(j, why)), P(error));
	return tx_run(tx);
}

static const struct err *perform(struct jobs *q, struct job *j, const struct job_kind *kind)
{
	int64_t began = clock_mono();
	bool lost = j->attempt > kind->max_attempts; /* the process died with each try */
	bool dead = j->attempt >= kind->max_attempts;
	const struct err *why =
		lost ? ERR(j->arena, ERR_INTERNAL, "no try came to an end") : run(q, j, kind);

	if (j->tx)
		tx_abandon(j->tx);
	tell(q, &(struct job_report){ .event = "job",
				      .outcome = !why   ? "done"
						 : dead ? "dead"
							: "later",
				      .job = j,
				      .why = why,
				      .microseconds = clock_mono() - began });
	return why ? record_failure(q, j, dead, why) : NULL;
}

static struct job job_of(const struct jobs *q, const struct claimed *c, const struct job_kind *kind)
{
	return (struct job){ .arena = q->a,
			     .db = q->settings.db,
			     .ctx = q->settings.ctx,
			     .id = c->id,
			     .account = c->account,
			     .kind = str_of(kind->name),
			     .payload = c->payload,
			     .attempt = c->attempt,
			     .deadline = clock_mono() + kind->lease_seconds * CLOCK_SECOND };
}

const struct err *jobs_work(struct jobs *q, bool *ret)
{
	const struct claimed *claimed = NULL;
	const struct job_kind *kind;
	struct job j;

	*ret = false;
	arena_reset(q->a);
	if (q->leases.n == 0)
		return NULL;
	TRY(claim(q, &claimed));
	if (!claimed)
		return NULL;
	*ret = true;
	kind = q->kinds[claimed->kind];
	j = job_of(q, claimed, kind);
	return perform(q, &j, kind);
}

/* ---- housekeeping ---- */

/* The period is taken, and what it is for done, in one transaction. */
static const struct err *do_chore(const struct chore *chore, struct job *j)
{
	const struct period_claimed *mine = NULL;

	j->tx = tx_new(j->arena, j->db);
	tx_maybe(j->tx, &sql_period_claim, &mine, P(j->kind), P(chore->every_seconds));
	TRY(tx_more(j->tx));
	j->attempt = mine != NULL;
	if (mine) {
		tx_hold(j->tx);
		TRY(chore->run(j));
	}
	return tx_finish(j->tx);
}

static const struct err *skip_period(const struct jobs *q, const struct chore *chore,
				     const struct job *j)
{
	struct tx *tx = tx_new(j->arena, q->settings.db);
	const struct period_claimed *mine;

	tx_maybe(tx, &sql_period_claim, &mine, P(j->kind), P(chore->every_seconds));
	return tx_run(tx);
}

static const struct err *keep(struct jobs *q, const struct chore *chore)
{
	int64_t began = clock_mono();
	struct job j = { .arena = q->a, .db = q->settings.db, .ctx = q->settings.ctx };
	const struct err *why;

	j.kind = str_of(chore->name);
	j.deadline = began + chore->every_seconds * CLOCK_SECOND;
	why = do_chore(chore, &j);
	tx_abandon(j.tx);
	if (j.attempt)
		tell(q, &(struct job_report){ .event = "chore",
					      .outcome = why ? "failed" : "done",
					      .job = &j,
					      .why = why,
					      .microseconds = clock_mono() - began });
	if (!why)
		return NULL;
	return j.attempt && why->kind != ERR_BUSY ? skip_period(q, chore, &j) : why;
}

const struct err *jobs_keep_house(struct jobs *q)
{
	struct list names = LIST_OF(q->periods.names, q->periods.n), due = { 0 };
	struct tx *tx;

	arena_reset(q->a);
	tx = tx_new(q->a, q->settings.db);
	tx_exec(tx, &sql_periods_add, P(names));
	tx_list(tx, &sql_periods_due, &due, P(names), P(LIST_OF(q->periods.numbers, q->periods.n)));
	TRY(tx_run(tx));
	for (size_t at = 0; at < due.n; at++)
		TRY(keep(q, q->chores[((const struct period *)due.items)[at].chore]));
	return NULL;
}

static const struct err *sweep(struct job *j)
{
	tx_exec(j->tx, &sql_sweep_jobs);
	return tx_run(j->tx);
}

/* ---- the operator ---- */

void jobs_list(struct tx *tx, const struct job_filter *filter, int64_t most, struct list *ret)
{
	tx_list(tx, &sql_list, ret, P(filter->state), P(filter->kind), P(filter->account), P(most));
}

void jobs_retry(struct tx *tx, struct uuid id, const struct job_filter *filter,
		struct job_count **ret)
{
	tx_maybe(tx, &sql_retry, ret, P(id), P(filter->kind), P(filter->account));
	tx_bell(tx, STR("bell_job"), STR(""));
}

void jobs_drop(struct tx *tx, struct uuid id, struct job_count **ret)
{
	tx_maybe(tx, &sql_drop, ret, P(id));
}

const struct chore jobs_chores[] = { { "sweep_jobs", 3600, sweep }, { 0 } };
