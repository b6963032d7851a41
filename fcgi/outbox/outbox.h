#ifndef OUTBOX_OUTBOX_H
#define OUTBOX_OUTBOX_H

#include "kit/http/http.h"

struct sql;
struct tx;

/*
 * What became of the account's mails, for those who look after it: a page, its API, and sending
 * again what failed.  Nobody sees what stands in them.
 */
struct outbox_row {
	struct uuid id, account;
	struct str recipient, subject;
	int status; /* of outbox_statuses */
	bool unwanted;
	int64_t attempts;
	struct str last_error;
	struct instant created_at, next_at, sent_at;
};

enum outbox_status { OUTBOX_QUEUED, OUTBOX_SENDING, OUTBOX_SENT, OUTBOX_FAILED, OUTBOX_SKIPPED };
extern const struct names outbox_statuses;
extern const struct shape outbox_row_shape;

/* For the operator, over all accounts, as the jobs program's role.  status: "" for all. */
void outbox_read_all(struct tx *tx, struct str status, int64_t most, struct list *ret);
/* Sends what failed again, all of it where the id is none, and tells how many those are. */
struct outbox_count {
	int64_t n;
};
void outbox_retry_all(struct tx *tx, struct uuid id, struct outbox_count **ret);

extern const struct route outbox_routes[];
extern const struct view *const outbox_views[];
extern const struct sql *const outbox_statements[];

#endif
