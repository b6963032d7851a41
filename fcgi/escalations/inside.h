#ifndef ESCALATIONS_INSIDE_H
#define ESCALATIONS_INSIDE_H

#include "escalations/told.h"
#include "kit/jobs/jobs.h"
#include "mail/mail.h"

struct jobs_ctx;

/* What the jobs of the room share. */

/* The hand-off of {"handoff": ID}. */
const struct err *handoff_of_job(struct job *j, struct uuid *ret) must_check;
const struct err *watch_handoff(struct job *j) must_check;

/* A mail to one reader of what has happened to a hand-off; its id is made here. */
struct letter {
	struct uuid account;
	struct str account_name;
	const struct due_row *to;
	const struct told *told;
};
const struct err *letter_write(struct arena *a, const struct jobs_ctx *ctx, const struct letter *l,
			       struct mail *ret) must_check;

#endif
