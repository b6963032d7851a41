// The account's people as its admins look after them: finding them, letting them go, and what becomes of what they held.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { API, PASSWORD, browser, colleague, isProblem, me, newAddress, race, register, signIn, tally } from '../support/accounts.mjs';
import { Events } from '../support/events.mjs';
import { flowBody, madeAndPublished } from '../support/flows.mjs';
import { deadline } from '../support/patience.mjs';
import { prepareSession, runnable, sessionCall, startSession } from '../support/sessions.mjs';
import { startStack } from '../support/stack.mjs';
import { formsOf } from '../support/visitor.mjs';

let stack;
before(async () => { stack = await startStack({ hub: 2, jobs: true, settings: { WORKERS: 4 } }); });
after(() => stack?.stop());

const row = async (text, parameters) => (await stack.sql(text, parameters))[0];
const call = (method, path, who, json) => stack.request(method, `${API}${path}`, { bearer: who?.access_token, json });
const user = async (who, id) => (await call('GET', `/users/${id}`, who)).json;
async function eventually(fits, what) {
	for (const end = deadline(15); !await fits(); await sleep(50))
		assert.ok(Date.now() < end, what);
}

test('people are found by name, role, team and status, and the same as CSV', async () => {
	const ann = await register(stack);
	const stranger = await register(stack);
	const [ben, cay] = [await colleague(stack, ann, 'engineer'), await colleague(stack, ann, 'viewer')];
	await stack.sql("UPDATE person SET name = '=1+1 Ben', email_verified_at = now(), team_id = (SELECT team_id FROM person WHERE id = $2) WHERE id = $1", [ben.id, ann.user.id]);
	assert.equal((await call('PATCH', `/users/${cay.id}`, ann, { active: false })).status, 200);
	const { team_id: team } = await user(ann, ann.user.id);
	const found = async query => (await call('GET', `/users?${query}`, ann)).json.items.map(item => item.id).sort();
	const ids = (...people) => people.map(who => who.id ?? who.user.id).sort();
	assert.deepEqual(await found(''), ids(ann, ben, cay));
	assert.deepEqual(await found('role=engineer'), ids(ben));
	assert.deepEqual(await found('role='), ids(ann, ben, cay), 'an empty filter is none');
	assert.deepEqual(await found(`team=${team}`), ids(ann, ben));
	assert.deepEqual(await found('team=none'), ids(cay));
	assert.deepEqual(await found('status=deactivated'), ids(cay));
	assert.deepEqual(await found('status=active'), ids(ann, ben));
	assert.deepEqual(await found('status=unverified'), ids(ann));
	assert.deepEqual(await found('status=left'), []);
	assert.deepEqual(await found('q=1%2B1'), ids(ben));
	assert.deepEqual(await found(`q=${stranger.email}`), []);
	isProblem(await call('GET', '/users?status=gone', ann), 422, 'invalid');
	isProblem(await call('GET', '/users?team=x', ann), 422, 'invalid');
	const csv = await stack.request('GET', '/users.csv?role=engineer', { bearer: ann.access_token });
	assert.match(csv.headers['content-type'], /^text\/csv/);
	const [head, line, ...rest] = csv.text.split('\r\n');
	assert.match(head, /"name","email","role","team","status","owner"/);
	assert.match(line, /^"'=1\+1 Ben",/, 'no formula');
	assert.deepEqual(rest, ['']);
	isProblem(await call('GET', '/users', cay), 401, 'not_signed_in');
	isProblem(await call('GET', '/users', ben), 403, 'forbidden');
	const page = await (await browser(stack, ann.email)).get('/users?status=deactivated&q=viewer');
	assert.match(page.text, /<caption>1 found</);
	assert.match(page.text, /users\.csv\?status=deactivated&(amp;)?q=viewer/);
});

test('when somebody was last active outlives the sweeping of their sign-ins', async () => {
	const ann = await register(stack);
	const ben = await colleague(stack, ann, 'engineer');
	await stack.sql("UPDATE sign_in SET created_at = now() - interval '100 days', last_seen_at = now() - interval '80 days', ended_at = now() - interval '70 days' WHERE person_id = $1", [ben.id]);
	await stack.sql("INSERT INTO sign_in (account_id, id, person_id, expires_at, last_seen_at, ended_at) SELECT account_id, gen_random_uuid(), id, now() - interval '85 days', now() - interval '90 days', now() - interval '85 days' FROM person WHERE id = $1", [ben.id]);
	const at = (await user(ann, ben.id)).last_seen_at;
	await stack.sql("UPDATE job_period SET last_at = '-infinity' WHERE name = 'sweep_sign_ins'");
	await eventually(async () => (await row('SELECT count(*)::int AS n FROM sign_in WHERE person_id = $1', [ben.id])).n === 1, 'one of two is swept');
	assert.equal((await user(ann, ben.id)).last_seen_at, at);
});

test('of two admins who demote, deactivate or remove each other at once one stays', async () => {
	const changes = {
		demote: (who, whom) => call('PATCH', `/users/${whom}`, who, { role: 'viewer' }),
		deactivate: (who, whom) => call('PATCH', `/users/${whom}`, who, { active: false }),
		remove: (who, whom) => call('DELETE', `/users/${whom}`, who),
	};
	for (const first of Object.values(changes)) {
		for (const second of Object.values(changes)) {
			const ann = await register(stack);
			const ben = await colleague(stack, ann, 'team_admin');
			await stack.sql('UPDATE person SET is_owner = false WHERE id = $1', [ann.user.id]);
			const answers = await Promise.all([first(ann, ben.id), second(ben, ann.user.id)]);
			const [lost] = answers.filter(answer => answer.status >= 400);
			assert.equal(answers.filter(answer => answer.status < 300).length, 1, answers.map(answer => answer.text).join('\n'));
			assert.ok(['last_team_admin', 'not_signed_in', 'forbidden'].includes(lost.json.code), lost.text);
			const left = await row("SELECT count(*)::int AS n FROM person WHERE account_id = $1 AND role = 'team_admin' AND active", [ann.user.account.id]);
			assert.equal(left.n, 1);
		}
	}
});

test('the last team admin stays, and the owner until the account is handed on', async () => {
	const ann = await register(stack);
	for (const change of [{ role: 'viewer' }, { active: false }])
		isProblem(await call('PATCH', `/users/${ann.user.id}`, ann, change), 409, 'last_team_admin');
	isProblem(await call('DELETE', `/users/${ann.user.id}`, ann), 409, 'last_team_admin');
	const [ben, cay, dan] = [await colleague(stack, ann, 'team_admin'), await colleague(stack, ann, 'engineer'), await colleague(stack, ann, 'team_admin')];
	isProblem(await call('PATCH', `/users/${ann.user.id}`, ben, { role: 'engineer' }), 409, 'owner');
	isProblem(await call('DELETE', `/users/${ann.user.id}`, ben), 409, 'owner');
	assert.equal((await call('PATCH', `/users/${ann.user.id}`, ben, { team_id: null })).status, 200, 'all else of the owner changes');
	isProblem(await call('POST', `/users/${ben.id}/owner`, ben), 403, 'forbidden');
	isProblem(await call('POST', `/users/${cay.id}/owner`, ann), 409, 'no_team_admin');
	const answers = await Promise.all([ben, dan].map(who => call('POST', `/users/${who.id}/owner`, ann)));
	assert.deepEqual(tally(answers), { 200: 1, 403: 1 }, 'it is handed on once');
	assert.equal((await row('SELECT count(*)::int AS n FROM person WHERE account_id = $1 AND is_owner', [ann.user.account.id])).n, 1);
	assert.equal((await row("SELECT count(*)::int AS n FROM audit WHERE account_id = $1 AND action = 'account.handed_on'", [ann.user.account.id])).n, 1);
	assert.equal((await call('DELETE', `/users/${ann.user.id}`, ben)).status, 204);
});

test('of somebody\'s devices an admin sees all and ends one or all, and nobody else\'s', async () => {
	const ann = await register(stack);
	const stranger = await register(stack);
	const ben = await colleague(stack, ann, 'engineer');
	const more = [(await signIn(stack, ben.email)).json, (await signIn(stack, ben.email)).json];
	const devices = (await call('GET', `/users/${ben.id}/devices`, ann)).json.items;
	assert.equal(devices.length, 3);
	assert.deepEqual(Object.keys(devices[0]), ['id', 'agent', 'address', 'created_at', 'last_seen_at']);
	isProblem(await call('GET', `/users/${ben.id}/devices`, stranger), 404, 'not_found');
	isProblem(await call('GET', `/users/${ben.id}/devices`, ben), 403, 'forbidden');
	isProblem(await call('DELETE', `/users/${ann.user.id}/devices/${devices[0].id}`, ann), 404, 'not_found');
	isProblem(await call('DELETE', `/users/${ben.id}/devices/${devices[0].id}`, stranger), 404, 'not_found');
	assert.equal((await call('DELETE', `/users/${ben.id}/devices/${devices[0].id}`, ann)).status, 204);
	const alive = async () => (await Promise.all([ben, ...more].map(who => me(stack, who.access_token)))).filter(answer => answer.status === 200).length;
	assert.equal(await alive(), 2);
	const page = await browser(stack, ann.email);
	await page.get(`/users/${ben.id}`);
	assert.equal(formsOf(page.page.text).filter(form => /\/devices\/.+\/end$/.test(form.action)).length, 2);
	await page.post(`/users/${ben.id}/devices/end`);
	assert.match(page.page.text, /All their devices are signed out/);
	assert.equal(await alive(), 0);
	const told = await stack.sql("SELECT action, before->>'person' AS person FROM audit WHERE actor_id = $1 AND object = 'sign_in' ORDER BY id", [ann.user.id]);
	assert.deepEqual(told, [{ action: 'sign_in.ended', person: ben.id }, { action: 'sign_in.ended_all', person: ben.id }]);
});

test('a role lost, devices ended, deactivated, removed: out at the next request and from every stream of both hubs', async () => {
	const ends = {
		'role lost': (ann, ben) => call('PATCH', `/users/${ben.id}`, ann, { role: 'viewer' }),
		'devices ended': (ann, ben) => call('DELETE', `/users/${ben.id}/devices`, ann),
		deactivated: (ann, ben) => call('PATCH', `/users/${ben.id}`, ann, { active: false }),
		removed: (ann, ben) => call('DELETE', `/users/${ben.id}`, ann),
	};
	for (const [what, end] of Object.entries(ends)) {
		const ann = await register(stack);
		const ben = await colleague(stack, ann, 'engineer');
		const page = await browser(stack, ben.email);
		await page.get('/escalations');
		const streams = Array.from({ length: 6 }, () => new Events(stack.base, undefined, { bearer: ben.access_token, stays: false }));
		try {
			await Promise.all(streams.map(stream => stream.ready()));
			const from = performance.now();
			assert.ok((await end(ann, ben)).status < 300, what);
			const status = what === 'role lost' ? 403 : 401;
			assert.equal((await call('GET', '/escalations', ben)).status, status, `${what}: the API`);
			assert.equal((await page.send('GET', '/escalations')).status, status === 403 ? 403 : 303, `${what}: the page`);
			for (const stream of streams) {
				await stream.until(() => stream.ended, what);
				assert.ok(stream.leftAt - from < 5000, `${what}: a stream ended ${stream.leftAt - from} ms later`);
			}
		} finally {
			streams.forEach(stream => stream.stop());
		}
	}
});

async function desk() {
	const ann = await register(stack);
	const [ben, cay] = [await colleague(stack, ann, 'engineer'), await colleague(stack, ann, 'engineer')];
	const flow = await madeAndPublished(stack, ann, { ...runnable(), visibility: 'public' });
	return { ann, ben, cay, flow, sessions: sessionCall(stack) };
}

async function handoff({ sessions, flow }, from, more = {}) {
	const { id } = await startSession(stack, from, flow.id);
	const answer = await sessions('POST', `/${id}/handoff`, from, { intent: 'escalate', reason: 'Stuck', ...more });
	assert.equal(answer.status, 201, answer.text);
	return { session: id, ...answer.json };
}
const claim = (who, id) => call('POST', `/escalations/${id}/claim`, who);

for (const [what, go, status] of [
	['deactivated', (who, whom) => call('PATCH', `/users/${whom}`, who, { active: false }), 'deactivated'],
	['removed', (who, whom) => call('DELETE', `/users/${whom}`, who), 'left'],
]) {
	test(`what somebody held goes on when they are ${what}`, async () => {
		const place = await desk();
		const { ann, ben, cay, flow, sessions } = place;
		const running = await startSession(stack, ben, flow.id, { ticket_number: 'T-7' });
		const prepared = await prepareSession(stack, ann, flow.id, { assigned_to_id: ben.id });
		const taken = await handoff(place, cay);
		assert.equal((await claim(ben, taken.id)).status, 200);
		const waiting = await handoff(place, cay, { assigned_to_id: ben.id });
		await call('POST', '/trees', ben, flowBody({ name: 'Of Ben', visibility: 'private' }));
		await call('POST', '/trees', ben, flowBody({ name: 'Of Ben for all', visibility: 'public' }));
		const held = (await call('GET', `/users/${ben.id}/holdings`, ann)).json.items;
		assert.deepEqual(held.map(item => [item.kind, item.id, item.total]).slice(0, 4), [['running', running.id, 1], ['claimed', taken.id, 1],
			['waiting', waiting.id, 1], ['prepared', prepared.id, 1]]);
		assert.deepEqual(held.slice(4).map(item => item.name), ['Of Ben for all'], 'nothing of what is private');
		await stack.sql("INSERT INTO outbox (account_id, recipient, subject, body_text, next_at) VALUES ($1, $2, 'later', 'x', now() + interval '1 hour')", [ann.user.account.id, ben.email.toUpperCase()]);
		const { json: invite } = await call('POST', '/invites', ann, { role: 'viewer' });
		await stack.sql('UPDATE invite SET created_by = $2 WHERE id = $1', [invite.id, ben.id]);

		assert.ok((await go(ann, ben.id)).status < 300);
		assert.equal((await user(ann, ben.id)).status, status);
		isProblem(await me(stack, ben.access_token), 401, 'not_signed_in');
		assert.equal((await signIn(stack, ben.email)).status, 401);
		assert.deepEqual((await sessions('GET', `/${prepared.id}`, ann)).json.assigned_to, null, 'open to the team');
		await eventually(async () => (await call('GET', `/escalations/${taken.id}`, ann)).json.status === 'open', 'the hand-off is back in the queue');
		assert.equal((await sessions('GET', `/${taken.session}`, cay)).json.owner.id, cay.id, 'whoever handed it off has it');
		await eventually(async () => (await call('GET', `/escalations/${waiting.id}`, ann)).json.assigned_to === null, 'what waited for them waits for all');
		const events = await stack.sql("SELECT type FROM event WHERE account_id = $1 AND payload->>'id' = $2 ORDER BY seq", [ann.user.account.id, taken.id]);
		assert.deepEqual(events.map(event => event.type), ['handoff_created', 'handoff_claimed', 'handoff_released']);
		const audit = await stack.sql("SELECT action, after->>'why' AS why FROM audit WHERE object_id = $1 ORDER BY at, id", [taken.id]);
		assert.deepEqual(audit.at(-1), { action: 'handoff.released', why: 'leave' });
		assert.equal((await row("SELECT state FROM outbox WHERE subject = 'later' AND account_id = $1", [ann.user.account.id])).state, 'skipped');
		isProblem(await stack.request('POST', `${API}/auth/register`, { json: { email: newAddress(), password: PASSWORD, name: 'X', invite_code: invite.code } }), 422, 'invalid_invite');
		assert.equal((await sessions('GET', `/${running.id}`, ann)).json.owner.name, 'The engineer', 'history keeps the name');
		const mails = await stack.sql("SELECT state FROM outbox WHERE lower(recipient) = lower($1) AND created_at > now() - interval '1 minute' AND state = 'queued'", [ben.email]);
		assert.deepEqual(mails, []);

		isProblem(await call('POST', `/users/${ben.id}/sessions/hand-to`, cay, { sessions: [running.id], to: cay.id }), 403, 'forbidden');
		isProblem(await call('POST', `/users/${ben.id}/sessions/hand-to`, ann, { sessions: [running.id], to: ben.id }), 422, 'invalid');
		const given = await race(5, () => call('POST', `/users/${ben.id}/sessions/hand-to`, ann, { sessions: [running.id, taken.session], to: cay.id }));
		assert.deepEqual(given.map(answer => answer.json.sessions.length).sort(), [0, 0, 0, 0, 1]);
		const at = (await sessions('GET', `/${running.id}`, cay)).json;
		assert.deepEqual([at.owner.id, at.status], [cay.id, 'active']);
		assert.equal((await sessions('POST', `/${running.id}/steps`, cay, { node_id: 'n1', step_token: at.step_token, option_id: 'no' })).status, 200, 'and goes on');
		assert.equal((await row("SELECT count(*)::int AS n FROM notice WHERE person_id = $1 AND text LIKE '%handed you 1 session under way'", [cay.id])).n, 1);
	});
}

test('a case never returns to somebody who is away', async () => {
	const place = await desk();
	const { ann, ben, cay } = place;
	const [given, done, withdrawn] = [await handoff(place, ben), await handoff(place, ben), await handoff(place, ben)];
	for (const { id } of [given, done])
		assert.equal((await claim(cay, id)).status, 200);
	assert.equal((await call('PATCH', `/users/${ben.id}`, ann, { active: false })).status, 200);
	const owner = async id => (await row('SELECT owner_id AS id FROM session WHERE id = $1', [id])).id;
	assert.equal((await call('POST', `/escalations/${given.id}/release`, cay)).status, 200);
	assert.equal(await owner(given.session), cay.id);
	assert.equal((await claim(ann, given.id)).status, 200, 'it is in the queue');
	assert.equal((await call('POST', `/escalations/${done.id}/resolve`, cay, { resolution: 'Done', session: 'back' })).status, 200);
	assert.equal(await owner(done.session), cay.id);
	assert.equal((await call('POST', `/escalations/${withdrawn.id}/cancel`, ann)).status, 200);
	assert.equal(await owner(withdrawn.session), ann.user.id, 'whoever withdraws it has it');
});

test('whoever was removed is a new person when invited again, and the address is free', async () => {
	const ann = await register(stack);
	const other = await register(stack);
	const ben = await colleague(stack, ann, 'engineer');
	await stack.sql('INSERT INTO second_factor (account_id, person_id, secret, confirmed_at) SELECT account_id, id, \'x\', now() FROM person WHERE id = $1', [ben.id]);
	assert.equal((await user(ann, ben.id)).second_factor, true);
	assert.equal((await call('DELETE', `/users/${ben.id}`, ann)).status, 204);
	isProblem(await call('DELETE', `/users/${ben.id}`, ann), 404, 'not_found');
	isProblem(await call('PATCH', `/users/${ben.id}`, ann, { active: true }), 404, 'not_found');
	assert.equal((await row('SELECT count(*)::int AS n FROM second_factor WHERE person_id = $1', [ben.id])).n, 0);
	assert.deepEqual((await call('GET', '/users?status=left', ann)).json.items.map(item => item.id), [ben.id]);
	const join = async who => {
		const { json } = await call('POST', '/invites', who, { role: 'viewer', email: ben.email });
		return stack.request('POST', `${API}/auth/register`, { json: { email: ben.email.toUpperCase(), password: PASSWORD, name: 'Ben again', invite_code: json.code } });
	};
	const again = await join(other);
	assert.equal(again.status, 201, again.text);
	assert.notEqual(again.json.user.id, ben.id);
	assert.equal((await user(other, again.json.user.id)).second_factor, false);
	assert.equal((await join(ann)).status, 409, 'now it is somebody\'s again');
	assert.equal((await signIn(stack, ben.email)).status, 200);
});

test('letting somebody in again needs a seat', async () => {
	const ann = await register(stack);
	await stack.sql("UPDATE account SET plan = 'free' WHERE account_id = $1", [ann.user.account.id]);
	const people = [];
	for (let at = 0; at < 4; at++)
		people.push(await colleague(stack, ann, 'viewer'));
	assert.equal((await call('PATCH', `/users/${people[0].id}`, ann, { active: false })).status, 200);
	await colleague(stack, ann, 'viewer');
	isProblem(await call('PATCH', `/users/${people[0].id}`, ann, { active: true }), 409, 'plan_limit');
	for (const who of people.slice(1, 3))
		assert.equal((await call('PATCH', `/users/${who.id}`, ann, { active: false })).status, 200);
	const answers = await race(3, at => call('PATCH', `/users/${people[at].id}`, ann, { active: true }));
	assert.deepEqual(tally(answers), { 200: 2, 409: 1 });
});

test('the pages: what will happen is said before it does', async () => {
	const place = await desk();
	const { ann, ben } = place;
	await startSession(stack, ben, place.flow.id);
	const page = await browser(stack, ann.email);
	const confirm = await page.get(`/users/${ben.id}/deactivate`);
	assert.match(confirm.text, /Hand-offs that they took over go back to the queue/);
	assert.match(confirm.text, /Sessions under way/);
	assert.equal((await user(ann, ben.id)).active, true, 'looking changes nothing');
	await page.post(`/users/${ben.id}/deactivate`);
	assert.match(page.page.text, /They are deactivated/);
	await page.post(`/users/${ben.id}/reactivate`);
	assert.match(page.page.text, /They may sign in again/);
	await page.get(`/users/${ben.id}/remove`);
	await page.post(`/users/${ben.id}/remove`);
	assert.match(page.page.text, /They are out of the account/);
	assert.doesNotMatch(page.page.text, /Let them in again/);
	const hand = await page.get(`/users/${ben.id}/sessions`);
	assert.match(hand.text, /VPN drops hourly/);
	const refused = await page.post(`/users/${ben.id}/sessions`, [['to', ann.user.id]]);
	assert.equal(refused.status, 422);
	assert.match(refused.text, /Tick the sessions/);
	const [, id] = /name="sessions" value="([^"]+)"/.exec(hand.text);
	await page.post(`/users/${ben.id}/sessions`, [['to', ann.user.id], ['sessions', id]]);
	assert.match(page.page.text, /1 session is handed over/);
	const own = await page.get(`/users/${ann.user.id}`);
	assert.match(own.text, /The owner cannot be deactivated/);
	assert.equal((await page.send('POST', `/users/${ann.user.id}/remove`, { form: await page.hidden('/logout') })).status, 409);
});
