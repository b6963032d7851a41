// Teams: their people, moving several at once, and their end.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { API, browser, colleague, isProblem, race, register, tally } from '../support/accounts.mjs';
import { makeFlow } from '../support/flows.mjs';
import { startStack } from '../support/stack.mjs';

let stack;
before(async () => { stack = await startStack({ settings: { WORKERS: 4 } }); });
after(() => stack?.stop());

const row = async (text, parameters) => (await stack.sql(text, parameters))[0];
const call = (method, path, who, json) => stack.request(method, `${API}${path}`, { bearer: who?.access_token, json });
const teams = async who => (await call('GET', '/teams', who)).json.items;
async function add(who, name) {
	const answer = await call('POST', '/teams', who, { name });
	assert.equal(answer.status, 201, answer.text);
	return answer.json;
}

test('a name is there once, whatever its case, in each account', async () => {
	const [ann, stranger] = [await register(stack), await register(stack)];
	const answers = await race(5, at => call('POST', '/teams', ann, { name: at % 2 ? 'Night shift' : 'NIGHT SHIFT' }));
	assert.deepEqual(tally(answers), { 201: 1, 409: 4 });
	assert.equal(answers.find(answer => answer.status === 409).json.code, 'name_taken');
	await add(stranger, 'Night shift');
	const [first, second] = await teams(ann);
	isProblem(await call('PATCH', `/teams/${first.id}`, ann, { name: second.name.toLowerCase() }), 409, 'name_taken');
	isProblem(await call('GET', `/teams/${first.id}`, stranger), 404, 'not_found');
	const page = await browser(stack, ann.email);
	const refused = await page.post(`/teams/${first.id}`, { name: second.name });
	assert.equal(refused.status, 409);
	assert.match(refused.text, /There is a team of that name already/);
});

test('several people move at once, by the API and by ticking them', async () => {
	const [ann, stranger] = [await register(stack), await register(stack)];
	const people = [await colleague(stack, ann, 'engineer'), await colleague(stack, ann, 'viewer'), await colleague(stack, ann, 'engineer')];
	const night = await add(ann, 'Night');
	const ids = people.map(who => who.id);
	const moved = await call('POST', `/teams/${night.id}/members`, ann, { people: [...ids, stranger.user.id, ids[0]] });
	assert.deepEqual([moved.status, moved.json.members], [200, 3]);
	assert.equal((await row('SELECT team_id FROM person WHERE id = $1', [stranger.user.id])).team_id === night.id, false);
	assert.equal((await row("SELECT count(*)::int AS n FROM audit WHERE action = 'person.changed' AND actor_id = $1", [ann.user.id])).n, 3);
	isProblem(await call('POST', `/teams/${night.id}/members`, ann, { people: ['x'] }), 422, 'invalid');
	isProblem(await call('POST', `/teams/${night.id}/members`, stranger, { people: ids }), 404, 'not_found');
	isProblem(await call('POST', `/teams/${night.id}/members`, people[0], { people: ids }), 403, 'forbidden');
	const everyone = (await teams(ann)).find(team => team.name === 'Everyone');
	const page = await browser(stack, ann.email);
	assert.match((await page.get(`/teams/${night.id}`)).text, /3 in this team/);
	const refused = await page.post(`/teams/${night.id}/move`, [['to', everyone.id]]);
	assert.equal(refused.status, 422);
	assert.match(refused.text, /Tick the people to move first/);
	await page.post(`/teams/${night.id}/move`, [['person', ids[0]], ['person', ids[2]], ['to', everyone.id]]);
	assert.match(page.page.text, /2 people are moved/);
	assert.match(page.page.text, /1 in this team/);
	assert.deepEqual((await teams(ann)).map(team => [team.name, team.members]), [['Everyone', 3], ['Night', 1]]);
});

test('what is a team\'s goes to another when it ends, and the last one stays', async () => {
	const [ann, stranger] = [await register(stack), await register(stack)];
	const [everyone] = await teams(ann);
	isProblem(await call('POST', `/teams/${everyone.id}/delete`, ann, { to: everyone.id }), 409, 'last_team');
	const night = await add(ann, 'Night');
	const ben = await colleague(stack, ann, 'engineer');
	await call('POST', `/teams/${night.id}/members`, ann, { people: [ben.id] });
	const flow = await makeFlow(stack, ben, { name: 'Of the night', visibility: 'team' });
	const { json: invite } = await call('POST', '/invites', ann, { role: 'viewer', team_id: night.id });
	for (const to of [night.id, (await teams(stranger))[0].id, null])
		assert.equal((await call('POST', `/teams/${night.id}/delete`, ann, { to })).status, 422);
	isProblem(await call('POST', `/teams/${night.id}/delete`, stranger, { to: everyone.id }), 404, 'not_found');
	const page = await browser(stack, ann.email);
	assert.match((await page.get(`/teams/${night.id}/delete`)).text, /go to another team/);
	assert.equal((await page.post(`/teams/${night.id}/delete`, { to: '' })).status, 422);
	await page.post(`/teams/${night.id}/delete`, { to: everyone.id });
	assert.match(page.page.text, /The team is deleted/);
	assert.deepEqual((await teams(ann)).map(team => [team.name, team.members]), [['Everyone', 2]]);
	for (const [table, id] of [['flow', flow.id], ['person', ben.id], ['invite', invite.id]])
		assert.equal((await row(`SELECT team_id FROM ${table} WHERE id = $1`, [id])).team_id, everyone.id, table);
	isProblem(await call('GET', `/teams/${night.id}`, ann), 404, 'not_found');
	assert.deepEqual((await row("SELECT before, after FROM audit WHERE action = 'team.deleted' AND object_id = $1", [night.id])),
		{ before: { name: 'Night' }, after: { moved_to: everyone.id } });
});

test('of two teams that end into each other at once, one stays', async () => {
	for (let round = 0; round < 5; round++) {
		const ann = await register(stack);
		const [everyone] = await teams(ann);
		const night = await add(ann, 'Night');
		const answers = await Promise.all([call('POST', `/teams/${night.id}/delete`, ann, { to: everyone.id }), call('POST', `/teams/${everyone.id}/delete`, ann, { to: night.id })]);
		assert.deepEqual(answers.map(answer => answer.status === 204).sort(), [false, true], answers.map(answer => answer.text).join('\n'));
		assert.ok(answers.every(answer => answer.status < 500));
		const [last] = await teams(ann);
		assert.equal((await row('SELECT team_id FROM person WHERE id = $1', [ann.user.id])).team_id, last.id);
	}
});

test('whoever joins a team while it ends is in another, or is told', async () => {
	for (let round = 0; round < 5; round++) {
		const ann = await register(stack);
		const [everyone] = await teams(ann);
		const night = await add(ann, 'Night');
		const people = [await colleague(stack, ann, 'viewer'), await colleague(stack, ann, 'viewer')];
		const [end, ...moves] = await Promise.all([call('POST', `/teams/${night.id}/delete`, ann, { to: everyone.id }),
			call('POST', `/teams/${night.id}/members`, ann, { people: [people[0].id] }), call('PATCH', `/users/${people[1].id}`, ann, { team_id: night.id })]);
		assert.equal(end.status, 204, end.text);
		assert.ok(moves.every(answer => [200, 404, 422].includes(answer.status)), moves.map(answer => answer.text).join('\n'));
		assert.equal((await row('SELECT count(*)::int AS n FROM person WHERE account_id = $1 AND team_id = $2', [ann.user.account.id, night.id])).n, 0);
	}
});
