// The plan of an account, and the platform's plans and flags, in a browser.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { press } from '../support/journey.mjs';
import { colleagues, openPages } from '../support/pages.mjs';

let pages;
let people;
before(async () => {
	pages = await openPages();
	people = await colleagues(pages);
});
after(() => pages?.close());

const account = () => pages.maren.user.account.id;

test('an admin sees what is used, and what is typed stays where the plan is full', async t => {
	const page = await pages.open(pages.maren);
	await page.goto('/users');
	await page.getByRole('link', { name: 'Plan', exact: true }).click();
	await pages.look(t, page, 'plan');
	await pages.stack.sql(`INSERT INTO account_limit VALUES ($1, 'users', 5), ($1, 'flows', 0), ($1, 'stored_bytes', 10000000), ($1, 'sessions_month', 4)`, [account()]);
	await pages.stack.sql(`INSERT INTO plan_use VALUES ($1, 'sessions_month', plan_month(), 6), ($1, 'stored_bytes', '-infinity', 8400000)`, [account()]);
	await pages.look(t, page, 'plan-full', '/plan');
	assert.equal(await page.getByText('6 of 4').count(), 1);
	await page.goto('/flows/new');
	await page.getByLabel('Name').first().fill('Typed by hand');
	await page.getByRole('button', { name: /^Make|^Create|^Add/ }).first().click();
	await page.getByText(/Your plan holds 0 flows, and you have 0/).first().waitFor();
	assert.equal(await page.getByLabel('Name').first().inputValue(), 'Typed by hand');
	await pages.look(t, page, 'plan-refused', undefined, 409);
});

test('an operator changes plans, an account\'s own limits and flags', async t => {
	const page = await pages.open(people.super_admin);
	await pages.look(t, page, 'platform-plans', '/platform/plans');
	await page.getByLabel('Name', { exact: true }).fill('Trial');
	await page.getByLabel('Short name').fill('trial');
	await page.getByLabel(/^Flows/).fill('many');
	await press(page, 'Add the plan');
	await page.getByRole('alert').getByText(/Enter a whole number/).waitFor();
	await pages.look(t, page, 'platform-plans-wrong', undefined, 422);
	await page.getByLabel(/^Flows/).fill('3');
	await press(page, 'Add the plan');
	await page.getByText('The plan is added').waitFor();
	await page.getByRole('link', { name: 'Trial' }).click();
	await pages.look(t, page, 'platform-plan');
	assert.equal(await page.getByLabel(/^Flows/).inputValue(), '3');
	await press(page, 'Retire the plan');
	await page.getByText('Whoever has it keeps it').first().waitFor();
	await pages.look(t, page, 'platform-limits', `/platform/accounts/${account()}/limits`);
	await pages.look(t, page, 'platform-flags', '/platform/flags');
	await page.getByRole('link', { name: 'webhooks' }).click();
	await page.getByRole('textbox', { name: 'Account', exact: true }).fill(account());
	await press(page, 'Set it for the account');
	await page.getByText('Set for the account.').waitFor();
	await pages.look(t, page, 'platform-flag');
	await page.getByRole('textbox', { name: 'Account', exact: true }).fill('Nobody of that name');
	await press(page, 'Set it for the account');
	await page.getByRole('alert').getByText(/There is no account of that name/).waitFor();
	await pages.look(t, page, 'platform-flag-wrong', undefined, 422);
});
