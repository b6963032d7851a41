// F22, F23: what befalls the hub while events happen.  Each client ends with exactly its account's events.
import { setTimeout as sleep } from 'node:timers/promises';
import { colleague, register } from '../support/accounts.mjs';
import { Events, STREAM } from '../support/events.mjs';
import { deadline } from '../support/patience.mjs';
import { now } from './rig.mjs';

const ACCOUNTS = 5, PEOPLE = 5, EACH = 8; // streams of a person: 200 in all
const EVENTS = 1000;
const SPREAD = 500; // ms in which not too many may come back

// Accounts with people with streams, and a writer of events that goes on whatever happens.
class Audience {
	accounts = []; // { id, first, streams }
	written = 0;
	refused = 0;

	async open(rig) {
		this.rig = rig;
		await rig.startHub();
		for (let at = 0; at < ACCOUNTS; at++) {
			const first = await register(rig.stack);
			const people = [first];
			while (people.length < PEOPLE)
				people.push(await colleague(rig.stack, first, 'engineer'));
			const streams = people.flatMap(who => Array.from({ length: EACH }, () => new Events(rig.stack.base, STREAM, { bearer: who.access_token })));
			await Promise.all(streams.map(stream => stream.ready()));
			this.accounts.push({ id: first.user.account.id, first: Number(streams[0].last), streams });
		}
		return this;
	}

	get streams() {
		return this.accounts.flatMap(account => account.streams);
	}

	// One event; what the database refuses while it is away is written again.
	async #write(at) {
		const account = this.accounts[at % ACCOUNTS];
		for (const end = deadline(30); Date.now() < end; await sleep(50)) {
			try {
				this.client ??= await this.rig.connect();
				await this.client.query(`BEGIN; SELECT set_config('app.account', '${account.id}', true);
					SELECT event_add('escalation', 'handoff_created', NULL, NULL, '{"at": ${at}}'); COMMIT`);
				this.written++;
				return await this.client.query("SELECT pg_notify('bell_event', $1)", [account.id]).catch(() => {});
			} catch {
				this.refused++;
				await this.client?.end().catch(() => {});
				this.client = null;
			}
		}
		throw new Error(`event ${at} could not be written`);
	}

	// Over so many seconds.
	async write(seconds) {
		const began = now();
		for (let at = 0; at < EVENTS; at++) {
			await this.#write(at);
			await sleep(Math.max(0, (at + 1) * seconds * 1000 / EVENTS - (now() - began)));
		}
		this.writtenAt = now();
		await this.client.end();
	}

	// Waits for the last events and holds what each was told against the table.
	async close() {
		const total = { right: 0, missed: 0, twice: 0, foreign: 0, overflows: 0 };
		for (const { id, first, streams } of this.accounts) {
			const rows = await this.rig.sql('SELECT seq FROM event WHERE account_id = $1 AND seq > $2 ORDER BY seq', [id, first]);
			const wanted = rows.map(row => Number(row.seq));
			await Promise.all(streams.map(stream => stream.until(() => stream.last === String(wanted.at(-1)), 'the last event', 20).catch(() => {})));
			for (const stream of streams) {
				const ids = stream.told.filter(event => event.type === 'handoff_created').map(event => event.id);
				const told = new Set(ids);
				const missed = wanted.filter(seq => !told.has(seq)).length, foreign = [...told].filter(seq => !wanted.includes(seq)).length;
				total.missed += missed;
				total.foreign += foreign;
				total.twice += ids.length - told.size;
				total.overflows += stream.told.length - ids.length;
				total.right += !missed && !foreign;
			}
		}
		this.tookAfter = now() - this.writtenAt;
		this.total = total;
		this.streams.forEach(stream => stream.stop());
		await this.rig.stack.programs.hub.stop();
		return this;
	}

	get line() {
		const { right, missed, twice, foreign, overflows } = this.total;
		return `${this.written} events in ${ACCOUNTS} accounts, ${this.streams.length} clients: ${right} have exactly theirs, ` +
			`${missed} missed, ${foreign} of others, ${overflows} overflows, ${twice} told twice; all there ${(this.tookAfter / 1000).toFixed(1)} s after the last`;
	}

	get checks() {
		const { right, missed, foreign, overflows } = this.total;
		return [
			[this.written === EVENTS, 'all events are written'],
			[right === this.streams.length, 'every client has exactly its events'],
			[missed + foreign + overflows === 0, 'none is missed, none is of others'],
		];
	}
}

// The most that came back within SPREAD ms of each other, after a moment.
function crowded(streams, since, until) {
	const times = streams.flatMap(stream => stream.starts.map(start => start.at)).filter(at => at > since && at < until).sort((a, b) => a - b);
	return Math.max(...times.map((from, n) => times.slice(n).filter(at => at < from + SPREAD).length));
}

async function killedHub(rig) {
	const audience = await new Audience().open(rig);
	const kills = [];
	const writing = audience.write(24);
	for (let at = 0; at < 3; at++) {
		await sleep(6000);
		kills.push(now());
		await rig.stack.kill('hub');
		await sleep(300);
		await rig.startHub();
	}
	await writing;
	await audience.close();
	const most = Math.max(...kills.map((moment, at) => crowded(audience.streams, moment, kills[at + 1] ?? Infinity)));
	const seen = new Set(audience.streams.map(stream => stream.retry)).size;
	return {
		what: `the hub killed ${kills.length} times: ${audience.line}; at most ${most} came back within ${SPREAD} ms, ${seen} different waits`,
		checks: [...audience.checks,
			[most < audience.streams.length / 2, 'they do not come back all at once'],
			[audience.streams.every(stream => stream.starts.length > 1), 'the kills were felt']],
	};
}

async function restartedUnderHub(rig) {
	const audience = await new Audience().open(rig);
	const writing = audience.write(12);
	for (const signal of ['SIGINT', 'SIGQUIT']) {
		await sleep(2500);
		await rig.down(signal);
		await sleep(1500);
		await rig.up();
	}
	await writing;
	await audience.close();
	await rig.stack.ready();
	const kept = audience.streams.filter(stream => stream.starts.length === 1).length;
	return {
		what: `PostgreSQL restarted twice under the hub: ${audience.line}; ${audience.refused} writes refused meanwhile, ${kept} streams stayed open`,
		checks: [...audience.checks,
			[audience.refused > 0, 'the restarts were felt'],
			[kept === audience.streams.length, 'no stream ends for it']],
	};
}

export const streamFaults = [['F22', killedHub], ['F23', restartedUnderHub]];
