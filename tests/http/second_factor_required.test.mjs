// An account that asks everyone for a second factor, and a team admin who takes away one that was lost.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { API, PASSWORD, browser, colleague, isProblem, me, register, signIn } from '../support/accounts.mjs';
import { Events, STREAM, publish } from '../support/events.mjs';
import { madeAndPublished } from '../support/flows.mjs';
import { beginTotp, codeOf, confirmTotp, requireFactor, signInWith, steady, turnOff, withFactor } from '../support/second_factor.mjs';
import { startSession } from '../support/sessions.mjs';
import { startStack } from '../support/stack.mjs';

const NOBODY = '0190a000-0000-7000-8000-000000000000';

let stack;
let routes;
before(async () => {
	stack = await startStack({ hub: true, settings: { HUB_STREAM_SECONDS: 1 } });
	routes = stack.command(['routes']).trim().split('\n').map(line => {
		const [method, path, , roles] = line.split(/\s+/);
		return { method, path, roles, name: `${method} ${path}`, api: path.startsWith('/api/') };
	});
});
after(() => stack?.stop());

const fill = path => path.replace(/:\w+/g, NOBODY).replace(/\*\w+/g, 'nothing');

// An account that asks for one: its admin, who has one, and an engineer, who has none.
async function asking() {
	const admin = await withFactor(stack, await register(stack));
	const engineer = await colleague(stack, admin, 'engineer');
	assert.equal((await requireFactor(stack, admin)).status, 200);
	return { admin, engineer };
}

test('nobody asks others for what they lack; only a team admin does', async () => {
	const admin = await register(stack);
	const engineer = await colleague(stack, admin, 'engineer');
	isProblem(await requireFactor(stack, admin), 409, 'own_second_factor_first');
	isProblem(await requireFactor(stack, engineer), 403, 'forbidden');
	const page = await browser(stack, admin.email);
	assert.match((await page.get('/account/security')).text, /2 of 2 people have none/);
	assert.match(page.page.text, /Set up your own first/);
	const { csrf } = await page.hidden('/logout');
	const refused = await page.send('POST', '/account/security', { form: { csrf, second_factor_required: 'true' } });
	assert.equal(refused.status, 409);
	assert.match(refused.text, /role="alert"[\s\S]*Set up your own second factor first/);
	assert.equal((await signIn(stack, engineer.email)).status, 200);
	assert.deepEqual(await stack.sql('SELECT second_factor_required AS required FROM account WHERE account_id = $1', [admin.user.account.id]), [{ required: false }]);
});

test('it is on record, shown, listed and undone', async () => {
	const { admin, engineer } = await asking();
	const { access_token: bearer } = admin;
	const read = async path => (await stack.request('GET', `${API}/account/${path}`, { bearer })).json;
	assert.deepEqual(await read('security'), { second_factor_required: true, people: 2, with_second_factor: 1 });
	const all = await read('second-factors');
	assert.deepEqual(all.items.map(item => [item.email, item.second_factor_since !== null]), [[admin.email, true], [engineer.email, false]]);
	assert.deepEqual((await read('second-factors?without=true')).items.map(item => item.email), [engineer.email]);
	await requireFactor(stack, admin);
	const page = stack.visitor();
	await page.get('/login');
	await page.post('/login', { email: admin.email, password: PASSWORD });
	await steady();
	await page.post('/login/code', { totp: codeOf(admin.secret, 1) });
	assert.match((await page.get('/account/security')).text, /1 of 2 people have none yet/);
	assert.match((await page.get('/account/security?without=true')).text, new RegExp(engineer.email));
	await page.post('/account/security');
	assert.match(page.page.text, /everybody(’|&#39;|')s own choice now/);
	assert.equal((await read('security')).second_factor_required, false);
	const log = await stack.sql(`SELECT before, after FROM audit WHERE action = 'account.security_changed' AND object_id = $1 ORDER BY id`, [admin.user.account.id]);
	assert.deepEqual(log, [{ before: { second_factor: 'optional' }, after: { second_factor: 'required' } },
		{ before: { second_factor: 'required' }, after: { second_factor: 'optional' } }], 'what changed nothing is no entry');
});

test('who has none is kept to their own pages, by every route of the table', async () => {
	const { engineer } = await asking();
	const page = stack.visitor();
	await page.post('/login', { email: engineer.email, password: PASSWORD });
	assert.equal(page.path.split('?')[0], '/profile/second-factor', 'signing in leads there');
	const may = route => route.roles?.includes('engineer') && !['POST /logout', 'POST /devices/end-others'].includes(route.name);
	let refused = 0;
	for (const route of routes.filter(may)) {
		const body = route.method === 'GET' ? {} : route.api ? { json: {} } : { form: {} };
		const answer = await stack.request(route.method, fill(route.path), { ...body, bearer: engineer.access_token });
		const own = /^\/(profile|devices|notices|events|kept|confirm)|^\/api\/v1\/(auth|me|notices|keys)/.test(route.path);
		if (own) {
			assert.notEqual(answer.status, 403, route.name);
			assert.doesNotMatch(answer.headers.location ?? '', /second-factor\?next/, route.name);
			continue;
		}
		refused++;
		if (route.api)
			isProblem(answer, 403, 'second_factor_due');
		else
			assert.match(`${answer.status} ${answer.headers.location}`, /^303 \/profile\/second-factor/, route.name);
	}
	assert.ok(refused > 60, `${refused} routes`);
	const home = await stack.request('GET', '/', { bearer: engineer.access_token });
	assert.deepEqual([home.status, home.headers.location], [303, '/profile/second-factor']);
});

test('what they were typing is kept, and setting it up leads on to where they wanted to go', async () => {
	await steady();
	const admin = await withFactor(stack, await register(stack));
	const engineer = await colleague(stack, admin, 'engineer');
	const { id } = await madeAndPublished(stack, engineer);
	const page = await browser(stack, engineer.email);
	await page.get(`/flows/${id}`);
	const hidden = await page.hidden(`/flows/${id}/pin`);
	await requireFactor(stack, admin);
	const due = await page.post(`/flows/${id}/pin`, hidden);
	assert.equal(page.path, '/profile/second-factor', due.text);
	assert.match(due.text, /asks everyone for a second factor/);
	await page.get('/flows?q=x');
	assert.equal(page.path, '/profile/second-factor?next=%2Fflows%3Fq%3Dx');
	const shown = await page.post('/profile/second-factor');
	const secret = /id="secret">([A-Z2-7 ]+)</.exec(shown.text)[1].replaceAll(' ', '');
	const codes = await page.post('/profile/second-factor/confirm', { current_password: PASSWORD, totp: codeOf(secret) });
	assert.match(codes.text, /href="\/kept">I have kept them/);
	await page.get('/kept');
	await page.post(`/flows/${id}/pin`);
	assert.equal((await stack.sql('SELECT count(*) FROM pin WHERE person_id = $1', [engineer.id]))[0].count, '1');
	const script = await stack.request('POST', `/flows/${id}/pin`, { bearer: (await colleague(stack, admin, 'engineer')).access_token, headers: { 'sec-fetch-dest': 'empty' }, form: {} });
	assert.equal(script.status, 403, 'a script is told, not led');
});

test('with it on nobody turns theirs off', async () => {
	await steady();
	const { admin } = await asking();
	isProblem(await turnOff(stack, admin, { totp: codeOf(admin.secret) }), 409, 'second_factor_required');
	const page = stack.visitor();
	await page.post('/login', { email: admin.email, password: PASSWORD });
	await page.post('/login/code', { totp: codeOf(admin.secret) });
	await page.get('/profile/second-factor/off');
	assert.equal(page.path, '/profile/second-factor');
	assert.doesNotMatch(page.page.text, /second-factor\/off/);
});

test('open streams end, come back, and hear nothing of the account until there is a second factor', async () => {
	const admin = await withFactor(stack, await register(stack));
	const engineer = await colleague(stack, admin, 'engineer');
	const [all, queue] = ['/events', STREAM].map(path => new Events(stack.base, path, { bearer: engineer.access_token }));
	const numbers = stream => stream.told.filter(event => event.type === 'handoff_created').map(event => event.data.number);
	const tell = number => publish(stack, admin.user.account.id, 'handoff_created', { number });
	try {
		await Promise.all([all.ready(), queue.ready()]);
		await tell(1);
		await Promise.all([all, queue].map(stream => stream.until(() => numbers(stream).includes(1), 'the first')));
		await requireFactor(stack, admin);
		await queue.until(() => queue.starts.at(-1).status === 403, 'refused');
		const starts = all.starts.length;
		await tell(2);
		await all.until(() => all.starts.length > starts + 1, 'back again');
		assert.deepEqual([numbers(all), numbers(queue)], [[1], [1]]);
		assert.ok(all.told.some(event => event.type === 'stream_end'), 'it was told to');
	} finally {
		all.stop();
		queue.stop();
	}
});

test('a link for colleagues shows nothing to who has none; one for anyone does', async () => {
	const admin = await withFactor(stack, await register(stack));
	const engineer = await colleague(stack, admin, 'engineer');
	const { id } = await startSession(stack, admin, (await madeAndPublished(stack, admin)).id);
	const share = async audience => {
		const answer = await stack.request('POST', `${API}/sessions/${id}/shares`, { bearer: admin.access_token, json: { audience, expires_in: 3600 } });
		assert.equal(answer.status, 201, answer.text);
		return new URL(answer.json.url).pathname;
	};
	const [own, anyone] = [await share('account'), await share('public')];
	const page = await browser(stack, engineer.email);
	assert.equal((await page.send('GET', own)).status, 200);
	await requireFactor(stack, admin);
	const led = await page.send('GET', own);
	assert.deepEqual([led.status, led.headers.location], [303, `/profile/second-factor?next=${encodeURIComponent(own)}`]);
	assert.equal((await page.send('GET', anyone)).status, 200);
});

// ---- taking one away ----

test('a team admin takes away what somebody lost: they are told, signed out, and it is on record', async () => {
	await steady();
	const admin = await register(stack);
	const lost = await withFactor(stack, await colleague(stack, admin, 'engineer'));
	const reset = (who, id) => stack.request('DELETE', `${API}/users/${id}/totp`, { bearer: who.access_token });
	isProblem(await reset(lost, admin.user.id), 403, 'forbidden');
	isProblem(await reset(await register(stack), lost.id), 404, 'not_found');
	isProblem(await reset(admin, NOBODY), 404, 'not_found');
	isProblem(await reset(admin, admin.user.id), 409, 'own_second_factor');
	assert.equal((await me(stack, lost.access_token)).status, 200);
	assert.equal((await reset(admin, lost.id)).status, 204);
	assert.equal((await me(stack, lost.access_token)).status, 401);
	isProblem(await reset(admin, lost.id), 409, 'totp_off');
	const back = await signIn(stack, lost.email);
	assert.equal(back.status, 200, 'the password is enough');
	assert.deepEqual(await stack.sql(`SELECT actor_id FROM audit WHERE action = 'second_factor.reset' AND object_id = $1`, [lost.id]), [{ actor_id: admin.user.id }]);
	assert.deepEqual(await stack.sql(`SELECT subject FROM outbox WHERE recipient = $1 ORDER BY id DESC LIMIT 1`, [lost.email]), [{ subject: 'Your second factor was reset' }]);
	assert.ok((await stack.sql(`SELECT text FROM notice WHERE person_id = $1`, [lost.id])).some(({ text }) => text === 'Your second factor was reset'));

	const again = await withFactor(stack, { ...lost, access_token: back.json.access_token });
	const page = await browser(stack, admin.email);
	assert.match((await page.get(`/users/${lost.id}`)).text, /Second factor<\/dt><dd><span class="tag good">On/);
	const asks = await page.get(`/users/${lost.id}/second-factor`);
	assert.match(asks.text, /call them back/);
	await page.post(`/users/${lost.id}/second-factor`);
	assert.equal(page.path, `/users/${lost.id}`, page.page.text);
	assert.match(page.page.text, /Their second factor is gone/);
	isProblem(await signInWith(stack, lost.email, again.codes[0], 'wrong'), 401, 'wrong_credentials');
	assert.equal((await signIn(stack, lost.email)).status, 200);
});

test('who begins and does not confirm has none', async () => {
	await steady();
	const { engineer } = await asking();
	const { secret } = (await beginTotp(stack, engineer)).json;
	isProblem(await stack.request('GET', `${API}/trees`, { bearer: engineer.access_token }), 403, 'second_factor_due');
	assert.equal((await confirmTotp(stack, engineer, { totp: codeOf(secret) })).status, 200);
	assert.equal((await stack.request('GET', `${API}/trees`, { bearer: engineer.access_token })).status, 200);
});
