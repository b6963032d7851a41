// The stream of events in an open page, when the sign-in ends and when the hub is away.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { PASSWORD, register } from '../support/accounts.mjs';
import { openStack } from '../support/browser.mjs';
import { fill, press, signIn } from '../support/journey.mjs';
import { deadline } from '../support/patience.mjs';

const HUB_RETRY = 5000; // the most that the hub tells a browser to wait
const { stack, browser } = await openStack({ hub: true });

// A page whose clock is ours, and the statuses that its requests for the stream got.
async function listener(email) {
	const page = await browser.page(stack);
	page.heard = [];
	await page.clock.install();
	const ofHome = page.waitForResponse('**/events?*');
	await signIn(page, email);
	await ofHome;
	page.on('response', response => new URL(response.url()).pathname === '/events' && page.heard.push(response.status()));
	await page.goto('/profile');
	await heard(page, 200);
	return page;
}

async function heard(page, ...statuses) {
	for (const end = deadline(10); page.heard.join() !== statuses.join(); await sleep(20))
		assert.ok(Date.now() < end, `${page.heard} and not ${statuses}`);
}

// Whatever the page wants to do later it does now; the browser's own return is not the page's.
async function staysSilent(page, ...statuses) {
	for (const _ of [1, 2, 3])
		await page.clock.fastForward('10:00');
	await sleep(HUB_RETRY + 500);
	assert.deepEqual(page.heard, statuses);
}

test('signed out on all other devices: the stream of a page that stays ends for good', async () => {
	const { email } = await register(stack);
	const other = await listener(email);
	await fill(other, { 'Your name': 'Ann Typed' });
	const page = await browser.page(stack);
	await signIn(page, email);
	await page.goto('/devices');
	await page.getByRole('link', { name: 'Sign out 2 other devices' }).click(); // the other page, and where the account was made
	await fill(page, { 'Your password': PASSWORD });
	await press(page, 'Sign out');
	await other.getByRole('status').filter({ hasText: 'You were signed out' }).waitFor({ state: 'attached' });
	await staysSilent(other, 200);
});

test('signed out while nobody could say so: it comes back once, and then no more', async () => {
	const { email, user } = await register(stack);
	const page = await listener(email);
	await stack.sql("UPDATE sign_in SET ended_at = now(), ended_why = 'test' WHERE person_id = $1", [user.id]);
	await stack.kill('hub');
	await stack.startHub();
	await heard(page, 200, 204); // the browser's own return
	await page.clock.fastForward('00:10');
	await heard(page, 200, 204, 204);
	await staysSilent(page, 200, 204, 204);
});

test('a hub that was away is heard again', async () => {
	const { email, user } = await register(stack);
	const page = await listener(email);
	await stack.kill('hub');
	await heard(page, 200, 502);
	await page.clock.fastForward('00:10');
	await heard(page, 200, 502, 502, 502); // asked, and tried
	await stack.startHub();
	await page.clock.fastForward('00:20');
	await heard(page, 200, 502, 502, 502, 200, 200);
	await stack.sqlAs('rf_worker', user.account.id, "SELECT notice_add($1, 'Hello again', '/profile')", [user.id]);
	await stack.sql("SELECT pg_notify('bell_event', $1)", [user.account.id]);
	await page.getByRole('status').filter({ hasText: 'New notice' }).waitFor({ state: 'attached' });
});
