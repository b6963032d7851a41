// Sessions through the API: started, prepared, answered, gone back on, filled, ended; who may, and two at once.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { API, fieldsOf, isProblem, race, tally } from '../support/accounts.mjs';
import { makeFlow, publishFlow } from '../support/flows.mjs';
import { openSessions, prepareSession, procedureFlow, runnable, runnableFlow, startSession } from '../support/sessions.mjs';

let stack;
let call;
let owner;
let engineer;
let other;
let viewer;
let stranger;
let flow;
before(async () => ({ stack, call, owner, engineer, other, viewer, stranger, flow } = await openSessions()));
after(() => stack?.stop());

// A conflict tells where the session stands.
async function refused(promise, code) {
	const got = await promise;
	const { current, ...rest } = got.json;
	isProblem({ ...got, json: rest }, 409, code);
	return current;
}

const begin = (who = engineer, fields) => startSession(stack, who, flow.id, fields);
const answer = (session, who, json) => call('POST', `/${session.id}/steps`, who, json);
async function answered(session, who, json) {
	const got = await answer(session, who, json);
	assert.equal(got.status, 200, got.text);
	return got.json;
}

test('a session starts at once, with nothing filled, on the first step', async () => {
	const before = (await stack.request('GET', `${API}/trees/${flow.id}`, { bearer: owner.access_token })).json.usage_count;
	const session = await begin();
	assert.deepEqual([session.status, session.tree, session.current_node.id, session.steps, session.variables], ['active',
		{ id: flow.id, name: flow.name, type: 'troubleshooting', version: 1 }, 'n1', [], {}]);
	assert.equal(session.owner.id, engineer.id);
	assert.equal(session.unfilled.length, 10);
	assert.ok(session.step_token && session.started_at && !session.completed_at);
	const got = await call('GET', `/${session.id}`, engineer);
	assert.equal(got.status, 200);
	assert.equal(got.headers.etag, `"${session.revision}"`);
	assert.deepEqual({ ...got.json, active_seconds: 0 }, { ...session, active_seconds: 0 });
	assert.equal((await stack.request('GET', `${API}/trees/${flow.id}`, { bearer: owner.access_token })).json.usage_count, before + 1);
});

test('only published flows that one sees are started', async () => {
	const draft = await makeFlow(stack, owner, runnable());
	isProblem(await call('POST', '', engineer, { tree_id: draft.id }), 409, 'not_published');
	isProblem(await call('POST', '', stranger, { tree_id: flow.id }), 404, 'not_found');
	isProblem(await call('POST', '', viewer, { tree_id: flow.id }), 403, 'forbidden');
	isProblem(await call('POST', '', undefined, { tree_id: flow.id }), 401, 'not_signed_in');
	await stack.request('PUT', `${API}/trees/${(await publishFlow(stack, owner, draft.id)).id}`, { bearer: owner.access_token, json: { status: 'archived' } });
	isProblem(await call('POST', '', engineer, { tree_id: draft.id }), 409, 'not_published');
});

test('answers, loops and the end: each visit is its own', async () => {
	let session = await begin();
	session = await answered(session, engineer, { node_id: 'n1', option_id: 'no', notes: 'No answer *at all*', step_token: session.step_token });
	assert.equal(session.current_node.id, 'n2');
	assert.deepEqual(session.steps.map(({ node_id, option, notes, reverted }) => ({ node_id, option, notes, reverted })),
		[{ node_id: 'n1', option: { id: 'no', label: 'No' }, notes: 'No answer *at all*', reverted: false }]);
	session = await answered(session, engineer, { node_id: 'n2' });
	session = await answered(session, engineer, { node_id: 'n1', option_id: 'yes' });
	assert.deepEqual(session.steps.map(step => step.node_id), ['n1', 'n2', 'n1']);
	assert.equal(new Set(session.steps.map(step => step.id)).size, 3);
	assert.equal(session.current_node.kind, 'answer');
	await refused(answer(session, engineer, { node_id: 'n3' }), 'at_end');
	const done = await call('POST', `/${session.id}/complete`, engineer, {});
	assert.equal(done.status, 200, done.text);
	assert.deepEqual([done.json.status, done.json.outcome, done.json.current_node, done.json.step_token], ['completed', 'resolved', null, null]);
	assert.deepEqual(done.json.warnings, [{ code: 'unfilled_variable', name: 'server' }, { code: 'unfilled_variable', name: 'gateway' }]);
	assert.deepEqual(done.json.steps.map(step => step.node_id), ['n1', 'n2', 'n1', 'n3']);
});

test('a stale tab and a double send overwrite nothing', async () => {
	const session = await begin();
	const first = { node_id: 'n1', option_id: 'no', notes: 'first', step_token: session.step_token };
	const now = await answered(session, engineer, first);
	const current = await refused(answer(session, engineer, { ...first, option_id: 'yes', notes: 'late' }), 'stale_step');
	assert.equal(current.current_node.id, 'n2');
	assert.deepEqual(current.steps, now.steps);
	await answered(now, engineer, { node_id: 'n2' });
	// The same node again, but another visit of it: the old token does not fit.
	await refused(answer(session, engineer, first), 'stale_step');
	const races = await begin();
	const answers = await race(8, at => answer(races, engineer, { node_id: 'n1', option_id: at % 2 ? 'yes' : 'no', step_token: races.step_token }));
	assert.deepEqual(tally(answers), { 200: 1, 409: 7 });
	assert.equal((await call('GET', `/${races.id}`, engineer)).json.steps.length, 1);
});

test('what does not fit the step is refused', async () => {
	const session = await begin();
	isProblem(await answer(session, engineer, { node_id: 'n1' }), 422, 'invalid');
	isProblem(await answer(session, engineer, { node_id: 'n1', option_id: 'maybe' }), 422, 'invalid');
	isProblem(await answer(session, engineer, { option_id: 'yes' }), 422, 'invalid');
	await refused(answer(session, engineer, { node_id: 'n2' }), 'stale_step');
	const there = await answered(session, engineer, { node_id: 'n1', option_id: 'no' });
	isProblem(await answer(there, engineer, { node_id: 'n2', option_id: 'no' }), 422, 'invalid');
	const unexplained = await answer(there, engineer, { node_id: 'n2', skip_reason: ' ' });
	isProblem(unexplained, 422, 'invalid');
	assert.deepEqual(fieldsOf(unexplained), ['skip_reason']);
});

test('going back keeps the step, marked, and begins with what was answered', async () => {
	let session = await begin();
	await refused(call('POST', `/${session.id}/back`, engineer), 'at_start');
	session = await answered(session, engineer, { node_id: 'n1', option_id: 'no', notes: 'mistaken' });
	session = await answered(session, engineer, { node_id: 'n2', notes: 'done' });
	const back = await call('POST', `/${session.id}/back`, engineer);
	assert.equal(back.status, 200, back.text);
	assert.equal(back.json.current_node.id, 'n2');
	assert.equal(back.json.current_step.notes, 'done');
	assert.deepEqual(back.json.steps.map(({ node_id, reverted }) => [node_id, reverted]), [['n1', false], ['n2', true]]);
	const start = (await call('POST', `/${session.id}/back`, engineer)).json;
	assert.equal(start.current_node.id, 'n1');
	assert.deepEqual(start.steps.map(step => step.reverted), [true, true]);
	const other = await answered(start, engineer, { node_id: 'n1', option_id: 'never' });
	assert.deepEqual(other.steps.map(({ node_id, notes, reverted }) => [node_id, notes, reverted]), [['n1', 'mistaken', true], ['n2', 'done', true], ['n1', 'mistaken', false]]);
	const done = await call('POST', `/${session.id}/complete`, engineer, { summary: 'Called them' });
	assert.deepEqual([done.json.outcome, done.json.summary], ['escalate', 'Called them']);
});

test('a procedure: sections are passed through, steps skipped with a reason, the end completes', async () => {
	const tree = await procedureFlow(stack, owner);
	let session = await startSession(stack, engineer, tree.id);
	assert.equal(session.current_node.id, 'p1');
	session = await answered(session, engineer, { node_id: 'p1' });
	session = await answered(session, engineer, { node_id: 'p2', skip_reason: 'No labels left' });
	session = await answered(session, engineer, { node_id: 'p3' });
	assert.equal(session.current_node, null);
	assert.deepEqual(session.steps.map(({ title, section, skipped, skip_reason, by }) => [title, section, skipped, skip_reason, by.id]), [
		['Check the delivery', 'Unpack', false, null, engineer.id], ['Stick the label on', 'Unpack', true, 'No labels left', engineer.id],
		['Join the domain', 'Install', false, null, engineer.id]]);
	await refused(answer(session, engineer, { node_id: 'p3' }), 'stale_step');
	const back = (await call('POST', `/${session.id}/back`, engineer)).json;
	assert.equal(back.current_node.id, 'p3');
	assert.equal((await call('POST', `/${session.id}/complete`, engineer, { outcome: 'resolved' })).json.outcome, 'resolved');
	isProblem(await call('POST', `/${back.id}/complete`, engineer, { outcome: 'splendid' }), 422, 'invalid');
});

test('variables merge, also two at once; what does not fit is named', async () => {
	const session = await begin(engineer, { variables: { server: 'SRV-01' } });
	const patch = (json, who = engineer) => call('PATCH', `/${session.id}/variables`, who, json);
	assert.deepEqual(session.variables, { server: 'SRV-01' });
	const two = await Promise.all([patch({ site: 'Berlin' }), patch({ count: 3 })]);
	assert.deepEqual(two.map(({ status }) => status), [200, 200]);
	assert.deepEqual((await call('GET', `/${session.id}`, engineer)).json.variables, { server: 'SRV-01', site: 'Berlin', count: 3 });
	assert.deepEqual((await patch({ site: null, backup: true, size: 'large', gateway: '2001:db8::1' })).json.variables,
		{ server: 'SRV-01', count: 3, backup: true, size: 'large', gateway: '2001:db8::1' });
	const bad = { srv: 'x', count: 'three', size: 'huge', since: '2026-02-30', contact: 'nobody', gateway: '192.0.2.300', backup: 'perhaps', story: ['x'] };
	const refusal = await patch(bad);
	isProblem(refusal, 422, 'invalid');
	assert.deepEqual(fieldsOf(refusal).sort(), Object.keys(bad).map(name => `variables.${name}`).sort());
	isProblem(await patch({ site: 'x' }, other), 403, 'forbidden');
	await call('POST', `/${session.id}/complete`, engineer, {});
	await refused(patch({ site: 'x' }), 'not_active');
});

test('a password is sealed, shown to the owner alone, and gone at the end', async () => {
	const session = await begin(engineer, { variables: { pass: 'hunter2 is long' } });
	assert.equal(session.variables.pass, 'hunter2 is long');
	assert.ok(!session.unfilled.includes('pass'));
	assert.equal((await call('GET', `/${session.id}`, owner)).json.variables.pass, null);
	const [{ sealed }] = await stack.sql('SELECT sealed FROM session_secret WHERE session_id = $1', [session.id]);
	assert.ok(!sealed.includes('hunter2'));
	assert.ok(!JSON.stringify(await stack.sql('SELECT * FROM session WHERE id = $1', [session.id])).includes('hunter2'));
	const other = await begin(engineer, { variables: { pass: 'something else' } });
	await stack.sql('UPDATE session_secret SET sealed = $1 WHERE session_id = $2', [sealed, other.id]);
	assert.ok(!(await call('GET', `/${other.id}`, engineer)).text.includes('hunter2'), 'a sealed text opens in its own place only');
	const done = await call('POST', `/${session.id}/complete`, engineer, {});
	assert.equal(done.json.variables.pass, null);
	assert.ok(!done.json.unfilled.includes('pass'));
	assert.deepEqual(await stack.sql('SELECT FROM session_secret WHERE session_id = $1', [session.id]), []);
	await call('POST', `/${other.id}/abandon`, engineer);
	assert.deepEqual(await stack.sql('SELECT FROM session_secret WHERE session_id = $1', [other.id]), []);
	assert.ok(!stack.log('worker').includes('hunter2'));
});

test('two who complete: one does', async () => {
	const session = await begin();
	const answers = await race(6, () => call('POST', `/${session.id}/complete`, engineer, { outcome: 'resolved' }));
	assert.deepEqual(tally(answers), { 200: 1, 409: 5 });
});

test('prepared: seen by whom it is for, started by one', async () => {
	const session = await prepareSession(stack, owner, flow.id, { variables: { server: 'SRV-9' }, ticket_number: 'T-1' });
	assert.deepEqual([session.status, session.started_at, session.owner, session.current_node, session.steps], ['prepared', null, null, null, []]);
	for (const who of [engineer, other, viewer])
		assert.equal((await call('GET', `/${session.id}`, who)).status, 200);
	isProblem(await call('GET', `/${session.id}`, stranger), 404, 'not_found');
	isProblem(await call('POST', `/${session.id}/start`, viewer), 403, 'forbidden');
	await refused(call('POST', `/${session.id}/complete`, owner, {}), 'not_active');
	isProblem(await call('PATCH', `/${session.id}/variables`, engineer, { site: 'x' }), 403, 'forbidden');
	assert.equal((await call('PATCH', `/${session.id}/variables`, owner, { site: 'Bonn' })).status, 200);
	const answers = await race(8, at => call('POST', `/${session.id}/start`, at % 2 ? engineer : other));
	assert.deepEqual(tally(answers), { 200: 1, 409: 7 });
	const won = answers.find(({ status }) => status === 200).json;
	assert.deepEqual([won.status, won.variables, won.current_node.id], ['active', { server: 'SRV-9', site: 'Bonn' }, 'n1']);
	const lost = answers.find(({ status }) => status === 409).json;
	assert.match(lost.detail, new RegExp(won.owner.name));
	const loser = won.owner.id === engineer.id ? other : engineer;
	isProblem(await call('GET', `/${session.id}`, loser), 403, 'forbidden');
	isProblem(await answer(session, loser, { node_id: 'n1', option_id: 'no' }), 403, 'forbidden');
});

test('assigned: one starts it, and only colleagues who may run are assigned', async () => {
	const forOne = await prepareSession(stack, engineer, flow.id, { assigned_to_id: other.id });
	isProblem(await call('GET', `/${forOne.id}`, viewer), 403, 'forbidden');
	isProblem(await call('POST', `/${forOne.id}/start`, engineer), 403, 'forbidden');
	assert.equal((await call('POST', `/${forOne.id}/start`, other)).status, 200);
	for (const id of [viewer.id, stranger.user.id, '00000000-0000-7000-8000-000000000000'])
		isProblem(await call('POST', '/prepare', engineer, { tree_id: flow.id, assigned_to_id: id }), 422, 'invalid');
	const moved = await prepareSession(stack, engineer, flow.id, { assigned_to_id: other.id });
	assert.equal((await call('PUT', `/${moved.id}`, engineer, { assigned_to_id: null })).json.assigned_to, null);
	assert.equal((await call('PUT', `/${moved.id}`, engineer, { assigned_to_id: engineer.id })).json.assigned_to.id, engineer.id);
	assert.equal((await call('POST', `/${moved.id}/abandon`, other)).status, 403);
	assert.equal((await call('POST', `/${moved.id}/abandon`, engineer)).json.status, 'abandoned');
	await refused(call('POST', `/${moved.id}/start`, engineer), 'not_active');
});

test('a session keeps its version of the flow', async () => {
	const tree = await runnableFlow(stack, owner);
	const session = await startSession(stack, engineer, tree.id);
	const changed = runnable();
	changed.structure.nodes[0].options[1].next = 'n4';
	await stack.request('PUT', `${API}/trees/${tree.id}`, { bearer: owner.access_token, json: { structure: changed.structure, name: 'Renamed' } });
	await publishFlow(stack, owner, tree.id);
	assert.equal((await answered(session, engineer, { node_id: 'n1', option_id: 'no' })).current_node.id, 'n2');
	assert.equal((await startSession(stack, engineer, tree.id)).tree.version, 2);
	await stack.request('DELETE', `${API}/trees/${tree.id}`, { bearer: owner.access_token });
	assert.equal((await call('GET', `/${session.id}`, engineer)).json.tree.name, runnable().name);
});

test('texts, notes and who may read', async () => {
	const session = await begin(engineer, { ticket_number: 'T-77', client_name: 'Contoso' });
	const put = (json, headers) => call('PUT', `/${session.id}`, engineer, json, headers);
	assert.equal((await put({ scratchpad: ' raw\ttext\n' })).json.scratchpad, ' raw\ttext\n');
	await refused(put({ client_name: 'X' }, { 'if-match': '"1"' }), 'stale');
	isProblem(await call('PUT', `/${session.id}`, owner, { client_name: 'X' }), 403, 'forbidden');
	const step = (await answered(session, engineer, { node_id: 'n1', option_id: 'no', notes: 'one' })).steps[0];
	const noted = await call('PATCH', `/${session.id}/steps/${step.id}`, engineer, { notes: 'two' });
	assert.equal(noted.json.steps[0].notes, 'two');
	assert.deepEqual((await stack.sql('SELECT notes FROM visit_note WHERE session_id = $1', [session.id])).map(row => row.notes), ['one']);
	isProblem(await call('PATCH', `/${session.id}/steps/${session.id}`, engineer, { notes: 'x' }), 404, 'not_found');
	isProblem(await call('GET', `/${session.id}`, other), 403, 'forbidden');
	assert.equal((await call('GET', `/${session.id}`, owner)).status, 200);
	await call('POST', `/${session.id}/complete`, engineer, {});
	assert.equal((await call('GET', `/${session.id}`, other)).status, 200);
	assert.equal((await call('GET', `/${session.id}`, viewer)).status, 200);
	await refused(put({ scratchpad: 'late' }), 'not_active');
	await refused(call('PATCH', `/${session.id}/steps/${step.id}`, engineer, { notes: 'late' }), 'not_active');
});
