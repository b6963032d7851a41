-- The statements of the people room.  A row's columns stand in the order of its shape's fields.

-- name: enter(account uuid, person uuid, sign_in uuid, allowed int, at_home boolean, changes boolean) -> who_row_shape
SELECT here, name, email, role, account_name, verified, theme, single_keys, chime, unread, waiting, last_event, closing_at, inside,
       look_over, second_factor_due
  FROM enter($1, $2, $3, $4, $5, $6);

-- name: begin_as(account uuid, person uuid)
SELECT set_config('app.account', $1::uuid::text, true), set_config('app.person', $2::uuid::text, true);

-- name: rate(key text, most int)
SELECT door.rate($1, $2);

-- name: sign_in_find(address text, guess_key text) -> credentials_shape
SELECT account_id AS account, person_id AS person, role, email, password_hash, factor, suspended FROM door.sign_in_find($1, $2);

-- The same of somebody who has proved the password a moment ago.
-- name: credentials_of(person uuid) -> credentials_shape
SELECT p.account_id AS account, p.id AS person, p.role, p.email, p.password_hash, f.secret AS factor, false AS suspended
  FROM person p JOIN account a ON a.account_id = p.account_id
  LEFT JOIN second_factor f ON f.account_id = p.account_id AND f.person_id = p.id AND f.confirmed_at IS NOT NULL
 WHERE p.account_id = app_account() AND p.id = $1 AND p.active AND p.deleted_at IS NULL AND a.suspended_at IS NULL;

-- name: sign_in_wrong(guess_key text, account uuid, person uuid, address text, agent text, request_id text)
SELECT door.sign_in_wrong($1, $2, $3, $4, $5, $6);

-- name: sign_in_right(guess_key text)
SELECT door.sign_in_right($1);

-- name: sign_in_check(person uuid, password_hash text)
SELECT sign_in_check($1, $2);

-- name: sign_in_add(id uuid, person uuid, agent text, address text, lasts int)
INSERT INTO sign_in (account_id, id, person_id, agent, address, expires_at)
VALUES (app_account(), $1, $2, $3, $4, now() + $5 * interval '1 second');

-- name: refresh_add(hash text, sign_in uuid)
INSERT INTO refresh (hash, account_id, sign_in_id) VALUES ($1, app_account(), $2);

-- name: refresh(old_hash text, new_hash text, address text, agent text, grace int, lasts int, subject text, body text) -> renewal_shape
WITH r AS (SELECT * FROM door.refresh($1, $2, $3, $4, $5, $6)),
m AS (
	INSERT INTO outbox (account_id, recipient, subject, body_text)
	SELECT account_id, email, $7, $8 FROM r WHERE outcome = 'reused'
)
SELECT outcome, account_id AS account, person_id AS person, sign_in_id AS sign_in, role FROM r;

-- name: sign_out(hash text, address text, agent text, request_id text)
SELECT door.sign_out($1, $2, $3, $4);

-- name: sign_in_end(sign_in uuid, person uuid, why text)
SELECT sign_in_end($1, $2, $3);

-- Devices only: a key of the API ends by itself, or with its person.
-- name: sign_ins_end(person uuid, but uuid, why text)
SELECT sign_in_end(id, person_id, $3) FROM sign_in
 WHERE account_id = app_account() AND person_id = $1 AND kind = 'device' AND ended_at IS NULL
   AND id IS DISTINCT FROM $2::uuid;

-- What a stream is permitted by, and the account's number, as of one moment.
-- name: permit(sign_in uuid) -> permit_shape
SELECT p.role, least(s.expires_at, now() + interval '1 day') AS expires_at,
       coalesce((SELECT seq FROM feed WHERE account_id = app_account()), 0) AS at,
       second_factor_due(p.account_id, p.id) AS due
  FROM sign_in s JOIN person p ON p.account_id = s.account_id AND p.id = s.person_id
 WHERE s.account_id = app_account() AND s.id = $1 AND s.ended_at IS NULL AND p.active AND p.deleted_at IS NULL;

-- name: devices(person uuid) -> device_shape
SELECT id, agent, address, created_at, last_seen_at FROM sign_in
 WHERE account_id = app_account() AND person_id = $1 AND kind = 'device' AND ended_at IS NULL AND expires_at > now()
 ORDER BY last_seen_at DESC, id;

-- name: device_find(sign_in uuid, person uuid)
SELECT id FROM sign_in WHERE account_id = app_account() AND id = $1 AND person_id = $2 AND kind = 'device';

-- The plan is the code's or the operator's, or else that of accounts which register.
-- name: account_add(account uuid, name text, plan text, code uuid)
INSERT INTO account (account_id, name, plan, code_id) VALUES ($1, $2, coalesce($3, plan_for_new()), $4);

-- name: code_find(code_hash text) -> code_offer_shape
SELECT plan_label, usable FROM door.code_find($1);

-- name: code_take(code_hash text) -> code_taken_shape
SELECT code_id AS code, plan FROM door.code_take($1);

-- name: team_add(id uuid, name text)
INSERT INTO team (account_id, id, name) VALUES (app_account(), $1, $2);

-- name: person_add(id uuid, email text, name text, role text, is_owner boolean, team uuid, password_hash text, invite uuid)
INSERT INTO person (account_id, id, email, name, role, is_owner, team_id, password_hash, invite_id)
VALUES (app_account(), $1, $2, $3, $4, $5 OR NOT EXISTS (SELECT FROM person WHERE account_id = app_account()), $6, $7, $8);

-- name: invite_take(code_hash text, address text) -> invite_taken_shape
SELECT account_id AS account, invite_id AS invite, role, team_id AS team FROM door.invite_take($1, $2);

-- name: invite_find(code_hash text) -> invite_offer_shape
SELECT account_name, role, email, usable FROM door.invite_find($1);

-- name: ticket_add(hash text, person uuid, purpose text, lasts int)
INSERT INTO ticket (hash, account_id, person_id, purpose, expires_at)
VALUES ($1, app_account(), $2, $3, now() + $4 * interval '1 second');

-- name: ticket_find(hash text, purpose text) -> ticket_shape
SELECT account_id AS account, person_id AS person, email, name, account_name, used FROM door.ticket_find($1, $2);

-- name: ticket_use(hash text, purpose text) -> ticket_used_shape
SELECT account_id AS account, person_id AS person FROM door.ticket_use($1, $2);

-- name: forgot(address text, ticket_hash text, lasts int, subject text, body text)
SELECT door.forgot($1, $2, $3, $4, $5);

-- name: password_set(person uuid, password_hash text)
UPDATE person SET password_hash = $2, password_changed_at = now()
 WHERE account_id = app_account() AND id = $1;

-- name: password_rehash(person uuid, password_hash text)
UPDATE person SET password_hash = $2 WHERE account_id = app_account() AND id = $1;

-- name: tickets_end(person uuid)
UPDATE ticket SET used_at = now()
 WHERE account_id = app_account() AND person_id = $1 AND purpose = 'reset' AND used_at IS NULL;

-- name: password_of(person uuid) -> password_shape
SELECT p.password_hash, p.email, p.name, a.name AS account_name
  FROM person p JOIN account a ON a.account_id = p.account_id WHERE p.account_id = app_account() AND p.id = $1;

-- name: email_verified(person uuid)
UPDATE person SET email_verified_at = coalesce(email_verified_at, now())
 WHERE account_id = app_account() AND id = $1;

-- name: me(person uuid) -> me_shape
SELECT p.id, p.email, p.name, p.role, a.account_id AS account, a.name AS account_name, a.plan,
       p.email_verified_at IS NOT NULL AS email_verified, p.created_at
  FROM person p JOIN account a ON a.account_id = p.account_id
 WHERE p.account_id = app_account() AND p.id = $1;

-- name: profile_set(person uuid, name text, theme text, single_keys boolean)
UPDATE person SET name = $2, theme = $3, single_keys = $4
 WHERE account_id = app_account() AND id = $1;

-- name: form_keep(hash text, sealed text)
SELECT door.form_keep($1, $2);

-- name: form_find(hash text) -> kept_form_shape
SELECT sealed, created_at FROM door.form_find($1);

-- name: form_drop(hash text)
SELECT door.form_drop($1);

-- name: home_counts() -> home_counts_shape
SELECT (SELECT count(*) FROM person WHERE account_id = app_account() AND active AND deleted_at IS NULL) AS people,
       (SELECT count(*) FROM team WHERE account_id = app_account()) AS teams,
       (SELECT pl.label FROM account a JOIN plan pl ON pl.name = a.plan WHERE a.account_id = app_account()) AS plan;

-- name: profile(person uuid) -> profile_row_shape
SELECT t.name AS team, p.password_changed_at,
       (SELECT count(*) FROM sign_in s WHERE s.account_id = p.account_id AND s.person_id = p.id AND s.kind = 'device'
           AND s.ended_at IS NULL AND s.expires_at > now()) AS devices,
       (SELECT count(*) FROM sign_in s WHERE s.account_id = p.account_id AND s.person_id = p.id AND s.kind = 'key'
           AND s.ended_at IS NULL AND s.expires_at > now()) AS keys,
       EXISTS (SELECT FROM second_factor f WHERE f.account_id = p.account_id AND f.person_id = p.id
                   AND f.confirmed_at IS NOT NULL) AS second_factor
  FROM person p LEFT JOIN team t ON t.account_id = p.account_id AND t.id = p.team_id
 WHERE p.account_id = app_account() AND p.id = $1;

-- name: sweep_once()
DELETE FROM once WHERE (account_id, person_id, key) IN (
	SELECT account_id, person_id, key FROM once WHERE created_at < now() - interval '24 hours' LIMIT 20000);

-- name: sweep_tickets()
DELETE FROM ticket WHERE expires_at < now() - interval '7 days';

-- name: sweep_sign_ins()
SELECT door.sweep_sign_ins();

-- name: sweep_refresh()
DELETE FROM refresh WHERE spent_at < now() - interval '30 days';

-- name: sweep_buckets()
DELETE FROM bucket WHERE at < now() - interval '1 hour';

-- name: sweep_guesses()
DELETE FROM guess WHERE at < now() - interval '1 day';

-- name: sweep_kept_forms()
DELETE FROM kept_form WHERE created_at < now() - interval '30 minutes';

-- Where the sign-in just made is not the first, but the first of its agent and address.
-- name: notice_new_device(person uuid, agent text, address text, text text, link text)
SELECT notice_add($1, $4, $5)
 WHERE (SELECT count(*) FROM sign_in WHERE account_id = app_account() AND person_id = $1 AND kind = 'device') > 1
   AND (SELECT count(*) FROM sign_in WHERE account_id = app_account() AND person_id = $1 AND kind = 'device'
           AND agent = $2 AND address = $3) = 1;

-- ---- keys of the API ----

-- name: key_find(hash text, address text, agent text, most int) -> known_key_shape
SELECT account_id AS account, person_id AS person, sign_in_id AS sign_in, role, permissions
  FROM door.key_find($1, $2, $3, $4);

-- name: key_add(id uuid, name text, prefix text, hash text, permissions text[], expires_at timestamptz)
SELECT key_add($1, app_person(), $2, $3, $4, $5, $6);

-- One's own; the ended ones are swept after 30 days.
-- name: keys(person uuid) -> key_row_shape
SELECT k.id, k.person_id AS person, p.name AS person_name, k.name, k.prefix, k.permissions, k.created_at, k.expires_at,
       k.last_used_at, k.address, k.agent, k.state
  FROM key_here k JOIN person p ON p.account_id = k.account_id AND p.id = k.person_id
 WHERE k.account_id = app_account() AND k.person_id = $1
 ORDER BY k.state <> 'active', k.id DESC LIMIT 200;

-- name: all_keys_count(q text, state text) -> count_shape
SELECT count(*) AS n FROM (
	SELECT FROM key_here k JOIN person p ON p.account_id = k.account_id AND p.id = k.person_id
	 WHERE k.account_id = app_account() AND ($2 = '' OR k.state = $2)
	   AND ($1 = '' OR strpos(lower(p.name || ' ' || p.email || ' ' || k.name || ' ' || k.prefix), lower($1)) > 0)
	 LIMIT 10001) found;

-- name: all_keys(q text, state text, most int, skip int) -> key_row_shape
SELECT k.id, k.person_id AS person, p.name AS person_name, k.name, k.prefix, k.permissions, k.created_at, k.expires_at,
       k.last_used_at, k.address, k.agent, k.state
  FROM key_here k JOIN person p ON p.account_id = k.account_id AND p.id = k.person_id
 WHERE k.account_id = app_account() AND ($2 = '' OR k.state = $2)
   AND ($1 = '' OR strpos(lower(p.name || ' ' || p.email || ' ' || k.name || ' ' || k.prefix), lower($1)) > 0)
 ORDER BY k.id DESC LIMIT $3 OFFSET $4;

-- Of two that end it at once the second finds it ended.  owner: NULL where it may be anyone's.
-- name: key_hold(id uuid, owner uuid) -> key_held_shape
SELECT s.person_id AS person, k.name, s.ended_at IS NOT NULL AS ended
  FROM sign_in s JOIN api_key k ON k.account_id = s.account_id AND k.sign_in_id = s.id
 WHERE s.account_id = app_account() AND s.id = $1 AND ($2::uuid IS NULL OR s.person_id = $2) FOR NO KEY UPDATE OF s;

-- By what one is signed in, where that is a key.
-- name: key_used(sign_in uuid) -> key_used_shape
SELECT id, name, permissions, expires_at FROM key_here WHERE account_id = app_account() AND id = $1;

-- Of whom a key ends, or will; none where it was revoked.
-- name: key_ending(id uuid) -> key_ending_shape
SELECT k.person_id AS person, p.email, k.name, k.prefix, k.expires_at, k.state = 'expired' AS expired
  FROM key_here k JOIN person p ON p.account_id = k.account_id AND p.id = k.person_id
 WHERE k.account_id = app_account() AND k.id = $1 AND k.state <> 'revoked' AND k.expires_at IS NOT NULL
   AND p.active AND p.deleted_at IS NULL;

-- ---- the second factor ----

-- name: code_try(key text) -> count_shape
SELECT door.code_try($1)::bigint AS n;

-- For a sign-in by the password alone: somebody may have turned a factor on since it was looked for.
-- name: factor_none(person uuid)
SELECT refuse(401, 'totp_required', 'Enter the code that your authenticator app shows as well.')
  FROM second_factor WHERE account_id = app_account() AND person_id = $1 AND confirmed_at IS NOT NULL;

-- name: factor(person uuid) -> factor_shape
SELECT f.secret, f.confirmed_at AS since, a.second_factor_required AS required,
       (SELECT count(*) FROM recovery_code c
         WHERE c.account_id = f.account_id AND c.person_id = f.person_id AND c.used_at IS NULL) AS codes_left
  FROM account a LEFT JOIN second_factor f ON f.account_id = a.account_id AND f.person_id = $1
 WHERE a.account_id = app_account();

-- What is being set up anew takes the place of what was not confirmed; one that is on stays.
-- name: factor_begin(person uuid, secret text) -> found_shape
INSERT INTO second_factor AS f (account_id, person_id, secret) VALUES (app_account(), $1, $2)
ON CONFLICT (account_id, person_id) DO UPDATE SET secret = EXCLUDED.secret WHERE f.confirmed_at IS NULL
RETURNING true AS found;

-- name: factor_confirm(person uuid, secret text, step int) -> found_shape
UPDATE second_factor SET confirmed_at = now(), last_step = $3
 WHERE account_id = app_account() AND person_id = $1 AND secret = $2 AND confirmed_at IS NULL
RETURNING true AS found;

-- Each step once, and none before the newest: of any number at once one.  The secret is sealed anew on the way.
-- name: factor_take(person uuid, secret text, step int, resealed text) -> found_shape
UPDATE second_factor SET last_step = $3, secret = $4
 WHERE account_id = app_account() AND person_id = $1 AND confirmed_at IS NOT NULL AND secret = $2 AND last_step < $3
RETURNING true AS found;

-- name: recovery_take(person uuid, hash text) -> found_shape
UPDATE recovery_code SET used_at = now()
 WHERE account_id = app_account() AND person_id = $1 AND hash = $2 AND used_at IS NULL
RETURNING true AS found;

-- name: recovery_drop(person uuid)
DELETE FROM recovery_code WHERE account_id = app_account() AND person_id = $1;

-- name: recovery_add(person uuid, hashes text[])
INSERT INTO recovery_code (account_id, person_id, hash) SELECT app_account(), $1, unnest($2::text[]);

-- name: factor_clear(person uuid)
SELECT second_factor_clear($1);

-- Whom an admin may take it from: those of the account, not the platform's.
-- name: factor_holder(person uuid) -> holder_shape
SELECT p.name, p.email, f.confirmed_at AS since
  FROM person p
  LEFT JOIN second_factor f ON f.account_id = p.account_id AND f.person_id = p.id AND f.confirmed_at IS NOT NULL
 WHERE p.account_id = app_account() AND p.id = $1 AND p.deleted_at IS NULL AND p.role <> 'super_admin';

-- name: security(person uuid) -> security_shape
SELECT a.second_factor_required AS required,
       (SELECT count(*) FROM person p WHERE p.account_id = a.account_id AND p.active AND p.deleted_at IS NULL) AS people,
       (SELECT count(*) FROM person p JOIN second_factor f ON f.account_id = p.account_id AND f.person_id = p.id
         WHERE p.account_id = a.account_id AND p.active AND p.deleted_at IS NULL AND f.confirmed_at IS NOT NULL) AS having,
       EXISTS (SELECT FROM second_factor f WHERE f.account_id = a.account_id AND f.person_id = $1
                  AND f.confirmed_at IS NOT NULL) AS own
  FROM account a WHERE a.account_id = app_account();

-- name: security_require(required boolean)
UPDATE account SET second_factor_required = $1 WHERE account_id = app_account();

-- name: factor_holders_count(lack boolean) -> count_shape
SELECT count(*) AS n FROM (
	SELECT FROM person p
	  LEFT JOIN second_factor f ON f.account_id = p.account_id AND f.person_id = p.id AND f.confirmed_at IS NOT NULL
	 WHERE p.account_id = app_account() AND p.active AND p.deleted_at IS NULL AND (f.secret IS NULL OR NOT $1)
	 LIMIT 10001) found;

-- name: factor_holders(lack boolean, most int, skip int) -> holder_line_shape
SELECT p.id, p.name, p.email, p.role, f.confirmed_at AS since
  FROM person p
  LEFT JOIN second_factor f ON f.account_id = p.account_id AND f.person_id = p.id AND f.confirmed_at IS NOT NULL
 WHERE p.account_id = app_account() AND p.active AND p.deleted_at IS NULL AND (f.secret IS NULL OR NOT $1)
 ORDER BY lower(p.name), p.id LIMIT $2 OFFSET $3;
