// How long sessions are kept: what would go is shown first, what goes is all of it, and what is counted stays right.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { API, browser, colleague, isProblem, race, register } from '../support/accounts.mjs';
import { deadline } from '../support/patience.mjs';
import { prepareSession, runnableFlow, sessionCall, startSession } from '../support/sessions.mjs';
import { startStack } from '../support/stack.mjs';

const RETENTION = `${API}/account/retention`;
let stack;
let call;
before(async () => {
	stack = await startStack({ jobs: true });
	call = sessionCall(stack);
});
after(() => stack?.stop());

const ask = (method, path, who, json) => stack.request(method, RETENTION + path, { bearer: who.access_token, json });
const put = (who, days, sessions, way = 'delete') => ask('PUT', '', who, { days, way, sessions });
const dry = async (who, days) => (await ask('GET', `/dry-run?days=${days}`, who)).json;
const account = who => who.user.account.id;

// A session that ended so many days ago, with all that can hang on one.
async function ended(who, flow, days, client = 'Contoso') {
	const { id } = await startSession(stack, who, flow.id, { client_name: client, ticket_number: 'T-1', variables: { server: 'srv1', contact: 'eve@contoso.example' } });
	const step = async option_id => {
		const { current_step, step_token } = (await call('GET', `/${id}`, who)).json;
		const answer = await call('POST', `/${id}/steps`, who, { node_id: current_step.node_id, step_token, option_id, notes: 'Eve said so.' });
		assert.equal(answer.status, 200, answer.text);
	};
	await step('yes');
	const done = await call('POST', `/${id}/complete`, who, { outcome: 'resolved', summary: 'Eve of Contoso is happy.' });
	assert.equal(done.status, 200, done.text);
	await stack.request('POST', `${API}/sessions/${id}/export`, { bearer: who.access_token, json: { format: 'markdown' } });
	await stack.request('POST', `${API}/sessions/${id}/shares`, { bearer: who.access_token, json: { audience: 'account', expires_in_days: 7 } });
	await stack.sql('INSERT INTO notice (account_id, person_id, text, link) VALUES ($1, $2, $3, $4)', [account(who), who.user.id, 'Eve of Contoso called', `/sessions/${id}`]);
	await stack.sql("UPDATE session SET completed_at = now() - make_interval(days => $2), started_at = now() - make_interval(days => $2 + 1) WHERE id = $1", [id, days]);
	return id;
}

async function until(check, what, seconds = 20) {
	for (const end = deadline(seconds); Date.now() < end; await sleep(50))
		if (await check())
			return;
	assert.fail(`${what}: not in ${seconds} s\n${stack.log('jobs').split('\n').filter(line => /level=(warn|error)/.test(line)).slice(-5).join('\n')}`);
}

const there = async ids => (await stack.sql('SELECT id FROM session WHERE id = ANY ($1) ORDER BY id', [ids])).map(row => row.id);
const settled = who => until(async () => (await stack.sql('SELECT FROM account WHERE account_id = $1 AND retained_at IS NOT NULL', [account(who)])).length, 'a run');
const counted = async who => stack.sql(`SELECT (SELECT jsonb_agg(to_jsonb(p) ORDER BY node_id, option_id) FROM path_stat p WHERE account_id = $1) AS ways,
	(SELECT sum(usage_count)::int FROM flow WHERE account_id = $1) AS uses`, [account(who)]);

// What is found by the beginning of a word: no more and no less than what indexing all of it anew would give.
async function foundAnew(who) {
	const rows = await stack.sql(`SELECT (SELECT array_agg(w.word ORDER BY w.word) FROM session_word w WHERE w.account_id = $1) AS known,
		(SELECT array_agg(DISTINCT w COLLATE "C" ORDER BY w COLLATE "C") FROM session s, unnest(tsvector_to_array(session_words(s))) w
		  WHERE s.account_id = $1 AND s.ended_at IS NOT NULL) AS anew`, [account(who)]);
	assert.deepEqual(rows[0].known, rows[0].anew);
	return rows[0].known ?? [];
}

test('the dry run tells what would go, and saving needs that number', async () => {
	const admin = await register(stack);
	const flow = await runnableFlow(stack, admin);
	const old = await ended(admin, flow, 100);
	const young = await ended(admin, flow, 10, 'Tailspin');
	assert.ok((await foundAnew(admin)).includes('contoso'));
	const would = await dry(admin, 90);
	assert.deepEqual([would.sessions, would.groups.length, would.groups[0].sessions, would.groups[0].flow], [1, 1, 1, 'VPN drops hourly']);
	assert.ok(Math.abs(new Date(would.oldest) - Date.now() + 100 * 86400e3) < 60e3);
	assert.deepEqual([(await dry(admin, 3650)).sessions, (await dry(admin, 0)).sessions], [0, 0]);
	for (const sessions of [undefined, 0, 2])
		isProblem(await put(admin, 90, sessions), 422, 'not_confirmed');
	for (const days of [1, 29, 3651, -1])
		isProblem(await put(admin, days, 0), 422, 'invalid');
	assert.equal((await ask('GET', '', admin)).json.days, 0);
	await sleep(2500);
	assert.deepEqual(await there([old, young]), [old, young].sort(), 'nothing went');
	const before = await counted(admin);
	const answer = await put(admin, 90, 1);
	assert.equal(answer.status, 200, answer.text);
	await until(async () => (await there([old])).length === 0, 'it is gone');
	await settled(admin);
	assert.deepEqual(await there([old, young]), [young]);
	for (const table of ['visit', 'session_text', 'export', 'share'])
		assert.deepEqual(await stack.sql(`SELECT session_id FROM ${table} WHERE account_id = $1 AND session_id <> $2`, [account(admin), young]), [], table);
	assert.deepEqual(await stack.sql('SELECT link FROM notice WHERE account_id = $1', [account(admin)]), [{ link: `/sessions/${young}` }]);
	assert.deepEqual(await counted(admin), before, 'ways and uses are as they were');
	assert.deepEqual((await foundAnew(admin)).filter(word => ['contoso', 'tailspin'].includes(word)), ['contoso', 'tailspin'], 'a summary has it still');
	const log = await stack.sql("SELECT action, before, after, actor_id FROM audit WHERE account_id = $1 AND action LIKE 'retention.%' ORDER BY id", [account(admin)]);
	assert.deepEqual(log, [
		{ action: 'retention.changed', before: { days: 0, way: 'delete' }, after: { days: 90, way: 'delete' }, actor_id: admin.user.id },
		{ action: 'retention.done', before: null, after: { days: 90, way: 'delete', sessions: 1 }, actor_id: null }]);
	const { runs } = (await ask('GET', '', admin)).json;
	assert.deepEqual(runs.map(run => [run.sessions, run.days, run.way]), [[1, 90, 'delete']]);
});

test('anonymised, the path and the times stay, and nothing tells of people or clients', async () => {
	const admin = await register(stack);
	const flow = await runnableFlow(stack, admin);
	const id = await ended(admin, flow, 100, 'Fabrikam');
	await ended(admin, flow, 10, 'Tailspin');
	await stack.sql(`UPDATE visit SET notes = $2 WHERE session_id = $1 AND n = 1`, [id, String.raw`Zebra's file is at C:\srv7\o'neill by eve@fabrikam.example`]);
	await stack.sqlAs('rf_worker', account(admin), 'UPDATE session SET revision = revision + 1 WHERE id = $1', [id]);
	assert.ok((await foundAnew(admin)).includes('zebra'));
	const [times] = await stack.sql('SELECT started_at, completed_at, active, outcome, visit FROM session WHERE id = $1', [id]);
	const path = () => stack.sql('SELECT n, node_id, option_id, took, entered_at, answered_at FROM visit WHERE session_id = $1 ORDER BY n', [id]);
	const [way, before] = [await path(), await counted(admin)];
	assert.equal((await put(admin, 30, 1, 'anonymise')).status, 200);
	await until(async () => (await stack.sql('SELECT FROM session WHERE id = $1 AND anonymised_at IS NOT NULL', [id])).length, 'it is anonymised');
	await settled(admin);
	assert.deepEqual(await stack.sql('SELECT started_at, completed_at, active, outcome, visit FROM session WHERE id = $1', [id]), [times]);
	assert.deepEqual([await path(), await counted(admin)], [way, before]);
	const told = JSON.stringify((await call('GET', `/${id}`, admin)).json) + JSON.stringify(await stack.sql('SELECT words::text FROM session_text WHERE session_id = $1', [id]))
		+ JSON.stringify(await stack.sql('SELECT * FROM visit WHERE session_id = $1', [id]));
	for (const word of ['Fabrikam', 'fabrikam', 'Eve', 'srv1', 'Ann Smith', 'T-1', admin.user.id])
		assert.ok(!told.includes(word), `${word}: ${told}`);
	assert.ok(told.includes('"Somebody"'), told);
	assert.deepEqual((await foundAnew(admin)).filter(word => /zebra|fabrikam|srv7|tailspin/.test(word)), ['tailspin']);
	const found = await stack.request('GET', `${API}/sessions?owner=all&q=fabrikam`, { bearer: admin.access_token });
	assert.deepEqual(found.json.items, []);
	assert.equal((await stack.request('GET', `${API}/users`, { bearer: admin.access_token })).text.includes('Somebody'), false);
	assert.equal((await (await browser(stack, admin.email)).get(`/sessions/${id}/record`)).status, 200);
	// Nobody signs in as the one who stands for all.
	assert.equal((await ask('GET', '/dry-run?days=30&way=anonymise', admin)).json.sessions, 0, 'once');
});

test('anonymised ones go like all others where the account has them deleted later', async () => {
	const admin = await register(stack);
	const flow = await runnableFlow(stack, admin);
	const [old, kept, young] = [await ended(admin, flow, 400), await ended(admin, flow, 400), await ended(admin, flow, 100)];
	assert.equal((await put(admin, 60, 3, 'anonymise')).status, 200);
	await settled(admin);
	assert.deepEqual(await stack.sql('SELECT FROM session WHERE account_id = $1 AND anonymised_at IS NULL', [account(admin)]), []);
	assert.equal((await ask('PUT', `/kept/${kept}`, admin, { reason: 'A dispute' })).status, 204);
	assert.equal((await ask('GET', '/dry-run?days=200&way=anonymise', admin)).json.sessions, 0);
	const would = (await ask('GET', '/dry-run?days=200&way=delete', admin)).json;
	assert.deepEqual([would.sessions, would.groups.map(group => group.sessions)], [1, [1]]);
	isProblem(await put(admin, 200, 0), 422, 'not_confirmed');
	const changed = await put(admin, 200, 1);
	assert.deepEqual([changed.status, changed.json.kept, changed.json.runs.map(run => run.way)], [200, 1, ['anonymise']], changed.text);
	await until(async () => (await there([old])).length === 0, 'it is gone');
	await settled(admin);
	assert.deepEqual(await there([old, kept, young]), [kept, young].sort());
	assert.deepEqual((await ask('GET', '', admin)).json.runs.map(run => [run.sessions, run.way]), [[1, 'delete'], [3, 'anonymise']]);
});

test('the number that is shown and the list that it leads to are of the same sessions', async () => {
	const admin = await register(stack);
	const flow = await runnableFlow(stack, admin);
	const old = [];
	for (const days of [400, 90, 70])
		old.push(await ended(admin, flow, days, `Client ${days}`));
	const kept = await ended(admin, flow, 400);
	assert.equal((await ask('PUT', `/kept/${kept}`, admin, { reason: 'A dispute' })).status, 204);
	// It began long before the others, and ended yesterday.
	const long = await ended(admin, flow, 1);
	await stack.sql("UPDATE session SET started_at = now() - interval '300 days', created_at = now() - interval '300 days' WHERE id = $1", [long]);
	const visitor = await browser(stack, admin.email);
	const { text } = await visitor.get('/account/retention?days=60&way=delete');
	assert.match(text, /would be deleted: <strong>3<\/strong>/);
	const [, link] = /<a href="([^"]+)">See these sessions<\/a>/.exec(text);
	const listed = await visitor.get(link.replaceAll('&amp;', '&'));
	assert.match(listed.text, /would be deleted: <strong>3<\/strong>/);
	assert.deepEqual([...listed.text.matchAll(/href="\/sessions\/([0-9a-f-]{36})\/record"/g)].map(([, id]) => id), old);
	assert.ok(old.every(id => listed.text.includes(`/account/retention/kept/${id}`)));
	const due = async (who, query) => (await ask('GET', `/due?${query}`, who)).json;
	const second = await due(admin, 'days=60&per_page=2&page=2');
	assert.deepEqual([second.total, second.items.map(({ session, client }) => [session, client])], [3, [[old[2], 'Client 70']]]);
	assert.deepEqual((await due(await register(stack), 'days=60')).items, []);
	for (const query of ['', 'days=29', 'days=3651', 'days=60&way=burn'])
		isProblem(await ask('GET', `/due?${query}`, admin), 422, 'invalid');
	assert.match((await visitor.get('/account/retention/due?days=3650')).text, /No session would go/);
});

test('what runs, waits, was handed off or is kept stays', async () => {
	const admin = await register(stack);
	const flow = await runnableFlow(stack, admin);
	const other = await register(stack);
	const theirs = await ended(other, await runnableFlow(stack, other), 400);
	const running = (await startSession(stack, admin, flow.id)).id;
	const prepared = (await prepareSession(stack, admin, flow.id)).id;
	await stack.sql("UPDATE session SET started_at = now() - interval '2 years' WHERE id = $1", [running]);
	const [handed, kept, gone] = [await ended(admin, flow, 400), await ended(admin, flow, 400), await ended(admin, flow, 400)];
	await stack.sql(`INSERT INTO handoff (account_id, id, session_id, intent, state, by_id, flow_id, node_id, priority)
		SELECT account_id, gen_random_uuid(), id, 'escalate', 'open', owner_id, flow_id, '', 'normal' FROM session WHERE id = $1`, [handed]);
	isProblem(await ask('PUT', `/kept/${theirs}`, admin, { reason: 'Mine?' }), 404, 'not_found');
	isProblem(await ask('PUT', `/kept/${kept}`, admin, { reason: '' }), 422, 'invalid');
	assert.equal((await ask('PUT', `/kept/${kept}`, admin, { reason: 'A dispute' })).status, 204);
	assert.deepEqual((await ask('GET', '/kept', admin)).json.items.map(item => [item.session, item.reason, item.person]), [[kept, 'A dispute', 'Ann Smith']]);
	assert.equal((await put(admin, 30, 1)).status, 200);
	await until(async () => (await there([gone])).length === 0, 'it is gone');
	await settled(admin);
	assert.deepEqual(await there([running, prepared, handed, kept, theirs]), [running, prepared, handed, kept, theirs].sort());
	assert.equal((await ask('DELETE', `/kept/${kept}`, admin)).status, 204);
	isProblem(await ask('DELETE', `/kept/${kept}`, admin), 404, 'not_found');
	await stack.sql("UPDATE account SET retained_at = now() - interval '2 days' WHERE account_id = $1", [account(admin)]);
	await until(async () => (await there([kept])).length === 0, 'it went with the others');
	assert.deepEqual(await there([theirs]), [theirs], 'another account\'s');
});

test('others may not', async () => {
	const admin = await register(stack);
	const id = await ended(admin, await runnableFlow(stack, admin), 400);
	for (const role of ['engineer', 'viewer']) {
		const who = await colleague(stack, admin, role);
		for (const answer of [await ask('GET', '', who), await put(who, 30, 1), await ask('GET', '/dry-run?days=30', who), await ask('GET', '/due?days=30', who), await ask('PUT', `/kept/${id}`, who, { reason: 'x' })])
			isProblem(answer, 403, 'forbidden');
	}
});

// ---- many ----

// So many more like it, by SQL.
async function copies(admin, id, many) {
	await stack.sql(`INSERT INTO session (account_id, id, flow_id, version, owner_id, ticket, client, visit, started_at, completed_at, outcome)
		SELECT account_id, gen_random_uuid(), flow_id, version, owner_id, ticket, client, visit, started_at, completed_at, outcome FROM session, generate_series(1, $2) WHERE id = $1`, [id, many]);
	await stack.sql(`INSERT INTO visit (account_id, session_id, n, node_id, kind, title, again, entered_active, notes)
		SELECT s.account_id, s.id, v.n, v.node_id, v.kind, v.title, v.again, v.entered_active, v.notes
		FROM session s, visit v WHERE s.account_id = $1 AND v.session_id = $2 AND s.id <> $2`, [account(admin), id]);
}

test('killed in the midst, it goes on; one entry tells of the whole run; who has one in hand is not waited for', async () => {
	const admin = await register(stack);
	const id = await ended(admin, await runnableFlow(stack, admin), 400);
	await copies(admin, id, 1500);
	await stack.sql(`CREATE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_sleep(0.3); RETURN NULL; END $$`);
	await stack.sql('CREATE TRIGGER slow AFTER DELETE ON session FOR EACH STATEMENT EXECUTE FUNCTION slow()');
	assert.equal((await put(admin, 30, 1501)).status, 200);
	const left = async () => Number((await stack.sql('SELECT count(*) AS n FROM session WHERE account_id = $1', [account(admin)]))[0].n);
	await until(async () => await left() < 1501, 'some went');
	await stack.kill('jobs');
	const after = await left();
	assert.ok(after > 0, 'in the midst');
	assert.equal(after % 200, 1501 % 200 - 0, `whole batches: ${after}`);
	stack.startProgram('jobs');
	await until(async () => await left() === 0, 'all went');
	await settled(admin);
	await stack.sql('DROP TRIGGER slow ON session');
	assert.deepEqual((await stack.sql("SELECT after FROM audit WHERE account_id = $1 AND action = 'retention.done'", [account(admin)])).map(row => row.after.sessions), [1501]);
});

test('keeping one and its going at once: it is kept, or it is gone', async () => {
	const admin = await register(stack);
	const flow = await runnableFlow(stack, admin);
	for (let round = 0; round < 4; round++) {
		const id = await ended(admin, flow, 400);
		await stack.sql("UPDATE account SET retain_days = 30, retained_at = NULL WHERE account_id = $1", [account(admin)]);
		const [kept] = await race(1, async () => { await sleep(round * 15); return ask('PUT', `/kept/${id}`, admin, { reason: 'A dispute' }); });
		await settled(admin);
		assert.equal((await there([id])).length, kept.status === 204 ? 1 : 0, `${kept.status}`);
	}
});

test('the page: look, confirm, and what was typed comes back', async () => {
	const admin = await register(stack);
	const id = await ended(admin, await runnableFlow(stack, admin), 400);
	const visitor = await browser(stack, admin.email);
	assert.match((await visitor.get('/account/retention')).text, /are kept for ever/);
	assert.match((await visitor.get('/account/retention?days=5&way=delete')).text, /Enter 30 to 3650 days/);
	const look = await visitor.get('/account/retention?days=30&way=anonymise');
	assert.match(look.text, /ended more than 30 days ago would be anonymised: <strong>1<\/strong>/);
	const wrong = await visitor.post('/account/retention', { sessions: '7' });
	assert.equal(wrong.status, 422);
	assert.match(wrong.text, /It is 1 by now/);
	const saved = await visitor.post('/account/retention', { sessions: '1' });
	assert.match(saved.text, /The retention is saved/);
	assert.match(saved.text, /anonymised 30 days after their end/);
	await visitor.get(`/account/retention/kept/${id}`);
	assert.match((await visitor.post(`/account/retention/kept/${id}`, { reason: 'For the audit' })).text, /It is kept[\s\S]*For the audit/);
	assert.match((await visitor.get('/account/retention/kept')).text, /For the audit/);
	await visitor.get(`/account/retention/kept/${id}`);
	assert.match((await visitor.post(`/account/retention/kept/${id}/release`)).text, /goes with the others again/);
});

test('the demonstration has a session that is kept, and says why', async () => {
	stack.command(['seed-demo']);
	const maren = await browser(stack, 'maren@northbridge.example', 'walk the proven path');
	assert.match((await maren.get('/account/retention/kept')).text, /User reported a phishing mail<\/a>, Hofer Bakeries, NB-20688<div>The insurer of the client[^<]+<\/div><div class="small muted">Maren Holt, \d+ days ago/);
	assert.match((await maren.get('/account/retention')).text, /those that are kept<\/a> \(1\)/);
});
