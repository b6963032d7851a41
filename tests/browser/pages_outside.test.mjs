// Every page that needs no sign-in, as the programs really send it: on a phone and on a desk, light and dark; what an
// error looks like; and how little is sent for it.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { API, register } from '../support/accounts.mjs';
import { fill, press } from '../support/journey.mjs';
import { openPages } from '../support/pages.mjs';

let pages;
before(async () => { pages = await openPages(); });
after(() => pages?.close());

async function mailedPath(who, kind) {
	const mail = await pages.stack.mail(({ to, text }) => to.includes(who.email) && text.includes(`/${kind}/`));
	return new RegExp(`/${kind}/[\\w-]+`).exec(mail.text)[0];
}

test('before signing in', async t => {
	const page = await pages.tour(t, null, [['welcome', '/'], ['login', '/login'], ['login-signed-out', '/login?signed_out=1'],
		['register', '/register'], ['forgot', '/forgot']]);
	await page.goto('/login');
	await press(page, 'Sign in');
	await pages.look(t, page, 'login-errors', null, 422);
	await page.goto('/login');
	await fill(page, { 'E-mail address': pages.maren.email, 'Password': 'not this one' });
	await press(page, 'Sign in');
	await pages.look(t, page, 'login-wrong', null, 401);
	await page.goto('/register');
	await press(page, 'Create account');
	await pages.look(t, page, 'register-errors', null, 422);
	await page.goto('/forgot');
	await fill(page, { 'E-mail address': pages.maren.email });
	await press(page, 'Send the link');
	await pages.look(t, page, 'forgot-sent');
});

test('by a link from a mail', async t => {
	const ben = await register(pages.stack, { name: 'Ben Adams' });
	const page = await pages.open();
	await pages.look(t, page, 'verify', await mailedPath(ben, 'confirm'));
	await press(page, 'Yes, confirm it');
	await pages.look(t, page, 'verified');
	await pages.stack.visitor().post('/forgot', { email: ben.email });
	await pages.look(t, page, 'reset', await mailedPath(ben, 'reset'));
	await press(page, 'Set the password');
	await pages.look(t, page, 'reset-errors', null, 422);
	await pages.look(t, page, 'link-spent', '/reset/unknown');
	const { code } = (await pages.stack.request('POST', `${API}/invites`, { bearer: ben.access_token, json: { role: 'engineer' } })).json;
	await pages.look(t, page, 'join', `/join/${code}`);
	await pages.look(t, page, 'join-spent', '/join/unknown');
	await pages.tour(t, ben, [['home-new', '/'], ['invites-one', '/invites'], ['users-one', '/users'], ['notices-none', '/notices']]);
});

test('of what goes wrong', async t => {
	const page = await pages.tour(t, pages.maren, [['error-400', '/profile?x=%ff', 400], ['error-404', '/nothing/here', 404],
		['error-404-file', '/static/nothing.css', 404], ['error-405', '/logout', 405]]);
	await page.goto('/profile');
	await page.getByLabel('Your name').evaluate(input => { input.value = 'x'.repeat(2 ** 20); });
	await press(page, 'Save');
	await pages.look(t, page, 'error-413', null, 413);
	const stranger = await pages.open();
	for (let wrong = 0; wrong < 11; wrong++) {
		await stranger.goto('/login');
		await fill(stranger, { 'E-mail address': 'nobody@example.com', 'Password': 'not this one' });
		await press(stranger, 'Sign in');
	}
	await pages.look(t, stranger, 'login-too-often', null, 429);
});

test('little is sent: one style, one script', async () => {
	const { text } = await pages.stack.request('GET', '/login');
	const sizes = { css: 24 * 1024, js: 6 * 1024 };
	for (const [kind, most] of Object.entries(sizes)) {
		const [path, ...more] = text.match(new RegExp(`/static/[\\w.-]+\\.${kind}`, 'g'));
		assert.deepEqual(more, []);
		const { body } = await pages.stack.request('GET', path);
		assert.ok(body.length <= most, `${path} has ${body.length} bytes`);
	}
});

// Last, for the worker is gone then.
test('the database gone, and all of it gone', async t => {
	const page = await pages.open(pages.maren);
	await pages.stack.sql('UPDATE pg_database SET datallowconn = false WHERE datname = $1', [pages.stack.name]);
	await pages.stack.sql('SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1 AND pid <> pg_backend_pid()', [pages.stack.name]);
	await pages.look(t, page, 'error-503', '/profile', 503);
	await pages.stack.sql('UPDATE pg_database SET datallowconn = true WHERE datname = $1', [pages.stack.name]);
	await pages.stack.kill('worker');
	await pages.look(t, page, 'error-502', '/profile', 502);
});
