#ifndef KIT_DB_DB_H
#define KIT_DB_DB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "kit/base/err.h"
#include "kit/base/shape.h"

struct arena;

/*
 * PostgreSQL, and the only room that includes libpq.
 *
 * A statement stands in a room's store.sql; sql2h.awk makes a struct sql of it.  Its columns stand
 * in the order of the fields of its shape, which db_open compares, so a mismatch stops the program
 * at its start.
 */
struct sql {
	const char *name; /* "people.user_by_id", also its name on the server */
	int nargs;
	bool writes;             /* its text holds INSERT, UPDATE or DELETE */
	const struct shape *row; /* NULL: no rows are looked at */
	const char *text;
};

struct db;

/* Lives as long as the db does. */
struct db_settings {
	const char *url;     /* a libpq connection string */
	const char *role;    /* SET ROLE to this after connecting; NULL: the login's own */
	const char *program; /* application_name */
	/* NULL-ended list of NULL-ended lists; NULL: none. */
	const struct sql *const *const *statements;
	/* NULL-ended list of channels, listened to on every connection; NULL: none. */
	const char *const *listen;
	int statement_timeout_ms, lock_timeout_ms; /* 0: the server's own */
};

/*
 * Connects, prepares every statement in one pipeline, compares shapes.  ERR_BUSY where the server
 * is away: *ret is there all the same, and its next use connects.  ERR_INTERNAL with the
 * statement's name where one does not fit.  Closed with the arena, or before by db_close.  Never
 * fork with an open one.
 */
const struct err *db_open(struct arena *a, const struct db_settings *settings,
			  struct db **ret) must_check;
void db_close(struct db *db);
/* One more connection of the same settings, which listens to nothing; as db_open says. */
const struct err *db_open_beside(struct arena *a, const struct db *db, struct db **ret) must_check;
/* For the mains that wait on it: the socket, -1 while there is no connection. */
int db_fd(const struct db *db);
/*
 * How often it has connected.  A tx may heal the connection silently; a main that waits on db_fd
 * sees here that it must wait on the new socket, and look for what was said while nobody listened.
 */
int db_generation(const struct db *db);
/* Connects again where the connection is lost; ERR_BUSY while that fails. */
const struct err *db_heal(struct arena *a, struct db *db) must_check;
/*
 * What a connection string says, as the environment by which libpq's own programs find the same
 * database: a list of struct db_variable.  ERR_INVALID where it can't be read.
 */
struct db_variable {
	const char *name, *value; /* "PGHOST" */
};
const struct err *db_environment(struct arena *a, const char *url, struct list *ret) must_check;
/* Outside any tx: the text of one or several statements without parameters and without rows. */
const struct err *db_script(struct arena *a, struct db *db, const char *sql) must_check;
/* The next notification that has arrived, without waiting; false where there is none. */
bool db_notification(struct arena *a, struct db *db, struct str *channel, struct str *payload);

/* A parameter of a statement, made by P(value).  None (of a text, a uuid, a time) is NULL. */
struct arg {
	enum { ARG_STR, ARG_UUID, ARG_INT, ARG_BOOL, ARG_TIME, ARG_TEXTS } type;
	union {
		struct str s; /* a zero byte in it makes the tx ERR_MALFORMED */
		struct uuid id;
		int64_t i;
		struct list list;
	};
};

struct arg arg_str(struct str s);
struct arg arg_uuid(struct uuid id);
struct arg arg_int(int64_t i);
struct arg arg_int32(int i);
struct arg arg_bool(bool b);
struct arg arg_time(struct instant t);
struct arg arg_texts(struct list of_shape_texts); /* for a text[] */

/* clang-format off */
#define P(x)                                                                                       \
	_Generic((x), struct str : arg_str, struct uuid : arg_uuid, int64_t : arg_int,             \
		int : arg_int32, bool : arg_bool, struct instant : arg_time,                       \
		struct list : arg_texts)(x)
/* clang-format on */

/*
 * One transaction: statements are queued with the places for their rows, then all go out in one
 * pipeline and one round trip.  tx_run commits, once; tx_more stays in the transaction for a
 * handler that needs a value before it can go on.  After an error nothing of it is written, and it
 * gives the same error again.
 *
 * That a row is missing (tx_one, tx_must) is seen on this side only.  So where another statement of
 * the tx writes, which means tx_exec, tx_must or a text with INSERT, UPDATE or DELETE, the COMMIT
 * waits for that look and costs a second round trip.  tx_maybe never does, nor a function that
 * raises RF404 itself.
 *
 * Values are copied when queued.  Rows live in the arena, and so does the tx: what is still open
 * when the arena is reset is rolled back.  Only one tx at a time may stand between its tx_more and
 * its end.
 *
 * Errors of the server come back by SQLSTATE: class RF carries an HTTP status (RF404, RF409 ...)
 * with the API's code as message, the sentence for the user as detail and, as hint, the seconds to
 * wait of RF429 or a JSON object of facts; a broken UNIQUE is ERR_CONFLICT with the constraint's
 * name as code; 40001 and 40P01 are ERR_RETRY; a lost or overloaded server is ERR_BUSY, and the
 * next use connects again.
 */
struct tx;

struct tx *tx_new(struct arena *a, struct db *db);
void tx_one(struct tx *t, const struct sql *s, void *ret, const struct arg *args, size_t nargs);
void tx_maybe(struct tx *t, const struct sql *s, void *ret, const struct arg *args, size_t nargs);
void tx_list(struct tx *t, const struct sql *s, struct list *ret, const struct arg *args,
	     size_t nargs);
void tx_exec(struct tx *t, const struct sql *s, const struct arg *args, size_t nargs);
void tx_must(struct tx *t, const struct sql *s, const struct arg *args, size_t nargs);
void tx_last(struct tx *t, const struct sql *s, const struct arg *args, size_t nargs);

/*
 *	tx_one(t, &sql_user_by_id, ret, P(id));   *ret, a T **; ERR_NOT_FOUND where no row comes
 *	tx_maybe                                  *ret is NULL where no row comes
 *	tx_list(t, &sql_users, &list)             all rows
 *	tx_exec(t, &sql_touch, P(id))             rows do not matter
 *	tx_must(t, &sql_rename, P(id), P(name))   ERR_NOT_FOUND where no row is touched
 *	tx_last(t, &sql_count, P(id))             tx_exec in the send that commits, behind all else:
 *	                                          for rows that everybody locks
 */
#define ARGS_(...)                                                                                 \
	((const struct arg[]){ { 0 }, __VA_ARGS__ }) + 1,                                          \
		sizeof((const struct arg[]){ { 0 }, __VA_ARGS__ }) / sizeof(struct arg) - 1
#define tx_one(t, s, ret, ...)   (tx_one)((t), (s), (ret), ARGS_(__VA_ARGS__))
#define tx_maybe(t, s, ret, ...) (tx_maybe)((t), (s), (ret), ARGS_(__VA_ARGS__))
#define tx_list(t, s, ret, ...)  (tx_list)((t), (s), (ret), ARGS_(__VA_ARGS__))
#define tx_exec(t, s, ...)       (tx_exec)((t), (s), ARGS_(__VA_ARGS__))
#define tx_must(t, s, ...)       (tx_must)((t), (s), ARGS_(__VA_ARGS__))
#define tx_last(t, s, ...)       (tx_last)((t), (s), ARGS_(__VA_ARGS__))

/*
 * NOTIFY channel, payload as a second segment of the send that commits: it may ring for nothing,
 * may fail or be missed, and has no part in the outcome of the tx.
 */
void tx_bell(struct tx *t, struct str channel, struct str payload);
const struct err *tx_run(struct tx *t) must_check;
const struct err *tx_more(struct tx *t) must_check;
/* From now on what is queued, rows and errors live in that arena, and the tx itself where it did:
 * for a long one that is read piece by piece. */
void tx_into(struct tx *t, struct arena *a);
/* From now on tx_run does not commit: the caller of the handler ends the transaction by tx_finish.
 */
void tx_hold(struct tx *t);
/* Runs what is still queued and commits; nothing to do where the tx has already run to its end. */
const struct err *tx_finish(struct tx *t) must_check;
/* Rolls back what is still open; harmless otherwise. */
void tx_abandon(struct tx *t);
int64_t tx_microseconds(const struct tx *t); /* spent waiting for the server */
int tx_round_trips(const struct tx *t);
/* From now on t tells both for `other`, too. */
void tx_count(struct tx *t, const struct tx *other);

#endif
