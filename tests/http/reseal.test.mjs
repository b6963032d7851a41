// `resolutionflow reseal`: after another MASTER_SECRET all that rows hold sealed goes from the one before to it.
import assert from 'node:assert/strict';
import { execFile, execFileSync, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { API, register } from '../support/accounts.mjs';
import { addOperator } from '../support/operator.mjs';
import { isGenuine, startReceiver } from '../support/receiver.mjs';
import { codeOf, forgetStep, signInWith, steady, withFactor } from '../support/second_factor.mjs';
import { runnableFlow, sessionCall, startSession } from '../support/sessions.mjs';
import { startStack } from '../support/stack.mjs';

const [FIRST, SECOND, THIRD] = [1, 2, 3].map(() => randomBytes(32).toString('hex'));
const SEALED = [['second_factor', 'secret'], ['session_secret', 'sealed'], ['webhook', 'secret'], ['webhook', 'old_secret']];

const WELL = { status: 200, genuine: true, pass: 'Tr0ub4dor' };

let stack;
let receiver;
let ann;
let hook;
let session;
before(async () => {
	receiver = await startReceiver();
	stack = await startStack({ settings: { MASTER_SECRET: FIRST, DEMO: 1 }, jobs: true });
	ann = await withFactor(stack, await register(stack));
	hook = (await stack.request('POST', `${API}/webhooks`, { bearer: ann.access_token, json: { name: 'Ours', url: receiver.url('/x'), kind: 'json', events: ['handoff_created'] } })).json;
	session = await startSession(stack, ann, (await runnableFlow(stack, ann)).id, { variables: { server: 'dc1', gateway: '10.0.0.1', pass: 'Tr0ub4dor' } });
	await addOperator(stack);
});
after(async () => {
	await stack?.stop();
	await receiver?.stop();
});

async function restart(MASTER_SECRET, MASTER_SECRET_PREVIOUS = '') {
	Object.assign(stack.settings, { MASTER_SECRET, MASTER_SECRET_PREVIOUS });
	for (const name of ['worker', 'jobs']) {
		await stack.programs[name].stop();
		stack.startProgram(name);
	}
	await stack.ready();
}

const reseal = (settings = {}) => {
	const done = spawnSync(`${stack.app}/resolutionflow`, ['reseal', '--json'], { encoding: 'utf8', env: { PATH: process.env.PATH, ...stack.settings, ...settings } });
	return { status: done.status, stderr: done.stderr, counts: Object.fromEntries(JSON.parse(done.stdout || '[]').map(({ what, ...counts }) => [what, Object.values(counts)])) };
};
const sealed = async () => (await Promise.all(SEALED.map(([table, column]) => stack.sql(`SELECT ${column} AS text FROM ${table} ORDER BY 1`)))).flat().map(row => row.text);

// Whether each still opens: signing in by a code, a call's signature, a session's password.
async function use() {
	await steady();
	await forgetStep(stack, ann.user.id);
	const { status, json } = await signInWith(stack, ann.email, codeOf(ann.secret));
	ann.access_token = json.access_token;
	const count = receiver.calls.length;
	const answer = await stack.request('POST', `${API}/webhooks/${hook.id}/test`, { bearer: ann.access_token });
	assert.equal(answer.status, 202, answer.text);
	const call = (await receiver.heard(count + 1)).at(-1);
	const { pass } = (await sessionCall(stack)('GET', `/${session.id}`, ann)).json.variables;
	return { status, genuine: isGenuine(call, hook.secret), pass };
}

test('every place of the product that seals is in the table', () => {
	const files = execFileSync('grep', ['-rl', 'settings_seal(', 'fcgi', '--include=*.c'], { encoding: 'utf8' }).trim().split('\n').sort();
	assert.deepEqual(files, ['fcgi/accounts/accounts.c', 'fcgi/people/codes.c', 'fcgi/sessions/fill.c', 'fcgi/webhooks/secret.c'], 'a new one needs its row in fcgi/sealed/store.c, and to be here');
});

test('all of it opens by the new secret alone, and by the old one none', async () => {
	const again = await stack.request('POST', `${API}/webhooks/${hook.id}/secret`, { bearer: ann.access_token });
	assert.equal(again.status, 200, again.text);
	hook.secret = again.json.secret;
	const before = await sealed();
	assert.equal(before.length, 4, 'one of each');
	assert.deepEqual(await use(), WELL);
	await restart(SECOND, FIRST);
	assert.deepEqual(await use(), WELL);
	const done = reseal();
	assert.equal(done.status, 0, done.stderr);
	assert.deepEqual(done.counts, { 'second factors': [0, 1, 0], 'passwords of sessions': [1, 0, 0], 'secrets of webhooks': [2, 0, 0] }, 'the second factor was sealed anew by its use');
	assert.match(done.stderr, /MASTER_SECRET_PREVIOUS may go from the settings a day after/);
	const now = await sealed();
	assert.ok(now.every(text => !before.includes(text)));
	assert.deepEqual(reseal().counts, { 'second factors': [0, 1, 0], 'passwords of sessions': [0, 1, 0], 'secrets of webhooks': [0, 2, 0] });
	const entries = await stack.sql(`SELECT after, agent FROM audit WHERE action = 'secrets.resealed'`);
	assert.deepEqual(entries.map(entry => entry.after), [{ sealed_anew: 'passwords of sessions: 1, secrets of webhooks: 2' }]);
	await restart(SECOND);
	assert.deepEqual(await use(), WELL);
	assert.match(reseal().stderr, /MASTER_SECRET_PREVIOUS is not set/);
});

test('what changes meanwhile stays as it was changed, and more than one piece is gone through', async () => {
	await restart(THIRD, SECOND);
	await stack.sql(`INSERT INTO session_secret (account_id, session_id, name, sealed) SELECT account_id, session_id, 'more_' || n, sealed FROM session_secret, generate_series(1, 450) AS n`);
	const other = new pg.Client({ connectionString: stack.database });
	await other.connect();
	await other.query('BEGIN');
	await other.query(`UPDATE webhook SET secret = 'changed meanwhile'`);
	const done = new Promise(resolve => execFile(`${stack.app}/resolutionflow`, ['reseal', '--json'],
		{ env: { PATH: process.env.PATH, ...stack.settings } }, (error, stdout, stderr) => resolve({ status: error?.code ?? 0, counts: JSON.parse(stdout), stderr })));
	for (let waits = 0; !waits; await sleep(50))
		waits = (await stack.sql(`SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()`)).length;
	await other.query('COMMIT');
	await other.end();
	const { counts } = await done;
	assert.deepEqual(counts.map(Object.values), [['second factors', 1, 0, 0], ['passwords of sessions', 451, 0, 0], ['secrets of webhooks', 1, 0, 0]]);
	assert.equal((await stack.sql('SELECT secret FROM webhook'))[0].secret, 'changed meanwhile');
	const again = reseal();
	assert.equal(again.status, 1);
	assert.match(again.stderr, /opened by neither secret: secrets of webhooks: 1\. Set the one/);
	assert.deepEqual(again.counts['secrets of webhooks'], [0, 1, 1]);
});

test('the answer that a request got before is the one it gets again', async () => {
	await restart(FIRST);
	const who = await register(stack);
	const ask = () => stack.request('POST', `${API}/categories`, { bearer: who.access_token, json: { name: 'Printers' }, headers: { 'Idempotency-Key': 'the same' } });
	const first = await ask();
	assert.equal(first.status, 201, first.text);
	await restart(SECOND, FIRST);
	const again = await ask();
	assert.deepEqual([again.status, again.json], [201, first.json]);
});
