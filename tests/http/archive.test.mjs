// All data of an account as one file: whole or not there, for its own admins only, and its flows can be imported again.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { gunzipSync } from 'node:zlib';
import pg from 'pg';
import { API, browser, colleague, isProblem, race, register, tally } from '../support/accounts.mjs';
import { makeFlow } from '../support/flows.mjs';
import { deadline } from '../support/patience.mjs';
import { procedureFlow, runnableFlow, sessionCall, startSession } from '../support/sessions.mjs';
import { startStack } from '../support/stack.mjs';
import { findTables } from '../support/tables.mjs';

const ARCHIVES = `${API}/account/archives`;
let stack;
let admin;
let stranger;
let flow;
before(async () => {
	stack = await startStack({ jobs: true });
	admin = await register(stack);
	stranger = await register(stack);
	flow = await runnableFlow(stack, admin);
});
after(() => stack?.stop());

const ask = who => stack.request('POST', ARCHIVES, { bearer: who.access_token });
const get = (who, path) => stack.request('GET', ARCHIVES + path, { bearer: who.access_token });
const files = () => fs.readdirSync(stack.settings.ARCHIVE_DIR);

async function until(check, what, seconds = 30) {
	for (const end = deadline(seconds); Date.now() < end; await sleep(20)) {
		const found = await check();
		if (found)
			return found;
	}
	return assert.fail(`${what}: not in ${seconds} s`);
}

async function made(who) {
	const answer = await ask(who);
	assert.equal(answer.status, 202, answer.text);
	return until(async () => {
		const { json } = await get(who, `/${answer.json.id}`);
		assert.notEqual(json.state, 'failed', json.why);
		return json.state === 'done' && json;
	}, 'the archive is done');
}

// { name: text } of a tar; long names come by pax headers.
function untar(bytes) {
	const found = {};
	let long;
	for (let at = 0; at < bytes.length && bytes[at];) {
		const text = (from, n) => bytes.toString('utf8', at + from, at + from + n).replace(/\0.*$/s, '');
		const size = parseInt(text(124, 12), 8);
		const body = bytes.subarray(at + 512, at + 512 + size);
		if (text(156, 1) === 'x')
			long = /(?:^|\n)\d+ path=(.*)\n/.exec(body.toString())?.[1];
		else {
			const prefix = text(345, 155);
			found[long ?? (prefix ? `${prefix}/` : '') + text(0, 100)] = body;
			long = undefined;
		}
		at += 512 + Math.ceil(size / 512) * 512;
	}
	return found;
}

async function contents(who, row) {
	const answer = await stack.request('GET', `${ARCHIVES}/${row.id}/file`, { bearer: who.access_token });
	assert.equal(answer.status, 200, answer.text);
	return { answer, all: untar(gunzipSync(answer.body)) };
}

test('everything is in it, and the manifest says so', async () => {
	const draft = await makeFlow(stack, admin, { name: 'A draft, "quoted"' });
	await procedureFlow(stack, admin);
	const { id } = await startSession(stack, admin, flow.id, { client_name: 'Contoso', ticket_number: 'T-77', variables: { server: 'srv1', pass: 'hunter2-secret' } });
	const { step_token, current_step } = (await sessionCall(stack)('GET', `/${id}`, admin)).json;
	await sessionCall(stack)('POST', `/${id}/steps`, admin, { node_id: current_step.node_id, step_token, option_id: 'yes', notes: 'Four of **four**.' });
	await sessionCall(stack)('POST', `/${id}/complete`, admin, { outcome: 'resolved', summary: 'Fine.' });
	await stack.request('POST', `${API}/sessions/${id}/export`, { bearer: admin.access_token, json: { format: 'markdown' } });
	await stack.request('POST', `${API}/webhooks`, { bearer: admin.access_token, json: { name: 'Chat', url: 'https://hooks.example.com/services/T0/secret-part', kind: 'slack', events: ['handoff_created'] } });
	await colleague(stack, admin, 'engineer');
	const row = await made(admin);
	const { answer, all } = await contents(admin, row);
	assert.match(answer.headers['content-disposition'], /^attachment; filename="acme-it-\d{4}-\d\d-\d\d\.tar\.gz"$/);
	assert.deepEqual([answer.headers['content-type'], answer.headers['cache-control']], ['application/gzip', 'no-store']);
	assert.equal(Number(answer.headers['content-length']), row.bytes);
	const manifest = JSON.parse(all['manifest.json']);
	assert.deepEqual(manifest.files.map(file => file.name).sort(), Object.keys(all).filter(name => name !== 'manifest.json').sort());
	for (const file of manifest.files) {
		assert.equal(file.bytes, all[file.name].length, file.name);
		assert.equal(file.sha256, createHash('sha256').update(all[file.name]).digest('hex'), file.name);
	}
	assert.deepEqual([manifest.counts.People, manifest.counts.Flows, manifest.counts.Sessions, manifest.counts.Exports], [2, 3, 1, 1]);
	const text = Object.values(all).map(String).join('\n');
	for (const secret of ['hunter2-secret', 'secret-part', 'password_hash', '$argon2'])
		assert.ok(!text.includes(secret), secret);
	const at = Object.keys(all).find(name => name.startsWith('sessions/') && name.endsWith(`${id}.json`));
	const session = JSON.parse(all[at]);
	assert.deepEqual([session.client, session.ticket, session.outcome, session.steps.length, session.steps[0].notes], ['Contoso', 'T-77', 'resolved', 2, 'Four of **four**.']);
	assert.match(String(all[at.replace('.json', '.md')]), /# VPN drops hourly[\s\S]*Client: Contoso[\s\S]*\*\*Does srv1 answer\?\*\*: Yes\n\n {3}Four of \*\*four\*\*\./);
	assert.match(String(all['people.csv']), /,The engineer,/);
	assert.match(String(all['audit.csv']), /session\.completed/);
	assert.match(String(all['README.txt']), /manifest\.json/);
	assert.match(String(all['webhooks.jsonl']), /"host": "hooks\.example\.com"/);
	assert.equal(JSON.parse(all['account.json']).name, 'Acme IT');
	assert.ok(Object.keys(all).some(name => name.startsWith('flows/a-draft-quoted-') && name.endsWith('.md')));
	assert.equal(fs.statSync(`${stack.settings.ARCHIVE_DIR}/${files()[0]}`).mode & 0o777, 0o600);
	await stack.mail(mail => mail.to.includes(admin.email) && mail.subject === 'The archive of Acme IT is ready');
	const log = (await stack.sql("SELECT action FROM audit WHERE account_id = $1 AND object = 'archive' ORDER BY id", [admin.user.account.id])).map(one => one.action);
	assert.deepEqual(log, ['archive.asked', 'archive.made', 'archive.downloaded']);
	// The flows come back as they were, in another account.
	for (const [name, body] of Object.entries(all).filter(([path]) => path.startsWith('flows/') && path.endsWith('.json'))) {
		const document = JSON.parse(body);
		const imported = await stack.request('POST', `${API}/trees/import`, { bearer: stranger.access_token, json: { ...document, category: null } });
		assert.equal(imported.status, 201, `${name}: ${imported.text}`);
		assert.deepEqual([imported.json.structure, imported.json.intake, imported.json.name], [document.structure, document.intake, document.name], name);
	}
	assert.ok(draft.id);
});

// docs/retention.md has the one list: { table: [what is said, its files] }.
const told = Object.fromEntries([...fs.readFileSync(new URL('../../docs/retention.md', import.meta.url), 'utf8').matchAll(/^\| `(\w+)` \| (.+) \|$/gm)]
	.map(([, table, says]) => [table, [says, says.startsWith('no: ') ? [] : [...says.matchAll(/`([^`]+)`/g)].map(([, file]) => file)]]));

test('every table that has an account is in it, or is left out for a reason', async () => {
	const db = new pg.Client({ connectionString: stack.database });
	await db.connect();
	const tables = (await findTables(db)).map(({ name }) => name);
	await db.end();
	assert.deepEqual(Object.keys(told).sort(), tables.sort());
	const sql = fs.readFileSync(new URL('../../fcgi/admin/store.sql', import.meta.url), 'utf8');
	const parts = sql.slice(sql.indexOf('-- name: part_'));
	const { all } = await contents(admin, await made(admin));
	for (const [table, [says, places]] of Object.entries(told)) {
		assert.equal(new RegExp(`(FROM|JOIN) ${table}s? `).test(parts), places.length > 0 || table === 'sign_in', `${table}: ${says}`);
		assert.ok(places.length || says.length > 8, table);
		for (const place of places.filter(name => name !== 'flows/versions/'))
			assert.ok(Object.keys(all).some(name => name === place || place.endsWith('/') && name.startsWith(place)), `${table}: ${place}`);
	}
});

test('what people made for themselves, earlier versions, keys, invites and who was told are in it', async () => {
	const who = await register(stack);
	const own = await runnableFlow(stack, who);
	const other = await runnableFlow(stack, who);
	const account = who.user.account.id;
	const { id: session } = await startSession(stack, who, own.id, { client_name: 'Contoso' });
	await sessionCall(stack)('POST', `/${session}/complete`, who, { outcome: 'resolved', summary: 'Fine.' });
	const kept = await stack.request('PUT', `${API}/account/retention/kept/${session}`, { bearer: who.access_token, json: { reason: 'A dispute over Contoso' } });
	assert.equal(kept.status, 204, kept.text);
	const add = (text, ...more) => stack.sql(text, [account, who.user.id, ...more]);
	await add('INSERT INTO pin (account_id, person_id, flow_id) VALUES ($1, $2, $3)', own.id);
	await add(`WITH f AS (INSERT INTO folder (account_id, person_id, name) VALUES ($1, $2, 'Night, shift') RETURNING *)
		INSERT INTO folder_flow SELECT account_id, person_id, $3, id FROM f`, own.id);
	await add(`INSERT INTO preference VALUES ($1, $2, 'overdue', 'email', 'off')`);
	await add(`INSERT INTO notice (account_id, person_id, text) VALUES ($1, $2, 'Look "here"')`);
	await add(`INSERT INTO invite (account_id, id, code_hash, role, email, created_by, expires_at) VALUES ($1, uuid7(), 'hash-of-the-code', 'viewer', 'new@example.com', $2, now())`);
	await add(`WITH s AS (INSERT INTO sign_in (account_id, id, person_id, expires_at, kind) VALUES ($1, uuid7(), $2, 'infinity', 'key') RETURNING *)
		INSERT INTO api_key SELECT account_id, id, 'Monitoring', 'rf_abc', 'hash-of-the-key', '{read,run}' FROM s`);
	await add(`WITH h AS (INSERT INTO handoff (account_id, id, session_id, intent, state, by_id, flow_id, node_id, priority)
		VALUES ($1, uuid7(), $3, 'escalate', 'resolved', $2, $4, '', 'normal') RETURNING *),
		d AS (INSERT INTO delivery (account_id, handoff_id, occasion, round, channel, recipient, state) SELECT account_id, id, 'created', 1, 'webhook', 'The chat', 'sent' FROM h)
		INSERT INTO handoff_step (account_id, handoff_id, what, person_id) SELECT account_id, id, 'resolved', by_id FROM h`, session, own.id);
	await add(`WITH s AS (INSERT INTO share (account_id, id, session_id, person_id, token_hash, audience, detail, redact, expires_at)
		VALUES ($1, uuid7(), $3, $2, 'hash-of-the-token', 'account', 'full', true, now()) RETURNING *)
		INSERT INTO share_view (account_id, share_id, person_id) SELECT account_id, id, person_id FROM s`, session);
	await add("INSERT INTO path_stat SELECT $1, $3, 1, 'n1', 'yes', 7, 5, 60 WHERE $2::uuid IS NOT NULL", own.id);
	// More versions of two flows than are read at once, one of the two deleted.
	await stack.sql(`INSERT INTO flow_version (account_id, flow_id, n, name, description, type, structure, intake, hash, person_id)
		SELECT account_id, flow_id, v, format('Version %s', v), description, type, structure, intake, hash, person_id FROM flow_version, generate_series(2, 45) v WHERE account_id = $1`, [account]);
	await stack.sql('UPDATE flow SET version = 45 WHERE account_id = $1', [account]);
	await stack.sql('UPDATE flow SET deleted_at = now() WHERE id = $1', [other.id]);
	const { all } = await contents(who, await made(who));
	const lines = name => String(all[name]).trim().split('\n').map(line => JSON.parse(line));
	const [mine] = lines('own.jsonl');
	assert.deepEqual([mine.pins.map(pin => pin.flow), mine.folders.map(({ name, flows }) => [name, flows]), mine.notifications],
		[[own.id], [['Night, shift', [own.id]]], [{ event: 'overdue', channel: 'email', wish: 'off' }]]);
	assert.match(String(all['notices.csv']), /,Ann Smith,"Look ""here""",,\r\n/);
	assert.match(String(all['invites.csv']), /,new@example\.com,viewer,,0,1,Ann Smith,/);
	assert.match(String(all['keys.csv']), /,Monitoring,read run,Ann Smith,/);
	assert.match(String(all['share_views.csv']), /,Ann Smith\r\n$/);
	const [handed] = lines('handoffs.jsonl');
	assert.deepEqual([handed.steps.map(({ what, by }) => [what, by]), handed.told.map(({ recipient, state }) => [recipient, state])], [[['resolved', 'Ann Smith']], [['The chat', 'sent']]]);
	const record = JSON.parse(all[Object.keys(all).find(name => name.endsWith(`${session}.json`))]);
	assert.deepEqual([record.kept.reason, record.kept.by], ['A dispute over Contoso', 'Ann Smith']);
	const listed = lines('flows.jsonl');
	assert.deepEqual(listed.map(({ id, uses, versions, deleted_at }) => [id, uses, versions.length, Boolean(deleted_at)]), [[own.id, 1, 45, false], [other.id, 0, 45, true]]);
	assert.deepEqual(listed[0].ways.map(({ option_id, taken }) => [option_id, taken]), [['yes', 7]]);
	const versions = Object.keys(all).filter(name => name.startsWith('flows/versions/')).sort();
	const wanted = [[own.id, 44], [other.id, 45]].flatMap(([id, many]) => Array.from({ length: many }, (_, n) => `flows/versions/${id}/${n + 1}.json`));
	assert.deepEqual(versions, wanted.sort());
	assert.equal(JSON.parse(all[`flows/versions/${own.id}/7.json`]).name, 'Version 7');
	const text = Object.values(all).map(String).join('\n');
	for (const secret of ['hash-of-the-code', 'hash-of-the-key', 'hash-of-the-token'])
		assert.ok(!text.includes(secret), secret);
});

// An account with many sessions, whose archive is being written.
async function inTheMidst() {
	const who = await register(stack);
	const { id } = await startSession(stack, who, (await runnableFlow(stack, who)).id);
	await stack.sql(`INSERT INTO session (account_id, id, flow_id, version, owner_id, visit, started_at)
		SELECT account_id, gen_random_uuid(), flow_id, version, owner_id, visit, started_at FROM session, generate_series(1, 20000) WHERE id = $1`, [id]);
	const asked = (await ask(who)).json;
	await until(async () => (await get(who, `/${asked.id}`)).json.made > 0, 'it is being written');
	const state = async () => (await stack.sql('SELECT state, attempts FROM archive WHERE id = $1', [asked.id]))[0];
	return { who, asked, state, done: () => until(async () => { const { json } = await get(who, `/${asked.id}`); return json.state === 'done' && json; }, 'it is done', 60) };
}

test('all files are of one moment, whatever is done meanwhile', async () => {
	const { who, state, done } = await inTheMidst();
	const later = await startSession(stack, who, (await runnableFlow(stack, who)).id);
	for (const text of ["UPDATE session SET client = 'Too late' WHERE account_id = $1", "UPDATE team SET name = 'Too late' WHERE account_id = $1",
		"INSERT INTO archive (account_id, id, person_id, state, why) SELECT account_id, uuid7(), id, 'failed', 'Too late' FROM person WHERE account_id = $1"])
		await stack.sql(text, [who.user.account.id]);
	assert.equal((await state()).state, 'running', 'in the midst');
	const row = await done();
	const { all } = await contents(who, row);
	assert.equal(row.made, 20001);
	const text = Object.values(all).map(String).join('\n');
	assert.ok(!text.includes('Too late') && !text.includes(later.id));
	await until(async () => !(await stack.sql("SELECT FROM pg_stat_activity WHERE datname = current_database() AND xact_start < now() - interval '1 second'")).length, 'nobody holds the view');
});

test('one that loses its view of the data is begun anew', async () => {
	const { who, state, done } = await inTheMidst();
	await until(async () => (await stack.sql(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity
		WHERE datname = current_database() AND pid <> pg_backend_pid() AND xact_start < now() - interval '50 ms' AND backend_type = 'client backend'`)).length === 1, 'there is one');
	const row = await done();
	assert.deepEqual([row.made, (await state()).attempts], [20001, 2]);
	assert.equal(Object.keys((await contents(who, row)).all).filter(name => name.startsWith('sessions/')).length, 2 * 20001);
	assert.deepEqual(files().filter(name => name.endsWith('.part')), []);
});

test('one at a time, of many who ask at once', async () => {
	assert.deepEqual(tally(await race(6, () => ask(stranger))), { 202: 1, 409: 5 });
	await until(async () => (await get(stranger, '')).json.items.every(one => one.state === 'done'), 'it is done');
});

test('neither another account nor another role gets it, nor anybody by nginx\'s own way', async () => {
	const row = await made(admin);
	for (const path of [`/${row.id}`, `/${row.id}/file`])
		isProblem(await get(stranger, path), 404, 'not_found');
	for (const role of ['engineer', 'viewer']) {
		const who = await colleague(stack, admin, role);
		for (const answer of [await ask(who), await get(who, ''), await get(who, `/${row.id}/file`)])
			isProblem(answer, 403, 'forbidden');
	}
	for (const name of files())
		assert.equal((await stack.request('GET', `/_archive/${name}`)).status, 404);
	assert.equal((await stack.request('GET', `${ARCHIVES}/${row.id}/file`)).status, 401);
});

test('after seven days it is gone, from the disk too', async () => {
	const row = await made(admin);
	await stack.sql("UPDATE archive SET ended_at = now() - interval '8 days' WHERE id = $1", [row.id]);
	isProblem(await get(admin, `/${row.id}/file`), 410, 'gone');
	await until(() => !files().some(name => name.includes(row.id)), 'the file is gone');
	assert.equal((await get(admin, `/${row.id}`)).json.state, 'deleted');
});

test('killed in the midst there is no half file, and the next one begins anew', async () => {
	const who = await register(stack);
	const { id } = await startSession(stack, who, (await runnableFlow(stack, who)).id);
	await stack.sql(`INSERT INTO session (account_id, id, flow_id, version, owner_id, visit, started_at)
		SELECT account_id, gen_random_uuid(), flow_id, version, owner_id, visit, started_at FROM session, generate_series(1, 20000) WHERE id = $1`, [id]);
	const asked = (await ask(who)).json;
	await until(async () => (await get(who, `/${asked.id}`)).json.made > 0, 'it is being written');
	await stack.kill('jobs');
	assert.deepEqual(files().filter(name => name.includes(asked.id)), [`${who.user.account.id}-${asked.id}.tar.gz.part`]);
	isProblem(await get(who, `/${asked.id}/file`), 410, 'gone');
	await stack.sql('UPDATE archive SET lease_until = now() WHERE id = $1', [asked.id]);
	stack.startProgram('jobs');
	const row = await until(async () => { const { json } = await get(who, `/${asked.id}`); return json.state === 'done' && json; }, 'it is done', 60);
	assert.deepEqual(files().filter(name => name.includes(asked.id)), [`${who.user.account.id}-${asked.id}.tar.gz`]);
	assert.equal(row.made, row.total);
	// Ended in order, it is left to whoever comes next at once.
	const second = (await ask(who)).json;
	await until(async () => (await get(who, `/${second.id}`)).json.made > 0, 'it is being written');
	await stack.programs.jobs.stop();
	assert.equal((await get(who, `/${second.id}`)).json.state, 'queued');
	assert.deepEqual(files().filter(name => name.includes(second.id)), []);
	stack.startProgram('jobs');
	await until(async () => (await get(who, `/${second.id}`)).json.state === 'done', 'it is done', 60);
});

test('one that fails says why, and can be asked for again', async () => {
	const who = await register(stack);
	const dir = stack.settings.ARCHIVE_DIR;
	fs.renameSync(dir, `${dir}.away`);
	const asked = (await ask(who)).json;
	await until(async () => (await get(who, `/${asked.id}`)).json.state === 'failed', 'it failed');
	fs.renameSync(`${dir}.away`, dir);
	assert.match((await get(who, `/${asked.id}`)).json.why, /No such file or directory/);
	await stack.mail(mail => mail.to.includes(who.email) && mail.subject === 'The archive of Acme IT failed');
	const visitor = await browser(stack, who.email);
	assert.match((await visitor.get('/account/archive')).text, /Failed[\s\S]*No such file/);
	const asking = (await visitor.post('/account/archive')).text;
	assert.match(asking, /The archive is asked for/);
	assert.ok((asking.match(/being written/g) ?? []).length <= 1, 'it says so once');
	await until(async () => (await get(who, '')).json.items[0].state === 'done', 'it is done');
	const page = (await visitor.get('/account/archive')).text;
	const [, path] = /href="(\/account\/archive\/[0-9a-f-]{36})"/.exec(page);
	assert.equal((await visitor.send('GET', path)).status, 200);
});

test('one that is whole when the database is away for a moment is told of when it is back', async () => {
	const who = await register(stack);
	await stack.sql('CREATE SEQUENCE away_times');
	await stack.sql(`CREATE FUNCTION away() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$ BEGIN
		IF nextval('public.away_times') <= 2 THEN RAISE 'away' USING ERRCODE = '57014'; END IF; RETURN NEW; END $$`);
	await stack.sql(`CREATE TRIGGER away BEFORE UPDATE ON archive FOR EACH ROW WHEN (NEW.state = 'done') EXECUTE FUNCTION away()`);
	const row = await made(who);
	await stack.sql('DROP FUNCTION away CASCADE');
	await stack.sql('DROP SEQUENCE away_times');
	assert.equal(row.bytes, (await contents(who, row)).answer.body.length);
	assert.deepEqual(files().filter(name => name.endsWith('.part')), []);
	assert.doesNotMatch(stack.log('jobs'), /worker_died|ERROR: \w+Sanitizer/);
});

test('it goes with its account', async () => {
	const who = await register(stack);
	await made(who);
	assert.ok(files().some(name => name.startsWith(who.user.account.id)));
	await stack.sql('UPDATE account SET closing_at = now() WHERE account_id = $1', [who.user.account.id]);
	await until(() => !files().some(name => name.startsWith(who.user.account.id)), 'no file');
});
