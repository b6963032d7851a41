-- What an account takes out of texts before they leave, beside what is always taken out.

CREATE TABLE redaction_pattern (
	account_id uuid NOT NULL REFERENCES account,
	id uuid NOT NULL,
	name text NOT NULL CHECK (length(name) BETWEEN 1 AND 80),
	pattern text NOT NULL CHECK (length(pattern) BETWEEN 1 AND 500),
	kind text NOT NULL CHECK (kind ~ '^[a-z0-9][a-z0-9_-]{0,29}$'), -- as a mark says it: [REDACTED:kind]
	created_by uuid NOT NULL,
	created_at timestamptz NOT NULL DEFAULT now(),
	PRIMARY KEY (account_id, id),
	FOREIGN KEY (account_id, created_by) REFERENCES person
);
SELECT wall('redaction_pattern');
CREATE UNIQUE INDEX redaction_pattern_name ON redaction_pattern (account_id, lower(name));
GRANT SELECT, INSERT, DELETE ON redaction_pattern TO rf_worker;
GRANT SELECT ON redaction_pattern TO rf_jobs;

-- Of those who add at once one goes first, so that the limit and the names hold.
CREATE FUNCTION redaction_pattern_add(id uuid, name text, pattern text, kind text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
	PERFORM 1 FROM account WHERE account_id = app_account() FOR NO KEY UPDATE;
	IF (SELECT count(*) FROM redaction_pattern WHERE account_id = app_account()) >= 50 THEN
		PERFORM refuse(422, 'too_many_patterns', 'An account has at most 50 patterns. Delete one that nobody needs.');
	END IF;
	IF EXISTS (SELECT FROM redaction_pattern r WHERE r.account_id = app_account() AND lower(r.name) = lower($2)) THEN
		PERFORM refuse(409, 'name_taken', 'There is a pattern of that name already.');
	END IF;
	INSERT INTO redaction_pattern (account_id, id, name, pattern, kind, created_by)
	VALUES (app_account(), $1, $2, $3, $4, app_person());
END $$;
