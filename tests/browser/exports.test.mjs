// What leaves a session, on the pages: looked through, edited, copied; links made, opened and withdrawn; documents checked.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import { after, before, test } from 'node:test';
import { API } from '../support/accounts.mjs';
import { madeAndPublished } from '../support/flows.mjs';
import { fill, press } from '../support/journey.mjs';
import { openPages } from '../support/pages.mjs';
import { runnable, runnableFlow, sessionCall, startSession } from '../support/sessions.mjs';

let pages;
let session;
before(async () => {
	pages = await openPages();
	const flow = await runnableFlow(pages.stack, pages.maren);
	session = await startSession(pages.stack, pages.maren, flow.id, { ticket_number: 'T-4711', client_name: 'Contoso Dental', variables: { server: 'SRV-01' } });
	const call = sessionCall(pages.stack);
	await call('POST', `/${session.id}/steps`, pages.maren, { node_id: 'n1', option_id: 'no', notes: `Reached 192.0.2.77 at last.\n\n- password: Winter2026!\n- ask bob@contoso.example\n\n${'x'.repeat(300)}` });
	await call('POST', `/${session.id}/steps`, pages.maren, { node_id: 'n2', notes: 'Twice.' });
	await call('PUT', `/${session.id}`, pages.maren, { scratchpad: 'my own words' });
	assert.ok(API);
});
after(() => pages?.close());

for (const js of [true, false])
	test(`from the preview to the ticket, scripts ${js ? 'on' : 'off'}`, async t => {
		const look = name => js && pages.look(t, page, name);
		const page = await pages.open(pages.maren, { js });
		await page.goto(`/sessions/${session.id}/export`);
		await look('export');
		await page.getByLabel('bob@contoso.example').check();
		await page.getByLabel('Format').selectOption('markdown');
		await press(page, 'Update the text');
		await page.waitForURL(/format=markdown/);
		const text = page.getByRole('textbox', { name: /The documentation/ });
		assert.match(await text.inputValue(), /bob@contoso\.example/);
		assert.doesNotMatch(await text.inputValue(), /192\.0\.2\.77|Winter2026/);
		await text.fill(`${await text.inputValue()}\nThe client was called back.`);
		await press(page, 'Use this text');
		await page.waitForURL(/\/exports\//);
		await look('exported');
		assert.match(await page.locator('#export').inputValue(), /The client was called back\./);
		assert.match(await page.locator('#export').inputValue(), /bob@contoso\.example/);
		assert.ok(await page.getByText('edited by hand').isVisible());
		assert.equal(await page.getByRole('button', { name: 'Copy' }).isVisible(), js);
	});

test('a link is made, opened by anyone, and withdrawn', async t => {
	const page = await pages.tour(t, pages.maren, [['shares-none', `/sessions/${session.id}/shares`]]);
	await fill(page, { 'Who may open it': 'Anyone', 'How much it shows': 'Full', 'How often it may be opened': '2' });
	await press(page, 'Make a link');
	await page.getByLabel('The link').waitFor();
	await pages.look(t, page, 'shares');
	const link = await page.getByLabel('The link').inputValue();
	const guest = await pages.tour(t, null, [['shared-asks', new URL(link).pathname]]);
	await press(guest, 'Open');
	await guest.getByText('Contoso Dental').first().waitFor();
	await pages.look(t, guest, 'shared');
	assert.ok(await guest.getByText('Contoso Dental').first().isVisible());
	await page.reload();
	await page.getByRole('button', { name: /^Withdraw/ }).click();
	await page.getByText('The link is withdrawn').waitFor();
	await pages.look(t, page, 'shares-withdrawn');
	await guest.goto(link);
	await pages.look(t, guest, 'shared-gone', null, 410);
});

test('a document is checked', async t => {
	const page = await pages.tour(t, null, [['verify', '/verify']]);
	await fill(page, { 'The whole document': 'Something without a seal' });
	await press(page, 'Check it');
	await page.getByText('This text has no seal').waitFor();
	await pages.look(t, page, 'verify-no-seal');
	await page.getByLabel('The document\'s file').setInputFiles({ name: 'export.md', mimeType: 'text/markdown', buffer: Buffer.from('# Another\n') });
	await press(page, 'Check it');
	await page.getByText('This text has no seal').waitFor();
});

test('the document, on the screen and on paper', async t => {
	const page = await pages.tour(t, pages.maren, [['document', `/sessions/${session.id}/document`], ['document-full', `/sessions/${session.id}/document?detail=full`], ['record', `/sessions/${session.id}/record`]]);
	await press(page, 'Ticket notes');
	assert.match(await page.locator('#export').inputValue(), /^VPN drops hourly/);
	await page.goto(`/sessions/${session.id}/document?detail=full`);
	const file = `${pages.stack.dir}/document.pdf`;
	await page.pdf({ path: file, preferCSSPageSize: true });
	const paper = execFileSync('pdftotext', ['-layout', file, '-'], { encoding: 'utf8' });
	assert.match(paper, /T-4711/);
	assert.match(paper, /Page 1 of \d/);
	for (const around of ['Print this page', 'Home', 'Summary\n', '192.0.2.77'])
		assert.ok(!paper.includes(around), around);
});

// Words with their places, which pdftotext tells of each page.
function wordsOf(file) {
	const pages = execFileSync('pdftotext', ['-bbox', file, '-'], { encoding: 'utf8' }).split('<page ').slice(1);
	return pages.flatMap((text, at) => [...text.matchAll(/yMin="([-.\d]+)" xMax="[-.\d]+" yMax="([-.\d]+)">(.*)<\/word>/g)]
		.map(([, top, bottom, word]) => ({ word, page: at + 1, whole: top > 20 && bottom < Number(/height="([.\d]+)"/.exec(text)[1]) - 20 })));
}

test('a step that is longer than a sheet goes on on the next one, whole', async () => {
	const lines = (word, n) => Array.from({ length: n }, (_, at) => `${word}${at + 100}`);
	const doc = runnable();
	const parts = [lines('paragraph', 60), lines('command', 90), lines('entry', 60), lines('remark', 90)];
	doc.structure.nodes[0].body = `${parts[0].join('\n\n')}\n\n\`\`\`\n${parts[1].join('\n')}\n\`\`\`\n\n${parts[2].map(one => `- ${one}`).join('\n')}`;
	const flow = await madeAndPublished(pages.stack, pages.maren, doc);
	const long = await startSession(pages.stack, pages.maren, flow.id);
	const noted = await sessionCall(pages.stack)('POST', `/${long.id}/steps`, pages.maren, { node_id: 'n1', option_id: 'no', notes: parts[3].join('\n') });
	assert.equal(noted.status, 200, noted.text);
	const got = await sessionCall(pages.stack)('POST', `/${long.id}/export`, pages.maren, { format: 'html', detail: 'full' });
	fs.writeFileSync(`${pages.stack.dir}/long.html`, got.text);
	const page = await pages.open(pages.maren);
	const file = `${pages.stack.dir}/long.pdf`;
	for (const address of [`/sessions/${long.id}/document?detail=full`, `file://${pages.stack.dir}/long.html`]) {
		await page.goto(address);
		await page.pdf({ path: file, preferCSSPageSize: true });
		const words = wordsOf(file);
		const told = words.filter(({ word }) => parts.flat().includes(word));
		assert.deepEqual(told.map(({ word }) => word), parts.flat(), address);
		assert.deepEqual(told.filter(({ whole }) => !whole), [], 'and none is cut by the end of a sheet');
		assert.equal(told[0].page, 1, 'it begins where the head ends');
	}
});
