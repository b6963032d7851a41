-- The statements of the plans room.

-- What the transaction's account uses of its plan.
-- name: plan_usage() -> usage_shape
SELECT key, label, monthly, effect, used, coalesce(most, -1) AS most, used_text, most_text, own FROM plan_usage();

-- name: plan_mine() -> mine_shape
SELECT p.name, p.label, ((plan_month() + interval '1 month') AT TIME ZONE 'UTC')::timestamptz AS turns_at
  FROM account a JOIN plan p ON p.name = a.plan WHERE a.account_id = app_account();

-- ---- the platform's ----

-- name: plans() -> plan_shape
SELECT name, label, for_new, retired_at, accounts, limits FROM door.plans();

-- name: plan_one(name text) -> plan_shape
SELECT name, label, for_new, retired_at, accounts, limits FROM door.plans() WHERE name = $1;

-- name: plan_save(name text, label text, for_new boolean, limits text, adds boolean)
SELECT door.plan_save($1, $2, $3, $4::text::jsonb, $5);

-- name: plan_retire(name text, retired boolean)
SELECT door.plan_retire($1, $2);

-- name: plan_usage_of(account uuid) -> usage_of_shape
SELECT key, label, monthly, effect, used, coalesce(most, -1) AS most, used_text, most_text, own, account_name, plan_label
  FROM door.plan_usage_of($1);

-- name: account_limits_set(account uuid, limits text, address text, agent text, request_id text)
SELECT door.account_limits_set($1, $2::text::jsonb, $3, $4, $5);

-- ---- the jobs program's ----

-- Who is told that a limit is near, and how it stands.
-- name: plan_readers(key text, used bigint, most bigint) -> reader_shape
SELECT p.id::text AS person, p.name, p.email, a.name AS account_name, k.label, k.effect, plan_amount(k, $2::bigint) AS used,
       plan_amount(k, $3::bigint) AS most
  FROM person p JOIN account a ON a.account_id = p.account_id JOIN limit_kind k ON k.key = $1
 WHERE p.account_id = app_account() AND p.role = 'team_admin' AND p.active AND p.deleted_at IS NULL
 ORDER BY p.id LIMIT 200;
