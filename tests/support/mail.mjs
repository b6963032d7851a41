// Reads the mails that the jobs program wrote as files, as far as our own mails go.
import fs from 'node:fs';

function unfold(head) {
	const headers = {};
	for (const line of head.replace(/\r?\n[ \t]+/g, ' ').split(/\r?\n/)) {
		const colon = line.indexOf(':');
		headers[line.slice(0, colon).toLowerCase()] = line.slice(colon + 1).trim();
	}
	return headers;
}

function unquote(text) {
	const bytes = text.replace(/=\r?\n/g, '').replace(/=([0-9A-F]{2})/gi, (_, hex) => String.fromCharCode(parseInt(hex, 16)));
	return Buffer.from(bytes, 'latin1').toString('utf8');
}

// RFC 2047: =?utf-8?Q?...?= and =?utf-8?B?...?=
function words(text = '') {
	return text.replace(/\?=\s+=\?/g, '?==?').replace(/=\?utf-8\?([bq])\?([^?]*)\?=/gi, (_, way, value) =>
		way.toLowerCase() === 'b' ? Buffer.from(value, 'base64').toString('utf8') : unquote(value.replaceAll('_', ' ')));
}

function part(raw) {
	const gap = /\r?\n\r?\n/.exec(raw);
	const headers = unfold(raw.slice(0, gap.index));
	return { headers, body: raw.slice(gap.index + gap[0].length) };
}

function decode({ headers, body }) {
	const way = (headers['content-transfer-encoding'] ?? '').toLowerCase();
	if (way === 'base64')
		return Buffer.from(body, 'base64').toString('utf8');
	return way === 'quoted-printable' ? unquote(body) : Buffer.from(body, 'latin1').toString('utf8');
}

function collect(piece, mail) {
	const type = piece.headers['content-type'] ?? 'text/plain';
	const boundary = /boundary="?([^";]+)"?/i.exec(type)?.[1];
	if (boundary)
		for (const inner of piece.body.split(`--${boundary}`).slice(1, -1))
			collect(part(inner.replace(/^\r?\n/, '')), mail);
	else if (type.startsWith('text/html'))
		mail.html = decode(piece);
	else
		mail.text = decode(piece);
}

export function parseMail(raw) {
	const whole = part(raw);
	const mail = { raw, headers: whole.headers, to: whole.headers.to, from: whole.headers.from, subject: words(whole.headers.subject) };
	collect(whole, mail);
	return mail;
}

export function readMails(dir) {
	const files = fs.readdirSync(dir).filter(name => name.endsWith('.eml')).map(name => `${dir}/${name}`);
	const aged = files.map(path => ({ path, age: fs.statSync(path, { bigint: true }).mtimeNs }));
	aged.sort((a, b) => (a.age < b.age ? -1 : a.age > b.age ? 1 : a.path < b.path ? -1 : 1));
	return aged.map(({ path }) => parseMail(fs.readFileSync(path, 'latin1')));
}
