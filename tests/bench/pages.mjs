// The pages that are measured, a row each, over the data of seed.sql.
//	requests  what is asked, over and over: { account, path }, and of a form { body, count }.  In a body "{csrf}" is
//	          the account's token and "{count}" a number that grows by one with each time the request was sent.
//	one       what account 1 asks where a single request is enough
//	room      whose store.sql has the queries
//	queries   for pgbench: name and parameters of each; :n is any of `numbers`, which has the first and the last
//	written   of a page that writes: SQL that counts what was written, so that no load only seems to have worked
//	workers, clients  how many workers of ours and connections of pgbench do best: answers wait for the disk
//	alone     true where the peer has no such page: the product is then measured beside pgbench only
//	goals     measure: what an earlier trial reached, what is aimed at
import { createHash } from 'node:crypto';

export const ACCOUNTS = 50;
export const FLOWS = 200;
export const SESSIONS = 10000; // the first half is read, the second answered
export const STEPS = 10;

export const md5 = text => createHash('md5').update(text).digest('hex').replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
const range = (first, last, make) => Array.from({ length: last - first + 1 }, (_, at) => make(first + at));

const session = n => ({ account: 1 + n % ACCOUNTS, path: `/bench/sessions/${md5(`s${n}`)}` });
const answer = (n, count) => ({ account: session(n).account, path: `${session(n).path}/answer`, count,
	body: 'csrf={csrf}&step={count}&answer=yes&note=The+light+is+on+%26+steady%2C+the+operator+said.+About+eighty+characters+of+text.' });
const SESSION_ID = "md5('s' || :n)::uuid";
const OF_ACCOUNT_1 = 50;

export const PAGES = {
	list: {
		requests: () => range(1, ACCOUNTS, n => ({ account: n, path: '/bench/flows' })),
		one: () => ({ path: '/bench/flows' }),
		room: 'bench', queries: [['flows']],
		numbers: [1, SESSIONS / 2], workers: 4, clients: 4,
		goals: {
			'reqs.fastapi': [6.4, 8], 'p99.fastapi': [9.8, 12], 'alone.fastapi': [5.9, 7], 'cpu.fastapi': [17, 25],
			'cpuall.fastapi': [7.2, 9], 'reqs.pgbench': [0.37, 0.48], 'reqs.fcgi': [0.23, 0.28], 'reqs.static': [0.049],
		},
	},
	session: {
		requests: () => range(1, SESSIONS / 2, session),
		one: () => session(OF_ACCOUNT_1),
		room: 'bench', queries: [['session', SESSION_ID], ['steps', SESSION_ID]],
		numbers: [1, SESSIONS / 2], workers: 4, clients: 4,
		goals: {
			'reqs.fastapi': [3.8, 5.5], 'p99.fastapi': [5.0, 7], 'alone.fastapi': [4.6, 5.5], 'cpu.fastapi': [10.2, 15],
			'cpuall.fastapi': [4.5, 6], 'reqs.pgbench': [0.33, 0.45], 'reqs.fcgi': [0.22, 0.3], 'reqs.static': [0.046],
		},
	},
	post: {
		requests: async sql => {
			const rows = await sql('SELECT id, step_count FROM bench_session');
			const steps = new Map(rows.map(row => [row.id, row.step_count]));
			return range(SESSIONS / 2 + 1, SESSIONS, n => answer(n, steps.get(md5(`s${n}`))));
		},
		one: async sql => {
			const [{ n }] = await sql('SELECT step_count AS n FROM bench_session WHERE id = $1', [md5(`s${OF_ACCOUNT_1}`)]);
			return answer(OF_ACCOUNT_1, n);
		},
		room: 'bench', queries: [['answer', SESSION_ID, 's.step_count', "'yes'",
			"'a note of about eighty characters, a note of about eighty characters, yes.'"]],
		written: 'SELECT sum(step_count)::int AS n FROM bench_session',
		numbers: [SESSIONS / 2 + 1, SESSIONS], workers: 8, clients: 16,
		goals: {
			'reqs.fastapi': [3.3, 4], 'p99.fastapi': [5.7, 7], 'alone.fastapi': [3.5, 4], 'cpu.fastapi': [9.7, 12],
			'cpuall.fastapi': [3.6, 4.3], 'reqs.pgbench': [0.71, 0.78],
		},
	},
};

// A request as one sends it who has that token.
export const fill = (body, values) => body.replace(/\{(\w+)\}/g, (_, name) => values[name]);
