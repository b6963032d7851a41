/* The queue against the real schema: several processes, failures, death, housekeeping. */
#include "support/suite.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "kit/base/clock.h"
#include "kit/db/db.h"
#include "kit/jobs/jobs.h"
#include "support/db.h"

struct number {
	int64_t n;
};

struct state_row {
	struct str state, last_error;
	int64_t attempts, wait;
};

static const struct shape number_shape = SHAPE(struct number, F_INT(struct number, n));
static const struct shape state_shape =
	SHAPE(struct state_row, F_STR(struct state_row, state), F_STR(struct state_row, last_error),
	      F_INT(struct state_row, attempts), F_INT(struct state_row, wait));

static const struct sql did = { "t.did", 1, true, NULL, "INSERT INTO did VALUES ($1)" };
static const struct sql count = { "t.count", 1, false, &number_shape,
				  "SELECT count(*) AS n FROM did WHERE text = $1 OR $1 = ''" };
static const struct sql twice = {
	"t.twice", 0, false, &number_shape,
	"SELECT count(*) AS n FROM (SELECT text FROM did GROUP BY text HAVING count(*) > 1) t"
};
static const struct sql retried = { "t.retried", 0, false, &number_shape,
				    "SELECT count(*) AS n FROM job WHERE attempts > 1" };
static const struct sql in_state = { "t.in_state", 1, false, &number_shape,
				     "SELECT count(*) AS n FROM job WHERE state = $1" };
static const struct sql state = {
	"t.state", 0, false, &state_shape,
	"SELECT state, coalesce(last_error, '') AS last_error, attempts::bigint AS attempts, "
	"round(extract(epoch FROM run_at - now()))::bigint AS wait FROM job"
};
static const struct sql walled = { "t.walled", 0, false, &number_shape,
				   "SELECT count(*) AS n FROM account" };

static const struct sql *const own[] = { &did,      &count, &twice,  &retried,
					 &in_state, &state, &walled, NULL };
static const struct sql *const *const statements[] = { own, jobs_statements, NULL };
static const char *url;

static struct db *connect_as(const char *role)
{
	struct db_settings settings = { .url = url, .role = role, .statements = statements };
	struct db *db = NULL;

	must(db_open(arena, &settings, &db));
	return db;
}

static void script(const char *sql)
{
	struct db *db = connect_as(NULL);

	must(db_script(arena, db, sql));
	db_close(db);
}

/* With a table that handlers write to. */
static void make_database(void)
{
	struct db *db;

	url = server_schema(arena);
	must(db_open(arena, &(struct db_settings){ .url = url }, &db));
	must(db_script(arena, db, "CREATE TABLE did (text text); GRANT ALL ON did TO rf_jobs"));
	db_close(db);
}

/* ---- kinds ---- */

static const struct err *note(struct job *j)
{
	tx_exec(j->tx, &did, P(j->payload));
	return tx_run(j->tx);
}

static const struct err *note_and_fail(struct job *j)
{
	TRY(note(j));
	return ERR(j->arena, ERR_BUSY, "the other side is away");
}

static const struct err *be_told_to_wait(struct job *j)
{
	struct err *e = ERR(j->arena, ERR_RATE, "too many");

	e->retry_after = 700;
	return e;
}

static const struct err *kill_me(struct job *j)
{
	TRY(note(j));
	kill(getpid(), SIGKILL);
	return NULL;
}

static const struct err *take_your_time(struct job *j)
{
	TRY(note(j));
	usleep(20000);
	return NULL;
}

static const struct err *look_around(struct job *j)
{
	struct number *n;

	tx_one(j->tx, &walled, &n);
	TRY(tx_run(j->tx));
	return n->n == 1 ? NULL : ERR(j->arena, ERR_INTERNAL, "it sees %d accounts", (int)n->n);
}

static const struct err *lose_the_lease(struct job *j)
{
	script("UPDATE job SET lease_by = 'another', attempts = attempts + 1");
	return note(j);
}

static const struct job_kind kinds[] = {
	{ "note", note, 3, 60 },
	{ "fail", note_and_fail, 3, 60 },
	{ "wait", be_told_to_wait, 3, 60 },
	{ "kill", kill_me, 2, 60 },
	{ "slow", take_your_time, 3, 60 },
	{ "look", look_around, 3, 60 },
	{ "lose", lose_the_lease, 3, 60 },
	{ 0 },
};
static const struct job_kind *const all_kinds[] = { kinds, NULL };

static const struct err *chore_note(struct job *j)
{
	tx_exec(j->tx, &did, P(j->kind));
	return tx_run(j->tx);
}

static const struct err *chore_broken(struct job *j)
{
	tx_exec(j->tx, &did, P(j->kind));
	TRY(tx_run(j->tx));
	return ERR(j->arena, ERR_INTERNAL, "this chore never works");
}

static const struct chore chores[] = { { "sweep", 3600, chore_note },
				       { "broken", 3600, chore_broken },
				       { 0 } };
static const struct chore *const all_chores[] = { chores, jobs_chores, NULL };

static struct jobs *start(void)
{
	return jobs_new(arena, &(struct jobs_settings){ .db = connect_as("rf_jobs"),
							.kinds = all_kinds,
							.chores = all_chores });
}

static void enqueue(struct db *db, struct new_job job)
{
	struct tx *tx = tx_new(arena, db);

	jobs_enqueue(tx, &job);
	must(tx_run(tx));
}

static int work_all(struct jobs *q)
{
	bool found = true;
	int n = 0;

	for (; found; n += found)
		must(jobs_work(q, &found));
	return n;
}

static int64_t number(const struct sql *s, struct str arg)
{
	struct tx *tx = tx_new(arena, connect_as(NULL));
	struct number *n = NULL;

	if (s->nargs)
		tx_one(tx, s, &n, P(arg));
	else
		tx_one(tx, s, &n);
	must(tx_run(tx));
	return n->n;
}

static const struct state_row *the_job(void)
{
	struct tx *tx = tx_new(arena, connect_as(NULL));
	struct state_row *row = NULL;

	tx_one(tx, &state, &row);
	must(tx_run(tx));
	return row;
}

/* ---- tests ---- */

START_TEST(runs_what_is_due_and_nothing_else)
{
	struct instant soon = { clock_now().us + 3600 * CLOCK_SECOND };
	struct db *db;
	struct jobs *q;

	make_database();
	db = connect_as("rf_jobs");
	q = start();
	enqueue(db, (struct new_job){ .kind = "note", .payload = { STR("{\"a\": 1}") } });
	enqueue(db, (struct new_job){ .kind = "note", .run_at = soon });
	enqueue(db, (struct new_job){ .kind = "of_a_newer_program" });
	ck_assert_int_eq(work_all(q), 1);
	ck_assert_int_eq(number(&count, STR("{\"a\": 1}")), 1);
	ck_assert_int_eq(number(&in_state, STR("queued")), 2);
	script("UPDATE job SET run_at = now() WHERE state = 'queued'");
	ck_assert_int_eq(work_all(q), 1);
	ck_assert_int_eq(number(&in_state, STR("done")), 2);
}
END_TEST

START_TEST(a_job_is_behind_its_accounts_wall)
{
	struct uuid account;
	struct db *db;

	make_database();
	script("INSERT INTO account (account_id, name) VALUES (uuid7(), 'B')");
	uuid_parse(STR(SCHEMA_ACCOUNT), &account);
	db = connect_as("rf_jobs");
	enqueue(db, (struct new_job){ .kind = "look", .account = account });
	ck_assert_int_eq(work_all(start()), 1);
	ck_assert_text(the_job()->last_error, STR(""));
}
END_TEST

START_TEST(a_failure_leaves_nothing_and_comes_back_later)
{
	struct jobs *q;

	make_database();
	q = start();
	enqueue(connect_as("rf_jobs"), (struct new_job){ .kind = "fail" });
	ck_assert_int_eq(work_all(q), 1);
	ck_assert_int_eq(number(&count, STR("")), 0);
	ck_assert_text(the_job()->state, STR("queued"));
	ck_assert_text(the_job()->last_error, STR("the other side is away"));
	ck_assert_int_ge(the_job()->wait, 4);
	ck_assert_int_le(the_job()->wait, 10);
	script("UPDATE job SET run_at = now()");
	ck_assert_int_eq(work_all(q), 1);
	ck_assert_int_ge(the_job()->wait, 9);
	ck_assert_int_le(the_job()->wait, 20);
	script("UPDATE job SET run_at = now()");
	ck_assert_int_eq(work_all(q), 1);
	ck_assert_text(the_job()->state, STR("dead"));
	ck_assert_int_eq(the_job()->attempts, 3);
}
END_TEST

START_TEST(a_failure_may_say_how_long_to_wait)
{
	make_database();
	enqueue(connect_as("rf_jobs"), (struct new_job){ .kind = "wait" });
	ck_assert_int_eq(work_all(start()), 1);
	ck_assert_int_ge(the_job()->wait, 690);
}
END_TEST

START_TEST(a_key_waits_once)
{
	const struct new_job job = { .kind = "note", .unique_key = STR("k") };
	const struct new_job failing = { .kind = "fail", .unique_key = STR("f") };
	struct db *db;
	struct jobs *q;

	make_database();
	db = connect_as("rf_jobs");
	q = start();
	enqueue(db, job);
	enqueue(db, job);
	ck_assert_int_eq(work_all(q), 1);
	enqueue(db, job);
	ck_assert_int_eq(work_all(q), 1);
	/* What is being done does not hold up the next; where it fails, the next does for both. */
	enqueue(db, failing);
	script("UPDATE job SET state = 'running', lease_until = now() WHERE kind = 'fail'");
	enqueue(db, failing);
	script("UPDATE job SET run_at = run_at + interval '1 hour' "
	       "WHERE kind = 'fail' AND state = 'queued'");
	ck_assert_int_eq(work_all(q), 1);
	ck_assert_int_eq(number(&in_state, STR("queued")), 1);
	ck_assert_int_eq(number(&in_state, STR("done")), 3);
}
END_TEST

START_TEST(who_lost_the_lease_leaves_nothing)
{
	make_database();
	enqueue(connect_as("rf_jobs"), (struct new_job){ .kind = "lose" });
	ck_assert_int_eq(work_all(start()), 1);
	ck_assert_int_eq(number(&count, STR("")), 0);
	ck_assert_text(the_job()->state, STR("running"));
}
END_TEST

static pid_t work_apart(void)
{
	pid_t pid = fork();

	if (pid)
		return pid;
	work_all(start());
	_exit(0);
}

static void expect_death(void)
{
	int status = 0;

	waitpid(work_apart(), &status, 0);
	ck_assert(WIFSIGNALED(status));
}

START_TEST(a_job_that_kills_is_taken_up_and_in_the_end_buried)
{
	make_database();
	enqueue(connect_as("rf_jobs"), (struct new_job){ .kind = "kill" });
	expect_death();
	ck_assert_int_eq(work_all(start()), 0); /* the lease holds */
	script("UPDATE job SET lease_until = now()");
	expect_death();
	script("UPDATE job SET lease_until = now()");
	ck_assert_int_eq(work_all(start()), 1);
	ck_assert_text(the_job()->state, STR("dead"));
	ck_assert_text(the_job()->last_error, STR("no try came to an end"));
	ck_assert_int_eq(number(&count, STR("")), 0);
}
END_TEST

START_TEST(fifty_jobs_three_processes_and_a_kill)
{
	pid_t pids[3];
	int status;

	make_database();
	script("INSERT INTO job (kind, payload) "
	       "SELECT 'slow', jsonb_build_object('n', n) FROM generate_series(1, 50) n");
	for (int at = 0; at < 3; at++)
		pids[at] = work_apart();
	while (number(&in_state, STR("done")) < 10)
		usleep(1000);
	kill(pids[1], SIGKILL);
	for (int at = 0; at < 3; at++)
		waitpid(pids[at], &status, 0);
	script("UPDATE job SET lease_until = now() WHERE state = 'running'");
	work_all(start());
	ck_assert_int_eq(number(&in_state, STR("done")), 50);
	ck_assert_int_eq(number(&count, STR("")), 50);
	ck_assert_int_eq(number(&twice, STR_NONE), 0);
	ck_assert_int_le(number(&retried, STR_NONE), 1); /* what the killed one held */
}
END_TEST

static pid_t keep_apart(void)
{
	pid_t pid = fork();
	struct jobs *q;

	if (pid)
		return pid;
	q = start();
	for (int at = 0; at < 20; at++)
		must(jobs_keep_house(q));
	_exit(0);
}

START_TEST(a_chore_is_done_once_a_period)
{
	pid_t pids[3];

	make_database();
	script("INSERT INTO job (kind, state, finished_at) VALUES "
	       "('a', 'done', now() - interval '8 days'), ('a', 'done', now()), "
	       "('a', 'dead', now() - interval '31 days'), ('a', 'queued', NULL)");
	for (int at = 0; at < 3; at++)
		pids[at] = keep_apart();
	for (int at = 0; at < 3; at++) {
		int status = 1;

		waitpid(pids[at], &status, 0);
		ck_assert_int_eq(status, 0);
	}
	ck_assert_int_eq(number(&count, STR("sweep")), 1);
	ck_assert_int_eq(number(&count, STR("broken")), 0);
	ck_assert_int_eq(number(&in_state, STR("done")), 1);
	ck_assert_int_eq(number(&in_state, STR("dead")), 0);
	script("UPDATE job_period SET last_at = now() - interval '61 minutes'");
	must(jobs_keep_house(start()));
	ck_assert_int_eq(number(&count, STR("sweep")), 2);
}
END_TEST

DB_SUITE("kit/jobs", runs_what_is_due_and_nothing_else, a_job_is_behind_its_accounts_wall,
	 a_failure_leaves_nothing_and_comes_back_later, a_failure_may_say_how_long_to_wait,
	 a_key_waits_once, who_lost_the_lease_leaves_nothing,
	 a_job_that_kills_is_taken_up_and_in_the_end_buried, fifty_jobs_three_processes_and_a_kill,
	 a_chore_is_done_once_a_period)
