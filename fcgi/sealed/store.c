/* Where sealed texts lie, and their statements; see store.h and store.sql. */
#include "sealed/store.h"

#include "kit/base/arena.h"
#include "record/record.h"

#define R struct sealed_row
static const struct shape sealed_shape =
	SHAPE(R, F_UUID(R, account), F_UUID(R, id), F_STR(R, part), F_STR(R, sealed));
#undef R
static const struct shape renewed_shape = SHAPE(struct renewed, F_INT(struct renewed, n));
#define C struct sealed_count
const struct shape sealed_count_shape =
	SHAPE(C, F_STR(C, what), F_INT(C, current), F_INT(C, previous), F_INT(C, closed));
#undef C

#include "fcgi/sealed/store.sql.h"

const struct sealed_kind sealed_kinds[] = {
	{ "second factors", &sql_factors, &sql_factors_renew },
	{ "passwords of sessions", &sql_passwords, &sql_passwords_renew },
	{ "secrets of webhooks", &sql_webhooks, &sql_webhooks_renew },
	{ 0 },
};

const struct sql *const *const sealed_lists[] = { sealed_statements, record_statements, NULL };

void store_sealed(struct tx *t, const struct sealed_kind *kind, const struct sealed_row *after,
		  int64_t most, struct list *ret)
{
	static const struct str least = STR_INIT("00000000-0000-0000-0000-000000000000");

	if (after)
		tx_list(t, kind->read, ret, P(uuid_str(&after->account)), P(uuid_str(&after->id)),
			P(after->part), P(most));
	else
		tx_list(t, kind->read, ret, P(least), P(least), P(STR("")), P(most));
}

void store_sealed_renew(struct tx *t, struct arena *a, const struct sealed_kind *kind,
			struct list rows, struct list fresh, struct renewed **ret)
{
	const struct sealed_row *row = rows.items;
	struct str *accounts = ARENA_ARRAY(a, struct str, rows.n),
		   *ids = ARENA_ARRAY(a, struct str, rows.n),
		   *parts = ARENA_ARRAY(a, struct str, rows.n),
		   *olds = ARENA_ARRAY(a, struct str, rows.n);

	for (size_t at = 0; at < rows.n; at++) {
		accounts[at] = uuid_str(&row[at].account);
		ids[at] = uuid_str(&row[at].id);
		parts[at] = row[at].part;
		olds[at] = row[at].sealed;
	}
	tx_maybe(t, kind->renew, ret, P(LIST_OF(accounts, rows.n)), P(LIST_OF(ids, rows.n)),
		 P(LIST_OF(parts, rows.n)), P(LIST_OF(olds, rows.n)), P(fresh));
}
