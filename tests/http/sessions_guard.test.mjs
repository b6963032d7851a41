// Sessions and what leaves them, met by those who wish them ill or only type much: secrets, limits, and what is nobody's
// business.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { API, browser, isProblem } from '../support/accounts.mjs';
import { madeAndPublished, publishFlow } from '../support/flows.mjs';
import { openSessions, prepareSession, runnable, startSession } from '../support/sessions.mjs';

let stack;
let call;
let owner;
let engineer;
let other;
let viewer;
let stranger;
let flow;
before(async () => ({ stack, call, owner, engineer, other, viewer, stranger, flow } = await openSessions()));
after(() => stack?.stop());

test('what a session keeps of exports and of replaced notes has an end, which says what to do', async () => {
	const { id } = await startSession(stack, engineer, flow.id);
	await call('POST', `/${id}/steps`, engineer, { node_id: 'n1', option_id: 'no', notes: 'first' });
	const [{ n, step }] = await stack.sql('SELECT n, id AS step FROM visit WHERE session_id = $1 ORDER BY n LIMIT 1', [id]);
	assert.equal(n, 1);
	await stack.sql(`INSERT INTO visit_note (account_id, session_id, n, person_id, notes)
		SELECT v.account_id, v.session_id, v.n, v.person_id, 'x' FROM visit v, generate_series(1, 999) WHERE v.session_id = $1 AND v.n = 1`, [id]);
	const note = notes => call('PATCH', `/${id}/steps/${step}`, engineer, { notes });
	assert.equal((await note('second')).status, 200);
	isProblem(await note('third'), 409, 'too_many_changes');
	assert.equal((await call('POST', `/${id}/steps`, engineer, { node_id: 'n2', notes: 'goes on' })).status, 200);
	const take = () => call('POST', `/${id}/export`, engineer, { format: 'text' });
	assert.equal((await take()).status, 200);
	await stack.sql(`INSERT INTO export (account_id, id, session_id, format, detail, redacted, edited, text, digest, person_id)
		SELECT account_id, uuid7(), session_id, format, detail, redacted, edited, '', digest, person_id FROM export, generate_series(1, 198) WHERE session_id = $1`, [id]);
	assert.equal((await take()).status, 200);
	const full = await take();
	isProblem(full, 409, 'too_many_exports');
	assert.match(full.json.detail, /Use an export that was taken before/);
	const page = await browser(stack, engineer.email);
	await page.get(`/sessions/${id}/export`);
	assert.match((await page.post(`/sessions/${id}/export`, {})).text, /A session can be exported 200 times/);
});

test('a prepared session\'s password is read by nobody until somebody owns it', async () => {
	const { id } = await prepareSession(stack, engineer, flow.id, { assigned_to_id: other.id, variables: { pass: 'Tr0ub4dor&3x', server: 'SRV-7' } });
	for (const who of [engineer, other, owner]) {
		const got = await call('GET', `/${id}`, who);
		assert.equal(got.status, 200, got.text);
		assert.doesNotMatch(got.text, /Tr0ub4dor/, 'the API');
		assert.equal(got.json.variables.pass, null);
		const visitor = await browser(stack, who.email ?? owner.email);
		for (const page of ['', '/record', '/variables', '/edit'])
			assert.doesNotMatch((await visitor.get(`/sessions/${id}${page}`)).text, /Tr0ub4dor/, page);
	}
	const changed = await call('PUT', `/${id}`, engineer, { client_name: 'Contoso' });
	assert.equal(changed.status, 200, changed.text);
	const started = await call('POST', `/${id}/start`, other);
	assert.equal(started.json.variables.pass, 'Tr0ub4dor&3x', 'what was filled is there for the owner');
	assert.doesNotMatch((await call('GET', `/${id}`, owner)).text, /Tr0ub4dor/);
});

test('a prepared session made anew keeps the password it can\'t show', async () => {
	const mine = await madeAndPublished(stack, owner, { ...runnable(), name: 'Anew' });
	const { id } = await prepareSession(stack, engineer, mine.id, { assigned_to_id: other.id, variables: { pass: 'kept over versions' } });
	await stack.request('PUT', `${API}/trees/${mine.id}`, { bearer: owner.access_token, json: { structure: mine.structure, intake: mine.intake } });
	await publishFlow(stack, owner, mine.id);
	const visitor = await browser(stack, engineer.email);
	await visitor.get(`/sessions/${id}`);
	const page = await visitor.post(`/sessions/${id}/anew`);
	assert.equal(page.status, 200, page.text);
	const started = await call('POST', `/${visitor.path.split('/').pop()}/start`, other);
	assert.equal(started.json.variables.pass, 'kept over versions', started.text);
});

test('a scratchpad is read and taken out by who runs the session', async () => {
	const { id } = await startSession(stack, engineer, flow.id);
	await call('PUT', `/${id}`, engineer, { scratchpad: 'rude words about the client' });
	await call('POST', `/${id}/complete`, engineer, { outcome: 'resolved' });
	assert.match((await call('GET', `/${id}`, engineer)).text, /rude words/);
	for (const who of [other, viewer, owner])
		assert.doesNotMatch((await call('GET', `/${id}`, who)).text, /rude words/);
	assert.doesNotMatch((await call('PUT', `/${id}`, other, { scratchpad: 'mine' })).text, /rude words/);
	assert.match((await call('POST', `/${id}/export`, engineer, { scratchpad: true })).text, /rude words/);
	assert.doesNotMatch((await call('POST', `/${id}/export`, owner, { scratchpad: true })).text, /rude words/);
});

test('the longest values and the strangest numbers are taken or refused, never a fault', async () => {
	const { id } = await startSession(stack, engineer, flow.id);
	const long = '\u{1F511}'.repeat(4000);
	const kept = await call('PATCH', `/${id}/variables`, engineer, { pass: long });
	assert.equal(kept.status, 200, kept.text);
	assert.equal(kept.json.variables.pass, long);
	for (const number of ['1e400', '-1e400', '1e131073', '9'.repeat(400), '1e-400']) {
		const got = await stack.request('PATCH', `${API}/sessions/${id}/variables`, { bearer: engineer.access_token,
			body: `{"count": ${number}}`, headers: { 'content-type': 'application/json' } });
		assert.ok([200, 400, 422].includes(got.status), `${number}: ${got.status} ${got.text}`);
	}
	for (const value of ['\u0000', '\ud800', '1e99999999', 'x'.repeat(4001)]) {
		const got = await call('PATCH', `/${id}/variables`, engineer, { story: value });
		assert.ok([200, 400, 422].includes(got.status), `${value.slice(0, 9)}: ${got.status} ${got.text}`);
	}
	for (const until of ['9999-12-31T23:59:59Z', '0001-01-01T00:00:00Z', '294277-01-01T00:00:00Z']) {
		const got = await call('POST', `/${id}/handoff`, engineer, { intent: 'park', park_until: until });
		assert.ok([201, 422].includes(got.status), `${until}: ${got.status} ${got.text}`);
		await call('POST', `/${id}/resume`, engineer);
	}
});

test('one that returned by its time is parked again, and resumed', async () => {
	const { id } = await startSession(stack, engineer, flow.id);
	assert.equal((await call('POST', `/${id}/handoff`, engineer, { intent: 'park', park_until: '2099-01-01T00:00:00Z' })).status, 201);
	await stack.sql('UPDATE handoff SET wake_at = now() - interval \'1 hour\' WHERE session_id = $1', [id]);
	assert.equal((await call('GET', `/${id}`, engineer)).json.status, 'active');
	const again = await call('POST', `/${id}/handoff`, engineer, { intent: 'park', reason: 'again' });
	assert.equal(again.status, 201, again.text);
	assert.equal((await call('GET', `/${id}`, engineer)).json.status, 'parked');
	assert.equal((await call('POST', `/${id}/resume`, engineer)).json.status, 'active');
});

test('each link can be withdrawn, however many there are, and by its own session only', async () => {
	const [one, two] = [await startSession(stack, engineer, flow.id), await startSession(stack, engineer, flow.id)];
	const shared = await call('POST', `/${one.id}/shares`, engineer, {});
	assert.equal(shared.status, 201, shared.text);
	isProblem(await call('DELETE', `/${two.id}/shares/${shared.json.id}`, engineer), 404, 'not_found');
	isProblem(await call('DELETE', `/${one.id}/shares/${two.id}`, engineer), 404, 'not_found');
	isProblem(await call('DELETE', `/${one.id}/shares/${shared.json.id}`, other), 403, 'forbidden');
	isProblem(await call('DELETE', `/${one.id}/shares/${shared.json.id}`, stranger), 404, 'not_found');
	await stack.sql(`INSERT INTO share (account_id, id, session_id, token_hash, audience, detail, redact, expires_at, person_id)
		SELECT account_id, uuid7(), session_id, md5(n::text || id::text), audience, detail, redact, expires_at, person_id
		  FROM share, generate_series(1, 99) n WHERE id = $1`, [shared.json.id]);
	isProblem(await call('POST', `/${one.id}/shares`, engineer, {}), 409, 'too_many_links');
	const { items } = (await call('GET', `/${one.id}/shares`, engineer)).json;
	assert.ok(items.some(share => share.id === shared.json.id), 'the oldest is in the list');
	assert.equal((await call('DELETE', `/${one.id}/shares/${shared.json.id}`, engineer)).status, 204);
	assert.equal((await call('POST', `/${one.id}/shares`, engineer, {})).status, 201, 'one that works no more makes room');
	assert.equal((await call('POST', `/${two.id}/shares`, engineer, {})).status, 201);
});

test('what is behind a link with views left asks for a press of this site\'s own', async () => {
	const { id } = await startSession(stack, engineer, flow.id);
	const { url } = (await call('POST', `/${id}/shares`, engineer, { audience: 'public', max_views: 1 })).json;
	const path = new URL(url).pathname;
	const evil = await stack.request('POST', path, { form: {}, headers: { origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' } });
	assert.equal(evil.status, 403, evil.text);
	const bare = await stack.request('POST', path, { form: {} });
	assert.equal(bare.status, 403, bare.text);
	const visitor = stack.visitor();
	assert.equal((await visitor.get(path)).status, 200);
	const opened = await visitor.post(path);
	assert.equal(opened.status, 200, opened.text);
	assert.match(opened.text, /class="document/);
	assert.equal(opened.headers['cache-control'], 'no-store');
	assert.equal([].concat(opened.headers['referrer-policy']).join(), 'no-referrer');
	assert.equal((await visitor.get(path)).status, 410);
});

// A loop walked so often, beside the API, for that takes long.
async function walked(session, visits, note) {
	await stack.sql(`INSERT INTO visit (account_id, session_id, n, node_id, kind, title, notes, option_id, option_label, again, person_id, entered_active, took, answered_at)
		SELECT account_id, id, n, 'n1', 'decision', $4, $3, 'no', 'No', n, owner_id, '1 s', '1 s', now() FROM session, generate_series(2, $2::int) n WHERE id = $1`,
	[session, visits, note, runnable().structure.nodes[0].title]);
	await stack.sql(`INSERT INTO visit (account_id, session_id, n, node_id, kind, title, again, entered_active)
		SELECT account_id, id, $2::int + 1, 'n2', 'action', 'Restart', 1, '1 s' FROM session WHERE id = $1`, [session, visits]);
	await stack.sql('UPDATE visit SET answered_at = now(), took = \'1 s\', option_id = \'no\', option_label = \'No\' WHERE session_id = $1 AND n = 1', [session]);
	await stack.sql('UPDATE session SET visit = $2::int + 1 WHERE id = $1', [session, visits]);
}

async function bears(id, visit, workers = stack.programs.worker) {
	const visitor = await browser(stack, engineer.email);
	const seen = {};
	for (const page of [`/steps/${visit}`, '/record', '/variables', '/export?detail=full', '/document?detail=full'])
		seen[page] = (await visitor.get(`/sessions/${id}${page}`)).status;
	seen.get = (await call('GET', `/${id}`, engineer)).status;
	seen.list = (await stack.request('GET', `${API}/sessions`, { bearer: engineer.access_token })).status;
	seen.stale = (await call('POST', `/${id}/steps`, engineer, { node_id: 'n3', step_token: '1' })).status;
	for (const format of ['markdown', 'text', 'html', 'json'])
		seen[format] = (await call('POST', `/${id}/export`, engineer, { format, detail: 'full' })).status;
	seen.answer = (await call('POST', `/${id}/steps`, engineer, { node_id: 'n2', notes: 'the last' })).status;
	seen.complete = (await call('POST', `/${id}/complete`, engineer, {})).status;
	return seen;
}

const sound = { get: 200, list: 200, stale: 409, markdown: 200, text: 200, html: 200, json: 200, answer: 200, complete: 200,
	'/record': 200, '/variables': 200, '/export?detail=full': 200, '/document?detail=full': 200 };

for (const [what, piece] of Object.entries({ words: 'A long note, as it was said. ', secrets: 'password: Winter2026! 192.0.2.7 a@b.example\n', disguises: '\uff50\uff41\uff53\uff53: \u{1F511}\u00ad\u200b192.0.2.9 ' }))
	test(`a session of very many steps with notes full of ${what} is shown, exported and ended`, async () => {
		const { id } = await startSession(stack, engineer, flow.id);
		const note = piece.repeat(20000 / piece.length);
		const visits = Math.floor(2e6 / Buffer.byteLength(note));
		await walked(id, visits, note);
		const seen = await bears(id, visits + 1);
		assert.deepEqual(seen, { ...sound, [`/steps/${visits + 1}`]: 200 });
	});

test('the longest value in the title of each of very many steps breaks nothing', async () => {
	const wordy = runnable();
	wordy.name = 'Wordy';
	wordy.structure.nodes[0].title = '[VAR:server]'.repeat(12);
	wordy.structure.nodes[0].body = '[VAR:server]'.repeat(1000);
	const mine = await madeAndPublished(stack, owner, wordy);
	const { id } = await startSession(stack, engineer, mine.id, { variables: { server: '\u{1F511}'.repeat(4000) } });
	await walked(id, 1990, '');
	await stack.sql('UPDATE visit SET title = $2 WHERE session_id = $1 AND n < 1991', [id, wordy.structure.nodes[0].title]);
	const refused = Object.fromEntries(['markdown', 'text', 'html', 'json', '/export?detail=full', '/document?detail=full'].map(what => [what, 422]));
	assert.deepEqual(await bears(id, 1991), { ...sound, ...refused, '/steps/1991': 200 });
});
