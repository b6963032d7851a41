// `resolutionflow admin` and `password`: the first super_admin of an empty instance, and who has lost a password.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import { after, before, test } from 'node:test';
import { PASSWORD, browser, isProblem, me, newAddress, race, register, signIn } from '../support/accounts.mjs';
import { addOperator } from '../support/operator.mjs';
import { run } from '../support/program.mjs';
import { startStack } from '../support/stack.mjs';

let stack;
before(async () => { stack = await startStack(); });
after(() => stack?.stop());

const add = (email, ...more) => stack.command(['admin', 'add', email, 'Olga Operator', ...more]);
const list = () => JSON.parse(stack.command(['admin', 'list', '--json']));
const linkIn = text => new RegExp(`${stack.base}(/reset/[\\w-]{43})\\n`).exec(text)?.[1];
const refuses = (args, why, options) => assert.throws(() => stack.command(args, options), why, args.join(' '));
const person = async email => (await stack.sql('SELECT * FROM person WHERE email = $1', [email]))[0];
const audited = async (action, id) => (await stack.sql('SELECT actor_id, agent, after FROM audit WHERE action = $1 AND object_id = $2', [action, id]));

test('on an empty instance two at once make one account, and both links choose a password', async () => {
	assert.deepEqual(list(), []);
	const emails = [newAddress('one'), newAddress('two')];
	const { execFile } = await import('node:child_process');
	const said = await race(2, at => new Promise((resolve, reject) => execFile(`${stack.app}/resolutionflow`, ['admin', 'add', emails[at], 'Olga'],
		{ env: Object.fromEntries(Object.entries(stack.settings).map(([name, value]) => [name, String(value)])) }, (error, out, err) => (error ? reject(error) : resolve(out + err)))));
	assert.equal((await stack.sql(`SELECT FROM account`)).length, 1);
	assert.deepEqual(list().map(row => [row.email, row.active, row.account, row.last_seen, row.second_factor]),
		[...emails].sort().map(email => [email, true, 'Platform', null, false]));
	for (const [at, email] of emails.entries()) {
		const visitor = stack.visitor();
		await visitor.get(linkIn(said[at]));
		await visitor.post('/reset', { password: PASSWORD });
		assert.equal((await signIn(stack, email)).status, 200);
		assert.equal((await me(stack, (await signIn(stack, email)).json.access_token)).json.role, 'super_admin');
		const [entry, none] = await audited('super_admin.added', (await person(email)).id);
		assert.deepEqual([entry.actor_id, entry.after, none], [null, { email }, undefined]);
		assert.match(entry.agent, /^resolutionflow, run by \w+$/);
	}
});

test('a password comes from the input, by the rule of the pages', async () => {
	const email = newAddress('given');
	for (const weak of ['', 'short', 'x'.repeat(129), 'passwordpassword', 'OlgaOperator', 'ResolutionFlow1', 'Platform Platform'])
		refuses(['admin', 'add', email, 'Olga Operator', '--password-stdin'], /admin add: /, { input: `${weak}\n` });
	assert.equal(await person(email), undefined);
	const said = stack.command(['admin', 'add', email, 'Olga Operator', '--password-stdin'], { input: `${PASSWORD}\r\nmore\n` });
	assert.equal(linkIn(said), undefined);
	assert.doesNotMatch(said, new RegExp(PASSWORD));
	assert.equal((await signIn(stack, email)).status, 200);
});

test('who is one already stays as they are; who is another account\'s is refused', async () => {
	const email = newAddress('again');
	add(email);
	const before = await person(email);
	const said = add(email.toUpperCase());
	assert.match(said, /already is a super_admin/);
	assert.equal(linkIn(said), undefined);
	assert.deepEqual(await person(email), before);
	const ann = await register(stack);
	refuses(['admin', 'add', ann.email, 'Ann'], /a person of "Acme IT"; a super_admin needs an address of their own/);
	refuses(['admin', 'add', newAddress(), 'Ann', '--account', 'Another'], /in the account "Platform"/);
	refuses(['admin', 'add', 'not an address', 'Ann'], /not an address/);
	refuses(['admin', 'add', newAddress(), '  '], /NAME has/);
});

test('removing ends every sign-in at once; the last stays; adding again brings back', async () => {
	const [kept, gone] = [await addOperator(stack), await addOperator(stack)];
	const visitor = await browser(stack, gone.email);
	stack.command(['admin', 'remove', gone.email]);
	isProblem(await me(stack, gone.access_token), 401, 'not_signed_in');
	await visitor.get('/profile');
	assert.equal(visitor.path, '/login?next=%2Fprofile');
	assert.equal((await signIn(stack, gone.email)).status, 401);
	assert.deepEqual(await audited('super_admin.removed', gone.id), [{ actor_id: null, agent: (await audited('super_admin.added', gone.id))[0].agent, after: { email: gone.email } }]);
	refuses(['admin', 'remove', gone.email], /is no super_admin/);
	for (const { email } of list().filter(row => row.active && row.email !== kept.email))
		stack.command(['admin', 'remove', email]);
	refuses(['admin', 'remove', kept.email], /the last super_admin/);
	assert.equal((await me(stack, kept.access_token)).status, 200);
	const link = linkIn(add(gone.email));
	assert.equal((await signIn(stack, gone.email)).status, 401, 'with the password of before');
	const again = stack.visitor();
	await again.get(link);
	await again.post('/reset', { password: 'another road to walk' });
	assert.equal((await signIn(stack, gone.email, 'another road to walk')).status, 200);
	assert.equal((await person(gone.email)).id, gone.id);
});

test('a reset ends the old password, the devices and earlier links, and tells the person', async () => {
	const ann = await register(stack);
	const visitor = await browser(stack, ann.email);
	await stack.sql(`INSERT INTO second_factor (account_id, person_id, secret, confirmed_at) SELECT account_id, id, 's', now() FROM person WHERE id = $1`, [ann.user.id]);
	await stack.sql(`INSERT INTO recovery_code (account_id, person_id, hash) SELECT account_id, id, 'h' FROM person WHERE id = $1`, [ann.user.id]);
	const [first, link] = [1, 2].map(() => linkIn(stack.command(['password', 'reset', ann.email.toUpperCase()])));
	assert.equal((await signIn(stack, ann.email)).status, 401);
	await visitor.get('/profile');
	assert.match(visitor.path, /^\/login/);
	const fresh = stack.visitor();
	assert.doesNotMatch((await fresh.get(first)).text, /name="password"/);
	await fresh.get(link);
	await fresh.post('/reset', { password: 'another road to walk' });
	assert.equal((await signIn(stack, ann.email, 'another road to walk')).json.code, 'totp_required', 'the second factor stays');
	assert.equal((await stack.sql('SELECT FROM second_factor WHERE person_id = $1', [ann.user.id])).length, 1);
	stack.command(['password', 'reset', ann.email, '--second-factor']);
	assert.equal((await stack.sql('SELECT FROM second_factor WHERE person_id = $1', [ann.user.id])).length, 0);
	assert.equal((await stack.sql('SELECT FROM recovery_code WHERE person_id = $1', [ann.user.id])).length, 0);
	const entries = await stack.sql(`SELECT after, actor_id FROM audit WHERE object_id = $1 AND action = 'person.password_reset' AND agent LIKE 'resolutionflow, run by %' ORDER BY id`, [ann.user.id]);
	assert.deepEqual(entries, ['kept', 'kept', 'removed'].map(second_factor => ({ after: { second_factor }, actor_id: null })));
	assert.equal((await stack.sql(`SELECT FROM outbox WHERE recipient = $1 AND subject = 'Your password was reset' AND body_text NOT LIKE '%/reset/%'`, [ann.email])).length, 3);
	assert.equal((await stack.sql(`SELECT FROM notice WHERE person_id = $1 AND text LIKE 'The operator has reset%'`, [ann.user.id])).length, 3);
	refuses(['password', 'reset', newAddress()], /nobody who may sign in/);
});

test('jobs are listed, run again and dropped, of all accounts', async () => {
	const ann = await register(stack);
	const account = ann.user.account.id;
	const put = async (state, kind, key = null, account_id = account) => (await stack.sql(`INSERT INTO job (account_id, kind, state, attempts, unique_key, finished_at, last_error)
		VALUES ($1, $2, $3, 7, $4, now(), 'It \n failed') RETURNING id`, [account_id, kind, state, key]))[0].id;
	const jobs = (...more) => JSON.parse(stack.command(['jobs', 'list', '--json', ...more])).map(row => row.id);
	const state = async id => (await stack.sql('SELECT state, attempts FROM job WHERE id = $1', [id]))[0];
	await stack.sql('DELETE FROM job');
	const older = await put('dead', 'a', 'same');
	const newer = await put('dead', 'a', 'same');
	const other = await put('dead', 'b');
	const house = await put('dead', 'c', null, null);
	const blocked = await put('dead', 'd', 'taken');
	const waits = await put('queued', 'd', 'taken');
	const runs = await put('running', 'd');
	assert.deepEqual(jobs(), [runs, waits, blocked, house, other, newer, older]);
	assert.deepEqual(jobs('--state', 'dead', '--kind=a'), [newer, older]);
	assert.deepEqual(jobs('--account', account, '--kind', 'b'), [other]);
	assert.match(stack.command(['jobs', 'list', '--kind', 'b']), /^id .*last_error\n\S+  \S+  b     dead   7  .*  It {3}failed\n$/);
	assert.equal(stack.command(['jobs', 'retry', other]), '1 queued again\n');
	assert.deepEqual(await state(other), { state: 'queued', attempts: 0 });
	for (const id of [other, runs, blocked])
		refuses(['jobs', 'retry', id], /no job of that id is dead/);
	assert.equal(stack.command(['jobs', 'retry', 'all', '--kind', 'a']), '1 queued again\n');
	assert.deepEqual([(await state(newer)).state, (await state(older)).state, (await state(house)).state], ['queued', 'dead', 'dead']);
	assert.equal(stack.command(['jobs', 'retry', 'all']), '1 queued again\n');
	assert.equal((await state(house)).state, 'queued');
	refuses(['jobs', 'drop', runs], /no job of that id waits/);
	refuses(['jobs', 'drop', 'all'], /all is no id/);
	refuses(['jobs', 'list', '--state', 'lost'], /there is no state lost/);
	refuses(['jobs', 'list', '--account', 'Acme'], /Acme is no account's id/);
	for (const id of [waits, older])
		assert.equal(stack.command(['jobs', 'drop', id]), '1 dropped\n');
	assert.deepEqual(jobs().sort(), [runs, blocked, house, other, newer].sort());
	const home = await stack.sql(`SELECT DISTINCT account_id FROM person WHERE role = 'super_admin'`);
	const entries = await stack.sql(`SELECT account_id, action, object_id, after, agent FROM audit WHERE object = 'job' ORDER BY id`);
	assert.deepEqual(entries.map(({ action, object_id, after }) => [action, object_id, after]), [
		['job.retried', other, { count: 1, kind: 'b' }], ['job.retried', null, { count: 1, kind: 'a' }], ['job.retried', null, { count: 1, kind: 'c' }],
		['job.dropped', waits, { count: 1, kind: 'd' }], ['job.dropped', older, { count: 1, kind: 'a' }],
	], 'what was refused is not told');
	for (const { account_id, agent } of entries) {
		assert.equal(account_id, home[0].account_id, 'in the platform\'s own account');
		assert.match(agent, /^resolutionflow, run by \w+$/);
	}
});

test('mails that are sent again are told in the platform\'s log', async () => {
	const ann = await register(stack);
	const [{ id }] = await stack.sql(`INSERT INTO outbox (account_id, recipient, subject, body_text, state, failed_at, attempts)
		VALUES ($1, 'a@b.example', 'Lost', '-', 'failed', now(), 5) RETURNING id`, [ann.user.account.id]);
	assert.equal(stack.command(['mail', 'retry', id]), '1 sent again\n');
	assert.equal(stack.command(['mail', 'retry', 'all']), '0 sent again\n');
	const entries = await stack.sql(`SELECT a.action, a.object_id, a.after FROM audit a WHERE object = 'mail'
		AND a.account_id IN (SELECT account_id FROM person WHERE role = 'super_admin')`);
	assert.deepEqual(entries, [{ action: 'mail.retried', object_id: id, after: { count: 1 } }]);
});

test('calls to webhooks are listed and go out again, of all accounts', async () => {
	const [ann, bob] = [await register(stack), await register(stack)];
	const put = async ({ user }, state, active = true) => (await stack.sql(`WITH endpoint AS (
			INSERT INTO webhook (account_id, id, name, url, kind, events, secret, created_by, active)
			VALUES ($1, uuid7(), 'Ours', 'https://hooks.example.com/x', 'json', '{}', 's', $2, $4) RETURNING *)
		INSERT INTO webhook_call (account_id, webhook_id, event, event_id, body, state, attempts, last_status, last_error)
		SELECT account_id, id, 'test', uuid7(), 'its secret body', $3, 8, 500, 'It said 500' FROM endpoint RETURNING id`, [user.account.id, user.id, state, active]))[0].id;
	const calls = (...more) => JSON.parse(stack.command(['calls', 'list', '--json', ...more])).map(row => row.id);
	const state = async id => (await stack.sql('SELECT state, attempts FROM webhook_call WHERE id = $1', [id]))[0];
	const sent = await put(ann, 'sent');
	const off = await put(ann, 'failed', false);
	const one = await put(ann, 'failed');
	const his = await put(bob, 'failed');
	const last = await put(bob, 'failed');
	assert.deepEqual(calls(), [last, his, one, off, sent]);
	assert.deepEqual(calls('--state', 'failed', '--account', ann.user.account.id), [one, off]);
	const list = stack.command(['calls', 'list', '--state', 'sent']);
	assert.match(list, /^id .*last_error .*\n\S+ .* test {3}sent {3}8 .* 500 .*It said 500/);
	assert.doesNotMatch(list, /secret body|hooks\.example/);
	assert.equal(stack.command(['calls', 'retry', last]), '1 queued again\n');
	assert.deepEqual(await state(last), { state: 'queued', attempts: 0 });
	for (const id of [sent, off, last])
		refuses(['calls', 'retry', id], /no call of that id has failed, or its endpoint is switched off/);
	assert.equal(stack.command(['calls', 'retry', 'all', '--account', bob.user.account.id]), '1 queued again\n');
	assert.deepEqual([(await state(his)).state, (await state(one)).state], ['queued', 'failed']);
	assert.equal(stack.command(['calls', 'retry', 'all']), '1 queued again\n');
	assert.deepEqual([(await state(one)).state, (await state(off)).state], ['queued', 'failed']);
	refuses(['calls', 'list', '--state', 'dead'], /there is no state dead; there are queued, sending, sent, failed, skipped/);
	refuses(['calls', 'retry', '5'], /5 is no id: give one that the list shows, or all/);
	const entries = await stack.sql(`SELECT object_id, after FROM audit WHERE action = 'webhook.call_repeated' AND object = 'webhook_call' ORDER BY id`);
	assert.deepEqual(entries, [{ object_id: last, after: { count: 1 } }, { object_id: null, after: { count: 1 } }, { object_id: null, after: { count: 1 } }]);
});

test('the version says which schema is needed and which there is', async () => {
	const newest = fs.readdirSync('migrations').length;
	const said = stack.command(['version']);
	assert.match(said, new RegExp(`^resolutionflow \\d+\\.\\d+\\.\\d+\n(commit [0-9a-f]{12}(-dirty)?\n)?schema ${newest} is needed\nschema ${newest} is in the database\n$`));
	assert.equal(stack.command(['--version']), said);
	const [row] = await stack.sql('DELETE FROM schema_migration WHERE version = $1 RETURNING to_jsonb(schema_migration) AS whole', [newest]);
	try {
		refuses(['version'], /the database is older: run resolutionflow migrate/);
	} finally {
		await stack.sql('INSERT INTO schema_migration SELECT (jsonb_populate_record(NULL::schema_migration, $1)).*', [row.whole]);
	}
	refuses(['version'], /resolutionflow version: .*/, { settings: { DATABASE_URL: 'postgresql:///nowhere?host=/nowhere' } });
	assert.match(run(`${stack.app}/resolutionflow`, ['version']), /^resolutionflow [^]*\nThe database was not asked: DATABASE_URL is missing/);
});

test('each command says how it is used, to whoever asks', () => {
	const bare = (...args) => spawnSync(`${stack.app}/resolutionflow`, args, { env: {}, encoding: 'utf8' });
	const commands = bare('help').stdout.split('\n').filter(line => line.startsWith('  ') && !line.startsWith('  help')).map(line => line.trim());
	assert.ok(commands.length > 25);
	for (const usage of commands) {
		const name = usage.split(' ').filter(word => /^[a-z][a-z-]*$/.test(word));
		for (const flag of ['--help', '-h']) {
			const { status, stdout, stderr } = bare(...name, flag);
			assert.deepEqual([status, stderr, stdout.split('\n')[0]], [0, '', `usage: resolutionflow ${usage}`]);
		}
		const wrong = bare(...name, '--nonsense');
		assert.deepEqual([wrong.status, wrong.stdout, wrong.stderr.split('\n')[0]], [2, '', `usage: resolutionflow ${usage}`], 'before the settings are asked for');
	}
	assert.match(bare('jobs', 'lis').stderr, /^usage: resolutionflow jobs\nThere are also:\n {2}jobs list /);
	assert.match(bare('admin', '--help').stdout, /^ {2}admin add .*\n {2}admin list/);
	assert.deepEqual([bare('--help').status, bare().status, bare('nothing').status], [0, 2, 2]);
});

test('what a command does not know is refused with its usage, before anything is done', () => {
	for (const [args, usage] of [
		[['admin', 'add', 'a@example.com'], /^usage: resolutionflow admin add EMAIL NAME \[--account/m],
		[['admin', 'add', 'a@example.com', 'Ann', 'Smith'], /usage: resolutionflow admin add/],
		[['admin', 'add', 'a@example.com', 'Ann', '--force'], /usage: resolutionflow admin add/],
		[['admin', 'add', 'a@example.com', 'Ann', '--account'], /usage: resolutionflow admin add/],
		[['admin', 'list', '--json=yes'], /usage: resolutionflow admin list/],
		[['admin'], /there is no command "admin"[^]*admin add[^]*admin list/],
		[['admin', 'list', 'all'], /usage: resolutionflow admin list/],
		[['nothing'], /there is no command "nothing"[^]*usage: /],
		[['worker', 'now'], /usage: resolutionflow worker\n/],
	])
		refuses(args, usage);
	assert.equal(list().filter(row => row.email === 'a@example.com').length, 0);
	assert.match(stack.command(['help', 'admin', 'add']), /^usage: resolutionflow admin add EMAIL[^]*once, to\nchoose|one day/);
	assert.match(stack.command(['help', 'mail']), /mail list[^]*mail retry/);
	assert.match(stack.command(['help']), /seed-demo/);
});
