-- An account with many flows and one with few, for what is measured of search: flows of 20 steps whose words are
-- as frequent as words are, a few very and most seldom.  Made set by set; the triggers that follow one flow at a time
-- stand aside.  Variables: account, person (of the large one), small, helper (of the small one), flows, few.
SET session_replication_role = replica;
\ir words.sql

CREATE TEMP TABLE made AS
SELECT a.account, a.person, md5(a.account::text || n)::uuid AS id, n,
       (SELECT string_agg(t.t, ' ') FROM title t WHERE t.n IN (n * 7 % 4000, n * 31 % 3989)) || ' ' || n AS name
  FROM (VALUES (:'account'::uuid, :'person'::uuid, :flows), (:'small'::uuid, :'helper'::uuid, :few)) a (account, person, flows),
       generate_series(1, a.flows) n;

CREATE TEMP TABLE doc AS
SELECT m.id, json_build_object('start', 'n1', 'nodes', json_agg(json_build_object('id', 'n' || k, 'kind', 'action',
           'title', t.t, 'body', p.t || '. **' || q.t || '**.', 'help', '', 'next', CASE WHEN k < 20 THEN 'n' || k + 1 END,
           'required', true) ORDER BY k)) AS structure
  FROM made m CROSS JOIN generate_series(1, 20) k
  JOIN title t ON t.n = (m.n * 13 + k * 577) % 4000
  JOIN phrase p ON p.n = (m.n * 29 + k * 1009) % 4000
  JOIN phrase q ON q.n = (m.n * 3 + k * 2003 + m.n / 4000) % 4000
 GROUP BY m.id;

INSERT INTO flow (account_id, id, author_id, visibility, name, description, type, steps, version, draft_hash, version_hash)
SELECT account, id, person, CASE n % 10 WHEN 0 THEN 'private' ELSE 'public' END, name, '', 'procedural', 20, 1, 'x', 'x' FROM made;
INSERT INTO flow_edit (account_id, flow_id, n, label, name, description, type, structure, intake, hash, person_id)
SELECT account, id, 1, 'Made the flow', name, '', 'procedural', structure, '[]', 'x', person FROM made JOIN doc USING (id);
INSERT INTO flow_version (account_id, flow_id, n, name, description, type, structure, intake, hash, person_id)
SELECT account, id, 1, name, '', 'procedural', structure, '[]', 'x', person FROM made JOIN doc USING (id);

-- An index is filled faster at once than row by row.
DROP INDEX flow_text_head, flow_text_body, flow_text_name;
INSERT INTO flow_text (account_id, flow_id, author_id, visibility, published, archived, name, head, body)
SELECT f.account_id, f.id, f.author_id, f.visibility, true, false, f.name, flow_head(f.name, NULL),
       flow_body(f.name, NULL, f.description, d.structure)
  FROM flow f JOIN doc d USING (id);
CREATE INDEX flow_text_head ON flow_text USING gin (account_id, head);
CREATE INDEX flow_text_body ON flow_text USING gin (account_id, body);
CREATE INDEX flow_text_name ON flow_text USING gin (account_id, name gin_trgm_ops);
INSERT INTO flow_word SELECT DISTINCT account_id, w FROM flow_text, unnest(tsvector_to_array(body)) w ON CONFLICT DO NOTHING;
RESET session_replication_role;
ANALYZE flow, flow_edit, flow_version, flow_text;
