-- The statements of the escalations room.  A row's columns stand in the order of its shape's fields.

-- name: helpers() -> helper_row_shape
SELECT id, name FROM person
 WHERE account_id = app_account() AND active AND deleted_at IS NULL AND role IN ('engineer', 'team_admin') AND id <> app_person()
 ORDER BY lower(name), id LIMIT 1000;

-- The scratchpad is its engineer's, and for as long as they ask for help their colleagues'.
-- name: handed(handoff uuid) -> handed_row_shape
SELECT s.scratchpad FROM handoff h JOIN session s ON s.account_id = h.account_id AND s.id = h.session_id
 WHERE h.account_id = app_account() AND h.id = $1 AND h.state IN ('open', 'claimed');
