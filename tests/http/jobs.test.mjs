// The jobs program and a mail server that misbehaves: nothing is lost, and nothing comes twice but where it must.
import assert from 'node:assert/strict';
import { after, afterEach, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { databaseUrl } from '../support/cluster.mjs';
import { deadline, patient } from '../support/patience.mjs';
import { startStack } from '../support/stack.mjs';
import { startSmtp } from '../support/smtp.mjs';
import { parseMail } from '../support/mail.mjs';

const ACCOUNT = '00000000-0000-7000-8000-00000000000a';
let stack;
let smtp;

before(async () => {
	smtp = await startSmtp();
	stack = await startStack({ settings: { MAIL_MODE: 'smtp', SMTP_URL: smtp.url, SMTP_SECONDS: 4 } });
	await stack.sql('INSERT INTO account (account_id, name) VALUES ($1, $2)', [ACCOUNT, 'A']);
});
afterEach(async () => {
	for (const name of ['jobs', 'jobs2', 'jobs3'])
		await stack.programs[name]?.stop();
	await stack.sql('DELETE FROM outbox');
	smtp.mails.length = smtp.commands.length = 0;
	smtp.answers.clear();
	smtp.afterData = async () => undefined;
	smtp.greeting = '220 sink.example ESMTP';
});
after(async () => {
	await stack?.stop();
	await smtp?.stop();
});

function queue(recipient, fields = {}) {
	const { subject = 'Hello', text = 'Text\n', html = '', headers = {} } = fields;
	return stack.sql(`INSERT INTO outbox (account_id, recipient, subject, body_text, body_html, headers)
		VALUES ($1, $2, $3, $4, $5, $6) RETURNING id, message_id`, [ACCOUNT, recipient, subject, text, html, headers]);
}

const rows = () => stack.sql('SELECT * FROM outbox ORDER BY recipient, id');
const due = () => stack.sql("UPDATE outbox SET next_at = now() WHERE state = 'queued'");

async function until(look, seconds = 15) {
	for (const end = deadline(seconds); Date.now() < end; await sleep(25))
		if (await look())
			return;
	assert.fail(`not within ${seconds} s: ${look}\n${JSON.stringify(await rows())}\n${stack.log('jobs')}`);
}

const settled = () => until(async () => (await rows()).every(row => row.state !== 'sending' && row.attempts > 0));

test('one that is refused does not hold up the others', async () => {
	smtp.answers.set('b@example.com', '550 5.1.1 No such user');
	for (const name of ['a', 'b', 'c'])
		await queue(`${name}@example.com`);
	stack.startProgram('jobs');
	await settled();
	const [a, b, c] = await rows();
	assert.deepEqual([a.state, b.state, c.state], ['sent', 'failed', 'sent']);
	assert.match(b.last_error, /550 5\.1\.1 No such user/);
	assert.equal(b.attempts, 1);
	assert.deepEqual(smtp.mails.map(mail => mail.to).sort(), [['a@example.com'], ['c@example.com']]);
	assert.deepEqual([a.body_text, a.body_html], ['', ''], 'what was sent is not kept');
	assert.doesNotMatch(stack.log('jobs'), /example\.com/, 'no address in the log');
});

test('mails go out side by side, and what hangs is given up', async () => {
	smtp.answers.set('h@example.com', null);
	smtp.afterData = () => sleep(700);
	for (const name of ['a', 'b', 'c', 'd', 'h'])
		await queue(`${name}@example.com`);
	const began = Date.now();
	stack.startProgram('jobs');
	await until(async () => (await rows()).filter(row => row.state === 'sent').length === 4);
	assert.ok(Date.now() - began < patient(2500), `four mails of 0.7 s took ${Date.now() - began} ms`);
	await until(async () => (await rows()).every(row => row.state !== 'sending'));
	const hung = (await rows()).at(-1);
	assert.equal(hung.state, 'queued');
	assert.match(hung.last_error, /timed out/i);
});

test('one that hangs holds up none of many', async () => {
	smtp.answers.set('p03@example.com', null);
	smtp.afterData = () => sleep(100);
	await stack.sql(`INSERT INTO outbox (account_id, recipient, subject, body_text)
		SELECT $1, 'p' || lpad(n::text, 2, '0') || '@example.com', 'Hi', 'x' FROM generate_series(1, 60) n`, [ACCOUNT]);
	stack.startProgram('jobs');
	await until(() => smtp.commands.some(line => line.includes('p03@')));
	const began = Date.now();
	await until(async () => (await rows()).filter(row => row.state === 'sent').length === 59);
	assert.ok(Date.now() - began < patient(3000), `${Date.now() - began} ms, and the one hangs for 4 s`);
	assert.equal((await rows())[2].state, 'sending');
	await until(async () => (await rows())[2].state === 'queued');
});

test('451 comes again, later and later, with the same Message-ID', async () => {
	const [{ message_id: id }] = await queue('a@example.com', { subject: 'Grüße', html: '<p>ö</p>', headers: { 'X-Thing': 'ü' } });
	let tries = 0;
	smtp.afterData = async () => (++tries < 3 ? '451 4.3.0 Come again' : undefined);
	stack.startProgram('jobs');
	await settled();
	const [{ next_at: first, state, last_error: error }] = await rows();
	assert.equal(state, 'queued');
	assert.match(error, /451 4\.3\.0 Come again/);
	assert.ok(Math.abs(first - Date.now() - 60_000) < patient(5000) + 15_000, 'in about a minute');
	await due();
	await until(() => tries === 2);
	await until(async () => (await rows())[0].state === 'queued');
	assert.ok(Math.abs((await rows())[0].next_at - Date.now() - 300_000) < patient(5000) + 75_000, 'in about five');
	await due();
	await until(async () => (await rows())[0].state === 'sent');
	const mails = smtp.mails.map(mail => parseMail(mail.text));
	assert.deepEqual(mails.map(mail => mail.headers['message-id']), Array(3).fill(`<${id}@127.0.0.1>`));
	assert.equal(mails[0].subject, 'Grüße');
	assert.equal(mails[0].html, '<p>ö</p>\r\n');
});

test('eight tries, then it is given up', async () => {
	await queue('a@example.com');
	await stack.sql('UPDATE outbox SET attempts = 7');
	smtp.afterData = async () => '451 4.3.0 Come again';
	stack.startProgram('jobs');
	await until(async () => (await rows())[0].attempts === 8 && (await rows())[0].state === 'failed');
});

test('while the server is away or not itself, mail waits', async () => {
	await smtp.stop();
	await queue('a@example.com');
	stack.startProgram('jobs');
	await settled();
	const [row] = await rows();
	assert.equal(row.state, 'queued');
	assert.match(row.last_error, /connect/i);
	await smtp.start();
	smtp.greeting = '554 5.3.2 Not today';
	await due();
	await until(async () => (await rows())[0].attempts === 2 && (await rows())[0].state === 'queued');
	smtp.greeting = '220 sink.example ESMTP';
	await due();
	await until(async () => (await rows())[0].state === 'sent');
});

test('killed between DATA and the record, it comes twice at most, under one Message-ID', async () => {
	const taken = new Promise(resolve => {
		smtp.afterData = mail => { resolve(mail); return new Promise(() => {}); };
	});
	await queue('a@example.com');
	stack.startProgram('jobs');
	await taken;
	await stack.kill('jobs');
	assert.equal((await rows())[0].state, 'sending');
	smtp.afterData = async () => undefined;
	stack.startProgram('jobs');
	await sleep(500);
	assert.equal(smtp.mails.length, 1, 'the lease holds');
	await stack.sql('UPDATE outbox SET lease_until = now()');
	await until(async () => (await rows())[0].state === 'sent');
	const ids = smtp.mails.map(mail => parseMail(mail.text).headers['message-id']);
	assert.equal(ids.length, 2);
	assert.equal(ids[0], ids[1]);
});

test('a connection that is dropped after DATA is no success', async () => {
	await queue('a@example.com');
	smtp.afterData = async () => null;
	stack.startProgram('jobs');
	await settled();
	assert.equal((await rows())[0].state, 'queued');
	smtp.afterData = async () => undefined;
	await due();
	await until(async () => (await rows())[0].state === 'sent');
	const ids = smtp.mails.map(mail => parseMail(mail.text).headers['message-id']);
	assert.equal(ids.length, 2);
	assert.equal(ids[0], ids[1]);
});

test('what nobody wants any more is not sent', async () => {
	await queue('a@example.com');
	await queue('b@example.com');
	await stack.sqlAs('rf_worker', ACCOUNT, `UPDATE outbox SET unwanted = true, state = CASE state WHEN 'queued' THEN 'skipped' ELSE state END
		WHERE recipient = 'a@example.com'`);
	// Left by a process that died with it in hand.
	await queue('c@example.com');
	await stack.sql(`UPDATE outbox SET state = 'sending', unwanted = true, attempts = 1, lease_until = now() WHERE recipient = 'c@example.com'`);
	stack.startProgram('jobs');
	await until(async () => (await rows()).every(row => ['sent', 'skipped'].includes(row.state)));
	assert.deepEqual((await rows()).map(row => [row.state, row.attempts]), [['skipped', 0], ['sent', 1], ['skipped', 1]]);
	assert.deepEqual(smtp.mails.map(mail => mail.to[0]), ['b@example.com']);
});

test('what is not wanted any more while it is sent, and fails for now, is not sent again', async () => {
	for (const [answer, state] of [['451 4.3.0 Come again', 'skipped'], ['250 2.0.0 Taken', 'sent'], ['554 5.0.0 No', 'failed']]) {
		await stack.sql('DELETE FROM outbox');
		await queue('a@example.com');
		smtp.afterData = async () => {
			await stack.sql('UPDATE outbox SET unwanted = true');
			return answer;
		};
		if (!stack.programs.jobs || stack.programs.jobs.end)
			stack.startProgram('jobs');
		await stack.sql("SELECT pg_notify('bell_mail', '')");
		await until(async () => (await rows())[0].state === state);
	}
});

test('nothing breaks out of a header or an address', async () => {
	await queue('a@example.com\r\nRCPT TO:<evil@example.com>');
	await queue('a@example.com>\nRCPT TO:<evil@example.com');
	await queue('b@example.com', { subject: 'Hi\r\nBcc: evil@example.com' });
	await queue('b@example.com', { headers: { 'X-A': 'b\nBcc: evil@example.com' } });
	await queue('b@example.com', { headers: { 'X-A: b\r\nBcc': 'evil@example.com' } });
	await queue('c@example.com', { text: 'One\n.\nRCPT TO:<evil@example.com>\r\n.\r\nMAIL\r.\r\n..\n' });
	stack.startProgram('jobs');
	await settled();
	const states = (await rows()).map(row => row.state);
	assert.deepEqual(states, ['failed', 'failed', 'failed', 'failed', 'failed', 'sent']);
	assert.deepEqual(smtp.commands.filter(line => /^RCPT/i.test(line)), ['RCPT TO:<c@example.com>']);
	assert.equal(parseMail(smtp.mails[0].text).text, 'One\r\n.\r\nRCPT TO:<evil@example.com>\r\n.\r\nMAIL\r\n.\r\n..\r\n');
});

test('three at work deliver each mail once', async () => {
	await stack.sql(`INSERT INTO outbox (account_id, recipient, subject, body_text)
		SELECT $1, 'p' || n || '@example.com', 'Hi', 'x' FROM generate_series(1, 120) n`, [ACCOUNT]);
	for (const name of ['jobs3', 'jobs2', 'jobs'])
		stack.programs[name] = stack.startProgram('jobs');
	await until(async () => (await rows()).every(row => row.state === 'sent'), 30);
	assert.equal(smtp.mails.length, 120);
	assert.equal(new Set(smtp.mails.map(mail => mail.to[0])).size, 120);
	const connections = smtp.commands.filter(line => /^EHLO/.test(line)).length;
	assert.ok(connections < 60, `${connections} connections for 120 mails`);
});

test('fifty mails take no more connections than go out at once', async () => {
	await stack.sql(`INSERT INTO outbox (account_id, recipient, subject, body_text)
		SELECT $1, 'p' || n || '@example.com', 'Hi', 'x' FROM generate_series(1, 50) n`, [ACCOUNT]);
	stack.startProgram('jobs');
	await until(async () => (await rows()).every(row => row.state === 'sent'), 30);
	const connections = smtp.commands.filter(line => /^EHLO/.test(line)).length;
	assert.ok(connections <= 8, `${connections} connections for 50 mails`);
});

test('SIGTERM: what is in hand is finished, and the end is clean', async () => {
	await queue('a@example.com');
	const taken = new Promise(resolve => {
		smtp.afterData = mail => { resolve(mail); return sleep(1000); };
	});
	stack.startProgram('jobs');
	await taken;
	assert.deepEqual(await stack.programs.jobs.stop(), { code: 0, signal: null });
	assert.equal((await rows())[0].state, 'sent');
});

test('SIGTERM: what hangs is given up, and waits for the next start', async () => {
	await queue('a@example.com');
	const taken = new Promise(resolve => {
		smtp.afterData = mail => { resolve(mail); return new Promise(() => {}); };
	});
	stack.startProgram('jobs', { SMTP_SECONDS: 60 });
	await taken;
	assert.deepEqual(await stack.programs.jobs.stop('SIGTERM', 9), { code: 0, signal: null });
	assert.equal((await rows())[0].state, 'queued');
});

test('it outlives the loss of its connection', async () => {
	stack.startProgram('jobs');
	await queue('a@example.com');
	await until(async () => (await rows())[0].state === 'sent');
	await stack.sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'jobs' AND datname = current_database()");
	await queue('b@example.com');
	await until(async () => (await rows())[1].state === 'sent', 8);
	assert.equal(stack.programs.jobs.end, undefined);
});

test('a database without our schema is named, and the end is clean', async () => {
	const jobs = stack.startProgram('jobs', { DATABASE_URL: databaseUrl(stack.sockets, 'postgres') });
	assert.deepEqual(await jobs.ended, { code: 1, signal: null });
	assert.match(jobs.output, /event=start .*schema_migration.* does not exist/);
});

test('a bell wakes it at once', async () => {
	stack.startProgram('jobs');
	await queue('first@example.com');
	await settled();
	await sleep(300);
	const began = Date.now();
	await queue('a@example.com');
	await stack.sql("SELECT pg_notify('bell_mail', '')");
	await until(() => smtp.mails.length === 2);
	assert.ok(Date.now() - began < patient(1000), `${Date.now() - began} ms`);
});

test('what has passed is swept, and what has not stays', async () => {
	await stack.sql(`INSERT INTO event (account_id, seq, topic, type, payload, created_at) VALUES
		($1, 1, 'notice', 'x', '{}', now() - interval '8 days'), ($1, 2, 'notice', 'x', '{}', now() - interval '6 days')`, [ACCOUNT]);
	await stack.sql(`INSERT INTO once (account_id, person_id, key, body_hash, created_at) VALUES
		($1, uuid7(), 'old', '', now() - interval '25 hours'), ($1, uuid7(), 'new', '', now())`, [ACCOUNT]);
	await stack.sql(`INSERT INTO kept_form (hash, sealed, created_at) VALUES
		('old', '', now() - interval '31 minutes'), ('new', '', now())`);
	await stack.sql(`INSERT INTO bucket VALUES ('old', 1, now() - interval '2 hours'), ('new', 1, now())`);
	await stack.sql(`INSERT INTO guess VALUES ('old', 1, now(), now() - interval '2 days'), ('new', 1, now(), now())`);
	await stack.sql(`INSERT INTO person (account_id, id, email, name, role, password_hash) VALUES ($1, $1, 'p@example.com', 'P', 'viewer', '')`, [ACCOUNT]);
	await stack.sql(`INSERT INTO sign_in (account_id, id, person_id, expires_at, last_seen_at, agent) VALUES
		($1, uuid7(), $1, now() - interval '31 days', now() - interval '31 days', 'old'), ($1, uuid7(), $1, now(), now(), 'new')`, [ACCOUNT]);
	await stack.sql(`INSERT INTO refresh (hash, account_id, sign_in_id, spent_at)
		SELECT agent || age, account_id, id, now() - age * interval '1 day' FROM sign_in, unnest(ARRAY[1, 31]) age`);
	await stack.sql(`INSERT INTO ticket (hash, account_id, person_id, purpose, expires_at) VALUES
		('old', $1, $1, 'reset', now() - interval '8 days'), ('new', $1, $1, 'reset', now())`, [ACCOUNT]);
	await stack.sql(`INSERT INTO outbox (account_id, recipient, subject, body_text, state, created_at)
		SELECT $1, state, '', '', state, now() - interval '31 days' FROM unnest(ARRAY['sent', 'failed', 'skipped']) state`, [ACCOUNT]);
	await stack.sql(`INSERT INTO flow (account_id, id, author_id, name, type, draft_hash) VALUES ($1, $1, $1, 'F', 'procedural', '')`, [ACCOUNT]);
	await stack.sql(`INSERT INTO flow_unsent (account_id, person_id, flow_id, node_id, form, at) VALUES
		($1, $1, $1, 'old', '', now() - interval '31 days'), ($1, $1, $1, 'new', '', now())`, [ACCOUNT]);
	await stack.sql('DELETE FROM job_period');
	stack.startProgram('jobs');
	await until(async () => (await stack.sql('SELECT * FROM job_period WHERE last_at > now() - interval \'1 minute\'')).length === 11);
	await until(() => stack.log('jobs').includes('kind=sweep_sign_ins'));
	const left = async (table, column) => (await stack.sql(`SELECT ${column} AS value FROM ${table} ORDER BY 1`)).map(row => row.value);
	assert.deepEqual(await left('event', 'seq'), ['2']);
	assert.deepEqual(await left('once', 'key'), ['new']);
	assert.deepEqual(await left('kept_form', 'hash'), ['new']);
	assert.deepEqual(await left('guess', 'key'), ['new']);
	assert.ok(!(await left('bucket', 'key')).includes('old'));
	assert.deepEqual(await left('sign_in', 'agent'), ['new']);
	assert.deepEqual(await left('refresh', 'hash'), ['new1']);
	assert.deepEqual(await left('ticket', 'hash'), ['new']);
	assert.deepEqual(await left('outbox', 'recipient'), []);
	assert.deepEqual(await left('flow_unsent', 'node_id'), ['new']);
	assert.doesNotMatch(stack.log('jobs'), /event=chore .*outcome=failed/);
});
