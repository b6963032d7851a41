// FastCGI by hand: a request that is sent in pieces, with something done to the workers between them.
import net from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

const BEGIN = 1, PARAMS = 4, STDIN = 5, STDOUT = 6;

function record(type, content) {
	const head = Buffer.from([1, type, 0, 1, content.length >> 8, content.length & 255, 0, 0]);
	return Buffer.concat([head, content]);
}

function pair(name, value) {
	const length = text => {
		const n = Buffer.byteLength(text);
		return n < 128 ? Buffer.from([n]) : Buffer.from([n >> 24 | 128, n >> 16 & 255, n >> 8 & 255, n & 255]);
	};
	return Buffer.concat([length(name), length(value), Buffer.from(name), Buffer.from(value)]);
}

// The request in three pieces: up to its parameters, the first half of its body, the rest.
export function pieces(method, path, body, headers = {}) {
	const params = {
		REQUEST_METHOD: method, DOCUMENT_URI: path, REQUEST_URI: path, QUERY_STRING: '', REMOTE_ADDR: '127.0.0.1',
		HTTP_HOST: '127.0.0.1', SERVER_PROTOCOL: 'HTTP/1.1', HTTPS: '', CONTENT_TYPE: body.length ? 'application/json' : '',
		CONTENT_LENGTH: body.length ? String(body.length) : '', RF_REQUEST_ID: '0'.repeat(32), ...headers, RF_END: '1',
	};
	const text = Buffer.concat(Object.entries(params).map(([name, value]) => pair(name, value)));
	const half = body.length >> 1;
	const part = content => (content.length ? record(STDIN, content) : Buffer.alloc(0));
	return [
		Buffer.concat([record(BEGIN, Buffer.from([0, 1, 0, 0, 0, 0, 0, 0])), record(PARAMS, text), record(PARAMS, Buffer.alloc(0))]),
		part(body.subarray(0, half)),
		Buffer.concat([part(body.subarray(half)), record(STDIN, Buffer.alloc(0))]),
	];
}

function answerOf(bytes) {
	let text = '';
	for (let at = 0; at + 8 <= bytes.length; at += 8 + bytes.readUInt16BE(at + 4) + bytes[at + 6])
		if (bytes[at + 1] === STDOUT)
			text += bytes.subarray(at + 8, at + 8 + bytes.readUInt16BE(at + 4)).toString();
	return text;
}

// Sends the pieces before `stage`, waits, does `act`, sends the rest; the answer's text, '' where none came.
export async function interrupted(socketPath, parts, stage, act) {
	const socket = net.connect(socketPath);
	const got = [];
	const closed = new Promise(resolve => {
		socket.on('close', resolve);
		socket.on('error', resolve);
	});
	socket.on('data', part => got.push(part));
	await new Promise(resolve => socket.once('connect', resolve));
	for (const part of parts.slice(0, stage))
		socket.write(part);
	await sleep(150);
	await act();
	await sleep(150);
	for (const part of parts.slice(stage))
		socket.write(part);
	await Promise.race([closed, sleep(5000)]);
	socket.destroy();
	return answerOf(Buffer.concat(got));
}
