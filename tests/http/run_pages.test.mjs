// The pages of a run as they come over HTTP: what is saved with every button, windows that are late, texts that mean
// harm, who may, and a worker that dies.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { browser, colleague, race, tally } from '../support/accounts.mjs';
import { madeAndPublished } from '../support/flows.mjs';
import { openSessions, prepareSession, procedureFlow, runnable, startSession } from '../support/sessions.mjs';
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
	({ stack, call, owner, engineer, other, viewer, stranger, flow } = await openSessions());
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
	assert.match(first.words, /VPN drops hourly · Step 1 · 0 answered Client Contoso Ticket T-7 Does \[The server\] answer\?/);
	assert.match(first.text, /<button[^>]*name="option" value="no"[^>]*><kbd>2<\/kbd> <span>No<\/span>/);
	leads(await first.press({ option: 'no', note: 'No reply at all' }), step(session, 2));
	const second = await open(step(session, 2));
	assert.match(second.words, /Step 2 · 1 answered/);
	assert.match(second.words, /The way so far Does \[The server\] answer\? .*No reply at all No Change “Does \[The server\] answer\?”, visit 1/);
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

test('a prompt once a page, its control of the field, and the value everywhere', async () => {
	const session = await begin();
	const page = await open(step(session, 1));
	const prompts = [...page.text.matchAll(/<span class="var-prompt"><label for="v-(\w+)">([^<]*) <span class="state">\((\w+)\)/g)].map(([, ...of]) => of);
	assert.deepEqual(prompts, [['server', 'The server', 'required'], ['site', 'The site', 'optional']]);
	assert.match(page.text, /<input class="input" type="text" autocomplete="off" value="" form="step" id="v-server" name="v\.server" aria-describedby="v-server-help">/);
	leads(await page.press({ do: 'save', 'v.server': ' dc<01> & "co" ' }), step(session, 1));
	const filled = await open(step(session, 1));
	assert.match(filled.words, /Does dc<01> & "co" answer\? Ping dc<01> & "co" from The site/);
	assert.doesNotMatch(filled.text, /v\.server|dc<01>/);
	leads(await filled.press({ option: 'no' }), step(session, 2));
	const second = await open(step(session, 2));
	assert.match(second.words, /Restart dc<01> & "co" .*Sign in with The pass The pass \(optional\)/);
	leads(await second.press({ do: 'save', 'v.pass': ' s3<cret ' }), step(session, 2));
	assert.match((await open(step(session, 2))).words, /Sign in with +s3<cret /, 'who runs it reads a password');
	assert.ok(!(await stack.sql('SELECT variables::text AS t FROM session WHERE id = $1', [session.id]))[0].t.includes('cret'));
});

test('every kind has its control; what stands in code, links, titles and labels is text', async () => {
	const all = runnable();
	all.structure.nodes[0] = {
		...all.structure.nodes[0], title: 'Is [VAR:count] right?',
		body: 'A [VAR:story], [VAR:size] and [VAR:size], [VAR:backup]; `ping [VAR:gateway]`, [see [VAR:contact]](https://x.example/[VAR:since]).\n\n    code [VAR:server]\n\nUnknown [VAR:nobody].',
		options: [{ id: 'yes', label: 'Yes, [VAR:site]', next: 'n3' }, { id: 'no', label: 'No', next: 'n2' }],
	};
	all.structure.nodes = all.structure.nodes.filter(node => node.id !== 'n4');
	all.intake.push({ ...all.intake[0], name: 'nobody', label: 'Nobody', required: false });
	const tree = await madeAndPublished(stack, owner, all);
	const session = await begin({}, tree);
	const page = await open(step(session, 1));
	const text = /<div class="flow" id="text">([\s\S]*?)<form id="step"/.exec(page.text)[1];
	assert.match(text, /<textarea class="input" rows="3" form="step" id="v-story"/);
	assert.equal(text.match(/id="v-size"/g).length, 1, 'one prompt of two tokens');
	assert.match(text, /<option value="small">small<\/option>/);
	assert.match(text, /and <span class="var">The size<\/span>/);
	assert.match(text, /<input type="checkbox" class="pick" value="true" form="step" id="v-backup"/);
	assert.match(text, /<code>ping \[VAR:gateway\]<\/code>/);
	assert.match(text, /<a href="https:\/\/x\.example\/\[VAR:since\]"[^>]*>see \[VAR:contact\]<\/a>/);
	assert.match(text, /<code>code \[VAR:server\]/);
	const needed = /Needed here<\/h2>([\s\S]*?)<\/section>/.exec(text)[1];
	assert.deepEqual([...needed.matchAll(/id="v-(\w+)" name/g)].map(([, name]) => name), ['server', 'site', 'count', 'since', 'contact', 'gateway']);
	assert.match(needed, /<input class="input" type="date"[^>]*id="v-since"/);
	assert.match(needed, /<input class="input" type="email"[^>]*id="v-contact"/);
	assert.match(page.words, /Is \[The count\] right\?/);
	assert.match(page.words, /1 Yes, \[The site\]/);
	await page.press({ do: 'save', 'v.gateway': '10.0.0.1', 'v.since': '2026-11-01', 'v.contact': 'ann@example.com', 'v.story': 'one\r\ntwo', 'v.backup': 'true', 'v.size': 'large', 'v.count': '2.5', 'v.site': 'javascript:alert(1)' });
	const filled = await open(step(session, 1));
	assert.match(filled.text, /<code>ping 10\.0\.0\.1<\/code>/);
	assert.match(filled.text, /<a href="https:\/\/x\.example\/2026-11-01"[^>]*>see ann@example\.com<\/a>/);
	assert.match(filled.text, /A <span class="lines">one\ntwo<\/span>, large and large, Yes;/);
	assert.match(filled.words, /Is 2\.5 right\?.*1 Yes, javascript:alert\(1\)/);
	assert.doesNotMatch(filled.text, /Needed here<\/h2>\s*<span[^>]*><label for="v-(?!server)/);
});

test('what does not fit: 422, all that was typed kept, nothing stored, one way to each fault', async () => {
	const session = await begin();
	const page = await open(step(session, 1));
	const typed = { note: 'A "note" <b>', scratchpad: 'pad', 'v.server': 'dc01', 'v.count': 'many', 'v.pass': 'kept too' };
	const refused = await page.press({ ...typed, option: 'yes' });
	assert.equal(refused.status, 422);
	assert.match(refused.text, /<title>Error: /);
	assert.match(refused.text, /<div class="err-sum" tabindex="-1" autofocus>[\s\S]*<a href="#v-count">Type a number/);
	assert.match(refused.text, /Error:<\/span> Type a number[^<]*<\/span><input[^>]*value="many"[^>]*id="v-count"[^>]*aria-invalid="true" aria-describedby="v-count-error"/);
	assert.match(refused.text, /value="dc01" form="step" id="v-server"/);
	assert.deepEqual([area(refused.text, 'note'), area(refused.text, 'scratchpad')], [typed.note, 'pad']);
	const { variables, steps, scratchpad } = await get(session);
	assert.deepEqual([variables, steps, scratchpad], [{}, [], '']);
	leads(await page.press({ ...fields(refused.text), ...typed, 'v.count': '3', option: 'yes' }), step(session, 2));
	assert.deepEqual(Object.keys((await get(session)).variables).sort(), ['count', 'pass', 'server']);
	const long = await (await open(step(session, 2))).press({ note: 'x'.repeat(20001) });
	assert.equal(long.status, 422);
	assert.equal(area(long.text, 'note').length, 20001);
	assert.match(long.text, /<a href="#note">The note may have at most 20000 characters/);
});

test('an older window overwrites nothing, and what was typed in it is there to be taken', async () => {
	const session = await begin();
	const old = await open(step(session, 1));
	const twin = await open(step(session, 1));
	leads(await old.press({ option: 'no', note: 'first' }), step(session, 2));
	const late = await twin.press({ option: 'yes', note: 'typed <late>', scratchpad: 'pad', 'v.server': 'dc09' });
	assert.equal(late.status, 409);
	assert.match(words(late.text), /There is a problem This session has moved on.*Restart \[The server\].*You typed this in an older window/);
	assert.equal(area(late.text, 'older'), 'typed <late>\nScratchpad: pad\nAnswer: Yes\nThe server: dc09');
	assert.equal(area(late.text, 'note'), '');
	let now = await get(session);
	assert.deepEqual([now.current_node.id, now.steps.map(one => one.option.id), now.scratchpad, now.variables], ['n2', ['no'], '', {}]);
	leads(await ann.send('POST', step(session, 2), { form: { ...fields(late.text), note: 'mine', older: 'typed <late>', do: 'put' } }), step(session, 2));
	assert.equal((await open(step(session, 2))).fields.note, 'mine\n\ntyped <late>');
	// The same form once more is the same answer, not a second one.
	const twice = await open(step(session, 2));
	const done = { ...twice.fields, do: 'done' };
	leads(await ann.send('POST', twice.path, { form: done }), step(session, 3));
	leads(await ann.send('POST', twice.path, { form: done }), step(session, 3));
	now = await get(session);
	assert.equal(now.steps.length, 2);
	// The nonce of an answered page does not open it again.
	assert.equal((await ann.send('POST', twice.path, { form: { ...done, note: 'changed' } })).status, 409);
});

test('of eight windows that answer at once one wins, and no note is lost', async () => {
	const session = await begin();
	const pages = await Promise.all(Array.from({ length: 8 }, () => open(step(session, 1))));
	const answers = await race(8, at => pages[at].press({ option: at % 2 ? 'yes' : 'no', note: `note ${at}` }));
	assert.deepEqual(tally(answers), { 303: 1, 409: 7 });
	for (const [at, answer] of answers.entries())
		if (answer.status === 409)
			assert.match(area(answer.text, 'older'), new RegExp(`^note ${at}`));
	assert.equal((await get(session)).steps.length, 1);
});

test('two windows of one step: an untouched text changes nothing, two texts are both shown', async () => {
	const session = await begin();
	const one = await open(step(session, 1));
	const two = await open(step(session, 1));
	const three = await open(step(session, 1));
	await one.press({ do: 'save', note: 'of one', scratchpad: 'pad of one', 'v.server': 'dc01' });
	leads(await two.press({ do: 'save', note: '', scratchpad: '', 'v.server': '', 'v.site': 'Bonn' }), step(session, 1));
	let now = await open(step(session, 1));
	assert.deepEqual([now.fields.note, now.fields.scratchpad], ['of one', 'pad of one']);
	assert.deepEqual((await get(session)).variables, { server: 'dc01', site: 'Bonn' });
	const both = await three.press({ option: 'yes', note: 'of three' });
	assert.equal(both.status, 409);
	assert.match(words(both.text), /The note was changed in another window.*Saved in another window: of one/);
	assert.equal(area(both.text, 'note'), 'of three');
	const pads = await three.press({ ...fields(both.text), note: 'of one and three', scratchpad: 'pad of three', scratch_was: three.fields.scratch_was, option: 'yes' });
	assert.equal(pads.status, 409);
	assert.match(pads.text, /id="scratch" open>[\s\S]*pad of one[\s\S]*pad of three/);
	assert.deepEqual((await get(session)).steps, []);
	leads(await three.press({ ...fields(pads.text), option: 'yes' }), step(session, 2));
	now = await get(session);
	assert.deepEqual([now.steps[0].notes, now.scratchpad], ['of one and three', 'pad of three']);
});

test('back, change, and what was answered before', async () => {
	const session = await begin();
	await (await open(step(session, 1))).press({ option: 'no', note: 'mistaken' });
	await (await open(step(session, 2))).press({ do: 'done', note: 'it is up' });
	const loop = await open(step(session, 3));
	assert.match(loop.words, /2nd time here Answered before: No/);
	assert.match(loop.words, /2 No Answered before/);
	assert.equal(loop.fields.note, '');
	leads(await loop.press({ do: 'back', note: 'half a thought' }), step(session, 4));
	const back = await open(step(session, 4));
	assert.match(back.words, /Restart .* Answered before: Done/);
	assert.equal(back.fields.note, 'it is up');
	leads(await back.press({ change: '1' }), step(session, 5));
	const first = await open(step(session, 5));
	assert.match(first.words, /Step 1 · 0 answered/);
	assert.equal(first.fields.note, 'mistaken');
	assert.equal((await first.press({ do: 'back' })).status, 409);
	assert.equal((await first.press({ change: '77' })).status, 409);
	assert.equal((await first.press({ change: 'x' })).status, 409);
	assert.match((await get(session)).steps.map(one => `${one.node_id} ${one.notes} ${one.reverted}`).join('\n'), /n1 half a thought true/);
});

test('an earlier visit is read, and its note changed', async () => {
	const session = await begin();
	await (await open(step(session, 1))).press({ option: 'no', note: 'first' });
	const earlier = await open(step(session, 1));
	assert.match(earlier.words, /earlier step.*Return to the current step.*Answer: No/);
	assert.doesNotMatch(earlier.text, /name="option"|name="v\./);
	leads(await ann.send('POST', `${step(session, 1)}/note`, { form: { ...earlier.fields, note: 'better' } }), step(session, 1));
	assert.equal((await get(session)).steps[0].notes, 'better');
	const clash = await ann.send('POST', `${step(session, 1)}/note`, { form: { ...earlier.fields, once: '', note: 'of another window' } });
	assert.equal(clash.status, 409);
	assert.match(words(clash.text), /Saved in another window: better/);
	assert.equal(area(clash.text, 'note'), 'of another window');
	await open(step(session, 3), ann, 404);
	await open(step(session, 0), ann, 404);
	await open(step(session, 'x'), ann, 404);
});

test('a procedure: checklist, skips with their reasons, the end', async () => {
	const session = await begin({}, await procedureFlow(stack, owner));
	const first = await open(step(session, 1));
	assert.match(first.words, /Unpack · Step 1 of 3 · 0 answered Check the delivery/);
	assert.match(first.words, /Checklist Unpack Check the delivery Current Stick the label on To do Install Join the domain To do/);
	const bare = await first.press({ do: 'skip', skip_reason: ' ', note: 'kept' });
	assert.equal(bare.status, 422);
	assert.match(bare.text, /<a href="#skip_reason">This step is required\. Say why you skip it\./);
	assert.equal(area(bare.text, 'note'), 'kept');
	leads(await first.press({ ...fields(bare.text), do: 'skip', skip_reason: 'Came <early>' }), step(session, 2));
	leads(await (await open(step(session, 2))).press({ do: 'skip' }), step(session, 3));
	leads(await (await open(step(session, 3))).press({ do: 'done' }), step(session, 4));
	const end = await open(step(session, 4));
	assert.match(end.words, /All steps are done/);
	assert.match(end.words, /Check the delivery .*Why: Came <early> kept Skipped .*Install Join the domain .*Done/);
	leads(await end.press({ do: 'finish', scratchpad: 'to the end' }), `/sessions/${session.id}/complete`);
	const complete = await open(`/sessions/${session.id}/complete`);
	assert.match(complete.text, /value="resolved" checked/);
	assert.doesNotMatch(complete.words, /Still empty|not come to its end/);
	leads(await ann.send('POST', complete.path, { form: { ...complete.fields, do: 'complete', outcome: 'resolved', summary: 'All <good>' } }), `/sessions/${session.id}/record`);
	const record = await open(`/sessions/${session.id}/record`);
	assert.match(record.words, /New workstation Resolved Completed .*Summary All <good> What was done Skipped: 2/);
	assert.equal((await get(session)).scratchpad, 'to the end');
});

test('the panel of variables: all of them, changed and emptied, no window empties what another filled', async () => {
	const session = await begin();
	const path = `/sessions/${session.id}/variables`;
	const marks = page => Object.fromEntries([...page.text.matchAll(/name="(w\.\w+)" value="([^"]*)"/g)].map(([, ...pair]) => pair));
	const page = await open(path);
	assert.match(page.words, /0 of 10 filled; 2 of those/);
	assert.match(page.words, /The server \(required, not filled\)/);
	const stale = await open(path);
	const post = (from, more) => ann.send('POST', path, { form: { csrf: from.fields.csrf, once: from.fields.once, ...marks(from), ...more } });
	leads(await post(page, { 'v.server': 'dc01', 'v.pass': 'pw', 'v.backup': 'true', ticket: 'T-9', client: 'Fabrikam' }), `/sessions/${session.id}`);
	assert.deepEqual((await get(session)).variables, { server: 'dc01', pass: 'pw', backup: true });
	leads(await post(stale, { 'v.server': '', 'v.pass': '', 'v.site': 'Bonn' }), `/sessions/${session.id}`);
	assert.deepEqual((await get(session)).variables, { server: 'dc01', pass: 'pw', backup: true, site: 'Bonn' });
	const now = await open(path);
	assert.match(now.words, /The server \(filled\)/);
	assert.match(now.text, /id="v-backup"[^>]*><option value="">Not filled<\/option><option value="true" selected>/);
	const wrong = await post(now, { 'v.server': 'dc02', 'v.site': 'Bonn', 'v.pass': 'pw', 'v.gateway': '300.1.1.1', ticket: 'T-10' });
	assert.equal(wrong.status, 422);
	assert.match(wrong.text, /href="#v-gateway"/);
	assert.match(wrong.text, /value="dc02"[\s\S]*value="300\.1\.1\.1"[\s\S]*value="T-10"/);
	leads(await post(now, { 'v.server': '', 'v.site': 'Bonn', 'v.pass': 'pw', 'v.backup': 'false' }), `/sessions/${session.id}`);
	const { variables, ticket_number } = await get(session);
	assert.deepEqual([variables, ticket_number], [{ pass: 'pw', backup: false, site: 'Bonn' }, 'T-9']);
});

test('the end: empty required variables are a warning; once completed nothing goes through', async () => {
	const session = await begin();
	const running = await open(step(session, 1));
	const path = `/sessions/${session.id}/complete`;
	const page = await open(path);
	assert.match(page.words, /not come to its end yet.*Still empty.*The server \(required, not filled\).*The gateway \(required, not filled\).*Complete anyway/);
	assert.match(page.text, /value="unresolved" checked/);
	const saved = await ann.send('POST', path, { form: { ...page.fields, do: 'save', 'v.server': 'dc01', summary: 'so far', outcome: 'escalate' } });
	assert.equal(saved.status, 200);
	assert.equal(area(saved.text, 'summary'), 'so far');
	assert.match(saved.text, /value="escalate" checked/);
	assert.doesNotMatch(saved.text, /id="v-server"/);
	const wrong = await ann.send('POST', path, { form: { ...fields(saved.text), do: 'complete', 'v.gateway': 'nowhere', summary: 'so far' } });
	assert.equal(wrong.status, 422);
	assert.equal((await get(session)).status, 'active');
	const twice = await race(4, async () => ann.send('POST', path, { form: { ...(await open(path)).fields, do: 'complete', outcome: 'escalate', summary: 'Done' } }));
	assert.deepEqual(tally(twice), { 303: 1, 409: 3 });
	assert.match(words(twice.find(one => one.status === 409).text), /This session is completed.*You typed this, and it is not saved/);
	const now = await get(session);
	assert.deepEqual([now.status, now.outcome, now.summary, now.unfilled.includes('gateway')], ['completed', 'escalate', 'Done', true]);
	const late = await running.press({ option: 'yes', note: 'too late' });
	assert.equal(late.status, 409);
	assert.match(words(late.text), /This session is completed.*it is not saved/);
	assert.equal(/<textarea[^>]*id="typed"[^>]*>&#10;([^<]*)/.exec(late.text)[1], 'too late');
	assert.match((await open(step(session, 1))).words, /This session is completed/);
	assert.equal((await ann.send('POST', `/sessions/${session.id}/abandon`, { form: { csrf: page.fields.csrf } })).status, 409);
});

test('cancelled: asked first, the record stays', async () => {
	const session = await begin();
	await (await open(step(session, 1))).press({ option: 'no', note: 'noted' });
	const page = await open(`/sessions/${session.id}/abandon`);
	leads(await ann.send('POST', page.path, { form: page.fields }), `/sessions/${session.id}/record`);
	const record = await open(`/sessions/${session.id}`);
	assert.match(record.words, /VPN drops hourly Cancelled .*noted/);
	assert.equal((await get(session)).status, 'abandoned');
});

test('a record tells steps gone back on and never a password', async () => {
	const session = await begin({ variables: { pass: 'hunter2', server: 'dc01' } });
	await (await open(step(session, 1))).press({ option: 'no', note: '<script>alert(1)</script>' });
	await (await open(step(session, 2))).press({ do: 'back' });
	const record = await open(`/sessions/${session.id}/record`);
	assert.match(record.words, /This session has not ended yet.*Go on with it/);
	assert.match(record.words, /Gone back on No/);
	assert.match(record.words, /The pass Filled, not shown/);
	assert.doesNotMatch(record.text, /hunter2|<script>alert/);
});

test('texts that mean harm are texts, wherever they stand', async () => {
	const evil = '"><script>alert(1)</script><img src=x onerror=alert(1)>';
	const flowOf = runnable();
	const [first] = flowOf.structure.nodes;
	Object.assign(first, { title: `${evil} [VAR:server]`, body: `${evil} [VAR:server] [x](javascript:alert(1)) \ufdd00\ufdd0` });
	first.options[0].label = evil;
	Object.assign(flowOf.intake[0], { label: evil, help: evil });
	Object.assign(flowOf.intake[4], { options: [evil, 'b'] });
	flowOf.name = evil;
	const session = await begin({ client_name: evil, ticket_number: evil.slice(0, 100) }, await madeAndPublished(stack, owner, flowOf));
	const clean = html => assert.doesNotMatch(html, /<script>|<img|href="javascript/);
	const page = await open(step(session, 1));
	clean(page.text);
	await page.press({ do: 'save', note: evil, scratchpad: evil, 'v.server': evil });
	clean((await open(step(session, 1))).text);
	clean((await open(`/sessions/${session.id}/variables`)).text);
	clean((await page.press({ option: 'yes', 'v.count': evil, skip_reason: evil })).text);
	await (await open(step(session, 1))).press({ option: 'yes' });
	clean((await page.press({ option: 'no', note: evil })).text);
	for (const of of ['/steps/1', '/steps/2', '/complete', '/abandon', '/record'])
		clean((await open(`/sessions/${session.id}${of}`)).text);
	const done = await open(`/sessions/${session.id}/complete`);
	await ann.send('POST', done.path, { form: { ...done.fields, do: 'complete', summary: evil } });
	clean((await open(`/sessions/${session.id}`)).text);
});

test('who may: a colleague, a viewer, another account, a page without its token', async () => {
	const session = await begin();
	const page = await open(step(session, 1));
	const [bob, tom, eve, maren] = await Promise.all([other, viewer, stranger, owner].map(who => browser(stack, who.email ?? who.user.email)));
	const paths = ['', '/steps/1', '/variables', '/complete', '/abandon', '/record'];
	for (const path of paths) {
		assert.equal((await bob.send('GET', `/sessions/${session.id}${path}`)).status, 403, path);
		assert.equal((await eve.send('GET', `/sessions/${session.id}${path}`)).status, 404, path);
		assert.equal((await tom.send('GET', `/sessions/${session.id}${path}`)).status, 403, path);
		const admin = await maren.send('GET', `/sessions/${session.id}${path}`);
		assert.equal(admin.status, 200, path);
		assert.doesNotMatch(admin.text, /name="option"|name="v\./, path);
	}
	assert.match(words((await maren.send('GET', step(session, 1))).text), /This session is a colleague's/);
	for (const [who, status] of [[bob, 403], [tom, 403], [eve, 404], [maren, 403]]) {
		const { csrf } = await who.hidden('/profile');
		for (const path of ['/steps/1', '/steps/1/unsent', '/steps/1/note', '/variables', '/complete', '/abandon'].slice(0, who === maren ? 5 : 6)) {
			const answer = await who.send('POST', `/sessions/${session.id}${path}`, { form: { csrf, option: 'yes', note: 'x', do: 'complete' } });
			assert.equal(answer.status, status, `${path} ${answer.text}`);
		}
	}
	assert.equal((await page.press({ csrf: 'x', option: 'yes' })).status, 403);
	const { steps, status } = await get(session);
	assert.deepEqual([steps, status], [[], 'active']);
	assert.match((await stack.request('GET', step(session, 1))).headers.location, /^\/login/);
});

test('parked and prepared: what it is and what to do', async () => {
	const session = await begin();
	const page = await open(step(session, 1));
	await stack.sql("INSERT INTO handoff (account_id, id, session_id, intent, state, by_id) SELECT account_id, uuid7(), id, 'park', 'parked', owner_id FROM session WHERE id = $1", [session.id]);
	assert.match((await open(`/sessions/${session.id}`)).words, /You parked this session.*Resume/);
	const late = await page.press({ option: 'yes', note: 'while parked' });
	assert.equal(late.status, 409);
	assert.match(late.text, /while parked/);
	const prepared = await prepareSession(stack, engineer, flow.id);
	await open(`/sessions/${prepared.id}`);
	assert.match((await open(step(prepared, 1))).words, /has not started yet/);
});

test('what is kept while one types: texts only, marks for the next time, never over an answer', async () => {
	const session = await begin();
	const page = await open(step(session, 1));
	const keep = more => ann.send('POST', `${step(session, 1)}/unsent`, { form: { ...page.fields, ...more } });
	const first = await keep({ note: 'half', 'v.server': 'not yet' });
	assert.equal(first.status, 200);
	const [note_was, scratch_was] = first.text.split(' ');
	assert.equal((await keep({ note: 'half a', note_was, scratch_was })).status, 200);
	assert.equal((await keep({ note: 'from elsewhere' })).status, 409);
	const now = await open(step(session, 1));
	assert.equal(now.fields.note, 'half a');
	assert.deepEqual((await get(session)).variables, {});
	leads(await now.press({ option: 'no' }), step(session, 2));
	assert.equal((await keep({ note: 'late', note_was: now.fields.note_was })).status, 409);
	assert.equal((await get(session)).steps[0].notes, 'half a');
});

test('a worker killed after it said yes has lost nothing', async () => {
	const session = await begin();
	for (let n = 1; n <= 6; n++) {
		const page = await open(step(session, n));
		leads(await page.press(n % 2 ? { option: 'no', note: `note ${n}`, scratchpad: `pad ${n}`, 'v.site': `site ${n}` } : { do: 'done', note: `note ${n}` }), step(session, n + 1));
		for (const pid of stack.workers)
			process.kill(pid, 'SIGKILL');
		await stack.ready();
	}
	const { steps, scratchpad, variables } = await get(session);
	assert.deepEqual(steps.map(one => one.notes), [1, 2, 3, 4, 5, 6].map(n => `note ${n}`));
	assert.deepEqual([scratchpad, variables], ['pad 5', { site: 'site 5' }]);
});

test('round trips: a page one, an answer two', async () => {
	const session = await begin();
	const page = await open(step(session, 1));
	await page.press({ option: 'no', note: 'x', scratchpad: 'y', 'v.server': 'z' });
	const trips = method => stack.log('worker').split('\n').filter(line => line.includes('steps/*visit ') && line.includes(`method=${method} `)).at(-1).match(/trips=(\d+)/)[1];
	assert.deepEqual([trips('GET'), trips('POST')], ['1', '2']);
});

test('an answer with a note changes the row of its session once, and so does a note alone', async () => {
	const session = await begin({ variables: { server: 'srv-1' } });
	const page = await open(step(session, 1));
	leads(await page.press({ note: 'It hums', option: 'no' }), step(session, 2));
	const { revision } = await get(session);
	assert.equal(revision, session.revision + 1);
	leads(await (await open(step(session, 2))).press({ note: 'It still hums', do: 'save' }), step(session, 2));
	assert.equal((await get(session)).revision, revision + 1);
});
