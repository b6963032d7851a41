-- What the seeds of search say: words as frequent as words are, a few very and most seldom, in phrases and titles.
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
