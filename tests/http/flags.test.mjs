// Feature flags: what is off is not there, for whom it is off, how soon, and who may switch.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { API, browser, colleague, isProblem, race, register, tally } from '../support/accounts.mjs';
import { makeFlow, publishFlow } from '../support/flows.mjs';
import { runnable, startSession } from '../support/sessions.mjs';
import { startStack } from '../support/stack.mjs';

const WORKERS = 6;
const FLAGS = ['webhooks', 'insight', 'public_links', 'fast_lane'];

let stack;
let operator;
let ann;
let bob;
before(async () => {
	stack = await startStack({ settings: { WORKERS }, jobs: true });
	ann = await register(stack);
	bob = await register(stack);
	operator = await colleague(stack, await register(stack), 'super_admin');
});
after(() => stack?.stop());

const call = (method, path, who, json) => stack.request(method, API + path, { bearer: who.access_token, json });
const accountOf = who => who.user.account.id;
async function set(flag, enabled, percent = 100) {
	const answer = await call('PUT', `/flags/${flag}`, operator, { enabled, percent });
	assert.equal(answer.status, 200, answer.text);
	await everywhere();
	return answer.json;
}
async function setOwn(flag, who, enabled) {
	const answer = await call('PUT', `/flags/${flag}/accounts/${accountOf(who)}`, operator, { enabled });
	assert.equal(answer.status, 200, answer.text);
	await everywhere();
}
const everywhere = () => sleep(100); // for the bell; how long it may take at most is a test of its own
const flagsOf = async who => (await call('GET', '/auth/me', who)).json.flags;

test('who is signed in reads which features the account has', async () => {
	for (const who of [ann, operator, await colleague(stack, ann, 'viewer')])
		assert.deepEqual(await flagsOf(who), FLAGS);
	assert.deepEqual((await register(stack)).user.flags, FLAGS);
	await setOwn('insight', ann, false);
	assert.deepEqual(await flagsOf(ann), FLAGS.filter(name => name !== 'insight'));
	assert.deepEqual(await flagsOf(bob), FLAGS);
	assert.equal((await call('DELETE', `/flags/insight/accounts/${accountOf(ann)}`, operator)).status, 204);
	await everywhere();
	assert.deepEqual(await flagsOf(ann), FLAGS);
});

// Of each flag: pages, API and the page that links to them.
const GONE = {
	webhooks: { paths: ['/webhooks'], links: [['/users', 'href="/webhooks"']] },
	insight: { paths: ['/insight/escalations', '/insight/escalations.csv?of=flows'], links: [['/escalations', 'href="/insight/escalations"']] },
	fast_lane: { paths: [], links: [] },
};

test('off means that page, API and link are not there, for one account or for all', async () => {
	const pages = { ann: await browser(stack, ann.email), bob: await browser(stack, bob.email) };
	const flows = {};
	for (const [name, who] of Object.entries({ ann, bob })) {
		flows[name] = await makeFlow(stack, who, runnable());
		await publishFlow(stack, who, flows[name].id);
	}
	const document = (await stack.request('GET', `${API}/openapi.json`)).json;
	const operations = prefix => Object.entries(document.paths).filter(([path]) => path.startsWith(prefix))
		.flatMap(([path, methods]) => Object.keys(methods).map(method => [method.toUpperCase(), path.replace(/\{\w+\}/g, accountOf(ann))]));
	const api = { webhooks: operations('/webhooks'), insight: operations('/analytics/escalations'), fast_lane: [] };
	assert.ok(api.webhooks.length > 8 && api.insight.length === 1);
	const check = async (flag, name, who, on) => {
		const { paths, links } = GONE[flag];
		const own = flag === 'fast_lane' ? [`/flows/${flows[name].id}/fast-lane`] : paths;
		for (const path of own)
			assert.equal((await pages[name].get(path)).status, on ? 200 : 404, `${path} for ${name}`);
		for (const [page, link] of flag === 'fast_lane' ? [[`/flows/${flows[name].id}`, own[0]]] : links)
			assert.equal((await pages[name].get(page)).text.includes(link), on, `${link} on ${page} for ${name}`);
		for (const [method, path] of api[flag]) {
			const answer = await call(method, path, who, ['GET', 'DELETE'].includes(method) ? undefined : {});
			if (!on)
				assert.equal(isProblem(answer, 404, 'not_found').detail, 'There is no such page.', `${method} ${path}`);
			else
				assert.notEqual(answer.json?.detail, 'There is no such page.', `${method} ${path}`);
		}
	};
	for (const flag of Object.keys(GONE)) {
		await check(flag, 'ann', ann, true);
		await setOwn(flag, ann, false);
		await check(flag, 'ann', ann, false);
		await check(flag, 'bob', bob, true);
		await set(flag, false);
		await setOwn(flag, ann, true);
		await check(flag, 'ann', ann, true);
		await check(flag, 'bob', bob, false);
		await call('DELETE', `/flags/${flag}/accounts/${accountOf(ann)}`, operator);
		await set(flag, true);
		await check(flag, 'ann', ann, true);
	}
});

test('links for anyone: none is offered, made or opened, and they work again afterwards', async () => {
	const flow = await makeFlow(stack, ann, runnable());
	await publishFlow(stack, ann, flow.id);
	const session = await startSession(stack, ann, flow.id);
	const share = audience => call('POST', `/sessions/${session.id}/shares`, ann, { audience });
	const { url } = (await share('public')).json;
	const path = new URL(url).pathname;
	const page = await browser(stack, ann.email);
	assert.equal((await stack.request('GET', path)).status, 200);
	await setOwn('public_links', ann, false);
	assert.equal((await stack.request('GET', path)).status, 404);
	isProblem(await share('public'), 422, 'invalid');
	assert.equal((await share('account')).status, 201);
	assert.doesNotMatch((await page.get(`/sessions/${session.id}/shares`)).text, /<option value="public"/);
	await setOwn('public_links', ann, true);
	assert.equal((await stack.request('GET', path)).status, 200);
	assert.match((await page.get(`/sessions/${session.id}/shares`)).text, /<option value="public"/);
	const [{ views }] = await stack.sql(`SELECT views FROM share WHERE audience = 'public' AND session_id = $1`, [session.id]);
	assert.equal(views, 2, 'what was not there was not counted');
	const opened = await stack.sql(`SELECT actor_id FROM audit WHERE action = 'session.share_opened' AND object_id = $1`, [session.id]);
	assert.deepEqual(opened, [{ actor_id: null }, { actor_id: null }], 'each opening is on record');
});

test('with webhooks off the jobs program queues none', async () => {
	const junior = await colleague(stack, ann, 'engineer');
	const flow = await makeFlow(stack, ann, { ...runnable(), visibility: 'public' });
	await publishFlow(stack, ann, flow.id);
	const hook = await call('POST', '/webhooks', ann, { name: 'On call', url: 'https://hooks.example.com/x', kind: 'json', events: ['handoff_created'] });
	assert.equal(hook.status, 201, hook.text);
	const handOff = async () => {
		const session = await startSession(stack, junior, flow.id);
		const answer = await call('POST', `/sessions/${session.id}/handoff`, junior, { intent: 'escalate', reason: 'Stuck', priority: 'normal' });
		assert.equal(answer.status, 201, answer.text);
		for (let tries = 0; tries < 200; tries++, await sleep(50)) {
			const [row] = await stack.sql(`SELECT d.state, d.last_error, (SELECT count(*)::int FROM webhook_call) AS calls FROM delivery d JOIN handoff h ON h.id = d.handoff_id
				WHERE h.session_id = $1 AND d.channel = 'webhook'`, [session.id]);
			if (row?.calls > 0 || row?.state === 'skipped')
				return [row.state === 'skipped', row.last_error, row.calls];
		}
		throw new Error('it was never told');
	};
	await setOwn('webhooks', ann, false);
	assert.deepEqual(await handOff(), [true, 'switched off for this account', 0]);
	await setOwn('webhooks', ann, true);
	assert.equal((await handOff())[2], 1);
});

// Every worker is asked by so many at once that each has some.
const asked = async () => tally(await race(WORKERS * 8, () => call('GET', '/analytics/escalations', ann)));

test('a change holds in every worker within five seconds, under load, too', async () => {
	let going = true;
	const load = Promise.all(Array.from({ length: WORKERS }, async () => {
		while (going)
			await call('GET', '/trees', bob);
	}));
	try {
		for (const on of [false, true, false, true]) {
			await call('PUT', '/flags/insight', operator, { enabled: on, percent: 100 });
			const from = Date.now();
			const wanted = { [on ? 200 : 404]: WORKERS * 8 };
			let seen = await asked();
			while (JSON.stringify(seen) !== JSON.stringify(wanted) && Date.now() - from < 5000)
				seen = await asked();
			assert.deepEqual(seen, wanted, `${on ? 'on' : 'off'} after ${Date.now() - from} ms`);
		}
	} finally {
		going = false;
		await load;
	}
});

test('a worker whose connection broke while the bell rang reads anew', async () => {
	await asked();
	await stack.sql(`UPDATE flag SET enabled = false WHERE name = 'insight'`); // nobody hears of it
	assert.deepEqual(await asked(), { 200: WORKERS * 8 }, 'the copies are old');
	await stack.sql(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'worker' AND datname = current_database()`);
	await sleep(300);
	assert.deepEqual(await asked(), { 404: WORKERS * 8 });
	await set('insight', true);
	assert.deepEqual(await asked(), { 200: WORKERS * 8 });
});

test('a part of the accounts has it, and who is in stays in when it grows', async () => {
	const some = await Promise.all(Array.from({ length: 12 }, () => register(stack)));
	const inside = async () => (await Promise.all(some.map(flagsOf))).map(flags => flags.includes('fast_lane'));
	await set('fast_lane', true, 30);
	const before = await inside();
	await set('fast_lane', true, 70);
	const later = await inside();
	before.forEach((was, at) => assert.ok(!was || later[at], `${at} stays in`));
	await set('fast_lane', true, 0);
	assert.ok((await inside()).every(on => !on));
	await set('fast_lane', true, 100);
	assert.ok((await inside()).every(Boolean));
});

test('operators switch, by page and API, on record with before and after; nobody else does', async () => {
	await stack.sql(`DELETE FROM audit WHERE action = 'flag.changed'`);
	const page = await browser(stack, operator.email);
	assert.match((await page.get('/platform/flags')).text, /href="\/platform\/flags\/webhooks"/);
	await page.get('/platform/flags/webhooks');
	await page.post('/platform/flags/webhooks', { enabled: 'true', percent: '40' });
	assert.equal((await call('GET', '/flags/webhooks', operator)).json.percent, 40);
	const bad = await page.post('/platform/flags/webhooks', { enabled: 'true', percent: '101' });
	assert.equal(bad.status, 422);
	assert.match(bad.text, /value="101"/);
	await stack.sql(`UPDATE account SET name = 'Only one of this name' WHERE account_id = $1`, [accountOf(ann)]);
	assert.equal((await page.post('/platform/flags/webhooks/accounts', { account: 'Acme IT', enabled: 'true' })).status, 422, 'there are several');
	await page.get('/platform/flags/webhooks');
	const done = await page.post('/platform/flags/webhooks/accounts', { account: 'only one of this name' });
	assert.match(done.text, /Only one of this name <span class="tag plain">Off/);
	const { accounts } = (await call('GET', '/flags/webhooks', operator)).json;
	assert.deepEqual(accounts.filter(one => one.account === accountOf(ann)), [{ account: accountOf(ann), name: 'Only one of this name', enabled: false }]);
	await page.post(`/platform/flags/webhooks/accounts/${accountOf(ann)}/remove`);
	const audit = await stack.sql(`SELECT object, object_id, before, after, actor_id FROM audit WHERE action = 'flag.changed' ORDER BY id`);
	assert.ok(audit.every(row => row.actor_id === operator.id));
	assert.deepEqual([audit[0].before, audit[0].after], [{ name: 'webhooks', enabled: true, percent: 100 }, { name: 'webhooks', enabled: true, percent: 40 }]);
	assert.deepEqual(audit.slice(1).map(row => [row.object_id, row.before.enabled, row.after.enabled]), [[accountOf(ann), true, false], [accountOf(ann), false, null]]);
	await set('webhooks', true);
	for (const [method, path, json] of [['GET', '/flags'], ['GET', '/flags/webhooks'], ['PUT', '/flags/webhooks', { enabled: false, percent: 1 }],
		['PUT', `/flags/webhooks/accounts/${accountOf(ann)}`, { enabled: true }], ['DELETE', `/flags/webhooks/accounts/${accountOf(ann)}`]])
		isProblem(await call(method, path, ann, json), 403, 'forbidden');
	isProblem(await call('PUT', '/flags/nothing', operator, { enabled: true, percent: 1 }), 404, 'not_found');
	isProblem(await call('PUT', `/flags/webhooks/accounts/${ann.user.id}`, operator, { enabled: true }), 404, 'not_found');
	for (const text of [`INSERT INTO flag VALUES ('x', true, 1)`, `SELECT * FROM flag`, 'SELECT * FROM account_flag'])
		await assert.rejects(stack.sqlAs('rf_worker', accountOf(ann), text), { code: '42501' }, text);
	for (const text of [`door.flag_set('webhooks', false, 0)`, `door.account_flag_set('${accountOf(ann)}', 'webhooks', false)`, `door.flag_accounts('webhooks')`, `door.account_named('x')`])
		await assert.rejects(stack.sqlAs('rf_worker', accountOf(ann), `SELECT set_config('app.person', '${ann.user.id}', true), ${text}`), { code: 'RF403' }, text);
});
