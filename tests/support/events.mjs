// A stream of events over HTTP, read as a browser's EventSource does: it comes back by itself after the time that it
// was told, with the number of the last event that it saw.  What it met is there to look at.
import http from 'node:http';
import https from 'node:https';
import { setTimeout as sleep } from 'node:timers/promises';
import { deadline } from './patience.mjs';

export const STREAM = '/api/v1/escalations/stream';

export class Events {
	events = [];   // { id, type, data, at }
	comments = []; // when they came, ms
	starts = [];   // { at, status, headers } of each connection that was answered
	last = '';
	retry = 3000;
	buffered = '';

	// options: headers, bearer, last (a number to go on from), stays (false: ends with its first connection)
	constructor(base, path = STREAM, { headers = {}, bearer, last = '', stays = true } = {}) {
		Object.assign(this, { base, path, last, stays });
		this.headers = { accept: 'text/event-stream', ...headers, ...(bearer && { authorization: `Bearer ${bearer}` }) };
		this.#connect();
	}

	#connect() {
		const { protocol, hostname, port } = new URL(this.base);
		const headers = { ...this.headers, ...(this.last !== '' && { 'last-event-id': this.last }) };
		this.buffered = '';
		this.request = (protocol === 'https:' ? https : http).get({ hostname, port, path: this.path, headers, agent: false, rejectUnauthorized: false });
		this.request.on('response', response => {
			this.starts.push({ at: performance.now(), status: response.statusCode, headers: response.headers });
			if (response.statusCode === 200)
				response.setEncoding('utf8').on('data', text => this.#take(text)).on('error', () => {});
			else
				response.resume();
			response.on('close', () => this.#left(response.statusCode));
		});
		this.request.on('error', () => this.request.res ?? this.#left(0));
	}

	// As a browser: what is no stream is not asked for again, but a lost connection and what nginx says of a hub that is
	// away are.
	#left(status) {
		this.leftAt = performance.now();
		if (this.stays && !this.over && [0, 200, 502, 503].includes(status))
			this.timer = setTimeout(() => this.#connect(), this.retry);
		else
			this.ended = true;
	}

	#take(text) {
		const blocks = (this.buffered + text).split('\n\n');
		this.buffered = blocks.pop();
		for (const block of blocks) {
			const fields = Object.fromEntries(block.split('\n').map(line => line.match(/^(\w*): ?(.*)$/).slice(1)));
			if ('' in fields)
				this.comments.push(performance.now());
			if (fields.retry)
				this.retry = Number(fields.retry);
			if (fields.id)
				this.last = fields.id;
			if (fields.event)
				this.events.push({ id: Number(fields.id), type: fields.event, data: JSON.parse(fields.data), at: performance.now() });
		}
	}

	// What it was told besides its beginnings.
	get told() {
		return this.events.filter(event => event.type !== 'ready');
	}

	get ids() {
		return this.told.map(event => event.id);
	}

	async until(fits, what, seconds = 15) {
		for (const end = deadline(seconds); !fits(this); await sleep(10))
			if (Date.now() > end)
				throw new Error(`${what}: ${JSON.stringify(this.starts.map(start => start.status))} ${JSON.stringify(this.events.slice(-3))}`);
		return this;
	}

	ready(times = 1) {
		return this.until(() => this.events.filter(event => event.type === 'ready').length >= times, 'ready');
	}

	stop() {
		this.over = true;
		clearTimeout(this.timer);
		this.request.destroy();
	}
}

// An event as the product commits it; the bell is what wakes the hubs.
export async function publish(stack, account, type = 'handoff_created', payload = {}, { topic = 'escalation', bell = true } = {}) {
	await stack.sqlAs('rf_worker', account, 'SELECT event_add($1, $2, NULL, NULL, $3)', [topic, type, payload]);
	if (bell)
		await stack.sql("SELECT pg_notify('bell_event', $1)", [account]);
}
