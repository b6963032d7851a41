-- The statements of the handoffs room.

-- Its session's row is locked first, as everything that changes a session does.
-- name: handoff_lock(handoff uuid)
SELECT FROM session s WHERE s.account_id = app_account()
   AND s.id = (SELECT h.session_id FROM handoff h WHERE h.account_id = app_account() AND h.id = $1) FOR NO KEY UPDATE;

-- Not one that is laid aside: that is its owner's alone.
-- name: handoff_find(handoff uuid)
SELECT refuse(404, 'not_found', 'There is no such hand-off.')
 WHERE NOT EXISTS (SELECT FROM handoff h WHERE h.account_id = app_account() AND h.id = $1 AND h.intent = 'escalate');

-- name: handoff(handoff uuid) -> handoff_row_shape
SELECT h.* FROM handoff_row h WHERE h.id = $1;

-- Escalations in these states; whose: '' all, 'others' not one's own, 'taken' by whoever asks, 'handed' off by them.  The
-- view gets their ids as a list: it has more tables than the planner puts in order, and joined alone it is made whole.
-- name: handoffs(states text[], whose text, first text, most int, skip int) -> handoff_row_shape
WITH found AS MATERIALIZED (
	SELECT h.id, row_number() OVER (ORDER BY
	       CASE $3 WHEN 'urgent' THEN array_position(ARRAY['urgent', 'high', 'normal', 'low'], h.priority) END,
	       CASE $3 WHEN 'urgent' THEN h.created_at END, CASE $3 WHEN 'ended' THEN h.ended_at END DESC, h.id DESC) AS place
	  FROM handoff h
	 WHERE h.account_id = (SELECT app_account()) AND h.intent = 'escalate' AND h.state = ANY ($1::text[])
	   AND CASE $2 WHEN 'others' THEN h.by_id <> (SELECT app_person()) WHEN 'taken' THEN h.claimer_id = (SELECT app_person())
	            WHEN 'handed' THEN h.by_id = (SELECT app_person()) ELSE true END
	 ORDER BY place LIMIT $4::int OFFSET $5::int
)
SELECT r.* FROM handoff_row r JOIN found ON found.id = r.id WHERE r.id = ANY (ARRAY(SELECT id FROM found)) ORDER BY found.place;

-- name: handoffs_count(states text[], whose text, most int) -> handoffs_count_shape
SELECT count(*) AS n FROM (
	SELECT FROM handoff h
	 WHERE h.account_id = (SELECT app_account()) AND h.intent = 'escalate' AND h.state = ANY ($1::text[])
	   AND CASE $2 WHEN 'others' THEN h.by_id <> (SELECT app_person()) WHEN 'taken' THEN h.claimer_id = (SELECT app_person())
	            WHEN 'handed' THEN h.by_id = (SELECT app_person()) ELSE true END LIMIT $3::int) found;

-- calls: to somebody who can take it; the others tell whoever handed it off.
-- name: deliveries_of(handoffs text[]) -> delivery_row_shape
SELECT d.handoff_id AS handoff, d.id, d.occasion, d.channel, d.recipient, d.state AS status, d.attempts, d.last_error, d.sent_at, d.created_at,
       d.not_before, d.occasion IN ('created', 'released', 'overdue') AND d.person_id IS DISTINCT FROM h.by_id AS calls
  FROM handoff h JOIN delivery d ON d.account_id = h.account_id AND d.handoff_id = h.id
 WHERE h.account_id = app_account() AND h.id = ANY ($1::text[]::uuid[]) ORDER BY h.id, d.id;

-- name: handoff_story(session uuid) -> handoff_event_shape
SELECT s.at, s.what, p.name AS who, CASE s.what WHEN 'created' THEN h.reason
       WHEN 'resolved' THEN h.resolution WHEN 'cancelled' THEN h.resolution ELSE '' END AS word
  FROM handoff h
  JOIN handoff_step s ON s.account_id = h.account_id AND s.handoff_id = h.id
  LEFT JOIN person p ON p.account_id = s.account_id AND p.id = s.person_id
 WHERE h.account_id = app_account() AND h.session_id = $1 AND h.intent = 'escalate'
 ORDER BY s.at, s.id;

-- name: handoff_step(handoff uuid, what text)
INSERT INTO handoff_step (account_id, handoff_id, what, person_id) VALUES (app_account(), $1, $2, app_person());

-- name: handoff_add(id uuid, session uuid, intent text, state text, reason text, tried text, priority text, assignee uuid, wake_at timestamptz)
WITH stopped AS (
	UPDATE session s SET active = session_active(s), ticking_since = NULL, updated_at = now(), revision = revision + 1
	 WHERE s.account_id = app_account() AND s.id = $2 RETURNING s.visit
)
INSERT INTO handoff (account_id, id, session_id, intent, state, visit, reason, tried, priority, by_id, to_id, wake_at, due_at)
SELECT app_account(), $1, $2, $3, $4, stopped.visit, $5, $6, $7, app_person(), $8, $9,
       (SELECT handoff_until(now(), r.wait_minutes) FROM handoff_rules r WHERE r.priority = $7)
  FROM stopped;

-- name: handoff_move(handoff uuid, before text, after text, resolution text, returns boolean)
SELECT WHERE handoff_move($1, $2, $3, $4, $5);

-- name: handoffs_held(person uuid) -> handoff_held_shape
SELECT h.id, h.state FROM handoff h JOIN person p ON p.account_id = h.account_id AND p.id = $1 AND NOT p.active
 WHERE h.account_id = app_account() AND (h.state = 'claimed' AND h.claimer_id = $1 OR h.state = 'open' AND h.to_id = $1)
 ORDER BY h.id;

-- name: handoff_to_all(handoff uuid)
UPDATE handoff SET to_id = NULL WHERE account_id = app_account() AND id = $1 AND state = 'open';

-- name: handoff_tell(handoff uuid, occasion text)
SELECT delivery_add($1, $2);

-- name: handoff_hush(handoff uuid, why text)
SELECT delivery_skip($1, $2);
