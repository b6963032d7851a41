// F6, F29, F30: what befalls the web server.
import fs from 'node:fs';
import http from 'node:http';
import net from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { API } from '../support/accounts.mjs';
import { run } from '../support/program.mjs';
import { Ledger } from './ledger.mjs';
import { now } from './rig.mjs';

const RELOADS = 40;
const SLOW = Number(process.env.FAULTS_SLOW ?? 2000);

const percentile = (list, share) => [...list].sort((a, b) => a - b)[Math.floor(list.length * share)];

// ---- F6

// One GET over a connection that is kept; whether it was answered, and whether the connection had served before.
function getKept(rig, agent) {
	return new Promise(resolve => {
		const request = http.get(`${rig.stack.base}/healthz`, { agent }, response => {
			response.resume();
			response.on('end', () => resolve({ served: response.statusCode === 200 }));
			response.on('error', () => resolve({ served: false }));
		});
		request.on('error', () => resolve({ served: false, reused: request.reusedSocket }));
	});
}

// Keeps one connection; with `retry`, repeats once what was lost on one that had served before.
async function keep(rig, counts, retry, going) {
	const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
	while (going()) {
		let answer = await getKept(rig, agent);
		if (!answer.served && answer.reused && retry) {
			counts.retried++;
			answer = await getKept(rig, agent);
		}
		counts.all++;
		counts.failed += !answer.served;
	}
	agent.destroy();
}

async function reloaded(rig) {
	const ledger = new Ledger(rig, 'f6', { writers: 4, readers: 4, patience: 0 });
	const raw = { all: 0, failed: 0, retried: 0 }, once = { ...raw };
	let running = true;
	const kept = [0, 1, 2, 3].flatMap(() => [keep(rig, raw, false, () => running), keep(rig, once, true, () => running)]);
	for (let at = 0; at < RELOADS; at++) {
		await sleep(200);
		rig.stack.programs.nginx.kill('SIGHUP');
	}
	await sleep(500);
	running = false;
	await Promise.all([...kept, ledger.close()]);
	return {
		what: `nginx reload, ${RELOADS} times: ${ledger.line}; kept connections with one retry: ${once.all} GETs, ${once.failed} failed, ` +
			`${once.retried} retried; without: ${raw.failed} of ${raw.all} lost (${(100 * raw.failed / raw.all).toFixed(1)} %)`,
		checks: [...ledger.checks,
			[ledger.reads.failed.length === 0, 'no client fails that closes'],
			[once.failed === 0, 'no client fails that retries once']],
	};
}

// ---- F29

const HEADERS = 'GET / HTTP/1.1\r\nHost: x\r\nX-Slow: ';
const BODY = 'POST /login HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n\r\nab';

// Stops amid its headers or its body; when the server closed it, ms after it connected, is noted in `lives`.
function slowClient(rig, at, lives) {
	return new Promise((resolve, reject) => {
		const socket = net.connect({ port: rig.stack.port, host: '127.0.0.1', localAddress: `127.0.0.${1 + at % 20}` });
		socket.once('connect', () => {
			const began = now();
			socket.write(at % 2 ? HEADERS : BODY);
			socket.resume();
			socket.once('close', () => lives.push(now() - began));
			resolve(socket);
		});
		socket.on('error', reject); // after it connected: how it ends does not matter
	});
}

async function latencies(rig, count) {
	const list = [];
	for (let at = 0; at < count; at++) {
		const began = now();
		const { status } = await rig.stack.request('GET', `${API}/auth/me`, { bearer: rig.token });
		list.push(status === 200 ? now() - began : Infinity);
		await sleep(10);
	}
	return list;
}

const memory = pid => Number(/VmRSS:\s+(\d+)/.exec(fs.readFileSync(`/proc/${pid}/status`, 'utf8'))[1]) / 1024;

async function slow(rig) {
	const before = percentile(await latencies(rig, 200), 0.99);
	const lives = [], sockets = [];
	for (let at = 0; at < SLOW; at += 100)
		sockets.push(...await Promise.all(Array.from({ length: Math.min(100, SLOW - at) }, (_, n) => slowClient(rig, at + n, lives))));
	await sleep(500);
	const closedEarly = lives.length;
	const during = percentile(await latencies(rig, 200), 0.99);
	const rss = Math.max(...rig.stack.programs.nginx.children.map(memory));
	for (const deadline = now() + 20000; lives.length < SLOW && now() < deadline;)
		await sleep(50);
	for (const socket of sockets)
		socket.destroy();
	const longest = lives.length < SLOW ? Infinity : Math.max(...lives);
	return {
		what: `${SLOW} clients stop amid headers or body: p99 of others ${during.toFixed(1)} ms (before: ${before.toFixed(1)}), ` +
			`all closed after ${(longest / 1000).toFixed(1)} s, nginx ${rss.toFixed(0)} MB a worker`,
		checks: [
			[closedEarly === 0, `all were there at once (${closedEarly} were not)`],
			[during <= Math.max(20, 2 * before), 'p99 of others is at most 20 ms, or twice what it was'],
			[longest <= 16000, 'all are closed within 16 s'],
			[rss <= 150, 'nginx takes at most 150 MB a worker'],
		],
	};
}

// ---- F30

// nginx with the limits that it has in service.
async function limited(rig, act) {
	const { stack } = rig;
	const file = `${stack.dir}/nginx/site.conf`;
	const open = fs.readFileSync(file);
	const reload = async () => {
		const old = stack.programs.nginx.children;
		stack.programs.nginx.kill('SIGHUP');
		await stack.programs.nginx.until(() => stack.programs.nginx.children.every(pid => !old.includes(pid)), 'it was reloaded');
	};
	run(`${stack.app}/bin/site`, [`${stack.dir}/nginx`], { env: {
		RUN_DIR: stack.settings.RUN_DIR, PUBLIC_DIR: stack.settings.PUBLIC_DIR, ADDRESS: '127.0.0.1', PORT: stack.port,
		BIN: `${stack.app}/resolutionflow`, ACCESS_LOG: `${stack.dir}/log/access.log`, NGINX_WORKERS: stack.settings.NGINX_WORKERS } });
	await reload();
	try {
		return await act();
	} finally {
		fs.writeFileSync(file, open);
		await reload();
	}
}

// Each write takes 50 ms of a worker, of which there are two.
async function overrun(rig) {
	await rig.sql(`CREATE FUNCTION linger() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN PERFORM pg_sleep(0.05); RETURN new; END'`);
	await rig.sql('CREATE TRIGGER linger BEFORE INSERT ON team FOR EACH ROW EXECUTE FUNCTION linger()');
	await rig.restart({ WORKERS: 2 });
	const ledger = await limited(rig, async () => {
		const clients = new Ledger(rig, 'f30', { writers: 200, patience: 30000 });
		await sleep(5000);
		return clients.close();
	});
	await rig.sql('DROP TRIGGER linger ON team');
	await rig.restart();
	const statuses = Object.entries(ledger.statuses).map(([status, count]) => `${count}x ${status}`).join(', ');
	return {
		what: `200 writers at 2 workers of 50 ms, nginx's own limits: ${ledger.line}; ${statuses}`,
		checks: [...ledger.checks,
			[Object.keys(ledger.statuses).every(status => ['201', '429', '503'].includes(status)), 'they wait, or get 429 or 503']],
	};
}

export const webFaults = [['F6', reloaded], ['F29', slow], ['F30', overrun]];
