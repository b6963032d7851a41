-- Work for later, done by the jobs program, and mail on its way.

CREATE TABLE job (
	id uuid PRIMARY KEY DEFAULT uuid7(),
	account_id uuid REFERENCES account, -- NULL: the platform's own housekeeping
	kind text NOT NULL,
	payload jsonb NOT NULL DEFAULT '{}',
	state text NOT NULL DEFAULT 'queued' CHECK (state IN ('queued', 'running', 'done', 'dead')),
	run_at timestamptz NOT NULL DEFAULT now(),
	attempts int NOT NULL DEFAULT 0, -- how many are too many, the table of kinds in the program says
	lease_until timestamptz,         -- of a running job: from then on another process may take it
	lease_by text,
	last_error text,
	unique_key text,                 -- at most one such job waits in an account
	created_at timestamptz NOT NULL DEFAULT now(),
	finished_at timestamptz
);
ALTER TABLE job ENABLE ROW LEVEL SECURITY;
ALTER TABLE job FORCE ROW LEVEL SECURITY;
CREATE POLICY account ON job TO rf_worker, doorman, eraser
	USING (account_id = app_account()) WITH CHECK (account_id = app_account());
CREATE POLICY jobs ON job TO rf_jobs USING (true) WITH CHECK (true);
CREATE INDEX job_due ON job (run_at) WHERE state IN ('queued', 'running');
CREATE INDEX job_finished ON job (finished_at) WHERE state IN ('done', 'dead');
CREATE UNIQUE INDEX job_unique ON job (account_id, unique_key) NULLS NOT DISTINCT
	WHERE state = 'queued' AND unique_key IS NOT NULL;
GRANT INSERT ON job TO rf_worker, doorman;
GRANT SELECT ON job TO rf_worker;
GRANT SELECT, INSERT, UPDATE, DELETE ON job TO rf_jobs;
GRANT SELECT, DELETE ON job TO eraser;

-- When each piece of housekeeping was last done, by whichever process; no account's rows.
CREATE TABLE job_period (
	name text PRIMARY KEY,
	last_at timestamptz NOT NULL DEFAULT '-infinity'
);
GRANT SELECT, INSERT, UPDATE ON job_period TO rf_jobs;

CREATE TABLE outbox (
	id uuid PRIMARY KEY DEFAULT uuid7(),
	account_id uuid NOT NULL REFERENCES account,
	recipient text NOT NULL,
	subject text NOT NULL,
	body_text text NOT NULL,
	body_html text NOT NULL DEFAULT '',
	headers jsonb NOT NULL DEFAULT '{}',
	message_id text NOT NULL DEFAULT gen_random_uuid()::text,
	state text NOT NULL DEFAULT 'queued' CHECK (state IN ('queued', 'sending', 'sent', 'failed', 'skipped')),
	unwanted boolean NOT NULL DEFAULT false, -- not needed any more: whoever says so makes 'queued' 'skipped'
	attempts int NOT NULL DEFAULT 0,
	next_at timestamptz NOT NULL DEFAULT now(),
	lease_until timestamptz,
	last_error text,
	created_at timestamptz NOT NULL DEFAULT now(),
	sent_at timestamptz,
	failed_at timestamptz -- when it was given up
);
ALTER TABLE outbox ENABLE ROW LEVEL SECURITY;
ALTER TABLE outbox FORCE ROW LEVEL SECURITY;
CREATE POLICY account ON outbox TO rf_worker, doorman, eraser
	USING (account_id = app_account()) WITH CHECK (account_id = app_account());
CREATE POLICY jobs ON outbox TO rf_jobs USING (true) WITH CHECK (true);
CREATE INDEX outbox_due ON outbox (next_at) WHERE state IN ('queued', 'sending');
CREATE INDEX outbox_by_account ON outbox (account_id, id);
CREATE INDEX outbox_failed ON outbox (account_id, id) WHERE state = 'failed';
CREATE INDEX outbox_by_age ON outbox (created_at);
GRANT INSERT, UPDATE (unwanted, state, attempts, next_at, failed_at) ON outbox TO rf_worker;
GRANT INSERT ON outbox TO doorman;
GRANT SELECT (id, account_id, recipient, subject, state, unwanted, attempts, next_at, last_error, created_at, sent_at,
              failed_at)
	ON outbox TO rf_worker;
GRANT SELECT, INSERT, UPDATE, DELETE ON outbox TO rf_jobs;
GRANT SELECT, DELETE ON outbox TO eraser;
