// The pages of a run as they come over HTTP: what is saved with every button, windows that are late, texts that mean
// harm, who may, and a worker that dies.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { browser, colleague, race, register, tally } from '../support/accounts.mjs';
import { madeAndPublished } from '../support/flows.mjs';
import { prepareSession, procedureFlow, runnable, runnableFlow, sessionCall, startSession } from '../support/sessions.mjs';
import { startStack } from '../support/stack.mjs';
import { unescapeHtml } from '../support/visitor.mjs';

let stack;
let call;
let owner;
let engineer;
let other;
let viewer;
let stranger;
let flow;
let ann;
before(async () => {
	stack = await startStack();
	call = sessionCall(stack);
	owner = await register(stack);
	stranger = await register(stack);
	[engineer, other, viewer] = [await colleague(stack, owner, 'engineer'), await colleague(stack, owner, 'engineer'), await colleague(stack, owner, 'viewer')];
	await stack.sql('UPDATE person SET team_id = (SELECT team_id FROM person WHERE id = $1) WHERE account_id = (SELECT account_id FROM person WHERE id = $1)', [owner.user.id]);
	flow = await runnableFlow(stack, owner);
	ann = await browser(stack, engineer.email);
});
after(() => stack?.stop());

const get = async (session, who = engineer) => (await call('GET', `/${session.id}`, who)).json;
const begin = (fields, of = flow) => startSession(stack, engineer, of.id, fields);
const step = (session, n) => `/sessions/${session.id}/steps/${n}`;
const words = html => unescapeHtml(/<main[\s\S]*<\/main>/.exec(html)[0].replace(/<[^>]+>/g, ' ')).replace(/\s+/g, ' ');
const hidden = (html, name) => unescapeHtml(new RegExp(`<input type="hidden" name="${name}" value="([^"]*)"`).exec(html)?.[1] ?? '');
const area = (html, name) => unescapeHtml(new RegExp(`<textarea[^>]*\\bname="${name}"[^>]*>(?:&#10;)?([^<]*)<`).exec(html)?.[1] ?? '');

// The fields that the page's form sends, as they stand in it.
function fields(html) {
	const found = { note: area(html, 'note'), scratchpad: area(html, 'scratchpad') };
	for (const name of ['csrf', 'once', 'note_was', 'scratch_was'])
		found[name] = hidden(html, name);
	for (const [, name] of html.matchAll(/\bname="(v\.\w+)"/g))
		found[name] = '';
	return found;
}

// A page of a session as somebody has it in a window, and what they press in it.
async function open(path, who = ann, status = 200) {
	const page = await who.send('GET', path);
	assert.equal(page.status, status, page.text);
	return {
		...page, path, fields: fields(page.text), words: words(page.text),
		press: (more, to = path) => who.send('POST', to, { form: { ...fields(page.text), ...more } }),
	};
}
const leads = (answer, to) => {
	assert.equal(answer.status, 303, answer.text);
	assert.equal(answer.headers.location, to);
};

test('a step, answered: one POST, one 303, one page', async () => {
	const session = await begin({ ticket_number: 'T-7', client_name: 'Contoso' });
	leads(await ann.send('GET', `/sessions/${session.id}`), step(session, 1));
	const first = await open(step(session, 1));
	assert.match(first.words, /VPN drops hourly · Step 1 · 0 answered Client Contoso Ticket T-7 Does \[VAR:server\] answer\?/);
	assert.match(first.text, /<button[^>]*name="option" value="no"[^>]*><kbd>2<\/kbd> <span>No<\/span>/);
	leads(await first.press({ option: 'no', note: 'No reply at all' }), step(session, 2));
	const second = await open(step(session, 2));
	assert.match(second.words, /Step 2 · 1 answered/);
	assert.match(second.words, /The way so far Does \[VAR:server\] answer\? .*No reply at all No Change “Does \[VAR:server\] answer\?”, visit 1/);
	const { steps, current_node } = await get(session);
	assert.deepEqual([current_node.id, steps.map(one => [one.option.id, one.notes])], ['n2', [['no', 'No reply at all']]]);
});

test('each button saves what was typed, then does its thing', async () => {
	for (const [button, to] of [['save', '/steps/1'], ['variables', '/variables'], ['park', '/park'], ['finish', '/complete'], ['nonsense', '/steps/1']]) {
		const session = await begin();
		const page = await open(step(session, 1));
		leads(await page.press({ do: button, note: `for ${button}`, scratchpad: 'mine\r\ntoo', 'v.server': 'dc01' }), `/sessions/${session.id}${to}`);
		const { scratchpad, variables } = await get(session);
		assert.deepEqual([scratchpad, variables], ['mine\ntoo', { server: 'dc01' }], button);
		assert.deepEqual([(await open(step(session, 1))).fields.note, (await get(session)).steps], [`for ${button}`, []]);
	}
});
