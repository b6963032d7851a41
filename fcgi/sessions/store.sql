-- The statements of the sessions room.  A row's columns stand in the order of its shape's fields.

-- name: session_find(session uuid)
SELECT session_find($1);

-- name: step_find(session uuid, step uuid)
SELECT refuse(404, 'not_found', 'This session has no such step.')
 WHERE NOT EXISTS (SELECT FROM visit v WHERE v.account_id = app_account() AND v.session_id = $1 AND v.id = $2);

-- name: session_lock(session uuid)
SELECT FROM session WHERE account_id = app_account() AND id = $1 FOR NO KEY UPDATE;

-- name: session(session uuid) -> session_row_shape
SELECT s.id, s.flow_id AS flow, s.version, s.newest, s.retired, s.by_use, s.flow_name, s.type, s.structure, s.intake, s.status,
       s.owner_id AS owner, s.owner_name, s.prepared_by_id AS preparer, s.preparer_name, s.assigned_to_id AS assignee, s.assignee_name,
       s.created_at, s.updated_at, s.started_at, s.completed_at, s.abandoned_at, s.visit, s.seconds AS active, s.ticking,
       s.outcome, s.summary, s.variables,
       CASE WHEN s.runs OR s.prepares THEN coalesce((SELECT jsonb_object_agg(x.name, x.sealed) FROM session_secret x
                                   WHERE x.account_id = s.account_id AND x.session_id = s.id), '{}') ELSE '{}' END AS secrets,
       CASE WHEN s.runs OR s.prepares THEN s.scratchpad ELSE '' END AS scratchpad, s.scratch_n, s.ticket, s.client, s.revision,
       s.handoff_id AS handoff, s.handoff_by, s.handoff_why, s.aside_id AS aside, s.aside_at, s.aside_why, s.wake_at,
       s.sees, s.runs, s.starts, s.prepares, s.ends, s.takes_out
  FROM session_told s
 WHERE s.id = $1;

-- How finished runs left the step where it stands.
-- name: travel_here(session uuid) -> travel_row_shape
SELECT p.node_id AS node, p.option_id AS option, sum(p.taken)::bigint AS taken, sum(p.resolved)::bigint AS resolved,
       sum(p.seconds)::bigint AS seconds
  FROM session s
  JOIN visit v ON v.account_id = s.account_id AND v.session_id = s.id AND v.n = s.visit
  JOIN path_stat p ON p.account_id = s.account_id AND p.flow_id = s.flow_id AND p.node_id = v.node_id
 WHERE s.account_id = app_account() AND s.id = $1 GROUP BY p.node_id, p.option_id;

-- In the order in which they were come to.
-- name: visits(session uuid) -> visit_row_shape
SELECT v.id, v.n, v.node_id AS node, v.kind, v.title, v.section, v.option_id AS option, v.option_label, v.notes, v.skip_reason,
       v.again, v.earlier, v.person_id AS person, p.name AS person_name, v.entered_at,
       extract(epoch FROM v.entered_active)::bigint AS entered_active, extract(epoch FROM v.took)::bigint AS took,
       v.answered_at, v.reverted_at
  FROM visit v LEFT JOIN person p ON p.account_id = v.account_id AND p.id = v.person_id
 WHERE v.account_id = app_account() AND v.session_id = $1 ORDER BY v.n;

-- The published version that a session starts on; no row where whoever asks does not see the flow.
-- name: startable(flow uuid) -> startable_row_shape
SELECT h.version, h.archived, v.name, v.type, v.structure, v.intake
  FROM flow_here h LEFT JOIN flow_version v ON v.account_id = h.account_id AND v.flow_id = h.id AND v.n = h.version
 WHERE h.id = $1;

-- Started at once, or prepared.
-- name: session_add(id uuid, flow uuid, version int, variables text, ticket text, client text, starts boolean, assignee uuid)
INSERT INTO session (account_id, id, flow_id, version, variables, ticket, client, owner_id, started_at, ticking_since, visit,
                     prepared_by_id, team_id, assigned_to_id)
SELECT app_account(), $1, $2, $3::int, $4::text::jsonb, $5, $6,
       CASE WHEN $7 THEN app_person() END, CASE WHEN $7 THEN now() END, CASE WHEN $7 THEN now() END, CASE WHEN $7 THEN 1 ELSE 0 END,
       CASE WHEN NOT $7 THEN app_person() END, CASE WHEN NOT $7 THEN app_team() END, $8;

-- name: flow_used(flow uuid)
UPDATE flow SET usage_count = usage_count + 1 WHERE account_id = app_account() AND id = $1;

-- name: session_start(session uuid)
UPDATE session SET owner_id = app_person(), started_at = now(), ticking_since = now(), visit = 1, updated_at = now(),
       revision = revision + 1
 WHERE account_id = app_account() AND id = $1 AND started_at IS NULL;

-- The published flows that whoever asks sees whose names hold these words; the most used first.
-- name: startables(q text, most int) -> startable_flow_shape
SELECT h.id, h.name, h.type, h.steps, h.usage_count AS runs FROM flow_here h
 WHERE h.version > 0 AND NOT h.archived
   AND ($1 = '' OR NOT EXISTS (SELECT FROM string_to_table(lower($1), ' ') w WHERE strpos(h.name_key, w) = 0))
 ORDER BY h.usage_count DESC, h.id DESC LIMIT $2::int;

-- A colleague who may run sessions, of this account, and how they wish to be told.
-- name: assignee(person uuid) -> assignee_row_shape
SELECT p.id, p.name, p.email, here.wish <> 'off' AS notice, mail.wish <> 'off' AS mail,
       mail_at(p.id, mail.wish, false, now()) AS mail_at
  FROM person p
  JOIN wish here ON here.account_id = p.account_id AND here.person_id = p.id
                AND here.event = 'prepared' AND here.channel = 'inapp'
  JOIN wish mail ON mail.account_id = p.account_id AND mail.person_id = p.id
                AND mail.event = 'prepared' AND mail.channel = 'email'
 WHERE p.account_id = app_account() AND p.id = $1 AND p.role IN ('engineer', 'team_admin');

-- name: colleagues() -> colleague_row_shape
SELECT id, name FROM person
 WHERE account_id = app_account() AND active AND deleted_at IS NULL AND role IN ('engineer', 'team_admin')
 ORDER BY lower(name), id LIMIT 1000;

-- name: person_named(person uuid) -> person_named_shape
SELECT id, name FROM person WHERE account_id = app_account() AND id = $1;

-- name: sessions_held(person uuid, most int) -> held_row_shape
SELECT id, name, about, at FROM person_holds($1, $2) WHERE kind = 'running';

-- name: sessions_hand_to(person uuid, sessions text[], receiver uuid, address text, agent text, request_id text) -> session_given_shape
SELECT session AS id FROM sessions_hand_to($1, $2::text[]::uuid[], $3, $4, $5, $6);

-- name: session_assign(session uuid, assignee uuid)
UPDATE session SET assigned_to_id = $2, updated_at = now(), revision = revision + 1
 WHERE account_id = app_account() AND id = $1;

-- ---- the run ----

-- name: visit_add(session uuid, node text, kind text, title text, section text, again int, earlier int, notes text)
INSERT INTO visit (account_id, session_id, n, node_id, kind, title, section, again, earlier, notes, entered_active)
SELECT s.account_id, s.id, s.visit, $2, $3, $4, $5, $6::int, nullif($7::int, 0), $8, session_active(s)
  FROM session s WHERE s.account_id = app_account() AND s.id = $1;

-- name: visit_answer(session uuid, option text, option_label text, skip_reason text)
UPDATE visit v SET option_id = $2, option_label = $3, skip_reason = $4, person_id = app_person(), answered_at = now(),
       took = session_active(s) - v.entered_active
  FROM session s
 WHERE s.account_id = app_account() AND s.id = $1 AND v.account_id = s.account_id AND v.session_id = s.id AND v.n = s.visit;

-- One visit further; whoever does something is at work.
-- name: session_step(session uuid)
UPDATE session SET visit = visit + 1, ticking_since = coalesce(ticking_since, now()), updated_at = now(), revision = revision + 1
 WHERE account_id = app_account() AND id = $1;

-- All from that one on, the one where it stands too.
-- name: visits_revert(session uuid, n int)
UPDATE visit SET reverted_at = now()
 WHERE account_id = app_account() AND session_id = $1 AND n >= $2::int AND reverted_at IS NULL;

-- name: visit_note_room(session uuid)
SELECT visit_note_room($1);

-- An answered step's note keeps what it said before.
-- name: visit_note(session uuid, n int, notes text)
WITH before AS (
	INSERT INTO visit_note (account_id, session_id, n, person_id, notes)
	SELECT v.account_id, v.session_id, v.n, app_person(), v.notes FROM visit v
	 WHERE v.account_id = app_account() AND v.session_id = $1 AND v.n = $2::int AND v.answered_at IS NOT NULL
	   AND v.notes NOT IN ('', $3)
)
UPDATE visit SET notes = $3 WHERE account_id = app_account() AND session_id = $1 AND n = $2::int;

-- name: session_touch(session uuid)
UPDATE session SET ticking_since = CASE WHEN started_at IS NOT NULL AND completed_at IS NULL THEN coalesce(ticking_since, now()) END,
       updated_at = now(), revision = revision + 1
 WHERE account_id = app_account() AND id = $1;

-- Merged as it stands, so that two at once both hold.
-- name: session_fill(session uuid, filled text, cleared text[])
UPDATE session SET variables = (variables || $2::text::jsonb) - $3::text[], updated_at = now(), revision = revision + 1
 WHERE account_id = app_account() AND id = $1;

-- name: secret_keep(session uuid, name text, sealed text)
INSERT INTO session_secret (account_id, session_id, name, sealed) VALUES (app_account(), $1, $2, $3)
ON CONFLICT (account_id, session_id, name) DO UPDATE SET sealed = excluded.sealed;

-- name: secrets_drop(session uuid, names text[])
DELETE FROM session_secret WHERE account_id = app_account() AND session_id = $1 AND name = ANY ($2::text[]);

-- name: session_texts(session uuid, scratchpad text, ticket text, client text)
UPDATE session SET scratchpad = coalesce($2, scratchpad), ticket = coalesce($3, ticket), client = coalesce($4, client),
       scratch_n = scratch_n + (coalesce($2, scratchpad) <> scratchpad)::int, updated_at = now(), revision = revision + 1
 WHERE account_id = app_account() AND id = $1;

-- ---- its end ----

-- An answer that was come to counts as taken.
-- name: session_complete(session uuid, outcome text, summary text)
WITH last AS (
	UPDATE visit v SET answered_at = now(), person_id = app_person(), took = session_active(s) - v.entered_active
	  FROM session s
	 WHERE s.account_id = app_account() AND s.id = $1 AND v.account_id = s.account_id AND v.session_id = s.id
	   AND v.n = s.visit AND v.kind = 'answer'
), purged AS (
	DELETE FROM session_secret WHERE account_id = app_account() AND session_id = $1
)
UPDATE session s SET completed_at = now(), outcome = $2, summary = $3, active = session_active(s), ticking_since = NULL,
       updated_at = now(), revision = revision + 1
 WHERE s.account_id = app_account() AND s.id = $1;

-- name: travel_add(session uuid)
SELECT travel_add($1);

-- name: session_abandon(session uuid)
WITH purged AS (
	DELETE FROM session_secret WHERE account_id = app_account() AND session_id = $1
)
UPDATE session s SET abandoned_at = now(), active = session_active(s), ticking_since = NULL, updated_at = now(),
       revision = revision + 1
 WHERE s.account_id = app_account() AND s.id = $1;

-- ---- the home page ----

-- One's own that are under way; where it stands, none at the end.
-- name: sessions_going() -> going_row_shape
SELECT s.id, v.name AS flow_name, w.title, s.ticket, s.client, s.status = 'parked' AS parked, s.status = 'escalated' AS escalated,
       s.updated_at, s.wake_at, s.variables, v.intake
  FROM session_here s
  JOIN flow_version v ON v.account_id = s.account_id AND v.flow_id = s.flow_id AND v.n = s.version
  LEFT JOIN visit w ON w.account_id = s.account_id AND w.session_id = s.id AND w.n = s.visit
 WHERE s.owner_id = (SELECT app_person()) AND s.started_at IS NOT NULL AND s.completed_at IS NULL AND s.abandoned_at IS NULL
 ORDER BY s.id DESC LIMIT 20;

-- Prepared ones for whoever asks, then those open to them: of their team, of none, of their own, and all to a team admin.
-- Each a list with its own end: no more rows are looked at than are shown.  What is NULL in all of a list stands in its
-- order, for only so an index is known to have it.
-- name: sessions_waiting() -> waiting_row_shape
WITH mine AS MATERIALIZED (SELECT app_account() AS account, app_person() AS person, app_team() AS team, app_role() AS role), found AS (
	(SELECT s.id, 0 AS place FROM session s
	  WHERE s.account_id = (SELECT account FROM mine) AND s.assigned_to_id = (SELECT person FROM mine) AND s.started_at IS NULL AND s.abandoned_at IS NULL
	  ORDER BY s.id DESC LIMIT 6)
	UNION ALL
	(SELECT s.id, 1 FROM session s
	  WHERE s.account_id = (SELECT account FROM mine) AND s.assigned_to_id IS NULL AND s.started_at IS NULL AND s.abandoned_at IS NULL
	    AND s.team_id = (SELECT team FROM mine) ORDER BY s.id DESC LIMIT 6)
	UNION
	(SELECT s.id, 1 FROM session s
	  WHERE s.account_id = (SELECT account FROM mine) AND s.assigned_to_id IS NULL AND s.started_at IS NULL AND s.abandoned_at IS NULL
	    AND s.team_id IS NULL ORDER BY s.team_id DESC, s.id DESC LIMIT 6)
	UNION
	(SELECT s.id, 1 FROM session s
	  WHERE s.account_id = (SELECT account FROM mine) AND s.started_at IS NULL AND s.abandoned_at IS NULL
	    AND s.assigned_to_id IS NULL AND (SELECT role FROM mine) = 'team_admin'
	  ORDER BY s.assigned_to_id DESC, s.id DESC LIMIT 6)
)
SELECT s.id, v.name AS flow_name, s.ticket, s.client, p.name AS preparer, s.created_at, s.version < f.version AS outdated,
       x.place = 0 AS mine
  FROM (SELECT * FROM found ORDER BY place, id DESC LIMIT 6) x
  JOIN session s ON s.account_id = (SELECT app_account()) AND s.id = x.id
  JOIN flow f ON f.account_id = s.account_id AND f.id = s.flow_id
  JOIN flow_version v ON v.account_id = s.account_id AND v.flow_id = s.flow_id AND v.n = s.version
  LEFT JOIN person p ON p.account_id = s.account_id AND p.id = s.prepared_by_id
 ORDER BY x.place, s.id DESC;

-- ---- for the demo account ----

-- name: seed_flow(name text) -> seed_flow_shape
SELECT h.id, h.version, v.name, v.type, v.structure, v.intake
  FROM flow_here h JOIN flow_version v ON v.account_id = h.account_id AND v.flow_id = h.id AND v.n = h.version
 WHERE h.name = $1;

-- name: seed_session(id uuid, flow uuid, version int, owner uuid, preparer uuid, assignee uuid, variables text, ticket text, client text, created timestamptz, started timestamptz, ended timestamptz, visit int, seconds int, outcome text, summary text)
INSERT INTO session (account_id, id, flow_id, version, owner_id, prepared_by_id, assigned_to_id, variables, ticket, client, created_at, started_at,
                     completed_at, updated_at, visit, active, outcome, summary, team_id)
SELECT app_account(), $1, $2, $3::int, $4, $5, $6, $7::text::jsonb, $8, $9, $10::timestamptz, $11::timestamptz, $12::timestamptz, coalesce($11::timestamptz, $10::timestamptz) + make_interval(secs => $14::int),
       $13::int, make_interval(secs => $14::int), $15, coalesce($16, ''),
       (SELECT p.team_id FROM person p WHERE p.account_id = app_account() AND p.id = $5);

-- name: seed_visit(session uuid, n int, node text, kind text, title text, section text, option text, option_label text, notes text, skip_reason text, again int, person uuid, entered timestamptz, before int, took int)
INSERT INTO visit (account_id, session_id, n, node_id, kind, title, section, option_id, option_label, notes, skip_reason, again, person_id,
                   entered_at, entered_active, took, answered_at)
SELECT app_account(), $1, $2::int, $3, $4, $5, $6, $7, $8, coalesce($9, ''), $10, $11::int, $12, $13::timestamptz, make_interval(secs => $14::int),
       make_interval(secs => $15::int), $13::timestamptz + make_interval(secs => $15::int);

-- name: seed_parked(id uuid, session uuid, person uuid, reason text, at timestamptz)
INSERT INTO handoff (account_id, id, session_id, intent, state, reason, by_id, created_at)
VALUES (app_account(), $1, $2, 'park', 'parked', $4, $3, $5);

-- With the record of who was told, and its story.
-- name: seed_handoff(id uuid, session uuid, person uuid, taker uuid, reason text, tried text, priority text, resolution text, at timestamptz, taken timestamptz, ended timestamptz, visit int)
WITH made AS (
	INSERT INTO handoff (account_id, id, session_id, intent, state, visit, reason, tried, priority, by_id, claimer_id, claimed_at,
	                     first_claimed_at, due_at, resolution, created_at, ended_at)
	SELECT app_account(), $1, $2, 'escalate', CASE WHEN $11::timestamptz IS NOT NULL THEN 'resolved' WHEN $4::uuid IS NOT NULL THEN 'claimed' ELSE 'open' END,
	       $12::int, $5, coalesce($6, ''), $7, $3, $4::uuid, $10::timestamptz, $10::timestamptz,
	       CASE WHEN $4::uuid IS NULL THEN $9::timestamptz + (SELECT make_interval(mins => r.wait_minutes) FROM handoff_rules r WHERE r.priority = $7) END,
	       coalesce($8, ''), $9::timestamptz, $11::timestamptz
), told AS (
	INSERT INTO delivery (account_id, handoff_id, occasion, round, channel, person_id, recipient, state, attempts, created_at, sent_at)
	SELECT app_account(), $1, 'created', 1, c.channel, p.id, CASE c.channel WHEN 'email' THEN p.email ELSE p.name END, 'sent', 1,
	       $9::timestamptz, $9::timestamptz + interval '2 seconds'
	  FROM person p CROSS JOIN (VALUES ('email'), ('inapp')) c (channel)
	 WHERE p.account_id = app_account() AND p.role IN ('engineer', 'team_admin') AND p.id <> $3
)
INSERT INTO handoff_step (account_id, handoff_id, at, person_id, what)
SELECT app_account(), $1, x.at, x.who, x.what
  FROM (VALUES ($9::timestamptz, $3::uuid, 'created'), ($10::timestamptz, $4::uuid, 'claimed'), ($11::timestamptz, $4::uuid, 'resolved')) x (at, who, what)
 WHERE x.at IS NOT NULL;

-- ---- the history ----

-- The ids of a page, newest first; with a place where looking ended, which is no hit.
-- name: history(q text, whole boolean, status text, flow uuid, client text, ticket text, person uuid, assignee uuid, since timestamptz, until timestamptz, after uuid, before uuid, skip int, most int) -> history_row_shape
SELECT f.session_id AS id, f.hit
  FROM search.session_find(ROW($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13::int + $14::int)::session_wish)
       WITH ORDINALITY f (session_id, hit, place)
 WHERE f.place > $13 OR NOT f.hit ORDER BY f.hit DESC, f.session_id DESC;

-- How many there are, up to most; or at least so many.
-- name: history_count(q text, whole boolean, status text, flow uuid, client text, ticket text, person uuid, assignee uuid, since timestamptz, until timestamptz, most int) -> history_count_row_shape
SELECT count(*) FILTER (WHERE hit) AS n, coalesce(bool_or(NOT hit), false) AS more
  FROM search.session_find(ROW($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, NULL, NULL, $11::int)::session_wish);

-- Without their flows' texts, secrets and scratchpads; variables of those under way, unless all are wanted.
-- name: sessions_listed(ids text[], every boolean) -> session_row_shape
SELECT s.id, s.flow_id AS flow, s.version, s.newest, s.retired, s.by_use, s.flow_name, s.type, '{}'::json AS structure, '[]'::json AS intake, s.status,
       s.owner_id AS owner, s.owner_name, s.prepared_by_id AS preparer, s.preparer_name, s.assigned_to_id AS assignee, s.assignee_name,
       s.created_at, s.updated_at, s.started_at, s.completed_at, s.abandoned_at, s.visit, s.seconds AS active, s.ticking,
       s.outcome, s.summary,
       CASE WHEN $2 OR s.status IN ('active', 'parked', 'escalated') THEN s.variables ELSE '{}' END AS variables,
       '{}'::jsonb AS secrets,
       ''::text AS scratchpad, s.scratch_n, s.ticket, s.client, s.revision,
       s.handoff_id AS handoff, s.handoff_by, s.handoff_why, s.aside_id AS aside, s.aside_at, s.aside_why, s.wake_at,
       s.sees, s.runs, s.starts, s.prepares, s.ends, s.takes_out
  FROM session_told s
 WHERE s.id = ANY ($1::text[]::uuid[]) AND s.sees ORDER BY s.id DESC;

-- The visit at which each of them stands.
-- name: visits_here(ids text[]) -> visit_here_row_shape
SELECT v.session_id AS session, v.id, v.n, v.node_id AS node, v.kind, v.title, v.section, v.notes, v.again, v.earlier,
       v.entered_at, extract(epoch FROM v.entered_active)::bigint AS entered_active, v.answered_at
  FROM session s JOIN visit v ON v.account_id = s.account_id AND v.session_id = s.id AND v.n = s.visit
 WHERE s.account_id = app_account() AND s.id = ANY ($1::text[]::uuid[]);

-- The flows' texts that they run on, each once; of those under way only, unless all are wanted.
-- name: session_docs(ids text[], every boolean) -> session_doc_row_shape
SELECT v.flow_id AS flow, v.n AS version, v.name, v.type, v.structure, v.intake FROM flow_version v
 WHERE v.account_id = app_account()
   AND (v.flow_id, v.n) IN (SELECT s.flow_id, s.version FROM session s
                             WHERE s.account_id = app_account() AND s.id = ANY ($1::text[]::uuid[])
                               AND ($2 OR s.visit > 0 AND s.completed_at IS NULL AND s.abandoned_at IS NULL));

-- What the filters offer (kind, value, label): the flows and clients of the sessions of late, and the people.
-- name: history_choices(whole boolean, flow uuid, person uuid) -> history_choice_shape
WITH late AS (
	SELECT s.flow_id, s.client
	  FROM search.session_find(ROW(NULL, $1, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 100)::session_wish) l
	  JOIN session s ON s.account_id = app_account() AND s.id = l.session_id
)
SELECT 'flow' AS kind, f.id::text AS value, f.name AS label FROM flow f
 WHERE f.account_id = app_account() AND (f.id IN (SELECT flow_id FROM late) OR f.id = $2)
UNION ALL
SELECT DISTINCT 'client', client, client FROM late WHERE client <> ''
UNION ALL
SELECT 'person', p.id::text, p.name FROM person p
 WHERE p.account_id = app_account() AND (p.role IN ('engineer', 'team_admin') AND p.active AND p.deleted_at IS NULL
                                         OR p.id = $3)
 ORDER BY kind, label, value;

-- name: session_text_settle()
SELECT session_text_settle();
