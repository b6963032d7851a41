import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import fs from 'node:fs';
import { register, API } from '../support/accounts.mjs';
import { startStack } from '../support/stack.mjs';
let stack;
before(async () => { stack = await startStack(); });
after(() => stack?.stop());
const out = text => fs.appendFileSync('/tmp/audit/measure.txt', `${text}\n`);
test('measure', { timeout: 800000 }, async () => {
	const N = Number(process.env.N ?? 1000000);
	const { user, access_token } = await register(stack);
	const id = user.account.id;
	const one = async (name, text) => {
		const from = performance.now();
		const rows = await stack.sqlAs('rf_worker', id, text);
		out(`${name}: ${(performance.now() - from).toFixed(0)} ms`);
		return rows;
	};
	await one('10,000 inserts by audit_add', `SELECT count(audit_add('a.b', 'person', gen_random_uuid(), NULL, '{"a":1}', '::1', 'agent', 'r')) FROM generate_series(1, 10000)`);
	await stack.sql('ALTER TABLE audit DISABLE TRIGGER audit_is_due');
	await one('10,000 inserts without the queue', `SELECT count(audit_add('a.b', 'person', gen_random_uuid(), NULL, '{"a":1}', '::1', 'agent', 'r')) FROM generate_series(1, 10000)`);
	await stack.sql('ALTER TABLE audit ENABLE TRIGGER audit_is_due');
	let from = performance.now();
	for (let at = 0; at < N; at += 100000)
		await stack.sql(`INSERT INTO audit (account_id, at, actor_id, action, object, object_id, before, after, address, agent, request_id)
			SELECT $1, now() + n % 60 * interval '1 day', md5('p' || n % 40)::uuid, (ARRAY['flow.published','person.changed','session.started','session.exported','handoff.created'])[1 + n % 5], (ARRAY['flow','person','session','session','handoff'])[1 + n % 5],
			md5('o' || n % 20000)::uuid, '{"role": "viewer"}', jsonb_build_object('role', 'engineer', 'n', n), '203.0.113.7', 'Mozilla/5.0 (X11; Linux x86_64) Firefox/140', md5(n::text) FROM generate_series($2::int, $3::int) n`, [id, at, at + 99999]);
	out(`${N} written in ${((performance.now() - from) / 1000).toFixed(1)} s`);
	await stack.sql('ANALYZE audit; ANALYZE audit_due');
	from = performance.now();
	stack.startProgram('jobs');
	for (;;) {
		const [{ n }] = await stack.sql('SELECT count(*)::int AS n FROM audit_due');
		if (!n) break;
		await sleep(500);
	}
	out(`sealed in ${((performance.now() - from) / 1000).toFixed(1)} s`);
	await stack.sql('ANALYZE audit_seal');
	from = performance.now();
	out(stack.command(['audit', 'verify', id]).trim());
	out(`verified in ${((performance.now() - from) / 1000).toFixed(1)} s`);
	const some = (await stack.sql('SELECT actor_id, object_id FROM audit WHERE account_id = $1 AND actor_id IS NOT NULL AND object_id IS NOT NULL ORDER BY id LIMIT 1 OFFSET 500', [id]))[0];
	for (const query of ['', `?actor=${some.actor_id}`, '?action=person.changed', '?object=handoff', `?object=${some.object_id}`, '?from=2026-12-05&to=2026-12-06', `?actor=${user.id}`, '?action=person.registered', '?actor=nobody', '?object=nothing', `?actor=${some.actor_id}&action=flow.published&object=flow`]) {
		const times = [];
		for (let n = 0; n < 5; n++) {
			const t = performance.now();
			const answer = await stack.request('GET', `${API}/audit${query}`, { bearer: access_token });
			times.push(performance.now() - t);
			if (answer.status !== 200) out(answer.text);
		}
		out(`API ${query}: ${times.sort((a, b) => a - b)[2].toFixed(1)} ms`);
	}
	for (const [name, where] of Object.entries({ actor: `actor_id = '${some.actor_id}'`, action: `action = 'person.changed'`, object: `object = 'handoff'`, one: `object_id = '${some.object_id}'`, none: 'true' }))
		out(`${name}: ${(await stack.sqlAs('rf_worker', id, `EXPLAIN SELECT * FROM audit WHERE account_id = app_account() AND ${where} ORDER BY id DESC LIMIT 50`)).map(row => row['QUERY PLAN']).filter(line => /Scan|Sort|Merge/.test(line)).join(' | ')}`);
});
