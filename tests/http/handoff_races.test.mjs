// Two who change one hand-off at the same moment, and many who change many: whoever comes second reads why, and what is
// left fits together, row by row and event by event.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import fs from 'node:fs';
import { after, afterEach, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { API, colleague, race, register, tally } from '../support/accounts.mjs';
import { madeAndPublished } from '../support/flows.mjs';
import { deadline, patient } from '../support/patience.mjs';
import { runnable, sessionCall, startSession } from '../support/sessions.mjs';
import { startStack } from '../support/stack.mjs';

const ROUNDS = 12;
const STORM = { clients: 50, sessions: 10, seconds: 8 };
const HEAD_START = 6; // ms at most, of either

let stack;
let call;
let admin;
let junior;
let senior;
let other;
let flow;
before(async () => {
	stack = await startStack({ settings: { WORKERS: 8 } });
	call = sessionCall(stack);
	admin = await register(stack);
	[junior, senior, other] = await Promise.all(['engineer', 'engineer', 'engineer'].map(role => colleague(stack, admin, role)));
	flow = await madeAndPublished(stack, admin, { ...runnable(), visibility: 'public' });
});
after(() => stack?.stop());
afterEach(holdsTogether);

const escalate = (who, session, headers) => call('POST', `/${session}/handoff`, who, { intent: 'escalate', reason: 'Stuck' }, headers);
const act = (who, handoff, word, json) => stack.request('POST', `${API}/escalations/${handoff}/${word}`, { bearer: who.access_token, json });
const started = async () => (await startSession(stack, junior, flow.id)).id;

async function open() {
	const session = await started();
	const { json } = await escalate(junior, session);
	return { session, id: json.id };
}

async function claimed() {
	const made = await open();
	assert.equal((await act(senior, made.id, 'claim')).status, 200);
	return made;
}

// Of both one is first, now this and now that; the statuses of each pair, counted.
async function duel(make, one, another) {
	const counts = {};
	for (let round = 0; round < ROUNDS; round++) {
		const made = await make();
		const late = (round % 2 ? 1 : -1) * HEAD_START * Math.random();
		const answers = await Promise.all([
			sleep(Math.max(0, late)).then(() => one(made)), sleep(Math.max(0, -late)).then(() => another(made)),
		]);
		const pair = answers.map(answer => answer.status).join();
		counts[pair] = (counts[pair] ?? 0) + 1;
	}
	return counts;
}

function onlyThese(t, counts, ...pairs) {
	t.diagnostic(JSON.stringify(counts));
	assert.deepEqual(Object.keys(counts).filter(pair => !pairs.includes(pair)), [], JSON.stringify(counts));
}

// The edges as the log has them, what streams were told, and the rows themselves.
const STORIES = `
	SELECT h.id, h.state, h.by_id, h.claimer_id, s.owner_id, s.completed_at IS NOT NULL OR s.abandoned_at IS NOT NULL AS over,
	       s.ticking_since IS NOT NULL AS ticks, h.intent,
	       (SELECT array_agg(substr(a.action, 9) ORDER BY a.id) FROM audit a WHERE a.account_id = h.account_id AND a.object = 'handoff' AND a.object_id = h.id) AS edges,
	       (SELECT array_agg(substr(e.type, 9) ORDER BY e.seq) FROM event e
	         WHERE e.account_id = h.account_id AND e.topic = 'escalation' AND e.payload->>'id' = h.id::text) AS told,
	       (SELECT array_agg(e.payload->>'status' ORDER BY e.seq) FROM event e
	         WHERE e.account_id = h.account_id AND e.topic = 'escalation' AND e.payload->>'id' = h.id::text) AS said,
	       (SELECT count(*)::int FROM delivery d WHERE d.account_id = h.account_id AND d.handoff_id = h.id AND d.state = 'queued'
	           AND d.occasion IN ('created', 'released', 'overdue')) AS waiting
	  FROM handoff h JOIN session s ON s.account_id = h.account_id AND s.id = h.session_id`;
const AFTER = { created: 'open', claimed: 'claimed', released: 'open', overdue: 'open', resolved: 'resolved', cancelled: 'cancelled' };
const BEFORE = { claimed: ['open'], released: ['claimed'], overdue: ['open'], resolved: ['claimed'], cancelled: ['open', 'claimed'] };

function walks({ id, state, edges, told, said }) {
	assert.deepEqual(told, edges, `${id}: events are the edges`);
	assert.deepEqual(said, edges.map(edge => AFTER[edge]), `${id}: each event says how it then stood`);
	assert.equal(edges[0], 'created');
	for (const [at, edge] of edges.slice(1).entries())
		assert.ok(BEFORE[edge].includes(AFTER[edges[at]]), `${id}: ${edges}`);
	assert.equal(AFTER[edges.at(-1)], state, `${id}: ${edges}`);
}

async function holdsTogether() {
	for (const row of await stack.sql(STORIES)) {
		if (row.intent === 'escalate')
			walks(row);
		const is = JSON.stringify(row);
		if (['open', 'claimed', 'parked'].includes(row.state))
			assert.ok(!row.over, `nothing waits of what has ended: ${is}`);
		if (row.state === 'open')
			assert.ok(row.owner_id === row.by_id && !row.ticks, `it is still whose it was, and no clock runs: ${is}`);
		if (row.state === 'claimed')
			assert.equal(row.owner_id, row.claimer_id, is);
		if (row.state !== 'open')
			assert.equal(row.waiting, 0, `nobody is called any more: ${is}`);
	}
	assert.deepEqual(await stack.sql("SELECT session_id FROM handoff WHERE state IN ('open', 'claimed') GROUP BY session_id HAVING count(*) > 1"), []);
	assert.deepEqual(await stack.sql(`SELECT account_id FROM event GROUP BY account_id
		HAVING count(*) <> max(seq) OR max(seq) <> (SELECT f.seq FROM feed f WHERE f.account_id = event.account_id)`), [], 'numbers without a gap');
}

test('taken and withdrawn', async t => {
	onlyThese(t, await duel(open, ({ id }) => act(senior, id, 'claim'), ({ id }) => act(junior, id, 'cancel')), '200,409', '409,200');
});

test('taken while its session is given up', async t => {
	onlyThese(t, await duel(open, ({ id }) => act(senior, id, 'claim'), ({ session }) => call('POST', `/${session}/abandon`, junior)), '200,403', '409,200');
});

test('given back and resolved by the same hands', async t => {
	onlyThese(t, await duel(claimed, ({ id }) => act(senior, id, 'release'), ({ id }) => act(senior, id, 'resolve', { session: 'back' })), '200,409', '409,200');
});

test('given back and completed', async t => {
	onlyThese(t, await duel(claimed, ({ id }) => act(senior, id, 'release'), ({ session }) => call('POST', `/${session}/complete`, senior, { outcome: 'resolved' })),
		'200,403', '409,200');
});

test('handed off and completed', async t => {
	onlyThese(t, await duel(started, id => escalate(junior, id), id => call('POST', `/${id}/complete`, junior, { outcome: 'resolved' })), '201,409', '409,200');
});

test('handed off and parked', async t => {
	onlyThese(t, await duel(started, id => escalate(junior, id), id => call('POST', `/${id}/handoff`, junior, { intent: 'park' })), '201,409', '201,201');
});

test('completed at the moment at which it lapses', async t => {
	stack.startProgram('jobs');
	const lapse = async ({ id }) => {
		await stack.sql(`INSERT INTO job (account_id, kind, payload) SELECT account_id, 'handoff_watch', jsonb_build_object('handoff', id) FROM handoff WHERE id = $1`, [id]);
		await stack.sql('NOTIFY bell_job');
		const left = async () => (await stack.sql("SELECT FROM job WHERE kind = 'handoff_watch' AND state IN ('queued', 'running') AND run_at <= now()")).length;
		for (const end = deadline(20); await left() && Date.now() < end;)
			await sleep(5);
		return { status: (await stack.sql("SELECT FROM audit WHERE action = 'handoff.released' AND object_id = $1", [id])).length };
	};
	const overripe = async () => {
		const made = await claimed();
		await stack.sql("UPDATE handoff SET claimed_at = now() - interval '1 day' WHERE id = $1", [made.id]);
		await stack.sql("UPDATE session SET updated_at = now() - interval '1 day' WHERE id = $1", [made.session]);
		return made;
	};
	onlyThese(t, await duel(overripe, lapse, ({ session }) => call('POST', `/${session}/complete`, senior, { outcome: 'resolved' })), '1,403', '0,200');
	await stack.programs.jobs.stop();
});

test('sent twice with one key it is one hand-off, and both read the same', async () => {
	for (let round = 0; round < ROUNDS; round++) {
		const id = await started();
		const headers = { 'idempotency-key': randomUUID() };
		const answers = await race(6, () => escalate(junior, id, headers));
		assert.deepEqual(tally(answers), { 201: 6 });
		assert.equal(new Set(answers.map(answer => answer.text)).size, 1);
	}
	const id = await started();
	assert.deepEqual(tally(await race(6, () => escalate(junior, id, { 'idempotency-key': randomUUID() }))), { 201: 1, 409: 5 });
});

// Everybody does anything to any of a few sessions, by keys, while a jobs program tells of it all and puts the clock
// forward.  Nobody may be refused for the sake of another's lock.
test('a storm: nothing fails, and no two wait for each other', async t => {
	const deadlocks = async () => (await stack.sql('SELECT deadlocks::int AS n FROM pg_stat_database WHERE datname = current_database()'))[0].n;
	const before = await deadlocks();
	const sessions = await Promise.all(Array.from({ length: STORM.sessions }, started));
	const handoffs = [];
	const people = [admin, junior, senior, other];
	const pick = list => list[Math.floor(Math.random() * list.length)];
	const key = () => ({ 'idempotency-key': randomUUID() });
	const onSession = word => (who, { session }) => call('POST', `/${session}/${word}`, who, word === 'complete' ? { outcome: 'resolved' } : undefined, key());
	const onHandoff = (word, json) => (who, { id }) => stack.request('POST', `${API}/escalations/${id}/${word}`, { bearer: who.access_token, json, headers: key() });
	const escalates = async (who, { session }) => {
		const answer = await escalate(who, session, key());
		if (answer.status === 201)
			handoffs.push({ session, id: answer.json.id });
		return answer;
	};
	const parks = (who, { session }) => call('POST', `/${session}/handoff`, who, { intent: 'park' }, key());
	const anew = async (who, { session }) => {
		const answer = await onSession(pick(['complete', 'abandon']))(who, { session });
		if (answer.status < 300)
			sessions[sessions.indexOf(session)] = await started();
		return answer;
	};
	const claims = onHandoff('claim');
	const acts = [escalates, escalates, escalates, claims, claims, claims, onHandoff('release'), onHandoff('resolve', {}),
		onHandoff('resolve', { session: 'back' }), onHandoff('cancel'), parks, anew];
	const counts = {};
	const end = Date.now() + patient(STORM.seconds * 1000);
	stack.startProgram('jobs');
	const client = async () => {
		while (Date.now() < end) {
			const some = Math.random() < 0.9 ? handoffs.slice(-2 * STORM.sessions) : handoffs;
			const answer = await pick(acts)(pick(people), pick(some) ?? { session: pick(sessions), id: randomUUID() });
			counts[answer.status] = (counts[answer.status] ?? 0) + 1;
			assert.ok([200, 201, 403, 404, 409].includes(answer.status), answer.text);
		}
	};
	const escalator = async () => {
		while (Date.now() < end)
			await escalates(pick(people), { session: pick(sessions) });
	};
	const clock = async () => {
		for (; Date.now() < end; await sleep(50)) {
			await stack.sql("UPDATE handoff SET due_at = now() - interval '1 hour' WHERE state = 'open' AND due_at IS NOT NULL AND random() < 0.1");
			await stack.sql("UPDATE job SET run_at = now() WHERE kind = 'handoff_watch' AND state = 'queued' AND random() < 0.2");
		}
	};
	await Promise.all([...Array.from({ length: STORM.clients }, client), escalator(), clock()]);
	await stack.programs.jobs.stop();
	t.diagnostic(`${JSON.stringify(counts)}, ${handoffs.length} hand-offs`);
	await sleep(1500); // the statistics come late
	const [, ...circles] = fs.readFileSync(`${process.env.RF_TEST_DIR}/postgres.log`, 'utf8').split('deadlock detected');
	assert.equal(await deadlocks() - before, 0, circles.map(text => text.slice(0, 2000)).join('\n'));
	assert.deepEqual(stack.log('jobs').match(/.*outcome=(later|failed|dead).*/g), null);
});
