// The rendered samples in a browser: no findings of axe or html-validate, no sideways scroll, nothing that the
// content policy stops, and what the script does.  Skips where the tools are not installed.
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { mustache } from './mustache.mjs';
import { samples } from './samples.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '../..');
const render = mustache(join(root, 'templates'));
const chromium = process.env.CHROMIUM ?? '/usr/bin/chromium';
const optional = name => import(name).catch(() => null);
const [playwright, validate] = [await optional('playwright-core'), await optional('html-validate')];
const axe = await optional('axe-core') && createRequire(import.meta.url).resolve('axe-core/axe.min.js');
const skip = !existsSync(chromium) ? 'chromium is not here' : !playwright || !axe || !validate ? 'npm packages are not here' : false;
if (skip) console.log(`skip: the look in a browser: ${skip}`);

const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
	+ "form-action 'self'; base-uri 'none'; require-trusted-types-for 'script'";
const types = { css: 'text/css', js: 'text/javascript', svg: 'image/svg+xml' };
const flags = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
	'--disable-component-update', '--disable-sync'];
const posts = [];
let streams = [];

function answer(request, reply) {
	const path = new URL(request.url, 'http://x').pathname;
	if (request.method === 'POST') {
		posts.push(path);
		return reply.writeHead(204).end(); // so that the page stays
	}
	if (path === '/events') {
		reply.writeHead(200, { 'content-type': 'text/event-stream' }).write(': open\n\n');
		streams.push(reply);
		return;
	}
	if (path.startsWith('/static/')) {
		reply.writeHead(200, { 'content-type': types[path.split('.').pop()] });
		return reply.end(readFileSync(join(root, 'public', path.slice(8))));
	}
	const sample = samples[path.slice(1)];
	const page = sample ? render(...sample) : 'not here';
	const own = page.includes('http-equiv="Content-Security-Policy"') ? {} : { 'content-security-policy': policy };
	reply.writeHead(sample ? 200 : 404, { 'content-type': 'text/html; charset=utf-8', ...own });
	reply.end(page);
}

describe('the look in a browser', { skip }, () => {
	const server = createServer(answer);
	let browser, base;
	const open = async (name, settings = {}) => {
		const context = await browser.newContext({ reducedMotion: 'reduce', ...settings });
		const page = await context.newPage();
		page.problems = [];
		page.on('console', m => m.type() === 'error' && page.problems.push(m.text()));
		page.on('pageerror', e => page.problems.push(e.message));
		await page.goto(`${base}/${name}`);
		return page;
	};
	before(async () => {
		await new Promise(done => server.listen(0, '127.0.0.1', done));
		base = `http://127.0.0.1:${server.address().port}`;
		browser = await playwright.chromium.launch({ executablePath: chromium, args: flags });
	});
	after(async () => {
		await browser?.close();
		server.closeAllConnections();
		server.close();
	});

	const checker = validate && new validate.HtmlValidate({ extends: ['html-validate:recommended'], rules: {
		'doctype-style': 'off', 'no-redundant-role': 'off', 'no-trailing-whitespace': 'off', 'void-style': 'off',
	} });
	for (const [name, sample] of Object.entries(samples)) {
		test(`${name} is sound HTML`, async () => {
			const report = await checker.validateString(render(...sample));
			assert.deepEqual(report.results.flatMap(r => r.messages.map(m => `${m.line}: ${m.message}`)), []);
		});
		test(`${name} has no findings, narrow and wide, light and dark`, async () => {
			const page = await open(name);
			const session = await page.context().newCDPSession(page);
			await session.send('Runtime.evaluate', { expression: readFileSync(axe, 'utf8') });
			for (const [width, colorScheme] of [[320, 'dark'], [360, 'light'], [1280, 'dark'], [1280, 'light']]) {
				await page.setViewportSize({ width, height: 800 });
				await page.emulateMedia({ colorScheme });
				const { result } = await session.send('Runtime.evaluate', { awaitPromise: true, returnByValue: true, expression:
					`axe.run().then(r => [...r.violations, ...r.incomplete.filter(v => v.id.startsWith('aria-'))]
						.map(v => v.id + ': ' + v.nodes.map(n => n.html).join(' ')))` });
				assert.deepEqual(result.value, [], `${width} px, ${colorScheme}`);
				assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), `${width} px scrolls sideways`);
			}
			assert.deepEqual(page.problems, []);
			await page.context().close();
		});
	}

	test('without a script the focus is on what is wrong, and the menu opens', async () => {
		const page = await open('login_errors', { javaScriptEnabled: false });
		assert.match(await page.title(), /^Error: /);
		assert.equal(await page.locator('.err-sum:focus').count(), 1);
		await page.goto(`${base}/users`);
		await page.getByRole('button', { name: 'Menu' }).click();
		assert.ok(await page.getByRole('button', { name: 'Sign out' }).isVisible());
	});
	test('an error leads to its field', async () => {
		const page = await open('login_errors');
		await page.getByRole('link', { name: 'Enter your password' }).click();
		assert.equal(await page.evaluate(() => document.activeElement.id), 'password');
	});
	test('a password can be shown', async () => {
		const page = await open('login');
		await page.getByRole('button', { name: 'Show password' }).click();
		assert.equal(await page.locator('#password').getAttribute('type'), 'text');
		await page.getByRole('button', { name: 'Hide password' }).click();
		assert.equal(await page.locator('#password').getAttribute('type'), 'password');
	});
	test('a form is sent once', async () => {
		const page = await open('forgot');
		posts.length = 0;
		for (const press of [1, 2]) {
			await page.evaluate(() => document.querySelector('main form').requestSubmit());
			await page.waitForTimeout(100 * press);
		}
		assert.deepEqual(posts, ['/forgot']);
	});
	test('Ctrl and S saves the form that asks for it', async () => {
		const page = await open('profile');
		posts.length = 0;
		await page.keyboard.press('Control+s');
		await page.waitForTimeout(200);
		assert.deepEqual(posts, ['/profile']);
	});
	test('a changed form is not left by mistake, an unchanged one is', async () => {
		const page = await open('profile');
		const asked = [];
		page.on('dialog', dialog => {
			asked.push(dialog.type());
			dialog.accept();
		});
		await page.goto(`${base}/profile`);
		await page.getByLabel('Your name').fill('Dana');
		await page.goto(`${base}/users`);
		assert.deepEqual(asked, ['beforeunload']);
	});
	test('times are told in words', async () => {
		const page = await open('dev_mail');
		assert.match(await page.locator('time').first().textContent(), /ago$|just now|\d{4}$|^in |yesterday|tomorrow/);
	});
	test('a notice is counted in every tab over one stream', async () => {
		streams = [];
		const page = await open('users');
		const other = await page.context().newPage();
		await other.goto(`${base}/users`);
		await page.waitForTimeout(300);
		assert.equal(streams.length, 1);
		streams[0].write('event: notice\ndata: {}\n\n');
		for (const tab of [page, other]) {
			await tab.waitForFunction(() => document.getElementById('unread').textContent === '4');
			assert.equal(await tab.locator('#live').textContent(), 'New notice');
		}
	});
	test('signed out elsewhere: the tab says so, but not over unsent text', async () => {
		streams = [];
		const page = await open('profile');
		await page.getByLabel('Your name').fill('Dana');
		await page.waitForTimeout(300);
		streams[0].write('event: signed_out\ndata: {}\n\n');
		await page.waitForFunction(() => /signed out/.test(document.getElementById('live').textContent));
		assert.match(page.url(), /profile$/);
		streams = [];
		const calm = await open('users');
		await calm.waitForTimeout(300);
		streams[0].write('event: signed_out\ndata: {}\n\n');
		await calm.waitForURL(/\/login\?signed_out=1$/);
	});
	test('the invite is copied', async () => {
		const page = await open('invite_made', { permissions: ['clipboard-read', 'clipboard-write'] });
		await page.getByRole('button', { name: 'Copy the link' }).click();
		await page.getByRole('button', { name: 'Copied' }).waitFor();
		assert.equal(await page.evaluate(() => navigator.clipboard.readText()), 'https://flows.northgate-it.example/register?invite=RF-7Q2M-93KD-VT8A-LLX0');
	});
});
