#ifndef MAIL_POST_H
#define MAIL_POST_H

#include "kit/base/err.h"
#include "kit/base/uuid.h"
#include "kit/jobs/jobs.h"

struct settings;

/*
 * Sends what lies in the outbox, by SMTP or into files, several at a time.  A mail that is held by
 * a process that died is taken again when its lease has run out: it may come twice then, with the
 * same Message-ID.
 */
struct post;

/* What became of a mail, for the log; nothing of its text or its addresses. */
struct post_report {
	struct uuid id, account;
	int64_t attempt;
	const char *outcome; /* "sent", "later", "failed", "not recorded" */
	const char *why;     /* "" where it was sent */
};

const struct err *post_new(struct arena *a, const struct settings *settings, struct db *db,
			   int hurry_fd, void (*tell)(const struct post_report *report),
			   struct post **ret) must_check;
/*
 * Sends some of what is due; *ret is false where there was nothing.  While hurry_fd (or -1) is
 * readable it comes to an end within seconds.
 */
const struct err *post_work(struct post *p, bool *ret) must_check;

/* Seconds until the next try after that one, the first being 1; there are eight. */
int64_t post_wait(int64_t attempt);

extern const struct chore mail_chores[];

#endif
