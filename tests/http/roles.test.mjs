// Every role on every route, from the program's own table; and every route with ids of another account.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { startStack } from '../support/stack.mjs';

const PASSWORD = 'walk the proven path';
const PEOPLE = {
	viewer: 'tom@northbridge.example', engineer: 'jonas@northbridge.example',
	team_admin: 'maren@northbridge.example', super_admin: 'operator@resolutionflow.example',
};
// What each role may do, written down here once more: the table in C must say the same.
const MAY = {
	'viewer,engineer,team_admin,super_admin': ['viewer', 'engineer', 'team_admin', 'super_admin'],
	'team_admin,super_admin': ['team_admin', 'super_admin'],
	'engineer,team_admin': ['engineer', 'team_admin'],
	team_admin: ['team_admin'],
	super_admin: ['super_admin'],
};
// These would end the very sign-in that the test goes on with.
const ENDS_THE_SIGN_IN = new Set(['POST /logout', 'POST /devices/end-others']);

let stack;
let routes;
const tokens = {};
const visitors = {};

before(async () => {
	stack = await startStack({ hub: true, settings: { DEMO: '1', HUB_STREAM_SECONDS: 1 } }); // a stream that ends, so that it can be waited for
	stack.command(['seed-demo']);
	routes = stack.command(['routes']).trim().split('\n').map(line => {
		const [method, path, , roles] = line.split(/\s+/);
		return { method, path, roles: roles === '-' ? null : roles, name: `${method} ${path}` };
	});
	for (const [role, email] of Object.entries(PEOPLE)) {
		const answer = await stack.request('POST', '/api/v1/auth/login/json', { json: { email, password: PASSWORD } });
		tokens[role] = answer.json.access_token;
		visitors[role] = stack.visitor();
		await visitors[role].get('/login');
		await visitors[role].post('/login', { email, password: PASSWORD });
	}
});
after(() => stack?.stop());

// The path with an id that nobody has, or with the ids given.
const fill = (path, id = '0190a000-0000-7000-8000-000000000000') =>
	path.replace(/:\w+/g, id).replace(/\*\w+/g, 'nothing-of-that-name');

function call(route, headers, path = fill(route.path)) {
	const body = route.method === 'GET' ? {} : route.path.startsWith('/api/') ? { json: {} } : { form: {} };
	return stack.request(route.method, path, { ...body, headers });
}

test('the table names the roles that the documents name', () => {
	assert.ok(routes.length > 40, `${routes.length} routes`);
	for (const { name, roles } of routes)
		assert.ok(roles === null || MAY[roles], `${name}: ${roles}`);
});

test('signed out: 401 for the API, the way to sign in for pages', async () => {
	for (const route of routes.filter(route => route.roles)) {
		const answer = await call(route, {});
		if (route.path.startsWith('/api/')) {
			assert.equal(answer.status, 401, route.name);
			assert.equal(answer.json.code, 'not_signed_in', route.name);
		} else {
			assert.equal(answer.status, 303, route.name);
			assert.match(answer.headers.location, /^\/login/, route.name);
		}
	}
});

test('each role gets 403 exactly where the table does not name it', async () => {
	let calls = 0;
	for (const route of routes.filter(route => route.roles && !ENDS_THE_SIGN_IN.has(route.name))) {
		for (const role of Object.keys(PEOPLE)) {
			const { status } = await call(route, { authorization: `Bearer ${tokens[role]}` });
			assert.notEqual(status, 401, `${route.name} as ${role}`);
			assert.ok(status < 500, `${route.name} as ${role}: ${status}`);
			assert.equal(status === 403, !MAY[route.roles].includes(role), `${route.name} as ${role}: ${status}`);
			calls++;
		}
	}
	assert.ok(calls > 80, `${calls} calls`);
});

test('ids of another account answer as ids of nobody, byte for byte', async () => {
	const theirs = {};
	for (const table of ['person', 'team', 'sign_in', 'invite'])
		theirs[table] = (await stack.sql(
			`SELECT t.id FROM ${table} t JOIN account a USING (account_id) WHERE a.name = 'Harbour Managed IT' LIMIT 1`))[0]?.id;
	const before = await stack.sql('SELECT md5(string_agg(t::text, \'\' ORDER BY t::text)) AS sum FROM person t');
	const strip = answer => answer.text.replaceAll(answer.headers['x-request-id'], '').replace(/name="(csrf|once)" value="[^"]*"/g, '');
	for (const route of routes.filter(route => route.path.includes(':') && MAY[route.roles]?.includes('team_admin'))) {
		const headers = { authorization: `Bearer ${tokens.team_admin}` };
		const nobody = await call(route, headers);
		for (const id of Object.values(theirs).filter(Boolean)) {
			const foreign = await call(route, headers, fill(route.path, id));
			assert.equal(foreign.status, nobody.status, `${route.name} with ${id}`);
			assert.equal(strip(foreign).replaceAll(id, ''), strip(nobody).replaceAll(fill(':x'), ''), route.name);
		}
	}
	assert.deepEqual(await stack.sql('SELECT md5(string_agg(t::text, \'\' ORDER BY t::text)) AS sum FROM person t'), before);
});

test('pages show what the role may do, and nothing else', async () => {
	for (const role of Object.keys(PEOPLE)) {
		const home = await visitors[role].get('/');
		const admin = MAY['team_admin,super_admin'].includes(role);
		assert.equal(home.text.includes('href="/users"'), admin, `${role}: People`);
		assert.equal(home.text.includes('href="/invites"'), role === 'team_admin', `${role}: Invites`);
		assert.equal(home.text.includes('href="/platform"'), role === 'super_admin', `${role}: Platform`);
	}
});
