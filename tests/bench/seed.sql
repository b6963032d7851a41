-- psql -v accounts= -v flows= -v sessions= -v steps= -v hash= : every id is md5 of a letter and a number, so that a
-- load script can compute it; session n belongs to account 1 + n % accounts.
\set ON_ERROR_STOP on
SELECT setseed(0.42);

INSERT INTO account (account_id, name, plan)
SELECT md5('a' || g)::uuid, format('Company %s & Sons', g), 'scale' FROM generate_series(1, :accounts) g;

INSERT INTO person (account_id, id, email, name, role, password_hash, email_verified_at)
SELECT md5('a' || g)::uuid, md5('p' || g)::uuid, format('person%s@bench.example', g), format('Person No. %s', g),
       'engineer', :'hash', now() FROM generate_series(1, :accounts) g;

INSERT INTO sign_in (account_id, id, person_id, expires_at)
SELECT md5('a' || g)::uuid, md5('i' || g)::uuid, md5('p' || g)::uuid, now() + interval '1 day'
  FROM generate_series(1, :accounts) g;

-- Their colleagues, whom nobody acts for: tables so small that they are read from end to end are no company's.
INSERT INTO person (account_id, id, email, name, role, password_hash, email_verified_at)
SELECT md5('a' || g)::uuid, md5('p' || g || '/' || k)::uuid, format('colleague%s.%s@bench.example', g, k),
       format('Colleague No. %s', k), 'engineer', :'hash', now()
  FROM generate_series(1, :accounts) g, generate_series(1, 20) k;

INSERT INTO sign_in (account_id, id, person_id, expires_at)
SELECT md5('a' || g)::uuid, md5('i' || g || '/' || k)::uuid, md5('p' || g || '/' || k)::uuid, now() + interval '1 day'
  FROM generate_series(1, :accounts) g, generate_series(1, 20) k;

INSERT INTO bench_flow
SELECT md5('a' || a)::uuid, md5('f' || a || '/' || g)::uuid,
       format('Troubleshoot %s #%s & friends', (ARRAY['VPN', 'printer', 'mail', 'router', 'BIOS', 'DNS'])[1 + g % 6], g),
       'Guided diagnosis for <first line> support: ask, check, decide; about 120 characters of description text here, no more.',
       (ARRAY['network', 'hardware', 'software', 'account'])[1 + g % 4],
       ARRAY['l1', 'tag' || (g % 10), 'team' || (g % 3)], (random() * 500)::int,
       date_trunc('second', now() - random() * interval '90 days'),
       jsonb_build_object('version', 1, 'root', 'n1', 'nodes', nodes.all)
  FROM generate_series(1, :accounts) a, generate_series(1, :flows) g,
       (SELECT jsonb_object_agg('n' || k, jsonb_build_object(
               'type', CASE WHEN k % 5 = 0 THEN 'action' ELSE 'question' END,
               'title', format('Step %s: is the light on?', k),
               'body', 'Check the front panel & report what you see. ' || repeat('Plain words for the operator. ', 5),
               'options', jsonb_build_object(
                       'yes', jsonb_build_object('label', 'Yes', 'next', 'n' || (1 + 2 * k % 20)),
                       'no', jsonb_build_object('label', 'No', 'next', 'n' || (1 + (2 * k + 1) % 20))))) AS all
          FROM generate_series(1, 20) k) nodes;

INSERT INTO bench_session
SELECT md5('a' || a)::uuid, md5('s' || g)::uuid, md5('f' || a || '/' || 1 + g % :flows)::uuid, 'TCK-' || g, 'active',
       'n' || (1 + g % 20), :steps, date_trunc('second', now() - random() * interval '30 days')
  FROM generate_series(1, :sessions) g, LATERAL (SELECT 1 + g % :accounts AS a) own;

INSERT INTO bench_step
SELECT md5('a' || (1 + g % :accounts))::uuid, md5('s' || g)::uuid, k, 'n' || (1 + k % 20),
       format('Step %s: is the light on?', k), CASE WHEN k % 2 = 0 THEN 'yes' ELSE 'no' END,
       'operator note <' || k || '> with some & text of normal length, about eighty characters in all.',
       date_trunc('second', now())
  FROM generate_series(1, :sessions) g, generate_series(1, :steps) k;

VACUUM ANALYZE;
CHECKPOINT;
