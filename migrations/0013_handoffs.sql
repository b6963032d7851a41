-- Hand-offs on their way: what moves one from state to state, who is told of it, and how an account wishes it.

-- When an account works, by the clock on its own wall; a day without a row is closed, and without any it never closes.
ALTER TABLE account
	ADD zone text NOT NULL DEFAULT 'UTC' REFERENCES zone,
	ADD by_hours boolean NOT NULL DEFAULT false; -- hand-offs wait and rest in business hours only
GRANT UPDATE (zone, by_hours) ON account TO rf_worker;

CREATE TABLE business_hour (
	account_id uuid NOT NULL REFERENCES account,
	weekday int NOT NULL CHECK (weekday BETWEEN 1 AND 7), -- Monday 1
	opens time NOT NULL,
	closes time NOT NULL, -- 24:00: open until midnight
	PRIMARY KEY (account_id, weekday),
	CHECK (opens < closes)
);
SELECT wall('business_hour');
GRANT SELECT, INSERT, UPDATE, DELETE ON business_hour TO rf_worker;
GRANT SELECT ON business_hour TO rf_jobs;

-- When so many minutes of business hours have gone by.  The longest wait in the shortest week is some years of days.
CREATE FUNCTION business_until(since timestamptz, minutes int) RETURNS timestamptz LANGUAGE sql STABLE AS $$
	WITH week AS (
		SELECT sum(extract(epoch FROM closes - opens)) / 60 AS minutes FROM business_hour WHERE account_id = app_account()
	), span AS (
		SELECT greatest((that.day + h.opens) AT TIME ZONE a.zone, $1) AS opens, (that.day + h.closes) AT TIME ZONE a.zone AS closes
		  FROM account a CROSS JOIN week
		 CROSS JOIN LATERAL generate_series(0, (ceil($2 / week.minutes) * 7 + 14)::int) n
		 CROSS JOIN LATERAL (SELECT ($1 AT TIME ZONE a.zone)::date + n AS day) that
		  JOIN business_hour h ON h.account_id = a.account_id AND h.weekday = extract(isodow FROM that.day)
		 WHERE a.account_id = app_account() AND (that.day + h.closes) AT TIME ZONE a.zone > $1
	), gone AS (
		SELECT opens, closes, sum(closes - opens) OVER (ORDER BY opens) AS by_then FROM span
	)
	SELECT closes - (by_then - make_interval(mins => $2)) FROM gone
	 WHERE by_then >= make_interval(mins => $2) ORDER BY opens LIMIT 1
$$;

-- Whether the account works at that moment; NULL where it never closes.
CREATE FUNCTION is_business_hour(at timestamptz) RETURNS boolean LANGUAGE sql STABLE AS $$
	SELECT bool_or(h.weekday = extract(isodow FROM here.at) AND here.at::time >= h.opens AND here.at::time < h.closes)
	  FROM account a CROSS JOIN LATERAL (SELECT $1 AT TIME ZONE a.zone AS at) here
	  JOIN business_hour h ON h.account_id = a.account_id WHERE a.account_id = app_account()
$$;

-- When a hand-off has waited or rested so long, as the account counts it.
CREATE FUNCTION handoff_until(since timestamptz, minutes int) RETURNS timestamptz LANGUAGE plpgsql STABLE AS $$
BEGIN
	IF (SELECT a.by_hours AND EXISTS (SELECT FROM business_hour h WHERE h.account_id = a.account_id)
	      FROM account a WHERE a.account_id = app_account()) THEN
		RETURN business_until($1, $2);
	END IF;
	RETURN $1 + make_interval(mins => $2);
END $$;

-- How long one of a priority may wait for somebody, and rest with somebody who does not go on with it.
CREATE TABLE handoff_rule (
	account_id uuid NOT NULL REFERENCES account,
	priority text NOT NULL CHECK (priority IN ('low', 'normal', 'high', 'urgent')),
	wait_minutes int NOT NULL CHECK (wait_minutes BETWEEN 1 AND 10080),
	rest_minutes int NOT NULL CHECK (rest_minutes BETWEEN 5 AND 10080),
	PRIMARY KEY (account_id, priority)
);
SELECT wall('handoff_rule');
GRANT SELECT, INSERT, UPDATE ON handoff_rule TO rf_worker;
GRANT SELECT ON handoff_rule TO rf_jobs;

CREATE VIEW handoff_rules WITH (security_invoker = true) AS
SELECT d.priority, coalesce(r.wait_minutes, d.wait_minutes) AS wait_minutes, coalesce(r.rest_minutes, d.rest_minutes) AS rest_minutes, d.n
  FROM (VALUES ('low', 240, 480, 1), ('normal', 60, 120, 2), ('high', 30, 60, 3), ('urgent', 10, 30, 4)) d (priority, wait_minutes, rest_minutes, n)
  LEFT JOIN handoff_rule r ON r.account_id = (SELECT app_account()) AND r.priority = d.priority;
GRANT SELECT ON handoff_rules TO rf_worker, rf_jobs;

-- Who is told besides when one has waited too long; none: the team admins.
CREATE TABLE second_tier (
	account_id uuid NOT NULL,
	person_id uuid NOT NULL,
	PRIMARY KEY (account_id, person_id),
	FOREIGN KEY (account_id, person_id) REFERENCES person
);
SELECT wall('second_tier');
GRANT SELECT, INSERT, DELETE ON second_tier TO rf_worker;
GRANT SELECT ON second_tier TO rf_jobs;

-- What became of an escalation, step by step: the story that records and cases tell.
CREATE TABLE handoff_step (
	account_id uuid NOT NULL,
	id uuid NOT NULL DEFAULT uuid7(),
	handoff_id uuid NOT NULL,
	at timestamptz NOT NULL DEFAULT now(),
	what text NOT NULL CHECK (what IN ('created', 'claimed', 'released', 'resolved', 'cancelled')),
	person_id uuid, -- NULL: it happened by itself
	PRIMARY KEY (account_id, id),
	FOREIGN KEY (account_id, handoff_id) REFERENCES handoff ON DELETE CASCADE
);
SELECT wall('handoff_step');
CREATE INDEX handoff_step_of ON handoff_step (account_id, handoff_id, id);
GRANT SELECT, INSERT ON handoff_step TO rf_worker, rf_jobs;

-- One for each hand-off, occasion, channel and recipient.  A mail's is told by its outbox row how it goes, a call's by its
-- webhook_call.
CREATE TABLE delivery (
	account_id uuid NOT NULL,
	id uuid NOT NULL DEFAULT uuid7(),
	handoff_id uuid NOT NULL,
	occasion text NOT NULL CHECK (occasion IN ('created', 'released', 'overdue', 'claimed', 'resolved', 'cancelled')),
	round int NOT NULL,      -- how often it has been so: one can be given back several times
	channel text NOT NULL CHECK (channel IN ('email', 'inapp', 'webhook')),
	person_id uuid,
	webhook_id uuid,
	recipient text NOT NULL,
	state text NOT NULL DEFAULT 'queued' CHECK (state IN ('queued', 'sending', 'sent', 'failed', 'skipped')),
	attempts int NOT NULL DEFAULT 0,
	last_error text,
	not_before timestamptz,  -- a mail that waits for its reader's digest
	outbox_id uuid,
	call_id uuid,
	created_at timestamptz NOT NULL DEFAULT now(),
	sent_at timestamptz,
	PRIMARY KEY (account_id, id),
	FOREIGN KEY (account_id, handoff_id) REFERENCES handoff,
	FOREIGN KEY (account_id, person_id) REFERENCES person
);
SELECT wall('delivery');
CREATE UNIQUE INDEX delivery_once ON delivery (account_id, handoff_id, occasion, round, channel, coalesce(person_id, webhook_id));
CREATE INDEX delivery_by_outbox ON delivery (account_id, outbox_id) WHERE outbox_id IS NOT NULL;
CREATE INDEX delivery_by_call ON delivery (account_id, call_id) WHERE call_id IS NOT NULL;
CREATE INDEX delivery_waiting ON delivery (account_id, handoff_id) WHERE state = 'queued';
CREATE INDEX delivery_held ON delivery (account_id, not_before) WHERE state = 'queued' AND not_before IS NOT NULL;
GRANT SELECT, INSERT, UPDATE ON delivery TO rf_worker, rf_jobs;

-- Whom an occasion concerns: colleagues of something that waits, the one who handed it off of what became of it.
CREATE FUNCTION delivery_people(h handoff, occasion text) RETURNS TABLE (person uuid, event text)
	LANGUAGE sql STABLE AS $$
	SELECT p.id, CASE $2 WHEN 'overdue' THEN 'overdue' ELSE 'escalation' END
	  FROM person p
	 WHERE p.account_id = ($1).account_id AND p.active AND p.deleted_at IS NULL AND p.role IN ('engineer', 'team_admin')
	   AND p.id <> ($1).by_id AND p.id IS DISTINCT FROM app_person()
	   AND $2 IN ('created', 'released', 'overdue')
	   AND (($1).to_id IS NULL OR p.id = ($1).to_id OR $2 = 'overdue' OR ($1).overdue_at IS NOT NULL)
	UNION ALL
	SELECT p.id, 'answer' FROM person p
	 WHERE p.account_id = ($1).account_id AND p.id = ($1).by_id AND p.active AND p.deleted_at IS NULL
	   AND p.id IS DISTINCT FROM app_person() AND $2 IN ('claimed', 'released', 'resolved', 'cancelled')
$$;

-- Who is told at once of what nobody took in time: those chosen, or where none of them is there the team admins.
CREATE FUNCTION is_second_tier(p person) RETURNS boolean LANGUAGE sql STABLE AS $$
	SELECT CASE WHEN EXISTS (SELECT FROM second_tier t JOIN person q ON q.account_id = t.account_id AND q.id = t.person_id
	                          WHERE t.account_id = ($1).account_id AND q.active AND q.deleted_at IS NULL)
	       THEN EXISTS (SELECT FROM second_tier t WHERE t.account_id = ($1).account_id AND t.person_id = ($1).id)
	       ELSE ($1).role = 'team_admin' END
$$;

-- The record of who is to be told of it, in one statement; what can fail comes after the commit.  What nobody took in
-- time is told inside the product to whoever can take it; mails that somebody turned off stay off.
CREATE FUNCTION delivery_add(handoff uuid, occasion text) RETURNS void LANGUAGE sql AS $$
	WITH nth AS (
		SELECT coalesce(max(d.round), 0) + 1 AS n FROM delivery d
		 WHERE d.account_id = app_account() AND d.handoff_id = $1 AND d.occasion = $2
	)
	INSERT INTO delivery (account_id, handoff_id, occasion, round, channel, person_id, webhook_id, recipient, state, last_error, not_before)
	SELECT app_account(), $1, $2, nth.n, w.channel, p.id, NULL::uuid, CASE w.channel WHEN 'email' THEN p.email ELSE p.name END,
	       CASE WHEN off THEN 'skipped' ELSE 'queued' END, CASE WHEN off THEN 'turned off by the recipient' END,
	       CASE WHEN w.channel = 'email' AND NOT ($2 = 'overdue' AND is_second_tier(p))
	            THEN nullif(mail_at(p.id, w.wish, h.priority = 'urgent', now()), now()) END
	  FROM handoff h CROSS JOIN nth CROSS JOIN LATERAL delivery_people(h, $2) c
	  JOIN person p ON p.account_id = app_account() AND p.id = c.person
	  JOIN wish w ON w.account_id = app_account() AND w.person_id = p.id AND w.event = c.event
	 CROSS JOIN LATERAL (SELECT w.wish = 'off' AND NOT ($2 = 'overdue' AND w.channel = 'inapp') AS off) wishes
	 WHERE h.account_id = app_account() AND h.id = $1
	UNION ALL
	SELECT app_account(), $1, $2, nth.n, 'webhook', NULL, k.id, k.name, 'queued', NULL, NULL
	  FROM nth, webhook k WHERE k.account_id = app_account() AND k.active AND 'handoff_' || $2 = ANY (k.events)
$$;

-- What waits to be told: of that hand-off; or, where none is named, what was held back until now.
-- Whoever tells holds the hand-off first, so that whoever moves it on comes before its mails are there, or after: both
-- need the mail, then its delivery.
CREATE FUNCTION delivery_due(handoff uuid, channel text) RETURNS SETOF delivery LANGUAGE sql AS $$
	SELECT FROM handoff h
	 WHERE h.account_id = app_account() AND (h.id = $1 OR $1 IS NULL AND h.id IN (
		SELECT d.handoff_id FROM delivery d WHERE d.account_id = app_account() AND d.state = 'queued' AND d.not_before <= now()))
	 ORDER BY h.id FOR SHARE;

	SELECT d.* FROM delivery d
	 WHERE d.account_id = app_account() AND d.state = 'queued' AND d.channel = $2 AND d.outbox_id IS NULL AND d.call_id IS NULL
	   AND (d.handoff_id = $1 AND d.not_before IS NULL OR $1 IS NULL AND d.not_before <= now())
	 ORDER BY d.id FOR UPDATE
$$;

-- What is still to be sent need not be sent any more; what is being sent is not tried again.  Whoever sends locks the mail
-- first, then its delivery, and so does this.
CREATE FUNCTION delivery_skip(handoff uuid, why text) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
	stale CONSTANT text[] := ARRAY['created', 'released', 'overdue'];
BEGIN
	PERFORM FROM outbox o WHERE o.account_id = app_account() AND o.id IN (
		SELECT d.outbox_id FROM delivery d WHERE d.account_id = app_account() AND d.handoff_id = $1 AND d.occasion = ANY (stale)
		   AND d.state IN ('queued', 'sending')) ORDER BY o.id FOR NO KEY UPDATE;
	PERFORM FROM webhook_call c WHERE c.account_id = app_account() AND c.id IN (
		SELECT d.call_id FROM delivery d WHERE d.account_id = app_account() AND d.handoff_id = $1 AND d.occasion = ANY (stale)
		   AND d.state IN ('queued', 'sending')) ORDER BY c.id FOR NO KEY UPDATE;
	UPDATE delivery d SET state = 'skipped', last_error = $2
	 WHERE d.account_id = app_account() AND d.handoff_id = $1 AND d.state = 'queued' AND d.occasion = ANY (stale);
	UPDATE outbox o SET unwanted = true, state = CASE o.state WHEN 'queued' THEN 'skipped' ELSE o.state END
	 WHERE o.account_id = app_account() AND o.state IN ('queued', 'sending') AND o.id IN (
		SELECT d.outbox_id FROM delivery d WHERE d.account_id = app_account() AND d.handoff_id = $1 AND d.occasion = ANY (stale))
	   -- A digest that tells of others as well goes all the same.
	   AND NOT EXISTS (SELECT FROM delivery d WHERE d.account_id = o.account_id AND d.outbox_id = o.id
	                      AND d.handoff_id <> $1 AND d.state <> 'skipped');
	UPDATE webhook_call c SET unwanted = true, state = CASE c.state WHEN 'queued' THEN 'skipped' ELSE c.state END
	 WHERE c.account_id = app_account() AND c.state IN ('queued', 'sending') AND c.id IN (
		SELECT d.call_id FROM delivery d WHERE d.account_id = app_account() AND d.handoff_id = $1 AND d.occasion = ANY (stale));
END $$;

-- How a mail or a call goes is copied as it is written, by a program that may be in no account.  What nobody needs any
-- more keeps its reason, unless it went out all the same.
CREATE FUNCTION delivery_follows() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
	was text := coalesce(current_setting('app.account', true), '');
BEGIN
	PERFORM set_config('app.account', NEW.account_id::text, true);
	UPDATE delivery d SET state = NEW.state, attempts = NEW.attempts, last_error = NEW.last_error, sent_at = NEW.sent_at
	 WHERE d.account_id = NEW.account_id AND (d.outbox_id = NEW.id OR d.call_id = NEW.id)
	   AND (d.state <> 'skipped' OR NEW.state = 'sent');
	PERFORM set_config('app.account', was, true);
	RETURN NULL;
END $$;
CREATE TRIGGER delivery_follows AFTER UPDATE OF state, attempts ON outbox
	FOR EACH ROW WHEN (OLD.state <> NEW.state OR OLD.attempts <> NEW.attempts) EXECUTE FUNCTION delivery_follows();
CREATE TRIGGER delivery_follows AFTER UPDATE OF state, attempts ON webhook_call
	FOR EACH ROW WHEN (OLD.state <> NEW.state OR OLD.attempts <> NEW.attempts) EXECUTE FUNCTION delivery_follows();

-- Hand-offs as whoever asks sees them.
CREATE VIEW handoff_here WITH (security_invoker = true) AS
SELECT h.*, b.name AS by_name, t.name AS to_name, c.name AS claimer_name,
       v.name AS flow_name, v.intake, s.version, s.variables, s.client, s.ticket, coalesce(n.title, '') AS step,
       s.updated_at AS session_moved_at,
       EXISTS (SELECT FROM handoff a WHERE a.account_id = h.account_id AND a.session_id = h.session_id AND a.state = 'parked') AS aside
  FROM handoff h
  JOIN session s ON s.account_id = h.account_id AND s.id = h.session_id
  JOIN flow_version v ON v.account_id = s.account_id AND v.flow_id = s.flow_id AND v.n = s.version
  JOIN person b ON b.account_id = h.account_id AND b.id = h.by_id
  LEFT JOIN person t ON t.account_id = h.account_id AND t.id = h.to_id
  LEFT JOIN person c ON c.account_id = h.account_id AND c.id = h.claimer_id
  LEFT JOIN visit n ON n.account_id = h.account_id AND n.session_id = h.session_id AND n.n = h.visit
 WHERE h.account_id = (SELECT app_account());
GRANT SELECT ON handoff_here TO rf_worker, rf_jobs;

-- The same in the order in which the program reads a row of it.
CREATE VIEW handoff_row WITH (security_invoker = true) AS
SELECT h.id, h.session_id AS session, h.intent, h.state, h.reason, h.tried, h.priority, h.by_id AS by, h.by_name, h.to_id AS to, h.to_name,
       h.claimer_id AS claimer, h.claimer_name, h.created_at, h.claimed_at, h.ended_at, h.due_at, h.overdue_at, h.wake_at, h.resolution,
       h.flow_id AS flow, h.version, h.flow_name, h.intake, h.variables, h.client, h.ticket, h.visit, h.step,
       CASE h.state WHEN 'open' THEN h.due_at
            WHEN 'claimed' THEN handoff_until(CASE WHEN h.aside THEN now() ELSE greatest(h.claimed_at, h.session_moved_at) END, r.rest_minutes)
       END AS watch_at
  FROM handoff_here h LEFT JOIN handoff_rules r ON r.priority = h.priority;
GRANT SELECT ON handoff_row TO rf_worker, rf_jobs;

-- To whom it returns: whoever handed it off; where they are away, whoever has it, else whoever withdraws or gives it back.
-- Nobody who is away gets a session back: one that still waits is the queue's, and one whose people are all away is for the
-- account's admins to hand to somebody.
CREATE FUNCTION handoff_heir(h handoff, owner uuid) RETURNS uuid LANGUAGE sql STABLE AS $$
	SELECT coalesce((SELECT p.id FROM person p
	                  WHERE p.account_id = app_account() AND p.id IN (($1).by_id, $2, app_person()) AND p.active AND p.deleted_at IS NULL
	                    AND p.role IN ('engineer', 'team_admin')
	                  ORDER BY array_position(ARRAY[($1).by_id, $2, app_person()], p.id) LIMIT 1), ($1).by_id)
$$;

-- One edge of the table of states, which stands in the program (fcgi/handoffs/states.c): conditional, so that of many at
-- once one wins.  The session goes with it: whose it is, and whether its clock runs.  Where it returns to whoever handed it
-- off, what the other laid aside is taken up again.
CREATE FUNCTION handoff_move(handoff uuid, before text, after text, resolution text, returns boolean) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
	h handoff;
BEGIN
	UPDATE handoff AS x SET state = $3,
	       claimer_id = CASE $3 WHEN 'claimed' THEN app_person() WHEN 'open' THEN NULL ELSE x.claimer_id END,
	       claimed_at = CASE $3 WHEN 'claimed' THEN now() WHEN 'open' THEN NULL ELSE x.claimed_at END,
	       first_claimed_at = CASE $3 WHEN 'claimed' THEN coalesce(x.first_claimed_at, now()) ELSE x.first_claimed_at END,
	       due_at = CASE WHEN $2 = 'claimed' AND $3 = 'open' THEN (SELECT handoff_until(now(), r.wait_minutes)
	                FROM handoff_rules r WHERE r.priority = x.priority) END,
	       overdue_at = CASE WHEN $2 = 'open' AND $3 = 'open' THEN now() END,
	       was_overdue = x.was_overdue OR $2 = 'open' AND $3 = 'open',
	       resolution = coalesce($4, x.resolution),
	       ended_at = CASE WHEN $3 IN ('resolved', 'cancelled', 'resumed') THEN now() END
	 WHERE x.account_id = app_account() AND x.id = $1 AND x.state = $2 RETURNING * INTO h;
	IF NOT FOUND THEN
		RETURN false;
	END IF;
	IF $2 <> $3 THEN
		UPDATE session s SET owner_id = CASE WHEN $5 THEN handoff_heir(h, s.owner_id) WHEN $3 = 'claimed' THEN h.claimer_id ELSE s.owner_id END,
		       active = session_active(s), ticking_since = CASE WHEN $3 IN ('claimed', 'resumed') THEN now()
		       WHEN $3 = 'resolved' AND NOT $5 THEN s.ticking_since END, updated_at = now(), revision = revision + 1
		 WHERE s.account_id = app_account() AND s.id = h.session_id AND s.completed_at IS NULL AND s.abandoned_at IS NULL;
	END IF;
	IF $5 THEN
		UPDATE handoff AS x SET state = 'resumed', ended_at = now()
		 WHERE x.account_id = app_account() AND x.session_id = h.session_id AND x.state = 'parked';
	END IF;
	RETURN true;
END $$;
GRANT UPDATE (owner_id, active, ticking_since, updated_at, revision) ON session TO rf_jobs;

-- What is counted of hand-offs; first: whoever has it is the first who took it.
CREATE VIEW escalation WITH (security_invoker = true) AS
SELECT h.session_id, h.flow_id, h.node_id, h.visit, h.state, h.was_overdue, h.by_id, h.claimer_id, h.created_at,
       h.claimed_at = h.first_claimed_at AS first, h.claim_seconds, h.resolve_seconds
  FROM handoff h WHERE h.account_id = (SELECT app_account()) AND h.intent = 'escalate';
GRANT SELECT ON escalation TO rf_worker;
