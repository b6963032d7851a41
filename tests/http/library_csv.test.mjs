// The library as a file: whole whatever its length, nobody else's flows, and never short in silence.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import http from 'node:http';
import net from 'node:net';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { pieces } from '../faults/fastcgi.mjs';
import { API, browser, colleague, register } from '../support/accounts.mjs';
import { madeAndPublished, makeFlow } from '../support/flows.mjs';
import { patient } from '../support/patience.mjs';
import { startStack } from '../support/stack.mjs';

const HEAD = ['name', 'type', 'status', 'category', 'tags', 'author', 'version', 'steps', 'uses', 'updated'];

let stack;
let owner; // of many flows
before(async () => {
	stack = await startStack({ settings: { WORKERS: 1 } });
	owner = await register(stack);
	await fillAccount(owner, 3000);
	await holdable();
});
after(() => stack?.stop());

// Many flows without a request for each, with long descriptions, which are read and not shown.
const fillAccount = (who, count) => stack.sql(`INSERT INTO flow (account_id, id, author_id, team_id, visibility, name, description, type, version,
	draft_hash, version_hash, usage_count, steps, updated_at)
	SELECT p.account_id, uuid7(), p.id, p.team_id, 'public', 'Flow ' || lpad((n / 3)::text, 6, '0'), repeat('long ', 390), 'procedural', 1, 'a', 'a', n % 5,
	       n % 11, timestamptz '2026-01-01' + (n % 7) * interval '1 day' FROM person p, generate_series(1, ${Number(count)}) n WHERE p.id = $1`, [who.user.id]);

// From its second transaction on, each waits for a lock that the test may hold.
const LOCK = 4711;
async function holdable() {
	const [{ text }] = await stack.sql(`SELECT pg_get_functiondef('enter'::regproc) AS text`);
	await stack.sql(`CREATE SEQUENCE entered_so_often; GRANT USAGE ON SEQUENCE entered_so_often TO PUBLIC;
		${text.replace('\nBEGIN\n', () => `\nBEGIN\nIF nextval('entered_so_often') > 1 THEN PERFORM pg_advisory_xact_lock_shared(${LOCK}); END IF;\n`)}`);
}

const csv = (who, query = '', method = 'GET') => stack.request(method, `/flows.csv${query}`, { bearer: who?.access_token });

// RFC 4180, strictly: every text in quotes, every line with its end.
function rowsOf(text) {
	assert.ok(text.startsWith('\ufeff') && text.endsWith('\r\n'), 'the mark, and an end');
	const rows = [[]];
	let at = 1;
	while (at < text.length) {
		const cell = /"((?:[^"]|"")*)"|([\w.: +-]*)/y;
		cell.lastIndex = at;
		const [all, quoted, bare] = cell.exec(text);
		rows.at(-1).push(quoted?.replaceAll('""', '"') ?? bare);
		at += all.length;
		if (text[at] === ',') {
			at += 1;
		} else {
			assert.equal(text.slice(at, at + 2), '\r\n', `at ${at}: ${text.slice(at - 20, at + 20)}`);
			rows.push([]);
			at += 2;
		}
	}
	rows.pop();
	assert.deepEqual(rows[0], HEAD);
	return rows.slice(1);
}

async function apiRows(who) {
	const rows = [];
	for (let at = `${API}/trees?per_page=200`; at;) {
		const { items, next } = (await stack.request('GET', at, { bearer: who.access_token })).json;
		rows.push(...items.map(item => [item.name, item.type, item.status, item.category ?? '', item.tags.join(','), item.author.name,
			String(item.version), String(item.steps), String(item.usage_count), item.updated_at.slice(0, 19).replace('T', ' ')]));
		at = next;
	}
	return rows;
}

// Of all workers together, in kB.
const peak = () => stack.workers.map(pid => Number(/VmHWM:\s*(\d+) kB/.exec(fs.readFileSync(`/proc/${pid}/status`, 'utf8'))[1])).reduce((a, b) => a + b);
const names = answer => rowsOf(answer.text).map(([name]) => name);
const logged = () => stack.log('worker').split('\n').filter(line => line.includes('route=/flows.csv')).at(-1);

test('three thousand flows come out whole, in a worker that stays small', async () => {
	await csv(await register(stack));
	const before_ = peak();
	const answer = await csv(owner);
	assert.equal(answer.status, 200);
	const grown = peak() - before_;
	if (!/asan/.test(process.env.BUILD ?? '')) // the sanitizer holds on to what was freed
		assert.ok(grown < 5000, `${grown} kB more`);
	assert.equal(answer.headers['content-type'], 'text/csv; charset=utf-8');
	assert.equal(answer.headers['content-disposition'], 'attachment; filename="flows.csv"');
	assert.equal(answer.headers['cache-control'], 'no-store');
	const rows = rowsOf(answer.text);
	assert.equal(rows.length, 3000);
	assert.deepEqual(rows, await apiRows(owner));
	assert.match(logged(), new RegExp(`level=info .* status=200 bytes=${answer.body.length} us=\\d+ db_us=\\d+ trips=7 `));
});

test('a piece that ends with the last flow', async () => {
	for (const [count, length] of [[0, true], [499, true], [500, false], [501, false], [1000, false]]) {
		const ann = await register(stack);
		await fillAccount(ann, count);
		const answer = await csv(ann);
		assert.equal(rowsOf(answer.text).length, count);
		assert.equal('content-length' in answer.headers, length, `${count}: what is one piece says its length`);
	}
});

test('it has what its page has, for whoever asks', async () => {
	const ann = await register(stack);
	const reader = await colleague(stack, ann, 'viewer');
	await madeAndPublished(stack, ann, { name: 'VPN, "home"', category: 'Network', tags: ['vpn', 'home'], visibility: 'public' });
	await madeAndPublished(stack, ann, { name: '=HYPERLINK("http://x")', type: 'procedural', visibility: 'public' });
	await makeFlow(stack, ann, { name: 'Draft & plan', visibility: 'private' });
	assert.deepEqual(names(await csv(ann)), ['\'=HYPERLINK("http://x")', 'Draft & plan', 'VPN, "home"']);
	assert.deepEqual(names(await csv(reader)), ['\'=HYPERLINK("http://x")', 'VPN, "home"']);
	const [, , [, ...rest]] = rowsOf((await csv(ann)).text);
	assert.deepEqual(rest.slice(0, -1), ['troubleshooting', 'published', 'Network', 'home,vpn', 'Ann Smith', '1', '3', '0']);
	const visitor = await browser(stack, ann.email);
	for (const [query, wanted] of [['?category=network', ['VPN, "home"']], ['?status=draft&view=table&sort=-updated_at', ['Draft & plan']],
		['?q=%26&page=1&per_page=10', ['Draft & plan']], ['?tag=vpn&tag=home', ['VPN, "home"']]]) {
		const [, href] = /<a href="([^"]*)" download="flows.csv">Download as CSV</.exec((await visitor.get(`/flows${query}`)).text);
		assert.deepEqual(names(await visitor.get(href.replaceAll('&amp;', '&'))), wanted, href);
	}
	assert.doesNotMatch((await visitor.get('/flows?q=nothing')).text, /flows\.csv/);
});

test('what is refused is answered as ever', async () => {
	const out = await csv(null);
	assert.deepEqual([out.status, out.headers.location], [303, '/login?next=%2Fflows.csv']);
	assert.equal((await csv(owner, '?type=riddle')).status, 422);
	assert.equal((await csv(owner, '', 'POST')).status, 405);
	const head = await csv(owner, '', 'HEAD');
	assert.deepEqual([head.status, head.headers['content-type'], head.body.length], [200, 'text/csv; charset=utf-8', 0]);
	const ann = await register(stack);
	await stack.sql('UPDATE sign_in SET ended_at = now() WHERE person_id = $1', [ann.user.id]);
	assert.equal((await csv(ann)).headers.location, '/login?next=%2Fflows.csv');
});

// ---- in the middle ----

// The answer with its first piece sent, while the second waits; act() is done, and the lock let go.
// Gives { text, broken }: what came, and whether it broke off.
async function heldUp(who, act) {
	await stack.sql('ALTER SEQUENCE entered_so_often RESTART');
	await stack.sql(`SELECT pg_advisory_lock(${LOCK})`);
	const answer = new Promise(resolve => {
		const request = http.get(`${stack.base}/flows.csv`, { agent: false, headers: { authorization: `Bearer ${who.access_token}` } }, response => {
			let text = '';
			response.on('data', part => { text += part; });
			response.on('close', () => resolve({ text, broken: !response.complete }));
			response.on('error', () => {});
		});
		request.on('error', error => resolve({ text: '', broken: true, error }));
		heldUp.request = request;
	});
	const waiting = async () => (await stack.sql(`SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND objid = ${LOCK} AND NOT granted`))[0]?.pid;
	await stack.programs.worker.until(waiting, 'the second piece waited');
	try {
		await act(await waiting());
	} finally {
		await stack.sql(`SELECT pg_advisory_unlock(${LOCK})`);
	}
	return answer;
}

test('a wait in the middle changes nothing', async () => {
	const { text, broken } = await heldUp(owner, () => sleep(100));
	assert.deepEqual([rowsOf(text).length, broken], [3000, false]);
});

test('a database that is lost in the middle breaks it off', async () => {
	const { text, broken } = await heldUp(owner, pid => stack.sql('SELECT pg_terminate_backend($1)', [pid]));
	assert.ok(broken, `${text.length} bytes as if they were all`);
	assert.match(logged(), /level=error .* status=200 bytes=\d+ sent="in part" .* code=unavailable /);
	assert.equal(rowsOf((await csv(owner)).text).length, 3000);
});

test('so does a worker that dies', async () => {
	const { broken } = await heldUp(owner, () => process.kill(stack.workers[0], 'SIGKILL'));
	assert.ok(broken);
	await stack.ready();
});

test('so does the end of the sign-in', async () => {
	const ann = await register(stack);
	await fillAccount(ann, 1200);
	const { text, broken } = await heldUp(ann, () => sleep(50));
	assert.deepEqual([rowsOf(text).length, broken], [1200, false]);
	assert.ok((await heldUp(ann, () => stack.sql('UPDATE sign_in SET ended_at = now() WHERE person_id = $1', [ann.user.id]))).broken);
	assert.match(logged(), /sent="in part" .* code=not_signed_in /);
});

test('a worker that is to stop ends it first', async () => {
	const left = () => /worker_left pool=pages/.test(stack.log('worker'));
	const { text, broken } = await heldUp(owner, async () => {
		stack.programs.worker.kill('SIGHUP');
		await stack.ready(); // says its successor
		await sleep(300);
		assert.ok(!left(), 'the old one stays for its answer');
	});
	assert.deepEqual([rowsOf(text).length, broken], [3000, false]);
	await stack.programs.worker.until(left, 'the old one ended');
});

test('a reader that goes away ends it', async () => {
	await heldUp(owner, () => heldUp.request.destroy());
	await stack.programs.worker.until(() => /sent="in part"/.test(logged()), 'the log said so', 5);
	assert.doesNotMatch(logged(), / code=/);
});

// ---- slow readers ----

// How long until the only worker serves again.
async function untilServed() {
	const since = Date.now();
	assert.equal((await stack.request('GET', '/healthz')).status, 200);
	return Date.now() - since;
}

// The request as nginx would pass it.
const ask = () => Buffer.concat(pieces('GET', '/flows.csv', Buffer.alloc(0), { HTTP_AUTHORIZATION: `Bearer ${owner.access_token}` }));

test('a reader that takes nothing holds no worker behind nginx', async () => {
	const socket = net.connect(stack.port, '127.0.0.1').pause();
	socket.write(`GET /flows.csv HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer ${owner.access_token}\r\n\r\n`);
	await sleep(200);
	assert.ok(await untilServed() < patient(2000));
	await stack.programs.worker.until(() => /level=info .* trips=7 /.test(logged()), 'all of it had gone out', 5);
	socket.destroy();
});

test('nor for ever where nginx itself takes nothing', async () => {
	const socket = net.connect(`${stack.dir}/run/worker.sock`).pause();
	socket.write(ask());
	await sleep(200);
	assert.ok(await untilServed() < patient(13000));
	assert.match(logged(), /sent="in part"/);
	socket.destroy();
});

// The answer is longer than what fits into the socket.
test('nor for longer than a part of the time after which a worker counts as hung', async () => {
	await stack.programs.worker.stop();
	await stack.startProgram('worker', { WORKER_HANG_SECONDS: 6 }) && await stack.ready();
	const socket = net.connect(`${stack.dir}/run/worker.sock`).pause();
	socket.write(ask());
	await sleep(4300); // of the 5 seconds after which a write fails, and past the 4 of an answer
	socket.resume();
	assert.equal((await stack.request('GET', '/healthz')).status, 200);
	assert.match(logged(), /sent="in part" .* msg="the answer took too long"/);
	socket.destroy();
});
