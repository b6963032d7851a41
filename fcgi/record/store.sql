-- The statements of the record room.

-- name: audit_add(action text, object text, id uuid, before jsonb, after jsonb, address text, agent text, request_id text)
SELECT audit_add($1, $2, $3, $4, $5, $6, $7, $8);

-- name: audit_platform(action text, object text, id uuid, after jsonb, agent text)
SELECT door.audit_platform($1, $2, $3, $4, $5);

-- name: event_add(topic text, type text, user_id uuid, sign_in_id uuid, payload jsonb)
SELECT event_add($1, $2, $3, $4, $5);

-- name: once_take(key text, body_hash text)
SELECT once_take($1, $2);

-- name: once_keep(key text, answer text)
UPDATE once SET answer = $2
 WHERE account_id = app_account() AND person_id = app_person() AND key = $1;

-- name: sweep_events()
DELETE FROM event WHERE (account_id, seq) IN (
	SELECT account_id, seq FROM event WHERE created_at < now() - interval '7 days' LIMIT 20000);

-- name: notice_add(person uuid, text text, link text)
SELECT notice_add($1, $2, $3);

-- name: notices_add(people text[], texts text[], link text)
SELECT notices_add($1::text[]::uuid[], $2, $3);
