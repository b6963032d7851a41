// Signing in and being signed out, as it happens to people: wrong and forgotten passwords, other devices, a form
// that outlived its sign-in, many tabs at once, and what the profile sets.  Without JavaScript and with it.
import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { PASSWORD, register } from '../support/accounts.mjs';
import { openStack } from '../support/browser.mjs';
import { fill, press, signIn } from '../support/journey.mjs';
import { patient } from '../support/patience.mjs';
import { startStack } from '../support/stack.mjs';

const { stack, browser } = await openStack({ hub: true, jobs: true });
const brief = await startStack({ settings: { ACCESS_TOKEN_SECONDS: 1 } }); // where an access cookie holds for a second
after(() => brief.stop());

const path = page => new URL(page.url()).pathname;
const focused = page => page.evaluate(() => document.activeElement.id || document.activeElement.className);

async function someone(js, on = stack) {
	const person = await register(on);
	const page = await browser.page(on, { js });
	await signIn(page, person.email);
	return { ...person, page };
}

async function mistakes(js) {
	const { email } = await register(stack);
	const page = await browser.page(stack, { js });
	await page.goto('/profile');
	assert.equal(path(page), '/login', 'signing in comes first');
	assert.equal(await focused(page), 'email');
	for (const [fields, messages] of [
		[{}, ['E-mail address is needed.', 'Password is needed.']],
		[{ 'E-mail address': email, 'Password': 'wrong wrong' }, ['This e-mail address and password do not belong together.']],
	]) {
		await fill(page, fields);
		await press(page, 'Sign in');
		await page.getByRole('alert').waitFor();
		assert.deepEqual(await page.getByRole('alert').getByRole('link').allInnerTexts(), messages);
		assert.match(await page.title(), /^Error: /);
		assert.equal(await focused(page), 'err-sum', 'the focus is on what is wrong');
	}
	assert.equal(await page.getByLabel('E-mail address').inputValue(), email);
	assert.equal(await page.locator('#password').inputValue(), '');
	await fill(page, { Password: PASSWORD });
	await press(page, 'Sign in');
	await page.waitForURL('/profile'); // and then where one wanted to go
}

async function forgot(js) {
	const { email } = await register(stack);
	const page = await browser.page(stack, { js });
	await page.goto('/login');
	await page.getByRole('link', { name: 'Forgot your password?' }).click();
	await fill(page, { 'E-mail address': email });
	await press(page, 'Send the link');
	await page.getByRole('heading', { name: 'Check your e-mail' }).waitFor();
	const mail = await stack.mail(({ to, subject }) => to.includes(email) && /password/.test(subject));
	await page.goto(/https?:\/\/\S+/.exec(mail.text)[0]);
	await fill(page, { 'New password': 'short' });
	await press(page, 'Set the password');
	await page.getByRole('alert').waitFor();
	await fill(page, { 'New password': 'another proven path' });
	await press(page, 'Set the password');
	await page.getByRole('status').filter({ hasText: 'Your password is set' }).waitFor();
	await fill(page, { 'E-mail address': email, 'Password': 'another proven path' });
	await press(page, 'Sign in');
	await page.getByRole('heading', { name: 'Welcome, Ann Smith' }).waitFor();
}

async function endOther(page) {
	await page.goto('/devices');
	const device = page.getByRole('article', { name: 'Firefox on Windows' });
	await device.getByRole('link', { name: 'Sign out' }).click();
	await fill(page, { 'Your password': PASSWORD });
	await press(page, 'Sign out');
	await page.getByRole('status').filter({ hasText: 'That device is signed out' }).waitFor();
}

const FIREFOX = 'Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:153.0) Gecko/20100101 Firefox/153.0';

async function otherDevice(js, email, to) {
	const other = await browser.page(stack, { js, userAgent: FIREFOX });
	const listening = js && other.waitForResponse(response => path({ url: () => response.url() }) === '/events');
	await signIn(other, email);
	await listening;
	if (to) {
		const again = js && other.waitForResponse('**/events?*');
		await other.goto(to);
		await again;
	}
	return other;
}

async function devices(js) {
	const { email, page } = await someone(js);
	const other = await otherDevice(js, email);
	await endOther(page);
	if (js)
		await other.waitForURL('/login?signed_out=1', { timeout: patient(2000) });
	else
		await other.goto('/profile');
	assert.equal(path(other), '/login');
	await page.reload();
	assert.equal(path(page), '/devices', 'this one stays');
}

async function unsentText() {
	const { email, user, page } = await someone(true);
	const other = await otherDevice(true, email, '/profile');
	await fill(other, { 'Your name': 'Ann Typed' });
	await endOther(page);
	await other.getByRole('status').filter({ hasText: 'You were signed out. Your text is kept when you send it.' }).waitFor({ state: 'attached', timeout: patient(2000) });
	assert.equal(path(other), '/profile', 'not taken from under the hands');
	await press(other, 'Save');
	await sendKept(other, email, 'Ann Typed');
	assert.equal((await stack.sql('SELECT name FROM person WHERE id = $1', [user.id]))[0].name, 'Ann Typed');
}

async function sendKept(page, email, text) {
	await page.getByRole('status').filter({ hasText: 'your text is safe' }).waitFor();
	await fill(page, { 'E-mail address': email, 'Password': PASSWORD });
	await press(page, 'Sign in');
	await page.getByRole('definition').filter({ hasText: text }).waitFor();
	await press(page, 'Send again');
	await page.getByRole('status').filter({ hasText: 'Saved' }).waitFor();
}

async function expired(js) {
	const { email, user, page } = await someone(js);
	await page.goto('/profile');
	const name = 'Typed – with "care" & <love>';
	await fill(page, { 'Your name': name, 'Single-key shortcuts': false });
	await stack.sql('DELETE FROM sign_in WHERE person_id = $1', [user.id]);
	await press(page, 'Save');
	await sendKept(page, email, name);
	assert.equal(await page.getByLabel('Your name').inputValue(), name);
	assert.equal(await page.getByLabel('Single-key shortcuts').isChecked(), false);
}

async function profile(js) {
	const { page } = await someone(js);
	const ground = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
	await page.goto('/profile');
	const light = await ground();
	await fill(page, { 'Colours': 'Dark', 'Single-key shortcuts': false });
	await press(page, 'Save');
	await page.getByRole('status').filter({ hasText: 'Saved' }).waitFor();
	for (const to of ['/profile', '/', '/nothing/here']) {
		const answer = await page.goto(to);
		assert.match(await answer.text(), /<html lang="en" data-theme="dark">/, 'the server says so, no script');
		assert.notEqual(await ground(), light);
	}
	await page.goto('/profile');
	assert.equal(await page.getByLabel('Single-key shortcuts').isChecked(), false);
	await fill(page, { 'Single-key shortcuts': true });
	await press(page, 'Save');
	await page.getByRole('status').filter({ hasText: 'Saved' }).waitFor();
	assert.equal(await page.getByLabel('Single-key shortcuts').isChecked(), true);
}

async function tabs(js) {
	const { email, page } = await someone(js, brief);
	await sleep(2100); // the cookie is gone, and the clock's slack too
	const open = await Promise.all([1, 2, 3, 4].map(() => page.context().newPage()));
	const all = [page, ...open];
	const paths = ['/profile', '/devices', '/', '/users', '/profile'];
	await Promise.all(all.map((tab, at) => tab.goto(paths[at])));
	assert.deepEqual(all.map(path), paths, 'all as they were asked for');
	await sleep(2100);
	await Promise.all(all.map(tab => tab.reload()));
	assert.deepEqual(all.map(path), paths);
	assert.equal((await brief.sql('SELECT FROM sign_in s JOIN person p ON p.id = s.person_id WHERE p.email = $1 AND s.ended_at IS NULL', [email])).length, 2, 'none was taken for theft');
}

for (const js of [false, true])
	describe(js ? 'with JavaScript' : 'without JavaScript', { concurrency: 2 }, () => {
		test('mistakes', () => mistakes(js));
		test('a forgotten password', () => forgot(js));
		test('another device is signed out', () => devices(js));
		test('a form that outlived its sign-in', () => expired(js));
		test('the profile\'s colours and keys', () => profile(js));
		test('five tabs whose access has run out', () => tabs(js));
	});
test('signed out elsewhere, over text that was not sent', () => unsentText());
