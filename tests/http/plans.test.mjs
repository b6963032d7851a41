// Limits of a plan: that no race passes one, that counts are exact, what is refused and what goes on, who is told.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { API, PASSWORD, browser, colleague, isProblem, newAddress, race, register, tally } from '../support/accounts.mjs';
import { flowBody, makeFlow, publishFlow } from '../support/flows.mjs';
import { runnable, startSession, prepareSession } from '../support/sessions.mjs';
import { startStack } from '../support/stack.mjs';

const ROUNDS = 4;
const AT_ONCE = 50;

let stack;
let operator;
before(async () => {
	stack = await startStack({ settings: { WORKERS: 6, PASSWORD_WORKERS: 2 }, jobs: true });
	operator = await colleague(stack, await register(stack), 'super_admin');
});
after(() => stack?.stop());

const call = (method, path, who, json) => stack.request(method, API + path, { bearer: who.access_token, json });
const accountOf = who => who.user.account.id;
const limit = async (who, limits) => {
	const answer = await call('PUT', `/accounts/${accountOf(who)}/limits`, operator, { limits });
	assert.equal(answer.status, 200, answer.text);
};
const usage = async (who, key) => (await call('GET', '/plan', who)).json.limits.find(one => one.key === key);
const count = async (text, who) => Number((await stack.sql(`SELECT count(*) AS n FROM ${text}`, [accountOf(who)]))[0].n);
const FLOWS = 'flow WHERE account_id = $1 AND deleted_at IS NULL';
const USERS = 'person WHERE account_id = $1 AND active AND deleted_at IS NULL';
const STARTED = 'session WHERE account_id = $1 AND started_at IS NOT NULL';

// Fifty at once want the place that is left: one has it, the others are told how it stands.
async function raced(who, key, most, attempt, made) {
	const answers = await race(AT_ONCE, attempt);
	assert.deepEqual(tally(answers), { 409: AT_ONCE - 1, [made]: 1 }, key);
	for (const answer of answers.filter(one => one.status === 409)) {
		const problem = isProblem(answer, 409, 'plan_limit');
		assert.deepEqual([problem.used, problem.limit], [most, most]);
		assert.match(problem.detail, new RegExp(`\\b${most}\\b.*(larger plan)`));
	}
	assert.deepEqual([(await usage(who, key)).used, (await usage(who, key)).limit], [most, most], key);
}

test('flows: of fifty at limit minus one, one is made; by all ways, and a deleted one makes room', async () => {
	const ann = await register(stack);
	const made = [await makeFlow(stack, ann)];
	for (let round = 0; round < ROUNDS; round++) {
		await limit(ann, { flows: round + 2 });
		await raced(ann, 'flows', round + 2, () => call('POST', '/trees', ann, flowBody()), 201);
		assert.equal(await count(FLOWS, ann), round + 2);
	}
	isProblem(await call('POST', '/trees/import', ann, flowBody()), 409, 'plan_limit');
	assert.equal((await call('DELETE', `/trees/${made[0].id}`, ann)).status, 204);
	assert.equal((await usage(ann, 'flows')).used, ROUNDS);
	await makeFlow(stack, ann);
	isProblem(await call('POST', '/trees', ann, flowBody()), 409, 'plan_limit');
});

test('users: by one invite of many uses, and by being activated again', async () => {
	const ann = await register(stack);
	const { code } = (await call('POST', '/invites', ann, { role: 'viewer', max_uses: 1000 })).json;
	const join = () => stack.request('POST', `${API}/auth/register`, { json: { email: newAddress(), password: PASSWORD, name: 'Bo', invite_code: code } });
	for (let round = 0; round < ROUNDS; round++) {
		await limit(ann, { users: round + 2 });
		await raced(ann, 'users', round + 2, join, 201);
		assert.equal(await count(USERS, ann), round + 2);
	}
	const [{ uses }] = await stack.sql('SELECT uses FROM invite WHERE account_id = $1', [accountOf(ann)]);
	assert.equal(uses, ROUNDS, 'what was refused has used nothing up');
	const others = (await call('GET', '/users', ann)).json.items.filter(one => one.id !== ann.user.id);
	for (const one of others)
		assert.equal((await call('PATCH', `/users/${one.id}`, ann, { active: false })).status, 200);
	await limit(ann, { users: 2 });
	const back = await race(others.length, at => call('PATCH', `/users/${others[at].id}`, ann, { active: true }));
	assert.deepEqual(tally(back), { 200: 1, 409: others.length - 1 });
	assert.equal(await count(USERS, ann), 2);
});

test('sessions a month: prepared ones count when they start, and those that run go on', async () => {
	const ann = await register(stack);
	const flow = await makeFlow(stack, ann, runnable());
	await publishFlow(stack, ann, flow.id);
	const first = await startSession(stack, ann, flow.id);
	for (let round = 0; round < ROUNDS; round++) {
		await limit(ann, { sessions_month: round + 2 });
		await raced(ann, 'sessions_month', round + 2, () => call('POST', '/sessions', ann, { tree_id: flow.id }), 201);
		assert.equal(await count(STARTED, ann), round + 2);
	}
	const prepared = await prepareSession(stack, ann, flow.id);
	isProblem(await call('POST', `/sessions/${prepared.id}/start`, ann), 409, 'plan_limit');
	const step = await call('POST', `/sessions/${first.id}/steps`, ann, { node_id: 'n1', option_id: 'no', step_token: first.step_token });
	assert.equal(step.status, 200, step.text);
	await limit(ann, { sessions_month: ROUNDS + 2 });
	const both = await race(AT_ONCE, at => (at % 2 ? call('POST', '/sessions', ann, { tree_id: flow.id }) : call('POST', `/sessions/${prepared.id}/start`, ann)));
	assert.equal(both.filter(answer => answer.status < 300).length, 1, JSON.stringify(tally(both)));
	assert.equal(await count(STARTED, ann), ROUNDS + 2);
});

test('AI calls: the function that they call counts and refuses', async () => {
	const ann = await register(stack);
	await limit(ann, { ai_calls_month: 7 });
	const tries = await race(AT_ONCE, async () => {
		const { default: pg } = await import('pg');
		const db = new pg.Client({ connectionString: stack.database });
		await db.connect();
		try {
			await db.query('BEGIN; SET LOCAL ROLE rf_worker');
			await db.query(`SELECT set_config('app.account', $1, true)`, [accountOf(ann)]);
			await db.query(`SELECT plan_use('ai_calls_month')`);
			await db.query('COMMIT');
			return { status: 'used' };
		} catch (error) {
			return { status: error.code };
		} finally {
			await db.end();
		}
	});
	assert.deepEqual(tally(tries), { used: 7, RF409: AT_ONCE - 7 });
	assert.equal((await usage(ann, 'ai_calls_month')).used, 7);
});

const stored = async who => Number((await stack.sql(`SELECT
	(SELECT coalesce(sum(octet_length(structure::text) + octet_length(intake::text)), 0) FROM flow_version WHERE account_id = $1)
	+ (SELECT coalesce(sum(octet_length(text)), 0) FROM export WHERE account_id = $1)
	+ (SELECT coalesce(sum(octet_length(scratchpad) + octet_length(summary) + octet_length(variables::text)), 0) FROM session WHERE account_id = $1 AND completed_at IS NOT NULL)
	+ (SELECT coalesce(sum(octet_length(notes)), 0) FROM visit v JOIN session s ON s.account_id = v.account_id AND s.id = v.session_id WHERE v.account_id = $1 AND s.completed_at IS NOT NULL) AS n`, [accountOf(who)]))[0].n);

test('stored bytes: the counter is a recount, what is new must fit, and what runs goes on', async () => {
	const ann = await register(stack);
	const flow = await makeFlow(stack, ann, runnable());
	await publishFlow(stack, ann, flow.id);
	const session = await startSession(stack, ann, flow.id);
	const bytes = async () => (await usage(ann, 'stored_bytes')).used;
	assert.equal(await bytes(), await stored(ann));
	const size = await bytes();
	const note = 'ü'.repeat(500);
	assert.equal((await call('POST', `/sessions/${session.id}/steps`, ann, { node_id: 'n1', option_id: 'yes', step_token: session.step_token, notes: note })).status, 200);
	assert.equal(await bytes(), size, 'counted at the end');
	await limit(ann, { stored_bytes: size });
	isProblem(await call('POST', '/sessions', ann, { tree_id: flow.id }), 409, 'plan_limit');
	isProblem(await call('POST', `/sessions/${session.id}/export`, ann, { format: 'text', detail: 'full' }), 409, 'plan_limit');
	const done = await call('POST', `/sessions/${session.id}/complete`, ann, { outcome: 'resolved', summary: 'Plugged in' });
	assert.equal(done.status, 200, done.text);
	assert.equal(await bytes(), await stored(ann));
	assert.ok(await bytes() > size + 1000);
	await limit(ann, {});
	assert.equal((await call('POST', `/sessions/${session.id}/export`, ann, { format: 'text', detail: 'full' })).status, 200);
	assert.equal(await bytes(), await stored(ann));

	// Fifty flows with as many first versions of one size, and room for three of them.
	const flows = await Promise.all(Array.from({ length: AT_ONCE }, () => makeFlow(stack, ann, runnable())));
	const used = await bytes();
	await limit(ann, { stored_bytes: used + size * 3 + 5 });
	const answers = await race(AT_ONCE, at => call('POST', `/trees/${flows[at].id}/publish`, ann, { note: 'x' }));
	assert.deepEqual(tally(answers), { 200: 3, 409: AT_ONCE - 3 });
	assert.equal(await bytes(), used + size * 3);
	assert.equal(await bytes(), await stored(ann));
});

test('a lower plan deletes nothing and refuses what is new; one more than all is told as it is', async () => {
	const ann = await register(stack);
	for (let n = 0; n < 12; n++)
		await makeFlow(stack, ann);
	await stack.sql(`UPDATE account SET plan = 'free' WHERE account_id = $1`, [accountOf(ann)]);
	const problem = isProblem(await call('POST', '/trees', ann, flowBody()), 409, 'plan_limit');
	assert.deepEqual([problem.used, problem.limit], [12, 10]);
	assert.match(problem.detail, /holds 10 flows, and you have 12/);
	assert.equal(await count(FLOWS, ann), 12);
	const page = await browser(stack, ann.email);
	await page.get('/flows/new');
	const form = await page.post('/flows', { name: 'Typed by hand', type: 'troubleshooting', description: 'What I wrote' });
	assert.equal(form.status, 409, form.text);
	assert.match(form.text, /There is a problem[\s\S]*holds 10 flows, and you have 12/);
	assert.match(form.text, /Typed by hand/);
	const plan = await page.get('/plan');
	assert.match(plan.text, /12 of 10/);
	assert.match(plan.text, /<meter [^>]*max="10" value="12"/);
});

test('the month turns at midnight UTC, and what is counted by it begins anew', async () => {
	const ann = await register(stack);
	const [{ plan_month: now }] = await stack.sql('SELECT plan_month()::text');
	await limit(ann, { ai_calls_month: 1, flows: 1 });
	const use = () => stack.sqlAs('rf_worker', accountOf(ann), `SELECT plan_use('ai_calls_month')`);
	await makeFlow(stack, ann);
	await use();
	await assert.rejects(use, { code: 'RF409' });
	const body = (await stack.sql(`SELECT pg_get_functiondef('plan_month'::regproc) AS text`))[0].text;
	await stack.sql(body.replaceAll('now()', `(timestamptz '${now} 00:00+00' + interval '1 month')`));
	try {
		assert.equal((await usage(ann, 'ai_calls_month')).used, 0);
		assert.equal((await usage(ann, 'flows')).used, 1, 'flows are not by the month');
		await use();
		await assert.rejects(use, { code: 'RF409' });
		await stack.sql(body.replaceAll('now()', `(timestamptz '${now} 00:00+00' + interval '1 month' - interval '1 second')`));
		assert.equal((await usage(ann, 'ai_calls_month')).used, 1, 'the second before is of the month before');
	} finally {
		await stack.sql(body);
	}
});

test('each admin is told once at four fifths and once at the limit, whatever the race', async () => {
	const ann = await register(stack);
	const second = await colleague(stack, ann, 'team_admin');
	await colleague(stack, ann, 'engineer');
	await limit(ann, { flows: 10 });
	await race(20, () => call('POST', '/trees', ann, flowBody()));
	await stack.mail(mail => mail.to.includes(second.email) && /^Flows: 10 of 10/.test(mail.subject), 20);
	const [one] = (await call('GET', '/trees', ann)).json.items;
	await call('DELETE', `/trees/${one.id}`, ann);
	await makeFlow(stack, ann);
	const told = await stack.sql(`SELECT person_id, text, link FROM notice WHERE account_id = $1 ORDER BY text, person_id`, [accountOf(ann)]);
	assert.equal(told.length, 4, JSON.stringify(told));
	assert.deepEqual([...new Set(told.map(row => `${row.text} ${row.link}`))],
		['A limit of your plan is near: Flows, 8 of 10. /plan', 'A limit of your plan is reached: Flows, 10 of 10. /plan']);
	const mails = await stack.sql(`SELECT recipient, subject FROM outbox WHERE account_id = $1 AND subject LIKE 'Flows%' ORDER BY 1, 2`, [accountOf(ann)]);
	assert.deepEqual(mails.map(row => row.subject).sort(), ['Flows: 10 of 10', 'Flows: 10 of 10', 'Flows: 8 of 10', 'Flows: 8 of 10']);
	assert.deepEqual(await stack.sql(`SELECT kind FROM job WHERE account_id = $1 AND kind = 'plan_near' AND state <> 'done'`, [accountOf(ann)]), []);
});

// ---- the platform's hand ----

test('an operator adds, changes and retires plans, on record with before and after', async () => {
	const made = await call('POST', '/plans', operator, { name: 'trial', label: 'Trial', limits: { flows: 3, users: null } });
	assert.equal(made.status, 201, made.text);
	assert.deepEqual(made.json, { name: 'trial', label: 'Trial', for_new: false, retired_at: null, accounts: 0,
		limits: { flows: 3, users: null, sessions_month: null, ai_calls_month: null, stored_bytes: null } });
	isProblem(await call('POST', '/plans', operator, { name: 'trial', label: 'Again' }), 409, 'plan_exists');
	isProblem(await call('PUT', '/plans/nothing', operator, { label: 'X' }), 404, 'not_found');
	for (const limits of [{ flows: -1 }, { flows: 1.5 }, { flows: '10; DROP' }, { cats: 1 }, [], 'x', { flows: {} }])
		isProblem(await call('PUT', '/plans/trial', operator, { label: 'Trial', limits }), 422, 'invalid');
	assert.deepEqual((await call('PUT', '/plans/trial', operator, { label: 'Trial', for_new: true, limits: { flows: 4 } })).json.limits.flows, 4);
	const ann = await register(stack);
	assert.equal(ann.user.account.plan, 'trial');
	isProblem(await call('POST', '/plans/trial/retire', operator), 409, 'plan_for_new');
	isProblem(await call('PUT', '/plans/trial', operator, { label: 'Trial', limits: {} }), 409, 'plan_for_new');
	const team = (await call('GET', '/plans', operator)).json.items.find(plan => plan.name === 'team');
	assert.equal((await call('PUT', '/plans/team', operator, { label: team.label, for_new: true, limits: team.limits })).status, 200);
	assert.ok((await call('POST', '/plans/trial/retire', operator)).json.retired_at);
	isProblem(await call('PUT', '/plans/trial', operator, { label: 'Trial', for_new: true }), 409, 'retired');
	assert.equal((await call('GET', '/plan', ann)).json.name, 'trial', 'whoever has it keeps it');
	assert.equal((await call('POST', '/plans/trial/restore', operator)).json.retired_at, null);
	const audit = await stack.sql(`SELECT action, before, after FROM audit WHERE object = 'plan' ORDER BY id`);
	assert.deepEqual(audit.map(row => row.action), ['plan.added', 'plan.changed', 'plan.changed', 'plan.retired', 'plan.restored']);
	assert.deepEqual([audit[1].before.limits.flows, audit[1].after.limits.flows, audit[1].after.for_new], [3, 4, true]);
});

test('one customer\'s limit is raised, for that one alone, and both see it in their audit log', async () => {
	const ann = await register(stack);
	const bob = await register(stack);
	await limit(ann, { flows: 1000, stored_bytes: null });
	assert.deepEqual([(await usage(ann, 'flows')).limit, (await usage(ann, 'flows')).own, (await usage(ann, 'stored_bytes')).limit], [1000, true, null]);
	assert.deepEqual([(await usage(bob, 'flows')).limit, (await usage(bob, 'flows')).own], [200, false]);
	for (const account of [accountOf(ann), operator.account ?? (await call('GET', '/auth/me', operator)).json.account.id]) {
		const [row] = await stack.sql(`SELECT before, after, actor_id FROM audit WHERE action = 'account.limits_changed' AND account_id = $1 AND object_id = $2`, [account, accountOf(ann)]);
		assert.deepEqual(row, { before: {}, after: { flows: 1000, stored_bytes: null }, actor_id: operator.id });
	}
	const page = await browser(stack, operator.email);
	const shown = await page.get(`/platform/accounts/${accountOf(ann)}/limits`);
	assert.match(shown.text, /name="flows"[^>]*/);
	await page.post(`/platform/accounts/${accountOf(ann)}/limits`, { flows: '5', users: 'none', sessions_month: '', ai_calls_month: '', stored_mb: '2' });
	assert.equal((await usage(ann, 'flows')).limit, 5);
	assert.equal((await usage(ann, 'users')).limit, null);
	assert.equal((await usage(ann, 'stored_bytes')).limit, 2000000);
	isProblem(await call('PUT', `/accounts/${bob.user.id}/limits`, operator, { limits: {} }), 404, 'not_found');
});

test('nobody but an operator writes a plan, and the database asks the table and not the program', async () => {
	const ann = await register(stack);
	for (const [method, path, json] of [['GET', '/plans'], ['POST', '/plans', { name: 'x', label: 'X' }], ['PUT', '/plans/free', { label: 'X' }],
		['POST', '/plans/free/retire'], ['GET', `/accounts/${accountOf(ann)}/limits`], ['PUT', `/accounts/${accountOf(ann)}/limits`, { limits: {} }]])
		isProblem(await call(method, path, ann, json), 403, 'forbidden');
	for (const text of [`UPDATE plan SET label = 'x'`, 'DELETE FROM plan_limit', `INSERT INTO plan_limit VALUES ('free', 'flows', 1)`, 'DELETE FROM account_limit',
		`INSERT INTO account_limit VALUES ('${accountOf(ann)}', 'flows', 1)`, 'DELETE FROM plan_use', 'UPDATE plan_told SET percent = 1'])
		await assert.rejects(stack.sqlAs('rf_worker', accountOf(ann), text), { code: '42501' }, text);
	for (const text of [`door.plan_save('free', 'x', false, '{}', false)`, `door.plan_retire('free', true)`, 'door.plans()', `door.plan_usage_of('${accountOf(ann)}')`,
		`door.account_limits_set('${accountOf(ann)}', '{}', '', '', '')`])
		await assert.rejects(stack.sqlAs('rf_worker', accountOf(ann), `SELECT set_config('app.person', '${ann.user.id}', true), ${text}`), { code: 'RF403' }, text);
	await stack.sql('UPDATE person SET active = false WHERE id = $1', [operator.id]);
	await assert.rejects(stack.sqlAs('rf_worker', accountOf(ann), `SELECT set_config('app.person', '${operator.id}', true), door.plans()`), { code: 'RF403' });
	await stack.sql('UPDATE person SET active = true WHERE id = $1', [operator.id]);
});
