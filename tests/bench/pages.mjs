// The pages that are measured, a row each, over the data of seed.sql.
//	requests  what is asked, over and over: { account, path }, and of a form { body, count }.  In a body "{csrf}" is
//	          the account's token, and "{count}" (also in a path) a number that grows by one with each time the request
//	          was sent.
//	one       what account 1 asks where a single request is enough
//	queries   for pgbench: room, name and parameters of each; :n is any of `numbers`, which has the first and the last
//	leads     of a form: the kind of page that its answer leads to, which is got each time, and counted as well
//	written   of a page that writes: SQL that counts what was written, so that no load only seems to have worked
//	workers, clients  how many workers of ours and connections of pgbench do best: answers wait for the disk
//	alone     true where the peer has no such page: the product is then measured by itself and beside pgbench
//	accounts  of how many accounts the numbers are, where it is not all
//	goals     measure: what an earlier trial reached, what is aimed at
import { createHash } from 'node:crypto';

export const ACCOUNTS = 50;
export const FLOWS = 200;
export const SESSIONS = Number(process.env.BENCH_SESSIONS ?? 10000); // the first half is read, the second answered
export const ENDED = SESSIONS / 5; // after those, of ten steps
export const LIBRARIES = 4; // accounts that have flows of the product's own
export const TREES = 2000; // those flows: of 20 steps, every 25th of 60

export const md5 = text => createHash('md5').update(text).digest('hex').replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
const range = (first, last, make) => Array.from({ length: last - first + 1 }, (_, at) => make(first + at));

const session = n => ({ account: 1 + n % ACCOUNTS, path: `/sessions/${md5(`s${n}`)}` });
const step = (n, visit) => ({ account: session(n).account, path: `${session(n).path}/steps/${visit}` });
const NOTE = 'The+light+is+on+%26+steady%2C+the+operator+said.+About+eighty+characters+of+text.';
const answer = (n, count) => ({ ...step(n, '{count}'), count,
	body: `csrf={csrf}&once=s${n}-{count}&note_was=&scratch_was=&note=${NOTE}&v.address=&scratchpad=&option=o1` });
const take = (n, count) => ({ account: session(n).account, path: `${session(n).path}/export`, count,
	body: `csrf={csrf}&once=x${n}-{count}&format=text&detail=standard&unfilled=token&redact=true` });
const tree = n => ({ account: 1 + n % LIBRARIES, path: `/flows/${md5(`w${n}`)}` });
const large = range(1, TREES / 25, at => tree(at * 25));
const editor = (of, step = '') => ({ account: of.account, path: `${of.path}/edit${step && `/n${step}`}` });
// What the step's form sends, but for the hash of what it was filled with.
const save = (n, count) => ({ account: tree(n).account, path: `${tree(n).path}/edit/n2`, count,
	body: `csrf={csrf}&once=w${n}-{count}&was=&at=save&title=Look+at+the+front+panel&kind=action&body=Attempt+{count}%3A+**hold**+the+button`
		+ '+for+two+seconds%2C+then+wait+until+the+light+is+steady.&help=It+is+green.&next=n3&new_title=&new_kind=action&required=1' });
const WORDS = ['toner', 'vpn tunnel', 'restart router', 'lease', 'mailbox quo'];
const search = (account, q) => ({ account, path: `/flows/search?q=${q.replace(' ', '+')}` });
const another = (items, make, at = 0) => (...given) => make(items[at++ % items.length], ...given); // each time

const TREE_ID = "md5('w' || :n)::uuid";
const FOUND = `ARRAY(SELECT md5('w' || (:a - 1 + ${LIBRARIES} * k))::uuid::text FROM generate_series(1, 20) k)`;
const NO_FILTER = ["''", "''", "''", "''", "'{}'::text[]", 'NULL::uuid', 'false', 'NULL::uuid', 'NULL::uuid'];
const EDITOR = [['flows', 'flow_line', TREE_ID], ['flows', 'flow', TREE_ID], ['flows', 'flow_doc', TREE_ID, '0']];
const SESSION_ID = "md5('s' || :n)::uuid";
const READ_SESSION = [['sessions', 'session', SESSION_ID], ['sessions', 'visits', SESSION_ID]];
const FIND_SESSION = ['sessions', 'session_find', SESSION_ID], LOCK_SESSION = ['sessions', 'session_lock', SESSION_ID];
const STANDS_AT = `(SELECT visit FROM session WHERE account_id = app_account() AND id = ${SESSION_ID})`;
const OF_ACCOUNT_1 = range(1, SESSIONS / 2 / ACCOUNTS, at => SESSIONS / 2 + at * ACCOUNTS);

export const PAGES = {
	list: {
		requests: () => range(1, ACCOUNTS, n => ({ account: n, path: '/bench/flows' })),
		one: () => ({ path: '/bench/flows' }),
		queries: [['bench', 'flows']],
		numbers: [1, SESSIONS / 2], workers: 4, clients: 4,
		goals: {
			'reqs.fastapi': [6.4, 8], 'p99.fastapi': [9.8, 12], 'alone.fastapi': [5.9, 7], 'cpu.fastapi': [17, 25],
			'cpuall.fastapi': [7.2, 9], 'reqs.pgbench': [0.37, 0.48], 'reqs.fcgi': [0.23, 0.28], 'reqs.static': [0.049],
		},
	},
	// A session at its fifth step.
	step: {
		requests: () => range(1, SESSIONS / 2, n => step(n, 5)),
		one: () => step(ACCOUNTS, 5),
		queries: [FIND_SESSION, ['sessions', 'travel_here', SESSION_ID], ...READ_SESSION],
		numbers: [1, SESSIONS / 2], workers: 4, clients: 4,
		goals: {
			'reqs.fastapi': [3.8, 5.5], 'p99.fastapi': [5.0, 7], 'alone.fastapi': [4.6, 5.5], 'cpu.fastapi': [10.2, 15],
			'cpuall.fastapi': [4.5, 6], 'reqs.pgbench': [0.33, 0.45], 'reqs.fcgi': [0.22, 0.3], 'reqs.static': [0.046],
		},
	},
	// It is answered with a note, and the next step is shown.
	answer: {
		leads: 'step',
		requests: async sql => {
			const rows = await sql('SELECT id, visit FROM session');
			const visits = new Map(rows.map(row => [row.id, row.visit]));
			return range(SESSIONS / 2 + 1, SESSIONS, n => answer(n, visits.get(md5(`s${n}`))));
		},
		one: another(OF_ACCOUNT_1, async (n, sql) => {
			const [{ visit }] = await sql('SELECT visit FROM session WHERE id = $1', [md5(`s${n}`)]);
			return answer(n, visit);
		}),
		queries: [FIND_SESSION, LOCK_SESSION, ...READ_SESSION, ['sessions', 'visit_note', SESSION_ID, STANDS_AT, "'a note of eighty characters'"],
			['sessions', 'visit_answer', SESSION_ID, "'o1'", "'Yes'", 'NULL'], ['sessions', 'session_step', SESSION_ID],
			['sessions', 'visit_add', SESSION_ID, "'n7'", "'decision'", "'Does it answer?'", "''", '1', '0', "''"]],
		written: 'SELECT sum(visit)::int AS n FROM session',
		numbers: [SESSIONS / 2 + 1, SESSIONS], workers: 8, clients: 16,
		goals: {
			'reqs.fastapi': [3.3, 4], 'p99.fastapi': [5.7, 7], 'alone.fastapi': [3.5, 4], 'cpu.fastapi': [9.7, 12],
			'cpuall.fastapi': [3.6, 4.3], 'reqs.pgbench': [0.71, 0.78],
		},
	},
	// The documentation of a session of ten steps is taken out: text, standard, redacted.
	export: {
		alone: true,
		requests: () => range(SESSIONS + 1, SESSIONS + ENDED, n => take(n, Date.now())),
		one: () => take(SESSIONS + ACCOUNTS, Date.now()),
		queries: [FIND_SESSION, ['reports', 'account_name'], ['redaction', 'redaction_patterns'], LOCK_SESSION, ...READ_SESSION,
			['reports', 'export_add', 'gen_random_uuid()', SESSION_ID, "'text'", "'standard'", 'true', 'false', "repeat('a text ', 400)", 'repeat(md5(random()::text), 2)']],
		written: 'SELECT count(*)::int AS n FROM export',
		numbers: [SESSIONS + 1, SESSIONS + ENDED], workers: 8, clients: 16,
		goals: {},
	},
	// A person's library: the first 50 of 500 flows.
	library: {
		alone: true, accounts: LIBRARIES,
		requests: () => range(1, LIBRARIES, account => ({ account, path: '/flows' })),
		one: () => ({ path: '/flows' }),
		queries: [['flows', 'flow_look', "''"], ['flows', 'library_choices'], ['flows', 'folders'], ['flows', 'tag_names'],
			['flows', 'library', ...NO_FILTER, "'name'", "''", '0', 'NULL::uuid', '51', '0'], ['flows', 'library_count', ...NO_FILTER]],
		numbers: [1, TREES], workers: 4, clients: 4,
		goals: {},
	},
	// Words that some of them have, or that many have.
	search: {
		alone: true, accounts: LIBRARIES,
		requests: () => range(1, LIBRARIES, account => WORDS.map(q => search(account, q))).flat(),
		one: () => search(1, WORDS[0]),
		queries: [['flows', 'search', `'${WORDS[0]}'`, '20', '0', 'false'], ['flows', 'search_words', `'${WORDS[0]}'`],
			['flows', 'flows_of', FOUND], ['flows', 'flow_texts', FOUND]],
		numbers: [1, TREES], workers: 4, clients: 4,
		goals: {},
	},
	// One step's form is saved, each time with another text.
	save: {
		alone: true, accounts: LIBRARIES,
		requests: () => range(1, TREES, n => n).filter(n => n % 25).map(n => save(n, Date.now())),
		one: () => save(LIBRARIES, Date.now()),
		queries: [['flows', 'flow_find', TREE_ID], ['flows', 'flow_lock', TREE_ID], ...EDITOR.slice(1), ['flows', 'unsent_drop', TREE_ID, "'n2'"],
			['flows', 'flow_edit_add', TREE_ID, "'Changed step 2'", "'A flow'", "''", "'troubleshooting'", '20',
				`(SELECT structure FROM flow_version WHERE account_id = app_account() AND flow_id = ${TREE_ID})`, "'[]'", 'md5(random()::text)']],
		written: 'SELECT sum(edit)::int AS n FROM flow',
		numbers: [1, TREES], workers: 8, clients: 8,
		goals: {},
	},
	// A flow of 60 steps as its readers see it: picture and texts.
	read: {
		alone: true, accounts: LIBRARIES,
		requests: () => large.slice(0, LIBRARIES),
		one: () => large.find(of => of.account === 1),
		queries: [['flows', 'flow', TREE_ID], ['flows', 'flow_doc', TREE_ID, '0']],
		numbers: [1, TREES], workers: 4, clients: 4,
		goals: {},
	},
	// The editor's front with the picture of a flow of 60 steps, which a worker keeps.
	picture: {
		alone: true, accounts: LIBRARIES,
		requests: () => large.slice(0, LIBRARIES).map(of => editor(of)),
		one: () => editor(large.find(of => of.account === 1)),
		queries: EDITOR,
		numbers: [1, TREES], workers: 4, clients: 4,
		goals: {},
	},
	// Its steps, each with a picture of its own that marks it: more than a worker keeps, so most are drawn anew.
	drawn: {
		alone: true, accounts: LIBRARIES,
		requests: () => large.flatMap(of => range(1, 59, step => editor(of, step))),
		one: another(large.filter(of => of.account === 1).flatMap(of => range(0, 18, at => editor(of, 1 + at * 3))), of => of),
		queries: [['flows', 'unsent', TREE_ID, "'n1'"], ...EDITOR],
		numbers: [1, TREES], workers: 4, clients: 4,
		goals: {},
	},
};

// A request as one sends it who has that token.
export const fill = (body, values) => body.replace(/\{(\w+)\}/g, (_, name) => values[name]);
