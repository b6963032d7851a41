// F1 to F5: what befalls the workers.
import fs from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { API } from '../support/accounts.mjs';
import { patient } from '../support/patience.mjs';
import { replaceProgram } from '../support/program.mjs';
import { interrupted, pieces } from './fastcgi.mjs';
import { Ledger, flaw } from './ledger.mjs';
import { now } from './rig.mjs';

const KILLS = 25, CRASHES = 6, UPGRADES = 5;
const RESTARTS = Number(process.env.FAULTS_RESTARTS ?? 1000);

const median = list => [...list].sort((a, b) => a - b)[list.length >> 1];

// Kills one of the workers; how long until there is another, ms.
async function killOne(rig) {
	const before = rig.worker.children;
	const began = now();
	process.kill(before[Math.floor(Math.random() * before.length)], 'SIGKILL');
	while (rig.worker.children.every(pid => before.includes(pid)) && now() - began < 10000)
		await sleep(2);
	return now() - began;
}

async function killed(rig) {
	const ledger = new Ledger(rig, 'f1', { readers: 4 });
	const births = [];
	for (let at = 0; at < KILLS; at++) {
		await sleep(200);
		births.push(await killOne(rig));
	}
	await ledger.close();
	return {
		what: `worker kill -9 every 200 ms, ${KILLS} times, under 16 writers: ${ledger.line}; ` +
			`another after ${median(births).toFixed(0)} ms, at most ${Math.max(...births).toFixed(0)}`,
		checks: [...ledger.checks,
			[median(births) <= 100, 'another worker within 100 ms'],
			[ledger.reads.failed.length <= KILLS, 'at most one GET a kill fails']],
	};
}

// The same without keys: were this 0, the ledger could not see a write that is made twice.
async function killedWithoutKeys(rig) {
	const ledger = new Ledger(rig, 'nokey', { key: false });
	for (let at = 0; at < KILLS; at++) {
		await sleep(100);
		process.kill(rig.busiest(), 'SIGKILL');
	}
	await ledger.close();
	return {
		what: `control, worker kill -9 without Idempotency-Key: ${ledger.line}`,
		checks: [[ledger.doubled > 0, 'a write is seen to be made twice'], [ledger.lost === 0, 'nothing is lost']],
	};
}

// A row that is locked keeps a request in a worker's hands for as long as it is to be hit there.
async function crashed(rig) {
	const log = rig.logMark();
	const statuses = { hit: [], next: [], other: [] };
	const flaws = [], ids = [];
	const holder = await rig.connect();
	for (let at = 0; at < CRASHES; at++) {
		await holder.query('BEGIN; SELECT FROM account FOR UPDATE');
		const hit = rig.stack.request('POST', `${API}/teams`, { bearer: rig.token, json: { name: `f2-${at}` } });
		await sleep(150);
		process.kill(rig.busiest(), 'SIGSEGV');
		const other = await rig.stack.request('GET', `${API}/auth/me`, { bearer: rig.token });
		const answer = await hit;
		await holder.query('ROLLBACK');
		const next = await rig.stack.request('POST', `${API}/teams`, { bearer: rig.token, json: { name: `f2-next-${at}` } });
		statuses.hit.push(answer.status);
		statuses.other.push(other.status);
		statuses.next.push(next.status);
		flaws.push(...[answer, other, next].map(flaw).filter(Boolean));
		ids.push(answer.headers['x-request-id']);
	}
	await holder.end();
	const died = log('worker_died').filter(line => line.includes('signal=11'));
	const named = ids.filter(id => died.some(line => line.includes(`request_id=${id}`) && line.includes(`route=${API}/teams`)));
	const all = (list, status) => list.every(one => one === status);
	return {
		what: `worker SIGSEGV amid a request, ${CRASHES} times: hit ${statuses.hit.join(' ')}, meanwhile ${statuses.other.join(' ')}, ` +
			`next ${statuses.next.join(' ')}; ${named.length} named in the log by request and route`,
		checks: [
			[all(statuses.hit, 502), 'the request in hand gets 502'],
			[all(statuses.other, 200) && all(statuses.next, 201), 'no other request fails'],
			[named.length === CRASHES, 'the log names the request and its route'],
			[flaws.length === 0, flaws.join(', ')],
		],
	};
}

async function hung(rig) {
	await rig.restart({ WORKER_HANG_SECONDS: 3 });
	const log = rig.logMark();
	const ledger = new Ledger(rig, 'f3', { writers: 8, readers: 8, patience: 6000 });
	await sleep(500);
	const before = rig.worker.children;
	const one = rig.busiest();
	const began = now();
	process.kill(one, 'SIGSTOP');
	while (rig.worker.children.includes(one) && now() - began < 10000)
		await sleep(20);
	const took = now() - began;
	await sleep(500);
	const back = rig.worker.children.length;
	await ledger.close();
	await rig.restart();
	return {
		what: `worker SIGSTOP, one of 4: ${ledger.line}, longest GET ${(ledger.reads.longest / 1000).toFixed(2)} s; ` +
			`killed after ${(took / 1000).toFixed(1)} s`,
		checks: [...ledger.checks,
			[ledger.gap < 1000, 'the others serve on'],
			[ledger.reads.failed.length === 0, 'no GET fails'],
			[took < 4000 && log('worker_died').some(line => line.includes(`pid=${one}`) && line.includes('killed=hung')),
				'the watchdog kills it within WORKER_HANG_SECONDS and says so'],
			[back === before.length, 'there are as many workers as before']],
	};
}

// A handler that never comes to its end: the hash of a password, made as dear as the settings allow.
async function spinning(rig) {
	await rig.restart({ WORKER_HANG_SECONDS: 1, ARGON2_PASSES: 10, ARGON2_KIB: 1 << 19 });
	const log = rig.logMark();
	const before = rig.worker.children.length;
	const ledger = new Ledger(rig, 'f3b', { writers: 4, readers: 4, patience: 0 });
	const began = now();
	const answer = await rig.stack.request('POST', `${API}/auth/login/json`, { json: { email: 'nobody@example.com', password: 'x'.repeat(20) } });
	const took = now() - began;
	while (rig.worker.children.length < before && now() - began < 10000)
		await sleep(20);
	await ledger.close();
	const back = rig.worker.children.length;
	await rig.restart();
	return {
		what: `a worker that computes without end: ${answer.status} after ${(took / 1000).toFixed(1)} s; meanwhile ${ledger.line}`,
		checks: [...ledger.checks,
			[answer.status === 502 && flaw(answer) === '', 'its request gets 502'],
			[log('worker_died').some(line => line.includes('killed=hung') && line.includes(`route=${API}/auth/login/json`)),
				'the log says that it was hung, and in what'],
			[took < 3000, 'within twice WORKER_HANG_SECONDS, and a tick'],
			[Object.keys(ledger.statuses).join() === '201' && ledger.reads.failed.length === 0, 'no other request fails'],
			[back === before, 'there are as many workers as before']],
	};
}

async function renewed(rig) {
	const log = rig.logMark();
	const ledger = new Ledger(rig, 'f4', { writers: 8, readers: 8, patience: 0 });
	const began = now();
	const seen = new Set(rig.worker.children);
	const first = seen.size;
	while (seen.size - first < RESTARTS && now() - began < patient(100000)) {
		rig.worker.kill('SIGHUP');
		await sleep(25);
		for (const pid of rig.worker.children)
			seen.add(pid);
	}
	const seconds = (now() - began) / 1000;
	await ledger.close();
	const replaced = log('worker_left').length;
	return {
		what: `rolling restart, ${replaced} workers replaced in ${seconds.toFixed(0)} s, no retry: ${ledger.line}`,
		checks: [...ledger.checks,
			[replaced >= RESTARTS - first, `${RESTARTS} workers are replaced`],
			[Object.keys(ledger.statuses).join() === '201', 'each POST is answered by 201 at the first try'],
			[ledger.reads.failed.length === 0, 'no GET fails'],
			[log('worker_died').length === 0, 'no worker dies']],
	};
}

// nginx hides much: the same by hand, at three moments of a request's arrival, with all workers told to go.
async function toldAmidRequest(rig) {
	const body = Buffer.from(JSON.stringify({ name: 'x'.repeat(20000) }));
	const parts = pieces('POST', `${API}/teams`, body, { HTTP_AUTHORIZATION: `Bearer ${rig.token}` });
	const names = ['connected', 'parameters sent', 'amid 20 KB of body'];
	const served = [0, 0, 0], rounds = 3;
	for (let round = 0; round < rounds; round++) {
		for (let stage = 0; stage < names.length; stage++) {
			const answer = await interrupted(`${rig.stack.settings.RUN_DIR}/worker.sock`, parts, stage, () => {
				for (const pid of rig.worker.children)
					process.kill(pid, 'SIGTERM');
			});
			served[stage] += /^Status: 422\b/.test(answer);
			await rig.stack.ready();
		}
	}
	return {
		what: `SIGTERM to all workers amid a FastCGI request: ${names.map((name, at) => `${name} ${served[at]} of ${rounds} served`).join(', ')}`,
		checks: [[served.every(count => count === rounds), 'each is served']],
	};
}

// What an upgrade reads anew, in a place where it can be replaced.
function deploy(rig) {
	const dir = fs.mkdtempSync(`${rig.dir}/deployed-`);
	fs.chmodSync(dir, 0o755);
	for (const name of ['templates', 'migrations'])
		fs.cpSync(`${rig.stack.app}/${name}`, `${dir}/${name}`, { recursive: true });
	fs.writeFileSync(`${dir}/smtp`, '');
	const install = more => replaceProgram(`${rig.stack.app}/resolutionflow`, `${dir}/resolutionflow`, more);
	install('');
	return {
		install, dir, program: `${dir}/resolutionflow`,
		settings: { TEMPLATES_DIR: `${dir}/templates`, MIGRATIONS_DIR: `${dir}/migrations`, SMTP_URL_FILE: `${dir}/smtp` },
	};
}

// Tells the worker program to take the one on the disk; how long until none of the old workers is left, ms.
async function upgrade(rig) {
	const before = rig.worker.children;
	const began = now();
	rig.worker.kill('SIGUSR2');
	while ((rig.worker.children.length !== before.length || rig.worker.children.some(pid => before.includes(pid))) && now() - began < 40000)
		await sleep(5);
	return now() - began;
}

// Each way to break what is installed, and how to mend it; which of them was not refused, or touched a worker.
async function breakAndMend(rig, { dir, install }) {
	const next = `${dir}/migrations/${String(fs.readdirSync(`${dir}/migrations`).length + 1).padStart(4, '0')}_next.sql`;
	const wrong = [];
	const ways = {
		'a file that is no program': () => replaceProgram('/dev/null', `${dir}/resolutionflow`, 'no program'),
		'a program that crashes': () => replaceProgram('/dev/null', `${dir}/resolutionflow`, '#!/bin/sh\nkill -SEGV $$\n'),
		'no program': () => fs.rmSync(`${dir}/resolutionflow`),
		'a schema that the database lacks': () => fs.writeFileSync(next, 'SELECT 1;'),
		'a template that is not sound': () => fs.appendFileSync(`${dir}/templates/layout.mustache`, '{{no_such_field}}'),
		'a setting that is missing': () => fs.rmSync(`${dir}/smtp`),
	};
	for (const [name, act] of Object.entries(ways)) {
		const log = rig.logMark(), workers = rig.worker.children.join();
		act();
		rig.worker.kill('SIGUSR2');
		for (const until = now() + 5000; !log('upgrade_refused').length && now() < until;)
			await sleep(10);
		await sleep(100);
		if (!log('upgrade_refused').length || rig.worker.children.join() !== workers)
			wrong.push(name);
		install('');
		fs.rmSync(next, { force: true });
		fs.cpSync(`${rig.stack.app}/templates`, `${dir}/templates`, { recursive: true });
		fs.writeFileSync(`${dir}/smtp`, '');
	}
	return { broken: Object.keys(ways).length, wrong };
}

async function upgraded(rig) {
	const deployed = deploy(rig);
	await rig.restart(deployed.settings, deployed.program);
	const log = rig.logMark();
	const ledger = new Ledger(rig, 'f5', { writers: 8, readers: 8, patience: 0 });
	const took = [];
	let taken = 0;
	for (let at = 1; at <= UPGRADES; at++) {
		await sleep(200);
		deployed.install('x'.repeat(at));
		took.push(await upgrade(rig));
		taken += rig.worker.runs(deployed.program);
	}
	const { broken, wrong } = await breakAndMend(rig, deployed);
	const last = await upgrade(rig);
	await sleep(200);
	await ledger.close();
	const died = log('worker_died').length;
	await rig.restart();
	return {
		what: `another program, ${UPGRADES} times, each in place after ${median(took).toFixed(0)} ms, at most ${Math.max(...took).toFixed(0)}; ` +
			`${broken - wrong.length} of ${broken} broken ones refused; no retry: ${ledger.line}`,
		checks: [...ledger.checks,
			[taken === UPGRADES, `it is the new program that serves, ${taken} of ${UPGRADES}`],
			[Math.max(last, ...took) < 30000, 'the old workers are gone within 30 s'],
			[wrong.length === 0, `what is broken is refused, and the old workers stay: ${wrong.join(', ')}`],
			[Object.keys(ledger.statuses).join() === '201', 'each POST is answered by 201 at the first try'],
			[ledger.reads.failed.length === 0, 'no GET fails'],
			[died === 0, 'no worker dies']],
	};
}

export const workerFaults = [
	['F1', killed], ['F1c', killedWithoutKeys], ['F2', crashed], ['F3', hung], ['F3b', spinning], ['F4', renewed], ['F4r', toldAmidRequest],
	['F5', upgraded],
];
