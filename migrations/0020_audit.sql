-- What makes the log's entries hold: each is sealed soon after its commit, numbered in its account and chained to the seal
-- before it by a keyed hash, whose key only the programs have.  Whoever writes an entry waits for nobody.

-- What is still without a seal: a row comes with each entry and goes with its seal.
CREATE TABLE audit_due (
	id uuid NOT NULL,
	account_id uuid NOT NULL,
	at timestamptz NOT NULL,
	PRIMARY KEY (id, account_id)
);
SELECT wall('audit_due');
GRANT INSERT ON audit_due TO rf_worker, rf_jobs, doorman, overseer, eraser;
GRANT SELECT, DELETE ON audit_due TO rf_jobs;
CREATE POLICY jobs_see ON audit_due FOR SELECT TO rf_jobs USING (true);
CREATE POLICY jobs_end ON audit_due FOR DELETE TO rf_jobs USING (true);

CREATE FUNCTION audit_is_due() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	INSERT INTO audit_due (id, account_id, at) VALUES (NEW.id, NEW.account_id, NEW.at);
	RETURN NULL;
END $$;
CREATE TRIGGER audit_is_due AFTER INSERT ON audit FOR EACH ROW EXECUTE FUNCTION audit_is_due();

-- Append-only as well.  since: when the sealer had last found nothing to seal, so that an entry which claims to be older was
-- not there then.  Both hashes are keyed: entry_mac over the entry, mac over all of the seal.
CREATE TABLE audit_seal (
	account_id uuid NOT NULL,
	seq bigint NOT NULL CHECK (seq > 0),
	entry_id uuid NOT NULL,
	entry_at timestamptz NOT NULL,
	since timestamptz,
	sealed_at timestamptz NOT NULL,
	key text NOT NULL,      -- the id of the key that made both
	previous text NOT NULL, -- mac of the seal before; '' of the first
	entry_mac text NOT NULL,
	mac text NOT NULL,
	PRIMARY KEY (account_id, seq)
);
SELECT wall('audit_seal');
CREATE INDEX audit_seal_of ON audit_seal (account_id, entry_id);
GRANT SELECT ON audit_seal TO rf_worker;
GRANT SELECT, INSERT ON audit_seal TO rf_jobs;

-- Where each account's chain ends, and up to where it was let go after its time; signed, so that an end that was cut off
-- shows.  retired_before: entries older than that are gone, or about to go.
CREATE TABLE audit_head (
	account_id uuid PRIMARY KEY,
	seq bigint NOT NULL DEFAULT 0,
	mac text NOT NULL DEFAULT '',
	retired_seq bigint NOT NULL DEFAULT 0,
	retired_mac text NOT NULL DEFAULT '',
	retired_before timestamptz,
	key text NOT NULL,
	sign text NOT NULL
);
SELECT wall('audit_head');
GRANT SELECT ON audit_head TO rf_worker;
GRANT SELECT, INSERT, UPDATE ON audit_head TO rf_jobs;

-- One process seals the entries of all accounts, and the operator's check reads all.
CREATE POLICY jobs_see ON audit FOR SELECT TO rf_jobs USING (true);
CREATE POLICY jobs ON audit_seal TO rf_jobs USING (true);
CREATE POLICY jobs ON audit_head TO rf_jobs USING (true);

-- ---- the end of what has been kept long enough ----

-- Nothing younger than three months is seen here, whatever is asked for.
CREATE POLICY retire ON audit_rest TO rf_owner USING (at < now() - interval '3 months');
CREATE POLICY retire ON audit_seal TO rf_owner USING (sealed_at < now() - interval '3 months');
CREATE POLICY retire ON audit_head FOR SELECT TO rf_owner USING (true);

-- Drops the months that end by then, and at most so many of the seals that the heads let go; how many seals went.
CREATE FUNCTION audit_retire(before timestamptz, most int) RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER
	SET search_path = pg_catalog, public, pg_temp SET lock_timeout = '2s' AS $$
DECLARE
	part record;
	gone bigint;
BEGIN
	IF $1 > now() - interval '3 months' THEN
		PERFORM refuse(422, 'invalid', 'Entries of the log are kept for three months at least.');
	END IF;
	FOR part IN SELECT inhrelid::regclass AS name FROM pg_inherits JOIN pg_class c ON c.oid = inhrelid
	             WHERE inhparent = 'audit'::regclass AND c.relname ~ '^audit_\d{4}_\d{2}$'
	               AND (to_date(right(c.relname, 7), 'YYYY_MM') + interval '1 month') AT TIME ZONE 'UTC' <= $1 LOOP
		EXECUTE format('DROP TABLE %s', part.name);
	END LOOP;
	DELETE FROM audit_rest WHERE at < $1;
	DELETE FROM audit_seal s USING (
		SELECT s.account_id, s.seq FROM audit_head h JOIN audit_seal s ON s.account_id = h.account_id AND s.seq <= h.retired_seq LIMIT $2
	) old WHERE s.account_id = old.account_id AND s.seq = old.seq;
	GET DIAGNOSTICS gone = ROW_COUNT;
	RETURN gone;
END $$;
REVOKE ALL ON FUNCTION audit_retire(timestamptz, int) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION audit_retire(timestamptz, int) TO rf_jobs;

-- ---- reading ----

-- A filter stands in the statement only where it is asked for, so that each has its index.  nobody: entries of no person.
-- newer, older: ids to go on from; the rows come newest first, but from `newer` upward oldest first.
CREATE FUNCTION audit_find(actor uuid, nobody boolean, action text, object text, object_id uuid, since timestamptz, until timestamptz,
                           older uuid, newer uuid, most int, skip int) RETURNS SETOF audit LANGUAGE plpgsql STABLE ROWS 50 AS $$
BEGIN
	RETURN QUERY EXECUTE 'SELECT * FROM audit a WHERE a.account_id = app_account()'
		|| CASE WHEN $1 IS NOT NULL THEN ' AND a.actor_id = $1' WHEN $2 THEN ' AND a.actor_id IS NULL' ELSE '' END
		|| CASE WHEN $3 <> '' THEN ' AND a.action = $2' ELSE '' END
		|| CASE WHEN $4 <> '' THEN ' AND a.object = $3' ELSE '' END
		|| CASE WHEN $5 IS NOT NULL THEN ' AND a.object_id = $4' ELSE '' END
		|| CASE WHEN $6 IS NOT NULL THEN ' AND a.at >= $5' ELSE '' END
		|| CASE WHEN $7 IS NOT NULL THEN ' AND a.at < $6' ELSE '' END
		|| CASE WHEN $8 IS NOT NULL THEN ' AND a.id < $7' ELSE '' END
		|| CASE WHEN $9 IS NOT NULL THEN ' AND a.id > $8 ORDER BY a.id' ELSE ' ORDER BY a.id DESC' END
		|| ' LIMIT $9 OFFSET $10'
		USING $1, $3, $4, $5, $6, $7, $8, $9, $10, $11;
END $$;

-- ---- entries that the programs write for several accounts at once ----

CREATE POLICY door ON audit FOR INSERT TO doorman WITH CHECK (true);
CREATE POLICY door ON audit_due FOR INSERT TO doorman WITH CHECK (true);

SET LOCAL ROLE doorman;

-- Wrong passwords become entries, those from one address at once as one; how many tries there were.
CREATE FUNCTION door.sign_ins_failed(most int) RETURNS bigint
	LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
	WITH gone AS (
		DELETE FROM failed_sign_in WHERE id IN (SELECT id FROM failed_sign_in ORDER BY id LIMIT $1 FOR UPDATE SKIP LOCKED) RETURNING *
	), told AS (
		INSERT INTO audit (account_id, action, object, object_id, after, address, agent, request_id)
		SELECT account, 'sign_in.failed', 'person', person, jsonb_build_object('tries', count(*)), address, agent, max(request_id)
		  FROM gone WHERE account IS NOT NULL GROUP BY account, person, address, agent
	)
	SELECT count(*) FROM gone
$$;

-- That entries of these accounts were let go after their time.
CREATE FUNCTION door.audit_retired(accounts uuid[], before timestamptz) RETURNS void
	LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
	INSERT INTO audit (account_id, action, object, after)
	SELECT one, 'audit.retired', 'audit', jsonb_build_object('before', to_char($2 AT TIME ZONE 'UTC', 'YYYY-MM-DD'))
	  FROM unnest($1) AS one
$$;

-- The name of somebody of the platform, who acts in accounts that are not their own; of nobody else.
CREATE FUNCTION door.platform_name(person uuid) RETURNS text
	LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
	SELECT p.name FROM person p WHERE p.id = $1 AND p.role = 'super_admin'
$$;

-- What the operator's command did beyond one account is told in the platform's own, where there is one already.
CREATE FUNCTION door.audit_platform(action text, object text, object_id uuid, after jsonb, agent text) RETURNS void
	LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
	INSERT INTO audit (account_id, action, object, object_id, after, agent)
	SELECT p.account_id, $1, $2, $3, $4, $5 FROM person p
	 WHERE p.role = 'super_admin' ORDER BY p.active DESC, p.created_at LIMIT 1
$$;

REVOKE ALL ON FUNCTION door.sign_ins_failed, door.audit_retired, door.platform_name, door.audit_platform FROM PUBLIC;
GRANT EXECUTE ON FUNCTION door.sign_ins_failed, door.audit_retired, door.audit_platform TO rf_jobs;
GRANT EXECUTE ON FUNCTION door.platform_name(uuid) TO rf_worker;
SET LOCAL ROLE rf_owner;

-- ---- for the platform's page ----

GRANT SELECT (id, at) ON audit_due TO overseer;
CREATE POLICY platform ON audit_due FOR SELECT TO overseer USING (true);

SET LOCAL ROLE overseer;

-- How many entries of all accounts wait for their seals, at most 10001, and since when: all that is older has its own.
CREATE FUNCTION platform.audit_waits() RETURNS TABLE (waiting bigint, oldest_at timestamptz)
	LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
	PERFORM door.platform_only();
	RETURN QUERY SELECT (SELECT count(*) FROM (SELECT FROM audit_due LIMIT 10001) due),
	                    (SELECT d.at FROM audit_due d ORDER BY d.id LIMIT 1);
END $$;
REVOKE ALL ON FUNCTION platform.audit_waits FROM PUBLIC;
GRANT EXECUTE ON FUNCTION platform.audit_waits TO rf_worker;
SET LOCAL ROLE rf_owner;
