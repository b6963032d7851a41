// The library as people use it: every look on a phone and on a desk, filters, pins, many at once, folders; without
// JavaScript and with it; and a slow answer that comes after a newer one.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { openStack, sourceOf } from '../support/browser.mjs';
import { fill, press, signIn, survey } from '../support/journey.mjs';
import { patient } from '../support/patience.mjs';

const MAREN = 'maren@northbridge.example';
const TOM = 'tom@northbridge.example'; // a viewer

const { stack, browser } = await openStack({ settings: { DEMO: '1', WORKERS: 4 }, hub: true });
stack.command(['seed-demo']);

async function open(who, options) {
	const page = await browser.page(stack, options);
	await signIn(page, who);
	return page;
}

const flows = page => page.locator('[id^="f-"]');

describe('the library', { concurrency: 2 }, () => {
	test('every look', async t => {
		const page = await open(MAREN);
		for (const [name, path] of [['library-grid', '/flows?view=grid'], ['library-list', '/flows?view=list'], ['library-table', '/flows?view=table'],
			['library-filtered', '/flows?view=grid&type=procedural&tag=onboarding&pinned=true'], ['library-pages', '/flows?per_page=5&page=2'],
			['folders', '/flows/folders'], ['categories', '/flows/categories'], ['home-flows', '/']]) {
			await t.test(name, async () => {
				await page.goto(path);
				await survey(page, name, { html: await sourceOf(page) });
			});
		}
		await t.test('category', async () => {
			await page.goto('/flows/categories');
			await page.getByRole('link', { name: 'Network' }).click();
			await survey(page, 'category', { html: await sourceOf(page) });
		});
		await t.test('a viewer\'s', async () => {
			const tom = await open(TOM);
			await tom.goto('/flows?view=list');
			await survey(tom, 'library-viewer', { html: await sourceOf(tom) });
		});
	});

	for (const js of [false, true]) {
		test(`filter, pin, tag and file, ${js ? 'with' : 'without'} scripts`, async () => {
			const page = await open(js ? MAREN : 'jonas@northbridge.example', { js });
			await page.goto('/flows?view=list');
			const all = await flows(page).count();
			await page.getByText('Filter and sort').click();
			await fill(page, { Type: 'Maintenance' });
			if (js)
				await page.waitForURL(/type=maintenance/);
			else
				await press(page, 'Show');
			const some = await flows(page).count();
			assert.ok(some > 0 && some < all, `${some} of ${all}`);
			assert.match(page.url(), /type=maintenance/);
			const name = await flows(page).first().getByRole('link').innerText();
			await page.getByRole('button', { name: `Pin “${name}”` }).click();
			await page.getByRole('button', { name: `Unpin “${name}”` }).waitFor();
			assert.match(page.url(), /type=maintenance/);
			const panel = page.getByText('With the selected flows');
			await panel.click();
			await press(page, 'Move');
			await page.getByRole('alert').getByText('Select a flow.').waitFor();
			assert.match(await page.title(), /^Error: /);
			assert.equal(await flows(page).count(), some, 'the same list');
			await page.goto('/flows/folders');
			await fill(page, { Name: 'Nights' });
			await press(page, 'Make the folder');
			await page.goto('/flows?type=maintenance');
			await page.getByRole('checkbox', { name: `Select “${name}”` }).check();
			await panel.click();
			await page.locator('#bulk #folder').selectOption({ label: 'Nights' });
			await press(page, 'Move');
			await page.getByText('1 flow moved.').waitFor();
			await page.getByRole('complementary').getByRole('link', { name: 'Nights' }).click();
			await page.waitForURL(/folder=/);
			assert.deepEqual(await flows(page).getByRole('link').allInnerTexts(), [name]);
			await page.goto('/');
			await page.getByRole('heading', { name: 'Pinned' }).waitFor();
			await page.goto('/flows?view=grid');
		});
	}

	test('an older answer never replaces a newer one', async () => {
		const page = await open('priya@northbridge.example');
		await page.goto('/flows?view=list');
		const asked = [];
		await page.route(/\/flows\?/, async route => {
			const first = asked.push(route.request().url()) === 1;
			const answer = await route.fetch().catch(() => null);
			if (first)
				await sleep(patient(1500));
			if (answer)
				await route.fulfill({ response: answer }).catch(() => {}); // nobody waits for it any more
		});
		const box = page.getByLabel('Part of the name');
		await box.fill('vpn');
		while (asked.length === 0)
			await sleep(20);
		await box.fill('wi-fi');
		await page.waitForURL(/q=wi-fi/);
		assert.deepEqual(await flows(page).getByRole('link').allInnerTexts(), ['Wi-Fi is slow or drops']);
		await sleep(patient(2000));
		assert.equal(asked.length, 2);
		assert.match(page.url(), /q=wi-fi/);
		assert.deepEqual(await flows(page).getByRole('link').allInnerTexts(), ['Wi-Fi is slow or drops']);
		assert.equal(await page.locator('#live').innerText(), '1 flow');
		assert.ok(await box.evaluate(element => element === document.activeElement), 'the reader goes on typing');
		await page.reload();
		assert.equal(await flows(page).count(), 1);
		assert.deepEqual(page.problems, []);
	});
});
