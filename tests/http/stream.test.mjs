// The hub as it is started, over the migrated tables and with its own role: what a worker commits reaches
// the streams of that account, and a hub that is killed costs nobody an event.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import net from 'node:net';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { deadline } from '../support/patience.mjs';
import { browser, register } from '../support/accounts.mjs';
import { startStack } from '../support/stack.mjs';

let stack;
before(async () => { stack = await startStack({ hub: true }); });
after(() => stack?.stop());

function record(type, content) {
	const head = Buffer.from([1, type, 0, 1, content.length >> 8, content.length & 255, 0, 0]);
	return Buffer.concat([head, content]);
}

function pair(name, value) {
	const length = Buffer.alloc(8);
	length.writeUInt32BE((Buffer.byteLength(name) | 0x80000000) >>> 0, 0);
	length.writeUInt32BE((Buffer.byteLength(value) | 0x80000000) >>> 0, 4);
	return Buffer.concat([length, Buffer.from(name), Buffer.from(value)]);
}

function request(params) {
	const pairs = Buffer.concat(Object.entries(params).map(([name, value]) => pair(name, value)));
	const none = Buffer.alloc(0);
	return Buffer.concat([record(1, Buffer.from([0, 1, 0, 0, 0, 0, 0, 0])), record(4, pairs), record(4, none), record(5, none)]);
}

// A browser's EventSource, spoken to in FastCGI: it comes back by itself with the last number that it saw.
class Listener {
	events = [];
	last = '';

	constructor(account) {
		this.query = { account, user: randomUUID(), sign_in: randomUUID(), until: 4000000000, topics: 'sign_in,escalation' };
		this.connect();
	}

	connect() {
		this.raw = Buffer.alloc(0);
		this.text = '';
		this.socket = net.connect(`${stack.dir}/run/hub.sock`);
		this.socket.on('connect', () => this.socket.write(request({
			QUERY_STRING: new URLSearchParams({ ...this.query, last: this.last }).toString().replaceAll('%2C', ','),
			DOCUMENT_URI: '/_stream', RF_END: '1' })));
		this.socket.on('data', part => this.take(part));
		this.socket.on('error', () => {});
		this.socket.on('close', () => !this.over && setTimeout(() => this.connect(), 50));
	}

	take(part) {
		this.raw = Buffer.concat([this.raw, part]);
		while (this.raw.length >= 8) {
			const length = this.raw.readUInt16BE(4);
			const whole = 8 + length + this.raw[6];
			if (this.raw.length < whole)
				break;
			if (this.raw[1] === 6)
				this.text += this.raw.toString('utf8', 8, 8 + length);
			this.raw = this.raw.subarray(whole);
		}
		const blocks = this.text.split('\n\n');
		this.text = blocks.pop();
		for (const block of blocks) {
			const [, id, type, data] = /^id: (\d+)\nevent: (\w+)\ndata: (.*)$/.exec(block) ?? [];
			if (!type)
				continue;
			this.last = id;
			this.events.push({ id: Number(id), type, data: JSON.parse(data) });
		}
	}

	told() {
		return this.events.filter(event => event.type !== 'ready');
	}

	async until(fits, what) {
		for (const end = deadline(15); !fits(this); await sleep(20))
			assert.ok(Date.now() < end, `${what}: ${JSON.stringify(this.events.slice(-3))}`);
	}

	stop() {
		this.over = true;
		this.socket.destroy();
	}
}

async function newAccount() {
	const id = randomUUID();
	await stack.sql('INSERT INTO account (account_id, name) VALUES ($1, $2)', [id, 'A company']);
	return id;
}

async function publish(account, type, payload) {
	await stack.sqlAs('rf_worker', account, "SELECT event_add('escalation', $1, NULL, NULL, $2)", [type, payload]);
	await stack.sql("SELECT pg_notify('bell_event', $1)", [account]);
}

test('nobody reaches the hub without a worker', async () => {
	assert.equal((await stack.request('GET', '/_stream?account=x')).status, 404);
	assert.equal((await stack.request('GET', '/_hub_stats')).status, 404);
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

test('what is committed is told to its account, and to no other', async () => {
	const [ours, theirs] = [await newAccount(), await newAccount()];
	const [us, them] = [new Listener(ours), new Listener(theirs)];
	for (const listener of [us, them])
		await listener.until(l => l.events[0]?.type === 'ready', 'ready');
	assert.equal(us.events[0].data.account_id, ours);
	await publish(ours, 'handoff_created', { reason: 'two\nlines & <more>' });
	await publish(theirs, 'handoff_claimed', {});
	await us.until(l => l.told().length, 'the event');
	await them.until(l => l.told().length, 'the event');
	assert.deepEqual(us.told(), [{ id: 1, type: 'handoff_created', data: { reason: 'two\nlines & <more>' } }]);
	assert.deepEqual(them.told(), [{ id: 1, type: 'handoff_claimed', data: {} }]);
	us.stop();
	them.stop();
});

test('a hub that is killed costs nobody an event', async () => {
	const accounts = [await newAccount(), await newAccount()];
	const listeners = Array.from({ length: 20 }, (_, at) => new Listener(accounts[at % 2]));
	await Promise.all(listeners.map(listener => listener.until(l => l.events.length, 'ready')));
	for (let at = 1; at <= 100; at++) {
		for (const account of accounts)
			await publish(account, 'handoff_created', { at });
		if (at % 40 === 20) {
			await stack.kill('hub');
			const hub = stack.startProgram('hub');
			await hub.until(() => existsSync(`${stack.dir}/run/hub.sock`), 'its socket was there');
		}
	}
	for (const listener of listeners) {
		await listener.until(l => l.last === '100', 'the last event');
		const ids = listener.told().map(event => event.id);
		assert.deepEqual(ids, Array.from({ length: 100 }, (_, at) => at + 1));
		listener.stop();
	}
});
