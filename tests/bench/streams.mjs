// make bench-streams: STREAMS (10000) event streams in 50 accounts through nginx, and events as the product commits
// them.  Prints how fast streams are opened, what one costs nginx and the hub, how long an event takes from its NOTIFY
// to the byte at the client, with and without a load on pages, and how much of their rate the pages keep meanwhile.
//	STREAMS_SECONDS (10) a measurement, STREAMS_RATE (20) events a second
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import readline from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { register, signIn } from '../support/accounts.mjs';
import { loadWeb, memory } from './measure.mjs';
import { Rig } from './rig.mjs';

const STREAMS = Number(process.env.STREAMS ?? 10000);
const SECONDS = Number(process.env.STREAMS_SECONDS ?? 10);
const RATE = Number(process.env.STREAMS_RATE ?? 20);
const ACCOUNTS = 50, EACH = 8; // of a person
const FRAMES = STREAMS / ACCOUNTS;

// So many accounts with so many people, who share the password of the first; their access tokens by account.
async function seed(stack) {
	const people = Math.ceil(FRAMES / EACH);
	const first = await register(stack);
	await stack.sql(`INSERT INTO account (account_id, name, plan)
		SELECT md5('a' || g)::uuid, 'Company ' || g, 'scale' FROM generate_series(1, $1) g`, [ACCOUNTS]);
	await stack.sql(`INSERT INTO person (account_id, id, email, name, role, password_hash)
		SELECT md5('a' || g)::uuid, md5('p' || g || '/' || k)::uuid, format('p%s.%s@bench.example', g, k), 'Person', 'engineer', password_hash
		  FROM person, generate_series(1, $1) g, generate_series(1, $2) k WHERE id = $3`, [ACCOUNTS, people, first.user.id]);
	const tokens = [];
	for (let at = 0; at < ACCOUNTS * people; at += 4)
		tokens.push(...await Promise.all([0, 1, 2, 3].filter(more => at + more < ACCOUNTS * people).map(async more => {
			const g = 1 + (at + more) % ACCOUNTS, k = 1 + Math.floor((at + more) / ACCOUNTS);
			return (await signIn(stack, `p${g}.${k}@bench.example`)).json.access_token;
		})));
	const rows = await stack.sql(`SELECT md5('a' || g)::uuid AS id FROM generate_series(1, $1) g`, [ACCOUNTS]);
	return { tokens, accounts: rows.map(row => row.id), first };
}

class Clients {
	constructor(file, port, tokens) {
		this.child = spawn(file, [String(port)], { stdio: ['pipe', 'pipe', 'inherit'] });
		this.lines = readline.createInterface({ input: this.child.stdout })[Symbol.asyncIterator]();
		this.child.stdin.write(`${tokens.map((token, at) => `${token} ${Math.min(EACH, Math.max(0, FRAMES - EACH * Math.floor(at / ACCOUNTS)))}\n`).join('')}\n`);
	}

	async told() {
		const { value, done } = await this.lines.next();
		if (done)
			throw new Error('the clients have ended');
		return JSON.parse(value);
	}

	since() {
		this.child.stdin.write('\n');
		return this.told();
	}
}

// Events at an even rate, each to a random account; how many there were.
async function publish(stack, accounts, seconds) {
	const began = performance.now();
	let many = 0;
	for (; performance.now() - began < seconds * 1000; many++) {
		const account = accounts[Math.floor(Math.random() * accounts.length)];
		const payload = { t: 0, reason: 'x'.repeat(600) };
		// The bell rings at t, and the row is there before; a commit that takes longer than that counts.
		const at = process.hrtime.bigint() + 25_000_000n;
		const text = JSON.stringify(payload).replace('"t":0', `"t":${at}`);
		await stack.sql(`BEGIN; SELECT set_config('app.account', '${account}', true);
			SELECT event_add('escalation', 'handoff_created', NULL, NULL, '${text}'); COMMIT`);
		await sleep(Math.max(0, Number(at - process.hrtime.bigint()) / 1e6 - 2));
		while (process.hrtime.bigint() < at);
		await stack.sql('SELECT pg_notify($1, $2)', ['bell_event', account]);
		await sleep(Math.max(0, (many + 1) * 1000 / RATE - (performance.now() - began)));
	}
	await sleep(1000);
	return many;
}

function pages(stack, rig, clients, token) {
	const { worker, nginx, hub } = stack.programs;
	const groups = { worker: worker.pid, nginx: nginx.pid, hub: hub.pid, pg: rig.cluster.server.pid, clients: clients.child.pid };
	const data = `${rig.dir}/pages.lua`;
	fs.writeFileSync(data, `return {leads=false,accounts={{cookie="${token}"}},requests={{path="/flows",account=1}}}\n`);
	return loadWeb({ url: stack.base, data, groups, seconds: SECONDS, connections: 8 });
}

const line = ({ frames, p50, p99, max }) => `${String(frames).padStart(7)} frames, p50 ${p50.toFixed(1)} ms, p99 ${p99.toFixed(1)} ms, max ${max.toFixed(0)} ms`;

async function measure(rig) {
	const { stack } = rig;
	const hub = stack.startProgram('hub', { HUB_STREAM_SECONDS: 86400, HUB_MAX_STREAMS: 2 * STREAMS });
	await hub.until(() => fs.existsSync(`${stack.dir}/run/hub.sock`), 'its socket was there');
	const { tokens, accounts, first } = await seed(stack);
	const empty = { hub: memory(hub.pid), nginx: memory(stack.programs.nginx.pid) };
	const clients = new Clients(`${rig.build}/bench/streams`, stack.port, tokens);
	const opened = await clients.told();
	await sleep(2000);
	const each = (name, pid) => ((memory(pid) - empty[name]) * 1024 / opened.streams).toFixed(1);
	console.log(`opened     ${opened.streams} streams in ${ACCOUNTS} accounts, ${(opened.streams / opened.seconds).toFixed(0)} a second, ${opened.lost} lost`);
	console.log(`memory     hub ${each('hub', hub.pid)} KB a stream (goal 2), nginx ${each('nginx', stack.programs.nginx.pid)} KB (goal 16)`);

	await clients.since();
	let many = await publish(stack, accounts, SECONDS);
	const quiet = await clients.since();
	let missed = many * FRAMES - quiet.frames;
	console.log(`events     ${line(quiet)} (goal 8 / 40)`);

	const calm = await pages(stack, rig, clients, first.access_token);
	const [busy, n] = await Promise.all([pages(stack, rig, clients, first.access_token), publish(stack, accounts, SECONDS)]);
	many = n;
	const loaded = await clients.since();
	missed += many * FRAMES - loaded.frames;
	const again = await pages(stack, rig, clients, first.access_token);
	const rate = (calm.reqs + again.reqs) / 2;
	console.log(`with pages ${line(loaded)} (goal 8 / 40)`);
	console.log(`pages      ${rate.toFixed(0)}/s without events, ${busy.reqs.toFixed(0)}/s with ${RATE} a second to ${FRAMES} streams each: ` +
		`${(100 * busy.reqs / rate).toFixed(0)} % kept (goal 70)`);
	console.log(`lost       ${loaded.lost} streams, ${missed} frames; of the machine others took ${(100 * Math.max(calm.others, busy.others)).toFixed(0)} %`);
	clients.child.stdin.end();
	return loaded.lost === 0 && missed === 0;
}

const rig = new Rig();
let right = false;
try {
	await rig.startProduct();
	right = await measure(rig);
} catch (error) {
	console.log(error.stack);
}
await rig.stop();
process.exit(right ? 0 : 1);
