// The pages of API keys in a browser: none yet, one made and shown once, lists in every state, revoked by its owner and by
// an admin; with scripts and without.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { PASSWORD, me } from '../support/accounts.mjs';
import { fill, press } from '../support/journey.mjs';
import { colleagues, openPages } from '../support/pages.mjs';

const LONG = 'averyveryverylongnamewithoutanyblankinitthatgoesonandonandonuntilitisfartoowide';

async function revoke(page, name) {
	await page.locator('summary', { hasText: name }).click();
	await page.locator('details[open] button').click();
}

let pages;
let people;
before(async () => {
	pages = await openPages();
	people = await colleagues(pages);
});
after(() => pages?.close());

test('a key is made, used, looked at and revoked', async t => {
	const page = await pages.open(pages.maren);
	await page.goto('/profile');
	await page.getByRole('link', { name: 'Manage API keys' }).click();
	await pages.look(t, page, 'keys-none');
	await fill(page, { 'Name': '', 'Read': false, 'It ends': 'On a date', 'Current password': 'wrong' });
	await press(page, 'Make the key');
	await page.getByText('There is a problem').waitFor();
	await pages.look(t, page, 'keys-wrong', null, 422);
	await fill(page, { 'Name': LONG, 'It ends': 'On a date', 'On this date': '2099-01-31', 'Current password': PASSWORD });
	await press(page, 'Make the key');
	await page.getByText('Choose at least one permission').first().waitFor();
	await fill(page, { 'Read': true, 'Escalations': true, 'Current password': PASSWORD });
	await press(page, 'Make the key');
	await page.getByRole('heading', { name: 'Copy your key now' }).waitFor();
	await pages.look(t, page, 'key-made');
	const key = await page.locator('#api-key').innerText();
	const { json } = await me(pages.stack, key);
	assert.deepEqual(json.key.permissions, ['read', 'queue']);
	assert.equal(json.key.expires_at, '2099-02-01T00:00:00Z', 'with the end of that day');
	assert.match(await page.locator('#command').innerText(), new RegExp(`Bearer ${key}.*/auth/me`));
	await page.getByRole('link', { name: 'Done' }).click();
	assert.equal((await page.content()).includes(key), false);
	for (const name of ['Second', 'Third', 'Fourth']) {
		await fill(page, { 'Name': name, 'Current password': PASSWORD });
		await press(page, 'Make the key');
		await page.getByRole('link', { name: 'Done' }).click();
	}
	await pages.stack.sql("UPDATE sign_in SET expires_at = now() + CASE name WHEN 'Second' THEN interval '3 days' ELSE interval '-1 day' END FROM api_key k WHERE k.sign_in_id = id AND name IN ('Second', 'Third')");
	await page.reload();
	await revoke(page, 'Fourth');
	await page.getByText('The key is revoked.').waitFor();
	await page.locator('summary', { hasText: LONG }).click();
	await pages.look(t, page, 'keys');
	assert.deepEqual((await page.locator('main .tag').allInnerTexts()).sort(), ['Active', 'Ends soon', 'Expired', 'Revoked']);
});

test("the account's keys", async t => {
	const engineer = await pages.open(people.engineer);
	await engineer.context().route('**/*.js', route => route.abort());
	await engineer.goto('/profile/keys');
	assert.equal(await engineer.getByLabel('Administer').count(), 0, 'what the role does not allow is not offered');
	await fill(engineer, { 'Name': 'Plain', 'It ends': 'Never', 'Current password': PASSWORD });
	await press(engineer, 'Make the key');
	const key = await engineer.locator('#api-key').innerText();
	await me(pages.stack, key);
	await engineer.getByRole('link', { name: 'Done' }).click();
	assert.match(await engineer.locator('.facts').first().innerText(), /Last used\s+just now/);

	const page = await pages.open(pages.maren);
	await page.goto('/users');
	await page.getByRole('link', { name: 'API keys' }).click();
	await pages.look(t, page, 'keys-all');
	await page.getByRole('searchbox').fill('engineer');
	await press(page, 'Search');
	assert.equal(await page.locator('tbody tr').count(), 1);
	await page.getByRole('link', { name: 'Active' }).click();
	assert.match(page.url(), /q=engineer.*state=active|state=active.*q=engineer/);
	await page.locator('summary', { hasText: 'Plain' }).click();
	await pages.look(t, page, 'keys-all-revoke');
	await page.locator('details[open] button').click();
	await page.getByText('The key is revoked.').waitFor();
	assert.equal((await me(pages.stack, key)).status, 401);
	await page.goto('/keys?q=nobody+at+all');
	await pages.look(t, page, 'keys-all-nobody');
	await pages.tour(t, people.super_admin, [['keys-all-super', '/keys'], ['keys-own-super', '/profile/keys']]);
	await pages.tour(t, people.viewer, [['keys-own-viewer', '/profile/keys'], ['keys-forbidden', '/keys', 403], ['devices-viewer', '/devices']]);
});
