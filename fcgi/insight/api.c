/* The same numbers through the API. */
#include "flows/tree.h"
#include "insight/counts.h"
#include "insight/insight.h"
#include "kit/base/arena.h"
#include "people/people.h"

struct spread_json {
	int64_t median_seconds, p90_seconds;
};
static const struct shape spread_json = SHAPE_WITH(struct spread_json, (.label = "Spread"),
						   F_INT(struct spread_json, median_seconds),
						   F_INT(struct spread_json, p90_seconds));
#define F_SPREAD(T, m) F_REF(T, m, struct spread_json, &spread_json, .null = true)

struct flow_json {
	struct uuid tree_id;
	struct str tree_name;
	int64_t handoffs, runs, runs_handed_off;
	const struct spread_json *time_to_claim;
};
#define F struct flow_json
static const struct shape flow_json = SHAPE_WITH(
	F, (.label = "EscalationsOfFlow"), F_UUID(F, tree_id), F_STR(F, tree_name),
	F_INT(F, handoffs), F_INT(F, runs), F_INT(F, runs_handed_off), F_SPREAD(F, time_to_claim));
#undef F

struct step_json {
	struct uuid tree_id;
	struct str tree_name, node_id, title;
	int64_t handoffs;
};
#define S struct step_json
static const struct shape step_json =
	SHAPE_WITH(S, (.label = "EscalationsAtStep"), F_UUID(S, tree_id), F_STR(S, tree_name),
		   F_STR(S, node_id), F_STR(S, title), F_INT(S, handoffs));
#undef S

struct hour_json {
	int64_t hour, handoffs;
};
static const struct shape hour_json =
	SHAPE_WITH(struct hour_json, (.label = "EscalationsByHour"), F_INT(struct hour_json, hour),
		   F_INT(struct hour_json, handoffs));

struct weekday_json {
	int weekday;
	int64_t handoffs;
};
static const struct names weekdays =
	NAMES("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday");
static const struct shape weekday_json = SHAPE_WITH(
	struct weekday_json, (.label = "EscalationsByWeekday"),
	F_ENUM(struct weekday_json, weekday, &weekdays), F_INT(struct weekday_json, handoffs));

struct stuck_json {
	struct person_json person;
	int64_t handed_off, taken, resolved;
	const struct spread_json *time_to_claim;
};
#define P_ struct stuck_json
static const struct shape stuck_json = SHAPE_WITH(
	P_, (.label = "EscalationsOfPerson"),
	F_OBJECT(P_, person, struct person_json, &person_json_shape), F_INT(P_, handed_off),
	F_INT(P_, taken), F_INT(P_, resolved), F_SPREAD(P_, time_to_claim));
#undef P_

struct counts_json {
	struct instant from, to;
	struct str time_zone;
	int64_t handoffs, taken, resolved, withdrawn, overdue;
	const struct spread_json *time_to_claim, *time_to_resolve;
	struct list flows, steps, hours, weekdays, people;
};
#define C struct counts_json
static const struct shape counts_json = SHAPE_WITH(
	C, (.label = "Escalations"), F_TIME(C, from), F_TIME(C, to), F_STR(C, time_zone),
	F_INT(C, handoffs), F_INT(C, taken), F_INT(C, resolved), F_INT(C, withdrawn),
	F_INT(C, overdue), F_SPREAD(C, time_to_claim), F_SPREAD(C, time_to_resolve),
	F_LIST(C, flows, &flow_json), F_LIST(C, steps, &step_json), F_LIST(C, hours, &hour_json),
	F_LIST(C, weekdays, &weekday_json), F_LIST(C, people, &stuck_json));
#undef C

static const struct spread_json *spread(struct arena *a, int64_t median, int64_t p90)
{
	struct spread_json *ret = ARENA_NEW(a, struct spread_json);

	*ret = (struct spread_json){ median, p90 };
	return median < 0 ? NULL : ret;
}

static struct list flows_of(struct arena *a, const struct counts *c)
{
	struct flow_json *items = ARENA_ARRAY(a, struct flow_json, c->flows.n + 1);
	const struct stuck_flow *row = c->flows.items;

	for (size_t at = 0; at < c->flows.n; at++)
		items[at] = (struct flow_json){
			row[at].flow,     row[at].name,
			row[at].handoffs, row[at].runs,
			row[at].handed,   spread(a, row[at].claim_median, row[at].claim_p90)
		};
	return LIST_OF(items, c->flows.n);
}

static struct list steps_of(struct arena *a, const struct counts *c)
{
	struct step_json *items = ARENA_ARRAY(a, struct step_json, c->steps.n + 1);
	const struct stuck_step *row = c->steps.items;

	for (size_t at = 0; at < c->steps.n; at++)
		items[at] = (struct step_json){ row[at].flow, row[at].name, row[at].node,
						row[at].title, row[at].handoffs };
	return LIST_OF(items, c->steps.n);
}

static struct list hours_of(struct arena *a, const struct counts *c)
{
	struct hour_json *items = ARENA_ARRAY(a, struct hour_json, HOURS);

	for (int at = 0; at < HOURS; at++)
		items[at] = (struct hour_json){ at, c->hours[at] };
	return LIST_OF(items, HOURS);
}

static struct list weekdays_of(struct arena *a, const struct counts *c)
{
	struct weekday_json *items = ARENA_ARRAY(a, struct weekday_json, WEEKDAYS);

	for (int at = 0; at < WEEKDAYS; at++)
		items[at] = (struct weekday_json){ at, c->weekdays[at] };
	return LIST_OF(items, WEEKDAYS);
}

static struct list people_of(struct arena *a, const struct counts *c)
{
	struct stuck_json *items = ARENA_ARRAY(a, struct stuck_json, c->people.n + 1);
	const struct stuck_person *row = c->people.items;

	for (size_t at = 0; at < c->people.n; at++)
		items[at] =
			(struct stuck_json){ { row[at].id, row[at].name },
					     row[at].handed,
					     row[at].taken,
					     row[at].resolved,
					     spread(a, row[at].claim_median, row[at].claim_p90) };
	return LIST_OF(items, c->people.n);
}

static const struct err *escalations_get(struct req *r)
{
	struct arena *a = r->arena;
	const struct totals_row *t;
	struct counts c;

	TRY(counts_read(r, &c));
	t = c.totals;
	return reply_json(r, r->route->output,
			  &(struct counts_json){
				  .from = c.span.since,
				  .to = c.span.until,
				  .time_zone = c.span.zone,
				  .handoffs = t->handoffs,
				  .taken = t->taken,
				  .resolved = t->resolved,
				  .withdrawn = t->withdrawn,
				  .overdue = t->overdue,
				  .time_to_claim = spread(a, t->claim_median, t->claim_p90),
				  .time_to_resolve = spread(a, t->resolve_median, t->resolve_p90),
				  .flows = flows_of(a, &c),
				  .steps = steps_of(a, &c),
				  .hours = hours_of(a, &c),
				  .weekdays = weekdays_of(a, &c),
				  .people = people_of(a, &c) });
}

const struct route insight_api[] = {
	{ GET, "/api/v1/analytics/escalations", .need = PERM_QUEUE, .flag = FLAG_INSIGHT,
	  .input = &counts_query_shape, .run = escalations_get, .output = &counts_json,
	  .about = "Hand-offs made in the last ?days=, or from= one day to= another, by flow, "
		   "step, hour, weekday and person, with times to claim and to resolve; days and "
		   "hours are those of the account's time zone" },
	{ 0 },
};
