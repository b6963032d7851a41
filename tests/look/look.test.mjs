// What can be said about the look without a browser: sizes, colours, and what templates must not hold.
import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { mustache } from './mustache.mjs';
import { samples } from './samples.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '../..');
const read = path => readFileSync(join(root, path), 'utf8');
const css = read('public/app.css');
const js = read('public/app.js');
// Of pages that need more: each loads app.js and at most one of these.
const own = readdirSync(join(root, 'public')).filter(name => name.endsWith('.js') && name !== 'app.js');
const templates = readdirSync(join(root, 'templates'), { recursive: true }).map(String)
	.filter(path => path.endsWith('.mustache') && !path.endsWith('.txt.mustache'));
const code = text => text.replace(/\{\{!(?:[^}]|\}(?!\}))*\}\}/g, '');

test('the sheet and the scripts stay small', () => {
	assert.ok(Buffer.byteLength(css) <= 24 * 1024, `app.css has ${Buffer.byteLength(css)} bytes`);
	assert.ok(Buffer.byteLength(js) <= 5 * 1024, `app.js has ${Buffer.byteLength(js)} bytes`);
	for (const name of own) {
		const bytes = Buffer.byteLength(read(`public/${name}`));
		assert.ok(bytes <= 4.25 * 1024, `${name} has ${bytes} bytes`);
	}
});

test('the layers stand in their order and nothing stands outside of them', () => {
	const order = ['reset', 'tokens', 'base', 'layout', 'components', 'utilities', 'print'];
	assert.ok(css.includes(`@layer ${order.join(', ')};`));
	assert.deepEqual([...css.matchAll(/^@layer (\w+) \{/gm)].map(m => m[1]), order);
	assert.doesNotMatch(css, /url\(|@import/);
});

test('a page has at most one script of its own', () => {
	for (const path of templates) {
		// Beside app.js, and live.js of whoever is signed in.
		const count = code(read(join('templates', path))).match(/\{\{#(?!app_|live_)\w+_js\}\}/g)?.length ?? 0;
		assert.ok(count <= 1, `${path} loads ${count} scripts`);
	}
});

for (const [name, text] of [['app.js', js], ...own.map(file => [file, read(`public/${file}`)])]) test(`${name} writes text only`, () => {
	assert.doesNotMatch(text, /innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\b|new Function|\.style\b/);
});

const ownPolicy = /<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">/;
for (const path of templates) {
	test(`${path} holds nothing that the content policy forbids`, () => {
		const text = code(read(join('templates', path)));
		assert.doesNotMatch(text, /\sstyle\s*=/, 'a style attribute');
		assert.doesNotMatch(text, /<script(?![^>]*\ssrc=)/, 'a script inside the page');
		// A file that is taken away carries its style, and a policy of its own.
		if (!ownPolicy.test(text)) assert.doesNotMatch(text, /<style/, 'a style inside the page');
		assert.doesNotMatch(text, /\son[a-z]+\s*=/, 'a handler in an attribute');
		assert.doesNotMatch(text, /(?:src|href|action)="(?:https?:)?\/\//, 'something from elsewhere');
		assert.doesNotMatch(text, /<(?:input|select|textarea)\b[^>]*\srequired\b/, 'required: fields say (optional) instead');
	});
	// What a link in a mail allows is done without a sign-in, and its own token is in the address.
	if (path !== 'notices/unsubscribe.mustache') test(`${path}: forms that change something carry the token`, () => {
		const text = code(read(join('templates', path)));
		for (const [form] of text.matchAll(/<form[^>]*method="post"[^]*?<\/form>/g)) {
			assert.match(form, /name="csrf" value="\{\{csrf\}\}"/);
		}
	});
}

const render = mustache(join(root, 'templates'));
for (const [name, [template, frame, model]] of Object.entries(samples)) {
	test(`${name} renders, and ${template} names its fields`, () => {
		const page = render(template, frame, model);
		const [comment] = read(`templates/${template}.mustache`).match(/\{\{!(?:[^}]|\}(?!\}))*\}\}/) || [''];
		assert.match(page, /^<!doctype html>\n<html lang="en"( data-theme="(light|dark|auto)")?>/);
		assert.doesNotMatch(page, /\{\{|\}\}/);
		assert.equal(page.match(/<h1\b/g)?.length, 1, 'one first heading');
		for (const key of Object.keys(model)) assert.match(comment, new RegExp(`\\b${key}\\b`), `${key} is not in the comment`);
	});
}

test('an unknown name is an error', () => {
	assert.throws(() => render('people/forgot_sent', samples.forgot_sent[1], { email: 'a@b.example' }), /unknown name lifetime/);
});

// Colours: WCAG 2.2 asks 4.5 of text and 3 of what must be seen to be used.
const tokens = Object.fromEntries([...css.matchAll(/--([\w-]+): (?:light-dark\((#\w+), (#\w+)\)|(#\w+));/g)]
	.map(([, name, light, dark, both]) => [name, [light ?? both, dark ?? both]])
	.reverse()); // the first of a name is the general one
const channel = value => value <= .04045 ? value / 12.92 : ((value + .055) / 1.055) ** 2.4;
const luminance = hex => {
	const full = hex.length === 4 ? hex.replace(/\w/g, '$&$&') : hex;
	const [r, g, b] = [1, 3, 5].map(at => channel(parseInt(full.slice(at, at + 2), 16) / 255));
	return .2126 * r + .7152 * g + .0722 * b;
};
const contrast = (one, two) => {
	const [low, high] = [luminance(one), luminance(two)].sort((a, b) => a - b);
	return (high + .05) / (low + .05);
};
const pairs = [
	...['bg', 'surface', 'sunk'].flatMap(back => [['text', back, 4.5], ['muted', back, 4.5], ['accent', back, 4.5], ['mark', back, 3]]),
	...['good', 'warn', 'bad', 'info'].flatMap(tone => [[tone, `${tone}-soft`, 4.5], [tone, 'surface', 4.5], ['text', `${tone}-soft`, 4.5]]),
	['on-accent', 'accent', 4.5], ['on-accent', 'accent-deep', 4.5], ['accent-deep', 'accent-soft', 4.5],
	['text', 'accent-soft', 4.5], ['edge', 'surface', 3], ['edge', 'bg', 3], ['bad', 'bg', 4.5],
];
for (const [at, theme] of ['light', 'dark'].entries()) {
	test(`contrast suffices in ${theme}`, () => {
		for (const [front, back, least] of pairs) {
			const has = contrast(tokens[front][at], tokens[back][at]);
			assert.ok(has >= least, `${front} on ${back}: ${has.toFixed(2)} of ${least}`);
		}
	});
}
