// The jobs program is a process a lane: one that dies or is kept waiting holds up no other.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import { after, afterEach, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseMail } from '../support/mail.mjs';
import { deadline, patient } from '../support/patience.mjs';
import { startSmtp } from '../support/smtp.mjs';
import { startStack } from '../support/stack.mjs';

const ACCOUNT = '00000000-0000-7000-8000-00000000000a';
let stack;
let smtp;

before(async () => {
	smtp = await startSmtp();
	stack = await startStack({ settings: { MAIL_MODE: 'smtp', SMTP_URL: smtp.url, SMTP_SECONDS: 30 } });
	await stack.sql('INSERT INTO account (account_id, name) VALUES ($1, $2)', [ACCOUNT, 'A']);
});
afterEach(async () => {
	await stack.programs.jobs?.stop();
	smtp.afterData = async () => undefined;
	smtp.mails.length = 0;
	await stack.sql('DELETE FROM outbox');
	await stack.sql('DELETE FROM job');
});
after(async () => {
	await stack?.stop();
	await smtp?.stop();
});

async function until(look, seconds = 10) {
	for (const end = deadline(seconds); Date.now() < end; await sleep(25))
		if (await look())
			return;
	assert.fail(`not within ${seconds} s: ${look}\n${stack.log('jobs')}`);
}

// Each lane's process by its name, when all are connected.
async function lanes() {
	const jobs = stack.programs.jobs;
	await jobs.until(() => jobs.children.length > 1, 'its lanes were there');
	await until(async () => (await stack.sql(`SELECT FROM pg_stat_activity
		WHERE application_name = 'jobs' AND datname = current_database() AND state = 'idle'`)).length === jobs.children.length);
	const [work, mail] = jobs.children; // in the order of the table in app/jobs.c
	return { work, mail, all: jobs.children };
}

const alive = pid => fs.existsSync(`/proc/${pid}/stat`) && !/^\S+ \(.*\) Z/.test(fs.readFileSync(`/proc/${pid}/stat`, 'utf8'));
const queue = recipient => stack.sql(`INSERT INTO outbox (account_id, recipient, subject, body_text) VALUES ($1, $2, 'Hi', 'x')`, [ACCOUNT, recipient]);
const sent = async recipient => (await stack.sql(`SELECT FROM outbox WHERE recipient = $1 AND state = 'sent'`, [recipient])).length === 1;
const enqueue = () => stack.sql(`INSERT INTO job (account_id, kind, payload) VALUES ($1, 'flow_index', '{}')`, [ACCOUNT]);
const tried = async () => (await stack.sql('SELECT FROM job WHERE attempts > 0')).length === 1;

test('a mail server that hangs holds up no job', async () => {
	const taken = new Promise(resolve => {
		smtp.afterData = mail => { resolve(mail); return new Promise(() => {}); };
	});
	await queue('a@example.com');
	stack.startProgram('jobs');
	await taken;
	await enqueue();
	await until(tried, 6);
	assert.ok(!await sent('a@example.com'));
});

test('a lane that dies is replaced, and the other goes on', async () => {
	stack.startProgram('jobs');
	const first = await lanes();
	process.kill(first.mail, 'SIGKILL');
	await until(() => stack.programs.jobs.children.length === first.all.length && !stack.programs.jobs.children.includes(first.mail));
	assert.ok(alive(first.work));
	await queue('a@example.com');
	await until(() => sent('a@example.com'));
	assert.match(stack.log('jobs'), new RegExp(`worker_died pool=mail pid=${first.mail} signal=9`));
	process.kill(first.work, 'SIGKILL');
	await enqueue();
	await until(tried);
});

test('kill -9 of the lane between the server\'s yes and the record: twice at most, under one Message-ID', async () => {
	let yes;
	const taken = new Promise(resolve => {
		smtp.afterData = async mail => {
			yes = (await lanes()).mail;
			process.kill(yes, 'SIGSTOP'); // it hears the yes no more
			resolve(mail);
		};
	});
	stack.startProgram('jobs');
	await lanes();
	await queue('a@example.com');
	await taken;
	await sleep(200);
	process.kill(yes, 'SIGKILL');
	smtp.afterData = async () => undefined;
	await until(async () => (await stack.sql(`UPDATE outbox SET lease_until = now() WHERE state = 'sending' RETURNING id`)).length === 1);
	await until(() => sent('a@example.com'));
	const ids = smtp.mails.map(mail => parseMail(mail.text).headers['message-id']);
	assert.equal(ids.length, 2);
	assert.equal(ids[0], ids[1]);
	assert.equal(stack.programs.jobs.end, undefined);
});

test('kill -9 of the program leaves none of its lanes', async () => {
	stack.startProgram('jobs');
	const { all } = await lanes();
	await stack.kill('jobs');
	await until(() => !all.some(alive), 5);
});

test('one that dies of every start is tried again with pauses', async () => {
	stack.startProgram('jobs');
	const { mail } = await lanes();
	await queue('first@example.com');
	await enqueue();
	await until(async () => await tried() && await sent('first@example.com'));
	// From here on its statements do not fit, so that no new lane comes to serve.
	await stack.sql('ALTER TABLE outbox RENAME COLUMN message_id TO other_id');
	try {
		process.kill(mail, 'SIGKILL');
		await until(() => stack.log('jobs').includes('event=alarm'));
		const deaths = () => stack.log('jobs').match(/event=worker_died pool=mail/g).length;
		const before = deaths();
		await sleep(1500);
		assert.equal(deaths(), before, 'a pause');
	} finally {
		await stack.sql('ALTER TABLE outbox RENAME COLUMN other_id TO message_id');
	}
	await queue('a@example.com');
	await until(() => sent('a@example.com'), 12);
});

test('each lane waits by itself for a database that is away', async () => {
	stack.startProgram('jobs', { DATABASE_URL: stack.settings.DATABASE_URL.replace('?', '?connect_timeout=1&').replace(/host=[^&]*/, 'host=/nowhere') });
	await until(() => ['work', 'mail'].every(name => new RegExp(`event=database_lost .*${name}: `).test(stack.log('jobs'))));
	assert.equal(stack.programs.jobs.end, undefined);
	const began = Date.now();
	await stack.programs.jobs.stop();
	assert.ok(Date.now() - began < patient(4000));
});
