// The queue as a page and through the API: who sees what in which order, and how many wait.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { API, browser, colleague, isProblem, register } from '../support/accounts.mjs';
import { madeAndPublished } from '../support/flows.mjs';
import { runnable, sessionCall, startSession } from '../support/sessions.mjs';
import { startStack } from '../support/stack.mjs';

let stack;
let call;
let admin;
let junior;
let senior;
let viewer;
let stranger;
let flow;
const at = {};
before(async () => {
	stack = await startStack();
	call = sessionCall(stack);
	admin = await register(stack, { name: 'Maren Holt' });
	stranger = await register(stack);
	[junior, senior, viewer] = [await colleague(stack, admin, 'engineer'), await colleague(stack, admin, 'engineer'), await colleague(stack, admin, 'viewer')];
	flow = await madeAndPublished(stack, admin, { ...runnable(), name: 'VPN of [VAR:server]', visibility: 'public' });
	for (const [name, who] of Object.entries({ admin, junior, senior, viewer, stranger }))
		at[name] = await browser(stack, who.email);
});
after(() => stack?.stop());

const act = (who, handoff, word, json) => stack.request('POST', `${API}/escalations/${handoff}/${word}`, { bearer: who?.access_token, json });
const list = (who, query = '') => stack.request('GET', `${API}/escalations${query}`, { bearer: who?.access_token });
async function waiting(who = junior, more = {}) {
	const { id } = await startSession(stack, who, flow.id, { client_name: 'Acme', ticket_number: 'T-1' });
	return (await call('POST', `/${id}/handoff`, who, { intent: 'escalate', reason: 'Stuck', ...more })).json;
}
const clear = () => stack.sql("UPDATE handoff SET state = 'cancelled', ended_at = now() WHERE state IN ('open', 'claimed')");
const main = page => /<main[\s\S]*<\/main>/.exec(page.text)[0];
const ids = page => [...page.text.matchAll(/<tr id="h-([0-9a-f-]{36})"/g)].map(m => m[1]);
const counted = page => /<span class="count" data-waiting([^>]*)><span>(\d+)/.exec(page.text);

test('nobody waits', async () => {
	await clear();
	assert.match(main(await at.senior.get('/escalations')), /Nobody waits/);
	assert.match(main(await at.senior.get('/escalations?show=mine')), /Nothing in your hands/);
	assert.match(counted(at.senior.page)[1], /hidden/);
});

test('the most urgent first, of those the oldest; or the newest first', async () => {
	await clear();
	const low = await waiting(junior, { priority: 'low' });
	const urgent = await waiting(junior, { priority: 'urgent' });
	const normal = await waiting();
	const later = await waiting(junior, { priority: 'urgent' });
	assert.deepEqual(ids(await at.senior.get('/escalations')), [urgent.id, later.id, normal.id, low.id]);
	assert.deepEqual(ids(await at.senior.get('/escalations?sort=newest')), [later.id, normal.id, urgent.id, low.id]);
	const text = main(at.senior.page);
	assert.match(text, /VPN of \[The server\]/);
	assert.match(text, /Acme[\s\S]*T-1[\s\S]*Urgent/);
});

test('names are filled with what the session knows', async () => {
	await clear();
	const made = await waiting();
	await call('PATCH', `/${made.session_id}/variables`, junior, { server: '<b>srv-9</b>' });
	assert.match(main(await at.senior.get('/escalations')), /VPN of &lt;b&gt;srv-9&lt;\/b&gt;/);
});

test('one\'s own do not wait for oneself', async () => {
	await clear();
	const { id } = await waiting();
	assert.deepEqual(ids(await at.junior.get('/escalations')), []);
	assert.match(counted(at.junior.page)[1], /hidden/);
	assert.deepEqual(ids(await at.junior.get('/escalations?show=mine')), [id]);
	assert.match(main(at.junior.page), /Handed off by you/);
	assert.doesNotMatch(main(at.junior.page), />Claim</);
	assert.equal(counted(await at.senior.get('/'))[2], '1', 'every page says how many');
	assert.deepEqual((await stack.request('GET', `${API}/escalations/waiting`, { bearer: senior.access_token })).json, { waiting: 1 });
	assert.deepEqual((await stack.request('GET', `${API}/escalations/waiting`, { bearer: junior.access_token })).json, { waiting: 0 });
});

test('taken over it is mine, closed it stands among the closed', async () => {
	await clear();
	const { id } = await waiting();
	await act(senior, id, 'claim');
	assert.deepEqual(ids(await at.senior.get('/escalations')), []);
	assert.deepEqual(ids(await at.senior.get('/escalations?show=mine')), [id]);
	assert.deepEqual(ids(await at.admin.get('/escalations?show=mine')), []);
	await act(senior, id, 'resolve');
	assert.equal(ids(await at.admin.get('/escalations?show=closed'))[0], id);
	assert.match(main(at.admin.page), /data-label="Resolved"/);
});

test('it refreshes by itself where that is asked for, and not without', async () => {
	assert.equal((await at.senior.get('/escalations')).headers.refresh, undefined);
	assert.equal((await at.senior.get('/escalations?refresh=30')).headers.refresh, '30');
	assert.match(main(at.senior.page), /Stop refreshing every 30 s/);
	for (const odd of ['0', '9', '3601', 'x'])
		assert.equal((await at.senior.get(`/escalations?refresh=${odd}`)).headers.refresh, undefined, odd);
});

test('the API lists by state, in pages, with whose it is', async () => {
	await clear();
	const [first, second] = [await waiting(), await waiting(senior)];
	const open = (await list(senior, '?status=open')).json;
	assert.deepEqual([open.total, open.items.map(item => [item.id, item.mine])], [2, [[second.id, true], [first.id, false]]]);
	assert.deepEqual(open.items[1].deliveries.map(d => d.occasion), first.deliveries.map(() => 'created'));
	const page = (await list(senior, '?status=open&per_page=1&page=2')).json;
	assert.deepEqual(page.items.map(item => item.id), [first.id]);
	await act(senior, first.id, 'claim');
	assert.deepEqual((await list(senior, '?status=claimed')).json.items.map(item => item.claimed_by.id), [senior.id]);
	assert.ok((await list(admin)).json.total >= 2, 'all of them');
	for (const status of ['resolved', 'cancelled'])
		assert.ok((await list(admin, `?status=${status}`)).json.items.every(item => item.status === status));
	isProblem(await list(senior, '?status=parked'), 422, 'invalid');
});

test('who handed off reads where it reached nobody', async () => {
	const own = await madeAndPublished(stack, stranger, { ...runnable(), visibility: 'public' });
	const { id } = await startSession(stack, stranger, own.id);
	await call('POST', `/${id}/handoff`, stranger, { intent: 'escalate', reason: 'Alone' });
	assert.match(main(await at.stranger.get('/escalations?show=mine')), /Reached nobody/);
	await clear();
	await waiting();
	assert.doesNotMatch(main(await at.junior.get('/escalations?show=mine')), /Reached nobody/);
});

test('viewers and strangers see none of it', async () => {
	await clear();
	await waiting();
	assert.equal((await at.viewer.get('/escalations')).status, 403);
	assert.doesNotMatch((await at.viewer.get('/')).text, /data-waiting|\/escalations/);
	isProblem(await list(viewer), 403, 'forbidden');
	isProblem(await list(null), 401, 'not_signed_in');
	assert.deepEqual((await list(stranger, '?status=open')).json.items, []);
	assert.deepEqual(ids(await at.stranger.get('/escalations')), []);
	assert.deepEqual((await stack.request('GET', `${API}/escalations/waiting`, { bearer: stranger.access_token })).json, { waiting: 0 });
});
