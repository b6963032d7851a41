// Hurts the service in every way that is listed here, while clients keep a ledger of what was acknowledged.
//	node tests/faults/run.mjs [F1 F7 ...]
// FAULTS_RESTARTS=1000 workers are replaced in F4, FAULTS_SLOW=2000 slow clients come in F29.
// One line a fault; the last line is "N passed, N failed"; nothing stays behind.
import { Rig } from './rig.mjs';
import { databaseFaults } from './database.mjs';
import { webFaults } from './web.mjs';
import { workerFaults } from './workers.mjs';

const SECONDS = 150; // for one fault; more means that something hangs
const wanted = process.argv.slice(2);
const chosen = [...workerFaults, ...webFaults, ...databaseFaults]
	.filter(([id]) => !wanted.length || wanted.includes(id));
const totals = { passed: 0, failed: 0 };
const rig = new Rig();

async function perform(id, run) {
	const began = Date.now();
	let alarm;
	const late = new Promise((_, reject) => {
		alarm = setTimeout(() => reject(Object.assign(new Error(`took over ${SECONDS} s`), { late: true })), SECONDS * 1000);
	});
	let wrong;
	let what;
	try {
		const outcome = await Promise.race([run(rig), late]);
		what = outcome.what;
		wrong = outcome.checks.filter(([holds]) => !holds).map(([, rule]) => rule);
	} catch (error) {
		what = 'did not come to its end';
		wrong = [error.stack];
		if (error.late)
			throw error;
	} finally {
		clearTimeout(alarm);
		if (wrong) {
			totals[wrong.length ? 'failed' : 'passed']++;
			console.log(`${wrong.length ? 'FAIL' : 'ok  '} ${id.padEnd(4)} ${what} (${((Date.now() - began) / 1000).toFixed(0)} s)`);
			for (const rule of wrong)
				console.log(`          not so: ${rule}`);
		}
	}
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
	for (const [id, run] of chosen)
		await perform(id, run);
} catch (error) {
	totals.failed++;
	console.log(error.stack);
}
await leave();
