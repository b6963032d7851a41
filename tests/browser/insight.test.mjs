// Where people are stuck, in a browser: empty, with one hand-off and with many; with scripts and without; on a phone.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { colleagues, openPages } from '../support/pages.mjs';

const LONG = `A flow ${'with_a_name_that_has_no_blank_'.repeat(4)}<b>&`;

let pages;
let engineer;
before(async () => {
	pages = await openPages();
	({ engineer } = await colleagues(pages));
});
after(() => pages?.close());

// So many in the last hours, of flows of which most are seldom handed off.
const add = count => pages.stack.sql(`WITH made AS (
		SELECT n, uuid7() AS id, now() - n * interval '37 min' AS at, f.id AS flow FROM generate_series(1, $1::int) n
		 CROSS JOIN LATERAL (SELECT id, row_number() OVER (ORDER BY id) - 1 AS place FROM flow WHERE account_id = $2) f
		 WHERE f.place = floor(sqrt(n % 121))
	), begun AS (
		INSERT INTO session (account_id, id, flow_id, version, owner_id, visit, created_at, started_at) SELECT $2, id, flow, 1, $3, 1, at, at FROM made
	)
	INSERT INTO visit (account_id, session_id, n, node_id, kind, title, again, entered_active)
	SELECT $2, id, 1, 'n' || n % 5, 'action', 'Ask about ' || repeat('everything_', n % 12), 1, '0' FROM made RETURNING session_id`, [count, pages.maren.user.account.id, engineer.id])
	.then(rows => pages.stack.sql(`INSERT INTO handoff (account_id, id, session_id, intent, state, visit, priority, by_id, claimer_id, claimed_at, first_claimed_at, ended_at, created_at)
		SELECT s.account_id, uuid7(), s.id, 'escalate', 'resolved', 1, 'normal', $2, $3, s.started_at + interval '4 min 5 s', s.started_at + interval '4 min 5 s', s.started_at + interval '3 h',
		       s.started_at FROM session s WHERE s.id = ANY ($1)`, [rows.map(row => row.session_id), engineer.id, pages.maren.user.id]));

test('the page in each of its states', async t => {
	const page = await pages.open(pages.maren);
	await page.goto('/escalations');
	await page.getByRole('link', { name: 'Insight' }).click();
	await pages.look(t, page, 'insight-none');
	await pages.stack.sql(`INSERT INTO flow (account_id, id, author_id, visibility, name, type, version, draft_hash, version_hash)
		SELECT $1, uuid7(), $2, 'public', CASE n WHEN 0 THEN $3 ELSE 'Flow No. ' || n END, 'procedural', 1, 'x', 'x' FROM generate_series(0, 10) n`,
	[pages.maren.user.account.id, pages.maren.user.id, LONG]);
	await pages.stack.sql(`INSERT INTO flow_version (account_id, flow_id, n, name, description, type, structure, intake, hash, person_id)
		SELECT account_id, id, 1, name, '', type, '{"start":null,"nodes":[]}', '[]', 'x', author_id FROM flow WHERE account_id = $1`, [pages.maren.user.account.id]);
	await add(1);
	await pages.look(t, page, 'insight-one', '/insight/escalations?days=7');
	await add(900);
	await pages.look(t, page, 'insight', '/insight/escalations?days=90');
	const plot = page.getByRole('img', { name: 'Hand-offs by flow' });
	assert.match(await plot.locator('desc').textContent(), /^The most: .+, \d+\. The table has all numbers\.$/);
	await page.setViewportSize({ width: 360, height: 740 });
	const [bar, all] = [await plot.locator('.bar').first().boundingBox(), await plot.boundingBox()];
	assert.ok(Math.abs(bar.width - all.width) < 1 && all.width > 300, 'the highest has the whole width');
	const label = await plot.locator('text').first().boundingBox();
	assert.ok(label.height > 14, 'letters stay as large as the text');
});

test('without scripts', async () => {
	const page = await pages.open(engineer, { js: false });
	await page.goto('/insight/escalations');
	await page.getByRole('link', { name: '7 days', exact: true }).click();
	await page.getByLabel('From').fill('2020-01-01');
	await page.getByLabel('To', { exact: true }).fill('2020-12-31');
	await page.getByRole('button', { name: 'Show' }).click();
	await page.getByRole('heading', { name: 'Nobody was stuck in these days' }).waitFor();
	await page.getByRole('link', { name: 'Look at a year' }).click();
	await page.getByText('The numbers by hour').click();
	await page.getByRole('cell', { name: '23:00 to 24:00' }).or(page.getByRole('rowheader', { name: '23:00 to 24:00' })).waitFor();
});
