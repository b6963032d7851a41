#ifndef INSIGHT_STORE_H
#define INSIGHT_STORE_H

#include "kit/db/db.h"

/* Hand-offs counted, and the statements for it, one function each; private to the room. */

/* From `since` up to and without `until`; the days of that zone which this is, both included. */
struct span {
	struct instant since, until;
	struct str zone, first, last;
};

/* Times are seconds: half took no longer than the median, nine of ten no longer than p90; -1 where
 * there was none. */
struct totals_row {
	int64_t handoffs, taken, resolved, withdrawn, overdue;
	int64_t claim_median, claim_p90, resolve_median, resolve_p90;
};

struct stuck_flow {
	struct uuid flow;
	struct str name;
	bool seen; /* by whoever asks, in the library */
	int64_t handoffs, runs, handed;
	int64_t claim_median, claim_p90;
};

struct stuck_step {
	struct uuid flow;
	struct str name;
	bool seen;
	struct str node, title; /* empty behind the last step */
	int64_t handoffs;
};

struct stuck_hour {
	int64_t weekday, hour, handoffs; /* weekday: 0 is Monday */
};

struct stuck_person {
	struct uuid id;
	struct str name;
	int64_t handed, taken, resolved;
	int64_t claim_median, claim_p90;
};

void store_totals(struct tx *t, struct span span, const struct totals_row **ret);
void store_stuck_flows(struct tx *t, struct span span, struct list *ret);
void store_steps(struct tx *t, struct span span, struct list *ret);
/* The days, such as "2026-11-21", in the account's zone; an empty one is not given. */
void store_span(struct tx *t, struct str first, struct str last, int64_t days,
		const struct span **ret);
void store_hours(struct tx *t, struct span span, struct list *ret);
void store_people(struct tx *t, struct span span, struct list *ret);

#endif
