// Every page as the programs really send it: on a phone and on a desk, light and dark, for each role; what an
// error looks like; what comes out of the printer; and how little is sent for it.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { after, before, describe, test } from 'node:test';
import { API, PASSWORD, colleague, register } from '../support/accounts.mjs';
import { openBrowser } from '../support/browser.mjs';
import { fill, press, signIn, survey } from '../support/journey.mjs';
import { startStack } from '../support/stack.mjs';

let stack;
let browser;
let maren; // the admin of an account with many people
const people = {};
before(async () => {
	stack = await startStack({ settings: { DEMO: 1, WORKERS: 4 }, hub: true, jobs: true });
	browser = await openBrowser();
	maren = await register(stack, { name: 'Maren Holt', account_name: 'Northbridge IT Services' });
	for (const role of ['engineer', 'viewer', 'super_admin'])
		people[role] = await colleague(stack, maren, role);
	await stack.sql(`INSERT INTO person (account_id, id, email, name, role, password_hash, active, team_id)
		SELECT p.account_id, gen_random_uuid(), 'person' || n || '@northbridge.example',
		       (ARRAY['Jonas Weber', 'Priya Nair', 'Tom Albrecht', 'Aleksandra Wojciechowska-Konstantinopoulos'])[n % 4 + 1] || ' ' || n,
		       CASE WHEN n % 3 = 0 THEN 'viewer' ELSE 'engineer' END, 'none', n % 7 <> 0, CASE WHEN n % 2 = 0 THEN p.team_id END
		  FROM person p, generate_series(1, 120) n WHERE p.id = $1`, [maren.user.id]);
});
after(async () => {
	await browser?.close();
	await stack?.stop();
});

// A page whose last answer is kept, for what was sent is judged and not what scripts made of it; and what it asked
// for, but for its stream and the icon of its tab.
async function open(who) {
	const page = await browser.page(stack);
	page.on('request', request => {
		if (request.isNavigationRequest()) {
			page.asked = [];
			page.problems = []; // of the page before, which was looked at or only passed through
		}
		if (request.resourceType() !== 'eventsource' && !/\/icon\.\w+\.svg$/.test(request.url()))
			page.asked.push(request.url());
	});
	page.on('response', response => {
		if (response.request().isNavigationRequest() && (response.status() < 300 || response.status() >= 400))
			page.answer = response;
	});
	if (who)
		await signIn(page, who.email);
	return page;
}

// One page is one subtest: what is wrong with it does not keep the next from being looked at.
function look(t, page, name, path, status = 200) {
	return t.test(name, async () => {
		if (path)
			await page.goto(path);
		await page.waitForLoadState();
		assert.equal(page.answer.status(), status);
		assert.ok(page.asked.length <= 3, `the page, its style and its script: ${page.asked.join(' ')}`);
		const expected = [new RegExp(`the server responded with a status of ${status}`), /EventSource's response/];
		await survey(page, name, { html: await page.answer.text(), expected });
	});
}

async function mailedPath(who, kind) {
	const mail = await stack.mail(({ to, text }) => to.includes(who.email) && text.includes(`/${kind}/`));
	return new RegExp(`/${kind}/[\\w-]+`).exec(mail.text)[0];
}

// The pages of one browser, one after the other.
async function tour(t, who, stops) {
	const page = await open(who);
	for (const [name, path, status] of stops)
		await look(t, page, name, path, status);
	return page;
}

describe('every page', { concurrency: 2 }, () => {
	test('before signing in', async t => {
		const page = await tour(t, null, [['welcome', '/'], ['login', '/login'], ['login-signed-out', '/login?signed_out=1'],
			['register', '/register'], ['forgot', '/forgot']]);
		await page.goto('/login');
		await press(page, 'Sign in');
		await look(t, page, 'login-errors', null, 422);
		await page.goto('/login');
		await fill(page, { 'E-mail address': maren.email, 'Password': 'not this one' });
		await press(page, 'Sign in');
		await look(t, page, 'login-wrong', null, 401);
		await page.goto('/register');
		await press(page, 'Create account');
		await look(t, page, 'register-errors', null, 422);
		await page.goto('/forgot');
		await fill(page, { 'E-mail address': maren.email });
		await press(page, 'Send the link');
		await look(t, page, 'forgot-sent');
	});

	test('by a link from a mail', async t => {
		const ben = await register(stack, { name: 'Ben Adams' });
		const page = await open();
		await look(t, page, 'verify', await mailedPath(ben, 'verify'));
		await press(page, 'Yes, confirm it');
		await look(t, page, 'verified');
		await stack.visitor().post('/forgot', { email: ben.email });
		await look(t, page, 'reset', await mailedPath(ben, 'reset'));
		await press(page, 'Set the password');
		await look(t, page, 'reset-errors', null, 422);
		await look(t, page, 'link-spent', '/reset/unknown');
		const { code } = (await stack.request('POST', `${API}/invites`, { bearer: ben.access_token, json: { role: 'engineer' } })).json;
		await look(t, page, 'join', `/join/${code}`);
		await look(t, page, 'join-spent', '/join/unknown');
		await tour(t, ben, [['home-new', '/'], ['invites-one', '/invites'], ['users-one', '/users'], ['notices-none', '/notices']]);
	});

	test('of an admin', async t => {
		const { id, account } = maren.user;
		const tell = text => stack.sqlAs('rf_worker', account.id, `SELECT notice_add($1, $2, '/profile')`, [id, text]);
		await tell('Priya Nair handed a session to you: VPN does not connect');
		await stack.sql('UPDATE notice SET read_at = now() WHERE person_id = $1', [id]);
		await tell('Tom Albrecht prepared a session for you: Onboarding');
		const [{ id: team }] = await stack.sql('SELECT id FROM team WHERE account_id = $1', [account.id]);
		const page = await tour(t, maren, [['home-admin', '/'], ['profile', '/profile'], ['password', '/profile/password'], ['devices', '/devices'],
			['users', '/users'], ['users-page-2', '/users?page=2'], ['users-nobody', '/users?q=nobody+at+all'], ['user', `/users/${people.engineer.id}`],
			['user-you', `/users/${id}`], ['teams', '/teams'], ['team', `/teams/${team}`], ['notices', '/notices'],
			['dev-ui', '/dev/ui'], ['dev-mail', '/dev/mail']]);
		await page.goto('/teams');
		await fill(page, { Name: 'everyone' });
		await press(page, 'Add the team');
		await look(t, page, 'teams-taken', null, 409);
		await page.goto('/profile/password');
		await fill(page, { 'Current password': 'wrong', 'New password': 'a quite new password' });
		await press(page, 'Change password');
		await look(t, page, 'password-wrong', null, 422);
	});

	test('of invites, mails and a kept form', async t => {
		const page = await open(maren);
		await page.goto('/invites');
		await fill(page, { 'E-mail address': 'new.colleague@northbridge.example', Role: 'Engineer' });
		await press(page, 'Make the invite');
		await look(t, page, 'invite-made');
		await look(t, page, 'invites', '/invites');
		await fill(page, { 'E-mail address': 'nonsense' });
		await press(page, 'Make the invite');
		await look(t, page, 'invites-errors', null, 422);
		await stack.mail(({ to }) => to.includes('new.colleague@'));
		await page.goto('/dev/mail');
		await page.getByRole('link', { name: 'invite' }).first().click();
		await page.waitForURL(/mail\/./);
		await look(t, page, 'dev-mail-item');
		await page.goto('/profile');
		await page.context().clearCookies({ name: /access|refresh/ });
		await fill(page, { 'Your name': 'Maren Holt-Weber' });
		await press(page, 'Save');
		await look(t, page, 'login-kept');
		await fill(page, { 'E-mail address': maren.email, 'Password': PASSWORD });
		await press(page, 'Sign in');
		await page.waitForURL('/kept');
		await look(t, page, 'kept');
	});

	test('of what goes wrong', async t => {
		const page = await tour(t, people.engineer, [['error-400', '/profile?x=%ff', 400], ['error-404', '/nothing/here', 404],
			['error-404-file', '/static/nothing.css', 404], ['error-405', '/logout', 405]]);
		await page.goto('/profile');
		await page.getByLabel('Your name').evaluate(input => { input.value = 'x'.repeat(2 ** 20); });
		await press(page, 'Save');
		await look(t, page, 'error-413', null, 413);
		const stranger = await open();
		for (let wrong = 0; wrong < 11; wrong++) {
			await stranger.goto('/login');
			await fill(stranger, { 'E-mail address': 'nobody@example.com', 'Password': 'not this one' });
			await press(stranger, 'Sign in');
		}
		await look(t, stranger, 'login-too-often', null, 429);
	});

	for (const role of ['engineer', 'viewer', 'super_admin'])
		test(`of the ${role}`, t => tour(t, people[role], [[`home-${role}`, '/'], [`profile-${role}`, '/profile'],
			...role === 'super_admin' ? [] : [[`forbidden-${role}`, '/users', 403]]]));
});

test('on paper there is no way to go, and pages are counted', async () => {
	const page = await open(maren);
	for (const [name, path] of [['profile', '/profile'], ['users', '/users']]) {
		await page.goto(path);
		const file = `${stack.dir}/${name}.pdf`;
		await page.pdf({ path: file, preferCSSPageSize: true });
		const text = execFileSync('pdftotext', ['-layout', file, '-'], { encoding: 'utf8' });
		const sheets = text.split('\f').filter(sheet => sheet.trim());
		sheets.forEach((sheet, at) => assert.match(sheet, new RegExp(`Page ${at + 1} of ${sheets.length}`)));
		assert.doesNotMatch(text, /Skip to|Menu|Sign out|Notices|Home|Invite|Teams\b|Next|Save|Search/);
		if (name === 'users')
			sheets.forEach(sheet => assert.match(sheet, /Name +Role +Team +Status +Last seen/, 'the head of the table on each sheet'));
	}
	await page.context().close();
});

test('little is sent: one style, one script', async () => {
	const { text } = await stack.request('GET', '/login');
	const sizes = { css: 24 * 1024, js: 6 * 1024 };
	for (const [kind, most] of Object.entries(sizes)) {
		const [path, ...more] = text.match(new RegExp(`/static/[\\w.-]+\\.${kind}`, 'g'));
		assert.deepEqual(more, []);
		const { body } = await stack.request('GET', path);
		assert.ok(body.length <= most, `${path} has ${body.length} bytes`);
	}
});

// Last, for the worker is gone then.
test('the database gone, and all of it gone', async t => {
	const page = await open(maren);
	await stack.sql('UPDATE pg_database SET datallowconn = false WHERE datname = $1', [stack.name]);
	await stack.sql('SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1 AND pid <> pg_backend_pid()', [stack.name]);
	await look(t, page, 'error-503', '/profile', 503);
	await stack.sql('UPDATE pg_database SET datallowconn = true WHERE datname = $1', [stack.name]);
	await stack.kill('worker');
	await look(t, page, 'error-502', '/profile', 502);
});
