// bin/run as its user meets it: what it refuses, what survives a crash, what is left when it has stopped.
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import net from 'node:net';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { deadline } from '../support/patience.mjs';
import { makeDir, run } from '../support/program.mjs';
import { freePort } from '../support/stack.mjs';
import { Visitor } from '../support/visitor.mjs';

const STATE = `${process.env.RF_TEST_DIR}/run`;
const PASSWORD = 'a long and winding road';
// Whatever the user's shell says about databases and proxies is not about this service.
const HOSTILE = { PGSERVICE: 'none', PGPORT: '1', PGOPTIONS: '--no-such', http_proxy: 'http://127.0.0.1:1' };

let port;
let runner;
before(async () => {
	port = await freePort();
	makeDir(STATE);
	runner = await start();
});
after(async () => {
	runner?.child.kill('SIGTERM');
	await runner?.ended;
	crash();
});

function launch(settings = {}) {
	const child = spawn('bin/run', {
		env: { ...process.env, ...HOSTILE, ARGON2_KIB: 8192, BUILD: process.env.RF_TEST_BUILD, STATE, PORT: port, ...settings },
		stdio: ['ignore', 'pipe', 'pipe'],
	});
	const one = { child, output: '' };
	for (const stream of [child.stdout, child.stderr])
		stream.on('data', text => { one.output += text; });
	one.ended = new Promise(resolve => child.once('exit', (code, signal) => resolve(code ?? signal)));
	return one;
}

async function start(settings) {
	const one = launch(settings);
	const over = one.ended.then(() => true);
	for (const end = deadline(30); !one.output.includes('Ctrl-C stops it');)
		if (Date.now() > end || await Promise.race([over, sleep(50)]))
			throw new Error(`bin/run is not ready\n${one.output}`);
	return one;
}

// Every process that it started, by what it has open or was called with.
function processes() {
	const mine = pid => {
		try {
			return fs.readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(STATE) || fs.readlinkSync(`/proc/${pid}/fd/9`) === `${STATE}/lock`;
		} catch {
			return false;
		}
	};
	return fs.readdirSync('/proc').filter(name => /^\d+$/.test(name) && Number(name) !== process.pid).filter(mine).map(Number);
}

function crash() {
	for (let left = processes(); left.length; left = processes())
		for (const pid of left)
			spawnSync('kill', ['-KILL', pid]);
}

const leftovers = () => fs.readdirSync(STATE, { recursive: true }).filter(name => {
	const kind = fs.lstatSync(`${STATE}/${name}`);
	return kind.isSocket() || kind.isFIFO() || name === 'running';
});

const visitor = () => new Visitor(`http://127.0.0.1:${port}`);

async function signIn(email, password) {
	const page = await visitor().post('/login', { email, password });
	assert.equal(page.status, 200);
	assert.equal(page.path, '/', page.text);
}

test('it names the demo sign-ins, and they hold', async () => {
	const [, password] = runner.output.match(/password "([^"]+)"/);
	const [, email] = runner.output.match(/^\s+(\S+@\S+)\s+engineer/m);
	await signIn(email, password);
});

test('a second start over the same state says where the first one is', async () => {
	const second = launch({ PORT: await freePort() });
	assert.equal(await second.ended, 1);
	assert.match(second.output, new RegExp(`runs already, at http://127.0.0.1:${port}`));
});

test('a port that is taken is named before anything is begun', async () => {
	const other = net.createServer().listen(0, '127.0.0.1');
	await new Promise(resolve => { other.once('listening', resolve); });
	const state = makeDir(`${STATE}-taken`);
	const refused = launch({ PORT: other.address().port, STATE: state });
	assert.equal(await refused.ended, 1);
	assert.match(refused.output, /port \d+ is taken/);
	assert.deepEqual(fs.readdirSync(state).filter(name => name !== 'lock'), []);
	other.close();
});

test('a database without the roles is named, with the command that prints what its administrator runs', async () => {
	const url = `postgresql:///no_such?host=${process.env.RF_TEST_PG}&user=postgres`;
	fs.writeFileSync(`${process.env.RF_TEST_DIR}/url`, `${url}\n`);
	for (const settings of [{ DATABASE_URL: url }, { DATABASE_URL_FILE: `${process.env.RF_TEST_DIR}/url` }]) {
		const state = makeDir(`${STATE}-${Object.keys(settings)}`);
		const refused = launch({ PORT: await freePort(), STATE: state, PGSERVICE: undefined, PGPORT: undefined, PGOPTIONS: undefined, ...settings });
		assert.equal(await refused.ended, 1);
		assert.match(refused.output, /"no_such" does not exist[^]*install-roles USER/);
		assert.ok(!fs.existsSync(`${state}/pg`), 'no server of its own');
	}
	const sql = run(`${process.env.RF_TEST_APP}/resolutionflow`, ['install-roles', 'a"b']);
	assert.match(sql, /^GRANT rf_owner, rf_worker, rf_hub, rf_jobs, rf_backup TO "a""b";$/m);
});

test('a command that is not there is named, with those that are, whatever is set', () => {
	const said = spawnSync(`${process.env.RF_TEST_BUILD}/resolutionflow`, ['nonsense'], { env: {}, encoding: 'utf8' });
	assert.equal(said.status, 2);
	assert.match(said.stderr, /^resolutionflow: there is no command "nonsense"; there are:\nusage: resolutionflow .*COMMAND\n/);
	const known = spawnSync(`${process.env.RF_TEST_BUILD}/resolutionflow`, ['jobs'], { env: {}, encoding: 'utf8' });
	assert.deepEqual([known.status, known.stderr], [2, 'resolutionflow: DATABASE_URL is missing: set it (see .env.example)\n']);
});

test('after everything was killed the next start goes on with the data', async () => {
	await visitor().post('/register', { account_name: 'Strange Ltd', name: 'Stran Ger', email: 'stran@ger.example', password: PASSWORD });
	crash();
	await runner.ended;
	runner = await start();
	await signIn('stran@ger.example', PASSWORD);
});

test('one program that dies takes the others along', async () => {
	const master = Number(fs.readFileSync(`${STATE}/nginx/nginx.pid`, 'utf8'));
	process.kill(master, 'SIGKILL'); // its children would serve on
	assert.equal(await runner.ended, 1);
	assert.match(runner.output, /nginx has ended/);
	assert.deepEqual(processes(), []);
	assert.deepEqual(leftovers(), []);
	runner = await start();
});

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'])
	test(`${signal} stops it and leaves neither process nor socket`, async () => {
		runner ??= await start();
		if (signal === 'SIGHUP') // the terminal was closed
			[runner.child.stdout, runner.child.stderr].forEach(stream => stream.destroy());
		runner.child.kill(signal);
		assert.equal(await runner.ended, 0);
		runner = undefined;
		assert.deepEqual(processes(), []);
		assert.deepEqual(leftovers(), []);
	});
