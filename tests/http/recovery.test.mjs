// Sessions run while workers are killed and the database falls over: whatever was acknowledged is there, once and in
// order, and whoever comes back goes on at the very step.  On a server of its own, which writes durably.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { Rig } from '../faults/rig.mjs';
import { API, browser, colleague, register } from '../support/accounts.mjs';
import { madeAndPublished } from '../support/flows.mjs';
import { deadline } from '../support/patience.mjs';
import { runnable } from '../support/sessions.mjs';
import { formsOf } from '../support/visitor.mjs';

const FALLS = 2, KILLS = 4; // so many kills before each fall
const STEPS = 7;            // of a session that comes to its end

let rig;
let flow;
let people;
before(async () => {
	rig = await new Rig().start();
	const owner = await register(rig.stack);
	flow = await madeAndPublished(rig.stack, owner, { ...runnable(), visibility: 'public' });
	people = [];
	for (const run of [byApi, byApi, byPage, byPage]) {
		const who = await colleague(rig.stack, owner, 'engineer');
		people.push({ run, who, visitor: await browser(rig.stack, who.email), sessions: [], sent: 0, tries: 0 });
	}
});
after(() => rig?.stop());

let over = false;

// The same once more until it is answered, as a person does who is told to try again.
async function insist(person, send) {
	for (const end = deadline(20); ; await sleep(30)) {
		person.tries++;
		const answer = await send().catch(error => ({ status: 0, text: error.message }));
		if (![0, 502, 503].includes(answer.status)) {
			person.sent++;
			return answer;
		}
		assert.ok(Date.now() < end, `not answered: ${answer.status} ${answer.text}`);
	}
}

// What a session was told, and that it was: its notes in their order, the last scratchpad, the end.
const begun = (person, id) => {
	person.sessions.push({ id, notes: [], scratchpad: '', completed: false });
	return person.sessions.at(-1);
};
const noteOf = told => `${told.id} ${told.notes.length}`;

// ---- by the API: an answer is known by its step token alone, a start by its key

async function byApi(person) {
	const call = (method, path, json, headers) => insist(person, () =>
		rig.stack.request(method, `${API}/sessions${path}`, { bearer: person.who.access_token, json, headers }));
	const { status, text, json } = await call('POST', '', { tree_id: flow.id, variables: { server: 'srv-01' } }, { 'idempotency-key': `start-${person.sessions.length}` });
	assert.equal(status, 201, text);
	const told = begun(person, json.id);
	for (let session = json; !over && told.notes.length < STEPS;) {
		const note = noteOf(told);
		const { id, kind } = session.current_node;
		const answer = await call('POST', `/${told.id}/steps`,
			{ node_id: id, option_id: kind === 'decision' ? 'no' : undefined, notes: note, step_token: session.step_token });
		session = answer.status === 409 ? answer.json.current : answer.json;
		assert.equal(session?.steps?.at(-1)?.notes, note, 'where it was answered already, the conflict shows it');
		told.notes.push(note);
	}
	if (over)
		return;
	const done = await call('POST', `/${told.id}/complete`, { outcome: 'resolved' }, { 'idempotency-key': `end-${told.id}` });
	assert.equal(done.status, 200, done.text);
	told.completed = true;
}

// ---- by the pages: the form that was sent is sent again, and leads on

async function byPage(person) {
	const get = async path => {
		const page = await insist(person, () => person.visitor.send('GET', path));
		assert.equal(page.status, 200, page.text);
		return page.text;
	};
	const post = async (html, action, fields) => {
		const { hidden } = formsOf(html).find(form => form.action === action);
		const answer = await insist(person, () => person.visitor.send('POST', action, { form: { ...hidden, ...fields } }));
		assert.equal(answer.status, 303, answer.text);
		return answer.headers.location;
	};
	let path = await post(await get(`/flows/${flow.id}`), '/sessions/start', { 'v.server': 'srv-01' });
	const told = begun(person, path.split('/')[2]);
	while (!over && told.notes.length < STEPS) {
		const note = noteOf(told);
		path = await post(await get(path), path, { note, scratchpad: note, ...told.notes.length % 2 ? { do: 'done' } : { option: 'no' } });
		told.scratchpad = note;
		told.notes.push(note);
	}
	if (over)
		return;
	const end = `/sessions/${told.id}/complete`;
	await post(await get(end), end, { do: 'complete', outcome: 'resolved' });
	told.completed = true;
}

// ---- what befalls them

async function trouble() {
	for (let fall = 0; fall < FALLS; fall++) {
		for (let at = 0; at < KILLS; at++) {
			await sleep(250);
			process.kill(rig.busiest(), 'SIGKILL');
		}
		await rig.down('SIGQUIT');
		for (const pid of rig.worker.children)
			process.kill(pid, 'SIGKILL');
		await rig.up();
	}
	await sleep(500);
}

test('workers are killed and the database falls: nothing acknowledged is lost, nothing is there twice', async () => {
	const running = people.map(async person => {
		while (!over)
			await person.run(person);
	});
	const ended = await Promise.allSettled([trouble().finally(() => { over = true; }), ...running]);
	assert.deepEqual(ended.flatMap(({ reason }) => reason ?? []), []);
	for (const { who, sessions, sent, tries } of people) {
		assert.ok(sent > 10 && tries > sent, `${sent} answered, ${tries} tries: it was hurt, and went on`);
		const rows = await rig.sql(`SELECT s.id, s.completed_at IS NOT NULL AS completed, s.scratchpad,
				array_agg(v.n ORDER BY v.n) AS numbers, array_agg(v.notes ORDER BY v.n) FILTER (WHERE v.answered_at IS NOT NULL) AS notes,
				array_agg(v.node_id ORDER BY v.n) AS nodes
			FROM session s JOIN visit v ON v.session_id = s.id WHERE s.owner_id = $1 GROUP BY s.account_id, s.id`, [who.id]);
		const stored = new Map(rows.map(row => [row.id, row]));
		assert.deepEqual([...stored.keys()].sort(), sessions.map(({ id }) => id).sort(), 'each start is one session');
		for (const { id, notes, scratchpad, completed } of sessions) {
			const row = stored.get(id);
			assert.deepEqual(row.notes ?? [], notes, 'each answer once, in order');
			assert.deepEqual(row.numbers, row.nodes.map((_, at) => at + 1), 'no visit is left out');
			assert.deepEqual(row.nodes, row.nodes.map((_, at) => (at % 2 ? 'n2' : 'n1')));
			assert.deepEqual([row.completed, row.scratchpad], [completed, scratchpad]);
		}
	}
	const starts = people.reduce((sum, { sessions }) => sum + sessions.length, 0);
	const [{ usage_count: count }] = await rig.sql('SELECT usage_count FROM flow WHERE id = $1', [flow.id]);
	assert.equal(Number(count), starts, 'each start is counted once');
});

test('whoever comes back is offered to go on at the very step', async () => {
	for (const { who, sessions } of people) {
		const { id, notes, completed } = sessions.at(-1);
		const back = await browser(rig.stack, who.email); // another device
		const offer = /<h2 id="going">Go on where you stopped<\/h2>([\s\S]*?)<\/section>/.exec((await back.get('/')).text)?.[1];
		assert.equal(Boolean(offer), !completed);
		if (completed)
			continue;
		assert.match(offer, new RegExp(`<a class="button" href="/sessions/${id}">Go on</a>`));
		const step = await back.get(`/sessions/${id}`);
		assert.equal(back.path, `/sessions/${id}/steps/${notes.length + 1}`);
		const [, title] = /<h1[^>]*>([^<]*)<\/h1>/.exec(step.text);
		assert.ok(offer.includes(title), `${title} in ${offer}`);
	}
});
