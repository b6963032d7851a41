// Back to a moment between two backups, by the lines of docs/operations.md, on a server of its own.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { startCluster } from '../support/cluster.mjs';
import { deadline } from '../support/patience.mjs';
import { makeDir, run } from '../support/program.mjs';
import { settingsFor } from '../support/stack.mjs';

const HOME = `${process.env.RF_TEST_DIR}/moment-${process.pid}`;
const APP = process.env.RF_TEST_APP;
const [, SECTION] = /\n## Back to a moment between two backups\n([^]*?)\n## /.exec(fs.readFileSync('docs/operations.md', 'utf8'));
// [what postgresql.conf gets, what is done before, what is done after]
const BLOCKS = [...SECTION.matchAll(/(?:^ {4}.*\n)+/mg)].map(([block]) => block.trimEnd().split('\n').map(line => line.trim()));

let cluster;
let env;
before(async () => {
	makeDir(HOME);
	cluster = await startCluster(HOME);
	env = settingsFor({ app: APP, dir: HOME, database: cluster.url('rf'), base: 'http://127.0.0.1' });
	run('psql', ['-qX', '-d', cluster.url('postgres'), '-c', 'CREATE DATABASE rf']);
	run('psql', ['-qX', '-d', cluster.url('rf')], { input: run(`${APP}/resolutionflow`, ['install-roles'], { env }) });
	run(`${APP}/resolutionflow`, ['migrate'], { env });
});
after(async () => {
	await cluster?.stop();
	fs.rmSync(HOME, { recursive: true, force: true });
});

const here = line => line.replaceAll('/var/lib/postgresql/15/main', `${HOME}/pg`).replaceAll('/srv/archive', `${HOME}/archive`);
const sql = text => run('psql', ['-qXAt', '-v', 'ON_ERROR_STOP=1', '-d', cluster.url('rf'), '-c', text]).trim();

// What the line prints.  systemctl is of another kind of machine: the server is stopped and started as it would.
async function follow(line) {
	if (!line.startsWith('systemctl'))
		return run('sh', ['-ec', here(line)], { env: { PGHOST: cluster.sockets, PGUSER: 'postgres' } }).trim();
	assert.match(line, /^systemctl (stop|start|restart) .*postgresql/);
	if (!line.includes(' start '))
		await cluster.stop();
	if (line.includes(' stop '))
		return '';
	cluster.begin();
	await cluster.ready();
	return '';
}

async function followAll(lines) {
	let said;
	for (const line of lines)
		said = await follow(line);
	return said;
}

test('the row of before is there, the row of after is not, and the product goes on', async () => {
	assert.equal(BLOCKS.length, 4, SECTION);
	const [settings, prepare, goBack, look] = BLOCKS;
	fs.appendFileSync(`${HOME}/pg/postgresql.conf`, `${here(settings.join('\n'))}\n`);
	assert.equal(await followAll(prepare), '0|');
	const put = name => sql(`INSERT INTO plan (name, label) VALUES ('${name}', '${name}')`);
	put('before');
	await sleep(1100);
	const moment = sql('SELECT now()');
	await sleep(1100);
	put('after');
	sql('SELECT pg_switch_wal()');
	put('later');
	for (const end = deadline(20); !Number(sql('SELECT archived_count FROM pg_stat_archiver')); await sleep(50))
		assert.ok(Date.now() < end, 'nothing was archived');
	const dated = goBack.map(line => line.replace(/^echo "recovery_target_time = '[^']+'"/, `echo "recovery_target_time = '${moment}'"`));
	assert.equal(dated.filter((line, at) => line !== goBack[at]).length, 1);
	let said = await followAll(dated);
	for (const end = deadline(20); said !== 'f' && Date.now() < end; await sleep(100))
		said = await follow(dated.at(-1));
	assert.equal(said, 'f', 'it takes writes');
	assert.equal(sql(`SELECT string_agg(name, ' ') FROM plan WHERE name IN ('before', 'after', 'later')`), 'before');
	put('goes-on');
	for (const line of look.filter(text => text.startsWith('resolutionflow-ctl audit')))
		assert.match(run(`${APP}/resolutionflow`, line.split(' ').slice(1), { env }), /0 findings/);
	assert.equal(run(`${APP}/resolutionflow`, ['check'], { env }), '');
});
