-- The statements of the queue.

-- name: enter(account uuid)
SELECT set_config('app.account', coalesce($1::uuid::text, ''), true);

-- name: enqueue(account uuid, kind text, payload jsonb, run_at timestamptz, unique_key text)
INSERT INTO job (account_id, kind, payload, run_at, unique_key)
VALUES (coalesce($1, app_account()), $2, coalesce($3::jsonb, '{}'), coalesce($4, now()), $5)
ON CONFLICT DO NOTHING;

-- The next that is due, or whose lease has run out: taken, counted and leased in one step.  Kinds that this
-- program does not know wait for one that does.
-- name: claim(kinds text[], leases text[], holder text) -> claimed_shape
WITH kind AS (
	SELECT * FROM unnest($1::text[], $2::text[]::int[]) WITH ORDINALITY AS k (name, lease, n)
), due AS (
	SELECT id FROM job
	 WHERE state IN ('queued', 'running') AND run_at <= now() AND kind = ANY ($1)
	   AND (state = 'queued' OR lease_until <= now())
	 ORDER BY run_at LIMIT 1 FOR UPDATE SKIP LOCKED
)
UPDATE job SET state = 'running', attempts = attempts + 1, lease_by = $3,
       lease_until = now() + kind.lease * interval '1 second'
  FROM due, kind
 WHERE job.id = due.id AND kind.name = job.kind
RETURNING job.id, account_id AS account, kind.n - 1 AS kind, payload::text AS payload, attempts AS attempt;

-- name: done(id uuid, holder text, attempt int)
UPDATE job SET state = 'done', finished_at = now(), lease_until = NULL
 WHERE id = $1 AND lease_by = $2 AND attempts = $3 AND state = 'running';

-- Back into the queue, where no other with its key waits there by now.
-- name: later(id uuid, holder text, attempt int, seconds int, error text)
UPDATE job SET last_error = $5, lease_until = NULL, run_at = now() + $4 * interval '1 second',
       state = CASE WHEN twin THEN 'done' ELSE 'queued' END, finished_at = CASE WHEN twin THEN now() END
  FROM (SELECT EXISTS (SELECT FROM job a JOIN job b ON a.unique_key = b.unique_key
                          AND a.account_id IS NOT DISTINCT FROM b.account_id AND b.state = 'queued'
                        WHERE a.id = $1) AS twin) AS t
 WHERE id = $1 AND lease_by = $2 AND attempts = $3 AND state = 'running';

-- name: bury(id uuid, holder text, attempt int, error text)
UPDATE job SET state = 'dead', finished_at = now(), lease_until = NULL, last_error = $4
 WHERE id = $1 AND lease_by = $2 AND attempts = $3 AND state = 'running';

-- Which pieces of housekeeping have not been done for their period.
-- name: periods_due(names text[], seconds text[]) -> period_shape
SELECT k.n - 1 AS chore
  FROM unnest($1::text[], $2::text[]::bigint[]) WITH ORDINALITY AS k (name, seconds, n)
  JOIN job_period p ON p.name = k.name
 WHERE p.last_at <= now() - k.seconds * interval '1 second'
 ORDER BY k.n;

-- name: periods_add(names text[])
INSERT INTO job_period (name) SELECT unnest($1::text[]) ON CONFLICT DO NOTHING;

-- Nobody waits for a piece that another process is at.
-- name: period_claim(name text, seconds int) -> period_claimed_shape
WITH mine AS (
	SELECT name FROM job_period
	 WHERE name = $1 AND last_at <= now() - $2 * interval '1 second' FOR UPDATE SKIP LOCKED
)
UPDATE job_period p SET last_at = now() FROM mine WHERE p.name = mine.name RETURNING p.name;

-- The newest first.  '' and NULL: whatever it is.
-- name: list(state text, kind text, account uuid, most int) -> job_row_shape
SELECT id, account_id AS account, kind, state, attempts, run_at, created_at, finished_at, last_error
  FROM job
 WHERE ($1 = '' OR state = $1) AND ($2 = '' OR kind = $2) AND ($3::uuid IS NULL OR account_id = $3)
 ORDER BY created_at DESC, id DESC LIMIT $4;

-- Of dead ones that would stand in each other's way, the newest; none where one of its key waits already.
-- name: retry(id uuid, kind text, account uuid) -> count_shape
WITH dead AS (
	SELECT DISTINCT ON (d.account_id, coalesce(d.unique_key, d.id::text)) d.id FROM job d
	 WHERE d.state = 'dead' AND ($1::uuid IS NULL OR d.id = $1) AND ($2 = '' OR d.kind = $2)
	   AND ($3::uuid IS NULL OR d.account_id = $3)
	   AND NOT EXISTS (SELECT FROM job q WHERE q.state = 'queued' AND q.unique_key = d.unique_key
	                   AND q.account_id IS NOT DISTINCT FROM d.account_id)
	 ORDER BY d.account_id, coalesce(d.unique_key, d.id::text), d.created_at DESC
), again AS (
	UPDATE job SET state = 'queued', attempts = 0, run_at = now(), finished_at = NULL, lease_until = NULL
	  FROM dead WHERE job.id = dead.id AND job.state = 'dead' RETURNING job.kind
)
SELECT count(*) AS n, coalesce(string_agg(DISTINCT kind, ', '), '') AS kinds FROM again;

-- name: drop(id uuid) -> count_shape
WITH gone AS (DELETE FROM job WHERE id = $1 AND state IN ('queued', 'dead') RETURNING kind)
SELECT count(*) AS n, coalesce(min(kind), '') AS kinds FROM gone;

-- name: sweep_jobs()
DELETE FROM job WHERE id IN (
	SELECT id FROM job WHERE state = 'done' AND finished_at < now() - interval '7 days'
	    OR state = 'dead' AND finished_at < now() - interval '30 days'
	 LIMIT 20000);
