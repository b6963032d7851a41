// Codes by which companies register: who needs one, how often it holds, and that two who come at once can't share one.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { API, browser, fieldsOf, isProblem, newAddress, PASSWORD, race, register, tally } from '../support/accounts.mjs';
import { done, operator } from '../support/platform.mjs';
import { startStack } from '../support/stack.mjs';

let stack; // where registration is by code
let closed;
let root;
before(async () => {
	stack = await startStack({ settings: { REGISTRATION: 'code', WORKERS: 4, PASSWORD_WORKERS: 4 } });
	root = await operatorBy(stack);
});
after(async () => {
	await closed?.stop();
	await stack?.stop();
});

// Nobody can register yet: a person whose password is set by the link of a mail, as that of anybody who has forgotten it.
async function operatorBy(where) {
	const email = newAddress('root');
	await where.sql(`WITH a AS (INSERT INTO account (account_id, name) VALUES (uuid7(), 'The platform') RETURNING account_id)
		INSERT INTO person (account_id, id, email, name, role, password_hash) SELECT account_id, uuid7(), $1, 'Olga Operator', 'super_admin', '-' FROM a`, [email]);
	await where.request('POST', `${API}/auth/password/forgot`, { json: { email } });
	const [{ body_text: text }] = await where.sql('SELECT body_text FROM outbox WHERE recipient = $1', [email]);
	const token = /\/reset\/([\w-]+)/.exec(text)[1];
	assert.equal((await where.request('POST', `${API}/auth/password/reset`, { json: { token, password: PASSWORD } })).status, 204);
	const { json } = await where.request('POST', `${API}/auth/login/json`, { json: { email, password: PASSWORD } });
	const call = (method, path, body) => where.request(method, path.startsWith('/') ? path : `${API}/platform/${path}`, { bearer: json.access_token, ...body !== undefined && { json: body } });
	return { email, call, access_token: json.access_token };
}
const join = (where, fields) => where.request('POST', `${API}/auth/register`, { json: { email: newAddress(), password: PASSWORD, name: 'Ann Smith', ...fields } });
const makeCode = async fields => done(root.call('POST', 'codes', { label: 'Spring fair', ...fields }), 201);

test('without a code nobody makes an account, and is told what to do', async () => {
	const answer = await join(stack, { account_name: 'Acme' });
	isProblem(answer, 422, 'invalid');
	assert.deepEqual(fieldsOf(answer), ['invite_code']);
	isProblem(await join(stack, { account_name: 'Acme', invite_code: 'made up' }), 422, 'invalid_invite');
});

test('a code lets a company in, on its plan, and the list says who came', async () => {
	const made = await makeCode({ plan: 'scale', max_uses: 2 });
	assert.match(made.url, new RegExp(`/start/${made.code}$`));
	const missing = await join(stack, { invite_code: made.code });
	assert.deepEqual(fieldsOf(missing), ['account_name']);
	const answer = await join(stack, { invite_code: made.code, account_name: 'Harbour IT' });
	assert.equal(answer.status, 201, answer.text);
	assert.equal(answer.json.user.role, 'team_admin');
	assert.equal(answer.json.user.account.plan, 'scale');
	const { items } = await done(root.call('GET', 'codes'));
	assert.deepEqual([items[0].label, items[0].uses, items[0].max_uses, items[0].state], ['Spring fair', 1, 2, 'open']);
	const came = await done(root.call('GET', `accounts?code=${made.id}`));
	assert.deepEqual(came.items.map(item => [item.name, item.code]), [['Harbour IT', 'Spring fair']]);
	assert.doesNotMatch(JSON.stringify(await stack.sql('SELECT * FROM platform_code')) + JSON.stringify(items), new RegExp(made.code), 'stored hashed');
});

test('a single-use code by two registrants: one joins, the other gets 409, and it was used once', async () => {
	for (let round = 0; round < 5; round++) {
		const made = await makeCode({});
		const answers = await race(2, at => join(stack, { invite_code: made.code, account_name: `Racer ${round} ${at}` }));
		assert.deepEqual(tally(answers), { 201: 1, 409: 1 });
		isProblem(answers.find(answer => answer.status === 409), 409, 'already_used');
		assert.deepEqual(await stack.sql('SELECT uses FROM platform_code WHERE id = $1', [made.id]), [{ uses: 1 }]);
		assert.equal((await stack.sql('SELECT FROM account WHERE code_id = $1', [made.id])).length, 1);
	}
});

test('of five uses twelve who come at once get five', async () => {
	const made = await makeCode({ max_uses: 5 });
	const answers = await race(12, at => join(stack, { invite_code: made.code, account_name: `Many ${at}` }));
	assert.deepEqual(tally(answers), { 201: 5, 409: 7 });
	assert.deepEqual(await stack.sql('SELECT uses FROM platform_code WHERE id = $1', [made.id]), [{ uses: 5 }]);
});

test('an address that is taken uses no code up', async () => {
	const made = await makeCode({});
	isProblem(await join(stack, { email: root.email, invite_code: made.code, account_name: 'Twice' }), 409, 'email_taken');
	assert.deepEqual(await stack.sql('SELECT uses FROM platform_code WHERE id = $1', [made.id]), [{ uses: 0 }]);
});

test('revoked and expired codes hold no more', async () => {
	const [revoked, expired] = [await makeCode({}), await makeCode({ expires_in: 60 })];
	await done(root.call('DELETE', `codes/${revoked.id}`), 204);
	await stack.sql(`UPDATE platform_code SET expires_at = now() WHERE id = $1`, [expired.id]);
	for (const { code } of [revoked, expired]) {
		isProblem(await join(stack, { invite_code: code, account_name: 'Late' }), 422, 'invalid_invite');
		assert.match((await stack.visitor().get(`/start/${code}`)).text, /no longer works/);
	}
	const states = Object.fromEntries((await done(root.call('GET', 'codes'))).items.map(item => [item.id, item.state]));
	assert.equal(states[revoked.id], 'revoked');
	assert.equal(states[expired.id], 'expired');
	isProblem(await root.call('DELETE', 'codes/0190a000-0000-7000-8000-000000000000'), 404, 'not_found');
	isProblem(await root.call('POST', 'codes', { label: 'x', plan: 'gold' }), 422, 'invalid');
});

test('an account\'s invite goes on working, with and without the name of a company', async () => {
	const made = await makeCode({});
	const first = (await join(stack, { invite_code: made.code, account_name: 'Host' })).json;
	for (const more of [{}, { account_name: 'Mine' }]) {
		const invite = await done(stack.request('POST', `${API}/invites`, { bearer: first.access_token, json: { role: 'engineer' } }), 201);
		const answer = await join(stack, { invite_code: invite.code, ...more });
		assert.equal(answer.status, 201, answer.text);
		assert.equal(answer.json.user.account.id, first.user.account.id);
	}
});

test('the page asks for the code, or takes it from the link', async () => {
	const visitor = stack.visitor();
	assert.match((await visitor.get('/register')).text, /name="invite_code"[^>]*type="text"|type="text"[^>]*name="invite_code"/);
	const bad = await visitor.post('/register', { name: 'Ann', account_name: 'By page', email: newAddress(), password: PASSWORD, invite_code: 'nonsense' });
	assert.equal(bad.status, 422);
	assert.match(bad.text, /does not hold/);
	assert.match(bad.text, /value="nonsense"/, 'what was typed stays');
	for (const path of ['/register?code=', '/start/']) {
		const made = await makeCode({ plan: 'scale' });
		const page = stack.visitor();
		const form = await page.get(path + made.code);
		assert.match(form.text, new RegExp(`value="${made.code}"`));
		assert.match(form.text, /on the plan/);
		const home = await page.post('/register', { name: 'Ann', account_name: 'By link', email: newAddress(), password: PASSWORD, invite_code: made.code });
		assert.equal(home.status, 200, home.text);
		assert.equal(page.path, '/');
	}
});

test('closed: no code helps, an invite does', async () => {
	closed = await startStack({ settings: { REGISTRATION: 'closed' } });
	const other = await operatorBy(closed);
	assert.match((await (await browser(closed, other.email)).get('/')).text, /Nobody is here but you[\s\S]*cannot register by themselves/);
	const made = await done(other.call('POST', 'codes', { label: 'Of no use' }), 201);
	isProblem(await join(closed, { invite_code: made.code, account_name: 'Acme' }), 403, 'registration_closed');
	assert.deepEqual(await closed.sql('SELECT uses FROM platform_code'), [{ uses: 0 }]);
	const email = newAddress();
	await done(other.call('POST', 'accounts', { name: 'Made by hand', plan: 'team', email }), 201);
	const [{ body_text: text }] = await closed.sql('SELECT body_text FROM outbox WHERE recipient = $1', [email]);
	const answer = await join(closed, { email, invite_code: /\/join\/([\w-]+)/.exec(text)[1] });
	assert.equal(answer.status, 201, answer.text);
});

test('open: a code is not needed, and gives its plan', async () => {
	const open = await startStack();
	try {
		const who = await operator(open);
		const made = await done(who.call('POST', 'codes', { label: 'A gift', plan: 'scale' }), 201);
		assert.equal((await register(open, { invite_code: made.code })).user.account.plan, 'scale');
		assert.equal((await register(open)).user.account.plan, 'team');
	} finally {
		await open.stop();
	}
});
