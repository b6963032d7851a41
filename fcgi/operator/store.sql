-- What the operator's command does to people, as rf_owner, whom doorman's policies let see all accounts.

-- One at a time: two that find no account for the super_admins must not both make it.
-- name: alone()
SELECT pg_advisory_xact_lock(hashtext('resolutionflow operator'));

-- The account of the super_admins, of whom there may be none.
-- name: home() -> home_shape
SELECT a.account_id AS account, a.name
  FROM person p JOIN account a ON a.account_id = p.account_id
 WHERE p.role = 'super_admin' ORDER BY p.active DESC, p.created_at LIMIT 1;

-- name: subject(address text) -> subject_shape
SELECT p.account_id AS account, a.name AS account_name, p.id, p.email, p.name, p.role,
       p.active AND p.deleted_at IS NULL AS active
  FROM person p JOIN account a ON a.account_id = p.account_id
 WHERE lower(p.email) = lower($1) FOR NO KEY UPDATE OF p;

-- name: go_to(account uuid)
SELECT set_config('app.account', coalesce($1::uuid::text, ''), true), set_config('app.person', '', true);

-- name: home_make(name text)
INSERT INTO account (account_id, name, plan) VALUES (app_account(), $1, 'scale');

-- name: home_lock()
SELECT FROM account WHERE account_id = app_account() FOR NO KEY UPDATE;

-- name: admin_insert(id uuid, email text, name text, password_hash text)
INSERT INTO person (account_id, id, email, name, role, password_hash, email_verified_at)
VALUES (app_account(), $1, $2, $3, 'super_admin', $4, now());

-- name: admin_revive(id uuid, name text, password_hash text)
UPDATE person SET active = true, deleted_at = NULL, name = $2, password_hash = $3, password_changed_at = now()
 WHERE account_id = app_account() AND id = $1;

-- name: admins() -> admin_shape
SELECT p.email, p.name, p.active AND p.deleted_at IS NULL AS active, a.name AS account, p.created_at,
       (SELECT max(s.last_seen_at) FROM sign_in s WHERE s.account_id = p.account_id AND s.person_id = p.id) AS last_seen,
       EXISTS (SELECT FROM second_factor f WHERE f.account_id = p.account_id AND f.person_id = p.id
               AND f.confirmed_at IS NOT NULL) AS second_factor
  FROM person p JOIN account a ON a.account_id = p.account_id
 WHERE p.account_id = app_account() AND p.role = 'super_admin' ORDER BY lower(p.email);

-- No row where this is the last.
-- name: admin_deactivate(id uuid) -> id_shape
UPDATE person p SET active = false
 WHERE p.account_id = app_account() AND p.id = $1
   AND EXISTS (SELECT FROM person o WHERE o.account_id = p.account_id AND o.id <> p.id AND o.role = 'super_admin'
               AND o.active AND o.deleted_at IS NULL)
RETURNING p.id;

-- name: sign_ins_end(person uuid, why text)
SELECT sign_in_end(id, person_id, $2) FROM sign_in
 WHERE account_id = app_account() AND person_id = $1 AND ended_at IS NULL;

-- name: tickets_end(person uuid)
UPDATE ticket SET used_at = now()
 WHERE account_id = app_account() AND person_id = $1 AND purpose = 'reset' AND used_at IS NULL;

-- name: ticket_add(hash text, person uuid, lasts int)
INSERT INTO ticket (hash, account_id, person_id, purpose, expires_at)
VALUES ($1, app_account(), $2, 'reset', now() + $3 * interval '1 second');

-- name: password_set(person uuid, password_hash text)
UPDATE person SET password_hash = $2, password_changed_at = now() WHERE account_id = app_account() AND id = $1;

-- Wrong guesses are waited for no longer.
-- name: guesses_end(guess_key text)
SELECT door.sign_in_right($1);

-- name: second_factor_end(person uuid)
SELECT second_factor_clear($1);
