// Each page of the editor, looked at; and those that two people meet on.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { colleague, register } from '../support/accounts.mjs';
import { openStack, sourceOf } from '../support/browser.mjs';
import { makeFlow } from '../support/flows.mjs';
import { signIn, survey } from '../support/journey.mjs';

const { stack, browser } = await openStack({ hub: true });

const main = page => page.getByRole('main');
const said = (page, words) => page.getByRole('status').filter({ hasText: words }).first().waitFor();

test('each page of the editor, seen', async t => {
	const user = await register(stack);
	const bob = await colleague(stack, user, 'team_admin');
	const { id } = await makeFlow(stack, user);
	const page = await browser.page(stack);
	await signIn(page, user.email);
	for (const [name, to] of [['steps', 'edit'], ['decision', 'edit/n1'], ['action', 'edit/n2'], ['answer', 'edit/n3'], ['fields', 'fields'], ['details', 'details'], ['history', 'history'], ['publish', 'publish']])
		await t.test(name, async () => {
			await page.goto(`/flows/${id}/${to}`);
			await survey(page, `editor-${name}`, { html: await sourceOf(page) });
		});
	await page.setViewportSize({ width: 1280, height: 900 });
	const other = await browser.page(stack);
	await signIn(other, bob.email);
	const meet = async (name, act, button) => {
		await page.goto(`/flows/${id}/edit/n2`);
		await page.locator('#title').fill('Mine');
		await act();
		let html;
		page.once('response', async answer => { html = answer.request().method() === 'POST' && await answer.text(); });
		await main(page).getByRole('button', { name: 'Save', exact: true }).click();
		await main(page).getByRole('alert').waitFor();
		assert.equal(await page.evaluate(() => document.activeElement.className), 'err-sum');
		await survey(page, name, { html, expected: [/status of 409/] });
		await page.setViewportSize({ width: 1280, height: 900 });
		await main(page).getByRole('button', { name: button, exact: true }).click();
		await said(page, /Saved|Added as a new step/);
		assert.equal(await page.locator('#title').inputValue(), 'Mine');
	};
	await t.test('two texts', () => meet('editor-conflict', async () => {
		await other.goto(`/flows/${id}/edit/n2`);
		await other.locator('#title').fill('Theirs');
		await main(other).getByRole('button', { name: 'Save', exact: true }).click();
		await said(other, 'Saved.');
	}, 'Save'));
	await t.test('deleted', () => meet('editor-gone', async () => {
		await other.goto(`/flows/${id}/edit/n2`);
		await other.locator('summary', { hasText: 'Delete this step' }).click();
		await main(other).getByRole('button', { name: 'Delete the step' }).click();
		await said(other, 'The step is deleted');
	}, 'Add it as a new step'));
});
