#ifndef ESCALATIONS_STORE_H
#define ESCALATIONS_STORE_H

#include "kit/db/db.h"

/* What is told of hand-offs, and its statements, one function each; private to the room. */

/* A delivery that waits to be sent. */
struct due_row {
	struct uuid id, handoff, person;
	struct str name, email;
	struct uuid webhook;
	struct str occasion;
	int64_t round;
	bool calls; /* somebody to take it over; else it tells how one's own goes */
	struct instant created_at;
};

/* A hand-off of theirs, as its author wrote it. */
struct case_row {
	struct uuid id;
	struct str by, claimer;
	int priority;
	struct str flow_name;
	struct json_text intake, variables;
	struct str client, ticket, step, reason, tried, resolution;
};

struct told_account_row {
	struct str name;
};

/* A step on the way there. */
struct told_step_row {
	int64_t n;
	struct str title, answer, skip_reason, notes;
};

/* Whether the account is closed now, by its business hours. */
struct hours_row {
	bool closed;
};

struct later_row {
	struct instant at;
};

/* What is due of a channel: of that hand-off; UUID_NONE: what was held back until now.  It stays
 * locked until the transaction ends. */
void store_told_gone(struct tx *t, struct uuid handoff, struct str channel);
void store_told_off(struct tx *t, struct uuid handoff, struct str channel);
void store_told_due(struct tx *t, struct uuid handoff, struct str channel, struct list *ret);
void store_told_cases(struct tx *t, struct uuid handoff, struct str channel, struct list *ret);
void store_told_account(struct tx *t, const struct told_account_row **ret);
void store_told_steps(struct tx *t, struct uuid handoff, struct list *ret);
void store_told_failed(struct tx *t, struct uuid handoff, struct str channel, struct str error);
/* Ids as texts. */
void store_told_inside(struct tx *t, struct list deliveries);
void store_told_by_mail(struct tx *t, struct list deliveries, struct list mails);
void store_told_by_call(struct tx *t, struct list deliveries, struct list calls);
void store_hours_now(struct tx *t, const struct hours_row **ret);
void store_told_later(struct tx *t, struct uuid handoff, struct list *ret);

/* How long one of a priority may wait, and rest with whoever took it; in minutes. */
struct rules {
	int64_t low_wait, low_rest, normal_wait, normal_rest, high_wait, high_rest, urgent_wait,
		urgent_rest;
	struct list second_tier; /* ids, as texts */
};

struct tier_row {
	struct str id, name;
	bool chosen;
};

void store_rules(struct tx *t, const struct rules **ret);
void store_tier(struct tx *t, struct list *ret);
void store_rules_set(struct tx *t, struct arena *a, const struct rules *rules);

/* ---- pages ---- */

struct helper_row {
	struct uuid id;
	struct str name;
};

struct handed_row {
	struct str scratchpad;
};

/* Colleagues who may take a case over: struct helper_row. */
void store_helpers(struct tx *t, struct list *ret);
/* What only colleagues see, and only while it is handed to them; NULL: it is not. */
void store_handed(struct tx *t, struct uuid handoff, struct handed_row **ret);

#endif
