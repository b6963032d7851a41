// The page of the account's own patterns, in a browser: empty, filled, tried, and refused; with scripts and without.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { fill, press } from '../support/journey.mjs';
import { openPages } from '../support/pages.mjs';

let pages;
before(async () => { pages = await openPages(); });
after(() => pages?.close());

test('a pattern is added, tried and deleted', async t => {
	const page = await pages.open(pages.maren);
	await page.goto('/users');
	await page.getByRole('link', { name: 'Redaction' }).click();
	await pages.look(t, page, 'redaction-empty');
	await fill(page, { Name: 'Names of clients', Pattern: 'contoso|northwind|averyveryveryverylongnamewithoutanyblankinitthatgoesonandon', 'Shown as': 'client' });
	await press(page, 'Add the pattern');
	await page.getByRole('button', { name: 'Delete Names of clients' }).waitFor();
	await pages.look(t, page, 'redaction');
	await fill(page, { Text: 'At Contoso the password is Winter2024!\nfrom 10.1.2.3', 'With this pattern': 'winter' });
	await press(page, 'Try it');
	await page.locator('pre').waitFor();
	await pages.look(t, page, 'redaction-tried');
	assert.equal(await page.locator('pre').innerText(), 'At [REDACTED:client] the password is [REDACTED:password]\nfrom [REDACTED:ip]');
	assert.equal(await page.getByLabel('Text', { exact: true }).inputValue(), 'At Contoso the password is Winter2024!\nfrom 10.1.2.3');
	await fill(page, { Name: 'Names of clients', Pattern: '(' });
	await press(page, 'Add the pattern');
	await page.getByText('There is a problem').waitFor();
	await pages.look(t, page, 'redaction-wrong', null, 422);
	await press(page, 'Delete Names of clients');
	await page.getByText('No patterns yet').waitFor();
});

test('without scripts', async () => {
	const page = await pages.open(pages.maren);
	await page.context().route('**/*.js', route => route.abort());
	await page.goto('/redaction');
	await fill(page, { Text: 'pw: hunter2' });
	await press(page, 'Try it');
	assert.equal(await page.locator('pre').innerText(), 'pw: [REDACTED:password]');
});
