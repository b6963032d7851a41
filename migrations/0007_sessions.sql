-- Sessions: runs of a flow.  A session runs on the version that it was made with; its visits are the record of where
-- it went and what was decided and noted there.  The state is read off the times, and off the hand-off that is open.

CREATE TABLE session (
	account_id uuid NOT NULL REFERENCES account,
	id uuid NOT NULL,
	flow_id uuid NOT NULL,
	version int NOT NULL,
	owner_id uuid,        -- who runs it; none until it starts
	prepared_by_id uuid,
	assigned_to_id uuid,
	team_id uuid,         -- the preparer's, when it was prepared: to whom an unassigned one is open
	ticket text NOT NULL DEFAULT '' CHECK (length(ticket) <= 120),
	client text NOT NULL DEFAULT '' CHECK (length(client) <= 200),
	variables jsonb NOT NULL DEFAULT '{}', -- null: filled with a password, which session_secret holds
	scratchpad text NOT NULL DEFAULT '' CHECK (length(scratchpad) <= 100000),
	scratch_n int NOT NULL DEFAULT 0,      -- one higher with each change of the scratchpad
	visit int NOT NULL DEFAULT 0,          -- the number of the visit where it stands; 0 before the start
	active interval NOT NULL DEFAULT '0',  -- worked on it, up to ticking_since
	ticking_since timestamptz,             -- NULL: the timer stands still
	outcome text CHECK (outcome IN ('resolved', 'escalate', 'unresolved')),
	summary text NOT NULL DEFAULT '' CHECK (length(summary) <= 20000),
	stored bigint NOT NULL DEFAULT 0,      -- bytes of what was written in it, counted when it ends
	revision bigint NOT NULL DEFAULT 1,
	created_at timestamptz NOT NULL DEFAULT now(),
	updated_at timestamptz NOT NULL DEFAULT now(),
	started_at timestamptz,
	completed_at timestamptz,
	abandoned_at timestamptz,
	-- Columns and no lower() in queries: only what leaks nothing may search an index behind the wall.
	ticket_key text NOT NULL GENERATED ALWAYS AS (lower(ticket)) STORED,
	client_key text NOT NULL GENERATED ALWAYS AS (lower(client)) STORED,
	PRIMARY KEY (account_id, id),
	FOREIGN KEY (account_id, flow_id, version) REFERENCES flow_version,
	FOREIGN KEY (account_id, owner_id) REFERENCES person,
	FOREIGN KEY (account_id, prepared_by_id) REFERENCES person,
	FOREIGN KEY (account_id, assigned_to_id) REFERENCES person,
	FOREIGN KEY (account_id, team_id) REFERENCES team,
	CHECK (completed_at IS NULL OR abandoned_at IS NULL),
	CHECK (completed_at IS NULL OR started_at IS NOT NULL AND outcome IS NOT NULL),
	CHECK ((started_at IS NULL) = (owner_id IS NULL)),
	CHECK (started_at IS NOT NULL OR prepared_by_id IS NOT NULL),
	CHECK ((started_at IS NULL) = (visit = 0)),
	CHECK (ticking_since IS NULL OR started_at IS NOT NULL AND completed_at IS NULL AND abandoned_at IS NULL)
);
SELECT wall('session');
-- Ids grow with time, so each of these is a list with the newest last.  What comes after the id is looked at without
-- going to the rows, where a list is asked for by two things at once.
CREATE INDEX session_by_owner ON session (account_id, owner_id, id, flow_id, client_key);
CREATE INDEX session_by_flow ON session (account_id, flow_id, id, owner_id, client_key);
CREATE INDEX session_by_client ON session (account_id, client_key, id, owner_id, flow_id) WHERE client_key <> '';
CREATE INDEX session_by_ticket ON session (account_id, ticket_key, id) WHERE ticket_key <> '';
CREATE INDEX session_by_preparer ON session (account_id, prepared_by_id, id) WHERE prepared_by_id IS NOT NULL;
CREATE INDEX session_by_assignee ON session (account_id, assigned_to_id, id) WHERE assigned_to_id IS NOT NULL;
CREATE INDEX session_prepared ON session (account_id, id, flow_id, client_key) WHERE started_at IS NULL AND abandoned_at IS NULL;
CREATE INDEX session_waiting ON session (account_id, assigned_to_id, id) WHERE started_at IS NULL AND abandoned_at IS NULL;
CREATE INDEX session_open ON session (account_id, team_id, id)
	WHERE started_at IS NULL AND abandoned_at IS NULL AND assigned_to_id IS NULL;
CREATE INDEX session_going ON session (account_id, owner_id, id)
	WHERE started_at IS NOT NULL AND completed_at IS NULL AND abandoned_at IS NULL;
CREATE INDEX session_running ON session (account_id, id, owner_id, flow_id, client_key)
	WHERE started_at IS NOT NULL AND completed_at IS NULL AND abandoned_at IS NULL;
CREATE INDEX session_abandoned ON session (account_id, id, owner_id, flow_id, client_key) WHERE abandoned_at IS NOT NULL;
GRANT SELECT, INSERT, UPDATE ON session TO rf_worker;
GRANT SELECT ON session TO rf_jobs;

-- Passwords that a session's texts ask for: sealed, and gone when the session ends.
CREATE TABLE session_secret (
	account_id uuid NOT NULL,
	session_id uuid NOT NULL,
	name text NOT NULL,
	sealed text NOT NULL CHECK (length(sealed) <= 24000),
	PRIMARY KEY (account_id, session_id, name),
	FOREIGN KEY (account_id, session_id) REFERENCES session
);
SELECT wall('session_secret');
GRANT SELECT, INSERT, UPDATE (sealed), DELETE ON session_secret TO rf_worker;
CREATE POLICY reseal ON session_secret TO rf_owner USING (true);

-- Each coming to a step, in order.  The last one of a running session is where it stands.  What was gone back on stays.
CREATE TABLE visit (
	account_id uuid NOT NULL,
	session_id uuid NOT NULL,
	n int NOT NULL,
	id uuid NOT NULL DEFAULT uuid7(),
	node_id text NOT NULL,
	kind text NOT NULL CHECK (kind IN ('decision', 'action', 'answer')),
	title text NOT NULL,
	section text NOT NULL DEFAULT '',
	option_id text,
	option_label text,
	notes text NOT NULL DEFAULT '' CHECK (length(notes) <= 20000),
	skip_reason text,          -- NULL: not skipped
	again int NOT NULL,        -- which visit of this step it is, from 1
	earlier int,               -- the visit gone back on whose answer and note it began with
	person_id uuid,            -- who answered
	entered_at timestamptz NOT NULL DEFAULT now(),
	entered_active interval NOT NULL, -- the session's active time, then
	took interval,             -- active time from there to the answer
	answered_at timestamptz,
	reverted_at timestamptz,
	PRIMARY KEY (account_id, session_id, n),
	FOREIGN KEY (account_id, session_id) REFERENCES session,
	FOREIGN KEY (account_id, person_id) REFERENCES person,
	CHECK ((answered_at IS NULL) = (took IS NULL)),
	CHECK (answered_at IS NOT NULL OR option_id IS NULL AND skip_reason IS NULL)
);
SELECT wall('visit');
CREATE UNIQUE INDEX visit_by_id ON visit (account_id, id);
GRANT SELECT, INSERT, UPDATE (option_id, option_label, notes, skip_reason, person_id, took, answered_at, reverted_at)
	ON visit TO rf_worker;
GRANT SELECT ON visit TO rf_jobs;

-- What an answered step's note said before it was changed.
CREATE TABLE visit_note (
	account_id uuid NOT NULL,
	session_id uuid NOT NULL,
	n int NOT NULL,
	at timestamptz NOT NULL DEFAULT now(), -- when it was replaced
	person_id uuid NOT NULL,               -- by whom
	notes text NOT NULL,
	id uuid NOT NULL DEFAULT uuid7(),
	PRIMARY KEY (account_id, id),
	FOREIGN KEY (account_id, session_id, n) REFERENCES visit,
	FOREIGN KEY (account_id, person_id) REFERENCES person
);
SELECT wall('visit_note');
CREATE INDEX visit_note_by_visit ON visit_note (account_id, session_id, n);
GRANT SELECT, INSERT ON visit_note TO rf_worker;

-- Under the lock of its session, before a note is replaced.
CREATE FUNCTION visit_note_room(session uuid) RETURNS void LANGUAGE plpgsql STABLE AS $$
BEGIN
	IF (SELECT count(*) FROM visit_note v WHERE v.account_id = app_account() AND v.session_id = $1) >= 1000 THEN
		PERFORM refuse(409, 'too_many_changes', 'The notes of answered steps were changed 1,000 times. Write on in the note of this step.');
	END IF;
END $$;

-- A session laid aside for oneself (park) or given to colleagues (escalate).
CREATE TABLE handoff (
	account_id uuid NOT NULL,
	id uuid NOT NULL,
	session_id uuid NOT NULL,
	intent text NOT NULL CHECK (intent IN ('escalate', 'park')),
	state text NOT NULL,
	visit int NOT NULL DEFAULT 0, -- where the session stood
	flow_id uuid NOT NULL,        -- the session's; and the visit's, '' where there is none: neither changes, and counts of
	node_id text NOT NULL,        -- many need not look them up
	reason text NOT NULL DEFAULT '' CHECK (length(reason) <= 4000),
	tried text NOT NULL DEFAULT '' CHECK (length(tried) <= 20000),
	priority text CHECK (priority IN ('low', 'normal', 'high', 'urgent')),
	by_id uuid NOT NULL,
	to_id uuid,                   -- told first; NULL: all at once
	claimer_id uuid,              -- who has it, or had it when it was resolved
	claimed_at timestamptz,
	first_claimed_at timestamptz, -- stays when it is given back
	due_at timestamptz,           -- waiting longer than until then is too long
	overdue_at timestamptz,       -- since when everybody knows that; until somebody takes it
	was_overdue boolean NOT NULL DEFAULT false,
	wake_at timestamptz,          -- a parked one returns then, without a word
	resolution text NOT NULL DEFAULT '' CHECK (length(resolution) <= 20000),
	created_at timestamptz NOT NULL DEFAULT now(),
	ended_at timestamptz,
	claim_seconds int GENERATED ALWAYS AS (extract(epoch FROM first_claimed_at - created_at)::int) STORED,
	resolve_seconds int GENERATED ALWAYS AS
		(CASE WHEN state = 'resolved' THEN extract(epoch FROM ended_at - created_at)::int END) STORED,
	PRIMARY KEY (account_id, id),
	FOREIGN KEY (account_id, session_id) REFERENCES session,
	FOREIGN KEY (account_id, flow_id) REFERENCES flow,
	FOREIGN KEY (account_id, by_id) REFERENCES person,
	FOREIGN KEY (account_id, to_id) REFERENCES person,
	FOREIGN KEY (account_id, claimer_id) REFERENCES person,
	CHECK (CASE intent WHEN 'park' THEN state IN ('parked', 'resumed') AND priority IS NULL
	       ELSE state IN ('open', 'claimed', 'resolved', 'cancelled') END),
	CHECK (state <> 'claimed' OR claimer_id IS NOT NULL)
);
SELECT wall('handoff');
-- One of each at a time: whoever has taken a case over may lay it aside for a while, too.
CREATE UNIQUE INDEX handoff_current ON handoff (account_id, session_id) WHERE state IN ('open', 'claimed');
CREATE UNIQUE INDEX handoff_aside ON handoff (account_id, session_id) WHERE state = 'parked';
CREATE INDEX handoff_by_state ON handoff (account_id, state, id);
CREATE INDEX handoff_by_session ON handoff (account_id, session_id, by_id);
-- All that is counted of them over a time, without going to the rows.
CREATE INDEX handoff_by_time ON handoff (account_id, created_at)
	INCLUDE (session_id, flow_id, node_id, visit, state, was_overdue, by_id, claimer_id, claimed_at, first_claimed_at, claim_seconds, resolve_seconds)
	WHERE intent = 'escalate';
GRANT SELECT, INSERT, UPDATE ON handoff TO rf_worker;
GRANT SELECT, UPDATE ON handoff TO rf_jobs;

CREATE FUNCTION handoff_place() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	SELECT s.flow_id, coalesce(v.node_id, '') INTO NEW.flow_id, NEW.node_id
	  FROM session s LEFT JOIN visit v ON v.account_id = s.account_id AND v.session_id = s.id AND v.n = NEW.visit
	 WHERE s.account_id = NEW.account_id AND s.id = NEW.session_id;
	RETURN NEW;
END $$;
CREATE TRIGGER handoff_place BEFORE INSERT ON handoff FOR EACH ROW EXECUTE FUNCTION handoff_place();

-- How often finished sessions took each way: kept by travel_add, and equal to a recount of their visits.
CREATE TABLE path_stat (
	account_id uuid NOT NULL,
	flow_id uuid NOT NULL,
	version int NOT NULL,
	node_id text NOT NULL,
	option_id text NOT NULL, -- '' of a step that has none
	taken int NOT NULL,      -- sessions, each once
	resolved int NOT NULL,
	seconds bigint NOT NULL,
	PRIMARY KEY (account_id, flow_id, version, node_id, option_id),
	FOREIGN KEY (account_id, flow_id, version) REFERENCES flow_version
);
SELECT wall('path_stat');
GRANT SELECT, INSERT, UPDATE (taken, resolved, seconds) ON path_stat TO rf_worker;
GRANT SELECT ON path_stat TO rf_jobs;

-- Of a session that is completed now.  Rows are taken in one order, so that two at once wait but never in a circle.
CREATE FUNCTION travel_add(session uuid) RETURNS void LANGUAGE sql AS $$
	INSERT INTO path_stat AS p (account_id, flow_id, version, node_id, option_id, taken, resolved, seconds)
	SELECT s.account_id, s.flow_id, s.version, v.node_id, coalesce(v.option_id, '') AS option_id, 1,
	       (s.outcome = 'resolved')::int, extract(epoch FROM sum(v.took))::bigint
	  FROM session s JOIN visit v ON v.account_id = s.account_id AND v.session_id = s.id
	 WHERE s.account_id = app_account() AND s.id = $1 AND v.answered_at IS NOT NULL AND v.reverted_at IS NULL
	 GROUP BY s.account_id, s.flow_id, s.version, s.outcome, v.node_id, coalesce(v.option_id, '')
	 ORDER BY v.node_id, option_id
	ON CONFLICT (account_id, flow_id, version, node_id, option_id) DO UPDATE
	   SET taken = p.taken + 1, resolved = p.resolved + excluded.resolved, seconds = p.seconds + excluded.seconds
$$;

-- The sessions of the account, their state, and what whoever asks may do with each.
--   sees: the record; runs: answer, note, fill, end; starts, prepares: of a prepared one; ends: cancel or end it;
--   takes_out: export and share it.
CREATE VIEW session_here WITH (security_invoker = true) AS
SELECT s.*, h.id AS handoff_id, h.by_id AS handoff_by_id, h.reason AS handoff_why, p.id AS aside_id, p.created_at AS aside_at, p.reason AS aside_why, p.wake_at,
       CASE WHEN s.abandoned_at IS NOT NULL THEN 'abandoned' WHEN s.completed_at IS NOT NULL THEN 'completed'
            WHEN s.started_at IS NULL THEN 'prepared' WHEN h.state = 'open' THEN 'escalated'
            WHEN p.id IS NOT NULL AND (p.wake_at IS NULL OR p.wake_at > now()) THEN 'parked' ELSE 'active' END AS status,
       s.owner_id = me.id OR s.prepared_by_id = me.id OR s.assigned_to_id = me.id OR me.role = 'team_admin'
       OR s.completed_at IS NOT NULL AND (me.role IN ('engineer', 'viewer', 'super_admin') OR i.inside)
       OR o.open AND me.role IN ('engineer', 'viewer') OR h.id IS NOT NULL AND me.role = 'engineer'
       OR EXISTS (SELECT FROM handoff x WHERE x.account_id = s.account_id AND x.session_id = s.id AND x.by_id = me.id) AS sees,
       coalesce(s.owner_id = me.id AND me.role IN ('engineer', 'team_admin'), false) AS runs,
       coalesce(s.started_at IS NULL AND s.abandoned_at IS NULL AND me.role IN ('engineer', 'team_admin')
                AND (o.open OR s.assigned_to_id = me.id), false) AS starts,
       coalesce(s.started_at IS NULL AND s.abandoned_at IS NULL AND me.role IN ('engineer', 'team_admin')
                AND (s.prepared_by_id = me.id OR s.assigned_to_id = me.id OR me.role = 'team_admin'), false) AS prepares,
       coalesce(s.completed_at IS NULL AND s.abandoned_at IS NULL
                AND (me.role = 'team_admin' OR me.role = 'engineer' AND coalesce(s.owner_id, s.prepared_by_id) = me.id), false) AS ends,
       coalesce(me.role = 'team_admin' OR me.role = 'engineer'
                AND me.id IN (s.owner_id, s.prepared_by_id, s.assigned_to_id, h.by_id), false) AS takes_out
  FROM session s
  -- Joined, and no app_role(): as a function each use of it would be a query of its own.
  LEFT JOIN person me ON me.account_id = s.account_id AND me.id = (SELECT app_person())
  LEFT JOIN handoff h ON h.account_id = s.account_id AND h.session_id = s.id AND h.state IN ('open', 'claimed')
  LEFT JOIN handoff p ON p.account_id = s.account_id AND p.session_id = s.id AND p.state = 'parked'
 CROSS JOIN LATERAL (SELECT s.started_at IS NULL AND s.abandoned_at IS NULL AND s.assigned_to_id IS NULL
                            AND (s.team_id IS NULL OR s.team_id = me.team_id OR s.prepared_by_id = me.id
                                 OR me.role = 'team_admin') AS open) o
 CROSS JOIN (SELECT coalesce(current_setting('app.inside', true) = 'on', false) AS inside) i
 WHERE s.account_id = (SELECT app_account());
GRANT SELECT ON session_here TO rf_worker;

-- The same with the names and the texts that go with each: all of it is said here, and read by whoever may.
CREATE VIEW session_told WITH (security_invoker = true) AS
SELECT s.*, f.version AS newest, f.deleted_at IS NOT NULL OR f.archived AS retired, f.by_use,
       v.name AS flow_name, v.type, v.structure, v.intake,
       o.name AS owner_name, p.name AS preparer_name, a.name AS assignee_name, b.name AS handoff_by,
       extract(epoch FROM s.active + coalesce(now() - s.ticking_since, '0'))::bigint AS seconds,
       s.ticking_since IS NOT NULL AND s.status = 'active' AS ticking
  FROM session_here s
  JOIN flow f ON f.account_id = s.account_id AND f.id = s.flow_id
  JOIN flow_version v ON v.account_id = s.account_id AND v.flow_id = s.flow_id AND v.n = s.version
  LEFT JOIN person o ON o.account_id = s.account_id AND o.id = s.owner_id
  LEFT JOIN person p ON p.account_id = s.account_id AND p.id = s.prepared_by_id
  LEFT JOIN person a ON a.account_id = s.account_id AND a.id = s.assigned_to_id
  LEFT JOIN person b ON b.account_id = s.account_id AND b.id = s.handoff_by_id;
GRANT SELECT ON session_told TO rf_worker;

-- Refuses what is not there (or another account's), and what whoever asks may not see.
CREATE FUNCTION session_find(session uuid) RETURNS void LANGUAGE plpgsql STABLE AS $$
DECLARE
	seen boolean := (SELECT coalesce(h.sees, false) FROM session_here h WHERE h.id = $1);
BEGIN
	IF seen IS NULL THEN
		PERFORM refuse(404, 'not_found', 'There is no such session.');
	ELSIF NOT seen THEN
		PERFORM refuse(403, 'forbidden', 'This session is a colleague''s. You can read it when it is completed.');
	END IF;
END $$;

-- The time worked on a session until now.
CREATE FUNCTION session_active(s session) RETURNS interval LANGUAGE sql STABLE AS $$
	SELECT $1.active + coalesce(now() - $1.ticking_since, '0')
$$;
