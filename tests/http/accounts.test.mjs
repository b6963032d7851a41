// Accounts as programs meet them: registering, signing in, renewing, passwords and addresses, by the API.
import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { after, before, test } from 'node:test';
import { API, PASSWORD, browser, colleague, fieldsOf, isProblem, mailedToken, me, newAddress, race, refresh, register, signIn, tally } from '../support/accounts.mjs';
import { startStack } from '../support/stack.mjs';

let stack;
before(async () => { stack = await startStack({ settings: { WORKERS: 4, PASSWORD_WORKERS: 2 } }); });
after(() => stack?.stop());

const post = (path, json, options) => stack.request('POST', `${API}/auth/${path}`, { json, ...options });

function isUser(user, expected) {
	assert.deepEqual(Object.keys(user), ['id', 'email', 'name', 'role', 'account', 'flags', 'email_verified', 'created_at']);
	assert.deepEqual(Object.keys(user.account), ['id', 'name', 'plan']);
	for (const [key, value] of Object.entries(expected))
		assert.deepEqual(user[key], value, key);
	assert.match(user.id, /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-/, 'version 7');
	assert.match(user.created_at, /^\d{4}-\d\d-\d\dT[\d:.]+Z$/);
}

function areTokens(tokens) {
	assert.equal(tokens.token_type, 'bearer');
	assert.equal(tokens.expires_in, 900);
	assert.match(tokens.refresh_token, /^[\w-]{43}$/);
	assert.equal(tokens.access_token.split('.').length, 3);
}

test('registering answers the user and tokens, and the address is taken whatever its case', async () => {
	const email = newAddress('Mixed.Case');
	const fields = { email, password: PASSWORD, name: 'Ann Smith', account_name: 'Acme IT' };
	const answer = await post('register', fields);
	assert.equal(answer.status, 201, answer.text);
	assert.doesNotMatch(answer.text, /argon2|hash/);
	assert.equal(answer.headers['cache-control'], 'no-store');
	isUser(answer.json.user, { email, name: 'Ann Smith', role: 'team_admin', email_verified: false });
	assert.equal(answer.json.user.account.name, 'Acme IT');
	areTokens(answer.json);
	for (const again of [email.toUpperCase(), email.toLowerCase(), ` ${email} `]) {
		const refused = isProblem(await post('register', { ...fields, email: again }), 409, 'email_taken');
		assert.deepEqual(refused.errors.map(error => error.field), ['email']);
	}
	const [{ password_hash }] = await stack.sql('SELECT password_hash FROM person WHERE email = $1', [email]);
	assert.match(password_hash, /^\$argon2id\$/);
});

test('20 at once register one address: one account, and nothing of the others', async () => {
	const email = newAddress();
	const [{ count }] = await stack.sql('SELECT count(*) FROM account');
	const answers = await race(20, () => post('register', { email, password: PASSWORD, name: 'A', account_name: 'B' }));
	assert.deepEqual(tally(answers), { 201: 1, 409: 19 });
	assert.equal((await stack.sql('SELECT count(*) FROM account'))[0].count, String(Number(count) + 1));
});

test('a new password has 12 to 128 characters; at sign-in it may be anything', async () => {
	const fields = { name: 'Ann', account_name: 'Acme' };
	for (const [password, status] of [['kelp orbits', 422], ['kelp orbits!', 201], ['kelp örbits '.repeat(11).slice(0, 128), 201], ['kelp orbits '.repeat(11).slice(0, 129), 422]]) {
		const answer = await post('register', { ...fields, email: newAddress(), password });
		assert.equal(answer.status, status, answer.text);
		if (status === 422)
			assert.deepEqual(fieldsOf(answer), ['password']);
	}
	const email = newAddress();
	for (const password of ['x', 'x'.repeat(200), 'x'.repeat(5000), ' '])
		isProblem(await signIn(stack, newAddress(), password), 401, 'wrong_credentials');
});

test('a new password that is easily guessed is refused with the reason, wherever it is chosen', async () => {
	const { email, access_token: bearer } = await register(stack, { name: 'Wilhelmina Okonkwo', account_name: 'Zephyrtech' });
	await post('password/forgot', { email });
	const token = await mailedToken(stack, email, 'reset');
	const said = (answer, why) => {
		const { errors: [error] } = isProblem(answer, 422, 'invalid');
		assert.equal(error.field, 'password');
		assert.match(error.message, why);
	};
	const yours = /is easy to guess: it is made of your name, address or company/;
	const change = password => stack.request('POST', `${API}/auth/password/change`, { bearer, json: { current_password: PASSWORD, password } });
	for (const [password, why] of [['Wilhelmina99', yours], ['zephyrtech2026', yours], [email, yours], ['Password123!', /common words/], ['qwertyuiop[]', /side by side|common words/], ['xxxxxxxxxxxx', /repeats itself/]]) {
		said(await post('password/reset', { token, password }), why);
		said(await change(password), why);
	}
	said(await post('register', { email: newAddress(), name: 'Wilhelmina Okonkwo', account_name: 'Zephyrtech', password: 'okonkwo-wilhelmina' }), yours);
	const invite = await stack.request('POST', `${API}/invites`, { bearer, json: { role: 'viewer' } });
	said(await post('register', { email: newAddress(), name: 'Ben', invite_code: invite.json.code, password: 'zephyrtech2026' }), yours);
	assert.equal((await change('zephyr of my aunt okonkwo')).status, 204, 'a word of it does no harm');
	await post('password/forgot', { email });
	const later = await mailedToken(stack, email, 'reset');
	assert.equal((await post('password/reset', { token: later, password: 'correct horse battery staple' })).status, 204);
});

test('signing in by form and by JSON give the same, and each wants its own media type', async () => {
	const { email } = await register(stack);
	const form = { username: email, password: PASSWORD };
	const answers = [
		await stack.request('POST', `${API}/auth/login`, { form }),
		await signIn(stack, email), await signIn(stack, email.toUpperCase()), await signIn(stack, ` ${email}`),
	];
	for (const answer of answers) {
		assert.equal(answer.status, 200, answer.text);
		assert.deepEqual(Object.keys(answer.json), ['access_token', 'refresh_token', 'token_type', 'expires_in']);
		areTokens(answer.json);
		assert.equal(answer.headers['cache-control'], 'no-store');
		assert.deepEqual(answer.cookies, []);
	}
	isProblem(await stack.request('POST', `${API}/auth/login/json`, { form }), 415, 'unsupported_media_type');
	isProblem(await stack.request('POST', `${API}/auth/login`, { json: form }), 415, 'unsupported_media_type');
});

test('a wrong password and an unknown address answer alike', async () => {
	const { email } = await register(stack);
	const bodies = [];
	for (const who of [email, newAddress('nobody')]) {
		const { request_id, ...json } = isProblem(await signIn(stack, who, 'not the password'), 401, 'wrong_credentials');
		bodies.push(request_id && JSON.stringify(json));
		const form = { username: who, password: 'not the password' };
		const { request_id: id, ...formed } = isProblem(await stack.request('POST', `${API}/auth/login`, { form }), 401, 'wrong_credentials');
		bodies.push(id && JSON.stringify(formed));
	}
	assert.equal(new Set(bodies).size, 1, bodies.join('\n'));
});

test('/auth/me tells who one is; without a token, or with one that is not ours, 401', async () => {
	const { email, access_token, user } = await register(stack);
	const answer = await me(stack, access_token);
	assert.equal(answer.status, 200);
	isUser(answer.json, { ...user, email });
	assert.equal(answer.headers['cache-control'], 'no-store');
	isProblem(await stack.request('GET', `${API}/auth/me`), 401, 'not_signed_in');
	const [head, claims, mac] = access_token.split('.');
	const part = object => Buffer.from(JSON.stringify(object)).toString('base64url');
	const header = JSON.parse(Buffer.from(head, 'base64url'));
	const body = JSON.parse(Buffer.from(claims, 'base64url'));
	const signed = (h, c, key = 'wrong key', way = 'sha256') => `${part(h)}.${part(c)}.${createHmac(way, key).update(`${part(h)}.${part(c)}`).digest('base64url')}`;
	const forged = {
		'alg none': `${part({ ...header, alg: 'none' })}.${claims}.`,
		'another key': signed(header, body),
		'HS512': signed({ ...header, alg: 'HS512' }, body, 'wrong key', 'sha512'),
		'another role': `${head}.${part({ ...body, role: 3 })}.${mac}`,
		'a flipped bit': `${head}.${claims}.${mac.replace(/^./, first => (first === 'A' ? 'B' : 'A'))}`,
		'two parts': `${head}.${claims}`, 'four parts': `${access_token}.x`, 'nothing': '', 'too long': 'x'.repeat(5000),
	};
	for (const [what, bearer] of Object.entries(forged))
		assert.equal((await stack.request('GET', `${API}/auth/me`, { headers: { authorization: `Bearer ${bearer}` } })).status, 401, what);
});

test('renewing: the old token is spent; replayed soon 409, later 401 and the whole sign-in ends', async () => {
	const first = await register(stack);
	const second = await refresh(stack, first.refresh_token);
	assert.equal(second.status, 200, second.text);
	areTokens(second.json);
	assert.notEqual(second.json.refresh_token, first.refresh_token);

	const spent = seconds => stack.sql(`UPDATE refresh SET spent_at = now() - $1 * interval '1 second' WHERE spent_at IS NOT NULL`, [seconds]);
	await spent(5);
	const raced = await refresh(stack, first.refresh_token);
	isProblem(raced, 409, 'refresh_raced');
	assert.deepEqual(raced.cookies, [], 'no cookie is cleared');
	assert.equal((await me(stack, second.json.access_token)).status, 200, 'nothing is revoked');
	const third = await refresh(stack, second.json.refresh_token);
	assert.equal(third.status, 200, 'nor the refresh token of the winner');

	await spent(60);
	isProblem(await refresh(stack, first.refresh_token), 401, 'not_signed_in');
	isProblem(await me(stack, third.json.access_token), 401, 'not_signed_in');
	isProblem(await refresh(stack, third.json.refresh_token), 401, 'not_signed_in');
	const [audit] = await stack.sql(`SELECT object_id FROM audit WHERE account_id = $1 AND action = 'sign_in.reused'`, [first.user.account.id]);
	assert.ok(audit, 'it is in the log');
	isProblem(await refresh(stack, 'never-seen'), 401, 'not_signed_in');
});

test('a replay ends the sign-in once and tells its owner once, whoever comes at once or later', async () => {
	const { email, user, refresh_token } = await register(stack);
	const { json: next } = await refresh(stack, refresh_token);
	await stack.sql(`UPDATE refresh SET spent_at = now() - interval '1 minute' WHERE spent_at IS NOT NULL`);
	assert.deepEqual(tally(await race(10, () => refresh(stack, refresh_token))), { 401: 10 });
	isProblem(await refresh(stack, next.refresh_token), 401, 'not_signed_in');
	isProblem(await refresh(stack, refresh_token), 401, 'not_signed_in');
	const mails = await stack.sql(`SELECT subject, body_text FROM outbox WHERE recipient = $1 AND subject LIKE '%safety%'`, [email]);
	assert.equal(mails.length, 1);
	assert.match(mails[0].body_text, /from 127\.0\.0\.1 \(Another program\)\./);
	for (const page of ['login', 'forgot'])
		assert.ok(mails[0].body_text.includes(`${stack.base}/${page}\n`), mails[0].body_text);
	assert.equal((await stack.sql(`SELECT FROM audit WHERE account_id = $1 AND action = 'sign_in.reused'`, [user.account.id])).length, 1);
});

test('20 at once renew with one token, 50 times: one wins each time, and there is one successor', async () => {
	const { email } = await register(stack);
	let { refresh_token: token } = (await signIn(stack, email)).json;
	for (let round = 0; round < 50; round++) {
		const answers = await race(20, () => refresh(stack, token));
		assert.deepEqual(tally(answers), { 200: 1, 409: 19 }, `round ${round}`);
		assert.ok(answers.every(answer => answer.status === 200 || answer.json.code === 'refresh_raced'));
		token = answers.find(answer => answer.status === 200).json.refresh_token;
	}
	const [{ open, all }] = await stack.sql(`SELECT count(*) FILTER (WHERE spent_at IS NULL) AS open, count(*) AS all FROM refresh r
		JOIN sign_in s USING (account_id) JOIN person p ON p.id = s.person_id WHERE r.sign_in_id = s.id AND p.email = $1 AND s.id IN
		(SELECT id FROM sign_in ORDER BY id DESC LIMIT 1)`, [email]);
	assert.deepEqual([open, all], ['1', '51']);
});

test('signing out ends both tokens at once; again is no error', async () => {
	const { access_token, refresh_token } = await register(stack);
	for (const time of ['first', 'second'])
		assert.equal((await post('logout', { refresh_token })).status, 204, time);
	assert.equal((await post('logout', { refresh_token: 'unknown' })).status, 204);
	isProblem(await refresh(stack, refresh_token), 401, 'not_signed_in');
	isProblem(await me(stack, access_token), 401, 'not_signed_in');
});

test('a forgotten password: the same 202 for everyone, and mail for whoever is known', async () => {
	const { email, user } = await register(stack);
	const answers = [await post('password/forgot', { email: email.toUpperCase() }), await post('password/forgot', { email: newAddress() })];
	const [known, unknown] = answers.map(({ status, text, headers }) => ({ status, text, headers: Object.keys(headers) }));
	assert.equal(known.status, 202);
	assert.deepEqual(known, unknown);
	assert.ok(await mailedToken(stack, email, 'reset'));
	const [{ hash }] = await stack.sql(`SELECT hash FROM ticket WHERE person_id = $1 AND purpose = 'reset'`, [user.id]);
	assert.match(hash, /^[0-9a-f]{64}$/, 'only a hash is kept');
});

test('at most three mails an hour go to one person who is said to have forgotten the password', async () => {
	const { email, user } = await register(stack);
	const links = () => stack.sql(`SELECT hash FROM ticket WHERE person_id = $1 AND purpose = 'reset'`, [user.id]);
	const mails = () => stack.sql(`SELECT id FROM outbox WHERE recipient = $1 AND body_text LIKE '%/reset/%'`, [email]);
	assert.deepEqual(tally(await race(10, () => post('password/forgot', { email }))), { 202: 10 });
	assert.deepEqual([(await links()).length, (await mails()).length], [3, 3]);
	assert.equal((await post('password/forgot', { email })).status, 202);
	assert.equal((await links()).length, 3);
	assert.equal((await post('password/reset', { token: await mailedToken(stack, email, 'reset'), password: 'another road to walk' })).status, 204, 'the last one holds');
	await stack.sql(`UPDATE ticket SET created_at = now() - interval '61 minutes' WHERE person_id = $1`, [user.id]);
	await post('password/forgot', { email });
	assert.equal((await links()).length, 4, 'and an hour later there is another');
});

test('20 at once reset with one token: one wins, every sign-in ends, other links and waits too', async () => {
	const { email, user, access_token, refresh_token } = await register(stack);
	await post('password/forgot', { email });
	const older = await mailedToken(stack, email, 'reset');
	await post('password/forgot', { email });
	const token = await mailedToken(stack, email, 'reset');
	isProblem(await post('password/reset', { token, password: 'short' }), 422, 'invalid');
	await race(11, () => signIn(stack, email, 'wrong wrong wrong'));
	assert.equal((await signIn(stack, email)).status, 429, 'waits after too many wrong ones');

	const answers = await race(20, at => post('password/reset', { token, password: `a brand new one ${at}` }));
	assert.deepEqual(tally(answers), { 204: 1, 409: 19 });
	const winner = answers.findIndex(answer => answer.status === 204);
	isProblem(answers[(winner + 1) % 20], 409, 'already_used');
	isProblem(await me(stack, access_token), 401, 'not_signed_in');
	isProblem(await refresh(stack, refresh_token), 401, 'not_signed_in');
	const [{ count }] = await stack.sql('SELECT count(*) FROM sign_in WHERE person_id = $1 AND ended_at IS NULL', [user.id]);
	assert.equal(count, '0');
	assert.equal((await signIn(stack, email, `a brand new one ${winner}`)).status, 200, 'the new password holds, at once');
	assert.equal((await signIn(stack, email)).status, 401, 'the old one does not');
	assert.notEqual((await post('password/reset', { token: older, password: 'an attempt by an old mail' })).status, 204, 'nor an older link');
	isProblem(await post('password/reset', { token: 'unknown', password: 'whatever it may be' }), 422, 'invalid_token');
});

test('an expired link is refused', async () => {
	const { email } = await register(stack);
	await post('password/forgot', { email });
	await stack.sql(`UPDATE ticket SET expires_at = now() - interval '1 second'`);
	const password = 'whatever it may be';
	isProblem(await post('password/reset', { token: await mailedToken(stack, email, 'reset'), password }), 422, 'invalid_token');
	isProblem(await post('email/verify', { token: await mailedToken(stack, email, 'confirm') }), 422, 'invalid_token');
});

test('20 at once confirm an address: one is told so, the others that it was used', async () => {
	const { email, access_token } = await register(stack);
	const token = await mailedToken(stack, email, 'confirm');
	isProblem(await post('password/reset', { token, password: 'not what it is for' }), 422, 'invalid_token');
	const answers = await race(20, () => post('email/verify', { token }));
	assert.deepEqual(tally(answers), { 204: 1, 409: 19 });
	assert.equal((await me(stack, access_token)).json.email_verified, true);
});

test('changing the password wants the present one and ends the other sign-ins', async () => {
	const { email, access_token: other } = await register(stack);
	const { access_token: bearer } = (await signIn(stack, email)).json;
	const change = (current_password, password = 'another long one') => post('password/change', { current_password, password }, { bearer });
	assert.deepEqual(fieldsOf(await change('not the present one')), ['current_password']);
	assert.deepEqual(fieldsOf(await change(PASSWORD, 'short')), ['password']);
	isProblem(await post('password/change', { current_password: PASSWORD, password: 'another long one' }), 401, 'not_signed_in');
	assert.equal((await me(stack, other)).status, 200);
	assert.equal((await change(PASSWORD)).status, 204);
	assert.equal((await me(stack, bearer)).status, 200);
	assert.equal((await me(stack, other)).status, 401);
	assert.equal((await signIn(stack, email, 'another long one')).status, 200);
	assert.equal((await signIn(stack, email)).status, 401);
	const told = await stack.sql(`SELECT subject FROM outbox WHERE recipient = $1 AND subject LIKE '%changed%'`, [email]);
	assert.equal(told.length, 1, 'its owner is told');
});

test('a single-use invite, raced by 20, lets one in', async () => {
	const { access_token: bearer, user } = await register(stack);
	for (let round = 0; round < 3; round++) {
		const made = await stack.request('POST', `${API}/invites`, { bearer, json: { role: 'viewer' } });
		assert.equal(made.status, 201, made.text);
		const answers = await race(20, () => post('register', { email: newAddress(), password: PASSWORD, name: 'New', invite_code: made.json.code }));
		assert.deepEqual(tally(answers), { 201: 1, 409: 19 });
		const joined = answers.find(answer => answer.status === 201).json.user;
		assert.deepEqual([joined.role, joined.account.id], ['viewer', user.account.id]);
		isProblem(answers.find(answer => answer.status === 409), 409, 'already_used');
		assert.deepEqual(await stack.sql('SELECT uses, max_uses FROM invite WHERE id = $1', [made.json.id]), [{ uses: 1, max_uses: 1 }]);
	}
	isProblem(await post('register', { email: newAddress(), password: PASSWORD, name: 'New', invite_code: 'unknown' }), 422, 'invalid_invite');
});

test('whoever was deactivated or has left is out at the next request and gets no mail', async () => {
	const first = await register(stack);
	for (const change of ['active = false', 'deleted_at = now()']) {
		const gone = await colleague(stack, first, 'engineer');
		const page = await browser(stack, gone.email);
		await stack.sql(`UPDATE person SET ${change} WHERE id = $1`, [gone.id]);
		isProblem(await me(stack, gone.access_token), 401, 'not_signed_in');
		isProblem(await refresh(stack, gone.refresh_token), 401, 'not_signed_in');
		isProblem(await signIn(stack, gone.email), 401, 'wrong_credentials');
		assert.equal((await post('password/forgot', { email: gone.email })).status, 202);
		assert.equal(await mailedToken(stack, gone.email, 'reset'), undefined);
		const answer = await page.get('/profile');
		assert.equal(page.path.split('?')[0], '/login', answer.text);
		assert.equal((await page.get('/')).status, 200, 'and pages for everyone are there');
	}
});

test('a change of role holds at the next request, up and down', async () => {
	const { user, access_token: bearer } = await register(stack);
	const users = () => stack.request('GET', `${API}/users`, { bearer });
	const become = role => stack.sql('UPDATE person SET role = $1 WHERE id = $2', [role, user.id]);
	assert.equal((await users()).status, 200);
	await become('viewer');
	isProblem(await users(), 403, 'forbidden');
	const renewed = await signIn(stack, user.email);
	await become('team_admin');
	assert.equal((await users()).status, 200);
	assert.equal((await stack.request('GET', `${API}/users`, { bearer: renewed.json.access_token })).status, 200, 'with a token from before too');
});

test('a password that changes while someone signs in with the old one lets nobody in', async () => {
	const { email, user } = await register(stack);
	await stack.sql('BEGIN');
	await stack.sql(`UPDATE person SET password_hash = 'another' WHERE id = $1`, [user.id]);
	const waiting = signIn(stack, email); // has read the old hash, and waits for the row
	await new Promise(resolve => { setTimeout(resolve, 300); });
	await stack.sql('COMMIT');
	isProblem(await waiting, 401, 'wrong_credentials');
});

test('a password hashed with less than today is hashed anew, and does not count as changed', async () => {
	const { email, user } = await register(stack);
	const old = '$argon2id$v=19$m=8192,t=1,p=1$';
	const [{ password_hash: hash }] = await stack.sql('SELECT password_hash FROM person WHERE id = $1', [user.id]);
	assert.ok(hash.startsWith(old), hash);
	await stack.sql(`UPDATE person SET password_changed_at = now() - interval '1 year' WHERE id = $1`, [user.id]);
	await stack.programs.worker.stop();
	stack.startProgram('worker', { ARGON2_PASSES: 2 });
	await stack.ready();
	assert.equal((await signIn(stack, email)).status, 200);
	const [after] = await stack.sql(`SELECT password_hash, password_changed_at < now() - interval '364 days' AS same FROM person WHERE id = $1`, [user.id]);
	assert.match(after.password_hash, /t=2/);
	assert.equal(after.same, true);
	assert.equal((await signIn(stack, email)).status, 200);
});
