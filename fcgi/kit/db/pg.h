#ifndef KIT_DB_PG_H
#define KIT_DB_PG_H

/* What the files of this room share; no other room includes it. */
#include <libpq-fe.h>

#include "kit/db/db.h"

struct db {
	struct db_settings settings;
	const struct sql **statements; /* all of them, in the order of the settings' lists */
	size_t nstatements;
	PGconn *conn;          /* NULL: none; otherwise in pipeline mode with nothing on its way */
	const struct tx *open; /* whose explicit transaction the connection is in */
	int generation;
	bool doomed;      /* the server said something after which this connection is of no use */
	bool unconfirmed; /* it warned that a commit did not reach the standby */
};

/* Statements of the room's own, prepared on each connection. */
extern const struct sql db_begin, db_commit, db_rollback, db_bell;

/* Whether the connection is there, by a look at the socket that does not wait. */
bool db_alive(struct db *db);
void db_drop(struct db *db);
/* The outcome of the next command of the pipeline, or PGRES_PIPELINE_SYNC; NULL: the connection is
 * lost. */
PGresult *db_next(struct db *db);
/* Outside the pipeline: one statement with text parameters, or a script where n is 0.  *ret:
 * PQclear it. */
const struct err *db_query(struct arena *a, struct db *db, const char *sql, int n,
			   const char *const *values, PGresult **ret) must_check;

/* sqlstate.c: r is what failed, or NULL where the connection was lost. */
const struct err *db_failure(struct arena *a, struct db *db, const char *statement,
			     const PGresult *r);

/* args.c: the texts to send; NULL where one of them holds a zero byte, which PostgreSQL cannot
 * take. */
const char *const *args_text(struct arena *a, const struct arg *args, size_t n);

/* rows.c: whether the described columns fit the statement's shape; the rows of a result, which is
 * taken over. */
const struct err *rows_check(struct arena *a, const struct sql *s,
			     const PGresult *described) must_check;
const struct err *rows_take(struct arena *a, const struct sql *s, PGresult *r,
			    struct list *ret) must_check;

/* script.c: the first BEGIN, COMMIT or the like that stands as a command; none where there is none.
 */
struct str script_transaction_word(struct str script);

#endif
