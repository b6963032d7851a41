// The documentation of a run as a file that stands alone: on a screen where there is no network, and on paper.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { openBrowser, validHtml } from '../support/browser.mjs';
import { survey } from '../support/journey.mjs';

const ROOT = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..');
const PRINT = path.join(process.env.RF_TEST_BUILD ?? path.join(ROOT, 'build'), 'tests/reports/print');
const LONG = 'Donaudampfschifffahrtsgesellschaftskapitänswitwenrentenauszahlungsstelle'.repeat(3);

let dir;
let browser;
before(async () => {
	dir = fs.mkdtempSync(path.join(process.env.RF_TEST_DIR ?? os.tmpdir(), 'reports-'));
	browser = await openBrowser();
});
after(async () => {
	await browser?.close();
	fs.rmSync(dir, { recursive: true, force: true });
});

const written = (report, detail = 'full') => execFileSync(PRINT, ['html', detail], { cwd: ROOT, input: JSON.stringify(report), encoding: 'utf8' });
const golden = detail => fs.readFileSync(path.join(ROOT, `tests/reports/golden/${detail}.html`), 'utf8');

async function open(name, html) {
	const file = path.join(dir, `${name}.html`);
	fs.writeFileSync(file, html);
	const page = await browser.page({}, { offline: true });
	page.asked = [];
	page.on('request', request => page.asked.push(request.url()));
	await page.goto(pathToFileURL(file).href);
	return page;
}

async function printed(page, name) {
	const file = path.join(dir, `${name}.pdf`);
	await page.pdf({ path: file, preferCSSPageSize: true });
	const sheets = execFileSync('pdftotext', ['-layout', file, '-'], { encoding: 'utf8' }).split('\f').filter(sheet => sheet.trim());
	const counted = Number(/Pages:\s+(\d+)/.exec(execFileSync('pdfinfo', [file], { encoding: 'utf8' }))[1]);
	assert.equal(sheets.length, counted, 'no empty sheet');
	sheets.forEach((sheet, at) => assert.match(sheet, new RegExp(`Page ${at + 1} of ${sheets.length}\\b`)));
	return sheets;
}

// Steps of many heights, so that pages end at all places within one; and what strains a page.
const strained = {
	flow: `Restore ${LONG}`, client: LONG, ticket: '48213', summary: `See [the manual](https://example.com/manual) and ${LONG}.`, address: `https://flows.example/sessions/${'a'.repeat(200)}`,
	made_at: '2026-11-20T10:24:05Z',
	steps: Array.from({ length: 40 }, (_, at) => ({
		title: `Begin of step ${at}`, kind: 'action', section: at < 20 ? null : `Part ${Math.floor(at / 10)}`, answer: 'Done', who: 'Maren Holt', at: '2026-11-20T09:00:00Z', seconds: 61, visit: 1, reverted: at % 7 === 3,
		body: `# Heading\n\n${Array.from({ length: 1 + at % 9 }, (_line, line) => `- line ${line} of the body`).join('\n')}\n\n\`\`\`\n${'x'.repeat(at * 9)}\n\`\`\``, note: `Looked at it.\n\nEnd of step ${at}`,
	})),
	variables: Array.from({ length: 120 }, (_, at) => ({ name: `v${at}`, label: `Variable ${at}`, value: at === 5 ? `${LONG}\nsecond line` : `value ${at}`, required: at === 7, filled: at !== 7 })),
};

for (const detail of ['summary', 'standard', 'full']) {
	test(`${detail}: sound HTML that needs nothing else and is the same in the dark`, async () => {
		const page = await open(detail, golden(detail));
		if (detail === 'full')
			await survey(page, 'report-full');
		await validHtml(golden(detail), detail);
		assert.equal(await page.locator('script, link, img, iframe').count(), 0);
		assert.equal(page.asked.length, 1, page.asked.join(' '));
		assert.equal(await page.evaluate(() => getComputedStyle(document.body).backgroundColor), 'rgb(255, 255, 255)');
		const sheets = await printed(page, detail);
		assert.match(sheets[0], /VPN connection drops[^]*Brackenridge Dental[^]*#48213[^]*Maren Holt[^]*20 November 2026, 09:05 UTC[^]*1 h 3 min/);
		assert.match(sheets.at(-1), /ResolutionFlow record sha256:[0-9a-f]{64}/);
		await page.context().close();
	});
}

test('long words and tables stay within a window of a phone', async () => {
	const html = written({ ...strained, steps: strained.steps.slice(17, 24), variables: strained.variables.slice(0, 9) });
	const page = await open('strained', html);
	await survey(page, 'report-strained', { html });
	await page.context().close();
});

test('on paper: no step is cut, no heading is left behind, the table repeats its head, links are written out', async () => {
	const page = await open('paper', written(strained));
	const sheets = await printed(page, 'paper');
	assert.ok(sheets.length > 8, `${sheets.length} sheets`);
	for (let at = 0; at < 40; at++) {
		const begin = sheets.findIndex(sheet => new RegExp(`Begin of step ${at}\\b`).test(sheet));
		const end = sheets.findIndex(sheet => new RegExp(`End of step ${at}\\b`).test(sheet));
		assert.ok(begin >= 0 && begin === end, `step ${at} stands on the sheets ${begin + 1} to ${end + 1}`);
	}
	for (const sheet of sheets.slice(0, -1)) {
		const lines = sheet.split('\n').map(line => line.trim()).filter(line => line && !/^Page \d+ of/.test(line));
		assert.doesNotMatch(lines.at(-1), /^(Steps|Summary|Variables|Part \d|(\d+\. )?Begin of step.*|Heading|Note)$/, 'a heading alone');
	}
	const withValues = sheets.filter(sheet => /\bvalue \d+/.test(sheet));
	assert.ok(withValues.length >= 3, `${withValues.length} sheets of variables`);
	for (const sheet of withValues)
		assert.match(sheet, /Variable\s+Value/);
	assert.match(sheets[0], /the manual <https:\/\/example\.com\/manual>/);
	assert.equal(sheets.join('').replace(/\s/g, '').split('https://flows.example/sessions/').length, 2, 'an address that is shown is not written twice');
	await page.context().close();
});
