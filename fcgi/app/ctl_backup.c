/* `resolutionflow backup` and `restore`: all data as it was at one moment. */
#include <stdio.h>

#include "accounts/accounts.h"
#include "app/commands.h"
#include "app/ctl.h"
#include "app/server.h"
#include "backup/backup.h"
#include "kit/base/arena.h"
#include "kit/db/migrate.h"
#include "sealed/sealed.h"

static const struct err *open_whole(struct call *call, struct backup_wish *ret)
{
	struct db_settings place = server_database(call->arena, call->settings, "backup");

	*ret = (struct backup_wish){ call->arena, call->settings, NULL, place.url };
	return call_connect(call, "backup", backup_lists, &ret->db);
}

static int64_t rows_of(const struct manifest *m)
{
	int64_t n = 0;

	for (size_t at = 0; at < m->tables.n; at++)
		n += ((const struct backup_table *)m->tables.items)[at].rows;
	return n;
}

const struct err *ctl_backup(struct call *call)
{
	struct str keep = call_option(call, "keep"), path;
	struct backup_wish wish;
	struct manifest m;
	int64_t n = 0;

	if (keep.p && (!str_to_int(keep, &n) || n < 1))
		return ERR(call->arena, ERR_INVALID, "--keep wants a number from 1 on");
	TRY(open_whole(call, &wish));
	TRY(backup_make(&wish, call->words[0], n, &path, &m));
	printf("%.*s: %lld rows of %zu tables, %lld bytes, SHA-256 %.*s\n"
	       "NOT in it is MASTER_SECRET, without which what is sealed stays closed for ever. "
	       "Keep "
	       "it in another place.\n"
	       "Its name: %.*s\n",
	       STR_ARG(path), (long long)rows_of(&m), m.tables.n, (long long)m.bytes,
	       STR_ARG(m.sha256), STR_ARG(m.secret));
	return NULL;
}

static const struct err *count_for_planning(struct call *call)
{
	struct db *db;

	TRY(call_connect(call, "migrate", NULL, &db));
	return db_script(call->arena, db, "ANALYZE");
}

static const struct err *tell_sealed(struct call *call)
{
	struct str closed, previous;
	struct list counts;
	struct db *db;

	TRY(call_connect(call, "migrate", sealed_lists, &db));
	TRY(sealed_look(call->arena, db, call->settings, false, &counts));
	closed = sealed_closed(call->arena, counts);
	previous = sealed_previous(call->arena, counts);
	if (closed.p)
		printf("This MASTER_SECRET does NOT open %.*s. Set the one that sealed them before "
		       "the programs start.\n",
		       STR_ARG(closed));
	else
		puts("All that is sealed opens by this MASTER_SECRET.");
	if (previous.p)
		puts("Some of it only by MASTER_SECRET_PREVIOUS: run resolutionflow reseal.");
	return NULL;
}

const struct err *ctl_restore(struct call *call)
{
	struct settings settings = *call->settings;
	struct backup_wish wish;
	struct manifest m;
	int newest;

	TRY(migrate_newest(call->arena, str_cstr(call->arena, settings.migrations_dir), &newest));
	settings.schema_version = newest;
	TRY(open_whole(call, &wish));
	wish.settings = &settings;
	TRY(backup_restore(&wish, call->words[0], call_has(call, "other-secret"), &m));
	TRY(count_for_planning(call));
	printf("Restored, and compared row by row: %lld rows of %zu tables, as they were at "
	       "%.*s.\n",
	       (long long)rows_of(&m), m.tables.n, STR_ARG(clock_rfc3339(call->arena, m.made_at)));
	if (m.schema < newest)
		puts("It is of an older schema: run resolutionflow migrate, and then "
		     "resolutionflow "
		     "doctor, which says whether what is sealed opens.");
	else
		TRY(tell_sealed(call));
	puts("Mails and calls that waited then go out when the jobs program starts.");
	return NULL;
}

const struct err *ctl_backup_check(struct call *call)
{
	struct manifest m;

	TRY(backup_read(call->arena, call->words[0], &m));
	printf("Whole: %lld rows of %zu tables, schema %lld, made at %.*s by the MASTER_SECRET "
	       "named %.*s\n",
	       (long long)rows_of(&m), m.tables.n, (long long)m.schema,
	       STR_ARG(clock_rfc3339(call->arena, m.made_at)), STR_ARG(m.secret));
	return NULL;
}
