-- What a super_admin does with all accounts.  The programs' role sees one account only, here as anywhere else.  What
-- goes beyond stands in the schema "platform": SECURITY DEFINER functions of the role overseer, which sees a few columns
-- of a few tables and logs in nowhere.  Each asks first whether a super_admin is signed in.  What is then written in
-- another account (its audit log, an invite, events) the program writes itself, having entered it.

CREATE SCHEMA platform AUTHORIZATION overseer;
GRANT USAGE ON SCHEMA platform TO rf_worker, rf_jobs;
GRANT USAGE ON SCHEMA door TO overseer; -- for door.platform_only()

-- Codes by which companies register where that is not open to all: hashed, and shown once.
CREATE TABLE platform_code (
	id uuid PRIMARY KEY,
	code_hash text NOT NULL UNIQUE,
	label text NOT NULL CHECK (length(label) BETWEEN 1 AND 120),
	plan text REFERENCES plan, -- NULL: the one that every account begins with
	max_uses int NOT NULL CHECK (max_uses BETWEEN 1 AND 100000),
	uses int NOT NULL DEFAULT 0 CHECK (uses BETWEEN 0 AND max_uses),
	expires_at timestamptz NOT NULL,
	revoked_at timestamptz,
	by_account uuid NOT NULL,
	by_person uuid NOT NULL,
	created_at timestamptz NOT NULL DEFAULT now(),
	FOREIGN KEY (by_account, by_person) REFERENCES person
);
GRANT SELECT, INSERT, UPDATE (uses, revoked_at) ON platform_code TO overseer;
GRANT SELECT, UPDATE (uses) ON platform_code TO doorman;

ALTER TABLE account ADD COLUMN suspended_why text, ADD COLUMN code_id uuid REFERENCES platform_code;
CREATE INDEX account_by_code ON account (code_id, account_id) WHERE code_id IS NOT NULL;
CREATE INDEX account_suspended ON account (account_id) WHERE suspended_at IS NOT NULL;
CREATE INDEX account_closing ON account (account_id) WHERE closing_at IS NOT NULL;
CREATE INDEX sign_in_inside ON sign_in (inside_at) WHERE inside_at IS NOT NULL;

-- ---- what the overseer sees and changes ----

GRANT SELECT, UPDATE (plan, suspended_at, suspended_why) ON account TO overseer;
GRANT SELECT (account_id, id, email, name, role, active, deleted_at) ON person TO overseer;
GRANT SELECT (account_id, id, person_id, last_seen_at, ended_at, expires_at, inside_id, inside_at, kind, agent, address),
      UPDATE (inside_at, ended_at, ended_why) ON sign_in TO overseer;
GRANT SELECT ON plan_use TO overseer;
GRANT SELECT (account_id, id, deleted_at) ON flow TO overseer;
GRANT SELECT, UPDATE (state, run_at, attempts, last_error, finished_at), DELETE ON job TO overseer;
GRANT SELECT (account_id, state, attempts, next_at, failed_at, created_at) ON outbox TO overseer;
GRANT SELECT (account_id, state, attempts, next_at, created_at) ON webhook_call TO overseer;
GRANT SELECT ON job_period, plan TO overseer;
GRANT INSERT (account_id, actor_id, action, object, object_id, before, after, address, agent, request_id) ON audit TO overseer;
CREATE POLICY platform ON account TO overseer USING (true);
CREATE POLICY platform ON person FOR SELECT TO overseer USING (true);
CREATE POLICY platform ON sign_in TO overseer USING (true);
CREATE POLICY platform ON plan_use FOR SELECT TO overseer USING (true);
CREATE POLICY platform ON flow FOR SELECT TO overseer USING (true);
CREATE POLICY platform ON job TO overseer USING (true);
CREATE POLICY platform ON outbox FOR SELECT TO overseer USING (true);
CREATE POLICY platform ON webhook_call FOR SELECT TO overseer USING (true);

-- ---- looking into an account ----

-- However a look ends (left, another one, signed out, an hour), the account's log and the looker's own say so.
CREATE FUNCTION look_over() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
	account CONSTANT text := current_setting('app.account', true);
	person CONSTANT text := current_setting('app.person', true);
	place uuid;
BEGIN
	IF NEW.ended_at IS NOT NULL THEN
		NEW.inside_id := NULL;
	END IF;
	PERFORM set_config('app.person', OLD.person_id::text, true);
	FOREACH place IN ARRAY ARRAY[OLD.inside_id, OLD.account_id] LOOP
		PERFORM set_config('app.account', place::text, true);
		PERFORM audit_add('look.ended', 'account', OLD.inside_id, NULL, NULL, NEW.address, NEW.agent, '');
	END LOOP;
	PERFORM set_config('app.account', coalesce(account, ''), true), set_config('app.person', coalesce(person, ''), true);
	RETURN NEW;
END $$;
CREATE TRIGGER look_over BEFORE UPDATE OF inside_id, inside_at, ended_at ON sign_in FOR EACH ROW
	WHEN (NOT app_erasing() AND OLD.inside_id IS NOT NULL AND OLD.inside_at IS NOT NULL
	      AND (NEW.inside_id IS DISTINCT FROM OLD.inside_id OR NEW.inside_at IS NULL OR NEW.ended_at IS NOT NULL))
	EXECUTE FUNCTION look_over();

SET LOCAL ROLE overseer;

-- A look that nobody ended is over after an hour, and so is that of one who is no super_admin any more.  Which account
-- it was stays: until they leave it, they are told.
CREATE FUNCTION platform.looks_end() RETURNS void LANGUAGE sql
	SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
	UPDATE sign_in s SET inside_at = NULL FROM person p
	 WHERE s.inside_at IS NOT NULL AND p.account_id = s.account_id AND p.id = s.person_id
	   AND (s.inside_at <= now() - interval '1 hour' OR s.expires_at <= now() OR p.role <> 'super_admin'
	        OR NOT p.active OR p.deleted_at IS NOT NULL)
$$;

-- ---- accounts ----

-- Which accounts: state '' or 'active', 'suspended', 'closing'; q is a part of the name, or the address of one of its
-- people; code: those that came by it.  Dynamic, so that what is not asked for is not in the way of an index.
CREATE FUNCTION platform.accounts_where(q text, plan text, state text, code uuid) RETURNS text LANGUAGE sql AS $$
	SELECT concat_ws(' AND ', 'true',
		CASE WHEN $1 <> '' THEN '(strpos(lower(a.name), lower($1)) > 0
			OR a.account_id IN (SELECT p.account_id FROM person p WHERE lower(p.email) = lower($1)))' END,
		CASE WHEN $2 <> '' THEN 'a.plan = $2' END,
		CASE $3 WHEN 'active' THEN 'a.suspended_at IS NULL AND a.closing_at IS NULL'
		        WHEN 'suspended' THEN 'a.suspended_at IS NOT NULL' WHEN 'closing' THEN 'a.closing_at IS NOT NULL' END,
		CASE WHEN $4 IS NOT NULL THEN 'a.code_id = $3' END)
$$;

-- Newest first, those after `after`.
CREATE FUNCTION platform.accounts_find(q text, plan text, state text, code uuid, after uuid, most bigint, skip bigint)
	RETURNS SETOF uuid LANGUAGE plpgsql STABLE SECURITY DEFINER ROWS 50
	SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
	PERFORM door.platform_only();
	RETURN QUERY EXECUTE format('SELECT a.account_id FROM account a WHERE %s%s ORDER BY a.account_id DESC LIMIT $5 OFFSET $6',
		platform.accounts_where($1, $2, $3, $4), CASE WHEN $5 IS NOT NULL THEN ' AND a.account_id < $4' END)
		USING $1, $2, $4, $5, $6, $7;
END $$;

CREATE FUNCTION platform.accounts_count(q text, plan text, state text, code uuid) RETURNS bigint
	LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
	n bigint;
BEGIN
	PERFORM door.platform_only();
	EXECUTE format('SELECT count(*) FROM (SELECT FROM account a WHERE %s LIMIT 10001) found',
		platform.accounts_where($1, $2, $3, $4)) INTO n USING $1, $2, $4;
	RETURN n;
END $$;

CREATE FUNCTION platform.accounts(ids uuid[])
	RETURNS TABLE (id uuid, name text, plan text, plan_label text, state text, created_at timestamptz,
	               suspended_at timestamptz, suspended_reason text, closing_at timestamptz, code text, people bigint,
	               flows bigint, sessions_this_month bigint, last_seen_at timestamptz)
	LANGUAGE plpgsql STABLE SECURITY DEFINER ROWS 50 SET search_path = pg_catalog, public, pg_temp AS $$
#variable_conflict use_column
BEGIN
	PERFORM door.platform_only();
	RETURN QUERY SELECT a.account_id, a.name, a.plan, l.label,
	       CASE WHEN a.suspended_at IS NOT NULL THEN 'suspended' WHEN a.closing_at IS NOT NULL THEN 'closing' ELSE 'active' END,
	       a.created_at, a.suspended_at, a.suspended_why, a.closing_at,
	       (SELECT c.label FROM platform_code c WHERE c.id = a.code_id),
	       (SELECT count(*) FROM person p WHERE p.account_id = a.account_id AND p.active AND p.deleted_at IS NULL),
	       (SELECT count(*) FROM flow f WHERE f.account_id = a.account_id AND f.deleted_at IS NULL),
	       coalesce((SELECT u.used FROM plan_use u WHERE u.account_id = a.account_id AND u.key = 'sessions_month' AND u.month = plan_month()), 0),
	       (SELECT max(s.last_seen_at) FROM sign_in s WHERE s.account_id = a.account_id)
	  FROM account a JOIN plan l ON l.name = a.plan WHERE a.account_id = ANY ($1) ORDER BY a.account_id DESC;
END $$;

-- Whom to write to about an account.
CREATE FUNCTION platform.admins(account uuid) RETURNS TABLE (name text, email text, last_seen_at timestamptz)
	LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
	PERFORM door.platform_only();
	RETURN QUERY SELECT p.name, p.email, (SELECT max(s.last_seen_at) FROM sign_in s
	          WHERE s.account_id = p.account_id AND s.person_id = p.id)
	  FROM person p WHERE p.account_id = $1 AND p.role IN ('team_admin', 'super_admin') AND p.active AND p.deleted_at IS NULL
	 ORDER BY p.id LIMIT 20;
END $$;

-- Refuses the address of somebody who is here already: an invite could not be taken with it.
CREATE FUNCTION platform.address_free(email text) RETURNS void
	LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
	PERFORM door.platform_only();
	IF EXISTS (SELECT FROM person p WHERE lower(p.email) = lower($1)) THEN
		PERFORM refuse(409, 'email_taken', 'Somebody signs in with this address already. Take another one.');
	END IF;
END $$;

-- Whoever runs the platform may not lock themselves out.  Its devices' sign-ins end for good; keys rest with the account.
CREATE FUNCTION platform.account_suspend(account uuid, why text) RETURNS void
	LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
	PERFORM door.platform_only();
	IF $1 = app_account() THEN
		PERFORM refuse(409, 'own_account', 'This is your own account. Ask another operator.');
	END IF;
	UPDATE account a SET suspended_at = now(), suspended_why = $2 WHERE a.account_id = $1 AND a.suspended_at IS NULL;
	IF NOT FOUND THEN
		PERFORM refuse(409, 'suspended', 'This account is suspended already.');
	END IF;
	UPDATE sign_in s SET ended_at = now(), ended_why = 'suspended'
	 WHERE s.account_id = $1 AND s.ended_at IS NULL AND s.kind = 'device';
END $$;

CREATE FUNCTION platform.account_resume(account uuid) RETURNS void
	LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
	PERFORM door.platform_only();
	UPDATE account a SET suspended_at = NULL, suspended_why = NULL WHERE a.account_id = $1 AND a.suspended_at IS NOT NULL;
	IF NOT FOUND THEN
		PERFORM refuse(409, 'not_suspended', 'This account is not suspended.');
	END IF;
END $$;

-- Gives the plan that the account had.
CREATE FUNCTION platform.account_plan(account uuid, plan text) RETURNS text
	LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
	was text;
BEGIN
	PERFORM door.platform_only();
	SELECT a.plan INTO was FROM account a WHERE a.account_id = $1 FOR NO KEY UPDATE;
	IF $2 <> was AND NOT EXISTS (SELECT FROM plan l WHERE l.name = $2 AND l.retired_at IS NULL) THEN
		PERFORM refuse(422, 'invalid', 'No account can be put on such a plan. Choose one of the list.');
	END IF;
	UPDATE account a SET plan = $2 WHERE a.account_id = $1;
	RETURN was;
END $$;

-- ---- codes ----

CREATE FUNCTION platform.codes(code uuid, most bigint, skip bigint)
	RETURNS TABLE (id uuid, label text, plan text, plan_label text, uses int, max_uses int, expires_at timestamptz,
	               created_at timestamptz, made_by text, state text)
	LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
#variable_conflict use_column
BEGIN
	PERFORM door.platform_only();
	RETURN QUERY SELECT c.id, c.label, c.plan, l.label, c.uses, c.max_uses, c.expires_at, c.created_at, p.name,
	       CASE WHEN c.revoked_at IS NOT NULL THEN 'revoked' WHEN c.uses >= c.max_uses THEN 'used'
	            WHEN c.expires_at <= now() THEN 'expired' ELSE 'open' END
	  FROM platform_code c JOIN person p ON p.account_id = c.by_account AND p.id = c.by_person
	  LEFT JOIN plan l ON l.name = c.plan
	 WHERE $1 IS NULL OR c.id = $1 ORDER BY c.id DESC LIMIT $2 OFFSET $3;
END $$;

CREATE FUNCTION platform.codes_count() RETURNS bigint
	LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
	PERFORM door.platform_only();
	RETURN (SELECT count(*) FROM (SELECT FROM platform_code LIMIT 10001) found);
END $$;

CREATE FUNCTION platform.code_add(id uuid, code_hash text, label text, plan text, max_uses bigint, lasts bigint) RETURNS void
	LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
	PERFORM door.platform_only();
	IF $4 IS NOT NULL AND NOT EXISTS (SELECT FROM plan l WHERE l.name = $4 AND l.retired_at IS NULL) THEN
		PERFORM refuse(422, 'invalid', 'No account can be put on such a plan. Choose one of the list.');
	END IF;
	INSERT INTO platform_code (id, code_hash, label, plan, max_uses, expires_at, by_account, by_person)
	VALUES ($1, $2, $3, $4, $5, now() + $6 * interval '1 second', app_account(), app_person());
END $$;

CREATE FUNCTION platform.code_revoke(code uuid) RETURNS void
	LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
	PERFORM door.platform_only();
	UPDATE platform_code c SET revoked_at = coalesce(c.revoked_at, now()) WHERE c.id = $1;
END $$;

-- ---- the system ----

-- What all of it looks like at a glance.
CREATE FUNCTION platform.overview()
	RETURNS TABLE (accounts bigint, suspended bigint, closing bigint, new_accounts bigint, seen bigint, codes_open bigint)
	LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
	PERFORM door.platform_only();
	RETURN QUERY SELECT (SELECT count(*) FROM account), (SELECT count(*) FROM account a WHERE a.suspended_at IS NOT NULL),
	       (SELECT count(*) FROM account a WHERE a.closing_at IS NOT NULL),
	       (SELECT count(*) FROM account a WHERE a.account_id >= uuid7_from(now() - interval '7 days')),
	       (SELECT count(*) FROM account a WHERE EXISTS (SELECT FROM sign_in s WHERE s.account_id = a.account_id
	           AND s.last_seen_at > now() - interval '7 days')),
	       (SELECT count(*) FROM platform_code c WHERE c.revoked_at IS NULL AND c.uses < c.max_uses AND c.expires_at > now());
END $$;

-- What waits for the jobs program, over all accounts: since when the oldest could have been done, and what was given up.
CREATE FUNCTION platform.queues()
	RETURNS TABLE (name text, waiting bigint, oldest_at timestamptz, retrying bigint, failed bigint)
	LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
#variable_conflict use_column
BEGIN
	PERFORM door.platform_only();
	RETURN QUERY
	SELECT 'jobs', count(*) FILTER (WHERE state IN ('queued', 'running')),
	       min(run_at) FILTER (WHERE state = 'queued' AND run_at <= now()),
	       count(*) FILTER (WHERE state = 'queued' AND attempts > 0),
	       (SELECT count(*) FROM job WHERE state = 'dead')
	  FROM job WHERE state IN ('queued', 'running')
	UNION ALL
	SELECT 'mails', count(*), min(next_at) FILTER (WHERE state = 'queued' AND next_at <= now()),
	       count(*) FILTER (WHERE attempts > 0), (SELECT count(*) FROM outbox WHERE state = 'failed')
	  FROM outbox WHERE state IN ('queued', 'sending')
	UNION ALL
	SELECT 'calls', count(*), min(next_at) FILTER (WHERE state = 'queued' AND next_at <= now()),
	       count(*) FILTER (WHERE attempts > 0), (SELECT count(*) FROM webhook_call WHERE state = 'failed')
	  FROM webhook_call WHERE state IN ('queued', 'sending');
END $$;

-- Jobs that were given up; what was to be done stays unseen, for it is the account's.
CREATE FUNCTION platform.dead_jobs(job uuid, most bigint)
	RETURNS TABLE (id uuid, account_id uuid, account_name text, kind text, attempts bigint, last_error text,
	               created_at timestamptz, finished_at timestamptz)
	LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
#variable_conflict use_column
BEGIN
	PERFORM door.platform_only();
	RETURN QUERY SELECT j.id, j.account_id, a.name, j.kind, j.attempts::bigint, j.last_error, j.created_at, j.finished_at
	  FROM job j LEFT JOIN account a ON a.account_id = j.account_id
	 WHERE j.state = 'dead' AND ($1 IS NULL OR j.id = $1) ORDER BY j.finished_at DESC, j.id LIMIT $2;
END $$;

-- Tried again from the start, unless one of its key waits already, which does the same work.
CREATE FUNCTION platform.job_retry(job uuid) RETURNS void
	LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
	PERFORM door.platform_only();
	UPDATE job j SET state = 'queued', run_at = now(), attempts = 0, finished_at = NULL
	 WHERE j.id = $1 AND j.state = 'dead';
	IF NOT FOUND THEN
		PERFORM refuse(409, 'not_dead', 'This job is not given up any more. Look at the list again.');
	END IF;
EXCEPTION WHEN unique_violation THEN
	PERFORM refuse(409, 'waits_already', 'The same work waits already. Drop this one.');
END $$;

CREATE FUNCTION platform.job_drop(job uuid) RETURNS void
	LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
	PERFORM door.platform_only();
	DELETE FROM job j WHERE j.id = $1 AND j.state = 'dead';
	IF NOT FOUND THEN
		PERFORM refuse(409, 'not_dead', 'This job is not given up any more. Look at the list again.');
	END IF;
END $$;

CREATE FUNCTION platform.chores() RETURNS TABLE (name text, last_at timestamptz)
	LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
	PERFORM door.platform_only();
	RETURN QUERY SELECT p.name, nullif(p.last_at, '-infinity') FROM job_period p ORDER BY p.name;
END $$;

-- Who holds connections of this database, by the name of the program, and since when its oldest transaction is open.
CREATE FUNCTION platform.programs() RETURNS TABLE (name text, connections bigint, oldest_at timestamptz)
	LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
	PERFORM door.platform_only();
	RETURN QUERY SELECT s.application_name, count(*), min(s.xact_start) FILTER (WHERE s.pid <> pg_backend_pid())
	  FROM pg_stat_activity s WHERE s.datname = current_database() GROUP BY s.application_name ORDER BY s.application_name;
END $$;

REVOKE ALL ON ALL FUNCTIONS IN SCHEMA platform FROM PUBLIC;
GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA platform TO rf_worker;
REVOKE EXECUTE ON FUNCTION platform.looks_end FROM rf_worker;
GRANT EXECUTE ON FUNCTION platform.looks_end TO rf_jobs;

SET LOCAL ROLE doorman;

-- Whether a code lets a company in, and on which plan.
CREATE FUNCTION door.code_find(token_hash text) RETURNS TABLE (plan_label text, usable boolean)
	LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
	SELECT l.label, c.uses < c.max_uses AND c.revoked_at IS NULL AND c.expires_at > now()
	  FROM platform_code c LEFT JOIN plan l ON l.name = c.plan WHERE c.code_hash = $1
$$;

-- Takes one use of a code: at most max_uses of any number at once succeed.
CREATE FUNCTION door.code_take(token_hash text) RETURNS TABLE (code_id uuid, plan text)
	LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
#variable_conflict use_column
BEGIN
	RETURN QUERY UPDATE platform_code c SET uses = c.uses + 1
	 WHERE c.code_hash = $1 AND c.revoked_at IS NULL AND c.expires_at > now() AND c.uses < c.max_uses
	 RETURNING c.id, c.plan;
	IF NOT FOUND THEN
		IF EXISTS (SELECT FROM platform_code c WHERE c.code_hash = $1 AND c.uses >= c.max_uses) THEN
			PERFORM refuse(409, 'already_used', 'This code was used already. Ask whoever gave it to you for a new one.');
		END IF;
		PERFORM refuse(422, 'invalid_invite', 'This code does not hold, or it has expired. Ask for a new one.');
	END IF;
END $$;

REVOKE ALL ON FUNCTION door.code_find, door.code_take FROM PUBLIC;
GRANT EXECUTE ON FUNCTION door.code_find, door.code_take TO rf_worker;
SET LOCAL ROLE rf_owner;
