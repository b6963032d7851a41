-- Accounts (one MSP company each, the wall that no data crosses), their plans, and the rules that every table keeps.
--
-- Run as rf_owner, which owns everything and logs in nowhere.  The programs' roles own nothing.  Look-ups that
-- must happen before the account is known stand in the schema "door": SECURITY DEFINER functions of the role
-- doorman, each of which takes an address or a token's hash and returns at most one row.

CREATE SCHEMA door AUTHORIZATION doorman;
GRANT USAGE ON SCHEMA door TO rf_worker, rf_jobs;

-- The account of this transaction; NULL where none is set, and then no row is visible.
CREATE FUNCTION app_account() RETURNS uuid LANGUAGE sql STABLE PARALLEL SAFE
	AS $$ SELECT nullif(current_setting('app.account', true), '')::uuid $$;

CREATE FUNCTION app_person() RETURNS uuid LANGUAGE sql STABLE PARALLEL SAFE
	AS $$ SELECT nullif(current_setting('app.person', true), '')::uuid $$;

-- Version 7: by time, so that ids sort and indexes grow at one end.
CREATE FUNCTION uuid7() RETURNS uuid LANGUAGE sql VOLATILE PARALLEL SAFE AS $$
	SELECT encode(set_bit(set_bit(overlay(uuid_send(gen_random_uuid())
		PLACING substring(int8send((extract(epoch FROM clock_timestamp()) * 1000)::bigint) FROM 3)
		FROM 1 FOR 6), 52, 1), 53, 1), 'hex')::uuid
$$;

-- A refusal that the program turns into an answer: the status, the API's word and a sentence for the user.
CREATE FUNCTION refuse(status int, code text, sentence text, hint text DEFAULT '') RETURNS void
	LANGUAGE plpgsql AS $$
BEGIN
	RAISE EXCEPTION USING ERRCODE = 'RF' || status, MESSAGE = code, DETAIL = sentence, HINT = hint;
END $$;

-- Puts a table behind the wall: its rows are those of the transaction's account, for its owner as well.  The eraser may
-- take them all away, so that no table outlives its account.
CREATE FUNCTION wall(target regclass) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
	EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY', target);
	EXECUTE format('ALTER TABLE %s FORCE ROW LEVEL SECURITY', target);
	EXECUTE format('CREATE POLICY account ON %s USING (account_id = app_account())
	                WITH CHECK (account_id = app_account())', target);
	EXECUTE format('GRANT SELECT, DELETE ON %s TO eraser', target);
END $$;

CREATE TABLE plan (
	name text PRIMARY KEY,
	label text NOT NULL,
	flows int,           -- NULL: without limit, in every limit
	users int,
	sessions_month int,
	ai_calls_month int
);
INSERT INTO plan VALUES
	('free', 'Free', 10, 5, 200, 0),
	('team', 'Team', 200, 50, 10000, 500),
	('scale', 'Scale', NULL, NULL, NULL, 5000);
GRANT SELECT ON plan TO rf_worker, rf_jobs, doorman;

CREATE TABLE account (
	account_id uuid PRIMARY KEY,
	name text NOT NULL CHECK (length(name) BETWEEN 1 AND 120),
	plan text NOT NULL DEFAULT 'team' REFERENCES plan,
	suspended_at timestamptz,
	closing_at timestamptz, -- when it will be deleted, which its admins may call off until then
	second_factor_required boolean NOT NULL DEFAULT false,
	created_at timestamptz NOT NULL DEFAULT now()
);
SELECT wall('account');
GRANT SELECT, INSERT, UPDATE (name) ON account TO rf_worker;
GRANT SELECT ON account TO rf_jobs;
