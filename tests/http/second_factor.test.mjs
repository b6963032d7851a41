// The second factor: setting it up, signing in with it, what is refused, and what is told to whom.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { after, before, test } from 'node:test';
import { API, PASSWORD, fieldsOf, isProblem, mailedToken, me, race, register, signIn, tally } from '../support/accounts.mjs';
import { beginTotp, codeOf, confirmTotp, forgetStep, newCodes, requireFactor, signInWith, steady, totpOf, turnOff, withFactor, wrongCode } from '../support/second_factor.mjs';
import { startStack } from '../support/stack.mjs';

let stack;
before(async () => { stack = await startStack({ settings: { WORKERS: 4, PASSWORD_WORKERS: 3 } }); });
after(() => stack?.stop());

const someone = async () => withFactor(stack, await register(stack));
const letTimePass = seconds => stack.sql(`UPDATE guess SET wait_until = wait_until - $1 * interval '1 second'`, [seconds]);
const mailsTo = async email => (await stack.sql('SELECT subject, body_text FROM outbox WHERE recipient = $1 ORDER BY id', [email]));
const noticesOf = async id => (await stack.sql('SELECT text FROM notice WHERE person_id = $1 ORDER BY id', [id])).map(row => row.text);
const actionsOf = async id => (await stack.sql(`SELECT action FROM audit WHERE object_id = $1 AND action ~ 'factor|recovery' ORDER BY id`, [id])).map(row => row.action);

// ---- setting up ----

test('nothing is asked for before a code was typed; then it is, by every way in', async () => {
	await steady();
	const ann = await register(stack);
	assert.deepEqual(await totpOf(stack, ann), { on: false, required: false, since: null, recovery_codes_left: 0 });
	isProblem(await confirmTotp(stack, ann, { totp: '123456' }), 409, 'totp_not_begun');
	const first = await beginTotp(stack, ann);
	assert.equal(first.status, 201);
	assert.match(first.json.secret, /^[A-Z2-7]{32}$/);
	assert.equal(first.json.url, `otpauth://totp/ResolutionFlow:${encodeURIComponent(ann.email)}?secret=${first.json.secret}&issuer=ResolutionFlow`);
	const { secret } = (await beginTotp(stack, ann)).json;
	assert.notEqual(secret, first.json.secret, 'begun anew');
	assert.equal((await signIn(stack, ann.email)).status, 200, 'not asked for yet');
	assert.deepEqual(fieldsOf(await confirmTotp(stack, ann, { totp: codeOf(first.json.secret) })), ['totp']);
	assert.deepEqual(fieldsOf(await confirmTotp(stack, ann, { totp: codeOf(secret), current_password: 'wrong' })), ['current_password']);
	assert.deepEqual(fieldsOf(await confirmTotp(stack, ann, { totp: codeOf(secret), next: '/' })), ['next'], 'a field of the page only');
	const confirmed = await confirmTotp(stack, ann, { totp: codeOf(secret) });
	assert.equal(confirmed.status, 200, confirmed.text);
	const { recovery_codes: codes } = confirmed.json;
	assert.equal(new Set(codes).size, 10);
	assert.ok(codes.every(code => /^([a-z2-7]{4}-){5}[a-z2-7]{4}$/.test(code)), codes);
	isProblem(await beginTotp(stack, ann), 409, 'totp_on');
	isProblem(await confirmTotp(stack, ann, { totp: codeOf(secret, 1) }), 409, 'totp_on');
	const { since, ...state } = await totpOf(stack, ann);
	assert.deepEqual(state, { on: true, required: false, recovery_codes_left: 10 });
	assert.ok(Math.abs(Date.parse(since) - Date.now()) < 60000);

	isProblem(await signIn(stack, ann.email), 401, 'totp_required');
	isProblem(await signIn(stack, ann.email, 'wrong'), 401, 'wrong_credentials');
	isProblem(await signInWith(stack, ann.email, codeOf(secret, 1), 'wrong'), 401, 'wrong_credentials');
	const form = fields => stack.request('POST', `${API}/auth/login`, { form: { username: ann.email, password: PASSWORD, ...fields } });
	isProblem(await form(), 401, 'totp_required');
	isProblem(await form({ totp: wrongCode(secret) }), 401, 'wrong_totp');
	isProblem(await signInWith(stack, ann.email, codeOf(secret)), 401, 'wrong_totp');
	const tokens = await form({ totp: codeOf(secret, 1) });
	assert.equal(tokens.status, 200, tokens.text);
	assert.equal((await me(stack, tokens.json.access_token)).json.email, ann.email);
	assert.deepEqual(await actionsOf(ann.user.id), ['second_factor.turned_on', 'second_factor.refused', 'second_factor.refused']);
	assert.deepEqual((await mailsTo(ann.email)).map(mail => mail.subject), ['Confirm your e-mail address', 'Your second factor is on']);
	assert.deepEqual((await noticesOf(ann.user.id)).filter(text => /factor/.test(text)), ['Your second factor is on']);
});

test('a code counts once, and so does each before it; one step away it counts, two away not', async () => {
	await steady();
	const { email, secret, user } = await someone();
	const status = async away => (await signInWith(stack, email, codeOf(secret, away))).status;
	assert.equal(await status(-2), 401);
	assert.equal(await status(2), 401);
	assert.equal(await status(-1), 200);
	assert.equal(await status(-1), 401, 'again');
	assert.equal(await status(1), 200);
	assert.equal(await status(0), 401, 'of before');
	await forgetStep(stack, user.id);
	assert.equal((await signInWith(stack, email, ` ${codeOf(secret).slice(0, 3)} ${codeOf(secret).slice(3)} `)).status, 200, 'as apps show it');
});

test('of fifty who come with one code at once exactly one is let in', async () => {
	await steady();
	for (let round = 0; round < 3; round++) {
		const { email, secret } = await someone();
		const code = codeOf(secret);
		const answers = tally(await race(50, () => signInWith(stack, email, code)));
		assert.equal(answers[200], 1, JSON.stringify(answers));
		assert.equal(Object.entries(answers).filter(([status]) => !['200', '401', '429'].includes(status)).length, 0, JSON.stringify(answers));
	}
});

test('of twenty who confirm at once one gets the codes, and they are those that count', async () => {
	await steady();
	const ann = await register(stack);
	const { secret } = (await beginTotp(stack, ann)).json;
	const answers = await race(20, () => confirmTotp(stack, ann, { totp: codeOf(secret) }));
	assert.deepEqual(tally(answers), { 200: 1, 409: 19 });
	const { recovery_codes: codes } = answers.find(answer => answer.status === 200).json;
	assert.equal((await signInWith(stack, ann.email, codes[9])).status, 200);
});

// ---- recovery codes ----

test('a recovery code works once, however many come with it; new ones end the old', async () => {
	await steady();
	const ann = await someone();
	const { email, secret, codes, user } = ann;
	const answers = tally(await race(8, () => signInWith(stack, email, codes[0])));
	assert.equal(answers[200], 1, JSON.stringify(answers));
	await stack.sql('DELETE FROM guess');
	isProblem(await signInWith(stack, email, codes[0]), 401, 'wrong_totp');
	assert.equal((await signInWith(stack, email, codes[1].toUpperCase().replaceAll('-', ' '))).status, 200);
	assert.equal((await totpOf(stack, ann)).recovery_codes_left, 8);
	assert.equal((await noticesOf(user.id)).filter(text => text === 'A recovery code was used').length, 2);
	assert.deepEqual(fieldsOf(await newCodes(stack, ann, { totp: wrongCode(secret) })), ['totp']);
	assert.deepEqual(fieldsOf(await newCodes(stack, ann, { totp: codeOf(secret), current_password: 'wrong' })), ['current_password']);
	const fresh = await newCodes(stack, ann, { totp: codes[2] });
	assert.equal(fresh.status, 200, fresh.text);
	assert.equal((await totpOf(stack, ann)).recovery_codes_left, 10);
	isProblem(await signInWith(stack, email, codes[3]), 401, 'wrong_totp');
	assert.equal((await signInWith(stack, email, fresh.json.recovery_codes[3])).status, 200);
	const other = await someone();
	isProblem(await signInWith(stack, other.email, fresh.json.recovery_codes[4]), 401, 'wrong_totp');
});

test('neither secret nor codes stand anywhere in the clear', async () => {
	await steady();
	const { email, secret, codes, user } = await someone();
	await signInWith(stack, email, codes[0]);
	const tables = await stack.sql(`SELECT c.oid::regclass::text AS name FROM pg_class c WHERE relkind IN ('r', 'p') AND relnamespace = 'public'::regnamespace`);
	for (const { name } of tables)
		for (const word of [secret, codes[0], codes[1], codes[0].replaceAll('-', '')]) {
			const [{ count }] = await stack.sql(`SELECT count(*) FROM ${name} t WHERE strpos(t::text, $1) > 0`, [word]);
			assert.equal(Number(count), 0, `${name} holds ${word}`);
		}
	const [{ secret: sealed }] = await stack.sql('SELECT secret FROM second_factor WHERE person_id = $1', [user.id]);
	for (const word of [secret, codes[0], codes[1], sealed])
		assert.ok(!stack.log('worker').includes(word));
	assert.ok(!JSON.stringify(await stack.sql('SELECT * FROM audit')).includes(sealed));
});

// ---- guessing ----

test('guessing codes waits like guessing passwords, and none of many at once gets past it', async () => {
	await steady();
	const { email, secret, user } = await someone();
	const wrong = wrongCode(secret);
	for (let tries = 0; tries < 10; tries++)
		isProblem(await signInWith(stack, email, wrong), 401, 'wrong_totp');
	const refused = await signInWith(stack, email, codeOf(secret));
	isProblem(refused, 429, 'rate_limited');
	assert.ok(Number(refused.headers['retry-after']) > 0);
	isProblem(await signIn(stack, email), 401, 'totp_required');
	const waits = [];
	for (let round = 0; round < 3; round++) {
		await letTimePass(1000);
		isProblem(await signInWith(stack, email, wrong), 401, 'wrong_totp');
		waits.push(Number((await signInWith(stack, email, wrong)).headers['retry-after']));
	}
	assert.ok(waits[0] < waits[1] && waits[1] < waits[2], waits);
	assert.equal((await mailsTo(email)).filter(mail => mail.subject === 'Wrong codes at your sign-in').length, 1, 'its owner hears of it, once');
	assert.equal((await noticesOf(user.id)).at(-1), 'Wrong codes at your sign-in');
	await letTimePass(1000);
	assert.equal((await signInWith(stack, email, codeOf(secret))).status, 200, 'never for good');
	isProblem(await signInWith(stack, email, wrong), 401, 'wrong_totp');

	const other = await someone();
	const answers = tally(await race(60, () => signInWith(stack, other.email, wrongCode(other.secret))));
	assert.ok(answers[401] <= 13, `${JSON.stringify(answers)}: ten, and one after each wait that passed meanwhile`);
	assert.equal(answers[401] + answers[429], 60, JSON.stringify(answers));
});

test('a code is guessed no better by who is signed in', async () => {
	await steady();
	const ann = await someone();
	for (let tries = 0; tries < 10; tries++)
		assert.equal((await turnOff(stack, ann, { totp: wrongCode(ann.secret) })).status, 422);
	isProblem(await turnOff(stack, ann, { totp: codeOf(ann.secret) }), 429, 'rate_limited');
});

test('whether there is a second factor is told to those with the password alone', async () => {
	const { email } = await someone();
	const plain = await register(stack);
	const strip = answer => ({ ...answer.json, request_id: '' });
	for (const totp of [undefined, '123456']) {
		const [one, other] = [await signInWith(stack, email, totp, 'wrong wrong'), await signInWith(stack, plain.email, totp, 'wrong wrong')];
		assert.deepEqual([one.status, strip(one)], [other.status, strip(other)]);
	}
	assert.equal((await signInWith(stack, plain.email, '123456')).status, 200, 'a code where none is needed is no matter');
});

// ---- turning off ----

test('turning off takes password and code, and then the password is enough', async () => {
	await steady();
	const ann = await someone();
	assert.deepEqual(fieldsOf(await turnOff(stack, ann, { totp: codeOf(ann.secret), current_password: 'wrong' })), ['current_password']);
	assert.deepEqual(fieldsOf(await turnOff(stack, ann, {})), ['totp']);
	assert.equal((await turnOff(stack, ann, { totp: codeOf(ann.secret) })).status, 204);
	assert.equal((await signIn(stack, ann.email)).status, 200);
	isProblem(await turnOff(stack, ann, { totp: codeOf(ann.secret, 1) }), 409, 'totp_off');
	isProblem(await newCodes(stack, ann, { totp: codeOf(ann.secret, 1) }), 409, 'totp_off');
	assert.equal((await stack.sql('SELECT count(*) FROM recovery_code WHERE person_id = $1', [ann.user.id]))[0].count, '0');
	assert.equal((await mailsTo(ann.email)).at(-1).subject, 'Your second factor is off');
	const again = await withFactor(stack, ann);
	isProblem(await signInWith(stack, ann.email, ann.codes[0]), 401, 'wrong_totp');
	assert.equal((await signInWith(stack, ann.email, again.codes[0])).status, 200);
});

test('a new password, by the mailed link or in the profile, leaves the second factor on', async () => {
	await steady();
	const { email, secret, user, access_token: bearer } = await someone();
	await stack.request('POST', `${API}/auth/password/forgot`, { json: { email } });
	const password = 'another proven way';
	assert.equal((await stack.request('POST', `${API}/auth/password/reset`, { json: { token: await mailedToken(stack, email, 'reset'), password } })).status, 204);
	isProblem(await signInWith(stack, email, undefined, password), 401, 'totp_required');
	const back = await signInWith(stack, email, codeOf(secret), password);
	assert.equal(back.status, 200);
	assert.equal((await me(stack, bearer)).status, 401);
	const change = { current_password: password, password: PASSWORD };
	assert.equal((await stack.request('POST', `${API}/auth/password/change`, { bearer: back.json.access_token, json: change })).status, 204);
	await forgetStep(stack, user.id);
	isProblem(await signIn(stack, email), 401, 'totp_required');
	assert.equal((await signInWith(stack, email, codeOf(secret))).status, 200);
});

// ---- rotation of the master secret ----

test('a new master secret opens what the old one sealed, and seals it anew', async () => {
	const own = await startStack();
	try {
		await steady();
		const restart = async settings => {
			await own.programs.worker.stop();
			own.startProgram('worker', settings);
			await own.ready();
		};
		const ann = await withFactor(own, await register(own));
		const idle = await withFactor(own, await register(own));
		const fresh = { MASTER_SECRET: randomBytes(32).toString('hex') };
		await restart({ ...fresh, MASTER_SECRET_PREVIOUS: own.settings.MASTER_SECRET });
		assert.equal((await signInWith(own, ann.email, codeOf(ann.secret))).status, 200);
		await forgetStep(own, ann.user.id);
		await restart(fresh);
		assert.equal((await signInWith(own, ann.email, codeOf(ann.secret))).status, 200, 'sealed anew on the way');
		isProblem(await signInWith(own, idle.email, codeOf(idle.secret)), 401, 'wrong_totp');
		assert.equal((await signInWith(own, idle.email, idle.codes[0])).status, 200, 'a recovery code needs no key');
	} finally {
		await own.stop();
	}
});

// ---- by a form that was meant for another ----

test('the API takes nothing that it does not know', async () => {
	const ann = await register(stack);
	isProblem(await requireFactor(stack, ann, 'yes'), 422, 'invalid');
	isProblem(await requireFactor(stack, ann), 409, 'own_second_factor_first');
	const json = { email: ann.email, password: PASSWORD, recovery_code: 'x' };
	assert.deepEqual(fieldsOf(await stack.request('POST', `${API}/auth/login/json`, { json })), ['recovery_code']);
});
