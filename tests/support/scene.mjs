// A team whose hand-offs are told by a real jobs program and a mail server that does as a test wants.
//
//	const scene = await startScene();
//	const { id } = await scene.waiting({ priority: 'high' });     // Jonas hands a session off
//	await scene.settled(id);                                      // no delivery of it is under way any more
//	scene.mails(), await scene.notices(scene.senior)
import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { API, colleague, register } from './accounts.mjs';
import { madeAndPublished } from './flows.mjs';
import { parseMail } from './mail.mjs';
import { deadline } from './patience.mjs';
import { runnable, sessionCall, startSession } from './sessions.mjs';
import { startSmtp } from './smtp.mjs';
import { startStack } from './stack.mjs';

const ENDED = ['sent', 'failed', 'skipped'];

class Scene {
	async start() {
		const smtp = this.smtp = await startSmtp();
		const stack = this.stack = await startStack({ settings: { MAIL_MODE: 'smtp', SMTP_URL: smtp.url, SMTP_SECONDS: 30 } });
		this.call = sessionCall(stack);
		this.admin = await register(stack, { name: 'Maren Holt' });
		this.stranger = await register(stack, { name: 'Sam Strange', account_name: 'Elsewhere' });
		const names = { junior: 'Jonas Weber', senior: 'Priya Nair', other: 'Olga Petrova' };
		for (const [part, name] of Object.entries(names)) {
			this[part] = await colleague(stack, this.admin, 'engineer');
			await stack.sql('UPDATE person SET name = $1 WHERE id = $2', [name, this[part].id]);
		}
		this.admin.id = this.admin.user.id;
		this.flow = await madeAndPublished(stack, this.admin, { ...runnable(), visibility: 'public' });
		await stack.sql("UPDATE outbox SET state = 'skipped'");
		stack.startProgram('jobs');
		return this;
	}

	async stop() {
		await this.stack?.stop();
		await this.smtp?.stop();
	}

	// As it was, but for the hand-offs that there have been.
	async clear() {
		const { smtp, stack } = this;
		smtp.afterData = async () => undefined;
		smtp.answers.clear();
		await this.drained();
		smtp.mails.length = 0;
		for (const table of ['preference', 'second_tier', 'notice', 'handoff_rule'])
			await stack.sql(`DELETE FROM ${table}`);
		await stack.sql("UPDATE person SET quiet_from = NULL, quiet_until = NULL, zone = 'UTC'");
		await stack.sql("UPDATE handoff SET state = 'cancelled' WHERE state IN ('open', 'claimed')");
		await stack.sql("DELETE FROM job WHERE state = 'queued'");
	}

	async until(look, seconds = 10) {
		for (const end = deadline(seconds); Date.now() < end; await sleep(25))
			if (await look())
				return;
		assert.fail(`not within ${seconds} s: ${look}\n${this.stack.log('jobs').slice(-3000)}`);
	}

	// Roughly; what it had in hand is free to be taken by the next.
	async kill() {
		await this.stack.kill('jobs');
		await this.until(async () => (await this.stack.sql("SELECT FROM pg_stat_activity WHERE application_name = 'jobs' AND datname = current_database()")).length === 0);
		for (const [table, state] of [['job', 'running'], ['outbox', 'sending']])
			await this.stack.sql(`UPDATE ${table} SET lease_until = now() WHERE state = $1`, [state]);
	}

	// Starts the jobs program where it was ended; then nothing that is due is left to be done.
	async drained() {
		const { stack } = this;
		if (stack.programs.jobs.end !== undefined)
			stack.startProgram('jobs');
		await this.until(async () => (await stack.sql(`SELECT (SELECT count(*) FROM job WHERE state IN ('queued', 'running') AND run_at <= now())
			+ (SELECT count(*) FROM outbox WHERE state IN ('queued', 'sending') AND next_at <= now()) AS n`))[0].n === '0', 20);
	}

	escalate(who, session, more = {}) {
		return this.call('POST', `/${session}/handoff`, who, { intent: 'escalate', reason: 'Stuck at the VPN', ...more });
	}

	act(who, handoff, word, json) {
		return this.stack.request('POST', `${API}/escalations/${handoff}/${word}`, { bearer: who?.access_token, json });
	}

	async waiting(more) {
		const { id } = await startSession(this.stack, this.junior, this.flow.id, { ticket_number: 'T-1', client_name: 'Acme' });
		const answer = await this.escalate(this.junior, id, more);
		assert.equal(answer.status, 201, answer.text);
		return { session: id, ...answer.json };
	}

	deliveries(handoff, where = 'true') {
		return this.stack.sql(`SELECT * FROM delivery WHERE handoff_id = $1 AND ${where} ORDER BY id`, [handoff]);
	}

	async states(handoff, where) {
		return [...new Set((await this.deliveries(handoff, where)).map(row => row.state))];
	}

	settled(handoff) {
		return this.until(async () => (await this.states(handoff)).every(state => ENDED.includes(state)), 15);
	}

	mails() {
		return this.smtp.mails.map(({ to, text }) => ({ rcpt: to[0], ...parseMail(text) }));
	}

	notices(who) {
		return this.stack.sql('SELECT text, link FROM notice WHERE person_id = $1 ORDER BY id', [who.id]);
	}

	wish(who, event, channel, wish) {
		return this.stack.sql('INSERT INTO preference SELECT account_id, id, $2, $3, $4 FROM person WHERE id = $1', [who.id, event, channel, wish]);
	}
}

export const startScene = () => new Scene().start();
