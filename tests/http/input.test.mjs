// What comes in: bodies that no program should send, the order of the checks, and that nothing of it stays.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { API, PASSWORD, browser, colleague, fieldsOf, isProblem, newAddress, register, signIn } from '../support/accounts.mjs';
import { patient } from '../support/patience.mjs';
import { startStack } from '../support/stack.mjs';
import { unescapeHtml } from '../support/visitor.mjs';

let stack;
let ann;
before(async () => {
	stack = await startStack({ settings: { WORKERS: 1, PASSWORD_WORKERS: 1, WORKER_MAX_REQUESTS: 1000000 } });
	ann = await register(stack);
});
after(() => stack?.stop());

const LOGIN = `${API}/auth/login/json`;
const INVITES = `${API}/invites`;
const JSON_TYPE = { 'content-type': 'application/json' };
const sendBody = (path, body, headers = JSON_TYPE, bearer) => stack.request('POST', path, { body, headers, bearer });

const data = name => `${fileURLToPath(new URL('../../../shared/data', import.meta.url))}/${name}`;
function present(t, name) {
	const there = fs.existsSync(data(name));
	if (!there)
		t.diagnostic(`skip: ../shared/data/${name} is not here; our own few remain`);
	return there;
}

// ---- JSON ----

const OWN_JSON = {
	y_object: '{"email":"a","password":"b","more":[1,{"x":null}]}', y_space: ' \n\t{ } \r\n', y_number: '-0.5e+10', y_text: '"\\ud83d\\ude00"', y_null: 'null',
	n_nan: '{"email":NaN}', n_infinity: '[-Infinity]', n_quotes: '{\'a\':1}', n_comma: '[1,]', n_tab: '["\t"]', n_zero: '[-01]', n_dot: '[2.e3]', n_two: '{}{}', n_open: '[',
	n_trailing: '{} x', n_utf8: Buffer.from([0x22, 0xff, 0x22]), n_nothing: '', n_bom: '\ufeff{}', n_utf16: Buffer.from('{}', 'utf16le'), n_nul: '{}\0', n_comment: '/* */{}',
	i_surrogate: '["\\ud800"]', i_nul: '{"email":"a\\u0000b","password":"x"}', i_twice: '{"email":"a","email":"b","password":"x"}', i_huge: '[1e9999]', i_deep: `${'['.repeat(40)}${']'.repeat(40)}`,
};

function jsonVectors(t) {
	const all = Object.entries(OWN_JSON);
	if (present(t, 'json-test-suite/test_parsing'))
		for (const name of fs.readdirSync(data('json-test-suite/test_parsing')))
			all.push([name, fs.readFileSync(data(`json-test-suite/test_parsing/${name}`))]);
	return all;
}

test('of JSON, what is sound is read, and all else is 400', async t => {
	const welcome = { y: [422], n: [400], i: [400, 422] };
	for (const [name, body] of jsonVectors(t)) {
		const answer = await sendBody(LOGIN, body);
		assert.ok(welcome[name[0]].includes(answer.status), `${name}: ${answer.status} ${answer.text}`);
		isProblem(answer, answer.status, answer.status === 400 ? 'malformed' : 'invalid');
	}
});

test('depth, keys and size are bounded', async () => {
	const nested = depth => `{"a":${'['.repeat(depth - 1)}${']'.repeat(depth - 1)}}`;
	const keys = count => JSON.stringify(Object.fromEntries(Array.from({ length: count }, (_, at) => [`k${at}`, at])));
	const cases = [
		[nested(32), 422], [nested(33), 400], [nested(100000), 400], [keys(1000), 422], [keys(1001), 400],
		[`{"a":[${'{},'.repeat(99998)}{}]}`, 422], [`{"a":[${'{},'.repeat(99999)}{}]}`, 400],
		[`{"a":"${'x'.repeat((1 << 20) - 10)}"}`, 422], [`{"a":"${'x'.repeat(1 << 20)}"}`, 413], [`[${'0,'.repeat(400000)}0]`, 400],
	];
	for (const [body, status] of cases) {
		const begun = Date.now();
		assert.equal((await sendBody(LOGIN, body)).status, status, `${body.slice(0, 20)} ${body.length}`);
		assert.ok(Date.now() - begun < patient(1000), 'at once');
	}
});

test('every wrong field is named, unknown ones too, and a value of another type is no value', async () => {
	const wrong = [
		[{ emial: 'a', password: 'b' }, ['email', 'emial']], [{}, ['email', 'password']], [[], ['']], ['text', ['']], [null, ['']], [7, ['']],
		[{ email: 7, password: true }, ['email', 'password']], [{ email: null, password: null }, ['email', 'password']],
		[{ email: ['a'], password: { b: 1 } }, ['email', 'password']], [{ email: 'a', password: 'b', EMAIL: 'c' }, ['EMAIL']],
		[{ email: 'a', password: 'b', role: 'super_admin', 'a.b[0]': 1, '<script>': 1 }, ['role', 'a.b[0]', '<script>']],
		[{ email: 'x'.repeat(255), password: 'b' }, ['email']], [{ email: '', password: '' }, ['email', 'password']], [{ email: 'a\u0001b', password: 'c' }, ['email']],
	];
	for (const [json, fields] of wrong) {
		const answer = await stack.request('POST', LOGIN, { json });
		isProblem(answer, 422, 'invalid');
		assert.deepEqual(fieldsOf(answer).sort(), fields.sort(), answer.text);
	}
	const given = { email: newAddress(), password: PASSWORD, name: 'A', account_name: 'B' };
	for (const column of ['account_id', 'role', 'is_owner', 'active', 'plan', 'email_verified_at', 'id']) {
		const answer = await stack.request('POST', `${API}/auth/register`, { json: { ...given, [column]: 'team_admin' } });
		assert.deepEqual(fieldsOf(answer), [column], 'nothing is assigned in passing');
	}
	const numbers = [['max_uses', '5'], ['max_uses', 1.5], ['max_uses', 1e300], ['max_uses', -1], ['max_uses', 1001], ['expires_in', 9007199254740993], ['team_id', 'x'], ['role', 'super_admin'], ['role', 1]];
	for (const [field, value] of numbers) {
		const answer = await stack.request('POST', INVITES, { bearer: ann.access_token, json: { role: 'viewer', [field]: value } });
		isProblem(answer, 422, 'invalid');
		assert.deepEqual(fieldsOf(answer), [field], JSON.stringify(value));
	}
});

test('addresses that are none are refused before a mail could carry them', async () => {
	const addresses = ['a', '@b', 'a@', 'a@b@c', 'a b@c', 'a@b\r\nRCPT TO:<x@y>', 'a@b\nBcc: x@y', '<a@b>', 'a@b,c@d', 'a@.b', 'a@b.', 'a@b..c', `${'x'.repeat(65)}@b`, 'a@b\u0000', '"a"@b', 'a@b;c'];
	for (const email of addresses)
		for (const path of ['password/forgot', 'register']) {
			const answer = await stack.request('POST', `${API}/auth/${path}`, { json: path === 'register' ? { email, password: PASSWORD, name: 'A', account_name: 'B' } : { email } });
			assert.ok([400, 422].includes(answer.status), `${path} ${JSON.stringify(email)}: ${answer.status}`);
		}
});

// ---- forms and queries ----

test('forms and queries that cannot be read are 400, and a form is no place for JSON', async () => {
	const form = { 'content-type': 'application/x-www-form-urlencoded' };
	const cases = [['a=%', 400], ['a=%4', 400], ['a=%zz', 400], ['a=%00', 400], ['a=%ff', 400], ['%c3%28=x', 400], ['&&&', 403], ['=', 403], ['a&b&c', 403], [`x=${'&x='.repeat(600)}`, 400], ['', 403]];
	for (const [body, status] of cases) {
		assert.equal((await sendBody('/login', body, form)).status, status, body.slice(0, 20));
		if (status === 400)
			assert.equal((await stack.request('GET', `/login?${body}`)).status, 400, body.slice(0, 20));
	}
	for (const type of ['application/json', 'text/plain', 'multipart/form-data; boundary=x', 'application/x-www-form-urlencodedx', ''])
		assert.equal((await sendBody('/login', 'a=b', { 'content-type': type })).status, 415, type);
	for (const type of ['application/json', 'APPLICATION/JSON', 'application/json; charset=utf-8', 'application/json ;x=y'])
		assert.equal((await sendBody(LOGIN, '{}', { 'content-type': type })).status, 422, type);
	for (const type of ['application/jsonx', 'text/json', 'application/problem+json', 'application/x-www-form-urlencoded'])
		isProblem(await sendBody(LOGIN, '{}', { 'content-type': type }), 415, 'unsupported_media_type');
	isProblem(await sendBody(LOGIN, '{}', {}), 415, 'unsupported_media_type');
});

test('a field given twice counts once, and headers that tell who asks are not taken twice', async () => {
	const twice = new URLSearchParams([['username', ann.email], ['username', 'eve@example.com'], ['password', PASSWORD]]);
	const answer = await stack.request('POST', `${API}/auth/login`, { form: twice });
	assert.ok([200, 422].includes(answer.status), answer.text);
	const other = await register(stack);
	const both = await stack.request('GET', `${API}/auth/me`, { headers: { authorization: [`Bearer ${ann.access_token}`, `Bearer ${other.access_token}`] } });
	assert.equal(both.status, 400, both.text);
});

// ---- order of checks, addresses and methods ----

test('checks run in their order: 400 413 415, 401, CSRF, role, 404, 422, 409', async () => {
	const viewer = await colleague(stack, ann, 'viewer');
	const page = await browser(stack, ann.email);
	const { csrf } = await page.hidden('/logout');
	const cookie = [...page.cookies].map(pair => pair.join('=')).join('; ');
	const nobody = `${API}/users/01a1fe00-0000-7000-8000-000000000000`;
	const patch = (path, body, headers, bearer) => stack.request('PATCH', path, { body, headers: { ...JSON_TYPE, ...headers }, bearer });
	const cases = [
		[400, 'malformed', () => patch(nobody, '{', {})],
		[413, 'too_large', () => patch(nobody, `"${'x'.repeat(1 << 20)}"`, {})],
		[415, 'unsupported_media_type', () => patch(nobody, '{', { 'content-type': 'text/plain' })],
		[401, 'not_signed_in', () => patch(nobody, '{"x":1}', {})],
		[403, 'csrf', () => patch(nobody, '{"x":1}', { cookie })],
		[403, 'forbidden', () => patch(nobody, '{"x":1}', {}, viewer.access_token)],
		[404, 'not_found', () => patch(nobody, '{"x":1}', { cookie, 'x-csrf-token': csrf })],
		[404, 'not_found', () => patch(nobody, '{"x":1}', {}, ann.access_token)],
		[422, 'invalid', () => patch(`${API}/users/${viewer.id}`, '{"x":1}', {}, ann.access_token)],
		[422, 'invalid', () => patch(`${API}/users/${ann.user.id}`, '{"x":1,"role":"viewer"}', {}, ann.access_token)],
		[409, undefined, () => patch(`${API}/users/${ann.user.id}`, '{"role":"viewer"}', {}, ann.access_token)],
	];
	for (const [status, code, ask] of cases) {
		const answer = await ask();
		isProblem(answer, status, code ?? answer.json.code);
	}
});

test('addresses and methods that are not there', async () => {
	for (const path of [`${API}/no-such`, '/api', `${API}/users/not-an-id`, '/users/1', `${API}/auth`, '/a/b/c/d/e/f/g/h/i/j', '/Login', '/login%00', `/${'a'.repeat(3000)}`])
		assert.ok([404, 400].includes((await stack.request('GET', path)).status), path);
	isProblem(await stack.request('GET', `${API}/no-such`), 404, 'not_found');
	const methods = [['DELETE', LOGIN, 'POST'], ['GET', LOGIN, 'POST'], ['OPTIONS', LOGIN, 'POST'], ['PUT', `${API}/auth/me`, 'GET, HEAD'], ['PATCH', '/login', 'GET, HEAD, POST'], ['BREW', '/login', 'GET, HEAD, POST']];
	for (const [method, path, allow] of methods) {
		const answer = await stack.request(method, path);
		assert.deepEqual([answer.status, answer.headers.allow], [405, allow], `${method} ${path}`);
	}
	isProblem(await stack.request('DELETE', LOGIN), 405, 'method_not_allowed');
	for (const path of ['/login', '/healthz', `${API}/openapi.json`, '/no-such']) {
		const [get, head] = [await stack.request('GET', path), await stack.request('HEAD', path)];
		assert.deepEqual([head.status, head.headers['content-type'], head.body.length], [get.status, get.headers['content-type'], 0], path);
	}
	const slash = await stack.request('POST', `${LOGIN}/`, { json: {} });
	assert.deepEqual([slash.status, slash.headers.location], [308, LOGIN]);
});

// ---- odd texts ----

const OWN_STRINGS = ['<script>alert(1)</script>', '" onmouseover="x', '{{csrf}}', '{{{name}}}', '\u202egnp.exe', '👩‍💻 ü ﷽', '${7*7}', '%s%n', `' OR 1=1 --`, '&amp;', '\u00a0', 'a\u0301'];

test('no odd name breaks the page that shows it, and each is shown as it is', async t => {
	const strings = [...OWN_STRINGS, ...present(t, 'naughty-strings/blns.json') ? JSON.parse(fs.readFileSync(data('naughty-strings/blns.json'), 'utf8')) : []];
	const page = await browser(stack, ann.email);
	const hidden = await page.hidden('/profile');
	let shown = 0;
	for (const name of strings) {
		const saved = await page.send('POST', '/profile', { form: { ...hidden, name, theme: 'auto' } });
		assert.ok([303, 422].includes(saved.status), `${JSON.stringify(name)}: ${saved.status}`);
		const looked = saved.status === 303 ? await page.send('GET', '/profile') : saved;
		const value = /<input[^>]*\bvalue="([^"]*)"[^>]*\bname="name"|<input[^>]*\bname="name"[^>]*\bvalue="([^"]*)"/.exec(looked.text);
		const expected = saved.status === 303 ? name.replace(/^[ \t\n\r\f\v]+|[ \t\n\r\f\v]+$/g, '') : name;
		assert.equal(unescapeHtml(value[1] ?? value[2]).replace(/\r/g, ''), expected.replace(/\r/g, ''), JSON.stringify(name));
		assert.equal((looked.text.match(/<script/gi) ?? []).length, 1, `one script, ours: ${name}`);
		shown += saved.status === 303;
	}
	assert.ok(shown > OWN_STRINGS.length / 2);
});

// ---- nothing of one request is seen in the next ----

test('2,000 mixed requests of two people through one worker: nobody sees a word of the other', { timeout: patient(60_000) }, async () => {
	const people = await Promise.all(['Marker-Ann', 'Marker-Ben'].map(async name => {
		const person = await register(stack, { name: `${name}-Person`, account_name: `${name}-Account` });
		return { name, ...person, page: await browser(stack, person.email) };
	}));
	const [{ csrf: first }, { csrf: second }] = await Promise.all(people.map(person => person.page.hidden('/logout')));
	assert.notEqual(first, second);
	const kinds = [
		(p, csrf) => p.page.send('GET', ['/', '/profile', '/devices', '/users', '/teams'][p.at++ % 5], { csrf }),
		p => stack.request('GET', `${API}/auth/me`, { bearer: p.access_token }),
		p => stack.request('GET', `${API}/users`, { bearer: p.access_token }),
		(p, csrf) => p.page.send('POST', '/profile', { form: { csrf, name: `${p.name}-Person`, theme: 'auto' } }),
		(p, csrf) => p.page.send('POST', '/teams', { form: { csrf, name: '', once: 'x' } }),
		p => stack.request('POST', INVITES, { bearer: p.access_token, json: { role: p.name } }),
		p => stack.request('GET', `/no-such/${p.name}`),
		p => sendBody(LOGIN, `{"email":"${p.name}`),
		() => stack.request('GET', '/login'),
		() => stack.request('GET', `${API}/auth/me`),
	];
	const seen = { 0: 0, 1: 0 };
	for (const person of people)
		person.at = 0;
	const one = async at => {
		const who = (at >> 1) & 1;
		const [person, other] = [people[who], people[1 - who]];
		const answer = await kinds[Math.floor(Math.random() * kinds.length)](person, [first, second][who]);
		const all = `${answer.text}${answer.rawHeaders.join()}`;
		assert.ok(answer.status < 500, `${answer.status} ${answer.text}`);
		for (const theirs of [other.name, other.email, [first, second][1 - who], other.user.id, other.user.account.id])
			assert.ok(!all.includes(theirs), `${theirs} in an answer to ${person.name}`);
		seen[who] += all.includes(`${person.name}-`);
	};
	for (let at = 0; at < 2000; at += 8)
		await Promise.all(Array.from({ length: 8 }, (_, more) => one(at + more)));
	assert.ok(seen[0] > 100 && seen[1] > 100, 'each saw their own');
	assert.equal((await signIn(stack, ann.email)).status, 200);
});

test('null is a value of what may be null, and else as if the field were not there', async () => {
	const ben = await colleague(stack, ann, 'engineer');
	const patch = (path, json) => stack.request('PATCH', `${API}${path}`, { bearer: ann.access_token, json });
	const { json: { id: team } } = await stack.request('POST', `${API}/teams`, { bearer: ann.access_token, json: { name: 'Second' } });
	assert.equal((await patch(`/users/${ben.id}`, { team_id: team })).json.team_id, team);
	const kept = await patch(`/users/${ben.id}`, { role: null, active: null });
	assert.deepEqual([kept.status, kept.json.role, kept.json.active, kept.json.team_id], [200, 'engineer', true, team]);
	assert.equal((await patch(`/users/${ben.id}`, { team_id: null })).json.team_id, null);
	isProblem(await patch(`/teams/${team}`, { name: null }), 422, 'invalid');
});
