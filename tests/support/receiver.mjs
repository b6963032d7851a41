// Somebody else's program that is called, and answers as badly as a test wants.
//
//	const receiver = await startReceiver();
//	receiver.answers.set('/slow', async call => ({ status: 200, headers: {}, body: 'ok' }));   // null: none at all
//	receiver.url('/slow');          // its address
//	receiver.calls                  // { path, headers, body, at } of all that came, in their order
//	await receiver.heard(3);        // waits until there are so many; heard(3, '/slow') of one path
import { createHmac, timingSafeEqual } from 'node:crypto';
import http from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { deadline } from './patience.mjs';

class Receiver {
	calls = [];
	answers = new Map();

	async start() {
		this.server = http.createServer(async (request, response) => {
			const parts = [];
			for await (const part of request)
				parts.push(part);
			const call = { path: request.url, method: request.method, headers: request.headers, body: Buffer.concat(parts).toString(), at: Date.now() };
			this.calls.push(call);
			const answer = await (this.answers.get(request.url) ?? (() => ({ status: 200 })))(call);
			if (answer && !response.destroyed)
				response.writeHead(answer.status, answer.headers).end(answer.body);
		});
		this.server.on('clientError', (error, socket) => socket.destroy());
		await new Promise(resolve => { this.server.listen(0, '127.0.0.1', resolve); });
		return this;
	}

	url(path = '/') {
		return `http://127.0.0.1:${this.server.address().port}${path}`;
	}

	of(path) {
		return this.calls.filter(call => !path || call.path === path);
	}

	async heard(count, path, seconds = 20) {
		for (const end = deadline(seconds); Date.now() < end; await sleep(10))
			if (this.of(path).length >= count)
				return this.of(path);
		throw new Error(`not ${count} calls${path ? ` of ${path}` : ''} in ${seconds} s: ${JSON.stringify(this.calls.map(call => call.path))}`);
	}

	stop() {
		this.server.closeAllConnections();
		return new Promise(resolve => { this.server.close(resolve); });
	}
}

export const startReceiver = () => new Receiver().start();

// What a receiver does: whether the call is from who has the secret, and was made by now, in seconds.
export function isGenuine({ headers, body }, secret, now = Date.now() / 1000) {
	const parts = (headers['resolutionflow-signature'] ?? '').split(',').map(part => part.split('='));
	const time = parts.find(([name]) => name === 't')?.[1];
	const right = createHmac('sha256', secret).update(`${time}.${body}`).digest();
	return Math.abs(now - Number(time)) <= 300 && parts.some(([name, hex]) => name === 'v1' && /^[0-9a-f]{64}$/.test(hex) && timingSafeEqual(Buffer.from(hex, 'hex'), right));
}
