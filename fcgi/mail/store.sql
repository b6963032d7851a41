-- The statements of the mail room.

-- name: outbox_add(recipient text, subject text, body text, html text)
INSERT INTO outbox (account_id, recipient, subject, body_text, body_html)
VALUES (app_account(), $1, $2, $3, coalesce($4, ''));

-- Those that are due, or whose sender has not come back: taken, counted and leased in one step.
-- name: outbox_claim(most int, seconds int) -> letter_shape
WITH due AS (
	SELECT id FROM outbox
	 WHERE state IN ('queued', 'sending') AND next_at <= now() AND (state = 'queued' OR lease_until <= now())
	 ORDER BY next_at LIMIT $1 FOR UPDATE SKIP LOCKED
)
UPDATE outbox o SET state = 'sending', attempts = attempts + 1, lease_until = now() + $2 * interval '1 second'
  FROM due WHERE o.id = due.id
RETURNING o.id, account_id AS account, recipient, subject, body_text AS text, body_html AS html,
          headers::text AS headers, message_id, attempts AS attempt, created_at;

-- What was sent is not kept: it holds links that open something.
-- name: outbox_sent(id uuid, attempt int)
UPDATE outbox SET state = 'sent', sent_at = now(), body_text = '', body_html = '', lease_until = NULL, last_error = NULL
 WHERE id = $1 AND attempts = $2 AND state = 'sending';

-- name: outbox_later(id uuid, attempt int, seconds int, error text)
UPDATE outbox SET state = 'queued', next_at = now() + $3 * interval '1 second', lease_until = NULL, last_error = $4
 WHERE id = $1 AND attempts = $2 AND state = 'sending';

-- name: outbox_failed(id uuid, attempt int, error text)
UPDATE outbox SET state = 'failed', lease_until = NULL, last_error = $3
 WHERE id = $1 AND attempts = $2 AND state = 'sending';

-- name: sweep_outbox()
DELETE FROM outbox WHERE id IN (
	SELECT id FROM outbox WHERE created_at < now() - interval '30 days' AND state IN ('sent', 'failed') LIMIT 20000);
