// One HTTP request over a connection of its own, seen as it came: nothing followed, nothing kept.
import http from 'node:http';
import https from 'node:https';
import { patient } from './patience.mjs';

export class Answer {
	constructor(response, body) {
		this.status = response.statusCode;
		this.headers = response.headers; // by lower-case name; set-cookie is a list
		this.rawHeaders = response.rawHeaders;
		this.body = body;
		this.text = body.toString('utf8');
	}

	get json() {
		return JSON.parse(this.text);
	}

	get cookies() {
		return this.headers['set-cookie'] ?? [];
	}
}

function encode({ form, json, body, headers = {} }) {
	if (form !== undefined)
		return [new URLSearchParams(form).toString(), { 'content-type': 'application/x-www-form-urlencoded', ...headers }];
	if (json !== undefined)
		return [JSON.stringify(json), { 'content-type': 'application/json', ...headers }];
	return [body, headers];
}

// options: headers, and one of form (object, pairs or URLSearchParams), json (value), body (text or bytes);
// bearer (token); seconds (limit).  A path is sent as it is written.
export function send(base, method, path, options = {}) {
	const { protocol, hostname, port } = new URL(base);
	const [body, headers] = encode(options);
	if (options.bearer)
		headers.authorization = `Bearer ${options.bearer}`;
	if (body !== undefined)
		headers['content-length'] = Buffer.byteLength(body);
	return new Promise((resolve, reject) => {
		const request = (protocol === 'https:' ? https : http).request(
			{ hostname, port, method, path, headers, agent: false, rejectUnauthorized: false },
			response => {
				const parts = [];
				response.on('data', part => parts.push(part));
				response.on('error', reject);
				response.on('end', () => resolve(new Answer(response, Buffer.concat(parts))));
			});
		request.on('error', reject);
		request.setTimeout(patient((options.seconds ?? 60) * 1000), () => request.destroy(new Error(`${method} ${path}: no answer in time`)));
		request.end(body);
	});
}
