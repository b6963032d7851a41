// What people do on a page, in the words of the page; and a page looked at in every width and colour.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import { createRequire } from 'node:module';
import { picture, validHtml } from './browser.mjs';
import { PASSWORD } from './accounts.mjs';

const AXE = fs.readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
// Colours depend on all of it, the rest on the width alone.
const SIGHTS = [[360, 'light', 'all'], [360, 'dark', 'colours'], [1280, 'light', 'colours'], [1280, 'dark', 'all']];

// Fills in what labels name, in their order; a select by the text of an option, a checkbox by true or false.
export async function fill(page, fields) {
	for (const [label, value] of Object.entries(fields)) {
		const control = page.locator('main :is(input, select, textarea)').and(page.getByLabel(label)).first();
		if (typeof value === 'boolean')
			await control.setChecked(value);
		else if (await control.evaluate(element => element.localName) === 'select')
			await control.selectOption(await control.locator('option', { hasText: value }).first().getAttribute('value'));
		else
			await control.fill(value);
	}
}

export const press = (page, name) => page.getByRole('main').getByRole('button', { name, exact: true }).click();

export async function signIn(page, email, password = PASSWORD) {
	await page.goto('/login');
	await fill(page, { 'E-mail address': email, 'Password': password });
	await press(page, 'Sign in');
	await page.waitForURL(url => url.pathname !== '/login');
}

// The main ways of the page's head, as they are named there.
export const menu = page => page.getByRole('navigation', { name: 'Main', exact: true }).getByRole('link').allInnerTexts();

async function findings(page, what) {
	if (!await page.evaluate(() => 'axe' in window))
		await page.evaluate(AXE);
	return page.evaluate(async rules => {
		const { violations, incomplete } = await axe.run({ resultTypes: ['violations', 'incomplete'], ...rules });
		const wrong = [...violations, ...incomplete.filter(rule => rule.id.startsWith('aria-'))];
		return wrong.map(rule => `${rule.id}: ${rule.nodes.map(node => node.html).join(' ')}`);
	}, what === 'colours' ? { runOnly: ['color-contrast'] } : {});
}

const overflow = page => page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);

// The page that is shown, on a phone and on a desk, light and dark: axe, pictures where SCREENS is set, the HTML as
// it was sent, nothing wider than a window of 320 px, no errors in the console but `expected` ones.
export async function survey(page, name, { html, expected = [] } = {}) {
	const wrong = [];
	for (const [width, colorScheme, what] of SIGHTS) {
		await page.setViewportSize({ width, height: 800 });
		await page.emulateMedia({ colorScheme });
		if (what === 'all')
			await picture(page, `${name}-${width}-${colorScheme}`);
		wrong.push(...(await findings(page, what)).map(text => `${width} px, ${colorScheme}: ${text}`));
	}
	await page.setViewportSize({ width: 320, height: 800 });
	const over = await overflow(page);
	if (over > 0)
		wrong.push(`${over} px too wide in a window of 320`);
	wrong.push(...page.problems.filter(problem => !expected.some(pattern => pattern.test(problem))));
	page.problems.length = 0;
	assert.deepEqual(wrong, [], `${name} (${page.url()})`);
	if (html)
		await validHtml(html, name);
}
