-- What the doctor asks.  Each gives a line for each thing that is wrong, and none where all is well.

-- ---- of the catalogue, in any database ----

-- name: roles_missing() -> line_shape
SELECT name AS text FROM unnest(ARRAY['rf_owner', 'doorman', 'searcher', 'overseer', 'eraser', 'rf_worker', 'rf_hub', 'rf_jobs', 'rf_backup']) AS name
 WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = name);

-- name: roles_mighty() -> line_shape
SELECT rolname || concat(CASE WHEN rolsuper THEN ' is a superuser' END,
                         CASE WHEN rolbypassrls AND rolname <> 'rf_backup' THEN ' passes the walls' END,
                         CASE WHEN rolcreaterole THEN ' makes roles' END, CASE WHEN rolcreatedb THEN ' makes databases' END,
                         CASE WHEN rolreplication THEN ' replicates' END) AS text
  FROM pg_roles
 WHERE rolname IN ('rf_owner', 'doorman', 'searcher', 'overseer', 'eraser', 'rf_worker', 'rf_hub', 'rf_jobs', 'rf_backup')
   AND (rolsuper OR rolcreaterole OR rolcreatedb OR rolreplication OR rolbypassrls AND rolname <> 'rf_backup')
UNION ALL
SELECT r.rolname || ' is a member of ' || o.rolname
  FROM pg_auth_members m JOIN pg_roles r ON r.oid = m.member JOIN pg_roles o ON o.oid = m.roleid
 WHERE r.rolname IN ('rf_worker', 'rf_hub', 'rf_jobs');

-- name: roles_owning() -> line_shape
SELECT r.rolname || ' owns ' || o.what AS text
  FROM (SELECT relowner AS owner, oid::regclass::text AS what FROM pg_class WHERE relkind IN ('r', 'p', 'v', 'm', 'S')
        UNION ALL SELECT proowner, oid::regproc::text FROM pg_proc
        UNION ALL SELECT nspowner, 'the schema ' || nspname FROM pg_namespace) o
  JOIN pg_roles r ON r.oid = o.owner
 WHERE r.rolname IN ('rf_worker', 'rf_hub', 'rf_jobs', 'rf_backup');

-- name: walls() -> line_shape
SELECT c.oid::regclass::text AS text
  FROM pg_class c JOIN pg_attribute t ON t.attrelid = c.oid AND t.attname = 'account_id' AND NOT t.attisdropped
  JOIN pg_namespace n ON n.oid = c.relnamespace
 WHERE c.relkind IN ('r', 'p') AND n.nspname NOT IN ('pg_catalog', 'information_schema')
   AND NOT (c.relrowsecurity AND c.relforcerowsecurity AND EXISTS (SELECT FROM pg_policy WHERE polrelid = c.oid))
 ORDER BY 1;

-- name: doors() -> line_shape
SELECT p.oid::regprocedure::text AS text FROM pg_proc p JOIN pg_roles r ON r.oid = p.proowner
 WHERE p.prosecdef AND p.pronamespace <> 'pg_catalog'::regnamespace
   AND (NOT coalesce(p.proconfig::text LIKE '%search_path=pg_catalog%pg_temp%', false)
        OR has_function_privilege('public', p.oid, 'EXECUTE') OR r.rolname NOT IN ('doorman', 'searcher', 'overseer', 'eraser')
        AND NOT (r.rolname = 'rf_owner' AND p.proname IN ('audit_months', 'audit_retire')))
 ORDER BY 1;

-- name: indexes() -> line_shape
SELECT i.indexrelid::regclass::text AS text FROM pg_index i WHERE NOT i.indisvalid OR NOT i.indisready
UNION ALL SELECT conrelid::regclass::text || ' ' || conname FROM pg_constraint WHERE NOT convalidated;

-- name: unsafe() -> line_shape
SELECT name || ' is off' AS text FROM pg_settings
 WHERE name IN ('fsync', 'full_page_writes', 'synchronous_commit', 'autovacuum', 'track_counts') AND setting = 'off'
UNION ALL SELECT 'the server is of version ' || current_setting('server_version')
 WHERE current_setting('server_version_num')::int < 150000
UNION ALL SELECT 'the encoding is ' || current_setting('server_encoding') WHERE current_setting('server_encoding') <> 'UTF8';

-- name: checksums() -> line_shape
SELECT 'off' AS text WHERE current_setting('data_checksums') <> 'on';

-- name: connections(wanted int) -> line_shape
SELECT format('%s are allowed, and the programs take up to %s', current_setting('max_connections'), $1::int) AS text
 WHERE current_setting('max_connections')::int - current_setting('superuser_reserved_connections')::int < $1::int;

-- name: clock() -> moment_shape
SELECT clock_timestamp() AS at;

-- ---- of the product's own tables, as the jobs program ----

-- name: stuck() -> line_shape
SELECT format('%s %s, the oldest since %s', count(*), kind, to_char(min(run_at), 'YYYY-MM-DD HH24:MI')) AS text
  FROM job WHERE state IN ('queued', 'running') AND run_at < now() - interval '10 minutes' GROUP BY kind
UNION ALL
SELECT format('%s mails, the oldest since %s', count(*), to_char(min(next_at), 'YYYY-MM-DD HH24:MI'))
  FROM outbox WHERE state IN ('queued', 'sending') AND next_at < now() - interval '10 minutes' HAVING count(*) > 0
UNION ALL
SELECT format('%s calls, the oldest since %s', count(*), to_char(min(c.next_at), 'YYYY-MM-DD HH24:MI'))
  FROM webhook_call c JOIN webhook w ON w.account_id = c.account_id AND w.id = c.webhook_id
 WHERE c.state IN ('queued', 'sending') AND c.next_at < now() - interval '10 minutes'
   AND w.active AND coalesce(w.paused_until < now() - interval '10 minutes', true) HAVING count(*) > 0;

-- Entries are sealed within seconds.
-- name: unsealed() -> line_shape
SELECT format('without a seal for too long: %s, the oldest of %s', count(*), to_char(min(at), 'YYYY-MM-DD HH24:MI')) AS text
  FROM audit_due WHERE at < now() - interval '10 minutes' HAVING count(*) > 0;

-- name: dead() -> line_shape
SELECT format('%s %s: %s', count(*), kind, left((array_agg(last_error ORDER BY finished_at DESC))[1], 80)) AS text
  FROM job WHERE state = 'dead' GROUP BY kind
UNION ALL
SELECT format('%s mails: %s', count(*), left((array_agg(last_error ORDER BY failed_at DESC))[1], 80))
  FROM outbox WHERE state = 'failed' AND NOT unwanted HAVING count(*) > 0;

-- Twice the period and five minutes, for who does them may be at another one.
-- name: chores_late(names text[], seconds text[]) -> line_shape
SELECT k.name || coalesce(': last at ' || to_char(nullif(p.last_at, '-infinity'), 'YYYY-MM-DD HH24:MI'), ': never') AS text
  FROM unnest($1::text[], $2::text[]::bigint[]) AS k (name, seconds) LEFT JOIN job_period p ON p.name = k.name
 WHERE coalesce(p.last_at, '-infinity') < now() - (k.seconds * 2 + 300) * interval '1 second';
