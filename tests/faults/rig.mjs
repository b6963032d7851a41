// The service on a throw-away cluster that writes durably, and the ways to hurt both.
import fs from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { register } from '../support/accounts.mjs';
import { databaseUrl, startCluster } from '../support/cluster.mjs';
import { give, run } from '../support/program.mjs';

const ROOT = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..');
const BUILD = path.resolve(ROOT, process.env.BUILD ?? 'build');

const DURABLE = { fsync: 'on', full_page_writes: 'on', synchronous_commit: 'on', max_connections: 100, deadlock_timeout: '200ms' };
const SETTINGS = {
	WORKERS: 4, PASSWORD_WORKERS: 2, ACCESS_TOKEN_SECONDS: 86400, NGINX_WORKERS: 2, MALLOC_PERTURB_: 0,
};

export const now = () => performance.now();

export class Rig {
	async start() {
		this.dir = give(fs.mkdtempSync('/tmp/rf-faults-'));
		fs.chmodSync(this.dir, 0o755);
		const app = `${this.dir}/app`;
		for (const name of ['templates', 'migrations', 'nginx', 'bin/site'])
			fs.cpSync(`${ROOT}/${name}`, `${app}/${name}`, { recursive: true });
		for (const name of ['public', 'resolutionflow'])
			fs.cpSync(`${BUILD}/${name}`, `${app}/${name}`, { recursive: true });
		this.cluster = await startCluster(this.dir, DURABLE);
		Object.assign(process.env, { RF_TEST_DIR: this.dir, RF_TEST_APP: app, RF_TEST_PG: this.cluster.sockets });
		const { startStack, settingsFor, TEMPLATE } = await import('../support/stack.mjs');
		const env = settingsFor({ app, dir: this.dir, database: this.cluster.url(TEMPLATE), base: 'http://127.0.0.1' });
		run('psql', ['-qX', '-d', this.cluster.url('postgres'), '-c', `CREATE DATABASE ${TEMPLATE}`]);
		run('psql', ['-qX', '-v', 'ON_ERROR_STOP=1', '-d', this.cluster.url(TEMPLATE)],
			{ input: run(`${app}/resolutionflow`, ['install-roles'], { env }) });
		run(`${app}/resolutionflow`, ['migrate'], { env });
		this.stack = await startStack({ settings: SETTINGS });
		const { access_token: token } = await register(this.stack);
		this.token = token;
		// Without it a row can be stored twice, should a key ever count for nothing.
		await this.sql('DROP INDEX team_name');
		return this;
	}

	// The worker program anew, with other settings, from another file.
	async restart(settings = {}, file) {
		await this.stack.programs.worker.stop();
		this.stack.startProgram('worker', settings, file);
		await this.stack.ready(); // by the first of them
		if (!settings.WORKERS)
			await this.worker.until(() => this.worker.children.length === SETTINGS.WORKERS + SETTINGS.PASSWORD_WORKERS, 'all workers were there');
	}

	async startHub() {
		const socket = `${this.stack.dir}/run/hub.sock`;
		fs.rmSync(socket, { force: true });
		await this.stack.startProgram('hub').until(() => fs.existsSync(socket), 'its socket was there');
	}

	get worker() {
		return this.stack.programs.worker;
	}

	// The one that has a connection in hand has one descriptor more.
	busiest() {
		const files = pid => fs.readdirSync(`/proc/${pid}/fd`).length;
		return this.worker.children.sort((a, b) => files(b) - files(a))[0];
	}

	// What the log of the worker program has from here on, by the event's name.
	logMark() {
		const from = fs.statSync(this.worker.log).size;
		return event => fs.readFileSync(this.worker.log).subarray(from).toString().split('\n')
			.filter(line => line.includes(`event=${event} `) || line.endsWith(`event=${event}`));
	}

	// ---- the database

	async connect(user = 'postgres') {
		const client = new pg.Client({
			connectionString: databaseUrl(this.cluster.sockets, this.stack.name).replace('user=postgres', `user=${user}`) });
		client.on('error', () => {}); // its server is killed on purpose
		await client.connect();
		return client;
	}

	async sql(text, parameters = []) {
		const client = await this.connect();
		try {
			return (await client.query(text, parameters)).rows;
		} finally {
			await client.end().catch(() => {});
		}
	}

	// Ends the server by a signal.
	async down(signal) {
		this.cluster.server.kill(signal);
		await this.cluster.server.ended;
	}

	// Starts it and waits until it takes connections; the moment at which it did.  What its last life left behind
	// may hold it up, so it is tried again.
	async up(settings) {
		const deadline = now() + 20000;
		this.cluster.begin(settings);
		while (now() < deadline) {
			const client = await this.connect().catch(() => null);
			if (client) {
				const accepted = now();
				await client.end().catch(() => {});
				return accepted;
			}
			if (this.cluster.server.end)
				this.cluster.begin(settings);
			await sleep(20);
		}
		throw new Error(`PostgreSQL did not come back\n${fs.readFileSync(`${this.dir}/postgres.log`, 'utf8').slice(-2000)}`);
	}

	async stop() {
		if (this.cluster?.server.end)
			await this.up().catch(() => {});
		await this.stack?.stop().catch(error => console.log(error.message));
		await this.cluster?.stop().catch(error => console.log(error.message));
		if (process.env.RF_TEST_KEEP)
			console.log(`kept: ${this.dir}`);
		else if (this.dir)
			fs.rmSync(this.dir, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
	}
}
