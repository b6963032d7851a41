-- The statements of the app room.

-- name: schema_newest() -> schema_shape
SELECT coalesce(max(version), 0) AS version FROM schema_migration;
