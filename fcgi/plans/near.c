/* Tells an account's admins that a limit is near or reached: a job that the database queues once a
 * limit, month and part of it. */
#include "accounts/accounts.h"
#include "kit/base/arena.h"
#include "kit/base/shape_json.h"
#include "mail/mail.h"
#include "plans/store.h"
#include "record/record.h"

struct near {
	struct str key;
	int64_t used, most;
};

static const struct shape near_shape = SHAPE(struct near, F_STR(struct near, key),
					     F_INT(struct near, used), F_INT(struct near, most));

static struct str sentence(struct arena *a, const struct reader_row *is, bool full)
{
	return str_fmt(a, "%s: %.*s, %.*s of %.*s.",
		       full ? "A limit of your plan is reached" : "A limit of your plan is near",
		       STR_ARG(is->label), STR_ARG(is->used), STR_ARG(is->most));
}

static struct mail letter(const struct job *j, const struct reader_row *to, struct str said)
{
	const struct jobs_ctx *ctx = j->ctx;

	return (struct mail){
		.recipient = to->email,
		.subject = str_fmt(j->arena, "%.*s: %.*s of %.*s", STR_ARG(to->label),
				   STR_ARG(to->used), STR_ARG(to->most)),
		.text = str_fmt(j->arena,
				"Hello %.*s,\n\n%.*s\n\nAt the limit: %.*s\n\n"
				"What your plan holds and what %.*s uses of it:\n%.*s/plan\n\n"
				"You get this mail as a team admin, once a month and limit.\n",
				STR_ARG(to->name), STR_ARG(said), STR_ARG(to->effect),
				STR_ARG(to->account_name), STR_ARG(ctx->settings->base_url)),
	};
}

static const struct err *tell(struct job *j)
{
	const struct reader_row *to;
	struct str *people, *texts;
	struct list readers;
	struct mail *mails;
	struct near near;

	TRY(shape_read_json(j->arena, &near_shape, j->payload, &near));
	store_readers(j->tx, near.key, near.used, near.most, &readers);
	TRY(tx_more(j->tx));
	to = readers.items;
	people = ARENA_ARRAY(j->arena, struct str, readers.n + 1);
	texts = ARENA_ARRAY(j->arena, struct str, readers.n + 1);
	mails = ARENA_ARRAY(j->arena, struct mail, readers.n + 1);
	for (size_t at = 0; at < readers.n; at++) {
		people[at] = to[at].person;
		texts[at] = sentence(j->arena, &to[at], near.used >= near.most);
		mails[at] = letter(j, &to[at], texts[at]);
	}
	if (readers.n == 0)
		return tx_run(j->tx);
	mail_queue_all(j->arena, j->tx, LIST_OF(mails, readers.n));
	notices_add(j->tx, j->account, LIST_OF(people, readers.n), LIST_OF(texts, readers.n),
		    "/plan");
	return tx_run(j->tx);
}

const struct job_kind plans_jobs[] = {
	{ "plan_near", tell, .max_attempts = 8, .lease_seconds = 60 },
	{ 0 },
};
