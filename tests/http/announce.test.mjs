// What follows a hand-off: notices and mails to colleagues, by a real jobs program and a mail server that may be slow or away.
import assert from 'node:assert/strict';
import { after, afterEach, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { API, colleague } from '../support/accounts.mjs';
import { madeAndPublished } from '../support/flows.mjs';
import { startScene } from '../support/scene.mjs';
import { runnable, startSession } from '../support/sessions.mjs';

let scene;
let stack;
let smtp;
let admin;
let junior;
let senior;
let other;
let stranger;
before(async () => {
	scene = await startScene();
	({ stack, smtp, admin, junior, senior, other, stranger } = scene);
});
afterEach(() => scene.clear());
after(() => scene?.stop());

test('colleagues read of it inside the product and by mail', async () => {
	const { id } = await scene.waiting({ priority: 'high', tried: 'Pinged it.\nRebooted.' });
	await scene.settled(id);
	assert.deepEqual(await scene.states(id), ['sent']);
	assert.deepEqual(scene.mails().map(mail => mail.rcpt).sort(), [admin.email, other.email, senior.email].sort());
	const mail = scene.mails().find(one => one.rcpt === senior.email);
	assert.equal(mail.subject, '[High] Jonas Weber needs help: VPN drops hourly (Acme)');
	for (const part of ['Hello Priya Nair', 'Jonas Weber', 'Acme', 'T-1', 'High', 'Stuck at the VPN', 'Pinged it.', 'Rebooted.', `${stack.base}/escalations/${id}`]) {
		assert.ok(mail.text.includes(part), `${part} in the text:\n${mail.text}`);
		assert.ok(mail.html.includes(part), `${part} in the HTML`);
	}
	for (const who of [admin, senior, other])
		assert.deepEqual(await scene.notices(who), [{ text: 'Jonas Weber needs help: VPN drops hourly (Acme). High priority.', link: `/escalations/${id}` }]);
	assert.deepEqual(await scene.notices(junior), []);
	assert.deepEqual(await scene.notices({ id: stranger.user.id }), []);
	assert.match(mail.headers['list-unsubscribe'], /^<http.*\/unsubscribe\//);
	assert.equal(mail.headers['list-unsubscribe-post'], 'List-Unsubscribe=One-Click');
	const [row] = await scene.deliveries(id, "channel = 'email'");
	assert.deepEqual([row.attempts, row.last_error, row.sent_at !== null], [1, null, true]);
});

test('recipients work in the account, can take it over, and are not the one who asks', async () => {
	const people = await Promise.all(['viewer', 'engineer', 'engineer', 'team_admin'].map(role => colleague(stack, admin, role)));
	const [, inactive, deleted, second] = people;
	await stack.sql('UPDATE person SET active = false WHERE id = $1', [inactive.id]);
	await stack.sql('UPDATE person SET deleted_at = now() WHERE id = $1', [deleted.id]);
	const { id } = await scene.waiting();
	await scene.settled(id);
	assert.deepEqual(scene.mails().map(mail => mail.rcpt).sort(), [admin.email, senior.email, other.email, second.email].sort());
	await stack.sql('UPDATE person SET active = false WHERE id = ANY ($1)', [people.map(one => one.id)]);
});

test('a park, and what is rolled back, are told to nobody', async () => {
	const parked = await startSession(stack, junior, scene.flow.id);
	assert.equal((await scene.call('POST', `/${parked.id}/handoff`, junior, { intent: 'park', reason: 'Lunch' })).status, 201);
	const undone = await startSession(stack, junior, scene.flow.id);
	await stack.sql('CREATE FUNCTION refuse_event() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION \'no\'; END $$');
	await stack.sql("CREATE TRIGGER broken BEFORE INSERT ON event FOR EACH ROW WHEN (NEW.topic = 'escalation') EXECUTE FUNCTION refuse_event()");
	assert.equal((await scene.escalate(junior, undone.id)).status, 500);
	await stack.sql('DROP TRIGGER broken ON event');
	await stack.sql('DROP FUNCTION refuse_event');
	await scene.drained();
	assert.deepEqual(scene.mails(), []);
	assert.deepEqual(await stack.sql('SELECT FROM notice'), []);
});

test('nothing secret leaves: redacted in every part of the mail', async () => {
	await stack.sql("INSERT INTO redaction_pattern (account_id, id, name, pattern, kind, created_by) SELECT account_id, gen_random_uuid(), 'Contracts', 'C-[0-9]{5}', 'contract', id FROM person WHERE id = $1", [admin.id]);
	const { id } = await startSession(stack, junior, scene.flow.id, { ticket_number: 'T-9 C-11111', client_name: 'Umbrella C-22222' });
	await scene.call('PATCH', `/${id}/variables`, junior, { server: 'web password=Vault-33333', pass: 'Sommer-2026!' });
	await scene.call('PUT', `/${id}`, junior, { scratchpad: 'SCRATCH-44444' });
	const at = (await scene.call('GET', `/${id}`, junior)).json;
	assert.equal((await scene.call('POST', `/${id}/steps`, junior, { node_id: 'n1', step_token: at.step_token, option_id: 'no', notes: 'Tried password: Note-55555 and C-66666 from 10.1.2.3' })).status, 200);
	const made = await scene.escalate(junior, id, { reason: 'Locked out, password: Reason-77777\nof C-88888', tried: 'Bearer eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJlc2lnbmF0dXJl and ann@client.example' });
	await scene.settled(made.json.id);
	assert.equal(scene.mails().length, 3);
	for (const mail of scene.mails()) {
		const all = `${mail.subject}\n${mail.text}\n${mail.html}`;
		assert.doesNotMatch(all, /C-\d{5}|Vault-|Sommer|SCRATCH|Note-5|Reason-7|eyJhb|ann@client|10\.1\.2\.3/);
		for (const part of ['Umbrella [REDACTED:contract]', 'T-9 [REDACTED:contract]', 'Restart web password=[REDACTED:password]', 'Locked out', '1. Does web', ': No'])
			assert.ok(all.includes(part), `${part} in\n${mail.text}`);
	}
	await stack.sql('DELETE FROM redaction_pattern');
});

test('taken while it waits to be sent: nobody is told any more, but the one who asked', async () => {
	await scene.kill();
	const { id } = await scene.waiting();
	assert.equal((await scene.act(senior, id, 'claim')).status, 200);
	await scene.drained();
	assert.deepEqual(await scene.states(id, "occasion = 'created'"), ['skipped']);
	assert.deepEqual(await scene.deliveries(id, "occasion = 'created' AND last_error <> 'claimed'"), []);
	assert.deepEqual(scene.mails(), []);
	assert.deepEqual((await scene.notices(junior)).map(notice => notice.text), ['Priya Nair has taken over: VPN drops hourly (Acme).']);
	for (const who of [admin, senior, other])
		assert.deepEqual(await scene.notices(who), []);
});

test('taken between two tries of a mail: it is not tried again', async () => {
	smtp.answers.set(senior.email, '451 4.3.0 Come again');
	const { id } = await scene.waiting();
	await scene.until(async () => (await stack.sql("SELECT FROM delivery WHERE handoff_id = $1 AND state = 'queued' AND attempts = 1 AND last_error LIKE '%Come again%'", [id])).length === 1);
	assert.equal((await scene.act(other, id, 'claim')).status, 200);
	smtp.answers.clear();
	await stack.sql('UPDATE outbox SET next_at = now()');
	await scene.drained();
	assert.ok(!scene.mails().some(mail => mail.rcpt === senior.email));
	const [row] = await stack.sql('SELECT d.state, o.state AS mail, d.last_error FROM delivery d JOIN outbox o ON o.id = d.outbox_id WHERE d.handoff_id = $1 AND d.recipient = $2', [id, senior.email]);
	assert.deepEqual(row, { state: 'skipped', mail: 'skipped', last_error: 'claimed' });
});

test('one address that is refused does not block the others, and its record says why', async () => {
	smtp.answers.set(other.email, '550 5.1.1 No such user');
	const { id } = await scene.waiting();
	await scene.settled(id);
	assert.deepEqual(scene.mails().filter(mail => mail.rcpt).map(mail => mail.rcpt).sort(), [admin.email, senior.email].sort());
	const failed = await scene.deliveries(id, "state = 'failed'");
	assert.deepEqual(failed.map(row => [row.recipient, row.channel, row.attempts]), [[other.email, 'email', 1]]);
	assert.match(failed[0].last_error, /No such user/);
	const shown = (await stack.request('GET', `${API}/escalations/${id}`, { bearer: senior.access_token })).json.deliveries;
	assert.ok(shown.some(row => row.status === 'failed' && /No such user/.test(row.last_error)));
});

test('a mail that is tried again is the same mail', async () => {
	let refusals = 1;
	smtp.afterData = async mail => (mail.to[0] === senior.email && refusals-- > 0 ? null : undefined);
	const { id } = await scene.waiting();
	await scene.until(async () => (await stack.sql("SELECT FROM delivery WHERE handoff_id = $1 AND channel = 'email' AND state = 'queued' AND attempts = 1", [id])).length === 1);
	await stack.sql('UPDATE outbox SET next_at = now()');
	await scene.settled(id);
	const twice = scene.mails().filter(mail => mail.rcpt === senior.email);
	assert.equal(twice.length, 2);
	assert.equal(twice[0].headers['message-id'], twice[1].headers['message-id']);
	assert.deepEqual((await scene.deliveries(id, `recipient = '${senior.email}'`)).map(row => [row.state, row.attempts]), [['sent', 2]]);
});

test('a job that runs twice, or is killed in between, tells nobody twice', async () => {
	await stack.sql("CREATE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_sleep(3); RETURN NEW; END $$");
	await stack.sql('CREATE TRIGGER slow BEFORE INSERT ON outbox FOR EACH STATEMENT EXECUTE FUNCTION slow()');
	const { id } = await scene.waiting();
	await scene.until(async () => (await stack.sql("SELECT FROM delivery WHERE handoff_id = $1 AND channel = 'inapp' AND state = 'sent'", [id])).length === 3);
	await scene.kill();
	await stack.sql('DROP TRIGGER slow ON outbox');
	await stack.sql('DROP FUNCTION slow');
	assert.deepEqual(await scene.states(id, "channel = 'email'"), ['queued']);
	await stack.sql("INSERT INTO job (account_id, kind, payload) SELECT account_id, 'handoff_announce', jsonb_build_object('handoff', id) FROM handoff CROSS JOIN generate_series(1, 3) WHERE id = $1", [id]);
	stack.startProgram('jobs');
	await scene.settled(id);
	await scene.drained();
	assert.equal(scene.mails().length, 3);
	for (const who of [admin, senior, other])
		assert.equal((await scene.notices(who)).length, 1);
});

test('what fails in one channel is told by the other, and comes later', async () => {
	await stack.sql('CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION \'broken\'; END $$');
	await stack.sql('CREATE TRIGGER broken BEFORE INSERT ON notice FOR EACH ROW EXECUTE FUNCTION refuse()');
	const { id } = await scene.waiting();
	await scene.until(() => scene.mails().length === 3);
	assert.deepEqual(await scene.states(id, "channel = 'inapp'"), ['queued']);
	await stack.sql('DROP TRIGGER broken ON notice');
	await stack.sql('UPDATE job SET run_at = now()');
	await scene.settled(id);
	assert.equal((await scene.notices(senior)).length, 1);
	assert.equal(scene.mails().length, 3);

	await stack.sql('CREATE TRIGGER broken BEFORE INSERT ON outbox FOR EACH ROW EXECUTE FUNCTION refuse()');
	await scene.kill();
	const second = await scene.waiting();
	await stack.sql("UPDATE job SET attempts = 11 WHERE state = 'queued'");
	stack.startProgram('jobs');
	await scene.settled(second.id);
	assert.deepEqual((await scene.deliveries(second.id, "channel = 'email'")).map(row => [row.state, row.last_error]), Array(3).fill(['failed', 'It could not be written.']));
	assert.deepEqual(await scene.states(second.id, "channel = 'inapp'"), ['sent']);
	await stack.sql('DROP TRIGGER broken ON outbox');
	await stack.sql('DROP FUNCTION refuse CASCADE').catch(() => {});
});

test('a slow mail server holds up neither event nor notice, nor the next hand-off', async () => {
	smtp.afterData = () => sleep(10000);
	const first = await scene.waiting();
	await scene.until(() => smtp.mails.length > 0);
	const began = Date.now();
	const second = await scene.waiting();
	await scene.until(async () => (await scene.notices(senior)).length === 2, 2);
	assert.ok(Date.now() - began < 2000);
	for (const { id } of [first, second]) {
		const [{ late }] = await stack.sql("SELECT extract(epoch FROM e.created_at - h.created_at)::float AS late FROM event e JOIN handoff h ON h.id::text = e.payload->>'id' WHERE h.id = $1", [id]);
		assert.ok(late < 1);
	}
	smtp.afterData = async () => undefined;
	await scene.settled(second.id);
});

test('with the mail server away all goes on, and every mail comes once when it is back', async () => {
	await smtp.stop();
	const made = [];
	for (let at = 0; at < 10; at++)
		made.push(await scene.waiting());
	await scene.until(async () => (await stack.sql("SELECT FROM outbox WHERE state = 'queued' AND attempts > 0")).length === 30, 20);
	assert.equal((await scene.notices(senior)).length, 10);
	assert.match((await scene.deliveries(made[0].id, "channel = 'email'"))[0].last_error, /./);
	await smtp.start();
	await stack.sql("UPDATE outbox SET next_at = now() WHERE state = 'queued'");
	for (const { id } of made)
		await scene.settled(id);
	const ids = scene.mails().map(mail => mail.headers['message-id']);
	assert.deepEqual([ids.length, new Set(ids).size], [30, 30]);
});

test('two accounts know nothing of each other', async () => {
	const mate = await colleague(stack, stranger, 'engineer');
	const theirs = await madeAndPublished(stack, stranger, { ...runnable(), name: 'Theirs', visibility: 'public' });
	const { id: session } = await startSession(stack, mate, theirs.id);
	const [ours, made] = await Promise.all([scene.waiting(), scene.escalate(mate, session)]);
	await scene.settled(ours.id);
	await scene.settled(made.json.id);
	assert.deepEqual(scene.mails().filter(mail => mail.subject.includes('Theirs')).map(mail => mail.rcpt), [stranger.email]);
	assert.equal(scene.mails().length, 4);
	assert.deepEqual((await scene.notices({ id: stranger.user.id })).map(notice => notice.text), ['The engineer needs help: Theirs. Normal priority.']);
});

test('the one who asked reads how it goes, and by mail where they wish it', async () => {
	await scene.wish(junior, 'answer', 'email', 'now');
	const { id } = await scene.waiting();
	await scene.settled(id);
	smtp.mails.length = 0;
	await scene.act(senior, id, 'claim');
	await scene.drained();
	await scene.act(senior, id, 'resolve', { resolution: 'The MTU, password: Hidden-123' });
	await scene.drained();
	const own = scene.mails();
	assert.deepEqual(own.map(mail => [mail.rcpt, mail.subject]), [[junior.email, 'Priya Nair has taken over: VPN drops hourly (Acme)'], [junior.email, 'Priya Nair has resolved: VPN drops hourly (Acme)']]);
	assert.match(own[1].text, /The MTU, password: \[REDACTED:password\]/);
	assert.equal((await scene.notices(junior)).length, 2);
});

test('open pages hear how many notices wait', async () => {
	const { id } = await scene.waiting();
	await scene.settled(id);
	const told = await stack.sql("SELECT user_id, payload->'unread' AS unread, seq::int FROM event WHERE topic = 'notice' AND user_id = ANY ($1) ORDER BY seq DESC LIMIT 3", [[senior.id, other.id, admin.id]]);
	assert.deepEqual(told.map(row => row.unread), [1, 1, 1]);
	assert.deepEqual([...new Set(told.map(row => row.user_id))].length, 3);
	const [{ gaps }] = await stack.sql('SELECT max(seq) - count(*) AS gaps FROM event WHERE account_id = (SELECT account_id FROM person WHERE id = $1)', [senior.id]);
	assert.equal(gaps, '0', 'numbered without a gap');
});

test('whoever has left meanwhile is not told', async () => {
	await scene.kill();
	const { id } = await scene.waiting();
	await stack.sql('UPDATE person SET active = false WHERE id = $1', [other.id]);
	await scene.drained();
	await stack.sql('UPDATE person SET active = true WHERE id = $1', [other.id]);
	assert.deepEqual((await scene.deliveries(id, `person_id = '${other.id}'`)).map(row => [row.state, row.last_error]), Array(2).fill(['skipped', 'no longer works here']));
	assert.equal(scene.mails().length, 2);
});

test('endpoints are called, once each, with nothing secret', async () => {
	const add = (who, name, events) => stack.request('POST', `${API}/webhooks`, { bearer: who.access_token, json: { name, url: 'https://endpoint.invalid/hook', kind: 'json', events } });
	for (const [name, events] of [['All', ['handoff_created', 'handoff_claimed']], ['Claims', ['handoff_claimed']]])
		assert.equal((await add(admin, name, events)).status, 201);
	assert.equal((await add(stranger, 'Theirs', ['handoff_created'])).status, 201);
	const { id } = await scene.waiting({ reason: 'password: Reason-77777', tried: 'from 10.1.2.3' });
	const calls = () => stack.sql('SELECT c.*, w.name FROM webhook_call c JOIN webhook w ON w.account_id = c.account_id AND w.id = c.webhook_id ORDER BY c.id');
	await scene.until(async () => (await calls()).some(call => call.attempts > 0));
	await stack.sql("INSERT INTO job (account_id, kind, payload) SELECT account_id, 'handoff_announce', jsonb_build_object('handoff', id) FROM handoff WHERE id = $1", [id]);
	await scene.drained();
	const [call, ...none] = await calls();
	assert.deepEqual([none, call.name, call.event], [[], 'All', 'handoff_created']);
	assert.doesNotMatch(call.body, /Reason-7|10\.1\.2\.3|@example\.com/);
	const { data } = JSON.parse(call.body);
	assert.deepEqual([data.id, data.status, data.reason, data.deliveries], [id, 'open', 'password: [REDACTED:password]', []]);
	const [told] = await scene.deliveries(id, "channel = 'webhook'");
	assert.deepEqual([told.recipient, told.call_id, told.state, told.attempts, told.last_error === call.last_error], ['All', call.id, call.state, call.attempts, true]);

	assert.equal((await scene.act(senior, id, 'claim')).status, 200);
	await scene.drained();
	assert.deepEqual(await scene.states(id, "channel = 'webhook' AND occasion = 'created' AND state <> 'failed'"), ['skipped']);
	assert.deepEqual((await calls()).filter(one => one.event === 'handoff_claimed').map(one => one.name).sort(), ['All', 'Claims']);
	await stack.sql('UPDATE webhook SET active = false');
});

test('what waits for a digest comes in one mail, without what was taken meanwhile', async () => {
	await scene.wish(senior, 'escalation', 'email', 'digest');
	await stack.sql("INSERT INTO redaction_pattern (account_id, id, name, pattern, kind, created_by) SELECT account_id, gen_random_uuid(), 'Clients', 'Acme', 'client', id FROM person WHERE id = $1", [admin.id]);
	const made = [await scene.waiting(), await scene.waiting({ priority: 'urgent' }), await scene.waiting()];
	await scene.drained();
	const own = () => scene.mails().filter(mail => mail.rcpt === senior.email);
	assert.deepEqual(own(), []);
	await scene.act(other, made[0].id, 'claim');
	assert.ok((await stack.sql("SELECT FROM job WHERE kind = 'handoff_digest' AND state = 'queued'")).length === 1, 'one moment, one job');
	await stack.sql("UPDATE delivery SET not_before = now() WHERE not_before IS NOT NULL");
	await stack.sql("UPDATE job SET run_at = now() WHERE kind = 'handoff_digest'");
	await stack.sql("INSERT INTO job (account_id, kind) SELECT account_id, 'handoff_digest' FROM person CROSS JOIN generate_series(1, 2) WHERE id = $1", [senior.id]);
	await stack.sql('NOTIFY bell_job');
	await scene.settled(made[2].id);
	await scene.drained();
	const [mail, ...more] = own();
	assert.deepEqual([more, mail.subject], [[], '2 notices from ResolutionFlow']);
	assert.match(mail.headers['list-unsubscribe'], /^<http.*\/unsubscribe\//);
	for (const { id } of made.slice(1))
		assert.ok(mail.text.includes(`/escalations/${id}`));
	assert.ok(!mail.text.includes(made[0].id), mail.text);
	assert.ok(mail.text.includes('([REDACTED:client])') && !mail.text.includes('(Acme)'), mail.text);
	const rows = await stack.sql("SELECT state, outbox_id FROM delivery WHERE recipient = $1 AND handoff_id = ANY ($2) AND occasion = 'created' ORDER BY id", [senior.email, made.map(one => one.id)]);
	assert.deepEqual(rows.map(row => row.state), ['skipped', 'sent', 'sent']);
	assert.equal(rows[1].outbox_id, rows[2].outbox_id);
	await stack.sql('DELETE FROM redaction_pattern');
});
