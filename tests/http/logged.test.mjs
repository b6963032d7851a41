// What the programs' log says of what was refused and of what failed, and what it never says.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { API, PASSWORD, browser, colleague, mailedToken, register, signIn } from '../support/accounts.mjs';
import { deadline } from '../support/patience.mjs';
import { startStack } from '../support/stack.mjs';

let stack;
before(async () => { stack = await startStack({ settings: { LOG_FORMAT: 'json', RATE_SIGN_IN: 30 } }); });
after(() => stack?.stop());

const lines = () => stack.log('worker').split('\n').filter(line => line.startsWith('{')).map(line => JSON.parse(line));

async function until(is) {
	for (const end = deadline(10); !is(); await sleep(20))
		assert.ok(Date.now() < end, 'it never came');
}

async function lineOf(answer) {
	const id = answer.headers['x-request-id'];
	const found = () => lines().filter(line => line.request_id === id);
	await until(() => found().length > 0);
	assert.equal(found().length, 1, 'one line a request');
	return found()[0];
}

test('each refusal is a line: when, from where, who, which route, and why', async () => {
	const ann = await register(stack);
	const viewer = await colleague(stack, ann, 'viewer');
	const other = await register(stack);
	const page = await browser(stack, ann.email);
	const cookie = [...page.cookies].map(pair => pair.join('=')).join('; ');
	const invite = (json, who) => stack.request('POST', `${API}/invites`, { json, ...who });
	const cases = [
		['wrong_credentials', 401, '/api/v1/auth/login/json', undefined, () => signIn(stack, ann.email, 'not the password')],
		['not_signed_in', 401, '/api/v1/invites', undefined, () => invite({ role: 'viewer' }, {})],
		['forbidden', 403, '/api/v1/invites', viewer.id, () => invite({ role: 'viewer' }, { bearer: viewer.access_token })],
		['csrf', 403, '/api/v1/invites', ann.user.id, () => invite({ role: 'viewer' }, { headers: { cookie } })],
		['not_found', 404, undefined, ann.user.id, () => stack.request('PATCH', `${API}/users/${other.user.id}`, { bearer: ann.access_token, json: { role: 'viewer' } })],
		['invalid', 422, '/api/v1/invites', ann.user.id, () => invite({ role: 'emperor' }, { bearer: ann.access_token })],
		['malformed', 400, undefined, undefined, () => stack.request('POST', `${API}/auth/login/json`, { body: '{', headers: { 'content-type': 'application/json' } })],
	];
	for (const [code, status, route, user, ask] of cases) {
		const answer = await ask();
		assert.equal(answer.status, status, answer.text);
		const line = await lineOf(answer);
		assert.deepEqual([line.code, line.status, line.user, line.address], [code, status, user, '127.0.0.1'], JSON.stringify(line));
		assert.match(line.time, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/, 'UTC');
		assert.ok(line.method && line.route && (!route || line.route === route), line.route);
	}
	let refused;
	for (let tries = 0; tries < 40 && refused?.status !== 429; tries++)
		refused = await signIn(stack, `x${tries}@example.com`, 'x');
	assert.equal((await lineOf(refused)).code, 'rate_limited');
	await stack.sql('DELETE FROM bucket');
});

test('what fails is an error in the log with its cause, and the answer does not tell it', async () => {
	const { access_token: bearer } = await register(stack);
	await stack.sql('REVOKE SELECT ON team FROM rf_worker');
	try {
		const answer = await stack.request('GET', `${API}/teams`, { bearer });
		assert.ok(answer.status >= 500, String(answer.status));
		const line = await lineOf(answer);
		assert.equal(line.level, 'error');
		assert.match(line.msg, /permission denied.*team/);
		assert.match(line.at, /\.c:\d+$/);
		assert.doesNotMatch(answer.text, /permission denied|SELECT|\.c:\d/i);
		assert.equal(answer.json.request_id, answer.headers['x-request-id']);
	} finally {
		await stack.sql('GRANT SELECT ON team TO rf_worker');
	}
});

test('who asks is whoever holds the connection, whatever the headers say', async () => {
	const headers = { 'x-forwarded-for': '203.0.113.9', 'x-real-ip': '203.0.113.9', forwarded: 'for=203.0.113.9;proto=https', 'x-forwarded-proto': 'https',
		'x-request-id': 'mine', 'rf-request-id': 'mine', 'remote-addr': '203.0.113.9', https: 'on' };
	const answer = await stack.request('GET', '/login', { headers });
	assert.match(answer.headers['x-request-id'], /^[0-9a-f]{32}$/);
	assert.equal((await lineOf(answer)).address, '127.0.0.1');
	assert.ok(answer.cookies.every(line => !/__Host-|Secure/.test(line)), 'plain http stays plain');
	assert.doesNotMatch(stack.log('worker'), /203\.0\.113\.9/);
});

test('neither password, token nor the secret part of a link is in a log', async () => {
	const { email, access_token, refresh_token } = await register(stack);
	await stack.request('POST', `${API}/auth/password/forgot`, { json: { email } });
	const token = await mailedToken(stack, email, 'reset');
	await stack.request('GET', `/reset/${token}`);
	await stack.request('GET', `/invite/secret-of-a-link?secret-of-a-query=1`);
	const page = await browser(stack, email);
	const hidden = await page.hidden('/profile');
	await stack.request('GET', `${API}/auth/me`, { bearer: access_token });
	const last = await stack.request('POST', `${API}/auth/login/json`, { json: { email, password: 'secret-of-a-typo' } });
	await lineOf(last);
	const access = `${stack.dir}/log/access.log`;
	await until(() => fs.readFileSync(access, 'utf8').includes(last.headers['x-request-id']));
	const all = Object.keys(stack.programs).map(name => stack.log(name)).join('\n') + fs.readFileSync(access, 'utf8');
	for (const secret of [PASSWORD, access_token, refresh_token, token, hidden.csrf, page.cookies.get('refresh'), 'secret-of-', email])
		assert.ok(!all.includes(secret), secret);
});
