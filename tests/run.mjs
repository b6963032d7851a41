// Runs every test: starts one throw-away database server, migrates a template database, then runs the Check
// programs and the Node test files, a few at a time.
//	node tests/run.mjs [part of a path ...]
// The last line is "N passed, N failed"; nothing stays behind, neither process nor directory.
import { spawn, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { startCluster } from './support/cluster.mjs';
import { PATIENCE, patient } from './support/patience.mjs';
import { give, makeDir, run } from './support/program.mjs';

const ROOT = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');
const BUILD = path.resolve(ROOT, process.env.BUILD ?? 'build');
const AT_ONCE = Number(process.env.TEST_JOBS ?? Math.min(5, os.cpus().length + 1)); // one of them mostly waits
const SECONDS = patient(Number(process.env.TEST_SECONDS ?? 300)); // of a file; only what hangs takes so long
const PARTS = process.argv.slice(2);

const totals = { passed: 0, failed: 0, skipped: 0 };
const running = new Set();
let dir;
let cluster;

function filesUnder(top, fits) {
	if (!fs.existsSync(top))
		return [];
	const names = fs.readdirSync(top, { recursive: true }).map(name => path.join(top, name));
	return names.filter(name => fits(path.basename(name)) && !name.includes('node_modules') && fs.statSync(name).isFile()).sort();
}

// What takes longest starts first: pages in a browser, then the rest that is of the whole, then what is in C.
function findTests() {
	const nodes = filesUnder(`${ROOT}/tests`, name => name.endsWith('.test.mjs'));
	const checks = filesUnder(`${BUILD}/tests`, name => /^test_\w+$/.test(name));
	const all = [
		...nodes.map(file => ({ file, name: path.relative(`${ROOT}/tests`, file), kind: 'node' })),
		...checks.map(file => ({ file, name: path.relative(`${BUILD}/tests`, file), kind: 'check' })),
	];
	const order = ['browser/', 'look/', 'http/', ''];
	const place = test => order.findIndex(folder => test.name.startsWith(folder));
	return all.filter(test => !PARTS.length || PARTS.some(part => test.name.includes(part))).sort((a, b) => place(a) - place(b));
}

// The checkout may be closed to the user that the programs run as; a copy in our directory is not.
function stage() {
	const app = `${dir}/app`;
	fs.mkdirSync(`${app}/bin`, { recursive: true });
	const copy = (from, to) => fs.existsSync(from) && fs.cpSync(from, `${app}/${to}`, { recursive: true });
	for (const name of ['templates', 'migrations', 'nginx'])
		copy(`${ROOT}/${name}`, name);
	copy(`${BUILD}/public`, 'public');
	copy(`${ROOT}/bin/site`, 'bin/site');
	copy(`${BUILD}/resolutionflow`, 'resolutionflow');
	spawnSync('chmod', ['-R', 'a+rX', app]);
	return app;
}

async function makeTemplate(app) {
	const { settingsFor, TEMPLATE } = await import('./support/stack.mjs');
	const psql = (name, args, input) => run('psql', ['-qX', '-v', 'ON_ERROR_STOP=1', '-d', cluster.url(name), ...args], { input });
	const env = settingsFor({ app, dir, database: cluster.url(TEMPLATE), base: 'http://127.0.0.1' });
	psql('postgres', ['-c', `CREATE DATABASE ${TEMPLATE}`]);
	psql(TEMPLATE, [], run(`${app}/resolutionflow`, ['install-roles'], { env }));
	run(`${app}/resolutionflow`, ['migrate'], { env });
}

// Check: "100%: Checks: 12, Failures: 0, Errors: 0" for each suite; a line that begins with "skip" tells of vectors
// that are not on this machine.
function countCheck(output) {
	const count = { passed: 0, failed: 0, skipped: 0 };
	for (const [, checks, failures, errors] of output.matchAll(/Checks: (\d+), Failures: (\d+), Errors: (\d+)/g)) {
		count.failed += Number(failures) + Number(errors);
		count.passed += Number(checks) - Number(failures) - Number(errors);
	}
	return count;
}

function countNode(output) {
	const number = word => Number(output.match(new RegExp(`^# ${word} (\\d+)$`, 'm'))?.[1] ?? 0);
	return { passed: number('pass'), failed: number('fail') + number('cancelled'), skipped: number('skipped') + number('todo') };
}

function execute(test, env) {
	const [file, args] = test.kind === 'check' ? [test.file, []] : [process.execPath, ['--test-reporter=tap', test.file]];
	return new Promise(resolve => {
		const child = spawn(file, args, { cwd: ROOT, env, stdio: ['ignore', 'pipe', 'pipe'], detached: true });
		const end = signal => { try { process.kill(-child.pid, signal); } catch { /* it is gone */ } };
		const alarm = setTimeout(() => { output += `\nstopped after ${SECONDS} s\n`; end('SIGKILL'); }, SECONDS * 1000);
		let output = '';
		running.add(end);
		child.stdout.on('data', text => { output += text; });
		child.stderr.on('data', text => { output += text; });
		child.on('error', error => resolve({ status: error.message, output }));
		child.on('close', (status, signal) => {
			clearTimeout(alarm);
			end('SIGKILL'); // whatever it left
			running.delete(end);
			resolve({ status: status ?? signal, output });
		});
	});
}

// Of a long TAP stream only what went wrong is worth reading.
function interesting(test, output) {
	if (test.kind === 'check')
		return output;
	const lines = output.split('\n');
	const kept = [];
	for (let at = 0, inFailure = false; at < lines.length; at++) {
		const line = lines[at];
		if (/^\s*(not )?ok /.test(line))
			inFailure = /^\s*not ok /.test(line);
		if (inFailure || (line && !/^\s*(ok |# |---|\.\.\.|duration_ms|type:|1\.\.|TAP )/.test(line)))
			kept.push(line);
	}
	// Where no test says that it failed, the whole is all there is to go by.
	return (kept.some(line => /^\s*not ok /.test(line)) ? kept : lines).join('\n');
}

// A machine that others use too now and then stalls one program for seconds.  What failed while others ran beside it has
// one more try by itself, in plain sight; what is wrong fails again.  Many failures are no accident.
const AGAIN = 3;
const failed = [];

async function perform(test, env, last) {
	const begun = Date.now();
	const { status, output } = await execute(test, env);
	const count = test.kind === 'check' ? countCheck(output) : countNode(output);
	if (status !== 0 && count.failed === 0)
		count.failed = 1; // it fell over before it could count
	if (count.passed + count.failed + count.skipped === 0)
		count.failed = 1; // a file without tests is a mistake
	if (count.failed && !last)
		failed.push({ test, count });
	else
		add(count);
	const seconds = ((Date.now() - begun) / 1000).toFixed(1);
	const skips = count.skipped ? `, ${count.skipped} skipped` : '';
	console.log(`${count.failed ? 'FAIL' : 'ok  '} ${test.name}: ${count.passed} passed, ${count.failed} failed${skips} (${seconds} s)`);
	if (count.failed)
		console.log(`${interesting(test, output).trimEnd()}\n     (exit ${status})\n`);
	else
		for (const line of output.split('\n').filter(text => /^(# )?skip\b/i.test(text)))
			console.log(`     ${line}`);
}

function add(count) {
	for (const key of Object.keys(totals))
		totals[key] += count[key];
}

async function tryAgain(env) {
	for (const { test, count } of failed) {
		if (failed.length > AGAIN) {
			add(count);
			continue;
		}
		console.log(`again, by itself: ${test.name}`);
		await perform(test, env, true);
	}
}

async function cleanUp() {
	for (const end of running)
		end('SIGKILL');
	await cluster?.stop().catch(error => console.log(error.message));
	if (dir && !process.env.RF_TEST_KEEP)
		fs.rmSync(dir, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
	dir = cluster = undefined;
}

async function main() {
	const tests = findTests();
	dir = give(fs.mkdtempSync(`${process.env.TMPDIR?.length < 20 ? process.env.TMPDIR : '/tmp'}/rf-`));
	fs.chmodSync(dir, 0o755);
	cluster = await startCluster(dir);
	const app = stage();
	await makeTemplate(app);
	const env = {
		...Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('PG'))), RF_TEST_DIR: dir, RF_TEST_APP: app, RF_TEST_PG: cluster.sockets, RF_TEST_BUILD: BUILD,
		HOME: makeDir(`${dir}/home`), XDG_CONFIG_HOME: `${dir}/home`, XDG_CACHE_HOME: `${dir}/home`, // a browser writes there
		CK_TIMEOUT_MULTIPLIER: PATIENCE,
		PGHOST: cluster.sockets, PGUSER: 'postgres', PGDATABASE: 'postgres',
	};
	const next = async () => {
		for (let test = tests.shift(); test; test = tests.shift())
			await perform(test, env);
	};
	await Promise.all(Array.from({ length: AT_ONCE }, next));
	await tryAgain(env);
}

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'])
	process.on(signal, async () => {
		await cleanUp();
		process.exit(130);
	});

try {
	await main();
} catch (error) {
	totals.failed += 1;
	console.log(error.stack);
}
await cleanUp();
console.log(`${totals.passed} passed, ${totals.failed} failed${totals.skipped ? `, ${totals.skipped} skipped` : ''}`);
process.exit(totals.failed ? 1 : 0);
