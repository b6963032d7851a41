// All data of an account as one file: whole or not there, for its own admins only, and its flows can be imported again.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { gunzipSync } from 'node:zlib';
import { API, browser, colleague, isProblem, race, register, tally } from '../support/accounts.mjs';
import { makeFlow } from '../support/flows.mjs';
import { deadline } from '../support/patience.mjs';
import { procedureFlow, runnableFlow, sessionCall, startSession } from '../support/sessions.mjs';
import { startStack } from '../support/stack.mjs';

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
	assert.match((await visitor.post('/account/archive')).text, /You get a mail when it is ready/);
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
