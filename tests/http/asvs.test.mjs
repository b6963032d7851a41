// The table of what OWASP ASVS 5.0.0 asks for at levels 1 and 2: whole, and naming nothing that is not there.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const ROOT = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..');
const STATES = ['met', 'partly', 'open', 'deploy', 'none'];
const COUNTS = { 1: 70, 2: 183 };
const read = file => fs.readFileSync(`${ROOT}/${file}`, 'utf8');
const [head, ...lines] = read('tests/asvs.tsv').trimEnd().split('\n').map(line => line.split('\t'));
const rows = lines.map(cells => Object.fromEntries(head.map((name, at) => [name, cells[at]])));
const proofsOf = row => row.test.split(' | ').filter(Boolean);

const literal = /\btest\(\s*('(?:\\.|[^'\\])*'|"(?:\\.|[^"\\])*"|`(?:\\.|[^`\\])*`)/g;
const namesInScript = text => [...text.matchAll(literal)].map(([, quoted]) => quoted.slice(1, -1).replace(/\\(['"`])/g, '$1'));
const namesInC = text => [...text.matchAll(/^START_TEST\((\w+)\)/gm)].map(([, name]) => name)
	.filter(name => text.split(new RegExp(`\\b${name}\\b`)).length > 2); // and is run
const headings = text => [...text.matchAll(/^#+ (.+)$/gm)].map(([, words]) => words);
const checks = () => [
	...[...read('bin/lint').matchAll(/^\tcheck "([^"]+)"/gm)].map(([, name]) => name),
	...read('Makefile').match(/^WARN\s*:=(?:.*\\\n)*.*$/m)[0].match(/-W[\w=-]+/g),
];

function fault(proof) {
	const [, where, name] = /^(\S+): (.+)$/.exec(proof) ?? [];
	if (!name)
		return 'is no "path: name"';
	if (where === 'lint')
		return checks().includes(name) ? '' : 'is no check of make lint';
	if (!fs.existsSync(`${ROOT}/${where}`))
		return 'has no such file';
	const kinds = { '.c': namesInC, '.mjs': namesInScript, '.md': headings };
	return kinds[path.extname(where)]?.(read(where)).includes(name) ? '' : 'is not there under that name';
}

test('every requirement stands in the table once, in order, with its level', () => {
	assert.deepEqual(head, ['id', 'level', 'state', 'test', 'about']);
	const number = id => id.slice(1).split('.').reduce((sum, part) => sum * 1000 + Number(part), 0);
	for (const [at, { id, level }] of rows.entries()) {
		assert.match(id, /^V\d+\.\d+\.\d+$/);
		assert.ok(level in COUNTS, id);
		assert.ok(!at || number(rows[at - 1].id) < number(id), `${id} is in its place, and once`);
	}
	for (const [level, count] of Object.entries(COUNTS))
		assert.equal(rows.filter(row => row.level === level).length, count, `level ${level}`);
});

test('each row says how it stands, in few words', () => {
	for (const [at, { id, state, about }] of rows.entries()) {
		assert.equal(lines[at].length, head.length, id);
		assert.ok(STATES.includes(state), `${id}: ${state}`);
		assert.ok(about.trim() && about.split(' ').length <= 12, `${id}: "${about}"`);
	}
});

test('what is met, or partly, names what shows it, and all that is named is there', () => {
	const faults = [];
	for (const row of rows) {
		const proofs = proofsOf(row);
		if (['met', 'partly'].includes(row.state) !== proofs.length > 0)
			faults.push(`${row.id} is ${row.state} and names ${proofs.length}`);
		faults.push(...proofs.map(proof => [proof, fault(proof)]).filter(([, what]) => what).map(([proof, what]) => `${row.id}: ${proof} ${what}`));
	}
	assert.deepEqual(faults, []);
});

test('how many are met', t => {
	for (const level of Object.keys(COUNTS)) {
		const counts = STATES.map(state => `${rows.filter(row => row.level === level && row.state === state).length} ${state}`);
		t.diagnostic(`ASVS 5.0.0 level ${level}: ${counts.join(', ')}`);
	}
});
