// Whoever tries to do more than they may, by several of the ways in at once: keys, half sign-ins, looks, accounts that end.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { API, PASSWORD, browser, colleague, isProblem, me, race, register, tally } from '../support/accounts.mjs';
import { Events, STREAM } from '../support/events.mjs';
import { deadline } from '../support/patience.mjs';
import { done, operator } from '../support/platform.mjs';
import { codeOf, signInWith, steady, withFactor } from '../support/second_factor.mjs';
import { startStack } from '../support/stack.mjs';

const WORDS = ['read', 'run', 'flows', 'queue', 'curate', 'people'];
let stack;
let root;
before(async () => {
	stack = await startStack({ hub: true, jobs: true, settings: { WORKERS: 4, RATE_SIGN_IN: 1000 } });
	root = await operator(stack);
});
after(() => stack?.stop());

const account = who => who.user.account.id;
const call = (method, path, bearer, json) => stack.request(method, API + path, { bearer, ...json !== undefined && { json } });
const wish = (permissions, more) => ({ name: `key ${Math.random()}`, permissions, expires_at: null, current_password: PASSWORD, ...more });
const keyOf = async (who, permissions) => (await done(call('POST', '/keys', who.access_token, wish(permissions)), 201)).key;

async function gone(id) {
	for (const end = deadline(30); Date.now() < end; await sleep(50))
		if ((await stack.sql('SELECT FROM account WHERE account_id = $1', [id])).length === 0)
			return;
	assert.fail('the account is still there');
}

test('no key is made that opens more than its maker\'s role, nor by a key', async () => {
	const admin = await register(stack);
	for (const [role, most] of [['viewer', 1], ['engineer', 4]]) {
		const who = await colleague(stack, admin, role);
		for (const word of WORDS.slice(most))
			for (const words of [[word], ['read', word], [word, word]])
				isProblem(await call('POST', '/keys', who.access_token, wish(words)), 422, 'invalid');
		const key = await keyOf(who, WORDS.slice(0, most));
		isProblem(await call('POST', '/keys', key, wish(['read'])), 403, 'key_permission');
		for (const bearer of [key, who.access_token])
			isProblem(await call('PATCH', `/users/${who.id}`, bearer, { role: 'team_admin' }), 403, 'forbidden');
	}
	assert.equal((await stack.sql(`SELECT count(*)::int AS n FROM person WHERE account_id = $1 AND role = 'team_admin'`, [account(admin)]))[0].n, 1);
});

test('the key of an admin who is one no more administers nothing, in every worker, and nobody becomes super_admin', async () => {
	const owner = await register(stack);
	const admin = await colleague(stack, owner, 'team_admin');
	const key = await keyOf(admin, WORDS);
	assert.deepEqual(tally(await race(16, () => call('GET', '/invites', key))), { 200: 16 }, 'each worker knows it');
	for (const bearer of [key, admin.access_token])
		assert.equal((await call('PATCH', `/users/${admin.id}`, bearer, { role: 'super_admin' })).status, 422);
	isProblem(await call('GET', '/platform/accounts', key), 403, 'forbidden');
	await done(call('PATCH', `/users/${admin.id}`, owner.access_token, { role: 'viewer' }));
	assert.deepEqual(tally(await race(16, () => call('GET', '/invites', key))), { 403: 16 });
	assert.deepEqual(tally(await race(16, () => call('PATCH', `/users/${admin.id}`, key, { role: 'team_admin' }))), { 403: 16 });
	assert.deepEqual(tally(await race(4, () => call('POST', '/trees', key, { name: 'x' }))), { 403: 4 });
	assert.equal((await stack.sql('SELECT role FROM person WHERE id = $1', [admin.id]))[0].role, 'viewer');
});

test('who looks into an account writes nothing there, whether by cookie, by token or by a key', async () => {
	const firm = await register(stack, { account_name: 'Looked Into' });
	const page = await browser(stack, root.email);
	await page.get(`/platform/accounts/${account(firm)}`);
	await page.post(`/platform/accounts/${account(firm)}/look`);
	const cookie = [...page.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
	const csrf = /name="csrf" value="([^"]+)"/.exec((await page.get('/flows')).text)[1];
	const access = page.cookies.get('access');
	const before = await stack.sql('SELECT count(*)::int AS n FROM invite');
	const json = { email: 'mole@example.com', role: 'team_admin' };
	isProblem(await stack.request('POST', `${API}/invites`, { headers: { cookie }, json }), 403, 'csrf');
	isProblem(await stack.request('POST', `${API}/invites`, { headers: { cookie, 'x-csrf-token': csrf }, json }), 403, 'read_only');
	isProblem(await stack.request('POST', `${API}/invites`, { bearer: access, json }), 403, 'read_only');
	isProblem(await stack.request('PATCH', `${API}/users/${firm.user.id}`, { bearer: access, json: { role: 'viewer' } }), 403, 'read_only');
	assert.equal((await stack.request('POST', '/invites', { headers: { cookie }, form: { ...json, csrf } })).status, 403);
	// Another sign-in of theirs is at home, and so is a key.
	const key = (await done(root.call('POST', `${API}/keys`, wish(['people'])), 201)).key;
	for (const bearer of [key, root.access_token])
		assert.equal((await call('PATCH', `/users/${firm.user.id}`, bearer, { role: 'viewer' })).status, 404);
	assert.deepEqual(await stack.sql('SELECT count(*)::int AS n FROM invite'), before);
	assert.equal((await stack.sql('SELECT role FROM person WHERE id = $1', [firm.user.id]))[0].role, 'team_admin');
});

test('half a sign-in opens no route, and none after another password, however it comes', async () => {
	await steady();
	const who = await withFactor(stack, await register(stack));
	const visitor = stack.visitor();
	await visitor.post('/login', { email: who.email, password: PASSWORD });
	const half = visitor.cookies.get('half');
	const { csrf } = await visitor.hidden('/login/code');
	const routes = stack.command(['routes']).trim().split('\n').map(line => line.split(/\s+/)).filter(([, , , roles]) => roles !== '-');
	const fill = path => path.replace(/[:*]\w+/g, '0190a000-0000-7000-8000-000000000000');
	for (const [method, path] of routes) {
		const body = method === 'GET' ? {} : path.startsWith('/api/') ? { json: {} } : { form: { csrf } };
		for (const cookie of [`half=${half}`, `half=${half}; access=${half}; refresh=${half}`]) {
			const { status, headers } = await stack.request(method, fill(path), { headers: { cookie }, ...body });
			assert.ok(status === 401 || status === 403 || (status === 303 && /^\/login/.test(headers.location)), `${method} ${path}: ${status}`);
		}
	}
	await done(call('POST', '/auth/password/change', who.access_token, { current_password: PASSWORD, password: 'another proven path' }), 204);
	visitor.cookies.set('half', half);
	const answers = await race(8, at => visitor.send('POST', ['/login/code', '/login/recovery'][at % 2],
		{ form: { csrf, totp: at % 2 ? who.codes[0] : codeOf(who.secret) } }));
	for (const { status, headers, cookies } of answers) {
		assert.deepEqual([status, headers.location], [303, '/login']);
		assert.equal(cookies.some(line => line.startsWith('access=')), false);
	}
	assert.equal((await stack.sql('SELECT count(*)::int AS n FROM recovery_code WHERE person_id = $1 AND used_at IS NOT NULL', [who.user.id]))[0].n, 0);
});

test('a recovery code counts once, though it comes by page and API at the same time', async () => {
	const who = await withFactor(stack, await register(stack));
	const visitor = stack.visitor();
	await visitor.post('/login', { email: who.email, password: PASSWORD });
	const half = visitor.cookies.get('half');
	const form = await visitor.hidden('/login/recovery');
	const cookie = [...visitor.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
	assert.ok(half);
	const answers = await race(12, at => at % 2 ? signInWith(stack, who.email, who.codes[3])
		: stack.request('POST', '/login/recovery', { headers: { cookie }, form: { ...form, totp: who.codes[3] } }));
	const right = answers.filter(({ status, headers }) => status === 200 && headers['content-type'].includes('json') || status === 303 && !/^\/login/.test(headers.location));
	assert.equal(right.length, 1, JSON.stringify(tally(answers)));
	assert.ok(answers.every(({ status }) => status < 500));
});

test('once erasing has begun nobody calls it off, signs in, or reads an archive of it', async () => {
	const firm = await register(stack, { account_name: 'Closing Time' });
	await stack.sql('UPDATE person SET is_owner = true WHERE id = $1', [firm.user.id]);
	const key = await keyOf(firm, ['read', 'people']);
	const stranger = await register(stack);
	const asked = await done(call('POST', '/account/archives', firm.access_token), 202);
	for (const path of [`/account/archives/${asked.id}`, `/account/archives/${asked.id}/file`])
		isProblem(await call('GET', path, stranger.access_token), 404, 'not_found');
	await done(call('POST', '/account/closing', firm.access_token, { name: 'Closing Time', current_password: PASSWORD }), 201);
	isProblem(await call('DELETE', '/account/closing', key), 403, 'key_permission');
	isProblem(await call('DELETE', '/account/closing', stranger.access_token), 409, 'not_closing');
	await stack.sql(`UPDATE account SET closing_at = now() - interval '1 second' WHERE account_id = $1`, [account(firm)]);
	const late = await race(8, () => call('DELETE', '/account/closing', firm.access_token));
	assert.ok(late.every(({ status }) => status === 409 || status === 401), JSON.stringify(tally(late)));
	await gone(account(firm));
	for (const bearer of [key, firm.access_token])
		isProblem(await me(stack, bearer), 401, 'not_signed_in');
	isProblem(await call('GET', `/account/archives/${asked.id}/file`, firm.access_token), 401, 'not_signed_in');
});

test('of a suspended account neither keys nor their streams go on, and none is let in again by a half', async () => {
	await steady();
	const firm = await withFactor(stack, await register(stack, { account_name: 'Suspended' }));
	const other = await colleague(stack, firm, 'engineer');
	const key = await keyOf(other, ['read', 'queue']);
	const events = new Events(stack.base, STREAM, { bearer: key, stays: false });
	await events.ready();
	const visitor = stack.visitor();
	await visitor.post('/login', { email: firm.email, password: PASSWORD });
	const form = await visitor.hidden('/login/code');
	await done(root.call('POST', `accounts/${account(firm)}/suspend`, { reason: 'Unpaid' }));
	await events.until(() => events.ended, 'the stream of the key ended', 5);
	assert.deepEqual(tally(await race(16, () => me(stack, key))), { 401: 16 });
	assert.equal((await stack.request('GET', STREAM, { bearer: key })).status, 401);
	const half = await visitor.send('POST', '/login/code', { form: { ...form, totp: codeOf(firm.secret) } });
	assert.deepEqual([half.status, half.headers.location], [303, '/login']);
	await done(root.call('POST', `accounts/${account(firm)}/resume`));
	isProblem(await me(stack, firm.access_token), 401, 'not_signed_in');
});
