-- The statements of the mail room.

-- name: outbox_add(ids text[], recipients text[], subjects text[], bodies text[], htmls text[], headers text[], times text[])
INSERT INTO outbox (id, account_id, recipient, subject, body_text, body_html, headers, next_at)
SELECT coalesce(nullif(id, '')::uuid, uuid7()), app_account(), recipient, subject, body, html,
       coalesce(nullif(headers, '')::jsonb, '{}'), coalesce(nullif(at, '')::timestamptz, now())
  FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[])
       AS m (id, recipient, subject, body, html, headers, at);

-- Those that are due, or whose sender has not come back: taken, counted and leased in one step.  What nobody wants
-- any more is not taken; where its sender has not come back, that is its end.
-- name: outbox_claim(most int, seconds int) -> letter_shape
WITH due AS (
	SELECT id FROM outbox
	 WHERE state IN ('queued', 'sending') AND next_at <= now() AND (state = 'queued' OR lease_until <= now())
	 ORDER BY next_at LIMIT $1 FOR UPDATE SKIP LOCKED
), taken AS (
	UPDATE outbox o SET state = CASE WHEN unwanted THEN 'skipped' ELSE 'sending' END,
	       attempts = attempts + CASE WHEN unwanted THEN 0 ELSE 1 END,
	       lease_until = CASE WHEN unwanted THEN NULL ELSE now() + $2 * interval '1 second' END
	  FROM due WHERE o.id = due.id
	RETURNING o.*
)
SELECT id, account_id AS account, recipient, subject, body_text AS text, body_html AS html,
       headers::text AS headers, message_id, attempts AS attempt, created_at
  FROM taken WHERE state = 'sending' ORDER BY next_at;

-- What was sent is not kept: it holds links that open something.
-- name: outbox_sent(id uuid, attempt int)
UPDATE outbox SET state = 'sent', sent_at = now(), body_text = '', body_html = '', lease_until = NULL, last_error = NULL
 WHERE id = $1 AND attempts = $2 AND state = 'sending';

-- name: outbox_later(id uuid, attempt int, seconds int, error text)
UPDATE outbox SET state = CASE WHEN unwanted THEN 'skipped' ELSE 'queued' END,
       next_at = now() + $3 * interval '1 second', lease_until = NULL, last_error = $4
 WHERE id = $1 AND attempts = $2 AND state = 'sending';

-- name: outbox_failed(id uuid, attempt int, error text)
UPDATE outbox SET state = 'failed', failed_at = now(), lease_until = NULL, last_error = $3
 WHERE id = $1 AND attempts = $2 AND state = 'sending';

-- name: sweep_outbox()
DELETE FROM outbox WHERE id IN (
	SELECT id FROM outbox WHERE created_at < now() - interval '30 days' AND state IN ('sent', 'failed', 'skipped')
	 LIMIT 20000);
