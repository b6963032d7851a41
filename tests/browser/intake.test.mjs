// Flexible intake, as two people meet it: nothing is asked before a session, what a step needs is asked for in the step,
// and a session that was prepared brings it along.  First the way in nine steps, then each page by itself.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { colleague } from '../support/accounts.mjs';
import { madeAndPublished } from '../support/flows.mjs';
import { fill, press, signIn } from '../support/journey.mjs';
import { openPages } from '../support/pages.mjs';
import { prepareSession, startSession } from '../support/sessions.mjs';

const asked = (name, label, more = {}) => ({ name, label, kind: 'text', required: true, help: '', options: [], default: null, ...more });

const intake = [
	asked('server', 'Server', { help: 'Its name in the monitoring' }),
	asked('gateway', 'Gateway', { kind: 'ip' }),
	asked('site', 'Site', { required: false }),
];

const troubleshooting = {
	name: 'Server does not answer', type: 'troubleshooting', visibility: 'public', intake,
	structure: { start: 'look', nodes: [
		{ id: 'look', kind: 'decision', title: 'Does [VAR:server] answer?', body: 'Ping [VAR:server] from [VAR:site].', help: '',
			options: [{ id: 'yes', label: 'Yes', next: 'fine' }, { id: 'no', label: 'No', next: 'restart' }] },
		{ id: 'restart', kind: 'action', title: 'Restart [VAR:server]', body: 'Reach it over [VAR:gateway].', next: 'fine' },
		{ id: 'fine', kind: 'answer', title: '[VAR:server] is up again', body: '', outcome: 'resolved' },
	] },
};

const procedural = {
	name: 'Replace a server', type: 'procedural', visibility: 'public', intake,
	structure: { start: 'before', nodes: [
		{ id: 'before', kind: 'section', title: 'Before', next: 'note' },
		{ id: 'note', kind: 'action', title: 'Note the address', body: 'Ask [VAR:server] for its address; it goes over [VAR:gateway].', next: 'swap', required: true },
		{ id: 'swap', kind: 'action', title: 'Swap it', body: 'Take [VAR:server] out.', next: null },
	] },
};

let pages;
let priya;
let flow;
let procedure;
before(async () => {
	pages = await openPages();
	priya = await colleague(pages.stack, pages.maren, 'engineer');
	await pages.stack.sql(`UPDATE person SET name = 'Priya Nair', team_id = (SELECT team_id FROM person WHERE id = $1) WHERE id = $2`, [pages.maren.user.id, priya.id]);
	flow = await madeAndPublished(pages.stack, pages.maren, troubleshooting);
	procedure = await madeAndPublished(pages.stack, pages.maren, procedural);
});
after(() => pages?.close());

const main = page => page.getByRole('main');
const shows = (page, text) => main(page).getByText(text).first().waitFor();
const heading = (page, name) => main(page).getByRole('heading', { name, exact: true, level: 1 }).waitFor();
const follow = (page, name) => main(page).getByRole('link', { name, exact: true }).click();
const prompts = async page => (await main(page).locator('.var-prompt label').allInnerTexts()).map(text => text.replace(/\s+/g, ' '));

// A key instead of the mouse: a digit where scripts read them, else the button that was reached by Tab.
async function answer(page, digit, name) {
	if (page.scripted)
		return page.keyboard.press(digit);
	await main(page).getByRole('button', { name, exact: true }).focus();
	return page.keyboard.press('Enter');
}

// 1 to 4, of whoever starts with nothing; the address of the session.
async function fillOnTheWay(page) {
	await page.goto('/');
	await follow(page, 'Start a flow');
	await page.getByRole('link', { name: flow.name, exact: true }).click();
	await press(page, 'Start');
	await page.waitForURL(/\/sessions\/[^/]+\/steps\/1$/);
	await shows(page, 'Variables: 0 of 3 filled');

	await heading(page, 'Does [Server] answer?');
	assert.deepEqual(await prompts(page), ['Server (required)', 'Site (optional)']);
	await shows(page, 'Its name in the monitoring');

	await fill(page, { Note: 'Called at nine', Server: 'srv-01' });
	await main(page).getByLabel('Server').press('Enter');
	await heading(page, 'Does srv-01 answer?');
	assert.deepEqual(await prompts(page), ['Site (optional)']);
	assert.equal(await main(page).getByRole('textbox', { name: 'Note' }).inputValue(), 'Called at nine', 'what was typed elsewhere stays');
	await page.evaluate(() => document.activeElement.blur());
	await answer(page, '2', '2 No');
	await heading(page, 'Restart srv-01');
	await shows(page, 'Does srv-01 answer?');
	await shows(page, 'Called at nine');

	await press(page, 'Variables: 1 of 3 filled');
	await shows(page, '1 of 3 filled');
	await shows(page, /Gateway\s*\(required, not filled\)/);
	await fill(page, { Server: 'srv-02', Site: 'Leeds' });
	await press(page, 'Save and go back');
	await heading(page, 'Restart srv-02');
	await shows(page, 'Does srv-02 answer?');
	await shows(page, 'Variables: 2 of 3 filled');
}

// 5, of whoever knows something beforehand.
async function prepareFor(page, who, client) {
	await page.goto('/');
	await follow(page, 'Start a flow');
	await page.getByRole('link', { name: flow.name, exact: true }).click();
	await follow(page, 'Prepare');
	await fill(page, { For: who, Client: client, Server: 'srv-09', Site: 'Bonn' });
	await press(page, 'Prepare');
	await shows(page, `Only ${who} may start it.`);
}

// 6 and 7, of whom it is for.
async function takeFromTheQueue(page, client) {
	await page.goto('/');
	const queue = main(page).getByRole('region', { name: 'Prepared for you' });
	const row = queue.getByRole('listitem').filter({ hasText: client });
	assert.match(await row.innerText(), new RegExp(`${flow.name}[\\s\\S]*by Maren Holt`));
	await row.getByRole('link', { name: flow.name }).click();
	await shows(page, 'srv-09');
	await press(page, 'Start');
	await page.waitForURL(/\/steps\/1$/);
	await heading(page, 'Does srv-09 answer?');
	await shows(page, 'Ping srv-09 from Bonn.');
	assert.deepEqual(await prompts(page), []);
}

// 8: the way to the end, where Gateway is empty still.
async function completeAnyway(page) {
	await press(page, '2 No');
	await heading(page, 'Restart srv-09');
	assert.deepEqual(await prompts(page), ['Gateway (required)']);
	await press(page, '1 Done');
	await heading(page, 'srv-09 is up again');
	await press(page, '1 Complete the session');
	const warning = main(page).getByRole('region', { name: 'Still empty' });
	await warning.waitFor();
	assert.deepEqual((await warning.locator('label').allInnerTexts()).map(text => text.replace(/\s+/g, ' ')), ['Gateway (required, not filled)']);
	await press(page, 'Complete anyway');
	await page.waitForURL(/\/record$/);
	await shows(page, 'Completed');
}

// 9: the documentation, with each of the two ways to show what is empty.
async function takeOut(page) {
	await follow(page, 'Export');
	const text = () => main(page).getByLabel(/^The documentation/).inputValue();
	await fill(page, { 'Detail': 'Full', 'Secrets and addresses': 'Leave them in' });
	await press(page, 'Update the text');
	await page.waitForURL(/detail=full/);
	const named = await text();
	assert.match(named, /Does srv-09 answer\?/);
	assert.match(named, /Ping srv-09 from Bonn\./);
	assert.match(named, /\[VAR:gateway\]/);
	assert.doesNotMatch(named, /\[VAR:(?!gateway\])/);
	await fill(page, { 'Empty variables': 'Blank' });
	await press(page, 'Update the text');
	await page.waitForURL(/unfilled=blank/);
	const blank = await text();
	assert.match(blank, /Does srv-09 answer\?/);
	assert.doesNotMatch(blank, /\[VAR:/);
	await press(page, 'Use this text');
	await heading(page, 'Ready for the ticket');
	assert.equal(await main(page).getByRole('textbox').inputValue(), blank);
}

for (const js of [false, true])
	test(`nine steps, from an empty start to the documentation, ${js ? 'with' : 'without'} scripts`, async () => {
		const options = { js, width: js ? 1280 : 360 };
		const client = js ? 'Contoso' : 'Fabrikam';
		const [hers, theirs] = [await pages.browser.page(pages.stack, options), await pages.browser.page(pages.stack, options)];
		await signIn(hers, pages.maren.email);
		await signIn(theirs, priya.email);
		await fillOnTheWay(hers);
		await prepareFor(hers, 'Priya Nair', client);
		await takeFromTheQueue(theirs, client);
		await completeAnyway(theirs);
		await takeOut(theirs);
		for (const page of [hers, theirs]) {
			assert.deepEqual(page.problems, []);
			await page.context().close();
		}
	});

// A part of what was sent, from the element with that id on.
const from = (html, id) => html.slice(html.search(new RegExp(`\\bid="${id}"`)));

test('each page of it', async t => {
	const { stack, maren } = pages;
	const { id: run } = await startSession(stack, priya, flow.id);
	const { id: round } = await startSession(stack, priya, procedure.id);
	const { id: waiting } = await prepareSession(stack, maren, flow.id, { assigned_to_id: priya.id, client_name: 'Acme', variables: { server: 'srv-07' } });
	const field = (name, type = 'text') => new RegExp(`<label for="v-${name}">[^<]*<span class="state">\\(required\\)</span></label>[\\s\\S]{0,200}?<input class="input" type="${type}"[^>]*form="step" id="v-${name}" name="v\\.${name}"`);
	const rows = [
		['flow', `/flows/${flow.id}`, html => {
			const start = /<form[^>]*action="\/sessions\/start"[\s\S]*?<\/form>/.exec(html)[0];
			const shown = start.replace(/<details>[\s\S]*?<\/details>/, '');
			assert.match(shown, /<button class="button" type="submit">Start<[\s\S]*href="\/sessions\/prepare\?flow=[^"]*">Prepare</);
			assert.doesNotMatch(shown, /<(input (?!type="hidden")|select|textarea)/, 'nothing is asked first');
			assert.doesNotMatch(start, / required\b/);
		}],
		['procedure', `/sessions/${round}/steps/1`, html => {
			assert.match(html, /name="do" value="variables">Variables: 0 of 3 filled</);
			assert.match(from(html, 'text'), field('server'));
			assert.match(from(html, 'text'), field('gateway'));
			assert.match(from(html, 'way'), /Note the address[\s\S]*Current[\s\S]*Swap it[\s\S]*To do/);
		}],
		['step', `/sessions/${run}/steps/1`, html => {
			assert.match(from(html, 'text'), field('server'));
			assert.match(html, /id="v-server-help">Its name in the monitoring</);
			assert.equal(html.match(/<span class="var-prompt">/g).length, 2, 'one for each that the step names');
		}],
		['home', '/', html => assert.match(from(html, 'waiting'), new RegExp(`^[^>]*>Prepared for you<[\\s\\S]*?<li><div><a href="/sessions/${waiting}">${flow.name}</a>[\\s\\S]*?Acme; by Maren Holt, <time`))],
		['history', '/sessions?status=prepared', html => {
			assert.match(html, /<a href="[^"]*status=prepared[^"]*" aria-current="true">Prepared<\/a>/);
			const listed = [...html.matchAll(/<tr id="s-([^"]+)"[\s\S]*?<\/tr>/g)];
			assert.ok(listed.some(([, id]) => id === waiting));
			assert.ok(listed.every(([row]) => />Prepared<\/span>/.test(row)));
		}],
		['prepare', `/sessions/prepare?flow=${flow.id}`, html => {
			assert.match(html, /<label[^>]*>For<[\s\S]*?<select[^>]*>[\s\S]*?>Anyone in the team<[\s\S]*?>Priya Nair/);
			assert.deepEqual([...html.matchAll(/name="v\.(\w+)"/g)].map(([, name]) => name), ['server', 'gateway', 'site']);
			assert.match(html, /<button class="button" type="submit">Prepare<\/button>/);
		}],
		['complete', `/sessions/${run}/complete`, html => {
			const warned = from(html, 'missing');
			assert.deepEqual([...warned.matchAll(/<input[^>]*name="v\.(\w+)"/g)].map(([, name]) => name), ['server', 'gateway']);
			assert.match(warned, /name="do" value="complete">Complete anyway</);
		}],
	];
	const page = await pages.open(priya);
	for (const [name, path, holds] of rows) {
		await pages.look(t, page, `intake-${name}`, path);
		await t.test(`${name}: what stands there`, async () => holds(await page.answer.text()));
	}
	await page.context().close();
});
