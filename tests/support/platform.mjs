// Somebody who runs the platform, in an account of their own, and what they do.
import assert from 'node:assert/strict';
import { API, register, signIn } from './accounts.mjs';

export const PLATFORM = `${API}/platform`;

// { user, email, access_token, call(method, path, json) } of a new super_admin.
export async function operator(stack, name = 'Olga Operator') {
	const first = await register(stack, { name, account_name: 'The platform' });
	await stack.sql(`UPDATE person SET role = 'super_admin' WHERE id = $1`, [first.user.id]);
	const { access_token } = (await signIn(stack, first.email)).json;
	const call = (method, path, json) => stack.request(method, path.startsWith('/') ? path : `${PLATFORM}/${path}`,
		{ bearer: access_token, ...json !== undefined && { json } });
	return { ...first, access_token, call };
}

// The same, and the answer is as it should be.
export async function done(promise, status = 200) {
	const answer = await promise;
	assert.equal(answer.status, status, answer.text);
	return status === 204 ? null : answer.json;
}

// What an account's audit log says, oldest first: "action".
export async function told(stack, account, like = '%') {
	const rows = await stack.sql('SELECT action, after, actor_id FROM audit WHERE account_id = $1 AND action LIKE $2 ORDER BY id', [account, like]);
	return rows;
}
