// Folders: one's own, three levels deep; into itself never, not even by two moves at once.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { API, browser, colleague, fieldsOf, isProblem, race, register, tally } from '../support/accounts.mjs';
import { madeAndPublished } from '../support/flows.mjs';
import { startStack } from '../support/stack.mjs';

let stack;
let owner;
let viewer;
before(async () => {
	stack = await startStack({ settings: { WORKERS: 4 } });
	owner = await register(stack);
	viewer = await colleague(stack, owner, 'viewer');
});
after(() => stack?.stop());

const call = (method, path, who, json) => stack.request(method, `${API}${path}`, { bearer: who.access_token, json });
const folders = async who => (await call('GET', '/folders', who)).json.items;
async function make(who, name, parent_id = null) {
	const answer = await call('POST', '/folders', who, { name, parent_id });
	assert.equal(answer.status, 201, answer.text);
	return answer.json;
}

test('three levels and no fourth, whichever way', async () => {
	const a = await make(owner, 'Clients');
	const b = await make(owner, 'Contoso', a.id);
	const c = await make(owner, 'Network', b.id);
	assert.deepEqual([c.level, c.path, c.parent_id], [3, 'Clients / Contoso / Network', b.id]);
	const deep = await call('POST', '/folders', owner, { name: 'Too deep', parent_id: c.id });
	assert.equal(isProblem(deep, 422, 'folder_depth').errors[0].field, 'parent_id');
	const other = await make(owner, 'Other');
	const below = await make(owner, 'Below', other.id);
	isProblem(await call('PATCH', `/folders/${other.id}`, owner, { parent_id: b.id }), 422, 'folder_depth');
	assert.equal((await call('PATCH', `/folders/${below.id}`, owner, { parent_id: b.id })).json.level, 3);
	for (const into of [a, b, c])
		isProblem(await call('PATCH', `/folders/${a.id}`, owner, { parent_id: into.id }), 422, 'folder_circle');
	assert.equal((await call('PATCH', `/folders/${a.id}`, owner, { name: 'Customers' })).json.name, 'Customers');
	assert.equal((await call('PATCH', `/folders/${b.id}`, owner, { parent_id: null })).json.level, 1);
	const names = (await folders(owner)).map(folder => folder.path);
	assert.deepEqual(names, ['Contoso', 'Contoso / Below', 'Contoso / Network', 'Customers', 'Other']);
	assert.equal((await call('DELETE', `/folders/${b.id}`, owner)).status, 204);
	assert.equal((await folders(owner)).length, 2);
	const taken = await call('POST', '/folders', owner, { name: 'OTHER' });
	isProblem(taken, 409, 'name_taken');
	assert.deepEqual(fieldsOf(taken), ['name']);
	assert.equal((await call('POST', '/folders', owner, { name: '' })).status, 422);
});

test('nobody reaches another\'s folder', async () => {
	const stranger = await register(stack);
	const { id } = await make(owner, 'Private');
	const flow = await madeAndPublished(stack, owner, { visibility: 'public' });
	const foreign = await madeAndPublished(stack, stranger, { visibility: 'public' });
	for (const who of [viewer, stranger]) {
		isProblem(await call('PATCH', `/folders/${id}`, who, { name: 'x' }), 404, 'not_found');
		isProblem(await call('DELETE', `/folders/${id}`, who), 404, 'not_found');
		isProblem(await call('POST', '/folders', who, { name: 'x', parent_id: id }), 404, 'not_found');
		isProblem(await call('PUT', `/folders/${id}/trees/${flow.id}`, who), 404, 'not_found');
		isProblem(await call('POST', '/trees/bulk', who, { flows: [flow.id], act: 'move', folder_id: id }), 404, 'not_found');
		assert.deepEqual((await call('GET', `/trees?folder=${id}`, who)).json.items, []);
	}
	isProblem(await call('PUT', `/folders/${id}/trees/${foreign.id}`, owner), 404, 'not_found');
});

test('a flow lies in one folder, and the filter looks into those below', async () => {
	const flow = await madeAndPublished(stack, owner, { name: 'Filed', visibility: 'public' });
	const up = await make(viewer, 'Up');
	const down = await make(viewer, 'Down', up.id);
	const inside = async folder => (await call('GET', `/trees?folder=${folder.id}`, viewer)).json.items.map(item => item.name);
	assert.equal((await call('PUT', `/folders/${up.id}/trees/${flow.id}`, viewer)).status, 204);
	assert.deepEqual([await inside(up), await inside(down)], [['Filed'], []]);
	await call('PUT', `/folders/${down.id}/trees/${flow.id}`, viewer);
	assert.deepEqual([await inside(up), await inside(down)], [['Filed'], ['Filed']]);
	assert.deepEqual((await folders(viewer)).map(folder => folder.count), [1, 1]);
	assert.deepEqual(tally(await race(10, at => call('PUT', `/folders/${(at % 2 ? up : down).id}/trees/${flow.id}`, viewer))), { 204: 10 });
	const [{ n }] = await stack.sql('SELECT count(*)::int AS n FROM folder_flow WHERE flow_id = $1', [flow.id]);
	assert.equal(n, 1);
	await call('PUT', `/folders/${down.id}/trees/${flow.id}`, viewer);
	assert.equal((await call('DELETE', `/folders/${down.id}/trees/${flow.id}`, viewer)).status, 204);
	assert.deepEqual(await inside(up), []);
});

test('two moves at once make no circle and no fourth level', async () => {
	for (let round = 0; round < 25; round++) {
		const a = await make(viewer, `A ${round}`);
		const b = await make(viewer, `B ${round}`);
		const answers = await Promise.all([
			call('PATCH', `/folders/${a.id}`, viewer, { parent_id: b.id }), call('PATCH', `/folders/${b.id}`, viewer, { parent_id: a.id })]);
		assert.deepEqual(tally(answers), { 200: 1, 422: 1 }, `round ${round}`);
		const [top, bottom] = answers[0].status === 200 ? [b, a] : [a, b];
		const c = await make(viewer, `C ${round}`);
		const d = await make(viewer, `D ${round}`, c.id);
		const deep = await Promise.all([
			call('PATCH', `/folders/${c.id}`, viewer, { parent_id: top.id }), call('POST', '/folders', viewer, { name: 'E', parent_id: d.id })]);
		assert.equal(deep.filter(answer => answer.status === 422).length, 1, deep.map(answer => answer.text).join());
		await Promise.all([top, c].map(folder => call('DELETE', `/folders/${folder.id}`, viewer)));
		assert.ok(bottom);
	}
	assert.equal((await folders(viewer)).length, 2);
});

test('the pages do the same', async () => {
	const ann = await browser(stack, viewer.email);
	await ann.post('/flows/folders', { name: 'By the page', parent_id: '' });
	assert.match(ann.page.text, /The folder is made/);
	const [, id] = /\/flows\/folders\/([0-9a-f-]{36})">By the page/.exec(ann.page.text);
	const again = await ann.post('/flows/folders', { name: 'by the page', parent_id: '' });
	assert.equal(again.status, 409);
	assert.match(again.text, /You have a folder of that name there already/);
	const circle = await ann.post(`/flows/folders/${id}`, { name: 'By the page', parent_id: id });
	assert.equal(circle.status, 422);
	assert.match(circle.text, /A folder can&#39;t lie in itself|A folder can't lie in itself/);
	await ann.post(`/flows/folders/${id}/delete`);
	assert.doesNotMatch(ann.page.text, /By the page/);
});
