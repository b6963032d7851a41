// Categories: added, renamed, merged and deleted by those who curate; each change on record.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { API, browser, colleague, isProblem, race, register, tally } from '../support/accounts.mjs';
import { makeFlow } from '../support/flows.mjs';
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

const call = (method, path, who, json) => stack.request(method, `${API}${path}`, { bearer: who.access_token, json });
async function make(name) {
	const answer = await call('POST', '/categories', owner, { name });
	assert.equal(answer.status, 201, answer.text);
	return answer.json;
}

test('a category with flows is not deleted but merged', async () => {
	const from = await make('Networks');
	const into = await make('Network');
	isProblem(await call('POST', '/categories', owner, { name: 'NETWORK' }), 409, 'name_taken');
	const flow = await makeFlow(stack, engineer, { category: 'Networks', visibility: 'private' });
	const refused = await call('DELETE', `/categories/${from.id}`, owner);
	assert.match(isProblem(refused, 409, 'category_in_use').detail, /^1 flow is in this category/);
	isProblem(await call('POST', `/categories/${from.id}/merge`, owner, { into: from.id }), 422, 'same_category');
	isProblem(await call('POST', `/categories/${from.id}/merge`, owner, { into: '0190a000-0000-7000-8000-000000000000' }), 404, 'not_found');
	const merged = await call('POST', `/categories/${from.id}/merge`, owner, { into: into.id });
	assert.deepEqual(merged.json, { ...into, count: 1 });
	assert.equal((await call('GET', `/trees/${flow.id}`, engineer)).json.category, 'Network');
	assert.equal((await call('PATCH', `/categories/${into.id}`, owner, { name: 'Wires' })).json.name, 'Wires');
	await call('PUT', `/trees/${flow.id}`, engineer, { category: null });
	assert.equal((await call('DELETE', `/categories/${into.id}`, owner)).status, 204);
	assert.deepEqual((await call('GET', '/categories', engineer)).json.items, []);
	const actions = (await stack.sql("SELECT action FROM audit WHERE object = 'category' AND account_id = $1", [owner.user.account.id])).map(row => row.action);
	assert.deepEqual(actions.toSorted(), ['category.added', 'category.added', 'category.deleted', 'category.merged', 'category.renamed']);
});

test('a category of a deleted flow goes all the same', async () => {
	const { id } = await make('Short-lived');
	const flow = await makeFlow(stack, owner, { category: 'Short-lived' });
	await call('DELETE', `/trees/${flow.id}`, owner);
	assert.equal((await call('DELETE', `/categories/${id}`, owner)).status, 204);
});

test('only who curates changes them, in their own account', async () => {
	const stranger = await register(stack);
	const { id } = await make('Ours');
	for (const [method, path, json] of [['POST', '', { name: 'x' }], ['PATCH', `/${id}`, { name: 'x' }], ['DELETE', `/${id}`], ['POST', `/${id}/merge`, { into: id }]])
		isProblem(await call(method, `/categories${path}`, engineer, json), 403, 'forbidden');
	for (const [method, path, json] of [['PATCH', `/${id}`, { name: 'x' }], ['DELETE', `/${id}`], ['POST', `/${id}/merge`, { into: id }]])
		isProblem(await call(method, `/categories${path}`, stranger, json), 404, 'not_found');
	assert.deepEqual((await call('GET', '/categories', stranger)).json.items, []);
});

test('a flow is never left in a category that goes at that moment', async () => {
	for (let round = 0; round < 20; round++) {
		const { id } = await make(`Round ${round}`);
		const answers = await race(4, at => at
			? call('POST', '/trees', engineer, { name: 'x', category: `Round ${round}` }) : call('DELETE', `/categories/${id}`, owner));
		assert.ok(answers.every(({ status }) => [201, 204, 409, 422].includes(status)), JSON.stringify(tally(answers)));
		const made = answers.filter(({ status }) => status === 201).length;
		assert.equal(answers[0].status, made ? 409 : 204);
	}
});

test('the pages do the same', async () => {
	const ann = await browser(stack, owner.email);
	await ann.post('/flows/categories', { name: 'By the page' });
	assert.match(ann.page.text, /The category is added/);
	const [, id] = /\/flows\/categories\/([0-9a-f-]{36})">By the page/.exec(ann.page.text);
	await ann.post(`/flows/categories/${id}`, { name: 'Another name' });
	assert.match(ann.page.text, /Another name/);
	await ann.get(`/flows/categories/${id}`);
	await ann.post(`/flows/categories/${id}/delete`);
	assert.match(ann.page.text, /The category is gone/);
	assert.doesNotMatch(ann.page.text, /Another name/);
});
