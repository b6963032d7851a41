// Hasty hands on the page of a step: a button pressed twice, two tabs, Back and an answer to what was there before.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { API } from '../support/accounts.mjs';
import { signIn } from '../support/journey.mjs';
import { openPages } from '../support/pages.mjs';
import { procedureFlow, runnableFlow, startSession } from '../support/sessions.mjs';

let pages;
let flow;
let procedure;
before(async () => {
	pages = await openPages();
	flow = await runnableFlow(pages.stack, pages.maren);
	procedure = await procedureFlow(pages.stack, pages.maren);
});
after(() => pages?.close());

const button = (page, name) => page.getByRole('main').getByRole('button', { name, exact: true });
const at = (page, n) => page.waitForURL(url => url.pathname.endsWith(`/steps/${n}`));
const stored = async id => (await pages.stack.request('GET', `${API}/sessions/${id}`, { bearer: pages.maren.access_token })).json;
const answers = async id => (await stored(id)).steps.map(step => [step.node_id, step.notes]);

async function begin(tree, js) {
	const { id } = await startSession(pages.stack, pages.maren, tree.id);
	const page = await pages.browser.page(pages.stack, { js });
	await signIn(page, pages.maren.email);
	await page.goto(`/sessions/${id}`);
	await at(page, 1);
	return { page, id };
}

for (const js of [false, true]) {
	const how = js ? 'with scripts' : 'without scripts';
	test(`an answer pressed twice counts once, ${how}`, async () => {
		const { page, id } = await begin(flow, js);
		await page.locator('#note').fill('pressed in haste');
		await button(page, '2 No').dblclick({ noWaitAfter: true });
		await at(page, 2);
		await page.waitForLoadState();
		assert.deepEqual(await answers(id), [['n1', 'pressed in haste']]);
		await page.context().close();
	});

	test(`two tabs and Back: what was answered stays, what was typed is there to be taken, ${how}`, async () => {
		const { page, id } = await begin(flow, js);
		const other = await page.context().newPage();
		await other.goto(`/sessions/${id}/steps/1`);
		await page.locator('#note').fill('of the first tab');
		await button(page, '2 No').click();
		await at(page, 2);
		await button(other, '1 Yes').click();
		await other.getByText('This session has moved on').first().waitFor();
		assert.equal(await other.locator('#older').inputValue(), 'Answer: Yes');
		await button(other, '1 Done').click(); // the page that came shows where it stands, and goes on from there
		await at(other, 3);
		await page.goBack();
		if (await button(page, '1 Yes').count()) { // kept by the browser as it was
			await button(page, '1 Yes').click();
			await page.getByText('This session has moved on').first().waitFor();
		} else {
			await page.getByText('This is an earlier step').waitFor();
		}
		assert.deepEqual(await answers(id), [['n1', 'of the first tab'], ['n2', '']]);
		await page.context().close();
	});
}

// The second press of a double click comes when the next step is there already, its button at the same place.
test('the second press of a double click does not answer the next step', async () => {
	const { page, id } = await begin(procedure, true);
	const box = await button(page, '1 Done').boundingBox();
	const [x, y] = [box.x + box.width / 2, box.y + box.height / 2];
	await page.mouse.move(x, y);
	await page.mouse.down();
	await page.mouse.up();
	await at(page, 2);
	const next = await button(page, '1 Done').boundingBox();
	await page.mouse.move(next.x + next.width / 2, next.y + next.height / 2);
	await page.mouse.down({ clickCount: 2 });
	await page.mouse.up({ clickCount: 2 });
	await page.waitForTimeout(300);
	assert.deepEqual((await answers(id)).length, 1);
	await page.mouse.down();
	await page.mouse.up();
	await at(page, 3);
	await page.context().close();
});
