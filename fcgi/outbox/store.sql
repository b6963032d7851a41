-- The statements of the outbox room.

-- name: outbox_count(status text) -> count_shape
SELECT count(*) AS n FROM (
	SELECT FROM outbox WHERE account_id = app_account() AND ($1 = '' OR state = $1) LIMIT 10001) found;

-- name: outbox_page(status text, most int, skip int) -> outbox_row_shape
SELECT id, account_id AS account, recipient, subject, state AS status, unwanted, attempts, last_error,
       created_at, next_at, sent_at
  FROM outbox WHERE account_id = app_account() AND ($1 = '' OR state = $1)
 ORDER BY id DESC LIMIT $2 OFFSET $3;

-- name: outbox_mail(id uuid) -> outbox_row_shape
SELECT id, account_id AS account, recipient, subject, state AS status, unwanted, attempts, last_error,
       created_at, next_at, sent_at
  FROM outbox WHERE account_id = app_account() AND id = $1;

-- name: outbox_health() -> health_shape
SELECT (SELECT count(*) FROM outbox WHERE account_id = app_account() AND state = 'failed'
           AND failed_at > now() - interval '1 hour') AS failed_now,
       (SELECT count(*) FROM outbox WHERE account_id = app_account() AND state = 'queued' AND attempts > 0) AS retrying,
       (SELECT count(*) FROM outbox WHERE account_id = app_account() AND state = 'failed' AND NOT unwanted) AS failed;

-- name: outbox_retry(id uuid)
WITH again AS (
	UPDATE outbox SET state = 'queued', attempts = 0, next_at = now(), failed_at = NULL
	 WHERE account_id = app_account() AND id = $1 AND state = 'failed' AND NOT unwanted RETURNING id
)
SELECT refuse(409, 'not_failed', 'This mail has not failed, or is not needed any more. Look at the list again.')
 WHERE NOT EXISTS (SELECT FROM again);

-- name: outbox_retry_failed() -> count_shape
WITH again AS (
	UPDATE outbox SET state = 'queued', attempts = 0, next_at = now(), failed_at = NULL
	 WHERE account_id = app_account() AND state = 'failed' AND NOT unwanted RETURNING id
)
SELECT count(*) AS n FROM again;

-- name: outbox_of_all(status text, most int) -> outbox_row_shape
SELECT id, account_id AS account, recipient, subject, state AS status, unwanted, attempts, last_error,
       created_at, next_at, sent_at
  FROM outbox WHERE $1 = '' OR state = $1
 ORDER BY created_at DESC LIMIT $2;

-- name: outbox_retry_of_all(id uuid) -> count_shape
WITH again AS (
	UPDATE outbox SET state = 'queued', attempts = 0, next_at = now(), failed_at = NULL
	 WHERE state = 'failed' AND NOT unwanted AND ($1::uuid IS NULL OR id = $1) RETURNING id
)
SELECT count(*) AS n FROM again;
