#ifndef OUTBOX_STORE_H
#define OUTBOX_STORE_H

#include "kit/db/db.h"
#include "outbox/outbox.h"

/* The account's mails and their statements, one function each; private to the room. */

/* How mail is doing: what failed within the hour, waits for another try, and failed at all. */
struct outbox_health {
	int64_t failed_now, retrying, failed;
};

void store_outbox_count(struct tx *t, struct str status, struct outbox_count **ret);
void store_outbox(struct tx *t, struct str status, int64_t most, int64_t skip, struct list *ret);
void store_outbox_mail(struct tx *t, struct uuid id, struct outbox_row **ret);
void store_outbox_health(struct tx *t, struct outbox_health **ret);
/* Refused (409) where it has not failed, or nobody wants it any more. */
void store_outbox_retry(struct tx *t, struct uuid id);
void store_outbox_retry_failed(struct tx *t, struct outbox_count **ret);

#endif
