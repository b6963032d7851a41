#ifndef FLAGS_FLAGS_H
#define FLAGS_FLAGS_H

#include "kit/base/shape.h"

struct arena;
struct db;
struct sql;
struct tx;

/*
 * Features that operators switch: for all accounts, for a part of them, for one.  A route's column
 * `flag` takes its page or API away (app/serve.c); flag_on of people/people.h asks for the caller's
 * account, and so do templates by `has_...` of every page's frame.
 */
enum flag { FLAG_NONE, FLAG_WEBHOOKS, FLAG_INSIGHT, FLAG_PUBLIC_LINKS, FLAG_FAST_LANE, FLAG__MAX };

struct flag_kind {
	const char *name;
	bool on; /* where the database says nothing */
	const char *about;
};

extern const struct flag_kind flag_kinds[FLAG__MAX];
/* FLAG_NONE: there is none of that name. */
enum flag flag_named(struct str name);

/* What was set, as the database tells it; an account of none is all accounts. */
struct flag_row {
	struct str name;
	struct uuid account;
	bool enabled;
	int64_t percent;
};

void flags_read(struct tx *tx, struct list *ret);
/* Whether an account has it: its own setting, or that of all, by a number from 0 to 99 that is the
 * account's for that flag and never another: who is in at 10 percent is in at 50. */
bool flags_judge(struct list rows, enum flag flag, struct uuid account);
int flag_place(enum flag flag, struct uuid account);

/*
 * A worker's copy, which lives in `a`.  A connection that listens to FLAGS_BELL hears of each
 * change; a new connection may have missed some, so it reads anew.
 */
#define FLAGS_BELL "bell_flags"
struct flags;
struct flags *flags_new(struct arena *a, struct db *db);
/* Between transactions: reads what was changed.  Where the database is away, all stays as it was.
 */
void flags_refresh(struct flags *flags, struct arena *scratch);
bool flags_on(const struct flags *flags, enum flag flag, struct uuid account);
/* The names of those that an account has: a list of struct str. */
struct list flags_names(struct arena *a, const struct flags *flags, struct uuid account);

/* ---- for the platform's pages ---- */

struct flag_account_row {
	struct str flag;
	struct uuid account;
	struct str name;
	bool enabled;
};

struct named_row {
	struct uuid account;
};

void flags_set(struct tx *tx, enum flag flag, bool enabled, int64_t percent);
/* enabled: NULL is as for all. */
void flags_set_account(struct tx *tx, struct uuid account, enum flag flag, const bool *enabled);
/* By flag: those of one, or with FLAG_NONE those of all. */
void flags_accounts(struct tx *tx, enum flag flag, struct list *ret);
/* By its id or its name; NULL where there is none, or several. */
void flags_account_named(struct tx *tx, struct str typed, struct named_row **ret);

extern const struct sql *const flags_statements[];

#endif
