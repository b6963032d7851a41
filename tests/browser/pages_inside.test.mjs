// Every page of those who are signed in, as the programs really send it: on a phone and on a desk, light and dark, for
// each role; and what comes out of the printer.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { after, before, test } from 'node:test';
import { PASSWORD } from '../support/accounts.mjs';
import { fill, press } from '../support/journey.mjs';
import { colleagues, openPages } from '../support/pages.mjs';

let pages;
let people;
before(async () => {
	pages = await openPages();
	people = await colleagues(pages);
	await pages.stack.sql(`INSERT INTO person (account_id, id, email, name, role, password_hash, active, team_id)
		SELECT p.account_id, gen_random_uuid(), 'person' || n || '@northbridge.example',
		       (ARRAY['Jonas Weber', 'Priya Nair', 'Tom Albrecht', 'Aleksandra Wojciechowska-Konstantinopoulos'])[n % 4 + 1] || ' ' || n,
		       CASE WHEN n % 3 = 0 THEN 'viewer' ELSE 'engineer' END, 'none', n % 7 <> 0, CASE WHEN n % 2 = 0 THEN p.team_id END
		  FROM person p, generate_series(1, 120) n WHERE p.id = $1`, [pages.maren.user.id]);
});
after(() => pages?.close());

test('of an admin', async t => {
	const { id, account } = pages.maren.user;
	const tell = text => pages.stack.sqlAs('rf_worker', account.id, `SELECT notice_add($1, $2, '/profile')`, [id, text]);
	await tell('Priya Nair handed a session to you: VPN does not connect');
	await pages.stack.sql('UPDATE notice SET read_at = now() WHERE person_id = $1', [id]);
	await tell('Tom Albrecht prepared a session for you: Onboarding');
	const [{ id: team }] = await pages.stack.sql('SELECT id FROM team WHERE account_id = $1', [account.id]);
	const page = await pages.tour(t, pages.maren, [['home-admin', '/'], ['profile', '/profile'], ['password', '/profile/password'], ['devices', '/devices'], ['devices-end', '/devices/end-others'],
		['users', '/users'], ['users-page-2', '/users?page=2'], ['users-nobody', '/users?q=nobody+at+all'], ['user', `/users/${people.engineer.id}`],
		['user-you', `/users/${id}`], ['teams', '/teams'], ['team', `/teams/${team}`], ['notices', '/notices'],
		['dev-ui', '/dev/ui'], ['dev-mail', '/dev/mail']]);
	await page.goto('/teams');
	await fill(page, { Name: 'everyone' });
	await press(page, 'Add the team');
	await pages.look(t, page, 'teams-taken', null, 409);
	await page.goto('/profile/password');
	await fill(page, { 'Current password': 'wrong', 'New password': 'a quite new password' });
	await press(page, 'Change password');
	await pages.look(t, page, 'password-wrong', null, 422);
});

test('of invites, mails and a kept form', async t => {
	const page = await pages.open(pages.maren);
	await page.goto('/invites');
	await fill(page, { 'E-mail address': 'new.colleague@northbridge.example', Role: 'Engineer' });
	await press(page, 'Make the invite');
	await pages.look(t, page, 'invite-made');
	await pages.look(t, page, 'invites', '/invites');
	await fill(page, { 'E-mail address': 'nonsense' });
	await press(page, 'Make the invite');
	await pages.look(t, page, 'invites-errors', null, 422);
	await pages.stack.mail(({ to }) => to.includes('new.colleague@'));
	await page.goto('/dev/mail');
	await page.getByRole('link', { name: 'invite' }).first().click();
	await page.waitForURL(/mail\/./);
	await pages.look(t, page, 'dev-mail-item');
	await page.goto('/profile');
	await page.context().clearCookies({ name: /access|refresh/ });
	await fill(page, { 'Your name': 'Maren Holt-Weber' });
	await press(page, 'Save');
	await pages.look(t, page, 'login-kept');
	await fill(page, { 'E-mail address': pages.maren.email, 'Password': PASSWORD });
	await press(page, 'Sign in');
	await page.waitForURL('/kept');
	await pages.look(t, page, 'kept');
});

for (const role of ['engineer', 'viewer', 'super_admin'])
	test(`of the ${role}`, t => pages.tour(t, people[role], [[`home-${role}`, '/'], [`profile-${role}`, '/profile'],
		...role === 'super_admin' ? [] : [[`forbidden-${role}`, '/users', 403]]]));

test('on paper there is no way to go, and pages are counted', async () => {
	const page = await pages.open(pages.maren);
	for (const [name, path] of [['profile', '/profile'], ['users', '/users']]) {
		await page.goto(path);
		const file = `${pages.stack.dir}/${name}.pdf`;
		await page.pdf({ path: file, preferCSSPageSize: true });
		const text = execFileSync('pdftotext', ['-layout', file, '-'], { encoding: 'utf8' });
		const sheets = text.split('\f').filter(sheet => sheet.trim());
		sheets.forEach((sheet, at) => assert.match(sheet, new RegExp(`Page ${at + 1} of ${sheets.length}`)));
		assert.doesNotMatch(text, /Skip to|Menu|Sign out|Notices|Home|Invite|Teams\b|Next|Save|Search/);
		if (name === 'users')
			sheets.forEach(sheet => assert.match(sheet, /Name +Role +Team +Status +Second factor +Last active/, 'the head of the table on each sheet'));
	}
	await page.context().close();
});
