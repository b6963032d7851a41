// The pages of endpoints, in a browser: none yet, one with its calls in every state, paused, refused; with scripts and without.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { fill, press } from '../support/journey.mjs';
import { openPages } from '../support/pages.mjs';

let pages;
before(async () => { pages = await openPages(); });
after(() => pages?.close());

const URL_ = 'https://hooks.example.com/services/averyveryverylongaddresswithoutanyblankinitthatgoesonandonandonuntilitisfartoowide';

test('an endpoint is added, tested, paused, changed and deleted', async t => {
	const page = await pages.open(pages.maren);
	await page.goto('/users');
	await page.getByRole('link', { name: 'Webhooks' }).click();
	await pages.look(t, page, 'webhooks-empty');
	await fill(page, { 'Name': 'On call', 'Address': 'http://10.0.0.1/' });
	await press(page, 'Add the endpoint');
	await page.getByText('There is a problem').waitFor();
	await pages.look(t, page, 'webhooks-wrong', null, 422);
	await fill(page, { 'What is called': 'Slack', 'Address': URL_, 'Nobody took it in time': false });
	await press(page, 'Add the endpoint');
	await page.getByText('The endpoint is added').waitFor();
	assert.match(await page.locator('#whsec').innerText(), /^whsec_[\w-]{43}$/);
	await page.getByText('What your program gets').click();
	await pages.look(t, page, 'webhooks-secret');
	await page.getByRole('link', { name: 'Done' }).click();
	assert.equal(await page.getByLabel('Nobody took it in time').isChecked(), false);
	assert.equal(await page.getByLabel('It is resolved').isChecked(), true);
	for (let at = 0; at < 5; at++)
		await press(page, 'Send a test call');
	await pages.stack.sql(`UPDATE webhook_call c SET state = s.state, attempts = s.n, last_error = CASE WHEN s.n > 1 THEN 'It answered 500. It said: averyveryverylonganswerwithoutanyblankinitthatgoesonandonandonuntilitisfartoowide' END
		FROM (SELECT id, (ARRAY['queued', 'sending', 'sent', 'failed', 'skipped'])[n] AS state, n FROM (SELECT id, row_number() OVER (ORDER BY id)::int AS n FROM webhook_call) x) s WHERE s.id = c.id`);
	await pages.stack.sql("UPDATE webhook SET failures = 7, failing_since = now(), paused_until = now() + interval '30 minutes'");
	await page.reload();
	await page.getByText('It is paused').waitFor();
	await pages.look(t, page, 'webhook-paused');
	await press(page, 'Try again now');
	await page.getByText('The next call goes out now').waitFor();
	await page.getByRole('button', { name: 'Send again' }).click();
	await page.getByText('The call goes out again').waitFor();
	await page.goto('/webhooks');
	await pages.look(t, page, 'webhooks');
	await page.getByRole('link', { name: 'On call' }).click();
	await fill(page, { 'Switched on': false });
	await press(page, 'Save');
	await page.getByText('Saved.').waitFor();
	assert.equal(await page.getByRole('button', { name: 'Send a test call' }).count(), 0);
	await page.getByRole('link', { name: 'Delete it' }).click();
	await pages.look(t, page, 'webhooks-delete');
	await press(page, 'Delete the endpoint');
	await page.getByText('No endpoints yet').waitFor();
});

test('without scripts', async () => {
	const page = await pages.open(pages.maren);
	await page.context().route('**/*.js', route => route.abort());
	await page.goto('/webhooks');
	await fill(page, { Name: 'Plain', Address: URL_ });
	await press(page, 'Add the endpoint');
	await page.getByText('The endpoint is added').waitFor();
	await page.getByRole('link', { name: 'Done' }).click();
	await press(page, 'Send a test call');
	await page.getByText('A test call is on its way').waitFor();
});
