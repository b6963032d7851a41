#ifndef ESCALATIONS_INSIDE_H
#define ESCALATIONS_INSIDE_H

#include "escalations/told.h"
#include "kit/jobs/jobs.h"
#include "mail/mail.h"

struct handoff_row;
struct jobs_ctx;
struct webhook_news;

/* What the jobs of the room share. */

/* The hand-off of {"handoff": ID}. */
const struct err *handoff_of_job(struct job *j, struct uuid *ret) must_check;
const struct err *watch_handoff(struct job *j) must_check;
const struct err *watch_person(struct job *j) must_check;

/* A mail to one reader of what has happened to a hand-off; its id is made here. */
struct letter {
	struct uuid account;
	struct str account_name;
	const struct due_row *to;
	const struct told *told;
};
const struct err *letter_write(struct arena *a, const struct jobs_ctx *ctx, const struct letter *l,
			       struct mail *ret) must_check;

/* What endpoints are told of what `due` is about; the texts of row are redacted on the way. */
struct call {
	struct uuid account;
	struct str account_name;
	const struct due_row *due;
	const struct told *told;
	const struct handoff_row *row;
};
struct webhook_news call_news(struct arena *a, const struct jobs_ctx *ctx,
			      const struct redact_rules *rules, const struct call *c);

#endif
