// Every table that has an account, from the database's own catalogue, and an odd row in each.
import pg from 'pg';

// { name, columns: [{ name, type, needed }] }
export async function findTables(db) {
	const { rows } = await db.query(`SELECT c.oid::regclass::text AS name,
		json_agg(json_build_object('name', a.attname, 'type', format_type(a.atttypid, NULL), 'needed',
			a.attnotnull AND NOT a.atthasdef AND a.attidentity = '' OR a.attname = 'account_id') ORDER BY a.attnum) AS columns
		FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
		WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition AND c.relnamespace = 'public'::regnamespace GROUP BY c.oid ORDER BY 1`);
	return rows.filter(table => table.columns.some(column => column.name === 'account_id'));
}

// An odd row that fits the columns' types; what it refers to and whether it makes sense does not matter here.
export function rowOf(table, account) {
	const values = { uuid: 'gen_random_uuid()', integer: '1', bigint: '(random() * 1e9)::bigint', boolean: 'true', jsonb: `'{}'::jsonb`, json: `'{}'::json`, bytea: `'x'::bytea`,
		'timestamp with time zone': 'now()', 'time without time zone': `'08:00'::time`, date: 'now()::date', 'double precision': '1', numeric: '1', tsvector: `'x'::tsvector`, interval: `'1 day'`, 'text[]': `'{}'`, 'uuid[]': `'{}'` };
	const columns = table.columns.filter(column => column.needed);
	const value = column => (column.name === 'account_id' ? `'${account}'` : values[column.type] ?? `md5(random()::text)`);
	return `INSERT INTO ${table.name} (${columns.map(column => column.name)}) VALUES (${columns.map(value)})`;
}

// A row of each account in each of them; from then on nothing checks what a row says.
export async function fillTables(db, tables, accounts) {
	const { rows } = await db.query(`SELECT conrelid::regclass::text AS name, conname FROM pg_constraint WHERE contype = 'c' AND conrelid <> 0`);
	for (const { name, conname } of rows)
		await db.query(`ALTER TABLE ${name} DROP CONSTRAINT ${pg.escapeIdentifier(conname)}`);
	await db.query('SET session_replication_role = replica'); // foreign keys do not look
	for (const table of tables.filter(({ name }) => name !== 'account'))
		for (const account of accounts)
			await db.query(rowOf(table, account));
	await db.query('RESET session_replication_role');
}
