// What keeps accounts safe from guessing, forged forms, foreign redirects and settings that are not there.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import { after, before, test } from 'node:test';
import { API, PASSWORD, browser, isProblem, newAddress, register, signIn } from '../support/accounts.mjs';
import { patient } from '../support/patience.mjs';
import { give } from '../support/program.mjs';
import { startStack } from '../support/stack.mjs';

let stack;
before(async () => { stack = await startStack({ settings: { PASSWORD_WORKERS: 2 } }); });
after(() => stack?.stop());

// ---- guessing ----

const waitOf = answer => Number(answer.headers['retry-after']);
const letTimePass = seconds => stack.sql(`UPDATE guess SET wait_until = wait_until - $1 * interval '1 second'`, [seconds]);

test('after ten wrong passwords the sign-in waits, longer each time, for unknown addresses as well', async () => {
	const { email } = await register(stack);
	const seen = [];
	for (const who of [email, newAddress()]) {
		const waits = [];
		for (let tries = 0; tries < 10; tries++)
			isProblem(await signIn(stack, tries % 2 ? who : who.toUpperCase(), 'wrong'), 401, 'wrong_credentials');
		for (let round = 0; round < 4; round++) {
			const refused = await signIn(stack, who, 'wrong');
			isProblem(refused, 429, 'rate_limited');
			waits.push(waitOf(refused));
			await letTimePass(waitOf(refused));
			isProblem(await signIn(stack, who, 'wrong'), 401, 'wrong_credentials');
		}
		const page = await stack.visitor().post('/login', { email: who, password: PASSWORD });
		assert.equal(page.status, 429);
		assert.match(page.headers['retry-after'], /^\d+$/);
		assert.ok(page.text.includes(who), 'the form again');
		seen.push(waits);
	}
	assert.deepEqual(seen[0], seen[1]);
	assert.ok(seen[0].every((wait, at) => wait > 0 && (!at || wait > seen[0][at - 1])), seen[0]);
	isProblem(await signIn(stack, email), 429, 'rate_limited');
	await stack.sql('UPDATE guess SET wrong = 1000000, wait_until = now()');
	isProblem(await signIn(stack, email, 'wrong'), 401, 'wrong_credentials');
	assert.ok(waitOf(await signIn(stack, email)) <= 900, 'never for good');
	await letTimePass(900);
	assert.equal((await signIn(stack, email)).status, 200, 'the right one after the wait');
	isProblem(await signIn(stack, email, 'wrong'), 401, 'wrong_credentials');
	assert.equal((await signIn(stack, email)).status, 200, 'and then it is forgotten');
});

test('the present password cannot be guessed by whoever finds a device open', async () => {
	const { access_token: bearer, email } = await register(stack);
	const change = current_password => stack.request('POST', `${API}/auth/password/change`, { bearer, json: { current_password, password: 'another long one' } });
	for (let tries = 0; tries < 10; tries++)
		assert.equal((await change('wrong')).status, 422);
	isProblem(await change(PASSWORD), 429, 'rate_limited');
	assert.equal((await signIn(stack, email)).status, 200, 'signing in is not held up by it');
	await letTimePass(1000);
	assert.equal((await change(PASSWORD)).status, 204);
});

test('one address may try only so often a minute, by setting', async () => {
	const strict = await startStack({ settings: { RATE_SIGN_IN: 5, RATE_REGISTER: 3 } });
	try {
		const statuses = async (count, action) => {
			const found = [];
			for (let at = 0; at < count; at++)
				found.push((await action()).status);
			return found.join(' ');
		};
		const registering = () => strict.request('POST', `${API}/auth/register`, { json: { email: newAddress(), password: PASSWORD, name: 'A', account_name: 'B' } });
		assert.equal(await statuses(4, registering), '201 201 201 429');
		assert.equal(await statuses(6, () => signIn(strict, newAddress())), '401 401 401 401 401 429');
		const refused = await strict.request('POST', `${API}/auth/password/forgot`, { json: { email: newAddress() } });
		isProblem(refused, 429, 'rate_limited');
		assert.match(refused.headers['retry-after'], /^\d+$/);
		assert.equal((await strict.request('GET', '/login')).status, 200);
		await strict.sql(`UPDATE bucket SET at = at - interval '1 minute'`);
		assert.equal((await signIn(strict, newAddress())).status, 401);
		const keep = () => strict.request('POST', '/profile', { form: { name: 'x' } });
		assert.equal(await statuses(6, keep), '303 303 303 303 303 429', 'nor fill the table of kept forms');
	} finally {
		await strict.stop();
	}
});

test('registration by invite only', async () => {
	const closed = await startStack({ settings: { REGISTRATION: 'closed' } });
	try {
		const json = { email: newAddress(), password: PASSWORD, name: 'A', account_name: 'B' };
		isProblem(await closed.request('POST', `${API}/auth/register`, { json }), 403, 'registration_closed');
		const page = await closed.visitor().get('/register');
		assert.doesNotMatch(page.text, /name="password"/);
		assert.doesNotMatch((await closed.visitor().get('/login')).text, /href="\/register"/);
	} finally {
		await closed.stop();
	}
});

// ---- forged requests ----

const FROM = [
	// Sec-Fetch-Site, Origin: whether a form from there may count
	['same-origin', 'own', true], ['same-origin', 'null', true], ['same-origin', undefined, true], ['none', undefined, true],
	['same-site', 'own', false], ['cross-site', 'own', false], ['cross-site', 'null', false], ['cross-site', undefined, false],
	['nonsense', undefined, false], [undefined, 'own', true], [undefined, undefined, true], [undefined, 'null', true],
	[undefined, 'https://evil.example', false], [undefined, 'own.evil.example', false], [undefined, 'ownx', false], [undefined, '', true],
];

test('a change by cookie needs the token, and must come from a page of ours', async () => {
	const { email } = await register(stack);
	const ann = await browser(stack, email);
	const other = await browser(stack, (await register(stack)).email);
	const { csrf } = await ann.hidden('/logout');
	const tokens = { right: csrf, 'of another': (await other.hidden('/logout')).csrf, wrong: 'x'.repeat(43), cut: csrf.slice(1), empty: '', none: undefined };
	const cookie = [...ann.cookies].map(pair => pair.join('=')).join('; ');
	for (const [site, from, welcome] of FROM) {
		for (const [what, token] of Object.entries(tokens)) {
			const headers = { cookie, 'sec-fetch-site': site, origin: from?.replace('own', stack.base) };
			for (const name of Object.keys(headers).filter(key => headers[key] === undefined))
				delete headers[name];
			const status = welcome && what === 'right' ? [303, 204] : [403, 403];
			const say = `${site}, ${from}, token ${what}`;
			const form = { name: 'Ann', theme: 'auto', ...(token !== undefined && { csrf: token }) };
			assert.equal((await stack.request('POST', '/profile', { headers, form })).status, status[0], say);
			const header = token === undefined ? headers : { ...headers, 'x-csrf-token': token };
			const json = { refresh_token: 'unknown' };
			const api = await stack.request('POST', `${API}/auth/logout`, { headers: header, json });
			assert.equal(api.status, status[1], say);
			if (api.status === 403)
				isProblem(api, 403, 'csrf');
			const login = await stack.request('POST', '/login', { headers, form: { ...form, email, password: PASSWORD } });
			assert.equal(login.status, status[0], `signing in: ${say}`);
		}
	}
});

test('a bearer needs no token, and a cookie beside it does not count', async () => {
	const ann = await register(stack);
	const ben = await browser(stack, (await register(stack)).email);
	const elsewhere = { origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' };
	const json = { current_password: PASSWORD, password: PASSWORD };
	const change = (headers, bearer) => stack.request('POST', `${API}/auth/password/change`, { json, headers, bearer });
	const cookie = [...ben.cookies].map(pair => pair.join('=')).join('; ');
	assert.equal((await change(elsewhere, ann.access_token)).status, 204);
	isProblem(await change({ cookie }, undefined), 403, 'csrf');
	isProblem(await change({ cookie }, 'not.a.token'), 401, 'not_signed_in');
	isProblem(await change({ cookie: '' }, undefined), 401, 'not_signed_in');
	const both = await stack.request('GET', `${API}/auth/me`, { headers: { cookie }, bearer: ann.access_token });
	assert.equal(both.json.email, ann.email);
	assert.equal((await stack.request('GET', `${API}/auth/me`, { headers: { cookie } })).status, 200, 'reading by cookie');
});

test('signing in cannot be forged: the form is bound to the browser it was shown in', async () => {
	const { email } = await register(stack);
	const ann = stack.visitor();
	const eve = stack.visitor();
	await ann.get('/login');
	const form = { ...await eve.hidden('/login'), email, password: PASSWORD };
	assert.equal((await ann.send('POST', '/login', { form })).status, 403);
	const bare = await stack.request('POST', '/login', { form });
	assert.equal(bare.status, 403);
	assert.deepEqual(bare.cookies.filter(line => /^(access|refresh)=/.test(line)), []);
});

// ---- redirects ----

const URLS = '../../../shared/data/url-testdata/urltestdata.json';
const OWN_WAYS_OUT = ['//evil.example', '/\\evil.example', '\\\\evil.example', 'https:evil.example', 'javascript:alert(1)', '/\t/evil.example',
	'/\r\nSet-Cookie: a=b', '///evil.example', '/%09/evil.example', ' //evil.example', '/.//evil.example', '/..//evil.example', '/@evil.example', '?//evil'];

function inputs(t) {
	const file = new URL(URLS, import.meta.url);
	if (!fs.existsSync(file)) {
		t.diagnostic('skip: ../shared/data/url-testdata is not here; our own few remain');
		return OWN_WAYS_OUT;
	}
	const theirs = JSON.parse(fs.readFileSync(file, 'utf8')).filter(row => row.input !== undefined).map(row => row.input);
	return [...OWN_WAYS_OUT, ...theirs];
}

// Where a browser goes: as the URL standard reads the header's bytes.
function goesTo(answer, path) {
	return new URL(Buffer.from(answer.headers.location, 'latin1').toString('utf8'), `${stack.base}${path}`).origin;
}

test('wherever "next" points, the way after signing in stays here', async t => {
	const { email } = await register(stack);
	const visitor = stack.visitor();
	await visitor.get('/login');
	const hidden = await visitor.hidden('/login');
	const cookie = `anon=${visitor.cookies.get('anon')}`;
	const all = [...new Set(inputs(t).map(text => text.toWellFormed?.() ?? text.replace(/[\ud800-\udfff]/gu, '\ufffd')))];
	const form = next => new URLSearchParams({ ...hidden, email, password: PASSWORD, next });
	const tryOne = async next => {
		const answer = await stack.request('POST', '/login', { form: form(next), headers: { cookie } });
		assert.ok([303, 400, 422].includes(answer.status), `${JSON.stringify(next)}: ${answer.status}`);
		if (answer.status === 303)
			assert.equal(goesTo(answer, '/login'), stack.base, JSON.stringify(next));
		assert.doesNotMatch(answer.cookies.join(), /\ba=b/);
	};
	while (all.length)
		await Promise.all(all.splice(0, 8).map(tryOne));
});

test('no address of ours leads away, nor writes a header', async () => {
	const paths = ['/%5Cevil.example/', '//evil.example/', '/%2Fevil.example/', '/%5C%5Cevil.example/', '/x%0D%0ASet-Cookie:%20a=b/', '/%09/evil.example/',
		'/.%5Cevil.example/', '/login/', '/profile/?q=1', '/api/v1/auth/me/', '/%0a/'];
	for (const path of paths) {
		const answer = await stack.request('GET', path);
		assert.ok([301, 308, 404, 400].includes(answer.status), `${path}: ${answer.status}`);
		if (answer.headers.location)
			assert.equal(goesTo(answer, path), stack.base, `${path}: ${answer.headers.location}`);
		assert.doesNotMatch(answer.cookies.join(), /a=b/);
	}
	const slash = await stack.request('GET', '/login/?next=/users');
	assert.deepEqual([slash.status, slash.headers.location], [308, '/login?next=/users']);
});

// ---- cookies ----

test('cookies without TLS, and with it', async () => {
	const secure = await startStack({ tls: true });
	try {
		for (const [where, prefix, end] of [[stack, '', ''], [secure, '__Host-', '; Secure']]) {
			const { email } = await register(where);
			const ann = where.visitor();
			const shown = await ann.get('/login');
			const hidden = await ann.hidden('/login');
			const answer = await ann.send('POST', '/login', { form: { ...hidden, email, password: PASSWORD } });
			assert.equal(answer.status, 303, answer.text);
			const line = (name, age) => new RegExp(`^${prefix}${name}=[\\w.-]+; Path=/; HttpOnly; SameSite=Lax; Max-Age=${age}${end}$`);
			assert.match(shown.cookies.join(), line('anon', 86400));
			assert.equal(answer.cookies.length, 2);
			assert.match(answer.cookies[0], line('access', 900));
			assert.match(answer.cookies[1], line('refresh', 2592000));
			assert.ok(answer.cookies.every(cookie => cookie.length < 4096));
			await ann.get('/profile');
			assert.equal(ann.path, '/profile');
			const out = await ann.send('POST', '/logout', { form: await ann.hidden('/logout') });
			assert.equal(out.cookies.filter(cookie => / Max-Age=0/.test(cookie)).length, 2);
			assert.equal(answer.headers['strict-transport-security'] !== undefined, where === secure);
		}
		const plain = await register(secure);
		const forged = await secure.request('GET', `${API}/auth/me`, { headers: { cookie: `access=${plain.access_token}` } });
		assert.equal(forged.status, 401, 'a cookie without the prefix is not ours under TLS');
	} finally {
		await secure.stop();
	}
});

// ---- settings ----

function start(settings) {
	const env = Object.fromEntries(Object.entries(settings).filter(([, value]) => value !== undefined).map(([key, value]) => [key, String(value)]));
	const done = spawnSync(`${stack.app}/resolutionflow`, ['worker'], { env: { PATH: process.env.PATH, ...env }, encoding: 'utf8', timeout: patient(5000) });
	return { status: done.status, said: done.stdout + done.stderr };
}

test('without a setting that is needed the program does not start, and names it', () => {
	for (const name of ['DATABASE_URL', 'MASTER_SECRET', 'BASE_URL', 'RUN_DIR']) {
		const { status, said } = start({ ...stack.settings, [name]: undefined });
		assert.ok(status > 0, `${name}: ${status}`);
		assert.match(said, new RegExp(`\\b${name}\\b`));
	}
	const wrong = [['MASTER_SECRET', 'x'.repeat(31)], ['WORKERS', '0'], ['WORKERS', 'many'], ['ARGON2_KIB', '1'], ['REGISTRATION', 'maybe'], ['MAIL_MODE', 'pigeon'], ['MASTER_SECRET', '']];
	for (const [name, value] of wrong) {
		const { status, said } = start({ ...stack.settings, [name]: value });
		assert.ok(status > 0, `${name}=${value}`);
		assert.match(said, new RegExp(name));
		if (name === 'MASTER_SECRET' && value)
			assert.ok(!said.includes(value), 'a secret is not repeated');
	}
});

test('BASE_URL may end in a slash', async () => {
	const restart = async settings => {
		await stack.programs.worker.stop();
		stack.startProgram('worker', settings);
		await stack.ready();
	};
	await restart({ BASE_URL: `${stack.base}/` });
	const { email } = await register(stack);
	const [{ body_text: text }] = await stack.sql('SELECT body_text FROM outbox WHERE recipient = $1', [email]);
	assert.ok(text.includes(`${stack.base}/confirm/`), text);
	const ann = stack.visitor();
	const form = { ...await ann.hidden('/login'), email, password: PASSWORD };
	const cookie = [...ann.cookies].map(pair => pair.join('=')).join('; ');
	const old = await stack.request('POST', '/login', { form, headers: { cookie, origin: stack.base } });
	assert.equal(old.status, 303, 'a browser that says Origin alone');
	await restart({});
});

test('a setting may stand in a file', () => {
	const file = `${stack.dir}/secret`;
	const check = settings => spawnSync(`${stack.app}/resolutionflow`, ['check'], { env: { ...settings }, encoding: 'utf8' });
	for (const name of ['DATABASE_URL', 'MASTER_SECRET', 'SMTP_PASSWORD']) {
		fs.writeFileSync(file, `${stack.settings[name] ?? 'hush'}\n`);
		give(file);
		const settings = { ...stack.settings, [`${name}_FILE`]: file };
		delete settings[name];
		assert.equal(check(settings).status, 0, check(settings).stderr);
		const gone = check({ ...settings, [`${name}_FILE`]: `${file}.gone` });
		assert.ok(gone.status > 0);
		assert.match(gone.stderr, new RegExp(`${name}_FILE`));
	}
});
