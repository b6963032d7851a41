-- A table of the shape of a list's rows, for the measurements only.

CREATE TABLE bench_flow (
	account_id uuid NOT NULL REFERENCES account,
	id uuid NOT NULL,
	name text NOT NULL,
	description text NOT NULL,
	category text NOT NULL,
	tags text[] NOT NULL,
	used int NOT NULL DEFAULT 0,
	updated_at timestamptz NOT NULL,
	PRIMARY KEY (account_id, id)
);
SELECT wall('bench_flow');
CREATE INDEX bench_flow_by_time ON bench_flow (account_id, updated_at DESC, id);
GRANT SELECT ON bench_flow TO rf_worker;
