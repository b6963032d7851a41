-- The statements of the redaction room.

-- name: redaction_patterns() -> pattern_row_shape
SELECT r.id, r.name, r.pattern, r.kind, p.name AS made_by, r.created_at
  FROM redaction_pattern r JOIN person p ON p.account_id = r.account_id AND p.id = r.created_by
 WHERE r.account_id = app_account() ORDER BY lower(r.name);

-- name: redaction_pattern(pattern uuid) -> pattern_row_shape
SELECT r.id, r.name, r.pattern, r.kind, p.name AS made_by, r.created_at
  FROM redaction_pattern r JOIN person p ON p.account_id = r.account_id AND p.id = r.created_by
 WHERE r.account_id = app_account() AND r.id = $1;

-- name: redaction_pattern_add(id uuid, name text, pattern text, kind text)
SELECT redaction_pattern_add($1, $2, $3, $4);

-- name: redaction_pattern_delete(pattern uuid)
DELETE FROM redaction_pattern WHERE account_id = app_account() AND id = $1;
