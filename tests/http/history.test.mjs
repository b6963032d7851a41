// The history of sessions: whose are listed to whom, filters against a recomputation, words, pages by key.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { API, browser, colleague, isProblem, race, register } from '../support/accounts.mjs';
import { madeAndPublished, publishFlow } from '../support/flows.mjs';
import { prepareSession, procedure, procedureFlow, runnable, runnableFlow, sessionCall, startSession } from '../support/sessions.mjs';
import { startStack } from '../support/stack.mjs';

const STATUSES = ['prepared', 'active', 'parked', 'escalated', 'completed', 'abandoned'];
const DAY = 86400000;

let stack;
let call;
let admin;
let ann; // engineers: ann has no team, bob the admin's
let bob;
let viewer;
let root;
let other; // of another account
let vpn;
let station;
before(async () => {
	stack = await startStack();
	call = sessionCall(stack);
	admin = await register(stack);
	[ann, bob, viewer] = await Promise.all(['engineer', 'engineer', 'viewer'].map(role => colleague(stack, admin, role)));
	root = await colleague(stack, admin, 'super_admin');
	await stack.sql('UPDATE person SET team_id = (SELECT team_id FROM person WHERE id = $1) WHERE id = $2', [admin.user.id, bob.id]);
	other = await register(stack);
	vpn = await runnableFlow(stack, admin);
	station = await procedureFlow(stack, admin);
	await stack.sql(`UPDATE flow SET visibility = 'public'`);
});
after(() => stack?.stop());

const list = async (who, query = {}) => {
	const answer = await call('GET', typeof query === 'string' ? query : `?${new URLSearchParams(query)}`, who);
	assert.equal(answer.status, 200, answer.text);
	return answer.json;
};
const ids = async (who, query) => (await list(who, query)).items.map(item => item.id);
const ok = async answer => {
	const { status, text, json } = await answer;
	assert.ok(status < 300, text);
	return json;
};
const answerStep = (who, id, fields) => ok(call('POST', `/${id}/steps`, who, fields));
const pick = from => from[Math.floor(Math.random() * from.length)];

async function walk(who, query) {
	const pages = [];
	for (let at = `?${new URLSearchParams(query)}`; at; at = pages.at(-1).next?.replace(`${API}/sessions`, ''))
		pages.push(await list(who, at));
	return pages;
}

// What everybody may see of a row, written down once more.
function seen(row, who, whole) {
	const mine = [row.owner_id, row.prepared_by_id, row.assigned_to_id].includes(who.id ?? who.user.id);
	const open = row.status === 'prepared' && !row.assigned_to_id;
	if (whole && who === admin)
		return true;
	if (whole)
		return row.status === 'completed';
	return mine || open && (who === admin || who === bob || who === ann && !row.team_id);
}

const rowsOf = account => stack.sql(`SELECT s.*, concat_ws(' ', v.name, s.client, s.ticket, s.summary,
		(SELECT string_agg(concat_ws(' ', n.title, n.option_label, n.notes, n.skip_reason), ' ') FROM visit n WHERE n.session_id = s.id)) AS texts,
		CASE WHEN abandoned_at IS NOT NULL THEN 'abandoned' WHEN completed_at IS NOT NULL THEN 'completed' WHEN started_at IS NULL THEN 'prepared'
		     WHEN EXISTS (SELECT FROM handoff h WHERE h.session_id = s.id AND h.state = 'open') THEN 'escalated'
		     WHEN EXISTS (SELECT FROM handoff h WHERE h.session_id = s.id AND h.state = 'parked' AND coalesce(h.wake_at > now(), true)) THEN 'parked'
		     ELSE 'active' END AS status
	FROM session s JOIN flow_version v ON v.flow_id = s.flow_id AND v.n = s.version WHERE s.account_id = $1 ORDER BY s.id DESC`, [account]);

const aside = (id, intent, state, wake = null) => stack.sql(`INSERT INTO handoff (account_id, id, session_id, intent, state, by_id, wake_at, claimer_id)
	SELECT account_id, uuid7(), id, $2, $3, owner_id, $4, owner_id FROM session WHERE id = $1`, [id, intent, state, wake]);

test('what is listed to whom', async () => {
	const mine = await startSession(stack, ann, vpn.id, { client_name: 'Acme' });
	const done = await startSession(stack, ann, station.id);
	await ok(call('POST', `/${done.id}/complete`, ann, {}));
	const forBob = await prepareSession(stack, ann, vpn.id, { assigned_to_id: bob.id });
	const open = await prepareSession(stack, ann, vpn.id); // ann has no team: open to all who run
	const ofTeam = await prepareSession(stack, bob, vpn.id); // to bob's
	const dropped = await prepareSession(stack, admin, vpn.id);
	await ok(call('POST', `/${dropped.id}/abandon`, admin));
	const foreign = await startSession(stack, other, (await runnableFlow(stack, other)).id, { client_name: 'Acme' });
	const all = [dropped, ofTeam, open, forBob, done, mine].map(({ id }) => id);
	const pickIds = (...sessions) => sessions.map(({ id }) => id);
	for (const [who, query, wanted] of [
		[ann, {}, pickIds(open, forBob, done, mine)], [bob, {}, pickIds(ofTeam, open, forBob)], [admin, {}, pickIds(dropped, ofTeam, open)],
		[viewer, {}, []], [other, {}, [foreign.id]], [root, {}, []], [root, { owner: 'all' }, [done.id]],
		[ann, { owner: 'all' }, [done.id]], [viewer, { owner: 'all' }, [done.id]], [admin, { owner: 'all' }, all], [other, { owner: 'all' }, [foreign.id]],
		[bob, { assigned_to_id: 'me' }, [forBob.id]], [admin, { assigned_to_id: bob.id, owner: 'all' }, [forBob.id]], [other, { assigned_to_id: bob.id, owner: 'all' }, []],
		[bob, { assigned_to_id: 'me', status: 'prepared' }, [forBob.id]], [admin, { client: 'ACME', owner: 'all' }, [mine.id]], [other, { q: 'acme' }, [foreign.id]],
	]) {
		assert.deepEqual(await ids(who, query), wanted, JSON.stringify([who.email, query]));
		assert.equal((await list(who, query)).total, wanted.length);
	}
	isProblem(await call('GET', ''), 401, 'not_signed_in');
	for (const bad of ['status=gone', 'owner=you', 'assigned_to_id=x', 'tree_id=1', 'from=yesterday', 'to=2026-13-01', 'page=0', 'per_page=201', 'after=x', 'colour=red', `before=${mine.id}`])
		assert.equal((await call('GET', `?${bad}`, ann)).status, 422, bad);
});

test('an item is the SESSION without its steps and scratchpad', async () => {
	const { id } = await startSession(stack, ann, vpn.id, { variables: { server: 'dc01', pass: 'hunter2' }, ticket_number: 'T-1' });
	await answerStep(ann, id, { node_id: 'n1', option_id: 'no', notes: 'cold' });
	for (const who of [ann, admin]) {
		const [item] = (await list(who, { owner: who === admin ? 'all' : 'mine', ticket: 't-1' })).items;
		const { steps, scratchpad, ...rest } = await ok(call('GET', `/${id}`, who));
		assert.deepEqual([steps.length, scratchpad], [1, '']);
		for (const session of [item, rest])
			delete session.active_seconds;
		assert.deepEqual(item, { ...rest, variables: { ...rest.variables, pass: null } });
	}
	const prepared = await prepareSession(stack, ann, station.id);
	const [item] = (await list(ann, {})).items;
	assert.deepEqual([item.id, item.current_node, item.step_token, item.owner, item.prepared_by.id], [prepared.id, null, null, null, ann.id]);
});

// ---- filters and words over many ----

const WORDS = ['tunnel', 'printer', 'toner', 'certificate', 'drops', 'cold', 'Über', 'reset'];
const phrase = () => Array.from({ length: 1 + Math.random() * 3 }, () => pick(WORDS)).join(' ');

const FATES = ['prepared', 'gone', 'active', 'active', 'parked', 'awake', 'escalated', 'claimed', 'completed', 'completed', 'completed', 'abandoned'];
let fates = 0; // each comes up, whatever chance says of the rest

async function randomSession(who) {
	const flow = pick([vpn, station]);
	const fields = { client_name: pick(['Acme', 'ACME', 'Baker & Sons', '']), ticket_number: pick(['CW-1', 'cw-1', 'CW-22', '']) };
	const fate = FATES[fates++ % FATES.length];
	if (fate === 'prepared' || fate === 'gone') {
		const { id } = await prepareSession(stack, who, flow.id, { ...fields, assigned_to_id: pick([null, ann.id, bob.id]) });
		return fate === 'gone' ? ok(call('POST', `/${id}/abandon`, who)) : id;
	}
	const { id } = await startSession(stack, who, flow.id, fields);
	const { step_token: token } = await answerStep(who, id, { ...(flow === vpn ? { node_id: 'n1', option_id: pick(['yes', 'no']) } : { node_id: 'p1' }), notes: phrase() });
	if (Math.random() < 0.3)
		await ok(call('POST', `/${id}/back`, who));
	else if (flow === station)
		await answerStep(who, id, { node_id: 'p2', step_token: token, skip_reason: phrase() });
	if (fate === 'completed')
		await ok(call('POST', `/${id}/complete`, who, { outcome: pick(['resolved', 'escalate', 'unresolved']), summary: phrase() }));
	else if (fate === 'abandoned')
		await ok(call('POST', `/${id}/abandon`, who));
	else if (fate === 'parked' || fate === 'awake')
		await aside(id, 'park', 'parked', fate === 'awake' ? '2026-01-01' : pick([null, '2999-01-01']));
	else if (fate !== 'active')
		await aside(id, 'escalate', fate === 'escalated' ? 'open' : 'claimed');
	return id;
}

const has = (row, words) => words.every(word => ` ${row.texts.toLowerCase().replace(/[^\p{L}\p{N}]+/gu, ' ')} `.includes(` ${word.toLowerCase()}`));

test('every filter, and any of them together, is what a recomputation finds', async () => {
	for (let round = 0; round < 15; round++)
		await race(4, at => randomSession([ann, bob, admin, ann][at]));
	const rows = await rowsOf(admin.user.account.id);
	assert.deepEqual(STATUSES.filter(status => !rows.some(row => row.status === status)), [], 'all statuses are there');
	const today = new Date().toISOString().slice(0, 10);
	const middle = new Date(parseInt(rows[rows.length >> 1].id.replace('-', '').slice(0, 12), 16));
	const made = row => parseInt(row.id.replace('-', '').slice(0, 12), 16);
	const filters = {
		status: [() => pick(STATUSES), (row, value) => row.status === value],
		tree_id: [() => pick([vpn.id, station.id]), (row, value) => row.flow_id === value],
		client: [() => pick(['acme', 'Baker & Sons', 'nobody']), (row, value) => row.client.toLowerCase() === value.toLowerCase()],
		ticket: [() => pick(['cw-1', 'CW-22']), (row, value) => row.ticket.toLowerCase() === value.toLowerCase()],
		person: [() => pick([ann.id, bob.id, admin.user.id]), (row, value) => row.owner_id === value],
		assigned_to_id: [() => pick([ann.id, bob.id]), (row, value) => row.assigned_to_id === value],
		from: [() => pick([today, middle.toISOString(), '2999-01-01']), (row, value) => made(row) >= Date.parse(value)],
		to: [() => pick([today, middle.toISOString(), '2020-01-01']), (row, value) => made(row) < Date.parse(value) + (value.length === 10 ? DAY : 1)],
		q: [() => pick([...WORDS, 'tun', 'toner cert', 'acme', 'workstation', 'CW-22', '22', 'cold über']), (row, value) => has(row, value.split(/[ -]/))],
	};
	let hits = 0;
	const check = async (who, names) => {
		const query = Object.fromEntries(names.map(name => [name, filters[name][0]()]));
		const whole = Math.random() < 0.5;
		const wanted = rows.filter(row => seen(row, who, whole) && names.every(name => filters[name][1](row, query[name]))).map(row => row.id);
		const asked = { ...query, ...(whole && { owner: 'all' }), per_page: 200 };
		const { items, total } = await list(who, asked);
		assert.deepEqual(items.map(item => item.id), wanted, JSON.stringify([who.email, asked]));
		assert.equal(total, wanted.length);
		hits += wanted.length > 0;
	};
	const names = Object.keys(filters);
	for (const who of [ann, bob, admin, viewer])
		for (const name of names)
			await check(who, [name]);
	for (let round = 0; round < 150; round++)
		await check(pick([ann, bob, admin, viewer]), names.filter(() => Math.random() < 0.25));
	assert.ok(hits > 60, `${hits} found something`);
});

test('the words of a session are those of its record, whatever was done to it', async () => {
	const rows = await stack.sql(`SELECT s.id, t.words = session_words(s) AS right, t.fresh = (s.completed_at IS NULL AND s.abandoned_at IS NULL) AS fresh,
		t.people = array_remove(ARRAY[s.owner_id, s.prepared_by_id, s.assigned_to_id], NULL) AS theirs FROM session s LEFT JOIN session_text t ON t.session_id = s.id`);
	assert.ok(rows.length > 60);
	assert.deepEqual(rows.filter(row => !row.right || !row.fresh || !row.theirs), []);
});

test('a word is found as soon as it is written, and no longer when it is gone', async () => {
	const { id } = await startSession(stack, ann, vpn.id, { variables: { pass: 'sesameword' }, client_name: 'Quillfeather Ltd', ticket_number: 'INC-4711' });
	const finds = async (q, who = ann) => (await ids(who, { q })).includes(id);
	const here = await ok(call('GET', `/${id}`, ann));
	await ok(call('PATCH', `/${id}/steps/${here.current_step.id}`, ann, { notes: 'the **zeppelin** hums' }));
	assert.ok(await finds('zeppelin'), 'a note of a step that is not answered yet');
	assert.ok(await finds('hum zeppelins') && await finds('"zeppelin hums"') && !await finds('"hums zeppelin"'), 'stems and phrases');
	assert.ok(await finds('zepp') && !await finds('ze'), 'the beginning of a word, from three letters on');
	assert.ok(await finds('zeppelin -router') && !await finds('zeppelin -hums'));
	await ok(call('PATCH', `/${id}/steps/${here.current_step.id}`, ann, { notes: 'the balloon hums' }));
	assert.ok(!await finds('zeppelin') && await finds('balloon'));
	for (const q of ['quillfeather', '4711', 'inc-4711', 'vpn hourly', 'balloon quillfeather 4711'])
		assert.ok(await finds(q), q);
	await answerStep(ann, id, { node_id: 'n1', option_id: 'never' });
	assert.ok(await finds('"it never did"') && await finds('provider'), 'the answer, and the title of the next step');
	await ok(call('PUT', `/${id}`, ann, { scratchpad: 'marzipan', ticket_number: 'INC-4712' }));
	assert.ok(!await finds('marzipan') && !await finds('4711') && await finds('4712') && !await finds('sesameword'));
	assert.ok(!await finds('balloon', bob) && !(await ids(bob, { q: 'balloon', owner: 'all' })).includes(id), 'a colleague\'s that runs');
	await ok(call('POST', `/${id}/complete`, ann, { summary: 'Saffron all along' }));
	assert.ok(await finds('saffron balloon'));
	assert.deepEqual(await ids(bob, { q: 'saffron', owner: 'all' }), [id]);
	assert.deepEqual(await ids(viewer, { q: 'saffron', owner: 'all' }), [id]);
	assert.deepEqual(await ids(other, { q: 'saffron', owner: 'all' }), []);
	assert.equal((await call('POST', `/${id}/complete`, ann, { summary: 'Turmeric' })).status, 409);
	assert.ok(!await finds('turmeric'));
});

test('the words of what rests for a day go into the index, and come out when it goes on', async () => {
	const { id } = await startSession(stack, ann, vpn.id, { client_name: 'Rhubarb Ltd' });
	const fresh = async () => (await stack.sql('SELECT fresh FROM session_text WHERE session_id = $1', [id]))[0].fresh;
	const known = async word => (await stack.sql('SELECT FROM session_word WHERE word = $1 AND account_id = $2', [word, ann.user?.account.id ?? admin.user.account.id])).length;
	const settle = () => stack.sqlAs('rf_jobs', '', 'SELECT session_text_settle()');
	await settle();
	assert.ok(await fresh() && !await known('rhubarb'));
	await stack.sql(`UPDATE session_text SET at = now() - interval '25 hours' WHERE session_id = $1`, [id]);
	await settle();
	assert.ok(!await fresh() && await known('rhubarb'));
	assert.deepEqual(await ids(ann, { q: 'rhubarb' }), [id]);
	await answerStep(ann, id, { node_id: 'n1', option_id: 'no', notes: 'liquorice' });
	assert.ok(await fresh() && !await known('rhubarb'));
	assert.deepEqual(await ids(ann, { q: 'rhubarb liquorice' }), [id]);
});

test('the list of single words has those of what rests, and a word that one of many loses stays', async () => {
	const two = await race(2, async at => (await startSession(stack, ann, vpn.id, { client_name: `Marmalade ${['Quince', 'Medlar'][at]}` })).id);
	for (const id of two)
		await ok(call('POST', `/${id}/complete`, ann, { summary: 'Boiled' }));
	const words = async () => (await stack.sql("SELECT word FROM session_word WHERE account_id = $1 AND word IN ('marmalad', 'quinc', 'medlar', 'peach') ORDER BY word", [admin.user.account.id])).map(row => row.word);
	assert.deepEqual(await words(), ['marmalad', 'medlar', 'quinc']);
	// Each forgets its word, takes another's and has a new one, all at once and again.
	const name = (id, client) => stack.sqlAs('rf_worker', admin.user.account.id, 'UPDATE session SET client = $2, revision = revision + 1 WHERE id = $1', [id, client]);
	for (let round = 0; round < 10; round++)
		await race(6, at => name(two[at % 2], ['Marmalade Quince', 'Peach', 'Medlar'][(at + round) % 3]));
	await name(two[0], 'Peach');
	await name(two[1], 'Quince');
	assert.deepEqual(await words(), ['peach', 'quinc']);
	assert.deepEqual(await stack.sql(`SELECT word FROM session_word w WHERE account_id = $1 AND NOT EXISTS (SELECT FROM session_text t
		WHERE t.account_id = w.account_id AND NOT t.fresh AND w.word = ANY (tsvector_to_array(t.words)))`, [admin.user.account.id]), []);
	assert.deepEqual(await stack.sql(`SELECT DISTINCT word FROM session_text t, unnest(tsvector_to_array(t.words)) word WHERE account_id = $1 AND NOT t.fresh
		EXCEPT SELECT word FROM session_word WHERE account_id = $1`, [admin.user.account.id]), []);
});

test('hostile words find nothing and break nothing', async () => {
	const naughty = ['((:*&|!', '\'', '"', '\\', '%', '_', '-', '- -', 'a & b', '!a', ':*', 'x:*', '<->', '\u{1f600}', '\u202e', 'a'.repeat(200), '"'.repeat(200), '-a '.repeat(60),
		'$1', '($1).flow', '; DROP TABLE session', 'or', 'and or and', '\u00a0', '[VAR:', '<script>', '\'; SELECT 1 --', '%s %I %L', 'or or or or', '\t\n'];
	for (const q of naughty)
		for (const more of [{}, { owner: 'all', client: q.slice(0, 100).replace(/[\t\n\u202e]/g, '') || 'x' }]) {
			const answer = await call('GET', `?${new URLSearchParams({ q, ...more })}`, admin);
			assert.equal(answer.status, 200, `${JSON.stringify(q)} ${answer.text}`);
			if (more.owner)
				assert.deepEqual(answer.json.items, [], q);
		}
	assert.equal((await call('GET', '?q=a%00b', admin)).status, 400);
	assert.equal((await call('GET', `?q=${'a'.repeat(201)}`, admin)).status, 422);
	assert.ok((await ids(admin, { q: '   ', owner: 'all' })).length > 0, 'spaces ask for nothing');
});

// ---- long lists ----

const HOURS = 6;

// `count` sessions, one every six hours back from a year ago; the n-th has the words that divide it.
const fillMany = (who, flow, count) => stack.sql(`WITH made AS (
		SELECT n, rpad(lpad(to_hex((extract(epoch FROM now() - interval '1 year' - n * interval '${HOURS} hours') * 1000)::bigint), 12, '0') || '7000' || '8000' || lpad(n::text, 12, '0'), 32, '0')::uuid AS id
		  FROM generate_series(1, ${Number(count)}) n)
	INSERT INTO session (account_id, id, flow_id, version, owner_id, started_at, completed_at, abandoned_at, visit, outcome, summary)
	SELECT p.account_id, m.id, $2, 1, p.id, now(), CASE WHEN n % 7 > 0 THEN now() END, NULL, 1, CASE WHEN n % 7 > 0 THEN 'resolved' END,
	       concat_ws(' ', 'every', CASE WHEN n % 10 = 0 THEN 'tenth' END, CASE WHEN n > ${Number(count)} - 100 THEN 'eldest' END, CASE WHEN n = 5 THEN 'fifth' END)
	  FROM made m, person p WHERE p.id = $1`, [who.id ?? who.user.id, flow]);

test('among thousands: frequent and rare words, by number and by key, the same in small steps as in one', async () => {
	const eve = await register(stack);
	const flow = await runnableFlow(stack, eve);
	const zed = await colleague(stack, eve, 'engineer');
	await fillMany(eve, flow.id, 3000);
	const rows = await rowsOf(eve.user.account.id);
	const foreign = (await rowsOf(admin.user.account.id))[0];
	for (const [who, query, fits] of [
		[eve, { q: 'every' }, () => true], [eve, { q: 'tenth', owner: 'all' }, row => /tenth/.test(row.texts)], [eve, { q: 'tenth' }, row => /tenth/.test(row.texts)],
		[eve, { q: 'eldest' }, row => /eldest/.test(row.texts)], [eve, { q: 'fifth' }, row => /fifth/.test(row.texts)], [eve, { q: 'eldest tenth', status: 'completed' }, row => /tenth.*eldest/.test(row.texts) && row.status === 'completed'],
		[zed, { q: 'eldest', owner: 'all' }, row => /eldest/.test(row.texts) && row.status === 'completed'], [eve, { status: 'active' }, row => row.status === 'active'],
		[eve, { owner: 'all' }, () => true], [zed, {}, () => false], [zed, { q: 'every' }, () => false], [eve, { q: 'every', from: '2024-01-01', to: '2024-12-31', status: 'active' },
			row => row.status === 'active' && /^018c[c-f]|^018[d-f]|^019[0-3]|^0194[01]/.test(row.id) && /^2024/.test(new Date(parseInt(row.id.replace('-', '').slice(0, 12), 16)).toISOString())],
	]) {
		const wanted = rows.filter(fits).map(row => row.id);
		for (const size of [200, 37]) {
			const pages = await walk(who, { ...query, per_page: size });
			assert.deepEqual(pages.flatMap(page => page.items.map(item => item.id)), wanted, JSON.stringify([query, size]));
			assert.deepEqual([pages[0].total, pages[0].total_capped], query.q && wanted.length > 100 ? [100, true] : [wanted.length, false]);
			assert.ok(pages.every((page, at) => page.page === at + 1));
		}
		const third = await list(who, { ...query, per_page: 20, page: 3 });
		assert.deepEqual(third.items.map(item => item.id), wanted.slice(40, 60));
	}
	assert.ok(!rows.includes(foreign.id));
});

test('a beginning of a word is found far back, too', async () => {
	const eve = await register(stack);
	const flow = await runnableFlow(stack, eve);
	await fillMany(eve, flow.id, 1500);
	await stack.sql(`UPDATE session SET summary = concat('it''s a\\b ', CASE WHEN id = (SELECT min(id::text)::uuid FROM session WHERE owner_id = $1) THEN 'quokkas quokky' ELSE 'quok' END), revision = revision + 1
		WHERE owner_id = $1 AND id IN (SELECT id FROM session WHERE owner_id = $1 AND completed_at IS NOT NULL ORDER BY id LIMIT 5)`, [eve.user.id]);
	const eldest = (await rowsOf(eve.user.account.id)).at(-1);
	assert.deepEqual(await ids(eve, { q: 'quokk' }), [eldest.id]);
	assert.equal((await ids(eve, { q: '"it s a" quo' })).length, 5);
	assert.deepEqual(await ids(eve, { q: 'quokkx' }), []);
	assert.deepEqual(await ids(eve, { q: '"quokkas quokky"' }), [eldest.id]);
	const seventh = (await rowsOf(eve.user.account.id)).filter((_, at) => at % 7 === 0).map(row => row.id);
	await stack.sql("UPDATE session SET summary = 'every seventh', revision = revision + 1 WHERE id = ANY ($1)", [seventh]);
	assert.deepEqual(await ids(eve, { q: 'seventh', per_page: 200 }), seventh.slice(0, 200), 'neither rare nor among the nearest');
});

test('ten thousand are counted, and the key leads on beyond them', async () => {
	const eve = await register(stack);
	const flow = await runnableFlow(stack, eve);
	await fillMany(eve, flow.id, 10100);
	const last = await list(eve, { per_page: 200, page: 50 });
	assert.deepEqual([last.total, last.total_capped, last.items.length], [10000, true, 200]);
	assert.deepEqual((await list(eve, { per_page: 200, page: 51 })).items, []);
	const beyond = await list(eve, last.next.replace(`${API}/sessions`, ''));
	assert.deepEqual([beyond.items.length, beyond.next, beyond.page], [100, null, 51]);
});

test('as a file: the same sessions, which no spreadsheet runs', async () => {
	const eve = await register(stack);
	const flow = await runnableFlow(stack, eve);
	await fillMany(eve, flow.id, 1203);
	const { id } = await startSession(stack, eve, flow.id, { client_name: '=1+1', ticket_number: '-x' });
	await ok(call('POST', `/${id}/complete`, eve, { outcome: 'resolved', summary: 'two\n"lines"' }));
	const visitor = await browser(stack, eve.email);
	const file = await visitor.get('/sessions.csv');
	assert.match(file.headers['content-type'], /^text\/csv/);
	const [head, first] = file.text.split('\r\n');
	assert.equal(head.replace('\ufeff', '').replaceAll('"', ''), 'id,flow,version,status,outcome,client,ticket,owner,prepared_by,assigned_to,created,started,completed,active_seconds,summary');
	assert.match(first, new RegExp(`^"${id}","VPN drops hourly",1,"completed","resolved","'=1\\+1","'-x","Ann Smith",,,`));
	assert.match(file.text, /"two\r?\n""lines"""/);
	const found = [...file.text.matchAll(/^"([0-9a-f]{8}-[0-9a-f-]{27})",/gm)].map(([, row]) => row);
	assert.deepEqual(found, (await rowsOf(eve.user.account.id)).map(row => row.id));
	const some = (await visitor.get('/sessions.csv?q=tenth&status=completed')).text;
	assert.equal([...some.matchAll(/^"[0-9a-f]{8}-/gm)].length, (await rowsOf(eve.user.account.id)).filter(row => /tenth/.test(row.texts) && row.status === 'completed').length);
	assert.match((await visitor.get('/sessions?q=tenth')).text, /href="\/sessions\.csv\?q=tenth" download/);
});

test('as a file: whole, however much was written into each', async () => {
	const eve = await register(stack);
	const flow = await runnableFlow(stack, eve);
	await fillMany(eve, flow.id, 700);
	const rows = await rowsOf(eve.user.account.id);
	for (const [first, last, summary] of [[0, 500, '\u{1f600}'], [500, 700, '"']])
		await stack.sql('UPDATE session SET summary = repeat($2, 20000), scratch_n = scratch_n + 1 WHERE id = ANY ($1)', [rows.slice(first, last).map(row => row.id), summary]);
	const file = await (await browser(stack, eve.email)).get('/sessions.csv');
	assert.ok(file.text.endsWith('\r\n'));
	assert.deepEqual([...file.text.matchAll(/^"([0-9a-f]{8}-[0-9a-f-]{27})",/gm)].map(([, row]) => row), rows.map(row => row.id));
	assert.equal([...file.text.matchAll(/"(?:\u{1f600}{20000}|(?:""){20000})"\r\n/gu)].length, rows.length);
});

test('a record of more words than an index takes is kept all the same, and its newest part is found', async () => {
	const eve = await register(stack);
	const flow = await runnableFlow(stack, eve);
	const { id } = await startSession(stack, eve, flow.id);
	// Letters of four bytes, in words of two halves: each half is a word, too.
	const half = n => [1, 40, 1600, 64000].map(place => String.fromCodePoint(0x10428 + Math.floor(n / place) % 40)).join('');
	const word = n => `${half(2 * n)}-${half(2 * n + 1)}`;
	let written = 0;
	for (let n = 0; n < 12; n++) {
		const words = Array.from({ length: 1990 }, () => word(written++));
		const notes = `${n === 11 ? 'newest ' : ''}${words.join(' ')}`;
		await ok(call('POST', `/${id}/steps`, eve, n % 2 ? { node_id: 'n2', notes } : { node_id: 'n1', option_id: 'no', notes }));
	}
	await ok(call('POST', `/${id}/complete`, eve, { outcome: 'resolved', summary: 'tremendous' }));
	for (const q of ['tremendous', 'newest', word(written - 1)])
		assert.deepEqual((await list(eve, { q })).items.map(item => item.id), [id], q);
});

// ---- the page ----

const rowIds = text => [...text.matchAll(/id="s-([0-9a-f-]{36})"/g)].map(([, id]) => id);
const linkOf = (text, label) => new RegExp(`<a href="([^"]+)" rel="\\w+">${label}`).exec(text)?.[1].replaceAll('&amp;', '&');

test('pages by key go on where they were while new sessions arrive', async () => {
	const eve = await register(stack);
	const flow = await procedureFlow(stack, eve);
	await fillMany(eve, flow.id, 80);
	const all = (await rowsOf(eve.user.account.id)).map(row => row.id);
	const visitor = await browser(stack, eve.email);
	const first = (await visitor.get('/sessions')).text;
	assert.deepEqual(rowIds(first), all.slice(0, 25));
	assert.equal(linkOf(first, 'Newer'), undefined);
	const fresh = [];
	for (let at = 0; at < 3; at++)
		fresh.unshift((await startSession(stack, eve, flow.id)).id);
	const second = (await visitor.get(linkOf(first, 'Older'))).text;
	assert.deepEqual(rowIds(second), all.slice(25, 50));
	const fourth = (await visitor.get(linkOf((await visitor.get(linkOf(second, 'Older'))).text, 'Older'))).text;
	assert.deepEqual(rowIds(fourth), all.slice(75));
	assert.equal(linkOf(fourth, 'Older'), undefined);
	const again = (await visitor.get(linkOf(second, 'Newer'))).text;
	assert.deepEqual(rowIds(again), all.slice(0, 25), 'the same as before');
	assert.deepEqual(rowIds((await visitor.get(linkOf(again, 'Newer'))).text), fresh);
	assert.deepEqual(rowIds((await visitor.get('/sessions')).text), [...fresh, ...all.slice(0, 22)]);
});

test('the page: filters that are on are links to the list without them, and empty lists lead on', async () => {
	const visitor = await browser(stack, ann.email);
	const { text } = await visitor.get(`/sessions?q=a%26b&status=parked&tree_id=${vpn.id}&client=No+%22such%22&person=${bob.id}&from=2026-01-01&owner=`);
	const chips = [...text.matchAll(/<a class="tag" href="([^"]*)">([^<]*)/g)].map(([, href, label]) => [label.trim(), href.replaceAll('&amp;', '&')]);
	const rest = but => `/sessions?${Object.entries({ q: 'a%26b', status: 'parked', tree_id: vpn.id, client: 'No%20%22such%22', person: bob.id, from: '2026-01-01' })
		.filter(([name]) => name !== but).map(pair => pair.join('=')).join('&')}`;
	assert.deepEqual(chips, [['Words: a&amp;b', rest('q')], ['Flow: VPN drops hourly', rest('tree_id')], ['Run by: The engineer', rest('person')],
		['Client: No &quot;such&quot;', rest('client')], ['From: 2026-01-01', rest('from')]]);
	assert.match(text, /No session fits/);
	assert.match(text, /href="[^"]*owner=all">Look among everyone/);
	assert.match(text, /<a href="[^"]*status=parked[^"]*" aria-current="true">Parked/);
	assert.equal((await visitor.get('/sessions?status=riddle')).status, 422);
	const eve = await register(stack);
	assert.match((await (await browser(stack, eve.email)).get('/sessions')).text, /No sessions yet[^]*href="\/flows">Choose a flow/);
	const reader = await colleague(stack, eve, 'viewer');
	const page = await (await browser(stack, reader.email)).get('/sessions');
	assert.match(page.text, /Nothing to read yet/);
	assert.doesNotMatch(page.text, /aria-label="Whose"|\/sessions\/prepare/);
});

test('the page says of each session how it stands; a prepared one that grew old is marked', async () => {
	const eve = await register(stack);
	const flow = await runnableFlow(stack, eve);
	const run = await startSession(stack, eve, flow.id, { variables: { server: 'dc01' }, client_name: 'R&D', ticket_number: 'T<1>' });
	const prepared = await prepareSession(stack, eve, flow.id);
	const row = async id => new RegExp(`<tr id="s-${id}">.*?</tr>`, 's').exec((await (await browser(stack, eve.email)).get('/sessions')).text)[0];
	assert.match(await row(run.id), /At: Does dc01 answer\?.*R&amp;D.*T&lt;1&gt;.*Running.*Ann Smith/s);
	assert.match(await row(prepared.id), /Prepared.*Anyone, prepared by Ann Smith/s);
	assert.doesNotMatch(await row(prepared.id), /week|newer/);
	await stack.sql(`UPDATE session SET created_at = now() - interval '8 days' WHERE id = $1`, [prepared.id]);
	assert.match(await row(prepared.id), /Over a week old/);
	await publishFlow(stack, eve, flow.id);
	assert.match(await row(prepared.id), /Flow has a newer version/);
	await ok(call('POST', `/${run.id}/complete`, eve, { outcome: 'resolved' }));
	const done = await row(run.id);
	assert.match(done, /Completed<\/span><div class="small">Resolved/);
	assert.doesNotMatch(done, /At:/);
	assert.equal((await madeAndPublished(stack, eve, { ...procedure(), name: runnable().name })).version, 1);
});

test('days at the ends of time are days', async () => {
	for (const [query, some] of [['from=0000-01-01', true], ['from=9999-12-31', false], ['to=0000-01-01', false], ['to=9999-12-31', true]]) {
		const { status, json } = await call('GET', `?owner=all&${query}`, admin);
		assert.equal(status, 200, query);
		assert.equal(json.items.length > 0, some, query);
	}
});
