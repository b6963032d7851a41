// What every answer says about itself under TLS, by the rules of the MDN Observatory: their full score but for the
// five points of a domain that browsers know beforehand.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { after, before, test } from 'node:test';
import { register } from '../support/accounts.mjs';
import { openBrowser } from '../support/browser.mjs';
import { menu, signIn } from '../support/journey.mjs';
import { freePort, startStack } from '../support/stack.mjs';

let stack;
let plain; // a port for whoever comes without TLS
let ann;
let admin;
before(async () => {
	plain = await freePort();
	stack = await startStack({ tls: true, settings: { DEMO: 1, PLAIN: `127.0.0.1:${plain}` } });
	ann = stack.visitor();
	admin = await register(stack);
	await ann.post('/login', { email: admin.email, password: 'walk the proven path' });
});
after(() => stack?.stop());

const policyOf = ({ headers }) => Object.fromEntries(headers['content-security-policy'].split(';').map(part => {
	const [name, ...sources] = part.trim().split(/\s+/);
	return [name, sources.join(' ')];
}));

function scripts(html) {
	return [...html.matchAll(/<script\b[^>]*>/g)].map(([tag]) => ({ src: /src="([^"]+)"/.exec(tag)?.[1], integrity: /integrity="([^"]+)"/.exec(tag)?.[1] }));
}

function cookieScore(cookies) {
	const strict = line => /^__Host-/.test(line) && ['Secure', 'HttpOnly', 'SameSite=Lax', 'Path=/'].every(word => line.split('; ').includes(word));
	return cookies.every(strict) ? 5 : -40;
}

async function scriptScore(html) {
	for (const { src, integrity } of scripts(html)) {
		const { body } = await stack.request('GET', src);
		assert.equal(integrity, `sha256-${createHash('sha256').update(body).digest('base64')}`, src);
	}
	return scripts(html).length ? 5 : 0;
}

async function score(answer) {
	const { headers } = answer;
	const policy = policyOf(answer);
	const noUnsafe = !/unsafe|\*|data:|http:|https:/.test(headers['content-security-policy']);
	return 100 + (noUnsafe && policy['default-src'] === "'none'" ? 10 : -25)
		+ (policy['frame-ancestors'] === "'none'" ? 5 : -20)
		+ cookieScore(answer.cookies)
		+ (headers['referrer-policy'] === 'same-origin' ? 5 : -5)
		+ (/^max-age=63072000; includeSubDomains; preload$/.test(headers['strict-transport-security']) ? 0 : -20)
		+ (headers['x-content-type-options'] === 'nosniff' ? 0 : -5)
		+ (headers['cross-origin-resource-policy'] === 'same-origin' ? 10 : -5)
		+ ('access-control-allow-origin' in headers ? -50 : 0)
		+ await scriptScore(answer.text);
}

for (const [what, path, most] of [['front page', '/', 140], ['form', '/login', 140], ['page of a person', '/profile', 140],
	['list', '/users', 140], ['error', '/nothing/here', 140], ['error of nginx', '/static/nothing', 135], ['API', '/api/v1/auth/me', 135]])
	test(`the score of a ${what}`, async () => {
		const visitor = path === '/' || path === '/login' ? stack.visitor() : ann;
		const answer = await visitor.send('GET', path);
		assert.equal(await score(answer), most, JSON.stringify(answer.headers, null, 1));
		assert.equal(answer.headers['cross-origin-opener-policy'], 'same-origin');
		assert.equal(answer.headers.server, 'nginx', 'no version');
		assert.match(answer.headers['cache-control'], /no-store/);
		const { 'form-action': form, 'base-uri': base, 'object-src': object } = policyOf(answer);
		assert.deepEqual([form, base, object], ["'self'", "'none'", "'none'"]);
	});

test('under TLS the cookies hold in a browser, and the script is the one that was meant', async () => {
	const browser = await openBrowser();
	try {
		const page = await browser.page(stack);
		await signIn(page, admin.email);
		assert.deepEqual(await menu(page), ['Home', 'Flows', 'Sessions', 'Escalations', 'Account']);
		assert.deepEqual(await page.evaluate(async () => (await navigator.locks.query()).held.map(lock => lock.name)), ['events']);
		const cookies = await page.context().cookies();
		assert.deepEqual(cookies.map(({ name, secure, httpOnly, sameSite }) => `${name} ${secure} ${httpOnly} ${sameSite}`).sort(),
			['access', 'anon', 'refresh'].map(name => `__Host-${name} true true Lax`));
	} finally {
		await browser.close();
	}
});

test('plain http leads to https, a form with its body; a program is refused', async () => {
	for (const method of ['GET', 'POST']) {
		const answer = await fetch(`http://127.0.0.1:${plain}/login?next=%2Fflows`, { method, redirect: 'manual' });
		assert.deepEqual([answer.status, answer.headers.get('location')], [308, 'https://127.0.0.1/login?next=%2Fflows']);
		assert.doesNotMatch(answer.headers.get('server'), /\d/);
		const api = await fetch(`http://127.0.0.1:${plain}/api/v1/auth/me`, { method, redirect: 'manual' });
		assert.deepEqual([api.status, api.headers.get('location'), (await api.json()).code], [403, null, 'https_only']);
	}
});
