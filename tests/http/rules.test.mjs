// The rules of escalations: how long one may wait and rest, and who is told when it waited too long.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { API, browser, colleague, isProblem, register } from '../support/accounts.mjs';
import { startStack } from '../support/stack.mjs';

const RULES = `${API}/escalations/rules`;
let stack;
let admin;
let engineer;
before(async () => {
	stack = await startStack();
	admin = await register(stack);
	engineer = await colleague(stack, admin, 'engineer');
});
after(() => stack?.stop());

const get = who => stack.request('GET', RULES, { bearer: who.access_token });
const put = (who, json) => stack.request('PUT', RULES, { bearer: who.access_token, json });
const defaults = { low_wait: 240, low_rest: 480, normal_wait: 60, normal_rest: 120, high_wait: 30, high_rest: 60, urgent_wait: 10, urgent_rest: 30, second_tier: [] };

test('there are defaults; a team admin changes them, and that is audited', async () => {
	assert.deepEqual((await get(admin)).json, defaults);
	const wish = { ...defaults, urgent_wait: 5, second_tier: [engineer.id] };
	const answer = await put(admin, wish);
	assert.equal(answer.status, 200, answer.text);
	assert.deepEqual(answer.json, wish);
	assert.deepEqual((await get(admin)).json, wish);
	const [row] = await stack.sql("SELECT before, after, actor_id FROM audit WHERE action = 'escalation_rules.changed'");
	assert.deepEqual([row.before, row.after, row.actor_id], [defaults, wish, admin.user.id]);
});

test('what is out of bounds, or of another account, is refused', async () => {
	const stranger = await register(stack);
	for (const [name, value] of [['low_wait', 0], ['low_rest', 4], ['high_wait', 10081], ['second_tier', [stranger.user.id]], ['second_tier', ['x']]])
		isProblem(await put(admin, { ...defaults, [name]: value }), 422, 'invalid');
	assert.deepEqual((await get(stranger)).json, defaults);
	for (const answer of [await get(engineer), await put(engineer, defaults)])
		isProblem(answer, 403, 'forbidden');
});

test('the page does the same without a script', async () => {
	const visitor = await browser(stack, admin.email);
	const page = await visitor.get('/escalations/rules');
	assert.equal(page.status, 200);
	const saved = await visitor.post('/escalations/rules', { ...defaults, high_wait: '15', second_tier: engineer.id });
	assert.match(saved.text, /The rules are saved/);
	assert.deepEqual((await get(admin)).json, { ...defaults, high_wait: 15, second_tier: [engineer.id] });
	const wrong = await visitor.post('/escalations/rules', { ...defaults, high_wait: 'soon' });
	assert.equal(wrong.status, 422);
	assert.match(wrong.text, /value="soon"/);
});
