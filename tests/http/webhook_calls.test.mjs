// Calls to endpoints, over real sockets: what goes out, what comes of each answer, and who waits for whom.
import assert from 'node:assert/strict';
import { createHmac, randomUUID } from 'node:crypto';
import fs from 'node:fs';
import net from 'node:net';
import { after, afterEach, before, beforeEach, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { API, register } from '../support/accounts.mjs';
import { deadline, patient } from '../support/patience.mjs';
import { isGenuine, startReceiver } from '../support/receiver.mjs';
import { startStack } from '../support/stack.mjs';

let stack;
let receiver;
let ann;
let bob;
before(async () => {
	stack = await startStack({ settings: { DEMO: 1 } });
	ann = await register(stack);
	bob = await register(stack);
});
after(() => stack?.stop());
beforeEach(async () => { receiver = await startReceiver(); });
afterEach(async () => {
	await stack.programs.jobs?.stop();
	await stack.sql('DELETE FROM webhook_call');
	await stack.sql('DELETE FROM webhook');
	await receiver.stop();
});

const call = (who, method, path, json) => stack.request(method, `${API}/webhooks${path}`, { bearer: who.access_token, json });

async function endpoint(who, path, more) {
	const answer = await call(who, 'POST', '', { name: `Endpoint ${path}`, url: receiver.url(path), kind: 'json', events: ['handoff_created'], ...more });
	assert.equal(answer.status, 201, answer.text);
	return answer.json;
}

async function send(who, { id }, count = 1) {
	const calls = [];
	for (let at = 0; at < count; at++) {
		const answer = await call(who, 'POST', `/${id}/test`);
		assert.equal(answer.status, 202, answer.text);
		calls.push(answer.json.call);
	}
	return calls;
}

const rows = () => stack.sql('SELECT * FROM webhook_call ORDER BY id');
const health = async ({ id }) => (await stack.sql('SELECT failures, failing_since, paused_until FROM webhook WHERE id = $1', [id]))[0];
const due = () => stack.sql("UPDATE webhook_call SET next_at = now() WHERE state = 'queued'");

async function until(look, seconds = 15) {
	for (const end = deadline(seconds); Date.now() < end; await sleep(25)) {
		const seen = await look();
		if (seen)
			return seen;
	}
	return assert.fail(`not within ${seconds} s: ${look}\n${JSON.stringify(await rows(), null, 1)}\n${stack.log('jobs').slice(-3000)}`);
}
const states = async () => (await rows()).map(row => row.state).join();
const tried = count => until(async () => (await rows()).some(row => row.attempts === count && row.state !== 'sending'));

test('a call is signed, and carries what a program needs to know it by', async () => {
	const hook = await endpoint(ann, '/x');
	const [id] = await send(ann, hook);
	stack.startProgram('jobs');
	const [got] = await receiver.heard(1);
	await until(async () => await states() === 'sent');
	const body = JSON.parse(got.body);
	assert.deepEqual(body, { id: `evt_${id}`, type: 'test', created_at: body.created_at,
		account: { id: ann.user.account.id, name: 'Acme IT' }, data: { test: true } });
	assert.equal(got.method, 'POST');
	assert.equal(got.headers['content-type'], 'application/json');
	assert.equal(got.headers['resolutionflow-event'], 'test');
	assert.equal(got.headers['resolutionflow-event-id'], body.id);
	assert.match(hook.secret, /^whsec_[\w-]{43}$/);
	assert.ok(isGenuine(got, hook.secret));
	assert.ok(!isGenuine(got, `${hook.secret}x`), 'another secret');
	assert.ok(!isGenuine({ ...got, body: got.body.replace('true', 'false') }, hook.secret), 'another body');
	assert.ok(!isGenuine(got, hook.secret, Date.now() / 1000 + 301), 'sent again later');
	assert.ok(!isGenuine({ ...got, headers: { 'resolutionflow-signature': got.headers['resolutionflow-signature'].replace(/t=\d+/, t => `t=${Number(t.slice(2)) + 1}`) } }, hook.secret), 'at another time');
	const [row] = await rows();
	assert.equal(row.last_status, 200);
	assert.ok(row.sent_at);
	assert.doesNotMatch(stack.log('jobs'), /whsec_|\/x\b|"test"/);
	assert.match(stack.log('jobs'), new RegExp(`event=call id=${id} account=${ann.user.account.id} webhook=${hook.id} host=127.0.0.1:\\d+ attempt=1 status=200 outcome=sent`));
});

const VECTORS = new URL('../../../shared/data/wycheproof/hmac_sha256_test.json', import.meta.url);
test('the check that a receiver makes is HMAC-SHA256 by the book', { skip: !fs.existsSync(VECTORS) && 'no vectors here' }, () => {
	let count = 0;
	for (const group of JSON.parse(fs.readFileSync(VECTORS, 'utf8')).testGroups)
		for (const { key, msg, tag, result } of group.tests) {
			const mac = createHmac('sha256', Buffer.from(key, 'hex')).update(Buffer.from(msg, 'hex')).digest('hex');
			assert.equal(mac.startsWith(tag), result === 'valid');
			count++;
		}
	assert.ok(count > 100);
});

test('a new secret signs beside the old one, for a day', async () => {
	const hook = await endpoint(ann, '/x');
	const { secret } = (await call(ann, 'POST', `/${hook.id}/secret`)).json;
	assert.notEqual(secret, hook.secret);
	stack.startProgram('jobs');
	await send(ann, hook);
	const [both] = await receiver.heard(1);
	assert.ok(isGenuine(both, secret) && isGenuine(both, hook.secret));
	await stack.sql('UPDATE webhook SET old_secret_until = now()');
	await send(ann, hook);
	const [, one] = await receiver.heard(2);
	assert.ok(isGenuine(one, secret) && !isGenuine(one, hook.secret));
});

test('a secret of another row does not open', async () => {
	const hook = await endpoint(ann, '/x');
	const other = await endpoint(bob, '/y');
	await stack.sql('UPDATE webhook SET secret = (SELECT secret FROM webhook WHERE id = $1) WHERE id = $2', [other.id, hook.id]);
	await send(ann, hook);
	stack.startProgram('jobs');
	await until(async () => await states() === 'failed');
	assert.match((await rows())[0].last_error, /secret/);
	assert.equal(receiver.calls.length, 0);
});

test('500 comes again, later and later, under the same id and with a time of its own', async () => {
	receiver.answers.set('/x', () => ({ status: 500, body: 'no\nway' }));
	await send(ann, await endpoint(ann, '/x'));
	stack.startProgram('jobs');
	const bounds = [60, 300, 1800, 7200, 21600, 43200, 86400];
	for (const [at, seconds] of bounds.entries()) {
		await tried(at + 1);
		const [row] = await rows();
		const wait = (row.next_at - Date.now()) / 1000;
		assert.equal(row.state, 'queued');
		assert.ok(wait > seconds * 0.8 - patient(5) && wait <= seconds * 1.2 + 1, `${wait} s after try ${at + 1}`);
		assert.equal(row.last_error, 'It answered 500. It said: no?way');
		assert.equal(row.last_status, 500);
		await stack.sql('UPDATE webhook SET paused_until = NULL');
		await due();
	}
	await until(async () => await states() === 'failed');
	assert.equal((await rows())[0].attempts, 8);
	const ids = new Set(receiver.calls.map(({ headers }) => headers['resolutionflow-event-id']));
	assert.equal(ids.size, 1);
	assert.equal(receiver.calls.length, 8);
});

test('410 and a redirect are the end at once, and nobody goes where the redirect leads', async () => {
	const elsewhere = await startReceiver();
	receiver.answers.set('/gone', () => ({ status: 410 }));
	receiver.answers.set('/moved', () => ({ status: 307, headers: { location: elsewhere.url('/') } }));
	receiver.answers.set('/metadata', () => ({ status: 302, headers: { location: 'http://169.254.169.254/latest/meta-data/' } }));
	for (const path of ['/gone', '/moved', '/metadata'])
		await send(ann, await endpoint(ann, path));
	stack.startProgram('jobs');
	await until(async () => await states() === 'failed,failed,failed');
	assert.deepEqual((await rows()).map(row => row.last_status), [410, 307, 302]);
	assert.match((await rows())[1].last_error, /redirect/);
	assert.equal(elsewhere.calls.length, 0);
	await elsewhere.stop();
});

test('429 with Retry-After: neither this call nor another comes before', async () => {
	receiver.answers.set('/x', () => ({ status: 429, headers: { 'retry-after': '7' } }));
	const hook = await endpoint(ann, '/x');
	await send(ann, hook);
	stack.startProgram('jobs');
	await tried(1);
	const [row] = await rows();
	const wait = (row.next_at - Date.now()) / 1000;
	assert.ok(wait > 7 - patient(3) && wait <= 7.5, `${wait} s`);
	assert.ok((await health(hook)).paused_until > Date.now());
	await send(ann, hook);
	await sleep(500);
	assert.equal(receiver.calls.length, 1);
	receiver.answers.delete('/x');
	await stack.sql('UPDATE webhook SET paused_until = now()');
	await until(async () => (await states()).includes('sent'));
	assert.deepEqual(await health(hook), { failures: 0, failing_since: null, paused_until: null });
});

test('after five failures in a row the endpoint rests, one call looks, and the others wait for it', async () => {
	receiver.answers.set('/x', () => ({ status: 503 }));
	const hook = await endpoint(ann, '/x');
	await send(ann, hook, 9);
	stack.startProgram('jobs');
	await until(async () => (await health(hook)).paused_until);
	await sleep(300);
	assert.equal(receiver.calls.length, 5);
	assert.ok((await health(hook)).failing_since);
	for (const minutes of [2, 4]) {
		await stack.sql('UPDATE webhook SET paused_until = now()');
		await due();
		const count = receiver.calls.length;
		await until(async () => (await health(hook)).paused_until > Date.now());
		const wait = ((await health(hook)).paused_until - Date.now()) / 60000;
		assert.ok(wait > minutes - patient(0.2) && wait <= minutes, `${wait} min`);
		await sleep(200);
		assert.equal(receiver.calls.length, count + 1, 'one alone');
	}
	receiver.answers.delete('/x');
	assert.equal((await call(ann, 'POST', `/${hook.id}/resume`)).status, 204);
	await until(async () => (await rows()).every(row => row.state === 'sent'));
	assert.deepEqual(await health(hook), { failures: 0, failing_since: null, paused_until: null });
});

test('one endpoint hangs, and the others, of this account and of another, do not wait', async t => {
	receiver.answers.set('/hangs', () => null);
	const hanging = await endpoint(ann, '/hangs');
	const quick = [await endpoint(ann, '/a'), await endpoint(bob, '/b')];
	await send(ann, hanging, 30);
	stack.startProgram('jobs');
	await receiver.heard(2, '/hangs');
	const delays = [];
	for (let round = 0; round < 10; round++)
		for (const [at, hook] of quick.entries()) {
			const began = Date.now();
			await send([ann, bob][at], hook);
			const got = await receiver.heard(round + 1, ['/a', '/b'][at]);
			delays.push(got.at(-1).at - began);
		}
	assert.equal(receiver.of('/hangs').length, 2, 'two at most are under way to one');
	delays.sort((one, other) => one - other);
	t.diagnostic(`delay of the others while one hangs: median ${delays[10]} ms, longest ${delays.at(-1)} ms`);
	assert.ok(delays.at(-1) < patient(3000), `${delays}`);
	await until(async () => (await rows()).filter(row => row.last_error).length >= 2, 25);
	assert.match((await rows()).find(row => row.last_error).last_error, /timed out/i);
	await stack.kill('jobs');
});

test('killed with a call in flight, it comes again under the same id when the lease is over', async () => {
	receiver.answers.set('/x', () => null);
	const hook = await endpoint(ann, '/x');
	await send(ann, hook);
	const jobs = stack.startProgram('jobs');
	await receiver.heard(1);
	const lane = jobs.children.find(pid => fs.readFileSync(`/proc/${pid}/net/tcp`, 'utf8') && connected(pid));
	assert.ok(lane, 'one of the children holds the connection');
	process.kill(lane, 'SIGKILL');
	receiver.answers.delete('/x');
	await sleep(1500);
	assert.equal(await states(), 'sending', 'the lease holds');
	assert.equal(receiver.calls.length, 1);
	await stack.sql('UPDATE webhook_call SET lease_until = now()');
	await until(async () => await states() === 'sent');
	const [one, two] = receiver.calls;
	assert.equal(one.headers['resolutionflow-event-id'], two.headers['resolutionflow-event-id']);
	assert.equal(one.body, two.body);
	assert.equal((await rows())[0].attempts, 2);
});

// Whether the process has a connection to the receiver.
function connected(pid) {
	const port = Number(new URL(receiver.url()).port).toString(16).toUpperCase().padStart(4, '0');
	const inodes = fs.readFileSync('/proc/net/tcp', 'utf8').split('\n').map(line => line.trim().split(/\s+/))
		.filter(([, , remote, state]) => remote?.endsWith(`:${port}`) && state === '01').map(fields => fields[9]);
	return fs.readdirSync(`/proc/${pid}/fd`).some(fd => {
		try {
			return inodes.some(inode => fs.readlinkSync(`/proc/${pid}/fd/${fd}`) === `socket:[${inode}]`);
		} catch {
			return false;
		}
	});
}

test('SIGTERM: what is in hand is finished, what hangs is left to its lease', async () => {
	let release;
	receiver.answers.set('/x', () => new Promise(resolve => { release = () => resolve({ status: 200 }); }));
	receiver.answers.set('/hangs', () => null);
	await send(ann, await endpoint(ann, '/x'));
	await send(ann, await endpoint(ann, '/hangs'));
	const jobs = stack.startProgram('jobs');
	await receiver.heard(2);
	setTimeout(() => release(), 700);
	assert.deepEqual(await jobs.stop(), { code: 0, signal: null });
	assert.equal(await states(), 'sent,sending');
});

test('three programs at work make each call once', async () => {
	const hooks = [];
	for (const path of ['/1', '/2', '/3', '/4'])
		hooks.push(await endpoint(ann, path));
	for (const hook of hooks)
		await send(ann, hook, 15);
	receiver.answers.set('/1', async () => { await sleep(20); return { status: 200 }; });
	const others = [0, 1].map(() => stack.startProgram('jobs'));
	stack.startProgram('jobs');
	await until(async () => (await rows()).every(row => row.state === 'sent'), 30);
	for (const other of others)
		await other.stop();
	assert.equal(receiver.calls.length, 60);
	assert.equal(new Set(receiver.calls.map(({ headers }) => headers['resolutionflow-event-id'])).size, 60);
});

test('where nobody listens, or talks HTTP, it waits', async () => {
	const mute = net.createServer(socket => socket.end('220 mail.example.com\r\n'));
	await new Promise(resolve => { mute.listen(0, '127.0.0.1', resolve); });
	const hook = await endpoint(ann, '/x', { url: `http://127.0.0.1:${mute.address().port}/` });
	await send(ann, hook);
	stack.startProgram('jobs');
	await tried(1);
	mute.close();
	await stack.sql("UPDATE webhook_call SET next_at = now()");
	await tried(2);
	const [row] = await rows();
	assert.equal(row.state, 'queued');
	assert.equal(row.last_status, null);
	assert.match(row.last_error, /connect/i);
});

test('what became unwanted while it was under way is not tried again', async () => {
	receiver.answers.set('/x', async () => {
		await stack.sql('UPDATE webhook_call SET unwanted = true');
		return { status: 500 };
	});
	await send(ann, await endpoint(ann, '/x'));
	stack.startProgram('jobs');
	await until(async () => await states() === 'skipped');
	assert.equal(receiver.calls.length, 1);
});

test('switched off or deleted, an endpoint gets nothing more', async () => {
	const off = await endpoint(ann, '/off');
	const gone = await endpoint(ann, '/gone');
	await send(ann, off, 2);
	await send(ann, gone, 2);
	assert.equal((await call(ann, 'PATCH', `/${off.id}`, { active: false })).status, 200);
	assert.equal((await call(ann, 'DELETE', `/${gone.id}`)).status, 204);
	assert.equal(await states(), 'skipped,skipped,skipped,skipped');
	assert.equal((await call(ann, 'POST', `/${off.id}/test`)).json.code, 'switched_off');
	const [row] = await stack.sql('SELECT url, secret, old_secret FROM webhook WHERE id = $1', [gone.id]);
	assert.deepEqual(row, { url: '', secret: '', old_secret: null });
	stack.startProgram('jobs');
	await sleep(500);
	assert.equal(receiver.calls.length, 0);
});

test('an address that calls may not go to any more is not called', async () => {
	const hook = await endpoint(ann, '/x');
	await send(ann, hook);
	stack.startProgram('jobs', { DEMO: 0 });
	await until(async () => await states() === 'failed');
	assert.equal(receiver.calls.length, 0);
	await stack.programs.jobs.stop();
	for (const url of ['https://10.0.0.1/', 'http://169.254.169.254/latest/'])
		await stack.sql("INSERT INTO webhook (account_id, id, name, url, kind, events, secret, created_by) SELECT account_id, $1, 'x', $2, kind, events, secret, created_by FROM webhook WHERE id = $3", [randomUUID(), url, hook.id]);
	await stack.sql("INSERT INTO webhook_call (account_id, webhook_id, event, event_id, body) SELECT account_id, id, 'test', url, '{}' FROM webhook WHERE name = 'x'");
	stack.startProgram('jobs');
	await until(async () => (await rows()).every(row => row.state === 'failed'));
});

test('a certificate of nobody is no certificate', async () => {
	const hook = await endpoint(ann, '/x', { url: receiver.url('/x').replace('http:', 'https:') });
	await send(ann, hook);
	stack.startProgram('jobs');
	await tried(1);
	assert.match((await rows())[0].last_error, /SSL|TLS|certificate/i);
	assert.equal(receiver.calls.length, 0);
});

test('it outlives the loss of its connection, and records what ended meanwhile', async () => {
	let release;
	receiver.answers.set('/x', () => new Promise(resolve => { release = () => resolve({ status: 200 }); }));
	const hook = await endpoint(ann, '/x');
	await send(ann, hook);
	stack.startProgram('jobs');
	await receiver.heard(1);
	await stack.sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'jobs' AND datname = current_database()");
	release();
	await until(async () => await states() === 'sent');
	receiver.answers.delete('/x');
	await send(ann, hook);
	await until(async () => await states() === 'sent,sent', 8);
	assert.equal(receiver.calls.length, 2);
});

test('a week is enough to wait, a month to remember', async () => {
	const hook = await endpoint(ann, '/x');
	await send(ann, hook, 4);
	await stack.sql("UPDATE webhook SET paused_until = now() + interval '1 hour', failures = 9");
	const ages = [['queued', 8], ['queued', 6], ['sent', 31], ['failed', 29]];
	for (const [at, { id }] of (await rows()).entries())
		await stack.sql("UPDATE webhook_call SET state = $2, created_at = now() - $3 * interval '1 day' WHERE id = $1", [id, ...ages[at]]);
	await stack.sql('DELETE FROM job_period');
	stack.startProgram('jobs');
	await until(async () => (await rows()).length === 3);
	assert.equal(await states(), 'failed,queued,failed');
	assert.match((await rows())[0].last_error, /week/);
});
