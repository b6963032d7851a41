/* The outbox room's statements; see store.h and store.sql. */
#include "outbox/store.h"

const struct names outbox_statuses = NAMES("queued", "sending", "sent", "failed", "skipped");

#define R struct outbox_row
const struct shape outbox_row_shape =
	SHAPE(R, F_UUID(R, id), F_UUID(R, account), F_STR(R, recipient), F_STR(R, subject),
	      F_ENUM(R, status, &outbox_statuses), F_BOOL(R, unwanted), F_INT(R, attempts),
	      F_STR(R, last_error, .null = true), F_TIME(R, created_at), F_TIME(R, next_at),
	      F_TIME(R, sent_at, .null = true));
#undef R
static const struct shape count_shape = SHAPE(struct outbox_count, F_INT(struct outbox_count, n));
static const struct shape health_shape =
	SHAPE(struct outbox_health, F_INT(struct outbox_health, failed_now),
	      F_INT(struct outbox_health, retrying), F_INT(struct outbox_health, failed));

#include "fcgi/outbox/store.sql.h"

void store_outbox_count(struct tx *t, struct str status, struct outbox_count **ret)
{
	tx_maybe(t, &sql_outbox_count, ret, P(status));
}

void store_outbox(struct tx *t, struct str status, int64_t most, int64_t skip, struct list *ret)
{
	tx_list(t, &sql_outbox_page, ret, P(status), P(most), P(skip));
}

void store_outbox_mail(struct tx *t, struct uuid id, struct outbox_row **ret)
{
	tx_one(t, &sql_outbox_mail, ret, P(id));
}

void store_outbox_health(struct tx *t, struct outbox_health **ret)
{
	tx_maybe(t, &sql_outbox_health, ret);
}

void store_outbox_retry(struct tx *t, struct uuid id)
{
	tx_exec(t, &sql_outbox_retry, P(id));
}

void store_outbox_retry_failed(struct tx *t, struct outbox_count **ret)
{
	tx_maybe(t, &sql_outbox_retry_failed, ret);
}

void outbox_read_all(struct tx *tx, struct str status, int64_t most, struct list *ret)
{
	tx_list(tx, &sql_outbox_of_all, ret, P(status), P(most));
}

void outbox_retry_all(struct tx *tx, struct uuid id, struct outbox_count **ret)
{
	tx_maybe(tx, &sql_outbox_retry_of_all, ret, P(id));
}
