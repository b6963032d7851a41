/* What the server's error codes mean to us; see "Errors of the server" in db.h. */
#include "kit/db/pg.h"

#include <string.h>

#include "kit/base/arena.h"

#define BUSY_SECONDS 2 /* after which to try again, where the server is away or overloaded */

/* The first row whose code begins the SQLSTATE counts.  No text: the server's own, for the
 * operator. */
static const struct meaning {
	const char *code;
	enum err_kind kind;
	bool drop; /* the connection is of no further use */
	const char *text;
} meanings[] = {
	{ "23505", ERR_CONFLICT, false, "That is already there." },
	{ "22P02", ERR_MALFORMED, false, "A value is not of the form that it must have." },
	{ "22P05", ERR_MALFORMED, false, "A text holds a character that cannot be stored." },
	{ "22021", ERR_MALFORMED, false, "A text holds a character that cannot be stored." },
	{ "40001", ERR_RETRY, false, NULL },
	{ "40P01", ERR_RETRY, false, NULL },
	{ "57014", ERR_BUSY, false, NULL }, /* statement_timeout */
	{ "55P03", ERR_BUSY, false, NULL }, /* lock_timeout */
	{ "57P", ERR_BUSY, true, NULL },    /* shut down, crashed, starting */
	{ "08", ERR_BUSY, true, NULL },
	{ "53", ERR_BUSY, false, NULL },   /* out of connections, memory, disk */
	{ "25P03", ERR_BUSY, true, NULL }, /* idle_in_transaction_session_timeout */
	{ "25006", ERR_BUSY, true,
	  NULL }, /* it became a standby: the next connection finds the primary */
	{ "26000", ERR_BUSY, true, NULL }, /* the statements are gone: prepare them again */
	{ "0A000", ERR_BUSY, true,
	  NULL }, /* a table changed under a plan: prepare and compare again */
	{ "", ERR_INTERNAL, false, NULL },
};

static const struct {
	const char *code;
	enum err_kind kind;
} refusals[] = {
	{ "RF208", ERR_CONFLICT },   { "RF400", ERR_MALFORMED }, { "RF401", ERR_SIGNED_OUT },
	{ "RF403", ERR_FORBIDDEN },  { "RF404", ERR_NOT_FOUND }, { "RF405", ERR_METHOD },
	{ "RF409", ERR_CONFLICT },   { "RF410", ERR_GONE },      { "RF413", ERR_TOO_LARGE },
	{ "RF415", ERR_MEDIA_TYPE }, { "RF422", ERR_INVALID },   { "RF429", ERR_RATE },
	{ "RF503", ERR_BUSY },
};

/* A refusal by one of our own functions in the database. */
static struct err *refused(struct arena *a, enum err_kind kind, const PGresult *r)
{
	const char *code = PQresultErrorField(r, PG_DIAG_MESSAGE_PRIMARY);
	const char *detail = PQresultErrorField(r, PG_DIAG_MESSAGE_DETAIL);
	const char *hint = PQresultErrorField(r, PG_DIAG_MESSAGE_HINT);
	struct err *e = ERR_CODE(a, kind, str_cstr(a, str_of(code)), "%s", code);
	int64_t seconds;

	if (detail)
		e->message = str_dup(a, str_of(detail)); /* whole: it may carry an answer */
	if (hint && str_to_int(str_of(hint), &seconds) && seconds > 0 && seconds < 1000000)
		e->retry_after = (int)seconds;
	else if (hint && hint[0] == '{')
		e->facts = str_dup(a, str_of(hint));
	return e;
}

static struct err *meant(struct arena *a, struct db *db, const char *state, const char *statement,
			 const PGresult *r)
{
	const char *said = PQresultErrorField(r, PG_DIAG_MESSAGE_PRIMARY);
	const struct meaning *m = meanings;
	struct err *e;

	while (strncmp(m->code, state, strlen(m->code)) != 0)
		m++;
	db->doomed |= m->drop;
	if (m->text)
		e = ERR(a, m->kind, "%s", m->text);
	else
		e = ERR(a, m->kind, "%s: %s", statement, said ? said : "failed");
	if (m->kind == ERR_CONFLICT)
		e->code = str_cstr(a, str_of(PQresultErrorField(r, PG_DIAG_CONSTRAINT_NAME)));
	return e;
}

static struct err *lost(struct arena *a, struct db *db, const char *statement)
{
	struct str said = str_trim(str_of(db->conn ? PQerrorMessage(db->conn) : "no connection"));

	db->doomed = true;
	return ERR(a, ERR_BUSY, "%s: %.*s", statement, STR_ARG(said));
}

static struct err *by_state(struct arena *a, struct db *db, const char *state,
			    const char *statement, const PGresult *r)
{
	for (size_t at = 0; at < sizeof(refusals) / sizeof(refusals[0]); at++)
		if (strcmp(refusals[at].code, state) == 0)
			return refused(a, refusals[at].kind, r);
	return meant(a, db, state, statement, r);
}

const struct err *db_failure(struct arena *a, struct db *db, const char *statement,
			     const PGresult *r)
{
	const char *state = PQresultErrorField(r, PG_DIAG_SQLSTATE);
	struct err *e = state ? by_state(a, db, state, statement, r) : lost(a, db, statement);

	if (state)
		memcpy(e->sqlstate, state, strnlen(state, sizeof(e->sqlstate) - 1));
	if ((e->kind == ERR_BUSY || e->kind == ERR_RATE) && !e->retry_after)
		e->retry_after = BUSY_SECONDS;
	return e;
}
