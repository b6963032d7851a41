/* The platform room's statements; see store.h and store.sql. */
#include "platform/store.h"

const struct names account_states = NAMES("active", "suspended", "closing");
const struct names code_states = NAMES("open", "used", "expired", "revoked");

#define R struct account_row
const struct shape platform_account_shape = SHAPE_WITH(
	R, (.label = "PlatformAccount"), F_UUID(R, id), F_STR(R, name), F_STR(R, plan),
	F_STR(R, plan_label), F_ENUM(R, state, &account_states), F_TIME(R, created_at),
	F_TIME(R, suspended_at, .null = true), F_STR(R, suspended_reason, .null = true),
	F_TIME(R, closing_at, .null = true), F_STR(R, code, .null = true), F_INT(R, people),
	F_INT(R, flows), F_INT(R, sessions_this_month), F_TIME(R, last_seen_at, .null = true));
#undef R
#define R struct admin_row
static const struct shape admin_shape =
	SHAPE(R, F_STR(R, name), F_STR(R, email), F_TIME(R, last_seen_at, .null = true));
#undef R
static const struct shape plan_shape =
	SHAPE(struct plan_row, F_STR(struct plan_row, name), F_STR(struct plan_row, label));
#define R struct code_row
const struct shape platform_code_shape =
	SHAPE_WITH(R, (.label = "PlatformCode"), F_UUID(R, id), F_STR(R, label),
		   F_STR(R, plan, .null = true), F_STR(R, plan_label, .null = true), F_INT(R, uses),
		   F_INT(R, max_uses), F_TIME(R, expires_at), F_TIME(R, created_at),
		   F_STR(R, made_by), F_ENUM(R, state, &code_states));
#undef R
#define R struct overview_row
const struct shape platform_overview_shape =
	SHAPE_WITH(R, (.label = "PlatformOverview"), F_INT(R, accounts), F_INT(R, suspended),
		   F_INT(R, closing), F_INT(R, new_accounts), F_INT(R, seen), F_INT(R, codes_open));
#undef R
#define R struct queue_row
const struct shape platform_queue_shape =
	SHAPE_WITH(R, (.label = "Queue"), F_STR(R, name), F_INT(R, waiting),
		   F_TIME(R, oldest_at, .null = true), F_INT(R, retrying), F_INT(R, failed));
#undef R
#define R struct dead_job
const struct shape platform_dead_job_shape = SHAPE_WITH(
	R, (.label = "DeadJob"), F_UUID(R, id), F_UUID(R, account_id, .null = true),
	F_STR(R, account_name, .null = true), F_STR(R, kind), F_INT(R, attempts),
	F_STR(R, last_error, .null = true), F_TIME(R, created_at), F_TIME(R, finished_at));
#undef R
const struct shape platform_chore_shape =
	SHAPE_WITH(struct chore_row, (.label = "Chore"), F_STR(struct chore_row, name),
		   F_TIME(struct chore_row, last_at, .null = true));
const struct shape platform_program_shape =
	SHAPE_WITH(struct program_row, (.label = "Program"), F_STR(struct program_row, name),
		   F_INT(struct program_row, connections),
		   F_TIME(struct program_row, oldest_at, .null = true));
const struct shape platform_table_shape =
	SHAPE_WITH(struct table_row, (.label = "Table"), F_STR(struct table_row, name),
		   F_INT(struct table_row, bytes), F_INT(struct table_row, rows));
const struct shape platform_migration_shape = SHAPE_WITH(
	struct migration_row, (.label = "Migration"), F_INT(struct migration_row, number),
	F_STR(struct migration_row, name), F_TIME(struct migration_row, applied_at));
static const struct shape database_shape =
	SHAPE(struct database_row, F_STR(struct database_row, version),
	      F_INT(struct database_row, bytes));
const struct shape platform_audit_shape =
	SHAPE_WITH(struct audit_row, (.label = "AuditSeals"), F_INT(struct audit_row, waiting),
		   F_TIME(struct audit_row, oldest_at, .null = true));
static const struct shape count_shape = SHAPE(struct count_row, F_INT(struct count_row, n));
static const struct shape word_shape =
	SHAPE(struct word_row, F_STR(struct word_row, word, .null = true));

#include "fcgi/platform/store.sql.h"

void store_platform_accounts(struct tx *t, const struct account_wish *w, struct list *ret)
{
	tx_list(t, &sql_accounts, ret, P(w->q), P(w->plan), P(w->state), P(w->code), P(w->after),
		P(w->most), P(w->skip));
}

void store_platform_accounts_count(struct tx *t, const struct account_wish *w,
				   struct count_row **ret)
{
	tx_maybe(t, &sql_accounts_count, ret, P(w->q), P(w->plan), P(w->state), P(w->code));
}

void store_platform_account(struct tx *t, struct uuid account, struct account_row **ret)
{
	tx_one(t, &sql_account, ret, P(account));
}

void store_platform_admins(struct tx *t, struct uuid account, struct list *ret)
{
	tx_list(t, &sql_admins, ret, P(account));
}

void store_platform_address_free(struct tx *t, struct str email)
{
	tx_exec(t, &sql_address_free, P(email));
}

void store_platform_plans(struct tx *t, struct str has, struct list *ret)
{
	tx_list(t, &sql_plans, ret, P(has));
}

void store_platform_suspend(struct tx *t, struct uuid account, struct str why)
{
	tx_exec(t, &sql_suspend, P(account), P(why));
}

void store_platform_resume(struct tx *t, struct uuid account)
{
	tx_exec(t, &sql_resume, P(account));
}

void store_platform_plan(struct tx *t, struct uuid account, struct str plan, struct word_row **was)
{
	tx_maybe(t, &sql_plan, was, P(account), P(plan));
}

void store_platform_streams_end(struct tx *t)
{
	tx_exec(t, &sql_streams_end);
}

void store_platform_look(struct tx *t, struct uuid sign_in, struct uuid account)
{
	tx_exec(t, &sql_look, P(sign_in), P(account));
}

void store_platform_looks_end(struct tx *t)
{
	tx_exec(t, &sql_looks_end);
}

void store_platform_codes(struct tx *t, int64_t most, int64_t skip, struct list *ret)
{
	tx_list(t, &sql_codes, ret, P(UUID_NONE), P(most), P(skip));
}

void store_platform_codes_count(struct tx *t, struct count_row **ret)
{
	tx_maybe(t, &sql_codes_count, ret);
}

void store_platform_code(struct tx *t, struct uuid code, struct code_row **ret)
{
	tx_one(t, &sql_codes, ret, P(code), P((int64_t)1), P((int64_t)0));
}

void store_platform_code_add(struct tx *t, const struct new_code *c)
{
	tx_exec(t, &sql_code_add, P(c->id), P(c->hash), P(c->label), P(c->plan), P(c->max_uses),
		P(c->lasts));
}

void store_platform_code_revoke(struct tx *t, struct uuid code)
{
	tx_exec(t, &sql_code_revoke, P(code));
}

void store_platform_overview(struct tx *t, struct overview_row **ret)
{
	tx_maybe(t, &sql_overview, ret);
}

void store_platform_queues(struct tx *t, struct list *ret)
{
	tx_list(t, &sql_queues, ret);
}

void store_platform_dead_jobs(struct tx *t, int64_t most, struct list *ret)
{
	tx_list(t, &sql_dead_jobs, ret, P(UUID_NONE), P(most));
}

void store_platform_dead_job(struct tx *t, struct uuid job, struct dead_job **ret)
{
	tx_one(t, &sql_dead_jobs, ret, P(job), P((int64_t)1));
}

void store_platform_job_retry(struct tx *t, struct uuid job)
{
	tx_exec(t, &sql_job_retry, P(job));
}

void store_platform_job_drop(struct tx *t, struct uuid job)
{
	tx_exec(t, &sql_job_drop, P(job));
}

void store_platform_chores(struct tx *t, struct list *ret)
{
	tx_list(t, &sql_chores, ret);
}

void store_platform_programs(struct tx *t, struct list *ret)
{
	tx_list(t, &sql_programs, ret);
}

void store_platform_tables(struct tx *t, struct list *ret)
{
	tx_list(t, &sql_tables, ret);
}

void store_platform_migrations(struct tx *t, struct list *ret)
{
	tx_list(t, &sql_migrations, ret);
}

void store_platform_database(struct tx *t, struct database_row **ret)
{
	tx_maybe(t, &sql_database, ret);
}

void store_platform_audit(struct tx *t, struct audit_row **ret)
{
	tx_one(t, &sql_audit, ret);
}
