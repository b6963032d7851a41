// What the numbers tell of hand-offs, held against the same numbers counted here from random rows.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { after, before, test } from 'node:test';
import { API, browser, colleague, isProblem, register } from '../support/accounts.mjs';
import { madeAndPublished } from '../support/flows.mjs';
import { runnable, sessionCall, startSession } from '../support/sessions.mjs';
import { startStack } from '../support/stack.mjs';

const HOUR = 3600e3;
const DAY = 24 * HOUR;
const today = Math.floor(Date.now() / DAY) * DAY;
const dateOf = ms => new Date(ms).toISOString().slice(0, 10);

let stack;
let admin;
let engineers;
let viewer;
let stranger;
let flows;
let rows; // of both accounts: { account, session, flow, node, visit, by, claimer, at, first, claimed, ended, state, overdue }
before(async () => {
	stack = await startStack();
	admin = await register(stack, { name: 'Maren Holt' });
	stranger = await register(stack);
	engineers = [];
	for (let n = 0; n < 5; n++)
		engineers.push(await colleague(stack, admin, 'engineer'));
	viewer = await colleague(stack, admin, 'viewer');
	flows = [];
	for (let n = 0; n < 12; n++)
		flows.push((await madeAndPublished(stack, admin, { ...runnable(), name: n ? `Flow ${n}` : '=HYPERLINK("x") <b>&', visibility: 'public' })).id);
});
after(() => stack?.stop());

const get = (who, query = '') => stack.request('GET', `${API}/analytics/escalations${query}`, { bearer: who?.access_token });
const page = async (who, query = '') => (await browser(stack, who.email)).get(`/insight/escalations${query}`);
const csv = (visitor, of, query = '') => visitor.get(`/insight/escalations.csv?of=${of}${query}`);

// ---- random rows ----

const upTo = n => Math.floor(Math.random() * n);
const idAt = ms => {
	const hex = Math.floor(ms).toString(16).padStart(12, '0') + '7' + randomBytes(2).toString('hex').slice(1) + '8' + randomBytes(8).toString('hex').slice(1);
	return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
};
const maybe = (chance, value) => (Math.random() < chance ? value : null);

function randomRow(people, trees) {
	const begun = today + DAY - 1000 - upTo(400 * DAY);
	const at = Math.min(begun + upTo(2) * upTo(3 * DAY), today + DAY - 500);
	const first = maybe(0.8, at + upTo(5 * HOUR));
	const claimed = first && maybe(0.9, Math.random() < 0.3 ? first + HOUR : first);
	const state = claimed ? ['claimed', 'resolved', 'cancelled'][upTo(3)] : first ? 'open' : ['open', 'cancelled'][upTo(2)];
	return { session: idAt(begun), flow: trees[Math.floor(upTo(trees.length ** 2) ** 0.5)], node: maybe(0.6, `n${1 + upTo(4)}`), by: people[upTo(people.length)].id,
		claimer: claimed && people[upTo(people.length)].id, begun, at, first, claimed, ended: ['resolved', 'cancelled'].includes(state) ? claimed + upTo(9 * HOUR) || at + HOUR : null,
		state, overdue: Math.random() < 0.1 };
}

// A third of the sessions are never handed off, and some of those are prepared and not begun.
async function fill(first, people, trees, count) {
	const made = Array.from({ length: count }, () => randomRow(people, trees));
	const kept = made.map((row, at) => ({ ...row, handed: at % 3 > 0, runs: at % 3 > 0 || at % 2 > 0 }));
	const given = [JSON.stringify(kept), first.user.id];
	const rowsOf = `jsonb_to_recordset($1::jsonb) AS r (session uuid, flow uuid, node text, by uuid, claimer uuid, begun float8, at float8, first float8,
		claimed float8, ended float8, state text, overdue boolean, handed boolean, runs boolean) JOIN person p ON p.id = $2`;
	const time = name => `to_timestamp(r.${name} / 1000)`;
	await stack.sql(`INSERT INTO session (account_id, id, flow_id, version, owner_id, prepared_by_id, visit, created_at, started_at)
		SELECT p.account_id, r.session, r.flow, 1, CASE WHEN r.runs THEN r.by END, CASE WHEN NOT r.runs THEN r.by END, CASE WHEN r.runs THEN 1 ELSE 0 END,
		       ${time('begun')}, CASE WHEN r.runs THEN ${time('begun')} END FROM ${rowsOf}`, given);
	await stack.sql(`INSERT INTO visit (account_id, session_id, n, node_id, kind, title, again, entered_active)
		SELECT p.account_id, r.session, 1, r.node, 'action', 'Step <' || r.node || '>', 1, '0' FROM ${rowsOf} WHERE r.node IS NOT NULL`, given);
	await stack.sql(`INSERT INTO handoff (account_id, id, session_id, intent, state, visit, priority, by_id, claimer_id, claimed_at, first_claimed_at, ended_at, created_at, was_overdue)
		SELECT p.account_id, uuid7(), r.session, 'escalate', r.state, 1, 'normal', r.by, r.claimer, ${time('claimed')}, ${time('first')}, ${time('ended')}, ${time('at')}, r.overdue
		  FROM ${rowsOf} WHERE r.handed`, given);
	// Parked beside it, which is nobody's to count.
	await stack.sql(`INSERT INTO handoff (account_id, id, session_id, intent, state, visit, by_id, created_at, ended_at)
		SELECT p.account_id, uuid7(), r.session, 'park', 'resumed', 1, r.by, ${time('at')}, ${time('at')} FROM ${rowsOf} WHERE r.runs`, given);
	return kept;
}

// ---- the same, counted here ----

function percentile(values, share) {
	const sorted = values.toSorted((a, b) => a - b);
	const place = (sorted.length - 1) * share;
	const below = sorted[Math.floor(place)];
	return below + (sorted[Math.ceil(place)] - below) * (place % 1);
}
const spread = values => (values.length ? { median_seconds: percentile(values, 0.5), p90_seconds: percentile(values, 0.9) } : null);
const secondsTo = (name, some) => some.filter(row => row[name] !== null).map(row => (row[name] - row.at) / 1000);
const by = (some, key) => new Map([...new Set(some.map(key))].map(value => [value, some.filter(row => key(row) === value)]));

function recount(all, from, until) {
	const some = all.filter(row => row.handed && row.at >= from && row.at < until);
	const ofHour = hour => some.filter(row => new Date(row.at).getUTCHours() === hour).length;
	const flowOf = ([tree, stuck]) => {
		const runs = all.filter(row => row.runs && row.flow === tree && row.begun >= from && row.begun < until);
		return { tree_id: tree, handoffs: stuck.length, runs: runs.length,
			runs_handed_off: stuck.filter(row => row.begun >= from).length, time_to_claim: spread(secondsTo('first', stuck)) };
	};
	const personOf = ({ id }) => {
		const taken = some.filter(row => row.claimer === id);
		return { id, handed_off: some.filter(row => row.by === id).length, taken: taken.length, resolved: taken.filter(row => row.state === 'resolved').length,
			time_to_claim: spread(secondsTo('first', taken.filter(row => row.first === row.claimed))) };
	};
	return {
		handoffs: some.length, taken: secondsTo('first', some).length, resolved: some.filter(row => row.state === 'resolved').length,
		withdrawn: some.filter(row => row.state === 'cancelled').length, overdue: some.filter(row => row.overdue).length,
		time_to_claim: spread(secondsTo('first', some)), time_to_resolve: spread(secondsTo('ended', some.filter(row => row.state === 'resolved'))),
		flows: [...by(some, row => row.flow)].map(flowOf).sort((a, b) => b.handoffs - a.handoffs || (a.tree_id < b.tree_id ? -1 : 1)).slice(0, 10),
		steps: [...by(some, row => `${row.flow} ${row.node ?? ''}`)].map(([place, stuck]) => ({ place, handoffs: stuck.length })),
		hours: Array.from({ length: 24 }, (_, hour) => ofHour(hour)),
		weekdays: Array.from({ length: 7 }, (_, day) => some.filter(row => (new Date(row.at).getUTCDay() + 6) % 7 === day).length),
		people: engineers.map(personOf).filter(one => one.handed_off + one.taken),
	};
}

// Seconds are whole in the database.
function near(got, want, what) {
	if (want === null)
		return assert.equal(got, null, what);
	for (const name of ['median_seconds', 'p90_seconds'])
		assert.ok(Math.abs(got[name] - want[name]) <= 1.01, `${what}: ${name} ${got[name]}, not ${want[name]}`);
}

function compare(got, want) {
	for (const name of ['handoffs', 'taken', 'resolved', 'withdrawn', 'overdue'])
		assert.equal(got[name], want[name], name);
	near(got.time_to_claim, want.time_to_claim, 'claim');
	near(got.time_to_resolve, want.time_to_resolve, 'resolve');
	assert.deepEqual(got.flows.map(({ time_to_claim, tree_name, ...rest }) => rest), want.flows.map(({ time_to_claim, ...rest }) => rest));
	got.flows.forEach((flow, at) => near(flow.time_to_claim, want.flows[at].time_to_claim, flow.tree_name));
	const places = new Map(want.steps.map(step => [step.place, step.handoffs]));
	assert.equal(got.steps.length, Math.min(20, places.size));
	assert.deepEqual(got.steps.map(step => step.handoffs), [...places.values()].sort((a, b) => b - a).slice(0, 20));
	for (const { tree_id, node_id, title, handoffs } of got.steps) {
		assert.equal(handoffs, places.get(`${tree_id} ${node_id}`));
		assert.equal(title, node_id && `Step <${node_id}>`);
	}
	assert.deepEqual(got.hours, want.hours.map((handoffs, hour) => ({ hour, handoffs })));
	assert.deepEqual(got.weekdays.map(day => day.handoffs), want.weekdays);
	assert.deepEqual(got.weekdays[0].weekday, 'monday');
	const people = new Map(got.people.map(({ person, ...rest }) => [person.id, rest]));
	assert.equal(people.size, want.people.length);
	for (const { id, time_to_claim, ...rest } of want.people) {
		const { time_to_claim: time, ...numbers } = people.get(id);
		assert.deepEqual(numbers, rest);
		near(time, time_to_claim, 'a person');
	}
}

// ---- the tests ----

test('nobody was stuck', async () => {
	const { json } = await get(admin);
	assert.deepEqual([json.handoffs, json.time_to_claim, json.flows, json.steps, json.people], [0, null, [], [], []]);
	assert.ok(json.hours.every(hour => hour.handoffs === 0));
	const shown = await page(admin);
	assert.equal(shown.status, 200);
	assert.match(shown.text, /Nobody was stuck in these days/);
	assert.doesNotMatch(shown.text, /class="plot"/);
});

test('one that is handed off, waits too long, and is solved', async () => {
	const lead = await register(stack);
	const [junior, senior] = [await colleague(stack, lead, 'engineer'), await colleague(stack, lead, 'engineer')];
	const flow = (await madeAndPublished(stack, lead, { ...runnable(), visibility: 'public' })).id;
	const { id } = await startSession(stack, junior, flow);
	const { id: handoff } = (await sessionCall(stack)('POST', `/${id}/handoff`, junior, { intent: 'escalate', reason: 'Stuck' })).json;
	const [{ account_id }] = await stack.sql('SELECT account_id FROM handoff WHERE id = $1', [handoff]);
	await stack.sqlAs('rf_jobs', account_id, "SELECT handoff_move($1, 'open', 'open', NULL, false)", [handoff]);
	for (const word of ['claim', 'resolve'])
		assert.equal((await stack.request('POST', `${API}/escalations/${handoff}/${word}`, { bearer: senior.access_token, json: {} })).status, 200);
	const { json } = await get(lead, '?days=7');
	assert.deepEqual([json.handoffs, json.taken, json.resolved, json.withdrawn, json.overdue], [1, 1, 1, 0, 1]);
	assert.deepEqual(json.steps.map(step => [step.tree_id, step.node_id, step.title]), [[flow, 'n1', 'Does [VAR:server] answer?']]);
	assert.deepEqual(json.flows.map(one => [one.runs, one.runs_handed_off]), [[1, 1]]);
	assert.match((await page(junior)).text, new RegExp(`<a href="/flows/${flow}#step-n1">Does \\[VAR:server\\] answer\\?</a>`));
});

test('the numbers are those of the rows, and the neighbour\'s are not among them', async () => {
	rows = await fill(admin, engineers, flows, 900);
	await fill(stranger, [{ id: stranger.user.id }], [(await madeAndPublished(stack, stranger, runnable())).id], 60);
	for (const days of [7, 30, 90, 365])
		compare((await get(engineers[0], `?days=${days}`)).json, recount(rows, today - (days - 1) * DAY, today + DAY));
	compare((await get(admin)).json, recount(rows, today - 29 * DAY, today + DAY));
	const [from, to] = [today - 200 * DAY, today - 50 * DAY];
	const { json } = await get(admin, `?from=${dateOf(from)}&to=${dateOf(to)}`);
	compare(json, recount(rows, from, to + DAY));
	assert.deepEqual([json.from, json.to], [from, to + DAY].map(at => new Date(at).toISOString().replace('.000', '')));
	assert.deepEqual((await get(admin, `?from=${dateOf(to)}&to=${dateOf(from)}`)).json, json, 'the other way round');
	assert.equal((await get(stranger, '?days=365')).json.people.length, 1);
});

// What a clock on the wall of that zone shows.
function wall(ms, zone) {
	const parts = Object.fromEntries(new Intl.DateTimeFormat('en-GB', { timeZone: zone, hourCycle: 'h23', year: 'numeric', month: '2-digit', day: '2-digit', hour: '2-digit', weekday: 'long' })
		.formatToParts(ms).map(({ type, value }) => [type, value]));
	return { date: `${parts.year}-${parts.month}-${parts.day}`, hour: Number(parts.hour), weekday: parts.weekday.toLowerCase() };
}

test('days and hours are those of the account\'s zone', async () => {
	const zoned = zone => stack.sql('UPDATE account SET zone = $2 WHERE account_id = $1', [admin.user.account.id, zone]);
	try {
		for (const zone of ['America/Los_Angeles', 'Asia/Kathmandu', 'Pacific/Kiritimati', 'Europe/Berlin']) {
			await zoned(zone);
			const seen = rows.filter(row => row.handed && row.at < Date.now()).map(row => wall(row.at, zone));
			const here = wall(Date.now(), zone).date;
			const [from, to] = [200, 50].map(days => new Date(Date.parse(here) - days * DAY).toISOString().slice(0, 10));
			const some = seen.filter(row => row.date >= from && row.date <= to);
			const { json } = await get(admin, `?from=${from}&to=${to}`);
			assert.equal(json.time_zone, zone);
			assert.deepEqual([json.from, json.to].map(at => wall(Date.parse(at), zone)).map(({ date, hour }) => [date, hour]),
				[[from, 0], [new Date(Date.parse(to) + DAY).toISOString().slice(0, 10), 0]], zone);
			assert.equal(json.handoffs, some.length, zone);
			assert.deepEqual(json.hours.map(one => one.handoffs), json.hours.map(({ hour }) => some.filter(row => row.hour === hour).length), zone);
			assert.deepEqual(json.weekdays.map(one => one.handoffs), json.weekdays.map(({ weekday }) => some.filter(row => row.weekday === weekday).length), zone);
			const { json: today } = await get(admin, '?from=4000-01-01');
			assert.equal(wall(Date.parse(today.from), zone).date, here, `today in ${zone}`);
			const { text } = await page(admin, `?from=${from}&to=${to}`);
			assert.match(text, new RegExp(`By time \\(${zone}\\)[^]*Hand-offs by hour of the day, ${zone}`));
			assert.match(text, new RegExp(`name="from" type="date" value="${from}"`));
		}
	} finally {
		await zoned('UTC');
	}
});

test('days at the ends of time are days', async () => {
	const whole = (await get(admin, `?from=1970-01-01&to=${dateOf(today)}`)).json;
	for (const query of ['?from=0000-01-01&to=9999-12-31', '?from=0001-01-01&to=9999-12-30', '?from=1969-12-31&to=4000-01-01', '?days=365&from=0000-01-01']) {
		const { status, json } = await get(admin, query);
		assert.equal(status, 200, query);
		assert.deepEqual([json.handoffs, json.flows], [whole.handoffs, whole.flows], query);
		assert.equal((await page(admin, query)).status, 200, query);
	}
	assert.equal((await get(admin, '?to=0000-01-01')).json.handoffs, 0);
	assert.equal((await get(admin, '?from=4000-01-01')).json.from, `${dateOf(today)}T00:00:00Z`);
});

test('the page says the same, and draws it', async () => {
	const { json } = await get(admin, '?days=365');
	const { text } = await page(admin, '?days=365');
	assert.equal(text.match(/<svg class="plot"/g).length, 6);
	assert.match(text, new RegExp(`<dt>Handed off</dt><dd>${json.handoffs}</dd>`));
	for (const { title, handoffs, tree_id, node_id } of json.steps.filter(step => step.node_id))
		assert.match(text, new RegExp(`<a href="/flows/${tree_id}#step-${node_id}">${title.replace('<', '&lt;').replace('>', '&gt;')}</a></th>.*>${handoffs}</td>`));
	assert.match(text, /After the last step/);
	assert.doesNotMatch(text, /<b>&|<n\d>/, 'names are texts');
	assert.match(text, /<a href="\/insight\/escalations\?days=365" aria-current="true">365 days/);
	assert.match((await page(admin, '?from=2026-01-05&to=2026-01-04')).text, /name="from" type="date" value="2026-01-04"/);
	assert.match((await (await browser(stack, admin.email)).get('/escalations')).text, /<a href="\/insight\/escalations">Insight<\/a>/);
});

test('a flow that one does not see has its name and no link', async () => {
	const [most] = (await get(admin, '?days=365')).json.flows;
	await stack.sql("UPDATE flow SET visibility = 'private' WHERE id = $1", [most.tree_id]);
	assert.doesNotMatch((await page(engineers[0], '?days=365')).text, new RegExp(`/flows/${most.tree_id}`));
	assert.match((await page(admin, '?days=365')).text, new RegExp(`/flows/${most.tree_id}`));
	await stack.sql("UPDATE flow SET visibility = 'public' WHERE id = $1", [most.tree_id]);
});

test('each table is a file that runs nothing', async () => {
	const { json } = await get(admin, '?days=365');
	const visitor = await browser(stack, admin.email);
	const lines = async of => (await csv(visitor, of, '&days=365')).text.replace(/^\uFEFF/, '').trimEnd().split('\r\n');
	assert.equal((await csv(visitor, 'flows')).headers['content-type'], 'text/csv; charset=utf-8');
	assert.match(visitor.page.headers['content-disposition'], /escalations-by-flow\.csv/);
	const byFlow = await lines('flows');
	assert.equal(byFlow[0].replaceAll('"', ''), 'flow,handoffs,runs,runs_handed_off,claim_median,claim_p90');
	assert.equal(byFlow.length, json.flows.length + 1);
	const odd = json.flows.find(flow => flow.tree_id === flows[0]);
	if (odd)
		assert.ok(byFlow.some(line => line.startsWith(`"'=HYPERLINK(""x"") <b>&",${odd.handoffs},`)), byFlow.join('\n'));
	assert.deepEqual((await lines('hours')).slice(1), json.hours.map(({ hour, handoffs }) => `${hour},${handoffs}`));
	assert.equal((await lines('weekdays'))[1], `"Monday",${json.weekdays[0].handoffs}`);
	assert.equal((await lines('steps')).length, json.steps.length + 1);
	assert.equal((await lines('people')).length, json.people.length + 1);
});

test('who may see it, and what is refused', async () => {
	isProblem(await get(null), 401, 'not_signed_in');
	isProblem(await get(viewer), 403, 'forbidden');
	assert.equal((await page(viewer)).status, 403);
	assert.equal((await csv(await browser(stack, viewer.email), 'flows')).status, 403);
	for (const query of ['?days=8', '?from=2026-02-30', '?to=soon', '?from=2026-01-01T00:00:00Z'])
		isProblem(await get(admin, query), 422, 'invalid');
	assert.equal((await csv(await browser(stack, admin.email), 'secrets')).status, 422);
});
