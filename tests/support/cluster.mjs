// A private PostgreSQL server for one run of the tests: nothing of it outlives the run, so nothing is synced.
import fs from 'node:fs';
import { Program, makeDir, run } from './program.mjs';

const SETTINGS = {
	listen_addresses: '', unix_socket_permissions: '0700', max_connections: 300,
	fsync: 'off', full_page_writes: 'off', synchronous_commit: 'off', shared_buffers: '128MB',
	max_wal_size: '4GB', checkpoint_timeout: '1h', autovacuum_naptime: '10s', log_min_messages: 'warning',
};

// settings: over those above.
export async function startCluster(dir, settings = {}) {
	const data = `${dir}/pg`;
	const sockets = makeDir(`${dir}/sock`);
	run('initdb', ['-D', data, '-U', 'postgres', '-A', 'trust', '-E', 'UTF8', '--locale=C.UTF-8',
		'--no-sync', '--no-instructions']);
	const cluster = { sockets, url: name => databaseUrl(sockets, name), stop: () => cluster.server.stop('SIGINT') };
	// Starts the server, also again after it ended; does not wait until it is ready.
	cluster.begin = (more = {}) => {
		const options = Object.entries({ ...SETTINGS, unix_socket_directories: sockets, ...settings, ...more });
		cluster.server = new Program('postgres', 'postgres', ['-D', data, ...options.flatMap(([k, v]) => ['-c', `${k}=${v}`])],
			{ log: `${dir}/postgres.log`, deathSignal: 'INT' });
		return cluster.server;
	};
	cluster.ready = () => cluster.server.until(() => /^\d+[\s\S]*ready\s*$/m.test(read(`${data}/postmaster.pid`)), 'it was ready');
	cluster.begin();
	await cluster.ready();
	return cluster;
}

function read(path) {
	return fs.existsSync(path) ? fs.readFileSync(path, 'utf8') : '';
}

export function databaseUrl(sockets, name) {
	return `postgresql:///${name}?host=${encodeURIComponent(sockets)}&user=postgres`;
}
