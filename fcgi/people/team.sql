-- The statements of the account's people as an admin sees them; see store.sql.

-- name: users_count(q text, role text, team text, status text) -> count_shape
SELECT count(*) AS n FROM (
	SELECT FROM person p WHERE p.account_id = app_account() AND member_fits(p, $1, $2, $3, $4) LIMIT 10001) found;

-- name: users(q text, role text, team text, status text, most int, skip int) -> user_row_shape
WITH found AS MATERIALIZED (
	SELECT p.id, row_number() OVER (ORDER BY lower(p.name), p.id) AS place FROM person p
	 WHERE p.account_id = app_account() AND member_fits(p, $1, $2, $3, $4)
	 ORDER BY lower(p.name), p.id LIMIT $5 OFFSET $6
)
SELECT m.* FROM found JOIN member m ON m.id = found.id ORDER BY found.place;

-- name: user(person uuid) -> user_row_shape
SELECT m.* FROM member m WHERE m.id = $1;

-- name: user_holds(person uuid, most int) -> holding_shape
SELECT kind, id, name, about, at, total FROM person_holds($1, $2);

-- name: user_leave(person uuid, address text, agent text, request_id text)
SELECT person_leave($1, $2, $3, $4);

-- name: owner_hand_on(person uuid, address text, agent text, request_id text)
SELECT owner_hand_on($1, $2, $3, $4);

-- name: user_change(person uuid, role text, team uuid, team_given boolean, active boolean, address text, agent text, request_id text)
SELECT person_change($1, $2, $3, $4, $5, $6, $7, $8);

-- name: teams() -> team_row_shape
SELECT t.id, t.name, t.created_at,
       (SELECT count(*) FROM person p WHERE p.account_id = t.account_id AND p.team_id = t.id AND p.active
           AND p.deleted_at IS NULL) AS members
  FROM team t WHERE t.account_id = app_account() ORDER BY lower(t.name), t.id LIMIT 1000;

-- name: team(team uuid) -> team_row_shape
SELECT t.id, t.name, t.created_at,
       (SELECT count(*) FROM person p WHERE p.account_id = t.account_id AND p.team_id = t.id AND p.active
           AND p.deleted_at IS NULL) AS members
  FROM team t WHERE t.account_id = app_account() AND t.id = $1;

-- name: team_rename(team uuid, name text)
UPDATE team SET name = $2 WHERE account_id = app_account() AND id = $1;

-- name: team_delete(team uuid, into_team uuid, address text, agent text, request_id text)
SELECT team_delete($1, $2, $3, $4, $5);

-- name: team_take(team uuid, people text[], address text, agent text, request_id text) -> count_shape
SELECT team_take($1, $2::text[]::uuid[], $3, $4, $5) AS n;

-- name: invite_add(id uuid, code_hash text, role text, team uuid, email text, max_uses int, lasts int)
SELECT invite_add($1, $2, $3, $4, $5, $6, $7);

-- name: invites_count(q text, state text) -> count_shape
SELECT count(*) AS n FROM (
	SELECT FROM invites_fitting($1, $2) LIMIT 10001) found;

-- name: invites(q text, state text, most int, skip int) -> invite_row_shape
WITH found AS MATERIALIZED (
	SELECT i.id FROM invites_fitting($1, $2) i
	 ORDER BY i.id DESC LIMIT $3 OFFSET $4
)
SELECT t.* FROM found JOIN invite_told t ON t.id = found.id ORDER BY found.id DESC;

-- name: invite(id uuid) -> invite_row_shape
SELECT t.* FROM invite_told t WHERE t.id = $1;

-- name: invite_renew(id uuid, code_hash text)
SELECT invite_renew($1, $2);

-- name: invite_revoke(id uuid)
UPDATE invite SET revoked_at = coalesce(revoked_at, now()) WHERE account_id = app_account() AND id = $1;

-- name: batch_add(id uuid, lasts int)
INSERT INTO invite_batch (account_id, id, created_by, lasts) VALUES (app_account(), $1, app_person(), $2 * interval '1 second');

-- name: batch_lines_add(batch uuid, n text[], email text[], role text[], team text[], fault text[], team_id text[])
INSERT INTO invite_line (account_id, batch_id, n, email, role, team, fault, team_id)
SELECT app_account(), $1, l.n::int, l.email, l.role, l.team, l.fault, nullif(l.team_id, '')::uuid
  FROM unnest($2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[]) AS l (n, email, role, team, fault, team_id);

-- name: batch(batch uuid) -> batch_shape
SELECT b.id, b.created_at, b.sent_at, p.name AS by,
       (SELECT count(*) FROM invite_line l WHERE l.account_id = b.account_id AND l.batch_id = b.id) AS lines
  FROM invite_batch b JOIN person p ON p.account_id = b.account_id AND p.id = b.created_by
 WHERE b.account_id = app_account() AND b.id = $1;

-- name: batch_lines(batch uuid) -> batch_line_shape
SELECT j.n, j.email, j.role, j.team, j.outcome, j.invite_id AS invite, i.expires_at, j.can_make
  FROM invite_judge($1, false) j LEFT JOIN invite i ON i.account_id = app_account() AND i.id = j.invite_id ORDER BY j.n;

-- name: batch_send(batch uuid, codes text[], ids text[], makes_teams boolean, address text, agent text, request_id text) -> sent_shape
SELECT invite_send($1, $2, $3::text[]::uuid[], $4, $5, $6, $7) AS sent;

-- name: sweep_invite_batches()
DELETE FROM invite_batch WHERE created_at < now() - interval '90 days';
