-- The statements of the audit room.

-- ---- sealing ----

-- One process seals at a time, whoever comes first; the others come again.
-- name: audit_turn() -> turn_shape
SELECT pg_try_advisory_xact_lock(hashtext('audit_seal')) AS mine, now() AS now;

-- name: audit_turn_wait()
SELECT pg_advisory_xact_lock(hashtext('audit_seal'));

-- name: audit_failures(most int) -> count_shape
SELECT door.sign_ins_failed($1) AS n;

-- Each with the end of its account's chain; an entry that is gone already is sealed as gone.
-- name: audit_due(most int) -> due_shape
SELECT d.account_id AS "entry.account", d.id AS "entry.id", d.at AS "entry.at", a.id IS NOT NULL AS "entry.there",
       a.actor_id AS "entry.actor", a.action AS "entry.action", a.object AS "entry.object", a.object_id AS "entry.object_id",
       a.before::text AS "entry.before", a.after::text AS "entry.after", a.address AS "entry.address",
       a.agent AS "entry.agent", a.request_id AS "entry.request_id",
       d.account_id AS "head.account", coalesce(h.seq, 0) AS "head.seq", coalesce(h.mac, '') AS "head.mac",
       coalesce(h.retired_seq, 0) AS "head.retired_seq", coalesce(h.retired_mac, '') AS "head.retired_mac",
       h.retired_before AS "head.retired_before", h.key AS "head.key", h.sign AS "head.sign", now() AS sealed_at
  FROM (SELECT * FROM audit_due ORDER BY id LIMIT $1::int) d
  LEFT JOIN LATERAL (SELECT * FROM audit a WHERE a.account_id = d.account_id AND a.id = d.id AND a.at = d.at LIMIT 1) a ON true
  LEFT JOIN audit_head h ON h.account_id = d.account_id
 ORDER BY d.account_id, d.at, d.id;

-- name: audit_sealed(accounts text[], seqs text[], entries text[], times text[], since timestamptz, key text, previous text[], entry_macs text[], macs text[])
WITH sealed AS (
	INSERT INTO audit_seal (account_id, seq, entry_id, entry_at, since, sealed_at, key, previous, entry_mac, mac)
	SELECT x.account::uuid, x.seq::bigint, x.entry::uuid, x.at::timestamptz, $5::timestamptz, now(), $6, x.previous, x.entry_mac, x.mac
	  FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $7::text[], $8::text[], $9::text[])
	       AS x (account, seq, entry, at, previous, entry_mac, mac)
	RETURNING account_id, entry_id
)
DELETE FROM audit_due d USING sealed s WHERE d.id = s.entry_id AND d.account_id = s.account_id;

-- name: audit_heads_set(accounts text[], seqs text[], macs text[], key text, signs text[])
INSERT INTO audit_head AS h (account_id, seq, mac, key, sign)
SELECT x.account::uuid, x.seq::bigint, x.mac, $4, x.sign
  FROM unnest($1::text[], $2::text[], $3::text[], $5::text[]) AS x (account, seq, mac, sign)
ON CONFLICT (account_id) DO UPDATE SET seq = EXCLUDED.seq, mac = EXCLUDED.mac, key = EXCLUDED.key, sign = EXCLUDED.sign;

-- ---- letting go ----

-- name: audit_months()
SELECT audit_months();

-- name: audit_cutoff(months int) -> cutoff_shape
SELECT (date_trunc('month', now() AT TIME ZONE 'UTC') - make_interval(months => $1)) AT TIME ZONE 'UTC' AS before;

-- Heads whose chains begin with entries that are older, as they will be without these.
-- name: audit_retiring(before timestamptz) -> head_shape
SELECT h.account_id AS account, h.seq, h.mac, last.seq AS retired_seq, s.mac AS retired_mac, $1::timestamptz AS retired_before, h.key, h.sign
  FROM audit_head h
 CROSS JOIN LATERAL (SELECT coalesce((SELECT k.seq FROM audit_seal k WHERE k.account_id = h.account_id AND k.seq > h.retired_seq
                                         AND k.entry_at >= $1 ORDER BY k.seq LIMIT 1), h.seq + 1) - 1 AS seq) last
  JOIN audit_seal s ON s.account_id = h.account_id AND s.seq = last.seq
 WHERE last.seq > h.retired_seq ORDER BY h.account_id;

-- name: audit_heads_retire(accounts text[], seqs text[], macs text[], before timestamptz, key text, signs text[])
UPDATE audit_head h SET retired_seq = x.seq::bigint, retired_mac = x.mac, retired_before = $4, key = $5, sign = x.sign
  FROM unnest($1::text[], $2::text[], $3::text[], $6::text[]) AS x (account, seq, mac, sign)
 WHERE h.account_id = x.account::uuid;

-- name: audit_retired(accounts text[], before timestamptz)
SELECT door.audit_retired($1::text[]::uuid[], $2);

-- name: audit_retire(before timestamptz, most int) -> count_shape
SELECT audit_retire($1, $2) AS n;

-- ---- the check ----

-- By leaps from account to account.
-- name: audit_accounts() -> account_shape
WITH RECURSIVE leap AS (
	(SELECT account_id FROM audit ORDER BY account_id LIMIT 1)
	UNION ALL
	SELECT (SELECT a.account_id FROM audit a WHERE a.account_id > l.account_id ORDER BY a.account_id LIMIT 1)
	  FROM leap l WHERE l.account_id IS NOT NULL
)
SELECT account_id AS account FROM leap WHERE account_id IS NOT NULL UNION SELECT account_id FROM audit_head ORDER BY 1;

-- With the last seal that there is, of the same moment.
-- name: audit_head_of(account uuid) -> head_now_shape
SELECT $1::uuid AS "head.account", coalesce(h.seq, 0) AS "head.seq", coalesce(h.mac, '') AS "head.mac",
       coalesce(h.retired_seq, 0) AS "head.retired_seq", coalesce(h.retired_mac, '') AS "head.retired_mac",
       h.retired_before AS "head.retired_before", h.key AS "head.key", h.sign AS "head.sign",
       coalesce((SELECT s.seq FROM audit_seal s WHERE s.account_id = $1 ORDER BY s.seq DESC LIMIT 1), 0) AS last,
       now() AS now
  FROM (SELECT) one LEFT JOIN audit_head h ON h.account_id = $1;

-- name: audit_heads() -> head_shape
SELECT account_id AS account, seq, mac, retired_seq, retired_mac, retired_before, key, sign FROM audit_head ORDER BY account_id;

-- name: audit_seals(account uuid, after bigint, upto bigint, most int) -> sealed_shape
SELECT s.account_id AS "seal.account", s.seq AS "seal.seq", s.entry_id AS "seal.entry", s.entry_at AS "seal.entry_at",
       s.since AS "seal.since", s.sealed_at AS "seal.sealed_at", s.key AS "seal.key", s.previous AS "seal.previous",
       s.entry_mac AS "seal.entry_mac", s.mac AS "seal.mac",
       s.account_id AS "entry.account", s.entry_id AS "entry.id", s.entry_at AS "entry.at", a.id IS NOT NULL AS "entry.there",
       a.actor_id AS "entry.actor", a.action AS "entry.action", a.object AS "entry.object", a.object_id AS "entry.object_id",
       a.before::text AS "entry.before", a.after::text AS "entry.after", a.address AS "entry.address",
       a.agent AS "entry.agent", a.request_id AS "entry.request_id"
  FROM (SELECT * FROM audit_seal s WHERE s.account_id = $1 AND s.seq > $2 AND s.seq <= $3 ORDER BY s.seq LIMIT $4::int) s
  LEFT JOIN LATERAL (SELECT * FROM audit a WHERE a.account_id = s.account_id AND a.id = s.entry_id AND a.at = s.entry_at LIMIT 1) a ON true
 ORDER BY s.seq;

-- Where an entry that is not at its time has gone to.
-- name: audit_moved(account uuid, id uuid) -> entry_at_shape
SELECT id, at, action FROM audit WHERE account_id = $1 AND id = $2 LIMIT 1;

-- name: audit_entries(account uuid, after uuid, minutes int, most int) -> entry_at_shape
SELECT id, at, action FROM audit
 WHERE account_id = $1 AND ($2::uuid IS NULL OR id > $2) AND at < now() - make_interval(mins => $3::int)
 ORDER BY id LIMIT $4::int;

-- name: audit_seals_of(account uuid, first uuid, last uuid) -> entry_id_shape
SELECT entry_id AS id FROM audit_seal WHERE account_id = $1 AND entry_id >= $2 AND entry_id <= $3 ORDER BY entry_id;

-- name: audit_seal_at(account uuid, seq bigint) -> seal_mac_shape
SELECT mac FROM audit_seal WHERE account_id = $1 AND seq = $2;

-- ---- the page ----

-- name: audit_count(actor uuid, nobody boolean, action text, object text, object_id uuid, since timestamptz, until timestamptz, most int) -> count_shape
SELECT count(*) AS n FROM audit_find($1, $2, $3, $4, $5, $6, $7, NULL, NULL, $8, 0);

-- name: audit_list(actor uuid, nobody boolean, action text, object text, object_id uuid, since timestamptz, until timestamptz, older uuid, newer uuid, most int, skip int) -> line_shape
SELECT f.id, f.at, f.actor_id AS actor, p.name AS actor_name,
       CASE WHEN p.id IS NULL AND f.actor_id IS NOT NULL THEN door.platform_name(f.actor_id) END AS platform_name,
       f.action, f.object, f.object_id, coalesce(o.name, i.email, ran.name) AS object_name, f.before::text AS before, f.after::text AS after,
       f.address, f.agent, f.request_id, s.seq AS seal
  FROM audit_find($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) f
  LEFT JOIN person p ON p.account_id = f.account_id AND p.id = f.actor_id
  LEFT JOIN person o ON o.account_id = f.account_id AND o.id = f.object_id AND f.object = 'person'
  LEFT JOIN invite i ON i.account_id = f.account_id AND i.id = f.object_id AND f.object = 'invite'
  -- A hand-off is known by its session: its flow, client and ticket, for whoever may see that.
  LEFT JOIN handoff h ON h.account_id = f.account_id AND h.id = f.object_id AND f.object = 'handoff'
  LEFT JOIN LATERAL (
       SELECT concat_ws(', ', v.name, nullif(x.client, ''), nullif(x.ticket, '')) AS name
         FROM session_here x JOIN flow_version v ON v.account_id = x.account_id AND v.flow_id = x.flow_id AND v.n = x.version
        WHERE x.sees AND x.id = CASE f.object WHEN 'session' THEN f.object_id WHEN 'handoff' THEN h.session_id END) ran ON true
  LEFT JOIN LATERAL (SELECT s.seq FROM audit_seal s WHERE s.account_id = f.account_id AND s.entry_id = f.id LIMIT 1) s ON true
 ORDER BY f.id DESC;

-- What can be chosen: people, and what has happened here, by leaps from one to the next.
-- name: audit_choices() -> choice_shape
WITH RECURSIVE leap AS (
	(SELECT action FROM audit WHERE account_id = (SELECT app_account()) ORDER BY action LIMIT 1)
	UNION ALL
	SELECT (SELECT a.action FROM audit a WHERE a.account_id = (SELECT app_account()) AND a.action > l.action ORDER BY a.action LIMIT 1)
	  FROM leap l WHERE l.action IS NOT NULL
)
SELECT 'action' AS kind, action AS value, action AS label FROM leap WHERE action IS NOT NULL
UNION ALL
(SELECT 'person', id::text, name FROM person WHERE account_id = (SELECT app_account()) ORDER BY lower(name), id LIMIT 500);
