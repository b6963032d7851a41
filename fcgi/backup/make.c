/* Making a backup while the product runs; see backup.h. */
#include "backup/backup.h"

#include "accounts/accounts.h"
#include "backup/files.h"
#include "backup/store.h"
#include "backup/tool.h"
#include "kit/base/arena.h"
#include "kit/base/buf.h"
#include "kit/base/shape_json.h"

#define FORMAT       1
#define MANIFEST_MAX ((size_t)4 << 20)

struct str backup_secret_name(struct arena *a, const struct settings *settings)
{
	return str_dup(a, str_of(settings->keys.jwt.current.id));
}

static const struct err *dump(const struct backup_wish *wish, const struct backup_dir *dir,
			      const struct snapshot *snapshot)
{
	struct str of = str_fmt(wish->arena, "--snapshot=%.*s", STR_ARG(snapshot->id)),
		   to = str_fmt(wish->arena, "--file=%s/" BACKUP_DUMP, dir->making);
	const char *const argv[] = {
		"pg_dump", "--format=custom", "--role=rf_backup", "--no-password", of.p, to.p, NULL
	};

	return tool_run(wish->arena, wish->url, argv);
}

static const struct err *describe(const struct backup_wish *wish, const struct backup_dir *dir,
				  struct manifest *m)
{
	struct buf text = buf_new(wish->arena, MANIFEST_MAX);

	TRY(backup_measure(wish->arena, dir->making, BACKUP_DUMP, &m->bytes, &m->sha256));
	shape_put_json(&text, &manifest_shape, m);
	buf_putc(&text, '\n');
	return backup_write(wish->arena, dir->making, BACKUP_MANIFEST, buf_str(&text));
}

/* pg_dump joins our view of the data, so the sums are of what it writes. */
static const struct err *fill(const struct backup_wish *wish, const struct backup_dir *dir,
			      struct manifest *ret)
{
	struct tx *tx = tx_new(wish->arena, wish->db);
	struct instant now = clock_now();
	struct snapshot *snapshot;
	struct list tables;
	const struct err *e;

	backup_one_view(tx);
	backup_snapshot(tx, &snapshot);
	backup_tables(tx, &tables);
	TRY(tx_more(tx));
	if (!snapshot->schema)
		return ERR(wish->arena, ERR_CONFLICT,
			   "there is nothing to back up: the database has no schema");
	e = dump(wish, dir, snapshot);
	tx_abandon(tx);
	*ret = (struct manifest){ .format = FORMAT,
				  .made_at = now,
				  .schema = snapshot->schema,
				  .database = snapshot->database,
				  .server = snapshot->server,
				  .secret = backup_secret_name(wish->arena, wish->settings),
				  .tables = tables };
	return e;
}

const struct err *backup_make(const struct backup_wish *wish, const char *dir, int64_t keep,
			      struct str *path, struct manifest *ret)
{
	struct backup_dir place;

	TRY(backup_dir_open(wish->arena, dir, &place));
	TRY(fill(wish, &place, ret));
	TRY(describe(wish, &place, ret));
	TRY(backup_dir_finish(wish->arena, &place, path));
	return keep ? backup_dir_thin(wish->arena, &place, keep) : NULL;
}

const struct err *backup_read(struct arena *a, const char *path, struct manifest *ret)
{
	struct manifest m = { 0 };
	struct str text, sha256;
	int64_t bytes;

	TRY(backup_slurp(a, path, BACKUP_MANIFEST, &text));
	if (shape_read_json(a, &manifest_shape, str_trim(text), &m))
		return ERR(a, ERR_INVALID, "%s: the manifest is damaged", path);
	if (m.format != FORMAT)
		return ERR(a, ERR_CONFLICT,
			   "%s is of a form that this version does not know (%lld)", path,
			   (long long)m.format);
	TRY(backup_measure(a, path, BACKUP_DUMP, &bytes, &sha256));
	if (bytes != m.bytes || !str_eq(sha256, m.sha256))
		return ERR(a, ERR_INVALID,
			   "%s: " BACKUP_DUMP " is damaged: it is not what was written then", path);
	*ret = m;
	return NULL;
}
