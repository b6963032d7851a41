-- Members of an account across its rooms: what each holds, what becomes of it when they go, teams that end, and lists of
-- people who are invited at once.

-- What a person holds, newest first in each kind, and how many there are of it; a private flow is told to nobody else.
CREATE FUNCTION person_holds(person uuid, most int)
	RETURNS TABLE (kind text, id uuid, name text, about text, at timestamptz, total bigint) LANGUAGE sql STABLE AS $$
	WITH held AS (
		SELECT 'running' AS kind, s.id, s.flow_id, s.version, concat_ws(', ', nullif(s.client, ''), nullif(s.ticket, '')) AS about,
		       s.updated_at AS at
		  FROM session s
		 WHERE s.account_id = app_account() AND s.owner_id = $1 AND s.completed_at IS NULL AND s.abandoned_at IS NULL
		   AND NOT EXISTS (SELECT FROM handoff h WHERE h.account_id = s.account_id AND h.session_id = s.id
		                      AND h.state IN ('open', 'claimed'))
		UNION ALL
		SELECT 'prepared', s.id, s.flow_id, s.version, concat_ws(', ', nullif(s.client, ''), nullif(s.ticket, '')), s.updated_at
		  FROM session s
		 WHERE s.account_id = app_account() AND s.assigned_to_id = $1 AND s.started_at IS NULL AND s.abandoned_at IS NULL
		UNION ALL
		SELECT CASE h.state WHEN 'claimed' THEN 'claimed' ELSE 'waiting' END, h.id, s.flow_id, s.version,
		       concat_ws(', ', nullif(s.client, ''), nullif(s.ticket, '')), h.created_at
		  FROM handoff h JOIN session s ON s.account_id = h.account_id AND s.id = h.session_id
		 WHERE h.account_id = app_account() AND (h.state = 'claimed' AND h.claimer_id = $1 OR h.state = 'open' AND h.to_id = $1)
	), all_held AS (
		SELECT h.kind, h.id, v.name, h.about, h.at
		  FROM held h JOIN flow_version v ON v.account_id = app_account() AND v.flow_id = h.flow_id AND v.n = h.version
		UNION ALL
		SELECT 'flow', f.id, f.name, f.visibility, f.updated_at FROM flow f
		 WHERE f.account_id = app_account() AND f.author_id = $1 AND f.deleted_at IS NULL AND f.visibility <> 'private'
	), counted AS (
		SELECT a.*, count(*) OVER (PARTITION BY a.kind) AS total,
		       row_number() OVER (PARTITION BY a.kind ORDER BY a.at DESC, a.id) AS place FROM all_held a
	)
	SELECT c.kind, c.id, c.name, c.about, c.at, c.total FROM counted c WHERE c.place <= $2
	 ORDER BY array_position(ARRAY['running', 'claimed', 'waiting', 'prepared', 'flow'], c.kind), c.place
$$;
CREATE INDEX flow_by_author ON flow (account_id, author_id) WHERE deleted_at IS NULL;
CREATE INDEX handoff_by_claimer ON handoff (account_id, claimer_id) WHERE state = 'claimed';

-- Whoever is away has nothing waiting: prepared sessions are open to the team, mails that wait are not sent, and what
-- colleagues handed to them goes on by the table of states, which the jobs program has (fcgi/handoffs/states.c).
CREATE FUNCTION person_gone() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
	ids uuid[];
BEGIN
	WITH opened AS (
		UPDATE session s SET assigned_to_id = NULL, updated_at = now(), revision = revision + 1
		 WHERE s.account_id = NEW.account_id AND s.assigned_to_id = NEW.id AND s.started_at IS NULL AND s.abandoned_at IS NULL
		RETURNING s.id
	)
	SELECT array_agg(o.id) INTO ids FROM opened o;
	PERFORM audit_add('session.opened', 'session', o.id, jsonb_build_object('assigned_to', NEW.id),
		jsonb_build_object('why', 'person_gone'), NULL, NULL, NULL) FROM unnest(ids) AS o (id)
		WHERE app_account() IS NOT NULL; -- the operator may do it by hand
	UPDATE outbox o SET unwanted = true, state = CASE o.state WHEN 'queued' THEN 'skipped' ELSE o.state END
	 WHERE o.account_id = NEW.account_id AND o.state IN ('queued', 'sending') AND lower(o.recipient) = lower(NEW.email);
	INSERT INTO job (account_id, kind, payload) VALUES (NEW.account_id, 'person_gone', jsonb_build_object('person', NEW.id));
	RETURN NULL;
END $$;
CREATE TRIGGER person_gone AFTER UPDATE OF active ON person
	FOR EACH ROW WHEN (OLD.active AND NOT NEW.active) EXECUTE FUNCTION person_gone();

-- Sessions under way go to somebody else who may run them; those that wait for colleagues, or that one of them took over,
-- are the queue's.  Gives those that went.
CREATE FUNCTION sessions_hand_to(person uuid, sessions uuid[], receiver uuid, address text, agent text, request_id text)
	RETURNS TABLE (session uuid) LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
	ids uuid[];
BEGIN
	IF NOT EXISTS (SELECT FROM person p WHERE p.account_id = app_account() AND p.id = $3 AND p.active
	                  AND p.deleted_at IS NULL AND p.role IN ('engineer', 'team_admin') FOR KEY SHARE) THEN
		PERFORM refuse(422, 'invalid', 'Choose somebody who runs flows and may sign in.');
	END IF;
	WITH held AS (
		SELECT s.id FROM session s
		 WHERE s.account_id = app_account() AND s.owner_id = $1 AND s.id = ANY ($2) AND $1 <> $3
		   AND s.completed_at IS NULL AND s.abandoned_at IS NULL
		   AND NOT EXISTS (SELECT FROM handoff h WHERE h.account_id = s.account_id AND h.session_id = s.id
		                      AND h.state IN ('open', 'claimed'))
		 ORDER BY s.id FOR NO KEY UPDATE
	), given AS (
		UPDATE session s SET owner_id = $3, active = session_active(s), ticking_since = NULL, updated_at = now(),
		       revision = revision + 1
		  FROM held WHERE s.account_id = app_account() AND s.id = held.id RETURNING s.id
	)
	SELECT array_agg(g.id ORDER BY g.id) INTO ids FROM given g;
	PERFORM audit_add('session.handed_to', 'session', g.id, jsonb_build_object('owner', $1), jsonb_build_object('owner', $3),
		$4, $5, $6) FROM unnest(ids) AS g (id);
	RETURN QUERY SELECT g.id FROM unnest(ids) AS g (id);
END $$;

-- Ends a team: its people, flows, sessions and invites are another's from then on.  Whoever joins it at the same time is
-- waited for.
CREATE FUNCTION team_delete(team uuid, into_team uuid, address text, agent text, request_id text) RETURNS void LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
	was text;
BEGIN
	PERFORM 1 FROM account a WHERE a.account_id = app_account() FOR NO KEY UPDATE;
	SELECT t.name INTO was FROM team t WHERE t.account_id = app_account() AND t.id = $1 FOR UPDATE;
	IF NOT FOUND THEN
		PERFORM refuse(404, 'not_found', 'There is no such team.');
	END IF;
	IF NOT EXISTS (SELECT FROM team t WHERE t.account_id = app_account() AND t.id <> $1) THEN
		PERFORM refuse(409, 'last_team', 'An account has at least one team. Rename this one instead.');
	END IF;
	IF $2 IS NULL OR $2 = $1 OR NOT EXISTS (SELECT FROM team t WHERE t.account_id = app_account() AND t.id = $2) THEN
		PERFORM refuse(422, 'invalid', 'Choose another team of this account for its people and flows.');
	END IF;
	UPDATE person p SET team_id = $2 WHERE p.account_id = app_account() AND p.team_id = $1;
	UPDATE flow f SET team_id = $2 WHERE f.account_id = app_account() AND f.team_id = $1;
	UPDATE session s SET team_id = $2 WHERE s.account_id = app_account() AND s.team_id = $1;
	UPDATE invite i SET team_id = $2 WHERE i.account_id = app_account() AND i.team_id = $1;
	DELETE FROM team t WHERE t.account_id = app_account() AND t.id = $1;
	PERFORM audit_add('team.deleted', 'team', $1, jsonb_build_object('name', was), jsonb_build_object('moved_to', $2), $3, $4, $5);
END $$;

-- Lists of people who are invited at once: judged line by line, sent once, and kept with what became of each line.
CREATE TABLE invite_batch (
	account_id uuid NOT NULL REFERENCES account,
	id uuid NOT NULL,
	created_by uuid NOT NULL,
	lasts interval NOT NULL,
	created_at timestamptz NOT NULL DEFAULT now(),
	sent_at timestamptz,
	PRIMARY KEY (account_id, id),
	FOREIGN KEY (account_id, created_by) REFERENCES person
);
SELECT wall('invite_batch');
CREATE INDEX invite_batch_by_age ON invite_batch (created_at);
GRANT SELECT, INSERT, UPDATE (sent_at) ON invite_batch TO rf_worker;
GRANT SELECT, DELETE ON invite_batch TO rf_jobs;
CREATE POLICY sweep ON invite_batch TO rf_jobs USING (created_at < now() - interval '90 days');

CREATE TABLE invite_line (
	account_id uuid NOT NULL,
	batch_id uuid NOT NULL,
	n int NOT NULL, -- the line of the list, from 1
	email text NOT NULL,
	role text NOT NULL,
	team text NOT NULL, -- its name
	team_id uuid,
	fault text NOT NULL DEFAULT '', -- what is wrong with it, whatever the account holds
	outcome text,       -- once it was sent
	invite_id uuid,
	PRIMARY KEY (account_id, batch_id, n),
	FOREIGN KEY (account_id, batch_id) REFERENCES invite_batch ON DELETE CASCADE,
	FOREIGN KEY (account_id, invite_id) REFERENCES invite
);
SELECT wall('invite_line');
GRANT SELECT, INSERT, UPDATE (outcome, invite_id) ON invite_line TO rf_worker;

-- What would become of each line now; of a list that was sent, what became of it.  Seats are those of people and of
-- invites that wait for an address.
CREATE FUNCTION invite_judge(batch uuid, makes_teams boolean)
	RETURNS TABLE (n int, email text, role text, team text, team_id uuid, outcome text, invite_id uuid, can_make boolean)
	LANGUAGE sql STABLE AS $$
	WITH line AS (
		SELECT l.*, t.id AS found_team, row_number() OVER (PARTITION BY l.fault, lower(l.email) ORDER BY l.n) AS nth
		  FROM invite_line l
		  LEFT JOIN team t ON t.account_id = l.account_id
		        AND CASE WHEN l.team_id IS NOT NULL THEN t.id = l.team_id ELSE lower(t.name) = lower(l.team) END
		 WHERE l.account_id = app_account() AND l.batch_id = $1
	), taken AS (
		SELECT lower(p.email) AS email, 'member' AS is FROM person p WHERE p.account_id = app_account() AND p.deleted_at IS NULL
		UNION
		SELECT lower(i.email), 'invited' FROM invite i
		 WHERE i.account_id = app_account() AND i.email IS NOT NULL AND i.revoked_at IS NULL AND i.uses < i.max_uses AND i.expires_at > now()
	), judged AS (
		SELECT l.n, CASE WHEN l.fault <> '' THEN l.fault WHEN l.nth > 1 THEN 'duplicate'
		            WHEN EXISTS (SELECT FROM taken t WHERE t.email = lower(l.email) AND t.is = 'member') THEN 'member'
		            WHEN EXISTS (SELECT FROM taken t WHERE t.email = lower(l.email)) THEN 'invited'
		            WHEN l.found_team IS NULL AND (l.team_id IS NOT NULL OR l.team <> '' AND NOT $2) THEN 'unknown_team'
		            ELSE 'ok' END AS verdict
		  FROM line l
	), room AS (
		SELECT plan_most('users') - (SELECT count(*) FROM person p WHERE p.account_id = app_account() AND p.active AND p.deleted_at IS NULL)
		       - (SELECT count(*) FROM taken t WHERE t.is = 'invited') AS seats
	)
	SELECT l.n, l.email, l.role, l.team, l.found_team,
	       coalesce(l.outcome, CASE WHEN j.verdict = 'ok' AND count(*) FILTER (WHERE j.verdict = 'ok') OVER (ORDER BY l.n)
	                                     > (SELECT seats FROM room) THEN 'over_limit' ELSE j.verdict END),
	       l.invite_id, l.outcome IS NULL AND j.verdict = 'unknown_team' AND l.fault = '' AND l.team_id IS NULL
	  FROM line l JOIN judged j ON j.n = l.n ORDER BY l.n
$$;

-- Makes the invites of the lines that are good, each with the code and the id that stand at its place; under the account's
-- lock, and once.
CREATE FUNCTION invite_send(batch uuid, codes text[], ids uuid[], makes_teams boolean, address text, agent text, request_id text)
	RETURNS boolean LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
	b invite_batch;
	made uuid[];
BEGIN
	PERFORM 1 FROM account a WHERE a.account_id = app_account() FOR NO KEY UPDATE;
	UPDATE invite_batch x SET sent_at = now() WHERE x.account_id = app_account() AND x.id = $1 AND x.sent_at IS NULL
		RETURNING x.* INTO b;
	IF NOT FOUND THEN
		RETURN false;
	END IF;
	IF $4 THEN
		WITH added AS (
			INSERT INTO team (account_id, name)
			SELECT app_account(), min(j.team) FROM invite_judge($1, true) j
			 WHERE j.outcome = 'ok' AND j.team_id IS NULL AND j.team <> '' GROUP BY lower(j.team) RETURNING id
		)
		SELECT array_agg(a.id) INTO made FROM added a;
		PERFORM audit_add('team.added', 'team', t.id, NULL, jsonb_build_object('name', t.name), $5, $6, $7)
		   FROM team t WHERE t.account_id = app_account() AND t.id = ANY (made);
	END IF;
	WITH judged AS MATERIALIZED (
		SELECT j.*, row_number() OVER (ORDER BY j.n) AS place FROM invite_judge($1, false) j
	), good AS (
		SELECT j.n, j.role, j.team_id, j.email, ($3)[j.place] AS id, ($2)[j.place] AS code FROM judged j WHERE j.outcome = 'ok'
	), invited AS (
		INSERT INTO invite (account_id, id, code_hash, role, team_id, email, expires_at, created_by)
		SELECT app_account(), g.id, g.code, g.role, g.team_id, g.email, now() + b.lasts, app_person() FROM good g RETURNING id
	), noted AS (
		UPDATE invite_line l SET outcome = CASE WHEN g.n IS NULL THEN j.outcome ELSE 'sent' END, invite_id = g.id
		  FROM judged j LEFT JOIN good g ON g.n = j.n
		 WHERE l.account_id = app_account() AND l.batch_id = $1 AND l.n = j.n
	)
	SELECT array_agg(i.id ORDER BY i.id) INTO made FROM invited i;
	PERFORM audit_add('invite.made', 'invite', i.id, NULL, jsonb_build_object('role', i.role, 'max_uses', 1, 'list', $1), $5, $6, $7)
	   FROM invite i WHERE i.account_id = app_account() AND i.id = ANY (made) ORDER BY i.id;
	RETURN true;
END $$;

-- The account's people as those who look after them see them, those who left included.  Last seen: when a device last
-- signed in or renewed its sign-in, which each does as long as it is used.
CREATE VIEW member WITH (security_invoker = true) AS
SELECT p.id, p.email, p.name, p.role, p.team_id AS team, t.name AS team_name,
       CASE WHEN p.deleted_at IS NOT NULL THEN 'left' WHEN p.active THEN 'active' ELSE 'deactivated' END AS status,
       p.is_owner AS owner, p.email_verified_at IS NOT NULL AS verified,
       EXISTS (SELECT FROM second_factor f WHERE f.account_id = p.account_id AND f.person_id = p.id AND f.confirmed_at IS NOT NULL)
           AS second_factor,
       p.created_at, p.deleted_at AS left_at,
       (SELECT max(s.last_seen_at) FROM sign_in s
         WHERE s.account_id = p.account_id AND s.person_id = p.id AND s.kind = 'device') AS last_seen_at
  FROM person p LEFT JOIN team t ON t.account_id = p.account_id AND t.id = p.team_id
 WHERE p.account_id = (SELECT app_account());
GRANT SELECT ON member TO rf_worker;

-- Whether somebody is meant by a search and its filters; without a status, those who have not left.
CREATE FUNCTION member_fits(p person, q text, role text, team text, status text) RETURNS boolean LANGUAGE sql STABLE AS $$
	SELECT ($2 = '' OR strpos(lower(($1).name), lower($2)) > 0 OR strpos(lower(($1).email), lower($2)) > 0)
	   AND ($3 = '' OR ($1).role = $3)
	   AND CASE $4 WHEN '' THEN true WHEN 'none' THEN ($1).team_id IS NULL ELSE ($1).team_id::text = $4 END
	   AND CASE $5 WHEN 'left' THEN ($1).deleted_at IS NOT NULL WHEN 'active' THEN ($1).active
	       WHEN 'deactivated' THEN NOT ($1).active AND ($1).deleted_at IS NULL
	       WHEN 'unverified' THEN ($1).active AND ($1).email_verified_at IS NULL ELSE ($1).deleted_at IS NULL END
$$;

-- Somebody's newest stays: it says when they were last seen.  Through the door, for the jobs program sees only what is old.
GRANT DELETE ON sign_in TO doorman;
SET LOCAL ROLE doorman;
CREATE FUNCTION door.sweep_sign_ins() RETURNS void
	LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
	DELETE FROM sign_in s WHERE coalesce(s.ended_at, s.expires_at) < now() - interval '30 days'
	   AND (s.kind <> 'device' OR EXISTS (SELECT FROM sign_in n WHERE n.account_id = s.account_id AND n.person_id = s.person_id
	                   AND n.kind = 'device' AND (n.last_seen_at, n.id) > (s.last_seen_at, s.id)))
$$;
REVOKE ALL ON FUNCTION door.sweep_sign_ins FROM PUBLIC;
GRANT EXECUTE ON FUNCTION door.sweep_sign_ins TO rf_jobs;
SET LOCAL ROLE rf_owner;
