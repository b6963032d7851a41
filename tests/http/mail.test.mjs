// Mail from the outbox to a directory: written with the change that it tells of, sent once, kept from view.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { startStack } from '../support/stack.mjs';

let stack;
before(async () => { stack = await startStack({ jobs: true, settings: { DEMO: 1 } }); });
after(() => { if (process.env.RF_TEST_LOG) console.log(stack.log('jobs')); return stack?.stop(); });

test('registering sends one mail with a link that works', async () => {
	const answer = await stack.request('POST', '/api/v1/auth/register', { json: {
		email: 'zoe@example.com', password: 'a long enough password', name: 'Zoë', account_name: 'Zoë & sons' } });
	assert.equal(answer.status, 201, answer.text + stack.log('worker'));
	const mail = await stack.mail(one => one.to === 'zoe@example.com');
	assert.equal(mail.subject, 'Confirm your e-mail address');
	assert.match(mail.headers['message-id'], /^<[0-9a-f-]{36}@127\.0\.0\.1>$/);
	assert.match(mail.text, new RegExp(`${stack.base}/verify/[\\w-]{43}\r\n`));
});
