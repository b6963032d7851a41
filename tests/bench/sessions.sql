-- A flow of 20 steps in each account, which leads round for ever, and its sessions: `sessions` stand at their fifth
-- step, `ended` ones after them are completed with ten.  Made set by set, the triggers aside.
SET session_replication_role = replica;
SET synchronous_commit = off;

INSERT INTO flow (account_id, id, author_id, visibility, name, description, type, steps, version, draft_hash, version_hash)
SELECT md5('a' || a)::uuid, md5('r' || a)::uuid, md5('p' || a)::uuid, 'public', 'Printer & scanner of a branch', '', 'troubleshooting',
       20, 1, 'r', 'r' FROM generate_series(1, :accounts) a;

INSERT INTO flow_version (account_id, flow_id, n, name, description, type, structure, intake, hash, person_id)
SELECT f.account_id, f.id, 1, f.name, '', f.type, json_build_object('start', 'n1', 'nodes', nodes.all), fields.all, 'r', f.author_id
  FROM flow f, (SELECT json_agg(json_strip_nulls(json_build_object('id', 'n' || k,
	       'kind', CASE WHEN k = 20 THEN 'answer' ELSE 'decision' END, 'title', format('Does the [VAR:device] answer? No. %s', k),
	       'body', format(E'Open the **front panel** of no. %s & look at what it shows. Plain words for the operator.\n\n', k)
	            || 'Is the address [VAR:address]? Compare it with the **label** below, then with the list of the branch.',
	       'help', 'It may take a minute after the switch was restarted.', 'outcome', CASE WHEN k = 20 THEN 'resolved' END,
	       'options', CASE WHEN k < 20 THEN json_build_array(json_build_object('id', 'o1', 'label', 'Yes', 'next', 'n' || 1 + k % 19),
	            json_build_object('id', 'o2', 'label', 'No', 'next', 'n' || k + 1),
	            json_build_object('id', 'o3', 'label', 'The [VAR:device] is off', 'next', 'n20')) END)) ORDER BY k) AS all
	  FROM generate_series(1, 20) k) nodes,
       (SELECT json_agg(json_build_object('name', n, 'label', l, 'kind', 'text', 'required', n <> 'remark', 'help', '')) AS all
	  FROM (VALUES ('device', 'Name of the device'), ('address', 'Address'), ('site', 'Site'), ('remark', 'Remark')) v (n, l)) fields
 WHERE f.draft_hash = 'r';

INSERT INTO session (account_id, id, flow_id, version, owner_id, ticket, client, variables, visit, active, outcome,
                     summary, started_at, completed_at)
SELECT md5('a' || a)::uuid, md5('s' || n)::uuid, md5('r' || a)::uuid, 1, md5('p' || a)::uuid, 'TCK-' || n, 'Branch & Sons',
       '{"device": "PRN-0815", "site": "Main Street 5"}', CASE WHEN ended THEN 10 ELSE 5 END, '10 min',
       CASE WHEN ended THEN 'resolved' END,
       CASE WHEN ended THEN 'A new cable. The client prints again.' ELSE '' END, now() - interval '3 days', CASE WHEN ended THEN now() END
  FROM generate_series(1, :sessions + :ended) n CROSS JOIN LATERAL (SELECT 1 + n % :accounts AS a, n > :sessions AS ended) own;

INSERT INTO visit (account_id, session_id, n, node_id, kind, title, option_id, option_label, notes, again, person_id, entered_at,
                   entered_active, took, answered_at)
SELECT s.account_id, s.id, k, 'n' || k, 'decision', format('Does the [VAR:device] answer? No. %s', k), CASE WHEN done THEN 'o1' END,
       CASE WHEN done THEN 'Yes' END,
       CASE WHEN done THEN 'The operator <' || k || '> of 192.0.2.17 read it out & wrote to ann@branch.example, some eighty characters.' ELSE '' END,
       1, CASE WHEN done THEN s.owner_id END, s.started_at, interval '1 min' * k, CASE WHEN done THEN interval '50 s' END,
       CASE WHEN done THEN s.started_at + interval '1 min' * k END
  FROM session s, generate_series(1, s.visit) k CROSS JOIN LATERAL (SELECT k < s.visit OR s.completed_at IS NOT NULL AS done) d;

-- The words of one of each length, for all of them.
INSERT INTO session_text (account_id, session_id, people, fresh, words)
SELECT s.account_id, s.id, ARRAY[s.owner_id], s.completed_at IS NULL, o.words
  FROM session s JOIN (SELECT DISTINCT ON (visit) visit, session_words(session) AS words FROM session) o ON o.visit = s.visit;
RESET session_replication_role;
