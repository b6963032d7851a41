// How long a sign-in holds: while it is used, at most, and until the browser gets another one.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { PASSWORD, browser, isProblem, me, refresh, register, signIn } from '../support/accounts.mjs';
import { startStack } from '../support/stack.mjs';

const DAY = 86400;
let stack;
before(async () => { stack = await startStack(); });
after(() => stack?.stop());

const back = (email, time) => stack.sql(`UPDATE sign_in s SET created_at = s.created_at - $2::interval, expires_at = s.expires_at - $2::interval
	FROM person p WHERE p.account_id = s.account_id AND p.id = s.person_id AND p.email = $1`, [email, time]);
const left = async email => Number((await stack.sql(`SELECT extract(epoch FROM s.expires_at - now()) AS left FROM sign_in s
	JOIN person p ON p.account_id = s.account_id AND p.id = s.person_id WHERE p.email = $1`, [email]))[0].left);
const isAbout = (seconds, want) => assert.ok(Math.abs(seconds - want) < 60, `${seconds}, and not ${want}`);

test('a sign-in that is not used for 30 days has ended', async () => {
	const ann = await register(stack);
	isAbout(await left(ann.email), 30 * DAY);
	await back(ann.email, '29 days');
	const renewed = await refresh(stack, ann.refresh_token);
	assert.equal(renewed.status, 200);
	isAbout(await left(ann.email), 30 * DAY);
	await back(ann.email, '30 days 1 second');
	isProblem(await refresh(stack, renewed.json.refresh_token), 401, 'not_signed_in');
	assert.equal((await signIn(stack, ann.email)).status, 200);
});

test('however much it is used, a sign-in ends after 180 days', async () => {
	const ann = await register(stack);
	await stack.sql(`UPDATE sign_in SET created_at = now() - interval '179 days' FROM person p
		WHERE p.id = sign_in.person_id AND p.email = $1`, [ann.email]);
	const renewed = await refresh(stack, ann.refresh_token);
	assert.equal(renewed.status, 200);
	isAbout(await left(ann.email), DAY);
	await back(ann.email, '1 day 1 second');
	isProblem(await refresh(stack, renewed.json.refresh_token), 401, 'not_signed_in');
});

test('a password holds until its owner changes it', async () => {
	const ann = await register(stack);
	await stack.sql(`UPDATE person SET password_changed_at = now() - interval '10 years', created_at = now() - interval '10 years' WHERE email = $1`, [ann.email]);
	const late = await signIn(stack, ann.email);
	assert.equal(late.status, 200);
	assert.equal((await me(stack, late.json.access_token)).status, 200);
});

test('a browser that signs in again loses the sign-in that it had, whosever it was', async () => {
	const [ann, ben] = [await register(stack), await register(stack)];
	const screen = await browser(stack, ann.email);
	const ends = async (next, was) => {
		const old = { access: screen.cookies.get('access'), refresh: screen.cookies.get('refresh') };
		await screen.post('/login', { email: next.email, password: PASSWORD });
		assert.notEqual(screen.cookies.get('refresh'), old.refresh);
		isProblem(await me(stack, old.access), 401, 'not_signed_in');
		isProblem(await refresh(stack, old.refresh), 401, 'not_signed_in');
		assert.equal((await me(stack, screen.cookies.get('access'))).json.email, next.email);
		assert.equal((await me(stack, was.access_token)).status, 200, 'another device stays');
		const [{ n }] = await stack.sql(`SELECT count(*) AS n FROM audit a JOIN person p ON p.account_id = a.account_id
			WHERE a.action = 'sign_in.ended' AND p.email = $1`, [was.email]);
		assert.ok(Number(n) > 0, 'it is on record where it was');
	};
	await ends(ann, ann);
	await ends(ben, ann);
});
