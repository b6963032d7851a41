-- The statements of the mail room.

-- name: outbox_add(recipient text, subject text, body text)
INSERT INTO outbox (account_id, recipient, subject, body_text) VALUES (app_account(), $1, $2, $3);
