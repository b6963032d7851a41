// A second factor as people meet it: scanning, confirming, keeping the codes, signing in with both, losing the phone;
// and an account that asks everyone for one.  Without JavaScript and with it, on a phone and on a desk.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import { after, before, describe, test } from 'node:test';
import { PASSWORD, colleague, register } from '../support/accounts.mjs';
import { fill, press, signIn } from '../support/journey.mjs';
import { openPages } from '../support/pages.mjs';
import { codeOf, forgetStep, requireFactor, steady, withFactor, wrongCode } from '../support/second_factor.mjs';

let pages;
before(async () => { pages = await openPages(); });
after(() => pages?.close());

const path = page => new URL(page.url()).pathname;
const read = picture => execFileSync('zbarimg', ['-q', '--raw', '--nodbus', '-Sdisable', '-Sqr.enable', picture], { encoding: 'utf8' }).trim();

// What a phone's camera gets out of the screen.
async function scan(page, name) {
	const picture = `${pages.stack.dir}/${name}.png`;
	await page.getByRole('img', { name: 'QR code' }).screenshot({ path: picture });
	const text = read(picture);
	fs.rmSync(picture);
	return text;
}

async function enterPassword(page, email) {
	await page.goto('/login');
	await fill(page, { 'E-mail address': email, 'Password': PASSWORD });
	await press(page, 'Sign in');
	await page.waitForURL(/\/login\/code/);
}

async function wholeWay(js, width) {
	const { stack } = pages;
	const { email, user } = await register(stack);
	const page = await pages.open({ email }, { js, width });
	await page.goto('/profile');
	await page.getByRole('link', { name: 'Set up your second factor' }).click();
	await press(page, 'Set it up');
	const link = await page.getByRole('link', { name: 'Open it in your app' }).getAttribute('href');
	for (const colorScheme of ['light', 'dark']) {
		await page.emulateMedia({ colorScheme });
		assert.equal(await scan(page, `${js}-${width}-${colorScheme}`), link);
	}
	await page.emulateMedia({ colorScheme: 'dark', forcedColors: 'active' });
	assert.equal(await scan(page, `${js}-${width}-forced`), link);
	const secret = new URL(link).searchParams.get('secret');
	assert.equal((await page.locator('#secret').innerText()).replaceAll(' ', ''), secret);
	assert.ok(new URL(link).pathname.endsWith(encodeURIComponent(email)));

	await fill(page, { 'Current password': PASSWORD, 'Code from your app': wrongCode(secret) });
	await press(page, 'Turn it on');
	await page.getByRole('alert').waitFor();
	assert.equal(await scan(page, 'again'), link, 'the same picture as before');
	await steady();
	await fill(page, { 'Current password': PASSWORD, 'Code from your app': codeOf(secret) });
	await press(page, 'Turn it on');
	await page.getByRole('heading', { name: 'It is on. Keep these codes' }).waitFor();
	const codes = (await page.locator('#codes').innerText()).trim().split('\n');
	assert.equal(codes.length, 10);
	const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('link', { name: 'Download as text' }).click()]);
	assert.equal(download.suggestedFilename(), 'resolutionflow-recovery-codes.txt');
	const file = fs.readFileSync(await download.path(), 'utf8');
	assert.ok(file.includes(email) && codes.every(code => file.includes(code)), file);
	await page.getByRole('link', { name: 'I have kept them' }).click();
	await page.goto('/profile');
	await page.getByRole('link', { name: 'Review your second factor' }).waitFor();

	await page.context().clearCookies();
	await enterPassword(page, email);
	assert.equal(await page.evaluate(() => document.activeElement.id), 'totp', 'the field is at hand');
	await fill(page, { 'Code from your app': wrongCode(secret) });
	await press(page, 'Sign in');
	await page.getByRole('alert').waitFor();
	await forgetStep(stack, user.id);
	await fill(page, { 'Code from your app': codeOf(secret) });
	await press(page, 'Sign in');
	await page.waitForURL('/');

	await page.context().clearCookies();
	await enterPassword(page, email);
	await page.getByRole('link', { name: 'Use a recovery code' }).click();
	await fill(page, { 'Recovery code': codes[0] });
	await press(page, 'Sign in');
	await page.waitForURL('/');
	await page.goto('/profile/second-factor');
	assert.match(await page.getByRole('main').innerText(), /9 of 10/);
	await page.getByRole('link', { name: 'Turn it off' }).click();
	await fill(page, { 'Current password': PASSWORD, Code: codes[1] });
	await press(page, 'Turn it off');
	await page.getByRole('status').filter({ hasText: 'Your second factor is off' }).waitFor();
	await page.context().close();
}

for (const js of [false, true])
	describe(js ? 'with JavaScript' : 'without JavaScript', () => {
		for (const width of [360, 1280])
			test(`the whole way at ${width} px`, () => wholeWay(js, width));
	});

test('on paper the codes are there, and nothing to click', async () => {
	const ann = await withFactor(pages.stack, await register(pages.stack));
	const page = await pages.open();
	await steady();
	await enterPassword(page, ann.email);
	await fill(page, { 'Code from your app': codeOf(ann.secret) });
	await press(page, 'Sign in');
	await page.waitForURL('/');
	await forgetStep(pages.stack, ann.user.id);
	await page.goto('/profile/second-factor/codes');
	await fill(page, { 'Current password': PASSWORD, Code: codeOf(ann.secret) });
	await press(page, 'Make new codes');
	await page.locator('#codes').waitFor();
	const file = `${pages.stack.dir}/codes.pdf`;
	await page.pdf({ path: file, preferCSSPageSize: true });
	const text = execFileSync('pdftotext', ['-layout', file, '-'], { encoding: 'utf8' });
	for (const code of (await page.locator('#codes').innerText()).trim().split('\n'))
		assert.ok(text.includes(code), text);
	assert.doesNotMatch(text, /Download as text|I have kept them/);
});

test('how it looks', async t => {
	const { stack, maren } = pages;
	await steady();
	const page = await pages.open(maren);
	await pages.look(t, page, 'factor-off', '/profile/second-factor');
	await press(page, 'Set it up');
	await pages.look(t, page, 'factor-setting-up');
	await fill(page, { 'Code from your app': '000000' });
	await press(page, 'Turn it on');
	await pages.look(t, page, 'factor-errors', null, 422);
	await pages.look(t, page, 'security-first', '/account/security');
	const admin = await withFactor(stack, maren);
	await pages.look(t, page, 'factor-on', '/profile/second-factor');
	await pages.look(t, page, 'factor-codes', '/profile/second-factor/codes');
	await pages.look(t, page, 'factor-turn-off', '/profile/second-factor/off');
	await page.goto('/profile/second-factor/codes');
	await fill(page, { 'Current password': PASSWORD, Code: codeOf(admin.secret) });
	await press(page, 'Make new codes');
	await pages.look(t, page, 'recovery-codes');
	await stack.sql('UPDATE recovery_code SET used_at = now() WHERE person_id = $1', [maren.user.id]);
	await pages.look(t, page, 'factor-no-codes', '/profile/second-factor');
	await pages.look(t, page, 'profile-with-factor', '/profile');

	const jonas = await withFactor(stack, await colleague(stack, maren, 'engineer'));
	const priya = await colleague(stack, maren, 'viewer');
	await pages.look(t, page, 'security', '/account/security');
	await pages.look(t, page, 'security-without', '/account/security?without=true');
	await pages.look(t, page, 'user-with-factor', `/users/${jonas.id}`);
	await pages.look(t, page, 'factor-reset', `/users/${jonas.id}/second-factor`);
	await pages.look(t, page, 'factor-reset-none', `/users/${priya.id}/second-factor`);
	await page.goto('/account/security');
	await press(page, 'Ask everyone for one');
	await pages.look(t, page, 'security-required');
	await pages.look(t, page, 'factor-required', '/profile/second-factor');

	const other = await pages.open();
	await signIn(other, priya.email);
	assert.equal(path(other), '/profile/second-factor');
	await pages.look(t, other, 'factor-due');
	await other.context().clearCookies();
	await enterPassword(other, jonas.email);
	await pages.look(t, other, 'login-code');
	await fill(other, { 'Code from your app': wrongCode(jonas.secret) });
	await press(other, 'Sign in');
	await pages.look(t, other, 'login-code-wrong', null, 401);
	await pages.look(t, other, 'login-recovery', '/login/recovery');
	await requireFactor(stack, { access_token: admin.access_token }, false);
});
