// The account's own patterns for what must not leave: who may keep them, what is refused, and what they take out.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { API, browser, colleague, isProblem, race, register } from '../support/accounts.mjs';
import { startStack } from '../support/stack.mjs';

let stack;
let owner;
let engineer;
before(async () => {
	stack = await startStack({ settings: { WORKERS: 4 } });
	owner = await register(stack);
	engineer = await colleague(stack, owner, 'engineer');
});
after(() => stack?.stop());

const PATTERNS = `${API}/redaction-patterns`;
const call = (method, path, who, json) => stack.request(method, `${PATTERNS}${path}`, { bearer: who.access_token, json });
const list = async who => (await call('GET', '', who)).json.items;
async function make(name, pattern, more) {
	const answer = await call('POST', '', owner, { name, pattern, ...more });
	assert.equal(answer.status, 201, answer.text);
	return answer.json;
}

test('a team admin adds, lists and deletes, and it is on record', async () => {
	const one = await make('Client', 'contoso', { kind: 'client' });
	assert.deepEqual({ ...one, id: 0, created_at: 0 }, { id: 0, name: 'Client', pattern: 'contoso', kind: 'client', made_by: owner.user.name, created_at: 0 });
	const two = await make('Contract', ' K-\\d+ ');
	assert.equal(two.kind, 'custom');
	assert.equal(two.pattern, ' K-\\d+ ');
	assert.deepEqual(await list(owner), [one, two]);
	for (const { id } of [one, two])
		assert.equal((await call('DELETE', `/${id}`, owner)).status, 204);
	isProblem(await call('DELETE', `/${one.id}`, owner), 404, 'not_found');
	assert.deepEqual(await list(owner), []);
	const audit = await stack.sql("SELECT action, before, after FROM audit WHERE object = 'redaction_pattern' AND account_id = $1 ORDER BY at", [owner.user.account.id]);
	assert.deepEqual(audit.map(row => [row.action, row.before?.name ?? null, row.after?.name ?? null]), [
		['redaction.added', null, 'Client'], ['redaction.added', null, 'Contract'],
		['redaction.deleted', 'Client', null], ['redaction.deleted', 'Contract', null]]);
});

test('only those who look after the account, and only their own', async () => {
	const stranger = await register(stack);
	const { id } = await make('Ours', 'x+');
	for (const [method, path, json] of [['GET', ''], ['POST', '', { name: 'x', pattern: 'x' }], ['DELETE', `/${id}`]])
		isProblem(await call(method, path, engineer, json), 403, 'forbidden');
	assert.deepEqual(await list(stranger), []);
	isProblem(await call('DELETE', `/${id}`, stranger), 404, 'not_found');
	assert.equal((await list(owner)).length, 1);
	assert.equal((await call('DELETE', `/${id}`, owner)).status, 204);
});

test('what is no pattern is refused with what is wrong', async () => {
	const wrong = async (json, field, sentence) => {
		const problem = isProblem(await call('POST', '', owner, { name: 'n', pattern: 'x', ...json }), 422, 'invalid');
		assert.match(JSON.stringify(problem.errors), sentence);
		assert.equal(problem.errors[0].field, field);
	};
	await wrong({ pattern: '(a' }, 'pattern', /missing closing parenthesis/);
	await wrong({ pattern: 'a*' }, 'pattern', /also matches where there is nothing/);
	await wrong({ pattern: 'x'.repeat(501) }, 'pattern', /500/);
	await wrong({ pattern: '' }, 'pattern', /./);
	await wrong({ kind: 'Two words' }, 'kind', /small letters/);
	await wrong({ kind: '-x' }, 'kind', /small letters/);
	await wrong({ name: 'x'.repeat(81) }, 'name', /80/);
	assert.deepEqual(await list(owner), []);
});

test('fifty and no more, a name once, also when many ask at once', async () => {
	const other = await register(stack);
	const add = (at, who = other) => call('POST', '', who, { name: `Pattern ${at}`, pattern: `x{${at + 1}}` });
	for (let at = 0; at < 44; at++)
		assert.equal((await add(at)).status, 201);
	isProblem(await call('POST', '', other, { name: 'PATTERN 1', pattern: 'x' }), 409, 'name_taken');
	const answers = await race(12, at => add(at + 44));
	assert.equal(answers.filter(({ status }) => status === 201).length, 6);
	isProblem(answers.find(({ status }) => status !== 201), 422, 'too_many_patterns');
	assert.equal((await list(other)).length, 50);
	const twins = await race(6, () => call('POST', '', owner, { name: 'Twin', pattern: 'x' }));
	assert.equal(twins.filter(({ status }) => status === 201).length, 1);
	await call('DELETE', `/${(await list(owner))[0].id}`, owner);
});

// What the page shows under "What would leave".
const result = page => /<pre tabindex="0">([^]*?)<\/pre>/.exec(page.text)?.[1];

test('the page shows what would be taken out', async () => {
	const ann = await browser(stack, owner.email);
	await ann.post('/redaction', { name: 'Client', pattern: 'contoso', kind: 'client' });
	assert.match(ann.page.text, /The pattern is added/);
	await ann.post('/redaction/try', { text: 'Contoso, password: Hunter22\n<b>10.1.2.3</b>', extra: 'b>' });
	assert.equal(ann.page.status, 200);
	assert.equal(result(ann.page), '[REDACTED:client], password: [REDACTED:password]\n&lt;[REDACTED:custom][REDACTED:ip]&lt;/[REDACTED:custom]');
	assert.match(ann.page.text, /<th scope="row">Hunter22<\/th>/);
	await ann.post('/redaction/try', { text: 'x', extra: '(' });
	assert.equal(ann.page.status, 422);
	assert.match(ann.page.text, /The pattern is wrong after 1 characters: missing closing parenthesis/);
	await ann.post('/redaction', { name: 'Client', pattern: 'again' });
	assert.equal(ann.page.status, 409);
	assert.match(ann.page.text, /There is a pattern of that name already/);
	assert.match(ann.page.text, /value="again"/);
	await ann.get('/redaction');
	const [, id] = /\/redaction\/([0-9a-f-]{36})\/delete/.exec(ann.page.text);
	await ann.post(`/redaction/${id}/delete`, {});
	assert.match(ann.page.text, /No patterns yet/);
});

test('a pattern that would take for ever answers at once', async () => {
	const ann = await browser(stack, owner.email);
	await ann.post('/redaction', { name: 'Slow', pattern: '(a+)+$' });
	const began = Date.now();
	await ann.post('/redaction/try', { text: `well\n${'a'.repeat(19000)}b\nand on` });
	assert.equal(ann.page.status, 200);
	assert.ok(Date.now() - began < 5000, `${Date.now() - began} ms`);
	assert.equal(result(ann.page), 'well\n[REDACTED:custom]\nand on');
	assert.match(ann.page.text, /A pattern took too long/);
});

test('an engineer does not see the page', async () => {
	const jo = await browser(stack, engineer.email);
	await jo.get('/redaction');
	assert.equal(jo.page.status, 403);
});
