// The path most traveled: what finished sessions add to it, and what is shown of it.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { API, browser, race, tally } from '../support/accounts.mjs';
import { openSessions, runnableFlow, startSession } from '../support/sessions.mjs';

let stack;
let call;
let owner;
let engineer;
let flow;
before(async () => ({ stack, call, owner, engineer, flow } = await openSessions()));
after(() => stack?.stop());

// A run of these answers (a step without any is ''), not yet completed.
async function run(...answers) {
	let session = await startSession(stack, engineer, flow.id);
	for (const option of answers) {
		const got = option === 'back' ? await call('POST', `/${session.id}/back`, engineer)
			: await call('POST', `/${session.id}/steps`, engineer, { node_id: session.current_node.id, ...(option && { option_id: option }) });
		assert.equal(got.status, 200, got.text);
		session = got.json;
	}
	return session;
}
const complete = session => call('POST', `/${session.id}/complete`, engineer, {});

const stats = () => stack.sql(`SELECT node_id, option_id, taken, resolved, seconds::int FROM path_stat WHERE flow_id = $1 ORDER BY 1, 2`, [flow.id]);
const recount = () => stack.sql(`SELECT node_id, option_id, count(*)::int AS taken, (count(*) FILTER (WHERE outcome = 'resolved'))::int AS resolved, sum(seconds)::int AS seconds
	FROM (SELECT v.node_id, coalesce(v.option_id, '') AS option_id, s.outcome, extract(epoch FROM sum(v.took))::bigint AS seconds
		FROM session s JOIN visit v ON v.account_id = s.account_id AND v.session_id = s.id
		WHERE s.flow_id = $1 AND s.completed_at IS NOT NULL AND v.answered_at IS NOT NULL AND v.reverted_at IS NULL
		GROUP BY s.id, s.outcome, v.node_id, coalesce(v.option_id, '')) one GROUP BY 1, 2 ORDER BY 1, 2`, [flow.id]);

test('each finished session counts once, without what was gone back on', async () => {
	await run('no'); // not finished
	await complete(await run('no', '', 'no', '', 'yes'));
	await complete(await run('yes', 'back', 'never'));
	assert.deepEqual((await stats()).map(row => [row.node_id, row.option_id, row.taken, row.resolved]),
		[['n1', 'never', 1, 0], ['n1', 'no', 1, 1], ['n1', 'yes', 1, 1], ['n2', '', 1, 1], ['n3', '', 1, 1], ['n4', '', 1, 0]]);
	assert.deepEqual(await stats(), await recount());
});

test('many at once add up, and none of them fails', async () => {
	const runs = [];
	for (let at = 0; at < 16; at++)
		runs.push(await run(...(at % 3 ? ['no', '', 'yes'] : ['yes'])));
	assert.deepEqual(tally(await race(16, at => complete(runs[at]))), { 200: 16 });
	assert.deepEqual(await stats(), await recount());
	const abandoned = await run('yes');
	await call('POST', `/${abandoned.id}/abandon`, engineer);
	assert.deepEqual(await stats(), await recount());
});

test('the picture draws it thick, and the fast lane lists it', async () => {
	const page = await browser(stack, engineer.email);
	const shown = await page.get(`/flows/${flow.id}`);
	assert.match(shown.text, /class="way most"/);
	const lane = await page.get(`/flows/${flow.id}/fast-lane`);
	assert.equal(lane.status, 200);
	assert.match(lane.text, /% of resolved runs, n = \d+/);
	const young = await runnableFlow(stack, owner);
	assert.match((await page.get(`/flows/${young.id}/fast-lane`)).text, /Too few runs yet/);
	assert.doesNotMatch((await page.get(`/flows/${young.id}`)).text, /class="way most"/);
});

test('a step shows how resolved runs left it, in the author\'s order or by use, and warns of a dead end', async () => {
	const page = await browser(stack, engineer.email);
	const shown = async () => (await page.get(`/sessions/${(await run()).id}`)).text;
	const answers = text => [...text.matchAll(/name="option" value="(\w+)"/g)].map(match => match[1]);
	const [{ taken: yes }, { taken: no }] = [(await stats()).find(row => row.option_id === 'yes'), (await stats()).find(row => row.option_id === 'no')];
	const first = await shown();
	assert.match(first, new RegExp(`${Math.round(100 * yes / (yes + no))} % of resolved runs, n = ${yes + no}`));
	assert.deepEqual(answers(first), ['yes', 'no', 'never']);
	assert.doesNotMatch(first, /No run that came through/);
	await stack.request('PUT', `${API}/trees/${flow.id}`, { bearer: owner.access_token, json: { order_by_use: true } });
	assert.deepEqual(answers(await shown()), no > yes ? ['no', 'yes', 'never'] : ['yes', 'no', 'never']);
	await stack.sql('UPDATE path_stat SET resolved = 0 WHERE flow_id = $1', [flow.id]);
	assert.match(await shown(), /No run that came through this step was resolved/);
});

test('the author says whether answers stand in the order of their use', async () => {
	const put = json => stack.request('PUT', `${API}/trees/${flow.id}`, { bearer: owner.access_token, json });
	assert.equal((await put({ order_by_use: true })).json.order_by_use, true);
	assert.equal((await put({ name: 'Still' })).json.order_by_use, true);
	const page = await browser(stack, owner.email);
	assert.match((await page.get(`/flows/${flow.id}/details`)).text, /name="by_use"[^>]*checked|checked[^>]*name="by_use"/);
	assert.equal((await put({ order_by_use: false })).json.order_by_use, false);
});
