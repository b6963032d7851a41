// The editor's forms as they come over HTTP: who may, what is sent twice, two people at once, what was typed and not
// sent, texts that mean harm, and a flow as large as they get.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { API, browser, colleague, race, register, tally } from '../support/accounts.mjs';
import { makeFlow, publishFlow } from '../support/flows.mjs';
import { makeFlow as randomFlow } from '../support/random_flows.mjs';
import { patient } from '../support/patience.mjs';
import { startStack } from '../support/stack.mjs';
import { formsOf, unescapeHtml } from '../support/visitor.mjs';

const STRINGS = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../../../shared/data/naughty-strings');

let stack;
let ann;
let bob;
let viewer;
before(async () => {
	stack = await startStack();
	ann = await register(stack);
	bob = await colleague(stack, ann, 'engineer');
	viewer = await colleague(stack, ann, 'viewer');
	await stack.sql('UPDATE person SET team_id = (SELECT team_id FROM person WHERE id = $1) WHERE account_id = (SELECT account_id FROM person WHERE id = $1)', [ann.user.id]);
});
after(() => stack?.stop());

const tree = async (who, id) => (await stack.request('GET', `${API}/trees/${id}`, { bearer: who.access_token })).json;
const node = async (who, id, which) => (await tree(who, id)).structure.nodes.find(one => one.id === which);
const entries = async id => (await stack.sql('SELECT n::int, label FROM flow_edit WHERE flow_id = $1 ORDER BY n', [id]));
const text = html => unescapeHtml(html.replace(/<[^>]+>/g, ' ')).replace(/\s+/g, ' ');

// All that a browser would send of the form of that action, as pairs; hidden fields, texts, choices.
function filled(html, action) {
	const [, inside] = [...html.matchAll(/<form\b([^>]*)>([\s\S]*?)<\/form>/g)].find(([, head]) => head.includes(`action="${action}"`))?.slice(1) ?? [];
	assert.ok(inside !== undefined, `a form for ${action}`);
	const pairs = [];
	const name = tag => /\bname="([^"]*)"/.exec(tag)?.[1];
	for (const [whole, tag] of inside.matchAll(/<(input|textarea|select)\b[^>]*>/g)) {
		const rest = inside.slice(inside.indexOf(whole));
		if (!name(whole) || (/type="checkbox"/.test(whole) && !/\schecked/.test(whole)))
			continue;
		let value = /\bvalue="([^"]*)"/.exec(whole)?.[1] ?? '';
		if (tag === 'textarea')
			value = rest.slice(whole.length, rest.indexOf('</textarea>')).replace(/^&#10;|^\n/, '').replace(/^\n/, '');
		if (tag === 'select')
			value = (/<option value="([^"]*)" selected/.exec(rest.slice(0, rest.indexOf('</select>'))) ?? /<option value="([^"]*)"/.exec(rest))[1];
		pairs.push([name(whole), unescapeHtml(value)]);
	}
	return pairs;
}

// Sets the first of that name, or those of the rows: change(pairs, { title: 'x', option_label: ['Yes', 'No'] }).
function change(pairs, fields) {
	const rows = {};
	return pairs.map(([name, value]) => {
		if (!(name in fields))
			return [name, value];
		const to = fields[name];
		rows[name] = (rows[name] ?? -1) + 1;
		return [name, Array.isArray(to) ? to[rows[name]] ?? value : to];
	});
}

const steps = id => `/flows/${id}/edit`;
const step = (id, which) => `/flows/${id}/edit/${which}`;

// The page of a step, and its form as it would be sent.
async function open(visitor, id, which) {
	const page = await visitor.get(step(id, which));
	assert.equal(page.status, 200, page.text);
	return { page, form: filled(page.text, step(id, which)) };
}

async function save(visitor, id, which, fields) {
	const { form } = await open(visitor, id, which);
	return visitor.send('POST', step(id, which), { form: change(form, fields) });
}

// Presses the button of the form of that action on a page.
async function press(visitor, on, action) {
	const page = await visitor.get(on);
	return visitor.post(action, Object.fromEntries(filled(page.text, action)));
}

test('every page and form of the editor is closed to who may not', async () => {
	const { id } = await makeFlow(stack, ann, { visibility: 'public' });
	await publishFlow(stack, ann, id);
	const other = await register(stack);
	const away = await colleague(stack, ann, 'engineer'); // of no team: sees it, may not change it
	const routes = [
		['GET', steps(id)], ['GET', step(id, 'n1')], ['GET', `/flows/${id}/fields`], ['GET', `/flows/${id}/fields/gateway`],
		['GET', `/flows/${id}/details`], ['GET', `/flows/${id}/history`], ['GET', `/flows/${id}/publish`],
		['POST', steps(id), { title: 'x', kind: 'action' }], ['POST', `/flows/${id}/order`, { up: 'n2' }], ['POST', `/flows/${id}/undo`],
		['POST', `/flows/${id}/redo`], ['POST', step(id, 'n1'), { title: 'x', kind: 'decision' }], ['POST', `${step(id, 'n1')}/duplicate`],
		['POST', `${step(id, 'n1')}/preview`, { title: 'x', kind: 'decision' }], ['POST', `${step(id, 'n1')}/delete`],
		['POST', `${step(id, 'n1')}/unsent`, { title: 'x' }], ['POST', `/flows/${id}/fields`, { label: 'x', name: 'x', kind: 'text' }],
		['POST', `/flows/${id}/fields/gateway`, { label: 'x', name: 'x', kind: 'text' }], ['POST', `/flows/${id}/fields/gateway/delete`],
		['POST', `/flows/${id}/fields/gateway/move`, { place: 1 }], ['POST', `/flows/${id}/archive`], ['POST', `/flows/${id}/delete`],
		['POST', `/flows/${id}/publish`, { note: 'x' }], ['POST', `/flows/${id}/history/1`], ['POST', `/flows/${id}/versions/1/restore`],
	];
	for (const [who, status] of [[viewer, 403], [away, 403], [other, 404], [null, 303]]) {
		const visitor = who ? await browser(stack, who.email) : stack.visitor();
		if (!who)
			await visitor.get('/login');
		const { csrf } = who ? formsOf((await visitor.get('/profile')).text)[0].hidden : await visitor.hidden('/login');
		for (const [method, to, fields] of routes) {
			const answer = await visitor.send(method, to, method === 'POST' ? { form: { csrf, ...fields } } : {});
			const wanted = status === 404 && who === other ? 404 : status;
			assert.equal(answer.status, wanted, `${method} ${to} by ${who?.email}`);
		}
	}
	assert.equal((await entries(id)).length, 1);
	assert.equal((await stack.sql('SELECT FROM flow_unsent WHERE flow_id = $1', [id])).length, 0);
});

test('a form without its token, or from elsewhere, changes nothing', async () => {
	const { id } = await makeFlow(stack, ann);
	const visitor = await browser(stack, ann.email);
	const { form } = await open(visitor, id, 'n1');
	for (const to of [step(id, 'n1'), `${step(id, 'n1')}/unsent`, `${step(id, 'n1')}/duplicate`, `/flows/${id}/order`]) {
		assert.equal((await visitor.send('POST', to, { form: change(form, { csrf: 'x', title: 'y' }) })).status, 403, to);
		assert.equal((await visitor.send('POST', to, { form, headers: { 'sec-fetch-site': 'cross-site', origin: 'https://evil.example' } })).status, 403, to);
	}
	assert.equal((await entries(id)).length, 1);
});

test('a form that is sent twice is one entry, and leads to the same place', async () => {
	const { id } = await makeFlow(stack, ann);
	const visitor = await browser(stack, ann.email);
	const front = await visitor.get(steps(id));
	const twice = async (to, form) => {
		const count = (await entries(id)).length;
		const answers = await race(2, () => visitor.send('POST', to, { form }));
		assert.deepEqual(tally(answers), { 303: 2 }, `${to} ${answers.map(({ text: body }) => text(body)).join()}`);
		assert.equal(answers[0].headers.location, answers[1].headers.location);
		assert.equal((await entries(id)).length, count + 1, to);
		return answers[0].headers.location;
	};
	await twice(`/flows/${id}/order`, [...filled(front.text, `/flows/${id}/order`), ['down', 'n1']]);
	const made = await twice(steps(id), change(filled((await visitor.get(steps(id))).text, steps(id)), { title: 'More' }));
	assert.match(made, /\/edit\/n4$/);
	const { form, page } = await open(visitor, id, 'n1');
	assert.equal(await twice(step(id, 'n1'), change(form, { title: 'Once', option_new: ['', '', 'And this'] })), step(id, 'n5'));
	await twice(`${step(id, 'n2')}/duplicate`, filled((await open(visitor, id, 'n2')).page.text, `${step(id, 'n2')}/duplicate`));
	await twice(`${step(id, 'n4')}/delete`, filled((await open(visitor, id, 'n4')).page.text, `${step(id, 'n4')}/delete`));
	const fields = await visitor.get(`/flows/${id}/fields`);
	await twice(`/flows/${id}/fields`, change(filled(fields.text, `/flows/${id}/fields`), { label: 'Site', name: 'site' }));
	const again = await visitor.send('POST', step(id, 'n1'), { form: change(form, { title: 'Twice' }) });
	assert.equal(again.status, 409, 'the same page with another text is looked at again');
	assert.match(again.text, /value="Twice"/);
	assert.match(text(again.text), /This page was sent before/);
	assert.ok(page);
});

test('two at one step: the second sees both texts with all that was typed, and then wins', async () => {
	const { id } = await makeFlow(stack, ann);
	const [one, two] = [await browser(stack, ann.email), await browser(stack, bob.email)];
	const mine = (await open(one, id, 'n1')).form;
	const theirs = (await open(two, id, 'n1')).form;
	assert.equal((await two.send('POST', step(id, 'n1'), { form: change(theirs, { title: 'From Bob', option_label: ['Aye'] }) })).status, 303);
	const typed = { title: 'From Ann <b>', body: 'Line one\nline two', help: 'Help of Ann', option_label: ['Yes, quite', 'No', 'Maybe'], option_new: ['', '', 'A third way'] };
	const refused = await one.send('POST', step(id, 'n1'), { form: change(mine, typed) });
	assert.equal(refused.status, 409);
	for (const words of ['From Bob', 'From Ann <b>', 'Aye', 'Yes, quite', 'Both texts', 'Someone changed this step meanwhile'])
		assert.ok(text(refused.text).includes(words), words);
	const form = filled(refused.text, step(id, 'n1'));
	for (const [name, value] of Object.entries(typed))
		assert.deepEqual(form.filter(pair => pair[0] === name).map(pair => pair[1]), [value].flat().concat(name === 'option_label' || name === 'option_new' ? [] : []), name);
	const saved = await one.send('POST', step(id, 'n1'), { form });
	assert.equal(saved.status, 303, text(saved.text));
	const now = await node(ann, id, 'n1');
	assert.deepEqual([now.title, now.body, now.options.map(option => option.label)], ['From Ann <b>', 'Line one\nline two', ['Yes, quite', 'No', 'Maybe']]);
});

test('details and publishing: who comes second is told, and can then go on', async () => {
	const flow = await makeFlow(stack, ann);
	const [first, second] = [await browser(stack, ann.email), await browser(stack, bob.email)];
	for (const [page, fields, leads] of [['details', { name: 'Of the second' }, 'details'], ['publish', { note: 'Of the second' }, '']]) {
		const address = `/flows/${flow.id}/${page}`;
		const form = filled((await second.get(address)).text, address);
		await stack.request('PUT', `${API}/trees/${flow.id}`, { bearer: ann.access_token, json: { name: `Before ${page}` } });
		const refused = await second.send('POST', address, { form: change(form, fields) });
		assert.equal(refused.status, 409, refused.text);
		assert.match(text(refused.text), /meanwhile/);
		assert.ok(refused.text.includes('Of the second'), 'what was typed is there');
		const done = await second.send('POST', address, { form: filled(refused.text, address) });
		assert.equal(done.status, 303, done.text);
		assert.equal(done.headers.location, `/flows/${flow.id}${leads && `/${leads}`}`);
	}
	assert.equal((await tree(ann, flow.id)).version, 1);
	const again = await first.get(`/flows/${flow.id}/publish`);
	assert.ok(!again.text.includes('name="note"'), 'nothing new, no form');
});

test('what was typed into a decision stays, though it was made an action meanwhile', async () => {
	const { id } = await makeFlow(stack, ann);
	const [one, two] = [await browser(stack, ann.email), await browser(stack, bob.email)];
	const mine = (await open(one, id, 'n1')).form;
	assert.equal((await save(two, id, 'n1', { kind: 'action' })).status, 303);
	const refused = await one.send('POST', step(id, 'n1'), { form: change(mine, { option_label: ['Typed by Ann', 'No'] }) });
	assert.equal(refused.status, 409);
	const saved = await one.send('POST', step(id, 'n1'), { form: filled(refused.text, step(id, 'n1')) });
	assert.equal(saved.status, 303, text(saved.text));
	const now = await node(ann, id, 'n1');
	assert.equal(now.kind, 'decision');
	assert.deepEqual(now.options.map(option => [option.label, option.next]), [['Typed by Ann', 'n3'], ['No', 'n2']]);
});

test('two at two steps: both are kept', async () => {
	const { id } = await makeFlow(stack, ann);
	const [one, two] = [await browser(stack, ann.email), await browser(stack, bob.email)];
	const forms = [(await open(one, id, 'n1')).form, (await open(two, id, 'n2')).form];
	const answers = await Promise.all([
		one.send('POST', step(id, 'n1'), { form: change(forms[0], { title: 'By Ann' }) }),
		two.send('POST', step(id, 'n2'), { form: change(forms[1], { title: 'By Bob' }) })]);
	assert.deepEqual(tally(answers), { 303: 2 });
	assert.deepEqual((await tree(ann, id)).structure.nodes.map(one => one.title), ['By Ann', 'By Bob', 'The line is fine']);
});

test('a step that was deleted while one typed is shown, and can be added as a new one', async () => {
	const { id } = await makeFlow(stack, ann);
	const [one, two] = [await browser(stack, ann.email), await browser(stack, bob.email)];
	const mine = (await open(one, id, 'n1')).form;
	const beside = (await open(one, id, 'n2')).form;
	assert.equal((await press(two, step(id, 'n1'), `${step(id, 'n1')}/delete`)).status, 200);
	const refused = await one.send('POST', step(id, 'n1'), { form: change(mine, { title: 'Still mine', option_label: ['Left', 'Right'] }) });
	assert.equal(refused.status, 409);
	assert.match(text(refused.text), /Someone deleted this step meanwhile/);
	const form = [...filled(refused.text, step(id, 'n1')), ['act', 'add']];
	const seen = await one.send('POST', `${step(id, 'n1')}/preview`, { form });
	assert.equal(seen.status, 200);
	assert.match(seen.text, /Add it as a new step/);
	const added = await one.send('POST', step(id, 'n1'), { form });
	assert.equal(added.status, 303, text(added.text));
	const made = (await tree(ann, id)).structure.nodes.at(-1);
	assert.deepEqual([made.kind, made.title, made.body, made.options.map(option => option.label)], ['decision', 'Still mine', 'Ping [VAR:gateway].', ['Left', 'Right']]);
	assert.match((await entries(id)).at(-1).label, /^Added step 'Still mine'/);
	assert.equal((await one.get(step(id, 'n9'))).status, 404);
	// What the script had kept of a step that is gone now.
	assert.equal((await one.send('POST', `${step(id, 'n2')}/unsent`, { form: change(beside, { body: 'half a sent' }) })).status, 204);
	await press(two, step(id, 'n2'), `${step(id, 'n2')}/delete`);
	const left = await one.get(step(id, 'n2'));
	assert.equal(left.status, 200);
	assert.match(text(left.text), /This step was deleted. You left text here/);
	const shown = await one.send('POST', `${step(id, 'n2')}/preview`, { form: filled(left.text, `${step(id, 'n2')}/preview`) });
	assert.match(shown.text, /half a sent/);
	assert.match(shown.text, /Add it as a new step/);
	assert.equal((await one.post(`${step(id, 'n2')}/unsent/drop`, filled(left.text, `${step(id, 'n2')}/unsent/drop`))).path, steps(id));
});

test('moves at once: each counts once and no step is lost', async () => {
	const nodes = Array.from({ length: 12 }, (_, at) => ({ id: `n${at}`, kind: 'action', title: `Step ${at}` }));
	const { id } = await makeFlow(stack, ann, { structure: { start: 'n0', nodes } });
	const visitors = await race(4, at => browser(stack, (at % 2 ? bob : ann).email));
	const answers = await race(16, async at => {
		const page = await visitors[at % 4].send('GET', steps(id));
		const form = filled(page.text, `/flows/${id}/order`);
		return visitors[at % 4].send('POST', `/flows/${id}/order`, { form: [...form.filter(([name]) => name !== 'move'), ...at % 2 ? [['move', `n${at % 12}`], ['place', 1 + (at * 5) % 12]] : [['up', `n${at % 12}`]]] });
	});
	assert.deepEqual(tally(answers), { 303: 16 });
	const now = (await tree(ann, id)).structure.nodes;
	assert.deepEqual(now.map(one => one.id).sort(), nodes.map(one => one.id).sort());
});

test('undo and redo: back to the page they were pressed on, over sign-out and restart', async () => {
	const { id } = await makeFlow(stack, ann);
	const states = [await tree(ann, id)];
	let visitor = await browser(stack, ann.email);
	for (const title of ['One', 'Two', 'Three']) {
		await save(visitor, id, 'n2', { title });
		states.push(await tree(ann, id));
	}
	const go = async (way, from, to) => {
		const page = await visitor.get(from);
		const answer = await visitor.send('POST', `/flows/${id}/${way}`, { form: filled(page.text, `/flows/${id}/${way}`) });
		assert.deepEqual([answer.status, answer.headers.location], [303, to], text(answer.text));
	};
	await go('undo', step(id, 'n2'), step(id, 'n2'));
	await go('undo', `/flows/${id}/fields`, `/flows/${id}/fields`);
	await visitor.post('/logout');
	visitor = await browser(stack, ann.email);
	await go('undo', `/flows/${id}/fields/gateway`, `/flows/${id}/fields`);
	assert.deepEqual((await tree(ann, id)).structure, states[0].structure);
	await stack.kill('worker', 'SIGTERM');
	stack.startProgram('worker');
	await stack.ready();
	await go('redo', `/flows/${id}/history`, `/flows/${id}/history`);
	await go('redo', steps(id), steps(id));
	assert.deepEqual((await tree(ann, id)).structure, states[2].structure);
	await press(visitor, step(id, 'n2'), `${step(id, 'n2')}/duplicate`);
	await go('undo', step(id, 'n4'), steps(id));
	const { hidden } = formsOf((await visitor.get(steps(id))).text).find(form => form.action.endsWith('/redo'));
	const away = await visitor.send('POST', `/flows/${id}/redo`, { form: { ...hidden, here: '//evil.example/' } });
	assert.equal(away.headers.location, steps(id));
});

test('what is typed and not sent is kept for whoever typed it, until it is saved', async () => {
	const { id } = await makeFlow(stack, ann);
	const [one, two] = [await browser(stack, ann.email), await browser(stack, bob.email)];
	const { form } = await open(one, id, 'n1');
	const kept = change(form, { title: 'Ünsent & <i>', body: 'a=b&c\nd', option_label: ['Jä'] });
	assert.equal((await one.send('POST', `${step(id, 'n1')}/unsent`, { form: kept })).status, 204);
	const [row] = await stack.sql('SELECT form FROM flow_unsent WHERE flow_id = $1', [id]);
	assert.doesNotMatch(row.form, /csrf|once|\bat=/, 'no token is stored');
	assert.ok(!text((await two.get(step(id, 'n1'))).text).includes('You left text here'));
	const page = await one.get(step(id, 'n1'));
	assert.match(text(page.text), /You left text here that was not saved/);
	const shown = await one.send('POST', `${step(id, 'n1')}/preview`, { form: filled(page.text, `${step(id, 'n1')}/preview`) });
	const again = filled(shown.text, step(id, 'n1'));
	for (const [name, value] of [['title', 'Ünsent & <i>'], ['body', 'a=b&c\nd'], ['option_label', 'Jä']])
		assert.equal(again.find(pair => pair[0] === name)[1].replace(/\r/g, ''), value);
	assert.equal((await one.send('POST', step(id, 'n1'), { form: again })).status, 303);
	assert.equal((await node(ann, id, 'n1')).title, 'Ünsent & <i>');
	assert.equal((await stack.sql('SELECT FROM flow_unsent WHERE flow_id = $1', [id])).length, 0);
	// The script's last word, after the save that it went along with.
	assert.equal((await one.send('POST', `${step(id, 'n1')}/unsent`, { form: again })).status, 204);
	assert.equal((await stack.sql('SELECT FROM flow_unsent WHERE flow_id = $1', [id])).length, 0);
	const long = change(form, { body: '語'.repeat(16000), help: '語'.repeat(16000) });
	assert.equal((await one.send('POST', `${step(id, 'n1')}/unsent`, { form: long })).status, 204);
	assert.equal((await one.send('POST', `${step(id, 'n1')}/unsent`, { form: change(form, { body: 'x'.repeat(500000) }) })).status, 413);
	assert.equal((await one.send('POST', `${step(id, 'a.b')}/unsent`, { form })).status, 404);
});

test('a preview keeps what it shows, and its address can be loaded again', async () => {
	const { id } = await makeFlow(stack, ann);
	const visitor = await browser(stack, ann.email);
	const { form } = await open(visitor, id, 'n2');
	const shown = await visitor.send('POST', `${step(id, 'n2')}/preview`, { form: change(form, { body: 'So **much**, <script>alert(1)</script>' }) });
	assert.equal(shown.status, 200);
	assert.match(shown.text, /So <strong>much<\/strong>/);
	assert.doesNotMatch(shown.text, /<script>alert/);
	const again = await visitor.get(`${step(id, 'n2')}/preview`);
	assert.equal(again.path, step(id, 'n2'));
	assert.match(text(again.text), /You left text here/);
	assert.equal((await entries(id)).length, 1);
	assert.equal((await visitor.send('POST', step(id, 'n2'), { form: change(form, { body: 'Other' }) })).status, 303, 'the page before it can be sent still');
});

test('a sign-in that has run out on saving keeps the form, on autosaving it says so', async () => {
	const eve = await colleague(stack, ann, 'engineer');
	const { id } = await makeFlow(stack, eve);
	const visitor = await browser(stack, eve.email);
	const { form } = await open(visitor, id, 'n1');
	const typed = change(form, { title: 'Typed to the end', option_label: ['One', 'Two'] });
	await stack.sql('UPDATE sign_in SET ended_at = now() WHERE person_id = $1', [eve.id]);
	const silent = await visitor.send('POST', `${step(id, 'n1')}/unsent`, { form: typed, headers: { 'sec-fetch-dest': 'empty', 'sec-fetch-mode': 'cors' } });
	assert.equal(silent.status, 401);
	assert.ok(!visitor.cookies.has('kept'), 'no form waits that nobody sent');
	const out = await visitor.send('POST', step(id, 'n1'), { form: typed });
	assert.equal(out.status, 303);
	await visitor.get(out.headers.location);
	const kept = await visitor.post('/login', { email: eve.email, password: 'walk the proven path' });
	assert.equal(visitor.path, '/kept');
	assert.match(text(kept.text), /Typed to the end/);
	assert.doesNotMatch(text(kept.text), /Was |Option id|At save/);
	const saved = await visitor.send('POST', step(id, 'n1'), { form: filled(kept.text, step(id, 'n1')) });
	assert.equal(saved.status, 303, text(saved.text));
	assert.deepEqual((await stack.sql('SELECT structure FROM flow_edit WHERE flow_id = $1 ORDER BY n DESC', [id]))[0].structure.nodes[0].options.map(option => option.label), ['One', 'Two']);
});

test('what is refused is shown with all that was typed', async () => {
	const { id } = await makeFlow(stack, ann);
	const visitor = await browser(stack, ann.email);
	const { form } = await open(visitor, id, 'n1');
	const cases = [
		[{ title: 'x'.repeat(201) }, /Title may have at most 200 characters/],
		[{ body: 'y'.repeat(16001) }, /Text may have at most 16000 characters/],
		[{ option_label: ['z'.repeat(201), 'kept too'] }, /A label may have at most 200 characters/],
		[{ kind: 'riddle' }, /Kind is one of/],
	];
	for (const [fields, message] of cases) {
		const answer = await visitor.send('POST', step(id, 'n1'), { form: change(form, { help: 'typed as well', ...fields }) });
		assert.equal(answer.status, 422);
		assert.match(text(answer.text), message);
		const again = filled(answer.text, step(id, 'n1'));
		assert.equal(again.find(([name]) => name === 'help')[1], 'typed as well');
		for (const [name, value] of Object.entries(fields).filter(([key]) => key !== 'kind'))
			assert.equal(again.find(pair => pair[0] === name)[1], [value].flat()[0], name);
	}
	const many = [...form.filter(([name]) => !name.startsWith('option')), ...Array.from({ length: 21 }, (_, at) =>
		[['option_id', ''], ['option_label', `Option ${at}`], ['option_next', 'n2'], ['option_new', ''], ['option_kind', 'action']]).flat()];
	const answer = await visitor.send('POST', step(id, 'n1'), { form: many });
	assert.equal(answer.status, 422);
	assert.match(text(answer.text), /A decision holds at most 20 options/);
	assert.equal(filled(answer.text, step(id, 'n1')).filter(([name, value]) => name === 'option_label' && /^Option \d+$/.test(value)).length, 21);
	assert.equal((await entries(id)).length, 1);
	assert.equal((await visitor.send('POST', step(id, 'n1'), { form: change(form, { title: 'a\0b' }) })).status, 400);
});

function naughtyStrings() {
	const own = ['<script>alert(1)</script>', '"><img src=x onerror=alert(1)>', '{{csrf}}', '</textarea><b>', '&lt;&#60;', ' \u202e\u2066 ', '\n\nlines\n', 'ä\u0301', '\ufeff', '$1 \\ %00 %', '[VAR:gateway]'];
	if (!fs.existsSync(STRINGS))
		return own;
	const file = fs.statSync(STRINGS).isDirectory() ? fs.readdirSync(STRINGS).filter(name => name.endsWith('.json')).map(name => path.join(STRINGS, name))[0] : STRINGS;
	return [...own, ...JSON.parse(fs.readFileSync(file, 'utf8'))].filter(one => [...one].length && [...one].length <= 200 && !one.includes('\0'));
}

test('texts that mean harm go through form, page and API as they are', async t => {
	if (!fs.existsSync(STRINGS))
		t.diagnostic('no ../shared/data here: a few strings of our own');
	const strings = naughtyStrings().filter(one => one === one.toWellFormed());
	const { id } = await makeFlow(stack, ann);
	const visitor = await browser(stack, ann.email);
	for (let at = 0; at < strings.length; at += 3) {
		const [title, label, body] = [strings[at], strings[at + 1] ?? strings[at], strings[at + 2] ?? strings[at]];
		const saved = await save(visitor, id, 'n1', { title, body, help: title, option_label: [label] });
		assert.equal(saved.status, 303, `${JSON.stringify([title, label, body])} ${text(saved.text)}`);
		const now = await node(ann, id, 'n1');
		const unix = one => one.replace(/\r\n?/g, (whole, where) => (whole === '\r\n' ? '\n' : where + 1 === one.length ? '\r' : ''));
		assert.deepEqual([now.title, now.options[0].label], [title, label]);
		assert.equal(now.body.replace(/\r/g, ''), unix(body).replace(/\r/g, ''));
		const { page, form } = await open(visitor, id, 'n1');
		assert.equal(form.find(([name]) => name === 'title')[1], title);
		assert.equal(form.find(([name]) => name === 'option_label')[1], label);
		assert.equal(page.text.match(/<script/g).length, 3, 'no script but ours');
		assert.doesNotMatch(page.text.replace(/="[^"]*"/g, ''), /<[^>]*\son\w+\s*=|<img|<iframe|<svg onload/i);
	}
});

test('a step\'s options and next: steps of any kind are made on the spot', async () => {
	const { id } = await makeFlow(stack, ann, { structure: { start: 'n1', nodes: [{ id: 'n1', kind: 'decision', title: 'What?' }] } });
	const visitor = await browser(stack, ann.email);
	const { form } = await open(visitor, id, 'n1');
	assert.equal(form.filter(([name]) => name === 'option_label').length, 2, 'two rows are there to begin with');
	const answer = await visitor.send('POST', step(id, 'n1'), { form: change(form, { option_label: ['A', 'B'], option_new: ['Ask on', 'Good'], option_kind: ['decision', 'answer'] }) });
	assert.equal(answer.headers.location, step(id, 'n2'), 'the first that was made is next');
	const nodes = (await tree(ann, id)).structure.nodes;
	assert.deepEqual(nodes.map(one => [one.kind, one.title]), [['decision', 'What?'], ['decision', 'Ask on'], ['answer', 'Good']]);
	assert.deepEqual(nodes[0].options.map(option => option.next), ['n2', 'n3']);
	assert.match((await visitor.get(step(id, 'n3'))).text, /href="[^"]*\/edit\/n2">Next to mend/);
	await save(visitor, id, 'n2', { kind: 'action' });
	const saved = await save(visitor, id, 'n2', { new_title: 'Well', new_kind: 'answer' });
	assert.equal(saved.headers.location, step(id, 'n4'));
	assert.equal((await node(ann, id, 'n4')).kind, 'answer');
});

test('a flow of 500 steps', async () => {
	const big = randomFlow(3, 500);
	for (const one of big.nodes)
		one.title = `${one.title} ${one.title}`.slice(0, 80);
	const decision = big.nodes.find(one => one.kind === 'decision');
	decision.options = Array.from({ length: 20 }, (_, at) => ({ id: `o${at}`, label: `Way ${at}`, next: big.nodes[at * 20 + 1].id }));
	const made = await stack.request('POST', `${API}/trees`, { bearer: ann.access_token, json: { name: 'Big', structure: big } });
	assert.equal(made.status, 201, made.text);
	const { id } = made.json;
	const visitor = await browser(stack, ann.email);
	for (const page of [steps(id), step(id, decision.id), step(id, big.nodes.find(one => one.kind === 'action').id), `/flows/${id}/fields`, `/flows/${id}/history`]) {
		const began = performance.now();
		const answer = await visitor.get(page);
		const took = performance.now() - began;
		assert.equal(answer.status, 200);
		assert.ok(answer.body.length <= 1e6, `${page} has ${answer.body.length} bytes`);
		assert.ok(took < patient(1500), `${page} took ${took} ms`);
	}
	const { form } = await open(visitor, id, decision.id);
	const listed = form.filter(([name]) => name === 'option_next').map(([, value]) => value);
	assert.match(listed[0], /^\d+\. /);
	assert.equal((await visitor.send('POST', step(id, decision.id), { form })).status, 303);
	assert.deepEqual((await node(ann, id, decision.id)).options.map(option => option.next), decision.options.map(option => option.next));
	const number = listed[5].split('.')[0];
	const typed = await save(visitor, id, decision.id, { option_next: [number, '', listed[5]] });
	assert.equal(typed.status, 303, text(typed.text));
	assert.deepEqual((await node(ann, id, decision.id)).options.slice(0, 3).map(option => option.next), [decision.options[5].next, undefined, decision.options[5].next].map(next => next ?? null));
	const wrong = await save(visitor, id, decision.id, { option_next: ['7000. Nowhere at all'] });
	assert.equal(wrong.status, 422);
	assert.match(text(wrong.text), /No step is called “7000. Nowhere at all”: choose one from the list/);
	assert.equal(filled(wrong.text, step(id, decision.id)).find(([name]) => name === 'option_next')[1], '7000. Nowhere at all');
});

