// What waits too long is told to everybody, and what rests too long waits anew: by a jobs program that may be killed.
import assert from 'node:assert/strict';
import { after, afterEach, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { startScene } from '../support/scene.mjs';

let scene;
let stack;
let admin;
let junior;
let senior;
let other;
before(async () => {
	scene = await startScene();
	({ stack, admin, junior, senior, other } = scene);
});
afterEach(() => scene.clear());
after(() => scene?.stop());

const minutes = count => `${count} minutes`;
// Moves all that the clock goes by into the past, as if that time had passed since.
async function pass(handoff, time) {
	await stack.sql(`UPDATE handoff SET due_at = due_at - $2::interval, claimed_at = claimed_at - $2::interval,
		created_at = created_at - $2::interval WHERE id = $1`, [handoff, time]);
	await stack.sql('UPDATE session SET updated_at = updated_at - $2::interval WHERE id = (SELECT session_id FROM handoff WHERE id = $1)', [handoff, time]);
	await stack.sql("UPDATE job SET run_at = run_at - $2::interval WHERE kind = 'handoff_watch' AND state = 'queued' AND payload->>'handoff' = $1", [handoff, time]);
	await stack.sql('NOTIFY bell_job');
}
const watches = handoff => stack.sql("SELECT run_at FROM job WHERE kind = 'handoff_watch' AND state = 'queued' AND payload->>'handoff' = $1", [handoff]);
const look = handoff => stack.sql(`INSERT INTO job (account_id, kind, payload) SELECT account_id, 'handoff_watch', jsonb_build_object('handoff', id)
	FROM handoff CROSS JOIN generate_series(1, 5) WHERE id = $1`, [handoff]);
const row = async handoff => (await stack.sql(`SELECT h.state, h.overdue_at, h.claimer_id, s.owner_id, s.ticking_since FROM handoff h
	JOIN session s ON s.account_id = h.account_id AND s.id = h.session_id WHERE h.id = $1`, [handoff]))[0];
const events = async (handoff, type) => (await stack.sql("SELECT FROM event WHERE type = $2 AND payload->>'id' = $1", [handoff, type])).length;
const step = async (who, session) => {
	const { step_token } = (await scene.call('GET', `/${session}`, who)).json;
	return scene.call('POST', `/${session}/steps`, who, { node_id: 'n1', step_token, option_id: 'no' });
};

test('nobody came: everybody is told once, also beyond the one who was named', async () => {
	const { id } = await scene.waiting({ assigned_to_id: senior.id });
	await scene.settled(id);
	assert.deepEqual(scene.mails().map(mail => mail.rcpt), [senior.email]);
	await pass(id, minutes(59));
	await look(id);
	await scene.drained();
	assert.equal((await row(id)).overdue_at, null, 'not yet');
	await pass(id, minutes(2));
	await scene.until(async () => await events(id, 'handoff_overdue') === 1);
	await scene.settled(id);
	await look(id);
	await scene.drained();
	assert.ok((await row(id)).overdue_at);
	assert.equal(await events(id, 'handoff_overdue'), 1);
	const late = scene.mails().slice(1);
	assert.deepEqual(late.map(mail => mail.rcpt).sort(), [admin.email, senior.email, other.email].sort());
	assert.ok(late.every(mail => mail.subject === '[Normal] Nobody has taken this over yet: VPN drops hourly (Acme)'), late[0].subject);
	assert.deepEqual((await scene.notices(other)).map(notice => notice.text), ['Nobody has taken this over yet: VPN drops hourly (Acme). Normal priority.']);
	assert.deepEqual(await stack.sql("SELECT actor_id FROM audit WHERE object_id = $1 AND action = 'handoff.overdue'", [id]), [{ actor_id: null }]);
	assert.deepEqual(await watches(id), [], 'once is enough');
});

test('killed and started later, it is made up for', async () => {
	const { id } = await scene.waiting();
	await scene.settled(id);
	await scene.kill();
	await pass(id, minutes(600));
	stack.startProgram('jobs');
	await scene.until(async () => await events(id, 'handoff_overdue') === 1);
	await scene.settled(id);
});

test('killed while it reminds, it does so once', async () => {
	const { id } = await scene.waiting();
	await scene.settled(id);
	await stack.sql('CREATE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_sleep(2); RETURN NEW; END $$');
	await stack.sql("CREATE TRIGGER slow BEFORE INSERT ON event FOR EACH ROW WHEN (NEW.type = 'handoff_overdue') EXECUTE FUNCTION slow()");
	await pass(id, minutes(61));
	await scene.until(async () => (await stack.sql("SELECT FROM job WHERE kind = 'handoff_watch' AND state = 'running'")).length > 0);
	await scene.kill();
	await stack.sql('DROP TRIGGER slow ON event');
	await stack.sql('DROP FUNCTION slow');
	stack.startProgram('jobs');
	await scene.until(async () => await events(id, 'handoff_overdue') === 1);
	await scene.settled(id);
	await scene.drained();
	assert.equal(await events(id, 'handoff_overdue'), 1);
	assert.equal((await scene.deliveries(id, "occasion = 'overdue'")).length, 6);
});

test('the second tier is told at once in quiet hours; who turned the mail off is told inside only', async () => {
	await stack.sql("UPDATE person SET quiet_from = '00:00', quiet_until = '23:59', urgent_anyway = false WHERE id = ANY ($1)", [[senior.id, other.id, admin.id]]);
	await stack.sql('INSERT INTO second_tier SELECT account_id, id FROM person WHERE id = ANY ($1)', [[other.id, admin.id]]);
	await scene.wish(admin, 'overdue', 'email', 'off');
	await scene.wish(senior, 'overdue', 'inapp', 'off');
	const { id } = await scene.waiting();
	await pass(id, minutes(61));
	await scene.until(async () => await events(id, 'handoff_overdue') === 1);
	await scene.drained();
	const told = await scene.deliveries(id, "occasion = 'overdue'");
	const of = (who, channel) => told.filter(one => one.person_id === who.id && one.channel === channel).map(one => [one.state, one.not_before !== null])[0];
	assert.deepEqual([of(other, 'email'), of(senior, 'email'), of(admin, 'email')], [['sent', false], ['queued', true], ['skipped', false]]);
	for (const who of [other, senior, admin])
		assert.deepEqual(of(who, 'inapp'), ['sent', false]);
});

test('without a second tier the team admins are told at once', async () => {
	await stack.sql("UPDATE person SET quiet_from = '00:00', quiet_until = '23:59', urgent_anyway = false WHERE id = ANY ($1)", [[senior.id, other.id, admin.id]]);
	const { id } = await scene.waiting();
	await pass(id, minutes(61));
	await scene.until(async () => await events(id, 'handoff_overdue') === 1);
	await scene.drained();
	assert.deepEqual(scene.mails().map(mail => mail.rcpt), [admin.email]);
});

test('taken and left alone, it waits anew and its session is the escalator\'s', async () => {
	const { id, session } = await scene.waiting({ priority: 'high' });
	await scene.settled(id);
	await scene.act(senior, id, 'claim');
	await pass(id, minutes(59));
	await look(id);
	await scene.drained();
	assert.equal((await row(id)).state, 'claimed', 'not yet');
	await pass(id, minutes(2));
	await scene.until(async () => (await row(id)).state === 'open');
	const { claimer_id, owner_id, ticking_since } = await row(id);
	assert.deepEqual([claimer_id, owner_id, ticking_since], [null, junior.id, null]);
	await scene.drained();
	assert.equal((await scene.call('GET', `/${session}`, junior)).json.status, 'escalated');
	assert.equal(await events(id, 'handoff_released'), 1);
	assert.ok((await scene.notices(junior)).some(notice => notice.text === 'Yours waits again: VPN drops hourly (Acme).'));
	assert.ok((await scene.notices(other)).some(notice => notice.text === 'Open again: VPN drops hourly (Acme). High priority.'));
	assert.equal((await watches(id)).length, 1, 'it is looked at again');
	await pass(id, minutes(31));
	await scene.until(async () => await events(id, 'handoff_overdue') === 1);
});

test('work on it moves the moment: an answer, a note, a value', async () => {
	const { id, session } = await scene.waiting();
	await scene.act(senior, id, 'claim');
	const works = [
		() => step(senior, session),
		() => scene.call('PATCH', `/${session}/variables`, senior, { site: 'Berlin' }),
		() => scene.call('PUT', `/${session}`, senior, { scratchpad: 'hm' }),
	];
	for (const work of works) {
		await pass(id, minutes(work === works[0] ? 110 : 50));
		const answer = await work();
		assert.equal(answer.status, 200, answer.text);
		await pass(id, minutes(60));
		await look(id);
		await scene.drained();
		assert.equal((await row(id)).state, 'claimed', String(work));
	}
	assert.ok((await watches(id)).length > 0);
	await pass(id, minutes(61));
	await scene.until(async () => (await row(id)).state === 'open');
});

test('parked by whoever took it, the clock stands still until it goes on', async () => {
	const { id, session } = await scene.waiting();
	await scene.act(senior, id, 'claim');
	assert.equal((await scene.call('POST', `/${session}/handoff`, senior, { intent: 'park', reason: 'The client is away' })).status, 201);
	for (let at = 0; at < 3; at++) {
		await pass(id, minutes(1000));
		await look(id);
		await scene.drained();
	}
	assert.equal((await row(id)).state, 'claimed');
	assert.ok((await watches(id)).length > 0);
	assert.equal((await scene.call('POST', `/${session}/resume`, senior)).status, 200);
	await pass(id, minutes(119));
	await look(id);
	await scene.drained();
	assert.equal((await row(id)).state, 'claimed');
	await pass(id, minutes(2));
	await scene.until(async () => (await row(id)).state === 'open');
});

test('what has ended is left alone', async () => {
	const taken = await scene.waiting();
	await scene.act(senior, taken.id, 'claim');
	await scene.act(senior, taken.id, 'resolve', {});
	const dropped = await scene.waiting();
	await scene.act(junior, dropped.id, 'cancel');
	for (const { id } of [taken, dropped]) {
		await pass(id, minutes(1000));
		await look(id);
	}
	await scene.drained();
	assert.deepEqual([(await row(taken.id)).state, (await row(dropped.id)).state], ['resolved', 'cancelled']);
	assert.equal((await stack.sql("SELECT FROM job WHERE kind = 'handoff_watch' AND last_error IS NOT NULL")).length, 0);
});

test('the account\'s own rules count', async () => {
	await stack.sql("INSERT INTO handoff_rule SELECT account_id, 'normal', 1, 5 FROM person WHERE id = $1", [junior.id]);
	const { id } = await scene.waiting();
	await pass(id, '50 seconds');
	await look(id);
	await scene.drained();
	assert.equal(await events(id, 'handoff_overdue'), 0);
	await pass(id, '11 seconds');
	await scene.until(async () => await events(id, 'handoff_overdue') === 1);
	await scene.act(senior, id, 'claim');
	await pass(id, minutes(6));
	await scene.until(async () => (await row(id)).state === 'open');
});

test('two programs side by side do it once', async () => {
	const { id } = await scene.waiting();
	await scene.settled(id);
	const first = stack.programs.jobs;
	stack.startProgram('jobs');
	try {
		await pass(id, minutes(61));
		await look(id);
		await scene.until(async () => await events(id, 'handoff_overdue') === 1);
		await sleep(300);
		await scene.settled(id);
		assert.equal(await events(id, 'handoff_overdue'), 1);
		assert.equal(scene.mails().length, 6);
	} finally {
		await first.stop();
	}
});
