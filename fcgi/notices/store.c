/* The notices room's statements; see store.h and store.sql. */
#include "notices/store.h"

static const struct shape notice_shape =
	SHAPE(struct notice, F_UUID(struct notice, id), F_STR(struct notice, text),
	      F_STR(struct notice, link), F_TIME(struct notice, created_at),
	      F_BOOL(struct notice, unread));
static const struct shape opened_shape = SHAPE(struct opened, F_STR(struct opened, link));

#include "fcgi/notices/store.sql.h"

void store_notices(struct tx *t, struct uuid before, int64_t most, struct list *ret)
{
	tx_list(t, &sql_notices, ret, P(before), P(most));
}

void store_notice_open(struct tx *t, struct uuid id, struct opened **ret)
{
	tx_one(t, &sql_notice_open, ret, P(id));
}

void store_notices_read(struct tx *t)
{
	tx_exec(t, &sql_notices_read);
}
