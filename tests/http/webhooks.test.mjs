// Endpoints of an account: who may keep them, what is refused, what is shown of a secret, and how news become calls.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import fs from 'node:fs';
import { after, before, test } from 'node:test';
import { API, browser, colleague, fieldsOf, isProblem, race, register } from '../support/accounts.mjs';
import { startStack } from '../support/stack.mjs';

let stack;
let owner;
let engineer;
before(async () => {
	stack = await startStack({ settings: { WORKERS: 4 } });
	owner = await register(stack);
	engineer = await colleague(stack, owner, 'engineer');
});
after(() => stack?.stop());

const URL_ = 'https://hooks.example.com/services/T0/B0/verysecret';
const call = (method, path, who = owner, json = undefined) => stack.request(method, `${API}/webhooks${path}`, { bearer: who.access_token, json });
const fields = more => ({ name: 'On call', url: URL_, kind: 'json', events: ['handoff_created'], ...more });
async function make(more, who = owner) {
	const answer = await call('POST', '', who, fields(more));
	assert.equal(answer.status, 201, answer.text);
	return answer.json;
}
const clear = () => stack.sql('TRUNCATE webhook, webhook_call');

test('a team admin adds, lists, changes and deletes, and it is on record without the address', async () => {
	const made = await make({ events: ['handoff_overdue', 'handoff_created', 'handoff_overdue'] });
	const { secret, ...hook } = made;
	assert.match(secret, /^whsec_[\w-]{43}$/);
	assert.deepEqual({ ...hook, id: 0, created_at: 0, updated_at: 0 }, {
		id: 0, name: 'On call', url: URL_, kind: 'json', events: ['handoff_created', 'handoff_overdue'], active: true, paused: false,
		failures: 0, failing_since: null, paused_until: null, waiting: 0, made_by: owner.user.name, created_at: 0, updated_at: 0 });
	assert.deepEqual((await call('GET', '')).json.items, [hook]);
	assert.deepEqual((await call('GET', `/${hook.id}`)).json, hook);
	const changed = (await call('PATCH', `/${hook.id}`, owner, { ...hook, name: 'Night shift' })).json;
	assert.deepEqual({ ...changed, updated_at: hook.updated_at }, { ...hook, name: 'Night shift' });
	assert.equal((await call('DELETE', `/${hook.id}`)).status, 204);
	isProblem(await call('GET', `/${hook.id}`), 404, 'not_found');
	isProblem(await call('DELETE', `/${hook.id}`), 404, 'not_found');
	assert.deepEqual((await call('GET', '')).json.items, []);
	const audit = await stack.sql("SELECT action, before, after FROM audit WHERE object = 'webhook' ORDER BY at");
	assert.deepEqual(audit.map(row => [row.action, row.before, row.after]), [
		['webhook.added', null, { name: 'On call', host: 'hooks.example.com' }],
		['webhook.changed', { name: 'On call', host: 'hooks.example.com' }, { name: 'Night shift', host: 'hooks.example.com' }],
		['webhook.deleted', { name: 'Night shift', host: 'hooks.example.com' }, null]]);
});

test('a secret is shown once, and kept sealed', async () => {
	const { id, secret } = await make();
	for (const path of ['', `/${id}`])
		assert.doesNotMatch((await call('GET', path)).text, /"secret"|whsec_/);
	const renewed = (await call('POST', `/${id}/secret`)).json;
	assert.deepEqual(Object.keys(renewed), ['id', 'secret']);
	const [row] = await stack.sql('SELECT secret, old_secret, old_secret_until FROM webhook WHERE id = $1', [id]);
	assert.ok(row.old_secret && row.old_secret !== row.secret);
	assert.ok(Math.abs(row.old_secret_until - Date.now() - 24 * 3600000) < 60000);
	for (const text of [row.secret, row.old_secret])
		assert.ok(!text.includes(secret.slice(6)) && !text.includes(renewed.secret.slice(6)));
	assert.doesNotMatch(JSON.stringify(await stack.sql('SELECT * FROM audit')), /whsec_|verysecret/);
	assert.doesNotMatch(stack.log('worker'), /whsec_|verysecret/);
});

test('only those who look after the account, and only their own', async () => {
	await clear();
	const stranger = await register(stack);
	const { id } = await make();
	const paths = [['GET', ''], ['POST', '', fields()], ['GET', `/${id}`], ['PATCH', `/${id}`, { name: 'x' }], ['DELETE', `/${id}`], ['POST', `/${id}/secret`],
		['POST', `/${id}/resume`], ['POST', `/${id}/test`], ['GET', `/${id}/calls`], ['POST', `/${id}/calls/${id}/again`]];
	for (const [method, path, json] of paths) {
		isProblem(await call(method, path, engineer, json), 403, 'forbidden');
		if (path)
			isProblem(await call(method, path, stranger, json), 404, 'not_found');
	}
	assert.deepEqual((await call('GET', '', stranger)).json.items, []);
	const [row] = await stack.sql('SELECT name, active FROM webhook WHERE id = $1', [id]);
	assert.deepEqual(row, { name: 'On call', active: true });
	assert.deepEqual(await stack.sql('SELECT FROM webhook_call'), []);
});

test('what is no endpoint is refused with what is wrong', async () => {
	await clear();
	const wrong = async (more, field, sentence) => {
		const answer = await call('POST', '', owner, fields(more));
		isProblem(answer, 422, 'invalid');
		assert.deepEqual(fieldsOf(answer), [field]);
		assert.match(answer.text, sentence);
	};
	await wrong({ url: 'http://hooks.example.com/' }, 'url', /begins with https/);
	await wrong({ url: 'https://10.0.0.1/' }, 'url', /private network/);
	await wrong({ url: 'http://127.0.0.1:8080/' }, 'url', /https/);
	await wrong({ url: 'https://localhost/' }, 'url', /private network/);
	await wrong({ url: 'https://a:b@hooks.example.com/' }, 'url', /user name/);
	await wrong({ url: 'https://hooks.example.com:22/' }, 'url', /port/);
	await wrong({ url: '' }, 'url', /./);
	await wrong({ name: '' }, 'name', /./);
	await wrong({ kind: 'pager' }, 'kind', /./);
	await wrong({ events: [] }, 'events', /at least one/);
	await wrong({ events: ['handoff_created', 'nothing'] }, 'events[1]', /none of the events/);
	await wrong({ events: 'handoff_created' }, 'events', /list/);
	const { id } = await make();
	for (const json of [{ url: 'https://10.0.0.1/' }, { events: [] }, { active: 'x' }, { secret: 'mine' }])
		isProblem(await call('PATCH', `/${id}`, owner, json), 422, 'invalid');
	assert.equal((await stack.sql('SELECT FROM webhook')).length, 1);
});

test('twenty and no more, also when many ask at once', async () => {
	await clear();
	const answers = await race(24, at => call('POST', '', owner, fields({ name: `Endpoint ${at}` })));
	assert.equal(answers.filter(({ status }) => status === 201).length, 20);
	isProblem(answers.find(({ status }) => status !== 201), 409, 'too_many_webhooks');
	assert.equal((await call('DELETE', `/${answers.find(({ status }) => status === 201).json.id}`)).status, 204);
	await make();
});

test('at another address an endpoint begins anew', async () => {
	await clear();
	const { id } = await make();
	const fail = () => stack.sql('UPDATE webhook SET failures = 7, failing_since = now(), paused_until = now() + interval \'1 hour\'');
	await fail();
	assert.equal((await call('PATCH', `/${id}`, owner, { name: 'Still there' })).json.paused, true);
	const moved = (await call('PATCH', `/${id}`, owner, { url: `${URL_}2` })).json;
	assert.deepEqual([moved.failures, moved.failing_since, moved.paused_until, moved.paused], [0, null, null, false]);
});

test('calls are listed the newest first, and one that has failed goes again', async () => {
	await clear();
	const { id } = await make();
	const first = (await call('POST', `/${id}/test`)).json.call;
	const second = (await call('POST', `/${id}/test`)).json.call;
	isProblem(await call('POST', `/${id}/calls/${first}/again`), 404, 'not_found');
	await stack.sql("UPDATE webhook_call SET state = 'failed', attempts = 8, last_status = 500, last_error = 'It answered 500.', unwanted = true WHERE id = $1", [first]);
	const { items, total } = (await call('GET', `/${id}/calls`)).json;
	assert.equal(total, 2);
	assert.deepEqual(items.map(item => item.id), [second, first]);
	assert.deepEqual({ ...items[1], created_at: 0 }, { id: first, event: 'test', event_id: `evt_${first}`, state: 'failed', attempts: 8, status: 500,
		error: 'It answered 500.', created_at: 0, next_at: null, sent_at: null });
	assert.deepEqual((await call('GET', `/${id}/calls?per_page=1&page=2`)).json.items.map(item => item.id), [first]);
	assert.equal((await call('POST', `/${id}/calls/${first}/again`)).status, 204);
	const [row] = await stack.sql('SELECT state, attempts, last_error, unwanted FROM webhook_call WHERE id = $1', [first]);
	assert.deepEqual(row, { state: 'queued', attempts: 0, last_error: null, unwanted: false });
	const other = await make({ name: 'Other' });
	isProblem(await call('POST', `/${other.id}/calls/${first}/again`), 404, 'not_found');
});

test('two accounts side by side: a program that queues in one reaches no endpoint of the other', async () => {
	await clear();
	const stranger = await register(stack);
	const mine = await make();
	const theirs = await make({}, stranger);
	const account = owner.user.account.id;
	const queue = (role, of) => stack.sqlAs(role, of, `INSERT INTO webhook_call (account_id, webhook_id, event, event_id, body)
		SELECT account_id, id, 'handoff_created', 'e', '{}' FROM webhook WHERE account_id = app_account() RETURNING webhook_id`);
	assert.deepEqual((await queue('rf_worker', account)).map(row => row.webhook_id), [mine.id]);
	assert.deepEqual((await queue('rf_jobs', stranger.user.account.id)).map(row => row.webhook_id), [theirs.id]);
	await assert.rejects(stack.sqlAs('rf_worker', account, `INSERT INTO webhook_call (account_id, webhook_id, event, event_id, body) VALUES ($1, $2, 'x', 'x', '{}')`,
		[stranger.user.account.id, theirs.id]), { code: '42501' });
	await assert.rejects(stack.sqlAs('rf_worker', account, `INSERT INTO webhook_call (account_id, webhook_id, event, event_id, body) VALUES ($1, $2, 'x', 'x', '{}')`,
		[account, theirs.id]), { code: '23503' });
	await assert.rejects(stack.sqlAs('rf_worker', account, 'UPDATE webhook_call SET body = \'x\''), { code: '42501' });
	await assert.rejects(stack.sqlAs('rf_worker', account, 'DELETE FROM webhook_call'), { code: '42501' });
	await assert.rejects(stack.sqlAs('rf_jobs', account, 'UPDATE webhook SET url = \'x\''), { code: '42501' });
	await assert.rejects(stack.sqlAs('rf_hub', account, 'SELECT FROM webhook'), { code: '42501' });
});

// ---- pages, without scripts ----

test('by forms: add, see the secret once, test, save, renew, delete', async () => {
	await clear();
	const page = await browser(stack, owner.email);
	assert.match((await page.get('/webhooks')).text, /No endpoints yet/);
	const refused = await page.post('/webhooks', [['name', 'Night'], ['url', 'http://10.0.0.1/'], ['kind', 'slack'], ['events', 'handoff_overdue']]);
	assert.equal(refused.status, 422);
	assert.match(refused.text, /The address begins with https/);
	assert.match(refused.text, /id="events-handoff_overdue"[^>]* checked/);
	assert.doesNotMatch(refused.text, /id="events-handoff_created"[^>]* checked/);
	const made = await page.post('/webhooks', [['name', 'Night'], ['url', URL_], ['kind', 'slack'], ['events', 'handoff_overdue'], ['events', 'handoff_created']]);
	assert.equal(made.status, 200);
	assert.match(made.text, /whsec_[\w-]{43}/);
	const [{ id }] = (await call('GET', '')).json.items;
	const list = await page.get('/webhooks');
	assert.match(list.text, /Night/);
	assert.doesNotMatch(list.text, /verysecret|whsec_[\w-]{43}/);
	const one = await page.get(`/webhooks/${id}`);
	assert.match(one.text, /id="events-handoff_overdue"[^>]* checked/);
	assert.doesNotMatch(one.text, /id="events-handoff_resolved"[^>]* checked/);
	assert.match((await page.post(`/webhooks/${id}/test`)).text, /A test call is on its way/);
	assert.match(page.page.text, /Waits/);
	await stack.sql("UPDATE webhook_call SET state = 'failed', attempts = 8, last_error = 'It answered <500>.'");
	assert.match((await page.get(`/webhooks/${id}`)).text, /It answered &lt;500&gt;\./);
	const [{ id: sent }] = await stack.sql('SELECT id FROM webhook_call');
	assert.match((await page.post(`/webhooks/${id}/calls/${sent}/again`)).text, /goes out again/);
	await stack.sql("UPDATE webhook SET failures = 7, failing_since = now(), paused_until = now() + interval '1 hour'");
	assert.match((await page.get(`/webhooks/${id}`)).text, /It is paused[\s\S]*Try again now/);
	assert.match((await page.post(`/webhooks/${id}/resume`)).text, /The next call goes out now/);
	const empty = await page.post(`/webhooks/${id}`, [['name', 'Night'], ['url', URL_], ['active', 'true']]);
	assert.equal(empty.status, 422);
	assert.match(empty.text, /Choose at least one event/);
	await page.get(`/webhooks/${id}`);
	const saved = await page.post(`/webhooks/${id}`, [['name', 'Day'], ['url', URL_], ['events', 'handoff_claimed']]);
	assert.equal(saved.status, 200);
	const [row] = await stack.sql('SELECT name, active, events FROM webhook WHERE id = $1', [id]);
	assert.deepEqual(row, { name: 'Day', active: false, events: ['handoff_claimed'] });
	assert.doesNotMatch(saved.text, /Send a test call<\/button>/);
	assert.match((await page.post(`/webhooks/${id}/secret`)).text, /whsec_[\w-]{43}/);
	assert.match((await page.get(`/webhooks/${id}/delete`)).text, /Delete Day\?/);
	assert.match((await page.post(`/webhooks/${id}/delete`)).text, /The endpoint is gone/);
	assert.equal((await page.get(`/webhooks/${id}`)).status, 404);
});

test('news of one type, told twice, is one call to each that asks for it', async () => {
	await clear();
	const [{ id: person }] = await stack.sql('SELECT id FROM person WHERE email = $1', [owner.email]);
	const hook = (name, kind, events, active = true) => stack.sql(`INSERT INTO webhook (account_id, id, name, url, kind, events, secret, active, created_by)
		VALUES ($1, $2, $3, $4, $5, $6, '', $7, $8)`, [owner.user.account.id, randomUUID(), name, URL_, kind, events, active, person]);
	await hook('a', 'json', ['handoff_created']);
	await hook('b', 'slack', ['handoff_created', 'handoff_overdue']);
	await hook('c', 'teams', ['handoff_overdue']);
	await hook('d', 'teams', ['handoff_created'], false);
	const [, text] = /-- name: webhook_calls_add.*\n([^;]*);/.exec(fs.readFileSync(new URL('../../fcgi/webhooks/store.sql', import.meta.url), 'utf8'));
	const tell = () => stack.sqlAs('rf_worker', owner.user.account.id, text, ['handoff_created', 'evt_1', 'J', 'S', 'T']);
	assert.equal((await tell()).length, 2);
	assert.equal((await tell()).length, 0);
	const sent = await stack.sql('SELECT w.name, c.body FROM webhook_call c JOIN webhook w ON w.id = c.webhook_id ORDER BY 1');
	assert.deepEqual(sent, [{ name: 'a', body: 'J' }, { name: 'b', body: 'S' }]);
});
