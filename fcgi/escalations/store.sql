-- The statements of the escalations room.

-- ---- telling ----

-- Whoever has left since is not told.
-- name: told_gone(handoff uuid, channel text)
UPDATE delivery d SET state = 'skipped', last_error = 'no longer works here'
  FROM delivery_due($1, $2) due JOIN person p ON p.account_id = due.account_id AND p.id = due.person_id
 WHERE d.account_id = app_account() AND d.id = due.id AND NOT (p.active AND p.deleted_at IS NULL);

-- What is switched off for the account goes to nobody.
-- name: told_off(handoff uuid, channel text)
UPDATE delivery d SET state = 'skipped', last_error = 'switched off for this account'
  FROM delivery_due($1, $2) due WHERE d.account_id = app_account() AND d.id = due.id;

-- name: told_due(handoff uuid, channel text) -> due_shape
SELECT d.id, d.handoff_id AS handoff, d.person_id AS person, coalesce(p.name, '') AS name, coalesce(p.email, '') AS email,
       d.webhook_id AS webhook, d.occasion, d.round, d.occasion IN ('created', 'released', 'overdue') AND d.person_id IS DISTINCT FROM h.by_id AS calls, d.created_at
  FROM delivery_due($1, $2) d
  JOIN handoff h ON h.account_id = d.account_id AND h.id = d.handoff_id
  LEFT JOIN person p ON p.account_id = d.account_id AND p.id = d.person_id
 ORDER BY d.person_id, d.id;

-- name: told_cases(handoff uuid, channel text) -> case_shape
SELECT h.id, h.by_name AS by, h.claimer_name AS claimer, h.priority, h.flow_name, h.intake, h.variables, h.client, h.ticket,
       h.step, h.reason, h.tried, h.resolution
  FROM handoff_here h WHERE h.id IN (SELECT d.handoff_id FROM delivery_due($1, $2) d);

-- name: told_account() -> account_shape
SELECT name FROM account WHERE account_id = app_account();

-- The last ten of what was answered or noted.
-- name: told_steps(handoff uuid) -> step_shape
SELECT n, title, option_label AS answer, skip_reason, notes FROM (
	SELECT v.n, v.title, coalesce(v.option_label, '') AS option_label, coalesce(v.skip_reason, '') AS skip_reason, v.notes
	  FROM visit v JOIN handoff h ON h.account_id = v.account_id AND h.session_id = v.session_id
	 WHERE h.account_id = app_account() AND h.id = $1 AND v.reverted_at IS NULL AND (v.answered_at IS NOT NULL OR v.notes <> '')
	 ORDER BY v.n DESC LIMIT 10) last
 ORDER BY n;

-- name: told_inside(deliveries text[])
UPDATE delivery SET state = 'sent', attempts = attempts + 1, sent_at = now()
 WHERE account_id = app_account() AND id = ANY ($1::text[]::uuid[]);

-- name: told_by_mail(deliveries text[], mails text[])
UPDATE delivery d SET outbox_id = t.mail::uuid
  FROM unnest($1::text[], $2::text[]) AS t (delivery, mail) WHERE d.account_id = app_account() AND d.id = t.delivery::uuid;

-- One to an endpoint that was switched off meanwhile is there, and skipped.
-- name: told_by_call(deliveries text[], calls text[])
UPDATE delivery d SET call_id = c.id, state = c.state, last_error = CASE c.state WHEN 'skipped' THEN 'the endpoint is switched off' END
  FROM unnest($1::text[], $2::text[]) AS t (delivery, call)
  JOIN webhook_call c ON c.account_id = app_account() AND c.id = t.call::uuid
 WHERE d.account_id = c.account_id AND d.id = t.delivery::uuid;

-- name: told_failed(handoff uuid, channel text, error text)
UPDATE delivery d SET state = 'failed', attempts = d.attempts + 1, last_error = $3
  FROM delivery_due($1, $2) due WHERE d.account_id = app_account() AND d.id = due.id;

-- When what is held back of it may go out.
-- name: told_later(handoff uuid) -> later_shape
SELECT DISTINCT not_before AS at FROM delivery
 WHERE account_id = app_account() AND handoff_id = $1 AND state = 'queued' AND outbox_id IS NULL AND not_before IS NOT NULL;

-- ---- rules ----

-- name: rules() -> rules_shape
SELECT r.wait[1] AS low_wait, r.rest[1] AS low_rest, r.wait[2] AS normal_wait, r.rest[2] AS normal_rest,
       r.wait[3] AS high_wait, r.rest[3] AS high_rest, r.wait[4] AS urgent_wait, r.rest[4] AS urgent_rest,
       ARRAY(SELECT t.person_id::text FROM second_tier t WHERE t.account_id = app_account() ORDER BY 1) AS second_tier
  FROM (SELECT array_agg(wait_minutes ORDER BY n) AS wait, array_agg(rest_minutes ORDER BY n) AS rest FROM handoff_rules) r;

-- Whoever can be in the second tier.
-- name: tier() -> tier_shape
SELECT p.id::text AS id, p.name, EXISTS (SELECT FROM second_tier t WHERE t.account_id = p.account_id AND t.person_id = p.id) AS chosen
  FROM person p
 WHERE p.account_id = app_account() AND p.active AND p.deleted_at IS NULL AND p.role IN ('engineer', 'team_admin')
 ORDER BY lower(p.name), p.id;

-- name: rules_set(waits text[], rests text[])
INSERT INTO handoff_rule AS r (account_id, priority, wait_minutes, rest_minutes)
SELECT app_account(), t.priority, t.wait::int, t.rest::int
  FROM unnest(ARRAY['low', 'normal', 'high', 'urgent'], $1::text[], $2::text[]) AS t (priority, wait, rest)
ON CONFLICT (account_id, priority) DO UPDATE SET wait_minutes = excluded.wait_minutes, rest_minutes = excluded.rest_minutes;

-- name: tier_leave(people text[])
DELETE FROM second_tier WHERE account_id = app_account() AND person_id::text <> ALL ($1::text[]);

-- name: tier_join(people text[])
INSERT INTO second_tier SELECT app_account(), p.id FROM person p
 WHERE p.account_id = app_account() AND p.id::text = ANY ($1::text[]) ON CONFLICT DO NOTHING;

-- ---- pages ----

-- name: helpers() -> helper_row_shape
SELECT id, name FROM person
 WHERE account_id = app_account() AND active AND deleted_at IS NULL AND role IN ('engineer', 'team_admin') AND id <> app_person()
 ORDER BY lower(name), id LIMIT 1000;

-- The scratchpad is its engineer's, and for as long as they ask for help their colleagues'.
-- name: handed(handoff uuid) -> handed_row_shape
SELECT s.scratchpad FROM handoff h JOIN session s ON s.account_id = h.account_id AND s.id = h.session_id
 WHERE h.account_id = app_account() AND h.id = $1 AND h.state IN ('open', 'claimed');

-- name: hours_now() -> hours_shape
SELECT is_business_hour(now()) IS FALSE AS closed;
