/* The backup room's statements and shapes; see store.h and store.sql. */
#include "backup/store.h"

#define T struct backup_table
#define M struct manifest
#define S struct snapshot
static const struct shape table_shape = SHAPE(T, F_STR(T, name), F_INT(T, rows), F_STR(T, sum));
const struct shape manifest_shape =
	SHAPE(M, F_INT(M, format), F_TIME(M, made_at), F_INT(M, schema), F_STR(M, database),
	      F_STR(M, server), F_STR(M, secret), F_INT(M, bytes), F_STR(M, sha256),
	      F_LIST(M, tables, &table_shape));
static const struct shape snapshot_shape =
	SHAPE(S, F_STR(S, id), F_STR(S, database), F_STR(S, server), F_INT(S, schema));
static const struct shape name_shape = SHAPE(struct obstacle, F_STR(struct obstacle, name));
#undef T
#undef M
#undef S

#include "fcgi/backup/store.sql.h"

const struct sql *const *const backup_lists[] = { backup_statements, NULL };

void backup_one_view(struct tx *t)
{
	tx_exec(t, &sql_one_view);
	tx_exec(t, &sql_patience);
}

void backup_snapshot(struct tx *t, struct snapshot **ret)
{
	tx_one(t, &sql_snapshot, ret);
}

void backup_tables(struct tx *t, struct list *ret)
{
	tx_list(t, &sql_tables, ret);
}

void backup_in_the_way(struct tx *t, struct obstacle **ret)
{
	tx_maybe(t, &sql_in_the_way, ret);
}

void backup_roles_missing(struct tx *t, struct obstacle **ret)
{
	tx_maybe(t, &sql_roles_missing, ret);
}
