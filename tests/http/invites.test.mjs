// Invites one by one and by lists: found, renewed, revoked; judged line by line and sent once.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { API, PASSWORD, browser, colleague, isProblem, mailedToken, newAddress, race, register, tally } from '../support/accounts.mjs';
import { startStack } from '../support/stack.mjs';

let stack;
before(async () => { stack = await startStack({ settings: { WORKERS: 4 } }); });
after(() => stack?.stop());

const row = async (text, parameters) => (await stack.sql(text, parameters))[0];
const count = async (what, account) => (await row(`SELECT count(*)::int AS n FROM ${what} WHERE account_id = $1`, [account])).n;
const call = (method, path, who, json, headers) => stack.request(method, `${API}${path}`, { bearer: who?.access_token, json, headers });
const join = (code, email = newAddress(), name = 'New One') =>
	stack.request('POST', `${API}/auth/register`, { json: { email, password: PASSWORD, name, invite_code: code } });

test('invites are found by state, address and who joined by them', async () => {
	const ann = await register(stack);
	const made = [];
	for (const json of [{ role: 'viewer', email: 'open@example.com' }, { role: 'engineer', max_uses: 5 }, { role: 'viewer' }, { role: 'viewer' }])
		made.push((await call('POST', '/invites', ann, json)).json);
	for (const name of ['Ute', 'Vic', 'Wim', 'Xia'])
		assert.equal((await join(made[1].code, undefined, name)).status, 201);
	await call('DELETE', `/invites/${made[2].id}`, ann);
	await stack.sql("UPDATE invite SET expires_at = now() - interval '1 day' WHERE id = $1", [made[3].id]);
	const found = async query => (await call('GET', `/invites?${query}`, ann)).json.items.map(item => made.findIndex(({ id }) => id === item.id)).sort();
	assert.deepEqual(await found(''), [0, 1, 2, 3]);
	assert.deepEqual(await found('state=open'), [0, 1]);
	assert.deepEqual(await found('state=revoked'), [2]);
	assert.deepEqual(await found('state=expired'), [3]);
	assert.deepEqual(await found('state=used'), []);
	assert.deepEqual(await found('q=OPEN@'), [0]);
	assert.deepEqual(await found('q=wim'), [1]);
	const page = await (await browser(stack, ann.email)).get('/invites?q=wim');
	assert.match(page.text, /4 of 5<div class="small muted">Xia, Wim, Vic and others, /);
});

test('whoever is in the account already is not invited again; whoever has left may be', async () => {
	const ann = await register(stack);
	const tom = await colleague(stack, ann, 'viewer');
	isProblem(await call('POST', '/invites', ann, { role: 'viewer', email: tom.email.toUpperCase() }), 409, 'already_member');
	const page = await browser(stack, ann.email);
	const refused = await page.post('/invites', { role: 'viewer', email: tom.email, once: 'a nonce of its own' });
	assert.equal(refused.status, 409);
	assert.match(refused.text, /is in your account already/);
	assert.doesNotMatch(refused.text, /aria-label="State"/, 'no tabs without any');
	assert.equal(await count('invite', ann.user.account.id), 0);
	assert.equal((await call('DELETE', `/users/${tom.id}`, ann)).status, 204);
	assert.equal((await call('POST', '/invites', ann, { role: 'viewer', email: tom.email })).status, 201);
});

test('sent again it has a new code, the old one is dead, and its time begins anew', async () => {
	const ann = await register(stack);
	const stranger = await register(stack);
	const email = newAddress('ben');
	const { json: made } = await call('POST', '/invites', ann, { role: 'engineer', email, expires_in: 86400 });
	await stack.sql("UPDATE invite SET created_at = now() - interval '2 days', expires_at = now() - interval '1 day' WHERE id = $1", [made.id]);
	isProblem(await call('POST', `/invites/${made.id}/renew`, stranger), 404, 'not_found');
	const { json: renewed } = await call('POST', `/invites/${made.id}/renew`, ann);
	assert.notEqual(renewed.code, made.code);
	assert.ok(Math.abs(Date.parse(renewed.expires_at) - Date.now() - 86400e3) < 60e3, renewed.expires_at);
	assert.equal(await mailedToken(stack, email, 'join'), renewed.code);
	const page = await browser(stack, ann.email);
	await page.get('/invites');
	const path = `/invites/${made.id}/renew`;
	const form = await page.hidden(path);
	const answers = await race(4, () => page.send('POST', path, { form }));
	assert.deepEqual(tally(answers), { 200: 4 });
	assert.equal((await row('SELECT count(*)::int AS n FROM outbox WHERE recipient = $1', [email])).n, 3, 'pressed four times it goes once');
	for (const code of [made.code, renewed.code])
		isProblem(await join(code, email), 422, 'invalid_invite');
	const { json: last } = await call('POST', `/invites/${made.id}/renew`, ann);
	assert.equal((await join(last.code, email)).status, 201);
	isProblem(await call('POST', `/invites/${made.id}/renew`, ann), 409, 'invite_used');
	const { json: gone } = await call('POST', '/invites', ann, { role: 'viewer' });
	await call('DELETE', `/invites/${gone.id}`, ann);
	isProblem(await call('POST', `/invites/${gone.id}/renew`, ann), 409, 'invite_revoked');
});

test('a team of another account is none', async () => {
	const [ann, stranger] = [await register(stack), await register(stack)];
	const { team_id } = (await call('GET', `/users/${stranger.user.id}`, stranger)).json;
	isProblem(await call('POST', '/invites', ann, { role: 'viewer', team_id }), 422, 'invalid');
});

test('with one seat left, of many who join by invites at once one is in', async () => {
	const ann = await register(stack);
	await stack.sql("UPDATE account SET plan = 'free' WHERE account_id = $1", [ann.user.account.id]);
	for (let at = 0; at < 3; at++)
		await colleague(stack, ann, 'viewer');
	const codes = (await Promise.all(Array.from({ length: 6 }, () => call('POST', '/invites', ann, { role: 'viewer' })))).map(answer => answer.json.code);
	const answers = await race(6, at => join(codes[at]));
	assert.deepEqual(tally(answers), { 201: 1, 409: 5 });
	assert.equal(await count('person', ann.user.account.id), 5);
	assert.equal((await row('SELECT sum(uses)::int AS n FROM invite WHERE account_id = $1', [ann.user.account.id])).n, 1);
});

/* ---- lists ---- */

const CELL = /<td class="n" data-label="Line">(\d+)<\/td>.*?data-label="Result"><span[^>]*>([^<]*)</g;
const report = page => [...page.text.matchAll(CELL)].map(([, n, word]) => [Number(n), word]);

async function check(page, list, fields = {}) {
	await page.get('/invites/bulk');
	return page.post('/invites/bulk', { role: 'viewer', expires_in: '604800', list, ...fields });
}

test('a list is judged line by line, and nothing is sent', async () => {
	const ann = await register(stack);
	await call('POST', '/invites', ann, { role: 'viewer', email: 'waits@example.com' });
	const before = await count('outbox', ann.user.account.id);
	const page = await browser(stack, ann.email);
	const shown = await check(page, ['E-Mail;Team;Role;Note', 'a@example.com;everyone;Engineer;x', `${ann.email.toUpperCase()};;;`, ';;;', 'Waits@Example.com;;;',
		'nobody;;viewer;', 'b@example.com;;king;', 'c@example.com;Night & "Day";team admin;', 'A@example.com;;;', 'd@example.com;;super_admin;'].join('\r\n'));
	assert.equal(shown.status, 200, shown.text);
	assert.deepEqual(report(shown), [[2, 'Can be invited'], [3, 'Already in the account'], [5, 'Has an open invite'], [6, 'No e-mail address'],
		[7, 'No such role'], [8, 'No such team'], [9, 'Twice in the list'], [10, 'No such role']]);
	assert.match(shown.text, /Night &amp; &quot;Day&quot;\. Their people/);
	assert.equal(await count('outbox', ann.user.account.id), before);
	assert.equal(await count('invite', ann.user.account.id), 1);
	const csv = await page.send('GET', `${page.path}/report.csv`);
	assert.match(csv.text, /6,"nobody","viewer","","bad_address","No e-mail address"\r\n/);
});

test('it is sent once, however often it is asked for, each with a code of their own', async () => {
	const ann = await register(stack);
	const account = ann.user.account.id;
	const page = await browser(stack, ann.email);
	const addresses = Array.from({ length: 5 }, (_, at) => newAddress(`p${at}`));
	await check(page, addresses.map(address => `${address},engineer,${address === addresses[4] ? 'Night' : 'Everyone'}`).join('\n'));
	const path = page.path;
	const form = { ...await page.hidden(`${path}/send`), make_teams: 'true' };
	const before = await count('outbox', account);
	const answers = await race(6, () => page.send('POST', `${path}/send`, { form }));
	assert.deepEqual(tally(answers), { 303: 6 }, answers.map(answer => answer.text).join('\n'));
	assert.equal(await count('outbox', account) - before, 5);
	assert.equal(await count('invite', account), 5);
	const shown = await page.get(path);
	assert.match(shown.text, /5 of 5 invited/);
	assert.deepEqual(new Set(report(shown).map(([, word]) => word)), new Set(['Invited']));
	const codes = await Promise.all(addresses.map(address => mailedToken(stack, address, 'join')));
	assert.equal(new Set(codes).size, 5);
	const joined = await join(codes[4], addresses[4]);
	assert.equal(joined.status, 201, joined.text);
	assert.equal((await row('SELECT t.name FROM person p JOIN team t ON t.id = p.team_id WHERE p.id = $1', [joined.json.user.id])).name, 'Night');
	isProblem(await join(codes[0], newAddress()), 422, 'invalid_invite');
	assert.equal((await row("SELECT count(*)::int AS n FROM audit WHERE account_id = $1 AND action = 'invite.made'", [account])).n, 5);
	const stranger = await browser(stack, (await register(stack)).email);
	for (const their of [path, `${path}/report.csv`])
		assert.equal((await stranger.send('GET', their)).status, 404);
	assert.equal((await stranger.send('POST', `${path}/send`, { form: await stranger.hidden('/logout') })).status, 404);
});

test('two lists of the same people at once invite each of them once', async () => {
	const ann = await register(stack);
	const items = Array.from({ length: 30 }, (_, at) => ({ email: `same${at}.${ann.user.id}@example.com` }));
	const answers = await race(4, () => call('POST', '/invites/bulk', ann, { items }));
	assert.deepEqual(tally(answers), { 200: 4 }, answers.map(answer => answer.text).join('\n'));
	assert.equal(answers.flatMap(answer => answer.json.items).filter(item => item.outcome === 'sent').length, 30);
	assert.equal(await count('invite', ann.user.account.id), 30);
});

test('no more are invited than there are seats', async () => {
	const ann = await register(stack);
	await stack.sql("UPDATE account SET plan = 'free' WHERE account_id = $1", [ann.user.account.id]);
	await call('POST', '/invites', ann, { role: 'viewer', email: newAddress() });
	const { json } = await call('POST', '/invites/bulk', ann, { items: Array.from({ length: 5 }, () => ({ email: newAddress() })) });
	assert.deepEqual(json.items.map(item => item.outcome), ['sent', 'sent', 'sent', 'over_limit', 'over_limit']);
});

test('by the API each item is answered by itself, and an Idempotency-Key counts', async () => {
	const [ann, stranger] = [await register(stack), await register(stack)];
	const theirs = (await call('GET', `/users/${stranger.user.id}`, stranger)).json.team_id;
	const mine = (await call('GET', `/users/${ann.user.id}`, ann)).json.team_id;
	const email = newAddress();
	const json = { items: [{ email, role: 'engineer', team_id: mine }, { email: 'nothing' }, { email: newAddress(), team_id: theirs },
		{ email: newAddress(), team: 'Nowhere' }, { email: ann.email }, { email: stranger.email }], expires_in: 3600 };
	const answers = await race(5, () => call('POST', '/invites/bulk', ann, json, { 'idempotency-key': 'list' }));
	assert.deepEqual(tally(answers), { 200: 5 });
	assert.equal(new Set(answers.map(answer => answer.text)).size, 1);
	const { items } = answers[0].json;
	assert.deepEqual(items.map(item => item.outcome), ['sent', 'bad_address', 'unknown_team', 'unknown_team', 'member', 'sent'], 'of other accounts nothing is told');
	assert.deepEqual(items.map(item => item.code !== null), [true, false, false, false, false, true]);
	assert.equal((await join(items[0].code, email)).status, 201);
	isProblem(await call('POST', '/invites/bulk', ann, { items: [] }), 422, 'invalid');
	isProblem(await call('POST', '/invites/bulk', ann, { items: Array.from({ length: 501 }, () => ({ email })) }), 422, 'invalid');
	isProblem(await call('POST', '/invites/bulk', ann, { items: [{ role: 'viewer' }] }), 422, 'invalid');
	const ben = await colleague(stack, ann, 'engineer');
	isProblem(await call('POST', '/invites/bulk', ben, json), 403, 'forbidden');
});

test('lists as spreadsheets save them, and as nobody should send them', async () => {
	const ann = await register(stack);
	const page = await browser(stack, ann.email);
	const words = async (list, fields) => report(await check(page, list, fields)).map(([, word]) => word);
	assert.deepEqual(await words('\ufeffemail\trole\tteam\r\nq@example.com\tviewer\tEveryone'), ['Can be invited']);
	assert.deepEqual(await words('"q@example.com","viewer","Every""one"\n"r@example.com","","a\nb"'), ['No such team', 'No such team']);
	assert.deepEqual(await words('=cmd|x,viewer\n+1@example.com,,\n@example.com'), ['No e-mail address', 'Can be invited', 'No e-mail address']);
	const csv = await page.send('GET', `${page.path}/report.csv`);
	assert.match(csv.text, /1,"'=cmd\|x",/);
	assert.deepEqual(await words(`${'x'.repeat(300)}@example.com\n"unclosed@example.com,viewer`), ['No e-mail address', 'No e-mail address']);
	for (const [list, says] of [['', /Paste a list/], [' \n\r\n,,,\n', /Paste a list/], ['email,role', /Paste a list/],
		[Array.from({ length: 501 }, (_, at) => `p${at}@example.com`).join('\n'), /may have 500 people/]]) {
		const refused = await check(page, list);
		assert.equal(refused.status, 422, list.slice(0, 40));
		assert.match(refused.text, says);
	}
	assert.equal((await check(page, 'x,'.repeat(150_000))).status, 422, 'too long');
	assert.equal((await check(page, Array.from({ length: 500 }, (_, at) => `p${at}.${ann.user.id}@example.com`).join('\r'))).status, 200, 'as many as may be, with line ends of old');
	assert.equal(report(page.page).length, 500);
	const { csrf } = await page.hidden('/invites/bulk');
	const file = (name, content) => ({ headers: { 'content-type': 'multipart/form-data; boundary=XX' }, body: Buffer.concat([
		...Object.entries({ csrf, role: 'viewer', expires_in: '86400', list: '' }).map(([field, value]) => Buffer.from(`--XX\r\ncontent-disposition: form-data; name="${field}"\r\n\r\n${value}\r\n`)),
		Buffer.from(`--XX\r\ncontent-disposition: form-data; name="file"; filename="${name}"\r\ncontent-type: text/csv\r\n\r\n`), Buffer.from(content), Buffer.from('\r\n--XX--\r\n')]) });
	const sent = await page.send('POST', '/invites/bulk', file('people.csv', 'email\nfrom-file@example.com\n'));
	assert.equal(sent.status, 303, sent.text);
	assert.match((await page.get(sent.headers.location)).text, /from-file@example\.com/);
	for (const content of [Buffer.from('a@example.com\0,viewer'), Buffer.from([0xff, 0xfe, 0x61, 0]), Buffer.alloc(900_000, 'a@example.com\n')])
		assert.ok([413, 422].includes((await page.send('POST', '/invites/bulk', file('x.csv', content))).status));
});
