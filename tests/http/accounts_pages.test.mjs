// Accounts as people meet them, with forms and cookies and without a script.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { API, PASSWORD, browser, colleague, isProblem, mailedToken, me, newAddress, race, register, signIn, tally } from '../support/accounts.mjs';
import { patient } from '../support/patience.mjs';
import { startStack } from '../support/stack.mjs';
import { formsOf, unescapeHtml } from '../support/visitor.mjs';

let stack;
before(async () => { stack = await startStack({ settings: { WORKERS: 4 } }); });
after(() => stack?.stop());

const row = async (text, parameters) => (await stack.sql(text, parameters))[0];
const valueOf = (page, name) => unescapeHtml(new RegExp(`<input[^>]*name="${name}"[^>]*>`).exec(page.text)?.[0].match(/value="([^"]*)"/)?.[1] ?? '');

// A refused form: its status, a summary that links to the fields, and the message beside the field.
function isRefusedForm(page, status, field) {
	assert.equal(page.status, status, page.text);
	assert.match(page.text, /<title>Error: /);
	assert.match(page.text, new RegExp(`class="err-sum"[\\s\\S]*<a href="#${field}">`));
	assert.doesNotMatch(page.text, /type="password"[^>]*value="[^"]/, 'a password is never shown again');
}

test('registering by the form, and the form again with all that was typed', async () => {
	const { email } = await register(stack);
	const ann = stack.visitor();
	const typed = { name: 'Ann <b>&"Smith"', account_name: "Ann's", email: email.toUpperCase(), password: PASSWORD };
	const refused = await ann.post('/register', typed);
	isRefusedForm(refused, 409, 'email');
	assert.match(refused.text, /has an account already/);
	for (const name of ['name', 'account_name', 'email'])
		assert.equal(valueOf(refused, name), typed[name], name);
	isRefusedForm(await ann.post('/register', { ...typed, password: 'short', name: '' }), 422, 'name');
	const home = await ann.post('/register', { ...typed, email: newAddress() });
	assert.deepEqual([home.status, ann.path], [200, '/']);
	assert.match(home.text, /Welcome, Ann &lt;b&gt;&amp;&quot;Smith&quot;/);
});

test('signing in by the form; a wrong password and an unknown address look alike', async () => {
	const { email } = await register(stack);
	const pages = [];
	for (const who of [email, newAddress()]) {
		const page = await stack.visitor().post('/login', { email: who, password: 'wrong wrong' });
		isRefusedForm(page, 401, 'email');
		assert.equal(valueOf(page, 'email'), who);
		const anyone = page.text.replaceAll(who, 'WHO').replace(/name="csrf" value="[^"]*"/g, '');
		pages.push(anyone);
	}
	assert.equal(pages[0], pages[1]);
	await browser(stack, email);
});

test('a page for signed-in people leads through signing in and back to it', async () => {
	const { email } = await register(stack);
	const ann = stack.visitor();
	await ann.get('/users?page=1&q=a+b');
	assert.equal(ann.path.split('?')[0], '/login');
	const back = await ann.post('/login', { email, password: PASSWORD });
	assert.deepEqual([back.status, ann.path], [200, '/users?page=1&q=a+b']);
	const long = stack.visitor();
	assert.equal((await long.get(`/users?q=${'%C3%BC'.repeat(1000)}`)).status, 200, 'an address too long to come back to');
	assert.equal(long.path, '/login');
});

test('signing out ends the sign-in, clears the cookies and can be repeated', async () => {
	const { email } = await register(stack);
	const ann = await browser(stack, email);
	const access = ann.cookies.get('access');
	await ann.get('/profile');
	const hidden = await ann.hidden('/logout');
	const stale = new Map(ann.cookies);
	const page = await ann.post('/logout');
	assert.match(page.text, /You have been signed out/);
	assert.equal(ann.cookies.get('access') ?? ann.cookies.get('refresh'), undefined);
	assert.equal((await me(stack, access)).status, 401);
	ann.cookies = stale;
	const again = await ann.send('POST', '/logout', { form: hidden });
	assert.deepEqual([again.status, again.headers.location], [303, '/login?signed_out=1']);
	assert.equal(again.headers['clear-site-data'], '"cache"');
});

test('whose sign-in was ended elsewhere can sign in again at once', async () => {
	const { email, user } = await register(stack);
	const ann = await browser(stack, email);
	await stack.sql('UPDATE sign_in SET ended_at = now() WHERE person_id = $1', [user.id]);
	const login = await ann.get('/login');
	assert.equal(login.status, 200);
	assert.equal(ann.cookies.has('access'), false, 'its cookies are gone');
	const home = await ann.post('/login', { email, password: PASSWORD });
	assert.deepEqual([home.status, ann.path], [200, '/'], home.text);
});

test('a page that is not there leaves open forms as they are', async () => {
	const { email } = await register(stack);
	const ann = stack.visitor();
	await ann.get('/login');
	const hidden = await ann.hidden('/login');
	assert.equal((await ann.send('GET', '/favicon.ico')).status, 404);
	assert.equal((await ann.send('GET', '/%2e')).status, 200);
	const answer = await ann.send('POST', '/login', { form: { ...hidden, email, password: PASSWORD } });
	assert.equal(answer.status, 303, answer.text);
});

test('five pages at once whose access has run out: all are there, and one stays signed in', async () => {
	const { email, user } = await register(stack);
	const ann = await browser(stack, email);
	for (let round = 0; round < 10; round++) {
		ann.cookies.delete('access'); // as a browser does after Max-Age
		const pages = await race(5, at => ann.send('GET', ['/profile', '/devices', '/', '/users', '/profile'][at]));
		assert.deepEqual(tally(pages), { 200: 5 });
		assert.ok(pages.every(page => page.text.includes(user.email)), 'all as Ann');
	}
	assert.equal((await ann.get('/profile')).status, 200);
	assert.equal((await row('SELECT count(*) FROM refresh r JOIN sign_in s ON s.id = r.sign_in_id WHERE s.person_id = $1 AND spent_at IS NULL', [user.id])).count, '2');
});

test('a form sent after the access ran out is simply done', async () => {
	const { email, user } = await register(stack);
	const ann = await browser(stack, email);
	await ann.get('/profile');
	ann.cookies.delete('access');
	await ann.post('/profile', { name: 'Ann Renewed', theme: 'dark' });
	assert.equal(ann.path, '/profile');
	assert.equal((await row('SELECT name FROM person WHERE id = $1', [user.id])).name, 'Ann Renewed');
});

test('a form sent after everything ran out is kept, shown after signing in, and sent again', async () => {
	const { email, user } = await register(stack);
	const ann = await browser(stack, email);
	await ann.get('/profile');
	const hidden = await ann.hidden('/profile');
	ann.cookies.clear();
	const name = 'Typed for <long> & "gone"\u00a0– ü';
	const login = await ann.post('/profile', { ...hidden, name, theme: 'dark' });
	assert.equal(ann.path, '/login');
	assert.match(login.text, /your text is safe/);
	const kept = await ann.post('/login', { email, password: PASSWORD });
	assert.equal(ann.path, '/kept');
	assert.match(kept.text, /Typed for &lt;long&gt;/);
	assert.equal(formsOf(kept.text).find(form => form.action === '/profile').hidden.csrf === hidden.csrf, false);
	await ann.post('/profile');
	assert.equal(ann.path, '/profile');
	assert.deepEqual(await row('SELECT name, theme FROM person WHERE id = $1', [user.id]), { name, theme: 'dark' });
	assert.equal(ann.cookies.has('kept'), false);
	assert.equal((await row('SELECT count(*) FROM kept_form')).count, '0');
});

test('a kept form is shown in the words of the form, not in its values', async () => {
	const { email } = await register(stack);
	const ann = await browser(stack, email);
	const hidden = await ann.hidden('/invites');
	ann.cookies.clear();
	await ann.post('/invites', { ...hidden, role: 'team_admin', expires_in: '2592000', max_uses: '3', email: '' });
	const kept = await ann.post('/login', { email, password: PASSWORD });
	const shown = [...kept.text.matchAll(/<dt>(.*?)<\/dt><dd class="lines">(.*?)<\/dd>/g)].map(([, label, value]) => [label, unescapeHtml(value)]);
	assert.deepEqual(shown.sort(), [['E-mail address', '<span class="muted">Not provided</span>'], ['Role', 'Team admin'],
		['Times it can be used', '3'], ['Valid for', '30 days']]);
	assert.equal(formsOf(kept.text).find(form => form.action === '/invites').hidden.role, 'team_admin', 'what is sent again is the value');
	await ann.post('/kept/discard');
});

test('a kept form that is not wanted is gone, and so is one whose owner signs out', async () => {
	const { email } = await register(stack);
	const ann = await browser(stack, email);
	const discard = () => ann.post('/kept/discard');
	const signOut = () => ann.post('/logout');
	for (const [leave, where] of [[discard, '/'], [signOut, '/login']]) {
		await ann.get('/profile');
		const hidden = await ann.hidden('/profile');
		ann.cookies.clear();
		await ann.post('/profile', { ...hidden, name: 'Private', theme: 'dark' });
		await ann.post('/login', { email, password: PASSWORD });
		assert.equal(ann.path, '/kept');
		await leave();
		assert.equal(ann.path.split('?')[0], where);
		assert.equal(ann.cookies.has('kept'), false);
		assert.equal((await row('SELECT count(*) FROM kept_form')).count, '0');
	}
});

test('an error page knows who reads it', async () => {
	const { email } = await register(stack);
	const ann = await browser(stack, email);
	for (const path of ['/no-such-page', '/users/0190a000-0000-7000-8000-000000000000'])
		assert.match((await ann.get(path)).text, new RegExp(email), path);
	assert.equal(ann.page.status, 404);
	assert.doesNotMatch((await stack.visitor().get('/no-such-page')).text, /Sign out/);
});

test('of a kept form the passwords are left out, and a page elsewhere cannot plant one', async () => {
	const { email } = await register(stack);
	const ann = await browser(stack, email);
	const hidden = await ann.hidden('/profile/password');
	ann.cookies.clear();
	const secrets = { current_password: 'hush hush hush', password: 'hush hush hush 2' };
	await ann.post('/profile/password', { ...hidden, ...secrets });
	const kept = await ann.post('/login', { email, password: PASSWORD });
	assert.equal(ann.path, '/kept');
	assert.doesNotMatch(kept.text, /hush/);
	const [{ sealed }] = await stack.sql('SELECT sealed FROM kept_form');
	assert.doesNotMatch(sealed, /hush|password/);
	await ann.post('/profile/password');
	isRefusedForm(ann.page, 422, 'current_password');

	const victim = stack.visitor({ headers: { 'sec-fetch-site': 'cross-site', origin: 'https://evil.example' } });
	const planted = await victim.send('POST', '/profile', { form: { name: 'Pwned', theme: 'dark' } });
	assert.deepEqual([planted.status, planted.headers.location], [303, '/login']);
	assert.equal(victim.cookies.has('kept'), false);
});

test('the devices page lists one\'s own, and ends one or all others for the password', async () => {
	const { email, access_token: first } = await register(stack);
	const stranger = await register(stack);
	const second = (await signIn(stack, email)).json.access_token;
	const ann = await browser(stack, email);
	const devices = await ann.get('/devices');
	assert.match(devices.text, /2 other devices/);
	const ends = [...devices.text.matchAll(/href="(\/devices\/[^"]{36}\/end)"/g)].map(([, path]) => path);
	assert.equal(ends.length, 2, 'the own one has none');
	const proof = { current_password: PASSWORD };
	for (const path of [ends[0], '/devices/end-others']) {
		isRefusedForm(await ann.post(path), 422, 'current_password');
		isRefusedForm(await ann.post(path, { current_password: 'not my password' }), 422, 'current_password');
	}
	assert.deepEqual([(await me(stack, first)).status, (await me(stack, second)).status], [200, 200], 'who finds the device unlocked ends nothing');
	await ann.post(ends[0], proof);
	assert.match(ann.page.text, /That device is signed out/);
	assert.deepEqual([(await me(stack, first)).status, (await me(stack, second)).status].sort(), [200, 401]);
	await ann.get(ends[0]);
	assert.equal(ann.path, '/devices', 'what has ended asks for nothing');
	const [{ id: foreign }] = await stack.sql('SELECT id FROM sign_in WHERE person_id = $1', [stranger.user.id]);
	const { csrf } = await ann.hidden('/devices/end-others');
	for (const id of [foreign, '00000000-0000-7000-8000-000000000000']) {
		assert.equal((await ann.send('POST', `/devices/${id}/end`, { form: { csrf, ...proof } })).status, 404);
		assert.equal((await ann.send('GET', `/devices/${id}/end`)).status, 404);
	}
	assert.equal((await me(stack, stranger.access_token)).status, 200);
	assert.equal((await row(`SELECT count(*) FROM audit WHERE action = 'sign_in.ended' AND actor_id = $1`, [(await me(stack, ann.cookies.get('access'))).json.id])).count, '1');
	await ann.post('/devices/end-others', proof);
	assert.deepEqual([(await me(stack, first)).status, (await me(stack, second)).status], [401, 401]);
	assert.equal((await ann.get('/devices')).status, 200, 'this one stays');
});

test('changing the password by the form ends the other devices', async () => {
	const { email, access_token: other } = await register(stack);
	const ann = await browser(stack, email);
	isRefusedForm(await ann.post('/profile/password', { current_password: 'wrong', password: 'another long one' }), 422, 'current_password');
	const done = await ann.post('/profile/password', { current_password: PASSWORD, password: 'another long one' });
	assert.equal(ann.path, '/profile');
	assert.match(done.text, /Your password is changed/);
	assert.equal((await me(stack, other)).status, 401);
	await browser(stack, email, 'another long one');
});

test('a forgotten password: the same page for everyone, then the link, once', async () => {
	const { email } = await register(stack);
	const pages = [];
	for (const who of [email, newAddress()]) {
		const page = await stack.visitor().post('/forgot', { email: who });
		assert.equal(page.status, 200);
		pages.push(page.text.replaceAll(who, 'WHO'));
	}
	assert.equal(pages[0].replace(/value="[\w-]{43}"/g, ''), pages[1].replace(/value="[\w-]{43}"/g, ''));
	const ann = stack.visitor();
	const link = `/reset/${await mailedToken(stack, email, 'reset')}`;
	await ann.get(link);
	isRefusedForm(await ann.post('/reset', { password: 'short' }), 422, 'password');
	const login = await ann.post('/reset', { password: 'a quite new password' });
	assert.equal(ann.path, '/login');
	assert.match(login.text, /Your password is set/);
	await browser(stack, email, 'a quite new password');
	assert.match((await ann.get(link)).text, /was used already/);
	assert.match((await ann.get('/reset/unknown')).text, /no longer works/);
});

test('confirming an address: looking does not, pressing does, and of two presses one', async () => {
	const { email, user } = await register(stack);
	const link = `/confirm/${await mailedToken(stack, email, 'confirm')}`;
	const verified = async () => (await row('SELECT email_verified_at FROM person WHERE id = $1', [user.id])).email_verified_at !== null;
	const ann = stack.visitor();
	for (let look = 0; look < 3; look++)
		assert.match((await ann.get(link)).text, /Yes, confirm it/);
	await ann.send('HEAD', link);
	assert.equal(await verified(), false);
	const form = await ann.hidden('/confirm');
	const answers = await race(2, () => ann.send('POST', '/confirm', { form }));
	assert.deepEqual(tally(answers), { 200: 1, 409: 1 });
	assert.match(answers.find(answer => answer.status === 409).text, /was used already/);
	assert.equal(await verified(), true);
});

test('an invite is shown with its account, joined by a form, and then spent', async () => {
	const { access_token: bearer, user } = await register(stack, { account_name: 'Join & Co' });
	const { code } = (await stack.request('POST', `${API}/invites`, { bearer, json: { role: 'engineer' } })).json;
	const bob = stack.visitor();
	assert.match((await bob.get(`/join/${code}`)).text, /Join Join &amp; Co/);
	isRefusedForm(await bob.post('/register', { name: 'Bob', email: user.email, password: PASSWORD }), 409, 'email');
	assert.match(bob.page.text, /Join Join &amp; Co/, 'still by the invite');
	await bob.post('/register', { name: 'Bob', email: newAddress('bob'), password: PASSWORD });
	assert.deepEqual([bob.page.status, bob.path], [200, '/']);
	assert.match((await stack.visitor().get(`/join/${code}`)).text, /no longer works/);
});

test('a form sent twice counts once and answers the same', async () => {
	const { email, user } = await register(stack);
	const ann = await browser(stack, email);
	await ann.get('/teams');
	const form = { ...await ann.hidden('/teams'), name: 'Night shift' };
	ann.cookies.delete('access');
	const answers = await race(6, () => ann.send('POST', '/teams', { form }));
	assert.deepEqual(tally(answers), { 303: 6 }, answers.map(answer => answer.text).join('\n'));
	assert.equal(new Set(answers.map(answer => answer.headers.location)).size, 1);
	assert.equal((await row(`SELECT count(*) FROM team WHERE name = 'Night shift' AND account_id = $1`, [user.account.id])).count, '1');
	await stack.sql(`UPDATE refresh SET spent_at = now() - interval '1 minute' WHERE spent_at IS NOT NULL`);
	const late = await ann.send('POST', '/teams', { form });
	assert.deepEqual([late.status, late.cookies.filter(line => /^(access|refresh)=/.test(line))], [303, []], 'no cookie of back then');
});

test('an Idempotency-Key: the first answer again, another body 409, and each person has keys of their own', async () => {
	const ann = await register(stack);
	const invite = (json, key, bearer = ann.access_token) => stack.request('POST', `${API}/invites`, { bearer, json, headers: { 'idempotency-key': key } });
	const answers = await race(20, () => invite({ role: 'viewer' }, 'a key'));
	assert.deepEqual(tally(answers), { 201: 20 }, answers.map(answer => answer.text).join('\n'));
	assert.equal(new Set(answers.map(answer => answer.text)).size, 1);
	assert.match(answers[0].headers['content-type'], /^application\/json/);
	assert.ok(answers.every(answer => answer.headers['cache-control'] === 'no-store'));
	const count = async () => (await row('SELECT count(*) FROM invite WHERE account_id = $1', [ann.user.account.id])).count;
	assert.equal(await count(), '1');
	isProblem(await invite({ role: 'engineer' }, 'a key'), 409, 'key_reused');
	isProblem(await invite({ role: 'nobody' }, 'wrong first'), 422, 'invalid');
	assert.equal((await invite({ role: 'viewer' }, 'wrong first')).status, 201, 'a refused one did not take the key');
	const ben = await colleague(stack, ann, 'team_admin');
	assert.notEqual((await invite({ role: 'viewer' }, 'a key', ben.access_token)).json.code, answers[0].json.code);
	assert.equal((await invite({ role: 'viewer' }, 'ü'.repeat(200))).status, 201);
	isProblem(await invite({ role: 'viewer' }, 'x'.repeat(201)), 422, 'invalid');
	const [kept] = await stack.sql(`SELECT answer FROM once WHERE key = 'api:a key' ORDER BY created_at LIMIT 1`);
	assert.ok(kept.answer && !kept.answer.includes(answers[0].json.code), 'kept sealed');
});

test('an access token that ran out is renewed by the cookie, by the bearer it is refused', { timeout: patient(60_000) }, async () => {
	const brief = await startStack({ settings: { ACCESS_TOKEN_SECONDS: 3 } });
	try {
		const { email, access_token } = await register(brief);
		assert.equal((await me(brief, access_token)).status, 200);
		const ann = await browser(brief, email);
		await sleep(4100);
		isProblem(await me(brief, access_token), 401, 'not_signed_in');
		const pages = await race(5, () => ann.send('GET', '/profile'));
		assert.deepEqual(tally(pages), { 200: 5 });
		assert.equal((await ann.get('/profile')).status, 200);
		assert.equal(ann.path, '/profile');
	} finally {
		await brief.stop();
	}
});
