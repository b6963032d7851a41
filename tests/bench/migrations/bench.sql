-- Tables of the shape that flows and sessions will have, for the measurements only.

CREATE TABLE bench_flow (
	account_id uuid NOT NULL REFERENCES account,
	id uuid NOT NULL,
	name text NOT NULL,
	description text NOT NULL,
	category text NOT NULL,
	tags text[] NOT NULL,
	used int NOT NULL DEFAULT 0,
	updated_at timestamptz NOT NULL,
	structure jsonb NOT NULL,
	PRIMARY KEY (account_id, id)
);
SELECT wall('bench_flow');
CREATE INDEX bench_flow_by_time ON bench_flow (account_id, updated_at DESC, id);
GRANT SELECT ON bench_flow TO rf_worker;

-- step_count is also the token of the step that a form answers: of two answers to one step the second is refused.
CREATE TABLE bench_session (
	account_id uuid NOT NULL REFERENCES account,
	id uuid NOT NULL,
	flow_id uuid NOT NULL,
	ticket text NOT NULL,
	status text NOT NULL DEFAULT 'active',
	node text NOT NULL,
	step_count int NOT NULL DEFAULT 0,
	updated_at timestamptz NOT NULL,
	PRIMARY KEY (account_id, id),
	FOREIGN KEY (account_id, flow_id) REFERENCES bench_flow
);
SELECT wall('bench_session');
GRANT SELECT, UPDATE ON bench_session TO rf_worker;

CREATE TABLE bench_step (
	account_id uuid NOT NULL,
	session_id uuid NOT NULL,
	seq int NOT NULL,
	node text NOT NULL,
	question text NOT NULL,
	answer text NOT NULL,
	note text NOT NULL,
	created_at timestamptz NOT NULL,
	PRIMARY KEY (account_id, session_id, seq),
	FOREIGN KEY (account_id, session_id) REFERENCES bench_session
);
SELECT wall('bench_step');
GRANT SELECT, INSERT ON bench_step TO rf_worker;
