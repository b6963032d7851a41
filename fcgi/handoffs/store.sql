-- The statements of the handoffs room.

-- Its session's row is locked first, as everything that changes a session does.
-- name: handoff_lock(handoff uuid)
SELECT FROM session s WHERE s.account_id = app_account()
   AND s.id = (SELECT h.session_id FROM handoff h WHERE h.account_id = app_account() AND h.id = $1) FOR NO KEY UPDATE;

-- name: handoff(handoff uuid) -> handoff_row_shape
SELECT h.id, h.session_id AS session, h.intent, h.state, h.reason, h.tried, h.priority, h.by_id AS by, h.by_name, h.to_id AS to, h.to_name,
       h.claimer_id AS claimer, h.claimer_name, h.created_at, h.claimed_at, h.ended_at, h.due_at, h.overdue_at, h.wake_at, h.resolution,
       h.flow_id AS flow, h.version, h.flow_name, h.intake, h.variables, h.client, h.ticket, h.visit, h.step,
       CASE h.state WHEN 'open' THEN h.due_at
            WHEN 'claimed' THEN CASE WHEN h.aside THEN now() ELSE greatest(h.claimed_at, h.session_moved_at) END + make_interval(mins => r.rest_minutes)
       END AS watch_at
  FROM handoff_here h LEFT JOIN handoff_rules r ON r.priority = h.priority WHERE h.id = $1;

-- name: handoff_deliveries(handoff uuid) -> delivery_row_shape
SELECT id, occasion, channel, recipient, state AS status, attempts, last_error, sent_at, created_at, not_before
  FROM delivery WHERE account_id = app_account() AND handoff_id = $1 ORDER BY id;

-- As the log has it; that one waited too long is no step of it.
-- name: handoff_story(session uuid) -> handoff_event_shape
SELECT a.at, substr(a.action, 9) AS what, p.name AS who, coalesce(a.after->>'word', '') AS word
  FROM handoff h
  JOIN audit a ON a.account_id = h.account_id AND a.object = 'handoff' AND a.object_id = h.id
  LEFT JOIN person p ON p.account_id = a.account_id AND p.id = a.actor_id
 WHERE h.account_id = app_account() AND h.session_id = $1 AND h.intent = 'escalate' AND a.action <> 'handoff.overdue'
 ORDER BY a.id;

-- name: handoff_add(id uuid, session uuid, intent text, state text, reason text, tried text, priority text, assignee uuid, wake_at timestamptz)
WITH stopped AS (
	UPDATE session s SET active = session_active(s), ticking_since = NULL, updated_at = now(), revision = revision + 1
	 WHERE s.account_id = app_account() AND s.id = $2 RETURNING s.visit
)
INSERT INTO handoff (account_id, id, session_id, intent, state, visit, reason, tried, priority, by_id, to_id, wake_at, due_at)
SELECT app_account(), $1, $2, $3, $4, stopped.visit, $5, $6, $7, app_person(), $8, $9,
       now() + (SELECT make_interval(mins => r.wait_minutes) FROM handoff_rules r WHERE r.priority = $7)
  FROM stopped;

-- name: handoff_move(handoff uuid, before text, after text, resolution text, returns boolean)
SELECT WHERE handoff_move($1, $2, $3, $4, $5);

-- name: handoff_tell(handoff uuid, occasion text)
SELECT delivery_add($1, $2);

-- name: handoff_hush(handoff uuid, why text)
SELECT delivery_skip($1, $2);
