// Pages in Chromium, as people meet them: with and without JavaScript, on a phone and on a desk.
//
//	const { stack, browser } = await openStack({ hub: true });
//	const page = await browser.page(stack, { js: false, width: 360 });
//	await page.goto('/login');
//	await examine(page, 'login');       // problems, axe, HTML; and a picture where SCREENS is set
import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after } from 'node:test';
import { AxeBuilder } from '@axe-core/playwright';
import { HtmlValidate } from 'html-validate';
import { chromium } from 'playwright-core';
import { patient } from './patience.mjs';
import { startStack } from './stack.mjs';

const FLAGS = [
	'--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
	'--disable-component-update', '--disable-sync', '--disable-dev-shm-usage',
];
const SCREENS = path.resolve(process.env.RF_TEST_BUILD ?? 'build', 'screens');

const validator = new HtmlValidate({
	extends: ['html-validate:recommended', 'html-validate:a11y'],
	rules: {
		'doctype-style': 'off',
		'no-redundant-role': 'off', // lists without bullets need theirs in Safari
		'form-dup-name': 'off', // boxes and rows of one name are a list
		'long-title': 'off',
		'no-trailing-whitespace': 'off',
		'void-style': 'off',
		'attribute-boolean-style': 'off',
		'prefer-native-element': ['error', { exclude: ['list', 'listitem'] }],
		'no-implicit-button-type': 'error',
		'meta-refresh': 'error',
	},
});

class Browser {
	constructor(browser) {
		this.browser = browser;
	}

	// options: js (true), width (1280), height, dark, forcedColors, reducedMotion, cookies (a Visitor, whose sign-in
	// the page shares), anything else that Playwright's newContext knows.  page.problems lists errors of the console,
	// of scripts and of requests; examine() wants none.
	async page(stack, { js = true, width = 1280, height = 900, dark = false, forcedColors = false, cookies, ...rest } = {}) {
		const context = await this.browser.newContext({
			baseURL: stack.base, javaScriptEnabled: js, viewport: { width, height }, ignoreHTTPSErrors: true,
			colorScheme: dark ? 'dark' : 'light', forcedColors: forcedColors ? 'active' : 'none', reducedMotion: 'reduce',
			locale: 'en-GB', timezoneId: 'UTC', ...rest,
		});
		context.setDefaultTimeout(patient(15000));
		if (cookies)
			await context.addCookies([...cookies.cookies].map(([name, value]) => ({ name, value, url: stack.base, httpOnly: true, sameSite: 'Lax' })));
		const page = await context.newPage();
		page.scripted = js;
		page.options = { js: true, width, height, dark, forcedColors, cookies, ...rest };
		page.owner = { browser: this, stack };
		page.problems = [];
		page.on('console', message => message.type() === 'error' && page.problems.push(`console: ${message.text()} ${message.location().url}`));
		page.on('pageerror', error => page.problems.push(`script: ${error.message}`));
		page.on('requestfailed', request => {
			const why = request.failure()?.errorText;
			if (why !== 'net::ERR_ABORTED')
				page.problems.push(`request: ${request.url()} ${why}`);
		});
		return page;
	}

	async close() {
		await this.browser.close();
		fs.rmSync(this.home, { recursive: true, force: true });
	}
}

export async function openBrowser() {
	const home = fs.mkdtempSync(path.join(os.tmpdir(), 'rf-chromium-'));
	const env = { ...process.env, HOME: home, XDG_CONFIG_HOME: home, XDG_CACHE_HOME: home };
	const browser = new Browser(await chromium.launch({ executablePath: '/usr/bin/chromium', headless: true, args: FLAGS, env }));
	browser.home = home;
	return browser;
}

// What a test file needs, until it ends: a stack with these options, and a browser.
export async function openStack(options) {
	const ret = { stack: await startStack(options) };
	after(async () => {
		await ret.browser?.close();
		await ret.stack.stop();
	});
	ret.browser = await openBrowser();
	return ret;
}

// axe needs scripts: a page without them is shown again, as it stands, where scripts run but its own do not.
async function withScripts(page, use) {
	if (page.scripted)
		return use(page);
	const html = await page.content();
	const url = page.url();
	const copy = await page.owner.browser.page(page.owner.stack, page.options);
	await copy.route('**/*.js', route => route.abort());
	await copy.route(url, route => route.fulfill({ contentType: 'text/html; charset=utf-8', body: html }));
	await copy.goto(url);
	await use(copy);
	await copy.context().close();
}

// No violation, and nothing that axe could not decide about ARIA.
export async function accessible(page) {
	await withScripts(page, findNothing);
}

async function findNothing(page) {
	const { violations, incomplete } = await new AxeBuilder({ page }).analyze();
	const wrong = [...violations, ...incomplete.filter(rule => rule.id.startsWith('aria-'))];
	const text = wrong.map(rule => `${rule.id}: ${rule.help}\n${rule.nodes.map(node => `    ${node.html}`).join('\n')}`);
	assert.equal(text.length, 0, `${page.url()}\n${text.join('\n')}`);
}

export async function validHtml(html, where = 'page') {
	const report = await validator.validateString(html);
	const text = report.results.flatMap(result => result.messages).map(m => `${where}:${m.line}:${m.column} ${m.ruleId}: ${m.message}`);
	assert.equal(text.length, 0, text.join('\n'));
}

// The page as the server sent it, not as scripts have changed it.
export async function sourceOf(page) {
	return (await page.request.get(page.url())).text();
}

// For people to look at, in build/screens/: make test T=browser SCREENS=1
export async function picture(page, name) {
	if (!process.env.SCREENS)
		return;
	fs.mkdirSync(SCREENS, { recursive: true });
	await page.screenshot({ path: `${SCREENS}/${name}.png`, fullPage: true });
}

// Nothing runs out of the window sideways: a phone should not have to scroll that way.
export async function fits(page) {
	const [width, room] = await page.evaluate(() => [document.documentElement.scrollWidth, document.documentElement.clientWidth]);
	assert.ok(width <= room, `${page.url()} is ${width} px wide in a window of ${room}`);
}

// All of it at once; a page that answered with an error status logs that to the console, so name it in `expected`.
export async function examine(page, name, { expected = [] } = {}) {
	await picture(page, name);
	await accessible(page);
	await fits(page);
	await validHtml(await sourceOf(page), name);
	const unexpected = page.problems.filter(problem => !expected.some(pattern => pattern.test(problem)));
	assert.deepEqual(unexpected, [], name);
}
