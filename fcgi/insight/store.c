/* The insight room's statements; see store.h and store.sql. */
#include "insight/store.h"

#define S struct span
static const struct shape span_shape = SHAPE(S, F_TIME(S, since), F_TIME(S, until), F_STR(S, zone),
					     F_STR(S, first), F_STR(S, last));
#undef S
#define T struct totals_row
static const struct shape totals_shape =
	SHAPE(T, F_INT(T, handoffs), F_INT(T, taken), F_INT(T, resolved), F_INT(T, withdrawn),
	      F_INT(T, overdue), F_INT(T, claim_median), F_INT(T, claim_p90),
	      F_INT(T, resolve_median), F_INT(T, resolve_p90));
#undef T
#define F struct stuck_flow
static const struct shape flow_row_shape =
	SHAPE(F, F_UUID(F, flow), F_STR(F, name), F_BOOL(F, seen), F_INT(F, handoffs),
	      F_INT(F, runs), F_INT(F, handed), F_INT(F, claim_median), F_INT(F, claim_p90));
#undef F
#define S struct stuck_step
static const struct shape step_row_shape =
	SHAPE(S, F_UUID(S, flow), F_STR(S, name), F_BOOL(S, seen), F_STR(S, node), F_STR(S, title),
	      F_INT(S, handoffs));
#undef S
#define H struct stuck_hour
static const struct shape hour_row_shape =
	SHAPE(H, F_INT(H, weekday), F_INT(H, hour), F_INT(H, handoffs));
#undef H
#define P_ struct stuck_person
static const struct shape person_row_shape =
	SHAPE(P_, F_UUID(P_, id), F_STR(P_, name), F_INT(P_, handed), F_INT(P_, taken),
	      F_INT(P_, resolved), F_INT(P_, claim_median), F_INT(P_, claim_p90));
#undef P_

#include "fcgi/insight/store.sql.h"

void store_totals(struct tx *t, struct span span, const struct totals_row **ret)
{
	tx_one(t, &sql_insight_totals, ret, P(span.since), P(span.until));
}

void store_stuck_flows(struct tx *t, struct span span, struct list *ret)
{
	tx_list(t, &sql_insight_flows, ret, P(span.since), P(span.until));
}

void store_steps(struct tx *t, struct span span, struct list *ret)
{
	tx_list(t, &sql_insight_steps, ret, P(span.since), P(span.until));
}

void store_span(struct tx *t, struct str first, struct str last, int64_t days,
		const struct span **ret)
{
	tx_one(t, &sql_insight_span, ret, P(first), P(last), P(days));
}

void store_hours(struct tx *t, struct span span, struct list *ret)
{
	tx_list(t, &sql_insight_hours, ret, P(span.since), P(span.until), P(span.zone));
}

void store_people(struct tx *t, struct span span, struct list *ret)
{
	tx_list(t, &sql_insight_people, ret, P(span.since), P(span.until));
}
