-- What a plan holds, what an account uses of it, and the refusal of what is more.
--
-- Limits are kept where rows come into being, by triggers: whoever writes one more way to make a flow cannot forget
-- them.  What is there stays, whatever the plan becomes; only what is new is refused, and never a step of a session
-- that runs.

-- The sorts of limits.  `refusal` is told with what is used (1) and what the plan holds (2).
CREATE TABLE limit_kind (
	key text PRIMARY KEY,
	place int NOT NULL,
	label text NOT NULL,
	unit text NOT NULL DEFAULT '', -- behind a number, in the singular
	monthly boolean NOT NULL,
	effect text NOT NULL,          -- what no longer goes when it is reached
	refusal text NOT NULL
);
INSERT INTO limit_kind VALUES
	('flows', 1, 'Flows', '', false,
	 'No flow can be made, copied or imported. Those that are there can be edited, published and run.',
	 'Your plan holds %2$s flows, and you have %1$s. Delete one that nobody needs, or ask for a larger plan.'),
	('users', 2, 'Users', '', false,
	 'Nobody can join or be activated again. Those who are in stay.',
	 'The plan of this account holds %2$s users, and it has %1$s. A team admin can deactivate somebody who has left, or ask for a larger plan.'),
	('sessions_month', 3, 'Sessions a month', '', true,
	 'No session can start until the month turns. Those that run go on to their end.',
	 'Your plan holds %2$s sessions a month, and %1$s have started. Wait until the month turns, or ask for a larger plan.'),
	('ai_calls_month', 4, 'AI calls a month', '', true,
	 'Nothing is asked of the language model until the month turns.',
	 'Your plan holds %2$s AI calls a month, and %1$s are used. Wait until the month turns, or ask for a larger plan.'),
	('stored_bytes', 5, 'Stored data', 'MB', false,
	 'No version can be published, no export taken and no session started. Those that run go on to their end.',
	 'Your plan holds %2$s of published versions, notes and exports, and you have %1$s. Ask for a larger plan.');
GRANT SELECT ON limit_kind TO rf_worker, rf_jobs, doorman;

-- What is not here has no limit.
CREATE TABLE plan_limit (
	plan text NOT NULL REFERENCES plan,
	key text NOT NULL REFERENCES limit_kind,
	most bigint NOT NULL CHECK (most >= 0),
	PRIMARY KEY (plan, key)
);
INSERT INTO plan_limit VALUES
	('free', 'flows', 10), ('free', 'users', 5), ('free', 'sessions_month', 200), ('free', 'ai_calls_month', 0),
	('free', 'stored_bytes', 100000000),
	('team', 'flows', 200), ('team', 'users', 50), ('team', 'sessions_month', 10000), ('team', 'ai_calls_month', 500),
	('team', 'stored_bytes', 5000000000),
	('scale', 'ai_calls_month', 5000);
GRANT SELECT ON plan_limit TO rf_worker, rf_jobs, doorman;
GRANT INSERT, DELETE ON plan_limit TO doorman;
GRANT INSERT, UPDATE (label, for_new, retired_at) ON plan TO doorman;

-- Where an account differs from its plan; NULL: it has no limit.
CREATE TABLE account_limit (
	account_id uuid NOT NULL REFERENCES account,
	key text NOT NULL REFERENCES limit_kind,
	most bigint CHECK (most >= 0),
	PRIMARY KEY (account_id, key)
);
SELECT wall('account_limit');
GRANT SELECT ON account_limit TO rf_worker, rf_jobs;
GRANT SELECT, INSERT, DELETE ON account_limit TO doorman;
CREATE POLICY door ON account_limit TO doorman USING (true);

-- What is not counted afresh each time: sessions and AI calls by the month, and bytes, whose month is '-infinity'.
CREATE TABLE plan_use (
	account_id uuid NOT NULL REFERENCES account,
	key text NOT NULL REFERENCES limit_kind,
	month date NOT NULL,
	used bigint NOT NULL,
	PRIMARY KEY (account_id, key, month)
);
SELECT wall('plan_use');
GRANT SELECT, INSERT, UPDATE (used) ON plan_use TO rf_worker, rf_jobs, doorman;

-- Of which limits the account's admins were told in that month, and at what part of it.
CREATE TABLE plan_told (
	account_id uuid NOT NULL REFERENCES account,
	key text NOT NULL REFERENCES limit_kind,
	month date NOT NULL,
	percent int NOT NULL,
	PRIMARY KEY (account_id, key, month, percent)
);
SELECT wall('plan_told');
GRANT SELECT, INSERT ON plan_told TO rf_worker, rf_jobs, doorman;
GRANT SELECT (account_id, deleted_at) ON flow TO doorman; -- counted for the platform's pages

-- Months are UTC's, for all accounts alike.
CREATE FUNCTION plan_month() RETURNS date LANGUAGE sql STABLE AS $$
	SELECT date_trunc('month', now() AT TIME ZONE 'UTC')::date
$$;

CREATE FUNCTION plan_use_month(kind limit_kind) RETURNS date LANGUAGE sql STABLE AS $$
	SELECT CASE WHEN ($1).monthly THEN plan_month() ELSE '-infinity' END
$$;

-- The transaction's account: what it may have at most; NULL: no limit.
CREATE FUNCTION plan_most(key text) RETURNS bigint LANGUAGE sql STABLE AS $$
	SELECT CASE WHEN own.key IS NULL THEN l.most ELSE own.most END
	  FROM account a
	  LEFT JOIN account_limit own ON own.account_id = a.account_id AND own.key = $1
	  LEFT JOIN plan_limit l ON l.plan = a.plan AND l.key = $1
	 WHERE a.account_id = app_account()
$$;

-- In PL/pgSQL, and volatile: behind a lock it must see what was committed while it waited.
CREATE FUNCTION plan_used(kind limit_kind) RETURNS bigint LANGUAGE plpgsql AS $$
BEGIN
	RETURN CASE kind.key
	       WHEN 'flows' THEN (SELECT count(*) FROM flow WHERE account_id = app_account() AND deleted_at IS NULL)
	       WHEN 'users' THEN (SELECT count(*) FROM person WHERE account_id = app_account() AND active AND deleted_at IS NULL)
	       ELSE coalesce((SELECT u.used FROM plan_use u
	                       WHERE u.account_id = app_account() AND u.key = kind.key AND u.month = plan_use_month(kind)), 0) END;
END $$;

-- As people read it: "1,234", "12.5 MB", "5 GB".
CREATE FUNCTION plan_amount(kind limit_kind, n bigint) RETURNS text LANGUAGE sql STABLE AS $$
	SELECT CASE WHEN ($1).unit <> 'MB' THEN to_char($2, 'FM999,999,999,999,990')
	       WHEN $2 < 1000000000 THEN rtrim(to_char($2 / 1000000.0, 'FM990.9'), '.') || ' MB'
	       ELSE rtrim(to_char($2 / 1000000000.0, 'FM999,999,990.9'), '.') || ' GB' END
$$;

CREATE FUNCTION plan_refuse(kind limit_kind, used bigint, most bigint) RETURNS void LANGUAGE sql AS $$
	SELECT refuse(409, 'plan_limit', format(($1).refusal, plan_amount($1, $2), plan_amount($1, $3)),
	              json_build_object('used', $2, 'limit', $3)::text)
$$;

-- One job a limit, month and part of it, whoever comes there at once: each of them holds the lock under which it counted.
CREATE FUNCTION plan_tell(key text, used bigint, most bigint) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
	reached int := CASE WHEN used >= most THEN 100 WHEN used * 5 >= most * 4 THEN 80 END;
BEGIN
	IF reached IS NULL OR most = 0 OR EXISTS (SELECT FROM plan_told t
		WHERE t.account_id = app_account() AND t.key = $1 AND t.month = plan_month() AND t.percent >= reached) THEN
		RETURN;
	END IF;
	INSERT INTO plan_told (account_id, key, month, percent) VALUES (app_account(), $1, plan_month(), reached);
	INSERT INTO job (account_id, kind, payload) VALUES (app_account(), 'plan_near',
		jsonb_build_object('key', $1, 'used', used, 'most', most));
END $$;

-- n more are counted, and refused where the plan does not hold them.  What is in a counter is locked by the counter's
-- row; what is counted afresh, by the account's, and only where there is a limit.
CREATE FUNCTION plan_take(key text, n bigint, refuses boolean) RETURNS void LANGUAGE plpgsql AS $$
#variable_conflict use_variable
DECLARE
	kind limit_kind := (SELECT k FROM limit_kind k WHERE k.key = $1);
	most bigint := plan_most($1);
	used bigint;
BEGIN
	IF $1 IN ('flows', 'users') THEN
		IF most IS NULL THEN
			RETURN;
		END IF;
		PERFORM FROM account a WHERE a.account_id = app_account() FOR NO KEY UPDATE;
		used := plan_used(kind);
	ELSE
		INSERT INTO plan_use AS u (account_id, key, month, used)
		VALUES (app_account(), $1, plan_use_month(kind), n)
		ON CONFLICT ON CONSTRAINT plan_use_pkey DO UPDATE SET used = u.used + excluded.used
		RETURNING u.used INTO used;
	END IF;
	IF refuses AND used > most THEN
		PERFORM plan_refuse(kind, used - n, most);
	END IF;
	IF n > 0 THEN
		PERFORM plan_tell($1, used, most);
	END IF;
END $$;

-- For what no row of ours stands for: one AI call, before it is made.
CREATE FUNCTION plan_use(key text) RETURNS void LANGUAGE sql AS $$ SELECT plan_take($1, 1, true) $$;

-- The account's limits, in the order in which they are shown.
CREATE FUNCTION plan_usage() RETURNS TABLE (key text, label text, monthly boolean, effect text, used bigint, most bigint,
                                            used_text text, most_text text, own boolean)
	LANGUAGE sql AS $$
	SELECT k.key, k.label, k.monthly, k.effect, u.used, m.most, plan_amount(k, u.used), plan_amount(k, m.most),
	       EXISTS (SELECT FROM account_limit o WHERE o.account_id = app_account() AND o.key = k.key)
	  FROM limit_kind k, LATERAL (SELECT plan_used(k) AS used) u, LATERAL (SELECT plan_most(k.key) AS most) m
	 ORDER BY k.place
$$;

-- ---- where rows come into being ----

-- Outside an account nobody but the owner of the tables writes, and he may.
CREATE FUNCTION plan_takes() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	IF app_account() IS NOT NULL THEN
		PERFORM plan_take(TG_ARGV[0], 1, true);
	END IF;
	RETURN NULL;
END $$;

CREATE TRIGGER plan_flow_made AFTER INSERT ON flow FOR EACH ROW
	WHEN (NEW.deleted_at IS NULL) EXECUTE FUNCTION plan_takes('flows');
CREATE TRIGGER plan_flow_back AFTER UPDATE OF deleted_at ON flow FOR EACH ROW
	WHEN (NEW.deleted_at IS NULL AND OLD.deleted_at IS NOT NULL) EXECUTE FUNCTION plan_takes('flows');
CREATE TRIGGER plan_person_made AFTER INSERT ON person FOR EACH ROW
	WHEN (NEW.active AND NEW.deleted_at IS NULL) EXECUTE FUNCTION plan_takes('users');
CREATE TRIGGER plan_person_back AFTER UPDATE OF active, deleted_at ON person FOR EACH ROW
	WHEN (NEW.active AND NEW.deleted_at IS NULL AND NOT (OLD.active AND OLD.deleted_at IS NULL))
	EXECUTE FUNCTION plan_takes('users');

-- A prepared session counts when it starts.  One writes into a session for as long as it runs, and none of that is
-- refused: so none starts where the account's space is full.
CREATE FUNCTION plan_session_starts() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
	bytes limit_kind := (SELECT k FROM limit_kind k WHERE k.key = 'stored_bytes');
	most bigint := plan_most('stored_bytes');
BEGIN
	IF app_account() IS NULL THEN
		RETURN NULL;
	END IF;
	IF plan_used(bytes) >= most THEN
		PERFORM plan_refuse(bytes, plan_used(bytes), most);
	END IF;
	PERFORM plan_take('sessions_month', 1, true);
	RETURN NULL;
END $$;
CREATE TRIGGER plan_session_made AFTER INSERT ON session FOR EACH ROW
	WHEN (NEW.started_at IS NOT NULL) EXECUTE FUNCTION plan_session_starts();
CREATE TRIGGER plan_session_started AFTER UPDATE OF started_at ON session FOR EACH ROW
	WHEN (NEW.started_at IS NOT NULL AND OLD.started_at IS NULL) EXECUTE FUNCTION plan_session_starts();

-- ---- bytes ----

-- What was written in a session: counted once, at its end, for each step to do so would be dear.
CREATE FUNCTION session_stored(s session) RETURNS bigint LANGUAGE sql STABLE AS $$
	SELECT octet_length(($1).scratchpad) + octet_length(($1).summary) + octet_length(($1).variables::text)
	     + coalesce((SELECT sum(octet_length(v.notes)) FROM visit v
	                  WHERE v.account_id = ($1).account_id AND v.session_id = ($1).id), 0)
	     + coalesce((SELECT sum(octet_length(v.notes)) FROM visit_note v
	                  WHERE v.account_id = ($1).account_id AND v.session_id = ($1).id), 0)
$$;

CREATE FUNCTION plan_session_ends() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	NEW.stored := session_stored(NEW);
	RETURN NEW;
END $$;
CREATE TRIGGER plan_session_ends BEFORE UPDATE OF completed_at, abandoned_at ON session FOR EACH ROW
	WHEN (coalesce(NEW.completed_at, NEW.abandoned_at) IS NOT NULL) EXECUTE FUNCTION plan_session_ends();

CREATE FUNCTION stored_in(s session) RETURNS bigint LANGUAGE sql IMMUTABLE AS $$ SELECT ($1).stored $$;
CREATE FUNCTION stored_in(v flow_version) RETURNS bigint LANGUAGE sql IMMUTABLE AS $$
	SELECT octet_length(($1).structure::text) + octet_length(($1).intake::text)::bigint
$$;
CREATE FUNCTION stored_in(e export) RETURNS bigint LANGUAGE sql IMMUTABLE AS $$ SELECT octet_length(($1).text)::bigint $$;

-- What is new must find room; what a session ends with does, and what is deleted makes some.
CREATE FUNCTION plan_stores() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
	n bigint := 0;
BEGIN
	IF app_account() IS NULL OR app_erasing() THEN
		RETURN NULL;
	ELSIF TG_OP <> 'DELETE' THEN
		n := stored_in(NEW);
	END IF;
	IF TG_OP <> 'INSERT' THEN
		n := n - stored_in(OLD);
	END IF;
	PERFORM plan_take('stored_bytes', n, TG_OP = 'INSERT');
	RETURN NULL;
END $$;
CREATE TRIGGER plan_session_wrote AFTER UPDATE ON session FOR EACH ROW
	WHEN (NEW.stored <> OLD.stored) EXECUTE FUNCTION plan_stores();
CREATE TRIGGER plan_session_gone AFTER DELETE ON session FOR EACH ROW
	WHEN (OLD.stored > 0) EXECUTE FUNCTION plan_stores();
CREATE TRIGGER plan_version AFTER INSERT OR DELETE ON flow_version FOR EACH ROW EXECUTE FUNCTION plan_stores();
CREATE TRIGGER plan_export AFTER INSERT OR DELETE ON export FOR EACH ROW EXECUTE FUNCTION plan_stores();

-- ---- the platform's hand ----

SET LOCAL ROLE doorman;

-- The program says who asks; whether that is one of the platform's operators, the table does.
CREATE FUNCTION door.platform_only() RETURNS void
	LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
	IF NOT EXISTS (SELECT FROM person p JOIN account a ON a.account_id = p.account_id
	                WHERE p.account_id = app_account() AND p.id = app_person() AND p.role = 'super_admin'
	                  AND p.active AND p.deleted_at IS NULL AND a.suspended_at IS NULL) THEN
		PERFORM refuse(403, 'forbidden', 'This is for the platform''s operators.');
	END IF;
END $$;

-- {"flows": 10, "users": null}: a number for each limit, null for none.
CREATE FUNCTION door.limits_check(limits jsonb) RETURNS void
	LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
	wrong text := (SELECT min(e.key) FROM jsonb_each_text($1) e
	                WHERE NOT EXISTS (SELECT FROM limit_kind k WHERE k.key = e.key) OR e.value !~ '^[0-9]{1,15}$');
BEGIN
	IF wrong IS NOT NULL THEN
		PERFORM refuse(422, 'invalid', format('The limit "%s" takes a whole number from 0 on, or nothing, and there are only the limits that the plans have.', left(wrong, 40)));
	END IF;
END $$;

-- A plan is added or changed; what `limits` does not name has none.
CREATE FUNCTION door.plan_save(plan text, label text, for_new boolean, limits jsonb, adds boolean) RETURNS void
	LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
#variable_conflict use_variable
BEGIN
	PERFORM door.platform_only();
	PERFORM door.limits_check(limits);
	LOCK TABLE plan_limit IN SHARE ROW EXCLUSIVE MODE; -- one after the other: there is one plan for new accounts
	IF adds AND EXISTS (SELECT FROM plan p WHERE p.name = plan) THEN
		PERFORM refuse(409, 'plan_exists', 'There is a plan of that name already. Choose another one.');
	ELSIF NOT adds AND NOT EXISTS (SELECT FROM plan p WHERE p.name = plan) THEN
		PERFORM refuse(404, 'not_found', 'There is no such plan.');
	ELSIF for_new AND EXISTS (SELECT FROM plan p WHERE p.name = plan AND p.retired_at IS NOT NULL) THEN
		PERFORM refuse(409, 'retired', 'This plan is retired: no account begins with it. Bring it back first.');
	ELSIF NOT for_new AND EXISTS (SELECT FROM plan p WHERE p.name = plan AND p.for_new) THEN
		PERFORM refuse(409, 'plan_for_new', 'Accounts that register begin with this plan. Choose another one for them first.');
	END IF;
	UPDATE plan p SET for_new = false WHERE p.for_new AND for_new AND p.name <> plan;
	INSERT INTO plan AS p (name, label, for_new) VALUES (plan, label, for_new)
	ON CONFLICT (name) DO UPDATE SET label = excluded.label, for_new = excluded.for_new;
	DELETE FROM plan_limit l WHERE l.plan = plan;
	INSERT INTO plan_limit SELECT plan, e.key, e.value::bigint FROM jsonb_each_text(limits) e WHERE e.value IS NOT NULL;
END $$;

-- Whoever has it keeps it; no account is given it from then on.
CREATE FUNCTION door.plan_retire(plan text, retired boolean) RETURNS void
	LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
#variable_conflict use_variable
BEGIN
	PERFORM door.platform_only();
	IF retired AND EXISTS (SELECT FROM plan p WHERE p.name = plan AND p.for_new) THEN
		PERFORM refuse(409, 'plan_for_new', 'Accounts that register begin with this plan. Choose another one for them first.');
	END IF;
	UPDATE plan p SET retired_at = CASE WHEN retired THEN coalesce(p.retired_at, now()) END WHERE p.name = plan;
	IF NOT FOUND THEN
		PERFORM refuse(404, 'not_found', 'There is no such plan.');
	END IF;
END $$;

-- All plans with how many accounts have each, the limits as {"flows": 10}.
CREATE FUNCTION door.plans() RETURNS TABLE (name text, label text, for_new boolean, retired_at timestamptz, accounts bigint, limits json)
	LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
	PERFORM door.platform_only();
	RETURN QUERY SELECT p.name, p.label, p.for_new, p.retired_at,
		(SELECT count(*) FROM account a WHERE a.plan = p.name),
		(SELECT json_object_agg(k.key, l.most ORDER BY k.place)
		   FROM limit_kind k LEFT JOIN plan_limit l ON l.plan = p.name AND l.key = k.key)
	  FROM plan p ORDER BY p.retired_at IS NOT NULL, p.name;
END $$;

-- What one account uses, for the platform's pages: plan_usage() of another account, its name and its plan.
CREATE FUNCTION door.plan_usage_of(account uuid)
	RETURNS TABLE (key text, label text, monthly boolean, effect text, used bigint, most bigint, used_text text,
	               most_text text, own boolean, account_name text, plan_label text)
	LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
#variable_conflict use_column
DECLARE
	home uuid := app_account();
BEGIN
	PERFORM door.platform_only();
	IF NOT EXISTS (SELECT FROM account a WHERE a.account_id = $1) THEN
		PERFORM refuse(404, 'not_found', 'There is no such account.');
	END IF;
	PERFORM set_config('app.account', $1::text, true);
	RETURN QUERY SELECT u.*, a.name, p.label FROM plan_usage() u, account a JOIN plan p ON p.name = a.plan WHERE a.account_id = $1;
	PERFORM set_config('app.account', home::text, true);
END $$;

-- What an account may have in spite of its plan; what `limits` does not name is as in the plan, null is no limit.  Its
-- admins find it in their own audit log, too.
CREATE FUNCTION door.account_limits_set(account uuid, limits jsonb, address text, agent text, request_id text) RETURNS void
	LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
#variable_conflict use_variable
DECLARE
	home uuid := app_account();
	was jsonb;
BEGIN
	PERFORM door.platform_only();
	PERFORM door.limits_check(limits);
	IF NOT EXISTS (SELECT FROM account a WHERE a.account_id = account) THEN
		PERFORM refuse(404, 'not_found', 'There is no such account.');
	END IF;
	LOCK TABLE account_limit IN SHARE ROW EXCLUSIVE MODE; -- one after the other
	SELECT coalesce(jsonb_object_agg(l.key, l.most), '{}') INTO was FROM account_limit l WHERE l.account_id = account;
	DELETE FROM account_limit l WHERE l.account_id = account;
	INSERT INTO account_limit SELECT account, e.key, e.value::bigint FROM jsonb_each_text(limits) e;
	PERFORM set_config('app.account', account::text, true);
	PERFORM audit_add('account.limits_changed', 'account', account, was, limits, address, agent, request_id);
	PERFORM set_config('app.account', home::text, true);
	IF home <> account THEN
		PERFORM audit_add('account.limits_changed', 'account', account, was, limits, address, agent, request_id);
	END IF;
END $$;

REVOKE ALL ON FUNCTION door.platform_only, door.limits_check, door.plan_save, door.plan_retire, door.plans,
	door.plan_usage_of, door.account_limits_set FROM PUBLIC;
GRANT EXECUTE ON FUNCTION door.platform_only, door.plan_save, door.plan_retire, door.plans, door.plan_usage_of,
	door.account_limits_set TO rf_worker;
GRANT EXECUTE ON FUNCTION door.platform_only TO overseer;
SET LOCAL ROLE rf_owner;
