// The second step of signing in on a page, and the pages of one's own second factor, with forms and cookies alone.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { API, PASSWORD, browser, register } from '../support/accounts.mjs';
import { codeOf, forgetStep, steady, totpOf, withFactor, wrongCode } from '../support/second_factor.mjs';
import { startStack } from '../support/stack.mjs';
import { unescapeHtml } from '../support/visitor.mjs';

let stack;
before(async () => { stack = await startStack({ settings: { WORKERS: 3 } }); });
after(() => stack?.stop());

const someone = async () => withFactor(stack, await register(stack));

// A browser whose password was right, at the page that asks for the code.
async function halfWay(email, from = '/login') {
	const visitor = stack.visitor();
	await visitor.get(from);
	const page = await visitor.post('/login', { email, password: PASSWORD });
	assert.equal(visitor.path.split('?')[0], '/login/code', page.text);
	return { visitor, page };
}

test('after the password a page asks for the code, and leads to where one wanted to go', async () => {
	await steady();
	const { email, secret } = await someone();
	const { visitor, page } = await halfWay(email, '/users?q=a+b');
	assert.equal(visitor.path, '/login/code?next=%2Fusers%3Fq%3Da%2Bb');
	assert.match(page.text, /autocomplete="one-time-code"/);
	assert.match(page.text, /inputmode="numeric"/);
	assert.ok(page.text.includes(email));
	const wrong = await visitor.post('/login/code', { totp: wrongCode(secret) });
	assert.equal(wrong.status, 401);
	assert.match(wrong.text, /<title>Error: [\s\S]*class="err-sum"[\s\S]*<a href="#totp">/);
	assert.doesNotMatch(wrong.text, new RegExp(wrongCode(secret)), 'a code is not shown again');
	const home = await visitor.post('/login/code', { totp: codeOf(secret) });
	assert.deepEqual([home.status, visitor.path], [200, '/users?q=a+b']);
	assert.equal(visitor.cookies.has('half'), false);
});

test('a recovery code has a page of its own', async () => {
	const { email, codes } = await someone();
	const { visitor, page } = await halfWay(email, '/profile');
	assert.match(page.text, /href="\/login\/recovery\?next=%2Fprofile"/);
	const other = await visitor.get('/login/recovery?next=%2Fprofile');
	assert.match(other.text, /href="\/login\/code\?next=%2Fprofile"/);
	assert.doesNotMatch(other.text, /inputmode="numeric"/);
	assert.equal((await visitor.post('/login/recovery', { totp: 'abcd' })).status, 401);
	await visitor.post('/login/recovery', { totp: codes[0] });
	assert.equal(visitor.path, '/profile');
});

test('half a sign-in is none', async () => {
	const { email } = await someone();
	const { visitor } = await halfWay(email);
	const half = visitor.cookies.get('half');
	assert.ok(half && !visitor.cookies.has('access') && !visitor.cookies.has('refresh'));
	assert.match((await visitor.send('GET', '/')).text, /href="\/login"/, 'the front page of whoever is signed out');
	for (const path of ['/profile', '/users', '/profile/second-factor', '/events'])
		assert.match((await visitor.send('GET', path)).headers.location, /^\/login/, path);
	for (const cookie of [`half=${half}`, `access=${half}`, `refresh=${half}`])
		assert.equal((await stack.request('GET', `${API}/auth/me`, { headers: { cookie } })).status, 401, cookie);
	const bearer = await stack.request('GET', `${API}/auth/me`, { bearer: half });
	assert.equal(bearer.status, 401);
});

test('its cookie is sealed, short, and of the password that was right', async () => {
	await steady();
	const { email, secret, access_token: bearer } = await someone();
	const visitor = stack.visitor();
	const answer = await visitor.send('POST', '/login', { form: { ...await visitor.hidden('/login'), email, password: PASSWORD } });
	assert.match(answer.cookies.join(), /half=[\w-]+; Path=\/; HttpOnly; SameSite=Lax; Max-Age=300/);
	const half = visitor.cookies.get('half');
	const begins = async value => {
		visitor.cookies.set('half', value);
		visitor.page = null;
		await visitor.get('/login/code?next=%2Fprofile');
		return visitor.path;
	};
	assert.equal(await begins(half), '/login/code?next=%2Fprofile');
	const { csrf } = await visitor.hidden('/login/code');
	for (const value of [`${half.slice(0, -1)}${half.endsWith('A') ? 'B' : 'A'}`, half.slice(4), 'x', visitor.cookies.get('anon')])
		assert.equal(await begins(value), '/login?next=%2Fprofile', value);
	visitor.cookies.delete('half');
	const none = await visitor.send('POST', '/login/code', { form: { csrf, totp: codeOf(secret), next: '/profile' } });
	assert.deepEqual([none.status, none.headers.location], [303, '/login?next=%2Fprofile']);
	await stack.request('POST', `${API}/auth/password/change`, { bearer, json: { current_password: PASSWORD, password: 'another proven path' } });
	visitor.cookies.set('half', half);
	const stale = await visitor.send('POST', '/login/code', { form: { csrf, totp: codeOf(secret) } });
	assert.deepEqual([stale.status, stale.headers.location], [303, '/login']);
	assert.equal(stale.cookies.some(line => line.startsWith('access=')), false);
});

test('the second step cannot be forged either', async () => {
	await steady();
	const { email, secret } = await someone();
	const { visitor } = await halfWay(email);
	const eve = stack.visitor();
	const form = { totp: codeOf(secret), csrf: (await eve.hidden('/login')).csrf };
	assert.equal((await visitor.send('POST', '/login/code', { form })).status, 403);
	const own = { ...form, csrf: (await visitor.hidden('/login/code')).csrf };
	assert.equal((await visitor.send('POST', '/login/code', { form: own, headers: { 'sec-fetch-site': 'cross-site' } })).status, 403);
	assert.equal((await visitor.send('POST', '/login/code', { form: own })).status, 303);
});

test('a form that outlived its sign-in waits through both steps', async () => {
	await steady();
	const { email, secret, user } = await someone();
	const { visitor } = await halfWay(email);
	await visitor.post('/login/code', { totp: codeOf(secret) });
	await visitor.get('/profile');
	const hidden = await visitor.hidden('/profile');
	visitor.cookies.clear();
	await visitor.post('/profile', { ...hidden, name: 'Kept through both', theme: 'dark' });
	assert.equal(visitor.path, '/login');
	await visitor.post('/login', { email, password: PASSWORD });
	assert.equal(visitor.path, '/login/code');
	await forgetStep(stack, user.id);
	await visitor.post('/login/code', { totp: codeOf(secret) });
	assert.equal(visitor.path, '/kept');
	await visitor.post('/profile');
	assert.deepEqual(await stack.sql('SELECT name, theme FROM person WHERE id = $1', [user.id]), [{ name: 'Kept through both', theme: 'dark' }]);
});

const secretOf = page => /id="secret">([A-Z2-7 ]+)</.exec(page.text)[1].replaceAll(' ', '');
const codesOf = page => /<pre[^>]*id="codes">([\s\S]*?)<\/pre>/.exec(page.text)[1].trim().split('\n');

test('setting it up, new codes and turning it off, by forms', async () => {
	await steady();
	const { email, user, access_token } = await register(stack);
	const ann = await browser(stack, email);
	assert.match((await ann.get('/profile')).text, /href="\/profile\/second-factor"/);
	assert.doesNotMatch((await ann.get('/profile/second-factor')).text, /id="secret"/);
	for (const path of ['/codes', '/off']) {
		await ann.get(`/profile/second-factor${path}`);
		assert.equal(ann.path, '/profile/second-factor', 'nothing to change yet');
	}
	await ann.get('/profile/second-factor?next=%2Fdevices');
	const shown = await ann.post('/profile/second-factor');
	assert.equal(ann.path, '/profile/second-factor?next=%2Fdevices');
	const secret = secretOf(shown);
	assert.equal(secretOf(await ann.get('/profile/second-factor?next=%2Fdevices')), secret, 'looking again changes nothing');
	assert.ok(unescapeHtml(shown.text).includes(`href="otpauth://totp/ResolutionFlow:${encodeURIComponent(email)}?secret=${secret}&issuer=ResolutionFlow"`));
	assert.match(shown.text, /<svg role="img" aria-label="QR code/);
	const refused = await ann.post('/profile/second-factor/confirm', { current_password: 'wrong', totp: codeOf(secret) });
	assert.equal(refused.status, 422);
	assert.match(refused.text, /<a href="#current_password">/);
	const confirmed = await ann.post('/profile/second-factor/confirm', { current_password: PASSWORD, totp: codeOf(secret) });
	assert.equal(confirmed.status, 200, confirmed.text);
	const codes = codesOf(confirmed);
	assert.equal(codes.length, 10);
	const file = decodeURIComponent(unescapeHtml(/href="data:text\/plain;charset=utf-8,([^"]*)"/.exec(confirmed.text)[1]));
	assert.deepEqual(file.trim().split('\n').slice(2), codes);
	assert.match(confirmed.text, /href="\/devices">I have kept them/);
	assert.match(confirmed.headers['cache-control'], /no-store/);
	const on = (await ann.get('/profile/second-factor')).text;
	assert.doesNotMatch(on, new RegExp(codes[0]), 'shown once');
	assert.match(on, /<a href="\/devices">look them through/, 'where the other devices are signed out');

	for (let left = 9; left >= 2; left--)
		await stack.sql('UPDATE recovery_code SET used_at = now() WHERE person_id = $1 AND hash = (SELECT min(hash) FROM recovery_code WHERE person_id = $1 AND used_at IS NULL)', [user.id]);
	assert.match((await ann.get('/profile/second-factor')).text, /Recovery codes left: 2\./);
	await forgetStep(stack, user.id);
	const fresh = await ann.post('/profile/second-factor/codes', { current_password: PASSWORD, totp: codeOf(secret) });
	assert.equal(codesOf(fresh).length, 10);
	assert.doesNotMatch((await ann.get('/profile/second-factor')).text, /Recovery codes left/);
	await forgetStep(stack, user.id);
	const wrong = await ann.post('/profile/second-factor/off', { current_password: PASSWORD, totp: wrongCode(secret) });
	assert.deepEqual([wrong.status, ann.path], [422, '/profile/second-factor/off']);
	const off = await ann.post('/profile/second-factor/off', { current_password: PASSWORD, totp: codeOf(secret) });
	assert.equal(ann.path, '/profile');
	assert.match(off.text, /Your second factor is off[^]*href="\/devices"/);
	assert.equal((await totpOf(stack, { access_token })).on, false);
});

test('the codes wait where a form waits, too', async () => {
	const ann = await browser(stack, (await register(stack)).email);
	const shown = await ann.post('/profile/second-factor');
	ann.cookies.set('kept', 'x'.repeat(43));
	const page = await ann.post('/profile/second-factor/confirm', { current_password: PASSWORD, totp: codeOf(secretOf(shown)) });
	assert.match(page.text, /href="\/kept">I have kept them/);
});
