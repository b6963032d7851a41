// The wall between accounts through the service: every route of the program's own table, pages and API, with ids of
// another account, as each role and signed out.  The other account is the demo's, which has some of everything.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { API, PASSWORD, colleague, race, register } from '../support/accounts.mjs';
import { madeAndPublished } from '../support/flows.mjs';
import { startStack } from '../support/stack.mjs';

// What stands in a path, and the table whose ids it takes; a route with another word fails here.
const TABLES = {
	account: 'account', archive: 'archive', batch: 'invite_batch', call: 'webhook_call', category: 'category', code: 'platform_code', device: 'sign_in', export: 'export',
	flow: 'flow', folder: 'folder', handoff: 'handoff', invite: 'invite', job: 'job', key: 'api_key', mail: 'outbox', notice: 'notice', pattern: 'redaction_pattern',
	session: 'session', share: 'share', step: 'visit', team: 'team', tree: 'flow',
	user: 'person', webhook: 'webhook',
};
const NOBODY = '0190a000-0000-7000-8000-000000000000';
const MOST = 6; // ids of a table
const MANY = 8; // requests at once
const UUID = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g;
// Words of the other account alone.
const THEIRS = /Lindner|Marlow|Castell|Hofer|NB-\d{5}|northbridge|Maren Holt|Jonas Weber|Priya Nair|Tom Albrecht|Their own words/i;
const QUERIES = ['', '?q=spooler', '?q=replication', '?q=a', '?status=completed&owner=all', '?owner=all', '?show=closed', '?type=troubleshooting', '?days=365', '?page=2'];
// These would end the very sign-in that the test goes on with, or wait for what never ends.
const LEFT_OUT = new Set(['POST /logout', 'POST /devices/end-others', 'POST /api/v1/auth/logout']);

let stack;
let routes;
let people; // role: token; `nobody` has none
let own; // ids of the account that looks, by table
let foreign; // table: ids
let theirs; // all of these ids
let began;

const api = async (who, method, path, json) => {
	const answer = await stack.request(method, `${API}${path}`, { bearer: who, json });
	assert.ok(answer.status < 300, `${method} ${path}: ${answer.text}`);
	return answer.text ? answer.json : null;
};

// What the demo lacks.
async function fillTheirs(maren) {
	const [{ id: session }] = await stack.sql(`SELECT s.id FROM session s JOIN person p ON p.account_id = s.account_id AND p.id = s.owner_id
		WHERE p.email LIKE 'maren@%' AND s.completed_at IS NOT NULL LIMIT 1`);
	const [{ id: flow }] = await stack.sql(`SELECT f.id FROM flow f JOIN account a USING (account_id) WHERE a.name LIKE 'Northbridge%' LIMIT 1`);
	await api(maren, 'POST', '/webhooks', { name: 'Their own words', kind: 'json', url: 'https://hooks.example.com/x', events: ['handoff_created'] });
	await api(maren, 'POST', '/redaction-patterns', { name: 'Their own words', pattern: 'their[0-9]+' });
	await api(maren, 'POST', '/invites', { role: 'engineer', email: 'their.own.words@example.com' });
	await api(maren, 'POST', '/invites/bulk', { items: [{ email: 'their.own.words.too@example.com' }] });
	await api(maren, 'POST', '/teams', { name: 'Their own words' });
	await api(maren, 'POST', `/sessions/${session}/export`, { format: 'markdown', detail: 'full', keep: true }).catch(() => {});
	await api(maren, 'POST', `/sessions/${session}/shares`, { audience: 'public', expires_in: 86400 });
	await api(maren, 'POST', '/keys', { name: 'Their own words', permissions: ['read'], expires_at: null, current_password: PASSWORD });
	const folder = await api(maren, 'POST', '/folders', { name: 'Their own words' });
	await api(maren, 'PUT', `/folders/${folder.id}/trees/${flow}`);
}

async function readIds() {
	const tables = await stack.sql(`SELECT c.relname AS name, bool_or(t.attname = 'id') AS has_id FROM pg_class c JOIN pg_attribute t ON t.attrelid = c.oid
		WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition AND c.relnamespace = 'public'::regnamespace GROUP BY 1 HAVING bool_or(t.attname = 'account_id')`);
	foreign = {};
	for (const { name, has_id: hasId } of tables)
		if (hasId)
			foreign[name] = (await stack.sql(`SELECT id FROM ${name} t JOIN account a USING (account_id) WHERE a.name LIKE 'Northbridge%' ORDER BY md5(id::text)`)).map(row => row.id);
	foreign.account = (await stack.sql(`SELECT account_id FROM account WHERE name LIKE 'Northbridge%'`)).map(row => row.account_id);
	foreign.platform_code = (await stack.sql('SELECT id FROM platform_code')).map(row => row.id); // no account's
	foreign.api_key = (await stack.sql(`SELECT sign_in_id AS id FROM api_key JOIN account a USING (account_id) WHERE a.name LIKE 'Northbridge%'`)).map(row => row.id);
	foreign.platform_code = (await stack.sql('SELECT id FROM platform_code')).map(row => row.id);
	theirs = new Set(Object.values(foreign).flat());
}

// Every row of every account but one.
async function fingerprint() {
	const tables = await stack.sql(`SELECT attrelid::regclass::text AS name FROM pg_attribute JOIN pg_class c ON c.oid = attrelid
		WHERE attname = 'account_id' AND c.relkind IN ('r', 'p') AND NOT c.relispartition AND c.relnamespace = 'public'::regnamespace ORDER BY 1`);
	const sums = {};
	for (const { name } of tables)
		sums[name] = (await stack.sql(`SELECT count(*) AS n, md5(string_agg(t::text, '' ORDER BY t::text)) AS sum FROM ${name} t JOIN account a USING (account_id) WHERE a.name LIKE 'Northbridge%'`))[0];
	return sums;
}

before(async () => {
	stack = await startStack({ hub: true, settings: { DEMO: '1', HUB_STREAM_SECONDS: 1, RATE_SIGN_IN: 100000, RATE_REGISTER: 100000 } });
	stack.command(['seed-demo']);
	const { json: { access_token: maren } } = await stack.request('POST', `${API}/auth/login/json`, { json: { email: 'maren@northbridge.example', password: PASSWORD } });
	const { json: { access_token: operator } } = await stack.request('POST', `${API}/auth/login/json`, { json: { email: 'operator@resolutionflow.example', password: PASSWORD } });
	await fillTheirs(maren);
	await api(operator, 'POST', '/platform/codes', { label: 'Their own words' });
	const admin = await register(stack);
	people = { team_admin: admin.access_token, super_admin: operator, nobody: undefined };
	for (const role of ['engineer', 'viewer'])
		people[role] = (await colleague(stack, admin, role)).access_token;
	const { id: flow } = await madeAndPublished(stack, admin);
	own = { flow,
		session: (await api(admin.access_token, 'POST', '/sessions', { tree_id: flow })).id,
		folder: (await api(admin.access_token, 'POST', '/folders', { name: 'Mine' })).id,
		webhook: (await api(admin.access_token, 'POST', '/webhooks', { name: 'Mine', kind: 'json', url: 'https://hooks.example.com/y', events: ['handoff_created'] })).id };
	await readIds();
	began = await fingerprint();
	routes = stack.command(['routes']).trim().split('\n').map(line => {
		const [method, path, , roles] = line.split(/\s+/);
		return { method, path, roles: roles === '-' ? null : roles.split(','), name: `${method} ${path}`, params: [...path.matchAll(/:(\w+)/g)].map(([, word]) => word) };
	}).filter(({ name }) => !LEFT_OUT.has(name));
});
after(() => stack?.stop());

const fill = (path, ids) => {
	let at = 0;
	return path.replace(/:\w+/g, () => ids[at++]).replace(/\*(visit|version)\b/g, '1').replace(/\*\w+/g, 'nothing-of-that-name');
};

const call = ({ method, path }, who, { json = {}, form = {} } = {}) => stack.request(method, path,
	{ ...(method === 'GET' ? {} : path.startsWith('/api/') ? { json } : { form }), bearer: who });

// What of an answer may differ from one request to the next.
const bare = (answer, ids) => ids.reduce((text, id) => text.replaceAll(id, ''), answer.text)
	.replaceAll(answer.headers['x-request-id'], '').replace(/name="(csrf|once)" value="[^"]*"/g, '').replaceAll(NOBODY, '');

async function all(list, action) {
	const rest = [...list];
	await race(MANY, async () => {
		for (let next = rest.pop(); next; next = rest.pop())
			await action(next);
	});
}

function leaks(answer, asked, what) {
	for (const id of answer.text.match(UUID) ?? [])
		assert.ok(asked.includes(id) || !theirs.has(id), `${what}: ${id}`);
	assert.doesNotMatch(answer.text, THEIRS, what);
}

// The ids to try in the place of a route's words: each theirs, and theirs below what is one's own.
function triesOf({ params }) {
	const idsOf = word => [...foreign[TABLES[word]], ...(foreign[TABLES[word]].length ? [] : [NOBODY])].slice(0, MOST);
	const [first, second] = params;
	if (!second)
		return idsOf(first).map(id => [id]);
	const below = own[TABLES[first]];
	return idsOf(second).flatMap((id, at) => [[idsOf(first)[at % idsOf(first).length], id], ...(below ? [[below, id]] : [])]);
}

test('what stands in paths is known, and the other account has some of it', () => {
	for (const { name, params } of routes)
		for (const word of params) {
			assert.ok(TABLES[word], `${name}: which table has the ids of :${word}?`);
			assert.ok(foreign[TABLES[word]]?.length || ['webhook_call', 'outbox', 'export', 'notice', 'archive', 'invite_batch', 'api_key', 'platform_code', 'job'].includes(TABLES[word]), `there is no ${TABLES[word]}`);
		}
});

test('ids of another account answer as ids of nobody, to each role, and change nothing', async () => {
	let calls = 0;
	const wrong = [];
	const work = routes.filter(({ params }) => params.length).flatMap(route => Object.keys(people).map(role => ({ route, role })))
		.filter(({ route, role }) => !(role === 'super_admin' && route.roles?.join() === 'super_admin')); // whose every account is
	await all(work, async ({ route, role }) => {
		const who = people[role];
		const nobody = {};
		const status = !route.roles ? 0 : role === 'nobody' ? (route.path.startsWith('/api/') ? 401 : 303) : route.roles.includes(role) ? 404 : 403;
		for (const ids of triesOf(route)) {
			const what = `${route.name} as ${role} with ${ids}`;
			const mine = ids[0] === own[TABLES[route.params[0]]]; // what is one's own may be refused before the rest is looked at
			const none = ids.map((id, at) => (mine && at === 0 ? id : NOBODY));
			nobody[none] ??= await call({ ...route, path: fill(route.path, none) }, who);
			const answer = await call({ ...route, path: fill(route.path, ids) }, who);
			calls++;
			if (answer.status !== (status || nobody[none].status) && !(mine && answer.status === 403))
				wrong.push(`${what}: ${answer.status} instead of ${status}`);
			else if (answer.status !== 303 && bare(answer, ids) !== bare(nobody[none], none))
				wrong.push(`${what}: not as for nobody's`);
			leaks(answer, ids, what);
		}
	});
	assert.deepEqual(wrong, []);
	assert.ok(calls > 2000, `${calls} calls`);
	assert.deepEqual(await fingerprint(), began);
});

test('lists, searches, counts and files of one account hold nothing of another', async () => {
	const lists = routes.filter(({ method, path, params }) => method === 'GET' && !params.length && !/stream|events|^\/metrics|^\/dev\//.test(path));
	const work = lists.flatMap(route => QUERIES.flatMap(query => ['viewer', 'engineer', 'team_admin', 'nobody'].map(role => ({ route, query, role }))));
	await all(work, async ({ route, query, role }) => {
		const path = `${fill(route.path, [])}${query}`;
		const answer = await call({ method: 'GET', path }, people[role]);
		assert.ok(answer.status < 500, `${path} as ${role}: ${answer.status}`);
		leaks(answer, [], `${path} as ${role}`);
	});
});

// ---- what refers to another row in a body ----

const plain = (schema, refs) => {
	const at = schema.$ref ? refs[schema.$ref.split('/').at(-1)] : schema;
	const type = [at.type].flat()[0];
	if (at.enum)
		return at.enum[0];
	if (at.format === 'email')
		return 'new.person@example.com';
	if (at.format === 'date-time')
		return '2030-01-01T00:00:00Z';
	if (type === 'integer' || type === 'number')
		return at.minimum ?? 1;
	if (type === 'boolean')
		return true;
	if (type === 'array')
		return [];
	if (type === 'object')
		return Object.fromEntries((at.required ?? []).map(name => [name, plain(at.properties[name], refs)]));
	return 'x'.repeat(Math.max(1, at.minLength ?? 1));
};

test('ids of another account in a body answer as ids of nobody', async () => {
	const { json: { paths, components: { schemas } } } = await stack.request('GET', `${API}/openapi.json`, { bearer: people.team_admin });
	let calls = 0;
	for (const [path, methods] of Object.entries(paths))
		for (const [method, { requestBody }] of Object.entries(methods)) {
			const schema = requestBody?.content?.['application/json']?.schema;
			const body = schema?.$ref ? schemas[schema.$ref.split('/').at(-1)] : schema;
			for (const [name, property] of Object.entries(body?.properties ?? {})) {
				if (property.format !== 'uuid' && property.items?.format !== 'uuid')
					continue;
				const asked = path.replace(/^(?!\/api)/, API).replace(/\{(\w+)\}/g, (_, word) => own[TABLES[word.replace(/_id$/, '')]] ?? own[/tree/.test(path) ? 'flow' : /folder/.test(path) ? 'folder' : 'session']);
				const send = id => call({ method: method.toUpperCase(), path: asked }, people.team_admin,
					{ json: { ...plain(body, schemas), [name]: property.items ? [id] : id } });
				for (const id of Object.values(foreign).flatMap(ids => ids.slice(0, 1))) {
					const [answer, nobody] = [await send(id), await send(NOBODY)];
					calls++;
					assert.equal(answer.status, nobody.status, `${method} ${asked} ${name}: ${id}: ${answer.text}`);
					assert.ok(answer.status >= 400 || !theirs.has(answer.json?.[name]), `${method} ${asked} took ${id} as ${name}`);
					leaks(answer, [id], `${method} ${asked} ${name}`);
				}
			}
		}
	assert.ok(calls > 50, `${calls} calls`);
	assert.deepEqual(await fingerprint(), began);
});

test('how long an answer takes does not tell whether an id is another account\'s', async () => {
	const middle = numbers => numbers.sort((a, b) => a - b)[numbers.length >> 1];
	const times = { tree: 'flow', session: 'session', user: 'person' };
	for (const [word, table] of Object.entries(times)) {
		const path = `${API}/${word === 'tree' ? 'trees' : `${word}s`}/`;
		const apart = async () => {
			const took = { theirs: [], nobody: [] };
			for (let at = 0; at < 150; at++)
				for (const [kind, id] of [['theirs', foreign[table][at % foreign[table].length]], ['nobody', NOBODY]]) {
					const began = process.hrtime.bigint();
					await call({ method: 'GET', path: path + id }, people.team_admin);
					took[kind].push(Number(process.hrtime.bigint() - began) / 1e6);
				}
			return Math.abs(middle(took.theirs) - middle(took.nobody)) / middle(took.nobody);
		};
		const rounds = [await apart(), await apart(), await apart()];
		assert.ok(Math.min(...rounds) < 0.1, `${path}: ${rounds}`);
	}
});
