/*
 * Telling of hand-offs, after the commit that made the record of who is to be told.
 *
 * Each channel has a transaction of its own: what fails in one is told by the others all the same,
 * and the job comes back for the rest.  What was done is marked in the same transaction, so that a
 * job that runs twice, or is killed in between, tells nobody twice.
 */
#include "accounts/accounts.h"
#include "escalations/escalations.h"
#include "escalations/inside.h"
#include "handoffs/handoffs.h"
#include "kit/base/arena.h"
#include "kit/base/shape_json.h"
#include "kit/crypto/crypto.h"
#include "record/record.h"
#include "redaction/redaction.h"
#include "webhooks/webhooks.h"

#define JOB_DIGEST     "handoff_digest"
#define ANNOUNCE_TRIES 12

struct handoff_job {
	struct uuid handoff;
};

static const struct shape handoff_job =
	SHAPE(struct handoff_job, F_UUID(struct handoff_job, handoff));

const struct err *handoff_of_job(struct job *j, struct uuid *ret)
{
	struct handoff_job job;

	TRY(shape_read_json(j->arena, &handoff_job, j->payload, &job));
	*ret = job.handoff;
	return NULL;
}

/* ---- what is due ---- */

/* One channel's part of a job. */
struct round {
	struct job *job;
	struct arena *a;
	struct tx *tx;
	const struct jobs_ctx *ctx;
	struct uuid handoff; /* UUID_NONE: what was held back until now */
	struct str account_name;
	struct list due, cases; /* struct due_row, struct case_row */
	struct list patterns;
};

static const struct err *read_due(struct round *r, struct str channel)
{
	const struct told_account_row *account;

	store_told_gone(r->tx, r->handoff, channel);
	store_told_due(r->tx, r->handoff, channel, &r->due);
	store_told_cases(r->tx, r->handoff, channel, &r->cases);
	store_told_account(r->tx, &account);
	redaction_read(r->tx, &r->patterns);
	TRY(tx_more(r->tx));
	r->account_name = account ? account->name : STR("");
	return NULL;
}

static struct str *ids_of(const struct round *r)
{
	const struct due_row *due = r->due.items;
	struct str *ids = ARENA_ARRAY(r->a, struct str, r->due.n + 1);

	for (size_t at = 0; at < r->due.n; at++)
		ids[at] = uuid_str(&due[at].id);
	return ids;
}

/* ---- inside the product ---- */

static const struct err *tell_inside(struct round *r)
{
	const struct due_row *due = r->due.items;
	struct str *people = ARENA_ARRAY(r->a, struct str, r->due.n + 1);
	struct str *texts = ARENA_ARRAY(r->a, struct str, r->due.n + 1);
	struct told told = told_of(r->a, NULL, r->cases.items, (struct list){ 0 });

	for (size_t at = 0; at < r->due.n; at++) {
		people[at] = uuid_str(&due[at].person);
		texts[at] = told_sentence(r->a, &told, &due[at]);
	}
	store_told_inside(r->tx, LIST_OF(ids_of(r), r->due.n));
	notices_add(r->tx, r->job->account, LIST_OF(people, r->due.n), LIST_OF(texts, r->due.n),
		    str_fmt(r->a, "/escalations/%s", r->handoff.text).p);
	return NULL;
}

/* ---- by mail ---- */

/* mails: beside what is due; several may be the same. */
static void post(struct round *r, struct list mails, const struct str *ids)
{
	mail_queue_all(r->a, r->tx, mails);
	store_told_by_mail(r->tx, LIST_OF(ids_of(r), r->due.n), LIST_OF(ids, r->due.n));
}

static const struct err *tell_by_mail(struct round *r)
{
	const struct redact_rules *rules = redaction_rules(r->a, r->patterns, NULL);
	const struct due_row *due = r->due.items;
	struct mail *mails = ARENA_ARRAY(r->a, struct mail, r->due.n + 1);
	struct str *ids = ARENA_ARRAY(r->a, struct str, r->due.n + 1);
	struct told told;
	struct list steps;

	store_told_steps(r->tx, r->handoff, &steps);
	TRY(tx_more(r->tx));
	told = told_of(r->a, rules, r->cases.items, steps);
	for (size_t at = 0; at < r->due.n; at++) {
		const struct letter letter = { r->job->account, r->account_name, &due[at], &told };

		TRY(letter_write(r->a, r->ctx, &letter, &mails[at]));
		ids[at] = uuid_str(&mails[at].id);
	}
	post(r, LIST_OF(mails, r->due.n), ids);
	return NULL;
}

/* ---- to endpoints ---- */

/* Those of one occasion stand together, and are one piece of news. */
static size_t same_news(const struct due_row *due, size_t from, size_t n)
{
	size_t to = from + 1;

	while (to < n && str_eq(due[to].occasion, due[from].occasion) &&
	       due[to].round == due[from].round)
		to++;
	return to;
}

static const struct err *tell_endpoints(struct round *r)
{
	const struct redact_rules *rules = redaction_rules(r->a, r->patterns, NULL);
	const struct told told = told_of(r->a, rules, r->cases.items, (struct list){ 0 });
	const struct due_row *due = r->due.items;
	struct webhook_to *to = ARENA_ARRAY(r->a, struct webhook_to, r->due.n + 1);
	struct str *calls = ARENA_ARRAY(r->a, struct str, r->due.n + 1);
	struct handoff h;

	handoff_read(r->tx, r->handoff, &h);
	TRY(tx_more(r->tx));
	for (size_t at = 0; at < r->due.n; at++) {
		to[at] = (struct webhook_to){ crypto_uuid7(), due[at].webhook };
		calls[at] = uuid_str(&to[at].call);
	}
	for (size_t at = 0, next; at < r->due.n; at = next) {
		const struct call call = { r->job->account, r->account_name, &due[at], &told,
					   h.row };
		const struct webhook_news news = call_news(r->a, r->ctx, rules, &call);

		next = same_news(due, at, r->due.n);
		webhooks_queue_to(r->tx, r->a, &news, LIST_OF(&to[at], next - at));
	}
	store_told_by_call(r->tx, LIST_OF(ids_of(r), r->due.n), LIST_OF(calls, r->due.n));
	return NULL;
}

/* ---- the channels ---- */

static const struct channel {
	const char *name;
	const struct err *(*tell)(struct round *r);
} channels[] = {
	{ "inapp", tell_inside },
	{ "email", tell_by_mail },
	{ "webhook", tell_endpoints },
	{ 0 },
};

static const struct err *tell(struct round *r, const struct channel *c)
{
	TRY(read_due(r, str_of(c->name)));
	if (r->due.n)
		TRY(c->tell(r));
	return tx_run(r->tx);
}

/* Where this was the last try, its deliveries have failed. */
static const struct err *give_up(struct round *r, const struct channel *c, const struct err *why)
{
	if (r->job->attempt < ANNOUNCE_TRIES)
		return why;
	r->tx = job_tx(r->job);
	store_told_failed(r->tx, r->handoff, str_of(c->name), STR("It could not be written."));
	TRY(tx_run(r->tx));
	return why;
}

static const struct err *tell_by(struct job *j, struct uuid handoff, const struct channel *c)
{
	struct round r = {
		.job = j, .a = j->arena, .tx = job_tx(j), .ctx = j->ctx, .handoff = handoff
	};
	const struct err *e = tell(&r, c);

	tx_abandon(r.tx);
	return e ? give_up(&r, c, e) : NULL;
}

static const struct err *announce(struct job *j)
{
	const struct err *first = NULL;
	struct uuid handoff;

	TRY(handoff_of_job(j, &handoff));
	for (const struct channel *c = channels; c->name; c++) {
		const struct err *e = tell_by(j, handoff, c);

		first = first ? first : e;
	}
	return first ? first : tx_run(j->tx);
}

const struct job_kind escalations_jobs[] = {
	{ JOB_ANNOUNCE, announce, .max_attempts = ANNOUNCE_TRIES, .lease_seconds = 60 },
	{ JOB_WATCH, watch_handoff, .max_attempts = 50, .lease_seconds = 60 },
	{ 0 },
};
