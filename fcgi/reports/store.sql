-- The statements of the reports room.  A row's columns stand in the order of its shape's fields.

-- name: export_room(session uuid)
SELECT export_room($1);

-- name: export_add(id uuid, session uuid, format text, detail text, redacted boolean, edited boolean, text text, digest text)
INSERT INTO export (account_id, id, session_id, format, detail, redacted, edited, text, digest, person_id)
VALUES (app_account(), $1, $2, $3, $4, $5, $6, $7, $8, app_person());

-- name: export(session uuid, export uuid) -> export_row_shape
SELECT e.id, e.format, e.detail, e.redacted, e.edited, e.text, e.digest, p.name AS person, e.at
  FROM export e JOIN person p ON p.account_id = e.account_id AND p.id = e.person_id
 WHERE e.account_id = app_account() AND e.session_id = $1 AND e.id = $2;

-- Without their texts, the newest first.
-- name: exports(session uuid) -> export_row_shape
SELECT e.id, e.format, e.detail, e.redacted, e.edited, '' AS text, e.digest, p.name AS person, e.at
  FROM export e JOIN person p ON p.account_id = e.account_id AND p.id = e.person_id
 WHERE e.account_id = app_account() AND e.session_id = $1 ORDER BY e.id DESC LIMIT 50;

-- name: export_find(digest text) -> export_found_shape
SELECT account_name, format, edited, at FROM door.export_find($1);

-- name: account_name() -> account_name_shape
SELECT name FROM account WHERE account_id = app_account();

-- name: share_add(id uuid, session uuid, token_hash text, audience text, detail text, redact boolean, seconds int, max_views int)
INSERT INTO share (account_id, id, session_id, token_hash, audience, detail, redact, expires_at, max_views, person_id)
VALUES (app_account(), $1, $2, $3, $4, $5, $6, now() + make_interval(secs => $7::int), nullif($8::int, 0), app_person());

-- name: share_room(session uuid)
SELECT share_room($1);

-- Those that work first, the newest before the others.
-- name: shares(session uuid) -> share_row_shape
SELECT s.id, s.audience, s.detail, s.redact, s.expires_at, s.max_views, s.views, s.created_at, s.revoked_at,
       s.person_id AS person, p.name AS person_name,
       CASE WHEN s.revoked_at IS NOT NULL THEN 'revoked' WHEN s.expires_at <= now() THEN 'expired'
            WHEN s.views >= s.max_views THEN 'used_up' ELSE 'open' END AS state,
       (SELECT max(v.at) FROM share_view v WHERE v.account_id = s.account_id AND v.share_id = s.id) AS viewed_at
  FROM share s JOIN person p ON p.account_id = s.account_id AND p.id = s.person_id
 WHERE s.account_id = app_account() AND s.session_id = $1
 ORDER BY s.revoked_at IS NULL AND s.expires_at > now() AND s.views < coalesce(s.max_views, s.views + 1) DESC, s.id DESC LIMIT 100;

-- The last openings of all a session's links.
-- name: share_views(session uuid) -> share_view_row_shape
SELECT s.id AS share, v.at, p.name AS person FROM share s
  JOIN share_view v ON v.account_id = s.account_id AND v.share_id = s.id
  LEFT JOIN person p ON p.account_id = v.account_id AND p.id = v.person_id
 WHERE s.account_id = app_account() AND s.session_id = $1 ORDER BY v.id DESC LIMIT 50;

-- name: share_revoke(session uuid, share uuid)
UPDATE share SET revoked_at = coalesce(revoked_at, now()) WHERE account_id = app_account() AND session_id = $1 AND id = $2;

-- name: share_open(token_hash text, claim boolean) -> share_open_shape
SELECT session_id AS session, audience, detail, redact, asks, views_left, account_name, app_account() AS account FROM door.share_open($1, $2);
