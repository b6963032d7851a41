// The audit log as it is read, written by many at once, and let go after its time.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { API, PASSWORD, browser, colleague, race, register, signIn } from '../support/accounts.mjs';
import { deadline } from '../support/patience.mjs';
import { runnableFlow, startSession } from '../support/sessions.mjs';
import { startStack } from '../support/stack.mjs';

let stack;
let ann;
before(async () => {
	stack = await startStack({ jobs: true });
	ann = await register(stack);
});
after(() => stack?.stop());

const account = who => who.user.account.id;
async function until(look, seconds = 10) {
	for (const end = deadline(seconds); Date.now() < end; await sleep(50)) {
		const found = await look();
		if (found)
			return found;
	}
	assert.fail(`not in ${seconds} s: ${look}\n${stack.log('jobs').slice(-1500)}`);
}
const isSealed = who => until(async () => Number((await stack.sql('SELECT count(*) AS n FROM audit_due WHERE account_id = $1', [account(who)]))[0].n) === 0, 20);
const list = async (who, query = '') => (await stack.request('GET', `${API}/audit${query}`, { bearer: who.access_token })).json;
const verify = who => stack.command(['audit', 'verify', account(who)]);

// ---- reading ----

test('the list: who, what, on what, before and after, address, device, request', async () => {
	const tom = await colleague(stack, ann, 'viewer');
	const answer = await stack.request('PATCH', `${API}/users/${tom.id}`, { bearer: ann.access_token, json: { role: 'engineer' }, headers: { 'user-agent': 'a test' } });
	assert.equal(answer.status, 200, answer.text);
	await isSealed(ann);
	const { items: [entry] } = await list(ann, '?action=person.changed');
	const { id, at, ...rest } = entry;
	assert.match(at, /Z$/);
	assert.deepEqual(rest, { actor: { id: ann.user.id, name: 'Ann Smith' }, action: 'person.changed', object: 'person', object_id: tom.id,
		before: { role: 'viewer', active: true, team_id: null }, after: { role: 'engineer', active: true, team_id: null },
		address: '127.0.0.1', agent: 'a test', request_id: answer.headers['x-request-id'], sealed: true });
	for (const [query, fits] of Object.entries({ [`?actor=${ann.user.id}`]: true, [`?actor=${tom.id}&action=person.changed`]: false, '?actor=nobody': false,
		'?object=person': true, '?object=team': false, [`?object=${tom.id}`]: true, [`?object=${ann.user.account.id}`]: false,
		[`?from=${at}`]: true, '?to=2020-01-01': false, '?from=2020-01-01&to=2099-12-31': true, [`?to=${at}&object=person&action=person.changed&actor=${ann.user.id}`]: true }))
		assert.equal((await list(ann, query)).items.some(item => item.id === id), fits, query);
	const wrong = await stack.request('GET', `${API}/audit?from=yesterday&actor=me`, { bearer: ann.access_token });
	assert.deepEqual([wrong.status, wrong.json.errors.map(error => error.field)], [422, ['actor', 'from']]);
});

test('it goes on by a key, and is of one account and of its admins', async () => {
	const bea = await register(stack);
	await stack.sqlAs('rf_worker', account(bea), `INSERT INTO audit (account_id, actor_id, action, object) SELECT $1, $2, 'flow.published', 'flow' FROM generate_series(1, 25)`, [account(bea), bea.user.id]);
	const seen = [];
	for (let path = `${API}/audit?per_page=10&object=flow`; path;) {
		const { json } = await stack.request('GET', path, { bearer: bea.access_token });
		assert.equal(json.total, 25);
		seen.push(...json.items.map(item => item.id));
		path = json.next;
	}
	assert.deepEqual(seen, [...new Set(seen)].sort().reverse());
	assert.equal(seen.length, 25);
	assert.ok(!(await list(ann)).items.some(item => seen.includes(item.id)));
	for (const role of ['viewer', 'engineer'])
		assert.equal((await stack.request('GET', `${API}/audit`, { bearer: (await colleague(stack, bea, role)).access_token })).status, 403, role);
});

test('a session, a hand-off and an invite are called by what people know them by', async () => {
	const flow = await runnableFlow(stack, ann);
	const session = await startSession(stack, ann, flow.id, { client_name: 'Marlow Logistics', ticket_number: 'NB-7' });
	const bare = await startSession(stack, ann, flow.id);
	const handed = await stack.request('POST', `${API}/sessions/${session.id}/handoff`, { bearer: ann.access_token, json: { intent: 'escalate', reason: 'Over my head' } });
	assert.equal(handed.status, 201, handed.text);
	await stack.request('POST', `${API}/invites`, { bearer: ann.access_token, json: { role: 'viewer', email: 'nadia@example.com' } });
	const page = (await stack.request('GET', '/audit', { headers: { cookie: await cookies(ann) } })).text;
	const named = id => page.match(new RegExp(`${id}">([^<]*)</a>`))?.[1];
	assert.equal(named(`/sessions/${session.id}`), `Session ${flow.name}, Marlow Logistics, NB-7`);
	assert.equal(named(`/sessions/${bare.id}`), `Session ${flow.name}`);
	assert.equal(named('/escalations/[0-9a-f-]+'), `Hand-off ${flow.name}, Marlow Logistics, NB-7`);
	assert.match(page, /<a href="\/invites">Invite nadia@example\.com<\/a>/);
});

test('as a file, in which no cell is a formula; taking it is logged', async () => {
	await stack.sqlAs('rf_worker', account(ann), `INSERT INTO audit (account_id, action, object, after, address, agent) VALUES ($1, 'flow.published', 'flow', '{"name": "=1+1"}', '', '=HYPERLINK("x")')`, [account(ann)]);
	const answer = await stack.request('GET', '/audit.csv?object=flow', { headers: { cookie: (await cookies(ann)) } });
	assert.equal(answer.status, 200, answer.text);
	assert.match(answer.headers['content-type'], /^text\/csv/);
	assert.match(answer.text, /"flow\.published","Flow =1\+1"/);
	assert.match(answer.text, /"'=HYPERLINK/);
	await until(async () => (await list(ann, '?action=audit.exported')).items.length === 1);
});

async function cookies(who) {
	const visitor = await browser(stack, who.email);
	return [...visitor.cookies].map(pair => pair.join('=')).join('; ');
}

test('somebody of the platform is shown as such, and nobody else of another account is named', async () => {
	const bea = await register(stack);
	const root = await register(stack, { name: 'Olga Root' }); // of an account of her own
	await stack.sql(`UPDATE person SET role = 'super_admin' WHERE id = $1`, [root.user.id]);
	for (const actor of [root.user.id, ann.user.id])
		await stack.sql(`INSERT INTO audit (account_id, actor_id, action, object) VALUES ($1, $2, 'account.looked_into', 'account')`, [account(bea), actor]);
	await stack.sql(`INSERT INTO audit (account_id, action, object) VALUES ($1, 'account.looked_into', 'account')`, [account(bea)]);
	const names = (await list(bea, '?action=account.looked_into')).items.map(item => item.actor.name).sort();
	assert.deepEqual(names, ['Platform admin (Olga Root)', 'ResolutionFlow itself', 'Somebody of another account']);
});

// ---- what is written ----

test('wrong passwords are logged for whoever they are of, as one where they come together, and not who is nobody', async () => {
	const bea = await register(stack);
	await race(4, () => signIn(stack, bea.email, 'not the password'));
	await signIn(stack, 'nobody.at.all@example.com', 'not the password');
	await until(async () => Number((await stack.sql('SELECT count(*) AS n FROM failed_sign_in'))[0].n) === 0);
	const { items } = await list(bea, '?action=sign_in.failed');
	assert.equal(items.reduce((sum, item) => sum + item.after.tries, 0), 4);
	assert.deepEqual([items[0].object_id, items[0].actor.id, items[0].actor.name, items[0].address], [bea.user.id, null, 'Nobody signed in', '127.0.0.1']);
	const refused = await stack.request('POST', `${API}/auth/password/change`, { bearer: bea.access_token, json: { current_password: 'wrong', password: 'quite another way home' } });
	assert.equal(refused.status, 422);
	assert.equal((await list(bea, '?action=person.password_refused')).items.length, 1);
	assert.doesNotMatch(JSON.stringify(await stack.sql('SELECT * FROM audit')), /not the password|quite another|walk the proven/);
});

test('signing out is logged once, by the form and by the API', async () => {
	const bea = await register(stack);
	const page = await browser(stack, bea.email);
	await page.post('/logout');
	assert.equal((await stack.request('POST', `${API}/auth/logout`, { json: { refresh_token: bea.refresh_token } })).status, 204);
	assert.equal((await stack.request('POST', `${API}/auth/logout`, { json: { refresh_token: bea.refresh_token } })).status, 204);
	const again = await signIn(stack, bea.email);
	const { items } = await list({ access_token: again.json.access_token }, '?action=sign_in.ended');
	assert.deepEqual(items.map(item => item.actor.id), [bea.user.id, bea.user.id]);
});

test('an entry stands or falls with what it tells: of a change that is refused there is none', async () => {
	const bea = await register(stack);
	const answer = await stack.request('PATCH', `${API}/users/${bea.user.id}`, { bearer: bea.access_token, json: { active: false } });
	assert.equal(answer.status, 409, answer.text);
	assert.equal((await list(bea, '?action=person.changed')).items.length, 0);
});

// ---- many at once ----

test('many write while two programs seal, and one of them is killed again and again: the chain stays whole', async () => {
	const all = [await register(stack), await register(stack), await register(stack)];
	const other = start => { other.program = stack.startProgram('jobs', start); return other.program; };
	const first = stack.programs.jobs;
	let writing = true;
	const writers = race(8, async at => {
		for (let n = 0; n < 120; n++)
			await stack.request('POST', `${API}/teams`, { bearer: all[(at + n) % 3].access_token, json: { name: `Team ${at} ${n}` } });
	}).finally(() => { writing = false; });
	for (let round = 0; writing; round++) {
		const second = other({});
		await sleep(400 + round % 3 * 300);
		second.children.forEach(pid => process.kill(pid, 'SIGKILL'));
		second.kill('SIGKILL');
		await second.ended;
	}
	await writers;
	stack.programs.jobs = first;
	for (const who of all) {
		await isSealed(who);
		const [{ entries, seals, last }] = await stack.sql(`SELECT (SELECT count(*)::int FROM audit WHERE account_id = $1) AS entries, count(*)::int AS seals, max(seq)::int AS last
			FROM audit_seal WHERE account_id = $1`, [account(who)]);
		assert.ok(entries > 300, String(entries));
		assert.deepEqual([seals, last], [entries, entries]);
		assert.match(verify(who), / 0 findings/);
	}
});

// ---- the end of its time ----

test('months are made ahead, and a month that has been kept long enough goes: what is left still holds', async () => {
	const bea = await register(stack);
	await isSealed(bea);
	const id = account(bea);
	const months = (await stack.sql(`SELECT relname FROM pg_class c JOIN pg_inherits i ON i.inhrelid = c.oid WHERE i.inhparent = 'audit'::regclass AND relname <> 'audit_rest'`)).map(row => row.relname);
	assert.equal(months.length, 3);
	await stack.programs.jobs.stop();
	// As it would have been written in those days, in a month of that time and in one that nobody had made.
	await stack.sql(`SET ROLE rf_owner; SELECT audit_month((date_trunc('month', now()) - interval '5 months')::date); RESET ROLE`);
	for (const age of ['5 months', '10 months'])
		await stack.sql(`INSERT INTO audit (account_id, at, action, object) SELECT $1, date_trunc('month', now()) - $2::interval + n * interval '1 hour', 'flow.published', 'flow' FROM generate_series(1, 5) n`, [id, age]);
	await stack.sql('DELETE FROM audit_head WHERE account_id = $1', [id]);
	await stack.sql('INSERT INTO audit_due SELECT entry_id, account_id, entry_at FROM audit_seal WHERE account_id = $1', [id]);
	await stack.sql('DELETE FROM audit_seal WHERE account_id = $1', [id]);
	stack.startProgram('jobs'); // seals them in the order of their time
	await isSealed(bea);
	// Sealed in those days, too; only the programs can say so, so their times are left as they are but for this test's rows.
	await stack.programs.jobs.stop();
	assert.match(verify(bea), / 0 findings/);
	await stack.sql(`UPDATE job_period SET last_at = '-infinity' WHERE name = 'audit_months'`);
	stack.startProgram('jobs', { AUDIT_MONTHS: 4 });
	await until(async () => (await stack.sql(`SELECT FROM audit WHERE account_id = $1 AND action = 'audit.retired'`, [id])).length === 1);
	await isSealed(bea);
	assert.equal((await stack.sql(`SELECT FROM audit WHERE account_id = $1 AND action = 'flow.published'`, [id])).length, 0);
	assert.equal((await stack.sql(`SELECT FROM pg_class WHERE relname ~ '^audit_\\d{4}_\\d{2}$'`)).length, 3);
	const [head] = await stack.sql('SELECT * FROM audit_head WHERE account_id = $1', [id]);
	assert.equal(Number(head.retired_seq), 10);
	assert.match(verify(bea), / 0 findings/);
	// The note is signed.
	await stack.sql('UPDATE audit_head SET retired_seq = retired_seq + 1 WHERE account_id = $1', [id]);
	assert.throws(() => verify(bea), /the signed end of the chain was forged or changed/);
});

test('nothing younger than three months goes, whatever is asked for', async () => {
	await assert.rejects(stack.sqlAs('rf_jobs', null, `SELECT audit_retire(now() - interval '2 months', 10)`), /invalid/);
	for (const text of [`SELECT audit_retire(now() - interval '1 year', 10)`, 'SELECT audit_months()', 'SELECT door.sign_ins_failed(1)', `SELECT audit_month('2020-01-01')`])
		await assert.rejects(stack.sqlAs('rf_worker', account(ann), text), /permission denied/, text);
	assert.throws(() => stack.startProgram && stack.command(['check'], { settings: { AUDIT_MONTHS: 2 } }), /AUDIT_MONTHS is "2": a number from 3 to 1200 is needed/);
});

test('an entry is never refused for its time: what no month is there for has a place', async () => {
	for (const at of ['2001-01-01', '2999-01-01'])
		await stack.sql(`INSERT INTO audit (account_id, action, object, at) VALUES ($1, 'flow.published', 'flow', $2)`, [account(ann), at]);
	assert.equal((await stack.sql('SELECT FROM audit_rest WHERE account_id = $1', [account(ann)])).length, 2);
});
