// The account's people in a browser: whom a page shows, what it says before it does something, and lists of invites; with
// scripts and without.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { API } from '../support/accounts.mjs';
import { madeAndPublished } from '../support/flows.mjs';
import { fill, press } from '../support/journey.mjs';
import { colleagues, openPages } from '../support/pages.mjs';
import { prepareSession, runnable, sessionCall, startSession } from '../support/sessions.mjs';

let pages;
let people;
let night;
const call = (method, path, who, json) => pages.stack.request(method, `${API}${path}`, { bearer: who.access_token, json });
before(async () => {
	pages = await openPages();
	people = await colleagues(pages);
	const { stack, maren } = pages;
	night = (await call('POST', '/teams', maren, { name: 'Night shift of the long holidays' })).json;
	await stack.sql("UPDATE person SET team_id = (SELECT team_id FROM person WHERE id = $2), name = 'Aleksandra Wojciechowska-Konstantinopoulos' WHERE id = $1", [people.engineer.id, maren.user.id]);
	const flow = await madeAndPublished(stack, maren, { ...runnable(), visibility: 'public' });
	for (let at = 0; at < 7; at++)
		await startSession(stack, people.engineer, flow.id, { client_name: 'Harbour Dental', ticket_number: `T-${at}` });
	await prepareSession(stack, maren, flow.id, { assigned_to_id: people.engineer.id });
	const { id } = await startSession(stack, maren, flow.id);
	const { json } = await sessionCall(stack)('POST', `/${id}/handoff`, maren, { intent: 'escalate', reason: 'Stuck' });
	await call('POST', `/escalations/${json.id}/claim`, people.engineer);
});
after(() => pages?.close());

test('people are filtered, looked at, and let go', async t => {
	const { engineer, viewer } = people;
	const page = await pages.open(pages.maren);
	await page.goto('/users');
	await page.getByText('Filter', { exact: true }).click();
	await fill(page, { Role: 'Engineer', Team: 'Everyone', Status: 'Active' });
	await press(page, 'Search');
	await page.waitForURL(/role=engineer/);
	assert.equal(await page.getByRole('row').count(), 2);
	await pages.look(t, page, 'users-filtered');
	await pages.look(t, page, 'user-holds', `/users/${engineer.id}`);
	await page.getByRole('link', { name: 'Deactivate …' }).click();
	await pages.look(t, page, 'user-deactivate');
	await pages.look(t, page, 'user-remove', `/users/${viewer.id}/remove`);
	await press(page, 'Remove from the account');
	await page.getByText('They are out of the account.').waitFor();
	await pages.look(t, page, 'user-left');
	await pages.look(t, page, 'user-hand-to', `/users/${engineer.id}/sessions`);
	await press(page, 'Hand them over');
	await pages.look(t, page, 'user-hand-to-nobody', null, 422);
	await fill(page, { 'Hand them to': 'Maren Holt' });
	await press(page, 'Hand them over');
	await page.getByText('sessions are handed over.').waitFor();
	await page.getByRole('button', { name: /^Sign out/ }).first().click();
	await page.getByText('That device is signed out.').waitFor();
});

test('teams: moving people and the end of one', async t => {
	const page = await pages.open(pages.maren);
	const everyone = (await call('GET', '/teams', pages.maren)).json.items.find(team => team.name === 'Everyone');
	await pages.look(t, page, 'team-people', `/teams/${everyone.id}`);
	await press(page, 'Move them');
	await pages.look(t, page, 'team-nobody', null, 422);
	await page.getByRole('checkbox', { name: /^Move Aleksandra/ }).check();
	await fill(page, { 'Move to': 'Night' });
	await press(page, 'Move them');
	await page.getByText('1 person is moved.').waitFor();
	await pages.look(t, page, 'team-delete', `/teams/${night.id}/delete`);
	await fill(page, { 'Its people and flows go to': 'Everyone' });
	await press(page, 'Delete the team');
	await page.getByText('The team is deleted.').waitFor();
	await pages.look(t, page, 'team-last', `/teams/${everyone.id}/delete`);
});

const LIST = ['email,role,team', 'ola@northbridge.example,engineer,Everyone', 'per@northbridge.example,,Harbour desk', 'nobody,,',
	`${'long'.repeat(12)}@averylongnameofadomainwithoutanyblank.example.com,viewer,`, 'ola@northbridge.example,,'].join('\n');

test('a list of invites is checked, then sent', async t => {
	const page = await pages.open(pages.maren);
	await page.goto('/invites');
	await page.getByRole('link', { name: 'Invite many at once' }).click();
	await pages.look(t, page, 'invites-bulk');
	await press(page, 'Check the list');
	await pages.look(t, page, 'invites-bulk-empty', null, 422);
	await fill(page, { 'The list': LIST });
	await press(page, 'Check the list');
	await page.waitForURL(/bulk\/./);
	await pages.look(t, page, 'invites-bulk-report');
	await page.getByLabel('Add the teams that are not there').check();
	await press(page, 'Send 2 invites');
	await page.getByRole('heading', { name: '3 of 5 invited' }).waitFor();
	await pages.look(t, page, 'invites-bulk-sent');
	await page.reload();
	await pages.look(t, page, 'invites-many', '/invites');
	await pages.look(t, page, 'invites-none', '/invites?q=nobody+at+all');
	await page.goto('/invites?q=ola');
	await page.getByText('Revoke the invite for').click();
	await page.getByRole('button', { name: /^Revoke it/ }).click();
	await page.getByText('The invite is revoked.').waitFor();
});

test('without scripts', async () => {
	const page = await pages.open(pages.maren);
	await page.context().route('**/*.js', route => route.abort());
	await page.goto('/invites/bulk');
	await page.getByLabel('Or a file with it').setInputFiles({ name: 'people.csv', mimeType: 'text/csv', buffer: Buffer.from('quin@northbridge.example;viewer\n') });
	await press(page, 'Check the list');
	await press(page, 'Send 1 invite');
	await page.getByRole('heading', { name: '1 of 1 invited' }).waitFor();
	await page.goto(`/users/${people.engineer.id}/deactivate`);
	await press(page, 'Deactivate');
	await page.getByText('They are deactivated').waitFor();
	await press(page, 'Let them in again');
	await page.getByText('They may sign in again.').waitFor();
	await page.goto('/invites?q=quin');
	await page.getByRole('button', { name: /^Send again/ }).click();
	await page.getByRole('heading', { name: 'The invite is on its way' }).waitFor();
});
