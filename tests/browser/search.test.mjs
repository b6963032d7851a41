// Somebody looks for a flow: finds the very step, mistypes, finds nothing.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { colleague, register } from '../support/accounts.mjs';
import { openStack, sourceOf } from '../support/browser.mjs';
import { flowBody, madeAndPublished, makeFlow } from '../support/flows.mjs';
import { signIn, survey } from '../support/journey.mjs';

const { stack, browser } = await openStack({ hub: true });

const look = async (page, words) => {
	await page.getByLabel('Words of a name').fill(words);
	await page.getByRole('search').last().getByRole('button', { name: 'Search' }).click();
};
const outcome = page => page.locator('#results h2').innerText();

test('from a word to the step that has it', async () => {
	const owner = await register(stack);
	const viewer = await colleague(stack, owner, 'viewer');
	const { id } = await madeAndPublished(stack, owner, flowBody({ visibility: 'public', tags: ['network'], description: 'For **one** site without a router.' }));
	await makeFlow(stack, owner, flowBody({ name: 'Internet router, long and unbrokenwordsthatgoonandonandonandonandonandonandonandon', visibility: 'public' }));
	const page = await browser.page(stack);
	await signIn(page, owner.email);
	await page.goto('/flows/search');
	assert.equal(await outcome(page), 'How to search');
	await survey(page, 'search-empty', { html: await sourceOf(page) });
	await look(page, 'router');
	assert.equal(await outcome(page), '2 found');
	assert.match(page.url(), /\/flows\/search\?q=router$/);
	assert.match(await page.title(), /^router – Search –/);
	await survey(page, 'search', { html: await sourceOf(page) });
	assert.equal(await page.locator('#results mark').first().innerText(), 'router');
	await look(page, 'intenet');
	assert.match(await outcome(page), /these names are like it/);
	await look(page, 'zebra crossing');
	assert.match(await outcome(page), /Nothing found for “zebra crossing”/);
	await survey(page, 'search-nothing', { html: await sourceOf(page) });

	const reader = await browser.page(stack, { js: false });
	await signIn(reader, viewer.email);
	await reader.goto('/flows/search?q=router');
	assert.equal(await reader.locator('#results a', { hasText: 'Edit' }).count(), 0);
	await reader.getByRole('link', { name: 'Restart the router' }).click();
	assert.equal(new URL(reader.url()).pathname + new URL(reader.url()).hash, `/flows/${id}#step-n2`);
	assert.equal(await reader.locator('#step-n2').count(), 1, 'the step is on the page');
});
