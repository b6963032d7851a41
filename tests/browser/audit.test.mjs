// The audit log in a browser: found from the account's pages, empty, filtered, in words; with scripts and without.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { press } from '../support/journey.mjs';
import { API, colleague } from '../support/accounts.mjs';
import { openPages } from '../support/pages.mjs';

let pages;
before(async () => { pages = await openPages(); });
after(() => pages?.close());

const rows = page => page.getByRole('row').filter({ hasNot: page.getByRole('columnheader') });

test('what people did is seen in words, filtered and followed', async t => {
	const tom = await colleague(pages.stack, pages.maren, 'viewer');
	const page = await pages.open(pages.maren);
	await page.goto(`/users/${tom.id}`);
	await page.getByLabel('Role', { exact: true }).selectOption('engineer');
	await press(page, 'Save');
	await pages.stack.request('POST', `${API}/teams`, { bearer: pages.maren.access_token, json: { name: 'A team with a name that is far longer than anybody would ever call one' } });
	await page.goto('/users');
	await page.getByRole('link', { name: 'Audit log', exact: true }).click();
	await page.waitForURL(/\/audit$/);
	await pages.look(t, page, 'audit', '/audit');
	const changed = rows(page).filter({ hasText: 'Person changed' });
	assert.match(await changed.innerText(), /Person The viewer[\s\S]*Role: viewer\s*→\s*engineer/);
	await page.setViewportSize({ width: 1280, height: 800 });
	await changed.locator('summary').click();
	await changed.getByText('Request').waitFor();
	await pages.look(t, page, 'audit-details');
	await changed.getByRole('link', { name: 'All about this one' }).click();
	await page.waitForURL(/object=/);
	await page.getByRole('link', { name: /On: this one only/ }).waitFor();
	assert.ok(await rows(page).count() >= 1);
	await page.goto('/audit');
	await page.getByText('Filter', { exact: true }).click();
	await page.getByLabel('What').selectOption('team.added');
	await page.getByLabel('From').fill('2020-01-01');
	await press(page, 'Show');
	await page.waitForURL(/action=team.added/);
	assert.equal(await rows(page).count(), 1);
	await pages.look(t, page, 'audit-filtered');
	await page.getByRole('link', { name: /What: Team added/ }).click();
	await page.waitForURL(url => !url.search.includes('team.added'));
	await pages.look(t, page, 'audit-none', '/audit?to=2020-01-01');
	await page.getByRole('link', { name: 'Show the whole log' }).click();
	await page.waitForURL(/\/audit$/);
});

test('without scripts; a longer log goes on by pages', async () => {
	await pages.stack.sql(`INSERT INTO audit (account_id, actor_id, action, object) SELECT $1, $2, 'flow.list_exported', 'flow' FROM generate_series(1, 120)`,
		[pages.maren.user.account.id, pages.maren.user.id]);
	const page = await pages.open(pages.maren);
	await page.context().route('**/*.js', route => route.abort());
	await page.goto('/audit?action=flow.list_exported');
	assert.equal(await rows(page).count(), 50);
	await page.getByRole('link', { name: 'Older' }).click();
	await page.waitForURL(/after=/);
	await page.getByRole('link', { name: 'Older' }).click();
	await page.waitForURL(url => url.href.match(/after=/g).length === 1);
	await page.getByRole('link', { name: 'Newer' }).click();
	await page.waitForURL(/before=/);
	assert.equal(await rows(page).count(), 50);
	await page.getByRole('link', { name: 'Newer' }).click();
	await page.getByRole('link', { name: 'Older' }).waitFor();
	assert.equal(await page.getByRole('link', { name: 'Newer' }).count(), 0);
});
