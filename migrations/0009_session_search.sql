-- The history of sessions: what is listed to whom, by which filters, and what is found in its words.  Newest first,
-- which is by id, for ids grow with time; so a list goes on from any of its rows while new ones come.

-- Ids count milliseconds; these are steps of 2^29 of them.
CREATE FUNCTION uuid7_week(id uuid) RETURNS int LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
	SELECT (get_byte(uuid_send($1), 0) * 65536 + get_byte(uuid_send($1), 1) * 256 + get_byte(uuid_send($1), 2)) / 32
$$;

-- The words of each session, kept as it changes.  Of one under way they change with every answer, and an index of words
-- is dear to write: they go into it when the session ends, or when nothing was changed for a day.  Until then they are
-- fresh, and are read row by row.
CREATE TABLE session_text (
	account_id uuid NOT NULL,
	session_id uuid NOT NULL,
	-- When it was made, in steps of six days; and in steps of eight such.
	week int NOT NULL GENERATED ALWAYS AS (uuid7_week(session_id)) STORED,
	slice int NOT NULL GENERATED ALWAYS AS (uuid7_week(session_id) / 8) STORED,
	people uuid[] NOT NULL, -- who ran or prepared it, and for whom
	fresh boolean NOT NULL,
	at timestamptz NOT NULL DEFAULT now(),
	words tsvector NOT NULL,
	PRIMARY KEY (account_id, session_id),
	FOREIGN KEY (account_id, session_id) REFERENCES session
);
SELECT wall('session_text');
-- Each word is put in its place at once: a list of what waits for that would be read from end to end for every slice.
CREATE INDEX session_text_words ON session_text USING gin (account_id, slice, week, people, words) WITH (fastupdate = off) WHERE NOT fresh;
CREATE INDEX session_text_fresh ON session_text (account_id, week) WHERE fresh;
GRANT SELECT, INSERT, UPDATE ON session_text TO rf_worker;
GRANT SELECT, INSERT, UPDATE ON session_text TO rf_jobs; -- a hand-off that lapses changes its session
-- So that what rests is found, in whichever account.
CREATE POLICY settled ON session_text FOR SELECT TO rf_jobs USING (at < now() - interval '1 day');
GRANT SELECT ON session_text TO searcher;
CREATE POLICY searcher ON session_text FOR SELECT TO searcher USING (true);

-- Every word of an account that the index has, and no other.  The index itself finds the beginning of a word only by reading all that
-- every account has under such words, so a beginning is turned into the words that begin so.
CREATE TABLE session_word (
	account_id uuid NOT NULL,
	word text COLLATE "C" NOT NULL,
	PRIMARY KEY (account_id, word)
);
SELECT wall('session_word');
GRANT INSERT ON session_word TO rf_worker, rf_jobs;
GRANT SELECT ON session_word TO searcher;
GRANT DELETE ON session_word TO searcher;
CREATE POLICY searcher ON session_word FOR SELECT TO searcher USING (true);

GRANT SELECT (account_id, id, flow_id, owner_id, prepared_by_id, assigned_to_id, team_id, ticket_key, client_key,
	started_at, completed_at, abandoned_at) ON session TO searcher;
CREATE POLICY searcher ON session FOR SELECT TO searcher USING (true);
GRANT SELECT (account_id, session_id, state, wake_at) ON handoff TO searcher;
CREATE POLICY searcher ON handoff FOR SELECT TO searcher USING (true);

-- ---- kept as the session is ----

-- Of a record beyond 120,000 characters the newest part is found.  A vector holds a megabyte; letters take four bytes at
-- most, and the parts of a word with a hyphen are words, too: eight bytes a character.
CREATE FUNCTION session_words(s session) RETURNS tsvector LANGUAGE plpgsql STABLE AS $$
BEGIN
	RETURN (SELECT to_tsvector('flow_words', flow_plain(left(concat_ws(' ', f.name, s.client, s.ticket,
	               regexp_replace(s.ticket, '[^[:alnum:]]+', ' ', 'g'), s.summary, v.texts), 120000)))
	          FROM flow_version f
	         CROSS JOIN LATERAL (SELECT string_agg(concat_ws(' ', v.title, v.option_label, v.notes, v.skip_reason), ' ' ORDER BY v.n DESC) AS texts
	                               FROM visit v WHERE v.account_id = s.account_id AND v.session_id = s.id) v
	         WHERE f.account_id = s.account_id AND f.flow_id = s.flow_id AND f.n = s.version);
END $$;

-- Runs when the transaction ends, and of several changes for the last one: whatever writes to a session's record
-- raises its revision.
CREATE FUNCTION session_text_follow() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
	theirs CONSTANT uuid[] := array_remove(ARRAY[NEW.owner_id, NEW.prepared_by_id, NEW.assigned_to_id], NULL);
	runs CONSTANT boolean := NEW.completed_at IS NULL AND NEW.abandoned_at IS NULL;
BEGIN
	IF NOT EXISTS (SELECT FROM session s WHERE s.account_id = NEW.account_id AND s.id = NEW.id AND s.revision = NEW.revision) THEN
		RETURN NULL;
	END IF;
	UPDATE session_text t SET people = theirs, fresh = runs, at = now(), words = session_words(NEW)
	 WHERE t.account_id = NEW.account_id AND t.session_id = NEW.id;
	IF NOT FOUND THEN
		INSERT INTO session_text (account_id, session_id, people, fresh, words)
		VALUES (NEW.account_id, NEW.id, theirs, runs, session_words(NEW));
	END IF;
	RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER session_text_begin AFTER INSERT ON session
	DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION session_text_follow();
-- The scratchpad is one's own, and saved as one types.
CREATE CONSTRAINT TRIGGER session_text_follow AFTER UPDATE ON session
	DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
	WHEN (NEW.scratch_n = OLD.scratch_n OR (NEW.ticket, NEW.client) IS DISTINCT FROM (OLD.ticket, OLD.client))
	EXECUTE FUNCTION session_text_follow();

-- A word goes with the last of the sessions at rest that had it.  Whoever counts on a word that is in the list holds this
-- shared to the end of the transaction, and whoever takes words out holds it alone.
CREATE FUNCTION session_word_key() RETURNS bigint LANGUAGE sql STABLE AS $$
	SELECT hashtextextended('session_word ' || app_account(), 0)
$$;

CREATE FUNCTION session_word_add() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	PERFORM pg_advisory_xact_lock_shared(session_word_key());
	INSERT INTO session_word SELECT NEW.account_id, w FROM unnest(tsvector_to_array(NEW.words)) w ORDER BY w ON CONFLICT DO NOTHING;
	RETURN NULL;
END $$;
CREATE TRIGGER session_word_add AFTER INSERT OR UPDATE OF fresh, words ON session_text
	FOR EACH ROW WHEN (NOT NEW.fresh) EXECUTE FUNCTION session_word_add();

SET LOCAL ROLE searcher;

-- A frequent word is found in the newest slice; of a rare one the index tells at once that there is none.
CREATE FUNCTION search.session_word_forget(gone text[]) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
	here CONSTANT uuid := app_account();
	newest int;
BEGIN
	PERFORM pg_advisory_xact_lock(session_word_key());
	newest := (SELECT uuid7_week(t.session_id) / 8 FROM session_text t WHERE t.account_id = here ORDER BY t.session_id DESC LIMIT 1);
	DELETE FROM session_word w USING (SELECT g.word, array_to_tsvector(ARRAY[g.word])::text::tsquery AS query FROM unnest($1) g (word)) g
	 WHERE w.account_id = here AND w.word = g.word
	   AND CASE WHEN EXISTS (SELECT FROM session_text t WHERE t.account_id = here AND t.slice = newest AND t.words @@ g.query AND NOT t.fresh) THEN false
	       ELSE NOT EXISTS (SELECT FROM session_text t WHERE t.account_id = here AND t.words @@ g.query AND NOT t.fresh) END;
END $$;

CREATE FUNCTION search.session_word_changed() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
	SET search_path = pg_catalog, public, pg_temp SET enable_seqscan = off AS $$
DECLARE
	gone CONSTANT text[] := ARRAY(SELECT unnest(tsvector_to_array(OLD.words))
		EXCEPT SELECT unnest(tsvector_to_array(NEW.words)) WHERE NOT NEW.fresh);
BEGIN
	IF gone <> '{}' THEN
		PERFORM search.session_word_forget(gone);
	END IF;
	RETURN NULL;
END $$;

CREATE FUNCTION search.session_word_deleted() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
	SET search_path = pg_catalog, public, pg_temp SET enable_seqscan = off AS $$
BEGIN
	PERFORM search.session_word_forget(ARRAY(SELECT DISTINCT unnest(tsvector_to_array(o.words)) FROM old o WHERE NOT o.fresh));
	RETURN NULL;
END $$;

SET LOCAL ROLE rf_owner;
-- By name before session_word_add, which would hold shared what this must hold alone.
CREATE TRIGGER session_gone_words AFTER UPDATE OF fresh, words ON session_text
	FOR EACH ROW WHEN (NOT OLD.fresh AND (NEW.fresh OR NEW.words <> OLD.words)) EXECUTE FUNCTION search.session_word_changed();
CREATE TRIGGER session_gone_words_too AFTER DELETE ON session_text REFERENCING OLD TABLE AS old
	FOR EACH STATEMENT WHEN (NOT app_erasing()) EXECUTE FUNCTION search.session_word_deleted();

-- Across accounts: the words of sessions at which nothing was done for a day go into the index, some at a time.
CREATE FUNCTION session_text_settle() RETURNS void LANGUAGE plpgsql AS $$
DECLARE
	resting record;
BEGIN
	FOR resting IN SELECT account_id, session_id FROM session_text
	                WHERE fresh AND at < now() - interval '1 day' LIMIT 500 LOOP
		PERFORM set_config('app.account', resting.account_id::text, true);
		UPDATE session_text t SET fresh = false
		 WHERE t.account_id = resting.account_id AND t.session_id = resting.session_id AND t.fresh AND t.at < now() - interval '1 day';
	END LOOP;
	PERFORM set_config('app.account', '', true);
END $$;

-- ---- what a list is asked for ----

-- The least id of a moment.
CREATE FUNCTION uuid7_from(at timestamptz) RETURNS uuid LANGUAGE sql STABLE PARALLEL SAFE AS $$
	SELECT rpad(lpad(to_hex(floor(extract(epoch FROM $1) * 1000)::bigint), 12, '0'), 32, '0')::uuid
$$;

-- NULL and '' ask for nothing.  whole: the account's and not one's own.  after: older than that one; before: newer,
-- the nearest n of them, upwards.
CREATE TYPE session_wish AS (
	q text, whole boolean, status text, flow uuid, client text, ticket text, person uuid, assignee uuid,
	since timestamptz, until timestamptz, after uuid, before uuid, n int
);

SET LOCAL ROLE searcher;

-- The conditions of a wish, on a row s; $1 is the wish, and ids lie between $2 and $3.  Dynamic, so that what is not
-- asked for is not in the way of an index.
CREATE FUNCTION search.session_fits(w session_wish) RETURNS text LANGUAGE plpgsql STABLE AS $$
DECLARE
	running CONSTANT text := 's.started_at IS NOT NULL AND s.completed_at IS NULL AND s.abandoned_at IS NULL';
	aside CONSTANT text := 'EXISTS (SELECT FROM handoff h WHERE h.account_id = s.account_id AND h.session_id = s.id AND (%s))';
	open CONSTANT text := $s$h.state = 'open'$s$;
	parked CONSTANT text := $s$h.state = 'parked' AND (h.wake_at IS NULL OR h.wake_at > now())$s$;
BEGIN
	RETURN concat_ws(' AND ', 's.account_id = (SELECT app_account())',
		CASE w.status
			WHEN 'prepared' THEN 's.started_at IS NULL AND s.abandoned_at IS NULL'
			WHEN 'active' THEN running || ' AND NOT ' || format(aside, open || ' OR ' || parked)
			WHEN 'parked' THEN running || ' AND ' || format(aside, parked)
			WHEN 'escalated' THEN running || ' AND ' || format(aside, open)
			WHEN 'completed' THEN 's.completed_at IS NOT NULL'
			WHEN 'abandoned' THEN 's.abandoned_at IS NOT NULL' END,
		CASE WHEN w.flow IS NOT NULL THEN 's.flow_id = ($1).flow' END,
		CASE WHEN w.client <> '' THEN $s$s.client_key = lower(($1).client) AND s.client_key <> ''$s$ END,
		CASE WHEN w.ticket <> '' THEN $s$s.ticket_key = lower(($1).ticket) AND s.ticket_key <> ''$s$ END,
		CASE WHEN w.person IS NOT NULL THEN 's.owner_id = ($1).person' END,
		CASE WHEN w.assignee IS NOT NULL THEN 's.assigned_to_id = ($1).assignee' END,
		CASE WHEN w.since IS NOT NULL OR w.before IS NOT NULL THEN 's.id > $2' END,
		CASE WHEN w.until IS NOT NULL OR w.after IS NOT NULL THEN 's.id < $3' END);
END $$;

-- Whose sessions: those of any of these conditions on a row s, each an index in the order of ids; those only in which a
-- session can be of the status that is wished for: a prepared one is nobody's yet.
CREATE FUNCTION search.session_scopes(w session_wish) RETURNS text[] LANGUAGE plpgsql STABLE AS $$
DECLARE
	role CONSTANT text := app_role();
	own CONSTANT text[] := ARRAY['s.owner_id = (SELECT app_person())', 's.assigned_to_id = (SELECT app_person())', 's.prepared_by_id = (SELECT app_person())'];
	open CONSTANT text := 's.started_at IS NULL AND s.abandoned_at IS NULL AND s.assigned_to_id IS NULL';
BEGIN
	IF w.whole AND role = 'team_admin' THEN
		RETURN ARRAY['true'];
	ELSIF w.whole AND role IN ('engineer', 'viewer', 'super_admin') THEN
		RETURN CASE WHEN coalesce(w.status, 'completed') = 'completed' THEN ARRAY['s.completed_at IS NOT NULL'] ELSE '{}' END;
	ELSIF role NOT IN ('engineer', 'team_admin') OR coalesce(w.status, 'prepared') <> 'prepared' OR w.person IS NOT NULL THEN
		RETURN own;
	END IF;
	RETURN CASE WHEN w.status IS NULL THEN own ELSE own[2:] END || (open || CASE role WHEN 'engineer' THEN ' AND (s.team_id IS NULL OR s.team_id = (SELECT app_team()))' ELSE '' END);
END $$;

-- The first n sessions that fit, in their order.  Where the last row is no hit, it is the place where looking ended:
-- what was asked for is frequent apart and rare together.  It can be asked for from there on.
CREATE FUNCTION search.session_find(w session_wish) RETURNS TABLE (session_id uuid, hit boolean)
	LANGUAGE plpgsql STABLE SECURITY DEFINER ROWS 50
	SET search_path = pg_catalog, public, pg_temp SET enable_seqscan = off SET max_parallel_workers_per_gather = 0
	SET plan_cache_mode = force_generic_plan AS $$
DECLARE
	way CONSTANT text := CASE WHEN w.before IS NULL THEN 'DESC' ELSE 'ASC' END;
	fits CONSTANT text := search.session_fits(w);
	above CONSTANT uuid := greatest(w.before, uuid7_from(w.since));
	below CONSTANT uuid := least(w.after, uuid7_from(w.until));
	list CONSTANT text := (SELECT format('SELECT l.id FROM (%s) l ORDER BY l.id %s LIMIT $4', string_agg(format(
		'(SELECT s.id FROM session s WHERE %s AND %s ORDER BY s.id %s LIMIT $4)', fits, scope, way), ' UNION '), way)
		FROM unnest(search.session_scopes(w)) scope HAVING count(*) > 0);
	query tsquery;
	found uuid[];
	walked uuid[];
BEGIN
	IF list IS NULL THEN
		RETURN;
	ELSIF coalesce(w.q, '') = '' THEN
		RETURN QUERY EXECUTE format('SELECT l.id, true FROM (%s) l', list) USING w, above, below, w.n;
		RETURN;
	END IF;
	query := flow_query(w.q);
	IF querytree(query) IN ('', 'T') THEN
		RETURN; -- no word, or only such as must not be there
	END IF;
	-- The five hundred nearest are read: a frequent word is found among them, or among the next.
	EXECUTE format('SELECT array_agg(l.id ORDER BY l.id %1$s), coalesce(array_agg(l.id ORDER BY l.id %1$s) FILTER (WHERE t.words @@ $5), $6)
		  FROM (%2$s) l LEFT JOIN session_text t ON t.account_id = (SELECT app_account()) AND t.session_id = l.id', way, list)
	   INTO walked, found USING w, above, below, 500, query, '{}'::uuid[];
	RETURN QUERY SELECT f, true FROM unnest(found) f LIMIT w.n;
	IF cardinality(walked) = 500 AND cardinality(found) < w.n THEN
		w.n := w.n - cardinality(found);
		IF w.before IS NULL THEN
			w.after := walked[500];
		ELSE
			w.before := walked[500];
		END IF;
		IF cardinality(found) > 50 THEN
			RETURN QUERY SELECT * FROM search.session_find(w);
		ELSE
			RETURN QUERY SELECT * FROM search.session_find_far(w, query);
		END IF;
	END IF;
END $$;

-- The same by the index of words: slice by slice, and week by week where a slice has many, until there are enough or too
-- many were read.
CREATE FUNCTION search.session_find_far(w session_wish, query tsquery) RETURNS TABLE (session_id uuid, hit boolean)
	LANGUAGE plpgsql STABLE AS $$
DECLARE
	many CONSTANT int := 1000;
	upward CONSTANT boolean := w.before IS NOT NULL;
	above CONSTANT uuid := greatest(w.before, uuid7_from(w.since));
	below CONSTANT uuid := least(w.after, uuid7_from(w.until));
	oldest CONSTANT uuid := (SELECT s.id FROM session s WHERE s.account_id = app_account() ORDER BY s.id LIMIT 1);
	-- IS TRUE: what was found is looked at by its id; an index of all that fits or is somebody's is none of use here.
	fitting CONSTANT text := format('SELECT array_agg(s.id ORDER BY s.id %s) FROM session s
		 WHERE s.account_id = (SELECT app_account()) AND s.id = ANY ($4) AND (%s AND (%s)) IS TRUE',
		CASE WHEN upward THEN 'ASC' ELSE 'DESC' END, search.session_fits(w), array_to_string(search.session_scopes(w), ' OR '));
	step CONSTANT int := CASE WHEN upward THEN 1 ELSE -1 END;
	last CONSTANT int := uuid7_week(CASE WHEN upward THEN coalesce(below, uuid7_from(now())) ELSE coalesce(above, oldest) END);
	part int := uuid7_week(CASE WHEN upward THEN above ELSE below END);
	known CONSTANT tsquery := search.session_query(query);
	slice int;
	reach int; -- the last of the weeks that are read at once
	there boolean;
	read_all int := 0;
	read uuid[] := '{}';
	more uuid[];
	found uuid[];
BEGIN
	LOOP
		reach := part;
		more := '{}';
		IF slice IS DISTINCT FROM part / 8 THEN
			slice := part / 8;
			more := search.session_text_in(slice, NULL, known, w.whole, many);
			there := cardinality(more) = many;
			reach := CASE WHEN there THEN part WHEN upward THEN least(last, slice * 8 + 7) ELSE greatest(last, slice * 8) END;
		END IF;
		IF there THEN
			more := search.session_text_in(slice, part, known, w.whole, NULL);
		END IF;
		read_all := read_all + cardinality(more);
		read := read || more || ARRAY(SELECT t.session_id FROM session_text t
		                               WHERE t.account_id = app_account() AND t.week BETWEEN least(part, reach) AND greatest(part, reach)
		                                 AND t.fresh AND t.words @@ query);
		IF cardinality(read) >= w.n OR reach = last THEN
			EXECUTE fitting INTO found USING w, above, below, read;
			RETURN QUERY SELECT f, true FROM unnest(found) f LIMIT w.n;
			w.n := w.n - coalesce(cardinality(found), 0);
			read := '{}';
		END IF;
		EXIT WHEN reach = last OR w.n <= 0;
		part := reach + step;
		IF read_all > 1000 AND read = '{}' THEN
			session_id := rpad(lpad(to_hex(CASE WHEN upward THEN part ELSE part + 1 END * 32), 6, '0'), 32, '0');
			hit := false;
			RETURN NEXT;
			RETURN;
		END IF;
	END LOOP;
END $$;

-- The beginning of a word that a query may end in becomes the words that begin so, fifty at most.
CREATE FUNCTION search.session_query(query tsquery) RETURNS tsquery LANGUAGE plpgsql STABLE AS $$
DECLARE
	begun CONSTANT text := search.query_begins(query);
BEGIN
	RETURN CASE WHEN begun IS NULL THEN query ELSE search.query_with(query, ARRAY(SELECT w.word FROM session_word w
		WHERE w.account_id = app_account() AND w.word >= begun AND w.word < begun || U&'\+10FFFF' COLLATE "C"
		ORDER BY w.word LIMIT 50)) END;
END $$;

-- Whose words fit, among those that rest, of a slice or of one of its weeks.
CREATE FUNCTION search.session_text_in(slice int, week int, query tsquery, whole boolean, n int) RETURNS uuid[]
	LANGUAGE plpgsql STABLE AS $$
BEGIN
	IF $2 IS NULL AND $4 THEN
		RETURN ARRAY(SELECT t.session_id FROM session_text t
		              WHERE t.account_id = app_account() AND t.slice = $1 AND t.words @@ $3 AND NOT t.fresh LIMIT $5);
	ELSIF $2 IS NULL THEN
		RETURN ARRAY(SELECT t.session_id FROM session_text t WHERE t.account_id = app_account() AND t.slice = $1
		                AND t.people @> ARRAY[app_person()] AND t.words @@ $3 AND NOT t.fresh LIMIT $5);
	ELSIF $4 THEN
		RETURN ARRAY(SELECT t.session_id FROM session_text t
		              WHERE t.account_id = app_account() AND t.week = $2 AND t.words @@ $3 AND NOT t.fresh);
	END IF;
	RETURN ARRAY(SELECT t.session_id FROM session_text t WHERE t.account_id = app_account() AND t.week = $2
	                AND t.people @> ARRAY[app_person()] AND t.words @@ $3 AND NOT t.fresh);
END $$;

REVOKE ALL ON ALL FUNCTIONS IN SCHEMA search FROM PUBLIC;
GRANT EXECUTE ON FUNCTION search.flow_find, search.session_find TO rf_worker;
SET LOCAL ROLE rf_owner;
