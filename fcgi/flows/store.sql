-- The statements of the flows room.  A row's columns stand in the order of its shape's fields.

-- name: flow_lock(flow uuid)
SELECT FROM flow WHERE account_id = app_account() AND id = $1 AND deleted_at IS NULL FOR NO KEY UPDATE;

-- name: flow_find(flow uuid)
SELECT FROM flow_here WHERE id = $1;

-- name: flow(flow uuid) -> flow_row_shape
SELECT id, name, description, type, status, visibility, category, tags, version, revision, edit, usage_count, by_use, steps, edits,
       has_draft, pinned, author, author_name, team, team_name, created_at, updated_at
  FROM flow_listed WHERE id = $1;

-- The draft for those who may edit it, the last published version for others; a version by its number for all.
-- name: flow_doc(flow uuid, version int) -> flow_doc_row_shape
SELECT d.name, d.description, d.type, d.structure, d.intake, d.hash, d.at, p.name AS person
  FROM flow_here h
 CROSS JOIN LATERAL (
	SELECT e.name, e.description, e.type, e.structure, e.intake, e.hash, e.at, e.person_id FROM flow_edit e
	 WHERE h.edits AND $2::int = 0 AND e.account_id = h.account_id AND e.flow_id = h.id AND e.n = h.edit
	UNION ALL
	SELECT v.name, v.description, v.type, v.structure, v.intake, v.hash, v.at, v.person_id FROM flow_version v
	 WHERE (NOT h.edits OR $2::int <> 0) AND v.account_id = h.account_id AND v.flow_id = h.id
	   AND v.n = CASE WHEN $2::int = 0 THEN h.version ELSE $2::int END) d
  JOIN person p ON p.account_id = h.account_id AND p.id = d.person_id
 WHERE h.id = $1;

-- What was published last, for whom it is compared with the draft; a transaction's other flow_doc is the draft.
-- name: flow_last(flow uuid) -> flow_doc_row_shape
SELECT v.name, v.description, v.type, v.structure, v.intake, v.hash, v.at, p.name AS person
  FROM flow_here h
  JOIN flow_version v ON v.account_id = h.account_id AND v.flow_id = h.id AND v.n = h.version
  JOIN person p ON p.account_id = v.account_id AND p.id = v.person_id
 WHERE h.id = $1;

-- name: flow_add(id uuid, visibility text, category text, name text, description text, type text, steps int, structure text, intake text, hash text, label text)
WITH f AS (
	INSERT INTO flow (account_id, id, author_id, team_id, visibility, category_id, name, description, type, steps, draft_hash)
	SELECT app_account(), $1, app_person(), app_team(), $2, category_of($3), $4, $5, $6, $7::int, $10
)
INSERT INTO flow_edit (account_id, flow_id, n, label, name, description, type, structure, intake, hash, person_id)
VALUES (app_account(), $1, 1, $11, $4, $5, $6, $8::text::json, $9::text::json, $10, app_person());

-- name: flow_tags_set(flow uuid, names text[])
SELECT flow_tags_set($1, $2);

-- name: flow_edit_add(flow uuid, label text, name text, description text, type text, steps int, structure text, intake text, hash text)
SELECT flow_edit_add($1, $2, $3, $4, $5, $6, $7::text::json, $8::text::json, $9);

-- name: flow_edit_move(flow uuid, n int)
UPDATE flow f SET edit = e.n, revision = f.revision + 1, updated_at = now(), draft_hash = e.hash,
       name = CASE WHEN f.version = 0 THEN e.name ELSE f.name END,
       description = CASE WHEN f.version = 0 THEN e.description ELSE f.description END,
       type = CASE WHEN f.version = 0 THEN e.type ELSE f.type END,
       steps = CASE WHEN f.version = 0 THEN json_array_length(e.structure -> 'nodes') ELSE f.steps END
  FROM flow_edit e
 WHERE f.account_id = app_account() AND f.id = $1 AND e.account_id = f.account_id AND e.flow_id = f.id AND e.n = $2;

-- The history, newest first.
-- name: flow_edits(flow uuid) -> flow_edit_row_shape
SELECT e.n, e.label, p.name AS person, e.at, e.n = h.edit AS current, e.n > h.edit AS undone
  FROM flow_here h
  JOIN flow_edit e ON e.account_id = h.account_id AND e.flow_id = h.id
  JOIN person p ON p.account_id = e.account_id AND p.id = e.person_id
 WHERE h.id = $1 AND h.edits ORDER BY e.n DESC;

-- Where undo and redo lead, and what they would undo or redo.
-- name: flow_line(flow uuid) -> flow_line_row_shape
SELECT (SELECT max(e.n) FROM flow_edit e WHERE e.account_id = h.account_id AND e.flow_id = h.id AND e.n < h.edit) AS undo_to,
       (SELECT e.label FROM flow_edit e WHERE e.account_id = h.account_id AND e.flow_id = h.id AND e.n = h.edit) AS undo_label,
       (SELECT min(e.n) FROM flow_edit e WHERE e.account_id = h.account_id AND e.flow_id = h.id AND e.n > h.edit) AS redo_to,
       (SELECT e.label FROM flow_edit e WHERE e.account_id = h.account_id AND e.flow_id = h.id AND e.n > h.edit ORDER BY e.n LIMIT 1) AS redo_label
  FROM flow_here h WHERE h.id = $1 AND h.edits;

-- name: flow_publish(flow uuid, note text)
WITH f AS (
	UPDATE flow u SET version = u.version + 1, revision = u.revision + 1, updated_at = now(), version_hash = u.draft_hash,
	       name = e.name, description = e.description, type = e.type, steps = json_array_length(e.structure -> 'nodes')
	  FROM flow_edit e
	 WHERE u.account_id = app_account() AND u.id = $1 AND e.account_id = u.account_id AND e.flow_id = u.id AND e.n = u.edit
	RETURNING u.id, u.version, e.name, e.description, e.type, e.structure, e.intake, e.hash
)
INSERT INTO flow_version (account_id, flow_id, n, note, name, description, type, structure, intake, hash, person_id)
SELECT app_account(), id, version, $2, name, description, type, structure, intake, hash, app_person() FROM f;

-- name: flow_versions(flow uuid) -> flow_version_row_shape
SELECT v.n, v.note, v.name, p.name AS person, v.person_id, v.at, h.edits AND v.hash = h.draft_hash AS current
  FROM flow_here h
  JOIN flow_version v ON v.account_id = h.account_id AND v.flow_id = h.id
  JOIN person p ON p.account_id = v.account_id AND p.id = v.person_id
 WHERE h.id = $1 ORDER BY v.n DESC;

-- Empty texts leave a thing as it is; the category is set where it was given, '' to none.
-- name: flow_stand(flow uuid, visibility text, category text, category_given boolean, archived text, by_use text)
UPDATE flow SET visibility = coalesce(nullif($2, ''), visibility),
       category_id = CASE WHEN $4 THEN category_of($3) ELSE category_id END,
       archived = coalesce(nullif($5, '')::boolean, archived), by_use = coalesce(nullif($6, '')::boolean, by_use),
       revision = revision + 1, updated_at = now()
 WHERE account_id = app_account() AND id = $1;

-- The ways that finished runs took, over all versions.
-- name: travel(flow uuid) -> travel_row_shape
SELECT node_id AS node, option_id AS option, sum(taken)::bigint AS taken, sum(resolved)::bigint AS resolved, sum(seconds)::bigint AS seconds
  FROM path_stat WHERE account_id = app_account() AND flow_id = $1 GROUP BY node_id, option_id;

-- name: flow_delete(flow uuid)
SELECT flow_delete($1);

-- name: flow_index(flow uuid)
SELECT flow_index(app_account(), $1);

-- Jobs for what was left stale, wherever that is.
-- name: flow_index_rest()
SELECT flow_index_later(account_id, flow_id) FROM flow_text WHERE stale LIMIT 1000;

-- name: search(q text, n int, skip int, archived boolean) -> search_row_shape
SELECT flow_id AS flow, total, similar_name AS alike FROM search.flow_find($1, $2, $3, $4) ORDER BY place;

-- The words that a search looks for, as the index has them; without those that must not be there.
-- name: search_words(q text) -> search_word_shape
SELECT replace(w[2], '''''', '''') AS text, w[3] <> '' AS prefix
  FROM regexp_matches(flow_query($1)::text, '(!?)''((?:[^'']|'''')+)''(:[*])?', 'g') AS m (w) WHERE w[1] = '';

-- The flows of those ids, in the order of the ids.
-- name: flows_of(flows text[]) -> flow_row_shape
SELECT id, name, description, type, status, visibility, category, tags, version, revision, edit, usage_count, by_use, steps, edits,
       has_draft, pinned, author, author_name, team, team_name, created_at, updated_at
  FROM flow_listed WHERE id = ANY ($1::text[]::uuid[]) ORDER BY array_position($1::text[]::uuid[], id);

-- What lists show of them, step by step.
-- name: flow_texts(flows text[]) -> flow_text_row_shape
SELECT h.id AS flow, coalesce(v.structure, e.structure) AS structure
  FROM flow_here h
  LEFT JOIN flow_version v ON v.account_id = h.account_id AND v.flow_id = h.id AND v.n = h.version
  LEFT JOIN flow_edit e ON h.version = 0 AND e.account_id = h.account_id AND e.flow_id = h.id AND e.n = h.edit
 WHERE h.id = ANY ($1::text[]::uuid[]) ORDER BY array_position($1::text[]::uuid[], h.id);

-- The last word of a form's script may come after the form was sent.
-- name: unsent_keep(flow uuid, node text, form text, once text)
INSERT INTO flow_unsent (account_id, person_id, flow_id, node_id, form)
SELECT app_account(), app_person(), h.id, $2, $3 FROM flow_here h
 WHERE h.id = $1 AND h.edits
   AND NOT EXISTS (SELECT FROM once o WHERE o.account_id = app_account() AND o.person_id = app_person() AND o.key = 'form:' || $4)
ON CONFLICT (account_id, person_id, flow_id, node_id) DO UPDATE SET form = excluded.form, at = now();

-- name: unsent_drop(flow uuid, node text)
DELETE FROM flow_unsent WHERE account_id = app_account() AND person_id = app_person() AND flow_id = $1 AND node_id = $2;

-- name: unsent(flow uuid, node text) -> unsent_row_shape
SELECT form, at FROM flow_unsent
 WHERE account_id = app_account() AND person_id = app_person() AND flow_id = $1 AND node_id = $2;

-- Each category, and how many flows in it whoever asks may see.
-- name: categories() -> category_row_shape
SELECT c.id, c.name, count(h.id) AS count
  FROM category c LEFT JOIN flow_here h ON h.account_id = c.account_id AND h.category_id = c.id AND NOT h.archived
 WHERE c.account_id = app_account() GROUP BY c.account_id, c.id, c.name ORDER BY lower(c.name), c.id;

-- name: category_of(name text)
SELECT category_of($1);

-- One page of the library, in the order of `sort`, from `after` on: the last one's place in that order and its id.
-- name: library(type text, status text, category text, q text, tags text[], folder uuid, pinned boolean, author uuid, team uuid, sort text, after_name text, after_number bigint, after uuid, most int, skip int) -> flow_row_shape
WITH here AS (
	SELECT f.*, row_number() OVER () AS place FROM (
		SELECT * FROM library($1, $2, $3, $4, $5, $6, $7, $8, $9) f
		 WHERE CASE WHEN $13::uuid IS NULL THEN true
		            WHEN $10::text = 'name' THEN (f.name_key, f.id) > (lower($11::text), $13)
		            WHEN $10 = '-updated_at' THEN (f.updated_at, f.id) < (to_timestamp(0) + $12::bigint * interval '1 microsecond', $13)
		            ELSE (f.usage_count, f.id) < ($12, $13) END
		 ORDER BY CASE WHEN $10 = 'name' THEN f.name_key END, CASE WHEN $10 = 'name' THEN f.id END,
		          CASE WHEN $10 = '-updated_at' THEN f.updated_at END DESC,
		          CASE WHEN $10 = '-usage_count' THEN f.usage_count END DESC, f.id DESC
		 LIMIT $14::int OFFSET $15::int) f
)
SELECT h.id, h.name, h.description, h.type, h.status, h.visibility, c.name AS category,
       (SELECT string_agg(t.name, ',' ORDER BY t.name) FROM flow_tag l JOIN tag t ON t.account_id = l.account_id AND t.id = l.tag_id
         WHERE l.account_id = h.account_id AND l.flow_id = h.id) AS tags,
       h.version, h.revision, h.edit, h.usage_count, h.by_use, h.steps, h.edits,
       h.edits AND h.draft_hash IS DISTINCT FROM h.version_hash AS has_draft,
       EXISTS (SELECT FROM pin p WHERE p.account_id = h.account_id AND p.person_id = app_person() AND p.flow_id = h.id) AS pinned,
       h.author_id AS author, a.name AS author_name, h.team_id AS team, tm.name AS team_name, h.created_at, h.updated_at
  FROM here h
  JOIN person a ON a.account_id = h.account_id AND a.id = h.author_id
  LEFT JOIN category c ON c.account_id = h.account_id AND c.id = h.category_id
  LEFT JOIN team tm ON tm.account_id = h.account_id AND tm.id = h.team_id
 ORDER BY h.place;

-- How many fit: one more than 10,000 stands for all that are more.
-- name: library_count(type text, status text, category text, q text, tags text[], folder uuid, pinned boolean, author uuid, team uuid) -> count_row_shape
SELECT count(*) AS n FROM (SELECT FROM library($1, $2, $3, $4, $5, $6, $7, $8, $9) LIMIT 10001) f;

-- Takes what is wanted ('': as it was) and tells how this person looks at the library; who looks in from elsewhere has no row.
-- name: flow_look(wanted text) -> flow_look_row_shape
WITH now AS (
	UPDATE person SET flow_view = $1
	 WHERE account_id = app_account() AND id = app_person() AND $1 <> '' AND flow_view <> $1
)
SELECT coalesce(nullif($1, ''), (SELECT flow_view FROM person WHERE account_id = app_account() AND id = app_person()),
                'grid') AS look;

-- What the library's filters offer: kind, value, label.
-- name: library_choices() -> library_choice_shape
SELECT 'category' AS kind, name AS value, name AS label FROM category WHERE account_id = app_account()
UNION ALL
SELECT 'team', id::text, name FROM team WHERE account_id = app_account()
 ORDER BY kind, label, value;

-- The tags that begin so, of the flows that whoever asks may see.
-- name: tags(prefix text) -> tag_row_shape
WITH found AS (
	SELECT t.account_id, t.id, t.name FROM tag t
	 WHERE t.account_id = app_account() AND t.usage_count > 0 AND starts_with(t.name, lower($1))
	   AND EXISTS (SELECT FROM flow_tag l JOIN flow_here h ON h.account_id = l.account_id AND h.id = l.flow_id
	                WHERE l.account_id = t.account_id AND l.tag_id = t.id)
	 ORDER BY t.name LIMIT 50
)
SELECT f.name, count(*) AS count FROM found f
  JOIN flow_tag l ON l.account_id = f.account_id AND l.tag_id = f.id
  JOIN flow_here h ON h.account_id = l.account_id AND h.id = l.flow_id
 GROUP BY f.name ORDER BY f.name;

-- The most used of them, for a list to choose from.
-- name: tag_names() -> tag_row_shape
SELECT t.name, 0::bigint AS count FROM tag t
 WHERE t.account_id = app_account() AND t.usage_count > 0
   AND EXISTS (SELECT FROM flow_tag l JOIN flow_here h ON h.account_id = l.account_id AND h.id = l.flow_id
                WHERE l.account_id = t.account_id AND l.tag_id = t.id)
 ORDER BY t.usage_count DESC, t.name LIMIT 100;

-- name: category(category uuid) -> category_row_shape
SELECT c.id, c.name, (SELECT count(*) FROM flow f WHERE f.account_id = c.account_id AND f.category_id = c.id AND f.deleted_at IS NULL) AS count
  FROM category c WHERE c.account_id = app_account() AND c.id = $1;

-- Each category, and how many flows are in it, whoever may see them.
-- name: categories_all() -> category_row_shape
SELECT c.id, c.name, count(f.id) AS count
  FROM category c LEFT JOIN flow f ON f.account_id = c.account_id AND f.category_id = c.id AND f.deleted_at IS NULL
 WHERE c.account_id = app_account() GROUP BY c.account_id, c.id, c.name ORDER BY lower(c.name), c.id;

-- name: category_add(id uuid, name text)
INSERT INTO category (account_id, id, name) VALUES (app_account(), $1, $2);

-- name: category_rename(category uuid, name text)
UPDATE category SET name = $2 WHERE account_id = app_account() AND id = $1;

-- name: category_merge(category uuid, target uuid)
SELECT category_merge($1, $2);

-- name: category_delete(category uuid)
SELECT category_delete($1);

-- name: pin(flow uuid)
INSERT INTO pin (account_id, person_id, flow_id) VALUES (app_account(), app_person(), $1) ON CONFLICT DO NOTHING;

-- name: unpin(flow uuid)
DELETE FROM pin WHERE account_id = app_account() AND person_id = app_person() AND flow_id = $1;

-- One's folders as they lie in each other, and the flows in each and below it.
-- name: folders() -> folder_row_shape
WITH RECURSIVE t AS (
	SELECT f.id, f.parent_id, f.name, 1::bigint AS level, f.name AS path, ARRAY[lower(f.name)] AS place, ARRAY[f.id] AS ids
	  FROM folder f
	 WHERE f.account_id = app_account() AND f.person_id = app_person() AND f.parent_id IS NULL
	UNION ALL
	SELECT f.id, f.parent_id, f.name, t.level + 1, t.path || ' / ' || f.name, t.place || lower(f.name), t.ids || f.id
	  FROM t JOIN folder f ON f.account_id = app_account() AND f.person_id = app_person() AND f.parent_id = t.id
), held AS (
	SELECT l.folder_id, count(*) AS n
	  FROM folder_flow l JOIN flow_here h ON h.account_id = l.account_id AND h.id = l.flow_id
	 WHERE l.account_id = app_account() AND l.person_id = app_person() AND NOT h.archived GROUP BY l.folder_id
)
SELECT t.id, t.parent_id AS parent, t.name, t.path, t.level,
       coalesce((SELECT sum(held.n) FROM t u JOIN held ON held.folder_id = u.id WHERE t.id = ANY (u.ids)), 0)::bigint AS count
  FROM t ORDER BY t.place, t.id;

-- name: folder_find(folder uuid)
SELECT FROM folder WHERE account_id = app_account() AND person_id = app_person() AND id = $1;

-- name: folder_check(folder uuid, parent uuid)
SELECT folder_check($1, $2);

-- name: folder_add(id uuid, parent uuid, name text)
INSERT INTO folder (account_id, id, person_id, parent_id, name) VALUES (app_account(), $1, app_person(), $2, $3);

-- An empty name leaves it as it is.
-- name: folder_change(folder uuid, name text, parent uuid, moves boolean)
UPDATE folder SET name = coalesce(nullif($2, ''), name), parent_id = CASE WHEN $4 THEN $3 ELSE parent_id END
 WHERE account_id = app_account() AND person_id = app_person() AND id = $1;

-- With those in it; the flows stay.
-- name: folder_delete(folder uuid)
WITH RECURSIVE t AS (
	SELECT id FROM folder WHERE account_id = app_account() AND person_id = app_person() AND id = $1
	UNION ALL
	SELECT f.id FROM t JOIN folder f ON f.account_id = app_account() AND f.parent_id = t.id
)
DELETE FROM folder WHERE account_id = app_account() AND id IN (SELECT id FROM t);

-- name: folder_take_out(folder uuid, flow uuid)
DELETE FROM folder_flow WHERE account_id = app_account() AND person_id = app_person() AND folder_id = $1 AND flow_id = $2;

-- The ids of those that it changed.
-- name: flows_bulk(flows text[], act text, folder uuid, tag text) -> flow_id_row_shape
SELECT b AS id FROM flows_bulk($1::text[]::uuid[], $2, $3, $4) b;

-- name: sweep_unsent()
DELETE FROM flow_unsent WHERE at < now() - interval '30 days';
