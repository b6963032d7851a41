// T36: whether the time of an answer tells which addresses have an account.
import fs from 'node:fs';
import http from 'node:http';
import { API, newAddress, register } from '../support/accounts.mjs';
import { now } from './rig.mjs';

const PAIRS = Number(process.env.FAULTS_PAIRS ?? 2000);
const PEOPLE = 20; // and as many nobodies; each is tried a few times, before guesses wait or mails end
const TRIES = { 'sign-in': 8, 'forgotten password': 3 };
const MOST_MS = 1;
const LEAST_P = 0.01;
const SHARE = 0.03; // of the median; less is lost in any network
const KEPT = 0.9; // without the slowest tenth of either, which is other programs' doing

const paths = { 'sign-in': 'login/json', 'forgotten password': 'password/forgot' };
const bodies = { 'sign-in': email => ({ email, password: 'not the password' }), 'forgotten password': email => ({ email }) };

// Nanoseconds that a process was on a processor.
const onCpu = pids => pids.reduce((sum, pid) => sum + Number(fs.readFileSync(`/proc/${pid}/schedstat`, 'utf8').split(' ')[0]), 0) / 1e6;

function ask(rig, agent, path, json) {
	return new Promise((resolve, reject) => {
		const body = JSON.stringify(json);
		const request = http.request(`${rig.stack.base}${API}/auth/${path}`, { agent, method: 'POST', headers: { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) } }, response => {
			response.resume();
			response.on('end', () => resolve(response.statusCode));
		});
		request.on('error', reject);
		request.end(body);
	});
}

function describe(list) {
	const kept = list.toSorted((a, b) => a - b).slice(0, Math.ceil(list.length * KEPT));
	const mean = kept.reduce((sum, one) => sum + one, 0) / kept.length;
	return { n: kept.length, mean, variance: kept.reduce((sum, one) => sum + (one - mean) ** 2, 0) / (kept.length - 1), median: list.toSorted((a, b) => a - b)[list.length >> 1] };
}

// Of so many the t distribution is the normal one; its tail by Abramowitz and Stegun, 7.1.26.
function tail(z) {
	const t = 1 / (1 + 0.3275911 * Math.abs(z) / Math.SQRT2);
	const poly = ((((1.061405429 * t - 1.453152027) * t + 1.421413741) * t - 0.284496736) * t + 0.254829592) * t;
	return poly * Math.exp(-z * z / 2);
}

function welch(one, other) {
	const [a, b] = [describe(one), describe(other)];
	const t = (a.mean - b.mean) / Math.sqrt(a.variance / a.n + b.variance / b.n);
	return { t, p: tail(t), apart: a.median - b.median, medians: [a.median, b.median] };
}

async function people(rig) {
	const known = [];
	for (let at = 0; at < PEOPLE; at++)
		known.push((await register(rig.stack, { email: newAddress('known') })).email);
	return { known, unknown: known.map(() => newAddress('known')) };
}

// In turns, and which of the two goes first by chance.
async function measure(rig, what) {
	const both = await people(rig);
	const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
	const took = { known: { wall: [], cpu: [] }, unknown: { wall: [], cpu: [] } };
	const db = await rig.connect();
	const statuses = new Set();
	const servers = (await db.query("SELECT pid FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()")).rows.map(row => row.pid);
	const pids = [...rig.worker.children, ...servers];
	for (let pair = 0; pair < PAIRS; pair++) {
		if (pair % (PEOPLE * TRIES[what]) === 0)
			await db.query("DELETE FROM guess; DELETE FROM ticket; DELETE FROM outbox; DELETE FROM failed_sign_in; CHECKPOINT");
		for (const who of Math.random() < 0.5 ? ['known', 'unknown'] : ['unknown', 'known']) {
			const before = onCpu(pids), began = now();
			statuses.add(await ask(rig, agent, paths[what], bodies[what](both[who][pair % PEOPLE])));
			took[who].wall.push(now() - began);
			took[who].cpu.push(onCpu(pids) - before);
		}
	}
	agent.destroy();
	await db.end();
	return { statuses: [...statuses], wall: welch(took.known.wall, took.unknown.wall), cpu: welch(took.known.cpu, took.unknown.cpu) };
}

const words = ({ medians: [a, b], t, p }) => `${a.toFixed(3)} and ${b.toFixed(3)} ms, t ${t.toFixed(2)}, p ${p.toPrecision(2)}`;

const told = what => async rig => {
	await rig.restart({ WORKERS: 1, PASSWORD_WORKERS: 1, ARGON2_PASSES: 1, ARGON2_KIB: 8192 });
	const { statuses, wall, cpu } = await measure(rig, what);
	await rig.restart();
	return {
		what: `${what}, ${PAIRS} times an address that is known and one that is not: ${words(wall)}; of processor ${words(cpu)}`,
		checks: [[statuses.length === 1, `all answers are alike: ${statuses.join(', ')}`],
			[Math.abs(wall.apart) < MOST_MS, `they are less than ${MOST_MS} ms apart`],
			[wall.p > LEAST_P || Math.abs(wall.apart) < SHARE * wall.medians[0], 'by the clock nobody can tell them apart'],
			[Math.abs(cpu.apart) < SHARE * cpu.medians[0], `the work is the same, within ${100 * SHARE} %`]],
	};
};

export const enumerationFaults = [['T36', told('sign-in'), 400], ['T36b', told('forgotten password'), 400]];
