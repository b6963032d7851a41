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

-- Whether the account of this transaction is being taken away whole: nothing is counted or made of its rows then.
CREATE FUNCTION app_erasing() RETURNS boolean LANGUAGE sql STABLE PARALLEL SAFE
	AS $$ SELECT coalesce(current_setting('app.erasing', true), '') = 'yes' $$;

-- Version 7: by time, so that ids sort and indexes grow at one end.
CREATE FUNCTION uuid7() RETURNS uuid LANGUAGE sql VOLATILE PARALLEL SAFE AS $$
	SELECT encode(set_bit(set_bit(overlay(uuid_send(gen_random_uuid())
		PLACING substring(int8send((extract(epoch FROM clock_timestamp()) * 1000)::bigint) FROM 3)
		FROM 1 FOR 6), 52, 1), 53, 1), 'hex')::uuid
$$;

-- A refusal that the program turns into an answer: the status, the API's word, a sentence for the user, and as
-- hint the seconds to wait, or an object of facts that the API tells beside it.
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

-- What a plan holds, 0014_plans.sql says.
CREATE TABLE plan (
	name text PRIMARY KEY CHECK (name ~ '^[a-z][a-z0-9-]{0,29}$'),
	label text NOT NULL CHECK (length(label) BETWEEN 1 AND 40),
	for_new boolean NOT NULL DEFAULT false, -- that of accounts which register
	retired_at timestamptz,                 -- no account is given it from then on
	CHECK (NOT (for_new AND retired_at IS NOT NULL))
);
CREATE UNIQUE INDEX plan_for_new ON plan (for_new) WHERE for_new;
INSERT INTO plan (name, label, for_new) VALUES ('free', 'Free', false), ('team', 'Team', true), ('scale', 'Scale', false);
GRANT SELECT ON plan TO rf_worker, rf_jobs, doorman;

CREATE FUNCTION plan_for_new() RETURNS text LANGUAGE sql STABLE AS $$ SELECT name FROM plan WHERE for_new $$;

CREATE TABLE account (
	account_id uuid PRIMARY KEY,
	name text NOT NULL CHECK (length(name) BETWEEN 1 AND 120),
	plan text NOT NULL DEFAULT plan_for_new() REFERENCES plan,
	suspended_at timestamptz,
	closing_at timestamptz, -- when it will be deleted, which its admins may call off until then
	second_factor_required boolean NOT NULL DEFAULT false,
	created_at timestamptz NOT NULL DEFAULT now()
);
SELECT wall('account');
GRANT SELECT, INSERT, UPDATE (name) ON account TO rf_worker;
GRANT SELECT ON account TO rf_jobs;
