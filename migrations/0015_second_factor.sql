-- The second factor: what stands in for the app when it is lost, and how guesses at both are held up.

-- Each opens the door once.  They come and go with the app's row; they have 120 random bits, so a plain hash is enough.
CREATE TABLE recovery_code (
	account_id uuid NOT NULL REFERENCES account,
	person_id uuid NOT NULL,
	hash text NOT NULL,
	used_at timestamptz,
	PRIMARY KEY (account_id, person_id, hash),
	FOREIGN KEY (account_id, person_id) REFERENCES second_factor ON DELETE CASCADE
);
SELECT wall('recovery_code');
GRANT SELECT, INSERT, UPDATE (used_at), DELETE ON recovery_code TO rf_worker;

GRANT UPDATE (second_factor_required) ON account TO rf_worker;

-- Takes a person's second factor away, for whoever has looked who asks; since when there was one.  Needs app.account.
CREATE FUNCTION second_factor_clear(person uuid) RETURNS timestamptz LANGUAGE sql AS $$
	DELETE FROM second_factor WHERE account_id = app_account() AND person_id = $1 RETURNING confirmed_at
$$;

SET LOCAL ROLE doorman;

-- Counts a guess at a code before it is judged, and says the how manyth it is: so of any number at once none gets past
-- the wait, which grows as that after wrong passwords.  door.sign_in_right forgets them.
CREATE FUNCTION door.code_try(key text) RETURNS int
	LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
	tries int;
BEGIN
	INSERT INTO guess AS g VALUES ($1, 1, clock_timestamp(), now())
	ON CONFLICT ON CONSTRAINT guess_pkey DO UPDATE
		SET wrong = g.wrong + 1, at = now(),
		    wait_until = CASE WHEN g.wrong < 9 THEN clock_timestamp()
		                 ELSE clock_timestamp() + least(900, 2 ^ least(g.wrong - 8, 10)) * interval '1 second' END
		WHERE g.wait_until <= clock_timestamp()
	RETURNING g.wrong INTO tries;
	IF NOT FOUND THEN
		PERFORM refuse(429, 'rate_limited', 'Too many wrong codes. Wait a little, then enter the one that your app shows.',
			(SELECT ceil(extract(epoch FROM g.wait_until - clock_timestamp()))::text FROM guess g WHERE g.key = $1));
	END IF;
	RETURN tries;
END $$;

REVOKE ALL ON FUNCTION door.code_try FROM PUBLIC;
GRANT EXECUTE ON FUNCTION door.code_try TO rf_worker;
SET LOCAL ROLE rf_owner;
