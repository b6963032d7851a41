// The pages of one hand-off: the form, what a colleague sees of the case, taking it, and how it ends.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { API, browser, colleague, isProblem, race, register, tally } from '../support/accounts.mjs';
import { validHtml } from '../support/browser.mjs';
import { madeAndPublished } from '../support/flows.mjs';
import { procedureFlow, runnable, sessionCall, startSession } from '../support/sessions.mjs';
import { startStack } from '../support/stack.mjs';
import { unescapeHtml } from '../support/visitor.mjs';

let stack;
let call;
let admin;
let junior;
let senior;
let flow;
const at = {}; // a browser of each
before(async () => {
	stack = await startStack({ settings: { WORKERS: 4 } });
	call = sessionCall(stack);
	admin = await register(stack, { name: 'Maren Holt' });
	const stranger = await register(stack);
	[junior, senior] = [await colleague(stack, admin, 'engineer'), await colleague(stack, admin, 'engineer')];
	const viewer = await colleague(stack, admin, 'viewer');
	await stack.sql("UPDATE person SET name = 'Jonas <b>Weber' WHERE id = $1", [junior.id]);
	await stack.sql("UPDATE person SET name = 'Priya Nair' WHERE id = $1", [senior.id]);
	flow = await madeAndPublished(stack, admin, { ...runnable(), visibility: 'public' });
	for (const [name, who] of Object.entries({ admin, junior, senior, viewer, stranger }))
		at[name] = await browser(stack, who.email);
});
after(() => stack?.stop());

const words = html => unescapeHtml(/<main[\s\S]*<\/main>/.exec(html)[0].replace(/<[^>]+>/g, ' ')).replace(/\s+/g, ' ');
const one = async (query, args) => (await stack.sql(query, args))[0];
const handoffOf = id => one('SELECT *, resolution FROM handoff WHERE session_id = $1 ORDER BY id DESC LIMIT 1', [id]);
const sessionOf = id => one('SELECT * FROM session WHERE id = $1', [id]);
const begin = (fields = { ticket_number: 'T-7', client_name: 'Contoso' }, of = flow) => startSession(stack, junior, of.id, fields);

// Presses a button of its page, or of the page that asks once more.
async function press(who, url, word, fields) {
	await who.get(word === 'claim' || word === 'cancel' ? url : `${url}/${word}`);
	return who.post(`${url}/${word}`, fields);
}
// The same from a page that was open before.
async function pressLate(who, url, fields = {}) {
	const csrf = /name="csrf" value="([^"]+)"/.exec((await who.send('GET', '/profile')).text)[1];
	return who.send('POST', url, { form: { csrf: unescapeHtml(csrf), once: `${Math.random()}`, ...fields } });
}

// A session that waits, handed off on its page.
async function handed(fields = {}, session) {
	const { id } = session ?? await begin();
	const page = await at.junior.post(`/sessions/${id}/handoff`, { reason: 'The gateway is deaf', tried: '', priority: 'normal', assigned_to_id: '', ...fields });
	assert.equal(page.status, 200, page.text);
	const handoff = page.path.replace('/escalations/', '');
	return { id, handoff, page, url: page.path };
}
async function claimed(fields) {
	const made = await handed(fields);
	const page = await press(at.senior, made.url, 'claim');
	assert.match(page.path, /\/steps\/1$/);
	return { ...made, page };
}

test('a session is handed off by its form, and its page then leads to the hand-off', async () => {
	const { id } = await begin();
	const form = await at.junior.get(`/sessions/${id}/handoff`);
	assert.match(words(form.text), /Why you are stuck/);
	assert.match(form.text, new RegExp(`href="/sessions/${id}/park"`));
	assert.match(form.text, /value="normal"[^>]* checked/);
	assert.match(form.text, new RegExp(`<option value="${senior.id}">Priya Nair</option>`));
	assert.doesNotMatch(form.text, new RegExp(`<option value="${junior.id}"`), 'not to oneself');
	const { url, page } = await handed({ reason: 'It <i>hums', tried: 'Pinged', priority: 'urgent' }, { id });
	assert.match(url, /^\/escalations\/[0-9a-f-]{36}$/);
	const row = await handoffOf(id);
	assert.deepEqual([row.state, row.reason, row.tried, row.priority, row.by_id, row.to_id], ['open', 'It <i>hums', 'Pinged', 'urgent', junior.id, null]);
	assert.match(words(page.text), /It waits for a colleague since just now/);
	assert.match(words(page.text), /Urgent/);
	await validHtml(form.text, 'hand off');
	await validHtml(page.text, 'waiting');
	assert.equal((await at.junior.get(`/sessions/${id}`)).path, url);
	assert.equal((await at.junior.get(`/sessions/${id}/handoff`)).path, url, 'the form is done with');
	assert.equal((await sessionOf(id)).ticking_since, null, 'the timer stands still');
});

test('without a reason nothing is handed off, and what was typed stays', async () => {
	const { id } = await begin();
	const refused = await at.junior.post(`/sessions/${id}/handoff`, { reason: '  ', tried: 'Pinged it\ntwice', priority: 'high', assigned_to_id: senior.id });
	assert.equal(refused.status, 422);
	assert.match(words(refused.text), /Why you are stuck is needed/);
	assert.match(refused.text, /Pinged it\ntwice/);
	assert.match(refused.text, /value="high"[^>]* checked/);
	assert.match(refused.text, new RegExp(`value="${senior.id}" selected`));
	await validHtml(refused.text, 'refused');
	for (const [to, name] of [[junior.id, 'yourself'], ['00000000-0000-7000-8000-000000000000', 'nobody']])
		assert.equal((await at.junior.post(`/sessions/${id}/handoff`, { reason: 'x', assigned_to_id: to })).status, 422, name);
	assert.equal(await handoffOf(id), undefined);
});

test('sent twice it counts once, and from a window that is late it says what was not sent', async () => {
	const { id } = await begin();
	await at.junior.get(`/sessions/${id}/handoff`);
	const form = { ...await at.junior.hidden(`/sessions/${id}/handoff`), reason: 'Twice' };
	const answers = await race(5, () => at.junior.send('POST', `/sessions/${id}/handoff`, { form }));
	assert.deepEqual(tally(answers), { 303: 5 });
	assert.equal((await stack.sql('SELECT FROM handoff WHERE session_id = $1', [id])).length, 1);
	const late = await at.junior.send('POST', `/sessions/${id}/handoff`, { form: { ...form, once: 'another', reason: 'My long words' } });
	assert.equal(late.status, 409);
	assert.match(late.text, /My long words/);
	assert.match(late.text, /href="\/escalations\//);
});

test('it is one press from every step, and first where nothing else helps', async () => {
	const { id } = await begin();
	const step = await at.junior.get(`/sessions/${id}`);
	assert.equal(step.text.match(/value="handoff"/g).length, 1);
	const sent = await at.junior.post(`/sessions/${id}/steps/1`, { do: 'handoff', note: 'Typed before' });
	assert.equal(sent.path, `/sessions/${id}/handoff`);
	assert.equal((await one('SELECT notes FROM visit WHERE session_id = $1', [id])).notes, 'Typed before');
	await at.junior.post(`/sessions/${id}/steps/1`, { option: 'never' });
	const end = await at.junior.get(`/sessions/${id}`);
	assert.match(end.text, /class="button" type="submit" name="do" value="handoff"/, 'first where the answer says so');
	assert.match(end.text, /class="button second" type="submit" name="do" value="finish"/);
	assert.equal(end.text.match(/value="handoff"/g).length, 1);
	assert.match((await at.junior.get(`/sessions/${id}/complete`)).text, new RegExp(`href="/sessions/${id}/handoff"`));
	await at.junior.post(`/sessions/${id}/steps/2`, { do: 'back' });
	await at.junior.post(`/sessions/${id}/steps/3`, { option: 'yes' });
	assert.doesNotMatch((await at.junior.get(`/sessions/${id}/complete`)).text, new RegExp(`href="/sessions/${id}/handoff"`), 'not where it is resolved');
});

test('a parked one can be handed off, too', async () => {
	const { id } = await begin();
	await call('POST', `/${id}/handoff`, junior, { intent: 'park' });
	assert.match((await at.junior.get(`/sessions/${id}`)).text, new RegExp(`href="/sessions/${id}/handoff"`));
	const { url } = await handed({}, { id });
	assert.equal((await at.senior.get(url)).status, 200);
});

test('a colleague sees the whole case, and nothing that is secret', async () => {
	const session = await begin();
	await call('PATCH', `/${session.id}/variables`, junior, { server: 'dc01 & dc02', pass: 'Sommer-2026!' });
	await call('PUT', `/${session.id}`, junior, { scratchpad: 'line <2> hums' });
	await at.junior.post(`/sessions/${session.id}/steps/1`, { option: 'no', note: 'They called at nine' });
	await at.junior.post(`/sessions/${session.id}/steps/2`, { do: 'done', note: 'Took ages' });
	await at.junior.post(`/sessions/${session.id}/steps/3`, { do: 'back' });
	const { url } = await handed({ reason: 'The gateway\nis deaf', tried: 'A new cable', priority: 'high' }, session);
	const page = await at.senior.get(url);
	const text = words(page.text);
	for (const part of ['VPN drops hourly', 'Jonas <b>Weber', 'Contoso', 'T-7', 'High', 'A new cable', 'They called at nine', 'Does dc01 & dc02 answer? ', 'Restart dc01 & dc02',
		'line <2> hums', 'Gone back on: 1', 'Took ages', 'Not set The site, The count', 'The pass Set', 'Active time'])
		assert.ok(text.includes(part), `${part} in ${text}`);
	assert.match(page.text, /The gateway\nis deaf/);
	assert.doesNotMatch(page.text, /Sommer-2026|<b>Weber|<2>/);
	assert.ok(text.indexOf('Claim') < text.indexOf('The gateway'), 'the button comes first');
	assert.ok(text.indexOf('A new cable') < text.indexOf('They called at nine'), 'why stands before the way');
	assert.ok(!text.includes('Who was told'));
	await validHtml(page.text, 'context');
	await stack.sql("UPDATE handoff SET state = 'claimed', claimer_id = $2, claimed_at = now() WHERE id = $1", [url.split('/').at(-1), senior.id]);
	for (const who of ['junior', 'admin'])
		assert.ok(words((await at[who].get(url)).text).includes('Who was told'), `${who}, whatever has become of it`);
});

test('what is left: the answers of a decision, the steps of a procedure', async () => {
	const { url } = await handed();
	assert.match(words((await at.senior.get(url)).text), /Does \[The server\] answer\? Yes No It never did/);
	const procedure = await procedureFlow(stack, admin);
	await stack.sql("UPDATE flow SET visibility = 'public' WHERE id = $1", [procedure.id]);
	const { id } = await begin({}, procedure);
	const page = await at.senior.get((await handed({}, { id })).url);
	assert.match(words(page.text), /Unpack: Check the delivery Stick the label on Join the domain/);
});

test('the one who asked sees who was told and how that went', async () => {
	const { handoff, url } = await handed();
	await stack.sql("UPDATE delivery SET state = 'failed', attempts = 5, last_error = 'no such <mailbox>' WHERE handoff_id = $1 AND recipient = $2", [handoff, senior.email]);
	await stack.sql("UPDATE delivery SET state = 'sent', sent_at = now() WHERE handoff_id = $1 AND recipient = 'Priya Nair'", [handoff]);
	const text = words((await at.junior.get(url)).text);
	assert.ok(text.includes(`${senior.email} E-mail Handed off Failed no such <mailbox>`), text);
	assert.ok(text.includes('Priya Nair Notice Handed off Sent just now'), text);
	assert.ok(!text.includes('reached nobody'));
	await stack.sql("UPDATE delivery SET state = 'skipped' WHERE handoff_id = $1", [handoff]);
	const alone = await at.junior.get(url);
	assert.match(words(alone.text), /This reached nobody/);
	await validHtml(alone.text, 'reached nobody');
});

test('claimed, it is run by who claimed it, who reads whose words it came with', async () => {
	const { id, url, page } = await claimed({ reason: 'Deaf & dumb' });
	assert.match(words(page.text), /You took this over from Jonas <b>Weber Deaf & dumb Resolve Give back/);
	assert.doesNotMatch(page.text, /value="handoff"/, 'it is given back, not handed on');
	await validHtml(page.text, 'taken');
	assert.equal((await sessionOf(id)).owner_id, senior.id);
	assert.match(words((await at.junior.get(url)).text), /Priya Nair has it/);
	assert.equal((await at.junior.get(`/sessions/${id}`)).path, url);
	assert.doesNotMatch((await at.junior.get(url)).text, /\/cancel|\/claim|\/release/);
	assert.equal((await at.senior.get(`/sessions/${id}/handoff`)).path, `/sessions/${id}/steps/1`);
});

test('of ten who press at once one runs it, and the rest read who and go on to the next', async () => {
	const next = await handed({ priority: 'urgent', reason: 'the next' });
	const { url, id } = await handed();
	const pressed = await race(10, n => pressLate(n % 2 ? at.senior : at.admin, `${url}/claim`));
	const winner = (await sessionOf(id)).owner_id === senior.id ? 'Priya Nair' : 'Maren Holt';
	const lost = pressed.filter(answer => answer.status === 409);
	assert.ok(lost.length >= 5, JSON.stringify(tally(pressed)));
	for (const { text } of lost) {
		assert.match(words(text), new RegExp(`${winner} was first`));
		assert.match(text, /href="\/escalations"/);
		assert.match(text, /href="\/escalations\/[0-9a-f-]{36}">Look at the next one/);
	}
	assert.ok(pressed.filter(answer => answer.status === 303).every(answer => answer.headers.location === `/sessions/${id}`), 'who has it is led to it');
	await validHtml(lost[0].text, 'late');
	assert.equal((await stack.sql("SELECT FROM event WHERE type = 'handoff_claimed' AND payload->>'session_id' = $1", [id])).length, 1);
	await press(at.junior, next.url, 'cancel');
});

test('pressed again by who has it, it leads to the session', async () => {
	const { url, id } = await claimed();
	const again = await pressLate(at.senior, `${url}/claim`);
	assert.deepEqual([again.status, again.headers.location], [303, `/sessions/${id}`]);
	const own = await handed();
	const refused = await pressLate(at.junior, `${own.url}/claim`);
	assert.equal(refused.status, 409);
	assert.match(words(refused.text), /This hand-off is your own/);
});

test('given back after a question, it waits anew', async () => {
	const { url, id } = await claimed();
	const ask = await at.senior.get(`${url}/release`);
	assert.match(words(ask.text), /Give this hand-off back\?/);
	await validHtml(ask.text, 'release');
	const back = await press(at.senior, url, 'release');
	assert.match(words(back.text), /Given back/);
	assert.equal((await handoffOf(id)).state, 'open');
	assert.equal((await sessionOf(id)).owner_id, junior.id);
	const late = await pressLate(at.senior, `${url}/release`);
	assert.equal(late.status, 409);
	assert.equal((await press(at.admin, url, 'claim')).path, `/sessions/${id}/steps/1`);
});

test('resolved with a word, the session is completed, given back or kept', async () => {
	const first = await claimed();
	const form = await at.senior.get(`${first.url}/resolve`);
	assert.match(form.text, /value="complete"[^>]* checked/);
	await validHtml(form.text, 'resolve');
	assert.equal((await at.senior.post(`${first.url}/resolve`, { resolution: '', session: 'keep' })).status, 422);
	assert.equal((await handoffOf(first.id)).state, 'claimed');
	const end = await at.senior.post(`${first.url}/resolve`, { resolution: 'The MTU was wrong', session: 'complete' });
	assert.equal(end.path, `/sessions/${first.id}/complete`);
	assert.match(end.text, /The MTU was wrong<\/textarea>/, 'the word is the summary to begin with');
	assert.deepEqual([(await handoffOf(first.id)).state, (await handoffOf(first.id)).resolution], ['resolved', 'The MTU was wrong']);

	const second = await claimed();
	const back = await at.senior.post(`${second.url}/resolve`, { resolution: 'Set it to 1400', session: 'back' });
	assert.equal(back.path, second.url);
	const session = await sessionOf(second.id);
	assert.deepEqual([session.owner_id, session.ticking_since], [junior.id, null]);
	assert.match((await at.junior.get(`/sessions/${second.id}`)).path, /\/steps\/1$/, 'who asked goes on');
	assert.match(words((await at.junior.get(second.url)).text), /Resolved by Priya Nair.* Set it to 1400/);

	const third = await claimed();
	assert.match((await at.senior.post(`${third.url}/resolve`, { resolution: 'ok', session: 'keep' })).path, /\/steps\/1$/);
	assert.equal((await sessionOf(third.id)).owner_id, senior.id);
	const late = await pressLate(at.senior, `${third.url}/resolve`, { resolution: 'Words typed late' });
	assert.equal(late.status, 409);
	assert.match(late.text, /Words typed late/);
});

test('what was laid aside by who took it does not stay aside when it goes back', async () => {
	for (const end of ['release', 'resolve']) {
		const { url, id } = await claimed();
		assert.equal((await call('POST', `/${id}/handoff`, senior, { intent: 'park', reason: 'lunch' })).status, 201);
		await press(at.senior, url, end, { resolution: 'x', session: 'back' });
		if (end === 'release')
			await press(at.admin, url, 'claim');
		assert.match((await (end === 'release' ? at.admin : at.junior).get(`/sessions/${id}`)).path, /\/steps\/1$/, end);
	}
});

test('withdrawn, it is gone on with at the very step', async () => {
	const { url, id } = await handed();
	assert.match((await press(at.junior, url, 'cancel')).path, /\/steps\/1$/);
	assert.equal((await handoffOf(id)).state, 'cancelled');
	const late = await pressLate(at.senior, `${url}/claim`);
	assert.equal(late.status, 409);
	assert.match(words(late.text), /It was withdrawn/);
	const other = await handed();
	assert.equal((await press(at.admin, other.url, 'cancel')).path, other.url, 'a team admin may, and does not run it');
});

test('not for viewers, strangers and the signed-out; a park is nobody\'s to see', async () => {
	const { url, id } = await handed();
	for (const path of [url, `${url}/resolve`, `${url}/release`]) {
		assert.equal((await at.viewer.send('GET', path)).status, 403, path);
		assert.equal((await at.stranger.send('GET', path)).status, 404, path);
	}
	assert.equal((await at.viewer.send('GET', `/sessions/${id}/handoff`)).status, 403);
	assert.equal((await at.stranger.send('GET', `/sessions/${id}/handoff`)).status, 404);
	assert.equal((await stack.visitor().get(url)).path.split('?')[0], '/login');
	const parked = await begin();
	const { json } = await call('POST', `/${parked.id}/handoff`, junior, { intent: 'park' });
	for (const who of [at.junior, at.senior, at.admin])
		assert.equal((await who.send('GET', `/escalations/${json.id}`)).status, 404);
});

test('its story stands in the record and in what leaves of the session, redacted', async () => {
	const { url, id } = await claimed({ reason: 'Admin password: Hunter2-2026! does not work' });
	await press(at.senior, url, 'release');
	await press(at.admin, url, 'claim');
	await press(at.admin, url, 'resolve', { resolution: 'It was `changed` in May', session: 'back' });
	await call('POST', `/${id}/complete`, junior, { outcome: 'resolved' });
	const record = await at.junior.get(`/sessions/${id}/record`);
	assert.match(words(record.text), /Handed off by Jonas <b>Weber .*? Taken over by Priya Nair .*? Given back by Priya Nair .*? Taken over by Maren Holt .*? Resolved by Maren Holt .*? It was `changed` in May/);
	await validHtml(record.text, 'record');
	for (const detail of ['standard', 'full']) {
		const paper = words((await at.junior.get(`/sessions/${id}/document?detail=${detail}`)).text);
		assert.match(paper, /Hand-offs Handed off Jonas <b>Weber, .*? UTC: Admin password: \[REDACTED.*? does not work .*Given back Priya Nair/);
		assert.doesNotMatch(paper, /Hunter2/);
		for (const [format, pattern] of [['markdown', /## Hand-offs[\s\S]*\*\*Resolved:\*\* Maren Holt/], ['text', /Hand-offs[\s\S]*Resolved/], ['html', /<h2>Hand-offs<\/h2>/]]) {
			const { text } = await call('POST', `/${id}/export`, junior, { format, detail });
			assert.match(text, pattern, format);
			assert.doesNotMatch(text, /Hunter2/, format);
		}
		const { json } = await call('POST', `/${id}/export`, junior, { format: 'json', detail });
		assert.deepEqual(json.handoffs.map(event => [event.what, event.who]), [['Handed off', 'Jonas <b>Weber'], ['Taken over', 'Priya Nair'], ['Given back', 'Priya Nair'],
			['Taken over', 'Maren Holt'], ['Resolved', 'Maren Holt']]);
	}
	assert.doesNotMatch(words((await at.junior.get(`/sessions/${id}/document?detail=summary`)).text), /Hand-offs/);
});

test('the API tells the case with the hand-off, to whoever may see it', async () => {
	const get = (who, handoff) => stack.request('GET', `${API}/escalations/${handoff}`, { bearer: who.access_token });
	const { handoff, id } = await handed({ tried: 'Pinged' });
	const { json } = await get(senior, handoff);
	assert.deepEqual([json.id, json.tried, json.session.id, json.session.status, json.session.ticket_number], [handoff, 'Pinged', id, 'escalated', 'T-7']);
	assert.deepEqual(json.left, [{ kind: 'option', id: 'yes', title: 'Yes' }, { kind: 'option', id: 'no', title: 'No' }, { kind: 'option', id: 'never', title: 'It never did' }]);
	assert.deepEqual(json.unfilled.slice(0, 3), ['server', 'site', 'pass']);
	assert.ok(json.deliveries.length && !('scratchpad' in json.session));
	const post = (who, word, body) => stack.request('POST', `${API}/escalations/${handoff}/${word}`, { bearer: who.access_token, json: body });
	await post(senior, 'claim');
	isProblem(await post(senior, 'resolve', { session: 'mine' }), 422, 'invalid');
	assert.equal((await post(senior, 'resolve', { resolution: 'ok', session: 'back' })).json.status, 'resolved');
	assert.equal((await sessionOf(id)).owner_id, junior.id);
	const over = (await get(senior, handoff)).json;
	assert.deepEqual([over.session, over.left, over.unfilled], [null, [], []]);
});

test('the demonstration has one that waits, one that is taken and one that is resolved', async () => {
	stack.command(['seed-demo']);
	const rows = await stack.sql(`SELECT h.id, h.state, h.priority, h.session_id, b.name AS by, c.name AS claimer, o.name AS owner, h.claimed_at > h.created_at AS later, h.created_at < now() AS past
		FROM handoff h JOIN session s ON s.id = h.session_id JOIN person b ON b.id = h.by_id LEFT JOIN person c ON c.id = h.claimer_id JOIN person o ON o.id = s.owner_id
		WHERE h.intent = 'escalate' AND b.email LIKE '%@northbridge.example' ORDER BY h.state`);
	assert.deepEqual(rows.map(row => [row.state, row.priority, row.by, row.claimer, row.owner, row.later, row.past]), [['claimed', 'high', 'Jonas Weber', 'Priya Nair', 'Priya Nair', true, true],
		['open', 'urgent', 'Jonas Weber', null, 'Jonas Weber', null, true], ['resolved', 'normal', 'Jonas Weber', 'Maren Holt', 'Maren Holt', true, true]]);
	const maren = await browser(stack, 'maren@northbridge.example');
	assert.match(words((await maren.get(`/escalations/${rows[1].id}`)).text), /lingering.*computers that still exist/);
	assert.match(words((await maren.get(`/sessions/${rows[2].session_id}/record`)).text), /Handed off by Jonas Weber.*Resolved by Maren Holt/);
});

test('once it is over only who may see the session sees the case', async () => {
	const session = await begin();
	await call('PUT', `/${session.id}`, junior, { scratchpad: 'SCRATCH' });
	await at.junior.post(`/sessions/${session.id}/steps/1`, { option: 'no', note: 'NOTE' });
	const { url } = await handed({}, session);
	assert.match((await at.senior.get(url)).text, /SCRATCH/);
	await press(at.junior, url, 'cancel');
	assert.doesNotMatch((await at.senior.get(url)).text, /SCRATCH|NOTE/);
	assert.doesNotMatch((await at.junior.get(url)).text, /SCRATCH/);
	assert.match((await at.junior.get(url)).text, /NOTE/);
});
