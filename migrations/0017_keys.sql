-- Keys of the API: sign-ins without a device, each found by the hash of a text that its owner was shown once.

CREATE TABLE api_key (
	account_id uuid NOT NULL REFERENCES account,
	sign_in_id uuid NOT NULL,
	name text NOT NULL CHECK (length(name) BETWEEN 1 AND 80),
	prefix text NOT NULL, -- its first characters, by which its owner knows it again
	hash text NOT NULL,
	permissions text[] NOT NULL
		CHECK (cardinality(permissions) > 0 AND permissions <@ ARRAY['read', 'run', 'flows', 'queue', 'curate', 'people']),
	PRIMARY KEY (account_id, sign_in_id),
	FOREIGN KEY (account_id, sign_in_id) REFERENCES sign_in ON DELETE CASCADE
);
SELECT wall('api_key');
CREATE UNIQUE INDEX api_key_hash ON api_key (hash);
-- Which hash it is, only the door compares.
GRANT SELECT (account_id, sign_in_id, name, prefix, permissions), INSERT ON api_key TO rf_worker;
GRANT SELECT (account_id, sign_in_id, name, prefix, permissions) ON api_key TO rf_jobs;
GRANT SELECT ON api_key TO doorman;
CREATE POLICY door ON api_key FOR SELECT TO doorman USING (true);

-- expires_at is NULL where it never does; an address is there once it was used.
CREATE VIEW key_here WITH (security_invoker = true) AS
SELECT k.account_id, k.sign_in_id AS id, s.person_id, k.name, k.prefix, k.permissions, s.created_at,
       nullif(s.expires_at, 'infinity') AS expires_at,
       CASE WHEN s.address <> '' THEN s.last_seen_at END AS last_used_at, s.address, s.agent,
       CASE WHEN s.ended_at IS NOT NULL THEN 'revoked' WHEN s.expires_at <= now() THEN 'expired' ELSE 'active' END AS state
  FROM api_key k JOIN sign_in s ON s.account_id = k.account_id AND s.id = k.sign_in_id;
GRANT SELECT ON key_here TO rf_worker, rf_jobs;

-- Of those that a person makes at once one goes first, so that the limit and the names hold.
CREATE FUNCTION key_add(sign_in uuid, person uuid, name text, prefix text, hash text, permissions text[],
                        expires_at timestamptz) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
	names text[];
BEGIN
	PERFORM 1 FROM person p WHERE p.account_id = app_account() AND p.id = $2 FOR NO KEY UPDATE;
	names := ARRAY(SELECT lower(k.name) FROM key_here k
	                WHERE k.account_id = app_account() AND k.person_id = $2 AND k.state = 'active');
	IF cardinality(names) >= 20 THEN
		PERFORM refuse(409, 'key_limit', 'You have 20 API keys, and more are not possible. Revoke one that nobody uses.');
	END IF;
	IF lower($3) = ANY (names) THEN
		PERFORM refuse(409, 'name_taken', 'You have an API key of that name already. Choose another one.');
	END IF;
	INSERT INTO sign_in (account_id, id, person_id, kind, expires_at)
	VALUES (app_account(), $1, $2, 'key', coalesce($7, 'infinity'));
	INSERT INTO api_key (account_id, sign_in_id, name, prefix, hash, permissions)
	VALUES (app_account(), $1, $3, $4, $5, $6);
END $$;

SET LOCAL ROLE doorman;

-- Whose key has this hash, whether or not it still holds: that enter() says, at each request.  When it was used is
-- written at most every five minutes, and nobody waits for the disk; wrong ones are counted for their address.
CREATE FUNCTION door.key_find(key_hash text, address text, agent text, most int)
	RETURNS TABLE (account_id uuid, person_id uuid, sign_in_id uuid, role text, permissions text[])
	LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
#variable_conflict use_column
DECLARE
	k record;
BEGIN
	SELECT k.account_id, s.person_id, k.sign_in_id, p.role, k.permissions,
	       s.ended_at IS NULL AND s.expires_at > now()
	       AND (s.address = '' OR s.last_seen_at < now() - interval '5 minutes') AS unseen INTO k
	  FROM api_key k
	  JOIN sign_in s ON s.account_id = k.account_id AND s.id = k.sign_in_id
	  JOIN person p ON p.account_id = s.account_id AND p.id = s.person_id
	 WHERE k.hash = $1;
	IF NOT FOUND THEN
		PERFORM door.rate('key:' || $2, $4);
		RETURN;
	END IF;
	IF k.unseen THEN
		PERFORM set_config('synchronous_commit', 'off', true);
		UPDATE sign_in s SET last_seen_at = now(), address = $2, agent = $3
		 WHERE s.account_id = k.account_id AND s.id = k.sign_in_id AND s.ended_at IS NULL
		   AND (s.address = '' OR s.last_seen_at < now() - interval '5 minutes');
	END IF;
	RETURN QUERY SELECT k.account_id, k.person_id, k.sign_in_id, k.role, k.permissions;
END $$;

REVOKE ALL ON FUNCTION door.key_find FROM PUBLIC;
GRANT EXECUTE ON FUNCTION door.key_find TO rf_worker;
SET LOCAL ROLE rf_owner;
