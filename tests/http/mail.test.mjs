// Mail into a directory, and the pages that show it in a demonstration.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import { after, before, test } from 'node:test';
import { parseMail } from '../support/mail.mjs';
import { give } from '../support/program.mjs';
import { startStack } from '../support/stack.mjs';
import { unescapeHtml } from '../support/visitor.mjs';

let stack;
before(async () => { stack = await startStack({ jobs: true, settings: { DEMO: 1 } }); });
after(() => stack?.stop());

const register = (email, name = 'Zoë') => stack.request('POST', '/api/v1/auth/register', {
	json: { email, password: 'a long enough password', name, account_name: 'Zoë & sons' } });

test('registering sends one mail with a link, and what was sent is not kept', async () => {
	assert.equal((await register('zoe@example.com')).status, 201);
	const mail = await stack.mail(one => one.to === 'zoe@example.com');
	assert.equal(mail.subject, 'Confirm your e-mail address');
	assert.match(mail.headers['message-id'], /^<[0-9a-f-]{36}@127\.0\.0\.1>$/);
	assert.match(mail.headers.date, /^\w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d \+0000$/);
	assert.match(mail.text, new RegExp(`${stack.base}/confirm/[\\w-]{43}\r\n`));
	assert.ok(mail.raw.split('\r\n').every(line => line.length <= 78));
	await stack.programs.jobs.until(async () => (await stack.sql("SELECT FROM outbox WHERE state = 'sent'")).length === 1, 'it was recorded');
	const [row] = await stack.sql('SELECT * FROM outbox');
	assert.equal(row.body_text, '');
	assert.doesNotMatch(stack.log('jobs'), /confirm\/|zoe@|Confirm/);
});

test('a second try writes the same file again', async () => {
	const files = fs.readdirSync(stack.settings.MAIL_DIR);
	await stack.sql("UPDATE outbox SET state = 'sending', body_text = 'again', lease_until = now()");
	await stack.programs.jobs.until(async () => (await stack.sql("SELECT FROM outbox WHERE state = 'sent'")).length === 1, 'it was sent again');
	assert.deepEqual(fs.readdirSync(stack.settings.MAIL_DIR), files);
	assert.equal(stack.mails()[0].text, 'again\r\n');
});

test('without a place to write to, mail waits', async () => {
	fs.renameSync(stack.settings.MAIL_DIR, `${stack.settings.MAIL_DIR}.away`);
	await register('late@example.com');
	await stack.programs.jobs.until(async () => (await stack.sql("SELECT FROM outbox WHERE last_error LIKE 'the file%'")).length === 1, 'it failed');
	fs.renameSync(`${stack.settings.MAIL_DIR}.away`, stack.settings.MAIL_DIR);
	await stack.sql('UPDATE outbox SET next_at = now()');
	await stack.mail(one => one.to === 'late@example.com');
});

test('the demonstration lists mails, the newest first, and shows one with its links', async () => {
	await register('ann@example.com');
	const sent = await stack.mail(one => one.to === 'ann@example.com');
	const list = await stack.request('GET', '/dev/mail');
	assert.equal(list.status, 200);
	assert.ok(list.text.indexOf('ann@example.com') < list.text.indexOf('zoe@example.com'));
	const [, href] = /href="(\/dev\/mail\/[^"]+)"/.exec(list.text);
	const page = await stack.request('GET', href);
	assert.equal(page.status, 200);
	const [link] = /http:\/\/\S+\/confirm\/\S+/.exec(sent.text);
	assert.ok(unescapeHtml(page.text).includes(`<a href="${link}">`), page.text);
	assert.ok(page.text.includes('ann@example.com'));
});

test('only our own links can be pressed, and nothing in a mail is markup', async () => {
	const text = `<script>alert(1)</script> http://evil.example/ ${stack.base}.evil.example/ javascript:x ${stack.base}/ok?a=1&b=2"x`;
	await stack.sql(`INSERT INTO outbox (account_id, recipient, subject, body_text)
		SELECT account_id, 'bob@example.com', '<b>&', $1 FROM account LIMIT 1`, [text]);
	await stack.mail(one => one.to === 'bob@example.com');
	const list = await stack.request('GET', '/dev/mail');
	const page = await stack.request('GET', /href="(\/dev\/mail\/[^"]+)"/.exec(list.text)[1]);
	const main = /<article[\s\S]*<\/article>/.exec(page.text)[0];
	assert.deepEqual([...main.matchAll(/href="([^"]*)"/g)].map(found => unescapeHtml(found[1])), [`${stack.base}/ok?a=1&b=2`]);
	assert.doesNotMatch(main, /<script|<b>/);
});

test('no other file is shown', async () => {
	const dir = stack.settings.MAIL_DIR;
	fs.writeFileSync(`${dir}/secret.txt`, 'To: x\r\n\r\nsecret');
	fs.writeFileSync(`${dir}/.hidden.eml`, 'To: x\r\n\r\nsecret');
	fs.writeFileSync(give(`${dir}/`) + 'bad.eml', 'no mail at all');
	fs.symlinkSync('secret.txt', `${dir}/link.eml`);
	for (const name of ['secret.txt', '.hidden.eml', '..%2fsecret.txt', '%2e%2e%2f%2e%2e%2fetc%2fpasswd', 'link.eml', 'bad.eml', 'x.eml', `${'a'.repeat(300)}.eml`])
		assert.equal((await stack.request('GET', `/dev/mail/${name}`)).status, 404, name);
	assert.doesNotMatch((await stack.request('GET', '/dev/mail')).text, /secret|link\.eml|bad\.eml/);
});

test('outside a demonstration there is no such page', async () => {
	await stack.programs.worker.stop();
	stack.startProgram('worker', { DEMO: 0 });
	await stack.ready();
	const [name] = fs.readdirSync(stack.settings.MAIL_DIR).filter(file => /^\d.*eml$/.test(file));
	for (const path of ['/dev/mail', `/dev/mail/${name}`])
		assert.equal((await stack.request('GET', path)).status, 404, path);
});
