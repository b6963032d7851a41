// The past of a flow: versions that never change, a history to go back in, and who may see which text of it.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { API, browser, colleague, isProblem, race, register, tally } from '../support/accounts.mjs';
import { madeAndPublished, makeFlow, publishFlow } from '../support/flows.mjs';
import { startStack } from '../support/stack.mjs';

let stack;
let owner;
let engineer;
let viewer;
let stranger; // of another team
let other; // of another account
before(async () => {
	stack = await startStack({ settings: { WORKERS: 4 } });
	await stack.sql('DELETE FROM plan_limit');
	[owner, other] = [await register(stack), await register(stack)];
	engineer = await colleague(stack, owner, 'engineer');
	viewer = await colleague(stack, owner, 'viewer');
	await stack.sql('UPDATE person SET team_id = (SELECT team_id FROM person WHERE id = $1) WHERE account_id = (SELECT account_id FROM person WHERE id = $1)', [owner.user.id]);
	stranger = await colleague(stack, owner, 'engineer');
});
after(() => stack?.stop());

const call = (method, path, who, json, headers) => stack.request(method, `${API}/trees${path}`, { bearer: who?.access_token, json, headers });
const get = async (who, path) => {
	const answer = await call('GET', path, who);
	assert.equal(answer.status, 200, `${path}: ${answer.text}`);
	return answer.json;
};
const rename = async (who, id, name) => {
	const answer = await call('PUT', `/${id}`, who, { name });
	assert.equal(answer.status, 200, answer.text);
	return answer.json;
};
const versions = async (who, id) => (await get(who, `/${id}/versions`)).items;

// ---- publishing ----

test('ten who publish at once make ten versions; where each means the draft that it saw, one', async () => {
	const { id } = await makeFlow(stack, owner);
	const publish = headers => race(10, at => stack.request('POST', `${API}/trees/${id}/publish`,
		{ bearer: (at % 2 ? owner : engineer).access_token, json: { note: `${at}` }, headers }));
	assert.deepEqual(tally(await publish({})), { 200: 10 });
	assert.deepEqual((await versions(owner, id)).map(({ version }) => version), [10, 9, 8, 7, 6, 5, 4, 3, 2, 1]);
	const { revision } = await rename(owner, id, 'Newer');
	assert.deepEqual(tally(await publish({ 'if-match': `"${revision}"` })), { 200: 1, 409: 9 });
	assert.equal((await versions(owner, id)).length, 11);
});

test('versions are numbered without gap or double, however many change and publish at once', async () => {
	const { id } = await makeFlow(stack, owner);
	const answers = await race(12, async at => {
		await rename(at % 2 ? owner : engineer, id, `Name ${at}`);
		return call('POST', `/${id}/publish`, owner, { note: `${at}` });
	});
	const made = answers.filter(({ status }) => status === 200).map(answer => answer.json.version).sort((a, b) => a - b);
	assert.ok(answers.every(({ status }) => [200, 409].includes(status)), JSON.stringify(tally(answers)));
	const list = await versions(owner, id);
	assert.deepEqual(list.map(({ version }) => version).reverse(), Array.from({ length: list.length }, (_, at) => at + 1));
	assert.equal(list.length, made.length);
	assert.equal((await get(owner, `/${id}`)).version, list.length);
	for (const { version, name } of list)
		assert.equal((await get(owner, `/${id}?version=${version}`)).name, name);
});

test('a form of publishing, sent three times, is one version; a second one finds nothing new', async () => {
	const { id } = await makeFlow(stack, owner);
	const page = await browser(stack, owner.email);
	const form = { ...await (await page.get(`/flows/${id}/publish`), page.hidden(`/flows/${id}/publish`)), note: 'First' };
	const late = await page.get(`/flows/${id}/publish`).then(() => page.hidden(`/flows/${id}/publish`));
	const answers = await race(3, () => page.send('POST', `/flows/${id}/publish`, { form }));
	assert.deepEqual(tally(answers), { 303: 3 });
	assert.deepEqual([...new Set(answers.map(answer => answer.headers.location))], [`/flows/${id}`]);
	const refused = await page.send('POST', `/flows/${id}/publish`, { form: { ...late, note: 'First' } });
	assert.equal(refused.status, 409);
	assert.match(refused.text, /nothing new to publish/);
	const shown = await page.get(`/flows/${id}/publish`);
	assert.match(shown.text, /Nothing has changed since/);
	assert.ok(!shown.text.includes(`method="post" action="/flows/${id}/publish"`), 'no button that can only be refused');
	assert.deepEqual((await versions(owner, id)).map(item => [item.version, item.note, item.author.id, item.current]), [[1, 'First', owner.user.id, true]]);
	await rename(owner, id, 'Second');
	assert.equal((await publishFlow(stack, owner, id, 'Second')).version, 2);
});

test('what was published never changes, whatever is done to the draft', async () => {
	const { id } = await madeAndPublished(stack, owner, { name: 'As it was' });
	const first = JSON.stringify(await get(viewer, `/${id}?version=1`).then(({ structure, intake, name, description }) => ({ structure, intake, name, description })));
	const same = async () => assert.equal(JSON.stringify(await get(viewer, `/${id}?version=1`).then(({ structure, intake, name, description }) => ({ structure, intake, name, description }))), first);
	await call('PUT', `/${id}`, owner, { name: 'Another', description: '', structure: { start: null, nodes: [] }, intake: [], type: 'maintenance' });
	await same();
	await call('POST', `/${id}/undo`, owner);
	await rename(owner, id, 'Third');
	await publishFlow(stack, owner, id);
	await same();
	assert.equal((await call('POST', `/${id}/versions/1/restore`, owner)).json.name, 'As it was');
	await publishFlow(stack, owner, id);
	await same();
	await call('PUT', `/${id}`, owner, { status: 'archived' });
	await same();
	assert.equal((await call('POST', `/${id}/versions/1/restore`, owner)).status, 200);
});

// ---- going back ----

test('any entry can be gone to, and the line goes on from there', async () => {
	const { id } = await makeFlow(stack, owner, { name: 'One' });
	for (const name of ['Two', 'Three', 'Four'])
		await rename(owner, id, name);
	const entries = async () => (await get(owner, `/${id}/history`)).items;
	const list = await entries();
	assert.deepEqual(list.map(entry => [entry.n, entry.current, entry.undone]), [[4, true, false], [3, false, false], [2, false, false], [1, false, false]]);
	for (const [n, name] of [[2, 'Two'], [4, 'Four'], [1, 'One'], [1, 'One'], [3, 'Three']])
		assert.equal((await call('POST', `/${id}/history/${n}`, owner)).json.name, name);
	assert.deepEqual((await entries()).map(entry => [entry.n, entry.current, entry.undone]), [[4, false, true], [3, true, false], [2, false, false], [1, false, false]]);
	for (const n of ['0', '5', '-1', '9999999999', '99999999999999999999', 'x', '1.5', '%00'])
		assert.ok([404, 400].includes((await call('POST', `/${id}/history/${n}`, owner)).status), n);
	await rename(owner, id, 'New');
	assert.deepEqual((await entries()).map(entry => entry.n), [4, 3, 2, 1]);
	isProblem(await call('POST', `/${id}/redo`, owner), 409, 'nothing_to_redo');
	for (const n of ['0', '1', '-1', 'x', '99999999999999999999'])
		assert.equal((await call('POST', `/${id}/versions/${n}/restore`, owner)).status, 404, n);
});

test('of a long history the last 300 entries stay, and undo ends cleanly at the oldest', async () => {
	const { id } = await makeFlow(stack, owner, { name: 'Name 1' });
	for (let at = 2; at <= 305; at++)
		await rename(owner, id, `Name ${at}`);
	const { items, total } = await get(owner, `/${id}/history`);
	assert.deepEqual([items.length, total, items[0].n, items.at(-1).n], [300, 300, 305, 6]);
	assert.equal((await call('POST', `/${id}/history/5`, owner)).status, 404);
	assert.equal((await call('POST', `/${id}/history/7`, owner)).json.name, 'Name 7');
	assert.equal((await call('POST', `/${id}/undo`, owner)).json.name, 'Name 6');
	isProblem(await call('POST', `/${id}/undo`, owner), 409, 'nothing_to_undo');
	const page = await browser(stack, owner.email);
	assert.match((await page.get(`/flows/${id}/edit`)).text, /disabled>Undo/);
	assert.equal((await call('POST', `/${id}/redo`, owner)).json.name, 'Name 7');
	await rename(owner, id, 'Name 8, anew');
	assert.deepEqual((await get(owner, `/${id}/history`)).items.map(entry => entry.n), [8, 7, 6]);
});

test('each of many undos at once goes back by one', async () => {
	const { id } = await makeFlow(stack, owner, { name: 'Name 1' });
	for (let at = 2; at <= 12; at++)
		await rename(owner, id, `Name ${at}`);
	assert.deepEqual(tally(await race(8, () => call('POST', `/${id}/undo`, owner))), { 200: 8 });
	assert.equal((await get(owner, `/${id}`)).name, 'Name 4');
	assert.deepEqual(tally(await race(10, () => call('POST', `/${id}/redo`, owner))), { 200: 8, 409: 2 });
	assert.equal((await get(owner, `/${id}`)).name, 'Name 12');
});

test('restores, edits, jumps and undos at once leave one line', async () => {
	const { id } = await madeAndPublished(stack, owner, { name: 'Published' });
	await rename(owner, id, 'Draft');
	const acts = [() => call('POST', `/${id}/versions/1/restore`, owner), at => call('PUT', `/${id}`, engineer, { name: `Edit ${at}` }), () => call('POST', `/${id}/undo`, owner),
		() => call('POST', `/${id}/history/1`, engineer), () => call('POST', `/${id}/redo`, owner)];
	const answers = await race(25, at => acts[at % acts.length](at));
	assert.ok(answers.every(({ status }) => [200, 409].includes(status)), JSON.stringify(tally(answers)));
	const { items } = await get(owner, `/${id}/history`);
	assert.deepEqual(items.map(entry => entry.n), Array.from({ length: items.length }, (_, at) => items.length - at));
	assert.equal(items.filter(entry => entry.current).length, 1);
	const [{ same }] = await stack.sql('SELECT e.hash = f.draft_hash AS same FROM flow f JOIN flow_edit e ON e.flow_id = f.id AND e.n = f.edit WHERE f.id = $1', [id]);
	assert.ok(same, 'the draft is the entry that it points at');
});

// ---- comparing, and who may see what ----

test('a comparison goes from the one to the other as asked', async () => {
	const { id } = await madeAndPublished(stack, owner, { name: 'One' });
	await rename(owner, id, 'Two');
	await publishFlow(stack, owner, id);
	await rename(owner, id, 'Draft');
	const names = async (who, query) => {
		const { from, to, changes } = await get(who, `/${id}/compare${query}`);
		const part = changes.flatMap(change => change.parts).find(({ name }) => /name/i.test(name));
		return [from, to, part?.before, part?.after];
	};
	assert.deepEqual(await names(owner, ''), [2, 0, 'Two', 'Draft']);
	assert.deepEqual(await names(owner, '?from=0&to=1'), [0, 1, 'Draft', 'One']);
	assert.deepEqual(await names(owner, '?from=0&to=2'), [0, 2, 'Draft', 'Two']);
	assert.deepEqual(await names(owner, '?from=2&to=1'), [2, 1, 'Two', 'One']);
	assert.deepEqual(await names(owner, '?to=2'), [1, 2, 'One', 'Two']);
	assert.deepEqual(await names(owner, '?from=1'), [1, 0, 'One', 'Draft']);
	assert.deepEqual(await names(owner, '?from=1&to=1'), [1, 1, undefined, undefined]);
	for (const query of ['', '?from=0', '?from=0&to=0', '?from=1', '?from=0&to=1', '?to=0'])
		assert.ok(!JSON.stringify(await names(viewer, query)).includes('Draft'), query);
	assert.deepEqual(await names(viewer, ''), [1, 2, 'One', 'Two']);
	assert.deepEqual(await names(viewer, '?from=1&to=0'), [1, 2, 'One', 'Two']);
	isProblem(await call('GET', `/${id}/compare?from=3`, viewer), 404, 'not_found');
	isProblem(await call('GET', `/${id}/compare?from=1&to=3`, owner), 404, 'not_found');
	isProblem(await call('GET', `/${id}/compare?from=-1`, owner), 422, 'invalid');
	isProblem(await call('GET', `/${id}/compare?from=x`, owner), 422, 'invalid');
});

const READS = ['', '/export?format=json', '/export?format=markdown', '/export?format=mermaid', '/export?format=html', '/picture', '/versions', '/compare', '/compare?from=0', '/compare?from=0&to=1', '/compare?from=1&to=0'];
const PAGES = ['', '/booklet', '/export?format=html', '/compare', '/compare?from=0&to=1', '/history', '/publish', '/edit', '/fields', '/details'];
const ACTS = ['/publish', '/undo', '/redo', '/history/1', '/versions/1/restore'];

test('nobody sees a draft that is not theirs to edit, by any way', async () => {
	const drafted = 'Qqdraft';
	const nodes = title => ({ type: 'procedural', structure: { start: 'n1', nodes: [{ id: 'n1', kind: 'action', title, next: null }] }, intake: [] });
	const make = async visibility => {
		const { id } = await madeAndPublished(stack, engineer, { name: 'Qqfirst', visibility, ...nodes('Qqfirst') });
		await call('PUT', `/${id}`, engineer, { name: drafted, description: drafted, ...nodes(drafted) });
		return id;
	};
	const flows = { private: await make('private'), team: await make('team'), public: await make('public') };
	const sees = { private: [], team: [viewer], public: [viewer, stranger] };
	const edits = { private: [engineer], team: [engineer, owner], public: [engineer, owner] };
	for (const [visibility, id] of Object.entries(flows))
		for (const who of [owner, engineer, viewer, stranger, other]) {
			const label = `${visibility} ${[owner, engineer, viewer, stranger, other].indexOf(who)}`;
			const [may, reads] = [edits[visibility].includes(who), sees[visibility].includes(who)];
			for (const path of READS) {
				const answer = await call('GET', `/${id}${path}`, who);
				assert.equal(answer.status, may || reads ? 200 : 404, `${label} ${path} ${answer.text}`);
				assert.ok(may || !answer.text.includes(drafted), `${label} ${path}`);
			}
			assert.equal((await call('GET', `/${id}/history`, who)).status, may ? 200 : who === viewer ? 403 : reads ? 403 : 404, `${label} history`);
			assert.equal((await call('POST', `/${id}/validate`, who)).status, may || reads ? 200 : 404, label);
			for (const path of may ? [] : ACTS)
				assert.equal((await call('POST', `/${id}${path}`, who, path === '/publish' ? {} : undefined)).status, who === viewer || reads ? 403 : 404, `${label} ${path}`);
			if (reads)
				assert.deepEqual((await versions(who, id)).map(item => [item.version, item.name, item.current]), [[1, 'Qqfirst', false]], 'nor whether the draft is the same');
			const page = await browser(stack, who.email);
			for (const path of PAGES) {
				const { status, text } = await page.send('GET', `/flows/${id}${path}`);
				const editors = PAGES.indexOf(path) >= 5;
				assert.equal(status, may || (reads && !editors) ? 200 : editors && (who === viewer || reads) ? 403 : 404, `${label} page ${path}`);
				assert.ok(may || !text.includes(drafted), `${label} page ${path}`);
			}
		}
});
