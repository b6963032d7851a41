-- The statements of the flows room.  A row's columns stand in the order of its shape's fields.

-- name: flow_lock(flow uuid)
SELECT FROM flow WHERE account_id = app_account() AND id = $1 AND deleted_at IS NULL FOR NO KEY UPDATE;

-- name: flow_find(flow uuid)
SELECT FROM flow_here WHERE id = $1;

-- name: flow(flow uuid) -> flow_row_shape
SELECT h.id, h.name, h.description, h.type, h.status, h.visibility, c.name AS category,
       (SELECT string_agg(t.name, ',' ORDER BY t.name) FROM flow_tag l JOIN tag t ON t.account_id = l.account_id AND t.id = l.tag_id
         WHERE l.account_id = h.account_id AND l.flow_id = h.id) AS tags,
       h.version, h.revision, h.edit, h.usage_count, h.steps, h.edits,
       h.edits AND h.draft_hash IS DISTINCT FROM h.version_hash AS has_draft,
       EXISTS (SELECT FROM pin p WHERE p.account_id = h.account_id AND p.person_id = app_person() AND p.flow_id = h.id) AS pinned,
       h.author_id AS author, a.name AS author_name, h.team_id AS team, tm.name AS team_name, h.created_at, h.updated_at
  FROM flow_here h
  JOIN person a ON a.account_id = h.account_id AND a.id = h.author_id
  LEFT JOIN category c ON c.account_id = h.account_id AND c.id = h.category_id
  LEFT JOIN team tm ON tm.account_id = h.account_id AND tm.id = h.team_id
 WHERE h.id = $1;

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

-- name: flow_room()
SELECT plan_room_for_flow();

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
-- name: flow_stand(flow uuid, visibility text, category text, category_given boolean, archived text)
UPDATE flow SET visibility = coalesce(nullif($2, ''), visibility),
       category_id = CASE WHEN $4 THEN category_of($3) ELSE category_id END,
       archived = coalesce(nullif($5, '')::boolean, archived), revision = revision + 1, updated_at = now()
 WHERE account_id = app_account() AND id = $1;

-- name: flow_delete(flow uuid)
SELECT flow_delete($1);

-- name: unsent_keep(flow uuid, node text, form text)
INSERT INTO flow_unsent (account_id, person_id, flow_id, node_id, form)
VALUES (app_account(), app_person(), $1, $2, $3)
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
