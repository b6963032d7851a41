// The rendered samples behind a small server, and a browser to look at them.
//
//	inBrowser('what the script does', show => test(..., async () => { const page = await show.open('users'); ... }));
//	inspect('signed in', names of samples);
//
// Both skip where the tools are not installed.
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

const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
	+ "form-action 'self'; base-uri 'none'; require-trusted-types-for 'script'";
const types = { css: 'text/css', js: 'text/javascript', svg: 'image/svg+xml' };
const flags = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
	'--disable-component-update', '--disable-sync'];

// What was sent to it is in `posts`, the open streams are in `streams`.
function answer(show, request, reply) {
	const path = new URL(request.url, 'http://x').pathname;
	if (request.method === 'POST') {
		show.posts.push(path);
		return reply.writeHead(204).end(); // so that the page stays
	}
	if (path === '/events') {
		reply.writeHead(200, { 'content-type': 'text/event-stream' }).write(': open\n\n');
		show.streams.push(reply);
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

class Show {
	posts = [];
	streams = [];
	server = createServer((request, reply) => answer(this, request, reply));

	async start() {
		await new Promise(done => this.server.listen(0, '127.0.0.1', done));
		this.base = `http://127.0.0.1:${this.server.address().port}`;
		this.browser = await playwright.chromium.launch({ executablePath: chromium, args: flags });
	}

	async stop() {
		await this.browser?.close();
		this.server.closeAllConnections();
		this.server.close();
	}

	// A page of its own, whose errors are in page.problems.
	async page(settings = {}) {
		const context = await this.browser.newContext({ reducedMotion: 'reduce', ...settings });
		const page = await context.newPage();
		page.problems = [];
		page.on('console', m => m.type() === 'error' && page.problems.push(m.text()));
		page.on('pageerror', e => page.problems.push(e.message));
		return page;
	}

	async open(name, settings) {
		const page = await this.page(settings);
		await page.goto(`${this.base}/${name}`);
		return page;
	}
}

export function inBrowser(what, tests) {
	if (skip) console.log(`skip: ${what}: ${skip}`);
	describe(what, { skip }, () => {
		const show = new Show();
		before(() => show.start());
		after(() => show.stop());
		tests(show);
	});
}

// Colours depend on all of it, the rest on the width alone.
const SIGHTS = [[320, 'dark', 'all'], [360, 'light', 'all'], [1280, 'dark', 'colours'], [1280, 'light', 'all']];
const RULES = { all: {}, colours: { runOnly: ['color-contrast'] } };

async function findings(session, what) {
	const { result } = await session.send('Runtime.evaluate', { awaitPromise: true, returnByValue: true, expression:
		`axe.run(${JSON.stringify({ resultTypes: ['violations', 'incomplete'], ...RULES[what] })}).then(r =>
			[...r.violations, ...r.incomplete.filter(v => v.id.startsWith('aria-'))].map(v => v.id + ': ' + v.nodes.map(n => n.html).join(' ')))` });
	return result.value;
}

// Sound HTML, and nothing to be found in any width and colour.  One tab goes through them all.
export function inspect(what, names) {
	inBrowser(what, show => {
		const checker = validate && new validate.HtmlValidate({ extends: ['html-validate:recommended'], rules: {
			'doctype-style': 'off', 'form-dup-name': 'off', 'no-redundant-role': 'off', 'no-trailing-whitespace': 'off', 'void-style': 'off',
		} });
		let page, session;
		before(async () => {
			page = await show.page();
			session = await page.context().newCDPSession(page);
		});
		for (const name of names) {
			test(`${name} is sound HTML`, async () => {
				const report = await checker.validateString(render(...samples[name]));
				assert.deepEqual(report.results.flatMap(r => r.messages.map(m => `${m.line}: ${m.message}`)), []);
			});
			test(`${name} has no findings, narrow and wide, light and dark`, async () => {
				page.problems.length = 0;
				await page.goto(`${show.base}/${name}`);
				await session.send('Runtime.evaluate', { expression: readFileSync(axe, 'utf8') });
				for (const [width, colorScheme, rules] of SIGHTS) {
					await page.setViewportSize({ width, height: 800 });
					await page.emulateMedia({ colorScheme });
					assert.deepEqual(await findings(session, rules), [], `${width} px, ${colorScheme}`);
					assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), `${width} px scrolls sideways`);
				}
				assert.deepEqual(page.problems, []);
			});
		}
	});
}
