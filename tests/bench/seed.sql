-- psql -v accounts= -v flows= -v sessions= -v ended= -v libraries= -v trees= -v hash= : every id is md5 of a letter
-- and a number, so that a load script can compute it; session n belongs to account 1 + n % accounts.
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
       date_trunc('second', now() - random() * interval '90 days')
  FROM generate_series(1, :accounts) a, generate_series(1, :flows) g;

-- The product's own flows: n is account 1 + n % libraries' and published, so that search has it once it is.
INSERT INTO category (account_id, name)
SELECT md5('a' || a)::uuid, c FROM generate_series(1, :libraries) a, unnest(ARRAY['Network', 'Hardware', 'Software']) c;

CREATE TEMP TABLE word AS
SELECT n - 1 AS place, w, count(*) OVER () AS words FROM regexp_split_to_table('printer toner drum tray roller jam label scanner
	router switch vpn tunnel lease resolver gateway subnet firewall wireless mailbox quota archive calendar outlook profile
	password token account group restart service driver firmware backup tape volume snapshot certificate license monitor dock',
	'\s+') WITH ORDINALITY AS t (w, n);

INSERT INTO flow (account_id, id, author_id, visibility, category_id, name, description, type, steps, usage_count, draft_hash)
SELECT md5('a' || a)::uuid, md5('w' || n)::uuid, md5('p' || a)::uuid, 'public', c.id,
       initcap(w.w || ' ' || v.w) || ' no. ' || n, 'Guided diagnosis for first line support: ask, check, decide.',
       'troubleshooting', CASE WHEN n % 25 = 0 THEN 60 ELSE 20 END, n * 7919 % 500, md5('w' || n)
  FROM generate_series(1, :trees) n CROSS JOIN LATERAL (SELECT 1 + n % :libraries AS a) own
  JOIN word w ON w.place = n % w.words JOIN word v ON v.place = n * 7 / 3 % v.words
  JOIN category c ON c.account_id = md5('a' || a)::uuid AND c.name = (ARRAY['Network', 'Hardware', 'Software'])[1 + n % 3];

INSERT INTO tag (account_id, name)
SELECT md5('a' || a)::uuid, 'tag' || t FROM generate_series(1, :libraries) a, generate_series(0, 19) t;
INSERT INTO flow_tag (account_id, flow_id, tag_id)
SELECT t.account_id, md5('w' || n)::uuid, t.id
  FROM generate_series(1, :trees) n, generate_series(0, 2) k, tag t
 WHERE t.account_id = md5('a' || 1 + n % :libraries)::uuid AND t.name = 'tag' || (n / 4 + k * 7) % 20;
UPDATE tag t SET usage_count = (SELECT count(*) FROM flow_tag l WHERE l.account_id = t.account_id AND l.tag_id = t.id);

-- Every third step asks, and every sixth leads back as well.
INSERT INTO flow_edit (account_id, flow_id, n, label, name, description, type, structure, intake, hash, person_id)
SELECT f.account_id, f.id, 1, 'Made the flow', f.name, f.description, f.type,
       json_build_object('start', 'n1', 'nodes', nodes.all), '[]', f.draft_hash, f.author_id
  FROM generate_series(1, :trees) n JOIN flow f ON f.account_id = md5('a' || 1 + n % :libraries)::uuid AND f.id = md5('w' || n)::uuid
 CROSS JOIN LATERAL (
	SELECT json_agg(json_strip_nulls(CASE
	       WHEN k = f.steps THEN json_build_object('id', 'n' || k, 'kind', 'answer', 'title', 'It works', 'body', '', 'help', '',
	            'outcome', 'resolved')
	       WHEN k % 3 = 0 THEN json_build_object('id', 'n' || k, 'kind', 'decision', 'title', format('Does the %s answer?', w.w),
	            'body', format('Compare it with the **%s** beside it.', v.w), 'help', '',
	            'options', CASE WHEN k % 6 = 0
	                 THEN json_build_array(o.yes, o.no, json_build_object('id', 'o3', 'label', 'Unclear', 'next', 'n' || k - 2))
	                 ELSE json_build_array(o.yes, o.no) END)
	       ELSE json_build_object('id', 'n' || k, 'kind', 'action', 'title', format('Check the %s', w.w),
	            'body', format('Open the **%s**, look at the front panel and note what you see. Plain words for the operator.', v.w),
	            'help', '', 'next', 'n' || k + 1, 'required', true) END) ORDER BY k) AS all
	  FROM generate_series(1, f.steps) k
	  JOIN word w ON w.place = (n * 13 + k * 577) % w.words JOIN word v ON v.place = (n * 3 + k * 29) % v.words
	 CROSS JOIN LATERAL (SELECT json_build_object('id', 'o1', 'label', 'Yes', 'next', 'n' || k + 1) AS yes,
	                            json_build_object('id', 'o2', 'label', 'No', 'next', 'n' || least(k + 4, f.steps)) AS no) o) nodes;
INSERT INTO flow_version (account_id, flow_id, n, name, description, type, structure, intake, hash, person_id)
SELECT account_id, flow_id, 1, name, description, type, structure, intake, hash, person_id FROM flow_edit;
UPDATE flow SET version = 1, version_hash = draft_hash;
DELETE FROM job WHERE kind = 'flow_index';

\ir sessions.sql

VACUUM ANALYZE;
CHECKPOINT;
