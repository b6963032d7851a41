// Everything that `make bench` compares, set up on a throw-away cluster with a production server's settings: the
// product with the measured pages, two peers, and the bounds.
import { createHmac, randomBytes } from 'node:crypto';
import fs from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { startCluster } from '../support/cluster.mjs';
import { Program, give, makeDir, run } from '../support/program.mjs';
import { send } from '../support/request.mjs';
import { ACCOUNTS, ENDED, FLOWS, LIBRARIES, PAGES, SESSIONS, TREES, fill, md5 } from './pages.mjs';

const ROOT = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..');
const BUILD = path.resolve(ROOT, process.env.BUILD ?? 'build');
const HERE = `${ROOT}/tests/bench`;
const PASSWORD = 'a few words for a bench';
const SECRET = randomBytes(32).toString('hex');
const CLUSTER = {
	fsync: 'on', full_page_writes: 'on', synchronous_commit: 'on', shared_buffers: '512MB', max_wal_size: '2GB',
	checkpoint_timeout: '15min', jit: 'off', autovacuum_naptime: '1min',
};

// The texts of a store.sql by name.
export function statements(room) {
	const [, ...parts] = fs.readFileSync(storeOf(room), 'utf8').split(/^-- name: /m);
	return Object.fromEntries(parts.map(part => [/^\w+/.exec(part)[0],
		part.slice(part.indexOf('\n')).replace(/^\s*--.*$/gm, '').trim()]));
}
const storeOf = room => (room === 'bench' ? `${HERE}/room/store.sql` : `${ROOT}/fcgi/${room}/store.sql`);
const ROOMS = ['people', 'record', ...Object.values(PAGES).flatMap(page => page.queries.map(([room]) => room))];
const SQL = Object.fromEntries(ROOMS.map(room => [room, statements(room)]));

function stage(dir) {
	const app = `${dir}/app`;
	const copy = (from, to) => fs.cpSync(from, `${app}/${to}`, { recursive: true });
	for (const name of ['templates', 'migrations', 'nginx', 'bin/site'])
		copy(`${ROOT}/${name}`, name);
	copy(`${BUILD}/public`, 'public');
	copy(`${BUILD}/bench/resolutionflow`, 'resolutionflow');
	for (const name of ['hello', 'counted'])
		copy(`${BUILD}/bench/${name}`, name);
	copy(`${HERE}/templates`, 'templates');
	copy(`${HERE}/peer`, 'peer');
	for (const name of ['seed.sql', 'sessions.sql', 'words.sql', 'search.sql', 'history.sql'])
		copy(`${HERE}/${name}`, name);
	const last = fs.readdirSync(`${app}/migrations`).sort().at(-1);
	copy(`${HERE}/migrations/bench.sql`, `migrations/${String(Number(last.slice(0, 4)) + 1).padStart(4, '0')}_bench.sql`);
	return app;
}

function freePort() {
	return new Promise(resolve => {
		const server = net.createServer().listen(0, '127.0.0.1', () => {
			const { port } = server.address();
			server.close(() => resolve(port));
		});
	});
}

export class Rig {
	contenders = {}; // name: { base, app (a program), nginx }
	programs = [];
	build = BUILD;

	async start() {
		await this.startProduct();
		await this.seed();
		await this.startEdge();
		await this.startPeers();
		await this.checkPages();
		await this.startBounds();
		return this;
	}

	async startProduct() {
		this.dir = give(fs.mkdtempSync('/tmp/rf-'));
		fs.chmodSync(this.dir, 0o755);
		const app = this.app = stage(this.dir);
		this.cluster = await startCluster(this.dir, CLUSTER);
		Object.assign(process.env, { RF_TEST_DIR: this.dir, RF_TEST_APP: app, RF_TEST_PG: this.cluster.sockets });
		const { startStack, settingsFor, TEMPLATE } = await import('../support/stack.mjs');
		const env = settingsFor({ app, dir: this.dir, database: this.cluster.url(TEMPLATE), base: 'http://127.0.0.1' });
		this.psql('postgres', ['-c', `CREATE DATABASE ${TEMPLATE}`]);
		this.psql(TEMPLATE, [], run(`${app}/resolutionflow`, ['install-roles'], { env }));
		run(`${app}/resolutionflow`, ['migrate'], { env });
		this.stack = await startStack({ settings: {
			WORKERS: 4, NGINX_WORKERS: 2, ACCESS_TOKEN_SECONDS: 86400, MALLOC_PERTURB_: 0 } });
	}

	psql(database, args, input = '') {
		return run('psql', ['-qX', '-v', 'ON_ERROR_STOP=1', '-d', this.cluster.url(database), ...args], { input });
	}

	program(name, file, args, env) {
		const program = new Program(name, file, args, { env, log: `${this.dir}/${name}.log` });
		this.programs.push(program);
		return program;
	}

	// One person registers; the seeded ones share that password, and each signs in.
	async seed() {
		const first = this.stack.visitor();
		await first.post('/register', { name: 'First', account_name: 'First', email: 'first@bench.example', password: PASSWORD });
		const [{ password_hash: hash }] = await this.stack.sql('SELECT password_hash FROM person');
		const values = { accounts: ACCOUNTS, flows: FLOWS, sessions: SESSIONS, ended: ENDED, libraries: LIBRARIES, trees: TREES, hash };
		this.psql(this.stack.name, ['-o', '/dev/null', '-f', `${this.app}/seed.sql`,
			...Object.entries(values).flatMap(([name, value]) => ['-v', `${name}=${value}`])]);
		this.own = [];
		for (let n = 1; n <= ACCOUNTS; n++) {
			const visitor = this.stack.visitor();
			await visitor.post('/login', { email: `person${n}@bench.example`, password: PASSWORD });
			const page = await visitor.get('/bench/flows');
			this.own.push({ cookie: visitor.cookies.get('access'), csrf: /name="csrf" value="([^"]+)"/.exec(page.text)[1] });
		}
		this.contenders.ours = { base: this.stack.base, nginx: this.stack.programs.nginx, accounts: this.own };
		Object.defineProperty(this.contenders.ours, 'app', { get: () => this.stack.programs.worker });
	}

	// A second nginx for the peers and for FastCGI from memory, by the product's own site configuration.
	async startEdge() {
		const out = makeDir(`${this.dir}/edge`), servers = [];
		makeDir(`${out}/tmp`);
		this.ports = {};
		for (const name of ['hello', 'fastapi', 'tuned'])
			this.ports[name] = await freePort();
		run(`${this.app}/bin/site`, [out], { env: {
			...this.stack.settings, RUN_DIR: out, PUBLIC_DIR: `${this.app}/public`, ADDRESS: '127.0.0.1', PORT: this.ports.hello,
			BIN: `${this.app}/resolutionflow`, ACCESS_LOG: `${out}/access.log`,
			RATE: 1000000, BURST: 1000000, CONNECTIONS: 50000 } });
		for (const name of ['fastapi', 'tuned'])
			servers.push(`upstream ${name} { server unix:${out}/${name}.sock max_fails=0; keepalive 32; keepalive_requests 1000000000; }
server {
	listen 127.0.0.1:${this.ports[name]} backlog=1024;
	access_log ${out}/access.log rf;
	include ${out}/headers.conf;
	location / { proxy_pass http://${name}; proxy_http_version 1.1; proxy_set_header Connection ""; proxy_buffers 16 8k; }
}`);
		const conf = fs.readFileSync(`${out}/nginx.conf`, 'utf8').replace(/\}\s*$/, `${servers.join('\n')}\n}\n`);
		fs.writeFileSync(`${out}/nginx.conf`, conf);
		this.edge = this.program('edge', 'nginx', ['-e', 'stderr', '-p', out, '-c', `${out}/nginx.conf`]);
		await this.edge.until(() => fs.existsSync(`${out}/nginx.pid`), 'it listened');
	}

	// The peer's pages are cut from ours, with holes for what changes: the frame, and the run page with the first of its
	// options and of the steps behind in a loop.
	async writeTemplates() {
		const name = (text, values) => Object.entries(values).reduce((cut, [hole, value]) => cut.replaceAll(value, `{{ ${hole} }}`), text);
		const user = { 'user.name': 'Person No. 1', 'user.email': 'person1@bench.example', 'user.account_name': 'Company 1 &amp; Sons',
			csrf: this.own[0].csrf };
		const frame = (await this.page('ours', '/bench/flows', 1)).text;
		const { path } = PAGES.step.one();
		const step = (await this.page('ours', path, 1)).text;
		makeDir(`${this.dir}/base`);
		fs.writeFileSync(`${this.dir}/base/base.html`, name(frame, user)
			.replace(/(<main[^>]*>\s*<div class="flow">\n)[^]*(<\/div>\s*<\/main>)/, '$1{% block main %}{% endblock %}$2')
			.replace('Flows –', '{% block title %}{% endblock %} –'));
		const way = name(step.match(/<ol class="rows way">\n(<li>[^]*?<\/li>\n)/)[1], {
			'v.title': 'Does the PRN-0815 answer? No. 1', 'v.person_name': 'Person No. 1' })
			.replace(/datetime="[^"]*">[^<]*<\/time>, [^<]*/, 'datetime="{{ v.at }}">{{ v.ago }}</time>, {{ v.took }}')
			.replace(/(lines">)[^<]*/, '$1{{ v.notes }}').replace('<span>Yes<', '<span>{{ v.option_label }}<')
			.replace('value="1"', 'value="{{ v.n }}"').replace('visit 1<', 'visit {{ v.n }}<');
		const option = step.match(/^.*name="option".*\n/m)[0].replaceAll(/(key="|<kbd>)1/g, '$1{{ loop.index }}')
			.replace('"o1"', '"{{ o.id }}"').replace('Yes', '{{ o.label }}');
		fs.writeFileSync(`${this.dir}/base/step.html`, name(step
			.replace(/(<ol class="rows way">\n)[^]*(<\/ol>)/, `$1{% for v in way %}\n${way}{% endfor %}\n$2`)
			.replace(/(^.*name="option".*\n)+/m, `{% for o in options %}\n${option}{% endfor %}\n`)
			.replace(/(id="text">\n)[^]*?(\n\n<details>)/, '$1{{ body | safe }}$2')
			.replace(/(help flow">\n)[^]*?(\n<\/div>)/, '$1{{ help | safe }}$2')
			.replace(/Step \d+ · \d+/, 'Step {{ answered + 1 }} · {{ answered }}').replace(/steps\/\d+"/, 'steps/{{ s.visit }}"')
			.replace(/(data-seconds=")\d+(">)[^<]*/, '$1{{ s.active }}$2{{ clock }}')
			.replace(/\d+ of \d+ filled/, '{{ filled }} of {{ fields }} filled').replace(/(not filled: )\d+/, '$1{{ missing }}')
			.replace(/(name="(once|note_was|scratch_was)" value=")[^"]*/g, '$1{{ $2 }}'), {
			...user, title: 'Does the PRN-0815 answer? No. 5', 's.id': path.split('/')[2], 's.ticket': 'TCK-50',
			's.client': 'Branch &amp; Sons', 's.flow_name': 'Printer &amp; scanner of a branch' }));
	}

	async startPeers() {
		await this.writeTemplates();
		fs.writeFileSync(`${this.dir}/sql.json`, JSON.stringify({ ...SQL.people, ...SQL.record, ...SQL.sessions, ...SQL.bench }));
		const accounts = Array.from({ length: ACCOUNTS }, (_, at) => this.peerAccount(at + 1));
		for (const name of ['fastapi', 'tuned']) {
			this.contenders[name] = { base: `http://127.0.0.1:${this.ports[name]}`, nginx: this.edge, accounts };
			await this.startPeer(name);
		}
	}

	async startPeer(name) {
		const contender = this.contenders[name];
		const socket = `${this.dir}/edge/${name}.sock`;
		contender.app = this.program(name, '/usr/bin/python3', ['-m', 'uvicorn', 'app:app', '--app-dir', `${this.app}/peer`,
			'--uds', socket, '--workers', '2', '--loop', 'uvloop', '--http', 'httptools', '--no-access-log', '--log-level', 'warning'], {
			DSN: `postgresql://rf_worker@/${this.stack.name}?host=${this.cluster.sockets}`, SECRET, SQL: `${this.dir}/sql.json`,
			TEMPLATES: `${this.dir}/base:${this.app}/peer/templates`, TUNED: name === 'tuned' ? '1' : '0', PYTHONDONTWRITEBYTECODE: '1' });
		await contender.app.until(async () => (await this.page(name, '/bench/flows', 1)).status === 200, 'it served a page');
	}

	// A token with the claims that ours has.
	peerAccount(n) {
		const part = value => Buffer.from(JSON.stringify(value)).toString('base64url');
		const mac = text => createHmac('sha256', SECRET).update(text).digest('base64url');
		const now = Math.floor(Date.now() / 1000);
		const signed = `${part({ alg: 'HS256', typ: 'JWT', kid: 'bench-01' })}.${part({
			iss: 'resolutionflow', aud: undefined, sub: md5(`p${n}`), acc: md5(`a${n}`), sid: md5(`i${n}`), role: 1,
			iat: now, nbf: now, exp: now + 86400 })}`;
		return { cookie: `${signed}.${mac(signed)}`, csrf: mac(md5(`i${n}`)) };
	}

	// One page as the person of account n gets it.
	page(name, where, n, options = {}) {
		const contender = this.contenders[name];
		return send(contender.base, options.form ? 'POST' : 'GET', where,
			{ ...options, headers: { cookie: `access=${contender.accounts[n - 1].cookie}` } });
	}

	// The single request of a kind of page, as account 1 sends it to a contender, and the page that it leads to.
	async ask(name, kind) {
		const { path, body, count } = await PAGES[kind].one((...query) => this.stack.sql(...query));
		const csrf = this.contenders[name].accounts[0].csrf;
		const answer = await this.page(name, fill(path, { count }), 1, body && { form: new URLSearchParams(fill(body, { csrf, count })) });
		if (answer.status !== (body ? 303 : 200))
			throw new Error(`${name} answered a ${kind} with ${answer.status} ${answer.text}`);
		if (PAGES[kind].leads && (await this.page(name, answer.headers.location, 1)).status !== 200)
			throw new Error(`${name}'s ${kind} leads to no page`);
		return answer;
	}

	// Pages that are not the same cannot be compared: the text must be equal and the size nearly so.
	async checkPages() {
		const visible = text => text.replace(/<[^>]*>/g, ' ').replace(/\s+/g, ' ').trim();
		const leads = answer => answer.headers.location?.replace(/[\da-f-]{36}/, 'ID').replace(/\d+$/, 'N');
		this.pages = {};
		this.sizes = {};
		for (const [kind, page] of Object.entries(PAGES)) {
			const ours = this.pages[kind] = await this.ask('ours', kind);
			this.sizes[kind] = [ours.body.length];
			for (const name of page.alone ? [] : ['fastapi', 'tuned']) {
				const theirs = await this.ask(name, kind);
				const away = Math.abs(theirs.body.length - ours.body.length) / Math.max(1, ours.body.length);
				if (visible(theirs.text) !== visible(ours.text) || leads(theirs) !== leads(ours) || away > 0.03)
					throw new Error(`${name}'s ${kind} is another page, ${theirs.body.length} bytes for ${ours.body.length}`);
				this.sizes[kind][1] = theirs.body.length;
			}
		}
	}

	// The same bytes from a file of the product's own site, and from the memory of a FastCGI worker.
	async startBounds() {
		for (const kind of Object.keys(PAGES)) {
			fs.writeFileSync(`${this.app}/public/bench-${kind}.00000000.html`, this.pages[kind].body);
			fs.writeFileSync(`${this.dir}/${kind}.body`, this.pages[kind].body);
			fs.writeFileSync(`${this.dir}/${kind}.head`, 'Content-Type: text/html; charset=utf-8\r\nCache-Control: no-store\r\n\r\n');
		}
		this.contenders.fixed = { base: this.stack.base, nginx: this.stack.programs.nginx };
		this.contenders.fcgi = { base: `http://127.0.0.1:${this.ports.hello}`, nginx: this.edge };
	}

	// Puts everything in the state that a kind of page is measured in.
	async turnTo(kind) {
		await this.hello?.stop().catch(() => {});
		fs.rmSync(`${this.dir}/edge/worker.sock`, { force: true });
		this.hello = this.contenders.fcgi.app = new Program('hello', `${this.app}/hello`,
			[`${this.dir}/edge/worker.sock`, '4', `${this.dir}/${kind}.head`, `${this.dir}/${kind}.body`], { log: `${this.dir}/hello.log` });
		await this.hello.until(() => fs.existsSync(`${this.dir}/edge/worker.sock`), 'its socket was there');
		await this.startOurs(PAGES[kind].workers);
	}

	async startOurs(workers) {
		await this.stack.programs.worker.stop();
		const began = process.hrtime.bigint();
		this.stack.startProgram('worker', { WORKERS: workers });
		await this.firstPage('ours');
		return Number(process.hrtime.bigint() - began) / 1e6;
	}

	async restartPeer(name) {
		await this.contenders[name].app.stop();
		const began = process.hrtime.bigint();
		const started = this.startPeer(name);
		await this.firstPage(name);
		const took = Number(process.hrtime.bigint() - began) / 1e6;
		await started;
		return took;
	}

	async firstPage(name) {
		for (const deadline = Date.now() + 20000; Date.now() < deadline;) {
			const answer = await this.page(name, '/bench/flows', 1).catch(() => null);
			if (answer?.status === 200)
				return;
			await new Promise(resolve => setTimeout(resolve, 2));
		}
		throw new Error(`${name} showed no page`);
	}

	// Accounts and requests for wrk.
	async writeData(name, kind) {
		const file = `${this.dir}/${name}-${kind}.lua`;
		const table = row => `{${Object.entries(row).filter(([, value]) => value !== undefined)
			.map(([key, value]) => `${key}=${JSON.stringify(value)}`).join()}}`;
		const requests = await PAGES[kind].requests((...query) => this.stack.sql(...query));
		const accounts = this.contenders[name].accounts;
		fs.writeFileSync(file, `return {leads=${Boolean(PAGES[kind].leads)},accounts={${accounts.map(table).join(',\n')}},requests={${requests.map(table).join(',\n')}}}\n`);
		return file;
	}

	// How many writes a page's requests have led to so far.
	async written(kind) {
		const [{ n }] = await this.stack.sql(PAGES[kind].written);
		return n;
	}

	// The same, once what a load left under way is done.
	async settled(kind) {
		for (let before = null, now; ; before = now) {
			now = await this.written(kind);
			if (now === before)
				return now;
			await new Promise(resolve => setTimeout(resolve, 500));
		}
	}

	// The statements of a page as a pgbench script, with the parameters computed.
	writeScript(kind) {
		const { queries, leads, numbers: [first, last], accounts = ACCOUNTS } = PAGES[kind];
		const file = `${this.dir}/${kind}.pgbench`;
		const text = (sql, ...values) => `${sql.replace(/\$(\d+)/g, (_, n) => values[n - 1]).replace(/\s+/g, ' ').replace(/;?$/, ';')}\n`;
		const enter = text(SQL.people.enter, ...['a', 'p', 'i'].map(letter => `md5('${letter}' || :a)::uuid`), '14', 'false', 'false');
		const page = all => `\\startpipeline\n${enter}${all.map(([room, name, ...values]) => text(SQL[room][name], ...values)).join('')}\\endpipeline\n`;
		fs.writeFileSync(file, `\\set n random(${first}, ${last})\n\\set a 1 + mod(:n, ${accounts})\n${page(queries)}${leads ? page(PAGES[leads].queries) : ''}`);
		return file;
	}

	async stop() {
		await this.stack?.stop().catch(error => console.log(error.message));
		for (const program of [this.hello, ...this.programs].filter(Boolean))
			await program.stop().catch(() => {});
		await this.cluster?.stop().catch(error => console.log(error.message));
		if (!process.env.RF_TEST_KEEP)
			fs.rmSync(this.dir, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
	}
}
