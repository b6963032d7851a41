// One flow through the API: made, read, changed, published, undone, deleted; who may; two who change at once.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { API, colleague, isProblem, race, register, tally } from '../support/accounts.mjs';
import { flowBody, madeAndPublished, makeFlow, publishFlow, structure } from '../support/flows.mjs';
import { startStack } from '../support/stack.mjs';

let stack;
let owner;
let engineer;
let viewer;
before(async () => {
	stack = await startStack();
	owner = await register(stack);
	engineer = await colleague(stack, owner, 'engineer');
	viewer = await colleague(stack, owner, 'viewer');
	await stack.sql('UPDATE person SET team_id = (SELECT team_id FROM person WHERE id = $1) WHERE account_id = (SELECT account_id FROM person WHERE id = $1)', [owner.user.id]);
});
after(() => stack?.stop());

const call = (method, path, who, json, headers) => stack.request(method, `${API}/trees${path}`, { bearer: who?.access_token, json, headers });

test('a flow comes back as it was sent', async () => {
	const body = flowBody({ tags: ['VPN', 'vpn ', 'router'], category: 'Network' });
	const made = await makeFlow(stack, owner, body);
	const got = await call('GET', `/${made.id}`, owner);
	assert.equal(got.status, 200, got.text);
	for (const tree of [made, got.json]) {
		assert.deepEqual(tree.structure, {
			start: 'n1',
			nodes: [
				{ ...body.structure.nodes[0], library_step_id: null },
				{ id: 'n2', kind: 'action', title: 'Restart the router', body: 'Wait **two** minutes.', help: '', next: 'n1', required: true, library_step_id: null },
				{ id: 'n3', kind: 'answer', title: 'The line is fine', body: '', help: '', outcome: 'resolved', library_step_id: null },
			],
		});
		assert.deepEqual(tree.intake, body.intake);
		assert.deepEqual(tree.tags, ['router', 'vpn']);
		assert.equal(tree.category, 'Network');
		assert.deepEqual([tree.status, tree.version, tree.visibility, tree.has_draft, tree.usage_count], ['draft', 0, 'team', true, 0]);
		assert.equal(tree.author.name, owner.user.name);
	}
	const again = await call('PUT', `/${made.id}`, owner, got.json, { 'if-match': got.headers.etag });
	assert.equal(again.status, 200, again.text);
	assert.deepEqual(again.json.structure, made.structure);
});

test('what no editor could hold is refused, and all else is saved', async () => {
	const bad = async nodes => (await call('POST', '', owner, flowBody({ structure: { start: 'n1', nodes } }))).status;
	const node = { id: 'n1', kind: 'action', title: 'x' };
	assert.equal(await bad([{ ...node, id: 'a b' }]), 422);
	assert.equal(await bad([node, node]), 422);
	assert.equal(await bad([{ ...node, kind: 'riddle' }]), 422);
	assert.equal(await bad([{ ...node, titel: 'x' }]), 422);
	assert.equal(await bad([{ ...node, options: [{ id: 'o1', label: 'Yes' }] }]), 422);
	assert.equal(await bad([{ ...node, kind: 'decision', next: 'n1' }]), 422);
	assert.equal(await bad(Array.from({ length: 501 }, (_, at) => ({ ...node, id: `n${at}` }))), 422);
	assert.equal(await bad([{ ...node, kind: 'decision', options: [{ id: 'o', label: 'a' }, { id: 'o', label: 'b' }] }]), 422);
	assert.equal(await bad([{ ...node, next: 'nowhere' }]), 201);
	assert.equal(await bad([]), 201);
	assert.equal((await call('POST', '', owner, { name: 'Bare' })).status, 201);
	assert.equal((await call('POST', '', owner, { name: '' })).status, 422);
	assert.equal((await call('POST', '', owner, { name: 'x', colour: 'red' })).status, 422);
});

test('a draft is seen by those who may edit it, a version by others, and the private by its author', async () => {
	const { id } = await makeFlow(stack, engineer, { name: 'Mine' });
	assert.equal((await call('GET', `/${id}`, viewer)).status, 404);
	assert.equal((await call('GET', `/${id}`, owner)).status, 200);
	await publishFlow(stack, engineer, id);
	await call('PUT', `/${id}`, engineer, { name: 'Mine, second draft' });
	assert.equal((await call('GET', `/${id}`, engineer)).json.name, 'Mine, second draft');
	const seen = (await call('GET', `/${id}`, viewer)).json;
	assert.deepEqual([seen.name, seen.version, seen.has_draft, seen.may_edit], ['Mine', 1, false, false]);
	await call('PUT', `/${id}`, engineer, { visibility: 'private' });
	for (const [who, status] of [[viewer, 404], [owner, 404], [engineer, 200]])
		assert.equal((await call('GET', `/${id}`, who)).status, status);
});

test('roles and the wall', async () => {
	const other = await register(stack);
	const { id } = await madeAndPublished(stack, owner, { visibility: 'public' });
	isProblem(await call('POST', '', viewer, flowBody()), 403, 'forbidden');
	isProblem(await call('PUT', `/${id}`, viewer, { name: 'x' }), 403, 'forbidden');
	isProblem(await call('DELETE', `/${id}`, engineer), 403, 'forbidden');
	for (const [method, path, json] of [['GET', ''], ['PUT', '', { name: 'x' }], ['DELETE', ''], ['POST', '/publish', {}], ['POST', '/undo'], ['POST', '/validate']])
		isProblem(await call(method, `/${id}${path}`, other, json), 404, 'not_found');
	assert.equal((await call('GET', '/no-uuid', owner)).status, 404);
	isProblem(await call('GET', `/${id}`), 401, 'not_signed_in');
	isProblem(await call('PUT', `/${id}`, engineer, { visibility: 'team' }), 403, 'forbidden');
	assert.equal((await call('DELETE', `/${id}`, owner)).status, 204);
	isProblem(await call('GET', `/${id}`, owner), 404, 'not_found');
});

test('a stale If-Match is refused with the flow as it is', async () => {
	const made = await makeFlow(stack, owner);
	const { headers } = await call('GET', `/${made.id}`, owner);
	assert.equal((await call('PUT', `/${made.id}`, engineer, { name: 'Theirs' }, { 'if-match': headers.etag })).status, 200);
	const refused = await call('PUT', `/${made.id}`, owner, { name: 'Mine' }, { 'if-match': headers.etag });
	assert.equal(refused.status, 409);
	assert.equal(refused.json.code, 'stale');
	assert.equal(refused.json.current.name, 'Theirs');
	assert.equal((await call('GET', `/${made.id}`, owner)).json.name, 'Theirs');
});

test('of twenty who save the same draft at once one wins', async () => {
	const made = await makeFlow(stack, owner);
	const answers = await race(20, at => call('PUT', `/${made.id}`, owner, { name: `Number ${at}` }, { 'if-match': `"${made.revision}"` }));
	assert.deepEqual(tally(answers), { 200: 1, 409: 19 });
});

test('undo three, redo two; a new edit clears the redo line', async () => {
	const made = await makeFlow(stack, owner, { name: 'One' });
	const states = [made];
	for (const name of ['Two', 'Three', 'Four']) {
		const nodes = structure();
		nodes.nodes[2].title = name;
		states.push((await call('PUT', `/${made.id}`, owner, { name, structure: nodes })).json);
	}
	const step = async way => (await call('POST', `/${made.id}/${way}`, owner)).json;
	await step('undo');
	await step('undo');
	const back = await step('undo');
	assert.deepEqual([back.name, JSON.stringify(back.structure)], ['One', JSON.stringify(made.structure)]);
	isProblem(await call('POST', `/${made.id}/undo`, owner), 409, 'nothing_to_undo');
	await step('redo');
	const third = await step('redo');
	assert.deepEqual([third.name, JSON.stringify(third.structure)], ['Three', JSON.stringify(states[2].structure)]);
	await call('PUT', `/${made.id}`, owner, { description: 'New' });
	isProblem(await call('POST', `/${made.id}/redo`, owner), 409, 'nothing_to_redo');
});

test('a published version can be changed or deleted by none of the programs', async () => {
	const { id, version, status } = await madeAndPublished(stack, owner);
	assert.deepEqual([version, status], [1, 'published']);
	for (const sql of ['UPDATE flow_version SET note = $1 WHERE flow_id = $2', 'DELETE FROM flow_version WHERE note = $1 OR flow_id = $2'])
		await assert.rejects(stack.sqlAs('rf_worker', owner.user.account.id, sql, ['x', id]), /permission denied/);
});

test('what does not end is not published', async () => {
	const made = await makeFlow(stack, owner, { structure: { start: 'n1', nodes: [{ id: 'n1', kind: 'action', title: 'Round', next: 'n1' }] } });
	const refused = await call('POST', `/${made.id}/publish`, owner, {});
	assert.equal(refused.status, 422, refused.text);
	assert.equal(refused.json.code, 'not_sound');
	assert.ok(refused.json.errors.some(error => error.field === 'n1'), refused.text);
	const found = await call('POST', `/${made.id}/validate`, owner);
	assert.equal(found.status, 200, found.text);
	assert.ok(found.json.errors.every(error => error.code && error.message && 'node_id' in error), found.text);
});

test('the plan\'s last place is taken once', async () => {
	const other = await register(stack);
	await stack.sql('UPDATE account SET plan = \'free\' WHERE account_id = $1', [other.user.account.id]);
	for (let at = 0; at < 9; at++)
		await makeFlow(stack, other);
	const answers = await race(8, () => call('POST', '', other, flowBody()));
	assert.deepEqual(tally(answers), { 201: 1, 409: 7 });
	isProblem(answers.find(answer => answer.status === 409), 409, 'plan_limit');
});

test('a tag\'s count is the number of its links, however many tag at once', async () => {
	const made = await race(10, at => makeFlow(stack, owner, { tags: ['shared', `own ${at}`] }));
	await race(20, at => call('PUT', `/${made[at % 10].id}`, owner, { tags: at % 3 ? ['other', 'shared'] : ['zebra'] }));
	await race(3, at => call('DELETE', `/${made[at].id}`, owner));
	const rows = await stack.sql(`SELECT name, usage_count, (SELECT count(*)::int FROM flow_tag l WHERE l.tag_id = t.id) AS links FROM tag t
		WHERE account_id = $1`, [owner.user.account.id]);
	for (const { name, usage_count: count, links } of rows)
		assert.equal(count, links, name);
});
