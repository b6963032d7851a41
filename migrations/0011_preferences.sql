-- What people wish to be told of, by what channel, and at what times.

-- The zones that a person may choose.  pg_timezone_names reads a file for each, too slow for a form.
CREATE TABLE zone (name text PRIMARY KEY);
INSERT INTO zone SELECT name FROM pg_timezone_names
 WHERE name = 'UTC'
    OR name ~ '^(Africa|America|Antarctica|Arctic|Asia|Atlantic|Australia|Europe|Indian|Pacific)/';
GRANT SELECT ON zone TO rf_worker;

ALTER TABLE person
	ADD zone text NOT NULL DEFAULT 'UTC' REFERENCES zone,
	ADD quiet_from time,  -- quiet hours, of any length under a day; over midnight where they end earlier than they begin
	ADD quiet_until time,
	ADD quiet_days int NOT NULL DEFAULT 0,           -- days that are quiet from midnight to midnight: Monday 1, Tuesday 2, ...
	ADD urgent_anyway boolean NOT NULL DEFAULT true, -- whether what is urgent comes in quiet hours, too
	ADD digest_at time NOT NULL DEFAULT '08:00',     -- of each day that is not quiet
	ADD CONSTRAINT person_quiet_hours CHECK ((quiet_from IS NULL) = (quiet_until IS NULL) AND quiet_from <> quiet_until),
	ADD CONSTRAINT person_quiet_days CHECK (quiet_days BETWEEN 0 AND 126);

-- What differs from the default of its event and channel.
CREATE TABLE preference (
	account_id uuid NOT NULL REFERENCES account,
	person_id uuid NOT NULL,
	event text NOT NULL CHECK (event IN ('prepared', 'escalation', 'overdue', 'answer')),
	channel text NOT NULL CHECK (channel IN ('email', 'inapp')),
	wish text NOT NULL CHECK (wish IN ('now', 'off') OR wish = 'digest' AND channel = 'email'),
	PRIMARY KEY (account_id, person_id, event, channel),
	FOREIGN KEY (account_id, person_id) REFERENCES person
);
SELECT wall('preference');
GRANT SELECT, INSERT, UPDATE, DELETE ON preference TO rf_worker;
GRANT SELECT ON preference TO rf_jobs;

CREATE VIEW wish_default WITH (security_invoker = true) AS
SELECT * FROM (VALUES ('prepared', 'email', 'now'), ('prepared', 'inapp', 'now'),
                      ('escalation', 'email', 'now'), ('escalation', 'inapp', 'now'),
                      ('overdue', 'email', 'now'), ('overdue', 'inapp', 'now'),
                      ('answer', 'email', 'off'), ('answer', 'inapp', 'now')) d (event, channel, wish);
GRANT SELECT ON wish_default TO rf_worker, rf_jobs;

-- Every person who can be told, with each event and channel.
CREATE VIEW wish WITH (security_invoker = true) AS
SELECT p.account_id, p.id AS person_id, d.event, d.channel, coalesce(k.wish, d.wish) AS wish
  FROM person p
 CROSS JOIN wish_default d
  LEFT JOIN preference k ON k.account_id = p.account_id AND k.person_id = p.id
                        AND k.event = d.event AND k.channel = d.channel
 WHERE p.active AND p.deleted_at IS NULL;
GRANT SELECT ON wish TO rf_worker, rf_jobs;

CREATE FUNCTION wish_set(person uuid, event text, channel text, wish text) RETURNS void LANGUAGE sql AS $$
	DELETE FROM preference k USING wish_default d
	 WHERE k.account_id = app_account() AND k.person_id = $1 AND k.event = $2 AND k.channel = $3
	   AND d.event = $2 AND d.channel = $3 AND d.wish = $4;
	INSERT INTO preference AS k
	SELECT p.account_id, p.id, d.event, d.channel, $4
	  FROM person p, wish_default d
	 WHERE p.account_id = app_account() AND p.id = $1 AND d.event = $2 AND d.channel = $3 AND d.wish <> $4
	ON CONFLICT (account_id, person_id, event, channel) DO UPDATE SET wish = $4 WHERE k.wish <> $4
$$;

-- Whether a clock on that person's wall shows a quiet time.
CREATE FUNCTION is_quiet(p person, at timestamptz) RETURNS boolean LANGUAGE sql STABLE AS $$
	SELECT ($1.quiet_days >> (extract(isodow FROM here.at)::int - 1)) & 1 = 1
	       OR coalesce(CASE WHEN $1.quiet_from < $1.quiet_until
	                   THEN here.at::time >= $1.quiet_from AND here.at::time < $1.quiet_until
	                   ELSE here.at::time >= $1.quiet_from OR here.at::time < $1.quiet_until END, false)
	  FROM (SELECT $2 AT TIME ZONE $1.zone AS at) here
$$;

-- When the next digest of that person is due, after `at`.  An hour that a change of clocks leaves out is the next
-- one, and one that comes twice is the later of the two.
CREATE FUNCTION wish_at(person uuid, at timestamptz) RETURNS timestamptz LANGUAGE sql STABLE AS $$
	SELECT min(due.at)
	  FROM person p,
	       generate_series(0, 8) AS days,
	       LATERAL (SELECT ($2 AT TIME ZONE p.zone)::date + days AS day) that,
	       LATERAL (SELECT (that.day + p.digest_at) AT TIME ZONE p.zone AS at) due
	 WHERE p.account_id = app_account() AND p.id = $1 AND due.at > $2
	   AND (p.quiet_days >> (extract(isodow FROM that.day)::int - 1)) & 1 = 0
$$;

-- When that person may be told by mail: at once, when it is no longer quiet, or with the next digest; NULL: not at all.
CREATE FUNCTION mail_at(person uuid, wish text, urgent boolean, at timestamptz) RETURNS timestamptz
	LANGUAGE sql STABLE AS $$
	SELECT CASE
	       WHEN $2 = 'digest' THEN wish_at($1, $4)
	       WHEN $2 = 'off' THEN NULL
	       WHEN $3 AND p.urgent_anyway OR NOT is_quiet(p, $4) THEN $4
	       ELSE (SELECT min(over.at)
	               FROM generate_series(0, 8) AS days,
	                    LATERAL (VALUES (time '00:00'), (p.quiet_until)) AS ends (at),
	                    LATERAL (SELECT (($4 AT TIME ZONE p.zone)::date + days + ends.at) AT TIME ZONE p.zone AS at) AS over
	              WHERE over.at > $4 AND NOT is_quiet(p, over.at)) END
	  FROM person p WHERE p.account_id = app_account() AND p.id = $1
$$;
