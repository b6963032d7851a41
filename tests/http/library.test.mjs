// The library: what is listed to whom, filters, orders, pages by number and by key, tags, pins.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { API, colleague, isProblem, race, register, tally } from '../support/accounts.mjs';
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
