// The audit log's seals: what was written is sealed soon, and whoever changes, takes away or adds something afterwards is
// found out, even the database's owner.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { register } from '../support/accounts.mjs';
import { deadline } from '../support/patience.mjs';
import { startStack } from '../support/stack.mjs';

let stack;
before(async () => { stack = await startStack({ jobs: true }); });
after(() => stack?.stop());

const write = (account, n, from = 1) => stack.sqlAs('rf_worker', account, `INSERT INTO audit (account_id, action, object, object_id, before, after, address)
	SELECT $1, 'flow.published', 'flow', gen_random_uuid(), NULL, jsonb_build_object('n', n), '' FROM generate_series($2::int, $3::int) n`, [account, from, from + n - 1]);
const sealed = async account => Number((await stack.sql('SELECT count(*) AS n FROM audit_seal WHERE account_id = $1', [account]))[0].n);
const due = async account => Number((await stack.sql('SELECT count(*) AS n FROM audit_due WHERE account_id = $1', [account]))[0].n);

async function allSealed(account, seconds = 8) {
	for (const end = deadline(seconds); Date.now() < end; await sleep(50))
		if (await due(account) === 0)
			return;
	assert.fail(`not sealed in ${seconds} s\n${stack.log('jobs').slice(-2000)}`);
}

// An account of its own with so many sealed entries: { id, seals: [{ seq, entry_id, ... }] }.
async function logOf(n) {
	const { user } = await register(stack);
	await allSealed(user.account.id);
	await write(user.account.id, n);
	await allSealed(user.account.id);
	return { id: user.account.id, seals: await stack.sql('SELECT * FROM audit_seal WHERE account_id = $1 ORDER BY seq', [user.account.id]) };
}

// { ok, text }
function verify(args, settings) {
	try {
		return { ok: true, text: stack.command(['audit', 'verify', ...args], { settings }) };
	} catch (error) {
		return { ok: false, text: String(error.message) };
	}
}

const isSound = (log, ...args) => {
	const { ok, text } = verify([log.id, ...args]);
	assert.ok(ok, text);
	return text;
};
function isFound(log, ...patterns) {
	const { ok, text } = verify([log.id]);
	assert.ok(!ok, text);
	for (const pattern of patterns)
		assert.match(text, pattern);
	return text;
}
const findings = text => text.split('\n').filter(line => line.startsWith('account '));

test('an entry is sealed within seconds of its commit, in the order of its account', async () => {
	const log = await logOf(5);
	const from = Date.now();
	await write(log.id, 1);
	await allSealed(log.id, 4);
	assert.ok(Date.now() - from < 4000);
	assert.deepEqual(log.seals.map(seal => Number(seal.seq)), log.seals.map((_, at) => at + 1));
	for (let at = 1; at < log.seals.length; at++)
		assert.equal(log.seals[at].previous, log.seals[at - 1].mac);
	assert.equal(isSound(log).trim(), `${log.seals.length + 1} seals of 1 account checked, 0 findings`);
});

for (const [column, value] of Object.entries({ action: `'flow.deleted'`, actor_id: 'gen_random_uuid()', object: `'other'`, object_id: 'NULL',
	before: `'{}'`, after: `after || '{"more": 1}'`, address: 'NULL', agent: `'x'`, request_id: `''`, at: `at + interval '1 microsecond'` }))
	test(`a changed ${column} is found and named`, async () => {
		const log = await logOf(6);
		const seal = log.seals[3];
		await stack.sql(`UPDATE audit SET ${column} = ${value} WHERE account_id = $1 AND id = $2`, [log.id, seal.entry_id]);
		const text = isFound(log, new RegExp(`seal 4 entry ${seal.entry_id} flow\\.\\w+: changed after it was sealed`));
		assert.equal(findings(text).length, 1, text);
	});

test('a deleted entry is found, with and without its seal', async () => {
	const log = await logOf(6);
	await stack.sql('DELETE FROM audit WHERE id = $1', [log.seals[2].entry_id]);
	assert.equal(findings(isFound(log, new RegExp(`seal 3 entry ${log.seals[2].entry_id}: missing`))).length, 1);
	await stack.sql('DELETE FROM audit_seal WHERE account_id = $1 AND seq = 3', [log.id]);
	assert.equal(findings(isFound(log, /seal 4: seal 3 is missing/)).length, 1);
});

test('two that changed places are found and named', async () => {
	const log = await logOf(6);
	await stack.sql('UPDATE audit_seal SET seq = CASE seq WHEN 3 THEN -5 ELSE -3 END WHERE account_id = $1 AND seq IN (3, 5)', [log.id]).catch(() => {});
	await stack.sql('ALTER TABLE audit_seal DROP CONSTRAINT audit_seal_seq_check');
	await stack.sql('UPDATE audit_seal SET seq = CASE seq WHEN 3 THEN -5 ELSE -3 END WHERE account_id = $1 AND seq IN (3, 5)', [log.id]);
	await stack.sql('UPDATE audit_seal SET seq = -seq WHERE account_id = $1 AND seq < 0', [log.id]);
	isFound(log, new RegExp(`seal 3 entry ${log.seals[4].entry_id} flow.published: reordered: it was sealed as number 5`),
		new RegExp(`seal 5 entry ${log.seals[2].entry_id} flow.published: reordered: it was sealed as number 3`));
});

test('two entries whose contents were swapped are found and named', async () => {
	const log = await logOf(6);
	const [a, b] = [log.seals[2].entry_id, log.seals[4].entry_id];
	await stack.sql(`UPDATE audit a SET after = b.after FROM audit b WHERE a.account_id = $1 AND b.account_id = $1
		AND (a.id, b.id) IN (($2::uuid, $3::uuid), ($3::uuid, $2::uuid))`, [log.id, a, b]);
	isFound(log, new RegExp(`seal 3 entry ${a}.*changed`), new RegExp(`seal 5 entry ${b}.*changed`));
});

test('an end that was cut off is found: entries alone, with their seals, with the head changed, with the head away', async () => {
	const log = await logOf(6);
	const tail = log.seals.slice(-2);
	await stack.sql('DELETE FROM audit WHERE account_id = $1 AND id = ANY ($2)', [log.id, tail.map(seal => seal.entry_id)]);
	isFound(log, ...tail.map(seal => new RegExp(`seal ${seal.seq} entry ${seal.entry_id}: missing`)));
	await stack.sql('DELETE FROM audit_seal WHERE account_id = $1 AND seq >= $2', [log.id, tail[0].seq]);
	isFound(log, /seals \d+ to \d+ are missing: the end of the log was cut off/);
	await stack.sql('UPDATE audit_head SET seq = $2, mac = $3 WHERE account_id = $1', [log.id, Number(tail[0].seq) - 1, log.seals.at(-3).mac]);
	isFound(log, /the signed end of the chain was forged or changed/);
	await stack.sql('DELETE FROM audit_head WHERE account_id = $1', [log.id]);
	isFound(log, /the signed end of the chain is missing/);
});

test('an end that was cut off together with its head, put back from a copy, is found by the heads that were noted elsewhere', async () => {
	const log = await logOf(3);
	const [head] = await stack.sql('SELECT * FROM audit_head WHERE account_id = $1', [log.id]);
	await write(log.id, 3);
	await allSealed(log.id);
	const noted = stack.command(['audit', 'heads']);
	assert.match(noted, new RegExp(`^${log.id} ${Number(head.seq) + 3} \\S{43}$`, 'm'));
	const file = `${stack.dir}/heads`;
	(await import('node:fs')).writeFileSync(file, noted);
	isSound(log, '--heads', file);
	await stack.sql('DELETE FROM audit WHERE id IN (SELECT entry_id FROM audit_seal WHERE account_id = $1 AND seq > $2)', [log.id, head.seq]);
	await stack.sql('DELETE FROM audit_seal WHERE account_id = $1 AND seq > $2', [log.id, head.seq]);
	await stack.sql('UPDATE audit_head SET seq = $2, mac = $3, sign = $4 WHERE account_id = $1', [log.id, head.seq, head.mac, head.sign]);
	isSound(log);
	const { ok, text } = verify([log.id, '--heads', file]);
	assert.ok(!ok);
	assert.match(text, /the seal that was noted is missing/);
});

test('forged seals are found: a changed one, one more, and an entry that was never sealed', async () => {
	const log = await logOf(6);
	await stack.sql('UPDATE audit_seal SET mac = reverse(mac) WHERE account_id = $1 AND seq = 3', [log.id]);
	assert.equal(findings(isFound(log, /seal 3 entry .*: its seal was forged or changed/)).length, 1);
	const many = await logOf(900);
	await stack.sql('UPDATE audit_seal SET mac = reverse(mac) WHERE account_id = $1', [many.id]);
	assert.ok(findings(isFound(many, /seal 900 entry .*: its seal was forged or changed/)).length >= 900, 'of all at once, too');
	const other = await logOf(4);
	await stack.sql(`INSERT INTO audit_seal SELECT account_id, seq + 1, entry_id, entry_at, since, sealed_at, key, mac, entry_mac, md5(mac)
		FROM audit_seal WHERE account_id = $1 ORDER BY seq DESC LIMIT 1`, [other.id]);
	isFound(other, /seals from \d+ on stand behind the signed end/);
	const third = await logOf(2);
	const [entry] = await stack.sql(`INSERT INTO audit (account_id, action, object, at) VALUES ($1, 'flow.deleted', 'flow', now() - interval '11 minutes') RETURNING id`, [third.id]);
	await stack.sql('DELETE FROM audit_due WHERE id = $1', [entry.id]);
	isFound(third, new RegExp(`entry ${entry.id} flow.deleted: never sealed`));
});

test('an entry that claims to be older than it is is found, and one that was sealed late is none', async () => {
	const log = await logOf(2);
	const [entry] = await stack.sql(`INSERT INTO audit (account_id, action, object, at) VALUES ($1, 'flow.deleted', 'flow', now() - interval '1 day') RETURNING id`, [log.id]);
	await allSealed(log.id);
	isFound(log, new RegExp(`entry ${entry.id} flow.deleted: back-dated`));
});

test('entries of another account are not in the way, and all are checked where none is named', async () => {
	const log = await logOf(2);
	const { text } = verify([]);
	assert.ok(!findings(text).some(line => line.includes(log.id)), text);
	assert.match(text, /\d+ seals of \d+ accounts checked, \d+ findings/);
});

test('a key that was changed goes on: old seals by the previous secret, new ones by the new', async () => {
	const log = await logOf(3);
	const secret = 'another secret that is long enough, surely';
	await stack.programs.jobs.stop();
	const settings = { MASTER_SECRET: secret, MASTER_SECRET_PREVIOUS: stack.settings.MASTER_SECRET };
	stack.startProgram('jobs', settings);
	await write(log.id, 3);
	await allSealed(log.id);
	assert.ok(verify([log.id], settings).ok);
	const { ok, text } = verify([log.id], { MASTER_SECRET: secret });
	assert.ok(!ok);
	assert.equal(findings(text).length, 1, text);
	assert.match(text, /sealed under a secret that is not set: give that one as MASTER_SECRET_PREVIOUS/);
	await stack.programs.jobs.stop();
	stack.startProgram('jobs');
});

