// Keys of the API: what each opens, that none opens more, how they are made, found, used, told of, ended and forgotten.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { after, before, test } from 'node:test';
import { API, PASSWORD, browser, colleague, fieldsOf, isProblem, me, race, register, signIn, tally } from '../support/accounts.mjs';
import { Events, STREAM } from '../support/events.mjs';
import { patient } from '../support/patience.mjs';
import { codeOf, withFactor, wrongCode } from '../support/second_factor.mjs';
import { startStack } from '../support/stack.mjs';

const WORDS = ['read', 'run', 'flows', 'queue', 'curate', 'people'];
const NOBODY = '01a1fe00-0000-7000-8000-000000000000';
const DAY = 86400e3;
const inDays = days => new Date(Date.now() + days * DAY).toISOString();

let stack;
before(async () => { stack = await startStack({ hub: true, jobs: true, settings: { WORKERS: 4, RATE_SIGN_IN: 1000, HUB_STREAM_SECONDS: 60 } }); });
after(() => stack?.stop());

const make = (who, fields = {}) => stack.request('POST', `${API}/keys`, { bearer: who.access_token,
	json: { name: `key ${Math.random()}`, permissions: ['read'], expires_at: inDays(90), current_password: PASSWORD, ...fields } });

async function newKey(who, permissions = ['read'], fields = {}) {
	const answer = await make(who, { permissions, ...fields });
	assert.equal(answer.status, 201, answer.text);
	return answer.json;
}

const revoke = (who, { id }) => stack.request('DELETE', `${API}/keys/${id}`, { bearer: who.access_token });
const list = async who => (await stack.request('GET', `${API}/keys`, { bearer: who.access_token })).json.items;

test('a key is shown once, kept as a hash, and tells who it is', async () => {
	const ann = await register(stack);
	const { key, ...made } = await newKey(ann, ['run', 'read'], { name: 'Nightly export' });
	assert.match(key, /^rfk_[\w-]{43}$/);
	assert.equal(made.prefix, key.slice(0, 8));
	assert.deepEqual(made.permissions, ['read', 'run'], 'in the order of the table');
	assert.equal(made.state, 'active');
	const { json: who } = await me(stack, key);
	assert.equal(who.id, ann.user.id);
	assert.deepEqual(who.key, { id: made.id, name: 'Nightly export', permissions: ['read', 'run'], expires_at: made.expires_at });
	assert.equal('key' in (await me(stack, ann.access_token)).json, false);
	const [listed] = await list(ann);
	assert.equal(listed.key, undefined);
	assert.equal(listed.id, made.id);
	assert.equal(listed.user_name, ann.user.name);
	const dump = execFileSync('pg_dump', [stack.database], { encoding: 'utf8', maxBuffer: 1e9 });
	assert.ok(dump.includes('Nightly export'), 'it is a dump of this database');
	assert.equal(dump.includes(key.slice(8)), false, 'the key is nowhere in the database');
	for (const name of Object.keys(stack.programs))
		assert.equal(stack.log(name).includes(key.slice(8)), false, `the log of ${name}`);
});

test('each permission opens its routes and no other, where the role does, too', async () => {
	const ann = await register(stack);
	await colleague(stack, ann, 'team_admin'); // so that she may lose the role
	const keys = {};
	for (const word of WORDS)
		keys[word] = (await newKey(ann, [word])).key;
	const ROLES = { // written down once more
		viewer: ['read'], engineer: ['read', 'run', 'flows', 'queue'], team_admin: WORDS, super_admin: ['read', 'people'],
	};
	const routes = stack.command(['routes']).trim().split('\n').map(line => line.split(/\s+/))
		.map(([method, path, , roles, word]) => ({ method, path, roles, word, name: `${method} ${path}` }));
	assert.ok(routes.length > 200);
	let opened = 0;
	for (const [role, allowed] of Object.entries(ROLES)) {
		await stack.sql('UPDATE person SET role = $1 WHERE id = $2', [role, ann.user.id]);
		for (const { method, path, roles, word, name } of routes.filter(({ path, method }) => path.startsWith(API) && !(path.endsWith('openapi.json') || path.endsWith('stream') && method === 'GET'))) {
			const at = path.replace(/:\w+/g, NOBODY).replace(/\*\w+/g, 'nothing');
			await Promise.all(WORDS.map(async own => {
				const { status, text } = await stack.request(method, at, { bearer: keys[own], ...method === 'GET' ? {} : path.endsWith('/login') ? { form: {} } : { json: {} } });
				const says = `${name} as ${role} with ${own}: ${status} ${text.slice(0, 200)}`;
				const opens = (word === 'any' || word === own) && (word === 'any' || allowed.includes(word)) && (roles === '-' || roles.split(',').includes(role))
					&& name !== `DELETE ${API}/account/keys/:key`;
				assert.equal(status !== 403, opens, says);
				assert.ok(status < 500 && status !== 401, says);
				if (method !== 'GET' && role === 'viewer')
					assert.equal(status, 403, `a viewer's key changes nothing: ${says}`);
				if (method !== 'GET' && own === 'read')
					assert.equal(status, 403, `a key that reads changes nothing: ${says}`);
				if (/\/(auth|keys|me|notices)\b/.test(path) && method !== 'GET')
					assert.equal(status, 403, `what is one's own to change: ${says}`);
				opened += opens;
			}));
		}
	}
	assert.ok(opened > 200, `${opened} were open`);
});

test('to pages whoever comes with a key is nobody', async () => {
	const ann = await register(stack);
	const { key } = await newKey(ann, WORDS);
	const routes = stack.command(['routes']).trim().split('\n').map(line => line.split(/\s+/)).filter(([, path, , roles]) => !path.startsWith('/api/') && roles !== '-');
	for (const [method, path] of routes) {
		const answer = await stack.request(method, path.replace(/:\w+/g, NOBODY).replace(/\*\w+/g, 'nothing'), { bearer: key, ...method === 'GET' ? {} : { form: {} } });
		assert.equal(answer.status, 303, `${method} ${path}`);
		assert.match(answer.headers.location, /^\/login/);
		assert.equal(answer.text.includes(ann.user.name), false);
	}
	assert.equal((await stack.request('GET', '/login', { bearer: key })).text.includes(ann.email), false);
});

test('what a wish for a key must say', async () => {
	const ann = await register(stack);
	const viewer = await colleague(stack, ann, 'viewer');
	for (const [fields, field] of [[{ name: '' }, 'name'], [{ name: 'x'.repeat(81) }, 'name'], [{ permissions: [] }, 'permissions'], [{ permissions: ['everything'] }, 'permissions[0]'],
		[{ expires_at: inDays(-1) }, 'expires_at'], [{ expires_at: 'soon' }, 'expires_at'], [{ expires_at: undefined }, 'expires_at'],
		[{ current_password: 'not the password' }, 'current_password'], [{ current_password: undefined }, 'current_password']]) {
		const answer = await make(ann, fields);
		assert.equal(answer.status, 422, `${JSON.stringify(fields)} ${answer.text}`);
		assert.deepEqual(fieldsOf(answer), [field], JSON.stringify(fields));
	}
	assert.deepEqual(fieldsOf(await make(viewer, { permissions: ['read', 'flows'] })), ['permissions'], 'not more than the role allows');
	const { name } = await newKey(ann);
	isProblem(await make(ann, { name: name.toUpperCase() }), 409, 'name_taken');
	const never = await newKey(ann, ['read'], { expires_at: null });
	assert.equal(never.expires_at, null);
	assert.equal((await me(stack, never.key)).json.key.expires_at, null);
	assert.equal((await list(ann)).length, 2);
});

test('with a second factor on, its code is asked for, too', async () => {
	const ann = await withFactor(stack, await register(stack));
	const asked = await make(ann);
	assert.deepEqual(fieldsOf(asked), ['totp'], asked.text);
	assert.deepEqual(fieldsOf(await make(ann, { totp: wrongCode(ann.secret) })), ['totp']);
	const { key } = await newKey(ann, ['read'], { totp: codeOf(ann.secret, 1) });
	assert.equal((await me(stack, key)).status, 200);
});

test('of two accounts, and of two people, each sees and ends its own; an admin those of the account', async () => {
	const [ann, bob] = [await register(stack), await register(stack)];
	const engineer = await colleague(stack, ann, 'engineer');
	const [hers, his, theirs] = [await newKey(ann), await newKey(bob), await newKey(engineer)];
	const nobody = await revoke(ann, { id: NOBODY });
	for (const key of [his, theirs]) {
		const answer = await revoke(ann, key);
		assert.equal(answer.status, 404);
		assert.equal(answer.json.detail, nobody.json.detail);
	}
	assert.equal((await stack.request('DELETE', `${API}/account/keys/${his.id}`, { bearer: ann.access_token })).status, 404);
	isProblem(await stack.request('GET', `${API}/account/keys`, { bearer: engineer.access_token }), 403, 'forbidden');
	const all = (await stack.request('GET', `${API}/account/keys`, { bearer: ann.access_token })).json;
	assert.deepEqual(all.items.map(({ id }) => id), [theirs.id, hers.id], 'the newest first');
	assert.equal(all.total, 2);
	const found = async query => (await stack.request('GET', `${API}/account/keys?${query}`, { bearer: ann.access_token })).json.items.map(({ id }) => id);
	assert.deepEqual(await found(`q=${engineer.email.slice(0, 12)}`), [theirs.id]);
	assert.deepEqual(await found('state=revoked'), []);
	assert.equal((await me(stack, theirs.key)).status, 200);
	for (const turn of ['at once', 'and once more'])
		assert.equal((await stack.request('DELETE', `${API}/account/keys/${theirs.id}`, { bearer: ann.access_token })).status, 204, turn);
	isProblem(await me(stack, theirs.key), 401, 'not_signed_in');
	assert.deepEqual(await found('state=revoked'), [theirs.id]);
	assert.equal((await me(stack, his.key)).status, 200);
	const [notice] = await stack.sql('SELECT text FROM notice WHERE person_id = $1 ORDER BY id DESC LIMIT 1', [engineer.id]);
	assert.match(notice.text, /^Ann Smith revoked your API key/);
	const written = await stack.sql("SELECT action, object_id FROM audit WHERE action LIKE 'key.%' AND object_id = $1 ORDER BY id", [theirs.id]);
	assert.deepEqual(written.map(({ action }) => action), ['key.made', 'key.revoked'], 'once');
});

test('of makes at once exactly as many as fit succeed', async () => {
	const ann = await register(stack);
	for (let at = 0; at < 17; at++)
		await newKey(ann, ['read'], { name: `key ${at}` });
	const answers = await race(8, at => make(ann, { name: `late ${at}` }));
	assert.deepEqual(tally(answers), { 201: 3, 409: 5 });
	assert.equal(answers.find(({ status }) => status === 409).json.code, 'key_limit');
	const same = await race(5, () => revoke(ann, answers.find(({ status }) => status === 201).json));
	assert.deepEqual(tally(same), { 204: 5 });
	assert.deepEqual(tally(await race(5, () => make(ann, { name: 'the same' }))), { 201: 1, 409: 4 });
	const [{ count }] = await stack.sql("SELECT count(*) FROM audit WHERE action = 'key.revoked' AND actor_id = $1", [ann.user.id]);
	assert.equal(Number(count), 1);
});

test('revoking holds at the very next request, in every worker, also for one that remembers the key', async () => {
	const ann = await register(stack);
	for (let turn = 0; turn < 5; turn++) {
		const made = await newKey(ann);
		let revoked = false;
		const late = [];
		const readers = race(6, async () => {
			for (let ended = false; !ended;) {
				const after = revoked;
				const { status } = await me(stack, made.key);
				assert.ok(status === 200 || status === 401, `${status}`);
				if (after && status === 200)
					late.push(status);
				ended = status === 401;
			}
		});
		await new Promise(resolve => setTimeout(resolve, 100));
		assert.equal((await revoke(ann, made)).status, 204);
		revoked = true;
		await readers;
		assert.deepEqual(late, []);
	}
});

test('whatever ends the person or the role ends what the key may', async () => {
	const ann = await register(stack);
	const engineer = await colleague(stack, ann, 'engineer');
	const { key } = await newKey(engineer, ['read', 'flows']);
	const change = json => stack.request('PATCH', `${API}/users/${engineer.id}`, { bearer: ann.access_token, json });
	const write = () => stack.request('POST', `${API}/folders`, { bearer: key, json: { name: `Mine ${Math.random()}` } });
	assert.equal((await write()).status, 201);
	await change({ role: 'viewer' });
	isProblem(await write(), 403, 'forbidden');
	await change({ role: 'engineer' });
	assert.equal((await write()).status, 201);
	await change({ active: false });
	isProblem(await write(), 401, 'not_signed_in');
	await change({ active: true });
	isProblem(await write(), 401, 'not_signed_in');
});

test('devices and keys are apart: signing out elsewhere and another password leave keys', async () => {
	const ann = await register(stack);
	const { id, key } = await newKey(ann);
	await signIn(stack, ann.email);
	const page = await browser(stack, ann.email);
	const devices = await page.get('/devices');
	assert.equal(devices.text.match(/<article/g).length, 3);
	assert.match(devices.text, /href="\/profile\/keys"/);
	assert.match((await page.get('/profile')).text, /3 signed in[\s\S]*1 active/);
	await page.post('/devices/end-others', { current_password: PASSWORD });
	assert.equal((await me(stack, key)).status, 200);
	await page.send('POST', `/devices/${id}/end`, { form: { ...await page.hidden('/devices/end-others'), current_password: PASSWORD } });
	assert.equal((await me(stack, key)).status, 200, 'a key is no device');
	await page.post('/profile/password', { current_password: PASSWORD, password: 'another proven path to walk' });
	assert.equal((await me(stack, key)).status, 200);
	assert.ok((await stack.mail(({ to, subject }) => to.includes(ann.email) && /password was changed/.test(subject))).text.includes('/profile/keys'));
});

test('when and from where it was used is written at most every five minutes', async () => {
	const ann = await register(stack);
	const { id, key } = await newKey(ann);
	const [unused] = await list(ann);
	assert.equal(unused.last_used_at, null);
	const used = () => stack.sql('SELECT last_seen_at, xmin::text FROM sign_in WHERE id = $1', [id]).then(([row]) => row);
	const first = race(20, () => stack.request('GET', `${API}/auth/me`, { bearer: key, headers: { 'user-agent': 'backup/1.0' } }));
	assert.deepEqual(tally(await first), { 200: 20 });
	const seen = await used();
	await race(20, () => me(stack, key));
	assert.deepEqual(await used(), seen, 'written once');
	const [now] = await list(ann);
	assert.ok(Math.abs(Date.parse(now.last_used_at) - Date.now()) < patient(5000));
	assert.equal(now.last_agent, 'backup/1.0');
	assert.equal(now.last_address, '127.0.0.1');
});

test('an expired key says so to whoever has it, and its owner was told in time', async () => {
	const ann = await register(stack);
	const { id, key } = await newKey(ann, ['read'], { name: 'Short', expires_at: inDays(8) });
	const jobs = await stack.sql("SELECT id, run_at FROM job WHERE kind = 'key_ends' AND payload->>'key' = $1 ORDER BY run_at", [id]);
	assert.deepEqual(jobs.map(({ run_at }) => Math.round((run_at - Date.now()) / DAY)), [1, 8]);
	const run = async job => {
		await stack.sql('UPDATE job SET run_at = now() WHERE id = $1', [job.id]);
		await stack.sql("SELECT pg_notify('bell_job', '')");
	};
	assert.match((await stack.mail(({ to, subject }) => to.includes(ann.email) && subject === 'An API key was made')).text, /Short.*\n?[\s\S]*\/profile\/keys/);
	await stack.sql("UPDATE sign_in SET expires_at = now() + interval '7 days' WHERE id = $1", [id]);
	await run(jobs[0]);
	await stack.mail(({ to, subject }) => to.includes(ann.email) && subject === 'Your API key "Short" ends within a week', 30);
	assert.equal((await me(stack, key)).status, 200);
	await stack.sql('UPDATE sign_in SET expires_at = now() WHERE id = $1', [id]);
	isProblem(await me(stack, key), 401, 'key_expired');
	assert.equal((await list(ann))[0].state, 'expired');
	await run(jobs[1]);
	await stack.mail(({ to, subject }) => to.includes(ann.email) && subject === 'Your API key "Short" has ended', 30);
	const [{ count }] = await stack.sql("SELECT count(*) FROM audit WHERE action = 'key.expired' AND object_id = $1", [id]);
	assert.equal(Number(count), 1);
	const notices = await stack.sql('SELECT text FROM notice WHERE person_id = $1 ORDER BY id', [ann.user.id]);
	assert.deepEqual(notices.map(({ text }) => text), ['The API key "Short" was made', 'Your API key "Short" ends within a week', 'Your API key "Short" has ended']);
});

test('nothing is said of the end of a key that was revoked', async () => {
	const ann = await register(stack);
	const made = await newKey(ann, ['read'], { expires_at: inDays(2) });
	const jobs = await stack.sql("SELECT id FROM job WHERE kind = 'key_ends' AND payload->>'key' = $1", [made.id]);
	assert.equal(jobs.length, 1, 'for one of two days there is no warning');
	await revoke(ann, made);
	await stack.sql("UPDATE sign_in SET expires_at = now() WHERE id = $1", [made.id]);
	await stack.sql('UPDATE job SET run_at = now() WHERE id = $1', [jobs[0].id]);
	await stack.programs.jobs.until(async () => (await stack.sql("SELECT FROM job WHERE id = $1 AND state = 'done'", [jobs[0].id])).length, 'it was done', 30);
	assert.deepEqual((await stack.sql("SELECT action FROM audit WHERE object_id = $1 ORDER BY id", [made.id])).map(({ action }) => action), ['key.made', 'key.revoked']);
});

test('a stream of a key ends with it', async () => {
	const ann = await register(stack);
	const made = await newKey(ann, ['queue']);
	isProblem(await stack.request('GET', STREAM, { bearer: (await newKey(ann, ['read'])).key }), 403, 'key_permission');
	const stream = await new Events(stack.base, STREAM, { bearer: made.key, stays: false }).ready();
	const began = performance.now();
	await revoke(ann, made);
	await stream.until(() => stream.ended, 'its end');
	assert.ok(stream.leftAt - began < patient(5000), `${stream.leftAt - began} ms`);
	isProblem(await stack.request('GET', STREAM, { bearer: made.key }), 401, 'not_signed_in');
	const short = await newKey(ann, ['queue'], { expires_at: inDays(3 / 86400) });
	const last = await new Events(stack.base, STREAM, { bearer: short.key, stays: false }).ready();
	await last.until(() => last.ended, 'its end');
	await stack.programs.nginx.until(async () => (await me(stack, short.key)).json.code === 'key_expired', 'it had expired');
});

test('an Idempotency-Key counts for the person, whatever they come with', async () => {
	const ann = await register(stack);
	const { key } = await newKey(ann, ['flows']);
	const headers = { 'idempotency-key': 'the-same' };
	const json = { name: 'Once' };
	const [first, again] = [await stack.request('POST', `${API}/folders`, { bearer: key, json, headers }), await stack.request('POST', `${API}/folders`, { bearer: ann.access_token, json, headers })];
	assert.equal(first.status, 201, first.text);
	assert.equal(again.json.id, first.json.id);
});

test('what looks like a key and is none', async () => {
	const ann = await register(stack);
	const { key } = await newKey(ann);
	const at = key.length - 5;
	const wrong = ['rfk_', 'rfk', key.slice(0, -1), `${key}A`, key.toLowerCase() === key ? key.toUpperCase() : key.toLowerCase(), key.slice(0, at) + (key[at] === 'A' ? 'B' : 'A') + key.slice(at + 1), key.slice(4),
		`rfk_${'A'.repeat(43)}`, `rfk_${'%00'.repeat(10)}`, "rfk_' OR true --", `rfk_${'x'.repeat(4000)}`, `${key} ${key}`, `${key},${key}`, `"${key}"`, 'rfk_ü'];
	for (const token of wrong) {
		const answer = await stack.request('GET', `${API}/auth/me`, { headers: { authorization: Buffer.from(`Bearer ${token}`).toString('latin1') } });
		isProblem(answer, 401, 'not_signed_in');
	}
	for (const header of [key, `Basic ${key}`, `Bearer: ${key}`, `Token ${key}`])
		isProblem(await stack.request('GET', `${API}/auth/me`, { headers: { authorization: header } }), 401, 'not_signed_in');
	for (const header of [`bearer ${key}`, `BEARER  ${key} `])
		assert.equal((await stack.request('GET', `${API}/auth/me`, { headers: { authorization: header } })).status, 200, header);
	isProblem(await stack.request('GET', `${API}/auth/me?access_token=${key}&key=${key}`), 401, 'not_signed_in');
	isProblem(await stack.request('GET', `${API}/auth/me`, { headers: { cookie: `access=${key}; refresh=${key}` } }), 401, 'not_signed_in');
});

test('wrong keys count against their address, right ones do not', async t => {
	const small = await startStack({ settings: { RATE_SIGN_IN: 5 } });
	t.after(() => small.stop());
	const ann = await register(small);
	const { key } = (await small.request('POST', `${API}/keys`, { bearer: ann.access_token,
		json: { name: 'Own', permissions: ['read'], expires_at: null, current_password: PASSWORD } })).json;
	const answers = await race(12, at => me(small, `rfk_wrong-${at}`));
	assert.deepEqual(Object.keys(tally(answers)), ['401', '429']);
	assert.ok(Number(answers.find(({ status }) => status === 429).headers['retry-after']) > 0);
	assert.deepEqual(tally(await race(20, () => me(small, key))), { 200: 20 });
});
