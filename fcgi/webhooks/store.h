#ifndef WEBHOOKS_STORE_H
#define WEBHOOKS_STORE_H

#include "kit/db/db.h"
#include "webhooks/body.h"

/* Endpoints, their calls, and their statements, one function each; private to the room. */

extern const struct names webhook_kinds;

enum call_state { CALL_QUEUED, CALL_SENDING, CALL_SENT, CALL_FAILED, CALL_SKIPPED };

struct webhook_row {
	struct uuid id;
	struct str name, url;
	int kind;
	struct list events; /* of struct str */
	bool active, paused;
	int64_t failures;
	struct instant failing_since, paused_until, created_at, updated_at;
	struct str made_by;
	int64_t waiting; /* calls */
	/* Of the last call that was tried. */
	struct instant last_at;
	int last_state; /* call_states */
	struct str last_error;
	struct str secret; /* not stored like this: there when it is new */
};

struct call_row {
	struct uuid id;
	struct str event, event_id;
	int state;
	int64_t attempts, status; /* 0: no answer so far */
	struct str error;
	struct instant created_at, next_at, sent_at;
};

void store_webhooks(struct tx *t, struct list *ret);
void store_webhook(struct tx *t, struct uuid id, struct webhook_row **ret);
/* Refused where there are 20 already. */
void store_webhook_add(struct tx *t, const struct webhook_row *row, struct str sealed);
void store_webhook_save(struct tx *t, const struct webhook_row *row);
void store_webhook_delete(struct tx *t, struct uuid id);
/* The secret that it had signs for another `seconds`. */
void store_webhook_secret(struct tx *t, struct uuid id, struct str sealed, int64_t seconds);
/* A paused endpoint is tried again now, and so is what waits for it. */
void store_webhook_resume(struct tx *t, struct uuid id);

void store_calls_count(struct tx *t, struct uuid webhook, struct webhook_call_count **ret);
void store_calls(struct tx *t, struct uuid webhook, int64_t most, int64_t skip, struct list *ret);
/* ERR_NOT_FOUND where it has not failed. */
void store_call_again(struct tx *t, struct uuid webhook, struct uuid call);
void store_calls_add(struct tx *t, const struct webhook_news *news,
		     const struct webhook_bodies *bodies, struct list *ret);
void store_calls_to(struct tx *t, const struct webhook_news *news,
		    const struct webhook_bodies *bodies, struct list calls, struct list webhooks);

void store_calls_retry(struct tx *t, struct uuid id, struct uuid account,
		       struct webhook_call_count **ret);

/* ---- for the sender, across accounts ---- */

struct due_row {
	struct uuid account, id, webhook;
	struct str url, event, event_id, body, secret, old_secret;
	int64_t attempt;
};

struct claim {
	int64_t most, each, seconds; /* in all, for one endpoint, of the lease */
	struct str holder;
};

struct call_end {
	const struct due_row *call;
	struct str holder, error;
	int64_t status;  /* 0: no answer */
	int64_t seconds; /* until the next try; below 0: there is none */
	int64_t pause;   /* seconds that the endpoint wants to be left alone for */
};

void store_calls_claim(struct tx *t, const struct claim *claim, struct list *ret);
/* Each holds for this attempt only: one whose lease was lost changes nothing. */
void store_call_sent(struct tx *t, const struct call_end *end);
void store_call_unsent(struct tx *t, const struct call_end *end);
/* Gives up what has waited for a week, and forgets what is over for a month. */
void store_calls_sweep(struct tx *t);

#endif
