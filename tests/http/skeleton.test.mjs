// The service as a whole, seen from outside: what every answer carries, and what nginx does by itself.
import assert from 'node:assert/strict';
import net from 'node:net';
import { after, before, test } from 'node:test';
import { startStack } from '../support/stack.mjs';

let stack;
before(async () => { stack = await startStack({ limits: { RATE_PASSWORD: 60, BURST_PASSWORD: 20 } }); });
after(() => stack?.stop());

// What a client that obeys no rule sends, and the answer up to the end of the connection.
function raw(text) {
	return new Promise((resolve, reject) => {
		let answer = '';
		const socket = net.connect(stack.port, '127.0.0.1', () => socket.end(text));
		socket.on('data', part => { answer += part; });
		socket.on('close', () => resolve(answer));
		socket.on('error', reject);
	});
}

test('it is alive and ready', async () => {
	assert.equal((await stack.request('GET', '/healthz')).status, 200);
	assert.equal((await stack.request('GET', '/readyz')).status, 200);
});

const HEADERS = {
	'content-security-policy': /^default-src 'none'; script-src 'self'; .*frame-ancestors 'none'/,
	'x-content-type-options': /^nosniff$/,
	'referrer-policy': /^same-origin$/,
	'cross-origin-resource-policy': /^same-origin$/,
	'cross-origin-opener-policy': /^same-origin$/,
	'x-request-id': /^[0-9a-f]{32}$/,
};

function hasHeaders(answer, what) {
	for (const [name, pattern] of Object.entries(HEADERS))
		assert.match(answer.headers[name] ?? '', pattern, `${what}: ${name}`);
	assert.equal(answer.headers.server, 'nginx', `${what}: no version`);
}

test('every kind of answer carries the headers', async () => {
	const sheet = (await stack.request('GET', '/static/app.css'));
	hasHeaders(sheet, 'a file');
	for (const path of ['/healthz', '/', '/no-such-page', '/api/v1/no-such', '/static/no-such.css'])
		hasHeaders(await stack.request('GET', path), path);
	assert.equal((await stack.request('GET', '/')).headers['strict-transport-security'], undefined, 'no TLS, no HSTS');
});

test('an answer says its length, and what is small is not packed', async () => {
	const packed = { headers: { 'accept-encoding': 'gzip' } };
	const page = await stack.request('GET', '/login');
	assert.equal(Number(page.headers['content-length']), page.body.length);
	assert.equal((await stack.request('HEAD', '/login')).headers['content-length'], page.headers['content-length']);
	assert.equal((await stack.request('GET', '/login/')).headers['content-length'], '0', 'a redirect');
	assert.equal((await stack.request('GET', '/login', packed)).headers['content-encoding'], 'gzip');
	assert.equal((await stack.request('GET', '/api/v1/no-such', packed)).headers['content-encoding'], undefined);
});

test('what nginx refuses is a problem document under /api/ and a page elsewhere', async () => {
	const big = { body: Buffer.alloc(1 << 21), headers: { 'content-type': 'application/json' } };
	const api = await stack.request('POST', '/api/v1/trees', big);
	assert.equal(api.status, 413);
	assert.equal(api.headers['content-type'], 'application/problem+json');
	assert.equal(api.headers['cache-control'], 'no-store');
	const { request_id, ...problem } = api.json;
	assert.equal(request_id, api.headers['x-request-id']);
	assert.deepEqual(problem, {
		type: 'about:blank', title: 'This is too large', status: 413, code: 'too_large',
		detail: 'At most 1 MB can be sent at once.',
	});
	const page = await stack.request('POST', '/login', big);
	assert.equal(page.status, 413);
	assert.match(page.headers['content-type'], /^text\/html/);
	assert.match(page.text, new RegExp(page.headers['x-request-id']));
	hasHeaders(api, '413');
	hasHeaders(page, '413');
});

test('odd framing is refused before it reaches a worker', async () => {
	const host = 'Host: x\r\n';
	const cases = [
		['GET / HTTP/1.1\r\n\r\n', 400, 'no Host'],
		[`GET / HTTP/1.1\r\n${host}${host}\r\n`, 400, 'two Hosts'],
		['rubbish\r\n\r\n', 400, 'no request line'],
		[`GET /%00 HTTP/1.1\r\n${host}\r\n`, 400, 'NUL in the path'],
		[`GET /../x HTTP/1.1\r\n${host}\r\n`, 400, 'above the root'],
		[`POST / HTTP/1.1\r\n${host}Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`, 400, 'both lengths'],
		[`POST / HTTP/1.1\r\n${host}Content-Length: 1\r\nContent-Length: 2\r\n\r\nab`, 400, 'two lengths'],
		[`POST / HTTP/1.1\r\n${host}Transfer-Encoding: identity\r\n\r\n`, 501, 'another coding'],
		[`TRACE / HTTP/1.1\r\n${host}\r\n`, 405, 'TRACE'],
		[`GET /${'a'.repeat(20000)} HTTP/1.1\r\n${host}\r\n`, 414, 'a long address'],
		[`GET / HTTP/1.1\r\n${host}Cookie: ${'a'.repeat(20000)}\r\n\r\n`, 431, 'long headers'],
	];
	for (const [text, status, what] of cases) {
		const answer = await raw(text);
		assert.match(answer, new RegExp(`^HTTP/1.1 ${status} `), what);
		assert.match(answer, /^X-Request-Id: [0-9a-f]{32}\r$/m, what);
		assert.match(answer, /^Cache-Control: no-store\r$/m, what);
		assert.match(answer, /quote <code>[0-9a-f]{32}</, what);
	}
});

test('no file but the published ones can be reached', async () => {
	const paths = [
		'/static../manifest', '/static/../manifest', '/static/..%2fmanifest', '/static/%2e%2e/manifest', '/static//manifest',
		'/static/manifest', '/manifest', '/static/', '/static/../../etc/passwd', '/static/..%5cmanifest',
	];
	for (const path of paths)
		assert.notEqual((await stack.request('GET', path)).status, 200, path);
	for (const path of ['/_stream?account=x', '/_error/json', '/_error/page'])
		assert.equal((await stack.request('GET', path)).status, 404, path);
});

test('a published file is kept for a year and is sent packed', async () => {
	const fs = await import('node:fs');
	const [, name] = fs.readFileSync(`${stack.app}/public/manifest`, 'utf8').match(/^app\.css (\S+)$/m);
	const plain = await stack.request('GET', `/static/${name}`);
	assert.equal(plain.status, 200);
	hasHeaders(plain, name);
	assert.equal(plain.headers['content-type'], 'text/css; charset=utf-8');
	assert.equal(plain.headers['cache-control'], 'public, max-age=31536000, immutable');
	const packed = await stack.request('GET', `/static/${name}`, { headers: { 'accept-encoding': 'gzip' } });
	assert.equal(packed.headers['content-encoding'], 'gzip');
	assert.equal(packed.headers['content-type'], plain.headers['content-type']);
	assert.ok(packed.body.length < plain.body.length);
});

test('passwords may be tried 60 times a minute and address, other pages are not slowed', async () => {
	const statuses = [];
	let refused;
	for (let at = 0; at < 30; at++) {
		const answer = await stack.request('POST', '/login', { form: { email: 'a@example.com', password: 'x' } });
		statuses.push(answer.status);
		refused ??= answer.status === 429 ? answer : undefined;
	}
	assert.ok(statuses.slice(0, 20).every(status => status !== 429), statuses.join(' '));
	assert.ok(refused, statuses.join(' '));
	assert.match(refused.headers['retry-after'], /^\d+$/);
	assert.equal((await stack.request('GET', '/login')).status, 200);
});

test('without a worker the answer says when to come again', async () => {
	await stack.programs.worker.stop();
	const api = await stack.request('GET', '/api/v1/users/me');
	assert.equal(api.status, 502);
	assert.equal(api.json.code, 'unavailable');
	assert.match(api.headers['retry-after'], /^\d+$/);
	stack.startProgram('worker');
	await stack.ready();
});
