// A backup of an instance that works on meanwhile, and another cluster that is given the same data by it.
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import fs from 'node:fs';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { API, newAddress, register } from '../support/accounts.mjs';
import { databaseUrl, startCluster } from '../support/cluster.mjs';
import { patient } from '../support/patience.mjs';
import { makeDir, run } from '../support/program.mjs';
import { isGenuine, startReceiver } from '../support/receiver.mjs';
import { codeOf, forgetStep, signInWith, steady, withFactor } from '../support/second_factor.mjs';
import { Stack, settingsFor, startStack } from '../support/stack.mjs';

const HOME = `${process.env.RF_TEST_DIR}/backups-${process.pid}`;
let stack; // what is backed up
let other; // the cluster that it goes to
let good; // the first backup

before(async () => {
	makeDir(HOME);
	stack = await startStack({ jobs: true, settings: { DEMO: 1 } });
	stack.command(['seed-demo']);
	other = await startCluster(makeDir(`${HOME}/other`));
	run('psql', ['-qX', '-d', other.url('postgres')], { input: stack.command(['install-roles']) });
});
after(async () => {
	await stack?.stop();
	await other?.stop();
	fs.rmSync(HOME, { recursive: true, force: true });
});

const pathIn = text => /^(\S+\/resolutionflow-\d{8}T\d{6}(\.\d+)?Z): /.exec(text)[1];
const backup = (dir, ...more) => stack.command(['backup', `${HOME}/${dir}`, ...more]);
const manifestOf = path => JSON.parse(fs.readFileSync(`${path}/manifest.json`, 'utf8'));
const ls = dir => fs.readdirSync(`${HOME}/${dir}`).filter(name => !name.startsWith('.')).sort();
const refuses = (action, why) => assert.throws(action, error => why.test(error.message) || assert.fail(error.message));

async function on(url, text) {
	const client = new pg.Client({ connectionString: url });
	await client.connect();
	try {
		return (await client.query(text)).rows;
	} finally {
		await client.end();
	}
}

async function emptyDatabase(name, cluster = other) {
	await on(cluster.url('postgres'), `CREATE DATABASE ${name}`);
	run('psql', ['-qX', '-d', cluster.url(name)], { input: stack.command(['install-roles']) });
	return cluster.url(name);
}

const restore = (path, database, more = [], settings = {}) => stack.command(['restore', path, ...more], { settings: { DATABASE_URL: database, ...settings } });

// Every row of every table, in the test's own way.
async function rowsOf(url) {
	const tables = await on(url, `SELECT c.oid::regclass::text AS name FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace
		WHERE relkind = 'r' AND nspname NOT LIKE 'pg\\_%' AND nspname <> 'information_schema' ORDER BY 1`);
	const found = {};
	for (const { name } of tables)
		found[name] = (await on(url, `SELECT md5(to_jsonb(t)::text) AS hash FROM ${name} t ORDER BY 1`)).map(row => row.hash);
	return found;
}

// What the database is, apart from the rows; the server sets fewer brackets where it reads its own.
const schemaOf = url => run('pg_dump', ['--schema-only', '-d', url]).split('\n').filter(line => !/^\\(un)?restrict /.test(line)).map(line => line.replace(/[()]/g, ''));

test('a backup of a database that is written to is of one moment', async () => {
	await register(stack);
	let writing = true;
	let written = 0;
	const writers = [1, 2].map(async () => {
		for (; writing; written++)
			await register(stack);
	});
	await sleep(300);
	const said = await new Promise((resolve, reject) => {
		const child = spawn('setpriv', ['--reuid=postgres', '--regid=postgres', '--init-groups', '--', `${stack.app}/resolutionflow`, 'backup', `${HOME}/while`],
			{ env: { PATH: `/usr/lib/postgresql/15/bin:${process.env.PATH}`, ...Object.fromEntries(Object.entries(stack.settings).map(([name, value]) => [name, String(value)])) } });
		let text = '';
		for (const stream of [child.stdout, child.stderr])
			stream.on('data', data => { text += data; });
		child.on('exit', code => (code === 0 ? resolve(text) : reject(new Error(text))));
	});
	writing = false;
	await Promise.all(writers);
	assert.ok(written > 3, `${written} accounts meanwhile`);
	const path = pathIn(said);
	const database = await emptyDatabase('meanwhile');
	assert.match(restore(path, database), /^Restored, and compared row by row: \d+ rows of \d+ tables/);
	const [{ people, accounts }] = await on(database, 'SELECT (SELECT count(*) FROM person WHERE is_owner) AS people, (SELECT count(*) FROM account) AS accounts');
	assert.equal(people, accounts, 'no account without its owner');
});

test('another cluster has the same rows, schema and rights, and the product goes on there', async () => {
	await steady();
	const ann = await withFactor(stack, await register(stack, { email: newAddress('kept') }));
	const receiver = await startReceiver();
	const made = await stack.request('POST', `${API}/webhooks`, { bearer: ann.access_token, json: { name: 'Ours', url: receiver.url('/x'), kind: 'json', events: ['handoff_created'] } });
	assert.equal(made.status, 201, made.text);
	await stack.kill('jobs', 'SIGTERM');
	await stack.kill('worker', 'SIGTERM');
	const said = backup('good');
	good = pathIn(said);
	assert.match(said, /MASTER_SECRET, without which/);
	const manifest = manifestOf(good);
	assert.ok(said.includes(manifest.secret) && !fs.readFileSync(`${good}/manifest.json`, 'utf8').includes(stack.settings.MASTER_SECRET));
	const people = manifest.tables.find(table => table.name === 'public.person');
	assert.equal(people.rows, Number((await stack.sql('SELECT count(*) FROM person'))[0].count));
	for (const file of ['', '/manifest.json', '/database.dump'])
		assert.equal(fs.statSync(good + file).mode & 0o077, 0, file);
	const database = await emptyDatabase('restored');
	assert.match(restore(good, database), /All that is sealed opens by this MASTER_SECRET\./);
	assert.deepEqual(await rowsOf(database), await rowsOf(stack.database));
	const [now, then] = [database, stack.database].map(schemaOf);
	assert.deepEqual(now.filter(line => !then.includes(line)), []);
	assert.deepEqual(now, then);

	const twin = await new Stack(makeDir(`${HOME}/twin`), stack.app, other.sockets, { template: 'restored', settings: { MASTER_SECRET: stack.settings.MASTER_SECRET, DEMO: 1 }, jobs: true }).start();
	try {
		await forgetStep(twin, ann.user.id);
		const again = await signInWith(twin, ann.email, codeOf(ann.secret));
		assert.equal(again.status, 200, `the second factor opens: ${again.text}`);
		assert.equal((await twin.request('GET', `${API}/auth/me`, { bearer: ann.access_token })).status, 200, 'the sign-in of before holds');
		const called = await twin.request('POST', `${API}/webhooks/${made.json.id}/test`, { bearer: ann.access_token });
		assert.equal(called.status, 202, called.text);
		const [call] = await receiver.heard(1);
		assert.ok(isGenuine(call, made.json.secret), 'the secret of the webhook opens');
		assert.match(twin.command(['check']), /^$/);
		assert.match(twin.command(['migrate']), /^$/);
		assert.match(twin.command(['backup', `${HOME}/again`]), /rows of/);
	} finally {
		await twin.stop();
		await receiver.stop();
	}
	stack.startProgram('worker');
	await stack.ready();
});

test('what is not whole is refused, and nothing is written', async () => {
	const database = await emptyDatabase('untouched');
	let copies = 0;
	const copy = change => {
		const path = `${HOME}/changed-${copies++}`;
		fs.cpSync(good, path, { recursive: true });
		change(path, manifestOf(path));
		execFileSync('chmod', ['-R', 'a+rX', path]);
		return path;
	};
	const rewrite = more => copy((path, manifest) => fs.writeFileSync(`${path}/manifest.json`, JSON.stringify({ ...manifest, ...more })));
	const spoil = at => copy(path => {
		const file = fs.openSync(`${path}/database.dump`, 'r+');
		fs.writeSync(file, Buffer.from([0x5a, 0xa5]), 0, 2, at < 0 ? fs.fstatSync(file).size + at : at);
		fs.closeSync(file);
	});
	const size = fs.statSync(`${good}/database.dump`).size;
	for (const [path, why] of [
		[spoil(0), /is damaged/], [spoil(size >> 1), /is damaged/], [spoil(-2), /is damaged/],
		[copy(path => fs.truncateSync(`${path}/database.dump`, size - 1)), /is damaged/],
		[copy(path => fs.rmSync(`${path}/database.dump`)), /database.dump: No such file/],
		[copy(path => fs.rmSync(`${path}/manifest.json`)), /manifest.json: No such file/],
		[copy(path => fs.truncateSync(`${path}/manifest.json`, 100)), /the manifest is damaged/],
		[rewrite({ format: 2 }), /a form that this version does not know/],
		[rewrite({ schema: 9999 }), /of schema 9999, and this version knows \d+/],
		[rewrite({ secret: 'anotheR1' }), /sealed by the MASTER_SECRET named anotheR1/],
		[`${HOME}/nowhere`, /No such file/],
	]) {
		refuses(() => restore(path, database), why);
		if (/damaged/.test(String(why)))
			refuses(() => stack.command(['backup', 'check', path]), why);
	}
	refuses(() => restore(good, database, [], { MASTER_SECRET: 'another one, of more than thirty-two bytes' }), /sealed by the MASTER_SECRET named/);
	assert.deepEqual(await rowsOf(database), {});
	const lying = manifestOf(good);
	lying.tables.find(table => table.name === 'public.person').sum = '1';
	refuses(() => restore(rewrite({ tables: lying.tables }), database), /not as in the backup: public.person had/);
	refuses(() => restore(good, database), /the database is not empty: it has public\./);
	const another = { MASTER_SECRET: 'another one, of more than thirty-two bytes' };
	assert.match(restore(good, await emptyDatabase('elsewhere'), ['--other-secret'], another), /This MASTER_SECRET does NOT open second factors: 1, secrets of webhooks: 1\. Set the one/);
	const doctor = run('sh', ['-c', '"$0" doctor --json || :', `${stack.app}/resolutionflow`], { env: { ...stack.settings, ...another, DATABASE_URL: other.url('elsewhere') } });
	const finding = JSON.parse(doctor).find(({ check }) => check === 'sealed secrets');
	assert.deepEqual([finding.state, finding.found], ['fail', 'MASTER_SECRET does not open second factors: 1, secrets of webhooks: 1']);
	const later = restore(good, await emptyDatabase('later'), [], { ...another, MASTER_SECRET_PREVIOUS: stack.settings.MASTER_SECRET });
	assert.match(later, /All that is sealed opens[^]*only by MASTER_SECRET_PREVIOUS: run resolutionflow reseal/);
	assert.match(stack.command(['backup', 'check', good]), /^Whole: \d+ rows/);
});

test('a restore that breaks off leaves an empty database', async () => {
	const database = await emptyDatabase('broken');
	await on(database, `CREATE FUNCTION public.uuid7() RETURNS int LANGUAGE sql AS 'SELECT 1'`); // a name that it wants
	refuses(() => restore(good, database), /pg_restore has failed/);
	assert.deepEqual(await rowsOf(database), {});
	await on(database, 'DROP FUNCTION public.uuid7()');
	restore(good, database);
	const bare = await startCluster(makeDir(`${HOME}/bare`));
	try {
		refuses(() => restore(good, bare.url('postgres')), /rf_backup|rf_owner/);
	} finally {
		await bare.stop();
	}
});

test('one that was killed leaves nothing that looks whole, and the next clears it away', async () => {
	const dir = `${HOME}/killed`;
	makeDir(dir);
	let caught = 0;
	for (const wait of [5, 40, 80, 120, 160, 200, 300]) {
		const child = spawn('setpriv', ['--reuid=postgres', '--regid=postgres', '--init-groups', '--', `${stack.app}/resolutionflow`, 'backup', dir],
			{ stdio: 'ignore', env: { PATH: `/usr/lib/postgresql/15/bin:${process.env.PATH}`, ...Object.fromEntries(Object.entries(stack.settings).map(([name, value]) => [name, String(value)])) } });
		const ended = new Promise(resolve => child.once('exit', resolve));
		await sleep(patient(wait));
		child.kill('SIGKILL');
		await ended;
		caught += fs.existsSync(`${dir}/.making`);
		for (const name of ls('killed'))
			stack.command(['backup', 'check', `${dir}/${name}`]);
	}
	assert.ok(caught > 0, 'one was killed amid its work');
	backup('killed');
	assert.equal(fs.existsSync(`${dir}/.making`), false);
});

test('so many are kept, the newest, and of two at once one is refused', async () => {
	for (let n = 0; n < 3; n++)
		backup('some');
	const before = ls('some');
	const last = pathIn(backup('some', '--keep', '2'));
	assert.deepEqual(ls('some'), [before.at(-1), last.split('/').at(-1)]);
	for (const wrong of ['0', '-1', 'x'])
		refuses(() => backup('some', `--keep=${wrong}`), /--keep wants a number/);
	const held = spawn('flock', [`${HOME}/some/.lock`, 'sleep', '30']);
	await sleep(200);
	refuses(() => backup('some'), /another backup is being made/);
	held.kill();
	assert.equal(ls('some').length, 2);
});

test('the line of the nightly unit makes one and keeps as many as it says', () => {
	const unit = fs.readFileSync('bin/systemd/backup.conf', 'utf8');
	const [, program, words] = /^ExecStart=@PREFIX@\/bin\/(\S+) (.*)$/m.exec(unit);
	const dir = makeDir(`${HOME}/nightly`);
	const args = words.replace('/var/lib/resolutionflow/backup', dir).split(' ');
	assert.ok(args.includes(dir), 'where the unit may write');
	assert.match(unit, /^StateDirectory=resolutionflow\/backup$/m);
	for (let day = 10; day < 25; day++)
		fs.cpSync(good, `${dir}/resolutionflow-202601${day}T023000Z`, { recursive: true });
	execFileSync('chown', ['-R', '--reference', dir, dir]);
	const path = pathIn(run(`${stack.app}/${program}`, args, { env: stack.settings }));
	assert.match(stack.command(['backup', 'check', path]), /^Whole/);
	assert.deepEqual([ls('nightly').length, ls('nightly')[0]], [14, 'resolutionflow-20260112T023000Z']);
});

test('no password stands among the arguments of a program', async () => {
	const shim = makeDir(`${HOME}/shim`);
	fs.writeFileSync(`${shim}/pg_dump`, `#!/bin/sh\nprintf '%s\\n' "$@" >${shim}/arguments\nenv | grep ^PG >${shim}/environment\nexit 1\n`, { mode: 0o755 });
	refuses(() => stack.command(['backup', `${HOME}/shimmed`], { settings: { PATH: `${shim}:${process.env.PATH}`, DATABASE_URL: `${stack.database}&password=pass-word-1` } }), /pg_dump has failed/);
	assert.doesNotMatch(fs.readFileSync(`${shim}/arguments`, 'utf8'), /pass-word-1|host=/);
	assert.match(fs.readFileSync(`${shim}/environment`, 'utf8'), /^PGPASSWORD=pass-word-1$/m);
	assert.deepEqual(ls('shimmed'), []);
	refuses(() => stack.command(['backup', `${HOME}/none`], { settings: { PATH: '/nowhere' } }), /pg_dump can't be run: install PostgreSQL's client programs|setpriv/);
});
