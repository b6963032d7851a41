// A service desk that writes down what it was told: people who hand cases off by the API, their colleagues' streams, and
// the mail server that their mails go to.  At the end all three are held against the tables.
//
// Each hand-off has a key, and what is not acknowledged is tried again with it until it is.
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { API, colleague, register } from '../support/accounts.mjs';
import { Events } from '../support/events.mjs';
import { madeAndPublished } from '../support/flows.mjs';
import { parseMail } from '../support/mail.mjs';
import { deadline, patient } from '../support/patience.mjs';
import { runnable, startSession } from '../support/sessions.mjs';
import { startSmtp } from '../support/smtp.mjs';
import { flaw } from './ledger.mjs';
import { now } from './rig.mjs';

const ACCOUNTS = 3, PEOPLE = 4; // of each
const CLIENTS = 12;
const FIRST_PAUSE = 20, LAST_PAUSE = 200; // ms, between tries
const GIVE_UP = 60000;

export const percentile = (list, share) => [...list].sort((a, b) => a - b)[Math.floor(list.length * share)] ?? NaN;

export class Floor {
	accounts = [];            // { id, first, people, listeners: [{ who, stream }] }
	cases = [];               // { who, session } to hand off
	acknowledged = new Map(); // hand-off: { session, at, time }
	statuses = {};
	latencies = [];           // ms, of answers that acknowledge
	waits = [];               // ms, from the first try to that answer
	failed = [];
	restarts = [];            // of the database: { away, accepted }, ms
	#next = 0;

	// streams: how many an account; handoffs: for how many there are sessions; jobs: settings of that program.
	async open(rig, { streams, handoffs, jobs = {} }) {
		Object.assign(this, { rig, jobsSettings: jobs, smtp: await startSmtp() });
		await rig.startHub();
		await rig.sql("UPDATE outbox SET state = 'skipped' WHERE state = 'queued'"); // of the faults before
		for (let at = 0; at < ACCOUNTS; at++)
			this.accounts.push(await this.#hire(streams));
		const each = Math.ceil(handoffs / (ACCOUNTS * PEOPLE));
		const piles = await Promise.all(this.accounts.flatMap(({ people, flow }) => people.map(who => this.#pile(who, flow, each))));
		this.cases = Array.from({ length: each }, (_, at) => piles.map(pile => pile[at])).flat();
		await this.startJobs();
		return this;
	}

	async #hire(streams) {
		const { stack } = this.rig;
		const first = await register(stack);
		const people = [{ ...first, id: first.user.id }];
		while (people.length < PEOPLE)
			people.push(await colleague(stack, first, 'engineer'));
		const flow = await madeAndPublished(stack, first, { ...runnable(), visibility: 'public' });
		const listeners = Array.from({ length: streams }, (_, at) => {
			const who = people[at % PEOPLE];
			return { who, stream: new Events(stack.base, undefined, { bearer: who.access_token }) };
		});
		await Promise.all(listeners.map(({ stream }) => stream.ready()));
		return { id: first.user.account.id, first: Number(listeners[0].stream.last), people, flow, listeners };
	}

	// Sessions of one who is stuck: one is started, the others are as it is.
	async #pile(who, flow, count) {
		const { id } = await startSession(this.rig.stack, who, flow.id, { ticket_number: 'T-1', client_name: 'Acme' });
		const copies = await this.rig.sql(`INSERT INTO session (account_id, id, flow_id, version, owner_id, ticket, client, visit, started_at, ticking_since)
			SELECT account_id, uuid7(), flow_id, version, owner_id, ticket, client, visit, started_at, ticking_since
			  FROM session CROSS JOIN generate_series(2, $2::int) WHERE id = $1 RETURNING id`, [id, count]);
		await this.rig.sql(`INSERT INTO visit (account_id, session_id, n, node_id, kind, title, again, entered_active)
			SELECT v.account_id, s.id, v.n, v.node_id, v.kind, v.title, v.again, v.entered_active
			  FROM visit v CROSS JOIN session s WHERE v.session_id = $1 AND s.id = ANY ($2)`, [id, copies.map(row => row.id)]);
		return [id, ...copies.map(row => row.id)].map(session => ({ who, session }));
	}

	get listeners() {
		return this.accounts.flatMap(account => account.listeners);
	}

	get jobs() {
		return this.rig.stack.programs.jobs;
	}

	async startJobs() {
		const program = this.rig.stack.startProgram('jobs', { MAIL_MODE: 'smtp', SMTP_URL: this.smtp.url, SMTP_SECONDS: 5, ...this.jobsSettings });
		await program.until(() => program.children.length === 5, 'its lanes were there');
	}

	// ---- handing off

	async #post({ who, session }, key) {
		const began = now();
		const answer = await this.rig.stack.request('POST', `${API}/sessions/${session}/handoff`, {
			bearer: who.access_token, seconds: 40, headers: { 'idempotency-key': key }, json: { intent: 'escalate', reason: 'Stuck', tried: 'All of it.' },
		}).catch(() => ({ status: 'none', headers: {} }));
		this.statuses[answer.status] = (this.statuses[answer.status] ?? 0) + 1;
		if (answer.status === 201)
			this.latencies.push(now() - began);
		return answer;
	}

	async #handOff(one) {
		const key = randomUUID(), began = now();
		for (let pause = FIRST_PAUSE;; pause = Math.min(2 * pause, LAST_PAUSE)) {
			const answer = await this.#post(one, key);
			if (answer.status === 201) {
				this.waits.push(now() - began);
				return this.acknowledged.set(answer.json.id, { session: one.session, at: now(), time: Date.now() });
			}
			const wrong = answer.status === 'none' ? '' : flaw(answer);
			if (wrong || ![502, 503, 'none'].includes(answer.status) || now() - began > patient(GIVE_UP))
				return this.failed.push(wrong || `${answer.status} ${answer.text ?? ''}`.slice(0, 200));
			await sleep(pause);
		}
	}

	// The next `count` cases, spread over so many ms.
	async handOff(count, span) {
		const began = now(), from = this.#next, until = from + count;
		this.began ??= began;
		await Promise.all(Array.from({ length: CLIENTS }, async () => {
			while (this.#next < until) {
				const at = this.#next++;
				await sleep(Math.max(0, began + (at - from) * span / count - now()));
				await this.#handOff(this.cases[at]);
			}
		}));
	}

	acknowledgedAt(handoff) {
		return this.acknowledged.get(handoff)?.time;
	}

	// ---- the ledger

	async #settled(limit, hurried) {
		for (const end = deadline(limit); Date.now() < end; await sleep(500)) {
			if (hurried)
				await this.rig.sql("UPDATE outbox SET next_at = now() WHERE state = 'queued'");
			const [{ n }] = await this.rig.sql(`SELECT (SELECT count(*) FROM job WHERE kind = 'handoff_announce' AND state IN ('queued', 'running'))
				+ (SELECT count(*) FROM delivery WHERE channel = 'email' AND state IN ('queued', 'sending') AND account_id = ANY ($1)) AS n`, [this.accounts.map(({ id }) => id)]);
			if (n === '0')
				return;
		}
	}

	// Waits until nothing is under way any more.  hurried: mails that wait for another try are tried at once; gone: whose
	// address is refused; mail: whether mails count.
	async close(limit, { hurried = false, gone, mail = true } = {}) {
		const began = now();
		if (mail)
			await this.#settled(limit, hurried);
		await this.#countRows();
		await this.#countStreams();
		this.mails = mail ? await this.#countMails(gone) : null;
		this.settledAfter = now() - began;
		this.listeners.forEach(({ stream }) => stream.stop());
		await this.jobs.stop();
		await this.rig.stack.programs.hub.stop();
		await this.smtp.stop();
		return this;
	}

	// A hand-off counts as stored only together with its line in the log, its event, and one for each session.
	async #countRows() {
		const rows = await this.rig.sql(`
			SELECT h.id, h.session_id,
			       (SELECT count(*)::int FROM audit a WHERE a.account_id = h.account_id AND a.object_id = h.id AND a.action = 'handoff.created') AS audited,
			       (SELECT count(*)::int FROM event e WHERE e.account_id = h.account_id AND e.topic = 'escalation' AND e.payload->>'id' = h.id::text) AS told,
			       (SELECT count(*)::int FROM delivery d WHERE d.account_id = h.account_id AND d.handoff_id = h.id AND d.channel = 'inapp' AND d.state = 'sent') AS noticed
			  FROM handoff h WHERE h.account_id = ANY ($1)`, [this.accounts.map(({ id }) => id)]);
		const sessions = new Map(rows.map(row => [row.id, row.session_id]));
		this.stored = rows.length;
		this.lost = [...this.acknowledged].filter(([id, { session }]) => sessions.get(id) !== session).length;
		this.doubled = rows.length - new Set(rows.map(row => row.session_id)).size;
		this.halves = rows.filter(row => row.audited !== 1 || row.told !== 1 || row.noticed !== PEOPLE - 1).length;
	}

	async #countStreams() {
		const total = { count: this.listeners.length, right: 0, missed: 0, doubled: 0, others: 0, disordered: 0, gaps: 0, heard: [], felt: true };
		for (const { id, first, listeners } of this.accounts) {
			const rows = await this.rig.sql('SELECT seq::int, topic FROM event WHERE account_id = $1 AND seq > $2 ORDER BY seq', [id, first]);
			const wanted = rows.filter(row => row.topic === 'escalation').map(row => row.seq);
			total.gaps += rows.length - (rows.length ? rows.at(-1).seq - first : 0);
			await Promise.all(listeners.map(({ stream }) => stream.until(() => stream.ids.includes(wanted.at(-1)), 'the last event', 20).catch(() => {})));
			for (const { stream } of listeners)
				this.#countStream(total, stream, wanted);
		}
		this.streams = total;
	}

	#countStream(total, stream, wanted) {
		const { ids } = stream, told = new Set(ids);
		const missed = wanted.filter(seq => !told.has(seq)).length;
		const others = stream.told.filter(event => event.type !== 'handoff_created').length;
		const disordered = ids.filter((id, at) => at && id <= ids[at - 1]).length;
		total.missed += missed;
		total.doubled += ids.length - told.size;
		total.others += others;
		total.disordered += disordered;
		total.right += !missed && !others && ids.length === wanted.length;
		total.felt &&= stream.starts.length > 1;
		total.heard.push(...stream.told.map(event => event.at - this.acknowledged.get(event.data.id)?.at).filter(Number.isFinite));
	}

	// By Message-ID and recipient: what each mail that the tables tell of came to at the other end.
	async #countMails(gone) {
		const came = new Map();
		for (const { to, text } of this.smtp.mails.filter(mail => mail.to.length && !mail.refused)) {
			const key = `${parseMail(text).headers['message-id']} ${to[0]}`;
			came.set(key, (came.get(key) ?? 0) + 1);
		}
		const rows = await this.rig.sql(`SELECT d.recipient, d.state, o.message_id FROM delivery d LEFT JOIN outbox o ON o.id = d.outbox_id
			 WHERE d.channel = 'email' AND d.account_id = ANY ($1)`, [this.accounts.map(({ id }) => id)]);
		const times = rows.map(row => came.get(`<${row.message_id}@127.0.0.1> ${row.recipient}`) ?? 0);
		const count = fits => rows.filter(fits).length;
		return {
			wanted: this.stored * (PEOPLE - 1), queued: rows.length,
			sent: count(row => row.state === 'sent'), refused: count(row => row.state === 'failed' && row.recipient === gone),
			lost: count((row, at) => row.recipient !== gone && times[at] === 0 || row.state === 'sent' && times[at] === 0),
			doubled: times.filter(n => n > 1).length, extra: times.reduce((sum, n) => sum + Math.max(0, n - 1), 0), most: Math.max(...times),
		};
	}

	// The longest time in which nothing was acknowledged, ms.
	get gap() {
		const times = [...this.acknowledged.values()].map(({ at }) => at).sort((a, b) => a - b);
		return times.reduce(([before, longest], time) => [time, Math.max(longest, time - before)], [this.began, 0])[1];
	}

	// How long after a moment the next was acknowledged, ms.
	after(moment) {
		return Math.min(...[...this.acknowledged.values()].map(({ at }) => at).filter(at => at > moment)) - moment;
	}

	get line() {
		const { acknowledged, streams, mails } = this;
		const tried = ['none', 502, 503].filter(status => this.statuses[status]).map(status => `${this.statuses[status]}x ${status}`);
		const ms = (list, share) => percentile(list, share).toFixed(0);
		return `${acknowledged.size} acknowledged, ${this.stored} in the table, ${this.lost} lost, ${this.doubled} doubled, ${this.failed.length} failed after retry` +
			`${tried.length ? ` (${tried.join(', ')} tried again)` : ''}, POST p50 ${ms(this.latencies, 0.5)} p99 ${ms(this.latencies, 0.99)} ms, ` +
			`with retries p99 ${ms(this.waits, 0.99)} ms, longest gap ${(this.gap / 1000).toFixed(2)} s; ` +
			`${streams.count} streams: ${streams.right} have exactly theirs, ${streams.missed} missed, ${streams.doubled} doubled, ${streams.others} others, ` +
			`heard after p50 ${ms(streams.heard, 0.5)} p99 ${ms(streams.heard, 0.99)} ms` +
			`${mails ? `; mails: ${mails.queued} queued, ${mails.sent} sent, ${mails.refused} refused, ${mails.doubled} doubled, ${mails.lost} lost, ` +
				`all settled ${(this.settledAfter / 1000).toFixed(0)} s after the last hand-off` : ''}`;
	}

	get checks() {
		const { acknowledged, streams, mails } = this;
		return [
			[acknowledged.size > 0 && this.failed.length === 0, `each is acknowledged in the end: ${this.failed.slice(0, 3).join('; ')}`],
			[this.lost === 0 && this.stored === acknowledged.size, 'what is acknowledged is in the table, and nothing else'],
			[this.doubled === 0 && this.halves === 0, `each once, with its audit, its event and its notices (${this.halves} by half)`],
			[streams.right === streams.count, 'every stream has exactly its events'],
			[streams.disordered + streams.doubled + streams.gaps === 0, `each once, in order and without a gap (${streams.disordered} out of order, ${streams.gaps} gaps)`],
			...(mails ? [[mails.queued === mails.wanted, `a mail for each colleague, ${mails.wanted}`],
				[mails.lost === 0 && mails.sent + mails.refused === mails.queued, 'each mail is delivered']] : []),
		];
	}
}
