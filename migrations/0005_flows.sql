-- Flows: what an account knows.  A flow's draft is the entry of its stored history that `edit` points at; its
-- published versions never change.  What a list shows (name, description, type) is the last published version's,
-- or the draft's where there is none yet, so that a draft is seen by those who may edit it only.

-- Who asks, as far as visibility depends on it.  Use them as (SELECT app_role()), once a statement.  In PL/pgSQL, which
-- keeps the plan: in SQL each call would be parsed and planned anew.
CREATE FUNCTION app_role() RETURNS text LANGUAGE plpgsql STABLE PARALLEL SAFE AS $$
BEGIN
	IF current_setting('app.inside', true) = 'on' THEN
		RETURN 'super_admin'; -- who looks in from the platform is none of the account's people
	END IF;
	RETURN (SELECT role FROM person WHERE account_id = app_account() AND id = app_person());
END $$;
CREATE FUNCTION app_team() RETURNS uuid LANGUAGE plpgsql STABLE PARALLEL SAFE AS $$
BEGIN
	RETURN (SELECT team_id FROM person WHERE account_id = app_account() AND id = app_person());
END $$;

CREATE TABLE category (
	account_id uuid NOT NULL REFERENCES account,
	id uuid NOT NULL DEFAULT uuid7(),
	name text NOT NULL CHECK (length(name) BETWEEN 1 AND 80),
	created_at timestamptz NOT NULL DEFAULT now(),
	PRIMARY KEY (account_id, id)
);
SELECT wall('category');
CREATE UNIQUE INDEX category_name ON category (account_id, lower(name));
GRANT SELECT, INSERT, UPDATE (name), DELETE ON category TO rf_worker;
GRANT SELECT ON category TO rf_jobs;

CREATE TABLE flow (
	account_id uuid NOT NULL REFERENCES account,
	id uuid NOT NULL,
	author_id uuid NOT NULL,
	team_id uuid, -- the author's, when it was made
	visibility text NOT NULL DEFAULT 'team' CHECK (visibility IN ('private', 'team', 'public')),
	category_id uuid,
	name text NOT NULL CHECK (length(name) BETWEEN 1 AND 200),
	description text NOT NULL DEFAULT '',
	type text NOT NULL CHECK (type IN ('troubleshooting', 'procedural', 'maintenance')),
	steps int NOT NULL DEFAULT 0,
	version int NOT NULL DEFAULT 0,      -- the last published; 0: none yet
	edit int NOT NULL DEFAULT 1,         -- the draft's place in the history
	revision bigint NOT NULL DEFAULT 1,  -- one higher with each change of draft, texts or standing
	draft_hash text NOT NULL,
	version_hash text,                   -- the same as the draft's: nothing new to publish
	usage_count bigint NOT NULL DEFAULT 0 CHECK (usage_count >= 0),
	by_use boolean NOT NULL DEFAULT false, -- a run may show the most taken answers first
	archived boolean NOT NULL DEFAULT false,
	created_at timestamptz NOT NULL DEFAULT now(),
	updated_at timestamptz NOT NULL DEFAULT now(),
	deleted_at timestamptz, -- sessions run on its versions still, so its rows stay
	-- A column and no lower(name) in queries: only what leaks nothing may search an index behind the wall.
	name_key text NOT NULL GENERATED ALWAYS AS (lower(name)) STORED,
	PRIMARY KEY (account_id, id),
	FOREIGN KEY (account_id, author_id) REFERENCES person,
	FOREIGN KEY (account_id, team_id) REFERENCES team,
	FOREIGN KEY (account_id, category_id) REFERENCES category
);
SELECT wall('flow');
CREATE INDEX flow_by_name ON flow (account_id, name_key, id) WHERE deleted_at IS NULL;
CREATE INDEX flow_by_update ON flow (account_id, updated_at, id) WHERE deleted_at IS NULL;
CREATE INDEX flow_by_usage ON flow (account_id, usage_count, id) WHERE deleted_at IS NULL;
CREATE INDEX flow_by_category ON flow (account_id, category_id) WHERE deleted_at IS NULL;
GRANT SELECT, INSERT, UPDATE ON flow TO rf_worker;
GRANT SELECT ON flow TO rf_jobs;

-- The flows that whoever asks may see, and whether to edit.  Private: the author.  Team: the author's team and
-- the account's team_admins.  Public: everyone in the account; to edit, as for team.  A super_admin reads what is
-- published and not private.
CREATE VIEW flow_here WITH (security_invoker = true) AS
SELECT f.*,
       (SELECT app_role()) IN ('engineer', 'team_admin')
       AND (f.author_id = (SELECT app_person())
            OR f.visibility <> 'private' AND ((SELECT app_role()) = 'team_admin'
                                              OR coalesce(f.team_id = (SELECT app_team()), false)))
           AS edits,
       CASE WHEN f.archived THEN 'archived' WHEN f.version > 0 THEN 'published' ELSE 'draft' END AS status
  FROM flow f
 WHERE f.account_id = (SELECT app_account()) AND f.deleted_at IS NULL
   AND (f.author_id = (SELECT app_person()) AND (f.version > 0 OR (SELECT app_role()) IN ('engineer', 'team_admin'))
        OR f.visibility <> 'private' AND ((SELECT app_role()) = 'team_admin'
                                          OR (SELECT app_role()) = 'super_admin' AND f.version > 0)
        OR f.visibility = 'team' AND f.team_id = (SELECT app_team())
           AND (f.version > 0 OR (SELECT app_role()) = 'engineer')
        OR f.visibility = 'public'
           AND (f.version > 0 OR (SELECT app_role()) = 'engineer' AND f.team_id = (SELECT app_team())));
GRANT SELECT ON flow_here TO rf_worker;

-- The stored history: each entry is the whole draft as it became.  Undo and redo move flow.edit.
CREATE TABLE flow_edit (
	account_id uuid NOT NULL,
	flow_id uuid NOT NULL,
	n int NOT NULL,
	label text NOT NULL,
	name text NOT NULL,
	description text NOT NULL,
	type text NOT NULL,
	structure json NOT NULL, -- as the program wrote it, byte for byte
	intake json NOT NULL,
	hash text NOT NULL,
	person_id uuid NOT NULL,
	at timestamptz NOT NULL DEFAULT now(),
	PRIMARY KEY (account_id, flow_id, n),
	FOREIGN KEY (account_id, flow_id) REFERENCES flow,
	FOREIGN KEY (account_id, person_id) REFERENCES person
);
SELECT wall('flow_edit');
GRANT SELECT, INSERT, DELETE ON flow_edit TO rf_worker;
GRANT SELECT ON flow_edit TO rf_jobs;

-- Published versions: no program's role may change or delete one.
CREATE TABLE flow_version (
	account_id uuid NOT NULL,
	flow_id uuid NOT NULL,
	n int NOT NULL,
	note text NOT NULL DEFAULT '',
	name text NOT NULL,
	description text NOT NULL,
	type text NOT NULL,
	structure json NOT NULL,
	intake json NOT NULL,
	hash text NOT NULL,
	person_id uuid NOT NULL,
	at timestamptz NOT NULL DEFAULT now(),
	PRIMARY KEY (account_id, flow_id, n),
	FOREIGN KEY (account_id, flow_id) REFERENCES flow,
	FOREIGN KEY (account_id, person_id) REFERENCES person
);
SELECT wall('flow_version');
GRANT SELECT, INSERT ON flow_version TO rf_worker;
GRANT SELECT ON flow_version TO rf_jobs;

-- usage_count is the number of links, held exact by flow_tags_set and flows_bulk.
CREATE TABLE tag (
	account_id uuid NOT NULL REFERENCES account,
	id uuid NOT NULL DEFAULT uuid7(),
	name text NOT NULL CHECK (length(name) BETWEEN 1 AND 40 AND name = lower(name)),
	usage_count int NOT NULL DEFAULT 0 CHECK (usage_count >= 0),
	PRIMARY KEY (account_id, id)
);
SELECT wall('tag');
CREATE UNIQUE INDEX tag_name ON tag (account_id, name text_pattern_ops);
GRANT SELECT, INSERT, UPDATE (usage_count) ON tag TO rf_worker;
GRANT SELECT ON tag TO rf_jobs;

CREATE TABLE flow_tag (
	account_id uuid NOT NULL,
	flow_id uuid NOT NULL,
	tag_id uuid NOT NULL,
	PRIMARY KEY (account_id, flow_id, tag_id),
	FOREIGN KEY (account_id, flow_id) REFERENCES flow,
	FOREIGN KEY (account_id, tag_id) REFERENCES tag
);
SELECT wall('flow_tag');
CREATE INDEX flow_tag_by_tag ON flow_tag (account_id, tag_id);
GRANT SELECT, INSERT, DELETE ON flow_tag TO rf_worker;
GRANT SELECT ON flow_tag TO rf_jobs;

-- Tags as they are stored: in lower case, each once.
CREATE FUNCTION tag_names(typed text[]) RETURNS text[] LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
	SELECT ARRAY(SELECT DISTINCT lower(btrim(n)) FROM unnest($1) n WHERE btrim(n) <> '')
$$;

-- The flow's tags become exactly these, in lower case, each once.  Tags are locked in the order of their names,
-- so that flows tagged at once wait for each other but never in a circle.
CREATE FUNCTION flow_tags_set(flow uuid, names text[]) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
	wanted text[] := tag_names($2);
BEGIN
	INSERT INTO tag (account_id, name)
	SELECT app_account(), w FROM unnest(wanted) w
	 WHERE NOT EXISTS (SELECT FROM tag t WHERE t.account_id = app_account() AND t.name = w) ORDER BY w
	ON CONFLICT DO NOTHING;
	PERFORM 1 FROM tag t WHERE t.account_id = app_account()
	    AND (t.name = ANY (wanted)
	         OR t.id IN (SELECT l.tag_id FROM flow_tag l WHERE l.account_id = app_account() AND l.flow_id = $1))
	  ORDER BY t.name FOR NO KEY UPDATE;
	WITH gone AS (
		DELETE FROM flow_tag l USING tag t
		 WHERE l.account_id = app_account() AND l.flow_id = $1
		   AND t.account_id = l.account_id AND t.id = l.tag_id AND t.name <> ALL (wanted)
		RETURNING l.tag_id
	), come AS (
		INSERT INTO flow_tag (account_id, flow_id, tag_id)
		SELECT app_account(), $1, t.id FROM tag t WHERE t.account_id = app_account() AND t.name = ANY (wanted)
		ON CONFLICT DO NOTHING RETURNING tag_id
	)
	UPDATE tag t SET usage_count = t.usage_count + d.change
	  FROM (SELECT tag_id, 1 AS change FROM come UNION ALL SELECT tag_id, -1 FROM gone) d
	 WHERE t.account_id = app_account() AND t.id = d.tag_id;
END $$;

CREATE TABLE pin (
	account_id uuid NOT NULL,
	person_id uuid NOT NULL,
	flow_id uuid NOT NULL,
	at timestamptz NOT NULL DEFAULT now(),
	PRIMARY KEY (account_id, person_id, flow_id),
	FOREIGN KEY (account_id, person_id) REFERENCES person,
	FOREIGN KEY (account_id, flow_id) REFERENCES flow
);
SELECT wall('pin');
GRANT SELECT, INSERT, DELETE ON pin TO rf_worker;

-- A flow as lists and pages show it.
CREATE VIEW flow_listed WITH (security_invoker = true) AS
SELECT h.id, h.name, h.description, h.type, h.status, h.visibility, c.name AS category,
       (SELECT string_agg(t.name, ',' ORDER BY t.name) FROM flow_tag l JOIN tag t ON t.account_id = l.account_id AND t.id = l.tag_id
         WHERE l.account_id = h.account_id AND l.flow_id = h.id) AS tags,
       h.version, h.revision, h.edit, h.usage_count, h.by_use, h.steps, h.edits,
       h.edits AND h.draft_hash IS DISTINCT FROM h.version_hash AS has_draft,
       EXISTS (SELECT FROM pin p WHERE p.account_id = h.account_id AND p.person_id = app_person() AND p.flow_id = h.id) AS pinned,
       h.author_id AS author, a.name AS author_name, h.team_id AS team, tm.name AS team_name, h.created_at, h.updated_at
  FROM flow_here h
  JOIN person a ON a.account_id = h.account_id AND a.id = h.author_id
  LEFT JOIN category c ON c.account_id = h.account_id AND c.id = h.category_id
  LEFT JOIN team tm ON tm.account_id = h.account_id AND tm.id = h.team_id;
GRANT SELECT ON flow_listed TO rf_worker;

-- A person's own folders, three levels deep; a flow lies in at most one of them.
CREATE TABLE folder (
	account_id uuid NOT NULL,
	id uuid NOT NULL DEFAULT uuid7(),
	person_id uuid NOT NULL,
	parent_id uuid,
	name text NOT NULL CHECK (length(name) BETWEEN 1 AND 80),
	created_at timestamptz NOT NULL DEFAULT now(),
	PRIMARY KEY (account_id, id),
	FOREIGN KEY (account_id, person_id) REFERENCES person,
	FOREIGN KEY (account_id, parent_id) REFERENCES folder
);
SELECT wall('folder');
CREATE UNIQUE INDEX folder_name ON folder (account_id, person_id, parent_id, lower(name)) NULLS NOT DISTINCT;
GRANT SELECT, INSERT, UPDATE (name, parent_id), DELETE ON folder TO rf_worker;

CREATE TABLE folder_flow (
	account_id uuid NOT NULL,
	person_id uuid NOT NULL,
	flow_id uuid NOT NULL,
	folder_id uuid NOT NULL,
	PRIMARY KEY (account_id, person_id, flow_id),
	FOREIGN KEY (account_id, flow_id) REFERENCES flow,
	FOREIGN KEY (account_id, folder_id) REFERENCES folder ON DELETE CASCADE
);
SELECT wall('folder_flow');
CREATE INDEX folder_flow_by_folder ON folder_flow (account_id, folder_id);
GRANT SELECT, INSERT, UPDATE (folder_id), DELETE ON folder_flow TO rf_worker;

-- Whether a folder (NULL: a new one) may lie in that parent.  The person's row is locked first: of two moves at once
-- the second sees what the first made.
CREATE FUNCTION folder_check(folder uuid, parent uuid) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
	above uuid[];
	levels int;
BEGIN
	PERFORM 1 FROM person WHERE account_id = app_account() AND id = app_person() FOR NO KEY UPDATE;
	IF $2 IS NULL THEN
		RETURN;
	END IF;
	WITH RECURSIVE up AS (
		SELECT f.id, f.parent_id FROM folder f
		 WHERE f.account_id = app_account() AND f.person_id = app_person() AND f.id = $2
		UNION ALL
		SELECT f.id, f.parent_id FROM up JOIN folder f ON f.account_id = app_account() AND f.id = up.parent_id
	) SELECT array_agg(id) INTO above FROM up;
	IF above IS NULL THEN
		PERFORM refuse(404, 'not_found', 'There is no such folder.');
	ELSIF $1 = ANY (above) THEN
		PERFORM refuse(422, 'folder_circle', 'A folder can''t lie in itself. Choose another one.');
	END IF;
	WITH RECURSIVE down AS (
		SELECT $1 AS id, 1 AS level
		UNION ALL
		SELECT f.id, d.level + 1 FROM down d JOIN folder f ON f.account_id = app_account() AND f.parent_id = d.id
	) SELECT max(level) INTO levels FROM down;
	IF cardinality(above) + levels > 3 THEN
		PERFORM refuse(422, 'folder_depth', 'Folders go three levels deep. Choose one further up.');
	END IF;
END $$;

-- The flows of the library that fit: '', {} and NULL fit all; the archived only where that is asked for.  A function
-- that the planner writes into the query it stands in: planned with its values, what is not asked for costs nothing.
CREATE FUNCTION library(type text, status text, category text, q text, tags text[], folder uuid, pinned boolean,
                        author uuid, team uuid) RETURNS SETOF flow_here LANGUAGE sql STABLE AS $$
	SELECT * FROM flow_here f
	 WHERE ($1 = '' OR f.type = $1)
	   AND CASE $2 WHEN '' THEN NOT f.archived WHEN 'archived' THEN f.archived
	            WHEN 'draft' THEN NOT f.archived AND f.version = 0 ELSE NOT f.archived AND f.version > 0 END
	   AND ($3 = '' OR f.category_id = (SELECT c.id FROM category c
	                                     WHERE c.account_id = (SELECT app_account()) AND lower(c.name) = lower($3)))
	   AND ($4 = '' OR strpos(f.name_key, lower($4)) > 0)
		   AND (tag_names($5) = '{}' OR f.id = ANY (ARRAY(
		SELECT l.flow_id FROM tag t JOIN flow_tag l ON l.account_id = t.account_id AND l.tag_id = t.id
		 WHERE t.account_id = (SELECT app_account()) AND t.name = ANY (tag_names($5))
		 GROUP BY l.flow_id HAVING count(*) = cardinality(tag_names($5)))))
	   AND ($6 IS NULL OR f.id = ANY (ARRAY(
		SELECT l.flow_id FROM folder_flow l
		  JOIN folder d ON d.account_id = l.account_id AND d.id = l.folder_id
		  LEFT JOIN folder up ON up.account_id = d.account_id AND up.id = d.parent_id
		 WHERE l.account_id = (SELECT app_account()) AND l.person_id = (SELECT app_person())
		   AND $6 IN (d.id, d.parent_id, up.parent_id))))
	   AND (NOT $7 OR f.id = ANY (ARRAY(SELECT p.flow_id FROM pin p
		 WHERE p.account_id = (SELECT app_account()) AND p.person_id = (SELECT app_person()))))
	   AND ($8 IS NULL OR f.author_id = $8) AND ($9 IS NULL OR f.team_id = $9)
$$;

-- The category of that name; an empty name is none.  One that is not there yet is made for a team admin.
CREATE FUNCTION category_of(wanted text) RETURNS uuid LANGUAGE plpgsql AS $$
DECLARE
	found uuid;
BEGIN
	IF coalesce($1, '') = '' THEN
		RETURN NULL;
	END IF;
	SELECT id INTO found FROM category WHERE account_id = app_account() AND lower(name) = lower($1) FOR KEY SHARE;
	IF found IS NULL AND app_role() = 'team_admin' THEN
		INSERT INTO category (account_id, name) VALUES (app_account(), $1)
		ON CONFLICT (account_id, lower(name)) DO UPDATE SET name = category.name RETURNING id INTO found;
	END IF;
	IF found IS NULL THEN
		PERFORM refuse(422, 'unknown_category',
			format('There is no category "%s". Choose one that exists, or ask a team admin to add it.', $1));
	END IF;
	RETURN found;
END $$;

-- Its flows go to the other one, and it is gone.
CREATE FUNCTION category_merge(category uuid, target uuid) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
	IF $1 = $2 THEN
		PERFORM refuse(422, 'same_category', 'Choose another category.');
	END IF;
	PERFORM 1 FROM category c WHERE c.account_id = app_account() AND c.id IN ($1, $2) ORDER BY c.id FOR UPDATE;
	IF (SELECT count(*) FROM category c WHERE c.account_id = app_account() AND c.id IN ($1, $2)) < 2 THEN
		PERFORM refuse(404, 'not_found', 'There is no such category.');
	END IF;
	UPDATE flow f SET category_id = $2 WHERE f.account_id = app_account() AND f.category_id = $1;
	DELETE FROM category c WHERE c.account_id = app_account() AND c.id = $1;
END $$;

-- Only an empty one goes; the lock holds off who would put a flow into it.
CREATE FUNCTION category_delete(category uuid) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
	held bigint;
BEGIN
	PERFORM 1 FROM category c WHERE c.account_id = app_account() AND c.id = $1 FOR UPDATE;
	IF NOT FOUND THEN
		PERFORM refuse(404, 'not_found', 'There is no such category.');
	END IF;
	SELECT count(*) INTO held FROM flow f
	 WHERE f.account_id = app_account() AND f.category_id = $1 AND f.deleted_at IS NULL;
	IF held > 0 THEN
		PERFORM refuse(409, 'category_in_use', format('%s in this category. Merge it into another one.',
			CASE held WHEN 1 THEN '1 flow is' ELSE held || ' flows are' END));
	END IF;
	UPDATE flow f SET category_id = NULL WHERE f.account_id = app_account() AND f.category_id = $1;
	DELETE FROM category c WHERE c.account_id = app_account() AND c.id = $1;
END $$;

-- Does one thing to many flows, and tells which of them it changed: those that whoever asks may edit, and that were
-- not so before; folders are one's own, so there seeing is enough.  Flows are locked in the order of their ids, and
-- one tag at most.
CREATE FUNCTION flows_bulk(flows uuid[], act text, folder uuid, tag text) RETURNS SETOF uuid LANGUAGE plpgsql AS $$
DECLARE
	wanted uuid[];
	changed uuid[];
	chosen uuid;
BEGIN
	PERFORM 1 FROM flow f WHERE f.account_id = app_account() AND f.id = ANY ($1) ORDER BY f.id FOR NO KEY UPDATE;
	wanted := ARRAY(SELECT h.id FROM flow_here h WHERE h.id = ANY ($1) AND (h.edits OR $2 = 'move'));
	IF $2 = 'move' AND $3 IS NOT NULL THEN
		PERFORM 1 FROM folder d WHERE d.account_id = app_account() AND d.person_id = app_person() AND d.id = $3 FOR KEY SHARE;
		IF NOT FOUND THEN
			PERFORM refuse(404, 'not_found', 'There is no such folder.');
		END IF;
		WITH come AS (
			INSERT INTO folder_flow AS l (account_id, person_id, flow_id, folder_id)
			SELECT app_account(), app_person(), w, $3 FROM unnest(wanted) w
			ON CONFLICT (account_id, person_id, flow_id) DO UPDATE SET folder_id = excluded.folder_id
			 WHERE l.folder_id <> excluded.folder_id RETURNING flow_id
		) SELECT array_agg(flow_id) INTO changed FROM come;
	ELSIF $2 = 'move' THEN
		WITH gone AS (
			DELETE FROM folder_flow l WHERE l.account_id = app_account() AND l.person_id = app_person()
			   AND l.flow_id = ANY (wanted) RETURNING l.flow_id
		) SELECT array_agg(flow_id) INTO changed FROM gone;
	ELSIF $2 = 'tag' THEN
		INSERT INTO tag (account_id, name) SELECT app_account(), n FROM unnest(tag_names(ARRAY[$4])) n
		 WHERE cardinality(wanted) > 0 ON CONFLICT DO NOTHING;
		SELECT t.id INTO chosen FROM tag t WHERE t.account_id = app_account() AND t.name = ANY (tag_names(ARRAY[$4]))
		   FOR NO KEY UPDATE;
		WITH come AS (
			INSERT INTO flow_tag AS l (account_id, flow_id, tag_id)
			SELECT app_account(), w, chosen FROM unnest(wanted) w
			 WHERE (SELECT count(*) FROM flow_tag h WHERE h.account_id = app_account() AND h.flow_id = w) < 20
			ON CONFLICT DO NOTHING RETURNING l.flow_id
		) SELECT array_agg(flow_id) INTO changed FROM come;
		UPDATE tag t SET usage_count = t.usage_count + coalesce(cardinality(changed), 0)
		 WHERE t.account_id = app_account() AND t.id = chosen;
	ELSIF $2 = 'untag' THEN
		SELECT t.id INTO chosen FROM tag t WHERE t.account_id = app_account() AND t.name = ANY (tag_names(ARRAY[$4]))
		   FOR NO KEY UPDATE;
		WITH gone AS (
			DELETE FROM flow_tag l WHERE l.account_id = app_account() AND l.tag_id = chosen
			   AND l.flow_id = ANY (wanted) RETURNING l.flow_id
		) SELECT array_agg(flow_id) INTO changed FROM gone;
		UPDATE tag t SET usage_count = t.usage_count - coalesce(cardinality(changed), 0)
		 WHERE t.account_id = app_account() AND t.id = chosen;
	ELSE
		changed := ARRAY(SELECT f.id FROM flow f WHERE f.account_id = app_account() AND f.id = ANY (wanted)
		                    AND f.archived <> ($2 = 'archive'));
	END IF;
	IF $2 <> 'move' THEN
		UPDATE flow f SET archived = CASE $2 WHEN 'archive' THEN true WHEN 'unarchive' THEN false ELSE f.archived END,
		       revision = f.revision + 1, updated_at = now()
		 WHERE f.account_id = app_account() AND f.id = ANY (changed);
	END IF;
	RETURN QUERY SELECT unnest(changed);
END $$;

-- A draft's next entry in the history.  What was undone before it is gone; of old entries the last 300 stay.
CREATE FUNCTION flow_edit_add(flow uuid, label text, name text, description text, type text, steps int,
                              structure json, intake json, hash text) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
	place int;
BEGIN
	UPDATE flow f SET edit = f.edit + 1, revision = f.revision + 1, updated_at = now(), draft_hash = $9,
	       name = CASE WHEN f.version = 0 THEN $3 ELSE f.name END,
	       description = CASE WHEN f.version = 0 THEN $4 ELSE f.description END,
	       type = CASE WHEN f.version = 0 THEN $5 ELSE f.type END,
	       steps = CASE WHEN f.version = 0 THEN $6 ELSE f.steps END
	 WHERE f.account_id = app_account() AND f.id = $1 RETURNING f.edit INTO place;
	DELETE FROM flow_edit e WHERE e.account_id = app_account() AND e.flow_id = $1
	   AND (e.n >= place OR e.n <= place - 300);
	INSERT INTO flow_edit (account_id, flow_id, n, label, name, description, type, structure, intake, hash, person_id)
	VALUES (app_account(), $1, place, $2, $3, $4, $5, $7, $8, $9, app_person());
END $$;

CREATE FUNCTION flow_delete(flow uuid) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
	PERFORM flow_tags_set($1, '{}');
	DELETE FROM pin p WHERE p.account_id = app_account() AND p.flow_id = $1;
	DELETE FROM folder_flow l WHERE l.account_id = app_account() AND l.flow_id = $1;
	UPDATE flow f SET deleted_at = now(), revision = revision + 1 WHERE f.account_id = app_account() AND f.id = $1;
END $$;

-- What somebody typed into a step's form and has not sent: the form as the browser would send it.
CREATE TABLE flow_unsent (
	account_id uuid NOT NULL,
	person_id uuid NOT NULL,
	flow_id uuid NOT NULL,
	node_id text NOT NULL,
	form text NOT NULL CHECK (length(form) <= 400000),
	at timestamptz NOT NULL DEFAULT now(),
	PRIMARY KEY (account_id, person_id, flow_id, node_id),
	FOREIGN KEY (account_id, flow_id) REFERENCES flow,
	FOREIGN KEY (account_id, person_id) REFERENCES person
);
SELECT wall('flow_unsent');
GRANT SELECT, INSERT, UPDATE (form, at), DELETE ON flow_unsent TO rf_worker;
GRANT SELECT (at), DELETE ON flow_unsent TO rf_jobs;
CREATE POLICY sweep ON flow_unsent TO rf_jobs USING (at < now() - interval '30 days');
