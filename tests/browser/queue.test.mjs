// The queue while it lives: what arrives on an open page, in its title, its count and its live region; without scripts,
// without a connection, in two tabs, and for two accounts.
import assert from 'node:assert/strict';
import { afterEach, before, test } from 'node:test';
import { API, colleague, register } from '../support/accounts.mjs';
import { examine, openStack } from '../support/browser.mjs';
import { madeAndPublished } from '../support/flows.mjs';
import { signIn } from '../support/journey.mjs';
import { runnable, sessionCall, startSession } from '../support/sessions.mjs';

const { stack, browser } = await openStack({ hub: true, settings: { WORKERS: 4 } });
const call = sessionCall(stack);
let junior;
let senior;
let stranger;
let flow;
before(async () => {
	const admin = await register(stack, { name: 'Maren Holt' });
	stranger = await register(stack);
	[junior, senior] = [await colleague(stack, admin, 'engineer'), await colleague(stack, admin, 'engineer')];
	await stack.sql("UPDATE person SET name = 'Jonas Weber' WHERE id = $1", [junior.id]);
	await stack.sql("UPDATE person SET name = 'Priya Nair' WHERE id = $1", [senior.id]);
	flow = await madeAndPublished(stack, admin, { ...runnable(), name: 'VPN drops hourly', visibility: 'public' });
});

const opened = new Set();
async function desk(who, options = {}) {
	const page = await browser.page(stack, options);
	opened.add(page);
	await signIn(page, who.email ?? who.user.email);
	await page.goto('/escalations');
	return page;
}
afterEach(async () => {
	for (const page of opened)
		await page.context().close();
	opened.clear();
	await stack.sql("UPDATE handoff SET state = 'cancelled', ended_at = now() WHERE state IN ('open', 'claimed')");
});

async function escalate(more = {}) {
	const { id } = await startSession(stack, junior, flow.id, { client_name: 'Contoso', ticket_number: 'T-100' });
	const { json } = await call('POST', `/${id}/handoff`, junior, { intent: 'escalate', reason: 'The gateway is deaf.', priority: 'high', ...more });
	return json.id;
}
const act = (who, id, word) => stack.request('POST', `${API}/escalations/${id}/${word}`, { bearer: who.access_token });
const live = page => page.locator('#link', { hasText: 'Live' }).waitFor();
const row = (page, id) => page.locator(`#h-${id}`);
const spoken = page => page.locator('#live').textContent();

test('an arrival is there at once, in the list, the title, the count, and aloud; taken it goes', async () => {
	const page = await desk(senior, { reducedMotion: 'no-preference' });
	await live(page);
	assert.equal(await page.title(), 'Escalations – ResolutionFlow');
	const before = Date.now();
	const id = await escalate();
	await row(page, id).waitFor({ timeout: 5000 });
	const took = Date.now() - before;
	assert.ok(took < 3000, `${took} ms`);
	assert.equal(await page.title(), '(1) Escalations – ResolutionFlow');
	assert.match(await spoken(page), /^New: VPN drops hourly from Jonas Weber$/);
	assert.ok(await row(page, id).evaluate(node => node.classList.contains('new')));
	await page.locator('nav.inline [data-waiting]', { hasText: '1' }).first().waitFor();
	await page.waitForTimeout(600); // it has slid in
	await examine(page, 'queue-1280');
	await act(senior, id, 'claim');
	await row(page, id).waitFor({ state: 'detached' });
	await page.waitForFunction(() => document.title.startsWith('Escalations'));
	assert.match(await page.locator('main').textContent(), /Nobody waits/);
});

test('any other page counts, too', async () => {
	const page = await desk(senior);
	await page.goto('/flows');
	await page.waitForTimeout(500);
	await escalate();
	await page.locator('nav.inline [data-waiting]:not([hidden])', { hasText: '1' }).first().waitFor();
});

test('who hands off does not see it wait for themselves, nor does another account', async () => {
	const [own, theirs] = [await desk(junior), await desk(stranger)];
	await live(own);
	await live(theirs);
	await escalate();
	await own.waitForTimeout(1200);
	for (const page of [own, theirs]) {
		assert.equal(await page.title(), 'Escalations – ResolutionFlow');
		assert.match(await page.locator('main').textContent(), /Nobody waits/);
	}
});

test('what arrives while the page is loading is not missed, however late its script or its stream', async () => {
	const page = await desk(senior);
	const hold = (pattern, milliseconds) => page.route(pattern, async route => {
		await page.waitForTimeout(milliseconds);
		await route.continue();
	});
	await hold(/\/queue\.\w+\.js$/, 1500);
	await page.reload({ waitUntil: 'commit' });
	await page.waitForTimeout(500);
	const first = await escalate();
	await live(page);
	await row(page, first).waitFor();
	await page.unrouteAll({ behavior: 'wait' });
	await hold(/\/events\?/, 1500);
	await page.reload();
	const second = await escalate();
	await live(page);
	await row(page, second).waitFor();
	assert.equal(await page.title(), '(2) Escalations – ResolutionFlow');
});

test('nothing slides where the reader does not wish it', async () => {
	const page = await desk(senior);
	await page.emulateMedia({ reducedMotion: 'reduce' });
	await live(page);
	const id = await escalate();
	await row(page, id).waitFor();
	assert.equal(await row(page, id).evaluate(node => getComputedStyle(node).animationName), 'none');
});

test('two tabs have one stream, and both are told', async () => {
	const page = await desk(senior);
	await live(page);
	const other = await page.context().newPage();
	await other.goto(new URL('/escalations', page.url()).href);
	await live(other);
	const id = await escalate();
	for (const tab of [page, other])
		await row(tab, id).waitFor();
	const held = await other.evaluate(async () => (await navigator.locks.query()).held.length);
	assert.equal(held, 1);
	await page.close();
	await other.locator('#link', { hasText: 'Live' }).waitFor();
	const next = await escalate();
	await row(other, next).waitFor();
});

test('it says when the connection is down, and catches up when it is back', async () => {
	const page = await desk(senior);
	await live(page);
	await stack.kill('hub');
	await page.locator('#link', { hasText: 'Reconnecting' }).waitFor({ timeout: 15000 });
	const id = await escalate();
	await stack.startHub();
	await row(page, id).waitFor({ timeout: 30000 });
	await live(page);
	assert.equal(await page.locator('[data-row]').count(), 1);
});

test('the focus stays where it was', async () => {
	const first = await escalate();
	const page = await desk(senior);
	await live(page);
	await page.locator(`#l-${first}`).focus();
	const id = await escalate({ priority: 'urgent' });
	await row(page, id).waitFor();
	assert.equal(await page.evaluate(() => document.activeElement.id), `l-${first}`);
	assert.deepEqual(await page.locator('[data-row]').evaluateAll(rows => rows.map(node => node.id)), [`h-${id}`, `h-${first}`]);
});

test('claimed with one press, one is at the step', async () => {
	const id = await escalate();
	const page = await desk(senior);
	await page.locator(`#c-${id}`).click();
	await page.waitForURL(/\/sessions\/[0-9a-f-]+\/steps\/1/);
	assert.match(await page.locator('main').textContent(), /Jonas Weber/);
	assert.equal((await stack.sql('SELECT state FROM handoff WHERE id = $1', [id]))[0].state, 'claimed');
});

for (const [width, dark] of [[360, false], [1280, true]])
	test(`without a script a link shows what is new, ${width} px`, async () => {
		const page = await desk(senior, { js: false, width, dark });
		const id = await escalate();
		await page.getByRole('link', { name: 'Refresh', exact: true }).click();
		await row(page, id).waitFor();
		await page.getByRole('link', { name: 'Refresh by itself' }).click();
		await page.getByRole('link', { name: 'Stop refreshing every 30 s' }).waitFor();
		await page.getByRole('link', { name: 'Mine' }).click();
		await page.getByText('Nothing in your hands').waitFor();
		await page.getByRole('link', { name: 'Waiting', exact: true }).click();
		await row(page, id).waitFor();
		assert.equal(await page.evaluate(() => document.documentElement.scrollWidth > innerWidth), false);
	});

test('on a phone', async () => {
	await escalate({ reason: 'x'.repeat(300) });
	await escalate({ priority: 'urgent' });
	const page = await desk(senior, { width: 360 });
	await live(page);
	await examine(page, 'queue-360');
	assert.ok(await page.locator('.menu-count').isVisible(), 'the count is there though the menu is shut');
});
