// The end of an account: closed by its owner, called off by any team admin, and after its time every row of it is gone.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { API, PASSWORD, browser, colleague, isProblem, me, race, register, signIn, tally } from '../support/accounts.mjs';
import { runnableFlow, sessionCall, startSession } from '../support/sessions.mjs';
import { deadline } from '../support/patience.mjs';
import { startStack } from '../support/stack.mjs';
import { fillTables, findTables } from '../support/tables.mjs';

const CLOSING = `${API}/account/closing`;
let stack;
before(async () => { stack = await startStack({ jobs: true }); });
after(() => stack?.stop());

const get = who => stack.request('GET', CLOSING, { bearer: who.access_token });
const close = (who, json) => stack.request('POST', CLOSING, { bearer: who.access_token, json: { name: 'Acme IT', current_password: PASSWORD, ...json } });
const callOff = who => stack.request('DELETE', CLOSING, { bearer: who.access_token });
const account = who => who.user.account.id;

async function owned(fields) {
	const owner = await register(stack, fields);
	await stack.sql('UPDATE person SET is_owner = true WHERE id = $1', [owner.user.id]);
	return owner;
}

async function until(check, what, seconds = 30) {
	for (const end = deadline(seconds); Date.now() < end; await sleep(50))
		if (await check())
			return;
	assert.fail(`${what}: not in ${seconds} s`);
}

const noticesOf = async who => (await stack.sql('SELECT text FROM notice WHERE person_id = $1 ORDER BY id', [who.id ?? who.user.id])).map(row => row.text);
const gone = async id => (await stack.sql('SELECT FROM account WHERE account_id = $1', [id])).length === 0;
const pass = id => stack.sql("UPDATE account SET closing_at = now() - interval '1 second' WHERE account_id = $1", [id]);

test('only the owner closes it, with the name and the password', async () => {
	const owner = await owned();
	const admin = await colleague(stack, owner, 'team_admin');
	for (const role of ['viewer', 'engineer']) {
		const who = await colleague(stack, owner, role);
		for (const answer of [await get(who), await close(who), await callOff(who)])
			isProblem(answer, 403, 'forbidden');
	}
	isProblem(await close(admin), 403, 'not_owner');
	isProblem(await close(owner, { current_password: 'something else entirely' }), 422, 'invalid');
	isProblem(await close(owner, { name: 'Acme' }), 422, 'wrong_name');
	isProblem(await callOff(owner), 409, 'not_closing');
	assert.equal((await get(owner)).json.closing_at, null);
	assert.deepEqual([(await get(owner)).json.may, (await get(admin)).json.may], [true, false]);
	const answer = await close(owner);
	assert.equal(answer.status, 201, answer.text);
	assert.ok(Math.abs(new Date(answer.json.closing_at) - Date.now() - 14 * 86400e3) < 60e3, answer.text);
	isProblem(await close(owner), 409, 'already_closing');
	for (const who of [owner, admin]) {
		assert.match((await noticesOf(who))[0], /Ann Smith has closed the account/);
		await stack.mail(mail => mail.to.includes(who.email) && mail.subject === 'Acme IT will be deleted');
	}
	const rows = await stack.sql("SELECT action, actor_id FROM audit WHERE account_id = $1 AND action LIKE 'account.%'", [account(owner)]);
	assert.deepEqual(rows, [{ action: 'account.closed', actor_id: owner.user.id }]);
	// Any team admin calls it off.
	assert.equal((await callOff(admin)).status, 204);
	assert.equal((await get(owner)).json.closing_at, null);
	await stack.mail(mail => mail.to.includes(owner.email) && mail.subject === 'Acme IT will not be deleted');
	isProblem(await callOff(admin), 409, 'not_closing');
});

test('where the owner can\'t sign in, a team admin closes it; the platform\'s own account never', async () => {
	const owner = await owned();
	const admin = await colleague(stack, owner, 'team_admin');
	await stack.sql('UPDATE person SET active = false WHERE id = $1', [owner.user.id]);
	await stack.sql("UPDATE person SET role = 'super_admin', active = false WHERE id = $1", [owner.user.id]);
	isProblem(await close(admin), 409, 'platform_account');
	await stack.sql("UPDATE person SET role = 'team_admin' WHERE id = $1", [owner.user.id]);
	assert.equal((await close(admin)).status, 201);
});

test('of many at once one closes it; closing and calling off at once leave one or the other', async () => {
	const owner = await owned();
	assert.deepEqual(tally(await race(6, () => close(owner))), { 201: 1, 409: 5 });
	assert.deepEqual(tally(await race(6, () => callOff(owner))), { 204: 1, 409: 5 });
	for (let round = 0; round < 5; round++) {
		await race(6, at => (at % 2 ? callOff(owner) : close(owner)));
		const [{ closes, keeps }] = await stack.sql(`SELECT count(*) FILTER (WHERE action = 'account.closed')::int AS closes,
			count(*) FILTER (WHERE action = 'account.kept')::int AS keeps FROM audit WHERE account_id = $1`, [account(owner)]);
		assert.equal(Boolean((await get(owner)).json.closing_at), closes > keeps, `${closes} ${keeps}`);
	}
});

test('the page says what goes; a banner on every page says when, and admins find the way to call it off', async () => {
	const owner = await owned();
	const viewer = await colleague(stack, owner, 'viewer');
	const visitor = await browser(stack, owner.email);
	assert.doesNotMatch((await visitor.get('/')).text, /will be deleted on/);
	assert.match((await visitor.get('/account/close')).text, /2 people, 0 flows, 0 sessions/);
	const wrong = await visitor.post('/account/close', { name: 'Acme IT', current_password: 'not this one' });
	assert.equal(wrong.status, 422);
	assert.match(wrong.text, /not your current password/);
	const misnamed = await visitor.post('/account/close', { name: 'Acme', current_password: PASSWORD });
	assert.equal(misnamed.status, 422);
	assert.match(misnamed.text, /not the name of the account/);
	const closed = await visitor.post('/account/close', { name: 'Acme IT', current_password: PASSWORD });
	assert.match(closed.text, /The account is closed/);
	const home = (await visitor.get('/')).text;
	assert.match(home, /Acme IT will be deleted on/);
	assert.match(home, /href="\/account\/close"/);
	const other = (await (await browser(stack, viewer.email)).get('/')).text;
	assert.match(other, /Acme IT will be deleted on/);
	assert.doesNotMatch(other, /href="\/account\/close"/);
	await visitor.get('/account/close');
	assert.match((await visitor.post('/account/close/off')).text, /It is called off/);
	assert.doesNotMatch((await visitor.get('/')).text, /will be deleted on/);
});

test('three days before, they are reminded once', async () => {
	const owner = await owned();
	await close(owner);
	await sleep(300);
	assert.equal((await noticesOf(owner)).length, 1);
	await stack.sql("UPDATE account SET closing_at = now() + interval '71 hours' WHERE account_id = $1", [account(owner)]);
	await until(async () => (await noticesOf(owner)).length === 2, 'the reminder');
	await sleep(2500);
	assert.match((await noticesOf(owner))[1], /can still be called off/);
	assert.equal((await noticesOf(owner)).length, 2);
	await stack.mail(mail => mail.to.includes(owner.email) && mail.subject === 'Acme IT will be deleted soon');
});

test('when its time has come it is too late to call it off, and sign-in is as if unknown', async () => {
	const owner = await owned();
	const flow = await runnableFlow(stack, owner);
	const session = await startSession(stack, owner, flow.id, { client_name: 'Contoso' });
	await sessionCall(stack)('POST', `/${session.id}/complete`, owner, { outcome: 'resolved', summary: 'Done.' });
	fs.writeFileSync(`${stack.settings.ARCHIVE_DIR}/${account(owner)}-x.tar.gz`, 'old');
	await close(owner);
	await pass(account(owner));
	await until(() => gone(account(owner)), 'it is erased');
	const letter = await stack.mail(mail => mail.to.includes(owner.email) && mail.subject === 'Acme IT is closed');
	assert.match(letter.text, /can't be brought back/);
	const answer = await signIn(stack, owner.email);
	const unknown = await signIn(stack, 'nobody@example.com');
	assert.deepEqual([answer.status, answer.json.code], [unknown.status, unknown.json.code]);
	isProblem(await me(stack, owner.access_token), 401, 'not_signed_in');
	assert.deepEqual(fs.readdirSync(stack.settings.ARCHIVE_DIR), []);
	const [left] = await stack.sql('SELECT * FROM account_erased WHERE id = $1', [account(owner)]);
	assert.deepEqual(Object.keys(left).sort(), ['began_at', 'created_at', 'ended_at', 'id']);
	assert.equal((await register(stack, { email: owner.email })).email, owner.email, 'the address is free');
});

test('before the last moment a request to call it off is in time or too late, and never half', async () => {
	const owner = await owned();
	await close(owner);
	await stack.sql("UPDATE account SET closing_at = now() + interval '2 seconds' WHERE account_id = $1", [account(owner)]);
	await sleep(1700);
	const answers = await race(8, async at => { await sleep(at * 100); return callOff(owner); });
	if (answers.some(({ status }) => status === 204))
		assert.equal((await get(owner)).json.closing_at, null);
	else
		await until(() => gone(account(owner)), 'it is erased');
});

test('an operator closes it by one row, suspended or not', async () => {
	const owner = await owned();
	await stack.sql('UPDATE account SET suspended_at = now(), closing_at = now() WHERE account_id = $1', [account(owner)]);
	await until(() => gone(account(owner)), 'it is erased');
});

// ---- every table ----

test('every row of it goes, in every table that there is, and no row of another; killed meanwhile, it goes on', async () => {
	const [a, b] = [await owned(), await owned()];
	const admin = await register(stack);
	await stack.sql("UPDATE person SET role = 'super_admin' WHERE id = $1", [admin.user.id]);
	await stack.sql('UPDATE sign_in SET inside_id = $1 WHERE person_id = $2', [account(a), admin.user.id]);
	const db = new pg.Client({ connectionString: stack.database });
	await db.connect();
	try {
		await stack.kill('jobs');
		const tables = await findTables(db);
		await fillTables(db, tables, [account(a), account(b)]);
		await db.query('DELETE FROM outbox WHERE account_id = $1', [account(a)]);
		await db.query("UPDATE archive SET state = 'deleted'"); // so that nobody writes it meanwhile
		const count = async who => Object.fromEntries(await Promise.all(tables.map(async ({ name }) =>
			[name, Number((await stack.sql(`SELECT count(*) AS n FROM ${name} WHERE account_id = $1`, [account(who)]))[0].n)])));
		// What seals the log goes on with it meanwhile.
		const besides = async who => Object.fromEntries(Object.entries(await count(who)).filter(([name]) => !/^audit_/.test(name)));
		const before = await besides(b);
		const empty = Object.entries(await count(a)).filter(([name, n]) => n === 0 && name !== 'outbox');
		assert.deepEqual(empty, [], 'each has a row');
		// A step at a time, each by another process than the one before.
		await db.query(`INSERT INTO event (account_id, seq, topic, type, payload) SELECT $1, n, 'notice', 'x', '{}' FROM generate_series(5000000000, 5000020000) n`, [account(a)]);
		await pass(account(a));
		for (let round = 0; round < 3; round++) {
			stack.startProgram('jobs');
			await until(async () => (await stack.sql('SELECT FROM account WHERE account_id = $1 AND erasing_at IS NULL', [account(a)])).length === 0, 'it began');
			await sleep(30 * round);
			await stack.kill('jobs');
		}
		stack.startProgram('jobs');
		await until(() => gone(account(a)), 'it is erased', 60);
		assert.deepEqual(Object.entries(await count(a)).filter(([, n]) => n), []);
		assert.deepEqual(await besides(b), before);
		assert.deepEqual(await stack.sql('SELECT inside_id FROM sign_in WHERE person_id = $1', [admin.user.id]), [{ inside_id: null }]);
		assert.equal((await stack.sql('SELECT FROM account_erased WHERE id = $1', [account(a)])).length, 1);
	} finally {
		await db.end();
	}
});

test('no program may erase but the jobs program, and none while it is not due', async () => {
	const owner = await owned();
	await assert.rejects(stack.sqlAs('rf_worker', account(owner), 'SELECT custody.erase($1, 10)', [account(owner)]), /permission denied/);
	assert.deepEqual(await stack.sqlAs('rf_jobs', null, 'SELECT custody.erase_begin($1) AS began', [account(owner)]), [{ began: false }]);
	assert.deepEqual(await stack.sqlAs('rf_jobs', null, 'SELECT custody.erase($1, 10) AS more', [account(owner)]), [{ more: false }]);
	assert.equal((await me(stack, owner.access_token)).status, 200);
});
