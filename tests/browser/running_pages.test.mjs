// The pages of a run, one by one: what axe says of them, their HTML, their width.
import { after, before, test } from 'node:test';
import { register } from '../support/accounts.mjs';
import { openBrowser, sourceOf } from '../support/browser.mjs';
import { signIn, survey } from '../support/journey.mjs';
import { procedureFlow, runnableFlow, startSession } from '../support/sessions.mjs';
import { startStack } from '../support/stack.mjs';

let stack;
let browser;
let user;
let flow;
let procedure;
before(async () => {
	stack = await startStack({ hub: true, settings: { WORKERS: 4 } });
	browser = await openBrowser();
	user = await register(stack);
	flow = await runnableFlow(stack, user);
	procedure = await procedureFlow(stack, user);
});
after(async () => {
	await browser?.close();
	await stack?.stop();
});

const main = page => page.getByRole('main');
const press = (page, name) => main(page).getByRole('button', { name, exact: true }).first().click();
const at = (page, n) => page.waitForURL(url => url.pathname.endsWith(`/steps/${n}`));

test('each page of a run, looked at', async t => {
	const { id } = await startSession(stack, user, flow.id, { client_name: 'Contoso', ticket_number: 'T-100' });
	const page = await browser.page(stack);
	await signIn(page, user.email);
	await page.goto(`/sessions/${id}`);
	const look = (name, expected) => t.test(name, async () => survey(page, name, { html: await sourceOf(page), expected }));
	const desk = () => page.setViewportSize({ width: 1280, height: 900 });
	await look('run-decision');
	await desk();
	await main(page).getByText('Help', { exact: true }).click();
	await page.locator('#note').fill('A note\nof two lines');
	await press(page, '2 No');
	await at(page, 2);
	await look('run-action');
	await page.goto(`/sessions/${id}/steps/1`);
	await look('run-earlier');
	await page.goto(`/sessions/${id}/variables`);
	await look('run-variables');
	await page.goto(`/sessions/${id}/complete`);
	await look('run-complete');
	await page.goto(`/sessions/${id}/abandon`);
	await look('run-abandon');
	await page.goto(`/sessions/${id}/record`);
	await look('run-record-running');
	await page.goto(`/sessions/${id}`);
	await desk();
	await press(page, 'Keyboard');
	await look('run-keys');
	const other = await startSession(stack, user, procedure.id, {});
	await page.goto(`/sessions/${other.id}`);
	await desk();
	await main(page).getByText('Skip this step').click();
	await press(page, 'Skip the step');
	await main(page).getByText('There is a problem').waitFor();
	await look('run-refused', [/status of 422/]);
	await page.goto(`/sessions/${other.id}`);
	await desk();
	await press(page, '1 Done');
	await at(page, 2);
	await look('run-procedure');
	await stack.sql("INSERT INTO handoff (account_id, id, session_id, intent, state, by_id) SELECT account_id, uuid7(), id, 'park', 'parked', owner_id FROM session WHERE id = $1", [other.id]);
	await page.goto(`/sessions/${other.id}`);
	await look('run-parked');
});
