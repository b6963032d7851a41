-- The statements of the flags room.

-- name: flags() -> flag_shape
SELECT name, account_id AS account, enabled, coalesce(percent, 0) AS percent FROM door.flags();

-- ---- the platform's ----

-- name: flag_set(flag text, enabled boolean, percent int)
SELECT door.flag_set($1, $2, $3);

-- enabled: '' is as for all.
-- name: account_flag_set(account uuid, flag text, enabled text)
SELECT door.account_flag_set($1, $2, nullif($3, '')::boolean);

-- name: flag_accounts(flag text) -> flag_account_shape
SELECT name AS flag, account_id AS account, account_name AS name, enabled FROM door.flag_accounts($1);

-- name: account_named(typed text) -> named_shape
SELECT account_id AS account FROM door.account_named($1);
