// Second factors for tests: an authenticator app, and people who have one.
import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { API, PASSWORD } from './accounts.mjs';

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

function bytesOf(secret) {
	const bits = [...secret].map(letter => ALPHABET.indexOf(letter).toString(2).padStart(5, '0')).join('');
	return Buffer.from(bits.match(/.{8}/g).map(byte => parseInt(byte, 2)));
}

// The code that the app shows, or showed or will show so many steps away.
export function codeOf(secret, away = 0) {
	const step = Buffer.alloc(8);
	step.writeBigUInt64BE(BigInt(Math.floor(Date.now() / 30000) + away));
	const mac = createHmac('sha1', bytesOf(secret)).update(step).digest();
	const at = mac[19] & 15;
	return String((mac.readUInt32BE(at) & 0x7fffffff) % 1000000).padStart(6, '0');
}

// A code that the app does not show around now.
export function wrongCode(secret) {
	const near = [-2, -1, 0, 1, 2].map(away => codeOf(secret, away));
	return ['000000', '111111', '222222', '333333', '444444', '555555'].find(code => !near.includes(code));
}

// Waits for the next step where this one is about to end: what follows takes less than ten seconds.
export async function steady() {
	const left = 30000 - Date.now() % 30000;
	if (left < 10000)
		await sleep(left + 50);
}

// As if no code of theirs had been taken yet.
export const forgetStep = (stack, id) => stack.sql('UPDATE second_factor SET last_step = 0 WHERE person_id = $1', [id]);

const totp = (stack, who, path, json, method = 'POST') =>
	stack.request(method, `${API}/auth/totp${path}`, { bearer: who.access_token, ...(json && { json }) });
export const beginTotp = (stack, who) => totp(stack, who, '');
export const confirmTotp = (stack, who, json) => totp(stack, who, '/confirm', { current_password: PASSWORD, ...json });
export const newCodes = (stack, who, json) => totp(stack, who, '/recovery-codes', { current_password: PASSWORD, ...json });
export const turnOff = (stack, who, json) => totp(stack, who, '', { current_password: PASSWORD, ...json }, 'DELETE');
export const totpOf = async (stack, who) => (await totp(stack, who, '', undefined, 'GET')).json;

// Turns it on for somebody who is signed in: { ...who, secret, codes }.
export async function withFactor(stack, who) {
	const { secret } = (await beginTotp(stack, who)).json;
	const answer = await confirmTotp(stack, who, { totp: codeOf(secret) });
	assert.equal(answer.status, 200, answer.text);
	await forgetStep(stack, who.id ?? who.user.id);
	return { ...who, secret, codes: answer.json.recovery_codes };
}

export const signInWith = (stack, email, code, password = PASSWORD) =>
	stack.request('POST', `${API}/auth/login/json`, { json: { email, password, ...(code !== undefined && { totp: code }) } });

export const requireFactor = (stack, admin, required = true) =>
	stack.request('PUT', `${API}/account/security`, { bearer: admin.access_token, json: { second_factor_required: required } });
