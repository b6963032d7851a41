#ifndef WEBHOOKS_WEBHOOKS_H
#define WEBHOOKS_WEBHOOKS_H

#include "kit/http/http.h"
#include "kit/jobs/jobs.h"

struct sql;
struct tx;

/*
 * Endpoints of other people's programs that an account has called when something happens.  This
 * room knows nothing of what happens: it takes plain data, makes the body that an endpoint of each
 * kind understands, and queues a call as a row, which the jobs program sends after the commit
 * (sender.h).
 */
enum webhook_kind { WEBHOOK_JSON, WEBHOOK_SLACK, WEBHOOK_TEAMS, WEBHOOK_KIND__MAX };

/* What happened.  Its texts are redacted by whoever gives them. */
struct webhook_news {
	struct str id;    /* unique, and the same however often it is told */
	const char *type; /* one of those that an endpoint can ask for: "handoff_created" */
	struct instant at;
	struct uuid account;
	struct str account_name;
	struct str title;      /* one line */
	struct list lines;     /* of struct webhook_line; chats show the first 40 */
	struct str url;        /* where to read on; none, or of ours */
	struct json_text data; /* the whole of it, for programs */
};

struct webhook_line {
	struct str label, text;
};

/* A call that is queued, and the endpoint that it goes to. */
struct webhook_to {
	struct uuid call, webhook;
};

/*
 * Queues a call to each active endpoint of the account that asks for the type, and rings the jobs
 * program.  Told again, the same news makes no second call.  *ret is of struct webhook_to.
 */
void webhooks_queue(struct tx *tx, struct arena *a, const struct webhook_news *news,
		    struct list *ret);
/*
 * The same to these endpoints, in calls of ids that the caller has chosen; to is of struct
 * webhook_to.  A call to one that is switched off or deleted by now is there, and skipped.
 */
void webhooks_queue_to(struct tx *tx, struct arena *a, const struct webhook_news *news,
		       struct list to);

/* For the operator, over all accounts, as the jobs program's role: calls, without what is in them.
 */
extern const struct names call_states;
struct webhook_call_row {
	struct uuid id, account, webhook;
	struct str event;
	int state; /* of call_states */
	int64_t attempts, last_status;
	struct str last_error;
	struct instant created_at, next_at, sent_at;
};
extern const struct shape webhook_call_row_shape;
/* state: "" for any; account: none for any. */
void webhooks_read_calls(struct tx *tx, struct str state, struct uuid account, int64_t most,
			 struct list *ret);
/* Calls that have failed go out again, all of them where the id is none; not those to an endpoint
 * that is switched off. */
struct webhook_call_count {
	int64_t n;
};
void webhooks_retry_calls(struct tx *tx, struct uuid id, struct uuid account,
			  struct webhook_call_count **ret);

extern const struct route webhooks_api[], webhooks_routes[];
extern const struct view *const webhooks_views[];
extern const struct sql *const webhooks_statements[];
extern const struct chore webhooks_chores[];

#endif
