-- Feature flags: what is switched on, for all accounts, for a part of them, or for one.  Which flags there are, and
-- what holds of one that is not here, the program says (fcgi/flags/flags.c).

CREATE TABLE flag (
	name text PRIMARY KEY,
	enabled boolean NOT NULL,
	percent int NOT NULL CHECK (percent BETWEEN 0 AND 100) -- of all accounts, where it is enabled
);

CREATE TABLE account_flag (
	account_id uuid NOT NULL REFERENCES account,
	name text NOT NULL,
	enabled boolean NOT NULL,
	PRIMARY KEY (account_id, name)
);
SELECT wall('account_flag');
GRANT SELECT, INSERT, UPDATE, DELETE ON flag, account_flag TO doorman;
CREATE POLICY door ON account_flag TO doorman USING (true) WITH CHECK (true);

SET LOCAL ROLE doorman;

-- All of them, for the programs' caches; a row without an account is that of all accounts.
CREATE FUNCTION door.flags() RETURNS TABLE (name text, account_id uuid, enabled boolean, percent int)
	LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
	SELECT f.name, NULL::uuid, f.enabled, f.percent FROM flag f
	UNION ALL SELECT a.name, a.account_id, a.enabled, NULL FROM account_flag a
$$;

-- The programs hear of a change at once: each of them listens.
CREATE FUNCTION door.flag_set(flag text, enabled boolean, percent int) RETURNS void
	LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
	PERFORM door.platform_only();
	INSERT INTO flag VALUES ($1, $2, $3)
	ON CONFLICT (name) DO UPDATE SET enabled = excluded.enabled, percent = excluded.percent;
	PERFORM pg_notify('bell_flags', $1);
END $$;

-- NULL: as it is for all.
CREATE FUNCTION door.account_flag_set(account uuid, flag text, enabled boolean) RETURNS void
	LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
	PERFORM door.platform_only();
	IF NOT EXISTS (SELECT FROM account a WHERE a.account_id = $1) THEN
		PERFORM refuse(404, 'not_found', 'There is no such account.');
	END IF;
	IF $3 IS NULL THEN
		DELETE FROM account_flag f WHERE f.account_id = $1 AND f.name = $2;
	ELSE
		INSERT INTO account_flag AS f VALUES ($1, $2, $3)
		ON CONFLICT (account_id, name) DO UPDATE SET enabled = excluded.enabled;
	END IF;
	PERFORM pg_notify('bell_flags', $2);
END $$;

-- The accounts for which a flag is set by itself, or each flag where none is named; at most a thousand of each.
CREATE FUNCTION door.flag_accounts(flag text) RETURNS TABLE (name text, account_id uuid, account_name text, enabled boolean)
	LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
	PERFORM door.platform_only();
	RETURN QUERY SELECT n.name, n.account_id, n.account_name, n.enabled FROM (
		SELECT f.name, f.account_id, a.name AS account_name, f.enabled,
		       row_number() OVER (PARTITION BY f.name ORDER BY lower(a.name), f.account_id) AS nth
		  FROM account_flag f JOIN account a ON a.account_id = f.account_id WHERE $1 IN ('', f.name)) n
		WHERE n.nth <= 1000 ORDER BY n.name, n.nth;
END $$;

-- The account of that id, or the only one of that name.
CREATE FUNCTION door.account_named(typed text) RETURNS TABLE (account_id uuid)
	LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
	PERFORM door.platform_only();
	RETURN QUERY SELECT a.account_id FROM account a
		WHERE a.account_id::text = lower($1) OR lower(a.name) = lower($1)
		  AND NOT EXISTS (SELECT FROM account o WHERE lower(o.name) = lower($1) AND o.account_id <> a.account_id);
END $$;

REVOKE ALL ON FUNCTION door.flags, door.flag_set, door.account_flag_set, door.flag_accounts, door.account_named FROM PUBLIC;
GRANT EXECUTE ON FUNCTION door.flags, door.flag_set, door.account_flag_set, door.flag_accounts, door.account_named TO rf_worker;
GRANT EXECUTE ON FUNCTION door.flags TO rf_jobs;
SET LOCAL ROLE rf_owner;
