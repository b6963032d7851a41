-- The statements of the webhooks room.

-- ---- endpoints ----

-- name: webhooks() -> webhook_shape
SELECT id, name, url, kind, events, active, paused, failures, failing_since, paused_until, created_at, updated_at, made_by,
       waiting, last_at, last_state, last_error
  FROM webhook_here WHERE account_id = app_account() ORDER BY lower(name), id;

-- name: webhook(webhook uuid) -> webhook_shape
SELECT id, name, url, kind, events, active, paused, failures, failing_since, paused_until, created_at, updated_at, made_by,
       waiting, last_at, last_state, last_error
  FROM webhook_here WHERE account_id = app_account() AND id = $1;

-- name: webhook_room()
SELECT webhook_room();

-- name: webhook_add(id uuid, name text, url text, kind text, events text[], secret text)
INSERT INTO webhook (account_id, id, name, url, kind, events, secret, created_by)
VALUES (app_account(), $1, $2, $3, $4, $5, $6, app_person());

-- At another address it begins anew.
-- name: webhook_save(id uuid, name text, url text, events text[], active boolean)
UPDATE webhook SET name = $2, url = $3, events = $4, active = $5, updated_at = now(),
       failures = CASE WHEN url = $3 THEN failures ELSE 0 END,
       failing_since = CASE WHEN url = $3 THEN failing_since END,
       paused_until = CASE WHEN url = $3 THEN paused_until END
 WHERE account_id = app_account() AND id = $1 AND deleted_at IS NULL;

-- name: webhook_secret(id uuid, secret text, seconds int)
UPDATE webhook SET old_secret = secret, old_secret_until = now() + $3 * interval '1 second', secret = $2, updated_at = now()
 WHERE account_id = app_account() AND id = $1 AND deleted_at IS NULL;

-- name: webhook_delete(id uuid)
UPDATE webhook SET deleted_at = now(), active = false, url = '', secret = '', old_secret = NULL
 WHERE account_id = app_account() AND id = $1 AND deleted_at IS NULL;

-- What waits for one that is switched off does not go out when it is on again.
-- name: webhook_calls_skip(webhook uuid)
UPDATE webhook_call SET state = 'skipped', last_error = 'The endpoint was switched off.'
 WHERE account_id = app_account() AND webhook_id = $1 AND state = 'queued';

-- name: webhook_resume(id uuid)
UPDATE webhook SET paused_until = now() WHERE account_id = app_account() AND id = $1 AND paused_until IS NOT NULL;

-- name: webhook_calls_now(webhook uuid)
UPDATE webhook_call SET next_at = now() WHERE account_id = app_account() AND webhook_id = $1 AND state = 'queued';

-- ---- calls ----

-- name: webhook_calls_count(webhook uuid) -> calls_count_shape
SELECT count(*) AS n FROM (SELECT FROM webhook_call WHERE account_id = app_account() AND webhook_id = $1 LIMIT 10001) AS found;

-- name: webhook_calls(webhook uuid, most int, skip int) -> call_shape
SELECT id, event, event_id, state, attempts, coalesce(last_status, 0) AS status, coalesce(last_error, '') AS error,
       created_at, CASE WHEN state = 'queued' AND attempts > 0 THEN next_at END AS next_at, sent_at
  FROM webhook_call WHERE account_id = app_account() AND webhook_id = $1 ORDER BY id DESC LIMIT $2 OFFSET $3;

-- name: webhook_call_again(webhook uuid, call uuid)
UPDATE webhook_call SET state = 'queued', attempts = 0, next_at = now(), unwanted = false, last_error = NULL
 WHERE account_id = app_account() AND webhook_id = $1 AND id = $2 AND state = 'failed'
   AND EXISTS (SELECT FROM webhook w WHERE w.account_id = app_account() AND w.id = $1 AND w.active);

-- name: webhook_calls_add(event text, event_id text, json text, slack text, teams text) -> webhook_to_shape
INSERT INTO webhook_call (account_id, webhook_id, event, event_id, body)
SELECT w.account_id, w.id, $1, $2, CASE w.kind WHEN 'json' THEN $3 WHEN 'slack' THEN $4 ELSE $5 END
  FROM webhook w WHERE w.account_id = app_account() AND w.active AND $1 = ANY (w.events)
ON CONFLICT DO NOTHING RETURNING id AS call, webhook_id AS webhook;

-- name: webhook_calls_to(event text, event_id text, json text, slack text, teams text, calls text[], webhooks text[])
INSERT INTO webhook_call (account_id, id, webhook_id, event, event_id, body, state)
SELECT w.account_id, t.call::uuid, w.id, $1, $2, CASE w.kind WHEN 'json' THEN $3 WHEN 'slack' THEN $4 ELSE $5 END,
       CASE WHEN w.active THEN 'queued' ELSE 'skipped' END
  FROM unnest($6::text[], $7::text[]) AS t (call, webhook)
  JOIN webhook w ON w.account_id = app_account() AND w.id = t.webhook::uuid
ON CONFLICT DO NOTHING;

-- ---- for the operator, of all accounts ----

-- name: webhook_calls_of_all(state text, account uuid, most int) -> webhook_call_row_shape
SELECT id, account_id AS account, webhook_id AS webhook, event, state, attempts, last_status, last_error, created_at,
       CASE WHEN state = 'queued' THEN next_at END AS next_at, sent_at
  FROM webhook_call WHERE ($1 = '' OR state = $1) AND ($2::uuid IS NULL OR account_id = $2)
 ORDER BY created_at DESC, id DESC LIMIT $3;

-- name: webhook_calls_retry_of_all(id uuid, account uuid) -> calls_count_shape
WITH again AS (
	UPDATE webhook_call c SET state = 'queued', attempts = 0, next_at = now(), unwanted = false, last_error = NULL
	  FROM webhook w
	 WHERE w.account_id = c.account_id AND w.id = c.webhook_id AND w.active AND c.state = 'failed'
	   AND ($1::uuid IS NULL OR c.id = $1) AND ($2::uuid IS NULL OR c.account_id = $2) RETURNING c.id
)
SELECT count(*) AS n FROM again;

-- ---- for the sender ----

-- Claims wait for one another, so that all that counts below counts what the others have taken.
-- name: webhook_claim_turn()
SELECT pg_advisory_xact_lock(hashtext('webhook_claim'));

-- Of each endpoint for which something waits, so many as may be under way to it at once, and to a paused one whose
-- pause is over one; those that work go first.
-- name: webhook_claim(most int, each int, seconds int, holder text) -> due_shape
WITH RECURSIVE waiting AS (
	(SELECT account_id, webhook_id FROM webhook_call
	  WHERE state IN ('queued', 'sending') ORDER BY account_id, webhook_id LIMIT 1)
	UNION ALL
	SELECT next.* FROM waiting w, LATERAL (
		SELECT c.account_id, c.webhook_id FROM webhook_call c
		 WHERE c.state IN ('queued', 'sending') AND (c.account_id, c.webhook_id) > (w.account_id, w.webhook_id)
		 ORDER BY c.account_id, c.webhook_id LIMIT 1) next
), endpoint AS (
	SELECT w.*, CASE WHEN w.failures > 0 THEN 1 ELSE $2 END
	            - (SELECT count(*) FROM webhook_call c WHERE c.account_id = w.account_id AND c.webhook_id = w.id
	                  AND c.state = 'sending' AND c.lease_until > now()) AS room
	  FROM waiting JOIN webhook w ON w.account_id = waiting.account_id AND w.id = waiting.webhook_id
	 WHERE w.active AND (w.paused_until IS NULL OR w.paused_until <= now())
), due AS (
	SELECT c.account_id, c.id, e.url, e.secret, CASE WHEN e.old_secret_until > now() THEN e.old_secret END AS old_secret
	  FROM endpoint e, LATERAL (
		SELECT account_id, id, next_at FROM webhook_call
		 WHERE account_id = e.account_id AND webhook_id = e.id AND state IN ('queued', 'sending') AND next_at <= now()
		   AND (state = 'queued' OR lease_until <= now())
		 ORDER BY next_at LIMIT greatest(e.room, 0) FOR UPDATE SKIP LOCKED) c
	 ORDER BY e.failures > 0, c.next_at LIMIT $1
)
UPDATE webhook_call c SET state = 'sending', attempts = attempts + 1, lease_by = $4,
       lease_until = now() + $3 * interval '1 second'
  FROM due WHERE c.account_id = due.account_id AND c.id = due.id
RETURNING c.account_id AS account, c.id, c.webhook_id AS webhook, due.url, c.event, c.event_id, c.body, due.secret,
          due.old_secret, c.attempts AS attempt;

-- name: webhook_call_sent(account uuid, id uuid, attempt int, holder text, status int)
WITH call AS (
	UPDATE webhook_call SET state = 'sent', sent_at = now(), lease_until = NULL, lease_by = NULL, last_error = NULL,
	       last_status = $5
	 WHERE account_id = $1 AND id = $2 AND attempts = $3 AND lease_by = $4 AND state = 'sending'
	RETURNING account_id, webhook_id
)
UPDATE webhook w SET failures = 0, failing_since = NULL, paused_until = NULL
  FROM call WHERE w.account_id = call.account_id AND w.id = call.webhook_id AND (w.failures > 0 OR w.paused_until IS NOT NULL);

-- From the fifth failure in a row on the endpoint is paused: for a minute, two, four ... an hour.
-- name: webhook_call_unsent(account uuid, id uuid, attempt int, holder text, status int, error text, seconds int, pause int)
WITH call AS (
	UPDATE webhook_call SET lease_until = NULL, lease_by = NULL, last_error = $6, last_status = nullif($5, 0),
	       state = CASE WHEN $7 < 0 THEN 'failed' WHEN unwanted THEN 'skipped' ELSE 'queued' END,
	       next_at = CASE WHEN $7 < 0 THEN next_at ELSE now() + $7 * interval '1 second' END
	 WHERE account_id = $1 AND id = $2 AND attempts = $3 AND lease_by = $4 AND state = 'sending'
	RETURNING account_id, webhook_id
)
UPDATE webhook w SET failures = w.failures + 1, failing_since = coalesce(w.failing_since, now()),
       paused_until = now() + interval '1 second' * nullif(greatest($8,
           CASE WHEN w.failures + 1 >= 5 THEN least(60 * 2 ^ least(w.failures - 4, 6), 3600)::int END, 0), 0)
  FROM call WHERE w.account_id = call.account_id AND w.id = call.webhook_id;

-- name: expire_webhook_calls()
UPDATE webhook_call SET state = 'failed', last_error = 'It waited for a week for the endpoint to work again.'
 WHERE state = 'queued' AND created_at < now() - interval '7 days' AND next_at <= now();

-- name: sweep_webhook_calls()
DELETE FROM webhook_call WHERE (account_id, id) IN (
	SELECT account_id, id FROM webhook_call
	 WHERE created_at < now() - interval '30 days' AND state IN ('sent', 'failed', 'skipped') LIMIT 20000);
