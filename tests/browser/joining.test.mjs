// A company comes to work with ResolutionFlow: registering, inviting, joining, roles, leaving.  Everything is done
// twice, without JavaScript and with it.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { PASSWORD, colleague, newAddress, register } from '../support/accounts.mjs';
import { openStack } from '../support/browser.mjs';
import { fill, menu, press, signIn } from '../support/journey.mjs';
import { patient } from '../support/patience.mjs';

const { stack, browser } = await openStack({ hub: true, jobs: true });

const path = page => new URL(page.url()).pathname;
const heading = page => page.getByRole('heading', { level: 1 }).innerText();

async function mailedLink(to, subject) {
	const mail = await stack.mail(found => found.to.includes(to) && subject.test(found.subject));
	return { mail, link: /https?:\/\/\S+/.exec(mail.text)[0] };
}

async function signUp(page, { name, company, email }) {
	await page.goto('/');
	await page.getByRole('link', { name: 'Create an account' }).first().click();
	await fill(page, { 'Your name': name, 'Company name': company, 'E-mail address': email, 'Password': PASSWORD });
	await press(page, 'Create account');
	await page.waitForURL('/');
	assert.equal(await heading(page), `Welcome, ${name}`);
}

async function confirmAddress(page, email) {
	await page.getByText('Please confirm your e-mail address.').waitFor();
	const { link } = await mailedLink(email, /Confirm/);
	await page.goto(link);
	await press(page, 'Yes, confirm it');
	await page.getByRole('heading', { name: 'Your e-mail address is confirmed' }).waitFor();
	await page.getByRole('link', { name: 'Go to your home page' }).click();
	await page.waitForURL('/');
	assert.equal(await page.getByText('Please confirm').count(), 0);
}

async function invite(page, email) {
	await page.getByRole('main').getByRole('link', { name: 'Invite a colleague' }).first().click();
	await fill(page, { 'E-mail address': email, 'Role': 'Viewer' });
	await press(page, 'Make the invite');
	await page.getByRole('heading', { name: 'The invite is on its way' }).waitFor();
	const { mail, link } = await mailedLink(email, /invites you/);
	assert.match(mail.text, /^Ann Smith invites you to work with Acme & Sons/);
	assert.match(mail.text, /in 7 days/);
	return link;
}

async function join(page, link, { name, email }) {
	await page.goto(link);
	assert.equal(await heading(page), 'Join Acme & Sons');
	assert.equal(await page.getByLabel('E-mail address').inputValue(), email, 'the address of the invite stands there');
	await fill(page, { 'Your name': name, 'Password': PASSWORD });
	await press(page, 'Join');
	await page.waitForURL('/');
}

async function change(admin, person, fields) {
	await admin.goto('/users');
	await admin.getByRole('link', { name: person }).click();
	await fill(admin, fields);
	await press(admin, 'Save');
	await admin.getByRole('status').filter({ hasText: 'Saved' }).waitFor();
}

async function company(js) {
	const ann = { name: 'Ann Smith', company: 'Acme & Sons', email: newAddress() };
	const bob = { name: 'Bob Ray', email: newAddress('bob') };
	const admin = await browser.page(stack, { js });
	await signUp(admin, ann);
	await confirmAddress(admin, ann.email);
	const link = await invite(admin, bob.email);

	const guest = await browser.page(stack, { js });
	await join(guest, link, bob);
	assert.deepEqual(await menu(guest), ['Home', 'Flows', 'Sessions'], 'a viewer does not manage people');
	await guest.goto('/users');
	assert.equal(await heading(guest), 'Not allowed');
	assert.deepEqual(await menu(guest), ['Home', 'Flows', 'Sessions'], 'who is refused is signed in still');

	await change(admin, bob.name, { 'Role': 'Team admin', 'Team': 'Everyone' });
	await guest.goto('/profile');
	assert.deepEqual(await menu(guest), ['Home', 'Flows', 'Sessions', 'Escalations', 'Account'], 'the new role, at the next page');
	await guest.getByRole('definition').filter({ hasText: 'Everyone' }).waitFor();

	await admin.getByRole('link', { name: 'Deactivate …' }).click();
	await press(admin, 'Deactivate');
	await admin.getByRole('button', { name: 'Let them in again' }).waitFor();
	if (js)
		await guest.waitForURL('/login?signed_out=1', { timeout: patient(5000) });
	else
		await guest.goto('/profile');
	assert.equal(path(guest), '/login');
	await fill(guest, { 'E-mail address': bob.email, 'Password': PASSWORD });
	await press(guest, 'Sign in');
	await guest.getByRole('alert').waitFor();
	assert.deepEqual([...admin.problems, ...guest.problems.filter(text => !/status of 40[13]|EventSource's response/.test(text))], []);
}

async function doubleSend(js) {
	const ann = await register(stack);
	const page = await browser.page(stack, { js });
	await signIn(page, ann.email);
	const rows = async name => (await stack.sql('SELECT FROM team WHERE account_id = $1 AND name = $2', [ann.user.account.id, name])).length;
	await page.goto('/teams');
	await fill(page, { Name: 'Night shift' });
	await page.getByRole('button', { name: 'Add the team' }).dblclick();
	await page.getByRole('status').filter({ hasText: 'The team is added' }).waitFor();
	assert.equal(await rows('Night shift'), 1);
	assert.equal(await page.getByRole('row', { name: 'Night shift' }).count(), 1);

	await fill(page, { Name: 'Day shift' });
	await page.getByLabel('Name').press('Control+s'); // saves with a script, and is the browser's own without
	await page.getByLabel('Name').press('Enter').catch(() => {});
	await page.getByRole('row', { name: 'Day shift' }).waitFor();
	assert.equal(await rows('Day shift'), 1);

	await fill(page, { Name: 'NIGHT shift' });
	await press(page, 'Add the team');
	await isRefused(page, 'There is a team of that name already.');
	assert.equal(await page.getByRole('textbox', { name: 'Name' }).inputValue(), 'NIGHT shift');

	await page.getByRole('link', { name: 'Day shift' }).click();
	await fill(page, { Name: 'night Shift' });
	await press(page, 'Rename');
	await isRefused(page, 'There is a team of that name already.');
	await fill(page, { Name: 'Late shift' });
	await press(page, 'Rename');
	await page.getByRole('heading', { name: 'Late shift' }).waitFor();
}

async function isRefused(page, message) {
	await page.getByRole('alert').getByRole('link', { name: message }).waitFor();
	assert.match(await page.title(), /^Error: /);
	assert.equal(await page.evaluate(() => document.activeElement.className), 'err-sum');
}

async function lastAdmin(js) {
	const ann = await register(stack);
	const page = await browser.page(stack, { js });
	await signIn(page, ann.email);
	await page.goto(`/users/${ann.user.id}`);
	await fill(page, { Role: 'Engineer' });
	await press(page, 'Save');
	await isRefused(page, /^This is the last team admin of the account/);
	const second = await colleague(stack, ann, 'team_admin');
	await fill(page, { Role: 'Engineer' });
	await press(page, 'Save');
	await isRefused(page, /owns this account\. It has to be handed on first/);
	await stack.sql('UPDATE person SET is_owner = false WHERE id = $1', [ann.user.id]);
	await stack.sql('UPDATE person SET is_owner = true WHERE id = $1', [second.id]);
	await fill(page, { Role: 'Engineer' });
	await press(page, 'Save');
	await page.getByRole('heading', { name: 'Welcome, Ann Smith' }).waitFor();
	assert.deepEqual(await menu(page), ['Home', 'Flows', 'Sessions', 'Escalations']);
}

for (const js of [false, true])
	describe(js ? 'with JavaScript' : 'without JavaScript', { concurrency: 2 }, () => {
		test('a company registers, invites, promotes and parts', () => company(js));
		test('teams: sent twice is added once, a taken name is refused', () => doubleSend(js));
		test('the last admin stays one, and who steps down knows', () => lastAdmin(js));
	});
