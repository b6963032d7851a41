// make bench: the product beside a FastAPI application that serves the same pages, and beside the bounds.
//	BENCH_SECONDS (2) a run, BENCH_ROUNDS (3), BENCH_KINDS (all of pages.mjs)
// All contenders run in turn, round by round, on one machine; a ratio is the median over the rounds of the ratios
// within a round, above 1 where the product is better; against `own` stands what was measured, in requests a second and
// milliseconds.  Written to build/bench.json as WHAT.MEASURE.AGAINST.
import fs from 'node:fs';
import { countInstructions } from './count.mjs';
import { loadDatabase, loadWeb, memory } from './measure.mjs';
import { PAGES } from './pages.mjs';
import { Rig } from './rig.mjs';

const SECONDS = Number(process.env.BENCH_SECONDS ?? 2);
const ROUNDS = Number(process.env.BENCH_ROUNDS ?? 3);
const WANTED = process.env.BENCH_KINDS?.split(',') ?? Object.keys(PAGES);
const MANY = 32;
const PEERS = ['fastapi', 'tuned'];

// Of the program as a whole: what an earlier trial reached, and what is aimed at.
const GOALS = {
	pool: { 'memory.fastapi': [13, 10] },
	start: { 'time.fastapi': [29, 15] },
};
const NAMES = {
	'reqs.fastapi': 'requests/s, FastAPI = 1', 'p99.fastapi': 'p99, shorter by', 'p50.fastapi': 'p50, shorter by',
	'alone.fastapi': 'p50 of one client, shorter by', 'cpu.fastapi': 'CPU of the application, less by',
	'cpuall.fastapi': 'CPU with nginx and PostgreSQL, less by', 'reqs.pgbench': 'requests/s, pgbench = 1',
	'reqs.fcgi': 'requests/s, FastCGI from memory = 1', 'reqs.static': 'requests/s, static file = 1',
	'reqs.control': 'the product against itself', 'cpu.control': 'its CPU against itself',
	'reqs.own': 'requests/s', 'p50.own': 'p50 in ms', 'p99.own': 'p99 in ms', 'alone.own': 'p50 of one client in ms',
	'memory.fastapi': 'pool of 8, smaller by', 'time.fastapi': 'from exec to the first page, faster by',
};

function median(numbers) {
	const sorted = [...numbers].sort((a, b) => a - b), half = sorted.length / 2;
	return sorted.length % 2 ? sorted[Math.floor(half)] : (sorted[half - 1] + sorted[half]) / 2;
}

const everything = run => run.each.app + run.each.nginx + run.each.pg;

function ratiosOf(round) {
	const { ours, control, pgbench, fcgi, fixed } = round;
	const besides = { 'reqs.pgbench': ours.reqs / pgbench.reqs };
	const peers = PEERS.map(name => round[name]).filter(Boolean);
	// Of a measure where less is better, the peer that does better.
	const least = (of, mine = ours) => Math.min(...peers.map(of)) / of(mine);
	return !peers.length ? {
		'reqs.own': ours.reqs,
		'p50.own': ours.p50,
		'p99.own': ours.p99,
		'alone.own': round['ours alone'].p50,
		...besides,
	} : {
		'reqs.fastapi': ours.reqs / Math.max(...peers.map(run => run.reqs)),
		'p99.fastapi': least(run => run.p99),
		'p50.fastapi': least(run => run.p50),
		'alone.fastapi': Math.min(...PEERS.map(name => round[`${name} alone`].p50)) / round['ours alone'].p50,
		'cpu.fastapi': least(run => run.each.app),
		'cpuall.fastapi': least(everything),
		'reqs.fcgi': ours.reqs / fcgi.reqs,
		'reqs.static': ours.reqs / fixed.reqs,
		...besides,
		'reqs.control': ours.reqs / control.reqs,
		'cpu.control': control.each.app / ours.each.app,
	};
}

async function runWeb(rig, kind, name, { connections = MANY, seconds = SECONDS } = {}) {
	const contender = rig.contenders[name];
	const plain = name === 'fixed' || name === 'fcgi';
	const url = contender.base + (name === 'fixed' ? `/static/bench-${kind}.00000000.html` : plain ? '/' : '');
	const groups = Object.fromEntries(Object.entries({
		app: contender.app?.pid, nginx: contender.nginx.pid, pg: rig.cluster.server.pid }).filter(([, pid]) => pid));
	const load = async time => loadWeb({
		url, data: plain ? null : await rig.writeData(name, kind), groups, seconds: time, connections });
	// A load that was sent to sign in, or whose step another had answered, would have measured something else.
	const writes = PAGES[kind].written !== undefined;
	const before = async () => (writes ? rig.settled(kind) : 0);
	await before();
	await load(1);
	const already = await before();
	const run = await load(seconds);
	const done = writes ? (await rig.written(kind) - already) * (PAGES[kind].leads ? 2 : 1) / run.requests : run.bytes / rig.pages[kind].body.length;
	if (!plain && done < 0.98)
		throw new Error(`${name} did only ${done.toFixed(2)} of a ${kind}`);
	return run;
}

async function round(rig, kind) {
	const runs = {};
	const peers = PAGES[kind].alone ? [] : PEERS;
	for (const name of ['ours', ...peers, ...(peers.length ? ['control', 'fcgi', 'fixed'] : [])])
		runs[name] = await runWeb(rig, kind, name === 'control' ? 'ours' : name);
	for (const name of ['ours', ...peers])
		runs[`${name} alone`] = await runWeb(rig, kind, name, { connections: 1, seconds: Math.ceil(SECONDS / 2) });
	runs.pgbench = await loadDatabase({
		sockets: rig.cluster.sockets, database: rig.stack.name, script: rig.writeScript(kind), seconds: SECONDS,
		connections: PAGES[kind].clients, each: PAGES[kind].leads ? 2 : 1, groups: { pg: rig.cluster.server.pid } });
	return runs;
}

const show = (value, digits = 3) => (value === undefined || Number.isNaN(value) ? '-' : Number(value.toPrecision(digits)).toString());

function table(head, rows) {
	const widths = head.map((_, at) => Math.max(...[head, ...rows].map(row => String(row[at]).length)));
	for (const row of [head, ...rows])
		console.log(row.map((cell, at) => (at ? String(cell).padStart(widths[at]) : String(cell).padEnd(widths[at]))).join('  '));
	console.log();
}

function printRuns(kind, rounds, sizes) {
	const of = (name, pick) => median(rounds.map(one => pick(one[name]) ?? NaN));
	const bytes = sizes[0] ? `, ${sizes[0]} bytes${sizes[1] ? ` (the peer ${sizes[1]})` : ''}` : '';
	console.log(`${kind}${bytes}`);
	table(['', 'req/s', 'p50 ms', 'p99 ms', 'app us', 'nginx us', 'pg us', 'others'],
		Object.keys(rounds[0]).map(name => [name, show(of(name, run => run.reqs), 4), show(of(name, run => run.p50)),
			show(of(name, run => run.p99)), show(of(name, run => run.each.app)), show(of(name, run => run.each.nginx)),
			show(of(name, run => run.each.pg)), show(of(name, run => run.others), 2)]));
}

async function memoryAndStart(rig) {
	const own = [], peer = [];
	const ratios = {};
	await rig.startOurs(8);
	await runWeb(rig, 'list', 'ours', { seconds: 1 }); // what a worker takes once it has worked
	if (process.getuid() === 0) {
		const pools = { ours: memory(rig.contenders.ours.app.pid), peer: Math.min(...PEERS.map(name => memory(rig.contenders[name].app.pid))) };
		console.log(`pool of 8 workers: ${show(pools.ours)} MB of PSS, the peer's two: ${show(pools.peer)} MB`);
		ratios['pool.memory.fastapi'] = pools.peer / pools.ours;
	} else {
		console.log('skip: memory, which of a worker in its sandbox only root may read');
	}
	for (let at = 0; at < ROUNDS; at++) {
		own.push(await rig.startOurs(8));
		peer.push(await rig.restartPeer('fastapi'));
	}
	console.log(`from exec to the first page: ${show(median(own))} ms, the peer: ${show(median(peer))} ms\n`);
	return { ...ratios, 'start.time.fastapi': median(peer) / median(own) };
}

function printRatios(ratios, spread) {
	const rows = Object.entries(ratios).filter(([key]) => key.split('.').length === 3).map(([key, value]) => {
		const [what, ...measure] = key.split('.');
		const [trial, goal] = (PAGES[what]?.goals ?? GOALS[what])[measure.join('.')] ?? [];
		const range = spread[key] ? `${show(spread[key][0])}-${show(spread[key][1])}` : '-';
		return [what, NAMES[measure.join('.')] ?? measure.join('.'), show(value), range, show(trial), show(goal)];
	});
	table(['', 'measure', 'ratio', 'range', 'trial', 'goal'], rows);
}

async function measure(rig) {
	const ratios = {}, spread = {}, others = [], all = {};
	for (let at = 0; at < ROUNDS; at++)
		for (const kind of WANTED) {
			await rig.turnTo(kind);
			(all[kind] ??= []).push(await round(rig, kind));
		}
	for (const kind of WANTED) {
		printRuns(kind, all[kind], rig.sizes[kind]);
		const each = all[kind].map(ratiosOf);
		for (const measure of Object.keys(each[0])) {
			const values = each.map(one => one[measure]);
			ratios[`${kind}.${measure}`] = median(values);
			spread[`${kind}.${measure}`] = [Math.min(...values), Math.max(...values)];
		}
		others.push(...all[kind].flatMap(Object.values).map(run => run.others));
	}
	Object.assign(ratios, await memoryAndStart(rig), { others: median(others) });
	Object.assign(ratios, await countInstructions(rig, WANTED));
	printRatios(ratios, spread);
	console.log(`Other work took ${show(ratios.others * 100, 2)} % of the machine${ratios.others > 0.1
		? ': too much to judge requests/s and latencies by. The ratios of CPU hold, with a margin no smaller than the control\'s range.' : '.'}`);
	return ratios;
}

const rig = new Rig();
let failed = null;
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'])
	process.on(signal, async () => {
		await rig.stop();
		process.exit(130);
	});
try {
	await rig.start();
	const ratios = await measure(rig);
	const rounded = Object.fromEntries(Object.entries(ratios).map(([key, value]) => [key, Number(value.toPrecision(4))]));
	fs.writeFileSync(`${rig.build}/bench.json`, `${JSON.stringify(rounded, null, '\t')}\n`);
	console.log(`Written to ${rig.build}/bench.json`);
} catch (error) {
	failed = error;
	console.log(error.stack);
}
await rig.stop();
process.exit(failed ? 1 : 0);
