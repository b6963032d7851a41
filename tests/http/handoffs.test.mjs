// Hand-offs through the API: from a session to a colleague and back, who may do what when, and what is written with it.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { API, colleague, isProblem, race, register, tally } from '../support/accounts.mjs';
import { madeAndPublished } from '../support/flows.mjs';
import { runnable, sessionCall, startSession } from '../support/sessions.mjs';
import { startStack } from '../support/stack.mjs';

let stack;
let call;
let admin;
let junior;
let senior;
let other;
let viewer;
let stranger;
let flow;
before(async () => {
	stack = await startStack();
	call = sessionCall(stack);
	admin = await register(stack, { name: 'Maren Holt' });
	stranger = await register(stack);
	[junior, senior, other] = await Promise.all(['engineer', 'engineer', 'engineer'].map(role => colleague(stack, admin, role)));
	viewer = await colleague(stack, admin, 'viewer');
	await stack.sql("UPDATE person SET name = 'Priya Nair' WHERE id = $1", [senior.id]);
	flow = await madeAndPublished(stack, admin, { ...runnable(), visibility: 'public' });
});
after(() => stack?.stop());

const escalate = (who, session, more = {}) => call('POST', `/${session}/handoff`, who, { intent: 'escalate', reason: 'Stuck at the VPN', ...more });
const act = (who, handoff, word, json) => stack.request('POST', `${API}/escalations/${handoff}/${word}`, { bearer: who?.access_token, json });
const get = (who, handoff) => stack.request('GET', `${API}/escalations/${handoff}`, { bearer: who?.access_token });
const session = async (who, id) => (await call('GET', `/${id}`, who)).json;
async function waiting(more) {
	const { id } = await startSession(stack, junior, flow.id, { ticket_number: 'T-1' });
	const answer = await escalate(junior, id, more);
	assert.equal(answer.status, 201, answer.text);
	return { session: id, ...answer.json };
}

test('a session is handed off with a reason, a priority and what was tried', async () => {
	const made = await waiting({ tried: 'Pinged it.', priority: 'high' });
	assert.deepEqual([made.intent, made.status, made.reason, made.tried, made.priority, made.session_id],
		['escalate', 'open', 'Stuck at the VPN', 'Pinged it.', 'high', made.session]);
	assert.deepEqual([made.escalated_by.id, made.assigned_to, made.claimed_by, made.claimed_at, made.resolved_at], [junior.id, null, null, null, null]);
	const at = await session(junior, made.session);
	assert.deepEqual([at.status, at.owner.id], ['escalated', junior.id]);
	assert.equal((await waiting()).priority, 'normal');
});

test('while it waits nobody answers, and it is not handed off twice', async () => {
	const { session: id } = await waiting();
	const { step_token: token } = await session(junior, id);
	assert.equal((await call('POST', `/${id}/steps`, junior, { node_id: 'n1', step_token: token, option_id: 'no' })).json.code, 'not_active');
	for (const intent of ['escalate', 'park'])
		assert.equal((await call('POST', `/${id}/handoff`, junior, { intent })).json.code, 'not_active');
});

test('whoever takes it over runs the session, password and scratchpad included', async () => {
	const { id: handoff, session: id } = await waiting();
	await call('PATCH', `/${id}/variables`, junior, { pass: 'Sommer-2026!' });
	await call('PUT', `/${id}`, junior, { scratchpad: 'line 2 hums' });
	assert.deepEqual([(await session(senior, id)).status, (await session(senior, id)).variables.pass], ['escalated', null], 'seen, but not the password');
	const claimed = await act(senior, handoff, 'claim');
	assert.deepEqual([claimed.status, claimed.json.status, claimed.json.claimed_by.name], [200, 'claimed', 'Priya Nair']);
	const at = await session(senior, id);
	assert.deepEqual([at.status, at.owner.id, at.variables.pass, at.scratchpad], ['active', senior.id, 'Sommer-2026!', 'line 2 hums']);
	assert.equal((await call('POST', `/${id}/steps`, senior, { node_id: 'n1', step_token: at.step_token, option_id: 'no' })).status, 200);
	isProblem(await call('POST', `/${id}/back`, junior), 403, 'forbidden');
	assert.equal((await session(junior, id)).status, 'active', 'the one who handed it off follows it');
});

test('of fifty who claim at once exactly one wins, and the others read who', async () => {
	const { id: handoff } = await waiting();
	const answers = await race(50, at => act([senior, other, admin][at % 3], handoff, 'claim'));
	assert.deepEqual(tally(answers), { 200: 1, 409: 49 });
	const winner = answers.find(answer => answer.status === 200).json.claimed_by;
	for (const { status, json } of answers)
		assert.ok(status === 200 || json.detail.includes(winner.name) || json.detail.includes('You have taken this over'), json.detail);
	assert.equal((await stack.sql("SELECT count(*)::int AS n FROM event WHERE type = 'handoff_claimed' AND payload->>'id' = $1", [handoff]))[0].n, 1);
});

test('one\'s own cannot be claimed; what is claimed, not again', async () => {
	const { id: handoff } = await waiting();
	isProblem(await act(junior, handoff, 'claim'), 409, 'own_handoff');
	assert.equal((await act(senior, handoff, 'claim')).status, 200);
	isProblem(await act(senior, handoff, 'claim'), 409, 'already_claimed');
	const late = await act(other, handoff, 'claim');
	isProblem(late, 409, 'already_claimed');
	assert.match(late.json.detail, /Priya Nair has taken this over/);
});

test('released, it waits anew and the session is the escalator\'s again', async () => {
	const { id: handoff, session: id } = await waiting();
	isProblem(await act(senior, handoff, 'release'), 409, 'handoff_state');
	await act(senior, handoff, 'claim');
	isProblem(await act(other, handoff, 'release'), 403, 'forbidden');
	isProblem(await act(junior, handoff, 'release'), 403, 'forbidden');
	const back = await act(senior, handoff, 'release');
	assert.deepEqual([back.json.status, back.json.claimed_by, back.json.claimed_at], ['open', null, null]);
	assert.deepEqual([(await session(junior, id)).status, (await session(junior, id)).owner.id], ['escalated', junior.id]);
	assert.equal((await act(other, handoff, 'claim')).status, 200);
	assert.equal((await act(admin, handoff, 'release')).status, 200, 'a team admin may, too');
});

test('resolved with a word; the session goes on with whoever solved it', async () => {
	const { id: handoff, session: id } = await waiting();
	isProblem(await act(senior, handoff, 'resolve'), 409, 'handoff_state');
	await act(senior, handoff, 'claim');
	isProblem(await act(junior, handoff, 'resolve', {}), 403, 'forbidden');
	const done = await act(senior, handoff, 'resolve', { resolution: 'The MTU was wrong.' });
	assert.deepEqual([done.json.status, done.json.resolution], ['resolved', 'The MTU was wrong.']);
	assert.ok(done.json.resolved_at);
	assert.deepEqual([(await session(senior, id)).status, (await session(senior, id)).owner.id], ['active', senior.id]);
	for (const word of ['claim', 'release', 'resolve', 'cancel'])
		isProblem(await act(admin, handoff, word, {}), 409, 'handoff_state');
	assert.equal((await escalate(senior, id)).status, 201, 'it can be handed off again');
});

test('withdrawn by whoever handed it off, or a team admin', async () => {
	const first = await waiting();
	isProblem(await act(senior, first.id, 'cancel'), 403, 'forbidden');
	assert.equal((await act(junior, first.id, 'cancel')).json.status, 'cancelled');
	assert.equal((await session(junior, first.session)).status, 'active');
	assert.equal((await act(admin, (await waiting()).id, 'cancel')).status, 200);
	const taken = await waiting();
	await act(senior, taken.id, 'claim');
	isProblem(await act(junior, taken.id, 'cancel'), 409, 'handoff_state');
});

test('it ends with its session', async () => {
	const first = await waiting();
	await act(senior, first.id, 'claim');
	assert.equal((await call('POST', `/${first.session}/complete`, senior, { outcome: 'resolved', summary: 'MTU' })).status, 200);
	assert.deepEqual([(await get(junior, first.id)).json.status, (await get(junior, first.id)).json.resolution], ['resolved', 'MTU']);
	const second = await waiting();
	assert.equal((await call('POST', `/${second.session}/abandon`, junior)).status, 200);
	assert.equal((await get(junior, second.id)).json.status, 'cancelled');
	const third = await waiting();
	await act(senior, third.id, 'claim');
	assert.equal((await call('POST', `/${third.session}/handoff`, senior, { intent: 'park' })).status, 201, 'what was taken over can be parked');
	assert.equal((await escalate(senior, third.session)).json.code, 'already_claimed');
	assert.equal((await call('POST', `/${third.session}/abandon`, senior)).status, 200);
	assert.deepEqual(await stack.sql('SELECT state FROM handoff WHERE session_id = $1 ORDER BY id', [third.session]), [{ state: 'cancelled' }, { state: 'resumed' }]);
});

test('a parked one is escalated anew', async () => {
	const { id } = await startSession(stack, junior, flow.id);
	await call('POST', `/${id}/handoff`, junior, { intent: 'park' });
	assert.equal((await escalate(junior, id)).status, 201);
	assert.deepEqual(await stack.sql('SELECT state FROM handoff WHERE session_id = $1 ORDER BY id', [id]), [{ state: 'resumed' }, { state: 'open' }]);
});

test('a park is told to nobody and is no escalation', async () => {
	const { id } = await startSession(stack, junior, flow.id);
	const before = (await stack.sql('SELECT count(*)::int AS n FROM event'))[0].n;
	const { json } = await call('POST', `/${id}/handoff`, junior, { intent: 'park', reason: 'Lunch' });
	assert.deepEqual(json.deliveries, []);
	assert.equal((await stack.sql('SELECT count(*)::int AS n FROM delivery WHERE handoff_id = $1', [json.id]))[0].n, 0);
	assert.equal((await stack.sql('SELECT count(*)::int AS n FROM event'))[0].n, before);
	assert.equal((await stack.sql("SELECT count(*)::int AS n FROM job WHERE payload->>'handoff' = $1", [json.id]))[0].n, 0);
	isProblem(await get(junior, json.id), 404, 'not_found');
	isProblem(await act(senior, json.id, 'claim'), 404, 'not_found');
	isProblem(await act(junior, json.id, 'resolve', {}), 404, 'not_found');
});

test('to one person: only they are told at first', async () => {
	const { session: id, ...made } = await waiting({ assigned_to_id: senior.id });
	assert.equal(made.assigned_to.name, 'Priya Nair');
	assert.deepEqual([...new Set(made.deliveries.map(d => d.recipient))].sort(), [senior.email, 'Priya Nair'].sort());
	const { id: mine } = await startSession(stack, junior, flow.id);
	for (const to of [junior.id, viewer.id, stranger.user.id])
		isProblem(await escalate(junior, mine, { assigned_to_id: to }), 422, 'invalid');
	assert.equal((await session(junior, mine)).status, 'active');
	assert.equal((await act(other, made.id, 'claim')).status, 200, 'anybody may take it');
	assert.ok(id);
});

test('colleagues who work there are told, and nobody else', async () => {
	await stack.sql('UPDATE person SET active = false WHERE id = $1', [other.id]);
	const made = await waiting();
	await stack.sql('UPDATE person SET active = true WHERE id = $1', [other.id]);
	const mailed = made.deliveries.filter(d => d.channel === 'email');
	assert.deepEqual(mailed.map(d => d.recipient).sort(), [senior.email, admin.email].sort());
	assert.ok(made.deliveries.every(d => d.status === 'queued' && d.attempts === 0 && d.sent_at === null && d.occasion === 'created'));
	await act(senior, made.id, 'claim');
	const after = (await get(senior, made.id)).json.deliveries;
	assert.deepEqual([...new Set(after.filter(d => d.occasion === 'created').map(d => d.status))].sort(), ['skipped'], 'taken: nobody needs to be told');
	assert.deepEqual(after.filter(d => d.occasion === 'claimed' && d.channel === 'inapp').map(d => d.status), ['queued'], 'but the one who waits');
});

test('its event is the hand-off and nothing of the session', async () => {
	const { id } = await startSession(stack, junior, flow.id);
	await call('PUT', `/${id}`, junior, { scratchpad: 'SCRATCH-SECRET' });
	await call('PATCH', `/${id}/variables`, junior, { server: 'VAR-SECRET', pass: 'PASS-SECRET' });
	const { json } = await escalate(junior, id);
	const [{ payload, seq, topic }] = await stack.sql("SELECT payload, seq::int, topic FROM event WHERE payload->>'id' = $1", [json.id]);
	assert.equal(topic, 'escalation');
	assert.deepEqual(payload, json);
	assert.doesNotMatch(JSON.stringify(payload), /SECRET/);
	assert.ok(seq > 0);
});

test('what is rolled back was never there', async () => {
	const { id } = await startSession(stack, junior, flow.id);
	await stack.sql('CREATE FUNCTION refuse_event() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION \'no\'; END $$');
	await stack.sql("CREATE TRIGGER broken BEFORE INSERT ON event FOR EACH ROW WHEN (NEW.topic = 'escalation') EXECUTE FUNCTION refuse_event()");
	try {
		assert.equal((await escalate(junior, id)).status, 500);
	} finally {
		await stack.sql('DROP TRIGGER broken ON event');
		await stack.sql('DROP FUNCTION refuse_event');
	}
	for (const table of ['handoff', 'delivery'])
		assert.equal((await stack.sql(`SELECT count(*)::int AS n FROM ${table} h WHERE ${table === 'handoff' ? 'h.session_id' : '(SELECT session_id FROM handoff WHERE id = h.handoff_id)'} = $1`, [id]))[0].n, 0);
	assert.equal((await session(junior, id)).status, 'active');
});

test('viewers, the signed-out and strangers have no part in it', async () => {
	const { id: handoff, session: id } = await waiting();
	for (const word of ['claim', 'release', 'resolve', 'cancel']) {
		isProblem(await act(viewer, handoff, word, {}), 403, 'forbidden');
		isProblem(await act(null, handoff, word, {}), 401, 'not_signed_in');
		isProblem(await act(stranger, handoff, word, {}), 404, 'not_found');
	}
	isProblem(await get(viewer, handoff), 403, 'forbidden');
	isProblem(await get(stranger, handoff), 404, 'not_found');
	isProblem(await escalate(senior, id), 403, 'forbidden');
	isProblem(await escalate(stranger, id), 404, 'not_found');
	assert.equal((await get(admin, handoff)).json.status, 'open');
});

test('input is bounded', async () => {
	const { id } = await startSession(stack, junior, flow.id);
	isProblem(await escalate(junior, id, { reason: 'x'.repeat(4001) }), 422, 'invalid');
	isProblem(await escalate(junior, id, { tried: 'x'.repeat(20001) }), 422, 'invalid');
	isProblem(await escalate(junior, id, { priority: 'now' }), 422, 'invalid');
	isProblem(await call('POST', `/${id}/handoff`, junior, { intent: 'nap' }), 422, 'invalid');
	const alias = await stack.request('POST', `${API}/ai-sessions/${id}/handoff`, { bearer: junior.access_token, json: { intent: 'escalate', reason: 'ü "quoted" \n<b>' } });
	assert.deepEqual([alias.status, alias.json.reason], [201, 'ü "quoted" \n<b>']);
});

test('every step of it stands in the audit log', async () => {
	const { id: handoff } = await waiting();
	await act(senior, handoff, 'claim');
	await act(senior, handoff, 'release');
	await act(other, handoff, 'claim');
	await act(other, handoff, 'resolve', { resolution: 'done' });
	const rows = await stack.sql('SELECT action, actor_id FROM audit WHERE object_id = $1 ORDER BY id', [handoff]);
	assert.deepEqual(rows.map(row => [row.action, row.actor_id]), [['handoff.created', junior.id], ['handoff.claimed', senior.id],
		['handoff.released', senior.id], ['handoff.claimed', other.id], ['handoff.resolved', other.id]]);
});
