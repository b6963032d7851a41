-- Endpoints of other people's programs that an account has called when something happens, and the calls on their way.

CREATE TABLE webhook (
	account_id uuid NOT NULL REFERENCES account,
	id uuid NOT NULL,
	name text NOT NULL CHECK (length(name) BETWEEN 1 AND 80),
	url text NOT NULL CHECK (length(url) <= 2000), -- a secret, too: chats take whatever comes to theirs
	kind text NOT NULL CHECK (kind IN ('json', 'slack', 'teams')),
	events text[] NOT NULL CHECK (events <@ ARRAY['handoff_created', 'handoff_claimed', 'handoff_released',
		'handoff_resolved', 'handoff_cancelled', 'handoff_overdue']),
	secret text NOT NULL,         -- sealed; what signs its calls
	old_secret text,              -- signs beside it for a while after a change
	old_secret_until timestamptz,
	active boolean NOT NULL DEFAULT true,
	failures int NOT NULL DEFAULT 0, -- in a row
	failing_since timestamptz,
	paused_until timestamptz,     -- after some failures: then one call goes out to see, and the others wait for it
	created_by uuid NOT NULL,
	created_at timestamptz NOT NULL DEFAULT now(),
	updated_at timestamptz NOT NULL DEFAULT now(),
	deleted_at timestamptz,       -- its address and secrets are gone then; its calls are still on record
	PRIMARY KEY (account_id, id),
	FOREIGN KEY (account_id, created_by) REFERENCES person,
	CHECK (deleted_at IS NULL OR NOT active)
);
SELECT wall('webhook');
GRANT SELECT, INSERT ON webhook TO rf_worker;
GRANT UPDATE (name, url, kind, events, secret, old_secret, old_secret_until, active, failures, failing_since,
	paused_until, updated_at, deleted_at) ON webhook TO rf_worker;
CREATE POLICY jobs ON webhook TO rf_jobs USING (true) WITH CHECK (true);
CREATE POLICY reseal ON webhook TO rf_owner USING (true);
GRANT SELECT, UPDATE (failures, failing_since, paused_until) ON webhook TO rf_jobs;

CREATE TABLE webhook_call (
	account_id uuid NOT NULL REFERENCES account,
	id uuid NOT NULL DEFAULT uuid7(),
	webhook_id uuid NOT NULL,
	event text NOT NULL,    -- its type
	event_id text NOT NULL, -- the same with each try, so that a receiver knows what it has seen
	body text NOT NULL,
	state text NOT NULL DEFAULT 'queued' CHECK (state IN ('queued', 'sending', 'sent', 'failed', 'skipped')),
	unwanted boolean NOT NULL DEFAULT false, -- what does not get through now is not tried again
	attempts int NOT NULL DEFAULT 0,
	next_at timestamptz NOT NULL DEFAULT now(),
	lease_until timestamptz,
	lease_by text,
	last_error text,
	last_status int, -- of the last answer
	created_at timestamptz NOT NULL DEFAULT now(),
	sent_at timestamptz,
	PRIMARY KEY (account_id, id),
	FOREIGN KEY (account_id, webhook_id) REFERENCES webhook
);
SELECT wall('webhook_call');
CREATE UNIQUE INDEX webhook_call_event ON webhook_call (account_id, webhook_id, event_id);
CREATE INDEX webhook_call_by_webhook ON webhook_call (account_id, webhook_id, id);
CREATE INDEX webhook_call_due ON webhook_call (account_id, webhook_id, next_at) WHERE state IN ('queued', 'sending');
CREATE INDEX webhook_call_out ON webhook_call (account_id, webhook_id) WHERE state = 'sending';
CREATE INDEX webhook_call_by_age ON webhook_call (created_at);
GRANT SELECT, INSERT, UPDATE (state, unwanted, attempts, next_at, last_error) ON webhook_call TO rf_worker;
CREATE POLICY jobs ON webhook_call TO rf_jobs USING (true) WITH CHECK (true);
GRANT SELECT, INSERT, UPDATE, DELETE ON webhook_call TO rf_jobs;

-- Of those who add at once one goes first, so that the limit holds.
CREATE FUNCTION webhook_room() RETURNS void LANGUAGE plpgsql AS $$
BEGIN
	PERFORM 1 FROM account WHERE account_id = app_account() FOR NO KEY UPDATE;
	IF (SELECT count(*) FROM webhook w WHERE w.account_id = app_account() AND w.deleted_at IS NULL) >= 20 THEN
		PERFORM refuse(409, 'too_many_webhooks', 'An account has at most 20 endpoints. Delete one that nobody needs.');
	END IF;
END $$;

-- Those that there are, with what became of the last call that was tried.
CREATE VIEW webhook_here WITH (security_invoker = true) AS
	SELECT w.account_id, w.id, w.name, w.url, w.kind, w.events, w.active, w.paused_until IS NOT NULL AS paused, w.failures,
	       w.failing_since, w.paused_until, w.created_at, w.updated_at, p.name AS made_by,
	       (SELECT count(*) FROM (SELECT FROM webhook_call c WHERE c.account_id = w.account_id AND c.webhook_id = w.id
	         AND c.state IN ('queued', 'sending') LIMIT 1000) found) AS waiting,
	       coalesce(last.sent_at, last.created_at) AS last_at, last.state AS last_state, last.last_error
	  FROM webhook w JOIN person p ON p.account_id = w.account_id AND p.id = w.created_by
	  LEFT JOIN LATERAL (SELECT c.* FROM webhook_call c WHERE c.account_id = w.account_id AND c.webhook_id = w.id
	                        AND c.attempts > 0 ORDER BY c.id DESC LIMIT 1) last ON true
	 WHERE w.deleted_at IS NULL;
GRANT SELECT ON webhook_here TO rf_worker;
