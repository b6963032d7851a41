// A whole ResolutionFlow for one test file: its own database, sockets, port and mail directory.
//
//	const stack = await startStack({ settings: { WORKERS: 1 }, hub: true });
//	after(() => stack.stop());
//
// tests/run.mjs must have started the server and made the template database: `make test T=http/skeleton`.
import { randomBytes } from 'node:crypto';
import fs from 'node:fs';
import net from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { databaseUrl } from './cluster.mjs';
import { readMails } from './mail.mjs';
import { deadline } from './patience.mjs';
import { Program, makeDir, run } from './program.mjs';
import { send } from './request.mjs';
import { Visitor } from './visitor.mjs';

export const TEMPLATE = 'rf_template';

// What every sub-command wants to know; `dir` holds what belongs to this one.
export function settingsFor({ app, dir, database, base }) {
	return {
		DATABASE_URL: database, BASE_URL: base, RUN_DIR: `${dir}/run`,
		TEMPLATES_DIR: `${app}/templates`, PUBLIC_DIR: `${app}/public`, MIGRATIONS_DIR: `${app}/migrations`,
		MASTER_SECRET: randomBytes(32).toString('hex'), MAIL_MODE: 'file', MAIL_DIR: `${dir}/mail`, ARCHIVE_DIR: `${dir}/archive`,
		WORKERS: 2, PASSWORD_WORKERS: 1, ARGON2_PASSES: 1, ARGON2_KIB: 8192,
		RATE_REGISTER: 100000, RATE_SIGN_IN: 100000,
		MALLOC_PERTURB_: 165, // memory that was not set shows
		ASAN_OPTIONS: 'detect_leaks=0', // what a program takes at its start it keeps to its end
	};
}

// nginx's own limits are for the world; a test that is not about them must not meet them.
const NO_LIMITS = { RATE: 100000, BURST: 100000, RATE_PASSWORD: 1000000, BURST_PASSWORD: 100000, CONNECTIONS: 50000, STREAMS: 50000 };

export function freePort() {
	return new Promise((resolve, reject) => {
		const server = net.createServer().once('error', reject);
		server.listen(0, '127.0.0.1', () => {
			const { port } = server.address();
			server.close(() => resolve(port));
		});
	});
}

// One for this machine, which is its own authority.
export function makeCertificate(dir) {
	const files = { TLS_CERT: `${dir}/cert.pem`, TLS_KEY: `${dir}/key.pem` };
	run('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2',
		'-subj', '/CN=127.0.0.1', '-addext', 'subjectAltName=IP:127.0.0.1,IP:127.0.0.2', '-out', files.TLS_CERT, '-keyout', files.TLS_KEY]);
	return files;
}

export class Stack {
	#client;
	#lost = false;
	programs = {};

	constructor(dir, app, sockets, options) {
		Object.assign(this, { dir, app, sockets, options });
		this.name = `t_${randomBytes(8).toString('hex')}`;
		this.database = databaseUrl(sockets, this.name);
	}

	async start() {
		const { settings = {}, limits, tls = false, hub = false, jobs = false } = this.options;
		for (const part of ['run', 'mail', 'archive', 'log', 'nginx', 'nginx/tmp'])
			makeDir(`${this.dir}/${part}`);
		this.port = await freePort();
		this.base = this.url = `${tls ? 'https' : 'http'}://127.0.0.1:${this.port}`;
		this.settings = { ...settingsFor({ ...this, base: this.base }), ...settings };
		await this.#makeDatabase();
		const hubs = ['hub', 'hub-2', 'hub-3'].slice(0, Number(hub));
		for (const name of ['worker', ...hubs, jobs && 'jobs'].filter(Boolean))
			this.startProgram(name);
		run(`${this.app}/bin/site`, [`${this.dir}/nginx`], { env: {
			...NO_LIMITS, ...limits, ...(tls && makeCertificate(this.dir)),
			RUN_DIR: `${this.dir}/run`, PUBLIC_DIR: `${this.app}/public`, ADDRESS: '127.0.0.1', PORT: this.port,
			BIN: `${this.app}/resolutionflow`, ACCESS_LOG: `${this.dir}/log/access.log`, NGINX_WORKERS: 1, HUBS: hubs.length || 1,
			...this.settings,
		} });
		await this.startNginx();
		await this.ready();
		for (const name of hubs)
			await this.programs[name].until(() => fs.existsSync(`${this.dir}/run/${name}.sock`), 'its socket was there');
		return this;
	}

	async #makeDatabase() {
		const admin = new pg.Client({ connectionString: databaseUrl(this.sockets, 'postgres') });
		await admin.connect();
		await admin.query(`CREATE DATABASE ${this.name} TEMPLATE ${this.options.template ?? TEMPLATE}`);
		await admin.end();
		await this.#connect();
	}

	async #connect() {
		this.#client = new pg.Client({ connectionString: this.database });
		this.#client.on('error', () => { this.#lost = true; });
		await this.#client.connect();
		this.#lost = false;
	}

	// A server that was ended and started again has another one.
	async #connected() {
		if (this.#lost)
			await this.#connect();
		return this.#client;
	}

	// Starts `worker`, `hub`, `hub-2` or `jobs` (again).
	startProgram(name, settings = {}, file = `${this.app}/resolutionflow`) {
		this.programs[name] = new Program(name, file, [name], {
			env: { ...this.settings, ...settings }, log: `${this.dir}/log/${name}.log`,
		});
		return this.programs[name];
	}

	// The hub (again); the socket of one that was killed is still there.
	async startHub() {
		const socket = `${this.dir}/run/hub.sock`;
		fs.rmSync(socket, { force: true });
		await this.startProgram('hub').until(() => fs.existsSync(socket), 'its socket was there');
	}

	async startNginx() {
		const conf = `${this.dir}/nginx`;
		this.programs.nginx = new Program('nginx', 'nginx', ['-e', 'stderr', '-p', conf, '-c', `${conf}/nginx.conf`],
			{ log: `${this.dir}/log/nginx.log` });
		await this.programs.nginx.until(() => fs.existsSync(`${conf}/nginx.pid`), 'it listened');
	}

	// Waits until the service says that it is ready.
	ready(seconds = 20) {
		return this.programs.worker.until(
			async () => (await this.request('GET', '/readyz').catch(() => null))?.status === 200,
			'/readyz said 200', seconds);
	}

	// Runs another sub-command, such as ['user', 'add', ...], with this stack's settings; returns its output.
	command(args, { input, settings = {} } = {}) {
		return run(`${this.app}/resolutionflow`, args, { env: { ...this.settings, ...settings }, input });
	}

	// One request, no cookies kept, no redirect followed.  See request.mjs.
	request(method, path, options) {
		return send(this.base, method, path, options);
	}

	// Somebody with a cookie jar who fills in forms.  See visitor.mjs.
	visitor(options) {
		return new Visitor(this.base, options);
	}

	// Rows of a statement as the superuser, whom no row-level security binds.
	async sql(text, parameters = []) {
		return (await (await this.#connected()).query(text, parameters)).rows;
	}

	// The same as one of the programs' roles, inside an account or (account null) outside all.
	async sqlAs(role, account, text, parameters = []) {
		const client = await this.#connected();
		await client.query('BEGIN');
		try {
			await client.query(`SET LOCAL ROLE ${pg.escapeIdentifier(role)}`);
			await client.query("SELECT set_config('app.account', $1, true)", [account ?? '']);
			const { rows } = await client.query(text, parameters);
			await client.query('COMMIT');
			return rows;
		} catch (error) {
			await client.query('ROLLBACK');
			throw error;
		}
	}

	// The process ids of the worker's children.
	get workers() {
		return this.programs.worker.children;
	}

	// Ends a program roughly; startProgram() brings it back.
	async kill(name, signal = 'SIGKILL') {
		this.programs[name].kill(signal);
		return this.programs[name].ended;
	}

	// Mails sent so far, oldest first: { to, subject, text, html, headers, raw }.
	mails() {
		return readMails(this.settings.MAIL_DIR);
	}

	// The first mail that fits, once it is there.
	async mail(fits, seconds = 10) {
		for (const end = deadline(seconds); Date.now() < end; await sleep(50)) {
			const found = this.mails().find(fits);
			if (found)
				return found;
		}
		throw new Error(`no such mail in ${seconds} s; there are: ${this.mails().map(mail => `${mail.to}: ${mail.subject}`).join('; ') || 'none'}`);
	}

	log(name) {
		return this.programs[name].output;
	}

	async stop() {
		const failures = [];
		const { nginx, ...others } = this.programs;
		for (const program of [nginx, ...Object.values(others)])
			await program?.stop().catch(error => failures.push(error));
		for (const { name, output } of Object.values(this.programs)) {
			const report = /^.*(ERROR: \w+Sanitizer|runtime error:)[\s\S]*/m.exec(output);
			if (report)
				failures.push(new Error(`${name}: ${report[0].slice(0, 6000)}`));
		}
		if (this.#client) {
			await this.#client.end().catch(() => {});
			const admin = new pg.Client({ connectionString: databaseUrl(this.sockets, 'postgres') });
			await admin.connect();
			await admin.query(`DROP DATABASE IF EXISTS ${this.name} WITH (FORCE)`);
			await admin.end();
		}
		if (!process.env.RF_TEST_KEEP)
			fs.rmSync(this.dir, { recursive: true, force: true });
		if (failures.length)
			throw failures[0];
	}
}

// options: settings {NAME: value}, hub (or how many), jobs (start them too), tls, limits (nginx's: {RATE, BURST,
// RATE_PASSWORD, BURST_PASSWORD, CONNECTIONS, STREAMS}), template (another database to copy).
export async function startStack(options = {}) {
	const { RF_TEST_DIR, RF_TEST_APP, RF_TEST_PG } = process.env;
	if (!RF_TEST_DIR || !RF_TEST_APP || !RF_TEST_PG)
		throw new Error('no server for tests here: run `make test T=<part of the path>`');
	const stack = new Stack(makeDir(fs.mkdtempSync(`${RF_TEST_DIR}/s-`)), RF_TEST_APP, RF_TEST_PG, options);
	try {
		return await stack.start();
	} catch (error) {
		await stack.stop().catch(() => {});
		throw error;
	}
}
