// The page of an account's mails in a browser: empty, with mails in each state, and sending again; with scripts and without.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { press } from '../support/journey.mjs';
import { openPages } from '../support/pages.mjs';

let pages;
before(async () => { pages = await openPages(); });
after(() => pages?.close());

const add = (state, fields = {}) => {
	const row = { recipient: `${state}.${'long'.repeat(12)}@averylongnameofadomainwithoutanyblank.example.com`, subject: `Prepared for you: ${'a flow with a long name '.repeat(4)}`, ...fields };
	return pages.stack.sql(`INSERT INTO outbox (account_id, state, body_text, next_at, ${Object.keys(row)}) VALUES ($1, $2, 'x', now() + interval '1 hour',
		${Object.keys(row).map((_, at) => `$${at + 3}`)})`, [pages.maren.user.account.id, state, ...Object.values(row)]);
};

test('mails are seen, filtered, and sent again', async t => {
	const page = await pages.open(pages.maren);
	await pages.stack.sql('DELETE FROM outbox');
	await page.goto('/users');
	await page.getByRole('link', { name: 'Mail', exact: true }).click();
	await pages.look(t, page, 'outbox-empty');
	await add('sent', { sent_at: new Date(), attempts: 1 });
	await add('skipped');
	await add('queued', { attempts: 2, last_error: 'Failed to connect to mail.averylongnameofaserver.example.com port 587 after 3 ms: Could not connect to server' });
	const failed = { failed_at: new Date(), attempts: 8, last_error: 'RCPT failed: 550 (550 5.1.1 <averyveryverylongaddress@averyverylongnameofadomain.example.com>: No such user)' };
	await add('failed', { ...failed, subject: 'The first' });
	await add('failed', { ...failed, subject: 'The second' });
	await pages.look(t, page, 'outbox', '/outbox');
	await page.getByRole('navigation', { name: 'Status' }).getByRole('link', { name: 'Failed' }).click();
	await page.waitForURL(/status=failed/);
	assert.equal(await page.getByRole('row').count(), 3);
	await page.getByRole('button', { name: /^Send again.*The first/ }).click();
	await page.getByText('The mail is on its way again.').waitFor();
	await add('failed', { ...failed, subject: 'The third' });
	await page.reload();
	await press(page, 'Send all failed again');
	await page.getByText('All that failed is on its way again.').waitFor();
	await page.goto('/outbox?status=failed');
	await pages.look(t, page, 'outbox-none');
});

test('without scripts', async () => {
	await add('failed', { failed_at: new Date(), subject: 'Without' });
	const page = await pages.open(pages.maren);
	await page.context().route('**/*.js', route => route.abort());
	await page.goto('/outbox?status=failed');
	await page.getByRole('button', { name: /^Send again.*Without/ }).click();
	await page.getByText('The mail is on its way again.').waitFor();
});
