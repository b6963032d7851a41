-- What is sealed, as rf_owner, by pieces in the order of the keys, and what replaces it: where it still is what was read.

-- ---- secrets of authenticator apps ----

-- name: factors(account text, id text, part text, most int) -> sealed_shape
SELECT account_id AS account, person_id AS id, '' AS part, secret AS sealed FROM second_factor
 WHERE (account_id, person_id, '') > ($1::text::uuid, $2::text::uuid, $3::text)
 ORDER BY account_id, person_id LIMIT $4;

-- name: factors_renew(accounts text[], ids text[], parts text[], olds text[], news text[]) -> renewed_shape
WITH renewed AS (
	UPDATE second_factor f SET secret = n.new
	  FROM unnest($1::text[]::uuid[], $2::text[]::uuid[], $3::text[], $4::text[], $5::text[]) AS n (account, id, part, old, new)
	 WHERE f.account_id = n.account AND f.person_id = n.id AND f.secret = n.old RETURNING 1
)
SELECT count(*) AS n FROM renewed;

-- ---- passwords of running sessions ----

-- name: passwords(account text, id text, part text, most int) -> sealed_shape
SELECT account_id AS account, session_id AS id, name AS part, sealed FROM session_secret
 WHERE (account_id, session_id, name) > ($1::text::uuid, $2::text::uuid, $3::text)
 ORDER BY account_id, session_id, name LIMIT $4;

-- name: passwords_renew(accounts text[], ids text[], parts text[], olds text[], news text[]) -> renewed_shape
WITH renewed AS (
	UPDATE session_secret s SET sealed = n.new
	  FROM unnest($1::text[]::uuid[], $2::text[]::uuid[], $3::text[], $4::text[], $5::text[]) AS n (account, id, part, old, new)
	 WHERE s.account_id = n.account AND s.session_id = n.id AND s.name = n.part AND s.sealed = n.old RETURNING 1
)
SELECT count(*) AS n FROM renewed;

-- ---- secrets of webhooks, today's and the one before it ----

-- name: webhooks(account text, id text, part text, most int) -> sealed_shape
SELECT w.account_id AS account, w.id, s.part, s.sealed
  FROM webhook w, LATERAL (VALUES ('old', w.old_secret), ('today', w.secret)) AS s (part, sealed)
 WHERE (w.account_id, w.id) >= ($1::text::uuid, $2::text::uuid)
   AND (w.account_id, w.id, s.part) > ($1::text::uuid, $2::text::uuid, $3::text)
   AND s.sealed <> ''
 ORDER BY w.account_id, w.id, s.part LIMIT $4;

-- name: webhooks_renew(accounts text[], ids text[], parts text[], olds text[], news text[]) -> renewed_shape
WITH given AS (
	SELECT account, id, min(old) FILTER (WHERE part = 'old') AS old, min(new) FILTER (WHERE part = 'old') AS old_new,
	       min(old) FILTER (WHERE part = 'today') AS today, min(new) FILTER (WHERE part = 'today') AS today_new
	  FROM unnest($1::text[]::uuid[], $2::text[]::uuid[], $3::text[], $4::text[], $5::text[]) AS n (account, id, part, old, new)
	 GROUP BY account, id
), renewed AS (
	UPDATE webhook w SET secret = CASE WHEN w.secret = g.today THEN g.today_new ELSE w.secret END,
	       old_secret = CASE WHEN w.old_secret = g.old THEN g.old_new ELSE w.old_secret END
	  FROM given g
	 WHERE w.account_id = g.account AND w.id = g.id AND (w.secret = g.today OR w.old_secret = g.old)
	RETURNING coalesce(w.secret = g.today_new, false)::int + coalesce(w.old_secret = g.old_new, false)::int AS n
)
SELECT coalesce(sum(n), 0) AS n FROM renewed;
