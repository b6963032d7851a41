// What became of the account's mails: who sees it, how it is said, and sending again what failed.
import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import { API, browser, colleague, isProblem, race, register, tally } from '../support/accounts.mjs';
import { patient } from '../support/patience.mjs';
import { startSmtp } from '../support/smtp.mjs';
import { startStack } from '../support/stack.mjs';
import { unescapeHtml } from '../support/visitor.mjs';

let stack;
let smtp;
let owner;
let engineer;
let page;
before(async () => {
	smtp = await startSmtp();
	stack = await startStack({ settings: { MAIL_MODE: 'smtp', SMTP_URL: smtp.url, WORKERS: 4 } });
	owner = await register(stack, { name: 'Maren' });
	engineer = await colleague(stack, owner, 'engineer');
	page = await browser(stack, owner.email);
});
beforeEach(() => stack.sql('DELETE FROM outbox'));
after(async () => {
	await stack?.stop();
	await smtp?.stop();
});

const call = (method, path, who) => stack.request(method, `${API}/outbox${path}`, { bearer: who.access_token });
// Mails to `${state}@example.com` and what else is said of them.
async function put(state, fields = {}, who = owner) {
	const row = { subject: `About ${state}`, attempts: state === 'queued' ? 0 : 1, ...fields };
	const names = Object.keys(row);
	const [{ id }] = await stack.sql(`INSERT INTO outbox (account_id, recipient, state, body_text, ${names})
		VALUES ($1, $2, $3, 'secret body', ${names.map((_, at) => `$${at + 4}`)}) RETURNING id`,
	[who.user.account.id, `${state}@example.com`, state, ...names.map(name => row[name])]);
	return id;
}
const failed = (fields, who) => put('failed', { failed_at: new Date(), last_error: '550 5.1.1 No such user', attempts: 8, ...fields }, who);
const state = async id => (await stack.sql('SELECT state, attempts, unwanted FROM outbox WHERE id = $1', [id]))[0];
// What the button does, whether or not the page shows it.
const retryAll = async who => who.post('/outbox/retry', await who.hidden('/logout'));
const text = answer => unescapeHtml(answer.text.replace(/<[^>]*>/g, ' ')).replace(/\s+/g, ' ');

test('the API tells what became of each mail, newest first, and nothing of its text', async () => {
	const first = await put('sent', { sent_at: new Date() });
	const second = await failed();
	const { status, json, text: raw } = await call('GET', '', owner);
	assert.equal(status, 200);
	assert.deepEqual(json.items.map(item => item.id), [second, first]);
	assert.equal(json.total, 2);
	const { created_at, next_at, ...rest } = json.items[0];
	assert.deepEqual(rest, { id: second, recipient: 'failed@example.com', subject: 'About failed', status: 'failed', attempts: 8, last_error: '550 5.1.1 No such user', sent_at: null });
	assert.ok(created_at && next_at);
	assert.doesNotMatch(raw, /secret body/);
	assert.deepEqual((await call('GET', '?status=sent', owner)).json.items.map(item => item.id), [first]);
	assert.deepEqual((await call('GET', '?status=skipped', owner)).json.items, []);
	isProblem(await call('GET', '?status=lost', owner), 422, 'invalid');
	const { items, next } = (await call('GET', '?per_page=1', owner)).json;
	assert.deepEqual(items.map(item => item.id), [second]);
	assert.match(next, /page=2/);
});

test('only those who look after the account, and only their own', async () => {
	const stranger = await register(stack);
	const id = await failed();
	for (const [method, path] of [['GET', ''], ['POST', `/${id}/retry`]]) {
		isProblem(await call(method, path, engineer), 403, 'forbidden');
		isProblem(await stack.request(method, `${API}/outbox${path}`), 401, 'not_signed_in');
	}
	assert.ok((await call('GET', '', stranger)).json.items.every(item => item.id !== id));
	isProblem(await call('POST', `/${id}/retry`, stranger), 404, 'not_found');
	const others = await browser(stack, stranger.email);
	assert.match(text(await retryAll(others)), /No mail has failed/);
	assert.equal((await state(id)).state, 'failed');
	const engineers = await browser(stack, engineer.email);
	assert.equal((await engineers.get('/outbox')).status, 403);
	assert.equal((await retryAll(engineers)).status, 403);
	assert.equal((await state(id)).state, 'failed');
});

test('the worker sees no text of a mail, and changes nothing but its standing', async () => {
	const may = async (what, column) => (await stack.sql(`SELECT has_column_privilege('rf_worker', 'outbox', $1, $2) AS may`, [column, what]))[0].may;
	for (const column of ['body_text', 'body_html', 'headers']) {
		assert.equal(await may('SELECT', column), false, column);
		assert.equal(await may('UPDATE', column), false, column);
	}
	for (const column of ['recipient', 'subject', 'message_id', 'sent_at', 'account_id'])
		assert.equal(await may('UPDATE', column), false, column);
});

test('a mail that failed is sent again, once, and it is on record', async () => {
	stack.startProgram('jobs');
	try {
		const id = await failed();
		const answers = await race(5, () => call('POST', `/${id}/retry`, owner));
		assert.deepEqual(tally(answers), { 200: 1, 409: 4 });
		const { status, attempts, recipient } = answers.find(answer => answer.status === 200).json;
		assert.deepEqual([status, attempts, recipient], ['queued', 0, 'failed@example.com']);
		isProblem(answers.find(answer => answer.status === 409), 409, 'not_failed');
		await stack.programs.jobs.until(async () => (await state(id)).state === 'sent', 'it was sent');
		assert.deepEqual(smtp.mails.map(mail => mail.to), [['failed@example.com']]);
		const audit = await stack.sql(`SELECT action, actor_id FROM audit WHERE object = 'mail' AND object_id = $1`, [id]);
		assert.deepEqual(audit, [{ action: 'mail.retried', actor_id: owner.user.id }]);
	} finally {
		await stack.programs.jobs.stop();
	}
});

test('what is sent again goes out at once', async () => {
	stack.startProgram('jobs');
	try {
		for (let at = 0; at < 4; at++) {
			const id = await failed();
			const began = Date.now();
			await (at % 2 ? retryAll(page) : call('POST', `/${id}/retry`, owner));
			await stack.programs.jobs.until(async () => (await state(id)).state === 'sent', 'it was sent');
			assert.ok(at === 0 || Date.now() - began < patient(1000), `${Date.now() - began} ms`);
		}
	} finally {
		await stack.programs.jobs.stop();
	}
});

test('what has not failed, or is not wanted any more, is not sent again', async () => {
	for (const other of ['queued', 'sending', 'sent', 'skipped'])
		isProblem(await call('POST', `/${await put(other)}/retry`, owner), 409, 'not_failed');
	const unwanted = await failed({ unwanted: true });
	isProblem(await call('POST', `/${unwanted}/retry`, owner), 409, 'not_failed');
	assert.match(text(await retryAll(page)), /No mail has failed/);
	assert.deepEqual(await state(unwanted), { state: 'failed', attempts: 8, unwanted: true });
});

test('the page says it in words, and filters by the address', async () => {
	await put('sent', { sent_at: new Date(), last_error: null });
	await put('skipped');
	await put('queued');
	await put('queued', { attempts: 3, last_error: '451 4.3.0 Come again', next_at: '2031-02-03T04:05:06Z', subject: 'Tried thrice' });
	const id = await failed({ subject: '<b>Bold</b> & co' });
	const all = await page.get('/outbox');
	assert.equal(all.status, 200);
	for (const words of ['Sent', 'Not needed', 'Waiting', 'Tried again later', '451 4.3.0 Come again', 'Next try: 3 February 2031, 04:05 UTC',
		'550 5.1.1 No such user', '<b>Bold</b> & co', '1 mail failed within the last hour, and 1 mail could not be sent yet.'])
		assert.ok(text(all).includes(words), words);
	assert.doesNotMatch(all.text, /<b>Bold|secret body/);
	assert.equal(all.text.match(/>Send again</g).length, 1);
	assert.doesNotMatch(all.text, /Send all failed again/, 'there is but one');
	const some = await page.get('/outbox?status=failed');
	assert.ok(some.text.includes(`/outbox/${id}/retry`));
	assert.doesNotMatch(some.text, /About sent|Tried thrice/);
	assert.match(some.text, /href="\/outbox\?status=failed" aria-current="true"/);
	assert.match(text(await page.get('/outbox?status=sending')), /No mail is in that state/);
	assert.match((await page.get('/users')).text, /<a href="\/outbox">Mail<\/a>/);
});

test('what failed longer ago is no trouble of now', async () => {
	assert.match(text(await page.get('/outbox')), /No mails yet/);
	await failed({ failed_at: new Date(Date.now() - 3_700_000) });
	assert.doesNotMatch(text(await page.get('/outbox')), /within the last hour|could not be sent/);
});

test('by the page one is sent again, or all', async () => {
	const ids = [await failed(), await failed(), await failed()];
	const sent = await put('sent');
	await page.get('/outbox');
	const one = await page.post(`/outbox/${ids[0]}/retry`, {});
	assert.match(text(one), /The mail is on its way again\./);
	assert.equal((await state(ids[0])).state, 'queued');
	assert.equal((await state(ids[1])).state, 'failed');
	assert.match(text(await page.post('/outbox/retry', {})), /All that failed is on its way again\./);
	assert.deepEqual(await Promise.all(ids.map(state)), ids.map(() => ({ state: 'queued', attempts: 0, unwanted: false })));
	assert.equal((await state(sent)).state, 'sent');
	assert.match(text(await retryAll(page)), /No mail has failed/);
	const audit = await stack.sql(`SELECT action, after FROM audit WHERE action LIKE 'mail.%' AND account_id = $1 ORDER BY id DESC LIMIT 2`, [owner.user.account.id]);
	assert.deepEqual(audit, [{ action: 'mail.retried_all', after: { mails: '2' } }, { action: 'mail.retried', after: null }]);
	const bare = await page.send('POST', '/outbox/retry', { form: {} });
	assert.equal(bare.status, 403, 'without the token of a page of ours');
});

test('many mails come by page', async () => {
	await stack.sql(`INSERT INTO outbox (account_id, recipient, subject, body_text) SELECT $1, 'p' || n || '@example.com', 'Hi', 'x' FROM generate_series(1, 120) n`, [owner.user.account.id]);
	const first = await page.get('/outbox');
	assert.equal(first.text.match(/@example\.com<div/g).length, 50);
	const third = await page.get('/outbox?page=3');
	assert.equal(third.text.match(/@example\.com<div/g).length, 20);
	assert.equal((await page.get('/outbox?page=9')).status, 200);
});

test('the operator lists the mails of all accounts and sends what failed again', async () => {
	const stranger = await register(stack);
	await stack.sql('DELETE FROM outbox');
	const ours = await failed();
	const theirs = await failed({}, stranger);
	const unwanted = await failed({ unwanted: true });
	const sent = await put('sent');
	const list = (...more) => JSON.parse(stack.command(['mail', 'list', ...more.flatMap(state => ['--state', state]), '--json']));
	assert.deepEqual(list().map(row => row.id), [sent, unwanted, theirs, ours]);
	assert.deepEqual(list('sent').map(row => [row.id, row.account, row.status, row.attempts, row.recipient]), [[sent, owner.user.account.id, 'sent', 1, 'sent@example.com']]);
	assert.equal(list('failed')[0].last_error, '550 5.1.1 No such user');
	assert.deepEqual(list('skipped'), []);
	const [head, line, none] = stack.command(['mail', 'list', '--state=sent']).split('\n');
	assert.match(head, /^id {36}account {31}recipient {9}subject {2}/);
	assert.ok(line.startsWith(`${sent}  ${owner.user.account.id}  sent@example.com  `) && none === '', line);
	assert.equal(stack.command(['mail', 'retry', theirs]), '1 sent again\n');
	assert.deepEqual([await state(theirs), await state(ours)].map(row => row.state), ['queued', 'failed']);
	assert.equal(stack.command(['mail', 'retry', 'all']), '1 sent again\n');
	assert.deepEqual([await state(ours), await state(unwanted)].map(row => row.state), ['queued', 'failed']);
	for (const wrong of [['mail'], ['mail', 'list', '--state', 'lost'], ['mail', 'retry'], ['mail', 'retry', 'x'], ['mail', 'retry', sent], ['mail', 'forget']])
		assert.throws(() => stack.command(wrong), /resolutionflow(: there is no command "mail"| mail )/, wrong.join(' '));
});
