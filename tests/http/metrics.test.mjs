// What the operator's graphs read: counted, complete, and for this machine only.
import assert from 'node:assert/strict';
import http from 'node:http';
import os from 'node:os';
import { after, before, test } from 'node:test';
import { startStack } from '../support/stack.mjs';

let stack;
before(async () => { stack = await startStack({ hub: true, settings: { WORKERS: 3, PASSWORD_WORKERS: 2 } }); });
after(() => stack?.stop());

async function numbers(path) {
	const answer = await stack.request('GET', path);
	assert.equal(answer.status, 200, path);
	assert.match(answer.headers['content-type'], /^text\/plain/);
	return new Map(answer.text.split('\n').filter(line => line && !line.startsWith('#')).map(line => {
		const [, name, value] = line.match(/^(\S+) (\S+)$/);
		assert.ok(Number.isFinite(Number(value)), line);
		return [name, Number(value)];
	}));
}

test('requests are counted by route and status, whoever of the workers served them', async () => {
	const name = 'resolutionflow_requests_total{method="GET",route="/login",status="2xx"}';
	const before = (await numbers('/metrics')).get(name) ?? 0;
	for (let at = 0; at < 20; at++)
		await stack.request('GET', '/login');
	const now = await numbers('/metrics');
	assert.equal(now.get(name), before + 20);
	assert.ok(now.get('resolutionflow_request_seconds_count') >= 20);
	assert.equal(now.get('resolutionflow_request_seconds_bucket{le="+Inf"}'), now.get('resolutionflow_request_seconds_count'));
});

test('pools, queues and the database are there', async () => {
	const ready = 'resolutionflow_workers{pool="pages",state="ready"}';
	await stack.programs.worker.until(async () => (await numbers('/metrics')).get(ready) === 3, 'all three served');
	const busy = 'resolutionflow_workers{pool="pages",state="busy"}';
	await stack.programs.worker.until(async () => (await numbers('/metrics')).get(busy) === 1, 'only the one that answers is busy');
	const now = await numbers('/metrics');
	assert.equal(now.get('resolutionflow_workers{pool="password",state="ready"}'), 2);
	assert.equal(now.get('resolutionflow_queue{of="mails",state="queued"}'), 0);
	await stack.request('POST', '/api/v1/auth/register', { json: {
		email: 'ann@example.com', password: 'a long enough one', name: 'Ann', account_name: 'Ann & Co' } });
	assert.equal((await numbers('/metrics')).get('resolutionflow_queue{of="mails",state="queued"}'), 1);
	assert.ok(now.get('resolutionflow_database_seconds_total') >= 0);
});

test('the hub tells of its streams', async () => {
	const now = await numbers('/metrics/hub');
	assert.ok([...now.keys()].some(name => /stream/.test(name)), [...now.keys()].join(' '));
});

// This machine's own address in the network reaches nginx as another machine's would.
const elsewhere = Object.values(os.networkInterfaces()).flat().find(({ internal, family }) => !internal && family === 'IPv4')?.address;

test('from elsewhere nobody reads them', { skip: !elsewhere && 'this machine has no address but its own' }, async () => {
	const ask = (path, localAddress) => new Promise((resolve, reject) => http.get(stack.base + path, { localAddress, agent: false }, answer => {
		answer.resume();
		resolve(answer.statusCode);
	}).on('error', reject));
	assert.equal(await ask('/healthz', elsewhere), 200, 'it does come in');
	for (const path of ['/metrics', '/metrics/hub']) {
		assert.equal(await ask(path, '127.0.0.1'), 200, path);
		assert.equal(await ask(path, elsewhere), 403, path);
	}
});
