// The library: what is listed to whom, filters, orders, pages by number and by key, tags, pins.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { API, browser, colleague, isProblem, race, register, tally } from '../support/accounts.mjs';
import { madeAndPublished, makeFlow } from '../support/flows.mjs';
import { startStack } from '../support/stack.mjs';

let stack;
let owner;
let engineer;
let viewer;
let other; // of another account
before(async () => {
	stack = await startStack();
	owner = await register(stack);
	engineer = await colleague(stack, owner, 'engineer');
	viewer = await colleague(stack, owner, 'viewer');
	other = await register(stack);
	await stack.sql('UPDATE person SET team_id = (SELECT team_id FROM person WHERE id = $1) WHERE account_id = (SELECT account_id FROM person WHERE id = $1)', [owner.user.id]);
});
after(() => stack?.stop());

const call = (method, path, who, json) => stack.request(method, path.startsWith('/api') ? path : `${API}/trees${path}`, { bearer: who?.access_token, json });
const list = async (who, query = '') => {
	const answer = await call('GET', query.startsWith('/api') ? query : `?${query}`, who);
	assert.equal(answer.status, 200, answer.text);
	return answer.json;
};
const names = async (who, query) => (await list(who, query)).items.map(item => item.name);

// Many flows without a request for each.
const fillAccount = (who, count, more = '') => stack.sql(`INSERT INTO flow (account_id, id, author_id, team_id, visibility, name, type, version,
	draft_hash, version_hash, usage_count, updated_at)
	SELECT p.account_id, uuid7(), p.id, p.team_id, 'public', 'Flow ' || lpad((n / 3)::text, 6, '0'), 'procedural', 1, 'a', 'a', n % 5,
	       timestamptz '2026-01-01' + (n % 7) * interval '1 day' FROM person p, generate_series(1, ${Number(count)}) n WHERE p.id = $1 ${more}`, [who.user.id]);

test('everybody sees what is theirs to see, and nothing of another account', async () => {
	await madeAndPublished(stack, owner, { name: 'For the team' });
	await makeFlow(stack, engineer, { name: 'Draft of the engineer' });
	await makeFlow(stack, owner, { name: 'Of the owner alone', visibility: 'private' });
	await madeAndPublished(stack, other, { name: 'Foreign', visibility: 'public', tags: ['foreign'], category: 'Foreign' });
	assert.deepEqual(await names(viewer), ['For the team']);
	assert.deepEqual(await names(engineer), ['Draft of the engineer', 'For the team']);
	assert.deepEqual(await names(owner), ['Draft of the engineer', 'For the team', 'Of the owner alone']);
	assert.deepEqual(await names(other), ['Foreign']);
	const { items, ...rest } = await list(owner);
	assert.deepEqual(rest, { total: 3, total_capped: false, page: 1, per_page: 50, next: null });
	assert.ok(items.every(item => !('structure' in item) && !('intake' in item)));
	isProblem(await call('GET', '?'), 401, 'not_signed_in');
});

test('filters hold together', async () => {
	const ann = await register(stack);
	const network = await madeAndPublished(stack, ann, { name: 'VPN drops', category: 'Network', tags: ['vpn', 'home'] });
	await madeAndPublished(stack, ann, { name: 'New VPN', type: 'procedural', category: 'Network', tags: ['vpn'] });
	await makeFlow(stack, ann, { name: 'Patch 100%', type: 'maintenance', tags: ['home'] });
	const gone = await madeAndPublished(stack, ann, { name: 'Old ways', tags: ['vpn'] });
	await call('PUT', `/${gone.id}`, ann, { status: 'archived' });
	for (const [query, wanted] of [
		['', ['New VPN', 'Patch 100%', 'VPN drops']], ['type=procedural', ['New VPN']], ['status=draft', ['Patch 100%']],
		['status=published', ['New VPN', 'VPN drops']], ['status=archived', ['Old ways']], ['category=network', ['New VPN', 'VPN drops']],
		['category=nothing', []], ['tag=VPN', ['New VPN', 'VPN drops']], ['tag=vpn&tag=home&tag=Vpn', ['VPN drops']], ['tag=vp', []],
		['q=vpn', ['New VPN', 'VPN drops']], ['q=0%25', ['Patch 100%']], ['q=_', []], [`author=${ann.user.id}&type=maintenance`, ['Patch 100%']],
		[`author=${owner.user.id}`, []], [`team=${network.team_id}`, ['New VPN', 'Patch 100%', 'VPN drops']], ['pinned=true', []],
		['type=&status=&tag=&category=', ['New VPN', 'Patch 100%', 'VPN drops']], ['folder=0190a000-0000-7000-8000-000000000000', []],
	]) {
		assert.deepEqual(await names(ann, query), wanted, query);
		assert.equal((await list(ann, query)).total, wanted.length, query);
	}
	for (const bad of ['type=riddle', 'status=gone', 'sort=size', 'per_page=201', 'page=0', 'team=x', 'colour=red', 'after=x', 'after=zzz~0190a000-0000-7000-8000-00000000000g'])
		assert.equal((await call('GET', `?${bad}`, ann)).status, 422, bad);
});

test('each order leads through all flows once, by number and by key', async () => {
	const ann = await register(stack);
	await fillAccount(ann, 50);
	const compare = (a, b) => a < b ? -1 : a > b ? 1 : 0;
	const orders = {
		'name': (a, b) => compare(a.name, b.name) || compare(a.id, b.id),
		'-updated_at': (a, b) => compare(b.updated_at, a.updated_at) || compare(b.id, a.id),
		'-usage_count': (a, b) => b.usage_count - a.usage_count || compare(b.id, a.id),
	};
	for (const [sort, order] of Object.entries(orders)) {
		const items = [];
		for (let at = `sort=${sort}&per_page=7`; at; at = items.at(-1).next) {
			const page = await list(ann, at);
			assert.equal(page.page, items.length + 1);
			items.push(page);
		}
		const walked = items.flatMap(page => page.items);
		assert.equal(items.length, 8);
		assert.equal(new Set(walked.map(item => item.id)).size, 50);
		assert.deepEqual(walked.map(item => item.id), walked.toSorted(order).map(item => item.id), sort);
		const third = await list(ann, `sort=${sort}&per_page=7&page=3`);
		assert.deepEqual(third.items, items[2].items, sort);
	}
});

test('the key leads on beyond ten thousand', async () => {
	const ann = await register(stack);
	await stack.sql(`UPDATE account SET plan = 'scale' WHERE account_id = $1`, [ann.user.account.id]);
	await fillAccount(ann, 10100);
	const last = await list(ann, 'per_page=200&page=50');
	assert.deepEqual([last.total, last.total_capped, last.items.length], [10000, true, 200]);
	assert.deepEqual((await list(ann, 'per_page=200&page=51')).items, []);
	const beyond = await list(ann, last.next);
	assert.deepEqual([beyond.items.length, beyond.next, beyond.page], [100, null, 51]);
	assert.equal((await list(ann, 'q=flow%20000001')).total_capped, false);
});

test('tags that begin so, of flows that one sees, with their counts', async () => {
	const ann = await register(stack);
	const reader = await colleague(stack, ann, 'viewer');
	await madeAndPublished(stack, ann, { name: 'One', visibility: 'public', tags: ['VPN', 'vp_n', 'Über'] });
	await madeAndPublished(stack, ann, { name: 'Two', visibility: 'public', tags: ['vpn'] });
	await makeFlow(stack, ann, { name: 'Three', tags: ['vpn', 'vpx'] });
	const tags = async (who, prefix) => (await call('GET', `/tags?prefix=${encodeURIComponent(prefix)}`, who)).json.items;
	assert.deepEqual(await tags(ann, 'Vp'), [{ name: 'vp_n', count: 1 }, { name: 'vpn', count: 3 }, { name: 'vpx', count: 1 }]);
	assert.deepEqual(await tags(reader, 'vp'), [{ name: 'vp_n', count: 1 }, { name: 'vpn', count: 2 }]);
	assert.deepEqual(await tags(ann, 'vp_'), [{ name: 'vp_n', count: 1 }]);
	assert.deepEqual(await tags(ann, 'v%'), []);
	assert.deepEqual(await tags(ann, 'ÜB'), [{ name: 'über', count: 1 }]);
	assert.equal((await tags(ann, '')).length, 4);
	assert.deepEqual(await tags(other, 'vp'), []);
	const { items } = (await call('GET', '/categories', owner)).json;
	assert.ok(items.every(({ name }) => name !== 'Foreign'));
	assert.deepEqual((await call('GET', '/categories', other)).json.items, [{ name: 'Foreign', count: 1 }]);
});

test('a pin is one person\'s own', async () => {
	const { id } = await madeAndPublished(stack, owner, { name: 'Pinned', visibility: 'public' });
	assert.deepEqual(tally(await race(5, () => call('PUT', `/${id}/pin`, viewer))), { 204: 5 });
	assert.deepEqual(await names(viewer, 'pinned=true'), ['Pinned']);
	assert.deepEqual(await names(engineer, 'pinned=true'), []);
	assert.equal((await call('GET', `/${id}`, viewer)).json.pinned, true);
	isProblem(await call('PUT', `/${id}/pin`, other), 404, 'not_found');
	assert.equal((await call('DELETE', `/${id}/pin`, viewer)).status, 204);
	assert.equal((await call('DELETE', `/${id}/pin`, viewer)).status, 204);
	assert.deepEqual(await names(viewer, 'pinned=true'), []);
	const [hidden] = (await list(owner, 'status=draft')).items;
	isProblem(await call('PUT', `/${hidden.id}/pin`, viewer), 404, 'not_found');
});

// ---- many at once ----

const bulk = (who, flows, act, more = {}) => call('POST', '/bulk', who, { flows: flows.map(flow => flow.id ?? flow), act, ...more });
const changed = async (...args) => {
	const answer = await bulk(...args);
	assert.equal(answer.status, 200, answer.text);
	return [answer.json.changed, answer.json.unchanged];
};

test('what is done to many is done to those that one may change', async () => {
	const mine = [await madeAndPublished(stack, engineer, { visibility: 'public', tags: ['a'] }), await madeAndPublished(stack, engineer, { visibility: 'public' })];
	const foreign = await madeAndPublished(stack, other, { visibility: 'public' });
	const hidden = await makeFlow(stack, owner, { visibility: 'private' });
	const all = [...mine, foreign, hidden];
	assert.deepEqual(await changed(engineer, all, 'tag', { tag: ' A ' }), [1, 3]);
	assert.deepEqual(await changed(engineer, all, 'untag', { tag: 'a' }), [2, 2]);
	assert.deepEqual(await changed(viewer, all, 'tag', { tag: 'a' }), [0, 4]);
	assert.deepEqual(await changed(engineer, all, 'archive'), [2, 2]);
	assert.deepEqual((await list(engineer, 'status=archived')).items.map(item => item.id).sort(), mine.map(flow => flow.id).sort());
	assert.deepEqual(await changed(engineer, all, 'archive'), [0, 4]);
	assert.deepEqual(await changed(engineer, all, 'unarchive'), [2, 2]);
	const folder = (await call('POST', `${API}/folders`, viewer, { name: 'Mine' })).json;
	assert.deepEqual(await changed(viewer, all, 'move', { folder_id: folder.id }), [2, 2]);
	assert.equal((await list(viewer, `folder=${folder.id}`)).total, 2);
	assert.deepEqual(await changed(viewer, all, 'move'), [2, 2]);
	const [foreignRow, hiddenRow] = await Promise.all([foreign, hidden].map(flow => stack.sql('SELECT archived, revision FROM flow WHERE id = $1', [flow.id])));
	assert.ok(!foreignRow[0].archived && !hiddenRow[0].archived);
	const records = await stack.sql(`SELECT after FROM audit WHERE action IN ('flow.archived', 'flow.unarchived') AND after ? 'flows' AND account_id = $1`, [owner.user.account.id]);
	assert.deepEqual(records.map(({ after: { flows } }) => flows.sort()), Array(2).fill(mine.map(flow => flow.id).sort()));
	for (const bad of [{ flows: [], act: 'archive' }, { flows: ['x'], act: 'archive' }, { flows: [mine[0].id], act: 'tag' }, { flows: [mine[0].id], act: 'delete' },
		{ flows: [mine[0].id], act: 'tag', tag: 'a,b' }, { act: 'archive' }])
		assert.equal((await call('POST', '/bulk', engineer, bad)).status, 422, JSON.stringify(bad));
});

test('a flow holds twenty tags and no more', async () => {
	const flow = await makeFlow(stack, owner, { tags: Array.from({ length: 20 }, (_, at) => `t${at}`) });
	assert.deepEqual(await changed(owner, [flow], 'tag', { tag: 'one more' }), [0, 1]);
	assert.deepEqual(await changed(owner, [flow], 'untag', { tag: 't0' }), [1, 0]);
	assert.deepEqual(await changed(owner, [flow], 'tag', { tag: 'one more' }), [1, 0]);
});

test('twenty flows tagged and untagged by many at once: no deadlock, and counts are the links', async () => {
	const flows = await race(20, at => makeFlow(stack, owner, { name: `Race ${at}`, tags: at % 2 ? ['odd'] : [] }));
	const shuffled = () => flows.toSorted(() => Math.random() - 0.5);
	for (let round = 0; round < 5; round++) {
		const answers = await race(20, at => at % 5 === 4
			? call('PUT', `/${flows[at].id}`, owner, { tags: ['odd', 'race', `own ${at}`] })
			: bulk(at % 2 ? owner : engineer, shuffled(), at % 4 < 2 ? 'tag' : 'untag', { tag: at % 3 ? 'race' : 'odd' }));
		assert.deepEqual(tally(answers), { 200: 20 }, `round ${round}`);
	}
	const rows = await stack.sql(`SELECT name, usage_count, (SELECT count(*)::int FROM flow_tag l WHERE l.tag_id = t.id) AS links FROM tag t`);
	for (const { name, usage_count: count, links } of rows)
		assert.equal(count, links, name);
});

// ---- the page ----

test('the page shows the same flows in every look, and remembers the look', async () => {
	const ann = await browser(stack, engineer.email);
	const seen = text => [...text.matchAll(/id="f-([0-9a-f-]{36})"/g)].map(([, id]) => id);
	const looks = [];
	for (const view of ['table', 'list', 'grid'])
		looks.push(seen((await ann.get(`/flows?view=${view}`)).text));
	assert.ok(looks[0].length > 2);
	assert.deepEqual(looks[0], looks[1]);
	assert.deepEqual(looks[1], looks[2]);
	assert.deepEqual(looks[0], (await list(engineer)).items.map(item => item.id));
	await ann.get('/flows?view=table');
	const table = (await ann.get('/flows?sort=-usage_count')).text;
	assert.match(table, /<th scope="col" aria-sort="descending"[^>]*><a href="\/flows\?sort=-usage_count">Runs/);
	assert.match((await (await browser(stack, engineer.email)).get('/flows')).text, /<table/);
	assert.doesNotMatch((await (await browser(stack, viewer.email)).get('/flows')).text, /<table/);
	assert.equal((await ann.get('/flows?type=riddle')).status, 422);
});

test('filters that are on are links to the list without them', async () => {
	const ann = await browser(stack, owner.email);
	const { text } = await ann.get('/flows?type=procedural&tag=a%2C+b%26c&q=&sort=-updated_at');
	const links = [...text.matchAll(/<a class="tag" href="([^"]*)">([^<]*)/g)].map(([, href, label]) => [label.trim(), href.replaceAll('&amp;', '&')]);
	assert.deepEqual(links, [
		['Procedure', '/flows?tag=a%2C%20b%26c&sort=-updated_at'],
		['Tag: a', '/flows?type=procedural&sort=-updated_at&tag=b%26c'],
		['Tag: b&amp;c', '/flows?type=procedural&sort=-updated_at&tag=a'],
	]);
	assert.match(text, /No flow fits/);
});

test('from the page: nothing selected is told, what was done is counted, and the way back is kept', async () => {
	const ann = await browser(stack, engineer.email);
	await ann.get('/flows?q=race&sort=-updated_at');
	const refused = await ann.post('/flows/bulk', { act: 'tag', tag: 'typed' });
	assert.equal(refused.status, 422);
	assert.match(refused.text, /Select a flow\./);
	assert.match(refused.text, /value="typed"/);
	assert.match(refused.text, /“race”/);
	const { items } = await list(engineer, 'q=race');
	const form = new URLSearchParams({ ...await ann.hidden('/flows/bulk'), act: 'archive' });
	for (const { id } of items.slice(0, 3))
		form.append('flow', id);
	const sent = await ann.send('POST', '/flows/bulk', { form });
	assert.equal(sent.status, 303);
	assert.equal(sent.headers.location, '/flows?q=race&sort=-updated_at');
	assert.match((await ann.get(sent.headers.location)).text, /3 flows archived\./);
	await ann.get('/flows?q=race');
	const pinned = await ann.send('POST', `/flows/${items[4].id}/pin`, { form: await ann.hidden('/flows/bulk') });
	assert.equal(pinned.headers.location, `/flows?q=race#f-${items[4].id}`);
	const away = await ann.send('POST', `/flows/${items[4].id}/unpin`, { form: { ...await ann.hidden('/flows/bulk'), back: '//example.com' } });
	assert.equal(away.headers.location, `/flows#f-${items[4].id}`);
});

test('an empty library says what to do next', async () => {
	const first = await register(stack);
	const reader = await colleague(stack, first, 'viewer');
	const [ann, ben] = [await browser(stack, first.email), await browser(stack, reader.email)];
	assert.match((await ann.get('/flows')).text, /Make the first flow/);
	assert.match((await ann.get('/')).text, /Make the first flow/);
	const { text } = await ben.get('/flows');
	assert.match(text, /Nothing to read yet/);
	assert.doesNotMatch(text, /New flow|href="\/flows\/new"/);
});

test('pinned flows come first on the home page', async () => {
	const first = await register(stack);
	const flows = [];
	for (const name of ['One', 'Two', 'Three'])
		flows.push(await madeAndPublished(stack, first, { name }));
	await call('PUT', `/${flows[0].id}/pin`, first);
	const { text } = await (await browser(stack, first.email)).get('/');
	const order = [...text.matchAll(/<a href="\/flows\/[0-9a-f-]{36}">([^<]+)/g)].map(([, name]) => name);
	assert.deepEqual(order, ['One', 'Three', 'Two', 'One']);
});
