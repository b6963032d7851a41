-- The statements of the platform room.  A row's columns stand in the order of its shape's fields.

-- name: accounts(q text, plan text, state text, code uuid, after uuid, most int, skip int) -> platform_account_shape
SELECT id, name, plan, plan_label, state, created_at, suspended_at, suspended_reason, closing_at, code, people, flows,
       sessions_this_month, last_seen_at
  FROM platform.accounts(ARRAY(SELECT platform.accounts_find($1, $2, $3, $4, $5, $6, $7)));

-- name: accounts_count(q text, plan text, state text, code uuid) -> count_shape
SELECT platform.accounts_count($1, $2, $3, $4) AS n;

-- name: account(account uuid) -> platform_account_shape
SELECT id, name, plan, plan_label, state, created_at, suspended_at, suspended_reason, closing_at, code, people, flows,
       sessions_this_month, last_seen_at
  FROM platform.accounts(ARRAY[$1::uuid]);

-- name: admins(account uuid) -> admin_shape
SELECT name, email, last_seen_at FROM platform.admins($1);

-- name: address_free(email text)
SELECT platform.address_free($1);

-- Those that an account can be given, and the one that it has.
-- name: plans(has text) -> plan_shape
SELECT name, label FROM plan WHERE retired_at IS NULL OR name = $1 ORDER BY for_new DESC, label, name;

-- name: suspend(account uuid, why text)
SELECT platform.account_suspend($1, $2);

-- name: resume(account uuid)
SELECT platform.account_resume($1);

-- name: plan(account uuid, plan text) -> word_shape
SELECT platform.account_plan($1, $2) AS word;

-- name: streams_end()
SELECT event_add('sign_in', 'signed_out', NULL, NULL, '{"why": "suspended"}');

-- name: look(sign_in uuid, account uuid)
UPDATE sign_in SET inside_id = $2, inside_at = CASE WHEN $2::uuid IS NOT NULL THEN now() END WHERE account_id = app_account() AND id = $1;

-- name: looks_end()
SELECT platform.looks_end();

-- name: codes(code uuid, most int, skip int) -> platform_code_shape
SELECT id, label, plan, plan_label, uses, max_uses, expires_at, created_at, made_by, state
  FROM platform.codes($1, $2, $3);

-- name: codes_count() -> count_shape
SELECT platform.codes_count() AS n;

-- name: code_add(id uuid, code_hash text, label text, plan text, max_uses int, lasts int)
SELECT platform.code_add($1, $2, $3, nullif($4, ''), $5, $6);

-- name: code_revoke(code uuid)
SELECT platform.code_revoke($1);

-- name: overview() -> platform_overview_shape
SELECT accounts, suspended, closing, new_accounts, seen, codes_open FROM platform.overview();

-- name: queues() -> platform_queue_shape
SELECT name, waiting, oldest_at, retrying, failed FROM platform.queues();

-- name: dead_jobs(job uuid, most int) -> platform_dead_job_shape
SELECT id, account_id, account_name, kind, attempts, last_error, created_at, finished_at
  FROM platform.dead_jobs($1, $2);

-- name: job_retry(job uuid)
SELECT platform.job_retry($1);

-- name: job_drop(job uuid)
SELECT platform.job_drop($1);

-- name: chores() -> platform_chore_shape
SELECT name, last_at FROM platform.chores();

-- name: programs() -> platform_program_shape
SELECT name, connections, oldest_at FROM platform.programs();

-- name: tables() -> platform_table_shape
SELECT c.relname AS name, pg_total_relation_size(c.oid) AS bytes, greatest(c.reltuples, 0)::bigint AS rows
  FROM pg_class c WHERE c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace
 ORDER BY pg_total_relation_size(c.oid) DESC, c.relname LIMIT 10;

-- name: migrations() -> platform_migration_shape
SELECT version AS number, name, at AS applied_at FROM schema_migration ORDER BY version DESC;

-- name: database() -> database_shape
SELECT split_part(current_setting('server_version'), ' ', 1) AS version, pg_database_size(current_database()) AS bytes;

-- name: audit() -> platform_audit_shape
SELECT waiting, oldest_at FROM platform.audit_waits();
