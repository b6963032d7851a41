// A mail server that behaves as badly as a test wants.
//
//	const smtp = await startSmtp();
//	smtp.answers.set('bob@example.com', '550 5.1.1 No such user');   // to RCPT; null: none at all
//	smtp.afterData = async mail => '451 Come again';                // null: close the connection
//	smtp.mails                                                      // { from, to: [], text, user } of all that came
//
// With { host, tls: { cert, key }, implicit, signIn: { user, password, ways } } it is at another address of this
// machine, offers STARTTLS or is encrypted from the start, and wants to know who sends.
import net from 'node:net';
import tls from 'node:tls';

const base64 = text => Buffer.from(text, 'utf8').toString('base64');

class Session {
	#rest = '';
	#data = false;
	#auth;

	constructor(sink, socket) {
		Object.assign(this, { sink, mail: { to: [] } });
		this.#listen(socket);
		this.say(sink.greeting);
	}

	#listen(socket) {
		this.socket = socket;
		socket.setEncoding('latin1');
		socket.on('data', text => this.#take(text));
		socket.on('error', () => {});
	}

	// What was sent in clear behind the command counts for nothing.
	#encrypt() {
		const { cert, key } = this.sink.tls;
		this.say('220 2.0.0 Go ahead');
		this.socket.removeAllListeners('data');
		this.#rest = '';
		this.#listen(new tls.TLSSocket(this.socket, { isServer: true, cert, key }));
	}

	say(line) {
		if (line)
			this.socket.write(`${line}\r\n`);
	}

	#take(text) {
		this.#rest += text;
		for (;;) {
			const end = this.#rest.indexOf(this.#data ? '\r\n.\r\n' : '\r\n');
			if (end < 0)
				return;
			const piece = this.#rest.slice(0, end);
			this.#rest = this.#rest.slice(end + (this.#data ? 5 : 2));
			if (this.#data)
				this.#end(piece);
			else
				this.#command(piece);
		}
	}

	get #abilities() {
		const { tls: able, signIn: who } = this.sink;
		const more = [able && !this.socket.encrypted && 'STARTTLS', who && `AUTH ${who.ways ?? 'PLAIN LOGIN'}`].filter(Boolean);
		return ['250-sink.example', ...more.map(word => `250-${word}`), '250-8BITMIME', '250 SMTPUTF8'].join('\r\n');
	}

	// AUTH PLAIN comes in one line or two, AUTH LOGIN in three; what it answers to is the words so far.
	#signIn(line) {
		const { user, password } = this.sink.signIn;
		const [way, ...words] = this.#auth = [...this.#auth, ...line.split(' ')];
		if (words.length < (way === 'LOGIN' ? 2 : 1))
			return this.say(way === 'LOGIN' ? `334 ${base64(words.length ? 'Password:' : 'Username:')}` : '334 ');
		const right = way === 'LOGIN' ? [user, password].map(base64).join() : base64(`\0${user}\0${password}`);
		this.#auth = undefined;
		this.user = words.join() === right ? user : undefined;
		this.say(this.user ? '235 2.7.0 Welcome' : '535 5.7.8 Wrong user or password');
	}

	#command(line) {
		const { sink } = this;
		const [, address] = /:<([^>]*)>/.exec(line) ?? [];
		sink.commands.push(line);
		if (this.#auth)
			this.#signIn(line);
		else if (/^EHLO/i.test(line))
			this.say(this.#abilities);
		else if (/^STARTTLS/i.test(line) && sink.tls)
			this.#encrypt();
		else if (/^AUTH /i.test(line) && sink.signIn) {
			this.#auth = [];
			this.#signIn(line.slice(5));
		} else if (sink.signIn && !this.user && /^MAIL/i.test(line))
			this.say('530 5.7.0 Sign in first');
		else if (/^MAIL/i.test(line)) {
			this.mail = { from: address, to: [], user: this.user, encrypted: Boolean(this.socket.encrypted) };
			this.say('250 2.1.0 Go on');
		} else if (/^RCPT/i.test(line)) {
			const answer = sink.answers.has(address) ? sink.answers.get(address) : '250 2.1.5 Go on';
			if (answer?.startsWith('250'))
				this.mail.to.push(address);
			this.say(answer);
		} else if (/^DATA/i.test(line)) {
			this.#data = true;
			this.say('354 Go ahead');
		} else if (/^QUIT/i.test(line)) {
			this.say('221 Bye');
			this.socket.end();
		} else
			this.say(/^(RSET|NOOP)/i.test(line) ? '250 2.0.0 Yes' : '502 5.5.2 No');
	}

	async #end(text) {
		const mail = { ...this.mail, text: `${text.replace(/^\.\./gm, '.')}\r\n` };
		this.#data = false;
		this.sink.mails.push(mail);
		const answer = await this.sink.afterData(mail);
		if (answer === null)
			this.socket.destroy();
		else
			this.say(answer ?? '250 2.0.0 Taken');
	}
}

export class Smtp {
	mails = [];
	commands = [];
	answers = new Map();
	greeting = '220 sink.example ESMTP';
	afterData = async () => undefined;
	#sockets = new Set();

	constructor(options) {
		Object.assign(this, { host: '127.0.0.1' }, options);
	}

	// On the port that it had before, where it was stopped.
	start() {
		const come = socket => {
			this.#sockets.add(socket);
			socket.once('close', () => this.#sockets.delete(socket));
			new Session(this, socket);
		};
		this.server = this.implicit ? tls.createServer(this.tls, come) : net.createServer(come);
		return new Promise((resolve, reject) => {
			this.server.once('error', reject);
			this.server.listen(this.port ?? 0, this.host, () => {
				this.port = this.server.address().port;
				this.url = `${this.implicit ? 'smtps' : 'smtp'}://${this.host}:${this.port}`;
				resolve(this);
			});
		});
	}

	stop() {
		for (const socket of this.#sockets)
			socket.destroy();
		return new Promise(resolve => this.server.close(resolve));
	}
}

export const startSmtp = options => new Smtp(options).start();
