#ifndef AUDIT_AUDIT_H
#define AUDIT_AUDIT_H

#include "kit/base/err.h"
#include "kit/http/http.h"
#include "kit/jobs/jobs.h"

struct db;
struct settings;

/*
 * The audit log, which record/record.h writes and nobody else reads.
 *
 * Each entry is sealed within seconds of its commit: numbered in its account, and hashed by a key
 * that is not in the database, together with the seal before it.  The head of an account, signed
 * too, says how far its chain goes.  docs/audit.md says what that proves, and what it does not.
 */

/* ---- sealing, a lane of the jobs program ---- */

struct audit_sealer;
struct audit_sealer *audit_sealer_new(struct arena *a, const struct settings *settings,
				      struct db *db);
/* Seals some of what is due, after wrong passwords have become entries; *more is false when there
 * is nothing left. */
const struct err *audit_seal_some(struct audit_sealer *s, bool *more) must_check;

/* ---- the check ---- */

struct audit_finding {
	struct uuid account;
	int64_t seq;       /* of the seal; 0: there is none */
	struct uuid id;    /* of the entry, if it is known */
	struct str action; /* so, too */
	struct str what;   /* "changed after it was sealed" */
};

struct audit_check {
	const struct settings *settings;
	struct uuid account; /* UUID_NONE: all */
	/* Lines "account seq mac" that `audit heads` printed once, or none: what was there then
	 * must be there now. */
	struct str heads;
	void (*tell)(void *ctx, const struct audit_finding *finding);
	void *ctx;
};

struct audit_verdict {
	int64_t accounts, seals, findings;
};

/*
 * Reads all seals and entries by pieces, in little memory, as a role that sees all accounts
 * (rf_jobs).  An error is about the check; what is wrong with the log is told.
 */
const struct err *audit_verify(struct arena *a, struct db *db, const struct audit_check *check,
			       struct audit_verdict *ret) must_check;
/* The ends of all chains, a line each. */
const struct err *audit_heads(struct arena *a, struct db *db, struct str *ret) must_check;

extern const struct route audit_routes[];
extern const struct view *const audit_views[];
extern const struct sql *const audit_statements[];
extern const struct chore audit_chores[];

#endif
