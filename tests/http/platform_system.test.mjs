// The system page and its API: what waits, what was given up and is tried again or dropped, who runs, what is slow.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { isProblem, browser, register } from '../support/accounts.mjs';
import { done, operator, told } from '../support/platform.mjs';
import { deadline } from '../support/patience.mjs';
import { startStack } from '../support/stack.mjs';

let stack;
let root;
let acme;
before(async () => {
	stack = await startStack({ jobs: true });
	root = await operator(stack);
	acme = await register(stack, { account_name: 'Acme IT' });
});
after(() => stack?.stop());

const system = () => done(root.call('GET', 'system'));
const dead = async (kind, more = {}) => {
	const [{ id }] = await stack.sql(`INSERT INTO job (account_id, kind, payload, state, attempts, last_error, finished_at, unique_key)
		VALUES ($1, $2, '{"password": "hunter2"}', 'dead', 5, 'it broke', now(), $3) RETURNING id`, [acme.user.account.id, kind, more.key ?? null]);
	return id;
};

test('versions, queues, programs, tables and migrations are told', async () => {
	const s = await system();
	assert.ok(s.schema >= 15);
	assert.equal(s.migrations[0].number, s.schema);
	assert.match(s.version, /^\d+\.\d+/);
	assert.ok(s.disk_bytes > s.disk_left && s.disk_left > 0);
	assert.match(s.postgresql, /^\d+\.\d+/);
	assert.ok(s.database_bytes > 1e6);
	assert.deepEqual(s.queues.map(queue => queue.name), ['jobs', 'mails', 'calls']);
	assert.ok(s.programs.some(program => /worker/.test(program.name)), JSON.stringify(s.programs));
	assert.ok(s.programs.some(program => /jobs/.test(program.name)), JSON.stringify(s.programs));
	assert.ok(s.tables.length === 10 && s.tables[0].bytes >= s.tables[9].bytes);
	const route = s.routes.find(row => row.route === '/api/v1/platform/system' || row.route === '/api/v1/auth/register');
	assert.ok(route.requests > 0 && route.p50_us <= route.p99_us || route.p99_us === -1, JSON.stringify(route));
});

test('housekeeping tells when it was done last', async () => {
	for (const end = deadline(10); !(await system()).chores.some(chore => chore.name === 'end_looks' && chore.last_at);)
		assert.ok(Date.now() < end, 'done by now');
});

test('the oldest transaction is somebody\'s, and not the page\'s own', async () => {
	const pg = (await import('pg')).default;
	const client = new pg.Client({ connectionString: stack.database });
	await client.connect();
	try {
		await client.query('BEGIN');
		await client.query('SELECT now()');
		const s = await system();
		assert.ok(s.oldest_transaction_at && Date.now() - new Date(s.oldest_transaction_at) < 60000);
		await client.query('COMMIT');
	} finally {
		await client.end();
	}
});

test('what was given up is shown without what was in it, tried again, or dropped', async () => {
	const [again, never] = [await dead('no_such_kind'), await dead('no_such_kind')];
	const s = await system();
	assert.deepEqual(s.dead_jobs.map(job => job.id).toSorted(), [again, never].toSorted());
	const [job] = s.dead_jobs;
	assert.deepEqual([job.kind, job.account_name, job.attempts, job.last_error], ['no_such_kind', 'Acme IT', 5, 'it broke']);
	assert.doesNotMatch(JSON.stringify(s), /hunter2/);
	assert.equal(s.queues[0].failed, 2);
	await stack.kill('jobs');
	await done(root.call('POST', `jobs/${again}/retry`), 204);
	const [row] = await stack.sql('SELECT state, attempts, finished_at FROM job WHERE id = $1', [again]);
	assert.deepEqual(row, { state: 'queued', attempts: 0, finished_at: null });
	isProblem(await root.call('POST', `jobs/${again}/retry`), 404, 'not_found');
	await done(root.call('DELETE', `jobs/${never}`), 204);
	assert.equal((await stack.sql('SELECT FROM job WHERE id = $1', [never])).length, 0);
	assert.deepEqual((await told(stack, root.user.account.id, 'job.%')).map(entry => entry.action), ['job.retried', 'job.dropped']);
	isProblem(await root.call('DELETE', `jobs/${again}`), 404, 'not_found'); // one that waits is nobody's to drop
});

test('of one whose like waits already the like is done', async () => {
	const id = await dead('no_such_kind', { key: 'same' });
	await stack.sql(`INSERT INTO job (account_id, kind, unique_key, run_at) VALUES ($1, 'no_such_kind', 'same', now() + interval '1 day')`, [acme.user.account.id]);
	isProblem(await root.call('POST', `jobs/${id}/retry`), 409, 'waits_already');
	await done(root.call('DELETE', `jobs/${id}`), 204);
});

test('the overview says what an operator should look at', async () => {
	const page = await browser(stack, root.email);
	await dead('another_kind');
	await stack.sql(`INSERT INTO job (account_id, kind, run_at) VALUES ($1, 'no_such_kind', now() - interval '10 minutes')`, [acme.user.account.id]);
	const home = await page.get('/');
	assert.match(home.text, /1 job was given up/);
	assert.match(home.text, /Work has waited for 10/);
	assert.match(home.text, /Acme IT/);
	assert.equal((await page.get('/platform')).status, 200);
});

test('what of the log waits for its seal is counted, of all accounts, and told since when', async () => {
	stack.startProgram('jobs'); // a test before this one ended it
	const sealed = async () => (await system()).audit;
	for (const end = deadline(10); (await sealed()).waiting;)
		assert.ok(Date.now() < end, 'sealed by now');
	assert.equal((await sealed()).oldest_at, null);
	const page = await browser(stack, root.email);
	assert.match((await page.get('/platform/system')).text, /All of it is sealed|Sealed up to/);
	const lock = new (await import('pg')).default.Client({ connectionString: stack.database });
	await lock.connect();
	await lock.query(`SELECT pg_advisory_lock(hashtext('audit_seal'))`); // nobody else seals meanwhile
	const began = Date.now();
	await register(stack, { account_name: 'Unsealed' });
	const { waiting, oldest_at } = await sealed();
	assert.ok(waiting > 0 && Math.abs(new Date(oldest_at) - began) < 60000, JSON.stringify({ waiting, oldest_at }));
	assert.match((await page.get('/platform/system')).text, /Sealed up to <time[^>]*>[^<]*<\/time>; waiting: \d/);
	await lock.end();
});
