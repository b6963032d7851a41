// Starts programs as an unprivileged user, keeps what they say in a file, and ends them for certain: each dies
// with the test that started it, even where that test was killed.
import { spawn, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { deadline, patient } from './patience.mjs';

const isRoot = process.getuid() === 0;
const user = process.env.RUN_USER ?? 'postgres';
const id = flag => (isRoot ? Number(spawnSync('id', [flag, user], { encoding: 'utf8' }).stdout) : -1);
const uid = id('-u');
const gid = id('-g');

// PostgreSQL refuses to run as root and the worker gives root up; so does all that runs here.
function unprivileged(file, args, deathSignal) {
	const options = ['--no-new-privs', `--pdeathsig=${deathSignal}`];
	if (isRoot)
		options.unshift(`--reuid=${uid}`, `--regid=${gid}`, '--init-groups', '--inh-caps=-all');
	return [...options, '--', file, ...args];
}

export const PATH = ['/usr/lib/postgresql/15/bin', process.env.PATH, '/usr/sbin', '/sbin'].join(':');

// Gives a file or directory to the user that the programs run as.
export function give(path) {
	if (isRoot)
		fs.chownSync(path, uid, gid);
	return path;
}

export function makeDir(path) {
	fs.mkdirSync(path, { recursive: true, mode: 0o700 });
	return give(path);
}

// Runs a command to its end and returns what it printed; a failure carries what it complained of.
export function run(file, args = [], { env = {}, input = '', cwd = '/' } = {}) {
	const done = spawnSync('setpriv', unprivileged(file, args, 'KILL'), {
		cwd, input, encoding: 'utf8', env: { PATH, ...env }, maxBuffer: 64 << 20,
	});
	if (done.error || done.status !== 0)
		throw new Error(`${file} ${args.join(' ')}: ${done.error ?? `exit ${done.status ?? done.signal}`}\n${done.stdout}${done.stderr}`);
	return done.stdout;
}

// Puts a copy of a program (and `more`, which makes it another one) in the place of what is there, as an install does:
// at once, while the old one may run.
export function replaceProgram(from, to, more = '') {
	fs.copyFileSync(from, `${to}.new`);
	fs.appendFileSync(`${to}.new`, more);
	fs.chmodSync(`${to}.new`, 0o755);
	fs.renameSync(`${to}.new`, to);
}

export class Program {
	constructor(name, file, args, { env = {}, log, cwd = '/', deathSignal = 'TERM' }) {
		const out = fs.openSync(log, 'a');
		this.name = name;
		this.log = log;
		this.child = spawn('setpriv', unprivileged(file, args, deathSignal), {
			cwd, env: { PATH, ...env }, stdio: ['ignore', out, out],
		});
		fs.closeSync(out);
		this.pid = this.child.pid;
		this.ended = new Promise(resolve => this.child.once('exit', (code, signal) => {
			this.end = { code, signal };
			resolve(this.end);
		}));
	}

	get output() {
		return fs.readFileSync(this.log, 'utf8');
	}

	// The processes that it forked and that live still.
	get children() {
		const path = `/proc/${this.pid}/task/${this.pid}/children`;
		return fs.existsSync(path) ? fs.readFileSync(path, 'utf8').trim().split(' ').filter(Boolean).map(Number) : [];
	}

	// Whether it runs what is now in that file.
	runs(file) {
		return fs.statSync(`/proc/${this.pid}/exe`).ino === fs.statSync(file).ino;
	}

	kill(signal = 'SIGKILL') {
		if (!this.end)
			this.child.kill(signal);
	}

	async stop(signal = 'SIGTERM', seconds = 15) {
		this.kill(signal);
		if (await Promise.race([this.ended, sleep(patient(seconds * 1000), null, { ref: false })]) === null) {
			this.kill('SIGKILL');
			await this.ended;
			throw new Error(`${this.name} did not stop within ${seconds} s of ${signal}\n${this.output.slice(-2000)}`);
		}
		return this.end;
	}

	// Waits for `look` to give something true, and fails at once where the program ends before that.
	async until(look, what, seconds = 20) {
		const end = deadline(seconds);
		for (;;) {
			const seen = await look();
			if (seen)
				return seen;
			if (this.end || Date.now() > end)
				throw new Error(`${this.name} ${this.end ? 'ended' : `took over ${seconds} s`} before ${what}\n${this.output.slice(-4000)}`);
			await sleep(25);
		}
	}
}
