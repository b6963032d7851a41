// A small mustache for looking at the templates without the program: variables, sections, comments, partials and
// inheritance.  As in the program an unknown name is an error, so that a sample shows what a view must hold.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const TAG = /\{\{(!(?:[^}]|\}(?!\}))*|\{[^}]+\}|[#^/<>$&]?[^}]*)\}\}/g;
const escape = text => String(text).replace(/[&<>"']/g, c => `&#${c.charCodeAt(0)};`);

function tokens(text) {
	const found = [];
	const lonely = /^[ \t]*(\{\{!(?:[^}]|\}(?!\}))*\}\}|\{\{[#^/<>$][^}]*\}\})[ \t]*(?:\n|$)/gm;
	let last = 0;
	text = text.replace(lonely, '$1');
	for (const m of text.matchAll(TAG)) {
		if (m.index > last) found.push({ kind: 'text', text: text.slice(last, m.index) });
		last = m.index + m[0].length;
		const kind = '!#^/<>$&{'.includes(m[1][0]) ? m[1][0] : 'v';
		found.push({ kind, name: m[1].replace(/^[#^/<>$&{]|\}$/g, '').trim() });
	}
	found.push({ kind: 'text', text: text.slice(last) });
	return found;
}

function parse(text, file) {
	const root = { kids: [] };
	const open = [root];
	for (const t of tokens(text)) {
		if (t.kind === '!') continue;
		if (t.kind === '/') {
			if (open.at(-1).name !== t.name) throw new Error(`${file}: {{/${t.name}}} closes ${open.at(-1).name}`);
			open.pop();
			continue;
		}
		open.at(-1).kids.push(t);
		if ('#^<$'.includes(t.kind)) {
			t.kids = [];
			open.push(t);
		}
	}
	if (open.length > 1) throw new Error(`${file}: ${open.at(-1).name} is not closed`);
	return root.kids;
}

export function mustache(dir) {
	const cache = new Map();
	const load = name => {
		const file = join(dir, `${name}.mustache`);
		if (!cache.has(name)) cache.set(name, parse(readFileSync(file, 'utf8'), file));
		return cache.get(name);
	};
	const look = (name, stack, file) => {
		if (name === '.') return stack.at(-1);
		const [first, ...rest] = name.split('.');
		const holder = stack.findLast(o => o !== null && typeof o === 'object' && first in o);
		if (!holder) throw new Error(`${file}: unknown name ${name}`);
		return rest.reduce((o, key) => o[key], holder[first]);
	};
	const run = (kids, stack, blocks, file) => kids.map(t => {
		const within = (more = []) => run(t.kids, [...stack, ...more], blocks, file);
		switch (t.kind) {
		case 'text': return t.text;
		case 'v': return escape(look(t.name, stack, file));
		case '{': return String(look(t.name, stack, file));
		case '>': return run(load(t.name), stack, {}, t.name);
		case '$': return blocks[t.name] ? blocks[t.name](stack) : within();
		case '<': {
			const given = {};
			for (const k of t.kids) if (k.kind === '$') given[k.name] = s => run(k.kids, s, blocks, file);
			return run(load(t.name), stack, { ...given, ...blocks }, t.name);
		}
		default: {
			const v = look(t.name, stack, file);
			const set = Array.isArray(v) ? v.length > 0 : Boolean(v);
			if (t.kind === '^') return set ? '' : within();
			if (!set) return '';
			return Array.isArray(v) ? v.map(item => within([item])).join('') : within([v]);
		}
		}
	}).join('');
	return (name, frame, model) => run(load(name), [frame, model], {}, name);
}
