// Every page that a super_admin comes to inside an account: each link leads somewhere, and nothing offers a change.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { browser, register } from '../support/accounts.mjs';
import { startStack } from '../support/stack.mjs';
import { formsOf, unescapeHtml } from '../support/visitor.mjs';

const DEMO = 'walk the proven path';
const MOST = 4; // of one page, that differ in what is asked of it
const OWN = /^\/(platform|profile|devices|notices|dev|static)?(?=[/?]|$)/; // the looker's, or nobody's
const SAFE = ['/platform/leave', '/logout'];
let stack;
let root;
let routes; // of the account's pages that a super_admin may open
before(async () => {
	stack = await startStack({ hub: true, settings: { DEMO: 1 } });
	stack.command(['seed-demo']);
	root = await browser(stack, 'operator@resolutionflow.example', DEMO);
	const rows = stack.command(['routes']).trim().split('\n').map(line => line.split(/\s+/));
	routes = rows.filter(([method, path, , roles]) => method === 'GET' && !/^\/(api|platform|profile|devices|events|kept|notices)\b/.test(path) && /super_admin/.test(roles)).map(([, path]) => path);
	assert.ok(routes.length > 25, `${routes.length} pages`);
});
after(() => stack?.stop());

function linksOf(html) {
	const links = [...html.matchAll(/<a [^>]*href="(\/[^"]*)"/g)].map(([, href]) => unescapeHtml(href));
	return [...links, ...formsOf(html).filter(form => form.method !== 'post').map(form => form.action)].map(link => {
		const { pathname, search } = new URL(link, 'http://here');
		return pathname + search;
	});
}

// What is wrong with a page of the account.
function faultsOf(url, html) {
	const posts = formsOf(html).filter(form => form.method === 'post' && !SAFE.includes(form.action));
	return [
		...html.includes('You look into <strong>') ? [] : [`${url} does not say where it is`],
		...posts.map(form => `${url} has a form for ${form.action}`),
		...[...html.matchAll(/formaction="([^"]*)"/g)].map(([, action]) => `${url} has a button for ${action}`),
	];
}

// Follows all links from there on: how many pages it saw of each path, and what is wrong with them.
async function walk(begin) {
	const wrong = new Set();
	const done = new Set();
	const seen = new Map();
	const todo = begin.map(url => [url, 'the table']);
	while (todo.length) {
		const [url, from] = todo.shift();
		const kind = url.replace(/=[^&]*/g, '=');
		if (done.has(url) || seen.get(kind) >= MOST)
			continue;
		done.add(url);
		seen.set(kind, (seen.get(kind) ?? 0) + 1);
		const { status, text, headers, path } = await root.get(url);
		if (status !== 200)
			wrong.add(`${url} of ${from} is ${status}`);
		if (OWN.test(path) || headers['content-disposition'])
			continue;
		faultsOf(url, text).forEach(fault => wrong.add(fault));
		todo.push(...linksOf(text).map(link => [link, url]));
	}
	return { done, wrong: [...wrong] };
}

async function look(account) {
	await root.get(`/platform/accounts/${account}`);
	await root.post(`/platform/accounts/${account}/look`);
}

// Something of each kind, and a log that tells of what a looker may not open and of what is gone.
async function fill(account) {
	const maren = await browser(stack, 'maren@northbridge.example', DEMO);
	await maren.post('/webhooks', [['name', 'Night'], ['url', 'https://hooks.example.com/night'], ['kind', 'json'], ['events', 'handoff_overdue']]);
	await maren.post('/teams', { name: 'Nobody yet' });
	await maren.post('/invites/bulk', { role: 'viewer', expires_in: '604800', list: 'ada@example.com\nnot an address' });
	await maren.post('/flows/folders', { name: 'Hers', parent_id: '' });
	await stack.sql(`INSERT INTO outbox (account_id, recipient, subject, body_text, state, failed_at, attempts) VALUES ($1, 'a@b.example', 'Sweep', '-', 'failed', now(), 5)`, [account]);
	await stack.sql(`INSERT INTO webhook_call (account_id, webhook_id, event, event_id, body, state, attempts) SELECT account_id, id, 'test', 'evt_1', '{}', 'failed', 3 FROM webhook WHERE account_id = $1`, [account]);
	const one = where => `id = (SELECT id FROM flow WHERE account_id = $1 AND version > 0 AND deleted_at IS NULL AND ${where} ORDER BY id LIMIT 1)`;
	await stack.sql(`UPDATE flow SET deleted_at = now() WHERE account_id = $1 AND ${one('id IN (SELECT flow_id FROM session WHERE account_id = $1 AND completed_at IS NOT NULL)')}`, [account]);
	await stack.sql(`UPDATE flow SET visibility = 'private' WHERE account_id = $1 AND ${one('true')}`, [account]);
	await stack.sql(`INSERT INTO audit (account_id, action, object, object_id) SELECT account_id, 'thing.done', object, id FROM (
		SELECT account_id, 'flow' AS object, id FROM flow UNION ALL SELECT account_id, 'session', id FROM session UNION ALL SELECT account_id, 'handoff', id FROM handoff
		UNION ALL SELECT account_id, 'person', id FROM person UNION ALL
		SELECT account_id, object, uuid7() FROM account, unnest(ARRAY['flow', 'session', 'webhook', 'team', 'invite', 'key', 'mail', 'account']) AS object) things
		WHERE account_id = $1`, [account]);
}

const idsOf = async account => (await stack.sql(`SELECT
	(SELECT id FROM flow WHERE account_id = $1 AND visibility <> 'private' AND version > 0 AND deleted_at IS NULL LIMIT 1) AS flow,
	(SELECT id FROM session WHERE account_id = $1 AND completed_at IS NOT NULL LIMIT 1) AS session,
	(SELECT id FROM person WHERE account_id = $1 AND role = 'engineer' LIMIT 1) AS user,
	(SELECT id FROM team WHERE account_id = $1 AND name = 'Nobody yet') AS team,
	(SELECT id FROM webhook WHERE account_id = $1) AS webhook`, [account]))[0];

test('of an account that has everything', async () => {
	const [{ id }] = await stack.sql(`SELECT account_id AS id FROM person WHERE email = 'maren@northbridge.example'`);
	await fill(id);
	await look(id);
	const ids = await idsOf(id);
	assert.ok(Object.values(ids).every(Boolean), JSON.stringify(ids));
	const address = path => path.replace(/:(\w+)/g, (whole, name) => ids[name] ?? whole).replace(/compare$/, '$&?from=1&to=1').replace(/export$/, '$&?format=json');
	const begin = [];
	for (const url of routes.map(address).filter(url => !url.includes(':'))) {
		const { status, text } = await root.get(url);
		if (status === 403) // only asks before a change
			assert.match(text, /nothing can be changed here/, url);
		else
			begin.push(url);
	}
	const { done, wrong } = await walk(begin);
	assert.deepEqual(wrong, []);
	assert.ok(done.size > 300, `${done.size} pages`);
});

test('of an account that has nothing yet', async () => {
	const { user } = await register(stack, { account_name: 'Empty Ltd' });
	await look(user.account.id);
	const { done, wrong } = await walk(routes.filter(path => !path.includes(':') && !/bulk|rules/.test(path)));
	assert.deepEqual(wrong, []);
	for (const invites of ['/flows/new', '/flows/import', '/sessions/prepare', '/invites/bulk', '/profile/keys'])
		assert.ok(!done.has(invites), `nothing leads to ${invites}`);
});
