/* `resolutionflow mail`, `calls` and `jobs`: what waits or has failed, over all accounts, and doing
 * it again. */
#include <stdio.h>

#include "app/commands.h"
#include "app/ctl.h"
#include "kit/base/arena.h"
#include "kit/base/buf.h"
#include "kit/jobs/jobs.h"
#include "mail/mail.h"
#include "outbox/outbox.h"
#include "record/record.h"
#include "webhooks/webhooks.h"

#define SHOWN     1000
#define FACTS_MAX 65536

static const struct err *open_queues(struct call *call, struct tx **ret)
{
	static const struct sql *const *const statements[] = {
		jobs_statements,   mail_statements,     outbox_statements,
		record_statements, webhooks_statements, NULL
	};
	struct db *db;

	TRY(call_connect(call, "jobs", statements, &db));
	*ret = tx_new(call->arena, db);
	return NULL;
}

/* What was done to how many, and how it is told. */
struct deed {
	const char *object, *action; /* for the audit log */
	const char *done, *none; /* on the screen; none: where the one that was asked for is not */
};

/* In the log, in the same transaction, and then on the screen.  kinds: of jobs; else none.  Of what
 * was asked for by its id, 0 is an error. */
static const struct err *finish(struct call *call, struct tx *tx, const struct deed *deed,
				struct uuid id, int64_t n, struct str kinds)
{
	struct buf facts = buf_new(call->arena, FACTS_MAX);

	if (!n && !uuid_is_none(id))
		return ERR(call->arena, ERR_NOT_FOUND, "%s", deed->none);
	buf_printf(&facts, "{\"count\":%lld", (long long)n);
	if (kinds.p) {
		buf_put(&facts, STR(",\"kind\":"));
		buf_put_json(&facts, kinds);
	}
	buf_putc(&facts, '}');
	if (n)
		audit_of_platform(tx, call_who(call), deed->action, deed->object, id,
				  (struct json_text){ buf_str(&facts) });
	TRY(tx_run(tx));
	printf("%lld %s\n", (long long)n, deed->done);
	return NULL;
}

/* ---- mails ---- */

const struct err *ctl_mail_list(struct call *call)
{
	struct str state;
	struct list rows;
	struct tx *tx;

	TRY(call_state(call, &outbox_statuses, &state));
	TRY(open_queues(call, &tx));
	outbox_read_all(tx, state, SHOWN, &rows);
	TRY(tx_run(tx));
	call_print(call, &outbox_row_shape, rows);
	return NULL;
}

const struct err *ctl_mail_retry(struct call *call)
{
	static const struct deed deed = { "mail", "mail.retried", "sent again",
					  "no mail of that id has failed" };
	struct outbox_count *count;
	struct uuid id;
	struct tx *tx;

	TRY(call_id(call, &id));
	TRY(open_queues(call, &tx));
	outbox_retry_all(tx, id, &count);
	TRY(tx_more(tx));
	mail_bell(tx);
	return finish(call, tx, &deed, id, count->n, STR_NONE);
}

/* ---- calls ---- */

const struct err *ctl_calls_list(struct call *call)
{
	struct uuid account;
	struct str state;
	struct list rows;
	struct tx *tx;

	TRY(call_state(call, &call_states, &state));
	TRY(call_account(call, &account));
	TRY(open_queues(call, &tx));
	webhooks_read_calls(tx, state, account, SHOWN, &rows);
	TRY(tx_run(tx));
	call_print(call, &webhook_call_row_shape, rows);
	return NULL;
}

const struct err *ctl_calls_retry(struct call *call)
{
	static const struct deed deed = {
		"webhook_call", "webhook.call_repeated", "queued again",
		"no call of that id has failed, or its endpoint is switched off"
	};
	struct webhook_call_count *count;
	struct uuid id, account;
	struct tx *tx;

	TRY(call_account(call, &account));
	TRY(call_id(call, &id));
	TRY(open_queues(call, &tx));
	webhooks_retry_calls(tx, id, account, &count);
	TRY(tx_more(tx));
	return finish(call, tx, &deed, id, count->n, STR_NONE);
}

/* ---- jobs ---- */

static const struct err *job_filter(struct call *call, struct job_filter *ret)
{
	ret->kind = call_has(call, "kind") ? call_option(call, "kind") : STR("");
	TRY(call_state(call, &job_states, &ret->state));
	return call_account(call, &ret->account);
}

const struct err *ctl_jobs_list(struct call *call)
{
	struct job_filter filter;
	struct list rows;
	struct tx *tx;

	TRY(job_filter(call, &filter));
	TRY(open_queues(call, &tx));
	jobs_list(tx, &filter, SHOWN, &rows);
	TRY(tx_run(tx));
	call_print(call, &job_row_shape, rows);
	return NULL;
}

const struct err *ctl_jobs_retry(struct call *call)
{
	static const struct deed deed = { "job", "job.retried", "queued again",
					  "no job of that id is dead, or one of its key waits "
					  "already" };
	struct job_filter filter;
	struct job_count *count;
	struct uuid id;
	struct tx *tx;

	TRY(job_filter(call, &filter));
	TRY(call_id(call, &id));
	TRY(open_queues(call, &tx));
	jobs_retry(tx, id, &filter, &count);
	TRY(tx_more(tx));
	return finish(call, tx, &deed, id, count->n, count->kinds);
}

const struct err *ctl_jobs_drop(struct call *call)
{
	static const struct deed deed = { "job", "job.dropped", "dropped",
					  "no job of that id waits or is dead" };
	struct job_count *count;
	struct uuid id;
	struct tx *tx;

	if (!uuid_parse(str_of(call->words[0]), &id))
		return ERR(call->arena, ERR_INVALID, "%s is no id", call->words[0]);
	TRY(open_queues(call, &tx));
	jobs_drop(tx, id, &count);
	TRY(tx_more(tx));
	return finish(call, tx, &deed, id, count->n, count->kinds);
}
