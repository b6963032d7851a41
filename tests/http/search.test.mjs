// Search over flows: what is found, by whom, and what never breaks it.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { API, browser, colleague, isProblem, register } from '../support/accounts.mjs';
import { flowBody, madeAndPublished, makeFlow, publishFlow } from '../support/flows.mjs';
import { deadline } from '../support/patience.mjs';
import { startStack } from '../support/stack.mjs';

let stack;
let owner;
let engineer;
let mate; // of the engineer's team
let viewer;
let stranger;
before(async () => {
	stack = await startStack({ jobs: true });
	owner = await register(stack);
	engineer = await colleague(stack, owner, 'engineer');
	mate = await colleague(stack, owner, 'engineer');
	viewer = await colleague(stack, owner, 'viewer');
	stranger = await register(stack);
	const [team] = await stack.sql('SELECT team_id AS id FROM person WHERE id = $1', [owner.user.id]);
	const [{ id }] = await stack.sql(`INSERT INTO team (account_id, id, name) VALUES ($1, gen_random_uuid(), 'Night') RETURNING id`, [owner.user.account.id]);
	await stack.sql('UPDATE person SET team_id = $1 WHERE id = ANY ($2)', [id, [engineer.id, mate.id]]);
	assert.notEqual(team?.id, id);
});
after(() => stack?.stop());

const ask = (who, q, more = '') => stack.request('GET', `${API}/trees/search?q=${encodeURIComponent(q)}${more}`, { bearer: who.access_token });
async function find(who, q, more) {
	const answer = await ask(who, q, more);
	assert.equal(answer.status, 200, answer.text);
	return answer.json;
}
const names = async (who, q, more) => (await find(who, q, more)).items.filter(item => !item.alike).map(item => item.name);
const change = (who, id, json) => stack.request('PUT', `${API}/trees/${id}`, { bearer: who.access_token, json });

// Steps one after another.
const steps = (...texts) => ({ start: 'n1', nodes: texts.map(([title, body = '', help = ''], at) => ({
	id: `n${at + 1}`, kind: 'action', title, body, help, next: at + 1 < texts.length ? `n${at + 2}` : null, required: true })) });
const procedure = (name, texts, more = {}) => ({ name, type: 'procedural', structure: steps(...texts), intake: [], visibility: 'public', description: '', ...more });

// Until it is so, for what a job does.
async function soon(look, wanted, seconds = 15) {
	let seen;
	for (const end = deadline(seconds); Date.now() < end; await sleep(100)) {
		seen = JSON.stringify(await look());
		if (seen === JSON.stringify(wanted))
			return;
	}
	assert.equal(seen, JSON.stringify(wanted));
}

test('name, description, tags and every text of a step are found, each with the step it stands in', async () => {
	await madeAndPublished(stack, owner, procedure('Aardvark lockout', [['Knock twice', 'Use the **badger** on `[VAR:burrow]`.', 'A chinchilla helps.'], ['Leave', 'Quietly.']],
		{ description: 'For *dormice* only.', tags: ['echidna-care'], intake: [{ name: 'burrow', label: 'Burrow', kind: 'text', required: false, help: '', options: [], default: null }] }));
	const { id } = await madeAndPublished(stack, owner, { name: 'Questions', visibility: 'public', structure: {
		start: 'n1', nodes: [
			{ id: 'n1', kind: 'decision', title: 'Which?', body: '', help: '', options: [{ id: 'o1', label: 'Ferrets everywhere', next: 'n2' }, { id: 'o2', label: 'None', next: 'n2' }] },
			{ id: 'n2', kind: 'answer', title: 'Done', body: '', outcome: 'resolved' }] } });
	for (const word of ['aardvark', 'LOCKOUT', 'lockouts', 'badger', 'burrow', 'chinchilla', 'dormice', 'echidna', 'echidna-care', 'knocking', 'aardvark badger', 'echidna knock'])
		assert.deepEqual(await names(owner, word), ['Aardvark lockout'], word);
	const { items: [item], total, page, next, total_capped: capped } = await find(owner, 'ferret');
	assert.deepEqual([item.id, item.alike, total, page, next, capped], [id, false, 1, 1, null, false]);
	assert.deepEqual(item.matches, [{ node_id: 'n1', title: 'Which?', snippet: '«Ferrets» everywhere' }]);
	const [{ matches }] = (await find(owner, 'badger chinchilla')).items;
	assert.equal(matches.length, 1);
	assert.match(matches[0].snippet, /^Use the «badger» on \[VAR:burrow\]\.$|«chinchilla»/);
	assert.ok(!('structure' in item) && item.author.id && item.type === 'troubleshooting', 'a TREE as in lists');
});

test('a phrase, a word that must not be there, either of two, and the beginning of a word', async () => {
	await madeAndPublished(stack, owner, procedure('Gecko one', [['Feed the gecko', 'Warm water first']]));
	await madeAndPublished(stack, owner, procedure('Gecko two', [['Feed the gecko', 'Water, then a warm lamp']]));
	await madeAndPublished(stack, owner, procedure('Hamster', [['Turn the wheel', '']]));
	assert.deepEqual(await names(owner, 'gecko warm water'), ['Gecko one', 'Gecko two']);
	assert.deepEqual(await names(owner, '"warm water"'), ['Gecko one']);
	assert.deepEqual(await names(owner, 'gecko -lamp'), ['Gecko one']);
	assert.deepEqual(await names(owner, 'lamp or hamster'), ['Hamster', 'Gecko two']);
	assert.deepEqual(await names(owner, 'hamst'), ['Hamster']);
	assert.deepEqual(await names(owner, 'gecko war'), ['Gecko one', 'Gecko two']);
	assert.deepEqual(await names(owner, 'ha'), [], 'two characters begin too much');
	assert.deepEqual(await names(owner, '-gecko'), [], 'only what must not be there');
});

test('the beginning of a word is that of the account\'s own words, of stems, and of words with signs in them', async () => {
	const eve = await register(stack);
	await madeAndPublished(stack, eve, procedure('Wombat', [['Wombling about', 'the wombat\'s o\'womber, the womb-tree and x:womby | womb & (womp)']]));
	const known = async () => (await stack.sql('SELECT word FROM flow_word WHERE account_id = $1 AND word LIKE $2', [eve.user.account.id, 'womb%'])).map(row => row.word).sort();
	assert.ok((await known()).includes('wombat') && (await known()).includes('wombl'));
	for (const q of ['womb', 'wombl', 'wombat', 'about womb', 'o\'womb', '"about the wom', 'nothing or wombl', 'womp', 'womby'])
		assert.deepEqual(await names(eve, q), ['Wombat'], q);
	for (const q of ['wombx', 'wombat wombx', '"the about wom'])
		assert.ok((await find(eve, q)).items.every(item => item.alike), q);
	assert.deepEqual((await stack.sql('SELECT word FROM flow_word WHERE account_id = $1 AND word LIKE $2', [owner.user.account.id, 'womb%'])), []);
});

test('names and tags before steps, the archived only where they are wanted, and then last', async () => {
	await madeAndPublished(stack, owner, procedure('Iguana last', [['Iguana', 'iguana iguana iguana']]));
	const old = await madeAndPublished(stack, owner, procedure('Iguana archived', [['x']]));
	await madeAndPublished(stack, owner, procedure('By tag', [['x']], { tags: ['iguana'] }));
	await madeAndPublished(stack, owner, procedure('By step', [['x', 'iguana iguana']]));
	await change(owner, old.id, { status: 'archived' });
	assert.deepEqual(await names(owner, 'iguana'), ['Iguana last', 'By tag', 'By step']);
	assert.deepEqual(await names(owner, 'iguana', '&archived=true'), ['Iguana last', 'By tag', 'By step', 'Iguana archived']);
});

test('a misspelt name is found where nothing else is', async () => {
	await madeAndPublished(stack, owner, procedure('VPN drops', [['x']]));
	const { items: [item] } = await find(owner, 'vnp drps');
	assert.deepEqual([item.name, item.alike, item.matches], ['VPN drops', true, []]);
	assert.equal((await find(owner, 'vpn drops')).items[0].alike, false);
	assert.deepEqual(await names(owner, '"vnp drps"'), [], 'who writes a phrase means it');
	assert.deepEqual(await names(stranger, 'vnp drps'), []);
});

test('pages', async () => {
	for (let at = 0; at < 5; at++)
		await madeAndPublished(stack, owner, procedure(`Jackal ${at}`, [['x']]));
	const { items, total, next } = await find(owner, 'jackal', '&per_page=2');
	assert.deepEqual([items.length, total], [2, 5]);
	const second = (await stack.request('GET', next, { bearer: owner.access_token })).json;
	assert.deepEqual(second.items.map(item => item.name), ['Jackal 2', 'Jackal 3']);
	assert.equal((await find(owner, 'jackal', '&per_page=2&page=3')).next, null);
	assert.deepEqual(await names(owner, 'jackal', '&per_page=2&page=9'), []);
});

test('empty and too long are refused, and what has no word finds nothing', async () => {
	for (const q of ['', '   ', 'x'.repeat(201)])
		isProblem(await ask(owner, q), 422, 'invalid');
	isProblem(await stack.request('GET', `${API}/trees/search`, { bearer: owner.access_token }), 422, 'invalid');
	isProblem(await stack.request('GET', `${API}/trees/search?q=x`), 401, 'not_signed_in');
	for (const q of ['((:*&|!', '"', '""', '-', '- -', ':*', '\\', '\'', '%', '_', '!', '<->', 'a:*b', '" "', '🐌'.repeat(9), '*'.repeat(200), 'x\u0001y'])
		assert.deepEqual(await names(owner, q), [], q);
});

test('within what each may see: private, team, public, drafts', async () => {
	const made = {};
	for (const visibility of ['private', 'team', 'public']) {
		made[visibility] = await madeAndPublished(stack, engineer, procedure(`Kiwi ${visibility}`, [['Kakapo']], { visibility }));
		await makeFlow(stack, engineer, procedure(`Kiwi draft ${visibility}`, [['Kakapo']], { visibility }));
	}
	const all = visibility => [`Kiwi ${visibility}`, `Kiwi draft ${visibility}`];
	const seen = [
		[engineer, [...all('private'), ...all('team'), ...all('public')]],
		[mate, [...all('team'), ...all('public')]],
		[owner, [...all('team'), ...all('public')]],
		[viewer, ['Kiwi public']],
		[stranger, []],
	];
	for (const [who, wanted] of seen)
		for (const word of ['kiwi', 'kakapo'])
			assert.deepEqual((await names(who, word)).sort(), [...wanted].sort(), `${who.email} ${word}`);

	// As the library, so the search: the same rows for everybody.
	for (const [who] of seen) {
		const account = who === stranger ? stranger.user.account.id : owner.user.account.id;
		const inside = text => stack.sqlAs('rf_worker', account, text);
		await stack.sql(`SELECT set_config('app.person', $1, false)`, [who.id ?? who.user.id]);
		await stack.sql('GRANT SELECT ON flow_text_here TO rf_worker');
		const texts = await inside('SELECT flow_id AS id FROM flow_text_here ORDER BY 1');
		assert.deepEqual(texts, await inside('SELECT id FROM flow_here ORDER BY 1'), who.email);
	}
	await stack.sql(`SELECT set_config('app.person', '', false)`);

	await change(engineer, made.public.id, { visibility: 'private' });
	assert.ok(!(await names(viewer, 'kiwi')).length && !(await names(mate, 'kakapo')).includes('Kiwi public'), 'at once');
	await change(engineer, made.private.id, { visibility: 'public' });
	assert.deepEqual(await names(viewer, 'kiwi'), ['Kiwi private']);
	await stack.request('DELETE', `${API}/trees/${made.team.id}`, { bearer: owner.access_token });
	assert.ok(!(await names(engineer, 'kiwi', '&archived=true')).includes('Kiwi team'), 'deleted');
});

test('readers find what was published, not what is drafted', async () => {
	const { id } = await madeAndPublished(stack, owner, procedure('Lemur', [['Climb', 'liana']]));
	await change(owner, id, { name: 'Lemur, new', structure: steps(['Climb', 'mangrove']) });
	assert.deepEqual(await names(viewer, 'liana'), ['Lemur']);
	assert.deepEqual(await names(owner, 'mangrove'), []);
	await publishFlow(stack, owner, id);
	assert.deepEqual(await names(viewer, 'mangrove'), ['Lemur, new'], 'at once');
	assert.deepEqual(await names(viewer, 'liana'), []);
});

test('a draft is found with its new words: by the API at once, from the editor soon, and after undo', async () => {
	const { id } = await makeFlow(stack, owner, procedure('Marmot', [['Whistle']]));
	await change(owner, id, { structure: steps(['Narwhal']) });
	assert.deepEqual(await names(owner, 'narwhal'), ['Marmot']);
	const page = await browser(stack, owner.email);
	const form = { ...await page.hidden(`/flows/${id}/edit`), title: 'Okapi', kind: 'action' };
	assert.equal((await page.send('POST', `/flows/${id}/edit`, { form })).status, 303);
	await soon(() => names(owner, 'okapi'), ['Marmot']);
	await stack.request('POST', `${API}/trees/${id}/undo`, { bearer: owner.access_token });
	await soon(() => names(owner, 'okapi'), []);
	await change(owner, id, { tags: ['pangolin'] });
	assert.deepEqual(await names(owner, 'pangolin'), ['Marmot']);
	await change(owner, id, { tags: [] });
	assert.deepEqual(await names(owner, 'pangolin'), []);
	await soon(() => stack.sql('SELECT flow_id FROM flow_text WHERE stale'), []);
});

test('what was left behind is taken up by the housekeeping', async () => {
	const { id } = await makeFlow(stack, stranger, procedure('Quokka', [['Smile']]));
	await stack.sql(`UPDATE flow_text SET body = '', stale = true WHERE flow_id = $1`, [id]);
	await stack.sql(`UPDATE job_period SET last_at = '-infinity' WHERE name = 'flow_index_rest'`);
	await soon(() => names(stranger, 'smile'), ['Quokka']);
});

test('a text beyond all measure is found by its name', async () => {
	const long = at => Array.from({ length: 2600 }, (_, n) => `a${(at * 2600 + n).toString(36).padStart(4, '0')}`).join(' ');
	await madeAndPublished(stack, owner, procedure('Raccoon', Array.from({ length: 60 }, (_, at) => [`Coati ${at}`, long(at)])));
	for (const word of ['raccoon', 'coati'])
		assert.deepEqual(await names(owner, word), ['Raccoon'], word);
	assert.deepEqual(await names(owner, 'a0001'), [], 'or it was not too long');
});

test('the wall stands: another account finds nothing, and a program reads no rows of it', async () => {
	await madeAndPublished(stack, owner, procedure('Salamander', [['Skink']]));
	assert.deepEqual(await names(stranger, 'salamander'), []);
	const account = stranger.user.account.id;
	for (const [text, parameters] of [
		['SELECT * FROM flow_text WHERE account_id <> $1', [account]],
		[`SELECT * FROM search.flow_find('salamander', 20, 0, true) WHERE $1 <> ''`, [account]],
		[`SELECT flow_index($1, flow_id) FROM flow_text WHERE account_id = $1`, [owner.user.account.id]]])
		assert.deepEqual(await stack.sqlAs('rf_worker', account, text, parameters), [], text);
	assert.deepEqual(await stack.sqlAs('rf_worker', null, `SELECT * FROM search.flow_find('salamander', 20, 0, true)`), []);
	for (const role of ['rf_jobs', 'rf_hub', 'doorman'])
		await assert.rejects(stack.sqlAs(role, account, `SELECT * FROM search.flow_find('salamander', 20, 0, true)`), /permission denied/);
});

test('no text of an author or a reader becomes markup', async () => {
	const evil = '<script>alert(1)</script> <b title="x">tapir</b> & &amp; {{q}} <!--';
	await madeAndPublished(stack, owner, procedure(`Tapir ${evil}`, [[evil, `${evil} [tapir](javascript:alert(2)) <img src=x onerror=alert(3)>`]], { description: evil, tags: ['<i>tapir</i>'] }));
	const page = await browser(stack, owner.email);
	for (const q of ['tapir', 'tapir <script>', '"><img src=x onerror=alert(4)> tapir', '</title><script>alert(5)</script>']) {
		const { status, text } = await page.get(`/flows/search?q=${encodeURIComponent(q)}`);
		assert.equal(status, 200);
		assert.doesNotMatch(text, /<script>|<img|<b |<i>|href="javascript|<!--/i, q);
	}
	assert.match((await page.get('/flows/search?q=tapir')).text, /&lt;b title=&quot;x&quot;&gt;<mark>tapir<\/mark>/);
});

const NAUGHTY = new URL('../../../shared/data/naughty-strings/blns.json', import.meta.url);
test('every naughty string is a search or refused', { skip: !fs.existsSync(NAUGHTY) && 'skip: ../shared/data is not here' }, async () => {
	const strings = JSON.parse(fs.readFileSync(NAUGHTY, 'utf8'));
	const page = await browser(stack, owner.email);
	for (const text of strings) {
		const api = await ask(owner, text);
		assert.ok([200, 422].includes(api.status), `${text}: ${api.status} ${api.text}`);
		const shown = await page.get(`/flows/search?q=${encodeURIComponent(text)}`);
		assert.ok([200, 422].includes(shown.status), `${text}: ${shown.status}`);
		assert.doesNotMatch(shown.text, /<script>|<img/i, text);
	}
});

test('the page: results lead to the very step, and nothing found says what to do', async () => {
	const { id } = await madeAndPublished(stack, owner, flowBody({ name: 'Umbrellabird', visibility: 'public' }));
	const page = await browser(stack, viewer.email);
	const { text } = await page.get('/flows/search?q=umbrellabird+router');
	assert.match(text, /<title>umbrellabird router – Search –/);
	assert.match(text, new RegExp(`<a href="/flows/${id}#step-n2">Restart the router</a>`));
	assert.doesNotMatch(text, new RegExp(`/flows/${id}/edit`), 'a reader cannot');
	const mine = await browser(stack, owner.email);
	assert.match((await mine.get('/flows/search?q=umbrellabird+router')).text, new RegExp(`/flows/${id}/edit/n2"`));
	assert.match((await page.get('/flows/search?q=wombatless')).text, /Nothing found for “wombatless”/);
	assert.match((await page.get('/flows/search')).text, /How to search/);
	const long = await page.get(`/flows/search?q=${'x'.repeat(201)}`);
	assert.equal(long.status, 422);
	assert.match(long.text, /<title>Error: /);
	assert.match(long.text, /aria-invalid="true"/);
});
