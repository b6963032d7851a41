/* A backup into an empty database; see backup.h. */
#include "accounts/accounts.h"
#include "backup/backup.h"
#include "backup/files.h"
#include "backup/store.h"
#include "backup/tool.h"
#include "kit/base/arena.h"

static const struct err *check_place(const struct backup_wish *wish)
{
	struct tx *tx = tx_new(wish->arena, wish->db);
	struct obstacle *found, *role;

	backup_in_the_way(tx, &found);
	backup_roles_missing(tx, &role);
	TRY(tx_run(tx));
	if (role)
		return ERR(wish->arena, ERR_CONFLICT,
			   "the server has no role %.*s: run what `resolutionflow install-roles` "
			   "prints first",
			   STR_ARG(role->name));
	if (found)
		return ERR(wish->arena, ERR_CONFLICT,
			   "the database is not empty: it has %.*s. Restore into a new one",
			   STR_ARG(found->name));
	return NULL;
}

static bool is_previous(const struct settings *settings, struct str name)
{
	return settings->master_secret_previous.n &&
	       str_eq(name, str_of(settings->keys.jwt.previous.id));
}

static const struct err *check_fit(const struct backup_wish *wish, const struct manifest *m,
				   bool other_secret)
{
	struct str secret = backup_secret_name(wish->arena, wish->settings);

	if (m->schema > wish->settings->schema_version)
		return ERR(wish->arena, ERR_CONFLICT,
			   "the backup is of schema %lld, and this version knows %lld: install the "
			   "version that made it, or a later one",
			   (long long)m->schema, (long long)wish->settings->schema_version);
	if (!str_eq(m->secret, secret) && !is_previous(wish->settings, m->secret) && !other_secret)
		return ERR(wish->arena, ERR_CONFLICT,
			   "the backup is sealed by the MASTER_SECRET named %.*s, and this one is "
			   "%.*s: set that one, or set it as MASTER_SECRET_PREVIOUS. With "
			   "--other-secret it is restored all the same, and what is sealed stays "
			   "closed",
			   STR_ARG(m->secret), STR_ARG(secret));
	return NULL;
}

const struct err *backup_restore(const struct backup_wish *wish, const char *path,
				 bool other_secret, struct manifest *ret)
{
	struct str file = str_fmt(wish->arena, "%s/" BACKUP_DUMP, path);
	const char *const argv[] = { "pg_restore",
				     "--role=rf_owner",
				     "--exit-on-error",
				     "--single-transaction",
				     "--no-password",
				     "--dbname=",
				     file.p,
				     NULL };
	struct manifest m;

	TRY(backup_read(wish->arena, path, &m));
	TRY(check_fit(wish, &m, other_secret));
	TRY(check_place(wish));
	TRY(tool_run(wish->arena, wish->url, argv));
	TRY(backup_compare(wish, &m));
	*ret = m;
	return NULL;
}

static const struct backup_table no_table = { .name = STR_INIT("") };

static const struct backup_table *table_at(struct list tables, size_t at)
{
	return at < tables.n ? &((const struct backup_table *)tables.items)[at] : &no_table;
}

/* Both lists are in the order of their names. */
const struct err *backup_compare(const struct backup_wish *wish, const struct manifest *manifest)
{
	struct tx *tx = tx_new(wish->arena, wish->db);
	struct list found;

	backup_one_view(tx);
	backup_tables(tx, &found);
	TRY(tx_run(tx));
	for (size_t at = 0; at < manifest->tables.n || at < found.n; at++) {
		const struct backup_table *then = table_at(manifest->tables, at),
					  *now = table_at(found, at);

		if (!str_eq(then->name, now->name) || then->rows != now->rows ||
		    !str_eq(then->sum, now->sum))
			return ERR(wish->arena, ERR_CONFLICT,
				   "not as in the backup: %.*s had %lld rows there, %.*s has %lld "
				   "now",
				   STR_ARG(then->name), (long long)then->rows, STR_ARG(now->name),
				   (long long)now->rows);
	}
	return NULL;
}
