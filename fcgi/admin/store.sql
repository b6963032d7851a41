-- The statements of the admin room.

-- ---- what an account says of itself ----

-- closes 24:00 is midnight, which a form calls 00:00.
-- name: account() -> account_shape
SELECT a.name, a.zone AS time_zone, a.by_hours,
       h.opens[1] AS monday_opens, h.closes[1] AS monday_closes,
       h.opens[2] AS tuesday_opens, h.closes[2] AS tuesday_closes,
       h.opens[3] AS wednesday_opens, h.closes[3] AS wednesday_closes,
       h.opens[4] AS thursday_opens, h.closes[4] AS thursday_closes,
       h.opens[5] AS friday_opens, h.closes[5] AS friday_closes,
       h.opens[6] AS saturday_opens, h.closes[6] AS saturday_closes,
       h.opens[7] AS sunday_opens, h.closes[7] AS sunday_closes
  FROM account a
 CROSS JOIN LATERAL (SELECT array_agg(coalesce(to_char(b.opens, 'HH24:MI'), '') ORDER BY day) AS opens,
                            array_agg(coalesce(replace(to_char(b.closes, 'HH24:MI'), '24:00', '00:00'), '') ORDER BY day) AS closes
                       FROM generate_series(1, 7) day LEFT JOIN business_hour b ON b.account_id = a.account_id AND b.weekday = day) h
 WHERE a.account_id = app_account();

-- name: zones() -> text_shape
SELECT name AS text FROM zone ORDER BY name <> 'UTC', name;

-- name: account_set(name text, zone text, by_hours boolean, opens text[], closes text[])
WITH day AS (
	SELECT n::int AS n, opens::time AS opens, CASE closes WHEN '00:00' THEN '24:00' ELSE closes END::time AS closes
	  FROM unnest($4::text[], $5::text[]) WITH ORDINALITY AS d (opens, closes, n) WHERE opens <> ''
), closed AS (
	DELETE FROM business_hour b WHERE b.account_id = app_account() AND b.weekday NOT IN (SELECT n FROM day)
), opened AS (
	INSERT INTO business_hour (account_id, weekday, opens, closes) SELECT app_account(), n, opens, closes FROM day
	ON CONFLICT (account_id, weekday) DO UPDATE SET opens = excluded.opens, closes = excluded.closes
)
UPDATE account SET name = $1, zone = $2, by_hours = $3 WHERE account_id = app_account();

-- ---- retention ----

-- name: retention() -> retention_shape
SELECT a.retain_days::bigint AS days, a.retain_way AS way,
       (SELECT count(*) FROM session_hold k WHERE k.account_id = a.account_id) AS kept,
       (SELECT r.sessions FROM retention_run r WHERE r.account_id = a.account_id AND r.ended_at IS NULL) AS running
  FROM account a WHERE a.account_id = app_account();

-- name: retention_lock()
SELECT FROM account WHERE account_id = app_account() FOR NO KEY UPDATE;

-- name: retention_total(days int, way text) -> past_total_shape
SELECT count(*) AS sessions, min(ended_at) AS oldest FROM session_past($1::int, $2);

-- Those that go first come first.
-- name: retention_due(days int, way text, most int, skip int) -> due_shape
SELECT s.id AS session, f.name AS flow, s.client, s.ticket, p.ended_at
  FROM (SELECT * FROM session_past($1::int, $2) p ORDER BY p.ended_at, p.id LIMIT $3::int OFFSET $4::int) p
  JOIN session s ON s.account_id = app_account() AND s.id = p.id
  JOIN flow f ON f.account_id = s.account_id AND f.id = s.flow_id ORDER BY p.ended_at, p.id;

-- name: retention_past(days int, way text) -> past_shape
SELECT to_char(g.month, 'YYYY-MM') AS month, f.name AS flow, g.sessions
  FROM (SELECT date_trunc('month', p.ended_at AT TIME ZONE a.zone) AS month, p.flow_id, count(*) AS sessions
          FROM session_past($1::int, $2) p CROSS JOIN account a WHERE a.account_id = app_account() GROUP BY 1, 2 ORDER BY 1, 3 DESC LIMIT 200) g
  JOIN flow f ON f.account_id = app_account() AND f.id = g.flow_id ORDER BY g.month, g.sessions DESC, f.name;

-- name: retention_set(days int, way text)
UPDATE account SET retain_days = nullif($1::int, 0), retain_way = $2, retained_at = NULL WHERE account_id = app_account();

-- name: retention_runs() -> retention_run_shape
SELECT began_at, ended_at, sessions, days::bigint AS days, way FROM retention_run
 WHERE account_id = app_account() ORDER BY id DESC LIMIT 10;

-- name: holds(most int, skip int) -> hold_shape
SELECT k.session_id AS session, f.name AS flow, s.client, s.ticket, k.reason, p.name AS person, k.at
  FROM session_hold k JOIN session s ON s.account_id = k.account_id AND s.id = k.session_id
  JOIN flow f ON f.account_id = s.account_id AND f.id = s.flow_id
  JOIN person p ON p.account_id = k.account_id AND p.id = k.person_id
 WHERE k.account_id = app_account() ORDER BY k.session_id DESC LIMIT $1::int OFFSET $2::int;

-- name: hold(session uuid) -> hold_shape
SELECT s.id AS session, f.name AS flow, s.client, s.ticket, coalesce(k.reason, '') AS reason, coalesce(p.name, '') AS person, k.at
  FROM session s JOIN flow f ON f.account_id = s.account_id AND f.id = s.flow_id
  LEFT JOIN session_hold k ON k.account_id = s.account_id AND k.session_id = s.id
  LEFT JOIN person p ON p.account_id = k.account_id AND p.id = k.person_id
 WHERE s.account_id = app_account() AND s.id = $1;

-- Locked first, so that one that is going meanwhile is gone, or stays.
-- name: hold_lock(session uuid)
SELECT FROM session s WHERE s.account_id = app_account() AND s.id = $1 FOR NO KEY UPDATE;

-- name: hold_set(session uuid, reason text)
INSERT INTO session_hold (account_id, session_id, person_id, reason) VALUES (app_account(), $1, app_person(), $2)
ON CONFLICT (account_id, session_id) DO NOTHING;

-- name: hold_seed(flow text, reason text)
INSERT INTO session_hold (account_id, session_id, person_id, reason, at)
SELECT s.account_id, s.id, app_person(), $2, least(now(), s.ended_at + interval '1 day')
  FROM session s JOIN flow f ON f.account_id = s.account_id AND f.id = s.flow_id
 WHERE s.account_id = app_account() AND f.name = $1 AND s.ended_at IS NOT NULL ORDER BY s.id LIMIT 1;

-- name: hold_end(session uuid)
DELETE FROM session_hold WHERE account_id = app_account() AND session_id = $1;

-- ---- the archive ----

-- name: archives() -> archive_shape
SELECT r.id, r.state, p.name AS person, r.asked_at, r.ended_at, r.part, r.total, r.made, r.bytes, r.why,
       r.ended_at + interval '7 days' AS until
  FROM archive r JOIN person p ON p.account_id = r.account_id AND p.id = r.person_id
 WHERE r.account_id = app_account() ORDER BY r.id DESC LIMIT 20;

-- name: archive(archive uuid) -> archive_shape
SELECT r.id, r.state, p.name AS person, r.asked_at, r.ended_at, r.part, r.total, r.made, r.bytes, r.why,
       r.ended_at + interval '7 days' AS until
  FROM archive r JOIN person p ON p.account_id = r.account_id AND p.id = r.person_id
 WHERE r.account_id = app_account() AND r.id = $1;

-- name: archive_ask(archive uuid)
INSERT INTO archive (account_id, id, person_id) VALUES (app_account(), $1, app_person());

-- name: archive_drop(archive uuid)
UPDATE archive SET state = 'deleted' WHERE account_id = app_account() AND id = $1 AND state = 'done';

-- ---- its end ----

-- name: closing() -> closing_shape
SELECT a.name, a.closing_at, p.name AS person,
       NOT EXISTS (SELECT FROM person o WHERE o.account_id = a.account_id AND o.is_owner AND o.active AND o.deleted_at IS NULL
                      AND o.id <> app_person()) AS may,
       (SELECT string_agg(o.name, ', ') FROM person o WHERE o.account_id = a.account_id AND o.is_owner AND o.active
           AND o.deleted_at IS NULL) AS owner,
       (SELECT count(*) FROM person o WHERE o.account_id = a.account_id AND o.active AND o.deleted_at IS NULL) AS people,
       (SELECT count(*) FROM flow f WHERE f.account_id = a.account_id AND f.deleted_at IS NULL) AS flows,
       (SELECT count(*) FROM session s WHERE s.account_id = a.account_id) AS sessions
  FROM account a LEFT JOIN person p ON p.account_id = a.account_id AND p.id = a.closing_by WHERE a.account_id = app_account();

-- name: account_close(name text, days int)
SELECT account_close($1, $2::int);

-- name: account_keep()
SELECT account_keep();

-- Who looks after the account, and is told of it.
-- name: keepers() -> keeper_shape
SELECT id, email, name FROM person
 WHERE account_id = app_account() AND role = 'team_admin' AND active AND deleted_at IS NULL ORDER BY id;

-- ---- for the jobs program, in whichever account ----

-- name: custody_due(what text) -> custody_due_shape
SELECT account_id FROM door.custody_due($1);

-- name: custody_enter(account uuid)
SELECT set_config('app.account', $1::uuid::text, true), set_config('app.person', '', true);

-- name: custody_retain(account uuid, most int) -> yes_shape
SELECT custody.retain($1, $2::int) AS yes;

-- name: custody_erase_begin(account uuid) -> yes_shape
SELECT custody.erase_begin($1) AS yes;

-- name: custody_erase(account uuid, most int) -> yes_shape
SELECT custody.erase($1, $2::int) AS yes;

-- name: custody_remind() -> closing_shape
UPDATE account a SET closing_told_at = now()
 WHERE a.account_id = app_account() AND a.closing_at > now() AND a.closing_told_at IS NULL
RETURNING a.name, a.closing_at, NULL::text AS person, false AS may, NULL::text AS owner, 0::bigint AS people, 0::bigint AS flows, 0::bigint AS sessions;

-- name: archive_take(holder text) -> taken_shape
UPDATE archive r SET state = 'running', lease_until = now() + interval '2 minutes', lease_by = $1, attempts = r.attempts + 1,
       made = 0, bytes = 0, part = '',
       total = (SELECT count(*) FROM session s WHERE s.account_id = r.account_id)
 WHERE r.account_id = app_account() AND (r.state = 'queued' OR r.state = 'running' AND r.lease_until <= now())
RETURNING r.id, r.attempts::bigint AS attempts, r.person_id AS person;

-- name: archive_tell(archive uuid, holder text, part text, made bigint, bytes bigint) -> yes_shape
UPDATE archive r SET lease_until = now() + interval '2 minutes', part = $3, made = $4, bytes = $5
 WHERE r.account_id = app_account() AND r.id = $1 AND r.lease_by = $2 AND r.state = 'running'
   AND EXISTS (SELECT FROM account a WHERE a.account_id = r.account_id AND a.erasing_at IS NULL)
RETURNING true AS yes;

-- name: archive_end(archive uuid, holder text, state text, bytes bigint, why text) -> yes_shape
UPDATE archive r SET state = $3, bytes = $4, why = $5, ended_at = now(), lease_until = NULL, part = ''
 WHERE r.account_id = app_account() AND r.id = $1 AND r.lease_by = $2 AND r.state = 'running'
RETURNING true AS yes;

-- name: archive_release(archive uuid, holder text)
UPDATE archive r SET state = 'queued', lease_until = NULL
 WHERE r.account_id = app_account() AND r.id = $1 AND r.lease_by = $2 AND r.state = 'running';

-- name: archive_expire() -> archive_gone_shape
UPDATE archive r SET state = 'deleted'
 WHERE r.account_id = app_account() AND r.state = 'done' AND r.ended_at <= now() - interval '7 days' RETURNING r.id;

-- ---- what the archive holds: pieces, from the one after $1 on, all of one moment ----

-- name: archive_one_view()
SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY;

-- Other work is done between two steps.
-- name: archive_view(account uuid)
SELECT set_config('app.account', $1::uuid::text, true), set_config('app.person', '', true),
       set_config('idle_in_transaction_session_timeout', '5min', true);

-- name: part_account(after uuid, most int) -> piece_shape
SELECT a.account_id AS key, '' AS path, jsonb_pretty(to_jsonb(a) - ARRAY['closing_by', 'closing_told_at', 'erasing_at', 'retained_at'] || jsonb_build_object(
	'limits', (SELECT coalesce(jsonb_object_agg(l.key, l.most), '{}') FROM account_limit l WHERE l.account_id = a.account_id),
	'second_tier', (SELECT coalesce(jsonb_agg(n.name ORDER BY n.name), '[]') FROM second_tier s
	                  JOIN person n ON n.account_id = s.account_id AND n.id = s.person_id WHERE s.account_id = a.account_id),
	'business_hours', (SELECT coalesce(jsonb_agg(to_jsonb(h) - 'account_id' ORDER BY h.weekday), '[]') FROM business_hour h WHERE h.account_id = a.account_id),
	'escalation_rules', (SELECT coalesce(jsonb_agg(to_jsonb(r) ORDER BY r.n), '[]') FROM handoff_rules r),
	'categories', (SELECT coalesce(jsonb_agg(c.name ORDER BY c.name), '[]') FROM category c WHERE c.account_id = a.account_id),
	'redaction_patterns', (SELECT coalesce(jsonb_agg(jsonb_build_object('name', r.name, 'pattern', r.pattern, 'kind', r.kind) ORDER BY r.name), '[]')
	                         FROM redaction_pattern r WHERE r.account_id = a.account_id))) || E'\n' AS body
  FROM account a WHERE a.account_id = app_account() AND ($1::uuid IS NULL OR a.account_id > $1) LIMIT $2::int;

-- name: part_people(after uuid, most int) -> piece_shape
SELECT p.id AS key, '' AS path, csv_line(p.id::text, p.name, p.email, p.role, t.name, CASE WHEN p.deleted_at IS NOT NULL THEN 'left'
	WHEN p.active THEN 'active' ELSE 'deactivated' END, p.is_owner::text, p.created_at::text) AS body
  FROM person p LEFT JOIN team t ON t.account_id = p.account_id AND t.id = p.team_id
 WHERE p.account_id = app_account() AND ($1::uuid IS NULL OR p.id > $1) ORDER BY p.id LIMIT $2::int;

-- name: part_teams(after uuid, most int) -> piece_shape
SELECT t.id AS key, '' AS path, csv_line(t.id::text, t.name, t.created_at::text) AS body
  FROM team t WHERE t.account_id = app_account() AND ($1::uuid IS NULL OR t.id > $1) ORDER BY t.id LIMIT $2::int;

-- name: part_invites(after uuid, most int) -> piece_shape
SELECT i.id AS key, '' AS path, csv_line(i.id::text, i.email, i.role, t.name, i.uses::text, i.max_uses::text, p.name, i.created_at::text, i.expires_at::text, i.revoked_at::text) AS body
  FROM invite i LEFT JOIN team t ON t.account_id = i.account_id AND t.id = i.team_id
  LEFT JOIN person p ON p.account_id = i.account_id AND p.id = i.created_by
 WHERE i.account_id = app_account() AND ($1::uuid IS NULL OR i.id > $1) ORDER BY i.id LIMIT $2::int;

-- name: part_keys(after uuid, most int) -> piece_shape
SELECT k.sign_in_id AS key, '' AS path, csv_line(k.sign_in_id::text, k.name, array_to_string(k.permissions, ' '), p.name, s.created_at::text, s.expires_at::text, s.ended_at::text) AS body
  FROM api_key k JOIN sign_in s ON s.account_id = k.account_id AND s.id = k.sign_in_id
  JOIN person p ON p.account_id = s.account_id AND p.id = s.person_id
 WHERE k.account_id = app_account() AND ($1::uuid IS NULL OR k.sign_in_id > $1) ORDER BY k.sign_in_id LIMIT $2::int;

-- What each has made of the product for themselves.
-- name: part_own(after uuid, most int) -> piece_shape
SELECT p.id AS key, '' AS path, jsonb_build_object('person', p.id, 'name', p.name, 'theme', p.theme, 'single_keys', p.single_keys, 'chime', p.chime,
	'flow_view', p.flow_view, 'time_zone', p.zone, 'quiet_from', p.quiet_from, 'quiet_until', p.quiet_until, 'quiet_days', p.quiet_days,
	'urgent_anyway', p.urgent_anyway, 'digest_at', p.digest_at,
	'notifications', (SELECT coalesce(jsonb_agg(jsonb_build_object('event', w.event, 'channel', w.channel, 'wish', w.wish) ORDER BY w.event, w.channel), '[]')
	                    FROM preference w WHERE w.account_id = p.account_id AND w.person_id = p.id),
	'pins', (SELECT coalesce(jsonb_agg(jsonb_build_object('flow', n.flow_id, 'at', n.at) ORDER BY n.at, n.flow_id), '[]')
	           FROM pin n WHERE n.account_id = p.account_id AND n.person_id = p.id),
	'folders', (SELECT coalesce(jsonb_agg(jsonb_build_object('id', f.id, 'parent', f.parent_id, 'name', f.name, 'created_at', f.created_at,
	                     'flows', (SELECT coalesce(jsonb_agg(l.flow_id ORDER BY l.flow_id), '[]') FROM folder_flow l
	                                WHERE l.account_id = f.account_id AND l.folder_id = f.id)) ORDER BY f.id), '[]')
	              FROM folder f WHERE f.account_id = p.account_id AND f.person_id = p.id))::text || E'\n' AS body
  FROM person p WHERE p.account_id = app_account() AND ($1::uuid IS NULL OR p.id > $1) ORDER BY p.id LIMIT $2::int;

-- name: part_notices(after uuid, most int) -> piece_shape
SELECT n.id AS key, '' AS path, csv_line(n.created_at::text, p.name, n.text, n.link, n.read_at::text) AS body
  FROM notice n LEFT JOIN person p ON p.account_id = n.account_id AND p.id = n.person_id
 WHERE n.account_id = app_account() AND ($1::uuid IS NULL OR n.id > $1) ORDER BY n.id LIMIT $2::int;

-- Those that are deleted, too: sessions ran on them.
-- name: part_listed(after uuid, most int) -> piece_shape
SELECT f.id AS key, '' AS path, jsonb_build_object('id', f.id, 'name', f.name, 'type', f.type, 'author', p.name, 'team', t.name, 'visibility', f.visibility,
	'category', c.name, 'version', f.version, 'by_use', f.by_use, 'archived', f.archived, 'uses', f.usage_count,
	'created_at', f.created_at, 'updated_at', f.updated_at, 'deleted_at', f.deleted_at,
	'versions', (SELECT coalesce(jsonb_agg(jsonb_build_object('n', v.n, 'note', v.note, 'name', v.name, 'by', b.name, 'at', v.at) ORDER BY v.n), '[]')
	               FROM flow_version v JOIN person b ON b.account_id = v.account_id AND b.id = v.person_id
	              WHERE v.account_id = f.account_id AND v.flow_id = f.id),
	'ways', (SELECT coalesce(jsonb_agg(jsonb_build_object('version', w.version, 'node_id', w.node_id, 'option_id', w.option_id, 'taken', w.taken,
	                  'resolved', w.resolved, 'seconds', w.seconds) ORDER BY w.version, w.node_id, w.option_id), '[]')
	           FROM path_stat w WHERE w.account_id = f.account_id AND w.flow_id = f.id))::text || E'\n' AS body
  FROM flow f JOIN person p ON p.account_id = f.account_id AND p.id = f.author_id
  LEFT JOIN team t ON t.account_id = f.account_id AND t.id = f.team_id
  LEFT JOIN category c ON c.account_id = f.account_id AND c.id = f.category_id
 WHERE f.account_id = app_account() AND ($1::uuid IS NULL OR f.id > $1) ORDER BY f.id LIMIT $2::int;

-- The published texts that are no flow's own any more.
-- name: part_versions(after uuid, n int, most int) -> version_piece_shape
SELECT v.flow_id AS key, format('flows/versions/%s/%s.json', v.flow_id, v.n) AS path,
       jsonb_build_object('format', 'resolutionflow/flow', 'format_version', 1, 'exported_at', now(), 'name', v.name,
	'description', v.description, 'type', v.type, 'version', v.n, 'structure', v.structure::jsonb, 'intake', v.intake::jsonb)::text AS body, v.n::bigint AS n
  FROM flow_version v JOIN flow f ON f.account_id = v.account_id AND f.id = v.flow_id
 WHERE v.account_id = app_account() AND (v.flow_id, v.n) > (coalesce($1::uuid, '00000000-0000-0000-0000-000000000000'), $2::int)
   AND (v.n < f.version OR f.deleted_at IS NOT NULL) ORDER BY v.flow_id, v.n LIMIT $3::int;

-- The draft of each, and its published version where that is another one.
-- name: part_flows(after uuid, most int) -> flow_piece_shape
SELECT f.id AS key, 'flows/' || trim(both '-' FROM left(regexp_replace(lower(d.name), '[^a-z0-9]+', '-', 'g'), 60)) || '-' || right(f.id::text, 12) || d.ending AS path,
       jsonb_build_object('format', 'resolutionflow/flow', 'format_version', 1, 'exported_at', now(), 'name', d.name,
	'description', d.description, 'type', d.type, 'visibility', f.visibility, 'category', c.name,
	'tags', coalesce((SELECT jsonb_agg(t.name ORDER BY t.name) FROM flow_tag l JOIN tag t ON t.account_id = l.account_id AND t.id = l.tag_id
	                   WHERE l.account_id = f.account_id AND l.flow_id = f.id), '[]'),
	'version', d.n, 'author', jsonb_build_object('id', p.id, 'name', p.name), 'structure', d.structure::jsonb, 'intake', d.intake::jsonb)::text AS body,
       d.name, d.description, d.type, d.structure::text AS structure, d.intake::text AS intake
  FROM (SELECT * FROM flow f WHERE f.account_id = app_account() AND f.deleted_at IS NULL AND ($1::uuid IS NULL OR f.id > $1) ORDER BY f.id LIMIT $2::int) f
  JOIN person p ON p.account_id = f.account_id AND p.id = f.author_id
  LEFT JOIN category c ON c.account_id = f.account_id AND c.id = f.category_id
 CROSS JOIN LATERAL (
	SELECT v.n, v.name, v.description, v.type, v.structure, v.intake, '' AS ending FROM flow_version v
	 WHERE v.account_id = f.account_id AND v.flow_id = f.id AND v.n = f.version
	UNION ALL
	SELECT 0, e.name, e.description, e.type, e.structure, e.intake, CASE WHEN f.version > 0 THEN '-draft' ELSE '' END FROM flow_edit e
	 WHERE e.account_id = f.account_id AND e.flow_id = f.id AND e.n = f.edit AND f.draft_hash IS DISTINCT FROM f.version_hash) d
 ORDER BY f.id, d.ending;

-- name: part_sessions(after uuid, most int) -> session_piece_shape
WITH batch AS MATERIALIZED (
	SELECT s.* FROM session s WHERE s.account_id = app_account() AND ($1::uuid IS NULL OR s.id > $1) ORDER BY s.id LIMIT $2::int
), way AS (
	SELECT v.session_id,
	       jsonb_agg(jsonb_strip_nulls(jsonb_build_object('n', v.n, 'node_id', v.node_id, 'kind', v.kind, 'section', v.section,
	         'title', told_with(v.title, s.variables), 'option', v.option_label, 'notes', v.notes, 'skip_reason', v.skip_reason, 'by', p.name,
	         'entered_at', v.entered_at, 'answered_at', v.answered_at, 'reverted_at', v.reverted_at,
	         'earlier_notes', (SELECT jsonb_agg(jsonb_build_object('at', o.at, 'notes', o.notes) ORDER BY o.at) FROM visit_note o
	                            WHERE o.account_id = v.account_id AND o.session_id = v.session_id AND o.n = v.n))) ORDER BY v.n) AS steps,
	       string_agg(format(E'%s. **%s**%s%s\n', v.n, told_with(v.title, s.variables),
	         CASE WHEN v.reverted_at IS NOT NULL THEN ' (gone back on)' WHEN v.skip_reason IS NOT NULL THEN ': skipped. ' || v.skip_reason
	              WHEN v.option_label <> '' THEN ': ' || told_with(v.option_label, s.variables) ELSE '' END,
	         CASE WHEN v.notes <> '' THEN E'\n\n   ' || replace(v.notes, E'\n', E'\n   ') || E'\n' ELSE '' END), '' ORDER BY v.n) AS told
	  FROM batch s JOIN visit v ON v.account_id = s.account_id AND v.session_id = s.id
	  LEFT JOIN person p ON p.account_id = v.account_id AND p.id = v.person_id GROUP BY v.session_id
)
SELECT s.id AS key, format('sessions/%s/%s', to_char(s.created_at AT TIME ZONE 'UTC', 'YYYY-MM'), s.id) AS path,
       jsonb_build_object('id', s.id, 'flow', jsonb_build_object('id', s.flow_id, 'name', v.name, 'version', s.version),
	'kept', CASE WHEN k.session_id IS NOT NULL THEN jsonb_build_object('reason', k.reason, 'by', h.name, 'at', k.at) END,
	'team', t.name, 'owner', o.name, 'prepared_by', b.name, 'assigned_to', a.name, 'ticket', s.ticket, 'client', s.client, 'variables', s.variables,
	'scratchpad', s.scratchpad, 'outcome', s.outcome, 'summary', s.summary, 'active_seconds', extract(epoch FROM s.active)::bigint,
	'created_at', s.created_at, 'started_at', s.started_at, 'completed_at', s.completed_at, 'abandoned_at', s.abandoned_at,
	'anonymised_at', s.anonymised_at, 'steps', coalesce(w.steps, '[]'))::text AS body,
       concat('# ', told_with(v.name, s.variables), E'\n\n',
	'- Flow: ', v.name, ', version ', s.version, E'\n',
	CASE WHEN s.client <> '' THEN format(E'- Client: %s\n', s.client) END, CASE WHEN s.ticket <> '' THEN format(E'- Ticket: %s\n', s.ticket) END,
	CASE WHEN o.name IS NOT NULL THEN format(E'- By: %s\n', o.name) END,
	CASE WHEN s.started_at IS NOT NULL THEN format(E'- Started: %s\n', s.started_at) END,
	CASE WHEN s.ended_at IS NOT NULL THEN format(E'- Ended: %s\n', s.ended_at) END,
	CASE WHEN s.outcome IS NOT NULL THEN format(E'- Outcome: %s\n', s.outcome) END,
	E'\n', CASE WHEN s.summary <> '' THEN format(E'## Summary\n\n%s\n\n', s.summary) END,
	CASE WHEN w.told <> '' THEN format(E'## What was done\n\n%s\n', w.told) END,
	CASE WHEN s.scratchpad <> '' THEN format(E'## Scratchpad\n\n%s\n', s.scratchpad) END) AS notes
  FROM batch s JOIN flow_version v ON v.account_id = s.account_id AND v.flow_id = s.flow_id AND v.n = s.version
  LEFT JOIN way w ON w.session_id = s.id
  LEFT JOIN session_hold k ON k.account_id = s.account_id AND k.session_id = s.id
  LEFT JOIN person h ON h.account_id = k.account_id AND h.id = k.person_id
  LEFT JOIN team t ON t.account_id = s.account_id AND t.id = s.team_id
  LEFT JOIN person o ON o.account_id = s.account_id AND o.id = s.owner_id
  LEFT JOIN person b ON b.account_id = s.account_id AND b.id = s.prepared_by_id
  LEFT JOIN person a ON a.account_id = s.account_id AND a.id = s.assigned_to_id ORDER BY s.id;

-- name: part_handoffs(after uuid, most int) -> piece_shape
SELECT h.id AS key, '' AS path, jsonb_build_object('id', h.id, 'session', h.session_id, 'intent', h.intent, 'state', h.state, 'visit', h.visit,
	'reason', h.reason, 'tried', h.tried, 'priority', h.priority, 'by', b.name, 'to', t.name, 'claimer', c.name, 'created_at', h.created_at,
	'claimed_at', h.claimed_at, 'due_at', h.due_at, 'was_overdue', h.was_overdue, 'resolution', h.resolution, 'ended_at', h.ended_at,
	'steps', (SELECT coalesce(jsonb_agg(jsonb_build_object('at', x.at, 'what', x.what, 'by', p.name) ORDER BY x.id), '[]') FROM handoff_step x
	            LEFT JOIN person p ON p.account_id = x.account_id AND p.id = x.person_id WHERE x.account_id = h.account_id AND x.handoff_id = h.id),
	'told', (SELECT coalesce(jsonb_agg(jsonb_build_object('occasion', d.occasion, 'channel', d.channel, 'recipient', d.recipient, 'state', d.state,
	                  'at', d.created_at, 'sent_at', d.sent_at) ORDER BY d.id), '[]') FROM delivery d
	           WHERE d.account_id = h.account_id AND d.handoff_id = h.id))::text || E'\n' AS body
  FROM handoff h LEFT JOIN person b ON b.account_id = h.account_id AND b.id = h.by_id
  LEFT JOIN person t ON t.account_id = h.account_id AND t.id = h.to_id
  LEFT JOIN person c ON c.account_id = h.account_id AND c.id = h.claimer_id
 WHERE h.account_id = app_account() AND ($1::uuid IS NULL OR h.id > $1) ORDER BY h.id LIMIT $2::int;

-- name: part_exports(after uuid, most int) -> piece_shape
SELECT e.id AS key, format('exports/%s.%s', e.id, CASE e.format WHEN 'markdown' THEN 'md' WHEN 'text' THEN 'txt' ELSE e.format END) AS path, e.text AS body
  FROM export e WHERE e.account_id = app_account() AND ($1::uuid IS NULL OR e.id > $1) ORDER BY e.id LIMIT $2::int;

-- name: part_exported(after uuid, most int) -> piece_shape
SELECT e.id AS key, '' AS path, csv_line(e.id::text, e.session_id::text, e.format, e.detail, e.redacted::text, e.edited::text, e.digest, p.name, e.at::text) AS body
  FROM export e JOIN person p ON p.account_id = e.account_id AND p.id = e.person_id
 WHERE e.account_id = app_account() AND ($1::uuid IS NULL OR e.id > $1) ORDER BY e.id LIMIT $2::int;

-- name: part_shares(after uuid, most int) -> piece_shape
SELECT s.id AS key, '' AS path, csv_line(s.id::text, s.session_id::text, s.audience, s.detail, s.redact::text, s.views::text, p.name, s.created_at::text, s.expires_at::text, s.revoked_at::text) AS body
  FROM share s JOIN person p ON p.account_id = s.account_id AND p.id = s.person_id
 WHERE s.account_id = app_account() AND ($1::uuid IS NULL OR s.id > $1) ORDER BY s.id LIMIT $2::int;

-- name: part_views(after uuid, most int) -> piece_shape
SELECT v.id AS key, '' AS path, csv_line(v.share_id::text, v.at::text, p.name) AS body
  FROM share_view v LEFT JOIN person p ON p.account_id = v.account_id AND p.id = v.person_id
 WHERE v.account_id = app_account() AND ($1::uuid IS NULL OR v.id > $1) ORDER BY v.id LIMIT $2::int;

-- Neither secrets nor addresses: those of chats are secrets, too.
-- name: part_webhooks(after uuid, most int) -> piece_shape
SELECT w.id AS key, '' AS path, jsonb_build_object('id', w.id, 'name', w.name, 'host', (regexp_match(w.url, '^[a-z]+://(?:[^/?#]*@)?([^/:?#]+)'))[1], 'kind', w.kind, 'events', to_jsonb(w.events),
	'active', w.active, 'created_at', w.created_at, 'deleted_at', w.deleted_at)::text || E'\n' AS body
  FROM webhook w WHERE w.account_id = app_account() AND ($1::uuid IS NULL OR w.id > $1) ORDER BY w.id LIMIT $2::int;

-- name: part_audit(after uuid, most int) -> piece_shape
SELECT u.id AS key, '' AS path, csv_line(u.at::text, u.action, u.object, u.object_id::text, u.actor_id::text, p.name, u.before::text, u.after::text, u.address, u.agent, u.request_id) AS body
  FROM audit u LEFT JOIN person p ON p.account_id = u.account_id AND p.id = u.actor_id
 WHERE u.account_id = app_account() AND ($1::uuid IS NULL OR u.id > $1) ORDER BY u.id LIMIT $2::int;
