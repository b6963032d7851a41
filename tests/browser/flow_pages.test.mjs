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
	const page = await pages.tour(t, pages.maren, [['flow', at('vpn')], ['flow-older', at('vpn', '?version=1')], ['flow-same', at('patch')], ['flow-awkward', at('awkward')], ['flow-empty', at('empty')],
		['booklet', at('vpn', '/booklet')], ['booklet-awkward', at('awkward', '/booklet')], ['booklet-empty', at('empty', '/booklet')], ['history', at('vpn', '/history')], ['history-empty', at('empty', '/history')],
		['compare', at('vpn', '/compare?from=1&to=2')], ['compare-draft', at('vpn', '/compare')], ['compare-same', at('vpn', '/compare?from=1&to=1')], ['publish', at('vpn', '/publish')], ['publish-same', at('patch', '/publish')],
		['publish-unsound', at('awkward', '/publish')], ['publish-first-empty', at('empty', '/publish')], ['import', '/flows/import']]);
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
	const page = await pages.tour(t, people.viewer, [['flow-reader', at('vpn')], ['flow-reader-older', at('vpn', '?version=1')], ['compare-reader', at('vpn', '/compare')], ['booklet-reader', at('patch', '/booklet')]]);
	for (const path of [at('vpn'), at('vpn', '/compare'), at('vpn', '?version=1')]) {
		await page.goto(path);
		const text = await page.getByRole('main').innerText();
		assert.doesNotMatch(text, /\b(Edit|Publish|Undo|draft|History)\b/i, path);
	}
	await page.goto(at('patch'));
	assert.equal(await page.getByRole('link', { name: /What changed/ }).count(), 0, 'one version alone is compared with none');
	await page.context().close();
});
