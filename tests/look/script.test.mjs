// What the script does, on the rendered samples.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inBrowser } from './showcase.mjs';

inBrowser('what the script does', show => {
	test('without a script the focus is on what is wrong, and the menu opens', async () => {
		const page = await show.open('login_errors', { javaScriptEnabled: false });
		assert.match(await page.title(), /^Error: /);
		assert.equal(await page.locator('.err-sum:focus').count(), 1);
		await page.goto(`${show.base}/users`);
		await page.getByRole('button', { name: 'Menu' }).click();
		assert.ok(await page.getByRole('button', { name: 'Sign out' }).isVisible());
	});
	test('an error leads to its field', async () => {
		const page = await show.open('login_errors');
		await page.getByRole('link', { name: 'Enter your password' }).click();
		assert.equal(await page.evaluate(() => document.activeElement.id), 'password');
	});
	test('a password can be shown', async () => {
		const page = await show.open('login');
		const field = page.locator('#password');
		assert.deepEqual([await field.getAttribute('type'), await field.getAttribute('autocomplete')], ['password', 'current-password']);
		assert.ok(await field.evaluate(node => node.dispatchEvent(new ClipboardEvent('paste', { cancelable: true, bubbles: true }))), 'pasting is let be');
		await page.getByRole('button', { name: 'Show password' }).click();
		assert.equal(await page.locator('#password').getAttribute('type'), 'text');
		await page.getByRole('button', { name: 'Hide password' }).click();
		assert.equal(await page.locator('#password').getAttribute('type'), 'password');
	});
	test('a form is sent once', async () => {
		const page = await show.open('forgot');
		show.posts.length = 0;
		for (const press of [1, 2]) {
			await page.evaluate(() => document.querySelector('main form').requestSubmit());
			await page.waitForTimeout(100 * press);
		}
		assert.deepEqual(show.posts, ['/forgot']);
	});
	test('Ctrl and S saves the form that asks for it', async () => {
		const page = await show.open('profile');
		show.posts.length = 0;
		await page.keyboard.press('Control+s');
		await page.waitForTimeout(200);
		assert.deepEqual(show.posts, ['/profile']);
	});
	test('a changed form is not left by mistake, an unchanged one is', async () => {
		const page = await show.open('profile');
		const asked = [];
		page.on('dialog', dialog => {
			asked.push(dialog.type());
			dialog.accept();
		});
		await page.goto(`${show.base}/profile`);
		await page.getByLabel('Your name').fill('Dana');
		await page.goto(`${show.base}/users`);
		assert.deepEqual(asked, ['beforeunload']);
	});
	test('times are told in words', async () => {
		const page = await show.open('dev_mail');
		assert.match(await page.locator('time').first().textContent(), /ago$|just now|\d{4}$|^in |yesterday|tomorrow/);
	});
	test('a notice is counted in every tab over one stream', async () => {
		show.streams.length = 0;
		const page = await show.open('users');
		const other = await page.context().newPage();
		await other.goto(`${show.base}/users`);
		await page.waitForTimeout(300);
		assert.equal(show.streams.length, 1);
		show.streams[0].write('event: notice\ndata: {"unread":4}\n\n');
		for (const tab of [page, other]) {
			await tab.waitForFunction(() => document.getElementById('unread').textContent === '4');
			assert.equal(await tab.locator('#live').textContent(), 'New notice');
		}
		show.streams[0].write('event: notice_read\ndata: {"unread":0}\n\n');
		for (const tab of [page, other])
			await tab.waitForFunction(() => document.getElementById('unread').parentNode.hidden);
	});
	test('signed out elsewhere: the tab says so, but not over unsent text', async () => {
		show.streams.length = 0;
		const page = await show.open('profile');
		await page.getByLabel('Your name').fill('Dana');
		await page.waitForTimeout(300);
		show.streams[0].write('event: signed_out\ndata: {}\n\n');
		await page.waitForFunction(() => /signed out/.test(document.getElementById('live').textContent));
		assert.match(page.url(), /profile$/);
		show.streams.length = 0;
		const calm = await show.open('users');
		await calm.waitForTimeout(300);
		show.streams[0].write('event: signed_out\ndata: {}\n\n');
		await calm.waitForURL(/\/login\?signed_out=1$/);
	});
	test('the invite is copied', async () => {
		const page = await show.open('invite_made', { permissions: ['clipboard-read', 'clipboard-write'] });
		await page.getByRole('button', { name: 'Copy the link' }).click();
		await page.getByRole('button', { name: 'Copied' }).waitFor();
		assert.equal(await page.evaluate(() => navigator.clipboard.readText()), 'https://flows.northgate-it.example/register?invite=RF-7Q2M-93KD-VT8A-LLX0');
	});
});
