// A hand-off from one desk to the other: a junior without scripts asks, a senior with them takes it and ends it; on a
// phone, by keys alone, in two tabs, ten at once, and on paper.
import assert from 'node:assert/strict';
import { afterEach, before, test } from 'node:test';
import { API, colleague, register } from '../support/accounts.mjs';
import { examine, openStack, sourceOf, validHtml } from '../support/browser.mjs';
import { madeAndPublished } from '../support/flows.mjs';
import { fill, press, signIn, survey } from '../support/journey.mjs';
import { runnable, sessionCall, startSession } from '../support/sessions.mjs';

const { stack, browser } = await openStack({ hub: true, settings: { WORKERS: 4 } });
const call = sessionCall(stack);
let junior;
let senior;
let admin;
let flow;
before(async () => {
	admin = await register(stack, { name: 'Maren Holt' });
	[junior, senior] = [await colleague(stack, admin, 'engineer'), await colleague(stack, admin, 'engineer')];
	await stack.sql("UPDATE person SET name = 'Jonas Weber' WHERE id = $1", [junior.id]);
	await stack.sql("UPDATE person SET name = 'Priya Nair' WHERE id = $1", [senior.id]);
	flow = await madeAndPublished(stack, admin, { ...runnable(), visibility: 'public' });
});

const opened = new Set();
async function desk(who, options = {}) {
	const page = await browser.page(stack, options);
	opened.add(page);
	await signIn(page, who.email);
	return page;
}
afterEach(async () => {
	for (const page of opened)
		await page.context().close();
	opened.clear();
});

const main = page => page.getByRole('main');
const saying = (page, text) => main(page).getByText(text).first().waitFor();
const state = async id => (await stack.sql('SELECT state FROM handoff WHERE session_id = $1 ORDER BY id DESC LIMIT 1', [id]))[0]?.state;
const begin = async () => (await startSession(stack, junior, flow.id, { client_name: 'Contoso', ticket_number: 'T-100' })).id;
const post = (who, path, json) => stack.request('POST', `${API}${path}`, { bearer: who.access_token, json });
async function waiting(more = {}) {
	const id = await begin();
	await call('PATCH', `/${id}/variables`, junior, { server: 'dc01', pass: 'Sommer-2026!' });
	await call('PUT', `/${id}`, junior, { scratchpad: 'line 2 hums\ncall back at 3' });
	const { json } = await call('POST', `/${id}/handoff`, junior, { intent: 'escalate', reason: 'The gateway is deaf since the storm.', tried: 'A new cable.', priority: 'high', ...more });
	return { id, handoff: json.id, url: `/escalations/${json.id}` };
}

for (const [width, plain] of [[1280, 'junior'], [360, 'junior'], [1280, 'senior'], [360, 'both']]) {
	const how = `${width}-${plain}`;
	test(`the whole way, ${width} px, without scripts: ${plain}`, async () => {
		const id = await begin();
		const asks = await desk(junior, { width, js: plain === 'senior' });
		await asks.goto(`/sessions/${id}`);
		await fill(asks, { 'Note': 'They called at nine' });
		await press(asks, 'Hand off');
		await asks.waitForURL(/\/handoff$/);
		if (!asks.scripted)
			await examine(asks, `handoff-form-${how}`);
		await press(asks, 'Hand off');
		await saying(asks, 'Why you are stuck is needed.');
		await fill(asks, { 'Why you are stuck': 'The gateway is deaf.\nNothing helps.', 'What you tried': 'A new cable.', 'To': 'Priya Nair' });
		await asks.getByRole('radio', { name: 'Urgent' }).check();
		await press(asks, 'Hand off');
		await asks.waitForURL(/\/escalations\//);
		await saying(asks, 'It waits for a colleague');
		await examine(asks, `handoff-waiting-${how}`, { expected: [/422/] });
		asks.problems.length = 0;

		const takes = await desk(senior, { width, js: plain === 'junior' });
		await takes.goto(new URL(asks.url()).pathname);
		await saying(takes, 'They called at nine');
		await examine(takes, `handoff-context-${how}`);
		await press(takes, 'Claim');
		await takes.waitForURL(/\/steps\/1$/);
		await saying(takes, 'You took this over from Jonas Weber');
		await examine(takes, `handoff-taken-${how}`);
		await asks.reload();
		await saying(asks, 'Priya Nair has it');
		await fill(takes, { 'Note': 'Typed before it is resolved' });
		await press(takes, 'Resolve');
		await takes.waitForURL(/\/resolve$/);
		await examine(takes, `handoff-resolve-${how}`);
		await fill(takes, { 'What it was': 'The MTU was wrong: 1400.' });
		await press(takes, 'Resolve');
		await takes.waitForURL(/\/complete$/);
		assert.equal(await takes.getByLabel('Summary').inputValue(), 'The MTU was wrong: 1400.');
		await takes.getByLabel('Resolved', { exact: true }).check();
		await main(takes).getByRole('button', { name: /^Complete/ }).click();
		await takes.waitForURL(/\/record$/);
		await asks.goto(`/sessions/${id}/record`);
		for (const part of ['Typed before it is resolved', 'Handed off by Jonas Weber', 'Taken over by Priya Nair', 'Resolved by Priya Nair'])
			await saying(asks, part);
		await examine(asks, `handoff-record-${how}`);
		assert.equal(await state(id), 'resolved');
	});
}

test('each page of it in every width and colour', async () => {
	const { url, id } = await waiting();
	const asks = await desk(junior);
	const takes = await desk(senior);
	const look = async (page, path, name) => {
		await page.goto(path);
		await survey(page, name, { html: await sourceOf(page) });
	};
	await look(takes, url, 'handoff-case');
	await look(asks, url, 'handoff-told');
	await stack.sql("UPDATE delivery SET state = 'failed', attempts = 5, last_error = '550 no such mailbox, and a long sentence of the server about it' WHERE handoff_id = $1", [url.split('/').pop()]);
	await stack.sql("UPDATE handoff SET overdue_at = now() WHERE session_id = $1", [id]);
	await look(asks, url, 'handoff-nobody');
	await post(senior, `${url}/claim`);
	await look(takes, `/sessions/${id}`, 'handoff-run');
	await look(takes, `${url}/resolve`, 'handoff-resolving');
	await look(takes, `${url}/release`, 'handoff-release');
	await look(asks, url, 'handoff-has-it');
	await post(senior, `${url}/resolve`, { resolution: 'The MTU was wrong.', session: 'back' });
	await look(asks, url, 'handoff-resolved');
	await look(asks, `/sessions/${id}/handoff`, 'handoff-again');
});

test('on a phone the button to claim is there at once, and on paper the case is whole', async () => {
	const { url } = await waiting();
	const page = await desk(senior, { width: 360, height: 640 });
	await page.goto(url);
	const box = await main(page).getByRole('button', { name: 'Claim' }).boundingBox();
	assert.ok(box.y + box.height < 640, `it ends at ${box.y + box.height}`);
	await page.emulateMedia({ media: 'print' });
	assert.equal(await main(page).getByRole('button', { name: 'Claim' }).isVisible(), false);
	for (const part of ['The gateway is deaf since the storm.', 'line 2 hums', 'A new cable.', 'Contoso'])
		assert.ok(await main(page).getByText(part).first().isVisible(), part);
});

test('by keys alone', async () => {
	const id = await begin();
	const asks = await desk(junior);
	await asks.goto(`/sessions/${id}`);
	await asks.keyboard.press('h');
	await asks.waitForURL(/\/handoff$/);
	assert.equal(await asks.evaluate(() => document.activeElement.id), 'reason');
	await asks.keyboard.type('Stuck');
	await asks.keyboard.press('Tab');
	await asks.keyboard.press('Tab');
	await asks.keyboard.press('ArrowDown');
	await asks.keyboard.press('Tab');
	await asks.keyboard.press('Tab');
	await asks.keyboard.press('Enter');
	await asks.waitForURL(/\/escalations\//);
	assert.deepEqual(await stack.sql('SELECT reason, priority FROM handoff WHERE session_id = $1', [id]), [{ reason: 'Stuck', priority: 'high' }]);
	const takes = await desk(senior);
	await takes.goto(new URL(asks.url()).pathname);
	await main(takes).getByRole('button', { name: 'Claim' }).focus();
	await takes.keyboard.press('Enter');
	await takes.waitForURL(/\/steps\/1$/);
});

test('pressed twice, in two tabs, and after going back, it is taken once', async () => {
	const { id, url } = await waiting();
	const page = await desk(senior);
	const tab = await page.context().newPage();
	await page.goto(url);
	await tab.goto(url);
	await main(page).getByRole('button', { name: 'Claim' }).dblclick();
	await page.waitForURL(/\/steps\/1$/);
	await press(tab, 'Claim');
	await tab.waitForURL(/\/steps\/1$/);
	await page.goBack();
	await page.waitForURL(url);
	const again = main(page).getByRole('button', { name: 'Claim' });
	if (await again.count())
		await again.click();
	else
		await main(page).getByRole('link', { name: 'Go on with it' }).click();
	await page.waitForURL(/\/steps\/1$/);
	assert.equal((await stack.sql("SELECT FROM audit WHERE action = 'handoff.claimed' AND object_id = $1", [url.split('/').pop()])).length, 1);
	assert.equal(await state(id), 'claimed');
});

test('ten pages press at once: one runs it, and the others read who', async () => {
	const { id, url } = await waiting();
	const first = await desk(senior);
	const second = await desk(admin);
	const pages = [];
	for (let at = 0; at < 10; at++) {
		const page = await (at % 2 ? first : second).context().newPage();
		await page.goto(url);
		pages.push(page);
	}
	await Promise.all(pages.map(page => press(page, 'Claim')));
	await Promise.all(pages.map(page => page.waitForURL(/\/steps\/1$|\/claim$/)));
	const late = pages.filter(page => page.url().endsWith('/claim'));
	assert.equal(late.length, 5, 'all of the one who lost');
	const owner = (await stack.sql('SELECT p.name FROM session s JOIN person p ON p.id = s.owner_id WHERE s.id = $1', [id]))[0].name;
	for (const page of late) {
		await saying(page, `${owner} was first`);
		assert.equal(await main(page).getByRole('link', { name: 'Back to the queue' }).getAttribute('href'), '/escalations');
	}
	await validHtml(await late[0].content(), 'late');
});

test('what was typed and not sent is not left by mistake', async () => {
	const id = await begin();
	const page = await desk(junior);
	await page.goto(`/sessions/${id}/handoff`);
	await fill(page, { 'Why you are stuck': 'Words worth keeping' });
	const asked = page.waitForEvent('dialog');
	const left = page.goto('/').catch(() => null);
	await (await asked).dismiss();
	await left;
	assert.equal(await page.getByLabel('Why you are stuck').inputValue(), 'Words worth keeping');
});
