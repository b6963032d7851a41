/* The migrator, over folders of small files, against a real server. */
#include "support/suite.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "kit/db/migrate.h"
#include "support/db.h"

static char dir[64];
static struct db_settings settings;

static void put(const char *name, const char *text)
{
	char path[128];
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	f = fopen(path, "w");
	ck_assert_ptr_nonnull(f);
	fputs(text, f);
	fclose(f);
}

static void take_away(const char *name)
{
	char path[128];

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	ck_assert_int_eq(unlink(path), 0);
}

/* An empty database and a folder with two files. */
static void fresh(void)
{
	settings = (struct db_settings){ .url = server_database(arena) };
	suite_folder(dir, sizeof(dir));
	put("0001_first.sql", "CREATE TABLE first (n int);\nINSERT INTO first VALUES (1); -- one");
	put("0002_second.sql", "ALTER TABLE first ADD m text DEFAULT 'COMMIT;';");
	put("README", "not SQL");
}

static void clean(void)
{
	char command[128];

	snprintf(command, sizeof(command), "rm -rf %s", dir);
	ck_assert_int_eq(system(command), 0);
}

static void note(void *ctx, struct str file, int64_t microseconds)
{
	char *names = ctx;

	ck_assert(microseconds > 0);
	snprintf(names + strlen(names), 200 - strlen(names), "%.*s ", STR_ARG(file));
}

static const char *migrate(void)
{
	static char names[200];

	names[0] = '\0';
	must(migrate_run(arena, &settings, dir, note, names));
	return names;
}

static void refused(const char *says)
{
	const struct err *e = fails(migrate_run(arena, &settings, dir, NULL, NULL), ERR_INTERNAL);

	ck_assert_msg(str_contains(e->message, str_of(says)), "%.*s", STR_ARG(e->message));
}

static struct db *connect_to(const struct sql *const *list)
{
	const struct sql *const *const lists[] = { list, NULL };
	struct db *db = NULL;

	settings.statements = lists;
	must(db_open(arena, &settings, &db));
	settings.statements = NULL;
	return db;
}

/* Whether SQL that yields a boolean says so. */
static bool holds(const char *sql)
{
	struct db *db = connect_to(migrate_statements + 1);
	const char *check = str_fmt(arena, "DO $x$ BEGIN ASSERT (%s); END $x$", sql).p;
	const struct err *e = db_script(arena, db, check);

	db_close(db);
	return e == NULL;
}

START_TEST(applies_what_is_missing_and_no_more)
{
	fresh();
	ck_assert_str_eq(migrate(), "0001_first.sql 0002_second.sql ");
	ck_assert_str_eq(migrate(), "");
	put("0003_third.sql", "INSERT INTO first VALUES (2)");
	ck_assert_str_eq(migrate(), "0003_third.sql ");
	ck_assert(holds("(SELECT count(*) FROM first) = 2"));
	ck_assert(holds("(SELECT count(*) FROM schema_migration) = 3"));
	clean();
}
END_TEST

START_TEST(refuses_an_edited_file)
{
	fresh();
	migrate();
	put("0001_first.sql", "CREATE TABLE first (n bigint);");
	put("0003_third.sql", "CREATE TABLE third ()");
	refused("0001_first.sql: was applied and has been edited");
	ck_assert(holds("to_regclass('third') IS NULL"));
	clean();
}
END_TEST

START_TEST(refuses_a_missing_or_renamed_file)
{
	fresh();
	migrate();
	take_away("0002_second.sql");
	refused("0002_second.sql: was applied and is missing");
	put("0002_other.sql", "ALTER TABLE first ADD m text DEFAULT 'COMMIT;';");
	refused("0002_second.sql: was applied and is missing");
	clean();
}
END_TEST

START_TEST(refuses_gaps_and_duplicates)
{
	fresh();
	put("0004_fourth.sql", "SELECT 1");
	refused("0004_fourth.sql: 0003_name.sql should");
	take_away("0004_fourth.sql");
	put("0002_twice.sql", "SELECT 1");
	refused("0002_twice.sql: 0003");
	take_away("0002_twice.sql");
	put("third.sql", "SELECT 1");
	refused("third.sql");
	ck_assert(holds("to_regclass('schema_migration') IS NULL"));
	clean();
}
END_TEST

START_TEST(a_failing_file_leaves_nothing_of_itself)
{
	const struct err *e;

	fresh();
	put("0003_third.sql",
	    "CREATE TABLE third (n int); INSERT INTO third VALUES (1); SELECT 1 / 0;");
	e = fails(migrate_run(arena, &settings, dir, NULL, NULL), ERR_INTERNAL);
	ck_assert(str_starts(e->message, STR("0003_third.sql: ")));
	ck_assert(str_contains(e->message, STR("division by zero")));
	ck_assert(holds("to_regclass('third') IS NULL"));
	ck_assert(holds("(SELECT max(version) FROM schema_migration) = 2"));
	put("0003_third.sql", "CREATE TABLE third (n int)");
	ck_assert_str_eq(migrate(), "0003_third.sql ");
	clean();
}
END_TEST

START_TEST(refuses_transactions_of_a_file)
{
	static const char *const bad[] = {
		"BEGIN; SELECT 1; COMMIT;",
		"SELECT 1;\n/* a /* nested */ ; */ -- x\n commit",
		"SELECT E'it\\'s'; Rollback",
		"SELECT $a$ $$ $a$; START TRANSACTION",
		"SELECT 'x';;end",
		"SELECT a$$;\nsavepoint x",
	};
	static const char *const good[] = {
		"CREATE FUNCTION f() RETURNS int LANGUAGE plpgsql AS $$ BEGIN; COMMIT; END $$;",
		"SELECT '; COMMIT', \"; COMMIT\" FROM (SELECT 1 AS \"; COMMIT\") x; -- ; COMMIT",
		"SELECT E'\\'; COMMIT', $x$; COMMIT $$; COMMIT$x$, 1 /* ; COMMIT */",
		"SELECT ';' '; COMMIT', 'it''s; COMMIT' AS begin",
	};

	fresh();
	for (size_t at = 0; at < sizeof(bad) / sizeof(bad[0]); at++) {
		put("0003_third.sql", bad[at]);
		refused("0003_third.sql: holds ");
	}
	ck_assert(holds("to_regclass('schema_migration') IS NULL"));
	for (size_t at = 0; at < sizeof(good) / sizeof(good[0]); at++) {
		const struct err *e;

		put("0003_third.sql", good[at]);
		e = migrate_run(arena, &settings, dir, NULL, NULL);
		ck_assert_msg(!e || !str_contains(e->message, STR("holds ")), "%s", good[at]);
		settings.url = server_database(arena);
	}
	clean();
}
END_TEST

START_TEST(a_file_may_change_the_role)
{
	fresh();
	put("0003_third.sql", "CREATE ROLE rf_other; GRANT CREATE ON SCHEMA public TO rf_other; "
			      "SET LOCAL ROLE rf_other; CREATE TABLE third ();");
	put("0004_fourth.sql", "DROP TABLE third; DROP OWNED BY rf_other; DROP ROLE rf_other;");
	ck_assert_str_eq(migrate(),
			 "0001_first.sql 0002_second.sql 0003_third.sql 0004_fourth.sql ");
	clean();
}
END_TEST

/* Each child has no connection before its own. */
START_TEST(several_at_once_apply_each_file_once)
{
	pid_t children[4];

	fresh();
	put("0003_third.sql", "INSERT INTO first VALUES (2); SELECT pg_sleep(0.5);");
	for (size_t at = 0; at < 4; at++) {
		children[at] = fork();
		if (children[at] == 0)
			_exit(migrate_run(arena, &settings, dir, NULL, NULL) ? 1 : 0);
	}
	for (size_t at = 0; at < 4; at++) {
		int status;

		ck_assert_int_eq(waitpid(children[at], &status, 0), children[at]);
		ck_assert_int_eq(status, 0);
	}
	ck_assert(holds("(SELECT count(*) FROM first) = 2"));
	clean();
}
END_TEST

START_TEST(does_not_wait_long_for_a_table)
{
	static const struct sql lock = { .name = "t.lock", .text = "LOCK TABLE first" };
	static const struct sql *const locks[] = { &lock, NULL };
	const struct err *e;
	struct tx *t;

	fresh();
	migrate();
	put("0003_third.sql", "ALTER TABLE first ADD o int");
	t = tx_new(arena, connect_to(locks));
	tx_exec(t, &lock);
	must(tx_more(t));
	e = fails(migrate_run(arena, &settings, dir, NULL, NULL), ERR_BUSY);
	ck_assert(str_starts(e->message, STR("0003_third.sql: ")));
	tx_abandon(t);
	ck_assert_str_eq(migrate(), "0003_third.sql ");
	clean();
}
END_TEST

START_TEST(tells_whether_the_schema_is_current)
{
	struct db *db = NULL;
	const struct err *e;
	int newest = 0;

	fresh();
	must(migrate_newest(arena, dir, &newest));
	ck_assert_int_eq(newest, 2);
	migrate();
	db = connect_to(migrate_statements);
	must(migrate_is_current(arena, db, 1));
	must(migrate_is_current(arena, db, 2));
	e = fails(migrate_is_current(arena, db, 3), ERR_BUSY);
	ck_assert(str_contains(e->message, STR("at 2")) &&
		  str_contains(e->message, STR("needs 3")));
	clean();
}
END_TEST

DB_SUITE("kit/db/migrate", applies_what_is_missing_and_no_more, refuses_an_edited_file,
	 refuses_a_missing_or_renamed_file, refuses_gaps_and_duplicates,
	 a_failing_file_leaves_nothing_of_itself, refuses_transactions_of_a_file,
	 a_file_may_change_the_role, several_at_once_apply_each_file_once,
	 does_not_wait_long_for_a_table, tells_whether_the_schema_is_current)
