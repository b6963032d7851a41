// The history as people use it: on a phone and on a desk, without JavaScript and with it.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { colleague, register } from '../support/accounts.mjs';
import { openBrowser, sourceOf } from '../support/browser.mjs';
import { fill, menu, press, signIn, survey } from '../support/journey.mjs';
import { patient } from '../support/patience.mjs';
import { prepareSession, procedureFlow, runnableFlow, sessionCall, startSession } from '../support/sessions.mjs';
import { startStack } from '../support/stack.mjs';

let stack;
let browser;
let admin;
let reader;
before(async () => {
	stack = await startStack({ settings: { WORKERS: 4 }, hub: true });
	admin = await register(stack, { name: 'Maren Holt' });
	reader = await colleague(stack, admin, 'viewer');
	await fillAccount();
	browser = await openBrowser();
});
after(async () => {
	await browser?.close();
	await stack?.stop();
});

// Sessions in every state, and thirty more.
async function fillAccount() {
	const call = sessionCall(stack);
	const flows = [await runnableFlow(stack, admin), await procedureFlow(stack, admin)];
	const start = (flow, fields) => startSession(stack, admin, flow.id, fields);
	for (let at = 0; at < 30; at++)
		await call('POST', `/${(await start(flows[at % 2], { client_name: 'Baker & Sons', ticket_number: `CW-${1000 + at}` })).id}/complete`, admin,
			{ outcome: ['resolved', 'escalate', 'unresolved'][at % 3], summary: at ? 'As usual' : 'The humidifier dripped' });
	const old = await prepareSession(stack, admin, flows[0].id, { client_name: 'A client whose name is longer than anybody would think possible, Inc.' });
	await stack.sql(`UPDATE session SET created_at = now() - interval '9 days' WHERE id = $1`, [old.id]);
	await prepareSession(stack, admin, flows[1].id, { assigned_to_id: (await colleague(stack, admin, 'engineer')).id });
	await call('POST', `/${(await start(flows[1])).id}/abandon`, admin);
	const parked = await start(flows[1]);
	await stack.sql(`INSERT INTO handoff (account_id, id, session_id, intent, state, by_id) SELECT account_id, uuid7(), id, 'park', 'parked', owner_id FROM session WHERE id = $1`, [parked.id]);
	await start(flows[0], { client_name: 'Acme', ticket_number: 'INC-77', variables: { server: 'dc01.a-rather-long-name.corp.example' } });
}

async function open(who, options) {
	const page = await browser.page(stack, options);
	await signIn(page, who.email);
	return page;
}

const rows = page => page.locator('[id^="s-"]');

describe('the history', { concurrency: 2 }, () => {
	test('every look', async t => {
		const page = await open(admin);
		assert.ok((await menu(page)).includes('Sessions'));
		for (const [name, path] of [['history', '/sessions'], ['history-filtered', '/sessions?q=humidifier&client=baker+%26+sons&from=2020-01-01&status=completed&owner=all'],
			['history-none', '/sessions?q=nothing+of+the+kind'], ['history-prepared', '/sessions?status=prepared']]) {
			await t.test(name, async () => {
				await page.goto(path);
				await survey(page, name, { html: await sourceOf(page) });
			});
		}
		await t.test('a viewer\'s', async () => {
			const tom = await open(reader);
			await tom.goto('/sessions');
			assert.equal(await rows(tom).count(), 25);
			await survey(tom, 'history-viewer', { html: await sourceOf(tom) });
		});
		await t.test('of an account without any', async () => {
			const fresh = await open(await register(stack));
			await fresh.goto('/sessions');
			await survey(fresh, 'history-empty', { html: await sourceOf(fresh) });
			await fresh.getByRole('link', { name: 'Choose a flow' }).click();
			await fresh.waitForURL(/\/flows$/);
		});
	});

	for (const js of [false, true]) {
		test(`search, filter and page on, ${js ? 'with' : 'without'} scripts`, async () => {
			const page = await open(admin, { js });
			await page.getByRole('navigation', { name: 'Main', exact: true }).getByRole('link', { name: 'Sessions' }).click();
			await page.getByRole('heading', { name: '35 sessions' }).waitFor();
			assert.match(await rows(page).first().innerText(), /VPN drops hourly[^]*At: Does dc01\.a-rather-long-name\.corp\.example answer\?[^]*Acme\s+INC-77[^]*Running[^]*Maren Holt/);
			await page.getByRole('link', { name: 'Older' }).click();
			await page.waitForURL(/after=/);
			assert.equal(await rows(page).count(), 10);
			await page.getByRole('link', { name: 'Newer' }).click();
			await page.waitForURL(/before=/);
			assert.equal(await rows(page).count(), 25);
			await page.getByRole('link', { name: 'Prepared', exact: true }).click();
			await page.waitForURL(/status=prepared/);
			assert.equal(await rows(page).count(), 2);
			await page.getByText('Over a week old').waitFor();
			await page.getByRole('link', { name: 'All', exact: true }).click();
			await page.getByText('Filter', { exact: true }).click();
			await fill(page, { Client: 'baker & sons', Flow: 'New workstation' });
			if (!js)
				await press(page, 'Show');
			await page.waitForURL(/client=baker/);
			await page.getByRole('heading', { name: '15 sessions' }).waitFor();
			await page.getByRole('link', { name: /^Flow: New workstation/ }).click();
			await page.getByRole('heading', { name: '30 sessions' }).waitFor();
			await fill(page, { 'Search notes': 'humidifiers' });
			if (!js)
				await press(page, 'Show');
			await page.getByRole('heading', { name: '1 session', exact: true }).waitFor();
			assert.match(page.url(), /q=humidifiers/);
			await page.getByRole('link', { name: /^Client/ }).click();
			await page.getByRole('link', { name: /^Words/ }).click();
			await page.getByRole('heading', { name: '35 sessions' }).waitFor();
			assert.deepEqual(page.problems, []);
		});
	}

	test('an older answer never replaces a newer one', async () => {
		const page = await open(admin);
		await page.goto('/sessions');
		const asked = [];
		await page.route(/\/sessions\?/, async route => {
			const first = asked.push(route.request().url()) === 1;
			const answer = await route.fetch().catch(() => null);
			if (first)
				await sleep(patient(1500));
			if (answer)
				await route.fulfill({ response: answer }).catch(() => {}); // nobody waits for it any more
		});
		const box = page.getByLabel('Search notes');
		await box.fill('usual');
		while (asked.length === 0)
			await sleep(20);
		await box.fill('humidifier');
		await page.waitForURL(/q=humidifier/);
		await sleep(patient(2000));
		assert.equal(await page.locator('#live').innerText(), '1 session');
		assert.match(page.url(), /q=humidifier/);
		assert.equal(await rows(page).count(), 1);
		assert.deepEqual(page.problems, []);
	});
});
