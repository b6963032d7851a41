// F7, F8, F16 to F18: what befalls the database; and whether the ledger can see a loss at all.
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { API, newAddress } from '../support/accounts.mjs';
import { databaseUrl } from '../support/cluster.mjs';
import { Ledger, flaw } from './ledger.mjs';
import { now } from './rig.mjs';

const seconds = ms => (ms / 1000).toFixed(2);
const onlyBusy = list => list.every(status => status === 503);

// Each time a worker dies, too, while the database is away.
async function restarted(rig, name, what, signal, rounds) {
	const ledger = new Ledger(rig, name, { readers: 2, patience: 20000 });
	const accepted = [];
	for (let at = 0; at < rounds; at++) {
		await sleep(1000);
		await rig.down(signal);
		process.kill(rig.worker.children[0], 'SIGKILL');
		await sleep(500);
		accepted.push(await rig.up());
	}
	await sleep(1500);
	await ledger.close();
	const back = accepted.map(moment => ledger.after(moment));
	return {
		what: `${what}, ${rounds} times, under 16 writers: ${ledger.line}; back after ${back.map(seconds).join(', ')} s of taking connections`,
		checks: [...ledger.checks,
			[back.every(ms => ms <= 1000), 'it serves within 1 s of the database taking connections'],
			[onlyBusy(ledger.reads.failed), `GETs fail by 503 only: ${[...new Set(ledger.reads.failed)]}`]],
	};
}

// Without it "0 lost" would say nothing.
async function unsafe(rig) {
	await rig.down('SIGINT');
	await rig.up({ synchronous_commit: 'off', wal_writer_delay: '10s', wal_writer_flush_after: '1GB' });
	const ledger = new Ledger(rig, 'unsafe', { patience: 20000 });
	await sleep(2000);
	await rig.down('SIGQUIT');
	await rig.up();
	await ledger.close();
	return {
		what: `control, immediate shutdown with synchronous_commit off: ${ledger.line}`,
		checks: [[ledger.lost > 0, 'a lost write is seen to be lost']],
	};
}

// Twelve workers and six for passwords, and a server that comes back with seven places for them.
async function crowded(rig) {
	const url = databaseUrl(rig.cluster.sockets, rig.stack.name).replace('user=postgres', 'user=rf_worker');
	await rig.restart({ WORKERS: 12, PASSWORD_WORKERS: 1, WORKER_DATABASE_URL: url });
	const ledger = new Ledger(rig, 'f16', { readers: 4, patience: 20000 });
	await sleep(500);
	await rig.down('SIGINT');
	await rig.up({ max_connections: 10, superuser_reserved_connections: 3 });
	const crowding = now();
	await sleep(4000);
	const meanwhile = ledger.times.filter(time => time > crowding).length;
	await rig.down('SIGINT');
	const healed = await rig.up();
	await sleep(1000);
	const failedBefore = ledger.reads.failed.length;
	await sleep(1500);
	const failedAfter = ledger.reads.failed.length - failedBefore;
	await ledger.close();
	await rig.restart();
	return {
		what: `13 workers for 7 connections: ${ledger.line}, ${meanwhile} acknowledged meanwhile; ` +
			`back after ${seconds(ledger.after(healed))} s, then ${failedAfter} failed`,
		checks: [...ledger.checks,
			[meanwhile > 0, 'those that have a connection serve'],
			[ledger.after(healed) <= 1000 && failedAfter === 0, 'it heals by itself'],
			[onlyBusy(ledger.reads.failed), `GETs fail by 503 only: ${[...new Set(ledger.reads.failed)]}`]],
	};
}

// Two writers for four workers, so that the lock does not take all of them; a worker dies and another is born
// while it is held, which needs the table to prepare its statements.
async function locked(rig) {
	const log = rig.logMark();
	const holder = await rig.connect();
	const ledger = new Ledger(rig, 'f17', { writers: 2, readers: 4, patience: 20000, pause: 10 });
	await sleep(300);
	await holder.query('BEGIN; LOCK TABLE team');
	const began = now();
	await sleep(1000);
	process.kill(rig.busiest(), 'SIGKILL');
	await sleep(7000);
	await holder.end();
	const free = now();
	await sleep(1000);
	await ledger.close();
	const pauses = log('alarm').length;
	return {
		what: `LOCK TABLE team for ${seconds(free - began)} s: ${ledger.line}, longest GET ${seconds(ledger.reads.longest)} s; ` +
			`back after ${seconds(ledger.after(free))} s`,
		checks: [...ledger.checks,
			[ledger.statuses[503] > 0, 'what needs the table gets 503 before it is free'],
			[ledger.reads.failed.length === 0 && ledger.reads.longest < 1000, 'pages of other tables go on'],
			[ledger.after(free) <= 1000, 'it goes on as soon as the lock is gone'],
			[pauses === 0, 'no worker dies of it']],
	};
}

async function people(rig, count) {
	const ids = Array.from({ length: count }, () => randomUUID());
	for (const id of ids)
		await rig.sql(`INSERT INTO person (account_id, id, email, name, role, password_hash)
			SELECT account_id, $1, $2, 'Somebody', 'engineer', password_hash FROM person WHERE role = 'team_admin' LIMIT 1`,
		[id, newAddress('f18')]);
	return ids;
}

// A change of a person takes the account's row, then the person's; this takes them the other way round.  Whichever
// of the two waits last for its deadlock_timeout is ended by the server.
async function cross(rig, ids, until) {
	const client = await rig.connect();
	while (now() < until) {
		try {
			await client.query('BEGIN');
			await client.query('SELECT FROM person WHERE id = $1 FOR UPDATE', [ids[Math.floor(Math.random() * ids.length)]]);
			await sleep(20);
			await client.query('SELECT FROM account FOR NO KEY UPDATE');
			await client.query('COMMIT');
		} catch (error) {
			await client.query('ROLLBACK');
			if (error.code !== '40P01')
				throw error;
		}
		await sleep(100 + Math.random() * 300);
	}
	await client.end();
}

async function deadlocked(rig) {
	const ids = await people(rig, 2);
	const until = now() + 6000;
	const [{ deadlocks: before }] = await rig.sql('SELECT deadlocks::int FROM pg_stat_database WHERE datname = current_database()');
	const statuses = {};
	const flaws = [];
	let longest = 0;
	const change = async id => {
		for (let n = 0; now() < until; n++) {
			const began = now();
			const answer = await rig.stack.request('PATCH', `${API}/users/${id}`,
				{ bearer: rig.token, json: { role: n % 2 ? 'engineer' : 'viewer' } });
			longest = Math.max(longest, now() - began);
			statuses[answer.status] = (statuses[answer.status] ?? 0) + 1;
			flaws.push(...[flaw(answer)].filter(Boolean));
		}
	};
	await Promise.all([...ids.map(change), cross(rig, ids, until)]);
	await sleep(500); // the statistics come late
	const [{ deadlocks }] = await rig.sql('SELECT deadlocks::int FROM pg_stat_database WHERE datname = current_database()');
	return {
		what: `crossing changes of people: ${Object.entries(statuses).map(([status, n]) => `${n}x ${status}`).join(', ')}, ` +
			`${deadlocks - before} deadlocks, longest ${seconds(longest)} s`,
		checks: [
			[deadlocks - before > 0, 'there were deadlocks'],
			[Object.keys(statuses).join() === '200', 'nobody sees one'],
			[flaws.length === 0, flaws.join(', ')],
		],
	};
}

export const databaseFaults = [
	['F7', rig => restarted(rig, 'f7', 'PostgreSQL immediate shutdown', 'SIGQUIT', 3)],
	['F7c', unsafe],
	['F8', rig => restarted(rig, 'f8', 'postmaster kill -9', 'SIGKILL', 2)],
	['F16', crowded], ['F17', locked], ['F18', deadlocked],
];
