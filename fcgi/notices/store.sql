-- The statements of the notices room: of the person who asks, whoever that is.

-- name: notices(before uuid, most int) -> notice_shape
SELECT id, text, link, created_at, read_at IS NULL AS unread FROM notice
 WHERE account_id = app_account() AND person_id = app_person() AND ($1::uuid IS NULL OR id < $1)
 ORDER BY id DESC LIMIT $2;

-- name: notice_open(id uuid) -> opened_shape
UPDATE notice SET read_at = coalesce(read_at, now())
 WHERE account_id = app_account() AND person_id = app_person() AND id = $1 RETURNING link;

-- name: notices_read()
UPDATE notice SET read_at = now()
 WHERE account_id = app_account() AND person_id = app_person() AND read_at IS NULL;
