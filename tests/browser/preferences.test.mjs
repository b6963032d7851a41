// What one is told of: chosen on a page, with a script and without; stopped from a mail; and the count of notices in two tabs.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { colleague } from '../support/accounts.mjs';
import { fill, press } from '../support/journey.mjs';
import { openPages } from '../support/pages.mjs';
import { prepareSession, runnableFlow } from '../support/sessions.mjs';

let pages;
let jonas;
before(async () => {
	pages = await openPages();
	jonas = await colleague(pages.stack, pages.maren, 'engineer');
});
after(() => pages?.close());

const kept = async id => (await pages.stack.sql('SELECT event, channel, wish FROM preference WHERE person_id = $1 ORDER BY 1, 2', [id])).map(row => Object.values(row).join(' '));
const times = async id => (await pages.stack.sql('SELECT zone, quiet_from, quiet_until, quiet_days, urgent_anyway, digest_at, chime FROM person WHERE id = $1', [id]))[0];

for (const javaScriptEnabled of [true, false])
	test(`chosen and saved, JavaScript ${javaScriptEnabled ? 'on' : 'off'}`, async () => {
		const who = await colleague(pages.stack, pages.maren, 'engineer');
		const page = await pages.open(who, { javaScriptEnabled });
		await page.goto('/profile');
		await page.getByRole('link', { name: 'Choose your notifications' }).click();
		await page.waitForURL('**/profile/notifications');
		await fill(page, { 'E-mail: handed off': 'In the digest', 'Notice: prepared for you': false, From: '22:00', Until: '06:30', Sunday: true, 'Urgent ones come': false,
			'Time of the digest': '07:15', 'Your time zone': 'Europe/Berlin', 'A sound': true });
		await press(page, 'Save');
		await page.getByText('Saved.').waitFor();
		assert.deepEqual(await kept(who.id), ['escalation email digest', 'prepared inapp off']);
		assert.deepEqual(await times(who.id), { zone: 'Europe/Berlin', quiet_from: '22:00:00', quiet_until: '06:30:00', quiet_days: 64, urgent_anyway: false, digest_at: '07:15:00', chime: true });
		assert.equal(await page.getByLabel('E-mail: handed off').inputValue(), 'digest');
		assert.ok(await page.getByLabel('Sunday').isChecked());
		assert.ok(!await page.getByLabel('Notice: prepared for you').isChecked());
	});

test('the table of events is one for those who hear it', async () => {
	const page = await pages.open(jonas);
	await page.goto('/profile/notifications');
	const row = page.getByRole('row', { name: /Nobody took a case in time/ });
	assert.equal(await row.getByRole('combobox', { name: 'E-mail: not taken in time' }).count(), 1);
	assert.equal(await row.getByRole('checkbox', { name: 'Notice: not taken in time' }).count(), 1);
	assert.equal(await page.getByRole('group', { name: 'Quiet all day on' }).getByRole('checkbox').count(), 7);
	await page.setViewportSize({ width: 360, height: 800 });
	await row.getByRole('combobox').selectOption('Not at all');
	await press(page, 'Save');
	await page.getByText('Saved.').waitFor();
	assert.deepEqual(await kept(jonas.id), ['overdue email off']);
});

test('every page of it is sound', async t => {
	const page = await pages.tour(t, jonas, [['preferences', '/profile/notifications'], ['notices-none-jonas', '/notices']]);
	await fill(page, {});
	await page.goto('/profile/notifications');
	await fill(page, { From: '22:00' });
	await press(page, 'Save');
	await pages.look(t, page, 'preferences-refused', null, 422);
	const viewer = await colleague(pages.stack, pages.maren, 'viewer');
	await pages.tour(t, viewer, [['preferences-viewer', '/profile/notifications']]);
});

for (const javaScriptEnabled of [true, false])
	test(`from the mail to no more mail and back, JavaScript ${javaScriptEnabled ? 'on' : 'off'}`, async t => {
		const who = await colleague(pages.stack, pages.maren, 'engineer');
		const flow = await runnableFlow(pages.stack, pages.maren);
		await prepareSession(pages.stack, pages.maren, flow.id, { assigned_to_id: who.id });
		const [{ headers }] = await pages.stack.sql('SELECT headers FROM outbox WHERE recipient = $1', [who.email]);
		const path = new URL(headers['List-Unsubscribe'].slice(1, -1)).pathname;
		const page = await pages.open(null, { javaScriptEnabled });
		if (javaScriptEnabled)
			await pages.look(t, page, 'unsubscribe', path);
		await page.goto(path);
		await press(page, 'Stop these mails');
		await page.getByRole('heading', { name: 'These mails are off' }).waitFor();
		assert.deepEqual(await kept(who.id), ['prepared email off']);
		if (javaScriptEnabled)
			await pages.look(t, page, 'unsubscribed');
		await press(page, 'Turn them on again');
		await page.getByRole('heading', { name: 'These mails are on' }).waitFor();
		assert.deepEqual(await kept(who.id), []);
	});

test('two tabs count alike, as notices come and as they are read', async () => {
	const who = await colleague(pages.stack, pages.maren, 'engineer');
	const tell = text => pages.stack.sqlAs('rf_worker', pages.maren.user.account.id, `SELECT notice_add($1, $2, '')`, [who.id, text]);
	const page = await pages.open(who);
	await pages.stack.sql('UPDATE notice SET read_at = now() WHERE person_id = $1', [who.id]); // of this very sign-in
	const streams = page.waitForResponse('**/events?*');
	await page.goto('/notices');
	await streams;
	const other = await page.context().newPage();
	await other.goto('/profile');
	const counts = n => Promise.all([page, other].map(tab => tab.waitForFunction(n => {
		const count = document.getElementById('unread');
		return n ? count.textContent === n && !count.parentNode.hidden : count.parentNode.hidden;
	}, n)));
	await tell('One');
	await counts('1');
	await tell('Two');
	await counts('2');
	await page.reload();
	const first = page.getByRole('listitem').filter({ hasText: 'One' });
	assert.equal(await page.getByRole('heading', { name: 'Today' }).count(), 1);
	await first.getByRole('button', { name: 'Mark as read' }).click();
	await counts('1');
	assert.equal(await first.getByText('New', { exact: true }).count(), 0);
	await other.goto('/notices');
	await other.getByRole('button', { name: 'Mark all as read' }).click();
	await counts('');
	assert.equal(await other.getByText('New', { exact: true }).count(), 0);
});

test('notices stand by the days of the reader\'s own place', async () => {
	const who = await colleague(pages.stack, pages.maren, 'engineer');
	await pages.stack.sql(`UPDATE person SET zone = 'Pacific/Kiritimati' WHERE id = $1`, [who.id]);
	await pages.stack.sql(`INSERT INTO notice (id, account_id, person_id, text, created_at)
		SELECT format('00000000-0000-7000-8000-00000000000%s', 9 - n)::uuid, account_id, id, n::text, (date_trunc('day', now() AT TIME ZONE zone) - n * interval '12 hours' + interval '1 second') AT TIME ZONE zone FROM person, generate_series(0, 3) n WHERE id = $1`, [who.id]);
	const page = await pages.open(who);
	await page.goto('/notices');
	const regions = await page.getByRole('region').evaluateAll(all => all.map(one => `${one.querySelector('h2').textContent}: ${[...one.querySelectorAll('.strong')].map(text => text.textContent)}`));
	assert.deepEqual(regions.slice(0, 2), ['Today: New sign-in from Chrome on Linux,0', 'Yesterday: 1,2']);
	assert.match(regions[2], /^\d{1,2} \w+ \d{4}: 3$/);
});
