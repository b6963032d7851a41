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
#include "flags/flags.h"
#include "handoffs/handoffs.h"
#include "kit/base/arena.h"
#include "kit/base/shape_json.h"
#include "kit/crypto/crypto.h"
#include "notices/notices.h"
#include "people/people.h"
#include "record/record.h"
#include "redaction/redaction.h"
#include "webhooks/webhooks.h"

#define JOB_DIGEST     "handoff_digest"
#define ANNOUNCE_TRIES 12
#define DIGEST_LINES   200

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

/* ---- held back, and in one mail ---- */

/* What is told of each case, beside them. */
static const struct told *all_told(const struct round *r)
{
	const struct redact_rules *rules = redaction_rules(r->a, r->patterns, NULL);
	struct told *told = ARENA_ARRAY(r->a, struct told, r->cases.n + 1);
	const struct case_row *cases = r->cases.items;

	for (size_t at = 0; at < r->cases.n; at++)
		told[at] = told_of(r->a, rules, &cases[at], (struct list){ 0 });
	return told;
}

static struct digest_line digest_line(const struct round *r, const struct told *told,
				      const struct due_row *due)
{
	const struct case_row *cases = r->cases.items;
	size_t at = 0;

	while (!uuid_eq(cases[at].id, due->handoff))
		at++;
	return (struct digest_line){
		.text = told_sentence(r->a, &told[at], due),
		.link = str_fmt(r->a, "/escalations/%s", due->handoff.text),
		.at = due->created_at,
	};
}

/* Of one reader; beyond so many the queue tells the rest. */
static struct mail digest_of(const struct round *r, const struct told *told,
			     const struct due_row *due, size_t n)
{
	size_t shown = n < DIGEST_LINES ? n : DIGEST_LINES;
	struct digest_line *lines = ARENA_ARRAY(r->a, struct digest_line, shown + 1);
	const struct digest_reader to = { r->job->account, due->person, due->name, due->email,
					  r->account_name };
	struct digest_mail mail;

	for (size_t at = 0; at < shown; at++)
		lines[at] = digest_line(r, told, &due[at]);
	if (shown < n)
		lines[shown++] = (struct digest_line){
			.text = str_fmt(r->a, "And %zu more.", n - DIGEST_LINES),
			.link = STR("/escalations"),
			.at = due[n - 1].created_at,
		};
	mail = digest_mail(r->a, r->ctx->render, r->ctx->settings, &to, LIST_OF(lines, shown));
	return (struct mail){ .id = crypto_uuid7(),
			      .recipient = due->email,
			      .subject = mail.subject,
			      .text = mail.text,
			      .html = mail.html,
			      .headers = mail_headers(r->a, mail.unsubscribe.headers) };
}

/* All that waits for a reader goes into one mail. */
static const struct err *tell_digests(struct round *r)
{
	const struct told *told = all_told(r);
	const struct due_row *due = r->due.items;
	struct mail *mails = ARENA_ARRAY(r->a, struct mail, r->due.n + 1);
	struct str *ids = ARENA_ARRAY(r->a, struct str, r->due.n + 1);
	size_t n = 0;

	for (size_t at = 0, from = 0; at < r->due.n; at++) {
		bool last = at + 1 == r->due.n || !uuid_eq(due[at + 1].person, due[at].person);

		if (!last)
			continue;
		mails[n] = digest_of(r, told, &due[from], at + 1 - from);
		while (from <= at)
			ids[from++] = uuid_str(&mails[n].id);
		n++;
	}
	post(r, LIST_OF(mails, n), ids);
	return NULL;
}

/* A job for each moment at which something of it may go out. */
static const struct err *hold_back(struct job *j, struct uuid handoff)
{
	struct tx *tx = job_tx(j);
	const struct later_row *rows;
	struct list later;

	store_told_later(tx, handoff, &later);
	TRY(tx_more(tx));
	rows = later.items;
	for (size_t at = 0; at < later.n; at++)
		jobs_enqueue(tx, &(struct new_job){
					 .kind = JOB_DIGEST,
					 .run_at = rows[at].at,
					 .unique_key = str_fmt(j->arena, "digest:%lld",
							       (long long)rows[at].at.us),
				 });
	return tx_run(tx);
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
	struct list flags;
	struct handoff h;

	handoff_read(r->tx, r->handoff, &h);
	flags_read(r->tx, &flags);
	TRY(tx_more(r->tx));
	if (!flags_judge(flags, FLAG_WEBHOOKS, r->job->account)) {
		store_told_off(r->tx, r->handoff, STR("webhook"));
		return NULL;
	}
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
	TRY(hold_back(j, handoff));
	for (const struct channel *c = channels; c->name; c++) {
		const struct err *e = tell_by(j, handoff, c);

		first = first ? first : e;
	}
	return first ? first : tx_run(j->tx);
}

static const struct err *digest(struct job *j)
{
	static const struct channel held = { "email", tell_digests };

	TRY(tell_by(j, UUID_NONE, &held));
	return tx_run(j->tx);
}

const struct job_kind escalations_jobs[] = {
	{ JOB_ANNOUNCE, announce, .max_attempts = ANNOUNCE_TRIES, .lease_seconds = 60 },
	{ JOB_DIGEST, digest, .max_attempts = ANNOUNCE_TRIES, .lease_seconds = 60 },
	{ JOB_PERSON_GONE, watch_person, .max_attempts = 50, .lease_seconds = 60 },
	{ JOB_WATCH, watch_handoff, .max_attempts = 50, .lease_seconds = 60 },
	{ 0 },
};
