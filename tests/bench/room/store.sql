-- The statement of the measured list.  The peer and pgbench run the same text.

-- name: flows() -> flow_row_shape
SELECT id, name, description, category, tags, used, updated_at
  FROM bench_flow WHERE account_id = app_account() ORDER BY updated_at DESC, id LIMIT 50;
