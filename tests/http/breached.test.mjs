// New passwords against a list of stolen ones, wherever one is chosen, and what becomes of it as the list changes.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import { after, before, test } from 'node:test';
import { API, PASSWORD, browser, isProblem, mailedToken, newAddress, register, signIn } from '../support/accounts.mjs';
import { give, makeDir } from '../support/program.mjs';
import { startStack } from '../support/stack.mjs';

const STOLEN = 'nine lamps in a cellar';
const LATER = 'seven kites over tarmac';
const WHY = /in a list of stolen ones, which attackers try first\. Take another one/;
const LINES = 3000;

let stack;
let list;

const line = text => `${createHash('sha1').update(text).digest('hex').toUpperCase()}:${text.length}`;
const listOf = passwords => `${[...passwords, ...Array.from({ length: LINES }, (_, at) => `filler ${at}`)].map(line).sort().join('\n')}\n`;

// As an operator brings a new one: beside the old, and then in its place.
function put(text) {
	fs.writeFileSync(`${list}.new`, text);
	give(`${list}.new`);
	fs.renameSync(`${list}.new`, list);
}

before(async () => {
	list = `${makeDir(fs.mkdtempSync(`${process.env.RF_TEST_DIR}/list-`))}/pwned.txt`;
	put(listOf([STOLEN]));
	stack = await startStack({ settings: { BREACHED_PASSWORDS: list } });
});
after(() => stack?.stop());

const post = (path, json, options) => stack.request('POST', `${API}/auth/${path}`, { json, ...options });
const change = (bearer, password) => post('password/change', { current_password: PASSWORD, password }, { bearer });

function refused(answer) {
	const { errors: [error] } = isProblem(answer, 422, 'invalid');
	assert.equal(error.field, 'password');
	assert.match(error.message, WHY);
}

test('a stolen password is refused with the reason, wherever one is chosen, and no other is', async () => {
	const ann = await register(stack);
	refused(await post('register', { email: newAddress(), name: 'Ben', account_name: 'Acme', password: STOLEN }));
	const invite = await stack.request('POST', `${API}/invites`, { bearer: ann.access_token, json: { role: 'viewer' } });
	refused(await post('register', { email: newAddress(), name: 'Cat', invite_code: invite.json.code, password: STOLEN }));
	refused(await change(ann.access_token, STOLEN));
	await post('password/forgot', { email: ann.email });
	const token = await mailedToken(stack, ann.email, 'reset');
	refused(await post('password/reset', { token, password: STOLEN }));
	assert.throws(() => stack.command(['admin', 'add', newAddress(), 'Olga', '--password-stdin'], { input: `${STOLEN}\n` }), WHY);
	assert.equal((await signIn(stack, ann.email)).status, 200, 'the old one still holds');
	assert.equal((await post('password/reset', { token, password: `${STOLEN}!` })).status, 204);
});

test('who has one that was stolen since still signs in, and by the page learns why it is no new one', async () => {
	const ann = await register(stack, { password: LATER });
	put(listOf([LATER]));
	stack.programs.worker.kill('SIGHUP');
	await stack.programs.worker.until(async () => (await post('register', { email: newAddress(), name: 'Ben', account_name: 'Acme', password: LATER })).status === 422, 'the new list held');
	assert.equal((await post('register', { email: newAddress(), name: 'Ben', account_name: 'Acme', password: STOLEN })).status, 201, 'the old one does not');
	const visitor = await browser(stack, ann.email, LATER);
	const page = await visitor.post('/profile/password', { current_password: LATER, password: LATER });
	assert.equal(page.status, 422);
	assert.match(page.text, WHY);
});

test('a list that is none stops neither what runs nor is it taken at a start', async () => {
	put(listOf([STOLEN]).split('\n').reverse().join('\n').trim());
	assert.throws(() => stack.command(['check']), /pwned\.txt is not sorted by hash/);
	stack.programs.worker.kill('SIGHUP');
	await stack.programs.worker.until(() => /event=load .*not sorted by hash/.test(stack.log('worker')), 'the log named it');
	isProblem(await post('register', { email: newAddress(), name: 'Ben', account_name: 'Acme', password: LATER }), 422, 'invalid');
	fs.rmSync(list);
	isProblem(await post('register', { email: newAddress(), name: 'Ben', account_name: 'Acme', password: LATER }), 422, 'invalid');
	assert.throws(() => stack.command(['check']), /pwned\.txt: No such file/);
});

test('while a list can\'t be read no password is taken, and none is lost', async () => {
	put(listOf([STOLEN]));
	await stack.programs.worker.stop();
	stack.startProgram('worker');
	await stack.ready();
	const ann = await register(stack);
	fs.truncateSync(list, 100);
	assert.equal((await change(ann.access_token, `${STOLEN}!`)).status, 500);
	await stack.programs.worker.until(() => /pwned\.txt is shorter than it was/.test(stack.log('worker')), 'the log said why');
	assert.equal((await signIn(stack, ann.email)).status, 200);
});
