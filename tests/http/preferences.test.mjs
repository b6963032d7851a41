// What a person wishes to be told of: the page, its API, and the link in a mail that turns one sort of it off.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { API, browser, colleague, fieldsOf, isProblem, register } from '../support/accounts.mjs';
import { prepareSession, runnableFlow } from '../support/sessions.mjs';
import { startStack } from '../support/stack.mjs';

const PAGE = '/profile/notifications';
const DEFAULTS = {
	events: ['prepared', 'escalation', 'overdue', 'answer'].map(event => ({ event, email: event === 'answer' ? 'off' : 'now', inapp: 'now' })),
	quiet_from: null, quiet_until: null, quiet_days: [], urgent_anyway: true, digest_at: '08:00', zone: 'UTC', chime: false,
};
let stack;
let maren;
let flow;
before(async () => {
	stack = await startStack();
	maren = await register(stack);
	flow = await runnableFlow(stack, maren);
});
after(() => stack?.stop());

const preferences = (who, change) => stack.request(change ? 'PATCH' : 'GET', `${API}/me/preferences`, { bearer: who.access_token, ...change && { json: change } });
const kept = async id => (await stack.sql('SELECT event, channel, wish FROM preference WHERE person_id = $1 ORDER BY 1, 2', [id])).map(row => Object.values(row).join(' '));
const wish = async (id, event, channel) => (await stack.sql('SELECT wish FROM wish WHERE person_id = $1 AND event = $2 AND channel = $3', [id, event, channel]))[0]?.wish;

// The fields of the form as a browser would send them.
async function formOf(visitor) {
	const { text } = await visitor.get(PAGE);
	const fields = {};
	for (const [, name, options] of text.matchAll(/<select[^>]* name="(\w+)"[^>]*>(.*?)<\/select>/gs))
		fields[name] = /value="([^"]*)" selected/.exec(options)?.[1] ?? /value="([^"]*)"/.exec(options)[1];
	for (const [input] of text.matchAll(/<input[^>]*type="(?:checkbox|time)"[^>]*>/g))
		if (input.includes('type="time"') || input.includes(' checked'))
			fields[/name="(\w+)"/.exec(input)[1]] = /value="([^"]*)"/.exec(input)[1];
	return fields;
}

test('the API: all of it by default, parts of it changed, and only what differs is kept', async () => {
	const anna = await colleague(stack, maren, 'engineer');
	assert.deepEqual((await preferences(anna)).json, DEFAULTS);
	const changed = await preferences(anna, { events: [{ event: 'prepared', email: 'digest' }, { event: 'answer', email: 'now', inapp: 'off' }], zone: 'Europe/Berlin', quiet_from: '22:00', quiet_until: '07:00', quiet_days: ['saturday', 'sunday'], chime: true });
	assert.equal(changed.status, 200, changed.text);
	assert.deepEqual(changed.json, (await preferences(anna)).json);
	const { events, ...times } = changed.json;
	assert.deepEqual(times, { quiet_from: '22:00', quiet_until: '07:00', quiet_days: ['saturday', 'sunday'], urgent_anyway: true, digest_at: '08:00', zone: 'Europe/Berlin', chime: true });
	assert.deepEqual(events.find(({ event }) => event === 'answer'), { event: 'answer', email: 'now', inapp: 'off' });
	assert.deepEqual(await kept(anna.id), ['answer email now', 'answer inapp off', 'prepared email digest']);
	const back = await preferences(anna, { events: [{ event: 'prepared', email: 'now' }, { event: 'answer', email: 'off', inapp: 'now' }], quiet_from: null, quiet_until: null, quiet_days: [] });
	assert.deepEqual(back.json, { ...DEFAULTS, zone: 'Europe/Berlin', chime: true });
	assert.deepEqual(await kept(anna.id), []);
});

test('what does not fit is refused by field, and nothing of it is kept', async () => {
	const bea = await colleague(stack, maren, 'engineer');
	for (const [change, field] of [
		[{ zone: 'Europe/Atlantis' }, 'zone'], [{ zone: 'posix/UTC' }, 'zone'], [{ zone: "UTC'; DROP" }, 'zone'],
		[{ quiet_from: '22:00' }, 'quiet_until'], [{ quiet_until: '22:00' }, 'quiet_from'], [{ quiet_from: '24:00', quiet_until: '07:00' }, 'quiet_from'],
		[{ quiet_from: '7:00', quiet_until: '09:00' }, 'quiet_from'], [{ quiet_from: '07:00', quiet_until: '07:00' }, 'quiet_until'],
		[{ quiet_days: ['monday', 'someday'] }, 'quiet_days'], [{ quiet_days: ['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday'] }, 'quiet_days'],
		[{ digest_at: '' }, 'digest_at'], [{ digest_at: '12:60' }, 'digest_at'],
		[{ events: [{ event: 'prepared', inapp: 'digest' }] }, 'events[0].inapp'], [{ events: [{ event: 'rain' }] }, 'events[0].event'], [{ events: [{}] }, 'events[0].event'], [{ rain: 1 }, 'rain'],
	]) {
		const answer = await preferences(bea, { chime: true, ...change });
		isProblem(answer, 422, 'invalid');
		assert.deepEqual(fieldsOf(answer), [field], JSON.stringify(change));
	}
	assert.deepEqual((await preferences(bea)).json, DEFAULTS);
	isProblem(await stack.request('GET', `${API}/me/preferences`), 401, 'not_signed_in');
});

test('the page saves what it shows, and shows again what was refused', async () => {
	const carl = await colleague(stack, maren, 'engineer');
	const page = await browser(stack, carl.email);
	assert.match((await page.get('/profile')).text, /href="\/profile\/notifications"/);
	assert.match((await page.get('/notices')).text, /href="\/profile\/notifications"/);
	const fields = await formOf(page);
	assert.deepEqual(fields, { email_prepared: 'now', email_escalation: 'now', email_overdue: 'now', email_answer: 'off', inapp_prepared: 'true', inapp_escalation: 'true', inapp_overdue: 'true', inapp_answer: 'true',
		zone: 'UTC', urgent_anyway: 'true', quiet_from: '', quiet_until: '', digest_at: '08:00' });
	await page.post(PAGE, fields);
	assert.deepEqual((await preferences(carl)).json, DEFAULTS, 'sent as it was, it changes nothing');
	const { urgent_anyway: _, inapp_overdue: __, ...rest } = fields;
	await page.post(PAGE, { ...rest, email_escalation: 'digest', zone: 'Asia/Kathmandu', quiet_from: '18:30', quiet_until: '06:15', quiet_days: 'sunday', digest_at: '07:45', chime: 'true' });
	assert.match(page.page.text, /Saved\./);
	const { events, ...times } = (await preferences(carl)).json;
	assert.deepEqual(times, { quiet_from: '18:30', quiet_until: '06:15', quiet_days: ['sunday'], urgent_anyway: false, digest_at: '07:45', zone: 'Asia/Kathmandu', chime: true });
	assert.deepEqual(events[1], { event: 'escalation', email: 'digest', inapp: 'now' });
	assert.equal(events[2].inapp, 'off');
	assert.deepEqual(await formOf(page), { ...rest, email_escalation: 'digest', zone: 'Asia/Kathmandu', quiet_from: '18:30', quiet_until: '06:15', quiet_days: 'sunday', digest_at: '07:45', chime: 'true' });
	const refused = await page.post(PAGE, { ...rest, quiet_from: '20:00', quiet_until: '', zone: 'Europe/Vienna', quiet_days: 'friday' });
	assert.equal(refused.status, 422);
	assert.match(refused.text, /Say when quiet hours end/);
	assert.match(refused.text, /value="20:00"/);
	assert.match(refused.text, /value="Europe\/Vienna" selected/);
	assert.match(refused.text, /value="friday" checked/);
	assert.doesNotMatch(refused.text, /value="sunday" checked/);
	assert.equal((await preferences(carl)).json.zone, 'Asia/Kathmandu');
});

test('each role is asked of what can concern it', async () => {
	for (const role of ['viewer', 'engineer', 'team_admin', 'super_admin']) {
		const who = await colleague(stack, maren, role);
		const concerned = role === 'engineer' || role === 'team_admin';
		const { json } = await preferences(who);
		assert.deepEqual(json.events.map(({ event }) => event), concerned ? ['prepared', 'escalation', 'overdue', 'answer'] : [], role);
		const page = await browser(stack, who.email);
		const { text, status } = await page.get(PAGE);
		assert.equal(status, 200, role);
		assert.equal(/email_escalation/.test(text), concerned, role);
		const change = await preferences(who, { events: [{ event: 'overdue', email: 'off' }] });
		assert.equal(change.status, concerned ? 200 : 422, role);
		const { csrf } = await page.hidden('/logout');
		assert.equal((await page.send('POST', PAGE, { form: { csrf, email_overdue: 'off', email_prepared: 'now', digest_at: '08:00', zone: 'UTC', inapp_prepared: 'true', inapp_escalation: 'true', inapp_overdue: 'true', inapp_answer: 'true' } })).status, 303);
		assert.deepEqual(await kept(who.id), concerned ? ['overdue email off'] : []);
	}
});

test('what one person wishes is nobody else\'s, and another account sees none of it', async () => {
	const [dora, emil, other] = [await colleague(stack, maren, 'engineer'), await colleague(stack, maren, 'engineer'), await register(stack)];
	await preferences(dora, { events: [{ event: 'overdue', email: 'off', inapp: 'off' }], chime: true });
	for (const who of [emil, other])
		assert.deepEqual((await preferences(who)).json, DEFAULTS);
	const seen = account => stack.sqlAs('rf_worker', account, 'SELECT count(*)::int AS n FROM wish WHERE person_id = $1', [dora.id]);
	assert.deepEqual([(await seen(maren.user.account.id))[0].n, (await seen(other.user.account.id))[0].n], [8, 0]);
	await stack.sqlAs('rf_worker', other.user.account.id, `SELECT wish_set($1, 'prepared', 'email', 'off')`, [dora.id]);
	assert.deepEqual(await kept(dora.id), ['overdue email off', 'overdue inapp off']);
	await stack.sql('UPDATE person SET active = false WHERE id = $1', [dora.id]);
	assert.deepEqual(await seen(maren.user.account.id), [{ n: 0 }], 'who left is told of nothing');
});

test('the mail of a prepared session waits for the digest\'s time and for the end of quiet hours', async () => {
	const jo = await colleague(stack, maren, 'engineer');
	const due = async () => {
		await linkTo(jo);
		return (await stack.sql(`SELECT next_at <= now() AS now, next_at = wish_at(p.id, now()) AS digest, (next_at AT TIME ZONE p.zone)::time = p.quiet_until AS awake
			FROM person p JOIN outbox o ON o.recipient = p.email CROSS JOIN set_config('app.account', p.account_id::text, true) WHERE p.id = $1 ORDER BY o.id DESC LIMIT 1`, [jo.id]))[0];
	};
	assert.deepEqual(await due(), { now: true, digest: false, awake: null });
	await preferences(jo, { events: [{ event: 'prepared', email: 'digest' }], digest_at: '00:00', zone: 'Asia/Tokyo' });
	assert.deepEqual(await due(), { now: false, digest: true, awake: null });
	await preferences(jo, { events: [{ event: 'prepared', email: 'now' }] });
	await stack.sql(`UPDATE person SET quiet_from = (now() AT TIME ZONE zone - interval '1 hour')::time, quiet_until = (now() AT TIME ZONE zone + interval '2 hours')::time WHERE id = $1`, [jo.id]);
	assert.deepEqual(await due(), { now: false, digest: false, awake: true });
});

// ---- the link in a mail ----

async function linkTo(who) {
	await prepareSession(stack, maren, flow.id, { assigned_to_id: who.id });
	const [mail] = await stack.sql('SELECT * FROM outbox WHERE recipient = $1 ORDER BY id DESC LIMIT 1', [who.email]);
	const path = /\/unsubscribe\/[\w-]+/.exec(mail.body_text)[0];
	return { path, mail };
}

test('GET and HEAD of the link change nothing; one click turns that event\'s mail off, another on again', async () => {
	const fred = await colleague(stack, maren, 'engineer');
	const { path, mail } = await linkTo(fred);
	assert.deepEqual(mail.headers, { 'List-Unsubscribe': `<${stack.base}${path}>`, 'List-Unsubscribe-Post': 'List-Unsubscribe=One-Click' });
	assert.match(mail.body_html, new RegExp(path));
	for (const method of ['GET', 'HEAD', 'GET']) {
		const answer = await stack.request(method, path);
		assert.equal(answer.status, 200);
		if (method === 'GET')
			assert.match(answer.text, /Stop these mails\?.*A session was prepared for you/s);
	}
	assert.deepEqual(await kept(fred.id), []);
	const off = await stack.request('POST', path, { body: 'List-Unsubscribe=One-Click', headers: { 'content-type': 'application/x-www-form-urlencoded' } });
	assert.equal(off.status, 200, off.text);
	assert.match(off.text, /These mails are off/);
	assert.deepEqual(await kept(fred.id), ['prepared email off']);
	const again = await stack.request('POST', path, { body: '--x\r\nContent-Disposition: form-data; name="List-Unsubscribe"\r\n\r\nOne-Click\r\n--x--\r\n', headers: { 'content-type': 'multipart/form-data; boundary=x' } });
	assert.equal(again.status, 200, 'the other body that the standard names, and twice is as once');
	const visitor = stack.visitor();
	await visitor.get(path);
	await visitor.send('POST', path, { form: {} });
	const [back] = /\/unsubscribe\/[\w-]+\/back/.exec((await stack.request('POST', path)).text);
	assert.equal((await stack.request('GET', back)).status, 405);
	assert.deepEqual(await kept(fred.id), ['prepared email off']);
	assert.match((await stack.request('POST', back)).text, /These mails are on/);
	assert.deepEqual(await kept(fred.id), []);
	const told = await stack.sql(`SELECT action, actor_id, after FROM audit WHERE object_id = $1 AND action LIKE 'person.%subscribed' ORDER BY id DESC LIMIT 1`, [fred.id]);
	assert.deepEqual(told, [{ action: 'person.subscribed', actor_id: fred.id, after: { event: 'prepared' } }]);
});

test('a link that was tampered with, or is put together of two, does nothing', async () => {
	const [gina, other] = [await colleague(stack, maren, 'engineer'), await register(stack)];
	const { path } = await linkTo(gina);
	const token = path.split('/').pop();
	const [mac, body] = [token.slice(0, 43), token.slice(43)];
	const text = Buffer.from(body, 'base64url').toString();
	assert.deepEqual(text.split(' '), [maren.user.account.id, gina.id, 'prepared']);
	const forged = of => mac + Buffer.from(of).toString('base64url');
	const tokens = [token.slice(1), token.slice(0, -1), `${token}A`, `x${token.slice(1)}`, mac, 'x', forged(text.replace('prepared', 'overdue')),
		forged(text.replace(gina.id, maren.user.id)), forged(text.replace(maren.user.account.id, other.user.account.id))];
	for (const one of tokens)
		for (const [method, end] of [['GET', ''], ['POST', ''], ['POST', '/back']])
			assert.equal((await stack.request(method, `/unsubscribe/${one}${end}`)).status, 404, `${method} ${one}`);
	assert.deepEqual(await stack.sql('SELECT count(*)::int AS n FROM preference WHERE person_id = ANY ($1)', [[gina.id, maren.user.id, other.user.id]]), [{ n: 0 }]);
});

test('whoever is signed in meanwhile is not asked, and it counts for the one it was made for', async () => {
	const [hugo, ines] = [await colleague(stack, maren, 'engineer'), await colleague(stack, maren, 'engineer')];
	const { path } = await linkTo(hugo);
	const page = await browser(stack, ines.email);
	await page.get(path);
	const answer = await page.send('POST', path, { form: {} });
	assert.equal(answer.status, 200);
	assert.deepEqual([await wish(hugo.id, 'prepared', 'email'), await wish(ines.id, 'prepared', 'email')], ['off', 'now']);
	await stack.sql('UPDATE person SET active = false, deleted_at = now() WHERE id = $1', [hugo.id]);
	assert.equal((await stack.request('POST', `${path}/back`)).status, 200, 'of one who left it is no fault');
});

test('the link is not tried without end', async () => {
	const slow = await startStack({ settings: { RATE_SIGN_IN: 3 } });
	try {
		const answers = [];
		for (let n = 0; n < 5; n++)
			answers.push((await slow.request('POST', `/unsubscribe/${'x'.repeat(120)}`)).status);
		assert.deepEqual(answers.slice(-1), [429]);
	} finally {
		await slow.stop();
	}
});
