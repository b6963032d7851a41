-- The statements of the measured pages.  The peer and pgbench run the same texts.

-- name: flows() -> flow_row_shape
SELECT id, name, description, category, tags, used, updated_at
  FROM bench_flow WHERE account_id = app_account() ORDER BY updated_at DESC, id LIMIT 50;

-- name: session(session uuid) -> session_row_shape
SELECT s.id, s.ticket, f.name AS flow, s.status, s.step_count, s.updated_at, f.structure->'nodes'->s.node AS node
  FROM bench_session s JOIN bench_flow f ON f.account_id = s.account_id AND f.id = s.flow_id
 WHERE s.account_id = app_account() AND s.id = $1;

-- name: steps(session uuid) -> step_row_shape
SELECT seq, question, answer, note, created_at
  FROM bench_step WHERE account_id = app_account() AND session_id = $1 ORDER BY seq DESC LIMIT 10;

-- name: answer(session uuid, step int, answer text, note text) -> answered_row_shape
WITH asked AS (
	SELECT s.id, s.node AS key, f.structure->'nodes'->s.node AS node
	  FROM bench_session s JOIN bench_flow f ON f.account_id = s.account_id AND f.id = s.flow_id
	 WHERE s.account_id = app_account() AND s.id = $1 AND s.step_count = $2 FOR UPDATE OF s
), moved AS (
	UPDATE bench_session s SET node = asked.node->'options'->$3::text->>'next', step_count = s.step_count + 1,
	                           updated_at = date_trunc('second', now())
	  FROM asked WHERE s.account_id = app_account() AND s.id = asked.id AND asked.node->'options' ? $3::text
	RETURNING s.step_count, asked.key, asked.node->>'title' AS title
)
INSERT INTO bench_step (account_id, session_id, seq, node, question, answer, note, created_at)
SELECT app_account(), $1, step_count, key, title, $3::text, $4, date_trunc('second', now()) FROM moved
RETURNING seq;
