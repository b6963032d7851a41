#ifndef PLATFORM_STORE_H
#define PLATFORM_STORE_H

#include "kit/db/db.h"
#include "platform/platform.h"

/* The rows of the platform room and its statements, one function each; private to the room. */

enum account_state { ACCOUNT_ACTIVE, ACCOUNT_SUSPENDED, ACCOUNT_CLOSING };
extern const struct names account_states;

struct account_row {
	struct uuid id;
	struct str name, plan, plan_label;
	int state;
	struct instant created_at, suspended_at;
	struct str suspended_reason;
	struct instant closing_at;
	struct str code; /* the label of the one that it came by, or none */
	int64_t people, flows, sessions_this_month;
	struct instant last_seen_at;
};
extern const struct shape platform_account_shape; /* as the API gives it, too */

/* What is asked for; "" and UUID_NONE: all. */
struct account_wish {
	struct str q, plan, state;
	struct uuid code, after;
	int64_t most, skip;
};

struct admin_row {
	struct str name, email;
	struct instant last_seen_at;
};

struct plan_row {
	struct str name, label;
};

enum code_state { CODE_OPEN, CODE_USED, CODE_EXPIRED, CODE_REVOKED };
extern const struct names code_states;

struct code_row {
	struct uuid id;
	struct str label, plan, plan_label;
	int64_t uses, max_uses;
	struct instant expires_at, created_at;
	struct str made_by;
	int state;
};

extern const struct shape platform_code_shape;

struct new_code {
	struct uuid id;
	struct str hash, label, plan;
	int64_t max_uses, lasts;
};

struct overview_row {
	int64_t accounts, suspended, closing, new_accounts, seen, codes_open;
};

extern const struct shape platform_overview_shape;

struct queue_row {
	struct str name; /* "jobs", "mails", "calls" */
	int64_t waiting;
	struct instant oldest_at;
	int64_t retrying, failed;
};
extern const struct shape platform_queue_shape;

struct dead_job {
	struct uuid id, account_id;
	struct str account_name, kind;
	int64_t attempts;
	struct str last_error;
	struct instant created_at, finished_at;
};
extern const struct shape platform_dead_job_shape;

struct chore_row {
	struct str name;
	struct instant last_at;
};
extern const struct shape platform_chore_shape;

struct program_row {
	struct str name;
	int64_t connections;
	struct instant oldest_at;
};
extern const struct shape platform_program_shape;

struct table_row {
	struct str name;
	int64_t bytes, rows;
};
extern const struct shape platform_table_shape;

struct migration_row {
	int64_t number;
	struct str name;
	struct instant applied_at;
};
extern const struct shape platform_migration_shape;

struct database_row {
	struct str version;
	int64_t bytes;
};

/* Entries of the log that have no seal yet. */
struct audit_row {
	int64_t waiting;
	struct instant oldest_at;
};
extern const struct shape platform_audit_shape;

struct count_row {
	int64_t n;
};

struct word_row {
	struct str word;
};

void store_platform_accounts(struct tx *t, const struct account_wish *w, struct list *ret);
void store_platform_accounts_count(struct tx *t, const struct account_wish *w,
				   struct count_row **ret);
/* 404 where there is none. */
void store_platform_account(struct tx *t, struct uuid account, struct account_row **ret);
void store_platform_admins(struct tx *t, struct uuid account, struct list *ret);
/* 409 where somebody signs in with it already. */
void store_platform_address_free(struct tx *t, struct str email);
/* Those that an account can be given, and the one that it has (none: without it). */
void store_platform_plans(struct tx *t, struct str has, struct list *ret);
void store_platform_suspend(struct tx *t, struct uuid account, struct str why);
void store_platform_resume(struct tx *t, struct uuid account);
void store_platform_plan(struct tx *t, struct uuid account, struct str plan, struct word_row **was);
/* Ends the streams of the account that the transaction has entered, for good. */
void store_platform_streams_end(struct tx *t);
void store_platform_look(struct tx *t, struct uuid sign_in, struct uuid account);
void store_platform_looks_end(struct tx *t);
void store_platform_codes(struct tx *t, int64_t most, int64_t skip, struct list *ret);
void store_platform_codes_count(struct tx *t, struct count_row **ret);
void store_platform_code(struct tx *t, struct uuid code, struct code_row **ret);
void store_platform_code_add(struct tx *t, const struct new_code *code);
void store_platform_code_revoke(struct tx *t, struct uuid code);
void store_platform_overview(struct tx *t, struct overview_row **ret);
void store_platform_queues(struct tx *t, struct list *ret);
void store_platform_dead_jobs(struct tx *t, int64_t most, struct list *ret);
void store_platform_dead_job(struct tx *t, struct uuid job, struct dead_job **ret);
void store_platform_job_retry(struct tx *t, struct uuid job);
void store_platform_job_drop(struct tx *t, struct uuid job);
void store_platform_chores(struct tx *t, struct list *ret);
void store_platform_programs(struct tx *t, struct list *ret);
void store_platform_tables(struct tx *t, struct list *ret);
void store_platform_migrations(struct tx *t, struct list *ret);
void store_platform_database(struct tx *t, struct database_row **ret);
void store_platform_audit(struct tx *t, struct audit_row **ret);

#endif
