#ifndef ESCALATIONS_TOLD_H
#define ESCALATIONS_TOLD_H

#include "escalations/store.h"

struct redact_rules;

/*
 * A hand-off in words, for notices, mails and calls: pure.  By rules the words are what may leave
 * the product; without, as they stand in it.  Passwords and the scratchpad are never part of it.
 */
struct told {
	struct str by, claimer, priority; /* "High" */
	struct str title;                 /* the flow's, with its variables filled in */
	struct str client, ticket, step, reason, tried, resolution;
	struct list path; /* struct told_step */
};

struct told_step {
	int64_t n;
	struct str title, answer; /* chosen, or why it was skipped; none: neither */
	struct list notes;        /* in lines, the beginning of them */
};

/* steps: of struct told_step_row; none where nobody reads them. */
struct told told_of(struct arena *a, const struct redact_rules *rules, const struct case_row *from,
		    struct list steps);

/* What has happened to it: "Jonas needs help: VPN drops hourly (Acme)". */
struct str told_headline(struct arena *a, const struct told *t, const struct due_row *due);
/* The same as a sentence of a list, and as a mail's subject: one line. */
struct str told_sentence(struct arena *a, const struct told *t, const struct due_row *due);
struct str told_subject(struct arena *a, const struct told *t, const struct due_row *due);

/* A text's lines, as a list of plain texts; nothing of an empty one. */
struct list told_lines(struct arena *a, struct str text);

#endif
