-- The statements of the notices room: of the person who asks, whoever that is.

-- The days are those of their own zone.
-- name: notices(before uuid, most int) -> notice_shape
SELECT n.id, n.text, n.link, n.created_at, n.read_at IS NULL AS unread,
       CASE days.today - days.day WHEN 0 THEN 'Today' WHEN 1 THEN 'Yesterday' ELSE to_char(days.day, 'FMDD FMMonth YYYY') END AS day
  FROM notice n
  JOIN person p ON p.account_id = n.account_id AND p.id = n.person_id,
       LATERAL (SELECT (n.created_at AT TIME ZONE p.zone)::date AS day, (now() AT TIME ZONE p.zone)::date AS today) days
 WHERE n.account_id = app_account() AND n.person_id = app_person() AND ($1::uuid IS NULL OR n.id < $1)
 ORDER BY n.id DESC LIMIT $2;

-- name: notice_link(id uuid) -> opened_shape
SELECT link FROM notice WHERE account_id = app_account() AND person_id = app_person() AND id = $1;

-- One of them, or all.
-- name: notice_read(id uuid)
SELECT notice_read(app_person(), $1);

-- ---- what one wishes to be told of ----

-- name: times() -> times_shape
SELECT zone, to_char(quiet_from, 'HH24:MI') AS quiet_from, to_char(quiet_until, 'HH24:MI') AS quiet_until,
       quiet_days::bigint AS quiet_days, urgent_anyway, to_char(digest_at, 'HH24:MI') AS digest_at, chime
  FROM person WHERE account_id = app_account() AND id = app_person();

-- name: wishes() -> wish_shape
SELECT event, channel, wish FROM wish WHERE account_id = app_account() AND person_id = app_person();

-- name: zones() -> zone_shape
SELECT name FROM zone ORDER BY name <> 'UTC', name;

-- name: times_set(zone text, quiet_from text, quiet_until text, quiet_days int, urgent_anyway boolean, digest_at text, chime boolean)
UPDATE person SET zone = $1, quiet_from = nullif($2, '')::time, quiet_until = nullif($3, '')::time,
       quiet_days = $4::int, urgent_anyway = $5, digest_at = $6::time, chime = $7
 WHERE account_id = app_account() AND id = app_person();

-- name: wishes_set(events text[], channels text[], wishes text[])
SELECT wish_set(app_person(), event, channel, wish)
  FROM unnest($1::text[], $2::text[], $3::text[]) AS asked (event, channel, wish);

-- By a link in a mail.
-- name: wish_email(event text, wish text)
SELECT wish_set(app_person(), $1, 'email', $2);

-- name: digest_off()
SELECT wish_set(app_person(), event, 'email', 'off')
  FROM wish WHERE account_id = app_account() AND person_id = app_person() AND channel = 'email' AND wish = 'digest';
