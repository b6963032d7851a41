// Sessions before they run and while they are laid aside: started from a flow's page, prepared for somebody, told of,
// made anew, found again on the home page, parked.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { API, browser, colleague, isProblem, race, register, tally } from '../support/accounts.mjs';
import { makeFlow, madeAndPublished, publishFlow } from '../support/flows.mjs';
import { prepareSession, runnable, sessionCall, startSession } from '../support/sessions.mjs';
import { startStack } from '../support/stack.mjs';

const HOSTILE = '"><script>alert(1)</script>{{name}}';

let stack;
let call;
let maren;
let priya;
let jonas;
let viewer;
let stranger;
let flow;
const at = {}; // a browser of each
before(async () => {
	stack = await startStack();
	call = sessionCall(stack);
	maren = await register(stack, { name: 'Maren Holt' });
	stranger = await register(stack);
	[priya, jonas, viewer] = [await colleague(stack, maren, 'engineer'), await colleague(stack, maren, 'engineer'), await colleague(stack, maren, 'viewer')];
	await stack.sql("UPDATE person SET name = 'Priya Nair' WHERE id = $1", [priya.id]);
	await stack.sql('UPDATE person SET team_id = (SELECT team_id FROM person WHERE id = $1) WHERE account_id = (SELECT account_id FROM person WHERE id = $1)', [maren.user.id]);
	flow = await madeAndPublished(stack, maren, { ...runnable(), visibility: 'public' });
	for (const [name, who] of Object.entries({ maren, priya, jonas, viewer, stranger }))
		at[name] = await browser(stack, who.email);
});
after(() => stack?.stop());

const main = page => /<main[\s\S]*<\/main>/.exec(page.text)[0];
// The value of a control of a page, as a browser would send it.
function value(page, name) {
	const [, tag] = new RegExp(`<input\\b([^>]*\\bname="${name.replace('.', '\\.')}"[^>]*)>`).exec(page.text) ?? [];
	return tag && /value="([^"]*)"/.exec(tag)?.[1];
}
const idOf = visitor => /^\/sessions\/([0-9a-f-]{36})/.exec(visitor.path)?.[1];
const location = answer => answer.headers.location;
// The form of the page that a visitor is on, sent; no redirect is followed.
async function sent(visitor, path, fields = {}) {
	return visitor.send('POST', path, { form: { ...await visitor.hidden(path), ...fields } });
}
const session = async (id, who = maren) => (await call('GET', `/${id}`, who)).json;
async function prepared(visitor, fields = {}, tree = flow) {
	await visitor.get(`/sessions/prepare?flow=${tree.id}`);
	await visitor.post('/sessions/prepare', fields);
	assert.equal(visitor.page.status, 200, visitor.page.text);
	return idOf(visitor);
}
const notices = async who => (await stack.sql('SELECT text, link FROM notice WHERE person_id = $1 ORDER BY id', [who.id ?? who.user.id]));
const mails = async who => (await stack.sql('SELECT subject, body_text, body_html FROM outbox WHERE recipient = $1 AND subject LIKE $2 ORDER BY id', [who.email, 'Prepared for you%']));

test('a flow is started by one button, and counts once', async () => {
	await at.jonas.get(`/flows/${flow.id}`);
	const form = await at.jonas.hidden('/sessions/start');
	assert.equal(form.flow, flow.id);
	const first = await at.jonas.send('POST', '/sessions/start', { form });
	assert.equal(first.status, 303, first.text);
	assert.match(location(first), /^\/sessions\/[0-9a-f-]{36}\/steps\/1$/);
	assert.equal(location(await at.jonas.send('POST', '/sessions/start', { form })), location(first), 'the same form again');
	const got = await session(/[0-9a-f-]{36}/.exec(location(first))[0], jonas);
	assert.deepEqual([got.status, got.ticket_number, got.client_name, got.variables], ['active', '', '', {}]);
});

test('a flow\'s page names what is to be filled in by its label', async () => {
	const page = main(await at.jonas.get(`/flows/${flow.id}`));
	assert.equal([...page.matchAll(/Does \[The server\] answer\?/g)].length, [...page.matchAll(/Does .{1,30} answer\?/g)].length);
	assert.match(page, /<svg[^]*Does \[The server\] answer\?[^]*<\/svg>/);
	assert.doesNotMatch(page, /\[VAR:/);
});

test('a link fills in ticket, client and fields, which are shown; only the form starts', async () => {
	const before = (await stack.sql('SELECT count(*)::int AS n FROM session'))[0].n;
	const query = new URLSearchParams({ ticket: 'T-4711', client: HOSTILE, 'v.server': 'srv "1"', 'v.story': 'one\ntwo', 'v.pass': 'hunter2', 'v.nobody': 'x', 'v.site': 'x'.repeat(4001) });
	const page = await at.jonas.get(`/flows/${flow.id}?${query}`);
	assert.equal(page.status, 200);
	assert.equal(value(page, 'ticket'), 'T-4711');
	assert.equal(value(page, 'v.server'), 'srv &quot;1&quot;');
	assert.match(page.text, /name="v\.story"[^>]*>&#10;one\ntwo</);
	assert.doesNotMatch(page.text, /hunter2|v\.pass|v\.nobody|v\.site|<script>alert/);
	assert.match(page.text, /<details open>/);
	const [, prepare] = /href="(\/sessions\/prepare[^"]*)"/.exec(page.text);
	const filled = await at.jonas.get(prepare.replaceAll('&amp;', '&'));
	assert.deepEqual([value(filled, 'ticket'), value(filled, 'v.server')], ['T-4711', 'srv &quot;1&quot;']);
	assert.doesNotMatch(filled.text, /hunter2|<script>alert/);
	await at.jonas.get(`/flows/${flow.id}?${query}`);
	assert.equal((await stack.sql('SELECT count(*)::int AS n FROM session'))[0].n, before, 'a GET starts nothing');
	const answer = await sent(at.jonas, '/sessions/start', { ticket: 'T-4711', client: HOSTILE, 'v.server': 'srv 1', 'v.story': 'one\r\ntwo' });
	const got = await session(/[0-9a-f-]{36}/.exec(location(answer))[0], jonas);
	assert.deepEqual([got.ticket_number, got.client_name, got.variables.server], ['T-4711', HOSTILE, 'srv 1']);
	assert.equal((await at.jonas.get(`/flows/${flow.id}?ticket=${'x'.repeat(121)}`)).status, 200, 'too long: left out');
	assert.equal(value(at.jonas.page, 'ticket'), '');
	assert.doesNotMatch(main(await at.jonas.get(`/flows/${flow.id}`)), /<details open>/);
});

test('what does not fit is said on the flow\'s page, with what was typed', async () => {
	await at.jonas.get(`/flows/${flow.id}?v.gateway=elsewhere`);
	const wrong = await sent(at.jonas, '/sessions/start', { 'v.gateway': 'elsewhere', ticket: 'T-1' });
	assert.equal(wrong.status, 422);
	assert.match(wrong.text, /Type an IP address/);
	assert.equal(value(wrong, 'v.gateway'), 'elsewhere');
	assert.equal(value(wrong, 'ticket'), 'T-1');
	const long = await sent(at.jonas, '/sessions/start', { flow: flow.id, ticket: 'x'.repeat(121) });
	assert.equal(long.status, 422);
	assert.match(long.text, /Ticket may have at most 120 characters/);
	assert.equal((await sent(at.jonas, '/sessions/start', { flow: 'x' })).status, 422);
});

test('drafts, archived flows and viewers have no start; a form that is left says why', async () => {
	const draft = await makeFlow(stack, maren, { ...runnable(), name: 'A draft' });
	assert.doesNotMatch((await at.maren.get(`/flows/${draft.id}`)).text, /sessions\/start|sessions\/prepare/);
	const refused = await at.maren.send('POST', '/sessions/start', { form: { ...await at.maren.hidden(`/flows/${draft.id}/pin`), flow: draft.id } });
	assert.equal(refused.status, 409);
	assert.match(main(refused), /role="alert">[\s\S]*This flow is a draft\. Publish it, then start\./);
	await publishFlow(stack, maren, draft.id);
	await at.maren.get(`/flows/${draft.id}`);
	const form = await at.maren.hidden('/sessions/start');
	await stack.request('PUT', `${API}/trees/${draft.id}`, { bearer: maren.access_token, json: { status: 'archived' } });
	const late = await at.maren.send('POST', '/sessions/start', { form });
	assert.equal(late.status, 409);
	assert.match(main(late), /This flow is archived/);
	assert.equal((await at.maren.get(`/sessions/prepare?flow=${draft.id}`)).status, 409);
	assert.doesNotMatch((await at.viewer.get(`/flows/${flow.id}`)).text, /sessions\/start|sessions\/prepare/);
	assert.doesNotMatch((await at.maren.get(`/flows/${flow.id}?version=1`)).text, /older version/);
	const other = await at.stranger.send('POST', '/sessions/start', { form: { ...await at.stranger.hidden('/logout'), flow: flow.id } });
	assert.equal(other.status, 404);
	assert.equal((await at.stranger.get(`/sessions/prepare?flow=${flow.id}`)).status, 404);
	assert.equal((await at.viewer.get('/sessions/prepare')).status, 403);
});

test('which flow: the most used first, found by any words of the name', async () => {
	const page = await at.maren.get('/sessions/prepare');
	assert.match(main(page), /Used most[\s\S]*VPN drops hourly/);
	assert.match(main(await at.maren.get('/sessions/prepare?q=hourly+vpn')), /VPN drops hourly/);
	assert.match(main(await at.maren.get(`/sessions/prepare?q=${encodeURIComponent(HOSTILE)}`)), /No flow fits\. Try fewer/);
	assert.doesNotMatch(at.maren.page.text, /<script>alert/);
});

test('prepared with nothing, or with all; the page says what is filled', async () => {
	const bare = await session(await prepared(at.maren));
	assert.deepEqual([bare.status, bare.started_at, bare.steps, bare.variables, bare.assigned_to], ['prepared', null, [], {}, null]);
	const id = await prepared(at.maren, { ticket: 'T-9', client: 'Acme GmbH', 'v.server': HOSTILE, 'v.pass': 'hunter2', 'v.backup': 'false', 'v.size': 'large', 'v.since': '2026-03-31' });
	const page = main(at.maren.page);
	assert.match(page, /5 of 10 filled in/);
	assert.match(page, /Filled in, kept secret/);
	assert.match(page, /The gateway<\/dt><dd><span class="tag warn">Should be filled in/);
	assert.match(page, /The backup<\/dt><dd>No</);
	assert.doesNotMatch(page, /hunter2|<script>alert/);
	assert.match(page, /Anyone in the team/);
	assert.equal((await session(id)).variables.pass, null, 'filled, and nobody\'s to read yet');
	assert.equal((await session(id)).status, 'prepared', 'looking starts nothing');
	// What is wrong is said at its field, and nothing typed is lost but the password.
	await at.maren.get(`/sessions/prepare?flow=${flow.id}`);
	const wrong = await sent(at.maren, '/sessions/prepare', { client: 'Acme', 'v.contact': 'nobody', 'v.pass': 'hunter2', 'v.site': HOSTILE });
	assert.equal(wrong.status, 422);
	assert.match(wrong.text, /href="#v-contact"/);
	assert.equal(value(wrong, 'client'), 'Acme');
	assert.doesNotMatch(wrong.text, /hunter2|<script>alert/);
	const nobody = await sent(at.maren, '/sessions/prepare', { assigned_to_id: stranger.user.id });
	assert.equal(nobody.status, 422);
	assert.match(nobody.text, /Choose a colleague/);
});

test('it is changed until it starts, by whom it is for and who prepared it; a password that is left empty stays', async () => {
	const id = await prepared(at.maren, { client: 'Acme', assigned_to_id: priya.id, 'v.pass': 'hunter2', 'v.server': 'srv1' });
	const form = await at.priya.get(`/sessions/${id}/edit`);
	assert.equal(value(form, 'v.server'), 'srv1');
	assert.match(form.text, /Filled in\. Type to replace it\./);
	assert.doesNotMatch(form.text, /hunter2/);
	await at.maren.get(`/sessions/${id}/edit`);
	await at.priya.post(`/sessions/${id}/edit`, { client: 'Acme GmbH', assigned_to_id: priya.id, 'v.pass': '', 'v.server': '', 'v.site': 'Leeds' });
	assert.equal(at.priya.path, `/sessions/${id}`);
	assert.deepEqual((await session(id, priya)).variables, { pass: null, site: 'Leeds' });
	// Whoever saves second is told first.
	const stale = await sent(at.maren, `/sessions/${id}/edit`, { client: 'Other', assigned_to_id: priya.id, 'v.server': 'srv9' });
	assert.equal(stale.status, 409);
	assert.match(stale.text, /changed this session meanwhile/);
	assert.equal(value(stale, 'v.server'), 'srv9');
	assert.equal((await at.jonas.send('GET', `/sessions/${id}/edit`)).status, 403, 'a third one');
	assert.equal((await at.stranger.send('GET', `/sessions/${id}/edit`)).status, 404);
	assert.equal((await at.viewer.send('GET', `/sessions/${id}/edit`)).status, 403);
	// The box behind it empties it, and only where nothing is typed to replace it.
	for (const [typed, after] of [['hunter3', true], ['', false]]) {
		const box = await at.priya.get(`/sessions/${id}/edit`);
		assert.match(box.text, /name="empty\.pass"/);
		await at.priya.post(`/sessions/${id}/edit`, { client: 'Acme GmbH', assigned_to_id: priya.id, 'v.pass': typed, 'empty.pass': 'true', 'v.site': 'Leeds' });
		assert.equal('pass' in (await session(id, priya)).variables, after);
	}
	const empty = await at.priya.get(`/sessions/${id}/edit`);
	assert.doesNotMatch(empty.text, /empty\.pass|Type to replace it/);
	assert.match(empty.text, /The server \(required\)/);
	assert.doesNotMatch(empty.text, /The site \(required\)/);
	await at.priya.post(`/sessions/${id}/edit`, { client: 'Acme GmbH', assigned_to_id: priya.id, 'v.pass': 'hunter2', 'v.site': 'Leeds' });
	await at.priya.get(`/sessions/${id}/edit`);
	const late = await at.priya.hidden(`/sessions/${id}/edit`);
	assert.equal((await call('POST', `/${id}/start`, priya)).json.variables.pass, 'hunter2', 'it stayed');
	assert.equal((await at.priya.send('POST', `/sessions/${id}/edit`, { form: { ...late, client: 'Late' } })).status, 303);
	assert.equal((await session(id, priya)).client_name, 'Acme GmbH');
});

test('started by exactly one, who goes on at the first step with all that is filled', async () => {
	const id = await prepared(at.maren, { 'v.server': 'srv1' });
	const visitors = [at.maren, at.priya, at.jonas];
	const forms = await Promise.all(visitors.map(async visitor => {
		await visitor.get(`/sessions/${id}`);
		return visitor.hidden(`/sessions/${id}/start`);
	}));
	const answers = await race(9, n => visitors[n % 3].send('POST', `/sessions/${id}/start`, { form: { ...forms[n % 3], once: `start-${n}` } }));
	const firsts = answers.filter(answer => answer.status === 303);
	const owner = await stack.sql('SELECT p.name, p.id FROM session s JOIN person p ON p.id = s.owner_id WHERE s.id = $1', [id]);
	assert.deepEqual(tally(answers), { 303: 3, 409: 6 }, 'the owner\'s other tabs are led there, too');
	assert.ok(firsts.some(answer => location(answer) === `/sessions/${id}/steps/1`));
	for (const answer of answers.filter(({ status }) => status === 409)) {
		assert.match(main(answer), new RegExp(`<strong>${owner[0].name} has started this session already`));
		assert.match(main(answer), new RegExp(`href="/sessions/${id}"`));
	}
	assert.equal((await stack.sql('SELECT count(*)::int AS n FROM visit WHERE session_id = $1', [id]))[0].n, 1);
});

test('it opens on the first step with what was filled; one that is cancelled never starts', async () => {
	const id = await prepared(at.priya, { 'v.server': 'srv-brackenridge' });
	await at.priya.post(`/sessions/${id}/start`);
	assert.equal(at.priya.path, `/sessions/${id}/steps/1`);
	assert.match(main(at.priya.page), /Does srv-brackenridge answer\?/);
	const other = await prepared(at.maren);
	const form = await at.maren.hidden(`/sessions/${other}/start`);
	await at.maren.get(`/sessions/${other}`);
	await at.maren.post(`/sessions/${other}/abandon`);
	assert.equal(at.maren.page.status, 200, at.maren.page.text);
	assert.equal((await session(other)).status, 'abandoned');
	assert.equal((await at.maren.send('POST', `/sessions/${other}/start`, { form })).status, 409);
	assert.equal((await at.maren.send('GET', `/sessions/${other}/edit`)).status, 303);
});

test('one for somebody is theirs alone', async () => {
	const id = await prepared(at.maren, { assigned_to_id: priya.id });
	assert.match(main(at.maren.page), /Only Priya Nair may start it/);
	assert.doesNotMatch(main(at.maren.page), new RegExp(`/sessions/${id}/start`));
	assert.equal((await at.jonas.send('GET', `/sessions/${id}`)).status, 403);
	assert.equal((await at.viewer.send('GET', `/sessions/${id}`)).status, 403);
	assert.equal((await at.stranger.send('GET', `/sessions/${id}`)).status, 404);
	assert.equal((await sent(at.jonas, `/sessions/${id}/start`)).status, 403);
	await at.priya.get(`/sessions/${id}`);
	const started = await sent(at.priya, `/sessions/${id}/start`);
	assert.equal(location(started), `/sessions/${id}/steps/1`);
});

test('it tells its age, and is made anew on a newer version with what fits', async () => {
	const tree = await madeAndPublished(stack, maren, { ...runnable(), name: 'Ageing', visibility: 'public' });
	const id = await prepared(at.maren, { client: 'Acme', ticket: 'T-3', assigned_to_id: priya.id, 'v.server': 'srv1', 'v.pass': 'hunter2', 'v.size': 'large', 'v.site': 'Leeds' }, tree);
	assert.doesNotMatch(main(at.maren.page), /Prepared [0-9]+ days ago|newer version/);
	await stack.sql("UPDATE session SET created_at = now() - interval '9 days 1 hour' WHERE id = $1", [id]);
	const doc = runnable();
	doc.intake = doc.intake.filter(({ name }) => name !== 'site').map(field => field.name === 'size' ? { ...field, options: ['small'] } : field);
	doc.structure.nodes[0].body = '';
	await stack.request('PUT', `${API}/trees/${tree.id}`, { bearer: maren.access_token, json: { structure: doc.structure, intake: doc.intake } });
	await publishFlow(stack, maren, tree.id);
	const page = main(await at.maren.get(`/sessions/${id}`));
	assert.match(page, /<span class="tag warn">Prepared 9 days ago</);
	assert.match(page, /the flow has a newer version 2/);
	assert.match((await at.priya.get('/')).text, /Prepared 9 days ago[\s\S]*The flow changed/);
	await at.maren.get(`/sessions/${id}`);
	await at.maren.post(`/sessions/${id}/anew`);
	const anew = await session(idOf(at.maren));
	assert.notEqual(anew.id, id);
	assert.deepEqual([anew.tree.version, anew.variables, anew.client_name, anew.ticket_number, anew.assigned_to.id],
		[2, { server: 'srv1', pass: null }, 'Acme', 'T-3', priya.id]);
	assert.equal((await session(id)).status, 'abandoned');
	const told = (await notices(priya)).filter(({ link }) => link.endsWith(id) || link.endsWith(anew.id));
	assert.deepEqual(told.map(({ link }) => link), [`/sessions/${id}`], 'they were told once');
});

test('whom it is for reads of it, by notice and mail, as they wish; nobody else, and never a value', async () => {
	const anna = await colleague(stack, maren, 'engineer');
	const name = `Broken\tline ${HOSTILE}`;
	const tree = await madeAndPublished(stack, maren, { ...runnable(), name, visibility: 'public' });
	const id = await prepared(at.maren, { assigned_to_id: anna.id, client: 'Acme GmbH', ticket: 'T-7', 'v.server': 'srv-secret', 'v.pass': 'hunter2' }, tree);
	assert.deepEqual(await notices(anna), [{ text: `Maren Holt prepared “${name}” for you, for Acme GmbH`, link: `/sessions/${id}` }]);
	const [mail, ...rest] = await mails(anna);
	assert.equal(rest.length, 0);
	assert.equal(mail.subject, `Prepared for you: ${name.replace('\t', ' ')} (Acme GmbH)`);
	for (const body of [mail.body_text, mail.body_html]) {
		assert.match(body, new RegExp(`/sessions/${id}`));
		assert.match(body, /T-7/);
		assert.doesNotMatch(body, /srv-secret|hunter2/);
	}
	assert.doesNotMatch(mail.body_html, /<script>/);
	assert.match(mail.body_text, /<script>/, 'plain text is not escaped');
	// By the API and by a change of the assignee, too; not once more for the same one.
	const open = await prepareSession(stack, maren, flow.id);
	await call('PUT', `/${open.id}`, maren, { assigned_to_id: anna.id, client_name: 'Globex' });
	await call('PUT', `/${open.id}`, maren, { assigned_to_id: anna.id });
	assert.equal((await notices(anna)).length, 2);
	assert.match((await mails(anna))[1].subject, /\(Globex\)$/);
	await prepareSession(stack, anna, flow.id, { assigned_to_id: anna.id });
	assert.equal((await mails(anna)).length, 2, 'not to oneself');
	const wish = channel => stack.sqlAs('rf_worker', maren.user.account.id, `SELECT wish_set($1, 'prepared', $2, 'off')`, [anna.id, channel]);
	await wish('email');
	await prepareSession(stack, maren, flow.id, { assigned_to_id: anna.id });
	assert.deepEqual([(await notices(anna)).length, (await mails(anna)).length], [3, 2]);
	await wish('inapp');
	await prepareSession(stack, maren, flow.id, { assigned_to_id: anna.id });
	assert.deepEqual([(await notices(anna)).length, (await mails(anna)).length], [3, 2]);
	// What is refused tells nobody.
	isProblem(await call('POST', '/prepare', maren, { tree_id: flow.id, assigned_to_id: anna.id, variables: { gateway: 'x' } }), 422, 'invalid');
	assert.equal((await notices(anna)).length, 3);
});

test('home: what one was at, the last first; what waits, one\'s own first; nothing of another\'s', async () => {
	const [eva, otto] = [await colleague(stack, maren, 'engineer'), await colleague(stack, maren, 'engineer')];
	await stack.sql('UPDATE person SET team_id = (SELECT team_id FROM person WHERE id = $1) WHERE id = ANY ($2)', [maren.user.id, [eva.id, otto.id]]);
	const home = await browser(stack, eva.email);
	const bare = await stack.request('POST', `${API}/auth/register`, { json: { email: 'bare@example.com', password: 'walk the proven path', name: 'Bare', account_name: 'Bare' } });
	assert.equal(bare.status, 201);
	assert.doesNotMatch((await (await browser(stack, 'bare@example.com')).get('/')).text, /Go on where you stopped|Prepared for you/);
	const first = await startSession(stack, eva, flow.id, { client_name: 'First', ticket_number: 'T-1', variables: { server: 'dc<01>' } });
	const second = await startSession(stack, eva, flow.id, { client_name: HOSTILE });
	const theirs = await startSession(stack, otto, flow.id, { client_name: 'Of Otto' });
	await stack.sql("UPDATE session SET updated_at = now() - interval '1 hour' WHERE id = $1", [second.id]);
	const mine = await prepareSession(stack, maren, flow.id, { assigned_to_id: eva.id, client_name: 'For Eva' });
	const forOtto = await prepareSession(stack, maren, flow.id, { assigned_to_id: otto.id, client_name: 'For Otto' });
	const open = await prepareSession(stack, maren, flow.id, { client_name: 'For all' });
	let page = main(await home.get('/'));
	assert.match(page, /Go on where you stopped[\s\S]*First, ticket T-1[\s\S]*Go on<\/a>/);
	assert.match(page, /<p>Does dc&lt;01&gt; answer\?<br>/, 'the step as its page calls it');
	assert.ok(page.indexOf(first.id) < page.indexOf(second.id), 'the latest first');
	assert.doesNotMatch(page, new RegExp(`${theirs.id}|${forOtto.id}|<script>alert`));
	assert.ok(page.indexOf(mine.id) > 0 && page.indexOf(mine.id) < page.indexOf(open.id), 'one\'s own first');
	assert.match(page, /href="\/flows">Start a flow<[\s\S]*href="\/sessions\/prepare">Prepare a session</);
	await stack.sql('UPDATE person SET team_id = NULL WHERE id = $1', [eva.id]);
	assert.doesNotMatch(main(await home.get('/')), new RegExp(open.id), 'of another team');
	const forViewer = main(await at.viewer.get('/'));
	assert.doesNotMatch(forViewer, /Prepared for you|Prepare a session|Start a flow/);
	await call('POST', `/${first.id}/handoff`, eva, { intent: 'park', park_until: '2099-01-02T08:00:00Z' });
	page = main(await home.get('/'));
	assert.ok(page.indexOf(second.id) < page.indexOf(first.id), 'what is parked comes behind');
	assert.match(page, /Parked<\/span> <span class="small muted">until 2 January 2099, 08:00 UTC/);
	await call('POST', `/${second.id}/abandon`, eva);
	assert.doesNotMatch(main(await home.get('/')), new RegExp(second.id));
});

test('parked: the timer stands, answers are refused, it goes on by hand or by its time', async () => {
	const begun = await startSession(stack, jonas, flow.id);
	const id = begun.id;
	const answer = json => call('POST', `/${id}/steps`, jonas, { node_id: 'n1', option_id: 'no', ...json });
	const active = async () => (await session(id, jonas)).active_seconds;
	await stack.sql("UPDATE session SET ticking_since = now() - interval '10 minutes' WHERE id = $1", [id]);
	await at.jonas.get(`/sessions/${id}/park`);
	const form = await at.jonas.hidden(`/sessions/${id}/park`);
	const past = await at.jonas.send('POST', `/sessions/${id}/park`, { form: { ...form, reason: 'Kept', until: 'open', at: '2001-01-01T08:00' } });
	assert.equal(past.status, 422);
	assert.match(past.text, /still to come[\s\S]*Kept/);
	await at.jonas.post(`/sessions/${id}/park`, { reason: `Waits for ${HOSTILE}`, until: 'open', at: '' });
	assert.equal(at.jonas.path, '/');
	assert.equal((await session(id, jonas)).status, 'parked');
	assert.ok(Math.abs(await active() - 600) <= 5, `${await active()} s`);
	await stack.sql("UPDATE handoff SET created_at = created_at - interval '1 hour' WHERE session_id = $1", [id]);
	assert.ok(Math.abs(await active() - 600) <= 5, 'stands still');
	assert.equal((await answer({})).status, 409);
	assert.equal((await call('POST', `/${id}/handoff`, jonas, { intent: 'park' })).status, 409, 'parked already');
	const page = main(await at.jonas.get(`/sessions/${id}`));
	assert.match(page, /You parked this session<\/strong> <time[^>]*>1 h ago/);
	assert.match(page, /Waits for &quot;&gt;&lt;script&gt;/);
	assert.equal((await at.priya.send('GET', `/sessions/${id}`)).status, 403);
	const byAdmin = main(await at.maren.get(`/sessions/${id}`));
	assert.doesNotMatch(byAdmin, /Waits for|Resume</, 'why is private');
	assert.equal((await sent(at.maren, `/sessions/${id}/resume`)).status, 403);
	await at.jonas.get(`/sessions/${id}`);
	const resumed = await sent(at.jonas, `/sessions/${id}/resume`);
	assert.equal(location(resumed), `/sessions/${id}`);
	await stack.sql("UPDATE session SET ticking_since = now() - interval '1 minute' WHERE id = $1", [id]);
	assert.ok(Math.abs(await active() - 660) <= 5, `${await active()} s`);
	// By its time it is back without a word; the hour between is not counted.
	for (const [until, least, most] of [['hour', 59, 61], ['tomorrow', 0, 33 * 60]]) {
		await at.jonas.get(`/sessions/${id}/park`);
		await at.jonas.post(`/sessions/${id}/park`, { until, at: '' });
		const [{ minutes }] = await stack.sql("SELECT extract(epoch FROM wake_at - now())::int / 60 AS minutes FROM handoff WHERE session_id = $1 AND state = 'parked'", [id]);
		assert.ok(minutes >= least && minutes <= most, `${until}: ${minutes} min`);
		await stack.sql("UPDATE handoff SET wake_at = now() - interval '1 second' WHERE session_id = $1 AND state = 'parked'", [id]);
		assert.equal((await session(id, jonas)).status, 'active');
	}
	assert.equal((await stack.sql('SELECT count(*)::int AS n FROM notice WHERE person_id = $1 AND link LIKE $2', [jonas.id, `%${id}%`]))[0].n, 0);
	const going = await answer({});
	assert.equal(going.status, 200, going.text);
	assert.ok(going.json.active_seconds - 660 <= 10, `${going.json.active_seconds} s`);
	assert.equal((await sent(at.jonas, `/sessions/${id}/park`, { at: '2099-01-01T08:00' })).status, 303);
	const words = main(await at.jonas.get(`/sessions/${id}`));
	assert.match(words, /goes on by itself on 1 January 2099, 08:00 UTC/);
});

test('the API parks', async () => {
	const { id } = await startSession(stack, priya, flow.id);
	isProblem(await call('POST', `/${id}/handoff`, priya, { intent: 'nap' }), 422, 'invalid');
	isProblem(await call('POST', `/${id}/handoff`, priya, { intent: 'park', park_until: '2001-01-01T00:00:00Z' }), 422, 'invalid');
	isProblem(await call('POST', `/${id}/handoff`, jonas, { intent: 'park' }), 403, 'forbidden');
	isProblem(await call('POST', `/${id}/handoff`, stranger, { intent: 'park' }), 404, 'not_found');
	isProblem(await call('POST', `/${id}/handoff`, viewer, { intent: 'park' }), 403, 'forbidden');
	const parked = await call('POST', `/${id}/handoff`, priya, { intent: 'park', reason: 'Lunch', park_until: '2099-01-01T00:00:00Z' });
	assert.equal(parked.status, 201, parked.text);
	const { id: handoff, created_at: created, ...rest } = parked.json;
	assert.match(handoff, /^[0-9a-f-]{36}$/);
	assert.ok(created);
	assert.deepEqual(rest, { session_id: id, intent: 'park', status: 'parked', reason: 'Lunch', tried: '', priority: null, escalated_by: { id: priya.id, name: 'Priya Nair' },
		assigned_to: null, claimed_by: null, claimed_at: null, resolved_at: null, overdue_at: null, park_until: '2099-01-01T00:00:00Z', resolution: '', deliveries: [] });
	assert.equal((await call('POST', `/${id}/resume`, priya)).json.status, 'active');
	const races = await race(6, () => call('POST', `/${id}/handoff`, priya, { intent: 'park' }));
	assert.deepEqual(tally(races), { 201: 1, 409: 5 });
});
