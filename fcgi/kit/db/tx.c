/* Transactions as pipelines; the rules stand in db.h. */
#include "kit/db/pg.h"

#include <assert.h>
#include <string.h>

#include "kit/base/arena.h"
#include "kit/base/clock.h"

enum want { WANT_ONE, WANT_MAYBE, WANT_LIST, WANT_EXEC, WANT_MUST };

struct call {
	struct call *next;
	const struct sql *sql;
	const char *const *values;
	enum want want;
	void *ret; /* a T **, or a struct list * */
};

struct queue {
	struct call *first, **end;
};

struct tx {
	struct arena *arena;
	struct db *db;
	struct queue calls, lasts, bells;
	const struct err *failed;
	size_t writes; /* statements so far that write */
	bool begun;    /* by BEGIN */
	bool held;
	bool over;
	int trips;
	int64_t us;
};

static void abandon_deferred(void *t)
{
	tx_abandon(t);
}

struct tx *tx_new(struct arena *a, struct db *db)
{
	struct tx *t = ARENA_NEW(a, struct tx);

	*t = (struct tx){ .arena = a, .db = db };
	t->calls.end = &t->calls.first;
	t->lasts.end = &t->lasts.first;
	t->bells.end = &t->bells.first;
	arena_defer(a, abandon_deferred, t);
	return t;
}

static void append(struct queue *q, struct call *c)
{
	*q->end = c;
	q->end = &c->next;
}

static struct call *new_call(struct tx *t, const struct sql *s, enum want want,
			     const struct arg *args, size_t nargs)
{
	struct call *c = ARENA_NEW(t->arena, struct call);

	assert(!t->over && nargs == (size_t)s->nargs);
	*c = (struct call){ .sql = s, .want = want, .values = args_text(t->arena, args, nargs) };
	return c;
}

static bool writes(const struct call *c)
{
	return c->sql->writes || c->want == WANT_EXEC || c->want == WANT_MUST;
}

static void add_to(struct tx *t, struct queue *q, struct call *c)
{
	if (!c->values && !t->failed)
		t->failed = ERR(t->arena, ERR_MALFORMED,
				"A text holds a character that cannot be stored.");
	t->writes += writes(c);
	append(q, c);
}

static void add(struct tx *t, struct call *c, void *ret)
{
	assert(c->want == WANT_EXEC || c->want == WANT_MUST || (c->sql->row && ret));
	c->ret = ret;
	add_to(t, &t->calls, c);
}

void(tx_one)(struct tx *t, const struct sql *s, void *ret, const struct arg *args, size_t nargs)
{
	add(t, new_call(t, s, WANT_ONE, args, nargs), ret);
}

void(tx_maybe)(struct tx *t, const struct sql *s, void *ret, const struct arg *args, size_t nargs)
{
	add(t, new_call(t, s, WANT_MAYBE, args, nargs), ret);
}

void(tx_list)(struct tx *t, const struct sql *s, struct list *ret, const struct arg *args,
	      size_t nargs)
{
	add(t, new_call(t, s, WANT_LIST, args, nargs), ret);
}

void(tx_exec)(struct tx *t, const struct sql *s, const struct arg *args, size_t nargs)
{
	add(t, new_call(t, s, WANT_EXEC, args, nargs), NULL);
}

void(tx_must)(struct tx *t, const struct sql *s, const struct arg *args, size_t nargs)
{
	add(t, new_call(t, s, WANT_MUST, args, nargs), NULL);
}

void(tx_last)(struct tx *t, const struct sql *s, const struct arg *args, size_t nargs)
{
	add_to(t, &t->lasts, new_call(t, s, WANT_EXEC, args, nargs));
}

void tx_bell(struct tx *t, struct str channel, struct str payload)
{
	const struct arg args[] = { P(channel), P(payload) };
	struct call *bell = new_call(t, &db_bell, WANT_EXEC, args, 2);

	if (bell->values)
		append(&t->bells, bell);
}

/* A segment of the pipeline: its commands, and the Sync that ends their transaction where it is
 * implicit. */
static bool send_segment(PGconn *conn, const struct call *c)
{
	for (; c; c = c->next)
		if (!PQsendQueryPrepared(conn, c->sql->name, c->sql->nargs, c->values, NULL, NULL,
					 0))
			return false;
	return PQpipelineSync(conn);
}

static const struct err *none_found(struct arena *a)
{
	return ERR(a, ERR_NOT_FOUND, "This is not here, or not any more.");
}

/* Takes r over. */
static const struct err *fill(struct tx *t, const struct call *c, PGresult *r)
{
	struct list rows;

	if (c->want == WANT_EXEC || c->want == WANT_MUST) {
		bool none = strcmp(PQcmdTuples(r), "0") == 0;

		PQclear(r);
		return none && c->want == WANT_MUST ? none_found(t->arena) : NULL;
	}
	TRY(rows_take(t->arena, c->sql, r, &rows));
	if (c->want == WANT_LIST) {
		*(struct list *)c->ret = rows;
		return NULL;
	}
	if (rows.n > 1)
		return ERR(t->arena, ERR_INTERNAL, "%s: gives %zu rows for one", c->sql->name,
			   rows.n);
	if (rows.n == 0 && c->want == WANT_ONE)
		return none_found(t->arena);
	*(const void **)c->ret = rows.n ? rows.items : NULL;
	return NULL;
}

/* The outcome of one call.  What stands behind a failed one was skipped, and only the first is
 * told. */
static const struct err *take(struct tx *t, const struct call *c, const struct err *before)
{
	PGresult *r = db_next(t->db);
	ExecStatusType status = PQresultStatus(r);
	const struct err *e = before;

	if (!before && (status == PGRES_TUPLES_OK || status == PGRES_COMMAND_OK))
		return fill(t, c, r);
	if (!before)
		e = db_failure(t->arena, t->db, c->sql->name, r);
	PQclear(r);
	return e;
}

/* The end of a segment, where a commit may still fail. */
static const struct err *take_sync(struct tx *t, const struct err *before)
{
	const struct err *e = before;
	PGresult *r = db_next(t->db);

	if (PQresultStatus(r) == PGRES_FATAL_ERROR) {
		if (!e)
			e = db_failure(t->arena, t->db, db_commit.name, r);
		PQclear(r);
		r = db_next(t->db);
	}
	if (PQresultStatus(r) != PGRES_PIPELINE_SYNC) {
		t->db->doomed = true;
		if (!e)
			e = db_failure(t->arena, t->db, db_commit.name, NULL);
	}
	PQclear(r);
	return e;
}

static const struct err *take_segment(struct tx *t, const struct call *c)
{
	const struct err *e = NULL;

	for (; c && !(e && t->db->doomed); c = c->next)
		e = take(t, c, e);
	return e && t->db->doomed ? e : take_sync(t, e);
}

/* The bells have no part in the outcome; a connection that they lose is found lost by the next use.
 */
static void take_bells(struct tx *t)
{
	if (!t->db->doomed && t->bells.first)
		(void)take_segment(t, t->bells.first);
}

/* One round trip: all that is queued, and the bells where it commits. */
static const struct err *exchange(struct tx *t, const struct call *first, bool commit)
{
	const struct call *bells = commit ? t->bells.first : NULL;
	PGconn *conn = t->db->conn;
	const struct err *e;

	t->db->unconfirmed = false;
	t->trips++;
	if (!send_segment(conn, first) || (bells && !send_segment(conn, bells)))
		return db_failure(t->arena, t->db, "db.send", NULL);
	e = take_segment(t, first);
	if (bells)
		take_bells(t);
	if (!e && t->db->unconfirmed)
		e = ERR(t->arena, ERR_BUSY, "the commit was not confirmed by the standby");
	return e;
}

static void roll_back(struct tx *t)
{
	const struct call call = { .sql = &db_rollback, .want = WANT_EXEC };

	if (t->db->open != t)
		return;
	if (t->db->doomed || exchange(t, &call, false))
		db_drop(t->db);
	t->db->open = NULL;
}

/* A connection for the first bytes; later the tx stands and falls with the one it has. */
static const struct err *ready(struct tx *t)
{
	if (t->begun && t->db->open != t)
		return db_failure(t->arena, t->db, db_commit.name, NULL);
	if (t->begun)
		return NULL;
	assert(!t->db->open);
	return db_heal(t->arena, t->db);
}

/* Sends the queue between BEGIN and COMMIT, as far as those are due. */
static const struct err *converse(struct tx *t, bool commit)
{
	struct call begin = { .next = t->calls.first, .sql = &db_begin, .want = WANT_EXEC };
	struct call end = { .sql = &db_commit, .want = WANT_EXEC };
	const struct call *first = t->calls.first;

	TRY(ready(t));
	if (commit && t->begun) {
		append(&t->calls, &end);
		first = t->calls.first;
	} else if (!commit && !t->begun) {
		first = &begin;
		t->begun = true;
		t->db->open = t;
	}
	TRY(exchange(t, first, commit));
	if (commit)
		t->db->open = NULL;
	return NULL;
}

static void add_lasts(struct tx *t)
{
	if (t->lasts.first) {
		*t->calls.end = t->lasts.first;
		t->calls.end = t->lasts.end;
	}
	t->lasts = (struct queue){ NULL, &t->lasts.first };
}

static const struct err *flight(struct tx *t, bool commit)
{
	int64_t before = clock_mono();
	bool idle;

	assert(!t->over);
	if (commit)
		add_lasts(t);
	idle = !t->calls.first && !(commit && (t->begun || t->bells.first));
	if (!t->failed && !idle)
		t->failed = converse(t, commit);
	if (t->failed)
		roll_back(t);
	if (t->db->doomed)
		db_drop(t->db);
	t->over = commit && !t->failed;
	t->calls = (struct queue){ NULL, &t->calls.first };
	t->us += clock_mono() - before;
	return t->failed;
}

/* Whether a missing row would be seen when it is too late for what the other statements wrote. */
static bool looks_before_commit(const struct tx *t)
{
	for (const struct call *c = t->calls.first; c; c = c->next)
		if ((c->want == WANT_ONE || c->want == WANT_MUST) && t->writes > writes(c))
			return true;
	return false;
}

static const struct err *commit(struct tx *t)
{
	if (looks_before_commit(t))
		TRY(tx_more(t));
	return flight(t, true);
}

const struct err *tx_more(struct tx *t)
{
	return flight(t, false);
}

const struct err *tx_run(struct tx *t)
{
	return t->held ? tx_more(t) : commit(t);
}

void tx_into(struct tx *t, struct arena *a)
{
	t->arena = a;
}

void tx_hold(struct tx *t)
{
	t->held = true;
}

const struct err *tx_finish(struct tx *t)
{
	return t->over ? NULL : commit(t);
}

void tx_abandon(struct tx *t)
{
	roll_back(t);
	t->over = true;
}

int64_t tx_microseconds(const struct tx *t)
{
	return t->us;
}

int tx_round_trips(const struct tx *t)
{
	return t->trips;
}

void tx_count(struct tx *t, const struct tx *other)
{
	t->us += other->us;
	t->trips += other->trips;
}
