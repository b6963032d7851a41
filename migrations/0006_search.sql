-- Search over flows.  Under a policy a full-text index is never used, for its operators are not leakproof; so one
-- function of the role searcher, which the wall lets read these rows and nothing of the flows themselves, asks for
-- account and visibility by itself.  What it finds is shown only as far as flow_here shows it.

CREATE EXTENSION btree_gin;
CREATE EXTENSION pg_trgm;

-- English words by their stems; every other language's as they are.  No word is left out: "no internet" means it.
CREATE TEXT SEARCH DICTIONARY flow_stems (TEMPLATE = snowball, Language = english);
CREATE TEXT SEARCH CONFIGURATION flow_words (COPY = english);
ALTER TEXT SEARCH CONFIGURATION flow_words ALTER MAPPING REPLACE english_stem WITH flow_stems;

-- What a list shows of each flow that is not deleted, as words.  head: its name and tags, as they are at any time;
-- body: all of it, behind by as long as the job flow_index takes where it is stale.
CREATE TABLE flow_text (
	account_id uuid NOT NULL,
	flow_id uuid NOT NULL,
	author_id uuid NOT NULL,
	team_id uuid,
	visibility text NOT NULL,
	published boolean NOT NULL,
	archived boolean NOT NULL,
	name text NOT NULL,
	head tsvector NOT NULL,
	body tsvector NOT NULL DEFAULT '',
	stale boolean NOT NULL DEFAULT false,
	PRIMARY KEY (account_id, flow_id),
	FOREIGN KEY (account_id, flow_id) REFERENCES flow
);
SELECT wall('flow_text');
CREATE INDEX flow_text_head ON flow_text USING gin (account_id, head);
CREATE INDEX flow_text_body ON flow_text USING gin (account_id, body);
CREATE INDEX flow_text_name ON flow_text USING gin (account_id, name gin_trgm_ops);
CREATE INDEX flow_text_stale ON flow_text (account_id) WHERE stale;
GRANT SELECT, INSERT, UPDATE, DELETE ON flow_text TO rf_worker;
GRANT SELECT, UPDATE ON flow_text TO rf_jobs;
-- So that what a job left undone is found, in whichever account.
CREATE POLICY stale ON flow_text FOR SELECT TO rf_jobs USING (stale);
GRANT SELECT ON flow_text TO searcher;
CREATE POLICY searcher ON flow_text FOR SELECT TO searcher USING (true);
GRANT SELECT (account_id, id, role, team_id) ON person TO searcher; -- of whoever asks, by app_role() and app_team()

-- Every word that an account's flows have or had.  An index of words finds the beginning of one only by reading all that
-- every account has under such words, so a beginning is turned into the words that begin so.
CREATE TABLE flow_word (
	account_id uuid NOT NULL,
	word text COLLATE "C" NOT NULL,
	PRIMARY KEY (account_id, word)
);
SELECT wall('flow_word');
GRANT INSERT ON flow_word TO rf_worker, rf_jobs;
GRANT SELECT ON flow_word TO searcher;
CREATE POLICY searcher ON flow_word FOR SELECT TO searcher USING (true);

-- ---- what is found ----

-- Without what Markdown and fields put around words.
CREATE FUNCTION flow_plain(t text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
	SELECT translate(replace($1, '[VAR:', ' '), E'*_`#~|[]<>/\\', '            ')
$$;

CREATE FUNCTION flow_vector(t text, weight "char") RETURNS tsvector LANGUAGE sql STABLE PARALLEL SAFE AS $$
	SELECT setweight(to_tsvector('flow_words', flow_plain(coalesce($1, ''))), $2)
$$;

CREATE FUNCTION flow_head(name text, tags text) RETURNS tsvector LANGUAGE sql STABLE PARALLEL SAFE AS $$
	SELECT flow_vector($1, 'A') || flow_vector($2, 'B')
$$;

-- Titles weigh more than what stands in a step.  Of a text beyond a vector's megabyte only the titles are found.
CREATE FUNCTION flow_body(name text, tags text, description text, structure json) RETURNS tsvector
	LANGUAGE plpgsql STABLE PARALLEL RESTRICTED AS $$
DECLARE
	titles text;
	texts text;
	known tsvector;
BEGIN
	SELECT string_agg(n.title, ' '), string_agg(concat_ws(' ', n.body, n.help,
	       (SELECT string_agg(o ->> 'label', ' ') FROM json_array_elements(n.options) o)), ' ')
	  INTO titles, texts
	  FROM json_to_recordset($4 -> 'nodes') AS n (title text, body text, help text, options json);
	known := flow_head($1, $2) || flow_vector($3, 'B') || flow_vector(titles, 'C');
	RETURN known || flow_vector(texts, 'D');
EXCEPTION WHEN program_limit_exceeded THEN
	RETURN coalesce(known, flow_head($1, $2));
END $$;

CREATE FUNCTION flow_tag_names(account uuid, flow uuid) RETURNS text LANGUAGE sql STABLE AS $$
	SELECT string_agg(t.name, ' ' ORDER BY t.name) FROM flow_tag l
	  JOIN tag t ON t.account_id = l.account_id AND t.id = l.tag_id WHERE l.account_id = $1 AND l.flow_id = $2
$$;

-- Brings a stale body up to date.  The row is locked first, so that a change made meanwhile makes it stale again.
CREATE FUNCTION flow_index(account uuid, flow uuid) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
	PERFORM 1 FROM flow_text t WHERE t.account_id = $1 AND t.flow_id = $2 AND t.stale FOR NO KEY UPDATE;
	IF NOT FOUND THEN
		RETURN;
	END IF;
	UPDATE flow_text t SET stale = false,
	       body = flow_body(f.name, flow_tag_names($1, $2), f.description, coalesce(
		(SELECT v.structure FROM flow_version v WHERE v.account_id = $1 AND v.flow_id = $2 AND v.n = f.version),
		(SELECT e.structure FROM flow_edit e WHERE e.account_id = $1 AND e.flow_id = $2 AND e.n = f.edit)))
	  FROM flow f
	 WHERE t.account_id = $1 AND t.flow_id = $2 AND f.account_id = $1 AND f.id = $2;
END $$;

-- ---- kept as the flow is ----

CREATE FUNCTION flow_index_later(account uuid, flow uuid) RETURNS void LANGUAGE sql AS $$
	INSERT INTO job (account_id, kind, payload, unique_key)
	VALUES ($1, 'flow_index', jsonb_build_object('flow_id', $2), 'flow_index ' || $2)
	ON CONFLICT DO NOTHING
$$;

-- A new flow and a new version are rare, and are indexed at once; of a draft each save is a change.
CREATE FUNCTION flow_text_follow() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	IF NEW.deleted_at IS NOT NULL THEN
		DELETE FROM flow_text t WHERE t.account_id = NEW.account_id AND t.flow_id = NEW.id;
		RETURN NULL;
	END IF;
	INSERT INTO flow_text AS t (account_id, flow_id, author_id, team_id, visibility, published, archived, name, head, stale)
	VALUES (NEW.account_id, NEW.id, NEW.author_id, NEW.team_id, NEW.visibility, NEW.version > 0, NEW.archived, NEW.name,
	        flow_head(NEW.name, flow_tag_names(NEW.account_id, NEW.id)), true)
	ON CONFLICT (account_id, flow_id) DO UPDATE
	   SET author_id = NEW.author_id, team_id = NEW.team_id, visibility = NEW.visibility, published = NEW.version > 0,
	       archived = NEW.archived, name = NEW.name,
	       head = CASE WHEN t.name = NEW.name THEN t.head ELSE excluded.head END,
	       stale = t.stale OR NEW.version <> OLD.version OR NEW.version = 0 AND NEW.draft_hash <> OLD.draft_hash;
	IF TG_OP = 'INSERT' OR NEW.version <> OLD.version THEN
		PERFORM flow_index(NEW.account_id, NEW.id);
	ELSIF NEW.version = 0 AND NEW.draft_hash <> OLD.draft_hash THEN
		PERFORM flow_index_later(NEW.account_id, NEW.id);
	END IF;
	RETURN NULL;
END $$;
CREATE TRIGGER flow_text_follow AFTER INSERT OR UPDATE OF author_id, team_id, visibility, version, archived, name,
	draft_hash, deleted_at ON flow FOR EACH ROW EXECUTE FUNCTION flow_text_follow();

CREATE FUNCTION flow_text_follow_tags() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	UPDATE flow_text t SET head = flow_head(t.name, flow_tag_names(t.account_id, t.flow_id)), stale = true
	  FROM (SELECT DISTINCT account_id, flow_id FROM changed) c
	 WHERE t.account_id = c.account_id AND t.flow_id = c.flow_id;
	PERFORM flow_index_later(c.account_id, c.flow_id) FROM (SELECT DISTINCT account_id, flow_id FROM changed) c;
	RETURN NULL;
END $$;
CREATE TRIGGER flow_text_tagged AFTER INSERT ON flow_tag REFERENCING NEW TABLE AS changed
	FOR EACH STATEMENT EXECUTE FUNCTION flow_text_follow_tags();
CREATE TRIGGER flow_text_untagged AFTER DELETE ON flow_tag REFERENCING OLD TABLE AS changed
	FOR EACH STATEMENT WHEN (NOT app_erasing()) EXECUTE FUNCTION flow_text_follow_tags();

CREATE FUNCTION flow_word_add() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	INSERT INTO flow_word SELECT NEW.account_id, w FROM unnest(tsvector_to_array(NEW.head || NEW.body)) w ORDER BY w ON CONFLICT DO NOTHING;
	RETURN NULL;
END $$;
CREATE TRIGGER flow_word_add AFTER INSERT OR UPDATE OF head, body ON flow_text FOR EACH ROW EXECUTE FUNCTION flow_word_add();

-- ---- finding ----

-- The texts of the flows in flow_here, for the role that no policy holds to one account.
CREATE VIEW flow_text_here WITH (security_invoker = true) AS
SELECT t.* FROM flow_text t
 WHERE t.account_id = (SELECT app_account())
   AND (t.author_id = (SELECT app_person()) AND (t.published OR (SELECT app_role()) IN ('engineer', 'team_admin'))
        OR t.visibility <> 'private' AND ((SELECT app_role()) = 'team_admin'
                                          OR (SELECT app_role()) = 'super_admin' AND t.published)
        OR t.visibility = 'team' AND t.team_id = (SELECT app_team())
           AND (t.published OR (SELECT app_role()) = 'engineer')
        OR t.visibility = 'public'
           AND (t.published OR (SELECT app_role()) = 'engineer' AND t.team_id = (SELECT app_team())));
GRANT SELECT ON flow_text_here TO searcher;

-- "phrases", -without, or; the last word may be the beginning of one, from three characters on.
CREATE FUNCTION flow_query(q text) RETURNS tsquery LANGUAGE sql STABLE PARALLEL SAFE SET client_min_messages = warning AS $$
	SELECT CASE WHEN $1 ~ '[[:alnum:]]$'
	            THEN regexp_replace(w::text, '(^|[^!''])(''[^'']{3,}'')$', '\1\2:*')::tsquery ELSE w END
	  FROM websearch_to_tsquery('flow_words', flow_plain($1)) w
$$;

CREATE SCHEMA search AUTHORIZATION searcher;
GRANT USAGE ON SCHEMA search TO rf_worker, rf_jobs; -- whoever prepares statements; to run them is the worker's alone
SET LOCAL ROLE searcher;

-- The beginning of a word that a query ends in; NULL where it ends in a whole one.
CREATE FUNCTION search.query_begins(query tsquery) RETURNS text LANGUAGE sql IMMUTABLE AS $$
	SELECT substring($1::text FROM $s$'([^']+)':\*$s$)
$$;

-- The query with any of these words in the place of that beginning.
CREATE FUNCTION search.query_with(query tsquery, words text[]) RETURNS tsquery LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
	any_of text := (SELECT string_agg(format($s$'%s'$s$, replace(replace(w, $s$\$s$, $s$\\$s$), $s$'$s$, $s$''$s$)), ' | ') FROM unnest(words) w);
BEGIN
	RETURN coalesce(replace(query::text, format($s$'%s':*$s$, search.query_begins(query)), '( ' || any_of || ' )'),
	                replace(query::text, ':*', ''));
END $$;

-- The places `skip` + 1 to `skip` + n among the flows that fit q and that whoever asks may see: those with it in name
-- or tags first; the archived, where they are wanted, last.  At most 200 of each kind are ranked.  Where none fits,
-- flows whose names look like q.
CREATE FUNCTION search.flow_find(q text, n int, skip int, archived boolean)
	RETURNS TABLE (flow_id uuid, place bigint, total bigint, similar_name boolean)
	LANGUAGE plpgsql STABLE SECURITY DEFINER ROWS 20
	SET search_path = pg_catalog, public, pg_temp SET pg_trgm.word_similarity_threshold = 0.25
	SET enable_seqscan = off AS $$ -- which account asks is not known to the plan: all rows may be the other ones'
#variable_conflict use_column
DECLARE
	query tsquery := flow_query($1);
	begun text := search.query_begins(query);
	known tsquery := query;
	without boolean := strpos(query::text, '!') > 0;
BEGIN
	IF begun IS NOT NULL THEN
		known := search.query_with(query, ARRAY(SELECT w.word FROM flow_word w WHERE w.account_id = app_account()
			AND w.word >= begun AND w.word < begun || U&'\+10FFFF' COLLATE "C" ORDER BY w.word LIMIT 200));
	END IF;
	IF querytree(query) IN ('', 'T') THEN
		RETURN; -- no word, or only such as must not be there
	END IF;
	RETURN QUERY
	WITH head AS (
		SELECT t.flow_id, t.archived, t.name, 1 + ts_rank(t.head, query) AS rank FROM flow_text_here t
		 WHERE t.head @@ known AND (NOT without OR t.body @@ query) AND ($4 OR NOT t.archived)
		 LIMIT 200
	), body AS (
		SELECT t.flow_id, t.archived, t.name, ts_rank(t.body, query) AS rank FROM flow_text_here t
		 WHERE t.body @@ known AND ($4 OR NOT t.archived)
		 LIMIT 200
	), found AS (
		SELECT f.flow_id, row_number() OVER (ORDER BY f.archived, max(f.rank) DESC, f.name, f.flow_id) AS place,
		       count(*) OVER () AS total
		  FROM (TABLE head UNION ALL TABLE body) f GROUP BY f.flow_id, f.archived, f.name
	)
	SELECT f.flow_id, f.place, f.total, false FROM found f WHERE f.place > $3 ORDER BY f.place LIMIT $2;
	IF FOUND OR $3 > 0 OR $1 !~ '[[:alnum:]]{3}' OR $1 ~ '"|(^|\s)-' THEN
		RETURN;
	END IF;
	RETURN QUERY
	WITH alike AS (
		SELECT t.flow_id, t.archived, t.name, word_similarity($1, t.name) AS rank FROM flow_text_here t
		 WHERE $1 <% t.name AND ($4 OR NOT t.archived)
		 ORDER BY rank DESC LIMIT 10
	)
	SELECT f.flow_id, row_number() OVER (ORDER BY f.archived, f.rank DESC, f.name, f.flow_id), count(*) OVER (), true
	  FROM alike f;
END $$;

REVOKE ALL ON ALL FUNCTIONS IN SCHEMA search FROM PUBLIC;
GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA search TO rf_worker;
SET LOCAL ROLE rf_owner;
