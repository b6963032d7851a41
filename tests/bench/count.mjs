// Instructions that the worker takes for one request, by valgrind: a number that no other work on the machine moves.
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import { Program, makeDir } from '../support/program.mjs';
import { PAGES } from './pages.mjs';

const REQUESTS = 200;
const OWN_REQUESTS = 50; // of the product's larger pages

// Counts what happens inside serve() and below it; each process writes a file when it ends.
async function count(rig, kind) {
	const dir = makeDir(`${rig.dir}/count-${kind}`);
	const requests = PAGES[kind].alone ? OWN_REQUESTS : REQUESTS;
	await rig.stack.programs.worker.stop();
	const worker = rig.stack.programs.worker = new Program('counted', 'valgrind', ['--tool=callgrind', '--toggle-collect=serve',
		`--callgrind-out-file=${dir}/out.%p`, `${rig.app}/counted`, 'worker'], {
		env: { ...rig.stack.settings, WORKERS: 1, PASSWORD_WORKERS: 1 }, log: `${dir}/log` });
	await rig.firstPage('ours');
	for (let at = 0; at < requests; at++)
		await rig.ask('ours', kind);
	await worker.stop();
	const totals = fs.readdirSync(dir).filter(name => name.startsWith('out')).map(name =>
		Number(/^(?:totals|summary): (\d+)/m.exec(fs.readFileSync(`${dir}/${name}`, 'utf8'))?.[1] ?? 0));
	return Math.max(...totals) / requests;
}

export async function countInstructions(rig, kinds) {
	if (spawnSync('valgrind', ['--version']).error) {
		console.log('skip: instructions a request, for valgrind is not here\n');
		return {};
	}
	const counts = {};
	for (const kind of kinds)
		counts[`${kind}.instructions`] = await count(rig, kind);
	console.log(`instructions of the worker a request: ${kinds.map(kind =>
		`${kind} ${Math.round(counts[`${kind}.instructions`] / 1000)} thousand`).join(', ')}\n`);
	await rig.startOurs(4);
	return counts;
}
