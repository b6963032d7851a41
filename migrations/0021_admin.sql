-- An account as a whole: how long it keeps sessions, its archive, and its end.  docs/retention.md says what becomes of
-- each thing.

ALTER TABLE account
	ADD retain_days int CHECK (retain_days BETWEEN 30 AND 3650), -- after a session's end; NULL: for ever
	ADD retain_way text NOT NULL DEFAULT 'delete' CHECK (retain_way IN ('delete', 'anonymise')),
	ADD retained_at timestamptz,  -- when that was last done to the end
	ADD closing_by uuid,          -- whose wish closing_at was; NULL: the operator's
	ADD closing_told_at timestamptz, -- when its admins were reminded of it
	ADD erasing_at timestamptz;   -- since when its rows are taken away: there is no way back
GRANT UPDATE (retain_days, retain_way, retained_at, closing_at, closing_by, closing_told_at) ON account TO rf_worker;
GRANT UPDATE (closing_told_at) ON account TO rf_jobs;

-- ---- sessions that have ended ----

ALTER TABLE session
	ADD ended_at timestamptz GENERATED ALWAYS AS (coalesce(completed_at, abandoned_at)) STORED,
	ADD anonymised_at timestamptz;
CREATE INDEX session_ended ON session (account_id, ended_at, flow_id) WHERE ended_at IS NOT NULL AND anonymised_at IS NULL;
CREATE INDEX session_anonymised ON session (account_id, ended_at, flow_id) WHERE ended_at IS NOT NULL AND anonymised_at IS NOT NULL;

-- What is kept all the same, by whom and why.
CREATE TABLE session_hold (
	account_id uuid NOT NULL,
	session_id uuid NOT NULL,
	person_id uuid NOT NULL,
	reason text NOT NULL CHECK (length(reason) BETWEEN 1 AND 500),
	at timestamptz NOT NULL DEFAULT now(),
	PRIMARY KEY (account_id, session_id),
	FOREIGN KEY (account_id, session_id) REFERENCES session,
	FOREIGN KEY (account_id, person_id) REFERENCES person
);
SELECT wall('session_hold');
GRANT SELECT, INSERT, DELETE ON session_hold TO rf_worker;
GRANT SELECT ON session_hold TO rf_jobs;

-- Those whose time is up, after so many days; those that are anonymised have only to be deleted.  Written into the query
-- it stands in.
CREATE FUNCTION session_past(days int, way text) RETURNS TABLE (id uuid, flow_id uuid, ended_at timestamptz) LANGUAGE sql STABLE AS $$
	SELECT s.id, s.flow_id, s.ended_at FROM (
		SELECT * FROM session s WHERE s.account_id = (SELECT app_account()) AND s.ended_at IS NOT NULL AND s.anonymised_at IS NULL
		UNION ALL
		SELECT * FROM session s WHERE s.account_id = (SELECT app_account()) AND s.ended_at IS NOT NULL AND s.anonymised_at IS NOT NULL
		   AND $2 = 'delete') s
	 WHERE s.ended_at < now() - make_interval(days => $1)
	   AND NOT EXISTS (SELECT FROM session_hold k WHERE k.account_id = s.account_id AND k.session_id = s.id)
	   AND NOT EXISTS (SELECT FROM handoff h WHERE h.account_id = s.account_id AND h.session_id = s.id
	                      AND h.state IN ('open', 'claimed', 'parked'))
$$;

-- What was done, a row a run: it is added to with each of its steps.
CREATE TABLE retention_run (
	account_id uuid NOT NULL REFERENCES account,
	id uuid NOT NULL DEFAULT uuid7(),
	days int NOT NULL,
	way text NOT NULL,
	sessions bigint NOT NULL DEFAULT 0,
	began_at timestamptz NOT NULL DEFAULT now(),
	ended_at timestamptz,
	PRIMARY KEY (account_id, id)
);
SELECT wall('retention_run');
CREATE UNIQUE INDEX retention_run_now ON retention_run (account_id) WHERE ended_at IS NULL;
GRANT SELECT ON retention_run TO rf_worker, rf_jobs;

-- ---- the archive ----

CREATE TABLE archive (
	account_id uuid NOT NULL REFERENCES account,
	id uuid NOT NULL,
	person_id uuid NOT NULL,
	state text NOT NULL DEFAULT 'queued' CHECK (state IN ('queued', 'running', 'done', 'failed', 'deleted')),
	asked_at timestamptz NOT NULL DEFAULT now(),
	ended_at timestamptz,
	lease_until timestamptz, -- from then on another process may begin it anew
	lease_by text,
	attempts int NOT NULL DEFAULT 0,
	part text NOT NULL DEFAULT '', -- what is being written
	total bigint NOT NULL DEFAULT 0, -- sessions
	made bigint NOT NULL DEFAULT 0,
	bytes bigint NOT NULL DEFAULT 0,
	why text NOT NULL DEFAULT '', -- of a failed one
	PRIMARY KEY (account_id, id),
	FOREIGN KEY (account_id, person_id) REFERENCES person
);
SELECT wall('archive');
CREATE UNIQUE INDEX archive_now ON archive (account_id) WHERE state IN ('queued', 'running');
GRANT SELECT, INSERT ON archive TO rf_worker;
GRANT UPDATE (state) ON archive TO rf_worker;
GRANT SELECT, UPDATE ON archive TO rf_jobs;
GRANT SELECT ON archive TO doorman;
CREATE POLICY door ON archive FOR SELECT TO doorman USING (true);
GRANT SELECT ON visit_note, export, share, share_view, webhook, pin, folder, folder_flow TO rf_jobs;
GRANT SELECT (account_id, id, role, team_id, email, max_uses, uses, expires_at, revoked_at, created_by, created_at) ON invite TO rf_jobs;

-- A line for spreadsheets; what one of them would take for a formula begins with an apostrophe.
CREATE FUNCTION csv_line(VARIADIC fields text[]) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
	SELECT string_agg(CASE WHEN f ~ '[",\r\n]' THEN '"' || replace(f, '"', '""') || '"' ELSE f END, ',' ORDER BY n) || E'\r\n'
	  FROM (SELECT n, CASE WHEN coalesce(f, '') ~ '^[=+@\t\r-]' THEN '''' || f ELSE coalesce(f, '') END AS f
	          FROM unnest($1) WITH ORDINALITY AS u (f, n)) x
$$;

-- A text in which each [VAR:name] that is filled in stands as its value.
CREATE FUNCTION told_with(t text, variables jsonb) RETURNS text LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
	one record;
BEGIN
	IF strpos($1, '[VAR:') > 0 THEN
		FOR one IN SELECT key, value FROM jsonb_each_text($2) WHERE value IS NOT NULL LOOP
			$1 := replace($1, '[VAR:' || one.key || ']', one.value);
		END LOOP;
	END IF;
	RETURN $1;
END $$;

-- ---- its end ----

-- What remains of an account that was erased: that it was there, and when it went.
CREATE TABLE account_erased (
	id uuid PRIMARY KEY,
	created_at timestamptz NOT NULL,
	began_at timestamptz NOT NULL,
	ended_at timestamptz NOT NULL DEFAULT now()
);
GRANT INSERT ON account_erased TO eraser;
GRANT SELECT ON account_erased TO rf_worker, rf_jobs;

-- By its owner, or a team admin where it has none that can sign in.  Of two at once one is refused.
CREATE FUNCTION account_close(name text, days int) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
	here account;
BEGIN
	SELECT * INTO here FROM account a WHERE a.account_id = app_account() FOR NO KEY UPDATE;
	IF EXISTS (SELECT FROM person p WHERE p.account_id = app_account() AND p.is_owner AND p.active AND p.deleted_at IS NULL
	              AND p.id <> app_person()) THEN
		PERFORM refuse(403, 'not_owner', 'Only the owner of the account can close it. Ask them.');
	ELSIF EXISTS (SELECT FROM person p WHERE p.account_id = app_account() AND p.role = 'super_admin' AND p.deleted_at IS NULL) THEN
		PERFORM refuse(409, 'platform_account', 'This account runs the platform. It can''t be closed.');
	ELSIF here.closing_at IS NOT NULL THEN
		PERFORM refuse(409, 'already_closing', 'This account is being closed already.');
	ELSIF btrim($1) <> here.name THEN
		PERFORM refuse(422, 'wrong_name', 'This is not the name of the account.');
	END IF;
	UPDATE account a SET closing_at = now() + make_interval(days => $2), closing_by = app_person(), closing_told_at = NULL
	 WHERE a.account_id = app_account();
END $$;

CREATE FUNCTION account_keep() RETURNS void LANGUAGE plpgsql AS $$
BEGIN
	UPDATE account a SET closing_at = NULL, closing_by = NULL, closing_told_at = NULL
	 WHERE a.account_id = app_account() AND a.closing_at > now() AND a.erasing_at IS NULL;
	IF NOT FOUND THEN
		PERFORM refuse(409, 'not_closing', 'This account is not being closed, or it is too late to call it off.');
	END IF;
END $$;

-- ---- what the jobs program finds to do, in whichever account ----

SET LOCAL ROLE doorman;

-- In which account there is something of that sort to do: at most one, by chance one of those that wait.
CREATE FUNCTION door.custody_due(what text) RETURNS TABLE (account_id uuid)
	LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
	SELECT a.account_id FROM account a
	 WHERE CASE $1
	       WHEN 'end' THEN a.closing_at <= now() AND a.erasing_at IS NULL
	       WHEN 'erase' THEN a.erasing_at IS NOT NULL
	       WHEN 'remind' THEN a.closing_at <= now() + interval '3 days' AND a.closing_at > now() AND a.closing_told_at IS NULL
	       WHEN 'retain' THEN a.retain_days IS NOT NULL AND a.erasing_at IS NULL
	                          AND coalesce(a.retained_at, '-infinity') < now() - interval '1 day'
	       WHEN 'archive' THEN a.erasing_at IS NULL AND EXISTS (SELECT FROM archive r WHERE r.account_id = a.account_id
	                          AND (r.state = 'queued' OR r.state = 'running' AND r.lease_until <= now()))
	       WHEN 'expire' THEN EXISTS (SELECT FROM archive r WHERE r.account_id = a.account_id AND r.state = 'done'
	                          AND r.ended_at <= now() - interval '7 days')
	       END
	 ORDER BY random() LIMIT 1
$$;

-- Whoever looks into an account that goes is at home again.
CREATE FUNCTION door.looked_into_no_more(account uuid) RETURNS void
	LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
	UPDATE sign_in SET inside_id = NULL, inside_at = NULL WHERE inside_id = $1
$$;
REVOKE ALL ON FUNCTION door.custody_due, door.looked_into_no_more FROM PUBLIC;
GRANT EXECUTE ON FUNCTION door.custody_due TO rf_jobs;
GRANT EXECUTE ON FUNCTION door.looked_into_no_more TO eraser;

SET LOCAL ROLE rf_owner;

GRANT USAGE ON SCHEMA door TO eraser;
CREATE SCHEMA custody AUTHORIZATION eraser;
GRANT USAGE ON SCHEMA custody TO rf_worker, rf_jobs; -- whoever prepares statements; to run them is the jobs program's alone
GRANT UPDATE ON session, visit, handoff TO eraser;
GRANT UPDATE (retained_at, erasing_at, suspended_at, closing_at, closing_by) ON account TO eraser;
GRANT INSERT, UPDATE ON retention_run TO eraser;
GRANT SELECT ON limit_kind, plan_limit, plan TO eraser; -- what goes makes room
GRANT INSERT, UPDATE (used) ON plan_use TO eraser;
GRANT INSERT ON person, audit TO eraser;
GRANT UPDATE ON sign_in TO eraser;
GRANT INSERT, UPDATE ON feed TO eraser;
GRANT INSERT ON event TO eraser;

SET LOCAL ROLE eraser;

-- The one who stands for all whose names were taken out: nobody can sign in as them.
CREATE FUNCTION custody.nobody() RETURNS uuid LANGUAGE plpgsql AS $$
DECLARE
	address CONSTANT text := 'nobody@' || app_account() || '.invalid';
	found uuid := (SELECT p.id FROM person p WHERE p.account_id = app_account() AND lower(p.email) = address);
BEGIN
	IF found IS NULL THEN
		found := uuid7();
		INSERT INTO person (account_id, id, email, name, role, password_hash, active, deleted_at)
		VALUES (app_account(), found, address, 'Somebody', 'viewer', '', false, now());
	END IF;
	RETURN found;
END $$;

-- A session's path and times stay; what tells of people and clients goes.
CREATE FUNCTION custody.anonymise(sessions uuid[]) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
	nobody CONSTANT uuid := custody.nobody();
BEGIN
	UPDATE visit v SET notes = '', person_id = CASE WHEN v.person_id IS NOT NULL THEN nobody END,
	       skip_reason = CASE WHEN v.skip_reason IS NOT NULL THEN '' END
	 WHERE v.account_id = app_account() AND v.session_id = ANY ($1);
	UPDATE handoff h SET reason = '', tried = '', resolution = '', by_id = nobody,
	       to_id = CASE WHEN h.to_id IS NOT NULL THEN nobody END, claimer_id = CASE WHEN h.claimer_id IS NOT NULL THEN nobody END
	 WHERE h.account_id = app_account() AND h.session_id = ANY ($1);
	UPDATE session s SET owner_id = CASE WHEN s.owner_id IS NOT NULL THEN nobody END,
	       prepared_by_id = CASE WHEN s.prepared_by_id IS NOT NULL THEN nobody END,
	       assigned_to_id = CASE WHEN s.assigned_to_id IS NOT NULL THEN nobody END, team_id = NULL,
	       ticket = '', client = '', variables = '{}', scratchpad = '', summary = '', stored = 0,
	       anonymised_at = now(), revision = s.revision + 1
	 WHERE s.account_id = app_account() AND s.id = ANY ($1);
END $$;

-- Takes what hangs on these sessions, and on their hand-offs; of those that are to go altogether, all of it.
CREATE FUNCTION custody.strip(sessions uuid[], whole boolean) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
	handoffs CONSTANT uuid[] := ARRAY(SELECT h.id FROM handoff h WHERE h.account_id = app_account() AND h.session_id = ANY ($1));
	shares CONSTANT uuid[] := ARRAY(SELECT s.id FROM share s WHERE s.account_id = app_account() AND s.session_id = ANY ($1));
BEGIN
	DELETE FROM share_view v WHERE v.account_id = app_account() AND v.share_id = ANY (shares);
	DELETE FROM share s WHERE s.account_id = app_account() AND s.id = ANY (shares);
	DELETE FROM export e WHERE e.account_id = app_account() AND e.session_id = ANY ($1);
	DELETE FROM delivery d WHERE d.account_id = app_account() AND d.handoff_id = ANY (handoffs);
	DELETE FROM notice n WHERE n.account_id = app_account()
	   AND substring(n.link FROM '^/(?:sessions|escalations)/([0-9a-f-]{36})')::uuid = ANY ($1 || handoffs);
	DELETE FROM visit_note v WHERE v.account_id = app_account() AND v.session_id = ANY ($1);
	-- Words go together, which is less work than one by one; what is left of a session is indexed as if it were new.
	DELETE FROM session_text t WHERE t.account_id = app_account() AND t.session_id = ANY ($1);
	DELETE FROM session_secret x WHERE x.account_id = app_account() AND x.session_id = ANY ($1);
	IF whole THEN
		DELETE FROM handoff h WHERE h.account_id = app_account() AND h.id = ANY (handoffs);
		DELETE FROM visit v WHERE v.account_id = app_account() AND v.session_id = ANY ($1);
		DELETE FROM session s WHERE s.account_id = app_account() AND s.id = ANY ($1);
	END IF;
END $$;

-- Some of the sessions whose time is up, and whether there may be more.  Whoever has one in hand is not waited for.  One
-- entry in the log tells of the whole run, when there are no more.
CREATE FUNCTION custody.retain(account uuid, most int) RETURNS boolean
	LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
	wish record;
	run retention_run;
	due uuid[];
BEGIN
	PERFORM set_config('app.account', $1::text, true), set_config('app.person', '', true);
	IF NOT pg_try_advisory_xact_lock(hashtextextended('retain ' || $1, 0)) THEN
		RETURN false;
	END IF;
	SELECT a.retain_days AS days, a.retain_way AS way INTO wish FROM account a WHERE a.account_id = $1 AND a.erasing_at IS NULL;
	IF wish.days IS NULL THEN
		RETURN false;
	END IF;
	SELECT * INTO run FROM retention_run r WHERE r.account_id = $1 AND r.ended_at IS NULL;
	IF run.id IS NULL THEN
		INSERT INTO retention_run (account_id, days, way) VALUES ($1, wish.days, wish.way) RETURNING * INTO run;
	END IF;
	due := ARRAY(SELECT s.id FROM session s JOIN (SELECT p.id FROM session_past(wish.days, wish.way) p ORDER BY p.ended_at LIMIT $2) p USING (id)
	              WHERE s.account_id = $1 AND s.ended_at IS NOT NULL FOR UPDATE OF s SKIP LOCKED);
	IF cardinality(due) > 0 THEN
		PERFORM custody.strip(due, wish.way = 'delete');
		IF wish.way = 'anonymise' THEN
			PERFORM custody.anonymise(due);
		END IF;
		UPDATE retention_run r SET sessions = r.sessions + cardinality(due) WHERE r.account_id = $1 AND r.id = run.id;
		RETURN true;
	END IF;
	UPDATE account a SET retained_at = now() WHERE a.account_id = $1;
	IF run.sessions > 0 THEN
		UPDATE retention_run r SET ended_at = now() WHERE r.account_id = $1 AND r.id = run.id;
		PERFORM audit_add('retention.done', 'account', $1, NULL,
			jsonb_build_object('sessions', run.sessions, 'days', run.days, 'way', run.way), NULL, NULL, NULL);
	ELSE
		DELETE FROM retention_run r WHERE r.account_id = $1 AND r.id = run.id;
	END IF;
	RETURN false;
END $$;

-- The point of no return: from now on nobody of the account can sign in, and what they have open ends.
CREATE FUNCTION custody.erase_begin(account uuid) RETURNS boolean
	LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
	PERFORM set_config('app.account', $1::text, true), set_config('app.person', '', true);
	UPDATE account a SET erasing_at = now(), suspended_at = coalesce(a.suspended_at, now())
	 WHERE a.account_id = $1 AND a.closing_at <= now() AND a.erasing_at IS NULL;
	IF NOT FOUND THEN
		RETURN false;
	END IF;
	PERFORM sign_in_end(s.id, s.person_id, 'account_closed') FROM sign_in s WHERE s.account_id = $1 AND s.ended_at IS NULL;
	RETURN true;
END $$;

-- Since when the account is being erased; NULL where it is not, or somebody else is at it.
CREATE FUNCTION custody.erase_lock(account uuid) RETURNS timestamptz LANGUAGE plpgsql AS $$
BEGIN
	PERFORM set_config('app.account', $1::text, true), set_config('app.person', '', true), set_config('app.erasing', 'yes', true);
	IF pg_try_advisory_xact_lock(hashtextextended('erase ' || $1, 0)) THEN
		RETURN (SELECT a.erasing_at FROM account a WHERE a.account_id = $1);
	END IF;
	RETURN NULL;
END $$;

-- Takes away some rows of an account that is to go, and says whether there are more to take now.  The tables are those of
-- the catalogue that have an account; one is due when none that holds it back by what it
-- refers to has a row of the account any more, and the account itself comes last.  Mails that tell of the end may leave before, for an hour.
CREATE FUNCTION custody.erase(account uuid, most int) RETURNS boolean
	LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
	began CONSTANT timestamptz := custody.erase_lock($1);
	mails CONSTANT boolean := began > now() - interval '1 hour'
		AND EXISTS (SELECT FROM outbox o WHERE o.account_id = $1 AND o.state IN ('queued', 'sending'));
	held regclass[] := '{}';
	one regclass;
	holds boolean;
	gone int;
BEGIN
	FOR one IN SELECT c.oid::regclass FROM pg_class c JOIN pg_attribute t ON t.attrelid = c.oid AND t.attname = 'account_id'
	            WHERE began IS NOT NULL AND c.relkind IN ('r', 'p') AND NOT c.relispartition AND c.relnamespace = 'public'::regnamespace LOOP
		EXECUTE format('SELECT EXISTS (SELECT FROM %s WHERE account_id = $1)', one) INTO holds USING $1;
		IF holds THEN
			held := held || one;
		END IF;
	END LOOP;
	IF held = ARRAY['account'::regclass] THEN
		PERFORM door.looked_into_no_more($1);
		INSERT INTO account_erased (id, created_at, began_at) SELECT a.account_id, a.created_at, began FROM account a WHERE a.account_id = $1;
		DELETE FROM account a WHERE a.account_id = $1;
		RETURN false;
	END IF;
	FOREACH one IN ARRAY held LOOP
		IF one = 'account'::regclass OR one = 'outbox'::regclass AND mails OR EXISTS (SELECT FROM pg_constraint k
			WHERE k.contype = 'f' AND k.confrelid = one AND k.conrelid <> one AND k.conrelid = ANY (held)
			  AND k.confdeltype <> 'n') THEN
			CONTINUE;
		END IF;
		-- Rows of a table that refer to one another go together.
		EXECUTE format('DELETE FROM %1$s WHERE account_id = $1' || CASE WHEN EXISTS (SELECT FROM pg_constraint k
			WHERE k.contype = 'f' AND k.confrelid = one AND k.conrelid = one) THEN ''
			ELSE ' AND ctid = ANY (ARRAY(SELECT ctid FROM %1$s WHERE account_id = $1 LIMIT $2))' END, one) USING $1, $2;
		GET DIAGNOSTICS gone = ROW_COUNT;
		RETURN gone > 0;
	END LOOP;
	IF held <> '{}' AND NOT mails THEN
		RAISE EXCEPTION 'the tables of an account refer to one another in a circle: %', held;
	END IF;
	RETURN false;
END $$;
REVOKE ALL ON ALL FUNCTIONS IN SCHEMA custody FROM PUBLIC;
GRANT EXECUTE ON FUNCTION custody.retain, custody.erase_begin, custody.erase TO rf_jobs;
SET LOCAL ROLE rf_owner;
