// What an account says of itself: name, zone, business hours, and what hand-offs make of them.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { API, browser, colleague, fieldsOf, isProblem, register } from '../support/accounts.mjs';
import { startStack } from '../support/stack.mjs';

const ACCOUNT = `${API}/account`;
let stack;
let admin;
let stranger;
before(async () => {
	stack = await startStack();
	admin = await register(stack);
	stranger = await register(stack, { account_name: 'Other IT' });
});
after(() => stack?.stop());

const DAYS = ['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday'];
const hours = days => Object.fromEntries(DAYS.flatMap(day => [[`${day}_opens`, days[day]?.[0] ?? ''], [`${day}_closes`, days[day]?.[1] ?? '']]));
const settings = (days = {}, more = {}) => ({ name: 'Acme IT', time_zone: 'UTC', by_hours: false, ...hours(days), ...more });
const get = who => stack.request('GET', ACCOUNT, { bearer: who.access_token });
const put = (who, json) => stack.request('PUT', ACCOUNT, { bearer: who.access_token, json });

test('a team admin reads and changes them, in their own account only, and that is audited', async () => {
	assert.deepEqual((await get(admin)).json, settings());
	const wish = settings({ monday: ['08:00', '17:00'], friday: ['08:30', '00:00'] }, { name: 'Acme & Sons', time_zone: 'Europe/Berlin', by_hours: true });
	const answer = await put(admin, wish);
	assert.equal(answer.status, 200, answer.text);
	assert.deepEqual(answer.json, wish);
	assert.deepEqual((await get(admin)).json, wish);
	const [row] = await stack.sql("SELECT before, after, actor_id FROM audit WHERE action = 'account.changed'");
	assert.deepEqual([row.before, row.after, row.actor_id], [settings(), wish, admin.user.id]);
	assert.deepEqual((await get(stranger)).json, settings({}, { name: 'Other IT' }));
	assert.deepEqual(await stack.sql('SELECT weekday, opens, closes FROM business_hour ORDER BY 1'),
		[{ weekday: 1, opens: '08:00:00', closes: '17:00:00' }, { weekday: 5, opens: '08:30:00', closes: '24:00:00' }]);
});

test('others may not', async () => {
	for (const role of ['engineer', 'viewer']) {
		const who = await colleague(stack, admin, role);
		isProblem(await get(who), 403, 'forbidden');
		isProblem(await put(who, settings()), 403, 'forbidden');
	}
	isProblem(await stack.request('GET', ACCOUNT), 401, 'not_signed_in');
});

test('what makes no sense is refused, at its field', async () => {
	const wrong = [[{ name: '' }, 'name'], [{ time_zone: 'Mars/Base' }, 'time_zone'], [{ monday_opens: '25:00', monday_closes: '26:00' }, 'monday_opens'],
		[{ monday_opens: '08:00' }, 'monday_closes'], [{ tuesday_closes: '08:00' }, 'tuesday_opens'], [{ sunday_opens: '17:00', sunday_closes: '08:00' }, 'sunday_closes'],
		[{ sunday_opens: '08:00', sunday_closes: '08:00' }, 'sunday_closes']];
	for (const [fields, place] of wrong) {
		const answer = await put(admin, settings({}, fields));
		isProblem(answer, 422, 'invalid');
		assert.equal(fieldsOf(answer)[0], place, JSON.stringify(fields));
	}
});

test('the page does the same without a script', async () => {
	const visitor = await browser(stack, admin.email);
	const page = await visitor.get('/account');
	assert.equal(page.status, 200, page.text);
	assert.match(page.text, /value="Acme &amp; Sons"/);
	const saved = await visitor.post('/account', { ...settings({ sunday: ['10:00', '12:00'] }), by_hours: '' });
	assert.match(saved.text, /settings of the account are saved/);
	assert.deepEqual((await get(admin)).json, settings({ sunday: ['10:00', '12:00'] }));
	const wrong = await visitor.post('/account', { ...settings({ sunday: ['12:00', '10:00'] }), by_hours: '' });
	assert.equal(wrong.status, 422);
	assert.match(wrong.text, /Close later than you open/);
	assert.match(wrong.text, /value="12:00"/);
});

// ---- the clock ----

const until = async (since, minutes) => (await stack.sqlAs('rf_worker', admin.user.account.id, 'SELECT handoff_until($1, $2) AS at', [since, minutes]))[0].at.toISOString();
const open = async at => (await stack.sqlAs('rf_worker', admin.user.account.id, 'SELECT is_business_hour($1) AS open', [at]))[0].open;
const week = Object.fromEntries(DAYS.slice(0, 5).map(day => [day, ['08:00', '17:00']]));

test('minutes go by in business hours only, where the account says so', async () => {
	await put(admin, settings(week, { by_hours: true }));
	// 2026-11-20 is a Friday.
	assert.equal(await until('2026-11-20T10:00Z', 60), '2026-11-20T11:00:00.000Z');
	assert.equal(await until('2026-11-20T16:30Z', 60), '2026-11-23T08:30:00.000Z', 'over the weekend');
	assert.equal(await until('2026-11-21T12:00Z', 10), '2026-11-23T08:10:00.000Z', 'made while closed');
	assert.equal(await until('2026-11-20T16:00Z', 60), '2026-11-20T17:00:00.000Z', 'the last minute');
	assert.equal(await until('2026-11-20T08:00Z', 10080), '2026-12-16T14:00:00.000Z', 'the longest: 168 hours at nine a day');
	await put(admin, settings(week));
	assert.equal(await until('2026-11-20T16:30Z', 60), '2026-11-20T17:30:00.000Z', 'switched off');
	await put(admin, settings({}, { by_hours: true }));
	assert.equal(await until('2026-11-20T16:30Z', 60), '2026-11-20T17:30:00.000Z', 'no hours: never closed');
});

test('the account\'s own zone, its changes of clocks, and one short hour a week', async () => {
	await put(admin, settings(week, { by_hours: true, time_zone: 'Europe/Berlin' }));
	assert.equal(await until('2026-11-20T15:30Z', 60), '2026-11-23T07:30:00.000Z');
	assert.equal(await until('2026-03-27T15:30Z', 60), '2026-03-30T06:30:00.000Z', 'summer time begins on the Sunday');
	await put(admin, settings({ sunday: ['01:00', '04:00'] }, { by_hours: true, time_zone: 'Europe/Berlin' }));
	assert.equal(await until('2026-03-29T00:00Z', 120), '2026-03-29T02:00:00.000Z', 'the hour that is left out is not counted');
	assert.equal(await until('2026-03-29T00:00Z', 121), '2026-04-04T23:01:00.000Z');
	await put(admin, settings({ wednesday: ['09:00', '09:01'] }, { by_hours: true }));
	assert.equal(await until('2026-11-18T09:01Z', 10), '2027-01-27T09:01:00.000Z', 'ten weeks');
});

test('is it open? Unknown where it never closes', async () => {
	await put(admin, settings({}));
	assert.equal(await open('2026-11-20T10:00Z'), null);
	await put(admin, settings({ friday: ['08:00', '00:00'] }, { time_zone: 'America/New_York' }));
	assert.deepEqual([await open('2026-11-20T12:59Z'), await open('2026-11-20T13:00Z'), await open('2026-11-21T04:59Z'), await open('2026-11-21T05:00Z')], [false, true, true, false]);
});

test('a hand-off is due by them', async () => {
	await put(admin, settings({}, {}));
	const row = async () => (await stack.sqlAs('rf_worker', admin.user.account.id, "SELECT handoff_until(now(), 60) - now() AS wait"))[0].wait;
	assert.deepEqual({ ...await row() }, { hours: 1 });
});

test('the queue says that it is outside business hours', async () => {
	const visitor = await browser(stack, admin.email);
	assert.doesNotMatch((await visitor.get('/escalations')).text, /Outside business hours/);
	const [{ day }] = await stack.sql("SELECT trim(to_char(now() AT TIME ZONE 'UTC' + interval '3 days', 'day')) AS day");
	await put(admin, settings({ [day]: ['08:00', '17:00'] }));
	assert.match((await visitor.get('/escalations')).text, /Outside business hours/);
});
