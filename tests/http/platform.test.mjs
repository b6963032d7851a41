// What super_admins do with accounts: the list, making one, plans, suspending; and that nobody else does.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { API, browser, colleague, isProblem, mailedToken, me, newAddress, PASSWORD, register, signIn } from '../support/accounts.mjs';
import { done, operator, PLATFORM, told } from '../support/platform.mjs';
import { Events } from '../support/events.mjs';
import { startStack } from '../support/stack.mjs';

let stack;
let root;
let acme;
before(async () => {
	stack = await startStack({ hub: true });
	root = await operator(stack);
	acme = await register(stack, { account_name: 'Acme IT' });
});
after(() => stack?.stop());

const idOf = who => who.user.account.id;

test('accounts are listed, newest first, with people and last activity', async () => {
	await colleague(stack, acme, 'viewer');
	const { items, total } = await done(root.call('GET', 'accounts'));
	assert.equal(total, items.length);
	assert.deepEqual(items.map(item => item.id), items.map(item => item.id).toSorted().reverse());
	const one = items.find(item => item.id === idOf(acme));
	assert.equal(one.name, 'Acme IT');
	assert.equal(one.people, 2);
	assert.equal(one.state, 'active');
	assert.ok(Date.now() - new Date(one.last_seen_at) < 60000);
	assert.deepEqual(await done(root.call('GET', `accounts/${one.id}`)), one);
	isProblem(await root.call('GET', 'accounts/0190a000-0000-7000-8000-000000000000'), 404, 'not_found');
});

test('a part of the name finds, in any case, and so does the address of one of its people', async () => {
	const other = await register(stack, { account_name: 'Zebra 100% Support' });
	for (const q of ['zEBRA', '100%', other.email.toUpperCase()]) {
		const { items } = await done(root.call('GET', `accounts?q=${encodeURIComponent(q)}`));
		assert.deepEqual(items.map(item => item.id), [idOf(other)], q);
	}
	assert.equal((await done(root.call('GET', 'accounts?q=%25%25'))).total, 0);
	assert.equal((await done(root.call('GET', 'accounts?plan=free'))).total, 0);
	isProblem(await root.call('GET', 'accounts?state=odd'), 422, 'invalid');
});

test('pages go on from the last row, while new ones come', async () => {
	const ids = [];
	let path = 'accounts?per_page=1';
	const { total } = await done(root.call('GET', path));
	while (path) {
		const { items, next } = await done(root.call('GET', path));
		ids.push(...items.map(item => item.id));
		if (ids.length === 1)
			await register(stack, { account_name: 'Came later' });
		path = next;
	}
	assert.equal(ids.length, total);
	assert.equal(new Set(ids).size, total);
});

test('an account is made with its first team admin\'s invite, which makes them its owner', async () => {
	const email = newAddress('first');
	const made = await done(root.call('POST', 'accounts', { name: 'Quay Systems', plan: 'scale', email }), 201);
	assert.equal(made.plan, 'scale');
	assert.equal(made.people, 0);
	const code = await mailedToken(stack, email, 'join');
	const joined = await stack.request('POST', `${API}/auth/register`, { json: { email, password: PASSWORD, name: 'Quentin Quay', invite_code: code } });
	assert.equal(joined.status, 201, joined.text);
	assert.equal(joined.json.user.role, 'team_admin');
	assert.deepEqual(joined.json.user.account, { id: made.id, name: 'Quay Systems', plan: 'scale' });
	const [person] = await stack.sql('SELECT is_owner, team_id FROM person WHERE lower(email) = $1', [email]);
	assert.ok(person.is_owner && person.team_id);
	assert.deepEqual((await told(stack, made.id, 'account.%')).map(row => [row.action, row.actor_id]), [['account.made', root.user.id]]);
	const invites = await stack.request('GET', `${API}/invites`, { bearer: joined.json.access_token });
	assert.equal(invites.json.total, 1);
	isProblem(await root.call('POST', 'accounts', { name: 'Quay two', plan: 'scale', email }), 409, 'email_taken');
	const problem = isProblem(await root.call('POST', 'accounts', { name: 'Quay two', plan: 'gold', email: newAddress() }), 422, 'invalid');
	assert.equal(problem.errors[0].field, 'plan');
	assert.equal((await stack.sql(`SELECT FROM account WHERE name = 'Quay two'`)).length, 0);
});

test('a change of the plan is on record in both accounts', async () => {
	const changed = await done(root.call('PATCH', `accounts/${idOf(acme)}`, { plan: 'free' }));
	assert.equal(changed.plan, 'free');
	assert.equal((await me(stack, acme.access_token)).json.account.plan, 'free');
	await done(root.call('PATCH', `accounts/${idOf(acme)}`, { plan: 'free' }));
	for (const account of [idOf(acme), idOf(root)]) {
		const rows = await stack.sql(`SELECT before, after, actor_id, object_id FROM audit WHERE account_id = $1 AND action = 'account.plan_changed'`, [account]);
		assert.deepEqual(rows, [{ before: { plan: 'team' }, after: { plan: 'free' }, actor_id: root.user.id, object_id: idOf(acme) }]);
	}
	isProblem(await root.call('PATCH', `accounts/${idOf(acme)}`, { plan: 'gold' }), 422, 'invalid');
	isProblem(await root.call('PATCH', 'accounts/0190a000-0000-7000-8000-000000000000', { plan: 'gold' }), 404, 'not_found');
});

test('suspending ends sign-ins and streams at once, and only who knows the password is told', async () => {
	const firm = await register(stack, { account_name: 'Late Payers' });
	const page = await browser(stack, firm.email);
	const events = new Events(stack.base, '/events', { bearer: firm.access_token });
	await events.ready();
	const began = Date.now();
	const answer = await done(root.call('POST', `accounts/${idOf(firm)}/suspend`, { reason: 'Has not paid since May' }));
	assert.equal(answer.state, 'suspended');
	assert.equal(answer.suspended_reason, 'Has not paid since May');
	await events.until(() => events.told.some(event => event.type === 'signed_out') && events.ended, 'its stream ended', 5);
	assert.ok(Date.now() - began < 5000);
	isProblem(await me(stack, firm.access_token), 401, 'not_signed_in');
	isProblem(await stack.request('POST', `${API}/auth/refresh`, { json: { refresh_token: firm.refresh_token } }), 401, 'not_signed_in');
	await page.get('/profile');
	assert.match(page.path, /^\/login\?/);
	isProblem(await signIn(stack, firm.email), 403, 'account_suspended');
	const [wrong, unknown] = [await signIn(stack, firm.email, 'not the password'), await signIn(stack, newAddress())];
	isProblem(wrong, 401, 'wrong_credentials');
	assert.equal(wrong.json.detail, unknown.json.detail);
	const form = await stack.visitor();
	const refused = await form.post('/login', { email: firm.email, password: PASSWORD });
	assert.equal(refused.status, 403);
	assert.match(refused.text, /is suspended/);
	isProblem(await root.call('POST', `accounts/${idOf(firm)}/suspend`, { reason: 'Again' }), 409, 'suspended');
	const there = await told(stack, idOf(firm), 'account.%');
	assert.deepEqual(there.map(row => [row.action, row.after.reason]), [['account.suspended', 'Has not paid since May']]);
	await done(root.call('POST', `accounts/${idOf(firm)}/resume`));
	assert.equal((await signIn(stack, firm.email)).status, 200);
	isProblem(await root.call('POST', `accounts/${idOf(firm)}/resume`), 409, 'not_suspended');
	isProblem(await me(stack, firm.access_token), 401, 'not_signed_in');
});

test('nobody suspends the account that they are in', async () => {
	isProblem(await root.call('POST', `accounts/${idOf(root)}/suspend`, { reason: 'A slip' }), 409, 'own_account');
	assert.equal((await root.call('GET', 'accounts')).status, 200);
});

// ---- the database asks, whatever the program thinks ----

test('the overseer\'s functions give nothing to whoever is no active super_admin', async () => {
	const functions = await stack.sql(`SELECT p.oid::regprocedure::text AS name, p.proretset, pronargs FROM pg_proc p
		WHERE pronamespace = 'platform'::regnamespace AND has_function_privilege('rf_worker', p.oid, 'EXECUTE')
		AND proname <> 'accounts_where'`);
	assert.ok(functions.length > 15);
	const admin = acme.user;
	const gone = await operator(stack, 'Gone Operator');
	await stack.sql('UPDATE person SET active = false WHERE id = $1', [gone.user.id]);
	const whos = [[null, null], [admin.account.id, admin.id], [idOf(root), admin.id], [idOf(gone), gone.user.id], [admin.account.id, root.user.id]];
	for (const { name, pronargs } of functions) {
		const [, types] = /\((.*)\)/.exec(name);
		const call = `SELECT * FROM ${name.replace(/\(.*/, '')}(${types ? types.split(',').map(type => `NULL::${type}`).join() : ''})`;
		assert.equal(types ? types.split(',').length : 0, pronargs);
		for (const [account, person] of whos)
			await assert.rejects(stack.sqlAs('rf_worker', account, `WITH who AS MATERIALIZED (SELECT set_config('app.person', '${person ?? ''}', true))
				SELECT (SELECT count(*) FROM who), (SELECT count(*) FROM (${call}) called)`), { code: 'RF403' }, `${call} as ${person}`);
	}
	await assert.rejects(stack.sqlAs('rf_worker', idOf(root), 'SELECT platform.looks_end()'), { code: '42501' });
});

test('the routes are the super_admin\'s alone', async () => {
	const viewer = await colleague(stack, acme, 'viewer');
	const engineer = await colleague(stack, acme, 'engineer');
	for (const who of [acme, viewer, engineer])
		for (const [method, path] of [['GET', 'overview'], ['GET', 'accounts'], ['POST', 'accounts'], ['GET', `accounts/${idOf(acme)}`],
			['PATCH', `accounts/${idOf(acme)}`], ['POST', `accounts/${idOf(acme)}/suspend`], ['POST', `accounts/${idOf(acme)}/look`],
			['POST', 'leave'], ['GET', 'codes'], ['POST', 'codes'], ['GET', 'system']]) {
			const answer = await stack.request(method, `${PLATFORM}/${path}`, { bearer: who.access_token, ...method !== 'GET' && { json: {} } });
			isProblem(answer, 403, 'forbidden');
		}
});

test('ten thousand accounts are listed and searched in no time', async () => {
	await stack.sql(`INSERT INTO account (account_id, name) SELECT uuid7(), 'Company number ' || n FROM generate_series(1, 10000) n`);
	await stack.sql('ANALYZE account');
	for (const query of ['', '?q=number+77', '?q=somebody@example.com', '?state=suspended', '?plan=team&q=9999']) {
		const began = performance.now();
		const { total } = await done(root.call('GET', `accounts${query}`));
		const took = performance.now() - began;
		assert.ok(took < 250, `${query}: ${took} ms`);
		assert.ok(query.includes('@') || query.includes('state') ? total === 0 : total > 0, query);
	}
	const { total, total_capped: capped } = await done(root.call('GET', 'accounts'));
	assert.deepEqual([total, capped], [10000, true]);
});
