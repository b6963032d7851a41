// A flow out of one account and into another: nothing of it is lost, nothing in it becomes markup, and what is no flow
// is refused with the place of what is wrong.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import { after, before, test } from 'node:test';
import { API, browser, colleague, fieldsOf, isProblem, register, tally } from '../support/accounts.mjs';
import { flowBody, madeAndPublished, makeFlow, publishFlow } from '../support/flows.mjs';
import { makeFlow as randomStructure } from '../support/random_flows.mjs';
import { patient } from '../support/patience.mjs';
import { startStack } from '../support/stack.mjs';
import { unescapeHtml } from '../support/visitor.mjs';

const DEMO = new URL('../../fcgi/app/demo/', import.meta.url);
const NAUGHTY = new URL('../../../shared/data/naughty-strings/blns.json', import.meta.url);

let stack;
let ann;
let ben;
let engineer;
let viewer;
before(async () => {
	stack = await startStack();
	await stack.sql('DELETE FROM plan_limit');
	ann = await register(stack);
	ben = await register(stack);
	engineer = await colleague(stack, ann, 'engineer');
	viewer = await colleague(stack, ann, 'viewer');
	await stack.sql('UPDATE person SET team_id = (SELECT team_id FROM person WHERE id = $1) WHERE account_id = (SELECT account_id FROM person WHERE id = $1)', [ann.user.id]);
});
after(() => stack?.stop());

const call = (method, path, who, json, headers) => stack.request(method, `${API}/trees${path}`, { bearer: who?.access_token, json, headers });
const fetchAs = (who, id, format, more = '') => call('GET', `/${id}/export?format=${format}${more}`, who);

async function ok(answer, status = 200) {
	const { status: got, text } = await answer;
	assert.equal(got, status, text.slice(0, 2000));
	return answer;
}

const exported = async (who, id, more) => (await ok(fetchAs(who, id, 'json', more))).text;
const imported = async (who, json) => (await ok(call('POST', '/import', who, json), 201)).json;

// An export without who and when.
const lasting = text => {
	const { author, exported_at: at, version, ...rest } = JSON.parse(text);
	assert.match(author.id, /^[0-9a-f-]{36}$/);
	assert.match(at, /^\d{4}-.*Z$/);
	assert.equal(typeof version, 'number');
	return rest;
};
const bytesOf = text => text.slice(text.indexOf('"structure":'));

async function goesRound(from, id) {
	const first = await exported(from, id);
	const made = await imported(from === ann ? ben : ann, JSON.parse(first));
	const second = await exported(from === ann ? ben : ann, made.id);
	assert.deepEqual(lasting(second), lasting(first));
	assert.equal(bytesOf(second), bytesOf(first), 'structure and intake byte for byte');
	return { first, made };
}

// ---- round and round ----

test('each demo flow goes to another account and back out as it was', async () => {
	const files = fs.readdirSync(DEMO).filter(name => name.endsWith('.json'));
	assert.ok(files.length >= 18, `${files.length} flows`);
	for (const file of files) {
		const sent = JSON.parse(fs.readFileSync(new URL(file, DEMO), 'utf8'));
		const { id } = await imported(ann, sent);
		const { first, made } = await goesRound(ann, id);
		const { name, description, type, category, tags, visibility } = JSON.parse(first);
		assert.deepEqual({ name, description, type, category, tags, visibility },
			{ name: sent.name, description: sent.description, type: sent.type, category: sent.category, tags: [...sent.tags].sort(), visibility: sent.visibility });
		assert.deepEqual([made.status, made.version, made.author.id], ['draft', 0, ben.user.id], 'a draft of whoever imports it');
		await publishFlow(stack, ben, made.id);
	}
});

test('what no author would write goes round as well', async () => {
	const odd = { visibility: 'private', type: 'procedural', category: null, tags: [], description: '', intake: [],
		structure: { start: null, nodes: [{ id: '-', kind: 'section', next: 'nowhere' }, { id: '_', kind: 'decision', options: [] }, { id: 'z'.repeat(64), kind: 'answer' }] } };
	for (const fields of [odd, { structure: { start: 'gone', nodes: [] } }, { structure: randomStructure(3, 500) }, { visibility: 'public', name: 'n'.repeat(200), description: 'd\n\n\td'.repeat(500) }])
		await goesRound(ann, (await makeFlow(stack, ann, fields)).id);
	const edges = [' a ', '\ta', 'a\n', '\r\na\r\nb', 'a\rb', '\n'];
	const nodes = edges.map((body, at) => ({ id: `n${at}`, kind: 'action', title: ` ${at} `, body, help: body, next: null }));
	const intake = edges.map((text, at) => ({ name: `f${at}`, kind: 'select', label: ' x ', help: text, options: ['b', 'a'], default: text, required: false }));
	await goesRound(ann, (await makeFlow(stack, ann, { type: 'procedural', structure: { start: 'n0', nodes }, intake })).id);
});

test('a version is what was published, a draft what is written; each to whom it is due', async () => {
	const { id } = await madeAndPublished(stack, engineer, { name: 'First' });
	await call('PUT', `/${id}`, engineer, { name: 'Second' });
	await publishFlow(stack, engineer, id);
	await call('PUT', `/${id}`, engineer, { name: 'The draft' });
	const named = async (who, more) => {
		const names = [(await ok(call('GET', `/${id}${more.replace('&', '?')}`, who))).json.name];
		names.push(JSON.parse(await exported(who, id, more)).name);
		names.push(/^# (.*)/.exec((await ok(fetchAs(who, id, 'markdown', more))).text)[1]);
		names.push(/<title>(.*)<\/title>/.exec((await ok(fetchAs(who, id, 'html', more))).text)[1]);
		assert.equal(new Set(names).size, 1, names.join());
		return names[0];
	};
	for (const [who, latest] of [[engineer, 'The draft'], [ann, 'The draft'], [viewer, 'Second']])
		assert.deepEqual([await named(who, ''), await named(who, '&version=1'), await named(who, '&version=2')], [latest, 'First', 'Second']);
	for (const who of [engineer, viewer]) {
		isProblem(await call('GET', `/${id}?version=3`, who), 404, 'not_found');
		for (const format of ['json', 'markdown', 'mermaid', 'html'])
			isProblem(await fetchAs(who, id, format, '&version=3'), 404, 'not_found');
		for (const version of ['0', '-1', 'one', '1.5', '99999999999999999999'])
			assert.ok([404, 422].includes((await call('GET', `/${id}?version=${version}`, who)).status), version);
		isProblem(await fetchAs(who, id, 'pdf'), 422, 'invalid');
		isProblem(await call('GET', `/${id}/export`, who), 422, 'invalid');
		isProblem(await call('GET', `/${id}/export?format=json&colour=red`, who), 422, 'invalid');
	}
	for (const path of ['export?format=json', 'picture', 'versions', 'compare', ''])
		isProblem(await call('GET', `/${id}/${path}`.replace(/\/$/, ''), ben), 404, 'not_found');
	isProblem(await call('GET', '/0197a000-0000-7000-8000-000000000000/export?format=json', ann), 404, 'not_found');
	const draft = await makeFlow(stack, engineer);
	isProblem(await fetchAs(viewer, draft.id, 'json'), 404, 'not_found');
	isProblem(await fetchAs(null, draft.id, 'json'), 401, 'not_signed_in');
});

test('an older version is taken along as that version, not as the draft', async () => {
	const { id } = await madeAndPublished(stack, ann, { name: 'Old' });
	await call('PUT', `/${id}`, ann, { name: 'New' });
	const page = await browser(stack, ann.email);
	const html = (await page.get(`/flows/${id}?version=1`)).text;
	const links = [...html.matchAll(/href="(\/flows\/[^"]*\/(?:export|booklet)[^"]*)"/g)].map(found => unescapeHtml(found[1]));
	assert.ok(links.length >= 5, links.join(' '));
	for (const link of links) {
		const { text } = await ok(page.send('GET', link));
		assert.ok(text.includes('Old') || link.includes('mermaid'), link);
		assert.ok(!text.includes('New'), link);
	}
});

// ---- odd texts ----

const OWN = ['<script>alert(1)</script>', '"><img src=x onerror=alert(1)>', '\' onmouseover=\'x', '{{csrf}}', '{{{name}}}', '{{> layout}}', '</title><b>', '</textarea><b>', '</text></svg><b>',
	']]><b>', '<!--', '[x](javascript:alert(1))', '![x](https://tracker.example/a.png)', '[VAR:x]', '[VAR:"><b>]', '\ufdd00\ufdd0', '\ufeffa', '\u202egnp.exe', '\u2028', 'a\u0301', '👩‍💻 ü ﷽',
	'click n1 "javascript:alert(1)"', 'end', '#quot;', '%%{init: {}}%%', '\\', '`', '***', '---', '1. a', '| a | b |', '&amp;', '&#60;b&#62;', '%s%n', '${7*7}', '\u0001\u001b[31m', '\u007f', 'İİİ', 'ß'];

function naughty(t) {
	const strings = fs.existsSync(NAUGHTY) ? JSON.parse(fs.readFileSync(NAUGHTY, 'utf8')) : (t.diagnostic('skip: shared/data/naughty-strings is not here'), []);
	return [...OWN, ...strings];
}

const chunks = (list, size) => Array.from({ length: Math.ceil(list.length / size) }, (_, at) => list.slice(at * size, (at + 1) * size));

// One string everywhere that a flow holds a text; an intake's choices and a title are of one line.
function flowOf(strings, { name = 'Odd', body = text => text } = {}) {
	const line = text => text.replace(/[\0\n\r]/g, ' ');
	const clean = text => text.replace(/[\u0000-\u001f\u007f-\u009f]/g, ' ').trim().slice(0, 190); // a choice is what a form can send
	const nodes = strings.flatMap((text, at) => [
		{ id: `q${at}`, kind: 'decision', title: text.slice(0, 190), body: body(text), help: body(text),
			options: [{ id: 'a', label: text.slice(0, 190), next: `d${at}` }, { id: 'b', label: 'No', next: at + 1 < strings.length ? `q${at + 1}` : 'd0' }] },
		{ id: `d${at}`, kind: at % 2 ? 'action' : 'answer', title: text.slice(0, 190), body: body(text), help: '', ...at % 2 ? { next: 'q0' } : { outcome: 'resolved' } }]);
	const intake = strings.map((text, at) => ({ name: `f${at}`, label: text.slice(0, 190), kind: 'select', help: line(text), options: [clean(text) || 'x'], default: text, required: true }));
	return { name, type: 'troubleshooting', structure: { start: 'q0', nodes }, intake };
}

// The tags of a page in their order, each with the names of its attributes; a picture breaks its lines as the texts need.
function tagsOf(html) {
	const flat = html.replace(/<svg [^>]*class="pic[^]*?<\/svg>/g, '').replace(/<style[^]*?<\/style>/g, '');
	return [...flat.matchAll(/<(\/?[a-z!][^\s>]*)((?:[^>"']|"[^"]*"|'[^']*')*)>/gi)].map(([, tag, rest]) =>
		`${tag} ${[...rest.replace(/"[^"]*"/g, '').matchAll(/[a-z-]+/gi)].join(' ')}`);
}

function sameTags(ours, theirs, where) {
	const [a, b] = [tagsOf(ours), tagsOf(theirs)];
	const at = a.findIndex((tag, place) => tag !== b[place]);
	assert.ok(at < 0 && a.length === b.length, `${where}: ${a.slice(at - 3, at + 2).join(' > ')} and not ${b.slice(at - 3, at + 2).join(' > ')}`);
}

const PAGES = ['', '/booklet', '/export?format=html', '/edit', '/edit/q0', '/fields', '/history', '/publish'];

test('an odd title, label or name of a field is shown as it is and is no markup on any page', async t => {
	const strings = naughty(t).filter(text => text.trim());
	const page = await browser(stack, ann.email);
	const make = async list => (await makeFlow(stack, ann, flowOf(list, { body: () => 'Plain.' }))).id;
	for (const list of chunks(strings, 60)) {
		const [odd, plain] = [await make(list), await make(list.map((_, at) => `Text ${at}`))];
		await goesRound(ann, odd);
		for (const path of PAGES) {
			const [ours, theirs] = [await ok(page.send('GET', `/flows/${odd}${path}`)), await ok(page.send('GET', `/flows/${plain}${path}`))];
			if (!['/edit', '/edit/q0', '/publish'].includes(path))
				sameTags(ours.text, theirs.text, path); // there odd texts have warnings of their own
			assert.equal((ours.text.match(/<(script|img|iframe)\b/gi) ?? []).length, (theirs.text.match(/<(script|img|iframe)\b/gi) ?? []).length, path);
			const shown = unescapeHtml(ours.text);
			for (const text of PAGES.indexOf(path) < 4 ? list : [])
				assert.ok(shown.includes(text.slice(0, 190)), `${path} ${JSON.stringify(text)}`);
		}
		const lines = (await ok(fetchAs(ann, odd, 'mermaid'))).text.trimEnd().split('\n');
		assert.equal(lines.length, (await fetchAs(ann, plain, 'mermaid')).text.trimEnd().split('\n').length, 'a line each');
		for (const line of lines.slice(1))
			assert.match(line, /^\tn\d+(\{"[^"]*"\}|\(\["[^"]*"\]\)|\["[^"]*"\]| -\.?->(\|"[^"]*"\|)? n\d+)$/);
		assert.equal((await fetchAs(ann, odd, 'markdown')).text.split('\n').length, (await fetchAs(ann, plain, 'markdown')).text.split('\n').length);
		const svg = await ok(call('GET', `/${odd}/picture`, ann));
		assert.equal(svg.headers['content-type'], 'image/svg+xml; charset=utf-8');
		assert.deepEqual([...new Set(svg.text.match(/<\/?[a-z!][^\s>]*/gi))].filter(tag => !/^<\/?(svg|style|marker|path|rect|text|tspan|title|g)$/.test(tag)), []);
	}
});

// What Markdown may become; nothing of it acts, or asks a server for anything.
const HARMLESS = /^<\/?(a|abbr|blockquote|br|code|del|div|em|h[1-6]|hr|input|li|ol|p|pre|section|span|strong|table|tbody|td|th|thead|tr|ul)$/i;

test('an odd body, help or description is harmless wherever it is shown', async t => {
	const page = await browser(stack, ann.email);
	for (const list of chunks(naughty(t), 60)) {
		const { id } = await makeFlow(stack, ann, { ...flowOf(list.map((_, at) => `Text ${at}`), { body: () => 'Plain.' }), description: list.join('\n\n').slice(0, 4000) });
		const tree = (await call('GET', `/${id}`, ann)).json;
		const before = await Promise.all(PAGES.slice(0, 3).map(path => page.send('GET', `/flows/${id}${path}`)));
		tree.structure.nodes.forEach((node, at) => { node.body = node.help = list[at % list.length]; });
		await ok(call('PUT', `/${id}`, ann, tree));
		const { first } = await goesRound(ann, id);
		JSON.parse(first).structure.nodes.forEach((node, at) => assert.equal(node.body, list[at % list.length].replace(/\r\n?/g, '\n')));
		for (const [at, path] of PAGES.slice(0, 3).entries()) {
			const { text } = await ok(page.send('GET', `/flows/${id}${path}`));
			const count = html => (html.match(/<(script|img|iframe|object|embed|link|base|meta|form|button|style)\b/gi) ?? []).length;
			assert.equal(count(text), count(before[at].text), path);
			const main = /<main[^]*<\/main>/.exec(text.replace(/<svg[^]*?<\/svg>/g, ''))[0];
			const known = new Set(before[at].text.match(/<\/?[a-z!][^\s>]*/gi));
			assert.deepEqual([...new Set(main.match(/<\/?[a-z!][^\s>]*/gi))].filter(tag => !known.has(tag) && !HARMLESS.test(tag)), [], path);
			for (const [, rest] of main.matchAll(/<[a-z][^\s>]*((?:[^>"]|"[^"]*")*)>/gi)) {
				assert.doesNotMatch(rest.replace(/"[^"]*"/g, '""'), /\bon\w+=|style=|srcset=|src=/i, rest);
				assert.doesNotMatch(rest, /\b(href|action)="\s*(javascript|data|vbscript):/i, rest);
			}
		}
	}
});

test('odd names, descriptions and tags go round, and name a file safely', async t => {
	const names = [...naughty(t), 'a"; filename="b.exe', 'a\r\nSet-Cookie: x=y', '../../etc/passwd', 'CON', '.', 'Drucker für Büro', '日本語', 'x'.repeat(200), '\u{1f525}'.repeat(200)];
	let kept = 0;
	for (const list of chunks(names, 8))
		await Promise.all(list.map(async name => {
			const tags = name.includes(',') ? [] : [name.slice(0, 40)];
			const made = await call('POST', '', ann, flowBody({ name: name.slice(0, 200), description: name, tags }));
			const bare = made.status === 422 ? await call('POST', '', ann, flowBody({ name: name.slice(0, 200), description: name })) : made;
			assert.ok([201, 422].includes(bare.status), `${JSON.stringify(name)}: ${bare.status} ${bare.text}`);
			if (bare.status === 422)
				return;
			kept++;
			await goesRound(ann, bare.json.id);
			const { headers } = await ok(fetchAs(ann, bare.json.id, 'json'));
			assert.match(headers['content-disposition'], /^attachment; filename="[a-z0-9][a-z0-9-]{0,59}\.json"$/);
			assert.equal(headers['set-cookie'], undefined);
		}));
	assert.ok(kept > OWN.length, `${kept} of ${names.length}`);
});

// ---- what is no flow ----

test('what no editor could hold is refused by its place, and nothing is kept of it', async () => {
	const node = { id: 'n1', kind: 'action', title: 'x', next: null };
	const flow = fields => ({ name: 'X', type: 'procedural', structure: { start: 'n1', nodes: [node] }, ...fields });
	const nodes = (...list) => flow({ structure: { start: 'n1', nodes: list } });
	const bad = [
		[{ ...flow(), colour: 'red' }, 'colour'], [flow({ name: 7 }), 'name'], [flow({ name: null }), 'name'], [flow({ name: ' ' }), 'name'], [flow({ name: 'n'.repeat(201) }), 'name'],
		[flow({ type: 'riddle' }), 'type'], [flow({ visibility: 'all' }), 'visibility'], [flow({ tags: 'vpn' }), 'tags'], [flow({ tags: ['a,b'] }), 'tags[0]'], [flow({ tags: [7] }), 'tags[0]'],
		[flow({ tags: Array.from({ length: 21 }, (_, at) => `t${at}`) }), 'tags'], [flow({ structure: [] }), 'structure'], [flow({ structure: { nodes: {} } }), 'structure.nodes'],
		[nodes(node, node), 'structure.nodes[1].id'], [nodes({ ...node, id: 'a b' }), 'structure.nodes[0].id'], [nodes({ ...node, titel: 'x' }), 'structure.nodes[0].titel'],
		[nodes({ ...node, kind: 'riddle' }), 'structure.nodes[0].kind'], [nodes({ ...node, next: 7 }), 'structure.nodes[0].next'], [nodes({ ...node, required: 'yes' }), 'structure.nodes[0].required'],
		[nodes({ ...node, title: 't'.repeat(201) }), 'structure.nodes[0].title'], [nodes({ ...node, body: 'b'.repeat(16001) }), 'structure.nodes[0].body'], [nodes(7), 'structure.nodes[0]'], [nodes(null), 'structure.nodes[0]'],
		[nodes({ id: 'd', kind: 'decision', options: [{ id: 'o' }, { id: 'o' }] }), 'structure.nodes[0].options'], [nodes({ id: 'd', kind: 'decision', options: [{ id: 'o', labl: 'x' }] }), 'structure.nodes[0].options[0].labl'],
		[nodes({ id: 'd', kind: 'decision', options: Array.from({ length: 21 }, (_, at) => ({ id: `o${at}` })) }), 'structure.nodes[0].options'],
		[nodes(...Array.from({ length: 501 }, (_, at) => ({ ...node, id: `n${at}` }))), 'structure.nodes'], [flow({ intake: [{ name: 'a b', kind: 'text' }] }), 'intake[0].name'],
		[flow({ intake: [{ name: 'a', kind: 'text' }, { name: 'a', kind: 'text' }] }), 'intake[1].name'], [flow({ intake: [{ name: 'a', kind: 'select', options: 'x' }] }), 'intake[0].options'], [[], null], ['x', null], [null, null], [7, null],
	];
	const [{ n: before }] = await stack.sql('SELECT count(*)::int AS n FROM flow');
	for (const [json, field] of bad) {
		const answer = await call('POST', '/import', ann, json);
		isProblem(answer, 422, 'invalid');
		assert.ok(!field || fieldsOf(answer).includes(field), `${field}: ${answer.text}`);
	}
	const body = (text, status) => stack.request('POST', `${API}/trees/import`, { bearer: ann.access_token, body: text, headers: { 'content-type': 'application/json' } })
		.then(answer => assert.equal(answer.status, status, `${text.slice(0, 60)} ${answer.text}`));
	const text = JSON.stringify(flow());
	await body(text.replace('null', 'NaN'), 400);
	await body(`${text}x`, 400);
	await body(text.slice(0, -1), 400);
	await body(`${'['.repeat(100000)}`, 400);
	await body(text.replace('"X"', '"\\ud800"'), 422);
	await body(text.replace('"X"', '"a\\u0000b"'), 422);
	await body(text.replace('"name"', '"name":"twice","name"'), 422);
	await body(text.replace('"X"', `"${'x'.repeat(1 << 20)}"`), 413);
	isProblem(await call('POST', '/import', viewer, flow()), 403, 'forbidden');
	isProblem(await call('POST', '/import', null, flow()), 401, 'not_signed_in');
	assert.deepEqual(await stack.sql('SELECT count(*)::int AS n FROM flow'), [{ n: before }]);
});

test('a category that is not there: made for a team admin, refused to an engineer with a way out', async () => {
	const refused = await call('POST', '/import', engineer, flowBody({ category: 'Espresso machines' }));
	const problem = isProblem(refused, 422, 'unknown_category');
	assert.match(problem.detail, /"Espresso machines".*(Choose|choose).*team admin/);
	assert.equal((await imported(ann, flowBody({ category: 'Espresso machines' }))).category, 'Espresso machines');
	assert.equal((await imported(engineer, flowBody({ category: 'espresso MACHINES' }))).category, 'Espresso machines');
});

test('an import that is sent twice with one key is made once', async () => {
	const key = { 'idempotency-key': `key-${Math.random()}` };
	const answers = await Promise.all([1, 2, 3].map(() => call('POST', '/import', ann, flowBody({ name: 'Once' }), key)));
	assert.deepEqual(tally(answers), { 201: 3 });
	const again = await ok(call('POST', '/import', ann, flowBody({ name: 'Once' }), key), 201);
	assert.deepEqual([...new Set(answers.map(answer => answer.text))], [again.text], 'one long answer');
	assert.equal((await call('POST', '/import', ann, flowBody({ name: 'Another' }), key)).status, 409);
	assert.equal((await stack.sql('SELECT FROM flow WHERE name = $1', ['Once'])).length, 1);
});

// ---- outlines, and the page that takes a text ----

const outline = (who, text) => stack.request('POST', `${API}/trees/outline`, { bearer: who?.access_token, json: { text } });
// Outlines that are none, and some of odd titles.
const outlinesOf = texts => [...texts, texts.map((text, at) => `${at + 1}. ${text}`).join('\n'), texts.map(text => `- [ ] ${text}`).join('\n'), texts.map((text, at) => `${' '.repeat(at % 7)}${text}?`).join('\n')];
const OUTLINE = '# VPN drops\n> Some words.\n\nIs the client up to date?\n  Yes: Is the line stable?\n    Yes => escalate\n    No: Change the Wi-Fi channel\n      => resolved\n  No: Update the client\n    -> Is the line stable?\n';

test('an outline is the same flow however its lines end and are indented', async () => {
	const plain = (await ok(outline(ann, OUTLINE))).json;
	assert.deepEqual([plain.name, plain.type, plain.problems, plain.errors, plain.structure.nodes.length], ['VPN drops', 'troubleshooting', [], [], 6]);
	for (const text of [OUTLINE.replace(/\n/g, '\r\n'), OUTLINE.replace(/ {2}/g, '\t'), OUTLINE.replace(/ {2}/g, '    '), OUTLINE.trimEnd(), `\n\n${OUTLINE}\n\n`, `\ufeff${OUTLINE}`])
		assert.deepEqual((await ok(outline(ann, text))).json, plain, JSON.stringify(text.slice(0, 30)));
	assert.deepEqual(await stack.sql("SELECT FROM flow WHERE name = 'VPN drops'"), [], 'nothing is saved');
	isProblem(await outline(viewer, OUTLINE), 403, 'forbidden');
	isProblem(await outline(ann, ''), 422, 'invalid');
	isProblem(await stack.request('POST', `${API}/trees/outline`, { bearer: ann.access_token, json: { text: 7 } }), 422, 'invalid');
});

test('what an outline cannot be is told by its line', async () => {
	const { problems } = (await ok(outline(ann, '# X\nWorks it?\n  Yes: Done\n    => resolved\n  No: Look\n    -> A step that is not there\n'))).json;
	assert.deepEqual(problems.map(problem => problem.line), [6]);
	assert.match(problems[0].message, /A step that is not there/);
	for (const more of ['', 'x', 'xx', 'xxx']) {
		const cut = (await ok(outline(ann, `# X\nWorks it?\n  Yes: Done\n    => resolved\n  No: Look\n    -> ${more}${'\u{1f525}'.repeat(150)}\n`))).json;
		assert.doesNotMatch(cut.problems[0].message, /\ufffd/, 'no half of a character');
	}
	for (const text of outlinesOf(OWN)) {
		const answer = await ok(outline(ann, text || ' x'));
		const { errors, warnings, problems: told, ...flow } = answer.json;
		assert.ok(Array.isArray(errors) && Array.isArray(warnings));
		if (told.length === 0 && flow.structure.nodes.length)
			await goesRound(ann, (await imported(ann, { ...flow, name: flow.name || 'X' })).id);
	}
});

test('an outline of 200 KB is read at once, and one over 500 steps is refused with the reason', { timeout: patient(60_000) }, async () => {
	const long = `# Long\n${Array.from({ length: 400 }, (_, at) => `${at + 1}. Step ${at} ${'word '.repeat(16)}\n   > ${'More to do. '.repeat(31)}\n`).join('')}`;
	assert.ok(long.length > 180_000 && long.length < 200_000, `${long.length}`);
	const began = Date.now();
	const read = (await ok(outline(ann, long))).json;
	assert.ok(Date.now() - began < patient(5000), `${Date.now() - began} ms`);
	assert.deepEqual([read.structure.nodes.length, read.problems], [400, []]);
	const many = (await ok(outline(ann, Array.from({ length: 3000 }, (_, at) => `${at + 1}. Step ${at}`).join('\n')))).json;
	assert.ok(many.problems.some(({ message }) => message.includes('500')), JSON.stringify(many.problems.slice(0, 3)));
	assert.ok(many.structure.nodes.length <= 500);
	const most = (await ok(outline(ann, 'word '.repeat(50_000)))).json;
	assert.match(most.problems[0].message, /200 KB/);
	const deep = Array.from({ length: 2000 }, (_, at) => `${' '.repeat(at)}Is it ${at}?`).join('\n').slice(0, 199_000);
	await ok(outline(ann, deep));
});

test('the page shows what a text becomes, tells what to mend with 422, and saves it once', async () => {
	const page = await browser(stack, engineer.email);
	const count = async () => (await stack.sql('SELECT count(*)::int AS n FROM flow'))[0].n;
	const before = await count();
	const bad = await page.post('/flows/import', { text: 'Works it?\r\n  Yes: Done\r\n    => resolved\r\n  No: Look\r\n    -> Nowhere at all\r\n' });
	assert.equal(bad.status, 422);
	assert.match(bad.text, /Line 5: /);
	assert.match(bad.text, /<title>Error: /);
	assert.ok(!bad.text.includes('action="/flows/import/save"'), 'nothing to save');
	const hostile = await page.post('/flows/import', { text: '{"name":"X","colour":"red","structure":{"start":"n1","nodes":[{"id":"a b","kind":"action"}]}}' });
	assert.equal(hostile.status, 422);
	assert.match(unescapeHtml(hostile.text), /structure\.nodes\[0\]\.id/);
	for (const text of ['{"name":', '{', '{}', `${'{"a":'.repeat(1000)}1`])
		assert.equal((await page.post('/flows/import', { text })).status, 422, text.slice(0, 10));
	assert.equal((await page.post('/flows/import', { text: ' ' })).status, 422);
	const typed = OUTLINE.replace('Some words.', '</textarea><b>Words</b> & {{csrf}}').replace(/\n/g, '\r\n');
	const shown = await ok(page.post('/flows/import', { text: typed }));
	assert.ok(!shown.text.includes('</textarea><b>'));
	assert.equal(await count(), before, 'nothing is saved by looking');
	const text = unescapeHtml(/<textarea name="text" hidden[^>]*>([^]*?)<\/textarea>/.exec(shown.text)[1]).replace(/^\n/, '');
	assert.equal(text.replace(/\r?\n/g, '\r\n'), typed);
	const form = { ...await page.hidden('/flows/import/save'), text };
	const answers = await Promise.all([1, 2, 3].map(() => page.send('POST', '/flows/import/save', { form })));
	assert.deepEqual(tally(answers), { 303: 3 });
	assert.equal(new Set(answers.map(answer => answer.headers.location)).size, 1);
	assert.equal(await count(), before + 1);
	const editor = await page.get(answers[0].headers.location);
	assert.match(editor.text, /VPN drops/);
	assert.equal((await (await browser(stack, viewer.email)).get('/flows/import')).status, 403);
});

test('the page takes what the export gave, and says what an engineer can do about a category', async () => {
	const page = await browser(stack, engineer.email);
	const { id } = await makeFlow(stack, ann, { name: 'To and fro', category: 'Coffee', tags: ['a', 'b'], visibility: 'public' });
	const first = await exported(ann, id);
	await ok(page.post('/flows/import', { text: first }));
	const saved = await page.post('/flows/import/save', { text: first });
	const made = /\/flows\/([0-9a-f-]{36})/.exec(page.path)[1];
	assert.equal(saved.status, 200);
	assert.deepEqual(lasting(await exported(engineer, made)), lasting(first));
	const unknown = first.replace('"Coffee"', '"Tea"');
	await page.get('/flows/import');
	await page.post('/flows/import', { text: unknown });
	const refused = await page.post('/flows/import/save', { text: unknown });
	assert.equal(refused.status, 422);
	assert.match(unescapeHtml(refused.text), /There is no category "Tea"/);
	assert.ok(unescapeHtml(refused.text).includes('"To and fro"'), 'the text is still there');
});
