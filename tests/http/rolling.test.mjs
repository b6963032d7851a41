// Workers come and go, and nobody notices: renewal under load, a kill, templates that change.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { API, register } from '../support/accounts.mjs';
import { deadline } from '../support/patience.mjs';
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

test('five renewals under load lose no request', async () => {
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
				count('POST', await stack.request('POST', `${API}/teams`, { bearer, json: { name: `Team ${client}-${at}` } })
					.catch(error => ({ status: error.message })));
		})(),
	]);
	for (let at = 0; at < RENEWALS; at++) {
		const before = stack.workers;
		stack.programs.worker.kill('SIGHUP');
		await allNew(before);
	}
	going = false;
	await Promise.all(clients);
	assert.deepEqual([Object.keys(statuses.GET), Object.keys(statuses.POST)], [['200'], ['201']], JSON.stringify(statuses));
	assert.ok(statuses.GET[200] > 20 && statuses.POST[201] > 20, JSON.stringify(statuses));
	assert.equal((await stack.sql("SELECT count(*)::int AS n FROM team WHERE name LIKE 'Team %'"))[0].n, statuses.POST[201]);
});

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
