// What a super_admin does, in a browser: every page looked at, an account made, suspended and looked into, a code passed on;
// and the same without scripts.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { PASSWORD, newAddress, register } from '../support/accounts.mjs';
import { fill, menu, press } from '../support/journey.mjs';
import { openPages } from '../support/pages.mjs';
import { operator } from '../support/platform.mjs';

let pages;
let root;
before(async () => {
	pages = await openPages();
	root = await operator(pages.stack);
});
after(() => pages?.close());

test('what is empty says what to do', async t => {
	await pages.tour(t, root, [['platform-codes-none', '/platform/codes'], ['platform-account-new', '/platform/accounts/new'], ['platform-nobody', '/platform/accounts?q=nobody+at+all']]);
});

test('an account is made, its plan is changed, it is suspended and goes on', async t => {
	const page = await pages.open(root);
	assert.deepEqual(await menu(page), ['Home', 'Flows', 'Sessions', 'Account', 'Platform']);
	await pages.look(t, page, 'platform-home', '/');
	await page.getByRole('link', { name: 'Create an account' }).click();
	await fill(page, { 'Company name': 'Quay Systems', 'Plan': 'Team', 'E-mail address of its first team admin': 'nonsense' });
	await press(page, 'Create the account');
	await pages.look(t, page, 'platform-account-errors', null, 422);
	await fill(page, { 'E-mail address of its first team admin': newAddress('quay') });
	await press(page, 'Create the account');
	await pages.look(t, page, 'platform-account-made');
	await page.getByRole('link', { name: 'Go to the account' }).click();
	await pages.look(t, page, 'platform-account-fresh');
	await fill(page, { Plan: 'Scale' });
	await press(page, 'Change the plan');
	await page.getByText('The plan is changed.').waitFor();
	await page.getByRole('link', { name: 'Suspend the account' }).click();
	await pages.look(t, page, 'platform-suspend');
	await fill(page, { Reason: 'Has not paid since May' });
	await press(page, 'Suspend the account');
	await page.getByText('Has not paid since May').waitFor();
	await pages.look(t, page, 'platform-account-suspended');
	await pages.look(t, page, 'platform-accounts', '/platform/accounts');
	await page.getByRole('link', { name: 'Suspended', exact: true }).click();
	await page.getByRole('link', { name: 'Quay Systems' }).click();
	await press(page, 'Let it go on');
	await page.getByText('Its people can sign in again').waitFor();
});

test('a look inside: the banner, what is there, what is refused, the way out', async t => {
	const { account } = pages.maren.user;
	const page = await pages.open(root);
	await page.goto(`/platform/accounts/${account.id}`);
	await pages.look(t, page, 'platform-account');
	await press(page, 'Look inside');
	await page.waitForURL('/flows');
	for (const [name, path] of [['inside-flows', '/flows'], ['inside-sessions', '/sessions'], ['inside-users', '/users'], ['inside-home', '/'], ['inside-account', `/platform/accounts/${account.id}`]])
		await pages.look(t, page, name, path);
	for (const [name, path] of [['inside-teams', '/teams'], ['inside-invites', '/invites'], ['inside-redaction', '/redaction'], ['inside-webhooks', '/webhooks']]) {
		await pages.look(t, page, name, path);
		assert.deepEqual(await page.locator('main form[method=post] button').allInnerTexts(), ['Leave'], path);
	}
	await page.goto('/teams');
	await page.locator('main th a').first().click();
	await pages.look(t, page, 'inside-team');
	assert.equal(await page.locator('.beside > :only-child').count(), 0, 'no column stays empty');
	await page.goto('/users');
	await page.locator('main th a').first().click();
	await pages.look(t, page, 'inside-user');
	await press(page, 'Leave');
	await page.waitForURL('/platform/accounts');
	assert.equal(await page.getByText('You look into').count(), 0);
});

test('a look that is over says so, on the open page and on the next', async t => {
	const { account } = pages.maren.user;
	const page = await pages.open(root);
	await page.goto(`/platform/accounts/${account.id}`);
	await press(page, 'Look inside');
	await page.waitForURL('/flows');
	const other = await page.context().newPage();
	await other.goto('/flows');
	const search = text => page.locator('form[data-live] input[type=search]').fill(text);
	await search('printer');
	await page.waitForURL(/q=printer/);
	assert.equal(await page.getByText('You look into').count(), 1);
	await press(other, 'Leave');
	await other.waitForURL('/platform/accounts');
	await search('router');
	await page.waitForURL(/q=router/);
	await page.getByText('You look into').waitFor({ state: 'detached' });
	await page.goto(`/platform/accounts/${account.id}`);
	await press(page, 'Look inside');
	await page.waitForURL('/flows');
	await pages.stack.sql(`UPDATE sign_in SET inside_at = now() - interval '61 minutes' WHERE inside_id = $1`, [account.id]);
	await search('printer');
	await page.getByText('Your hour in Northbridge IT Services is over.').waitFor();
	await pages.look(t, page, 'inside-over', '/users', 403);
	await pages.look(t, page, 'inside-over-platform', '/platform');
	await press(page, 'Leave');
	await page.getByText('You are back in your own account.').waitFor();
});

test('a code is made, passed on and used', async t => {
	const page = await pages.open(root);
	await page.goto('/platform/codes');
	await fill(page, { Label: 'Spring fair', Plan: 'Scale' });
	await press(page, 'Make the code');
	await pages.look(t, page, 'platform-code-made');
	const url = await page.locator('#code-url').innerText();
	const visitor = await pages.open();
	await visitor.goto(url);
	await pages.look(t, visitor, 'register-by-code', url);
	await fill(visitor, { 'Your name': 'Ida Fair', 'Company name': 'Fair IT', 'E-mail address': newAddress('ida'), 'Password': PASSWORD });
	await press(visitor, 'Create account');
	await visitor.waitForURL('/');
	await pages.look(t, page, 'platform-codes', '/platform/codes');
	await page.getByRole('link', { name: '1 of 1' }).click();
	await page.getByRole('link', { name: 'Fair IT' }).waitFor();
});

test('the system, with and without trouble', async t => {
	const page = await pages.open(root);
	await pages.look(t, page, 'platform-system', '/platform/system');
	await pages.stack.sql(`INSERT INTO job (account_id, kind, state, attempts, last_error, finished_at) VALUES ($1, 'announce', 'dead', 5,
		'the template has no such name: https://a-rather-long-address.example/that/does/not/break/anywhere/at/all', now())`, [pages.maren.user.account.id]);
	await pages.look(t, page, 'platform-trouble', '/platform');
	await page.getByRole('link', { name: 'Look at them' }).click();
	await pages.look(t, page, 'platform-system-trouble');
	await page.getByRole('button', { name: /^Drop announce/ }).click();
	await page.getByText('The job is dropped.').waitFor();
});

test('all of it works without scripts', async () => {
	const page = await pages.open(root, { js: false });
	await page.goto('/platform/accounts');
	await page.getByLabel('Company, or').fill('northbridge');
	await press(page, 'Search');
	await page.getByRole('link', { name: 'Northbridge IT Services' }).click();
	await press(page, 'Look inside');
	await page.waitForURL('/flows');
	await press(page, 'Leave');
	await page.waitForURL('/platform/accounts');
	const firm = await register(pages.stack, { account_name: 'Script-free Ltd' });
	await page.goto(`/platform/accounts/${firm.user.account.id}/suspend`);
	await fill(page, { Reason: 'Asked for it' });
	await press(page, 'Suspend the account');
	await press(page, 'Let it go on');
	await page.goto('/platform/codes');
	await fill(page, { Label: 'By hand' });
	await press(page, 'Make the code');
	assert.match(await page.locator('#code-url').innerText(), /\/start\//);
});
