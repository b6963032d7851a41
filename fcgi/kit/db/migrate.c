/* Brings the schema up to the files; see migrate.h. */
#include "kit/db/migrate.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "kit/base/arena.h"
#include "kit/base/clock.h"
#include "kit/db/pg.h"

#define FILE_MAX        ((off_t)8 * 1024 * 1024)
#define LOCK_TIMEOUT_MS 300

struct file {
	struct str name, text;
};

struct files {
	struct file *items;
	size_t n;
};

struct version {
	int64_t version;
};

static const struct shape version_shape = SHAPE(struct version, F_INT(struct version, version));

static const struct sql version_sql = {
	.name = "db.schema_version",
	.row = &version_shape,
	.text = "SELECT coalesce(max(version), 0)::bigint AS version FROM schema_migration",
};

const struct sql *const migrate_statements[] = { &version_sql, NULL };

static const char table_sql[] =
	"DO $$ BEGIN "
	"IF to_regclass('schema_migration') IS NULL THEN "
	"CREATE TABLE schema_migration (version int PRIMARY KEY, name text NOT NULL, "
	"sha256 text NOT NULL, at timestamptz NOT NULL DEFAULT now()); "
	"GRANT SELECT ON schema_migration TO PUBLIC; "
	"END IF; END $$";

static int is_sql(const struct dirent *entry)
{
	return entry->d_name[0] != '.' && str_ends(str_of(entry->d_name), STR(".sql"));
}

/* 0 where the name is not NNNN_name.sql. */
static int version_of(struct str name)
{
	int64_t version;

	if (name.n < 10 || name.p[4] != '_' || !str_to_int(str_first(name, 4), &version) ||
	    version < 1)
		return 0;
	for (size_t at = 5; at < name.n - 4; at++)
		if (!strchr("abcdefghijklmnopqrstuvwxyz0123456789_", name.p[at]))
			return 0;
	return (int)version;
}

/* The names, in order. */
static const struct err *list_files(struct arena *a, const char *dir, struct files *ret)
{
	struct dirent **entries;
	int n = scandir(dir, &entries, is_sql, alphasort);
	struct file *files;

	if (n < 0)
		return ERR(a, ERR_INTERNAL, "%s: %s", dir, strerror(errno));
	files = ARENA_ARRAY(a, struct file, (size_t)n);
	for (int at = 0; at < n; at++) {
		files[at].name = str_dup(a, str_of(entries[at]->d_name));
		free(entries[at]);
	}
	free(entries);
	for (int at = 0; at < n; at++)
		if (version_of(files[at].name) != at + 1)
			return ERR(a, ERR_INTERNAL, "%s: %04d_name.sql should stand here",
				   files[at].name.p, at + 1);
	*ret = (struct files){ files, (size_t)n };
	return NULL;
}

static const struct err *read_all(struct arena *a, int fd, const char *name, struct str *ret)
{
	struct stat st;
	size_t n = 0;
	char *text;

	if (fstat(fd, &st) || st.st_size > FILE_MAX)
		return ERR(a, ERR_INTERNAL, "%s: is too large", name);
	text = arena_alloc(a, (size_t)st.st_size + 1, 1);
	while (n < (size_t)st.st_size) {
		ssize_t got = read(fd, text + n, (size_t)st.st_size - n);

		if (got <= 0)
			return ERR(a, ERR_INTERNAL, "%s: cannot be read", name);
		n += (size_t)got;
	}
	*ret = (struct str){ text, n };
	return NULL;
}

static const struct err *load(struct arena *a, const char *dir, struct file *f)
{
	int fd = open(str_fmt(a, "%s/%s", dir, f->name.p).p, O_RDONLY | O_CLOEXEC);
	const struct err *e;
	struct str word;

	if (fd < 0)
		return ERR(a, ERR_INTERNAL, "%s: %s", f->name.p, strerror(errno));
	e = read_all(a, fd, f->name.p, &f->text);
	close(fd);
	TRY(e);
	if (!str_is_utf8(f->text) || str_find(f->text, '\0') >= 0)
		return ERR(a, ERR_INTERNAL, "%s: is not UTF-8", f->name.p);
	word = script_transaction_word(f->text);
	if (word.p)
		return ERR(a, ERR_INTERNAL,
			   "%s: holds %.*s, but each file is one transaction already", f->name.p,
			   STR_ARG(word));
	return NULL;
}

static void clear(void *r)
{
	PQclear(r);
}

/* By PostgreSQL, since this room has no hashes of its own. */
static const struct err *hash(struct arena *a, struct db *db, struct str text, const char **ret)
{
	PGresult *r = NULL;

	TRY(db_query(a, db, "SELECT encode(sha256(convert_to($1, 'UTF8')), 'hex')", 1, &text.p,
		     &r));
	arena_defer(a, clear, r);
	*ret = PQgetvalue(r, 0, 0);
	return NULL;
}

/* One row of schema_migration beside the file of that number. */
static const struct err *compare(struct arena *a, struct db *db, const PGresult *r, int row,
				 struct files files)
{
	const char *name = PQgetvalue(r, row, 1), *sha256;
	const struct file *f = &files.items[row];

	if (!str_eq(str_of(PQgetvalue(r, row, 0)), str_fmt(a, "%d", row + 1)))
		return ERR(a, ERR_INTERNAL, "schema_migration has no row %d", row + 1);
	if ((size_t)row >= files.n || !str_eq(f->name, str_of(name)))
		return ERR(a, ERR_INTERNAL, "%s: was applied and is missing here", name);
	TRY(hash(a, db, f->text, &sha256));
	if (strcmp(sha256, PQgetvalue(r, row, 2)) != 0)
		return ERR(a, ERR_INTERNAL, "%s: was applied and has been edited since", name);
	return NULL;
}

/* Compares what was applied; *ret is how many that are. */
static const struct err *compare_all(struct arena *a, struct db *db, struct files files,
				     size_t *ret)
{
	PGresult *r = NULL;

	TRY(db_query(a, db, "SELECT version, name, sha256 FROM schema_migration ORDER BY version",
		     0, NULL, &r));
	arena_defer(a, clear, r);
	for (int row = 0; row < PQntuples(r); row++)
		TRY(compare(a, db, r, row, files));
	*ret = (size_t)PQntuples(r);
	return NULL;
}

/*
 * Sent as one script, which is one transaction.  Its row goes first, so that a file may change the
 * role for its rest, and so that a second migrator without the lock would fail on the key before it
 * does anything.
 */
static const struct err *apply(struct arena *a, struct db *db, const struct file *f,
			       int lock_timeout_ms)
{
	const struct err *e;
	const char *sha256;

	TRY(hash(a, db, f->text, &sha256));
	e = db_script(a, db,
		      str_fmt(a,
			      "SET LOCAL lock_timeout = %d; "
			      "INSERT INTO schema_migration (version, name, sha256) VALUES (%d, "
			      "'%s', '%s');\n%s",
			      lock_timeout_ms, version_of(f->name), f->name.p, sha256, f->text.p)
			      .p);
	return e ? ERR(a, e->kind, "%s: %.*s", f->name.p, STR_ARG(e->message)) : NULL;
}

/* The callback of migrate_run. */
struct report {
	void (*applied)(void *ctx, struct str file, int64_t microseconds);
	void *ctx;
};

static const struct err *run(struct arena *a, struct db *db, struct files files,
			     int lock_timeout_ms, struct report report)
{
	size_t done;

	TRY(db_script(a, db, "SET lock_timeout = 0; SET statement_timeout = 0"));
	TRY(db_script(a, db, "SELECT pg_advisory_lock(hashtext('schema_migration'))"));
	TRY(db_script(a, db, table_sql));
	TRY(compare_all(a, db, files, &done));
	for (size_t at = done; at < files.n; at++) {
		int64_t before = clock_mono();

		TRY(apply(a, db, &files.items[at], lock_timeout_ms));
		if (report.applied)
			report.applied(report.ctx, files.items[at].name, clock_mono() - before);
	}
	return NULL;
}

const struct err *migrate_run(struct arena *a, const struct db_settings *settings, const char *dir,
			      void (*applied)(void *ctx, struct str file, int64_t microseconds),
			      void *ctx)
{
	const struct db_settings quiet = { .url = settings->url,
					   .role = settings->role,
					   .program = settings->program };
	int lock_timeout_ms =
		settings->lock_timeout_ms ? settings->lock_timeout_ms : LOCK_TIMEOUT_MS;
	const struct err *e;
	struct files files;
	struct db *db;

	TRY(list_files(a, dir, &files));
	for (size_t at = 0; at < files.n; at++)
		TRY(load(a, dir, &files.items[at]));
	TRY(db_open(a, &quiet, &db));
	e = run(a, db, files, lock_timeout_ms, (struct report){ applied, ctx });
	db_close(db);
	return e;
}

const struct err *migrate_newest(struct arena *a, const char *dir, int *ret)
{
	struct files files;

	TRY(list_files(a, dir, &files));
	*ret = (int)files.n;
	return NULL;
}

const struct err *migrate_applied(struct arena *a, struct db *db, int *ret)
{
	struct tx *t = tx_new(a, db);
	const struct version *v;

	tx_one(t, &version_sql, &v);
	TRY(tx_run(t));
	*ret = (int)v->version;
	return NULL;
}

const struct err *migrate_is_current(struct arena *a, struct db *db, int newest)
{
	int applied;

	TRY(migrate_applied(a, db, &applied));
	if (applied < newest)
		return ERR(a, ERR_BUSY,
			   "the schema is at %d and this program needs %d: run migrate", applied,
			   newest);
	return NULL;
}
