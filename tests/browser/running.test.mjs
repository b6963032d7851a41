// A run on a phone and on a desk, without scripts and with them: the whole way, prompts in the text, keys, two windows.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { register } from '../support/accounts.mjs';
import { openBrowser, picture, sourceOf } from '../support/browser.mjs';
import { signIn, survey } from '../support/journey.mjs';
import { procedureFlow, runnableFlow, startSession } from '../support/sessions.mjs';
import { startStack } from '../support/stack.mjs';

let stack;
let browser;
let user;
let flow;
before(async () => {
	stack = await startStack({ hub: true });
	browser = await openBrowser();
	user = await register(stack);
	flow = await runnableFlow(stack, user);
});
after(async () => {
	await browser?.close();
	await stack?.stop();
});

const main = page => page.getByRole('main');
const press = (page, name) => main(page).getByRole('button', { name, exact: true }).first().click();

for (const [js, width] of [[false, 360], [true, 1280]]) {
	const how = `${width}${js ? '' : '-plain'}`;
	test(`the whole way, ${how}`, async () => {
		const session = await startSession(stack, user, flow.id, { client_name: 'Contoso', ticket_number: 'T-100' });
		const page = await browser.page(stack, { js, width });
		await signIn(page, user.email);
		await page.goto(`/sessions/${session.id}`);
		await picture(page, `run-first-${how}`);
		await main(page).getByLabel('The server').fill('dc01');
		await main(page).getByLabel('Note').fill('They called at nine');
		await press(page, '2 No');
		await page.waitForURL(/steps\/2$/);
		await picture(page, `run-action-${how}`);
		await survey(page, `run-action-survey-${how}`, { html: await sourceOf(page) });
		await page.setViewportSize({ width, height: 900 });
		await press(page, '1 Done');
		await page.waitForURL(/steps\/3$/);
		await picture(page, `run-loop-${how}`);
		await press(page, '3 It never did');
		await picture(page, `run-end-${how}`);
		await press(page, '1 Complete the session');
		await picture(page, `run-complete-${how}`);
		await press(page, 'Complete anyway');
		await picture(page, `run-record-${how}`);
	});
}
test('pictures', async () => {
	const page = await browser.page(stack, { dark: true, width: 360 });
	await signIn(page, user.email);
	const session = await startSession(stack, user, flow.id, {});
	await page.goto(`/sessions/${session.id}`);
	await picture(page, 'run-dark-360');
	await page.goto(`/sessions/${session.id}/variables`);
	await picture(page, 'run-variables-360');
	await page.goto(`/sessions/${session.id}/abandon`);
	await picture(page, 'run-abandon-360');
	const other = await startSession(stack, user, (await procedureFlow(stack, user)).id, {});
	await page.goto(`/sessions/${other.id}`);
	await press(page, '1 Done');
	await page.setViewportSize({ width: 1280, height: 900 });
	await picture(page, 'run-procedure-1280');
});
