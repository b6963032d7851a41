// A super_admin looks into an account: sees what is there, changes nothing, and is on record with each page.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { API, browser, colleague, isProblem, me, register, signIn } from '../support/accounts.mjs';
import { done, operator, PLATFORM, told } from '../support/platform.mjs';
import { startStack } from '../support/stack.mjs';

const DEMO = 'walk the proven path';
let stack;
let root;
let admin; // of the account that is looked into: { access_token, user }
let account;
let routes;
let ids; // of what is there
before(async () => {
	stack = await startStack({ hub: true, settings: { DEMO: 1 } });
	stack.command(['seed-demo']);
	root = await operator(stack);
	const tokens = (await signIn(stack, 'maren@northbridge.example', DEMO)).json;
	admin = { ...tokens, user: (await me(stack, tokens.access_token)).json };
	account = admin.user.account.id;
	routes = stack.command(['routes']).trim().split('\n').map(line => {
		const [method, path, , roles] = line.split(/\s+/);
		return { method, path, roles: roles === '-' ? [] : roles.split(','), name: `${method} ${path}` };
	});
	ids = await findIds();
});
after(() => stack?.stop());

async function findIds() {
	const [row] = await stack.sql(`SELECT
		(SELECT id FROM flow WHERE account_id = $1 AND visibility = 'public' AND version > 0 AND deleted_at IS NULL LIMIT 1) AS flow,
		(SELECT id FROM session WHERE account_id = $1 AND completed_at IS NOT NULL LIMIT 1) AS session,
		(SELECT id FROM session WHERE account_id = $1 AND completed_at IS NULL LIMIT 1) AS running,
		(SELECT id FROM person WHERE account_id = $1 LIMIT 1) AS user,
		(SELECT id FROM team WHERE account_id = $1 LIMIT 1) AS team`, [account]);
	return { ...row, tree: row.flow };
}

const look = who => done(root.call('POST', `accounts/${who ?? account}/look`));
const leave = () => done(root.call('POST', 'leave'), 204);
const fill = path => path.replace(/:(\w+)/g, (all, name) => ids[name] ?? '0190a000-0000-7000-8000-000000000000').replace(/\*\w+/g, '1');
// At home: one's own, or the platform's, or anybody's.
const atHome = ({ roles, path }) => !roles.length || roles.length === 4 && isOwn(path) || roles.join() === 'super_admin';
const isOwn = path => /^\/(profile|devices|events|kept|keys|notices|confirm)\b|^\/api\/v1\/(notices|me|auth|keys)\b/.test(path);

test('who looks sees the account\'s rows, and who leaves sees their own again', async () => {
	const own = await done(root.call('GET', `${API}/users`));
	const answer = await look();
	assert.equal(answer.account_name, 'Northbridge IT Services');
	assert.ok(Math.abs(new Date(answer.ends_at) - Date.now() - 3600e3) < 60000);
	const there = await done(root.call('GET', `${API}/users`));
	assert.deepEqual(there.items.map(item => item.email).toSorted(), (await stack.sql('SELECT email FROM person WHERE account_id = $1 AND deleted_at IS NULL', [account])).map(row => row.email).toSorted());
	assert.equal((await done(root.call('GET', `${API}/auth/me`))).account.id, root.user.account.id, 'one\'s own stays one\'s own');
	await leave();
	assert.deepEqual(await done(root.call('GET', `${API}/users`)), own);
});

test('flows: what is published and not private; sessions: what is completed', async () => {
	const [{ id: mine }] = await stack.sql(`SELECT id FROM flow WHERE account_id = $1 AND version > 0 AND visibility = 'team' AND deleted_at IS NULL LIMIT 1`, [account]);
	const [{ id: hidden }] = await stack.sql(`SELECT id FROM flow WHERE account_id = $1 AND version > 0 AND deleted_at IS NULL AND id <> $2 LIMIT 1`, [account, mine]);
	const was = await stack.sql('SELECT visibility FROM flow WHERE id = $1', [hidden]);
	await stack.sql(`UPDATE flow SET visibility = 'private' WHERE id = $1`, [hidden]);
	await look();
	const { items } = await done(root.call('GET', `${API}/trees?per_page=200`));
	const expected = await stack.sql(`SELECT id FROM flow WHERE account_id = $1 AND version > 0 AND visibility <> 'private' AND deleted_at IS NULL AND NOT archived`, [account]);
	assert.deepEqual(items.filter(item => item.status !== 'archived').map(item => item.id).toSorted(), expected.map(row => row.id).toSorted());
	isProblem(await root.call('GET', `${API}/trees/${hidden}`), 404, 'not_found');
	const tree = await done(root.call('GET', `${API}/trees/${mine}`));
	assert.ok(tree.structure.nodes.length > 0);
	const sessions = await done(root.call('GET', `${API}/sessions?owner=all&per_page=200`));
	const completed = await stack.sql('SELECT id FROM session WHERE account_id = $1 AND completed_at IS NOT NULL', [account]);
	assert.ok(completed.length > 0);
	assert.deepEqual(sessions.items.map(item => item.id).toSorted(), completed.map(row => row.id).toSorted());
	assert.equal((await done(root.call('GET', `${API}/sessions/${ids.session}`))).status, 'completed');
	isProblem(await root.call('GET', `${API}/sessions/${ids.running}`), 403, 'forbidden');
	await leave();
	await stack.sql('UPDATE flow SET visibility = $2 WHERE id = $1', [hidden, was[0].visibility]);
});

test('every change is refused, page and API alike, and changes nothing', async () => {
	await look();
	const sum = async () => (await stack.sql(`SELECT string_agg(md5(t::text), '' ORDER BY t::text) AS sum FROM (
		SELECT to_jsonb(f) FROM flow f UNION ALL SELECT to_jsonb(s) FROM session s UNION ALL SELECT to_jsonb(p) FROM person p UNION ALL
		SELECT to_jsonb(i) FROM invite i UNION ALL SELECT to_jsonb(w) FROM webhook w UNION ALL SELECT to_jsonb(t) FROM team t UNION ALL
		SELECT to_jsonb(a) FROM account a UNION ALL SELECT to_jsonb(o) FROM outbox o UNION ALL SELECT to_jsonb(u) FROM audit u) t`))[0].sum;
	const before = await sum();
	const changing = routes.filter(route => route.method !== 'GET' && !atHome(route));
	assert.ok(changing.length > 100, `${changing.length} routes`);
	for (const route of changing) {
		const body = route.path.startsWith('/api/') ? { json: {} } : { form: {} };
		const answer = await stack.request(route.method, fill(route.path), { ...body, bearer: root.access_token });
		assert.equal(answer.status, 403, route.name);
		if (route.path.startsWith('/api/'))
			assert.equal(answer.json.code, 'read_only', route.name);
		else
			assert.match(answer.text, /nothing can be changed here\. Leave it first/, route.name);
	}
	assert.equal(await sum(), before);
	await leave();
});

test('every page and every GET of the API that the table gives to a super_admin works inside', async () => {
	await look();
	const asking = /\/(deactivate|remove|owner|delete|bulk|rules)$/; // pages that only ask before a change
	const reading = routes.filter(route => route.method === 'GET' && route.roles.includes('super_admin') && !atHome(route));
	assert.ok(reading.length > 25, `${reading.length} routes`);
	for (const route of reading) {
		const path = fill(route.path);
		const query = /compare$/.test(route.path) ? '?from=1&to=1' : /search$/.test(route.path) ? '?q=password' : /export$/.test(route.path) ? '?format=json' : '';
		const answer = await stack.request('GET', path + query, { bearer: root.access_token });
		if (asking.test(path) && !path.startsWith('/api/')) {
			assert.equal(answer.status, 403, route.name);
			continue;
		}
		const known = !path.includes('0190a000');
		assert.ok(known ? [200, 303, 404].includes(answer.status) && (answer.status !== 404 || /compare|versions/.test(path)) : answer.status === 404, `${route.name} (${path}): ${answer.status}`);
	}
	for (const route of routes.filter(route => route.method === 'GET' && route.roles.length && !route.roles.includes('super_admin')))
		assert.equal((await stack.request('GET', fill(route.path), { bearer: root.access_token })).status, 403, route.name);
	await leave();
});

test('each look is on record there: its begin, each page that showed something, its end', async () => {
	const firm = await register(stack, { account_name: 'Watched Ltd' });
	const id = firm.user.account.id;
	await look(id);
	await root.call('GET', '/flows?q=secret+words');
	await root.call('GET', `${API}/users?q=ann`);
	await root.call('GET', `${API}/trees/0190a000-0000-7000-8000-000000000000`); // shows nothing
	await root.call('GET', `${API}/auth/me`); // is one's own
	await root.call('POST', `${API}/teams`, { name: 'Refused' });
	await leave();
	const rows = await told(stack, id, 'look.%');
	assert.deepEqual(rows.map(row => [row.action, row.after?.path]), [['look.begun', undefined], ['look.seen', '/flows'], ['look.seen', '/api/v1/users'], ['look.ended', undefined]]);
	assert.ok(rows.every(row => row.actor_id === root.user.id));
	const [seen] = await stack.sql(`SELECT * FROM audit WHERE account_id = $1 AND action = 'look.seen' LIMIT 1`, [id]);
	assert.ok(seen.address && seen.request_id);
	assert.doesNotMatch(JSON.stringify(await stack.sql('SELECT * FROM audit WHERE account_id = $1', [id])), /secret/);
	const own = (await told(stack, root.user.account.id, 'look.%')).slice(-2);
	assert.deepEqual(own.map(row => row.action), ['look.begun', 'look.ended']);
});

test('a look ends with the sign-in, with another look, with the role, and after an hour', async () => {
	const firm = await register(stack, { account_name: 'One' });
	const other = await register(stack, { account_name: 'Two' });
	const [one, two] = [firm, other].map(who => who.user.account.id);
	const ended = async id => (await told(stack, id, 'look.%')).map(row => row.action).join();
	await look(one);
	await look(two);
	assert.equal(await ended(one), 'look.begun,look.ended');
	assert.equal(await ended(two), 'look.begun');
	await stack.sql(`UPDATE sign_in SET inside_at = now() - interval '61 minutes' WHERE inside_id = $1`, [two]);
	isProblem(await root.call('GET', `${API}/users`), 403, 'look_over');
	await stack.sqlAs('rf_jobs', null, 'SELECT platform.looks_end()');
	await stack.sqlAs('rf_jobs', null, 'SELECT platform.looks_end()');
	assert.equal(await ended(two), 'look.begun,look.ended');
	for (const [method, path, json] of [['GET', '/users'], ['POST', '/teams', { name: 'Not at home yet' }], ['GET', `/users/${other.user.id}`]])
		isProblem(await root.call(method, API + path, json), 403, 'look_over');
	assert.equal((await done(root.call('GET', `${API}/auth/me`))).account.id, root.user.account.id, 'one\'s own stays one\'s own');
	await leave();
	assert.equal((await done(root.call('GET', `${API}/users`))).items[0].email, root.email);
	assert.equal(await ended(two), 'look.begun,look.ended', 'once');
	const tokens = (await signIn(stack, root.email)).json;
	await done(stack.request('POST', `${PLATFORM}/accounts/${one}/look`, { bearer: tokens.access_token }));
	assert.equal((await stack.request('POST', `${API}/auth/logout`, { json: { refresh_token: tokens.refresh_token } })).status, 204);
	assert.equal(await ended(one), 'look.begun,look.ended,look.begun,look.ended');
	const lost = await operator(stack, 'Lost Role');
	await done(lost.call('POST', `accounts/${two}/look`));
	await stack.sql(`UPDATE person SET role = 'team_admin' WHERE id = $1`, [lost.user.id]);
	const { items } = await done(lost.call('GET', `${API}/users`));
	assert.deepEqual(items.map(item => item.email), [lost.email], 'out at the next request');
	isProblem(await lost.call('POST', 'leave'), 403, 'forbidden');
	await stack.sqlAs('rf_jobs', null, 'SELECT platform.looks_end()');
	assert.equal(await ended(two), 'look.begun,look.ended,look.begun,look.ended');
});

test('nobody looks into their own account, nor into one that is not there', async () => {
	isProblem(await root.call('POST', `accounts/${root.user.account.id}/look`), 409, 'own_account');
	isProblem(await root.call('POST', 'accounts/0190a000-0000-7000-8000-000000000000/look'), 404, 'not_found');
	const engineer = await colleague(stack, root, 'engineer');
	await stack.sql(`UPDATE sign_in SET inside_id = $1, inside_at = now() WHERE person_id = $2`, [account, engineer.id]);
	const answer = await stack.request('GET', `${API}/trees`, { bearer: engineer.access_token });
	assert.equal((await done(Promise.resolve(answer))).total, 0, 'whatever the row says, only a super_admin looks');
});

test('pages say where one is, and lead out', async () => {
	const page = await browser(stack, root.email);
	await page.get(`/platform/accounts/${account}`);
	await page.post(`/platform/accounts/${account}/look`);
	const list = await page.get('/users');
	assert.match(list.text, /You look into <strong>Northbridge IT Services/);
	assert.match(list.text, /in Northbridge IT Services/);
	await page.get('/teams');
	const refused = await page.post('/teams', { name: 'Not here' });
	assert.equal(refused.status, 403);
	assert.match(refused.text, /action="\/platform\/leave"/);
	const home = await page.get('/');
	assert.match(home.text, /You look into/);
	await page.post('/platform/leave');
	assert.doesNotMatch((await page.get('/users')).text, /You look into/);
});

// A page stays open in a tab, and what it shows is not what the browser is in any more.
const tokenOn = page => /name="csrf" value="([^"]+)"/.exec(page.text)[1];
const teams = () => stack.sql('SELECT account_id, name FROM team ORDER BY id');

test('a form of a page inside never acts at home: not when the look was left, nor when its hour is over', async () => {
	const page = await browser(stack, root.email);
	const before = await teams();
	const send = (path, form, csrf) => page.send('POST', path, { form: { ...form, csrf } });
	const begin = async () => {
		await page.get(`/platform/accounts/${account}`);
		await page.post(`/platform/accounts/${account}/look`);
		return tokenOn(await page.get('/teams'));
	};
	let old = await begin();
	const leaving = await page.post('/platform/leave');
	assert.match(leaving.text, /You are back in your own account/);
	const refused = await send('/teams', { name: 'Astray' }, old);
	assert.equal(refused.status, 403);
	assert.match(refused.text, /page of another account, which you looked into. Nothing was changed/);
	isProblem(await page.send('POST', `${API}/teams`, { json: { name: 'Astray' }, headers: { 'x-csrf-token': old } }), 403, 'read_only');
	assert.equal((await send('/teams', { name: 'Astray' }, `inside.${tokenOn(leaving)}`)).status, 403);
	assert.deepEqual(await teams(), before);
	assert.equal((await send('/teams', { name: 'On purpose' }, tokenOn(await page.get('/teams')))).status, 303, 'a page of home works');
	assert.equal((await send('/platform/leave', {}, old)).status, 303, 'leaving twice is no mistake');
	old = await begin();
	await stack.sql(`UPDATE sign_in SET inside_at = now() - interval '61 minutes' WHERE inside_id = $1`, [account]);
	for (const [method, path] of [['POST', '/teams'], ['GET', '/teams'], ['GET', '/users'], ['GET', `/users/${root.user.id}`]]) {
		const over = method === 'GET' ? await page.get(path) : await send(path, { name: 'Astray' }, old);
		assert.equal(over.status, 403, path);
		assert.match(over.text, /Your hour in <strong>Northbridge IT Services<\/strong> is over\./, path);
		assert.match(over.text, /action="\/platform\/leave"/, path);
	}
	assert.match((await page.get('/platform')).text, /Your hour in/);
	await page.post('/platform/leave');
	assert.match((await page.get('/users')).text, new RegExp(root.email));
	assert.deepEqual((await teams()).map(team => team.name).filter(name => name === 'Astray'), []);
	old = await begin();
	assert.equal((await send('/profile', { name: 'Olga Own', theme: 'dark' }, old)).status, 303, 'what is one\'s own is changed from anywhere');
	assert.equal((await send('/logout', {}, old)).status, 303);
	const late = await send('/teams', { name: 'Astray' }, old);
	assert.equal(late.status, 303);
	assert.ok(!page.cookies.has('kept'), 'nor is it kept until the next sign-in');
});

test('features are those of the account that is looked into', async () => {
	const set = (id, enabled) => done(root.call('PUT', `${API}/flags/webhooks/accounts/${id}`, { enabled }));
	const check = async on => {
		const until = Date.now() + 5000;
		const there = async () => (await root.call('GET', '/webhooks')).status === 200;
		while (await there() !== on && Date.now() < until);
		assert.equal(await there(), on);
		assert.equal((await root.call('GET', '/users')).text.includes('href="/webhooks"'), on);
		assert.equal((await root.call('GET', `${API}/webhooks`)).status, on ? 200 : 404);
	};
	await set(account, false);
	await check(true);
	await look();
	await check(false);
	await leave();
	await set(account, true);
	await set(root.user.account.id, false);
	await check(false);
	await look();
	await check(true);
	await leave();
	await check(false);
	await set(root.user.account.id, true);
});

test('that the account will be deleted is told of the right one', async () => {
	const firm = await register(stack, { account_name: 'Closing Ltd' });
	const page = await browser(stack, root.email);
	const told = async path => /<strong>([^<]+) will be deleted/.exec((await page.get(path)).text)?.[1];
	await page.get(`/platform/accounts/${firm.user.account.id}`);
	await page.post(`/platform/accounts/${firm.user.account.id}/look`);
	await stack.sql(`UPDATE account SET closing_at = now() + interval '9 days' WHERE account_id = $1`, [root.user.account.id]);
	assert.equal(await told('/users'), undefined);
	assert.equal(await told('/profile'), 'The platform');
	await stack.sql(`UPDATE account SET closing_at = CASE account_id WHEN $1 THEN now() + interval '9 days' END WHERE account_id IN ($1, $2)`, [firm.user.account.id, root.user.account.id]);
	assert.equal(await told('/users'), 'Closing Ltd');
	assert.equal(await told('/profile'), undefined);
});
