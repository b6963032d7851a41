// The pages of an account as a whole in a browser, filled and empty, with scripts and without.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { PASSWORD } from '../support/accounts.mjs';
import { fill, press } from '../support/journey.mjs';
import { openPages } from '../support/pages.mjs';
import { runnableFlow, sessionCall, startSession } from '../support/sessions.mjs';

let pages;
let session;
before(async () => {
	pages = await openPages();
	const { stack, maren } = pages;
	const flow = await runnableFlow(stack, maren);
	session = (await startSession(stack, maren, flow.id, { client_name: 'Contoso' })).id;
	await sessionCall(stack)('POST', `/${session}/complete`, maren, { outcome: 'resolved', summary: 'Fine.' });
	await stack.sql("UPDATE session SET completed_at = now() - interval '400 days', started_at = now() - interval '401 days' WHERE id = $1", [session]);
	await stack.sql('UPDATE person SET is_owner = true WHERE id = $1', [maren.user.id]);
});
after(() => pages?.close());

async function walk(t, page, look) {
	await pages.stack.sql("UPDATE session SET anonymised_at = NULL; UPDATE account SET retain_days = NULL; DELETE FROM session_hold; DELETE FROM archive");
	await page.goto('/users');
	await page.getByRole('link', { name: 'Account', exact: true }).last().click();
	await page.waitForURL('**/account');
	await look(t, page, 'account');
	await fill(page, { 'Monday: opens': '17:00', 'Monday: closes': '08:00' });
	await press(page, 'Save');
	await page.getByText('Close later than you open; 00:00 is midnight.').first().waitFor();
	await fill(page, { 'Monday: opens': '08:00', 'Monday: closes': '17:00', 'Time zone': 'Europe/Berlin' });
	await press(page, 'Save');
	await page.getByText('The settings of the account are saved.').waitFor();
	await page.getByRole('link', { name: 'Retention', exact: true }).click();
	await look(t, page, 'retention');
	await fill(page, { 'Days after their end': '90', 'Then': 'Keep their path' });
	await press(page, 'Look what would go');
	await page.getByRole('heading', { name: 'What would go today' }).waitFor();
	await look(t, page, 'retention-look');
	await page.getByRole('link', { name: 'See these sessions' }).click();
	await look(t, page, 'retention-due');
	await page.goBack();
	await fill(page, { 'Sessions that go today': '1' });
	await press(page, 'Save, and let them go');
	await page.getByText('The retention is saved.').waitFor();
	await page.goto(`/sessions/${session}/record`);
	await page.getByRole('link', { name: 'Keep', exact: true }).click();
	await look(t, page, 'keep');
	await fill(page, { 'Why it is kept': 'A dispute with the client' });
	await press(page, 'Keep it');
	await page.getByText('This session is kept, however old it gets.').waitFor();
	await page.goto('/account/retention/kept');
	await look(t, page, 'kept');
	await page.goto(`/account/retention/kept/${session}`);
	await press(page, 'Let it go with the others');
	await page.getByText('goes with the others again').waitFor();
	await page.goto('/account/archive');
	await look(t, page, 'archive-empty');
	await press(page, 'Make an archive');
	await page.getByText('An archive is being written. You get a mail when it is ready.').waitFor();
	await look(t, page, 'archive');
	await pages.stack.sql("UPDATE archive SET state = 'failed', why = 'the archive''s directory: writing: No space left on device', ended_at = now()");
	await page.goto('/account/archive');
	await look(t, page, 'archive-failed');
	await page.goto('/account/close');
	await look(t, page, 'close');
	await fill(page, { 'The account\'s name': await page.locator('main strong').first().innerText(), 'Your password': PASSWORD });
	await press(page, 'Close the account');
	await page.getByText('The account is closed.').waitFor();
	await page.goto('/');
	await look(t, page, 'closing');
	await page.getByRole('link', { name: 'See, or call it off' }).click();
	await look(t, page, 'closing-page');
	await press(page, 'Call it off');
	await page.getByText('It is called off: the account stays.').waitFor();
}

test('with scripts', async t => {
	const page = await pages.open(pages.maren);
	await walk(t, page, (...args) => pages.look(...args));
	assert.ok(page.url().endsWith('/account/close'));
});

test('without scripts', async t => {
	const page = await pages.open(pages.maren);
	await page.context().route('**/*.js', route => route.abort());
	await walk(t, page, async () => {});
});
