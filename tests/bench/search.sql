-- An account with many flows and one with few, for what is measured of search: flows of 20 steps whose words are
-- as frequent as words are, a few very and most seldom.  Made set by set; the triggers that follow one flow at a time
-- stand aside.  Variables: account, person (of the large one), small, helper (of the small one), flows, few.
SET session_replication_role = replica;
SELECT setseed(0.5);

CREATE TEMP TABLE word AS
SELECT row_number() OVER () AS n, w FROM regexp_split_to_table('check the router and switch for power before you
	restart printer queue then open outlook profile to clear cached password in credential manager wait until light is
	green on firewall vpn tunnel drops when client roams wireless network adapter driver update install windows
	reboot server domain controller replication backup job failed tape library disk volume full shadow copy delete
	old snapshot virtual machine host memory pressure balloon driver terminal session user locked account unlock
	directory group policy apply gpupdate mailbox quota archive exchange hybrid connector certificate expired renew
	binding web site iis pool recycle database log truncate transaction index rebuild maintenance window notify
	customer ticket escalate vendor warranty serial number label scanner toner drum fuser paper jam tray roller
	telephone handset registration sip trunk codec jitter latency packet loss provider line modem signal bridge
	dhcp lease scope exhausted dns resolver forwarder cache flush ping trace route gateway subnet mask static
	address monitor cable dock firmware keyboard mouse headset camera teams meeting room calendar invite share
	onedrive sync conflict sharepoint library permission inherit antivirus quarantine exclusion scan malware
	phishing report training token authenticator enrol device compliance intune autopilot bitlocker recovery key
	laptop battery charger replace hinge screen projector badge door alarm rack ups load transfer switch fan noise
	temperature sensor humidity drive raid rebuild spare controller cache module slot array iscsi path timeout
	accounting invoice export ledger payroll desktop icon missing taskbar frozen explorer search cortana language
	region timezone clock drift ntp source kerberos ticket spn delegation trust forest schema raise level audit
	event viewer filter channel forward collector agent heartbeat missed dashboard widget threshold quiet hours
	onboarding leaver mailing alias forwarding delegate calendar archive hold litigation journal retention label
	barcode till receipt drawer kiosk signage player playlist tablet cart charging asset tag inventory lifecycle
	contract renewal site survey heatmap channel width antenna roaming controller guest portal voucher bandwidth
	throttle shaping queue priority voice video buffer stream codec bitrate upload download mirror proxy bypass
	list category block allow override request approve deny reason comment follow close survey score', '\s+') w;

CREATE FUNCTION pg_temp.sentence(words int) RETURNS text LANGUAGE sql VOLATILE AS $$
	SELECT string_agg(w, ' ') FROM (SELECT word.w FROM (SELECT 1 + floor(power(random(), 3) * (SELECT max(n) FROM word))::bigint AS n
		FROM generate_series(1, $1)) p JOIN word USING (n) ORDER BY random()) x
$$;
CREATE TEMP TABLE phrase AS SELECT n, pg_temp.sentence(9 + n % 7) AS t FROM generate_series(0, 3999) n;
CREATE TEMP TABLE title AS SELECT n, initcap(pg_temp.sentence(3 + n % 4)) AS t FROM generate_series(0, 3999) n;
CREATE UNIQUE INDEX ON phrase (n);
CREATE UNIQUE INDEX ON title (n);

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
RESET session_replication_role;
ANALYZE flow, flow_edit, flow_version, flow_text;
