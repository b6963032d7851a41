// A browser without a screen: keeps cookies, follows redirects, fills in the forms of the page it is on.
//
//	const ann = stack.visitor();
//	await ann.get('/login');
//	const home = await ann.post('/login', { email, password });   // hidden fields come from the page's form
import { send } from './request.mjs';

const ENTITIES = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'", nbsp: ' ' };

export function unescapeHtml(text) {
	return text.replace(/&(?:#x([0-9a-f]+)|#(\d+)|(\w+));/gi, (whole, hex, decimal, name) =>
		hex ? String.fromCodePoint(parseInt(hex, 16)) : decimal ? String.fromCodePoint(Number(decimal)) : ENTITIES[name] ?? whole);
}

function attributes(tag) {
	const found = {};
	for (const [, name, quoted, single, bare] of tag.matchAll(/([\w:-]+)(?:\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s>]+)))?/g))
		found[name.toLowerCase()] = unescapeHtml(quoted ?? single ?? bare ?? '');
	return found;
}

// The forms of a page: { action, method, hidden: {name: value} }.
export function formsOf(html) {
	return [...html.matchAll(/<form\b([^>]*)>([\s\S]*?)<\/form>/gi)].map(([, head, inside]) => {
		const { action = '', method = 'get' } = attributes(head);
		const inputs = [...inside.matchAll(/<input\b([^>]*)>/gi)].map(([, tag]) => attributes(tag));
		const hidden = inputs.filter(input => input.type === 'hidden' && input.name);
		return { action, method, hidden: Object.fromEntries(hidden.map(input => [input.name, input.value ?? ''])) };
	});
}

export class Visitor {
	cookies = new Map();
	path = '/';
	page = null;

	constructor(base, { headers = {} } = {}) {
		this.base = base;
		this.headers = headers;
	}

	#remember(answer) {
		for (const line of answer.cookies) {
			const [, name, value] = /^([^=;]+)=([^;]*)/.exec(line);
			if (/;\s*max-age=0\b/i.test(line) || /;\s*expires=Thu, 01 Jan 1970/i.test(line))
				this.cookies.delete(name);
			else
				this.cookies.set(name, value);
		}
	}

	// One request with the cookies, as a page of this site would make it; no redirect is followed.
	async send(method, path, options = {}) {
		const headers = { accept: 'text/html', 'sec-fetch-site': 'same-origin', origin: this.base, ...this.headers, ...options.headers };
		if (method === 'GET')
			delete headers.origin;
		if (this.cookies.size)
			headers.cookie = [...this.cookies].map(pair => pair.join('=')).join('; ');
		const answer = await send(this.base, method, path, { ...options, headers });
		this.#remember(answer);
		return answer;
	}

	async #arrive(answer, path) {
		for (let hops = 0; [301, 302, 303, 307, 308].includes(answer.status); hops++) {
			if (hops === 10)
				throw new Error(`${path} redirects without end`);
			const to = new URL(answer.headers.location, this.base + path);
			if (to.origin !== new URL(this.base).origin)
				throw new Error(`${path} leads away to ${to}`);
			path = to.pathname + to.search;
			answer = await this.send('GET', path);
		}
		this.path = answer.path = path;
		this.page = answer;
		return answer;
	}

	async get(path, options) {
		return this.#arrive(await this.send('GET', path, options), path);
	}

	// Sends the form of the present page whose action is `path`, its hidden fields and `fields` together; goes to
	// `path` first where the present page has no such form.  Fields of which there are several come as pairs.
	async post(path, fields = {}, options = {}) {
		const hidden = await this.hidden(path);
		const form = Array.isArray(fields) ? [...Object.entries(hidden), ...fields] : { ...hidden, ...fields };
		return this.#arrive(await this.send('POST', path, { ...options, form }), path);
	}

	async hidden(path) {
		const find = () => formsOf(this.page?.text ?? '').find(
			form => form.method.toLowerCase() === 'post' && (form.action || this.path.split('?')[0]) === path);
		if (!find())
			await this.get(path);
		return find()?.hidden ?? {};
	}
}
