// The demo account's flows: files that anyone may edit, so each is held to what the product itself would say of it,
// and to what a customer expects of a first look.
import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { test } from 'node:test';

const folder = new URL('../../fcgi/app/demo/', import.meta.url);
const flows = readdirSync(folder).filter(name => name.endsWith('.json')).map(file => {
	const text = readFileSync(new URL(file, folder), 'utf8');
	try {
		return { file, doc: JSON.parse(text) };
	} catch (error) {
		throw new Error(`${file}: ${error.message}`);
	}
});

const TYPES = ['troubleshooting', 'procedural', 'maintenance'];
const OUTCOMES = ['resolved', 'escalate', 'unresolved'];
const FIELD_KINDS = ['text', 'textarea', 'number', 'select', 'checkbox', 'date', 'email', 'ip', 'password'];
const FLOW_KEYS = 'format format_version name description type visibility category tags structure intake'.split(' ');
const NODE_KEYS = {
	decision: ['id', 'kind', 'title', 'body', 'help', 'options'],
	action: ['id', 'kind', 'title', 'body', 'help', 'next', 'required'],
	answer: ['id', 'kind', 'title', 'body', 'help', 'outcome'],
	section: ['id', 'kind', 'title', 'body', 'help', 'next'],
};
const FIELD_KEYS = ['name', 'label', 'kind', 'required', 'help', 'options', 'default'];
const ID = /^[A-Za-z0-9_-]{1,64}$/;
const READABLE = /^[a-z0-9]+(-[a-z0-9]+)*$/;
const MARKDOWN = {
	table: /^\|.*\|\n\|[ :|-]+\|$/m,
	code: /^```\w+\n[^]*?\n```$/m,
	tasks: /^- \[[ x]\] /m,
	bold: /\*\*[^*\n]+\*\*/,
};
// What can take a system away from its users, or data for good: it never stands without a warning.
const DANGEROUS = new RegExp(['Remove-(?!.*-WhatIf)', 'Uninstall-', 'Restart-(Computer|NetAdapter)', 'netdom resetpwd', '/removelingeringobjects',
	'/ResetBase', 'shutdown /r', 'Set-ADUser|Disable-ADAccount', 'Wipe', 'diskpart', 'del /'].join('|'));

const of = (list, kind) => list.filter(item => item.kind === kind);
const only = (object, keys, what) => assert.deepEqual(Object.keys(object).filter(key => !keys.includes(key)), [], `${what}: unknown keys`);
const doubled = list => list.filter((item, at) => list.indexOf(item) !== at);
const unique = (list, what) => assert.deepEqual(doubled(list), [], `${what} given twice`);
const characters = text => [...text].length;
const texts = doc => doc.structure.nodes.flatMap(node => [node.title, node.body ?? '', node.help ?? '']);
const variables = doc => [...new Set(texts(doc).flatMap(text => [...text.matchAll(/\[VAR:([^\]]*)\]/g)].map(found => found[1])))];
const waysOf = node => (node.kind === 'decision' ? node.options.map(option => option.next) : node.next ? [node.next] : []);
const ends = node => node.kind === 'answer' || (node.kind !== 'decision' && node.next === null);

function text(value, min, max, what) {
	assert.equal(typeof value, 'string', what);
	assert.ok(characters(value) >= min && characters(value) <= max, `${what} has ${characters(value)} characters, not ${min} to ${max}`);
	assert.equal(value, value.trim(), `${what} begins or ends with a space`);
}

// All that can be reached from the given ids by the ways.
function reach(from, ways) {
	const seen = new Set(from);
	for (const id of seen)
		for (const next of ways.get(id) ?? [])
			seen.add(next);
	return seen;
}

const forward = doc => new Map(doc.structure.nodes.map(node => [node.id, waysOf(node)]));

function backward(doc) {
	const ways = new Map();
	for (const node of doc.structure.nodes)
		for (const next of waysOf(node))
			ways.set(next, [...(ways.get(next) ?? []), node.id]);
	return ways;
}

const loops = doc => doc.structure.nodes.some(node => reach(waysOf(node), forward(doc)).has(node.id));
const joins = doc => [...backward(doc).values()].some(from => new Set(from).size > 1);

function checkHead(doc) {
	only(doc, FLOW_KEYS, 'the flow');
	assert.equal(doc.format, 'resolutionflow/flow');
	assert.equal(doc.format_version, 1);
	text(doc.name, 3, 60, 'the name');
	text(doc.description, 20, 400, 'the description');
	assert.ok(TYPES.includes(doc.type), `type ${doc.type}`);
	assert.ok(['team', 'public'].includes(doc.visibility), `visibility ${doc.visibility}`);
	text(doc.category, 3, 30, 'the category');
	assert.ok(doc.tags.length >= 2 && doc.tags.length <= 5, `${doc.tags.length} tags`);
	unique(doc.tags, 'tags');
	for (const tag of doc.tags)
		assert.match(tag, READABLE, `tag ${tag}`);
}

function checkOptions(node) {
	assert.ok(node.title.endsWith('?'), `${node.id}: a decision asks`);
	text(node.help, 20, 1500, `${node.id}: help`);
	assert.ok(node.options.length >= 2 && node.options.length <= 20, `${node.id}: ${node.options.length} options`);
	unique(node.options.map(option => option.id), `${node.id}: option ids`);
	unique(node.options.map(option => option.label.toLowerCase()), `${node.id}: labels`);
	for (const option of node.options) {
		only(option, ['id', 'label', 'next'], `${node.id}: an option`);
		assert.match(option.id, ID);
		text(option.label, 2, 60, `${node.id}: a label`);
	}
}

function checkNode(node, type) {
	assert.ok(NODE_KEYS[node.kind], `${node.id}: kind ${node.kind}`);
	only(node, NODE_KEYS[node.kind], node.id);
	assert.match(node.id, ID);
	assert.match(node.id, READABLE, `${node.id} can be read`);
	text(node.title, 3, 60, `${node.id}: title`);
	assert.doesNotMatch(node.title, /\[VAR:/, `${node.id}: a title is short`);
	for (const key of ['body', 'help'].filter(name => name in node))
		text(node[key], 10, 1500, `${node.id}: ${key}`);
	if (node.kind === 'decision')
		checkOptions(node);
	else
		assert.ok(!node.title.endsWith('?'), `${node.id}: only a decision asks`);
	if (node.kind === 'action' || node.kind === 'answer')
		assert.ok(node.body, `${node.id} says what to do`);
	if (node.kind === 'answer')
		assert.ok(OUTCOMES.includes(node.outcome), `${node.id}: outcome ${node.outcome}`);
	if (node.kind === 'section')
		assert.notEqual(type, 'troubleshooting', `${node.id}: sections are for procedures`);
}

function checkGraph(doc) {
	const { start, nodes } = doc.structure;
	const ids = nodes.map(node => node.id);
	only(doc.structure, ['start', 'nodes'], 'the structure');
	assert.ok(nodes.length >= 8 && nodes.length <= 40, `${nodes.length} nodes`);
	unique(ids, 'node ids');
	unique(nodes.map(node => node.title.toLowerCase()), 'titles');
	for (const node of nodes)
		for (const next of node.kind === 'decision' ? node.options.map(option => option.next) : [node.next])
			assert.ok(ids.includes(next) || ends(node), `${node.id} leads to ${next}`);
	assert.deepEqual(ids.filter(id => !reach([start], forward(doc)).has(id)), [], 'nodes that cannot be reached');
	const last = nodes.filter(ends);
	assert.deepEqual(ids.filter(id => !reach(last.map(node => node.id), backward(doc)).has(id)), [], 'nodes from which no way ends');
	if (doc.type === 'troubleshooting')
		assert.deepEqual(last.filter(node => node.kind !== 'answer').map(node => node.id), [], 'ends without an answer');
}

function checkField(field) {
	only(field, FIELD_KEYS, field.name);
	assert.match(field.name, /^[a-z][a-z0-9_]{0,63}$/);
	text(field.label, 2, 60, `${field.name}: label`);
	assert.ok(FIELD_KINDS.includes(field.kind), `${field.name}: kind ${field.kind}`);
	assert.equal(typeof field.required, 'boolean', field.name);
	if ('help' in field)
		text(field.help, 5, 1000, `${field.name}: help`);
	assert.equal('options' in field, field.kind === 'select', `${field.name}: options are a select's`);
	if (field.kind === 'select')
		assert.ok(field.options.length >= 2 && !doubled(field.options).length, `${field.name}: options`);
	if (field.kind === 'select' && 'default' in field)
		assert.ok(field.options.includes(field.default), `${field.name}: default`);
	if (field.kind === 'number' && 'default' in field)
		assert.match(field.default, /^\d+$/, `${field.name}: default`);
	assert.ok(!(field.kind === 'password' && 'default' in field), `${field.name}: no password is known ahead`);
}

function checkMarkdown(doc) {
	const all = doc.structure.nodes.flatMap(node => [node.body ?? '', node.help ?? '']);
	assert.ok(all.some(part => Object.values(MARKDOWN).some(form => form.test(part))), 'no Markdown at all');
	for (const part of all) {
		const prose = part.replace(/^```[^]*?^```$/gm, '').replace(/`[^`\n]*`/g, '');
		assert.equal((part.match(/^```/gm) ?? []).length % 2, 0, `a code block stays open: ${part.slice(0, 60)}`);
		assert.doesNotMatch(prose, /<\/?[a-z][^>]*>/i, 'HTML');
		assert.doesNotMatch(prose, /\[VAR:\w+\]\(/, 'a variable that reads as a link');
		for (const [, url] of prose.matchAll(/\]\(([^)]*)\)/g))
			assert.match(url, /^https:\/\/[a-z0-9.-]+\/$/, 'links lead to the roots of vendors\' documentation');
		for (const [, host] of part.matchAll(/[\w.+-]+@([\w-]+(?:\.[\w-]+)+)/g))
			assert.match(host, /\.example$/, 'addresses of nobody');
	}
}

// "Run *Another flow*" must name one.
function checkReferences(doc, names) {
	for (const part of texts(doc))
		for (const [, name] of part.matchAll(/\b[Rr]un \*([A-Z][^*]+)\*/g))
			assert.ok(names.includes(name), `no flow is called ${name}`);
}

function checkWarnings(doc) {
	for (const node of doc.structure.nodes.filter(item => DANGEROUS.test(item.body ?? '')))
		assert.match(node.body, /\*\*[^*\n]*(Warning|Never|Stop|Only|Before|not|first)[^*\n]*\*\*/i, `${node.id} warns`);
}

for (const { file, doc } of flows)
	test(`${file} is sound`, () => {
		checkHead(doc);
		assert.match(file.replace('.json', ''), READABLE);
		doc.structure.nodes.forEach(node => checkNode(node, doc.type));
		checkGraph(doc);
		unique(doc.intake.map(field => field.name), 'field names');
		unique(doc.intake.map(field => field.label.toLowerCase()), 'field labels');
		doc.intake.forEach(checkField);
		assert.deepEqual(variables(doc).sort(), doc.intake.map(field => field.name).sort(), 'the fields are those that the texts name');
		checkMarkdown(doc);
		checkReferences(doc, flows.map(flow => flow.doc.name));
		checkWarnings(doc);
	});

test('together they show what a flow can be', () => {
	const docs = flows.map(flow => flow.doc);
	const nodes = docs.flatMap(doc => doc.structure.nodes);
	const bodies = nodes.map(node => node.body ?? '');
	assert.ok(docs.length >= 12, `${docs.length} flows`);
	unique(docs.map(doc => doc.name), 'names');
	assert.deepEqual(TYPES.filter(type => !docs.some(doc => doc.type === type)), [], 'types that none has');
	assert.deepEqual(OUTCOMES.filter(outcome => !nodes.some(node => node.outcome === outcome)), [], 'outcomes that none has');
	assert.deepEqual(FIELD_KINDS.filter(kind => !docs.some(doc => of(doc.intake, kind).length)), [], 'kinds of field that none has');
	assert.deepEqual(Object.keys(MARKDOWN).filter(form => !bodies.some(body => MARKDOWN[form].test(body))), [], 'Markdown that none has');
	for (const language of ['powershell', 'cmd', 'bash'])
		assert.ok(bodies.some(body => body.includes(`\`\`\`${language}\n`)), `no ${language}`);
	assert.ok(docs.filter(loops).length >= 4, `${docs.filter(loops).length} flows loop`);
	assert.ok(docs.filter(joins).length >= 4, `${docs.filter(joins).length} flows join`);
	assert.ok(nodes.some(node => node.required), 'no step is required');
	assert.ok(docs.some(doc => doc.structure.nodes.length >= 28), 'no large flow');
	const categories = new Set(docs.map(doc => doc.category));
	assert.ok(categories.size >= 5 && categories.size <= 8, `${categories.size} categories`);
});
