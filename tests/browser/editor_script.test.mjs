// What the script adds to the editor: text that is kept, dragging, the picture.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { register } from '../support/accounts.mjs';
import { openStack, sourceOf } from '../support/browser.mjs';
import { makeFlow } from '../support/flows.mjs';
import { signIn, survey } from '../support/journey.mjs';
import { deadline } from '../support/patience.mjs';

const { stack, browser } = await openStack({ hub: true });

const main = page => page.getByRole('main');
const said = (page, words) => page.getByRole('status').filter({ hasText: words }).first().waitFor();
const titles = page => page.locator('.nodes a').allInnerTexts();

// A page of the editor of a small flow.
async function edit(step = '', options = {}) {
	const user = await register(stack);
	const { id } = await makeFlow(stack, user, options.fields);
	const page = await browser.page(stack, options);
	await signIn(page, user.email);
	await page.goto(`/flows/${id}/edit${step && `/${step}`}`);
	return { page, id, user };
}
const entries = async id => (await stack.sql('SELECT n FROM flow_edit WHERE flow_id = $1', [id])).length;
const unsent = async id => (await stack.sql('SELECT form FROM flow_unsent WHERE flow_id = $1', [id])).map(row => row.form);
const until = async (what, fits, seconds = 15) => {
	for (const end = deadline(seconds); !await fits(); await new Promise(resolve => setTimeout(resolve, 50)))
		assert.ok(Date.now() < end, what);
};

test('what is typed is kept after a while, and when the page is left', async () => {
	const { page, id } = await edit('n2');
	await page.locator('#body').pressSequentially('Half a sentence');
	await page.locator('#kept', { hasText: /^Kept \d\d:\d\d$/ }).waitFor();
	assert.match((await unsent(id))[0], /body=Half%20a%20sentenceWait/);
	await page.locator('#help').fill('And help');
	await page.goto('/'); // no question: it is kept
	await until('the beacon came', async () => /help=And%20help/.test((await unsent(id))[0]));
	await page.goto(`/flows/${id}/edit/n2`);
	await main(page).getByText('You left text here that was not saved').waitFor();
	await survey(page, 'editor-unsent', { html: await sourceOf(page) });
	await page.setViewportSize({ width: 1280, height: 900 });
	await main(page).getByRole('button', { name: 'Show it' }).click();
	assert.equal(await page.locator('#help').inputValue(), 'And help');
	await main(page).getByRole('button', { name: 'Save', exact: true }).click();
	await said(page, 'Saved.');
	assert.deepEqual(await unsent(id), []);
	assert.equal(await main(page).getByText('You left text').count(), 0);
});

test('what could not be kept is tried again', async () => {
	const { page, id } = await edit('n2');
	await page.route('**/unsent', route => route.abort());
	await page.locator('#help').fill('On a train');
	await page.locator('#kept', { hasText: 'Not sent; still trying' }).waitFor();
	assert.deepEqual(await unsent(id), []);
	await page.unroute('**/unsent');
	await page.locator('#kept', { hasText: /^Kept/ }).waitFor();
	assert.match((await unsent(id))[0], /On%20a%20train/);
});

test('a double press and Ctrl and S are one entry, and the focus stays', async () => {
	const { page, id } = await edit('n2');
	const count = await entries(id);
	await page.locator('#title').fill('Restart it');
	await page.evaluate(() => {
		const save = document.getElementById('save');
		save.click();
		save.click();
		document.dispatchEvent(new KeyboardEvent('keydown', { key: 's', ctrlKey: true, bubbles: true }));
	});
	await said(page, 'Saved.');
	assert.equal(await entries(id), count + 1);
	await page.locator('#help').fill('Wait');
	await page.locator('#help').press('Control+s');
	await until('saved', async () => await entries(id) === count + 2);
	await page.waitForLoadState();
	assert.equal(await page.evaluate(() => document.activeElement.id), 'help');
	assert.deepEqual(await unsent(id), []);
});

test('options are dragged in their form', async () => {
	const { page, id } = await edit('n1');
	await page.locator('.option').nth(1).scrollIntoViewIfNeeded();
	const to = await page.locator('.option').nth(0).boundingBox();
	const grip = await page.locator('.grip').nth(1).boundingBox();
	await page.mouse.move(grip.x + 4, grip.y + 8);
	await page.mouse.down();
	await page.mouse.move(grip.x + 4, to.y + 4, { steps: 6 });
	await page.mouse.up();
	assert.deepEqual(await page.locator('[name=option_label]').evaluateAll(all => all.map(one => one.value)), ['No', 'Yes', '']);
	assert.equal(await entries(id), 1, 'nothing is sent');
	await page.keyboard.press('Control+s');
	await said(page, 'Saved.');
	assert.deepEqual(await page.locator('[name=option_label]').evaluateAll(all => all.map(one => one.value)), ['No', 'Yes', '']);
});

test('by touch too', async () => {
	const { page, id } = await edit('', { width: 360, hasTouch: true });
	const session = await page.context().newCDPSession(page);
	await page.locator('.nodes > li').nth(1).evaluate(one => one.scrollIntoView({ block: 'center' }));
	const grip = await page.locator('.grip').nth(2).boundingBox();
	const to = await page.locator('.nodes > li').nth(1).boundingBox();
	const touch = (type, y) => session.send('Input.dispatchTouchEvent', { type, touchPoints: type === 'touchEnd' ? [] : [{ x: grip.x + 5, y }] });
	await touch('touchStart', grip.y + 8);
	for (const y of [grip.y - 10, to.y + 30, to.y + 5])
		await touch('touchMove', y);
	await Promise.all([page.waitForNavigation(), touch('touchEnd')]);
	assert.deepEqual(await titles(page), ['Does the gateway answer?', 'The line is fine', 'Restart the router']);
	assert.equal(await entries(id), 2);
});

test('the button that moves a step keeps the focus', async () => {
	for (const js of [true, false]) {
		const { page } = await edit('', { js });
		await page.locator('#down-n1').focus();
		await page.keyboard.press('Enter');
		await page.waitForURL(/#down-n1$/);
		assert.equal(await page.evaluate(() => document.activeElement.id), 'down-n1');
		await page.keyboard.press('Enter');
		await page.waitForURL(/#step-n1$/);
		assert.equal((await titles(page)).at(-1), 'Does the gateway answer?');
	}
});

test('the picture is dragged and made larger, and the step in it is in sight', async () => {
	const nodes = Array.from({ length: 40 }, (_, at) => ({ id: `n${at}`, kind: 'action', title: `Step ${at}`, next: at < 39 ? `n${at + 1}` : null }));
	const { page } = await edit('n30', { fields: { type: 'procedural', structure: { start: 'n0', nodes } } });
	const seen = () => page.locator('.pan [aria-current]').evaluate(node => {
		const [one, all] = [node, node.closest('.pan')].map(element => element.getBoundingClientRect());
		return one.y > all.y && one.bottom < all.bottom;
	});
	const state = () => page.locator('.pan').evaluate(one => [one.scrollTop, one.querySelector('svg').getBoundingClientRect().width]);
	assert.ok(await seen());
	await page.locator('.pan').evaluate(one => one.scrollIntoView());
	const box = await page.locator('.pan').boundingBox();
	const [top, width] = await state();
	await page.mouse.move(box.x + box.width / 2, box.y + 300);
	await page.mouse.down();
	await page.mouse.move(box.x + box.width / 2, box.y + 200, { steps: 10 });
	await page.mouse.up();
	assert.ok((await state())[0] > top + 50, 'dragged');
	assert.match(page.url(), /n30$/, 'and no link was followed');
	await main(page).getByRole('button', { name: 'Larger' }).click();
	assert.ok((await state())[1] > width * 1.2);
	await page.locator('.pan').hover();
	await page.keyboard.down('Control');
	await page.mouse.wheel(0, 200);
	await page.keyboard.up('Control');
	await until('smaller', async () => (await state())[1] < width * 1.2);
	await main(page).getByRole('button', { name: 'Fit' }).click();
	assert.ok(await page.locator('.pan').evaluate(one => one.scrollHeight <= one.clientHeight + 1));
	await page.locator('.pan a').last().click();
	await page.waitForURL(/n39$/);
});
