// Notices: what happened to one's account is told, once, to nobody else.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { startStack } from '../support/stack.mjs';

const FIREFOX = 'Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:130.0) Gecko/20100101 Firefox/130.0';
const SAFARI = 'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15) AppleWebKit/605 Version/17.0 Safari/605';
const password = 'a long enough password';
let stack;
before(async () => { stack = await startStack(); });
after(() => stack?.stop());

async function join(email, agent = FIREFOX) {
	const visitor = stack.visitor({ headers: { 'user-agent': agent } });
	await visitor.post('/register', { name: 'Ann', account_name: 'A', email, password });
	assert.equal(visitor.page.status, 200, visitor.page.text);
	return visitor;
}

async function login(email, agent) {
	const visitor = stack.visitor({ headers: { 'user-agent': agent } });
	await visitor.post('/login', { email, password });
	return visitor;
}

const texts = async email => (await stack.sql(
	'SELECT text FROM notice n JOIN person p ON p.id = n.person_id WHERE p.email = $1 ORDER BY n.id', [email])).map(row => row.text);

test('a new device is told of, a known one is not', async () => {
	const ann = await join('ann@example.com');
	assert.match((await ann.get('/notices')).text, /No notices/);
	await login('ann@example.com', FIREFOX);
	assert.deepEqual(await texts('ann@example.com'), []);
	await login('ann@example.com', SAFARI);
	await login('ann@example.com', SAFARI);
	assert.deepEqual(await texts('ann@example.com'), ['New sign-in from Safari on macOS']);
	const [event] = await stack.sql("SELECT e.* FROM event e JOIN person p ON p.id = e.user_id WHERE e.topic = 'notice' AND p.email = 'ann@example.com'");
	assert.deepEqual(event.payload, { unread: 1 });
	assert.equal(event.sign_in_id, null);
});

test('a changed password is told of, by whichever way it was changed', async () => {
	const bob = await join('bob@example.com');
	await bob.post('/profile/password', { current_password: password, password: 'another long password' });
	assert.deepEqual(await texts('bob@example.com'), ['Your password was changed']);
	await stack.request('POST', '/api/v1/auth/password/forgot', { json: { email: 'bob@example.com' } });
	const [{ body_text: body }] = await stack.sql("SELECT body_text FROM outbox WHERE recipient = 'bob@example.com' ORDER BY id DESC LIMIT 1");
	const [, token] = /reset\/(\S+)/.exec(body);
	assert.equal((await stack.request('POST', '/api/v1/auth/password/reset', { json: { token, password: 'a third long password' } })).status, 204);
	assert.equal((await texts('bob@example.com')).length, 2);
});

test('opening marks as read and leads on; the bell counts', async () => {
	const cat = await join('cat@example.com');
	await login('cat@example.com', SAFARI);
	const page = await cat.get('/notices');
	assert.match(page.text, /<span id="unread">1<\/span>/);
	assert.match(page.text, /New sign-in from Safari on macOS<\/span> <span class="tag">New/);
	const [action] = /\/notices\/[0-9a-f-]{36}\/open/.exec(page.text);
	await cat.post(action);
	assert.equal(cat.path, '/devices');
	const read = await cat.get('/notices');
	assert.match(read.text, /<span id="unread">0<\/span>/);
	assert.doesNotMatch(read.text, /class="tag">New/);
	const dan = await join('dan@example.com');
	await dan.get('/notices');
	const { csrf } = await dan.hidden('/logout');
	assert.equal((await dan.send('POST', action, { form: { csrf } })).status, 404, 'another one\'s');
	const [{ id }] = await stack.sql(`INSERT INTO notice (account_id, person_id, text)
		SELECT account_id, uuid7(), 'To a colleague' FROM person WHERE email = 'dan@example.com' RETURNING id`);
	assert.equal((await dan.send('POST', `/notices/${id}/open`, { form: { csrf } })).status, 404, 'a colleague\'s');
	assert.doesNotMatch((await dan.get('/notices')).text, /To a colleague/);
	assert.equal((await stack.visitor().send('GET', '/notices')).status, 303);
});

test('many notices come by pages, and are read all at once', async () => {
	const eve = await join('eve@example.com');
	await stack.sql(`INSERT INTO notice (account_id, person_id, text, link, created_at)
		SELECT account_id, id, 'Notice ' || n, '//evil.example', now() + n * interval '1 second'
		  FROM person, generate_series(1, 70) n WHERE email = 'eve@example.com'`);
	await stack.sql(`UPDATE notice SET id = overlay(id::text PLACING lpad(substring(text FROM 8), 4, '0') FROM 10 FOR 4)::uuid WHERE text LIKE 'Notice %'`);
	const seen = [];
	let older = '/notices';
	for (let pages = 0; older && pages < 5; pages++) {
		const { text } = await eve.get(older);
		seen.push(...[...text.matchAll(/class="strong">Notice (\d+)/g)].map(found => Number(found[1])));
		older = /href="(\/notices\?before=[^"]+)"/.exec(text)?.[1];
	}
	assert.deepEqual(seen, Array.from({ length: 70 }, (_, at) => 70 - at));
	const page = await eve.get('/notices');
	await eve.post(/\/notices\/[0-9a-f-]{36}\/open/.exec(page.text)[0]);
	assert.equal(eve.path, '/', 'no link leads away');
	await eve.get('/notices');
	await eve.post('/notices/read');
	assert.equal(eve.path, '/notices');
	assert.match(eve.page.text, /<span id="unread">0<\/span>/);
	assert.equal((await eve.get('/notices?before=rubbish')).status, 422);
});

test('the API gives the same', async () => {
	await join('fay@example.com');
	const answer = await stack.request('POST', '/api/v1/auth/login/json', { json: { email: 'fay@example.com', password } });
	const bearer = answer.json.access_token;
	const { json } = await stack.request('GET', '/api/v1/notices', { bearer });
	assert.equal(json.unread, 1);
	assert.equal(json.next, null);
	const [{ id, created_at: at, ...notice }] = json.items;
	assert.match(id, /^[0-9a-f-]{36}$/);
	assert.match(at, /Z$/);
	assert.deepEqual(notice, { text: 'New sign-in from Another program', link: '/devices', unread: true });
	assert.equal((await stack.request('POST', '/api/v1/notices/read', { bearer })).status, 204);
	assert.equal((await stack.request('GET', '/api/v1/notices', { bearer })).json.unread, 0);
	assert.equal((await stack.request('GET', '/api/v1/notices')).status, 401);
});

test('unread ones are counted to a hundred, however many wait', async () => {
	const hal = await join('hal@example.com');
	const tell = count => stack.sql(`INSERT INTO notice (account_id, person_id, text)
		SELECT account_id, id, 'x' FROM person, generate_series(1, $1::int) WHERE email = 'hal@example.com'`, [count]);
	await tell(99);
	assert.match((await hal.get('/notices')).text, /<span id="unread">99<\/span><span/);
	await tell(50);
	assert.match((await hal.get('/notices')).text, /<span id="unread">100\+<\/span><span/);
});
