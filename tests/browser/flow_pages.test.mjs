// The pages that tell of a flow: as its readers and its authors see them, on a phone and on a desk, light and dark, with
// scripts and without; on paper; and as a file that is opened where there is no network.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import { after, before, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { API } from '../support/accounts.mjs';
import { fill, press, survey } from '../support/journey.mjs';
import { colleagues, openPages } from '../support/pages.mjs';

const DEMO = new URL('../../fcgi/app/demo/', import.meta.url);
const LONG = 'Donaudampfschifffahrtsgesellschaftskapitänswitwenrentenauszahlungsstelle';
const WIDE = `| Server | Address | Role | Site | Owner | Last patched | Notes |\n| --- | --- | --- | --- | --- | --- | --- |\n| ${Array(7).fill('srv-brackenridge-01').join(' | ')} |`;

// What strains a page: long words, wide tables, long commands, every kind of field.
const awkward = {
	name: `Restore ${LONG}`, description: `For **all** sites, and ${LONG}.\n\n${WIDE}`, type: 'procedural', visibility: 'team', category: 'Backup', tags: ['a', 'restore', LONG.slice(0, 40).toLowerCase()],
	structure: { start: 's', nodes: [
		{ id: 's', kind: 'section', title: 'Before you begin', next: 'a' },
		{ id: 'a', kind: 'action', title: `Ask [VAR:who] for ${LONG}`, body: `${WIDE}\n\nRun this:\n\n\`\`\`powershell\nGet-WBBackupSet | Where-Object { $_.BackupTime -gt (Get-Date).AddDays(-7) } | Sort-Object BackupTime -Descending | Select-Object -First 1 ${'x'.repeat(200)}\n\`\`\`\n\n- [ ] Call [VAR:who]\n- [x] See [the manual](https://example.com/${'a'.repeat(120)})\n\n> A quote with \`${LONG.repeat(2)}\``, help: `Where [VAR:nobody] is.\n\n1. One\n2. Two`, next: 'd', required: true },
		{ id: 'd', kind: 'decision', title: 'Is it there?', body: '', help: '', options: [{ id: 'y', label: 'Yes', next: 'e' }, { id: 'n', label: `No, and ${LONG}`, next: 'a' }, { id: 'm', label: 'Perhaps', next: null }] },
		{ id: 'e', kind: 'action', title: 'Write it down', body: '', help: '', next: null }, { id: 'z', kind: 'action', title: 'Nobody comes here', body: 'Text.', help: '', next: null }] },
	intake: ['text', 'textarea', 'number', 'select', 'checkbox', 'date', 'email', 'ip', 'password'].map((kind, at) => ({ name: at ? kind : 'who', label: at ? `The ${kind}` : LONG, kind, required: at % 2 === 0,
		help: at % 2 ? '' : 'So that the next one knows.', options: kind === 'select' ? ['Berlin', 'Leeds', LONG] : [], default: null })),
};

let pages;
let people;
const flows = {};
before(async () => {
	pages = await openPages();
	people = await colleagues(pages);
	await pages.stack.sql('UPDATE person SET team_id = (SELECT team_id FROM person WHERE id = $1) WHERE id = ANY ($2)', [pages.maren.user.id, [people.viewer.id, people.engineer.id]]);
	const demo = name => JSON.parse(fs.readFileSync(new URL(`${name}.json`, DEMO), 'utf8'));
	for (const [name, doc] of Object.entries({ vpn: demo('vpn-drops'), patch: demo('server-patch-night'), awkward, empty: { name: 'Nothing in it yet', type: 'procedural' } }))
		flows[name] = (await call('POST', '/import', doc)).id;
	await call('POST', `/${flows.vpn}/publish`, { note: 'The first version.\nWith two lines.' });
	const tree = await call('GET', `/${flows.vpn}`);
	tree.structure.nodes[0].title = 'Is the client the newest one?';
	tree.structure.nodes[1].body = 'Quite another text.\n\n```\nping 10.0.0.1\n```';
	await call('PUT', `/${flows.vpn}`, { ...tree, name: `${tree.name}, again`, description: '' });
	await call('POST', `/${flows.vpn}/publish`, { note: '' });
	await call('PUT', `/${flows.vpn}`, { name: 'VPN drops: a newer draft' });
	await call('POST', `/${flows.patch}/publish`, {});
});
after(() => pages?.close());

async function call(method, path, json) {
	const answer = await pages.stack.request(method, `${API}/trees${path}`, { bearer: pages.maren.access_token, json });
	assert.ok(answer.status < 300, answer.text);
	return answer.json;
}

test('as those see it who may edit it', async t => {
	const at = (name, rest = '') => `/flows/${flows[name]}${rest}`;
	const page = await pages.tour(t, pages.maren, [['flow', at('vpn')], ['flow-awkward', at('awkward')], ['flow-empty', at('empty')],
		['booklet-awkward', at('awkward', '/booklet')], ['history', at('vpn', '/history')],
		['compare', at('vpn', '/compare?from=1&to=2')], ['compare-same', at('vpn', '/compare?from=1&to=1')], ['publish', at('vpn', '/publish')], ['publish-same', at('patch', '/publish')],
		['publish-unsound', at('awkward', '/publish')], ['import', '/flows/import']]);
	await fill(page, { 'The text': '# VPN drops\nIs the client up to date?\n  Yes: Done\n    => resolved\n  No: Update it\n    -> Nowhere\n' });
	await press(page, 'Look at it');
	await page.getByText('Line 6').waitFor();
	await pages.look(t, page, 'import-problems', null, 422);
	await page.goto('/flows/import');
	await fill(page, { 'The text': JSON.stringify(awkward) });
	await press(page, 'Look at it');
	await page.getByRole('button', { name: 'Save as a draft' }).waitFor();
	await pages.look(t, page, 'import-preview');
	await press(page, 'Save as a draft');
	await page.waitForURL(/\/edit$/);
	await page.context().close();
});

test('as its readers see it, who find nothing that they may not do', async t => {
	const at = (name, rest = '') => `/flows/${flows[name]}${rest}`;
	const page = await pages.tour(t, people.viewer, [['flow-reader', at('vpn')], ['compare-reader', at('vpn', '/compare')]]);
	for (const path of [at('vpn'), at('vpn', '/compare'), at('vpn', '?version=1')]) {
		await page.goto(path);
		const text = await page.getByRole('main').innerText();
		assert.doesNotMatch(text, /\b(Edit|Publish|Undo|draft|History)\b/i, path);
	}
	await page.goto(at('patch'));
	assert.equal(await page.getByRole('link', { name: /What changed/ }).count(), 0, 'one version alone is compared with none');
	await page.context().close();
});

// Each sheet of paper as text.
async function printed(page, name) {
	const file = `${pages.stack.dir}/${name}.pdf`;
	await page.pdf({ path: file, preferCSSPageSize: true });
	assert.match(execFileSync('pdfinfo', [file], { encoding: 'utf8' }), /Page size:.*A4|Page size:.*612 x 792/);
	return execFileSync('pdftotext', ['-layout', file, '-'], { encoding: 'utf8' }).split('\f').filter(sheet => sheet.trim());
}

test('on paper: counted pages, blanks to fill in, no way to go, no heading left behind by its step', async () => {
	const page = await pages.open(pages.maren);
	for (const name of ['vpn', 'patch', 'awkward']) {
		await page.goto(`/flows/${flows[name]}/booklet`);
		const sheets = await printed(page, name);
		assert.ok(sheets.length >= 2, `${sheets.length} sheets`);
		sheets.forEach((sheet, at) => assert.match(sheet, new RegExp(`Page ${at + 1} of ${sheets.length}`)));
		const text = sheets.join('\n');
		assert.doesNotMatch(text, /Skip to|Menu|Sign out|Notices|\bHome\b|Keep it as one file|Breadcrumb/);
		assert.match(text, /To fill in/);
		for (const sheet of sheets.slice(0, -1)) {
			const lines = sheet.split('\n').map(line => line.trim()).filter(line => line && !/^Page \d+ of/.test(line));
			const [last] = lines.slice(-1);
			assert.ok(!/^(Steps|Picture|To fill in)$/.test(last), `a heading alone: ${last}`);
			const title = /^\d+\. (.*)$/.exec(last)?.[1];
			assert.ok(!title || !(await page.getByRole('heading', { name: title }).count()), `a step's heading alone: ${last}`);
		}
	}
	await page.context().close();
});

test('the file that stands alone shows all of it with no network and no script, light and dark, and is sound', async t => {
	for (const name of ['vpn', 'awkward']) {
		const { text } = await pages.stack.request('GET', `${API}/trees/${flows[name]}/export?format=html`, { bearer: pages.maren.access_token });
		const file = `${pages.stack.dir}/${name}.html`;
		fs.writeFileSync(file, text);
		const svg = await pages.stack.request('GET', `${API}/trees/${flows[name]}/picture`, { bearer: pages.maren.access_token });
		fs.writeFileSync(`${pages.stack.dir}/${name}.svg`, svg.text);
		const page = await pages.browser.page(pages.stack, { offline: true });
		const asked = [];
		page.on('request', request => request.url().startsWith('data:') || asked.push(request.url()));
		await page.goto(pathToFileURL(file).href);
		const drawn = page.locator('.drawn svg');
		assert.ok(await drawn.isVisible() && (await drawn.boundingBox()).height > 100, 'the picture');
		assert.equal(await page.locator('script, link, img, iframe').count(), 0);
		assert.ok(await page.locator('.sheet > li').count() >= 5);
		for (const link of await page.locator('a[href^="#"]').evaluateAll(all => all.map(a => a.getAttribute('href'))))
			assert.equal(await page.locator(`[id="${link.slice(1)}"]`).count(), 1, link);
		await t.test(name, async () => {
			const wrong = await page.evaluate(() => document.documentElement.scrollWidth > document.documentElement.clientWidth);
			assert.ok(!wrong);
			await survey(page, `alone-${name}`, { html: text });
		});
		await page.goto(pathToFileURL(`${pages.stack.dir}/${name}.svg`).href);
		assert.ok(await page.locator('svg text').count() >= 5, 'the picture by itself is XML that can be read');
		assert.deepEqual(asked.filter(url => !url.startsWith('file:')), []);
		await page.context().close();
	}
});
