-- What a backup asks of a database that may be empty: the catalogue, and through it whatever tables there are.

-- Long waits are allowed: the tools read while this transaction holds their view of the data.
-- name: patience()
SELECT set_config('idle_in_transaction_session_timeout', '0', true), set_config('statement_timeout', '0', true),
       set_config('extra_float_digits', '1', true);

-- name: one_view()
SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY;

-- name: snapshot() -> snapshot_shape
SELECT pg_export_snapshot() AS id, current_database() AS database, current_setting('server_version') AS server,
       CASE WHEN to_regclass('public.schema_migration') IS NULL THEN 0
            ELSE (xpath('//v/text()', query_to_xml('SELECT coalesce(max(version), 0) AS v FROM public.schema_migration',
                                                   false, false, '')))[1]::text::bigint END AS schema;

-- Each table's rows, and a sum of their hashes, which is the same in whatever order they lie.
-- name: tables() -> table_shape
SELECT name, (xpath('//rows/text()', told))[1]::text::bigint AS rows, (xpath('//sum/text()', told))[1]::text AS sum
  FROM (SELECT format('%I.%I', n.nspname, c.relname) AS name,
               query_to_xml(format('SELECT count(*) AS rows, coalesce(sum(hashtextextended(whole_row::text, 0)::numeric), 0) AS sum'
                                   ' FROM %I.%I AS whole_row', n.nspname, c.relname), false, false, '') AS told
          FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
         WHERE c.relkind = 'r' AND c.relpersistence = 'p' AND n.nspname NOT IN ('pg_catalog', 'information_schema')) asked
 ORDER BY name;

-- What stands in the way: anything that is not the server's own.
-- name: in_the_way() -> name_shape
SELECT format('%I.%I', n.nspname, c.relname) AS name FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
 WHERE n.nspname NOT IN ('pg_catalog', 'information_schema') AND n.nspname !~ '^pg_' AND c.relkind IN ('r', 'p', 'v', 'm', 'S')
UNION ALL SELECT nspname FROM pg_namespace
 WHERE nspname NOT IN ('pg_catalog', 'information_schema', 'public') AND nspname !~ '^pg_'
 LIMIT 1;

-- name: roles_missing() -> name_shape
SELECT name FROM unnest(ARRAY['rf_owner', 'doorman', 'searcher', 'overseer', 'eraser', 'rf_worker', 'rf_hub', 'rf_jobs', 'rf_backup']) AS name
 WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = name) LIMIT 1;
