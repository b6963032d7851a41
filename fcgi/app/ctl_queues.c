/* `resolutionflow mail` and `jobs`: what waits or has failed, over all accounts, and doing it
 * again. */
#include <stdio.h>

#include "app/commands.h"
#include "app/ctl.h"
#include "kit/base/arena.h"
#include "kit/base/buf.h"
#include "kit/jobs/jobs.h"
#include "mail/mail.h"
#include "outbox/outbox.h"
#include "record/record.h"

#define SHOWN     1000
#define FACTS_MAX 65536

static const struct err *open_queues(struct call *call, struct tx **ret)
{
	static const struct sql *const *const statements[] = { jobs_statements, mail_statements,
							       outbox_statements, record_statements,
							       NULL };
	struct db *db;

	TRY(call_connect(call, "jobs", statements, &db));
	*ret = tx_new(call->arena, db);
	return NULL;
}

/* kinds: of jobs; none of mails. */
static void tell_log(struct call *call, struct tx *tx, const char *action, struct uuid id,
		     int64_t n, struct str kinds)
{
	const char *object = kinds.p ? "job" : "mail";
	struct buf facts = buf_new(call->arena, FACTS_MAX);

	if (!n)
		return;
	buf_printf(&facts, "{\"count\":%lld", (long long)n);
	if (kinds.p) {
		buf_put(&facts, STR(",\"kind\":"));
		buf_put_json(&facts, kinds);
	}
	buf_putc(&facts, '}');
	audit_of_platform(tx, call_who(call), action, object, id,
			  (struct json_text){ buf_str(&facts) });
}

/* n: of what was asked for by its id, 0 is an error. */
static const struct err *tell_count(struct call *call, struct uuid id, int64_t n, const char *done,
				    const char *none)
{
	if (!n && !uuid_is_none(id))
		return ERR(call->arena, ERR_NOT_FOUND, "%s", none);
	printf("%lld %s\n", (long long)n, done);
	return NULL;
}

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
	struct outbox_count *count;
	struct uuid id;
	struct tx *tx;

	TRY(call_id(call, &id));
	TRY(open_queues(call, &tx));
	outbox_retry_all(tx, id, &count);
	TRY(tx_more(tx));
	tell_log(call, tx, "mail.retried", id, count->n, STR_NONE);
	mail_bell(tx);
	TRY(tx_run(tx));
	return tell_count(call, id, count->n, "sent again", "no mail of that id has failed");
}

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
	struct job_filter filter;
	struct job_count *count;
	struct uuid id;
	struct tx *tx;

	TRY(job_filter(call, &filter));
	TRY(call_id(call, &id));
	TRY(open_queues(call, &tx));
	jobs_retry(tx, id, &filter, &count);
	TRY(tx_more(tx));
	tell_log(call, tx, "job.retried", id, count->n, count->kinds);
	TRY(tx_run(tx));
	return tell_count(call, id, count->n, "queued again",
			  "no job of that id is dead, or one of its key waits already");
}

const struct err *ctl_jobs_drop(struct call *call)
{
	struct job_count *count;
	struct uuid id;
	struct tx *tx;

	if (!uuid_parse(str_of(call->words[0]), &id))
		return ERR(call->arena, ERR_INVALID, "%s is no id", call->words[0]);
	TRY(open_queues(call, &tx));
	jobs_drop(tx, id, &count);
	TRY(tx_more(tx));
	tell_log(call, tx, "job.dropped", id, count->n, count->kinds);
	TRY(tx_run(tx));
	return tell_count(call, id, count->n, "dropped", "no job of that id waits or is dead");
}
