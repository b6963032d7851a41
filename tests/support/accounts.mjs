// Accounts and people for tests: made through the API, or beside it by SQL where a test needs many of them.
import assert from 'node:assert/strict';
import { randomBytes, randomUUID } from 'node:crypto';

export const PASSWORD = 'walk the proven path';
export const API = '/api/v1';

export const newAddress = (who = 'ann') => `${who}.${randomBytes(5).toString('hex')}@example.com`;

// A new account with its first person: { user, access_token, refresh_token, email }.
export async function register(stack, fields = {}) {
	const json = { email: newAddress(), password: PASSWORD, name: 'Ann Smith', account_name: 'Acme IT', ...fields };
	const answer = await stack.request('POST', `${API}/auth/register`, { json });
	assert.equal(answer.status, 201, answer.text);
	return { ...answer.json, email: json.email };
}

export function signIn(stack, email, password = PASSWORD) {
	return stack.request('POST', `${API}/auth/login/json`, { json: { email, password } });
}

export function refresh(stack, token) {
	return stack.request('POST', `${API}/auth/refresh`, { json: { refresh_token: token } });
}

export const me = (stack, token) => stack.request('GET', `${API}/auth/me`, { bearer: token });

// Somebody else of the account, signed in; the password is that of the first.
export async function colleague(stack, first, role) {
	const id = randomUUID();
	const email = newAddress(role);
	await stack.sql(`INSERT INTO person (account_id, id, email, name, role, password_hash)
		SELECT account_id, $1, $2, $3, $4, password_hash FROM person WHERE id = $5`, [id, email, `The ${role}`, role, first.user.id]);
	return { ...(await signIn(stack, email)).json, id, email };
}

// A browser that has signed in by the form.
export async function browser(stack, email, password = PASSWORD) {
	const visitor = stack.visitor();
	const home = await visitor.post('/login', { email, password });
	assert.equal(home.status, 200, home.text);
	assert.equal(visitor.path, '/', 'signed in');
	return visitor;
}

// All at once, each over a connection of its own.
export function race(count, action) {
	return Promise.all(Array.from({ length: count }, (_, at) => action(at)));
}

export function tally(answers) {
	const counts = {};
	for (const { status } of answers)
		counts[status] = (counts[status] ?? 0) + 1;
	return counts;
}

// The token in the newest mail to somebody: the mails wait in the outbox, whether or not they are sent.
export async function mailedToken(stack, email, page) {
	const [mail] = await stack.sql('SELECT body_text FROM outbox WHERE recipient = $1 AND body_text LIKE $2 ORDER BY id DESC LIMIT 1',
		[email, `%/${page}/%`]);
	return mail && new RegExp(`/${page}/([\\w-]+)`).exec(mail.body_text)[1];
}

export function isProblem(answer, status, code) {
	assert.equal(answer.status, status, answer.text);
	assert.match(answer.headers['content-type'], /^application\/problem\+json(; charset=utf-8)?$/); // nginx's own or ours
	const { type, title, detail, request_id, errors, used, limit, ...rest } = answer.json;
	assert.equal(code === 'plan_limit', Number.isInteger(used) && Number.isInteger(limit), answer.text);
	assert.deepEqual(rest, { status, code }, answer.text);
	assert.equal(type, 'about:blank');
	assert.ok(title && detail, answer.text);
	assert.equal(request_id, answer.headers['x-request-id']);
	for (const error of errors ?? [])
		assert.ok(Object.keys(error).join() === 'field,message' && error.message, answer.text);
	return answer.json;
}

// The paths of the fields that a 422 names.
export const fieldsOf = answer => (answer.json.errors ?? []).map(error => error.field);
