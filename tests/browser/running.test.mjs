// A run on a phone and on a desk, without scripts and with them: the whole way, prompts in the text, keys, two windows,
// text that is kept.
import assert from 'node:assert/strict';
import { after, afterEach, before, test } from 'node:test';
import { API, register } from '../support/accounts.mjs';
import { openBrowser, picture } from '../support/browser.mjs';
import { signIn } from '../support/journey.mjs';
import { madeAndPublished } from '../support/flows.mjs';
import { deadline } from '../support/patience.mjs';
import { runnableFlow, startSession } from '../support/sessions.mjs';
import { startStack } from '../support/stack.mjs';

let stack;
let browser;
let user;
let flow;
before(async () => {
	stack = await startStack({ hub: true, settings: { WORKERS: 4 } });
	browser = await openBrowser();
	user = await register(stack);
	flow = await runnableFlow(stack, user);
});
after(async () => {
	await browser?.close();
	await stack?.stop();
});

const opened = new Set();
afterEach(async () => {
	for (const page of opened)
		await page.context().close();
	opened.clear();
});

const main = page => page.getByRole('main');
const button = (page, name) => main(page).getByRole('button', { name, exact: true }).first();
const press = (page, name) => button(page, name).click();
const at = (page, n) => page.waitForURL(url => url.pathname.endsWith(`/steps/${n}`));
const stored = async id => (await stack.request('GET', `${API}/sessions/${id}`, { bearer: user.access_token })).json;
const noteOf = async id => (await stack.sql('SELECT notes FROM visit WHERE session_id = $1 ORDER BY n DESC LIMIT 1', [id]))[0].notes;
const until = async (what, fits, seconds = 20) => {
	for (const end = deadline(seconds); !await fits(); await new Promise(resolve => setTimeout(resolve, 50)))
		assert.ok(Date.now() < end, what);
};

// Somebody at the first step of a new session.
async function run(options = {}) {
	const session = await startSession(stack, user, (options.of ?? flow).id, { client_name: 'Contoso', ticket_number: 'T-100' });
	const page = await browser.page(stack, options);
	opened.add(page);
	await signIn(page, user.email);
	await page.goto(`/sessions/${session.id}`);
	await at(page, 1);
	return { page, id: session.id };
}

for (const [js, width] of [[false, 360], [true, 360], [false, 1280], [true, 1280]]) {
	const how = `${width}${js ? '' : '-plain'}`;
	test(`the whole way, ${how}`, async () => {
		const { page, id } = await run({ js, width });
		await picture(page, `run-first-${how}`);
		await main(page).getByLabel('The server').fill('dc01');
		await main(page).getByLabel('Note', { exact: false }).first().fill('They called at nine');
		await press(page, '2 No');
		await at(page, 2);
		await main(page).getByRole('heading', { name: 'Restart dc01' }).waitFor();
		await press(page, '1 Done');
		await at(page, 3);
		await main(page).getByText('2nd time here').waitFor();
		await press(page, 'Back');
		await at(page, 4);
		await press(page, 'Change “Does dc01 answer?”, visit 1');
		await at(page, 5);
		assert.equal(await page.locator('#note').inputValue(), 'They called at nine');
		await picture(page, `run-back-${how}`);
		await main(page).getByRole('button', { name: /^3 It never did/ }).click();
		await at(page, 6);
		await picture(page, `run-end-${how}`);
		await press(page, '1 Complete the session');
		await page.waitForURL(/\/complete$/);
		assert.ok(await main(page).getByLabel('Escalate').isChecked());
		await main(page).getByLabel('Summary').fill('The provider was told');
		await picture(page, `run-complete-${how}`);
		await press(page, 'Complete anyway');
		await page.waitForURL(/\/record$/);
		await main(page).getByText('They called at nine').first().waitFor();
		await picture(page, `run-record-${how}`);
		const { status, outcome, summary } = await stored(id);
		assert.deepEqual([status, outcome, summary], ['completed', 'escalate', 'The provider was told']);
	});
}

test('Enter in a field saves and answers nothing, without a script', async () => {
	const { page, id } = await run({ js: false, width: 360 });
	await main(page).getByLabel('Note', { exact: false }).first().fill('kept');
	await main(page).getByLabel('The server').fill('dc01');
	await main(page).getByLabel('The server').press('Enter');
	await main(page).getByText('Saved.').waitFor();
	assert.equal(await noteOf(id), 'kept');
	assert.deepEqual((await stored(id)).steps, []);
	await press(page, '2 No');
	await at(page, 2);
	await main(page).getByText('Skip this step').click();
	await main(page).getByLabel('Why').fill('because');
	await main(page).getByLabel('Why').press('Enter');
	await main(page).getByText('Saved.').waitFor();
	assert.equal((await stored(id)).steps.length, 1);
	await page.goto(`/sessions/${id}/complete`);
	await main(page).getByLabel('The gateway').fill('10.0.0.1');
	await main(page).getByLabel('The gateway').press('Enter');
	await page.waitForLoadState();
	assert.deepEqual([(await stored(id)).status, (await stored(id)).variables.gateway], ['active', '10.0.0.1']);
});

test('a prompt becomes its text where it stands, and the note stays as it is being typed', async () => {
	const { page, id } = await run();
	await page.locator('#note').fill('typed befo');
	await main(page).getByLabel('The server').fill('dc01');
	await main(page).getByLabel('The server').press('Tab');
	await main(page).getByRole('heading', { name: 'Does dc01 answer?' }).waitFor();
	assert.equal(await page.evaluate(() => document.activeElement.id), 'v-site', 'the focus went on');
	await page.locator('#note').fill('typed before and after');
	await main(page).getByLabel('The site').fill('Bonn');
	await main(page).getByLabel('The site').press('Enter');
	await main(page).getByText('Ping dc01 from Bonn.').waitFor();
	assert.equal(await page.locator('#note').inputValue(), 'typed before and after');
	assert.deepEqual((await stored(id)).variables, { server: 'dc01', site: 'Bonn' });
	assert.deepEqual((await stored(id)).steps, []);
	await press(page, '2 No');
	await at(page, 2);
	assert.equal((await stored(id)).steps[0].notes, 'typed before and after');
});

test('a value that does not fit is told where it stands', async () => {
	const intake = [{ name: 'gateway', label: 'Gateway', kind: 'ip', required: true, help: '', options: [], default: null }, { name: 'site', label: 'Site', kind: 'text', required: false, help: '', options: [], default: null }];
	const of = await madeAndPublished(stack, user, { intake, structure: { start: 'a', nodes: [
		{ id: 'a', kind: 'action', title: 'Ping it', body: 'Ping [VAR:gateway] at [VAR:site].', next: 'b' }, { id: 'b', kind: 'answer', title: 'Good', body: '', outcome: 'resolved' }] } });
	const { page, id } = await run({ of });
	await main(page).getByLabel('Gateway').fill('300.1.1.1');
	await main(page).getByLabel('Gateway').press('Tab');
	await main(page).locator('.field-error', { hasText: 'Type an IP address' }).waitFor();
	assert.equal(await page.locator('#v-gateway').inputValue(), '300.1.1.1');
	await picture(page, 'run-prompt-refused');
	// An answer that is pressed at once after a prompt waits for it.
	await page.locator('#v-gateway').fill('10.0.0.1');
	await press(page, '1 Done');
	await at(page, 2);
	const { steps, variables } = await stored(id);
	assert.deepEqual([steps.length, variables], [1, { gateway: '10.0.0.1' }]);
	page.problems.length = 0;
});

test('keys press what is shown, never while one types, and only where they are wanted', async () => {
	const { page, id } = await run();
	await page.keyboard.press('n');
	assert.equal(await page.evaluate(() => document.activeElement.id), 'note');
	await page.keyboard.type('2 times b ? n');
	assert.equal(await page.locator('#note').inputValue(), '2 times b ? n');
	await page.evaluate(() => document.activeElement.blur());
	await page.keyboard.press('?');
	await page.locator('#keys').waitFor();
	await page.keyboard.press('2');
	await page.keyboard.press('Escape');
	await page.locator('#keys').waitFor({ state: 'hidden' });
	assert.deepEqual((await stored(id)).steps, []);
	await page.keyboard.press('2');
	await at(page, 2);
	assert.equal((await stored(id)).steps[0].notes, '2 times b ? n');
	await page.keyboard.press('1');
	await at(page, 3);
	await page.keyboard.press('b');
	await at(page, 4);
	await page.keyboard.press('Control+/');
	assert.equal(await page.evaluate(() => document.activeElement.id), 'scratchpad');
	await page.keyboard.type('for myself');
	await page.locator('#kept', { hasText: /^Saved \d\d:\d\d$/ }).waitFor();
	assert.equal((await stored(id)).scratchpad, 'for myself');
	await page.keyboard.press('Control+/');
	assert.equal(await page.evaluate(() => document.activeElement.id), 'note');
	await page.evaluate(() => document.activeElement.blur());
	await stack.sql('UPDATE person SET single_keys = false WHERE id = $1', [user.user.id]);
	try {
		await page.reload();
		await page.keyboard.press('1');
		await page.keyboard.press('n');
		await page.keyboard.press('?');
		assert.equal(await page.evaluate(() => document.activeElement.id), '');
		assert.ok(await page.locator('#keys').isHidden());
		assert.equal(new URL(page.url()).pathname, `/sessions/${id}/steps/4`);
		await page.keyboard.press('Control+/');
		assert.equal(await page.evaluate(() => document.activeElement.id), 'scratchpad');
		await press(page, 'Keyboard');
		await page.locator('#keys', { hasText: 'Single keys are off' }).waitFor();
	} finally {
		await stack.sql('UPDATE person SET single_keys = true WHERE id = $1', [user.user.id]);
	}
});

test('what is typed is kept, and is there after the window was closed in the middle of it', async () => {
	const { page, id } = await run();
	await page.locator('#note').pressSequentially('Half a sen');
	await page.locator('#kept', { hasText: /^Saved \d\d:\d\d$/ }).waitFor();
	await page.locator('#note').pressSequentially('tence');
	await until('kept again', async () => await noteOf(id) === 'Half a sentence');
	await page.locator('#note').pressSequentially(' more');
	await page.getByRole('link', { name: 'Home', exact: true }).click();
	await until('kept while leaving', async () => await noteOf(id) === 'Half a sentence more');
	await page.goto(`/sessions/${id}`);
	assert.equal(await page.locator('#note').inputValue(), 'Half a sentence more');
	await page.locator('#note').fill('whole');
	await press(page, '2 No');
	await at(page, 2);
	assert.equal((await stored(id)).steps[0].notes, 'whole');
});

test('what could not be kept is tried again', async () => {
	const { page, id } = await run();
	await page.route('**/unsent', route => route.abort());
	await page.locator('#note').fill('in a tunnel');
	await page.locator('#kept', { hasText: 'Not saved; still trying' }).waitFor();
	await page.unroute('**/unsent');
	await page.locator('#kept', { hasText: /^Saved/ }).waitFor();
	assert.equal(await noteOf(id), 'in a tunnel');
	page.problems.length = 0;
});

test('two windows: the later one sees where it stands and takes its text along', async () => {
	const { page, id } = await run();
	const second = await page.context().newPage();
	await second.goto(`/sessions/${id}/steps/1`);
	await press(page, '2 No');
	await at(page, 2);
	await second.locator('#note').fill('typed in the other window');
	await second.locator('#kept', { hasText: 'Press Save to see both' }).waitFor();
	await press(second, '1 Yes');
	await second.getByText('You typed this in an older window').waitFor();
	await picture(second, 'run-older-1280');
	await press(second, "Add it to this step's note");
	await at(second, 2);
	assert.equal(await second.locator('#note').inputValue(), 'typed in the other window\nAnswer: Yes');
	assert.equal((await stored(id)).steps.length, 1);
	await page.goBack();
	await page.getByText('This is an earlier step').waitFor();
	await page.getByRole('link', { name: 'Return to the current step' }).click();
	await at(page, 2);
});

test('the timer goes on from the server\'s', async () => {
	const { page, id } = await run();
	await stack.sql("UPDATE session SET active = '1 hour 59 seconds' WHERE id = $1", [id]);
	await page.reload();
	const text = () => page.locator('#timer').innerText();
	assert.match(await text(), /^1:0[01]:\d\d$/);
	const before = await text();
	await until('it ticks', async () => await text() !== before);
	assert.match(await text(), /^1:0[01]:\d\d$/);
});
