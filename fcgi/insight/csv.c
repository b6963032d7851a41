/* Each table of the page as a file for spreadsheets; times are in seconds. */
#include "insight/counts.h"
#include "kit/base/arena.h"
#include "kit/base/csv.h"

/* ---- rows ---- */

struct flow_cells {
	struct str flow;
	int64_t handoffs, runs, runs_handed_off;
	struct str claim_median, claim_p90;
};
#define F struct flow_cells
static const struct shape flow_cells =
	SHAPE(F, F_STR(F, flow), F_INT(F, handoffs), F_INT(F, runs), F_INT(F, runs_handed_off),
	      F_STR(F, claim_median), F_STR(F, claim_p90));
#undef F

struct step_cells {
	struct str flow, step;
	int64_t handoffs;
};
#define S struct step_cells
static const struct shape step_cells = SHAPE(S, F_STR(S, flow), F_STR(S, step), F_INT(S, handoffs));
#undef S

struct hour_cells {
	int64_t hour, handoffs;
};
static const struct shape hour_cells = SHAPE(struct hour_cells, F_INT(struct hour_cells, hour),
					     F_INT(struct hour_cells, handoffs));

struct weekday_cells {
	int weekday;
	int64_t handoffs;
};
#define W struct weekday_cells
static const struct shape weekday_cells =
	SHAPE(W, F_ENUM(W, weekday, &weekday_words), F_INT(W, handoffs));
#undef W

struct person_cells {
	struct str person;
	int64_t handed_off, taken, resolved;
	struct str claim_median, claim_p90;
};
#define P_ struct person_cells
static const struct shape person_cells =
	SHAPE(P_, F_STR(P_, person), F_INT(P_, handed_off), F_INT(P_, taken), F_INT(P_, resolved),
	      F_STR(P_, claim_median), F_STR(P_, claim_p90));
#undef P_

/* An empty cell where there was none. */
static struct str seconds(struct arena *a, int64_t value)
{
	return value < 0 ? STR_NONE : str_fmt(a, "%lld", (long long)value);
}

/* ---- tables ---- */

static void put_flows(struct arena *a, struct buf *out, const struct counts *c)
{
	const struct stuck_flow *row = c->flows.items;

	for (size_t at = 0; at < c->flows.n; at++)
		csv_put_row(out, &flow_cells,
			    &(struct flow_cells){ row[at].name, row[at].handoffs, row[at].runs,
						  row[at].handed, seconds(a, row[at].claim_median),
						  seconds(a, row[at].claim_p90) });
}

static void put_steps(struct arena *a, struct buf *out, const struct counts *c)
{
	const struct stuck_step *row = c->steps.items;

	(void)a;
	for (size_t at = 0; at < c->steps.n; at++)
		csv_put_row(out, &step_cells,
			    &(struct step_cells){ row[at].name, step_title(&row[at]),
						  row[at].handoffs });
}

static void put_hours(struct arena *a, struct buf *out, const struct counts *c)
{
	(void)a;
	for (int at = 0; at < HOURS; at++)
		csv_put_row(out, &hour_cells, &(struct hour_cells){ at, c->hours[at] });
}

static void put_weekdays(struct arena *a, struct buf *out, const struct counts *c)
{
	(void)a;
	for (int at = 0; at < WEEKDAYS; at++)
		csv_put_row(out, &weekday_cells, &(struct weekday_cells){ at, c->weekdays[at] });
}

static void put_people(struct arena *a, struct buf *out, const struct counts *c)
{
	const struct stuck_person *row = c->people.items;

	for (size_t at = 0; at < c->people.n; at++)
		csv_put_row(out, &person_cells,
			    &(struct person_cells){ row[at].name, row[at].handed, row[at].taken,
						    row[at].resolved,
						    seconds(a, row[at].claim_median),
						    seconds(a, row[at].claim_p90) });
}

static const struct table {
	const char *file;
	const struct shape *cells;
	void (*put)(struct arena *a, struct buf *out, const struct counts *c);
} tables[] = {
	[PART_FLOWS] = { "escalations-by-flow", &flow_cells, put_flows },
	[PART_STEPS] = { "escalations-by-step", &step_cells, put_steps },
	[PART_HOURS] = { "escalations-by-hour", &hour_cells, put_hours },
	[PART_WEEKDAYS] = { "escalations-by-weekday", &weekday_cells, put_weekdays },
	[PART_PEOPLE] = { "escalations-by-person", &person_cells, put_people },
};

/* Few rows, whatever was counted: one piece. */
static const struct err *put_table(struct req *r, void *ctx, struct buf *out, bool *more)
{
	const struct table *table = ctx;
	struct counts c;

	TRY(counts_read(r, &c));
	csv_put_head(out, table->cells);
	table->put(r->arena, out, &c);
	*more = false;
	return NULL;
}

const struct err *counts_csv(struct req *r)
{
	const struct counts_query *q = r->input;
	struct table *table = ARENA_NEW(r->arena, struct table);

	*table = tables[q->of];
	return reply_csv(r, table->file, put_table, table);
}
