// What a run costs: requests and latencies by wrk, transactions by pgbench, CPU and memory of process groups by /proc.
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import { fileURLToPath } from 'node:url';
import { PATH } from '../support/program.mjs';

const TICKS = 100; // USER_HZ of every Linux that Debian makes
const LOAD = fileURLToPath(new URL('load.lua', import.meta.url));

function tree(pid) {
	try {
		const children = fs.readdirSync(`/proc/${pid}/task`).flatMap(task =>
			fs.readFileSync(`/proc/${pid}/task/${task}/children`, 'utf8').trim().split(' ').filter(Boolean));
		return [pid, ...children.flatMap(child => tree(Number(child)))];
	} catch {
		return []; // it ended meanwhile
	}
}

// Of a process, all that it forked and, by its own count, those of them that ended: seconds.
function cpu(pids) {
	let ticks = 0;
	for (const pid of pids.flatMap(tree)) {
		try {
			const stat = fs.readFileSync(`/proc/${pid}/stat`, 'utf8');
			const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ').map(Number);
			ticks += fields[11] + fields[12] + fields[13] + fields[14];
		} catch { /* ended */ }
	}
	return ticks / TICKS;
}

// Proportional set size of a process and its children, in MB.
export function memory(pid) {
	const kb = tree(pid).map(one => Number(/^Pss:\s+(\d+)/m.exec(fs.readFileSync(`/proc/${one}/smaps_rollup`, 'utf8'))[1]));
	return kb.reduce((sum, one) => sum + one, 0) / 1024;
}

function machine() {
	const fields = fs.readFileSync('/proc/stat', 'utf8').split('\n', 1)[0].trim().split(/\s+/).slice(1).map(Number);
	const all = fields.slice(0, 8).reduce((sum, one) => sum + one, 0);
	return { all: all / TICKS, busy: (all - fields[3] - fields[4]) / TICKS };
}

function execute(file, args) {
	return new Promise((resolve, reject) => {
		const child = spawn(file, args, { env: { ...process.env, PATH }, stdio: ['ignore', 'pipe', 'pipe'] });
		let output = '', seconds = 0;
		child.stdout.on('data', text => { output += text; });
		child.stderr.on('data', text => { output += text; });
		const look = setInterval(() => { seconds = cpu([child.pid]) || seconds; }, 50);
		child.on('error', reject);
		child.on('close', status => {
			clearInterval(look);
			return status === 0 ? resolve({ output, seconds }) : reject(new Error(`${file}: ${output}`));
		});
	});
}

function milliseconds(text) {
	const [, value, unit] = /([\d.]+)(us|ms|s|m)$/.exec(text);
	return Number(value) * { us: 0.001, ms: 1, s: 1000, m: 60000 }[unit];
}

function readWrk(output) {
	const number = pattern => Number(pattern.exec(output)?.[1] ?? 0);
	const requests = number(/(\d+) requests in/);
	const wrong = number(/Non-2xx or 3xx responses: (\d+)/) + number(/Socket errors: .*timeout (\d+)/);
	if (!requests || wrong > Math.max(1, requests / 100)) // what the run before had in its hands may be one
		throw new Error(`the load met ${wrong} errors in ${requests} requests\n${output}`);
	const [, size, unit] = /([\d.]+)([KMG]?)B read/.exec(output);
	return {
		requests, bytes: size * { '': 1, K: 2 ** 10, M: 2 ** 20, G: 2 ** 30 }[unit] / requests, reqs: number(/Requests\/sec:\s+([\d.]+)/),
		p50: milliseconds(/^\s+50%\s+(\S+)/m.exec(output)[1]), p99: milliseconds(/^\s+99%\s+(\S+)/m.exec(output)[1]),
	};
}

// groups: { name: pid }.  Adds to what `work` gives the CPU of each group per request in microseconds, and the
// share of the machine that nobody of ours took.
async function watch(groups, work) {
	const before = Object.fromEntries(Object.entries(groups).map(([name, pid]) => [name, cpu([pid])]));
	const start = machine(), self = process.cpuUsage();
	const { result, seconds } = await work();
	const end = machine(), own = process.cpuUsage(self);
	const used = Object.fromEntries(Object.entries(groups).map(([name, pid]) => [name, cpu([pid]) - before[name]]));
	const ours = Object.values(used).reduce((sum, one) => sum + one, seconds + (own.user + own.system) / 1e6);
	const each = Object.fromEntries(Object.entries(used).map(([name, one]) => [name, one * 1e6 / result.requests]));
	return { ...result, each, others: Math.max(0, (end.busy - start.busy - ours) / (end.all - start.all)) };
}

export function loadWeb({ url, data, groups, seconds, connections }) {
	const threads = Math.min(2, connections);
	return watch(groups, async () => {
		const { output, seconds: took } = await execute('wrk', [`-t${threads}`, `-c${connections}`, `-d${seconds}s`, '--latency',
			'--timeout', '5s', ...(data ? ['-s', LOAD, url, '--', data, String(threads)] : [url])]);
		return { result: readWrk(output), seconds: took };
	});
}

// each: of how many requests a script has the statements
export function loadDatabase({ sockets, database, script, groups, seconds, connections, each }) {
	return watch(groups, async () => {
		const { output, seconds: took } = await execute('pgbench', ['-n', '-M', 'prepared', '-h', sockets, '-U', 'rf_worker',
			'-c', String(connections), '-j', '2', '-T', String(seconds), '-f', script, database]);
		const reqs = Number(/^tps = ([\d.]+)/m.exec(output)[1]) * each;
		return { result: { requests: reqs * seconds, reqs }, seconds: took };
	});
}
