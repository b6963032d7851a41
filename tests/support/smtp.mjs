// A mail server that behaves as badly as a test wants.
//
//	const smtp = await startSmtp();
//	smtp.answers.set('bob@example.com', '550 5.1.1 No such user');   // to RCPT; null: none at all
//	smtp.afterData = async mail => '451 Come again';                // null: close the connection
//	smtp.mails                                                      // { from, to: [], text } of all that came
import net from 'node:net';

class Session {
	#rest = '';
	#data = false;

	constructor(sink, socket) {
		Object.assign(this, { sink, socket, mail: { to: [] } });
		this.say(sink.greeting);
		socket.setEncoding('latin1');
		socket.on('data', text => this.#take(text));
		socket.on('error', () => {});
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

	#command(line) {
		const { sink } = this;
		const [, address] = /:<([^>]*)>/.exec(line) ?? [];
		sink.commands.push(line);
		if (/^EHLO/i.test(line))
			this.say('250-sink.example\r\n250-8BITMIME\r\n250 SMTPUTF8');
		else if (/^MAIL/i.test(line)) {
			this.mail = { from: address, to: [] };
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

	// On the port that it had before, where it was stopped.
	start() {
		this.server = net.createServer(socket => {
			this.#sockets.add(socket);
			socket.once('close', () => this.#sockets.delete(socket));
			new Session(this, socket);
		});
		return new Promise((resolve, reject) => {
			this.server.once('error', reject);
			this.server.listen(this.port ?? 0, '127.0.0.1', () => {
				this.port = this.server.address().port;
				this.url = `smtp://127.0.0.1:${this.port}`;
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

export const startSmtp = () => new Smtp().start();
