// Workers come and go, and nobody notices: renewal under load, a kill, templates that change, another program.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { API, register } from '../support/accounts.mjs';
import { deadline } from '../support/patience.mjs';
import { replaceProgram } from '../support/program.mjs';
import { startStack } from '../support/stack.mjs';

const RENEWALS = 5;

let stack;
let bearer;
before(async () => {
	stack = await startStack();
	({ access_token: bearer } = await register(stack));
});
after(() => stack?.stop());

async function until(look, what) {
	for (const end = deadline(5); Date.now() < end; await sleep(10))
		if (await look())
			return;
	assert.fail(`not in time: ${what}`);
}

const allNew = before => until(() => stack.workers.length === before.length && stack.workers.every(pid => !before.includes(pid)),
	'every worker is another');

// Clients get and post all the while, and each of their requests must be answered well at the first try.
async function underLoad(name, act) {
	const statuses = { GET: {}, POST: {} };
	let going = true;
	const count = (method, { status }) => { statuses[method][status] = (statuses[method][status] ?? 0) + 1; };
	const clients = [0, 1].flatMap(client => [
		(async () => {
			while (going)
				count('GET', await stack.request('GET', `${API}/auth/me`, { bearer }).catch(error => ({ status: error.message })));
		})(),
		(async () => {
			for (let at = 0; going; at++)
				count('POST', await stack.request('POST', `${API}/teams`, { bearer, json: { name: `${name} ${client}-${at}` } })
					.catch(error => ({ status: error.message })));
		})(),
	]);
	await act().finally(() => { going = false; });
	await Promise.all(clients);
	assert.deepEqual([Object.keys(statuses.GET), Object.keys(statuses.POST)], [['200'], ['201']], JSON.stringify(statuses));
	assert.ok(statuses.GET[200] > 20 && statuses.POST[201] > 20, JSON.stringify(statuses));
	assert.equal((await stack.sql('SELECT count(*)::int AS n FROM team WHERE name LIKE $1', [`${name} %`]))[0].n, statuses.POST[201]);
}

test('five renewals under load lose no request', () => underLoad('Renewal', async () => {
	for (let at = 0; at < RENEWALS; at++) {
		const before = stack.workers;
		stack.programs.worker.kill('SIGHUP');
		await allNew(before);
	}
}));

test('a worker that is killed is replaced, and the next request is answered', async () => {
	const before = stack.workers;
	process.kill(before[0], 'SIGKILL');
	assert.equal((await stack.request('GET', `${API}/auth/me`, { bearer })).status, 200);
	await until(() => stack.workers.length === before.length && !stack.workers.includes(before[0]), 'another worker');
	await until(() => stack.log('worker').includes('event=worker_died'), 'the log names it');
});

// A copy of its own, for other test files run from the same one.
test('a template that is not sound is refused with its place, and the old one stays', async () => {
	fs.cpSync(`${stack.app}/templates`, `${stack.dir}/templates`, { recursive: true });
	await stack.programs.worker.stop();
	stack.startProgram('worker', { TEMPLATES_DIR: `${stack.dir}/templates` });
	await stack.ready();
	const file = `${stack.dir}/templates/people/login.mustache`;
	const sound = fs.readFileSync(file, 'utf8');
	const old = (await stack.request('GET', '/login')).text;
	const workers = stack.workers;
	fs.writeFileSync(file, `${sound.trimEnd()}\n{{no_such_field}}\n`);
	stack.programs.worker.kill('SIGHUP');
	const line = sound.trimEnd().split('\n').length + 1;
	await until(() => new RegExp(`event=load .*people/login\\.mustache:${line}\\b.*no_such_field`).test(stack.log('worker')), 'the log names file and line');
	assert.equal((await stack.request('GET', '/login')).status, 200);
	assert.deepEqual(stack.workers, workers);
	assert.ok(!old.includes('A new word for everybody'));

	fs.writeFileSync(file, `${sound.trimEnd()}\n<p>A new word for everybody</p>\n`);
	stack.programs.worker.kill('SIGHUP');
	await allNew(workers);
	for (let at = 0; at < 5; at++)
		assert.match((await stack.request('GET', '/login')).text, /A new word for everybody/);
});

// The program and the schema that it is for, where they can be replaced.
async function startCopy() {
	const program = `${stack.dir}/resolutionflow`, migrations = `${stack.dir}/migrations`;
	fs.cpSync(stack.settings.MIGRATIONS_DIR, migrations, { recursive: true });
	replaceProgram(`${stack.app}/resolutionflow`, program);
	await stack.programs.worker.stop();
	stack.startProgram('worker', { MIGRATIONS_DIR: migrations }, program);
	await stack.ready();
	return { program, migrations };
}

async function upgrade(program, more) {
	const before = stack.workers;
	replaceProgram(`${stack.app}/resolutionflow`, program, more);
	assert.ok(!stack.programs.worker.runs(program));
	stack.programs.worker.kill('SIGUSR2');
	await allNew(before);
	assert.ok(stack.programs.worker.runs(program));
}

test('another program takes over under load and loses no request; one that could not serve is never begun', async () => {
	const { program, migrations } = await startCopy();
	await underLoad('Upgrade', async () => {
		for (const more of ['a', 'bb', 'ccc'])
			await upgrade(program, more);
	});

	const refused = async why => {
		const workers = stack.workers, from = stack.log('worker').length;
		stack.programs.worker.kill('SIGUSR2');
		await until(() => stack.log('worker').slice(from).includes('event=upgrade_refused'), 'the log says that it is refused');
		assert.match(stack.log('worker').slice(from), why);
		assert.equal((await stack.request('GET', `${API}/auth/me`, { bearer })).status, 200);
		assert.deepEqual(stack.workers, workers);
	};
	fs.writeFileSync(`${program}.new`, 'no program');
	fs.renameSync(`${program}.new`, program);
	await refused(/event=upgrade_failed .*resolutionflow: Permission denied/);
	replaceProgram(`${stack.app}/resolutionflow`, program);
	const next = `${String(fs.readdirSync(migrations).length + 1).padStart(4, '0')}_next.sql`;
	fs.writeFileSync(`${migrations}/${next}`, 'SELECT 1;');
	await refused(/resolutionflow check: .*migrate/);
	fs.rmSync(`${migrations}/${next}`);
	await upgrade(program);

	const sockets = ['worker', 'password'].map(name => `${stack.settings.RUN_DIR}/${name}.sock`);
	assert.deepEqual(sockets.map(fs.existsSync), [true, true]);
	assert.equal((await stack.programs.worker.stop()).code, 0);
	assert.deepEqual(sockets.map(fs.existsSync), [false, false]);
});
