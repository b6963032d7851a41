// Mail by a server that wants a password: it goes to nobody but whom the certificate names.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import { after, afterEach, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { makeDir } from '../support/program.mjs';
import { startSmtp } from '../support/smtp.mjs';
import { makeCertificate, startStack } from '../support/stack.mjs';

const ACCOUNT = '00000000-0000-7000-8000-00000000000a';
const ELSEWHERE = '127.0.0.2'; // not the address that the program takes for its own machine
const SIGN_IN = { user: 'mailer@flow.example', password: 'räd wagon 7' };

let stack;
let smtp;
let files;
let tls;
let strange;
before(async () => {
	stack = await startStack({ settings: { MAIL_MODE: 'smtp', SMTP_URL: 'smtp://127.0.0.1:1', SMTP_USER: SIGN_IN.user, SMTP_PASSWORD: SIGN_IN.password, SMTP_SECONDS: 4 } });
	await stack.sql('INSERT INTO account (account_id, name) VALUES ($1, $2)', [ACCOUNT, 'A']);
	files = makeCertificate(stack.dir);
	tls = { cert: fs.readFileSync(files.TLS_CERT), key: fs.readFileSync(files.TLS_KEY) };
	strange = makeCertificate(makeDir(`${stack.dir}/strange`));
});
afterEach(async () => {
	await stack.programs.jobs?.stop();
	await smtp?.stop();
	await stack.sql('DELETE FROM outbox');
});
after(() => stack?.stop());

// Sends one mail by such a server and gives its row when that is settled.
async function deliver(options, settings = {}) {
	smtp = await startSmtp({ host: ELSEWHERE, signIn: SIGN_IN, ...options });
	await stack.sql("INSERT INTO outbox (account_id, recipient, subject, body_text) VALUES ($1, 'a@example.com', 'Hello', 'x')", [ACCOUNT]);
	stack.startProgram('jobs', { SMTP_URL: smtp.url, SMTP_CA_FILE: files.TLS_CERT, ...settings });
	for (const deadline = Date.now() + 10000; Date.now() < deadline; await sleep(25)) {
		const [row] = await stack.sql('SELECT state, attempts, last_error, next_at FROM outbox');
		if (row.state !== 'sending' && row.attempts > 0)
			return row;
	}
	return assert.fail(stack.log('jobs'));
}

function waits(row, error) {
	assert.equal(row.state, 'queued');
	assert.match(row.last_error, error);
	assert.ok(Math.abs(row.next_at - Date.now() - 60_000) < 20_000, 'in about a minute');
	assert.match(stack.log('jobs'), /event=mail .*outcome=later msg=/);
	assert.deepEqual(smtp.mails, []);
}

const neverHeard = () => assert.deepEqual(smtp.commands.filter(line => !/^(EHLO|STARTTLS|QUIT)/.test(line)), []);

for (const [way, options] of Object.entries({
	'STARTTLS and PLAIN': {},
	'STARTTLS and LOGIN': { signIn: { ...SIGN_IN, ways: 'LOGIN' } },
	'TLS from the start': { implicit: true },
}))
	test(`with a password it goes out by ${way}`, async () => {
		assert.equal((await deliver({ tls, ...options })).state, 'sent');
		assert.deepEqual(smtp.mails.map(({ to, user, encrypted }) => [to, user, encrypted]), [[['a@example.com'], SIGN_IN.user, true]]);
	});

test('a certificate that nobody known vouches for is refused, and the mail waits', async () => {
	waits(await deliver({ tls }, { SMTP_CA_FILE: strange.TLS_CERT }), /certificate/);
	neverHeard();
});

test('without a setting those that the system knows are asked', async () => {
	waits(await deliver({ tls }, { SMTP_CA_FILE: undefined }), /certificate/);
	neverHeard();
});

test('a certificate of another machine is refused', async () => {
	waits(await deliver({ tls, host: '127.0.0.3' }), /subject name|subjectAltName|does not match/);
	neverHeard();
});

test('a server elsewhere that does not encrypt never hears the password', async () => {
	waits(await deliver({}), /STARTTLS/);
	neverHeard();
});

test('a wrong password is said, and tried again later', async () => {
	waits(await deliver({ tls }, { SMTP_PASSWORD: 'no' }), /denied.*535 5\.7\.8 Wrong user or password/i);
	assert.ok(smtp.commands.some(line => line.startsWith('AUTH ')));
	assert.doesNotMatch(stack.log('jobs'), /Wrong user|mailer@/, 'nothing of the server or the user in the log');
});
