// Hurts the service in every way that is listed here, while clients keep a ledger of what was acknowledged.
//	make faults [F="F1 F7 ..."]
// FAULTS_RESTARTS=1000 workers are replaced in F4, FAULTS_SLOW=2000 slow clients come in F29, FAULTS_HANDOFFS=1000 cases
// are handed off in HO, FAULTS_PAIRS=2000 tries are timed in T36; on a machine that others use too, TEST_PATIENCE=4 gives them the time.
// One line a fault; the last line is "N passed, N failed"; nothing stays behind.
import { setTimeout as sleep } from 'node:timers/promises';
import { patient } from '../support/patience.mjs';
import { enumerationFaults } from './enumeration.mjs';
import { handoffFaults } from './handoffs.mjs';
import { Rig } from './rig.mjs';
import { streamFaults } from './streams.mjs';
import { databaseFaults } from './database.mjs';
import { webFaults } from './web.mjs';
import { workerFaults } from './workers.mjs';

const SECONDS = 150; // for one fault, where it does not say how long; more means that something hangs
const wanted = process.argv.slice(2);
const chosen = [...workerFaults, ...webFaults, ...databaseFaults, ...streamFaults, ...handoffFaults, ...enumerationFaults]
	.filter(([id]) => !wanted.length || wanted.includes(id));
const totals = { passed: 0, failed: 0 };
const rig = new Rig();

// Runs one; which rules it broke.
async function judge(run, seconds = SECONDS) {
	const late = new AbortController();
	const limit = sleep(patient(seconds * 1000), null, { signal: late.signal }).then(() => { throw new Error(`took over ${patient(seconds)} s`); });
	limit.catch(() => {});
	try {
		const { what, checks } = await Promise.race([run(rig), limit]);
		return { what, wrong: checks.filter(([holds]) => !holds).map(([, rule]) => rule) };
	} catch (error) {
		return { what: 'did not come to its end', wrong: [error.stack], broken: true };
	} finally {
		late.abort();
	}
}

// False where the service may be left in a state that would tell nothing of the next fault.
async function perform(id, run, limit) {
	const began = Date.now();
	const { what, wrong, broken } = await judge(run, limit);
	const seconds = ((Date.now() - began) / 1000).toFixed(0);
	totals[wrong.length ? 'failed' : 'passed']++;
	console.log(`${wrong.length ? 'FAIL' : 'ok  '} ${id.padEnd(4)} ${what} (${seconds} s)`);
	for (const rule of wrong)
		console.log(`          not so: ${rule}`);
	return !broken;
}

async function leave() {
	await rig.stop();
	console.log(`${totals.passed} passed, ${totals.failed} failed`);
	process.exit(totals.failed ? 1 : 0);
}

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'])
	process.on(signal, () => rig.stop().finally(() => process.exit(130)));

try {
	await rig.start();
	for (const [id, run, limit] of chosen)
		if (!await perform(id, run, limit))
			break;
} catch (error) {
	totals.failed++;
	console.log(error.stack);
}
await leave();
