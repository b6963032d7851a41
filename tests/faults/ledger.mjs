// Clients outside the service that write down what it has acknowledged, to be held against its table at the end.
//
// Each writer adds teams of unique names, one after another, by a route that honours an Idempotency-Key; what is
// not acknowledged is tried again with the same key.  It does not wait as long as Retry-After asks, for it is to
// see when the service is back.  Readers get pages and try nothing twice.
import { setTimeout as sleep } from 'node:timers/promises';
import { API } from '../support/accounts.mjs';
import { send } from '../support/request.mjs';
import { now } from './rig.mjs';

const FIRST_PAUSE = 20, LAST_PAUSE = 200; // ms, between tries

// What is wrong with an answer whatever was asked; '' where nothing is.
export function flaw({ status, headers }) {
	if (status >= 500 && status !== 502 && status !== 503)
		return `${status}`;
	if (!/^[0-9a-f]{32}$/.test(headers['x-request-id'] ?? ''))
		return `${status} without X-Request-Id`;
	if ((status === 503 || status === 429) && !/^\d+$/.test(headers['retry-after'] ?? ''))
		return `${status} without Retry-After`;
	return '';
}

export class Ledger {
	acknowledged = new Map(); // name: when
	statuses = {};            // of all answers to writers; "none" where there was none
	flaws = [];
	failed = [];              // given up, or answered by what no retry mends
	reads = { count: 0, failed: [], longest: 0 };
	#ends = false;
	#running = [];

	// writers, readers: how many; path: what readers get; patience: ms for which a writer tries one name; key: false
	// to write without; pause: ms between a client's requests.
	constructor(rig, name, { writers = 16, readers = 0, path = `${API}/auth/me`, patience = 2000, key = true, pause = 0 } = {}) {
		Object.assign(this, { rig, name, path, patience, key, pause });
		this.began = now();
		for (let at = 0; at < writers; at++)
			this.#running.push(this.#go(n => this.#write(`${name}-${at}-${n}`)));
		for (let at = 0; at < readers; at++)
			this.#running.push(this.#go(() => this.#read()));
	}

	async #go(step) {
		for (let n = 0; !this.#ends; n++) {
			await step(n);
			if (this.pause)
				await sleep(this.pause);
		}
	}

	async #ask(method, path, options) {
		const answer = await send(this.rig.stack.base, method, path, { bearer: this.rig.token, seconds: 40, ...options })
			.catch(error => ({ error, status: 'none' }));
		const wrong = answer.error ? '' : flaw(answer);
		if (wrong)
			this.flaws.push(wrong);
		return answer;
	}

	async #write(name) {
		const giveUp = now() + this.patience;
		const headers = this.key ? { 'idempotency-key': name } : {};
		for (let pause = FIRST_PAUSE;; pause = Math.min(2 * pause, LAST_PAUSE)) {
			const { status } = await this.#ask('POST', `${API}/teams`, { json: { name }, headers });
			this.statuses[status] = (this.statuses[status] ?? 0) + 1;
			if (status === 201)
				return this.acknowledged.set(name, now());
			if (![429, 502, 503, 'none'].includes(status) || now() > giveUp)
				return this.failed.push(`${name}: ${status}`);
			await sleep(pause);
		}
	}

	async #read() {
		const began = now();
		const { status } = await this.#ask('GET', this.path);
		this.reads.count++;
		this.reads.longest = Math.max(this.reads.longest, now() - began);
		if (status !== 200) {
			this.reads.failed.push(status);
			await sleep(FIRST_PAUSE);
		}
	}

	get times() {
		return [...this.acknowledged.values()].sort((a, b) => a - b);
	}

	// The longest time in which nothing was acknowledged, ms.
	get gap() {
		return this.times.reduce(([before, longest], time) => [time, Math.max(longest, time - before)], [this.began, 0])[1];
	}

	// How long after a moment the next write was acknowledged, ms.
	after(moment) {
		return (this.times.find(time => time > moment) ?? Infinity) - moment;
	}

	// Ends the clients, each after what it has in hand, and holds the ledger against the tables: a team counts as
	// stored only together with its line in the audit log.
	async close() {
		this.#ends = true;
		await Promise.all(this.#running);
		const rows = await this.rig.sql(`
			SELECT t.name, count(DISTINCT t.id)::int AS stored, count(a.object_id)::int AS audited
			  FROM team t LEFT JOIN audit a ON a.account_id = t.account_id AND a.object_id = t.id AND a.action = 'team.added'
			 WHERE t.name LIKE $1 GROUP BY t.name`, [`${this.name}-%`]);
		const stored = new Map(rows.map(row => [row.name, row]));
		this.lost = [...this.acknowledged.keys()].filter(name => !stored.has(name)).length;
		this.doubled = rows.filter(row => row.stored > 1).length;
		this.halves = rows.filter(row => row.stored !== row.audited).length;
		return this;
	}

	get line() {
		const tried = ['none', 502, 503].filter(status => this.statuses[status]).map(status => `${this.statuses[status]}x ${status}`);
		return `${this.acknowledged.size} acknowledged, ${this.lost} lost, ${this.doubled} doubled, ${this.failed.length} failed after retry` +
			`${tried.length ? ` (${tried.join(', ')} tried again)` : ''}, longest gap ${(this.gap / 1000).toFixed(2)} s` +
			`${this.reads.count ? `; ${this.reads.count} GETs, ${this.reads.failed.length} failed` : ''}`;
	}

	// What every fault must leave true.
	get checks() {
		return [
			[this.acknowledged.size > 0, 'something was acknowledged'],
			[this.lost === 0, 'nothing acknowledged is lost'],
			[this.doubled === 0, 'nothing is stored twice'],
			[this.halves === 0, `nothing is stored by half (${this.halves})`],
			[this.failed.length === 0, `nothing fails after retry: ${this.failed.slice(0, 3).join('; ')}`],
			[this.flaws.length === 0, `502 and 503 only, named and with Retry-After: ${[...new Set(this.flaws)].join(', ')}`],
		];
	}
}
