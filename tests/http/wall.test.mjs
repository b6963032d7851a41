// The wall between accounts: row-level security, seen from each program's role, over every table that there is.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import pg from 'pg';
import { API, browser, colleague, isProblem, register } from '../support/accounts.mjs';
import { startStack } from '../support/stack.mjs';
import { fillTables, findTables, rowOf } from '../support/tables.mjs';

const PROGRAMS = ['rf_worker', 'rf_hub', 'rf_jobs'];

// ---- what departs from the rules, and why ----

const SEES_ALL = {
	'rf_hub event': 'one process carries the streams of all accounts',
	'rf_hub feed': 'one process carries the streams of all accounts',
	'rf_jobs audit': 'one process seals the entries of all accounts',
	'rf_jobs audit_due': 'one process seals the entries of all accounts',
	'rf_jobs audit_seal': 'one process seals the entries of all accounts',
	'rf_jobs audit_head': 'one process seals the entries of all accounts',
	'rf_jobs job': 'any account\'s work is done by whichever process is free',
	'rf_jobs outbox': 'any account\'s mail is sent by whichever process is free',
	'rf_jobs webhook': 'any account\'s endpoints are called by whichever process is free',
	'rf_jobs webhook_call': 'any account\'s endpoints are called by whichever process is free',
};
const NO_ACCOUNT = {
	account_erased: 'tells of accounts that are no more',
	flag: 'the platform\'s, read through the door only', job_period: 'when the platform\'s own housekeeping ran last',
	plan: 'the same for all', plan_limit: 'the same for all', limit_kind: 'the same for all', schema_migration: 'of the database itself',
	zone: 'the same for all',
	platform_code: 'the platform\'s own: companies register by them',
	bucket: 'counts by address, before anyone has signed in', guess: 'counts wrong passwords, of unknown addresses too',
	failed_sign_in: 'wrong passwords, of unknown addresses too, until they are entries of the log',
	kept_form: 'comes from whoever was signed out; sealed, and found by a token',
};
const KEYS_WITHOUT_ACCOUNT = {
	api_key_hash: 'found by its hash before the account is known', person_email: 'an address signs in to one account', invite_code: 'found by its hash before the account is known',
	refresh_pkey: 'found by its hash before the account is known', share_token: 'found by its hash before the account is known', ticket_pkey: 'found by its hash before the account is known',
	job_pkey: 'the jobs program works across accounts', outbox_pkey: 'the jobs program works across accounts',
	person_zone_fkey: 'zones are the world\'s', account_zone_fkey: 'zones are the world\'s',
	sign_in_inside_id_fkey: 'a super_admin looks into accounts',
	account_code_id_fkey: 'codes are the platform\'s',
	account_plan_fkey: 'plans are the platform\'s',
	account_limit_key_fkey: 'the sorts of limits are the same for all', plan_use_key_fkey: 'the sorts of limits are the same for all',
	plan_told_key_fkey: 'the sorts of limits are the same for all',
};
const DEFINERS = { doorman: 'looks up what must be found before the account is known', searcher: 'searches full texts', rf_owner: 'makes and drops the months of the log', overseer: 'what super_admins do with all accounts', eraser: 'takes away what is due to go, within one account' };

let stack;
let db;
let a;
let b;
let tables; // with account_id: { name, columns: [{ name, type, filled }] }
before(async () => {
	stack = await startStack();
	a = await register(stack);
	b = await register(stack);
	db = new pg.Client({ connectionString: stack.database });
	await db.connect();
	tables = await findTables(db);
	await fillTables(db, tables, [a, b].map(who => who.user.account.id));
});
after(async () => {
	await db?.end();
	await stack?.stop();
});

const rows = async (text, parameters) => (await db.query(text, parameters)).rows;
const names = async text => (await rows(text)).map(row => row.name).sort();

// A statement as a program, then undone: how many rows it touched, or the SQLSTATE.
async function as(role, account, text) {
	await db.query('BEGIN');
	try {
		await db.query(`SET LOCAL ROLE ${role}`);
		await db.query(`SELECT set_config('app.account', $1, true)`, [account]);
		const { rowCount, rows: [first], command } = await db.query(text);
		return command === 'SELECT' ? Number(first.count) : rowCount;
	} catch (error) {
		return error.code;
	} finally {
		await db.query('ROLLBACK');
	}
}

async function everywhere(check) {
	for (const role of PROGRAMS)
		for (const table of tables)
			if (!SEES_ALL[`${role} ${table.name}`])
				await check(role, table.name, table);
}

test('a program sees the rows of its account, and outside all none', async () => {
	const own = a.user.account.id;
	await everywhere(async (role, name) => {
		const [{ count, may }] = await rows(`SELECT count(*) FILTER (WHERE account_id = '${own}'), has_any_column_privilege('${role}', '${name}', 'SELECT') AS may FROM ${name}`);
		assert.ok(count > 0, `${name} has rows`);
		const select = `SELECT count(*) FROM ${name}`;
		assert.equal(await as(role, '', select), may ? 0 : '42501', `${role} ${name}, outside`);
		assert.equal(await as(role, own, select), may ? Number(count) : '42501', `${role} ${name}`);
		if (may)
			assert.equal(await as(role, 'rubbish', select), '22P02', `${role} ${name}, in no account`);
	});
	for (const [key, why] of Object.entries(SEES_ALL)) {
		const [role, name] = key.split(' ');
		assert.ok(await as(role, '', `SELECT count(*) FROM ${name}`) > 1, `${key}: ${why}`);
	}
});

test('no program changes or deletes a row of another account, nor moves one there', async () => {
	const [own, other] = [a.user.account.id, b.user.account.id];
	await everywhere(async (role, name, table) => {
		const [{ mine }] = await rows(`SELECT count(*) AS mine FROM ${name} WHERE account_id = '${own}'`);
		for (const { name: column } of table.columns) {
			const update = `UPDATE ${name} SET ${column} = ${column === 'account_id' ? `'${other}'` : 'DEFAULT'}`;
			const outside = await as(role, '', update);
			assert.ok(outside === 0 || outside === '42501', `${role} ${update}, outside: ${outside}`);
			const inside = await as(role, own, update);
			assert.ok(column === 'account_id' ? inside === '42501' : typeof inside === 'string' || inside <= Number(mine), `${role} ${update}: ${inside}`);
		}
		const foreign = await as(role, own, `DELETE FROM ${name}`);
		assert.ok(typeof foreign === 'string' || foreign <= Number(mine), `${role} deletes from ${name}: ${foreign}`);
		const nowhere = await as(role, '', `DELETE FROM ${name}`);
		assert.ok(nowhere === 0 || nowhere === '42501', `${role} deletes from ${name}, outside: ${nowhere}`);
	});
});

test('no program adds a row to another account', async () => {
	await everywhere(async (role, name, table) => {
		const insert = rowOf(table, b.user.account.id);
		for (const account of ['', a.user.account.id])
			assert.equal(await as(role, account, insert), '42501', `${role} ${name} from "${account}"`);
	});
	const worker = await as('rf_worker', a.user.account.id, rowOf(tables.find(({ name }) => name === 'team'), a.user.account.id));
	assert.equal(worker, 1, 'its own it may, so the above is the wall\'s doing');
});

test('the account is of the transaction: after it there is none', async () => {
	await db.query('BEGIN');
	await db.query(`SELECT set_config('app.account', $1, true)`, [a.user.account.id]);
	await db.query('COMMIT');
	assert.equal((await rows('SELECT app_account() AS account'))[0].account, null);
});

test('R1: every table with an account is behind the wall, and the others are known by name', async () => {
	const bare = await names(`SELECT c.relname AS name FROM pg_class c JOIN pg_attribute t ON t.attrelid = c.oid AND t.attname = 'account_id'
		WHERE c.relkind IN ('r', 'p') AND NOT (relrowsecurity AND relforcerowsecurity AND EXISTS (SELECT FROM pg_policy WHERE polrelid = c.oid))`);
	assert.deepEqual(bare, []);
	const known = tables.map(table => table.name);
	const others = (await names(`SELECT relname AS name FROM pg_class WHERE relkind IN ('r', 'p') AND NOT relispartition AND relnamespace = 'public'::regnamespace`)).filter(name => !known.includes(name));
	assert.deepEqual(others, Object.keys(NO_ACCOUNT).sort());
	for (const name of ['bucket', 'failed_sign_in', 'guess', 'kept_form', 'platform_code'])
		assert.equal(await as('rf_worker', '', `SELECT count(*) FROM ${name}`), '42501', name);
	const optional = await names(`SELECT attrelid::regclass::text AS name FROM pg_attribute WHERE attname = 'account_id' AND NOT attnotnull
		AND attrelid IN (SELECT oid FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace)`);
	assert.deepEqual(optional, ['job'], 'the platform\'s own housekeeping is nobody\'s');
});

test('R2: views ask with the rights of whoever looks', async () => {
	assert.deepEqual(await names(`SELECT relname AS name FROM pg_class WHERE relkind = 'v' AND relnamespace = 'public'::regnamespace
		AND NOT ('security_invoker=true' = ANY (coalesce(reloptions, '{}')) OR 'security_invoker=on' = ANY (coalesce(reloptions, '{}')))`), []);
});

test('R3: keys of every kind carry the account', async () => {
	const constraints = await names(`SELECT conname AS name FROM pg_constraint c JOIN pg_attribute t ON t.attrelid = c.conrelid AND t.attname = 'account_id'
		WHERE contype IN ('p', 'u', 'f') AND NOT t.attnum = ANY (conkey)`);
	const indexes = await names(`SELECT i.indexrelid::regclass::text AS name FROM pg_index i JOIN pg_attribute t ON t.attrelid = i.indrelid AND t.attname = 'account_id'
		WHERE indisunique AND NOT t.attnum = ANY (indkey::int2[])`);
	assert.deepEqual([...new Set([...constraints, ...indexes])].sort(), Object.keys(KEYS_WITHOUT_ACCOUNT).sort());
});

test('R4: a function with rights of its own has its search path, its owner and its callers named', async () => {
	const definers = `FROM pg_proc p JOIN pg_roles r ON r.oid = proowner WHERE prosecdef AND pronamespace <> 'pg_catalog'::regnamespace`;
	assert.deepEqual(await names(`SELECT proname AS name ${definers} AND NOT coalesce(proconfig::text LIKE '%search_path=pg_catalog%pg_temp%', false)`), []);
	assert.deepEqual(await names(`SELECT proname AS name ${definers} AND has_function_privilege('public', p.oid, 'EXECUTE')`), []);
	for (const { owner } of await rows(`SELECT DISTINCT rolname AS owner ${definers}`))
		assert.ok(DEFINERS[owner], owner);
	assert.ok((await names(`SELECT proname AS name ${definers}`)).length > 5);
});

test('R5: no role but the administrator\'s passes the wall, and the programs own nothing', async () => {
	const ours = `rolname LIKE 'rf\\_%' OR rolname IN ('doorman', 'searcher', 'eraser', 'overseer')`;
	assert.deepEqual(await names(`SELECT rolname AS name FROM pg_roles WHERE (rolsuper OR rolbypassrls) AND rolname <> 'postgres'`), ['rf_backup']);
	const more = ['INSERT', 'UPDATE', 'DELETE', 'TRUNCATE'];
	assert.deepEqual(await names(`SELECT c.relname || ' ' || p AS name FROM pg_class c, unnest($$\{${more}}$$::text[]) p WHERE c.relkind IN ('r', 'p') AND c.relnamespace = 'public'::regnamespace AND has_table_privilege('rf_backup', c.oid, p)`), [], 'it reads all accounts for backups, and changes nothing');
	assert.deepEqual(await names(`SELECT rolname AS name FROM pg_roles WHERE (${ours}) AND (rolcreaterole OR rolcreatedb OR rolreplication)`), []);
	assert.deepEqual(await names(`SELECT rolname AS name FROM pg_roles WHERE (${ours}) AND rolcanlogin`), [...PROGRAMS].sort());
	const programs = `rolname IN ('rf_worker', 'rf_hub', 'rf_jobs')`;
	assert.deepEqual(await names(`SELECT r.rolname || ' is ' || m.rolname AS name FROM pg_auth_members JOIN pg_roles r ON r.oid = member JOIN pg_roles m ON m.oid = roleid WHERE r.${programs}`), []);
	assert.deepEqual(await names(`SELECT relname AS name FROM pg_class JOIN pg_roles r ON r.oid = relowner WHERE ${programs}
		UNION ALL SELECT proname FROM pg_proc JOIN pg_roles r ON r.oid = proowner WHERE ${programs}
		UNION ALL SELECT nspname FROM pg_namespace n JOIN pg_roles r ON has_schema_privilege(r.oid, n.oid, 'CREATE') WHERE ${programs} AND nspname IN ('public', 'door')`), []);
	assert.deepEqual(await names(`SELECT c.relname AS name FROM pg_class c JOIN pg_roles r ON r.oid = c.relowner WHERE c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace AND r.rolname <> 'rf_owner'`), []);
});

test('R6: no index is broken', async () => {
	assert.deepEqual(await names('SELECT indexrelid::regclass::text AS name FROM pg_index WHERE NOT indisvalid'), []);
});

test('the hub reads events and their counters, and nothing else', async () => {
	const may = await names(`SELECT c.relname || ' ' || p AS name FROM pg_class c, unnest(ARRAY['SELECT', 'INSERT', 'UPDATE']) p
		WHERE c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace AND has_any_column_privilege('rf_hub', c.oid, p)`);
	assert.deepEqual(may.filter(name => name !== 'schema_migration SELECT'), ['event SELECT', 'feed SELECT']);
});

test('the audit log and its seals only grow, and nobody reaches their parts', async () => {
	const logs = await names(`SELECT c.relname AS name FROM pg_class c LEFT JOIN pg_inherits i ON i.inhrelid = c.oid
		WHERE c.relname IN ('audit', 'audit_seal') OR i.inhparent = 'audit'::regclass`);
	assert.ok(logs.length >= 6 && logs.includes('audit_rest'), String(logs));
	for (const log of logs)
		for (const role of [...PROGRAMS, 'doorman', 'overseer']) {
			const may = await names(`SELECT p AS name FROM unnest(ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'TRUNCATE', 'REFERENCES', 'TRIGGER']) p
				WHERE CASE WHEN p IN ('DELETE', 'TRUNCATE', 'TRIGGER') THEN has_table_privilege('${role}', '${log}', p) ELSE has_any_column_privilege('${role}', '${log}', p) END`);
			const most = { audit: { rf_hub: [], overseer: ['INSERT'] }[role] ?? ['INSERT', 'SELECT'], audit_seal: { rf_worker: ['SELECT'], rf_jobs: ['INSERT', 'SELECT'] }[role] ?? [] }[log] ?? [];
			assert.deepEqual(may, most, `${role} ${log}`);
			for (const text of [`UPDATE ${log} SET account_id = account_id`, `DELETE FROM ${log}`, `TRUNCATE ${log}`])
				assert.equal(await as(role, a.user.account.id, text), '42501', `${role}: ${text}`);
		}
	for (const column of ['at', 'id'])
		for (const role of PROGRAMS)
			assert.equal(await as(role, a.user.account.id, `INSERT INTO audit (account_id, action, object, ${column}) VALUES ('${a.user.account.id}', 'x', 'x', DEFAULT)`), '42501', `${role} says its ${column}`);
	assert.equal(await as('rf_jobs', a.user.account.id, `INSERT INTO audit (account_id, action, object) VALUES ('${b.user.account.id}', 'x', 'x')`), '42501', 'into another account');
});

// ---- the same wall through the service ----

const COUNTED = ['invite', 'audit', 'outbox', 'job', 'once', 'team', 'event'];
const counts = async () => (await rows(`SELECT ${COUNTED.map(name => `(SELECT count(*) FROM ${name}) AS ${name}`)}`))[0];

test('a request that the database refuses for its role or its sign-in writes nothing', async () => {
	const viewer = await colleague(stack, a, 'viewer');
	const page = await browser(stack, viewer.email);
	const headers = { 'idempotency-key': 'refused' };
	const form = { ...await page.hidden('/logout'), name: 'Not mine', once: 'nonce', theme: 'dark' };
	const before = await counts();
	isProblem(await stack.request('POST', `${API}/invites`, { bearer: viewer.access_token, json: { role: 'viewer' }, headers }), 403, 'forbidden');
	isProblem(await stack.request('POST', `${API}/invites`, { bearer: viewer.access_token, json: { role: 'nobody' } }), 403, 'forbidden');
	assert.equal((await page.send('POST', '/teams', { form })).status, 403);
	assert.deepEqual(await counts(), before);
	await db.query('UPDATE person SET active = false WHERE id = $1', [viewer.id]);
	const gone = await counts(); // what they held goes on by a job
	isProblem(await stack.request('POST', `${API}/invites`, { bearer: viewer.access_token, json: { role: 'viewer' }, headers }), 401, 'not_signed_in');
	assert.equal((await page.send('POST', '/profile', { form })).status, 303);
	assert.deepEqual(await counts(), gone);
	assert.deepEqual(await rows('SELECT name, theme FROM person WHERE id = $1', [viewer.id]), [{ name: 'The viewer', theme: 'auto' }]);
});
