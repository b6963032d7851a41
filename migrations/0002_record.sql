-- What happened: the audit log, the numbered events that streams carry, and notices to people.

-- The log, a table a month, so that what has been kept long enough goes at once.  Append-only: no program's role may UPDATE
-- or DELETE, nor say by itself what time it is; 0020_audit.sql seals what is here.  No foreign key: a month comes and goes
-- without a lock on the accounts, and the wall lets nobody write but into the account in which they are.
CREATE TABLE audit (
	account_id uuid NOT NULL,
	id uuid NOT NULL DEFAULT uuid7(),
	at timestamptz NOT NULL DEFAULT now(),
	actor_id uuid,
	action text NOT NULL,
	object text NOT NULL,
	object_id uuid,
	before jsonb,
	after jsonb,
	address text,
	agent text,
	request_id text,
	PRIMARY KEY (account_id, id, at)
) PARTITION BY RANGE (at);
SELECT wall('audit');
CREATE INDEX audit_by_actor ON audit (account_id, actor_id, id);
-- Entries of no person: the index above does not tell that they are in order.
CREATE INDEX audit_by_nobody ON audit (account_id, id) WHERE actor_id IS NULL;
CREATE INDEX audit_by_action ON audit (account_id, action, id);
CREATE INDEX audit_by_kind ON audit (account_id, object, id);
CREATE INDEX audit_by_object ON audit (account_id, object_id, id) WHERE object_id IS NOT NULL;
GRANT SELECT, INSERT (account_id, actor_id, action, object, object_id, before, after, address, agent, request_id)
	ON audit TO rf_worker, rf_jobs, doorman;

-- What no month is there for: an entry is never refused.
CREATE TABLE audit_rest PARTITION OF audit DEFAULT;
SELECT wall('audit_rest');

-- One month, behind the wall as well.  Attached, since that lets others write meanwhile; false where that month's entries
-- have begun in audit_rest, and then they stay there.
CREATE FUNCTION audit_month(first date) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
	part text := to_char($1, '"public.audit_"YYYY_MM');
BEGIN
	IF to_regclass(part) IS NOT NULL THEN
		RETURN true;
	END IF;
	EXECUTE format('CREATE TABLE %s (LIKE public.audit INCLUDING DEFAULTS)', part);
	PERFORM wall(part::regclass);
	EXECUTE format('ALTER TABLE public.audit ATTACH PARTITION %s FOR VALUES FROM (%L) TO (%L)', part,
	               $1 || ' 00:00+00', ($1 + interval '1 month')::date || ' 00:00+00');
	RETURN true;
EXCEPTION WHEN check_violation THEN
	RETURN false;
END $$;

-- This month and the next two.
CREATE FUNCTION audit_months() RETURNS void LANGUAGE sql SECURITY DEFINER
	SET search_path = pg_catalog, public, pg_temp SET lock_timeout = '2s' AS $$
	SELECT audit_month((date_trunc('month', now() AT TIME ZONE 'UTC') + n * interval '1 month')::date)
	  FROM generate_series(0, 2) AS n
$$;
REVOKE ALL ON FUNCTION audit_months(), audit_month(date) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION audit_months() TO rf_jobs;
SELECT audit_months();

-- One counter an account, raised under its row lock as the last statement before the commit, so that numbers
-- are in the order of commits and without gaps.
CREATE TABLE feed (
	account_id uuid PRIMARY KEY REFERENCES account,
	seq bigint NOT NULL DEFAULT 0
);
SELECT wall('feed');
GRANT SELECT, INSERT, UPDATE (seq) ON feed TO rf_worker, rf_jobs, doorman;
GRANT SELECT ON feed TO rf_hub;
CREATE POLICY hub ON feed FOR SELECT TO rf_hub USING (true);

CREATE TABLE event (
	account_id uuid NOT NULL REFERENCES account,
	seq bigint NOT NULL,
	topic text NOT NULL CHECK (topic IN ('sign_in', 'notice', 'escalation')),
	type text NOT NULL,
	user_id uuid,    -- NULL: for everyone in the account who hears the topic
	sign_in_id uuid, -- NULL: for every sign-in
	payload jsonb NOT NULL,
	created_at timestamptz NOT NULL DEFAULT now(),
	PRIMARY KEY (account_id, seq)
);
SELECT wall('event');
CREATE INDEX event_by_age ON event (created_at);
GRANT SELECT, INSERT ON event TO rf_worker, rf_jobs, doorman;
GRANT SELECT ON event TO rf_hub;
CREATE POLICY hub ON event FOR SELECT TO rf_hub USING (true);
CREATE POLICY sweep ON event FOR DELETE TO rf_jobs USING (created_at < now() - interval '7 days');
CREATE POLICY sweep_see ON event FOR SELECT TO rf_jobs USING (created_at < now() - interval '7 days');
GRANT DELETE ON event TO rf_jobs;

CREATE FUNCTION event_add(topic text, type text, user_id uuid, sign_in_id uuid, payload jsonb)
	RETURNS void LANGUAGE sql AS $$
	WITH number AS (
		INSERT INTO feed AS f (account_id, seq) VALUES (app_account(), 1)
		ON CONFLICT (account_id) DO UPDATE SET seq = f.seq + 1
		RETURNING f.seq
	)
	INSERT INTO event (account_id, seq, topic, type, user_id, sign_in_id, payload)
	SELECT app_account(), seq, $1, $2, $3, $4, $5 FROM number
$$;

CREATE FUNCTION audit_add(action text, object text, object_id uuid, before jsonb, after jsonb,
                          address text, agent text, request_id text)
	RETURNS void LANGUAGE sql AS $$
	INSERT INTO audit (account_id, actor_id, action, object, object_id, before, after, address, agent, request_id)
	VALUES (app_account(), app_person(), $1, $2, $3, $4, $5, $6, $7, $8)
$$;

CREATE TABLE notice (
	account_id uuid NOT NULL REFERENCES account,
	id uuid NOT NULL DEFAULT uuid7(),
	person_id uuid NOT NULL,
	text text NOT NULL,
	link text NOT NULL DEFAULT '',
	created_at timestamptz NOT NULL DEFAULT now(),
	read_at timestamptz,
	PRIMARY KEY (account_id, id)
);
SELECT wall('notice');
CREATE INDEX notice_by_person ON notice (account_id, person_id, id);
CREATE INDEX notice_unread ON notice (account_id, person_id) WHERE read_at IS NULL;
GRANT SELECT, INSERT, UPDATE (read_at) ON notice TO rf_worker, rf_jobs, doorman;

-- Tells the open pages of a person how many notices wait.
CREATE FUNCTION notice_count(person uuid, type text) RETURNS void LANGUAGE sql AS $$
	SELECT event_add('notice', $2, $1, NULL, jsonb_build_object('unread',
		(SELECT count(*) FROM (SELECT FROM notice n
		  WHERE n.account_id = app_account() AND n.person_id = $1 AND n.read_at IS NULL LIMIT 100) found)))
$$;

-- Tells a person; the text is for the page of notices only.
CREATE FUNCTION notice_add(person uuid, text text, link text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
	INSERT INTO notice (account_id, person_id, text, link) VALUES (app_account(), $1, $2, $3);
	PERFORM notice_count($1, 'notice');
END $$;

-- Marks one of that person's notices as read, or all of them.
CREATE FUNCTION notice_read(person uuid, which uuid) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
	UPDATE notice n SET read_at = now()
	 WHERE n.account_id = app_account() AND n.person_id = $1 AND n.read_at IS NULL AND ($2 IS NULL OR n.id = $2);
	IF FOUND THEN
		PERFORM notice_count($1, 'notice_read');
	END IF;
END $$;

-- Many at once, in the order of both lists; each reader's open pages hear of theirs.
CREATE FUNCTION notices_add(people uuid[], texts text[], link text) RETURNS void LANGUAGE sql AS $$
	INSERT INTO notice (account_id, person_id, text, link)
	SELECT app_account(), one.person, one.text, $3 FROM unnest($1, $2) AS one (person, text);

	WITH reader AS (
		SELECT DISTINCT person FROM unnest($1) AS person
	), numbers AS (
		INSERT INTO feed AS f (account_id, seq) SELECT app_account(), count(*) FROM reader
		ON CONFLICT (account_id) DO UPDATE SET seq = f.seq + EXCLUDED.seq
		RETURNING f.seq
	)
	INSERT INTO event (account_id, seq, topic, type, user_id, payload)
	SELECT app_account(), numbers.seq + 1 - row_number() OVER (ORDER BY person DESC), 'notice', 'notice', person,
	       jsonb_build_object('unread', (SELECT count(*) FROM (SELECT FROM notice n
	         WHERE n.account_id = app_account() AND n.person_id = person AND n.read_at IS NULL LIMIT 100) found))
	  FROM reader CROSS JOIN numbers
$$;
