// Transactions that lose against another one, by a serialization failure or a deadlock: they run again, count once,
// and are given up after the third time.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { API, PASSWORD, isProblem, newAddress, race, register, tally } from '../support/accounts.mjs';
import { deadline } from '../support/patience.mjs';
import { startStack } from '../support/stack.mjs';

let stack;
let ann;
before(async () => {
	stack = await startStack({ settings: { PASSWORD_WORKERS: 4 } });
	// The server's own default must not matter: what waits for a lock goes on with the row as it then is.
	await stack.sql(`ALTER DATABASE ${stack.name} SET default_transaction_isolation = 'repeatable read'`);
	await stack.programs.worker.stop();
	stack.startProgram('worker');
	await stack.ready();
	ann = await register(stack);
});
after(() => stack?.stop());

const backends = (where = 'true') => stack.sql(`SELECT pid FROM pg_stat_activity
	WHERE datname = current_database() AND application_name <> 'holder' AND pid <> pg_backend_pid() AND ${where}`);

// What the server says of the workers' transactions, in its log.
async function failures() {
	const pids = new Set((await backends()).map(({ pid }) => String(pid)));
	const log = fs.readFileSync(`${process.env.RF_TEST_DIR}/postgres.log`, 'utf8');
	return [...log.matchAll(/\[(\d+)\] ERROR: +could not serialize access/g)].filter(([, pid]) => pids.has(pid)).length;
}

// Sends requests of which each waits for a lock that `statement` takes, and lets them all go at once.
async function collide(statement, parameters, send) {
	const holder = new pg.Client({ connectionString: stack.database, application_name: 'holder' });
	await holder.connect();
	await holder.query('BEGIN');
	await holder.query(statement, parameters);
	const answers = Promise.all(send.map(one => one()));
	for (const end = deadline(10); (await backends("wait_event_type = 'Lock'")).length < send.length; await sleep(10))
		assert.ok(Date.now() < end, 'all of them wait');
	await holder.query('ROLLBACK');
	await holder.end();
	return answers;
}

test('of four who take an invite for two at once, two are let in and two are told that it is used up', async () => {
	const { code } = (await stack.request('POST', `${API}/invites`, { bearer: ann.access_token, json: { role: 'engineer', max_uses: 2 } })).json;
	const addresses = [1, 2, 3, 4].map(() => newAddress('joins'));
	const answers = await collide('SELECT FROM invite WHERE account_id = $1 FOR UPDATE', [ann.user.account.id],
		addresses.map(email => () => stack.request('POST', `${API}/auth/register`,
			{ json: { email, password: PASSWORD, name: 'Joins', invite_code: code } })));
	assert.deepEqual(tally(answers), { 201: 2, 409: 2 }, answers.map(answer => answer.text).join('\n'));
	isProblem(answers.find(answer => answer.status === 409), 409, 'already_used');
	assert.equal(await failures(), 0, 'and nobody had to try twice');
	const [{ uses }] = await stack.sql('SELECT uses FROM invite WHERE account_id = $1', [ann.user.account.id]);
	assert.equal(uses, 2);
	const people = await stack.sql('SELECT email FROM person WHERE email = ANY($1)', [addresses]);
	assert.equal(people.length, 2);
	const mails = await stack.sql("SELECT recipient FROM outbox WHERE recipient = ANY($1) AND body_text LIKE '%/confirm/%'", [addresses]);
	assert.equal(mails.length, 2, 'one mail for each');
});

test('two pages of one person, saved at once', async () => {
	const ben = await register(stack);
	const pages = await race(2, async () => {
		const visitor = stack.visitor();
		await visitor.post('/login', { email: ben.email, password: PASSWORD });
		return { visitor, form: await visitor.hidden('/profile') };
	});
	const answers = await collide('SELECT FROM person WHERE id = $1 FOR UPDATE', [ben.user.id], pages.map(({ visitor, form }, at) => () =>
		visitor.send('POST', '/profile', { form: { ...form, name: `Ben ${at}`, theme: 'auto' } })));
	assert.deepEqual(tally(answers), { 303: 2 });
	assert.equal(await failures(), 0);
	assert.match((await stack.sql('SELECT name FROM person WHERE id = $1', [ben.user.id]))[0].name, /^Ben [01]$/);
});

test('one key at six places at once is one team, and one answer', async () => {
	const answers = await race(6, () => stack.request('POST', `${API}/teams`,
		{ bearer: ann.access_token, json: { name: 'Once' }, headers: { 'idempotency-key': 'the same' } }));
	assert.deepEqual(tally(answers), { 201: 6 }, answers.map(answer => answer.text).join('\n'));
	assert.equal(new Set(answers.map(answer => answer.text)).size, 1);
	assert.equal((await stack.sql("SELECT FROM team WHERE name = 'Once'")).length, 1);
});

// The first `times` teams of that name fail.  The sequence counts them all, for no rollback takes a number back.
async function failTeams(name, sqlstate, times) {
	await stack.sql(`CREATE SEQUENCE tries_${name};
		CREATE FUNCTION fail_${name}() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$
		BEGIN
			IF nextval('tries_${name}') <= ${times} THEN
				RAISE EXCEPTION SQLSTATE '${sqlstate}';
			END IF;
			RETURN NEW;
		END $$;
		CREATE TRIGGER fail_${name} AFTER INSERT ON team FOR EACH ROW WHEN (NEW.name = '${name}') EXECUTE FUNCTION fail_${name}()`);
	return async () => Number((await stack.sql(`SELECT last_value AS n FROM tries_${name}`))[0].n);
}

async function traces(name) {
	const teams = await stack.sql('SELECT id FROM team WHERE name = $1', [name]);
	const audits = await stack.sql("SELECT id FROM audit WHERE after ->> 'name' = $1", [name]);
	return [teams.length, audits.length];
}

const addTeam = name => stack.request('POST', `${API}/teams`, { bearer: ann.access_token, json: { name } });

for (const [name, sqlstate] of [['serial', '40001'], ['deadlock', '40P01']])
	test(`${sqlstate} twice, and the third time it is well`, async () => {
		const tries = await failTeams(name, sqlstate, 2);
		assert.equal((await addTeam(name)).status, 201);
		assert.equal(await tries(), 3);
		assert.deepEqual(await traces(name), [1, 1], 'the team and its line in the audit, once');
	});

test('what fails a third time is given up, with a time to come back', async () => {
	const tries = await failTeams('never', '40001', 1000);
	const answer = await addTeam('never');
	isProblem(answer, 503, 'unavailable');
	assert.equal(answer.headers['retry-after'], '2');
	assert.equal(await tries(), 3);

	const visitor = stack.visitor();
	await visitor.post('/login', { email: ann.email, password: PASSWORD });
	const page = await visitor.post('/teams', { name: 'never' });
	assert.equal(page.status, 503);
	assert.equal(page.headers['retry-after'], '2');
	assert.match(page.text, /Nothing is lost\. Try again in a few seconds\./);
	assert.equal(await tries(), 6);
	assert.deepEqual(await traces('never'), [0, 0]);
	assert.equal((await addTeam('another')).status, 201, 'and the worker goes on');
});

test('other failures are not tried again', async () => {
	const tries = await failTeams('broken', 'XX000', 1000);
	assert.equal((await addTeam('broken')).status, 500);
	assert.equal(await tries(), 1);
});
