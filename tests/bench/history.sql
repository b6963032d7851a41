-- An account with many sessions of eight visits over three years, and one with few.  Flows, people and clients are as
-- uneven as they are; of every word there was one time more than at another.  Made set by set, the triggers aside.
-- Variables: account, person (of the large one), small, helper (of the small one), sessions, few.
SET session_replication_role = replica;
\ir words.sql
SET work_mem = '256MB';
SET synchronous_commit = off;

CREATE TEMP TABLE place AS
SELECT * FROM (VALUES (:'account'::uuid, :'person'::uuid, :sessions), (:'small'::uuid, :'helper'::uuid, :few)) a (account, person, many);

-- Fifty engineers beside whoever registered, who is the first.
CREATE TEMP TABLE engineer AS
SELECT account, k AS n, CASE k WHEN 0 THEN person ELSE md5('e' || account || k)::uuid END AS id FROM place, generate_series(0, 50) k;
INSERT INTO person (account_id, id, email, name, role, password_hash, email_verified_at)
SELECT account, id, format('e%s.%s@bench.example', n, account), format('Engineer No. %s', n), 'engineer', 'x', now()
  FROM engineer WHERE n > 0;

INSERT INTO flow (account_id, id, author_id, visibility, name, description, type, steps, version, draft_hash, version_hash)
SELECT account, md5('f' || account || k)::uuid, person, 'public', t.t, '', 'troubleshooting', 8, 1, 'x', 'x'
  FROM place, generate_series(0, 99) k JOIN title t ON t.n = k * 31;
INSERT INTO flow_version (account_id, flow_id, n, name, description, type, structure, intake, hash, person_id)
SELECT account_id, id, 1, name, '', type, '{"start":"n1","nodes":[]}', '[]', 'x', author_id FROM flow;

-- k is how far back in time, 0 the newest; what is uneven goes by a power of chance.
CREATE TEMP TABLE made AS
SELECT account, many, k, (lpad(to_hex(ms), 12, '0') || '7' || substr(h, 1, 3) || '8' || substr(h, 4, 15))::uuid AS id,
       to_timestamp(ms / 1000.0) AS at, (power(random(), 2) * 51)::int % 51 AS who, (power(random(), 2) * 100)::int % 100 AS flow,
       (power(random(), 2) * 2000)::int % 2000 AS client, (random() * 1000)::int % 1000 AS fate, (k * 8 + random() * 4)::bigint AS seed
  FROM place, generate_series(0, many - 1) k
 CROSS JOIN LATERAL (SELECT (extract(epoch FROM now()) * 1000)::bigint - 60000 - k::bigint * (94608000000 / many) AS ms, md5(account::text || k) AS h) x;
CREATE UNIQUE INDEX ON made (id);
ANALYZE made, engineer;

-- Of a thousand: 5 prepared, 15 running, 5 parked, 30 cancelled, the others completed.
DROP INDEX session_by_owner, session_by_flow, session_by_client, session_by_ticket;
INSERT INTO session (account_id, id, flow_id, version, owner_id, prepared_by_id, assigned_to_id, ticket, client, visit, active, outcome,
                     created_at, updated_at, started_at, completed_at, abandoned_at)
SELECT m.account, m.id, md5('f' || m.account || m.flow)::uuid, 1, CASE WHEN fate >= 5 THEN e.id END, CASE WHEN fate < 5 THEN e.id END,
       CASE WHEN fate < 3 THEN e.id END, CASE WHEN k % 10 < 7 THEN 'CW-' || k ELSE '' END, 'Client No. ' || client,
       CASE WHEN fate >= 5 THEN 8 ELSE 0 END, '12 min', CASE WHEN fate >= 55 THEN 'resolved' END,
       at, at, CASE WHEN fate >= 5 THEN at END, CASE WHEN fate >= 55 THEN at END, CASE WHEN fate BETWEEN 25 AND 54 THEN at END
  FROM made m JOIN engineer e ON e.account = m.account AND e.n = m.who ORDER BY m.id;
INSERT INTO handoff (account_id, id, session_id, flow_id, node_id, intent, state, by_id)
SELECT account, id, id, md5('f' || account || flow)::uuid, 'n8', 'park', 'parked', md5('e' || account || who)::uuid FROM made WHERE fate BETWEEN 20 AND 24;
CREATE INDEX session_by_owner ON session (account_id, owner_id, id, flow_id, client_key);
CREATE INDEX session_by_flow ON session (account_id, flow_id, id, owner_id, client_key);
CREATE INDEX session_by_client ON session (account_id, client_key, id, owner_id, flow_id) WHERE client_key <> '';
CREATE INDEX session_by_ticket ON session (account_id, ticket_key, id) WHERE ticket_key <> '';

-- A title each, every other one a note: of the notes some are written in one time and others in another.
DROP INDEX visit_by_id;
INSERT INTO visit (account_id, session_id, n, id, node_id, kind, title, notes, again, entered_at, entered_active, took, answered_at)
SELECT m.account, m.id, v, md5(m.id::text || v)::uuid, 'n' || v, 'action', t.t, CASE WHEN v % 2 = 0 THEN p.t ELSE '' END, 1, m.at, '0', '1 min', m.at
  FROM made m CROSS JOIN generate_series(1, 8) v
  JOIN title t ON t.n = (m.flow * 8 + v) % 4000 JOIN phrase p ON p.n = (m.seed / 400 + v * 97 + m.seed % 1000) % 4000
 WHERE m.fate >= 5 ORDER BY m.id, v;
CREATE UNIQUE INDEX visit_by_id ON visit (account_id, id);

-- The words by joining what each text gives, which is what the function makes of all of them, and faster.
CREATE TEMP TABLE phrase_words AS SELECT n, flow_vector(t, 'D') AS w FROM phrase;
CREATE TEMP TABLE flow_words AS
SELECT f.n, flow_vector(string_agg(t.t, ' '), 'D') AS w
  FROM generate_series(0, 99) f (n), generate_series(1, 8) v JOIN title t ON true WHERE t.n = (f.n * 8 + v) % 4000 GROUP BY f.n;
CREATE UNIQUE INDEX ON phrase_words (n);
DROP INDEX session_text_words;
INSERT INTO session_text (account_id, session_id, people, fresh, words)
SELECT m.account, m.id, ARRAY[e.id], fate < 25 AND k < many / 1000,
       f.w || p2.w || p4.w || p6.w || p8.w || flow_vector('Client No. ' || client || ' ' || 'CW-' || k, 'D')
  FROM made m JOIN engineer e ON e.account = m.account AND e.n = m.who JOIN flow_words f ON f.n = m.flow
  JOIN phrase_words p2 ON p2.n = (m.seed / 400 + 2 * 97 + m.seed % 1000) % 4000
  JOIN phrase_words p4 ON p4.n = (m.seed / 400 + 4 * 97 + m.seed % 1000) % 4000
  JOIN phrase_words p6 ON p6.n = (m.seed / 400 + 6 * 97 + m.seed % 1000) % 4000
  JOIN phrase_words p8 ON p8.n = (m.seed / 400 + 8 * 97 + m.seed % 1000) % 4000
 ORDER BY m.id;
-- Words as rare as can be.
UPDATE session_text t SET words = t.words || flow_vector('zanzibar', 'D')
 WHERE t.session_id IN (SELECT id FROM made WHERE account = :'account'::uuid AND k % (:sessions / 5) = 77);
UPDATE session_text t SET words = t.words || flow_vector('quagga', 'D')
 WHERE t.session_id IN (SELECT id FROM made WHERE account = :'account'::uuid AND k > :sessions * 0.8 AND k % 5 = 0);
CREATE INDEX session_text_words ON session_text USING gin (account_id, slice, week, people, words) WITH (fastupdate = off) WHERE NOT fresh;
INSERT INTO session_word
SELECT account, w FROM place, (SELECT unnest(tsvector_to_array(w)) AS w FROM phrase_words UNION SELECT unnest(tsvector_to_array(w)) FROM flow_words
	UNION SELECT unnest(tsvector_to_array(flow_vector('zanzibar quagga cw client no', 'D'))) UNION SELECT k::text FROM generate_series(0, 1999) k
	UNION SELECT '-' || k FROM made) words;
RESET session_replication_role;
VACUUM ANALYZE;
