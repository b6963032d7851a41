-- People: who they are, how they sign in, and what protects that.

CREATE TABLE team (
	account_id uuid NOT NULL REFERENCES account,
	id uuid NOT NULL DEFAULT uuid7(),
	name text NOT NULL CHECK (length(name) BETWEEN 1 AND 80),
	created_at timestamptz NOT NULL DEFAULT now(),
	PRIMARY KEY (account_id, id)
);
SELECT wall('team');
CREATE UNIQUE INDEX team_name ON team (account_id, lower(name));
GRANT SELECT, INSERT, UPDATE (name), DELETE ON team TO rf_worker;
GRANT SELECT ON team TO rf_jobs, doorman;

-- Never deleted: deactivated (active) or left (deleted_at), and both sign in nowhere.
CREATE TABLE person (
	account_id uuid NOT NULL REFERENCES account,
	id uuid NOT NULL,
	email text NOT NULL CHECK (length(email) BETWEEN 3 AND 254),
	name text NOT NULL CHECK (length(name) BETWEEN 1 AND 120),
	role text NOT NULL CHECK (role IN ('viewer', 'engineer', 'team_admin', 'super_admin')),
	is_owner boolean NOT NULL DEFAULT false,
	team_id uuid,
	invite_id uuid, -- by which they came
	password_hash text NOT NULL,
	password_changed_at timestamptz NOT NULL DEFAULT now(),
	email_verified_at timestamptz,
	active boolean NOT NULL DEFAULT true,
	deleted_at timestamptz,
	theme text NOT NULL DEFAULT 'auto' CHECK (theme IN ('auto', 'light', 'dark')),
	single_keys boolean NOT NULL DEFAULT true,
	chime boolean NOT NULL DEFAULT false, -- a sound where something arrives on an open page
	flow_view text NOT NULL DEFAULT 'grid' CHECK (flow_view IN ('grid', 'list', 'table')),
	created_at timestamptz NOT NULL DEFAULT now(),
	PRIMARY KEY (account_id, id),
	FOREIGN KEY (account_id, team_id) REFERENCES team
);
SELECT wall('person');
-- The one key without the account: an address signs in to one account, and is free again when its person has left.
CREATE UNIQUE INDEX person_email ON person (lower(email)) WHERE deleted_at IS NULL;
CREATE UNIQUE INDEX person_owner ON person (account_id) WHERE is_owner;
CREATE INDEX person_by_team ON person (account_id, team_id, lower(name), id) WHERE deleted_at IS NULL;
CREATE INDEX person_by_invite ON person (account_id, invite_id, created_at) WHERE invite_id IS NOT NULL;
CREATE INDEX person_platform ON person (id) WHERE role = 'super_admin';
CREATE INDEX person_by_name ON person (account_id, lower(name), id);
GRANT SELECT, INSERT, UPDATE ON person TO rf_worker;
GRANT SELECT ON person TO rf_jobs, doorman;
GRANT UPDATE (password_hash, password_changed_at, email_verified_at) ON person TO doorman;
CREATE POLICY door ON person TO doorman USING (true);
CREATE POLICY door ON account TO doorman USING (true);
GRANT SELECT ON job, outbox TO doorman;
CREATE POLICY door ON job FOR SELECT TO doorman USING (true);
CREATE POLICY door ON outbox FOR SELECT TO doorman USING (true);
GRANT SELECT ON account TO doorman;

-- One signed-in device: the family of its refresh tokens.
CREATE TABLE sign_in (
	account_id uuid NOT NULL REFERENCES account,
	id uuid NOT NULL,
	person_id uuid NOT NULL,
	agent text NOT NULL DEFAULT '',
	address text NOT NULL DEFAULT '',
	created_at timestamptz NOT NULL DEFAULT now(),
	last_seen_at timestamptz NOT NULL DEFAULT now(),
	expires_at timestamptz NOT NULL,
	ended_at timestamptz,
	ended_why text,
	kind text NOT NULL DEFAULT 'device' CHECK (kind IN ('device', 'key')), -- a key of the API is a sign-in, too
	inside_id uuid REFERENCES account, -- the account that a super_admin looks into, read-only, until they leave it
	inside_at timestamptz,             -- since when; after an hour, or with none, nothing of it is seen any more
	PRIMARY KEY (account_id, id),
	FOREIGN KEY (account_id, person_id) REFERENCES person
);
SELECT wall('sign_in');
CREATE INDEX sign_in_by_person ON sign_in (account_id, person_id, last_seen_at);
GRANT SELECT, INSERT, UPDATE ON sign_in TO rf_worker, doorman;
GRANT SELECT, DELETE ON sign_in TO rf_jobs;
CREATE POLICY door ON sign_in TO doorman USING (true);
CREATE POLICY sweep ON sign_in TO rf_jobs USING (coalesce(ended_at, expires_at) < now() - interval '30 days');

-- The authenticator app of a person; without confirmed_at it is being set up and asks for nothing yet.
CREATE TABLE second_factor (
	account_id uuid NOT NULL REFERENCES account,
	person_id uuid NOT NULL,
	secret text NOT NULL, -- sealed
	confirmed_at timestamptz,
	last_step bigint NOT NULL DEFAULT 0, -- the newest step of time whose code was taken: none counts twice
	PRIMARY KEY (account_id, person_id),
	FOREIGN KEY (account_id, person_id) REFERENCES person
);
SELECT wall('second_factor');
GRANT SELECT, INSERT, UPDATE, DELETE ON second_factor TO rf_worker;
-- The first step of a sign-in needs to know whether there is a second one.
GRANT SELECT ON second_factor TO doorman;
CREATE POLICY door ON second_factor FOR SELECT TO doorman USING (true);
-- What is sealed is sealed anew after a change of the master secret, by the operator's command.
CREATE POLICY reseal ON second_factor TO rf_owner USING (true);

CREATE TABLE refresh (
	hash text PRIMARY KEY,
	account_id uuid NOT NULL REFERENCES account,
	sign_in_id uuid NOT NULL,
	created_at timestamptz NOT NULL DEFAULT now(),
	spent_at timestamptz,
	FOREIGN KEY (account_id, sign_in_id) REFERENCES sign_in ON DELETE CASCADE
);
SELECT wall('refresh');
CREATE INDEX refresh_by_sign_in ON refresh (account_id, sign_in_id);
GRANT SELECT, INSERT, UPDATE ON refresh TO rf_worker, doorman;
CREATE POLICY door ON refresh TO doorman USING (true) WITH CHECK (true);
-- One that was spent is remembered as long as it would have held, for its second use means theft.
GRANT SELECT, DELETE ON refresh TO rf_jobs;
CREATE POLICY sweep ON refresh TO rf_jobs USING (spent_at < now() - interval '30 days');

-- Links that are mailed: used once, stored hashed.
CREATE TABLE ticket (
	hash text PRIMARY KEY,
	account_id uuid NOT NULL REFERENCES account,
	person_id uuid NOT NULL,
	purpose text NOT NULL CHECK (purpose IN ('reset', 'verify')),
	created_at timestamptz NOT NULL DEFAULT now(),
	expires_at timestamptz NOT NULL,
	used_at timestamptz,
	FOREIGN KEY (account_id, person_id) REFERENCES person
);
SELECT wall('ticket');
CREATE INDEX ticket_by_person ON ticket (account_id, person_id, created_at);
GRANT SELECT, INSERT, UPDATE (used_at) ON ticket TO rf_worker, doorman;
GRANT SELECT, DELETE ON ticket TO rf_jobs;
CREATE POLICY door ON ticket TO doorman USING (true) WITH CHECK (true);
CREATE POLICY sweep ON ticket TO rf_jobs USING (expires_at < now() - interval '7 days');

CREATE TABLE invite (
	account_id uuid NOT NULL REFERENCES account,
	id uuid NOT NULL,
	code_hash text NOT NULL,
	role text NOT NULL CHECK (role IN ('viewer', 'engineer', 'team_admin')),
	team_id uuid,
	email text,
	max_uses int NOT NULL DEFAULT 1 CHECK (max_uses BETWEEN 1 AND 1000),
	uses int NOT NULL DEFAULT 0 CHECK (uses BETWEEN 0 AND max_uses),
	expires_at timestamptz NOT NULL,
	revoked_at timestamptz,
	created_by uuid, -- NULL: the platform, for the first of an account
	created_at timestamptz NOT NULL DEFAULT now(),
	renewed_at timestamptz, -- when it got its last code, and its time began anew
	PRIMARY KEY (account_id, id),
	FOREIGN KEY (account_id, team_id) REFERENCES team,
	FOREIGN KEY (account_id, created_by) REFERENCES person
);
SELECT wall('invite');
CREATE UNIQUE INDEX invite_code ON invite (code_hash);
ALTER TABLE person ADD FOREIGN KEY (account_id, invite_id) REFERENCES invite ON DELETE SET NULL (invite_id);
GRANT SELECT, INSERT, UPDATE (uses, revoked_at, team_id, code_hash, expires_at, renewed_at) ON invite TO rf_worker;
GRANT SELECT, UPDATE (uses) ON invite TO doorman;
CREATE POLICY door ON invite TO doorman USING (true);

-- A form or an Idempotency-Key that was already answered, with its answer.
CREATE TABLE once (
	account_id uuid NOT NULL REFERENCES account,
	person_id uuid NOT NULL,
	key text NOT NULL,
	body_hash text NOT NULL,
	answer text NOT NULL DEFAULT '', -- sealed
	created_at timestamptz NOT NULL DEFAULT now(),
	PRIMARY KEY (account_id, person_id, key)
);
SELECT wall('once');
CREATE INDEX once_by_age ON once (created_at);
GRANT SELECT, INSERT, UPDATE (answer) ON once TO rf_worker;
GRANT SELECT, DELETE ON once TO rf_jobs;
CREATE POLICY sweep ON once TO rf_jobs USING (created_at < now() - interval '24 hours');

-- Takes the key for this transaction.  One that waits here for the first to commit finds its answer; RF208
-- carries it out of the pipeline, in which nothing more is run.
CREATE FUNCTION once_take(key text, body_hash text) RETURNS void LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
	earlier record;
BEGIN
	INSERT INTO once (account_id, person_id, key, body_hash) VALUES (app_account(), app_person(), $1, $2)
		ON CONFLICT DO NOTHING;
	IF FOUND THEN
		RETURN;
	END IF;
	SELECT o.body_hash, o.answer INTO earlier FROM once o
	 WHERE o.account_id = app_account() AND o.person_id = app_person() AND o.key = $1;
	IF earlier.body_hash IS DISTINCT FROM $2 THEN
		PERFORM refuse(409, 'key_reused', 'This Idempotency-Key was used with another body.');
	END IF;
	PERFORM refuse(208, 'replay', earlier.answer);
END $$;

-- What signed-out people may leave behind: counters against guessing, and a form that outlived its sign-in.
-- No account's rows, so no wall; reached through the door only.
CREATE TABLE bucket (
	key text PRIMARY KEY,
	level double precision NOT NULL,
	at timestamptz NOT NULL DEFAULT now()
);
CREATE TABLE guess (
	key text PRIMARY KEY,
	wrong int NOT NULL,
	wait_until timestamptz NOT NULL,
	at timestamptz NOT NULL DEFAULT now()
);
-- Each wrong password, of addresses that are nobody's as well, so that both take the same time; the jobs program makes
-- entries of the log of those that are somebody's.
CREATE TABLE failed_sign_in (
	id uuid PRIMARY KEY DEFAULT uuid7(),
	account uuid,
	person uuid,
	address text NOT NULL,
	agent text NOT NULL,
	request_id text NOT NULL
);
GRANT SELECT, INSERT, UPDATE, DELETE ON failed_sign_in TO doorman;
CREATE TABLE kept_form (
	hash text PRIMARY KEY,
	sealed text NOT NULL CHECK (length(sealed) <= 1500000),
	created_at timestamptz NOT NULL DEFAULT now()
);
GRANT SELECT, INSERT, UPDATE, DELETE ON bucket, guess, kept_form TO doorman;
GRANT SELECT (at), DELETE ON bucket, guess TO rf_jobs;
GRANT SELECT (created_at), DELETE ON kept_form TO rf_jobs;

-- The first statement of every signed-in request.  The token says who; this says whether: a sign-in that was
-- ended or a person who lost the role is refused here, and the server skips what is queued behind.
-- allowed: a bit for each role, viewer 1, engineer 2, team_admin 4, super_admin 8.  at_home: what is asked for is the
-- caller's own or the platform's; all else a super_admin who looks into an account finds there, and changes nothing.
-- Nobody comes home without knowing: when the hour is over, all else is refused until the account is left.
-- As every page pays for it, it runs one query, sets the settings by an assignment, fills the row that it gives in
-- place, and counts to 100.
CREATE FUNCTION enter(account uuid, person uuid, sign_in uuid, allowed int, at_home boolean, changes boolean,
                      OUT here uuid, OUT name text, OUT email text, OUT role text, OUT account_name text,
                      OUT verified boolean, OUT theme text, OUT single_keys boolean, OUT chime boolean,
                      OUT unread bigint, OUT waiting bigint, OUT last_event bigint, OUT closing_at timestamptz, OUT inside text,
                      OUT look_over boolean, OUT second_factor_due boolean)
	LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
	entered text[] := ARRAY[set_config('app.account', $1::text, true), set_config('app.person', $2::text, true)];
BEGIN
	SELECT coalesce(CASE WHEN p.role = 'super_admin' THEN s.inside_id END, $1),
	       coalesce(s.inside_at <= now() - interval '1 hour', true),
	       p.name, p.email, p.role, a.name, p.email_verified_at IS NOT NULL, p.theme, p.single_keys, p.chime,
	       (SELECT count(*) FROM (SELECT FROM notice n
		 WHERE n.account_id = $1 AND n.person_id = $2 AND n.read_at IS NULL LIMIT 100) found),
	       (SELECT count(*) FROM (SELECT FROM handoff h
		 WHERE h.account_id = $1 AND h.state = 'open' AND h.by_id <> $2 LIMIT 100) found),
	       coalesce((SELECT f.seq FROM feed f WHERE f.account_id = $1), 0),
	       a.closing_at,
	       a.second_factor_required AND NOT EXISTS (SELECT FROM second_factor f
		 WHERE f.account_id = $1 AND f.person_id = $2 AND f.confirmed_at IS NOT NULL)
	  INTO here, look_over, name, email, role, account_name, verified, theme, single_keys, chime, unread, waiting,
	       last_event, closing_at, second_factor_due
	  FROM person p
	  JOIN sign_in s ON s.account_id = p.account_id AND s.id = $3 AND s.person_id = p.id
	  JOIN account a ON a.account_id = p.account_id
	 WHERE p.account_id = $1 AND p.id = $2 AND p.active AND p.deleted_at IS NULL
	   AND s.ended_at IS NULL AND s.expires_at > now() AND a.suspended_at IS NULL;
	IF NOT FOUND THEN
		IF EXISTS (SELECT FROM sign_in s WHERE s.account_id = $1 AND s.id = $3 AND s.kind = 'key'
		           AND s.ended_at IS NULL AND s.expires_at <= now()) THEN
			PERFORM refuse(401, 'key_expired', 'This API key has expired. Make a new one in your profile.');
		END IF;
		PERFORM refuse(401, 'not_signed_in', 'Sign in to go on.');
	END IF;
	IF here <> $1 AND look_over AND NOT $5 THEN
		PERFORM refuse(403, 'look_over', 'Your hour in this account is over: nothing of it is shown, and nothing was changed. Leave it first.');
	END IF;
	IF here <> $1 AND $6 AND NOT $5 THEN
		PERFORM refuse(403, 'read_only', 'You look into this account: nothing can be changed here. Leave it first.');
	END IF;
	IF $4 & (1 << array_position(ARRAY['viewer', 'engineer', 'team_admin', 'super_admin'], role) - 1) = 0 THEN
		PERFORM refuse(403, 'forbidden', 'Your role does not allow this. Ask a team admin of your account.');
	END IF;
	IF second_factor_due AND NOT $5 THEN
		PERFORM refuse(403, 'second_factor_due', 'Your account asks for a second factor. Set it up in your profile first.');
	END IF;
	IF here = $1 THEN
		RETURN;
	END IF;
	PERFORM set_config('app.account', here::text, true);
	inside := (SELECT a.name FROM account a WHERE a.account_id = here);
	IF $5 THEN
		here := $1;
		PERFORM set_config('app.account', here::text, true);
	ELSE
		closing_at := (SELECT a.closing_at FROM account a WHERE a.account_id = here);
		PERFORM set_config('app.inside', 'on', true);
	END IF;
END $$;

-- What enter() looks at, for what is seen beside it: a link for colleagues, a stream.
CREATE FUNCTION second_factor_due(account uuid, person uuid) RETURNS boolean LANGUAGE sql STABLE AS $$
	SELECT EXISTS (SELECT FROM account a WHERE a.account_id = $1 AND a.second_factor_required)
	   AND NOT EXISTS (SELECT FROM second_factor f
	                    WHERE f.account_id = $1 AND f.person_id = $2 AND f.confirmed_at IS NOT NULL)
$$;

-- The last look before a sign-in is written, for hashing took its time: who changed the password meanwhile has
-- locked the row, and whoever comes with the old one is refused.
CREATE FUNCTION sign_in_check(person uuid, password_hash text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
	PERFORM 1 FROM person p WHERE p.account_id = app_account() AND p.id = $1 AND p.password_hash = $2
		AND p.active AND p.deleted_at IS NULL FOR NO KEY UPDATE;
	IF NOT FOUND THEN
		PERFORM refuse(401, 'wrong_credentials', 'This e-mail address and password do not belong together.');
	END IF;
END $$;

-- Ends a sign-in and tells its open pages; whether it had not ended before.  Needs app.account.
CREATE FUNCTION sign_in_end(sign_in uuid, person uuid, why text) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
	ended boolean;
BEGIN
	UPDATE sign_in s SET ended_at = now(), ended_why = $3
	 WHERE s.account_id = app_account() AND s.person_id = $2 AND s.id = $1 AND s.ended_at IS NULL;
	ended := FOUND;
	IF ended THEN
		PERFORM event_add('sign_in', 'signed_out', $2, $1, jsonb_build_object('why', $3));
	END IF;
	RETURN ended;
END $$;

-- Somebody who is to be changed or to leave: under the account's lock, so that of two admins who demote or remove each
-- other at once one is refused.  The platform's operators are nobody's to change, and the owner hands the account on first.
CREATE FUNCTION person_take(person uuid, goes boolean) RETURNS person LANGUAGE plpgsql AS $$
DECLARE
	p person;
BEGIN
	PERFORM 1 FROM account a WHERE a.account_id = app_account() FOR NO KEY UPDATE;
	SELECT * INTO p FROM person q WHERE q.account_id = app_account() AND q.id = $1 AND q.deleted_at IS NULL FOR UPDATE;
	IF NOT FOUND OR p.role = 'super_admin' THEN
		PERFORM refuse(404, 'not_found', 'There is nobody of that id.');
	END IF;
	IF $2 AND p.is_owner AND EXISTS (SELECT FROM person q WHERE q.account_id = app_account() AND q.id <> $1
	                                    AND q.role = 'team_admin' AND q.active AND q.deleted_at IS NULL) THEN
		PERFORM refuse(409, 'owner', format('%s owns this account. It has to be handed on first, by its owner.', p.name));
	END IF;
	RETURN p;
END $$;

-- What follows from it, once it is written: an account keeps a team admin; whoever is away is signed out everywhere, keys
-- of the API included, and codes that they made let nobody in.
CREATE FUNCTION person_settle(person uuid, was person, why text, address text, agent text, request_id text)
	RETURNS void LANGUAGE plpgsql AS $$
DECLARE
	became person;
BEGIN
	SELECT * INTO became FROM person p WHERE p.account_id = app_account() AND p.id = $1;
	IF NOT EXISTS (SELECT FROM person p WHERE p.account_id = app_account() AND p.role IN ('team_admin', 'super_admin')
	               AND p.active AND p.deleted_at IS NULL) THEN
		PERFORM refuse(409, 'last_team_admin',
			'This is the last team admin of the account. Make someone else a team admin first.');
	END IF;
	IF NOT became.active THEN
		PERFORM sign_in_end(s.id, s.person_id, $3) FROM sign_in s
		 WHERE s.account_id = app_account() AND s.person_id = $1 AND s.ended_at IS NULL;
		PERFORM audit_add('invite.revoked', 'invite', i.id, NULL, jsonb_build_object('why', $3), $4, $5, $6) FROM invite i
		 WHERE i.account_id = app_account() AND i.created_by = $1 AND i.revoked_at IS NULL AND i.uses < i.max_uses
		   AND i.expires_at > now();
		UPDATE invite i SET revoked_at = now()
		 WHERE i.account_id = app_account() AND i.created_by = $1 AND i.revoked_at IS NULL AND i.uses < i.max_uses
		   AND i.expires_at > now();
	ELSIF was.role <> became.role THEN
		PERFORM event_add('sign_in', 'stream_end', $1, NULL, jsonb_build_object('why', 'role'));
	END IF;
END $$;

-- Changes a person's role, team or standing; NULL leaves one as it is.  Open pages may hear other things by another
-- role: their streams end, and come back to be judged anew.
CREATE FUNCTION person_change(person uuid, new_role text, new_team uuid, team_given boolean, new_active boolean,
                              address text, agent text, request_id text) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
	was person := person_take($1, coalesce($2, 'team_admin') <> 'team_admin' OR NOT coalesce($5, true));
BEGIN
	IF $4 AND $3 IS NOT NULL AND NOT EXISTS (SELECT FROM team t WHERE t.account_id = app_account() AND t.id = $3 FOR KEY SHARE) THEN
		PERFORM refuse(422, 'invalid', 'There is no such team.');
	END IF;
	UPDATE person p SET role = coalesce($2, p.role), team_id = CASE WHEN $4 THEN $3 ELSE p.team_id END,
	                    active = coalesce($5, p.active)
	 WHERE p.account_id = app_account() AND p.id = $1;
	PERFORM audit_add('person.changed', 'person', $1,
		jsonb_build_object('role', was.role, 'team_id', was.team_id, 'active', was.active),
		(SELECT jsonb_build_object('role', p.role, 'team_id', p.team_id, 'active', p.active)
		   FROM person p WHERE p.account_id = app_account() AND p.id = $1), $6, $7, $8);
	PERFORM person_settle($1, was, 'deactivated', $6, $7, $8);
END $$;

-- Takes a person out of the account for good.  The name stays in what they did; the address is free.
CREATE FUNCTION person_leave(person uuid, address text, agent text, request_id text) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
	was person := person_take($1, true);
BEGIN
	UPDATE person p SET active = false, is_owner = false, deleted_at = now()
	 WHERE p.account_id = app_account() AND p.id = $1;
	DELETE FROM second_factor f WHERE f.account_id = app_account() AND f.person_id = $1;
	PERFORM audit_add('person.left', 'person', $1, jsonb_build_object('role', was.role, 'active', was.active), NULL, $2, $3, $4);
	PERFORM person_settle($1, was, 'left', $2, $3, $4);
END $$;

-- The account's owner makes another team admin the owner; whoever it was stays what else they are.
CREATE FUNCTION owner_hand_on(person uuid, address text, agent text, request_id text) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
	next person := person_take($1, false);
BEGIN
	IF NOT EXISTS (SELECT FROM person p WHERE p.account_id = app_account() AND p.id = app_person() AND p.is_owner) THEN
		PERFORM refuse(403, 'forbidden', 'Only the account''s owner may hand it on.');
	END IF;
	IF next.is_owner THEN
		RETURN;
	END IF;
	IF next.role <> 'team_admin' OR NOT next.active THEN
		PERFORM refuse(409, 'no_team_admin', 'The owner is a team admin who may sign in. Change that first.');
	END IF;
	UPDATE person p SET is_owner = false WHERE p.account_id = app_account() AND p.is_owner;
	UPDATE person p SET is_owner = true WHERE p.account_id = app_account() AND p.id = $1;
	PERFORM audit_add('account.handed_on', 'person', $1, jsonb_build_object('owner', app_person()),
		jsonb_build_object('owner', $1), $2, $3, $4);
END $$;

CREATE FUNCTION invite_state(i invite) RETURNS text LANGUAGE sql STABLE AS $$
	SELECT CASE WHEN ($1).uses >= ($1).max_uses THEN 'used' WHEN ($1).revoked_at IS NOT NULL THEN 'revoked'
	            WHEN ($1).expires_at <= now() THEN 'expired' ELSE 'open' END
$$;

-- Written into the query it stands in; whose names fit is looked up once, not for each invite.
CREATE FUNCTION invites_fitting(q text, state text) RETURNS SETOF invite LANGUAGE sql STABLE AS $$
	SELECT i.* FROM invite i
	 WHERE i.account_id = (SELECT app_account()) AND ($2 = '' OR invite_state(i) = $2)
	   AND ($1 = '' OR strpos(lower(i.email), lower($1)) > 0
	        OR i.created_by IN (SELECT p.id FROM person p
	                             WHERE p.account_id = (SELECT app_account()) AND strpos(lower(p.name), lower($1)) > 0)
	        OR i.id IN (SELECT p.invite_id FROM person p
	                     WHERE p.account_id = (SELECT app_account()) AND strpos(lower(p.name), lower($1)) > 0 AND p.invite_id IS NOT NULL))
$$;

CREATE VIEW invite_told WITH (security_invoker = true) AS
SELECT i.id, i.role, i.team_id AS team, t.name AS team_name, i.email, coalesce(p.name, 'the platform') AS made_by, i.uses, i.max_uses, i.expires_at,
       i.created_at, invite_state(i) AS state, coalesce(u.names, '') AS used_by, u.at AS used_at
  FROM invite i
  LEFT JOIN person p ON p.account_id = i.account_id AND p.id = i.created_by
  LEFT JOIN team t ON t.account_id = i.account_id AND t.id = i.team_id
  LEFT JOIN LATERAL (SELECT string_agg(q.name, ', ' ORDER BY q.created_at DESC) AS names, max(q.created_at) AS at
	  FROM (SELECT n.name, n.created_at FROM person n WHERE n.account_id = i.account_id AND n.invite_id = i.id
	         ORDER BY n.created_at DESC LIMIT 3) q) u ON i.uses > 0
 WHERE i.account_id = (SELECT app_account());
GRANT SELECT ON invite_told TO rf_worker;

CREATE FUNCTION invite_add(id uuid, code_hash text, role text, team uuid, email text, max_uses int, lasts int) RETURNS void
	LANGUAGE plpgsql AS $$
BEGIN
	IF $4 IS NOT NULL AND NOT EXISTS (SELECT FROM team t WHERE t.account_id = app_account() AND t.id = $4 FOR KEY SHARE) THEN
		PERFORM refuse(422, 'invalid', 'There is no such team.');
	END IF;
	IF EXISTS (SELECT FROM person p WHERE p.account_id = app_account() AND lower(p.email) = lower($5) AND p.deleted_at IS NULL) THEN
		PERFORM refuse(409, 'already_member', 'Somebody with this address is in your account already.');
	END IF;
	INSERT INTO invite (account_id, id, code_hash, role, team_id, email, max_uses, expires_at, created_by)
	VALUES (app_account(), $1, $2, $3, $4, nullif($5, ''), $6, now() + $7 * interval '1 second', app_person());
END $$;

-- Whoever had the old code comes too late; one that was used or revoked stays so.
CREATE FUNCTION invite_renew(invite uuid, code_hash text) RETURNS void LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
	was text;
BEGIN
	SELECT invite_state(i) INTO was FROM invite i WHERE i.account_id = app_account() AND i.id = $1 FOR UPDATE;
	IF NOT FOUND THEN
		PERFORM refuse(404, 'not_found', 'There is no such invite.');
	ELSIF was IN ('used', 'revoked') THEN
		PERFORM refuse(409, 'invite_' || was, format('This invite was %s. Make a new one.', was));
	END IF;
	UPDATE invite i SET code_hash = $2, renewed_at = now(), expires_at = now() + (i.expires_at - coalesce(i.renewed_at, i.created_at))
	 WHERE i.account_id = app_account() AND i.id = $1;
END $$;

-- Brings people into a team; those who are in it already count for nothing.
CREATE FUNCTION team_take(team uuid, people uuid[], address text, agent text, request_id text) RETURNS bigint LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
	ids uuid[];
BEGIN
	PERFORM FROM team t WHERE t.account_id = app_account() AND t.id = $1 FOR KEY SHARE;
	IF NOT FOUND THEN
		PERFORM refuse(404, 'not_found', 'There is no such team.');
	END IF;
	WITH moving AS (
		SELECT p.id, p.team_id FROM person p
		 WHERE p.account_id = app_account() AND p.id = ANY ($2) AND p.deleted_at IS NULL AND p.role <> 'super_admin'
		   AND p.team_id IS DISTINCT FROM $1 ORDER BY p.id FOR UPDATE
	), moved AS (
		UPDATE person p SET team_id = $1 FROM moving m WHERE p.account_id = app_account() AND p.id = m.id RETURNING p.id
	)
	SELECT array_agg(m.id ORDER BY m.id) INTO ids FROM moved m;
	PERFORM audit_add('person.changed', 'person', m.id, NULL, jsonb_build_object('team_id', $1), $3, $4, $5)
	   FROM unnest(ids) AS m (id);
	RETURN coalesce(cardinality(ids), 0);
END $$;

SET LOCAL ROLE doorman;

-- A leaky bucket of `most` a minute; refuses with the seconds to wait.
CREATE FUNCTION door.rate(key text, most int) RETURNS void
	LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
	reached double precision;
BEGIN
	INSERT INTO bucket AS b VALUES ($1, 1, now())
	ON CONFLICT ON CONSTRAINT bucket_pkey DO UPDATE
		SET level = greatest(0, b.level - extract(epoch FROM now() - b.at) * $2 / 60.0) + 1, at = now()
		WHERE greatest(0, b.level - extract(epoch FROM now() - b.at) * $2 / 60.0) + 1 <= $2
	RETURNING b.level INTO reached;
	IF reached IS NULL THEN
		PERFORM refuse(429, 'rate_limited', 'Too many tries from your address. Wait a minute, then try again.',
			ceil(60.0 / $2)::text);
	END IF;
END $$;

-- Who signs in with this address; refuses while its sign-in waits after wrong passwords.  Unknown addresses wait
-- like known ones, so that nobody learns which are which.
CREATE FUNCTION door.sign_in_find(address text, guess_key text)
	RETURNS TABLE (account_id uuid, person_id uuid, role text, email text, password_hash text, factor text, suspended boolean)
	LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
	seconds double precision;
BEGIN
	SELECT extract(epoch FROM g.wait_until - now()) INTO seconds FROM guess g WHERE g.key = $2;
	IF seconds > 0 THEN
		PERFORM refuse(429, 'rate_limited',
			'Too many wrong passwords for this address. Wait a little, or reset your password.',
			ceil(seconds)::text);
	END IF;
	RETURN QUERY SELECT p.account_id, p.id, p.role, p.email, p.password_hash, f.secret, a.suspended_at IS NOT NULL
		FROM person p
		JOIN account a ON a.account_id = p.account_id
		LEFT JOIN second_factor f ON f.account_id = p.account_id AND f.person_id = p.id
			AND f.confirmed_at IS NOT NULL
		WHERE lower(p.email) = lower($1) AND p.active AND p.deleted_at IS NULL;
END $$;

-- After ten wrong passwords the next tries wait 2, 4, 8 ... seconds, at most 15 minutes.
CREATE FUNCTION door.sign_in_wrong(guess_key text, account uuid, person uuid, address text, agent text, request_id text)
	RETURNS void LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
	INSERT INTO failed_sign_in (account, person, address, agent, request_id) VALUES ($2, $3, $4, $5, $6);
	INSERT INTO guess AS g VALUES ($1, 1, now(), now())
	ON CONFLICT (key) DO UPDATE
		SET wrong = g.wrong + 1, at = now(),
		    wait_until = CASE WHEN g.wrong < 9 THEN now()
		                 ELSE now() + least(900, 2 ^ least(g.wrong - 8, 10)) * interval '1 second' END
$$;

CREATE FUNCTION door.sign_in_right(guess_key text) RETURNS void
	LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
	DELETE FROM guess WHERE key = $1
$$;

-- Spends a refresh token and stores its successor: of any number at once exactly one is "rotated".  One that
-- was spent less than `grace` seconds ago was "raced" by another tab; later it is "reused", which means theft,
-- and the whole sign-in ends, which is said once.
CREATE FUNCTION door.refresh(old_hash text, new_hash text, address text, agent text, grace int, lasts int)
	RETURNS TABLE (outcome text, account_id uuid, person_id uuid, sign_in_id uuid, role text, email text)
	LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
#variable_conflict use_column
DECLARE
	token record;
	who record;
	verdict text := 'rotated';
BEGIN
	UPDATE refresh r SET spent_at = clock_timestamp() WHERE r.hash = $1 AND r.spent_at IS NULL
		RETURNING r.* INTO token;
	IF NOT FOUND THEN
		SELECT r.* INTO token FROM refresh r WHERE r.hash = $1;
		IF NOT FOUND THEN
			RETURN;
		END IF;
		verdict := CASE WHEN token.spent_at >= clock_timestamp() - $5 * interval '1 second'
		           THEN 'raced' ELSE 'reused' END;
	END IF;
	SELECT s.person_id, p.role, p.email INTO who
	  FROM sign_in s JOIN person p ON p.account_id = s.account_id AND p.id = s.person_id
	  JOIN account a ON a.account_id = s.account_id
	 WHERE s.account_id = token.account_id AND s.id = token.sign_in_id
	   AND s.ended_at IS NULL AND s.expires_at > now() AND p.active AND p.deleted_at IS NULL
	   AND a.suspended_at IS NULL;
	IF NOT FOUND THEN
		RETURN;
	END IF;
	PERFORM set_config('app.account', token.account_id::text, true);
	IF verdict = 'reused' THEN
		IF NOT sign_in_end(token.sign_in_id, who.person_id, 'reused') THEN
			RETURN; -- another has just done it
		END IF;
		PERFORM audit_add('sign_in.reused', 'sign_in', token.sign_in_id, NULL, NULL, $3, $4, '');
	ELSIF verdict = 'rotated' THEN
		INSERT INTO refresh (hash, account_id, sign_in_id) VALUES ($2, token.account_id, token.sign_in_id);
		UPDATE sign_in s SET last_seen_at = now(), address = $3, agent = $4,
			expires_at = least(now() + $6 * interval '1 second', s.created_at + interval '180 days')
			WHERE s.account_id = token.account_id AND s.id = token.sign_in_id;
	END IF;
	RETURN QUERY SELECT verdict, token.account_id, who.person_id, token.sign_in_id, who.role, who.email;
END $$;

-- Signing out by the refresh token alone, whether or not the access token still holds.
CREATE FUNCTION door.sign_out(token_hash text, address text, agent text, request_id text) RETURNS void
	LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
	s record;
BEGIN
	SELECT r.account_id, r.sign_in_id, i.person_id INTO s FROM refresh r
		JOIN sign_in i ON i.account_id = r.account_id AND i.id = r.sign_in_id WHERE r.hash = $1;
	IF FOUND THEN
		PERFORM set_config('app.account', s.account_id::text, true), set_config('app.person', s.person_id::text, true);
		IF sign_in_end(s.sign_in_id, s.person_id, 'signed_out') THEN
			PERFORM audit_add('sign_in.ended', 'sign_in', s.sign_in_id, NULL, NULL, $2, $3, $4);
		END IF;
	END IF;
END $$;

-- Whom a mailed link is for, without using it.
CREATE FUNCTION door.ticket_find(token_hash text, wanted text)
	RETURNS TABLE (account_id uuid, person_id uuid, email text, name text, account_name text, used boolean)
	LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
	SELECT t.account_id, t.person_id, p.email, p.name, a.name, t.used_at IS NOT NULL
	  FROM ticket t JOIN person p ON p.account_id = t.account_id AND p.id = t.person_id
	  JOIN account a ON a.account_id = t.account_id
	 WHERE t.hash = $1 AND t.purpose = $2 AND (t.used_at IS NOT NULL OR t.expires_at > now())
	   AND p.active AND p.deleted_at IS NULL
$$;

-- Uses a mailed link up: exactly one of any number at once; enters its account.
CREATE FUNCTION door.ticket_use(token_hash text, wanted text) RETURNS TABLE (account_id uuid, person_id uuid)
	LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
#variable_conflict use_column
DECLARE
	t record;
BEGIN
	UPDATE ticket SET used_at = now() FROM person p
	 WHERE ticket.hash = $1 AND purpose = $2 AND used_at IS NULL AND expires_at > now()
	   AND p.account_id = ticket.account_id AND p.id = ticket.person_id AND p.active AND p.deleted_at IS NULL
	 RETURNING ticket.account_id, ticket.person_id INTO t;
	IF NOT FOUND THEN
		IF EXISTS (SELECT FROM ticket WHERE hash = $1 AND purpose = $2 AND used_at IS NOT NULL) THEN
			PERFORM refuse(409, 'already_used', 'This link was used already.');
		END IF;
		PERFORM refuse(422, 'invalid_token', 'This link has expired or is not complete. Ask for a new one.');
	END IF;
	PERFORM set_config('app.account', t.account_id::text, true), set_config('app.person', t.person_id::text, true);
	RETURN QUERY SELECT t.account_id, t.person_id;
END $$;

-- For "forgot password": the link and its mail.  Nobody's mail is flooded: the fourth time in an hour is as if the
-- address were nobody's: for that the same rows are written in the place of anybody and taken back, or the time would tell
-- which addresses are known.  The row's lock lets those that come at once be counted.
CREATE FUNCTION door.forgot(address text, ticket_hash text, lasts int, subject text, body text) RETURNS void
	LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
#variable_conflict use_column
DECLARE
	who record;
	somebody boolean;
BEGIN
	SELECT p.account_id, p.id, p.email INTO who FROM person p JOIN account a ON a.account_id = p.account_id
	 WHERE lower(p.email) = lower($1) AND p.active AND p.deleted_at IS NULL AND a.suspended_at IS NULL
	   FOR NO KEY UPDATE OF p;
	somebody := FOUND AND (SELECT count(*) FROM ticket t WHERE t.account_id = who.account_id AND t.person_id = who.id
	                          AND t.purpose = 'reset' AND t.created_at > now() - interval '1 hour') < 3;
	IF who.id IS NULL THEN
		SELECT p.account_id, p.id, $1 AS email INTO who FROM person p LIMIT 1;
	END IF;
	IF who.id IS NULL THEN
		RETURN; -- there is nobody at all
	END IF;
	PERFORM set_config('app.account', who.account_id::text, true);
	BEGIN
		INSERT INTO ticket (hash, account_id, person_id, purpose, expires_at)
		VALUES ($2, who.account_id, who.id, 'reset', now() + $3 * interval '1 second');
		INSERT INTO outbox (account_id, recipient, subject, body_text) VALUES (who.account_id, who.email, $4, $5);
		IF NOT somebody THEN
			RAISE SQLSTATE 'RF000';
		END IF;
	EXCEPTION WHEN SQLSTATE 'RF000' THEN
		PERFORM set_config('app.account', '', true);
	END;
END $$;

-- What an invite would give, for the page that asks for the name and the password.
CREATE FUNCTION door.invite_find(token_hash text)
	RETURNS TABLE (account_name text, role text, email text, usable boolean)
	LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
	SELECT a.name, i.role, i.email, i.uses < i.max_uses
	  FROM invite i JOIN account a ON a.account_id = i.account_id
	 WHERE i.code_hash = $1 AND i.revoked_at IS NULL AND i.expires_at > now()
$$;

-- Takes one use of an invite and enters its account: at most max_uses of any number at once succeed.
CREATE FUNCTION door.invite_take(token_hash text, address text)
	RETURNS TABLE (account_id uuid, invite_id uuid, role text, team_id uuid)
	LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
#variable_conflict use_column
DECLARE
	i record;
BEGIN
	UPDATE invite SET uses = uses + 1
	 WHERE code_hash = $1 AND revoked_at IS NULL AND expires_at > now() AND uses < max_uses
	   AND (email IS NULL OR lower(email) = lower($2))
	 RETURNING invite.account_id, invite.id, invite.role, invite.team_id INTO i;
	IF NOT FOUND THEN
		IF EXISTS (SELECT FROM invite WHERE code_hash = $1 AND uses >= max_uses) THEN
			PERFORM refuse(409, 'already_used', 'This invite was used already. Ask for a new one.');
		END IF;
		PERFORM refuse(422, 'invalid_invite', 'This invite does not hold for this address, or it has expired.');
	END IF;
	PERFORM set_config('app.account', i.account_id::text, true);
	-- Where the account has one team only, that is the one meant.
	RETURN QUERY SELECT i.account_id, i.id, i.role, coalesce(i.team_id, (SELECT t.id FROM team t
		WHERE t.account_id = i.account_id
		  AND NOT EXISTS (SELECT FROM team o WHERE o.account_id = t.account_id AND o.id <> t.id)));
END $$;

CREATE FUNCTION door.form_keep(token_hash text, sealed text) RETURNS void
	LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
	INSERT INTO kept_form (hash, sealed) VALUES ($1, $2)
$$;

CREATE FUNCTION door.form_find(token_hash text) RETURNS TABLE (sealed text, created_at timestamptz)
	LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
	SELECT sealed, created_at FROM kept_form WHERE hash = $1 AND created_at > now() - interval '30 minutes'
$$;

CREATE FUNCTION door.form_drop(token_hash text) RETURNS void
	LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
	DELETE FROM kept_form WHERE hash = $1
$$;

-- How much waits, over all accounts, for the operator's graphs.
CREATE FUNCTION door.queues() RETURNS TABLE (jobs_queued bigint, jobs_dead bigint, mails_queued bigint, mails_failed bigint)
	LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
	SELECT (SELECT count(*) FROM job WHERE state IN ('queued', 'running')),
	       (SELECT count(*) FROM job WHERE state = 'dead'),
	       (SELECT count(*) FROM outbox WHERE state IN ('queued', 'sending')),
	       (SELECT count(*) FROM outbox WHERE state = 'failed')
$$;

REVOKE ALL ON ALL FUNCTIONS IN SCHEMA door FROM PUBLIC;
GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA door TO rf_worker;
SET LOCAL ROLE rf_owner;
