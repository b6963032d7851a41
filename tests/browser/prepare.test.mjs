// What comes before a session runs and while it is laid aside, as people meet it: the flow's page, the form that prepares,
// the page of what is prepared, parking, and the home page; with scripts and without.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { API, signIn as token } from '../support/accounts.mjs';
import { fill, press, signIn } from '../support/journey.mjs';
import { openPages } from '../support/pages.mjs';

const who = name => ({ email: `${name}@northbridge.example` });
const LONG = 'Donaudampfschifffahrtsgesellschaftskapitänswitwenrentenauszahlungsstelle';

let pages;
const of = {}; // what the demo account holds, by ticket and by name
before(async () => {
	pages = await openPages();
	pages.stack.command(['seed-demo']);
	for (const { ticket, id } of await pages.stack.sql('SELECT ticket, id FROM session'))
		of[ticket] = id;
	for (const { name, id } of await pages.stack.sql('SELECT name, id FROM flow'))
		of[name] = id;
});
after(() => pages?.close());

const onboarding = () => of['New user onboarding'];

test('of an engineer', async t => {
	const link = new URLSearchParams({ ticket: 'NB-20800', client: LONG, 'v.first_name': 'Ines', 'v.start_date': '2026-12-01', 'v.special_wishes': 'Two\nlines' });
	await pages.tour(t, who('jonas'), [['home-engineer', '/'], ['flow-start', `/flows/${onboarding()}`], ['flow-linked', `/flows/${onboarding()}?${link}`],
		['prepare-choose', '/sessions/prepare'], ['prepare-none', '/sessions/prepare?q=nothing+of+the+kind'], ['prepare-form', `/sessions/prepare?flow=${onboarding()}&${link}`],
		['prepared-stale', `/sessions/${of['NB-20650']}`], ['parked', `/sessions/${of['NB-20733']}`], ['park', `/sessions/${of['NB-20756']}/park`], ['profile-told', '/profile']]);
});

test('of whom it is for, and of who prepared it', async t => {
	await pages.tour(t, who('priya'), [['home-assignee', '/'], ['prepared-mine', `/sessions/${of['NB-20751']}`], ['prepared-edit', `/sessions/${of['NB-20751']}/edit`]]);
	await pages.tour(t, who('maren'), [['prepared-others', `/sessions/${of['NB-20751']}`], ['parked-others', `/sessions/${of['NB-20733']}`]]);
	await pages.tour(t, who('tom'), [['home-viewer', '/'], ['flow-viewer', `/flows/${onboarding()}`]]);
});

test('on a newer version of the flow', async t => {
	const { access_token: bearer } = (await token(pages.stack, who('maren').email)).json;
	const tree = (await pages.stack.request('GET', `${API}/trees/${onboarding()}`, { bearer })).json;
	await pages.stack.request('PUT', `${API}/trees/${tree.id}`, { bearer, json: { name: tree.name, description: 'Shorter.' } });
	assert.equal((await pages.stack.request('POST', `${API}/trees/${tree.id}/publish`, { bearer, json: {} })).status, 200);
	const page = await pages.tour(t, who('maren'), [['prepared-outdated', `/sessions/${of['NB-20650']}`]]);
	await press(page, 'Prepare anew on version 2');
	await page.getByText('Prepared anew').waitFor();
	assert.match(await page.getByRole('main').innerText(), /Deniz[\s\S]*Version 2/);
	await page.context().close();
});

for (const js of [true, false])
	test(`prepared, changed, refused, started and parked, ${js ? 'with' : 'without'} scripts`, async () => {
		const page = await pages.browser.page(pages.stack, { js, width: 360 });
		await signIn(page, who('jonas').email);
		await page.goto('/');
		await page.getByRole('link', { name: 'Prepare a session' }).click();
		await page.getByRole('searchbox').fill('onboarding user');
		await press(page, 'Search');
		await page.getByRole('link', { name: 'New user onboarding' }).click();
		await fill(page, { 'For': 'Priya Nair', 'Client': 'Acme GmbH' });
		const mail = page.getByLabel(/e-mail/i).first();
		await mail.fill('nobody');
		await press(page, 'Prepare');
		await page.getByText('There is a problem').waitFor();
		assert.equal(await page.getByLabel('Client').inputValue(), 'Acme GmbH');
		await mail.fill('ines@acme.example');
		await press(page, 'Prepare');
		await page.waitForURL(/\/sessions\/[0-9a-f-]{36}$/);
		assert.match(await page.getByRole('main').innerText(), /Acme GmbH[\s\S]*Priya Nair/);
		assert.equal(await page.getByRole('button', { name: 'Start' }).count(), 0, 'it is hers');
		await page.getByRole('link', { name: 'Change' }).click();
		await fill(page, { 'For': 'Anyone in the team' });
		await press(page, 'Save');
		await page.getByRole('button', { name: 'Start' }).waitFor();
		await press(page, 'Start');
		await page.waitForURL(/\/steps\/1$/);
		const id = /sessions\/([0-9a-f-]{36})/.exec(page.url())[1];
		await page.goto(`/sessions/${id}/park`);
		await fill(page, { 'Why': 'Waits for the licence', 'Until': 'For one hour' });
		await press(page, 'Park it');
		await page.waitForURL(url => url.pathname === '/');
		await page.goto(`/sessions/${id}`);
		await page.getByText('Waits for the licence').waitFor();
		await press(page, 'Resume');
		await page.waitForURL(url => url.pathname !== `/sessions/${id}/resume`);
		await page.goto('/');
		assert.match(await page.getByRole('main').innerText(), /Go on where you stopped\s+New user onboarding/);
		await page.context().close();
	});
