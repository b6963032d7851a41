/* The redaction room's statements; see store.h and store.sql. */
#include "redaction/store.h"

#define R struct pattern_row
static const struct shape pattern_row_shape =
	SHAPE(R, F_UUID(R, id), F_STR(R, name), F_STR(R, pattern), F_STR(R, kind),
	      F_STR(R, made_by), F_TIME(R, created_at));

#include "fcgi/redaction/store.sql.h"

void store_patterns(struct tx *t, struct list *ret)
{
	tx_list(t, &sql_redaction_patterns, ret);
}

void store_pattern(struct tx *t, struct uuid id, struct pattern_row **ret)
{
	tx_one(t, &sql_redaction_pattern, ret, P(id));
}

void store_pattern_add(struct tx *t, const struct pattern_row *row)
{
	tx_exec(t, &sql_redaction_pattern_add, P(row->id), P(row->name), P(row->pattern),
		P(row->kind));
}

void store_pattern_delete(struct tx *t, struct uuid id)
{
	tx_must(t, &sql_redaction_pattern_delete, P(id));
}
