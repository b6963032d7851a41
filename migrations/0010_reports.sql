-- What leaves the product of a session: exports as they were taken, and links that show it to others.

-- As it was copied or downloaded, by whom and when; never changed.
CREATE TABLE export (
	account_id uuid NOT NULL,
	id uuid NOT NULL,
	session_id uuid NOT NULL,
	format text NOT NULL CHECK (format IN ('markdown', 'text', 'html', 'json')),
	detail text NOT NULL CHECK (detail IN ('summary', 'standard', 'full')),
	redacted boolean NOT NULL,
	edited boolean NOT NULL, -- by hand, before it left
	text text NOT NULL,
	digest text NOT NULL CHECK (length(digest) = 64), -- its seal
	person_id uuid NOT NULL,
	at timestamptz NOT NULL DEFAULT now(),
	PRIMARY KEY (account_id, id),
	FOREIGN KEY (account_id, session_id) REFERENCES session,
	FOREIGN KEY (account_id, person_id) REFERENCES person
);
SELECT wall('export');
CREATE INDEX export_by_session ON export (account_id, session_id, id);
CREATE INDEX export_by_digest ON export (digest);
GRANT SELECT, INSERT ON export TO rf_worker;
GRANT SELECT (account_id, digest, format, edited, at) ON export TO doorman;
CREATE POLICY door ON export FOR SELECT TO doorman USING (true);

-- Under the lock of its session: each may be as long as a document.
CREATE FUNCTION export_room(session uuid) RETURNS void LANGUAGE plpgsql STABLE AS $$
BEGIN
	IF (SELECT count(*) FROM export e WHERE e.account_id = app_account() AND e.session_id = $1) >= 200 THEN
		PERFORM refuse(409, 'too_many_exports', 'A session can be exported 200 times. Use an export that was taken before.');
	END IF;
END $$;

CREATE TABLE share (
	account_id uuid NOT NULL,
	id uuid NOT NULL,
	session_id uuid NOT NULL,
	token_hash text NOT NULL,
	audience text NOT NULL CHECK (audience IN ('public', 'account')),
	detail text NOT NULL CHECK (detail IN ('summary', 'standard', 'full')),
	redact boolean NOT NULL CHECK (redact OR audience = 'account'),
	expires_at timestamptz NOT NULL,
	max_views int CHECK (max_views > 0),
	views int NOT NULL DEFAULT 0,
	person_id uuid NOT NULL,
	created_at timestamptz NOT NULL DEFAULT now(),
	revoked_at timestamptz,
	PRIMARY KEY (account_id, id),
	FOREIGN KEY (account_id, session_id) REFERENCES session,
	FOREIGN KEY (account_id, person_id) REFERENCES person,
	CHECK (views <= max_views)
);
SELECT wall('share');
CREATE UNIQUE INDEX share_token ON share (token_hash);
CREATE INDEX share_by_session ON share (account_id, session_id, id);
GRANT SELECT, INSERT, UPDATE (revoked_at) ON share TO rf_worker;
GRANT SELECT, UPDATE (views) ON share TO doorman;
CREATE POLICY door ON share TO doorman USING (true);

-- Under the lock of its session, before one more is made: so each of those that work is in the list that withdraws it.
CREATE FUNCTION share_room(session uuid) RETURNS void LANGUAGE plpgsql STABLE AS $$
BEGIN
	IF (SELECT count(*) FROM share s WHERE s.account_id = app_account() AND s.session_id = $1 AND s.revoked_at IS NULL
	       AND s.expires_at > now() AND s.views < coalesce(s.max_views, s.views + 1)) >= 100 THEN
		PERFORM refuse(409, 'too_many_links', 'A session has at most 100 links that work. Withdraw one that nobody needs.');
	END IF;
END $$;

-- When it was opened; by whom is known of colleagues only.
CREATE TABLE share_view (
	account_id uuid NOT NULL,
	id uuid NOT NULL DEFAULT uuid7(),
	share_id uuid NOT NULL,
	person_id uuid,
	at timestamptz NOT NULL DEFAULT now(),
	PRIMARY KEY (account_id, id),
	FOREIGN KEY (account_id, share_id) REFERENCES share,
	FOREIGN KEY (account_id, person_id) REFERENCES person
);
SELECT wall('share_view');
CREATE INDEX share_view_by_share ON share_view (account_id, share_id, id);
GRANT SELECT ON share_view TO rf_worker;
GRANT INSERT ON share_view TO doorman;
CREATE POLICY door ON share_view FOR INSERT TO doorman WITH CHECK (true);

SET LOCAL ROLE doorman;

-- Opens a shared session by its link's token, and enters its account as nobody.  A link with a number of views is
-- only looked at where claim is false: then `asks` is true, and nothing is counted.
CREATE FUNCTION door.share_open(token_hash text, claim boolean)
	RETURNS TABLE (session_id uuid, audience text, detail text, redact boolean, asks boolean, views_left int,
	               account_name text)
	LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
#variable_conflict use_column
DECLARE
	s share;
	account uuid := app_account();
	person uuid := app_person();
	asks boolean;
BEGIN
	SELECT * INTO s FROM share WHERE share.token_hash = $1 FOR NO KEY UPDATE;
	IF NOT FOUND OR s.audience = 'account' AND account <> s.account_id
	   OR EXISTS (SELECT FROM account a WHERE a.account_id = s.account_id AND a.suspended_at IS NOT NULL) THEN
		PERFORM refuse(404, 'not_found', 'There is nothing behind this link. Ask who gave it to you for a new one.');
	ELSIF s.audience = 'account' AND account IS NULL THEN
		PERFORM refuse(401, 'not_signed_in', 'Sign in to go on.');
	ELSIF s.audience = 'account' AND second_factor_due(account, person) THEN
		PERFORM refuse(403, 'second_factor_due', 'Your account asks for a second factor. Set it up in your profile first.');
	ELSIF s.revoked_at IS NOT NULL THEN
		PERFORM refuse(410, 'revoked', 'This link was withdrawn. Ask who gave it to you for a new one.');
	ELSIF s.expires_at <= now() THEN
		PERFORM refuse(410, 'expired', 'This link has expired. Ask who gave it to you for a new one.');
	ELSIF s.views >= s.max_views THEN
		PERFORM refuse(410, 'used_up', 'This link was opened as often as it may be. Ask who gave it to you for a new one.');
	END IF;
	asks := s.max_views IS NOT NULL AND NOT $2;
	IF NOT asks THEN
		UPDATE share SET views = views + 1 WHERE share.account_id = s.account_id AND share.id = s.id;
		INSERT INTO share_view (account_id, share_id, person_id)
		VALUES (s.account_id, s.id, CASE WHEN account = s.account_id THEN person END);
	END IF;
	PERFORM set_config('app.account', s.account_id::text, true), set_config('app.person', '', true);
	RETURN QUERY SELECT s.session_id, s.audience, s.detail, s.redact, asks, s.max_views - s.views - (NOT asks)::int,
	                    (SELECT a.name FROM account a WHERE a.account_id = s.account_id);
END $$;

-- Whether a document with this seal was taken here: the last time, and by which company.
CREATE FUNCTION door.export_find(digest text) RETURNS TABLE (account_name text, format text, edited boolean, at timestamptz)
	LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
	SELECT a.name, e.format, e.edited, e.at FROM export e JOIN account a ON a.account_id = e.account_id
	 WHERE e.digest = $1 ORDER BY e.at LIMIT 1
$$;

REVOKE ALL ON FUNCTION door.share_open, door.export_find FROM PUBLIC;
GRANT EXECUTE ON FUNCTION door.share_open, door.export_find TO rf_worker;
SET LOCAL ROLE rf_owner;
