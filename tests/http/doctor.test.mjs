// `resolutionflow doctor`: each of its checks, made to find what it is for.
import assert from 'node:assert/strict';
import { execFile, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { register } from '../support/accounts.mjs';
import { startCluster } from '../support/cluster.mjs';
import { PATH, give, makeDir, run } from '../support/program.mjs';
import { beginTotp } from '../support/second_factor.mjs';
import { startSmtp } from '../support/smtp.mjs';
import { Stack, TEMPLATE, settingsFor } from '../support/stack.mjs';

const AS = ['--reuid=postgres', '--regid=postgres', '--init-groups', '--'];

let cluster;
let stack;
let good; // settings of which nothing is to be said

// A server of its own, for roles are the whole server's, and this one is set as one should be.
async function startOwn() {
	const app = process.env.RF_TEST_APP;
	const home = makeDir(fs.mkdtempSync(`${process.env.RF_TEST_DIR}/d-`));
	cluster = await startCluster(home, { fsync: 'on', full_page_writes: 'on', synchronous_commit: 'on' });
	const env = settingsFor({ app, dir: home, database: cluster.url(TEMPLATE), base: 'http://127.0.0.1' });
	const psql = (name, input) => run('psql', ['-qX', '-v', 'ON_ERROR_STOP=1', '-d', cluster.url(name)], { input });
	psql('postgres', `CREATE DATABASE ${TEMPLATE}`);
	psql(TEMPLATE, run(`${app}/resolutionflow`, ['install-roles'], { env }));
	run(`${app}/resolutionflow`, ['migrate'], { env });
	return new Stack(makeDir(`${home}/s`), app, cluster.sockets, { hub: true, jobs: true }).start();
}

// Of few hashes any order is whole, so long as it is one.
function makeList(hashes = ['0', '7', 'F']) {
	const file = `${makeDir(`${stack.dir}/lists`)}/${hashes.join('')}`;
	fs.writeFileSync(file, hashes.map(digit => `${digit.repeat(40)}:1\n`).join(''));
	return give(file);
}

before(async () => {
	stack = await startOwn();
	good = { ...stack.settings, BASE_URL: 'https://flow.example', MAIL_MODE: 'smtp', SMTP_URL: 'smtp://127.0.0.1:9', MAIL_FROM: 'Flow <flow@example.com>', BREACHED_PASSWORDS: makeList() };
	fs.chmodSync(`${stack.dir}/run`, 0o700);
	fs.chmodSync(stack.settings.ARCHIVE_DIR, 0o2750);
});
after(async () => {
	await stack?.stop();
	await cluster?.stop();
});

// { status, findings: {check: {state, found, advice}} }
function look(settings = {}, more = []) {
	const env = { PATH, ...good, ...settings };
	for (const name of Object.keys(env).filter(name => env[name] === undefined))
		delete env[name];
	const done = spawnSync('setpriv', [...AS, `${stack.app}/resolutionflow`, 'doctor', '--json', '--nginx', `${stack.dir}/nginx`, ...more], { env, encoding: 'utf8' });
	const findings = Object.fromEntries(JSON.parse(done.stdout).map(({ check, ...finding }) => [check, finding]));
	return { status: done.status, findings, stderr: done.stderr };
}

// What this test's own server lacks.
const EXPECTED = { checksums: /off/ };
const bad = ({ findings }) => Object.keys(findings).filter(check => !['ok', 'skip'].includes(findings[check].state) && !EXPECTED[check]);

function finds(check, state, found, answer) {
	assert.deepEqual(bad(answer), [check], JSON.stringify(answer.findings[bad(answer)[0]]));
	assert.equal(answer.findings[check].state, state);
	assert.match(answer.findings[check].found, found);
	assert.ok(answer.findings[check].advice);
}

async function with_(change, undo, action) {
	await stack.sql(change);
	try {
		return action();
	} finally {
		await stack.sql(undo);
	}
}

test('of a sound installation it says nothing but what this cluster lacks', () => {
	const answer = look();
	assert.deepEqual(bad(answer), [], bad(answer).map(check => `${check}: ${answer.findings[check].found}`).join('\n'));
	for (const [check, found] of Object.entries(EXPECTED))
		assert.match(answer.findings[check].found, found);
	assert.equal(answer.status, 1);
	assert.equal(answer.stderr, '');
	assert.ok(Object.keys(answer.findings).length > 25);
	const plain = spawnSync(`${stack.app}/resolutionflow`, ['doctor'], { env: {}, encoding: 'utf8' });
	assert.match(plain.stdout, /^state {2}check {5}found .*advice\nfail {3}settings {2}DATABASE_URL is missing/);
	assert.equal(plain.status, 2);
});

test('settings', () => {
	finds('MASTER_SECRET', 'fail', /made of 2 characters/, look({ MASTER_SECRET: 'ab'.repeat(20) }));
	finds('BASE_URL', 'fail', /http:\/\/flow.example is not encrypted/, look({ BASE_URL: 'http://flow.example' }));
	finds('BASE_URL', 'warn', /not encrypted/, look({ BASE_URL: stack.base }));
	finds('DEMO', 'fail', /every mail to everybody/, look({ DEMO: '1' }));
	finds('mail', 'warn', /mails reach nobody/, look({ MAIL_MODE: 'file' }));
	finds('mail', 'warn', /noreply@localhost/, look({ MAIL_FROM: undefined }));
	finds('BREACHED_PASSWORDS', 'warn', /no list/, look({ BREACHED_PASSWORDS: undefined }));
	finds('BREACHED_PASSWORDS', 'fail', /not sorted by hash/, look({ BREACHED_PASSWORDS: makeList(['7', '0', 'F']) }));
	finds('BREACHED_PASSWORDS', 'fail', /No such file/, look({ BREACHED_PASSWORDS: '/nowhere' }));
	finds('templates and files', 'fail', /home\.mustache: there is no such file/, look({ TEMPLATES_DIR: '/nowhere' }));
	const file = `${makeDir(`${stack.dir}/secrets`)}/master`;
	fs.writeFileSync(file, good.MASTER_SECRET);
	fs.chmodSync(`${stack.dir}/secrets`, 0o755);
	fs.chmodSync(file, 0o644);
	finds('secrets in files', 'fail', /can be read or written by others \(644\)/, look({ MASTER_SECRET: undefined, MASTER_SECRET_FILE: file }));
	for (const [name, value] of [['MASTER_SECRET', 'short'], ['WORKERS', 'x'], ['MAIL_MODE', 'pigeon']])
		assert.match(look({ [name]: value }).findings.settings.found, new RegExp(name));
});

test('the mail server is greeted where that is asked for', async () => {
	assert.equal(look().findings['mail server'].state, 'skip');
	finds('mail server', 'fail', /connect/i, look({}, ['--mail']));
	const smtp = await startSmtp();
	const settings = { SMTP_URL: smtp.url };
	const asked = await new Promise(resolve => execFile('setpriv', [...AS, `${stack.app}/resolutionflow`, 'doctor', '--json', '--mail'], { env: { PATH, ...good, ...settings } }, (_, out) => resolve(JSON.parse(out))));
	assert.equal(asked.find(({ check }) => check === 'mail server').state, 'ok');
	assert.match(smtp.commands.join('\n'), /^EHLO/);
	assert.equal(smtp.mails.length, 0);
	await smtp.stop();
});

test('the database: away, without roles, with too much power', async () => {
	const away = look({ DATABASE_URL: 'postgresql:///nowhere?host=/nowhere' });
	assert.equal(away.findings.database.state, 'fail');
	for (const check of ['roles', 'walls', 'schema', 'clock', 'what waits too long'])
		assert.equal(away.findings[check].state, 'fail', check);
	finds("roles' sign-ins", 'fail', /./, look({ HUB_DATABASE_URL: 'postgresql:///nowhere?host=/nowhere' }));
	for (const [power, name] of [['SUPERUSER', 'rf_worker is a superuser'], ['BYPASSRLS', 'rf_worker passes the walls'], ['CREATEROLE', 'rf_worker makes roles']])
		await with_(`ALTER ROLE rf_worker ${power}`, `ALTER ROLE rf_worker NO${power}`, () => finds("roles' rights", 'fail', new RegExp(name), look()));
	await with_('ALTER ROLE rf_backup RENAME TO rf_else', 'ALTER ROLE rf_else RENAME TO rf_backup', () => {
		const answer = look();
		assert.deepEqual(bad(answer), ['roles', "roles' sign-ins"]);
		assert.equal(answer.findings.roles.found, 'rf_backup');
	});
	await with_('GRANT rf_owner TO rf_worker', 'REVOKE rf_owner FROM rf_worker', () => finds("roles' rights", 'fail', /rf_worker is a member of rf_owner/, look()));
	await with_('CREATE TABLE mine (); ALTER TABLE mine OWNER TO rf_hub', 'DROP TABLE mine', () => finds("roles' belongings", 'fail', /rf_hub owns mine/, look()));
});

test('how the server is set', async () => {
	for (const [setting, value] of [['synchronous_commit', 'on'], ['autovacuum', 'on']]) {
		const [change, undo] = setting === 'autovacuum' ? ['ALTER SYSTEM SET autovacuum = off', 'ALTER SYSTEM RESET autovacuum'] : [`ALTER DATABASE ${stack.name} SET ${setting} = off`, `ALTER DATABASE ${stack.name} SET ${setting} = ${value}`];
		await stack.sql(change);
		await stack.sql('SELECT pg_reload_conf()');
		await sleep(200);
		finds('PostgreSQL', 'fail', new RegExp(`^${setting} is off$`), look());
		await stack.sql(undo);
		await stack.sql('SELECT pg_reload_conf()');
	}
	await sleep(200);
	finds('connections', 'fail', /300 are allowed, and the programs take up to 330/, look({ WORKERS: '256', PASSWORD_WORKERS: '64' }));
});

test('the schema: walls, doors, indexes, version', async () => {
	await with_('ALTER TABLE flow NO FORCE ROW LEVEL SECURITY', 'ALTER TABLE flow FORCE ROW LEVEL SECURITY', () => finds('walls', 'fail', /^flow$/, look()));
	await with_('ALTER TABLE session DISABLE ROW LEVEL SECURITY', 'ALTER TABLE session ENABLE ROW LEVEL SECURITY', () => finds('walls', 'fail', /^session$/, look()));
	await with_('CREATE TABLE forgotten (account_id uuid)', 'DROP TABLE forgotten', () => finds('walls', 'fail', /^forgotten$/, look()));
	await with_('CREATE FUNCTION door.loose() RETURNS int LANGUAGE sql SECURITY DEFINER AS $$ SELECT 1 $$', 'DROP FUNCTION door.loose()', () => finds('doors', 'fail', /door\.loose\(\)/, look()));
	await with_('UPDATE pg_index SET indisvalid = false WHERE indexrelid = $$person_by_name$$::regclass', 'UPDATE pg_index SET indisvalid = true WHERE indexrelid = $$person_by_name$$::regclass', () => finds('indexes', 'fail', /person_by_name/, look()));
	const files = makeDir(`${stack.dir}/newer`);
	fs.cpSync(`${stack.app}/migrations`, files, { recursive: true });
	const next = String(fs.readdirSync(files).length + 1).padStart(4, '0');
	fs.writeFileSync(`${files}/${next}_later.sql`, 'SELECT 1;');
	finds('schema', 'fail', /schema|migrat/, (() => {
		const answer = look({ MIGRATIONS_DIR: files });
		for (const check of ['sealed secrets', 'what waits too long', 'audit log', 'housekeeping', 'what has failed'])
			delete answer.findings[check];
		return answer;
	})());
});

test('what is sealed by another secret', async () => {
	const ann = await register(stack);
	assert.equal((await beginTotp(stack, ann)).status, 201);
	const another = { MASTER_SECRET: 'another one, of more than thirty-two bytes' };
	assert.equal(look().findings['sealed secrets'].state, 'ok');
	finds('sealed secrets', 'fail', /^MASTER_SECRET does not open second factors: 1$/, look(another));
	const both = look({ ...another, MASTER_SECRET_PREVIOUS: good.MASTER_SECRET });
	finds('sealed secrets', 'warn', /^only MASTER_SECRET_PREVIOUS opens second factors: 1$/, both);
	assert.equal(both.findings['sealed secrets'].advice, 'Run resolutionflow reseal.');
	await stack.sql('DELETE FROM second_factor');
});

test('what waits, what is late, what has failed', async () => {
	const { user } = await register(stack);
	const job = (state, run_at = 'now()') => `INSERT INTO job (account_id, kind, state, run_at, finished_at, last_error) VALUES ('${user.account.id}', 'odd', '${state}', ${run_at}, now(), 'It broke')`;
	const clear = `DELETE FROM job WHERE kind = 'odd'`;
	await with_(job('dead'), clear, () => finds('what has failed', 'warn', /^1 odd: It broke$/, look()));
	await with_(job('queued', `now() - interval '1 hour'`), clear, () => finds('what waits too long', 'warn', /^1 odd, the oldest since \d{4}-/, look()));
	await with_(`INSERT INTO outbox (account_id, recipient, subject, body_text, state, failed_at, last_error) VALUES ('${user.account.id}', 'x@example.com', 's', 't', 'failed', now(), '550 no')`,
		`DELETE FROM outbox WHERE state = 'failed'`, () => finds('what has failed', 'warn', /^1 mails: 550 no$/, look()));
	await stack.kill('jobs', 'SIGTERM');
	await with_(`UPDATE job_period SET last_at = now() - interval '3 days' WHERE name = 'sweep_events'`, `UPDATE job_period SET last_at = now()`, () => finds('housekeeping', 'warn', /^sweep_events: last at \d{4}-/, look()));
	await with_(`INSERT INTO audit_due (id, account_id, at) VALUES (uuid7(), '${user.account.id}', now() - interval '11 minutes')`, 'DELETE FROM audit_due',
		() => finds('audit log', 'warn', /^without a seal for too long: 1, the oldest of \d{4}-/, look()));
	stack.startProgram('jobs');
});

test('where archives are written, and how old the newest backup is', () => {
	const archives = stack.settings.ARCHIVE_DIR;
	for (const [mode, found] of [[0o2755, /everybody on this machine may enter/], [0o750, /nginx can't read what is written to .* \(750\)/], [0o2700, /nginx can't read/]]) {
		fs.chmodSync(archives, mode);
		finds('ARCHIVE_DIR', 'fail', found, look());
	}
	fs.chmodSync(archives, 0o2750);
	finds('ARCHIVE_DIR', 'fail', /No such file/, look({ ARCHIVE_DIR: '/nowhere' }));
	assert.equal(look({ ARCHIVE_DIR: undefined }).findings.ARCHIVE_DIR.state, 'skip');

	const backups = makeDir(`${stack.dir}/backups`);
	const at = hours => new Date(Date.now() - hours * 3600e3).toISOString().replace(/[-:]|\.\d+/g, '');
	const ask = () => look({}, ['--backups', backups]);
	assert.equal(look({}, ['--backups', '/nowhere']).findings.backups.state, 'skip');
	finds('backups', 'warn', /holds none$/, ask());
	for (const name of ['.making', 'resolutionflow-old', `resolutionflow-${at(72)}`, `resolutionflow-${at(49)}`])
		makeDir(`${backups}/${name}`);
	finds('backups', 'warn', new RegExp(`the newest in .* is of ${new Date(Date.now() - 49 * 3600e3).toISOString().slice(0, 10)}T`), ask());
	makeDir(`${backups}/resolutionflow-${at(47).replace('Z', '.123456Z')}`);
	assert.equal(ask().findings.backups.state, 'ok');
});

test('the certificate of the site: its key, its name, its days', () => {
	const dir = makeDir(`${stack.dir}/site`);
	const make = (name, days, host = 'flow.example') => run('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes',
		'-days', String(days), '-subj', `/CN=${host}`, '-addext', `subjectAltName=DNS:${host},IP:10.0.0.7`, '-out', `${dir}/${name}.pem`, '-keyout', `${dir}/${name}.key`]);
	const site = (cert, key = cert) => fs.writeFileSync(`${dir}/listen.conf`, `server_name flow.example;\nlisten 443 ssl;\nssl_certificate ${dir}/${cert}.pem;\n\tssl_certificate_key  "${dir}/${key}.key";\n`);
	const ask = (settings = {}) => look(settings, ['--nginx', dir]).findings.certificate;
	const says = (state, found, finding) => {
		assert.deepEqual([finding.state, found.test(finding.found) || finding.found], [state, true]);
	};
	assert.equal(look().findings.certificate.state, 'skip', 'plain http');
	says('skip', /listen\.conf: No such file/, ask());
	for (const [name, days] of [['good', 30], ['soon', 20], ['other', 30]])
		make(name, days);
	make('strange', 30, 'else.example');
	site('good');
	says('ok', /well/, ask());
	says('ok', /well/, ask({ BASE_URL: 'https://10.0.0.7:8443' }));
	says('fail', /good\.pem does not name www\.flow\.example$/, ask({ BASE_URL: 'https://www.flow.example' }));
	site('soon');
	says('warn', /soon\.pem expires in 19 days$/, ask());
	site('good', 'other');
	says('fail', /good\.pem is of another key/, ask());
	site('strange');
	says('fail', /strange\.pem does not name flow\.example$/, ask());
	make('old', 30);
	run('sh', ['-c', `cd ${dir} && openssl req -new -key old.key -subj /CN=flow.example -addext subjectAltName=DNS:flow.example -out old.csr && mkdir -p ca && : >ca/index && echo 01 >ca/serial &&
		printf '[ca]\ndefault_ca=me\n[me]\ndatabase=ca/index\nserial=ca/serial\nnew_certs_dir=ca\ndefault_md=sha256\npolicy=any\ncopy_extensions=copy\n[any]\ncommonName=supplied\n' >ca.conf &&
		openssl ca -batch -config ca.conf -selfsign -keyfile old.key -in old.csr -startdate 20260101000000Z -enddate 20260201000000Z -out old.pem -notext`]);
	site('old');
	says('fail', /old\.pem has expired at 2026-02-01T00:00:00Z$/, ask());
	site('none');
	says('fail', /none\.pem: No such file/, ask());
	fs.writeFileSync(`${dir}/none.pem`, 'no certificate');
	says('fail', /none\.pem is no certificate/, ask());
	site('good');
	fs.chmodSync(`${dir}/good.key`, 0);
	const finding = ask();
	says('skip', /good\.key: Permission denied/, finding);
	assert.match(finding.advice, /as root: resolutionflow-ctl doctor/);
	const rooted = spawnSync(`${stack.app}/resolutionflow`, ['--user', 'postgres', 'doctor', '--json', '--nginx', dir], { env: { PATH, ...good }, encoding: 'utf8' });
	const findings = JSON.parse(rooted.stdout);
	if (process.getuid() === 0)
		assert.equal(findings.find(({ check }) => check === 'certificate').state, 'ok', 'root reads it, and then becomes the other');
	assert.equal(findings.find(({ check }) => check === 'database').state, 'ok');
});

test('nginx reads the settings of the site', () => {
	const check = "nginx's settings";
	assert.equal(look().findings[check].state, 'ok');
	assert.equal(look({}, ['--nginx', '/nowhere']).findings[check].state, 'skip');
	const listen = `${stack.dir}/nginx/listen.conf`;
	const text = fs.readFileSync(listen, 'utf8');
	fs.writeFileSync(listen, `${text}listen nonsense here;\n`);
	finds(check, 'fail', /^host not found in "nonsense" .*listen\.conf:\d+/, look());
	fs.writeFileSync(listen, text);
	assert.equal(look({ PATH: '/nowhere:/usr/bin' }).findings[check].state, 'ok', 'where a package puts it');
	const conf = `${stack.dir}/nginx/nginx.conf`;
	const whole = fs.readFileSync(conf, 'utf8');
	fs.writeFileSync(conf, `pid ${stack.dir}/nginx/other.pid;\nevents {}\n`);
	finds(check, 'fail', /do not include this site/, look());
	fs.writeFileSync(conf, whole);
});

test('the programs, their sockets and nginx', async () => {
	fs.chmodSync(`${stack.dir}/run`, 0o755);
	finds('RUN_DIR', 'fail', /everybody on this machine may enter/, look());
	fs.chmodSync(`${stack.dir}/run`, 0o700);
	fs.appendFileSync(`${stack.dir}/nginx/pool.map`, '# older\n');
	finds("nginx's map of routes", 'fail', /of another version/, look());
	assert.equal(look({}, ['--nginx', '/nowhere']).findings["nginx's map of routes"].state, 'skip');
	fs.writeFileSync(`${stack.dir}/nginx/pool.map`, stack.command(['routes', '--nginx']));
	await stack.kill('hub');
	finds('hub', 'fail', /hub\.sock: (Connection refused|No such file)/, look());
	await stack.startHub();
	await stack.kill('worker', 'SIGTERM');
	const answer = look();
	assert.deepEqual(bad(answer), ['worker', 'worker for passwords']);
	stack.startProgram('worker');
	await stack.ready();
	process.kill(stack.programs.worker.pid, 'SIGSTOP');
	for (const pid of stack.workers)
		process.kill(pid, 'SIGSTOP');
	try {
		assert.match(look().findings.worker.found, /no worker answers/);
	} finally {
		for (const pid of [stack.programs.worker.pid, ...stack.workers])
			process.kill(pid, 'SIGCONT');
	}
	await stack.ready();
	assert.deepEqual(bad(look()), []);
});
