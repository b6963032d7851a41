// make bench-history: the list of sessions in an account of HISTORY_SESSIONS (1000000) and in one of 200 on the same
// connection.  Prints the database's time for all that a page of the list asks for, in milliseconds: of the processor,
// which other programs do not disturb, and of the clock, p50.  The plans go to build/history-plan.txt.
// HISTORY_DATABASE=URL measures in one that was seeded before.
import fs from 'node:fs';
import path from 'node:path';
import pg from 'pg';
import { Rig, statements } from './rig.mjs';

const SESSIONS = Number(process.env.HISTORY_SESSIONS ?? 1000000);
const TIMES = Number(process.env.HISTORY_TIMES ?? 20);
const GOAL = 20;
const SQL = statements('sessions');
const DAY = 86400000;
const back = days => new Date(Date.now() - days * DAY).toISOString();

// What is asked for; `deep`: so many pages further on, by the key.
const lists = ({ flow, rare, person, client, seldom, ticket }) => ({
	'nothing': {}, 'prepared': { status: 'prepared' }, 'running': { status: 'active' }, 'parked': { status: 'parked' }, 'completed': { status: 'completed' },
	'cancelled': { status: 'abandoned' }, 'flow': { flow }, 'rare flow': { flow: rare }, 'person': { person }, 'client': { client }, 'rare client': { client: seldom },
	'ticket': { ticket }, 'assignee': { assignee: person }, 'a month two years ago': { since: back(730), until: back(700) },
	'flow, running': { flow, status: 'active' }, 'flow, parked': { flow, status: 'parked' }, 'flow, cancelled': { flow, status: 'abandoned' }, 'flow, completed': { flow, status: 'completed' },
	'client, running': { client, status: 'active' }, 'client, parked': { client, status: 'parked' }, 'client, cancelled': { client, status: 'abandoned' }, 'person, running': { person, status: 'active' },
	'flow, person': { flow, person }, 'flow, client': { flow, client }, 'client, person': { client, person }, 'rare client, flow': { client: seldom, flow },
	'flow, month': { flow, since: back(730), until: back(700) }, 'client, month': { client, since: back(730), until: back(700) }, 'person, month': { person, since: back(730), until: back(700) },
	'very common word': { q: 'router' }, 'common word': { q: 'badge' }, 'two words': { q: 'badge barcode' }, 'either': { q: 'badge or barcode' }, 'a phrase': { q: '"the router"' },
	'beginning of words': { q: 're' + 's' }, 'rare word': { q: 'zanzibar' }, 'old word': { q: 'quagga' }, 'no such word': { q: 'xylophone' }, 'a ticket as words': { q: ticket },
	'common word, flow': { q: 'router', flow }, 'common word, client': { q: 'router', client }, 'old word, person': { q: 'quagga', person }, 'old word, cancelled': { q: 'quagga', status: 'abandoned' },
	'word, running': { q: 'badge', status: 'active' }, 'word, month': { q: 'badge', since: back(730), until: back(700) }, 'rare word, rare client': { q: 'zanzibar', client: seldom },
	'deep: nothing': { deep: 400 }, 'deep: completed': { status: 'completed', deep: 400 }, 'deep: flow': { flow, deep: 100 }, 'deep: common word': { q: 'router', deep: 40 }, 'deep: old word': { q: 'quagga', deep: 40 },
});

const FIELDS = ['q', 'whole', 'status', 'flow', 'client', 'ticket', 'person', 'assignee', 'since', 'until'];

class Reader {
	constructor(db) {
		this.db = db;
	}

	async enter(who) {
		await this.db.query('RESET ROLE');
		await this.db.query('SET ROLE rf_worker');
		await this.db.query(`SELECT set_config('app.account', $1, false), set_config('app.person', $2, false)`, [who.account, who.person]);
	}

	run(name, values) {
		return this.db.query({ name, text: SQL[name], values });
	}

	// All statements of a page.
	async page(wish, whole, after = null) {
		const values = FIELDS.map(field => (field === 'whole' ? whole : wish[field] ?? null));
		const both = wish.q && !after; // a search that begins is its own count
		const { rows } = await this.run('history', [...values, after, null, 0, both ? 101 : 26]);
		if (!both)
			await this.run('history_count', [...values, wish.q ? 101 : 201]);
		await this.run('history_choices', [whole, wish.flow ?? null, wish.person ?? null]);
		const ids = rows.filter(row => row.hit).slice(0, 25).map(row => row.id);
		await this.run('sessions_listed', [ids, false]);
		await this.run('visits_here', [ids]);
		return rows.at(-1)?.id ?? null;
	}

	// Nanoseconds of the processor that this connection's process has had.
	spent() {
		return Number(fs.readFileSync(`/proc/${this.pid}/schedstat`, 'utf8').split(' ')[0]);
	}

	async measure({ deep = 0, ...wish }, whole) {
		let after = null;
		for (let at = 0; at < deep; at++) {
			const { rows } = await this.run('history', [...FIELDS.map(field => (field === 'whole' ? whole : wish[field] ?? null)), after, null, 0, 25]);
			after = rows.at(-1)?.id ?? after;
		}
		await this.page(wish, whole, after); // warms
		const walls = [];
		const began = this.spent();
		for (let at = 0; at < TIMES; at++) {
			const start = process.hrtime.bigint();
			await this.page(wish, whole, after);
			walls.push(Number(process.hrtime.bigint() - start) / 1e6);
		}
		return { cpu: (this.spent() - began) / TIMES / 1e6, wall: walls.sort((a, b) => a - b)[TIMES >> 1] };
	}
}

// The plans of what the functions run, as auto_explain tells them.
async function plans(url, who, wishes) {
	const db = new pg.Client({ connectionString: url });
	const told = [];
	db.on('notice', notice => told.push(notice.message));
	await db.connect();
	await db.query(`LOAD 'auto_explain'; SET auto_explain.log_min_duration = 0; SET auto_explain.log_nested_statements = on;
		SET auto_explain.log_analyze = on; SET auto_explain.log_buffers = on; SET client_min_messages = log`);
	const reader = new Reader(db);
	await reader.enter(who);
	for (const [name, { deep, ...wish }] of Object.entries(wishes)) {
		told.push(`======== ${name} ${deep ?? ''}`);
		await reader.run('history', [...FIELDS.map(field => (field === 'whole' ? true : wish[field] ?? null)), null, null, 0, 26]);
	}
	await db.end();
	return told.filter(text => /^====|session/.test(text)).join('\n\n');
}

async function measureAll(url, build) {
	const db = new pg.Client({ connectionString: url });
	await db.connect();
	const reader = new Reader(db);
	const { rows: [large, small] } = await db.query(`SELECT account_id AS account, (array_agg(id) FILTER (WHERE role = 'team_admin'))[1] AS person,
		(array_agg(id ORDER BY name) FILTER (WHERE role = 'engineer'))[1] AS engineer FROM person WHERE role <> 'viewer' GROUP BY 1
		ORDER BY (SELECT count(*) FROM (SELECT FROM session s WHERE s.account_id = person.account_id LIMIT 1000) x) DESC LIMIT 2`);
	const { rows: [flows] } = await db.query(`SELECT (array_agg(flow_id ORDER BY n DESC))[1] AS flow, (array_agg(flow_id ORDER BY n))[1] AS rare
		FROM (SELECT flow_id, count(*) n FROM session WHERE account_id = $1 GROUP BY 1) f`, [large.account]);
	const { rows: [{ ticket }] } = await db.query(`SELECT ticket FROM session WHERE account_id = $1 AND ticket <> '' ORDER BY id LIMIT 1`, [large.account]);
	const { rows: [{ pid }] } = await db.query('SELECT pg_backend_pid() AS pid');
	reader.pid = pid;
	const wishes = lists({ ...flows, person: large.engineer, client: 'Client No. 1', seldom: 'Client No. 1900', ticket });
	let over = 0;
	console.log(`${''.padEnd(26)}${['admin, all', 'engineer, all', 'engineer, mine', 'few, all'].map(text => text.padStart(18)).join('')}`);
	for (const [name, wish] of Object.entries(wishes)) {
		const cells = [];
		for (const [who, whole] of [[large, true], [{ ...large, person: large.engineer }, true], [{ ...large, person: large.engineer }, false], [small, true]]) {
			await reader.enter(who);
			const { cpu, wall } = await reader.measure(wish, whole);
			over += cpu > GOAL;
			cells.push(`${cpu.toFixed(1)} / ${wall.toFixed(1)}${cpu > GOAL ? ' !' : '  '}`.padStart(18));
		}
		console.log(name.padEnd(26) + cells.join(''));
	}
	console.log(`milliseconds of the processor / of the clock (p50); ${over} of the former over ${GOAL}`);
	fs.writeFileSync(`${build}/history-plan.txt`, `${await plans(url, large, wishes)}\n`);
	await db.end();
	return over > 0;
}

if (process.env.HISTORY_DATABASE) {
	process.exit(await measureAll(process.env.HISTORY_DATABASE, path.resolve(process.env.BUILD ?? 'build')) ? 1 : 0);
}
const rig = new Rig();
let failed = false;
try {
	await rig.startProduct();
	for (const name of ['large', 'small'])
		await rig.stack.visitor().post('/register', { name, account_name: name, email: `${name}@bench.example`, password: 'a few words for a bench' });
	const [large, small] = await rig.stack.sql(`SELECT account_id AS account, id AS person FROM person ORDER BY email LIMIT 2`);
	const began = Date.now();
	rig.psql(rig.stack.name, ['-o', '/dev/null', '-f', `${rig.app}/history.sql`, ...Object.entries({
		account: large.account, person: large.person, small: small.account, helper: small.person, sessions: SESSIONS, few: 200,
	}).flatMap(([name, value]) => ['-v', `${name}=${value}`])]);
	console.log(`seeded ${SESSIONS} sessions of 8 visits in ${Math.round((Date.now() - began) / 1000)} s`);
	failed = await measureAll(rig.stack.database, rig.build);
} catch (error) {
	failed = true;
	console.log(error.stack);
}
await rig.stop();
process.exit(failed ? 1 : 0);
