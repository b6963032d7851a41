// Streams as they are served: who may hear what, when they end, and that hubs may be killed, restarted and doubled.
import assert from 'node:assert/strict';
import { existsSync, rmSync } from 'node:fs';
import http from 'node:http';
import net from 'node:net';
import { after, afterEach, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { API, browser, colleague, isProblem, register } from '../support/accounts.mjs';
import { Events, STREAM, publish } from '../support/events.mjs';
import { patient } from '../support/patience.mjs';
import { startStack } from '../support/stack.mjs';

const ALIAS = `${API}/ai-sessions/escalations/stream`;
let stack;
let opened = [];
before(async () => { stack = await startStack({ hub: 2, settings: { HUB_HEARTBEAT_SECONDS: 1 } }); });
afterEach(() => { opened.forEach(stream => stream.stop()); opened = []; });
after(() => stack?.stop());

function listen(who, path = STREAM, options = {}) {
	opened.push(new Events(stack.base, path, { bearer: who.access_token, ...options }));
	return opened.at(-1);
}

const cookiesOf = visitor => ({ cookie: [...visitor.cookies].map(([name, value]) => `${name}=${value}`).join('; ') });

async function startHub(name) {
	const socket = `${stack.dir}/run/${name}.sock`;
	rmSync(socket, { force: true });
	await stack.startProgram(name).until(() => existsSync(socket), 'its socket was there');
}

async function hubCounts(name) {
	const { text } = await stack.request('GET', `/metrics/${name}`);
	return Number(/^hub_streams (\d+)$/m.exec(text)[1]);
}

test('nobody reaches a hub without a worker', async () => {
	for (const path of ['/_stream?account=x', '/_hub_stats', '/metrics/hubs', '/metrics/hub-x', '/metrics/worker'])
		assert.equal((await stack.request('GET', path)).status, 404, path);
});

test('an EventSource without a sign-in is told to stay away; a reader is led to sign in', async () => {
	const { email, user } = await register(stack);
	const ann = await browser(stack, email);
	await stack.sql("UPDATE sign_in SET ended_at = now(), ended_why = 'test' WHERE person_id = $1", [user.id]);
	for (const visitor of [ann, stack.visitor()]) {
		const answer = await visitor.send('GET', '/events', { headers: { accept: 'text/event-stream' } });
		assert.equal(answer.status, 204);
		assert.equal(answer.headers.location, undefined);
		const page = await visitor.send('GET', '/events');
		assert.equal(page.status, 303, 'what is no EventSource is led to the sign-in');
		assert.equal(page.headers.location, '/login?next=%2Fevents');
	}
	assert.equal(ann.cookies.has('access'), false, 'the cookies are gone with it');
	assert.equal((await stack.request('GET', '/api/v1/auth/me', { headers: { accept: 'text/event-stream' } })).status, 401, 'of the pages only');
});

test('the stream is for engineers and team admins, by cookie or bearer; others get no byte of it', async () => {
	const ann = await register(stack);
	const [engineer, viewer] = [await colleague(stack, ann, 'engineer'), await colleague(stack, ann, 'viewer')];
	const page = await listen(ann, '/events').ready();
	assert.equal(page.starts[0].headers['cache-control'], 'no-store');
	for (const path of [STREAM, ALIAS]) {
		isProblem(await stack.request('GET', path, { headers: { accept: 'text/event-stream' } }), 401, 'not_signed_in');
		isProblem(await stack.request('GET', path, { bearer: viewer.access_token }), 403, 'forbidden');
		isProblem(await stack.request('GET', path, { bearer: 'made.up.token' }), 401, 'not_signed_in');
		const began = performance.now();
		const streams = [listen(ann, path), listen(engineer, path), listen({}, path, { headers: cookiesOf(await browser(stack, ann.email)) })];
		for (const stream of streams) {
			await stream.ready();
			const [{ status, headers }] = stream.starts;
			assert.equal(status, 200);
			assert.equal(headers['content-type'], 'text/event-stream');
			assert.equal(headers['cache-control'], 'no-store');
			assert.equal(headers['content-encoding'], undefined);
			assert.equal(headers['x-accel-redirect'], undefined, 'the way to the hub is not told');
			const { type, data, at } = stream.events[0];
			assert.equal(type, 'ready');
			assert.deepEqual(Object.keys(data), ['account_id', 'server_time']);
			assert.equal(data.account_id, ann.user.account.id);
			assert.ok(Math.abs(Date.parse(data.server_time) - Date.now()) < patient(5000), data.server_time);
			assert.ok(at - began < patient(2000), 'at once');
			assert.ok(stream.retry >= 2000 && stream.retry <= 5000, `${stream.retry}`);
		}
	}
});

test('HEAD and other methods open nothing', async () => {
	const ann = await register(stack);
	assert.equal((await stack.request('HEAD', STREAM, { bearer: ann.access_token, seconds: 5 })).status, 200);
	assert.equal((await stack.request('POST', STREAM, { bearer: ann.access_token, json: {} })).status, 405);
	await stack.programs.hub.until(async () => await hubCounts('hub') + await hubCounts('hub-2') === 0, 'no stream was left');
});

test('what is committed is told to its account, and to no other; a viewer hears no escalation in pages either', async () => {
	const [ours, theirs] = [await register(stack), await register(stack)];
	const viewer = await colleague(stack, ours, 'viewer');
	const [us, page, alone, them] = [listen(ours), listen(ours, '/events'), listen(viewer, '/events'), listen(theirs)];
	for (const stream of [us, page, alone, them])
		await stream.ready();
	const [before] = [Number(us.last)];
	await publish(stack, ours.user.account.id, 'handoff_created', { reason: 'two\nlines & <more>' });
	await publish(stack, theirs.user.account.id, 'handoff_claimed');
	await stack.sqlAs('rf_worker', ours.user.account.id, "SELECT notice_add($1, 'Hello', '/profile')", [viewer.id]);
	await publish(stack, ours.user.account.id, 'handoff_resolved');
	for (const stream of [us, page])
		await stream.until(() => stream.told.length >= 2, 'the events');
	await alone.until(() => alone.told.length, 'the notice');
	await them.until(() => them.told.length, 'the event');
	assert.deepEqual(us.told.map(({ id, type, data }) => ({ id, type, data })), [
		{ id: before + 1, type: 'handoff_created', data: { reason: 'two\nlines & <more>' } },
		{ id: before + 3, type: 'handoff_resolved', data: {} }], 'of notices the API says nothing');
	assert.deepEqual(page.told.map(event => event.type), ['handoff_created', 'handoff_resolved'], "others' notices are theirs");
	await sleep(300);
	assert.deepEqual(alone.told.map(event => event.type), ['notice']);
	assert.deepEqual(them.told.map(event => event.type), ['handoff_claimed']);
});

test('what is rolled back is not told, and what nobody heard is there later', async () => {
	const ann = await register(stack);
	const account = ann.user.account.id;
	for (const at of [1, 2, 3])
		await publish(stack, account, 'handoff_created', { at });
	const [{ seq }] = await stack.sql('SELECT seq FROM feed WHERE account_id = $1', [account]);
	const first = listen(ann, STREAM, { last: String(seq - 2) });
	const byQuery = listen(ann, `${STREAM}?last_event_id=${seq - 1}`);
	await stack.sqlAs('rf_worker', account, "SELECT event_add('escalation', 'never', NULL, NULL, '{}'), 1/0").catch(() => {});
	await stack.sql("SELECT pg_notify('bell_event', $1)", [account]);
	await publish(stack, account, 'handoff_claimed');
	for (const stream of [first, byQuery])
		await stream.until(() => stream.told.at(-1)?.type === 'handoff_claimed', 'the last event');
	assert.deepEqual(first.ids, [seq - 1, seq, seq + 1].map(Number).map((_, at) => Number(seq) - 1 + at));
	assert.deepEqual(byQuery.ids, [Number(seq), Number(seq) + 1]);
});

test('comments keep an idle stream open', async () => {
	const stream = await listen(await register(stack)).ready();
	await stream.until(() => stream.comments.length >= 4, 'four comments'); // HUB_HEARTBEAT_SECONDS is 1 here
	const gaps = stream.comments.slice(1).map((at, n) => at - stream.comments[n]);
	assert.ok(Math.max(...gaps) < patient(2500), gaps.join(' '));
});

// How long after `act` the streams were over, all of them: ms.
async function endsAfter(streams, act) {
	for (const stream of streams)
		await stream.ready();
	const began = performance.now();
	await act();
	for (const stream of streams)
		await stream.until(() => stream.leftAt, 'its end', 8);
	return performance.now() - began;
}

test('a stream ends with its sign-in, and that of nobody else', async () => {
	const ann = await register(stack);
	const ben = await colleague(stack, ann, 'engineer');
	const ends = {
		'signing out by the API': who => stack.request('POST', `${API}/auth/logout`, { json: { refresh_token: who.refresh_token } }),
		deactivated: () => stack.request('PATCH', `${API}/users/${ben.id}`, { bearer: ann.access_token, json: { active: false } }),
	};
	for (const [why, end] of Object.entries(ends)) {
		const who = why === 'deactivated' ? { access_token: (await stack.request('POST', `${API}/auth/login/json`, {
			json: { email: ben.email, password: 'walk the proven path' } })).json.access_token } : ben;
		const others = [listen(ann), listen(ann, '/events')];
		const took = await endsAfter([listen(who, STREAM, { stays: false }), listen(who, '/events', { stays: false })], async () => {
			assert.ok((await end(who)).status < 300, why);
		});
		assert.ok(took < patient(5000), `${why}: ${took} ms`);
		assert.ok(others.every(stream => stream.starts.length === 1 && !stream.ended), why);
		isProblem(await stack.request('GET', STREAM, { bearer: who.access_token }), 401, 'not_signed_in');
	}
});

test('a stream ends with a change of the role, and what comes back is judged by the new one', async () => {
	const ann = await register(stack);
	const ben = await colleague(stack, ann, 'engineer');
	const change = role => stack.request('PATCH', `${API}/users/${ben.id}`, { bearer: ann.access_token, json: { role } });
	const [api, page, other] = [listen(ben), listen(ben, '/events'), listen(ann)];
	await other.ready();
	const took = await endsAfter([api, page], () => change('viewer'));
	assert.ok(took < patient(5000), `${took} ms`);
	await api.until(() => api.ended, 'its end for good');
	assert.equal(api.starts.at(-1).status, 403, 'the queue is not for viewers');
	await page.ready(2);
	await publish(stack, ann.user.account.id);
	await other.until(() => other.told.length, 'the event');
	await sleep(300);
	assert.equal(other.starts.length, 1, "a colleague's stream stays");
	assert.deepEqual(page.told.filter(event => event.type !== 'stream_end'), [], 'nothing of the queue');
	assert.equal(page.starts.length, 2, 'what ended it once does not end it again');
	await endsAfter([listen(ben, '/events')], () => change('engineer'));
	await page.until(() => page.starts.length === 3, 'its return');
	await page.ready(3);
	await publish(stack, ann.user.account.id);
	await page.until(() => page.told.at(-1).type === 'handoff_created', 'the event, after the second change');
});

test('a change of the role that nobody rings for ends the stream, too', async () => {
	const ann = await register(stack);
	const ben = await colleague(stack, ann, 'engineer');
	const took = await endsAfter([listen(ben)], () => stack.sqlAs('rf_worker', ann.user.account.id,
		"SELECT person_change($1, 'viewer', NULL, false, NULL, '', '', '')", [ben.id]));
	assert.ok(took < patient(5000), `${took} ms`);
});

test('a stream ends when its sign-in would run out', async () => {
	const ann = await register(stack);
	await stack.sql("UPDATE sign_in SET expires_at = now() + interval '2 seconds' WHERE person_id = $1", [ann.user.id]);
	const stream = await listen(ann, STREAM, { stays: false }).ready();
	await stream.until(() => stream.ended, 'its end', 5);
});

test('both hubs have streams, and both hear', async () => {
	const ann = await register(stack);
	const before = [await hubCounts('hub'), await hubCounts('hub-2')];
	const streams = Array.from({ length: 8 }, () => listen(ann));
	await Promise.all(streams.map(stream => stream.ready()));
	assert.deepEqual([await hubCounts('hub'), await hubCounts('hub-2')].map((n, at) => n - before[at]), [4, 4]);
	await publish(stack, ann.user.account.id);
	for (const stream of streams)
		await stream.until(() => stream.told.length, 'the event');
});

test('a hub that is killed costs nobody an event, and its streams go to the other', async () => {
	const people = [await register(stack), await register(stack)];
	const streams = Array.from({ length: 16 }, (_, at) => listen(people[at % 2]));
	await Promise.all(streams.map(stream => stream.ready()));
	const first = new Map(people.map((who, at) => [who, Number(streams[at].last)]));
	for (let at = 1; at <= 60; at++) {
		for (const who of people)
			await publish(stack, who.user.account.id, 'handoff_created', { at });
		if (at === 20)
			await stack.kill('hub');
		if (at === 40) {
			await startHub('hub');
			await stack.kill('hub-2');
		}
	}
	for (const [at, stream] of streams.entries()) {
		const last = first.get(people[at % 2]) + 60;
		await stream.until(() => stream.last === String(last), 'the last event', 20);
		assert.deepEqual(stream.ids, Array.from({ length: 60 }, (_, n) => last - 59 + n));
	}
	await startHub('hub-2');
});

test("somebody's ninth stream at a hub takes the place of the oldest, and nobody else's", async () => {
	const ann = await register(stack);
	const ben = await colleague(stack, ann, 'engineer');
	const other = await listen(ben).ready();
	const streams = [];
	for (let at = 0; at < 18; at++)
		streams.push(await listen(ann, STREAM, { stays: false }).ready());
	const left = () => streams.filter(stream => !stream.ended);
	await streams[0].until(() => left().length === 16, 'two were gone');
	assert.ok(streams[0].ended && streams[1].ended, 'the oldest');
	assert.equal(streams[0].retry, 60000, 'which are to stay away for a while');
	await publish(stack, ann.user.account.id);
	for (const stream of [other, ...left()])
		await stream.until(() => stream.told.length, 'the event');
});

test('half requests, garbage and readers that stop hurt nobody', async () => {
	const ann = await register(stack);
	const ben = await colleague(stack, ann, 'engineer');
	const sockets = [];
	for (let at = 0; at < 200; at++) {
		const socket = net.connect(`${stack.dir}/run/hub.sock`).on('error', () => {});
		socket.write(Buffer.from(at % 2 ? [1, 1, 0, 1, 0, 8] : [22, 3, 1, 2, 0, 1, 0, 1]));
		sockets.push(socket);
	}
	const stopped = Array.from({ length: 8 }, () => http.get(`${stack.base}${STREAM}`, { agent: false, headers: { authorization: `Bearer ${ann.access_token}` } }, response => response.pause()));
	const good = [await listen(ben).ready(), await listen(ben).ready()];
	const latencies = [];
	for (let at = 0; at < 20; at++) {
		const began = performance.now();
		await publish(stack, ann.user.account.id, 'handoff_created', { filler: 'x'.repeat(100000) });
		for (const stream of good)
			await stream.until(() => stream.told.length === at + 1, 'the event');
		latencies.push(performance.now() - began);
	}
	assert.ok(Math.max(...latencies) < patient(1000), latencies.join(' '));
	for (const socket of [...sockets, ...stopped])
		socket.destroy();
});

test('an address has only so many streams, and they do not use up the connections of its pages', async () => {
	const small = await startStack({ hub: true, limits: { STREAMS: 3, CONNECTIONS: 2 } });
	try {
		const ann = await register(small);
		const streams = Array.from({ length: 3 }, () => new Events(small.base, STREAM, { bearer: ann.access_token }));
		await Promise.all(streams.map(stream => stream.ready()));
		isProblem(await small.request('GET', STREAM, { bearer: ann.access_token }), 429, 'rate_limited');
		assert.equal((await small.request('GET', '/login')).status, 200);
		streams.forEach(stream => stream.stop());
	} finally {
		await small.stop();
	}
});
