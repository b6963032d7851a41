// The OpenAPI document against the service that it tells of.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Validator } from '@seriousme/openapi-schema-validator';
import { PASSWORD, fieldsOf, mailedToken, newAddress, register, signIn } from '../support/accounts.mjs';
import { startStack } from '../support/stack.mjs';

const API = '/api/v1';
const NOBODY = '01a1fe00-0000-7000-8000-000000000000';

let stack;
let document;
let operations; // of the document: { name, method, path, ...operation }
let admin;
before(async () => {
	stack = await startStack();
	document = (await stack.request('GET', `${API}/openapi.json`)).json;
	operations = Object.entries(document.paths).flatMap(([path, methods]) => Object.entries(methods).map(([method, operation]) =>
		({ name: `${method.toUpperCase()} ${path}`, method: method.toUpperCase(), path, ...operation })));
	admin = await register(stack);
});
after(() => stack?.stop());

test('it is an OpenAPI 3.1 document', async () => {
	const { valid, errors } = await new Validator().validate(structuredClone(document));
	assert.ok(valid, JSON.stringify(errors, null, 1)?.slice(0, 2000));
	assert.match(document.openapi, /^3\.1\./);
	assert.deepEqual(document.servers, [{ url: stack.base + API }]);
	for (const { name, summary, parameters, path } of operations) {
		assert.ok(summary?.length > 5, `${name} says what it does`);
		const named = parameters.filter(parameter => parameter.in === 'path').map(parameter => parameter.name);
		assert.deepEqual(named, [...path.matchAll(/\{(\w+)\}/g)].map(match => match[1]), name);
	}
});

test('it tells of every route, and every route is there', () => {
	const routes = stack.command(['routes']).trim().split('\n').map(line => line.split(/\s+/));
	const served = routes.filter(([, path]) => path.startsWith(`${API}/`)).map(([method, path]) => `${method} ${path.slice(API.length).replace(/[:*](\w+)/g, '{$1}')}`);
	assert.deepEqual(operations.map(operation => operation.name).sort(), served.sort());
	assert.ok(served.length > 10);
});

const isForm = operation => operation.requestBody?.content['application/x-www-form-urlencoded'] !== undefined;

function call({ method, path, requestBody, ...operation }, options = {}) {
	const empty = requestBody && (isForm({ requestBody, ...operation }) ? { form: {} } : { json: {} });
	return stack.request(method, API + path.replace(/\{\w+\}/g, NOBODY), { ...empty, seconds: 5, ...options });
}

const STREAM = ({ path }) => /stream|events/.test(path);

test('every operation is reached, wants a sign-in where it says so, and names the fields that it needs', async () => {
	for (const operation of operations.filter(operation => !STREAM(operation))) {
		const { name, path, security, requestBody, parameters = [] } = operation;
		const asked = parameters.filter(one => one.in === 'query' && one.required).map(one => one.name);
		const bare = await call(operation);
		assert.equal(bare.status === 401, security.length > 0, `${name}: ${bare.text}`);
		const answer = await call(operation, { bearer: admin.access_token });
		const expected = path.includes('{') ? [404, 403] : requestBody || asked.length ? [422, 403, 200, 201, 202, 204] : [200, 201, 202, 204, 403, ...(name === 'DELETE /account/closing' ? [409] : [])]; // there is nothing to call off
		assert.ok(expected.includes(answer.status), `${name}: ${answer.status} ${answer.text}`);
		if (answer.status === 404)
			assert.equal(answer.json.detail.includes('page'), false, `${name}: the route is there, the object is not`);
		if (answer.status === 422) {
			const { required = [] } = requestBody ? Object.values(requestBody.content)[0].schema : {};
			assert.deepEqual(fieldsOf(answer).sort(), [...required, ...asked].sort(), name);
		}
	}
});

// ---- answers against their schemas ----

const FORMATS = { uuid: /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/, 'date-time': /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/ };
const typeOf = value => (value === null ? 'null' : Array.isArray(value) ? 'array' : Number.isInteger(value) ? 'integer' : typeof value);

// As much of JSON Schema as the document uses; a word that it does not know is a failure.
function fits(value, schema, at = 'answer') {
	const rules = {
		type: types => assert.ok([types].flat().includes(typeOf(value)), `${at} is ${typeOf(value)}, not ${types}`),
		enum: values => assert.ok(values.includes(value), `${at} is ${value}`),
		format: name => assert.ok(value === null || FORMATS[name].test(value), `${at}: ${value} is no ${name}`),
		required: names => names.forEach(name => assert.ok(Object.hasOwn(value, name), `${at} lacks ${name}`)),
		items: inner => value.forEach((item, index) => fits(item, inner, `${at}[${index}]`)),
		properties: inner => {
			for (const [name, item] of Object.entries(value ?? {})) {
				assert.ok(inner[name], `${at}.${name} is not described`);
				fits(item, inner[name], `${at}.${name}`);
			}
		},
		anyOf: kinds => {
			const wrong = kinds.map(kind => { try { fits(value, kind, at); } catch (error) { return error; } });
			if (!wrong.includes(undefined))
				throw wrong[0];
		},
		title: () => {},
	};
	for (const [word, rule] of Object.entries(schema)) {
		assert.ok(rules[word], `${at}: the test does not know "${word}"`);
		if (value !== null || word === 'type' || word === 'enum')
			rules[word](rule);
	}
}

function check(name, answer) {
	const operation = operations.find(candidate => candidate.name === name);
	const described = operation.responses[answer.status];
	if (answer.status >= 400) {
		fits(answer.json, document.components.responses.Problem.content['application/problem+json'].schema, name);
		return;
	}
	assert.ok(described, `${name} answers ${answer.status}: ${answer.text}`);
	if (!described.content) {
		assert.equal(answer.text, '', name);
		return;
	}
	assert.equal(answer.headers['content-type'], 'application/json; charset=utf-8', name);
	fits(answer.json, described.content['application/json'].schema, name);
}

test('the answers of signing in are as described', async () => {
	const email = newAddress();
	const json = { email, password: PASSWORD, name: 'Ann', account_name: 'Acme' };
	const post = async (path, options) => {
		const answer = await stack.request('POST', `${API}${path}`, options);
		check(`POST ${path}`, answer);
		return answer;
	};
	await post('/auth/register', { json });
	await post('/auth/register', { json });
	await post('/auth/register', { json: {} });
	await post('/auth/login', { form: { username: email, password: PASSWORD } });
	await post('/auth/login', { form: { username: email, password: 'wrong' } });
	const { access_token: bearer, refresh_token } = (await post('/auth/login/json', { json: { email, password: PASSWORD } })).json;
	await post('/auth/login/json', { body: '{', headers: { 'content-type': 'application/json' } });
	const renewed = await post('/auth/refresh', { json: { refresh_token } });
	await post('/auth/refresh', { json: { refresh_token } });
	check('GET /auth/me', await stack.request('GET', `${API}/auth/me`, { bearer }));
	check('GET /auth/me', await stack.request('GET', `${API}/auth/me`));
	await post('/auth/password/change', { bearer, json: { current_password: PASSWORD, password: 'another long one' } });
	await post('/auth/password/change', { bearer, json: { current_password: PASSWORD, password: 'another long one' } });
	await post('/auth/email/verify', { json: { token: await mailedToken(stack, email, 'confirm') } });
	await post('/auth/email/verify', { json: { token: 'x' } });
	await post('/auth/password/forgot', { json: { email } });
	await post('/auth/logout', { json: { refresh_token: renewed.json.refresh_token } });
	await post('/auth/password/reset', { json: { token: await mailedToken(stack, email, 'reset'), password: 'yet another one' } });
	await post('/auth/password/reset', { json: { token: 'x', password: 'yet another one' } });
	assert.equal((await signIn(stack, email, 'yet another one')).status, 200);
});

test('what can be read without an id is as described', async () => {
	const invite = await stack.request('POST', `${API}/invites`, { bearer: admin.access_token, json: { role: 'viewer' } });
	check('POST /invites', invite);
	for (const operation of operations.filter(operation => operation.method === 'GET' && !operation.path.includes('{') && !STREAM(operation))) {
		const answer = await call(operation, { bearer: admin.access_token });
		if (operation.responses[200]?.content)
			check(operation.name, answer);
	}
});
