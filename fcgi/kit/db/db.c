/* The connection: made, given its settings and statements, looked after, made again. */
#include "kit/db/pg.h"

#include <assert.h>
#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#include "kit/base/arena.h"
#include "kit/base/buf.h"

#define SETUP_MAX ((size_t)16 * 1024)

const struct sql db_begin = { .name = "db.begin", .text = "BEGIN" };
const struct sql db_commit = { .name = "db.commit", .text = "COMMIT" };
const struct sql db_rollback = { .name = "db.rollback", .text = "ROLLBACK" };
const struct sql db_bell = { .name = "db.bell", .nargs = 2, .text = "SELECT pg_notify($1, $2)" };

static const struct sql *const own_statements[] = { &db_begin, &db_commit, &db_rollback, &db_bell };

#define OWN (sizeof(own_statements) / sizeof(own_statements[0]))

static void close_deferred(void *db)
{
	db_close(db);
}

/*
 * A cancelled wait for the standby answers as a commit that went well, with only a warning; told by
 * the function it comes from, for its text is translated.  A fatal message to an idle connection
 * comes as a notice, too.
 */
static void notice(void *arg, const PGresult *r)
{
	struct db *db = arg;
	const char *function = PQresultErrorField(r, PG_DIAG_SOURCE_FUNCTION);
	const char *severity = PQresultErrorField(r, PG_DIAG_SEVERITY_NONLOCALIZED);

	if (function && strcmp(function, "SyncRepWaitForLSN") == 0)
		db->unconfirmed = true;
	if (severity && (strcmp(severity, "FATAL") == 0 || strcmp(severity, "PANIC") == 0))
		db->doomed = true;
}

/* What stands before the url gives way to what it says, what stands behind it does not. */
static PGconn *dial(const struct db_settings *s)
{
	const char *const keys[] = {
		"connect_timeout", "keepalives_idle", "keepalives_interval", "tcp_user_timeout",
		"dbname",          "client_encoding", "application_name",    NULL
	};
	const char *const values[] = { "5", "30", "10", "30000", s->url, "UTF8", s->program, NULL };

	return PQconnectdbParams(keys, values, 1);
}

/* Our statements are written for read committed, whatever the server's own default is: what waited
 * for a lock goes on with the row as it then is. */
static struct str session_text(struct arena *a, const struct db_settings *s)
{
	struct buf text = buf_new(a, SETUP_MAX);

	buf_put(&text, STR("SELECT set_config('timezone', 'UTC', false), set_config('datestyle', "
			   "'ISO', false), "
			   "set_config('bytea_output', 'hex', false), "
			   "set_config('default_transaction_isolation', 'read committed', false), "
			   "set_config('idle_in_transaction_session_timeout', '10s', false)"));
	if (s->statement_timeout_ms)
		buf_printf(&text, ", set_config('statement_timeout', '%d', false)",
			   s->statement_timeout_ms);
	if (s->lock_timeout_ms)
		buf_printf(&text, ", set_config('lock_timeout', '%d', false)", s->lock_timeout_ms);
	if (s->role)
		buf_put(&text, STR(", set_config('role', $1, false)"));
	buf_putc(&text, '\0');
	return buf_str(&text);
}

static bool send_listen(struct arena *a, struct db *db, const char *channel)
{
	char *quoted = PQescapeIdentifier(db->conn, channel, strlen(channel));
	bool sent = quoted && PQsendQueryParams(db->conn, str_fmt(a, "LISTEN %s", quoted).p, 0,
						NULL, NULL, NULL, NULL, 0);

	PQfreemem(quoted);
	return sent;
}

/* The whole of a connection's setting up, in one round trip. */
static bool send_setup(struct arena *a, struct db *db)
{
	const struct db_settings *s = &db->settings;
	bool sent = PQsendQueryParams(db->conn, session_text(a, s).p, s->role ? 1 : 0, NULL,
				      &s->role, NULL, NULL, 0);

	for (size_t at = 0; sent && s->listen && s->listen[at]; at++)
		sent = send_listen(a, db, s->listen[at]);
	for (size_t at = 0; sent && at < db->nstatements; at++) {
		const struct sql *q = db->statements[at];

		sent = PQsendPrepare(db->conn, q->name, q->text, 0, NULL) &&
		       PQsendDescribePrepared(db->conn, q->name);
	}
	return sent && PQpipelineSync(db->conn);
}

/* The outcome of one command, which must have gone well; s: compares what it describes. */
static const struct err *expect(struct arena *a, struct db *db, const char *name,
				const struct sql *s)
{
	PGresult *r = db_next(db);
	ExecStatusType status = PQresultStatus(r);
	const struct err *e = NULL;

	if (status != PGRES_TUPLES_OK && status != PGRES_COMMAND_OK &&
	    status != PGRES_PIPELINE_SYNC)
		e = db_failure(a, db, name, r);
	else if (s)
		e = rows_check(a, s, r);
	PQclear(r);
	return e;
}

static const struct err *take_setup(struct arena *a, struct db *db)
{
	const char *const *channels = db->settings.listen;

	TRY(expect(a, db, "db.setup", NULL));
	for (; channels && *channels; channels++)
		TRY(expect(a, db, *channels, NULL));
	for (size_t at = 0; at < db->nstatements; at++) {
		const struct sql *s = db->statements[at];

		TRY(expect(a, db, s->name, NULL));
		TRY(expect(a, db, s->name, s));
	}
	return expect(a, db, "db.setup", NULL);
}

static const struct err *set_up(struct arena *a, struct db *db)
{
	if (PQstatus(db->conn) != CONNECTION_OK || !PQenterPipelineMode(db->conn) ||
	    !send_setup(a, db))
		return db_failure(a, db, "db.connect", NULL);
	return take_setup(a, db);
}

static const struct err *connect_new(struct arena *a, struct db *db)
{
	const struct err *e;

	db_drop(db);
	db->conn = dial(&db->settings);
	PQsetNoticeReceiver(db->conn, notice, db);
	e = set_up(a, db);
	if (e)
		db_drop(db);
	else
		db->generation++;
	return e;
}

/* One list of all statements, the room's own first. */
static void gather(struct arena *a, struct db *db)
{
	const struct sql *const *const *lists = db->settings.statements;
	size_t n = OWN;

	for (size_t at = 0; lists && lists[at]; at++)
		for (const struct sql *const *s = lists[at]; *s; s++)
			n++;
	db->statements = ARENA_ARRAY(a, const struct sql *, n);
	memcpy(db->statements, own_statements, sizeof(own_statements));
	db->nstatements = OWN;
	for (size_t at = 0; lists && lists[at]; at++)
		for (const struct sql *const *s = lists[at]; *s; s++)
			db->statements[db->nstatements++] = *s;
}

const struct err *db_open(struct arena *a, const struct db_settings *settings, struct db **ret)
{
	struct db *db = ARENA_NEW(a, struct db);

	db->settings = *settings;
	gather(a, db);
	arena_defer(a, close_deferred, db);
	*ret = db;
	return connect_new(a, db);
}

const struct err *db_open_beside(struct arena *a, const struct db *db, struct db **ret)
{
	struct db_settings settings = db->settings;

	settings.listen = NULL;
	return db_open(a, &settings, ret);
}

void db_drop(struct db *db)
{
	PQfinish(db->conn);
	db->conn = NULL;
	db->open = NULL;
	db->doomed = db->unconfirmed = false;
}

void db_close(struct db *db)
{
	if (db)
		db_drop(db);
}

int db_fd(const struct db *db)
{
	return db->conn ? PQsocket(db->conn) : -1;
}

int db_generation(const struct db *db)
{
	return db->generation;
}

bool db_alive(struct db *db)
{
	char c;

	while (db->conn && !db->doomed && PQstatus(db->conn) == CONNECTION_OK) {
		ssize_t n = recv(PQsocket(db->conn), &c, 1, MSG_PEEK | MSG_DONTWAIT);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return errno == EAGAIN;
		/* A notification, a changed setting, or the last words of the server. */
		if (n == 0 || !PQconsumeInput(db->conn))
			return false;
		(void)PQisBusy(db->conn); /* reads them */
	}
	return false;
}

PGresult *db_next(struct db *db)
{
	PGresult *r = PQgetResult(db->conn), *more;

	if (PQresultStatus(r) == PGRES_PIPELINE_SYNC)
		return r;
	while (r && (more = PQgetResult(db->conn)))
		PQclear(more);
	return r;
}

const struct err *db_heal(struct arena *a, struct db *db)
{
	assert(!db->open);
	return db_alive(db) ? NULL : connect_new(a, db);
}

const struct err *db_query(struct arena *a, struct db *db, const char *sql, int n,
			   const char *const *values, PGresult **ret)
{
	const struct err *e = NULL;
	ExecStatusType status;
	PGresult *r;

	TRY(db_heal(a, db));
	PQexitPipelineMode(db->conn);
	r = n ? PQexecParams(db->conn, sql, n, NULL, values, NULL, NULL, 0) : PQexec(db->conn, sql);
	status = PQresultStatus(r);
	if (status == PGRES_TUPLES_OK || status == PGRES_COMMAND_OK) {
		*ret = r;
	} else {
		e = db_failure(a, db, "db.script", r);
		PQclear(r);
	}
	PQenterPipelineMode(db->conn);
	return e;
}

const struct err *db_script(struct arena *a, struct db *db, const char *sql)
{
	PGresult *r = NULL;

	TRY(db_query(a, db, sql, 0, NULL, &r));
	PQclear(r);
	return NULL;
}

bool db_notification(struct arena *a, struct db *db, struct str *channel, struct str *payload)
{
	PGnotify *n;

	if (!db_alive(db) && db->conn)
		db_drop(db);
	n = db->conn ? PQnotifies(db->conn) : NULL;
	if (!n)
		return false;
	*channel = str_dup(a, str_of(n->relname));
	*payload = str_dup(a, str_of(n->extra));
	PQfreemem(n);
	return true;
}
