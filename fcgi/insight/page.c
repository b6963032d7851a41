/* The page: numbers, and for each view of them a plot, its table and its file. */
#include "insight/counts.h"
#include "insight/insight.h"
#include "insight/plot.h"
#include "kit/base/arena.h"
#include "kit/base/clock.h"
#include "kit/http/page.h"
#include "kit/render/render.h"
#include "people/people.h"

#define DRAWN 10 /* bars at most; the table has the others as well */

/* ---- tables ---- */

struct number_line {
	struct str label, value;
};
struct flow_line {
	struct str name, url, rate, claim;
	int64_t handoffs, runs;
};
struct step_line {
	struct str title, flow, url;
	int64_t handoffs;
};
struct time_line {
	struct str label;
	int64_t handoffs;
};
struct person_line {
	struct str name, claim;
	int64_t handed, taken, resolved;
};

static const struct shape number_shape = SHAPE(struct number_line, F_STR(struct number_line, label),
					       F_STR(struct number_line, value));
#define F struct flow_line
static const struct shape flow_shape = SHAPE(F, F_STR(F, name), F_STR(F, url), F_STR(F, rate),
					     F_STR(F, claim), F_INT(F, handoffs), F_INT(F, runs));
#undef F
#define S struct step_line
static const struct shape step_shape =
	SHAPE(S, F_STR(S, title), F_STR(S, flow), F_STR(S, url), F_INT(S, handoffs));
#undef S
static const struct shape time_shape =
	SHAPE(struct time_line, F_STR(struct time_line, label), F_INT(struct time_line, handoffs));
#define P_ struct person_line
static const struct shape person_shape =
	SHAPE(P_, F_STR(P_, name), F_STR(P_, claim), F_INT(P_, handed), F_INT(P_, taken),
	      F_INT(P_, resolved));
#undef P_

static struct str seconds(struct arena *a, int64_t value)
{
	return value < 0 ? STR("–") : clock_span(a, value);
}

/* "4 min 5 s; nine of ten within 2 h". */
static struct str spread(struct arena *a, int64_t median, int64_t p90)
{
	if (median < 0)
		return STR("–");
	return str_fmt(a, "%.*s; nine of ten within %.*s", STR_ARG(clock_span(a, median)),
		       STR_ARG(clock_span(a, p90)));
}

static struct str number(struct arena *a, int64_t value)
{
	return str_fmt(a, "%lld", (long long)value);
}

static struct list numbers_of(struct arena *a, const struct totals_row *t)
{
	const struct number_line lines[] = {
		{ STR("Handed off"), number(a, t->handoffs) },
		{ STR("Taken"), number(a, t->taken) },
		{ STR("Resolved"), number(a, t->resolved) },
		{ STR("Withdrawn"), number(a, t->withdrawn) },
		{ STR("Waited too long"), number(a, t->overdue) },
		{ STR("Time to the first claim"), spread(a, t->claim_median, t->claim_p90) },
		{ STR("Time to the resolution"), spread(a, t->resolve_median, t->resolve_p90) },
	};
	size_t n = sizeof lines / sizeof *lines;
	struct number_line *ret = ARENA_ARRAY(a, struct number_line, n);

	for (size_t at = 0; at < n; at++)
		ret[at] = lines[at];
	return LIST_OF(ret, n);
}

/* Of the runs that were begun in these days. */
static struct str rate(struct arena *a, const struct stuck_flow *row)
{
	if (!row->runs)
		return STR("–");
	return str_fmt(a, "%d %%", (int)((double)row->handed * 100 / (double)row->runs + .5));
}

/* Where the flow is not in the library of whoever asks, or the step is none, there is no link. */
static struct str flow_url(struct arena *a, struct uuid flow, bool seen, struct str node)
{
	if (!seen)
		return STR_NONE;
	return node.n ? str_fmt(a, "/flows/%s#step-%.*s", flow.text, STR_ARG(node))
		      : str_fmt(a, "/flows/%s", flow.text);
}

static struct list flows_of(struct arena *a, struct list rows)
{
	struct flow_line *lines = ARENA_ARRAY(a, struct flow_line, rows.n + 1);
	const struct stuck_flow *row = rows.items;

	for (size_t at = 0; at < rows.n; at++)
		lines[at] = (struct flow_line){
			.name = row[at].name,
			.url = flow_url(a, row[at].flow, row[at].seen, STR_NONE),
			.rate = rate(a, &row[at]),
			.claim = seconds(a, row[at].claim_median),
			.handoffs = row[at].handoffs,
			.runs = row[at].runs,
		};
	return LIST_OF(lines, rows.n);
}

static struct list steps_of(struct arena *a, struct list rows)
{
	struct step_line *lines = ARENA_ARRAY(a, struct step_line, rows.n + 1);
	const struct stuck_step *row = rows.items;

	for (size_t at = 0; at < rows.n; at++)
		lines[at] = (struct step_line){
			.title = step_title(&row[at]),
			.flow = row[at].name,
			.url = flow_url(a, row[at].flow, row[at].seen, row[at].node),
			.handoffs = row[at].handoffs,
		};
	return LIST_OF(lines, rows.n);
}

static struct list people_of(struct arena *a, struct list rows)
{
	struct person_line *lines = ARENA_ARRAY(a, struct person_line, rows.n + 1);
	const struct stuck_person *row = rows.items;

	for (size_t at = 0; at < rows.n; at++)
		lines[at] = (struct person_line){
			.name = row[at].name,
			.claim = seconds(a, row[at].claim_median),
			.handed = row[at].handed,
			.taken = row[at].taken,
			.resolved = row[at].resolved,
		};
	return LIST_OF(lines, rows.n);
}

static struct list hours_of(struct arena *a, const int64_t *hours)
{
	struct time_line *lines = ARENA_ARRAY(a, struct time_line, HOURS);

	for (int at = 0; at < HOURS; at++)
		lines[at] = (struct time_line){ str_fmt(a, "%02d:00 to %02d:00", at, at + 1),
						hours[at] };
	return LIST_OF(lines, HOURS);
}

static struct list weekdays_of(struct arena *a, const int64_t *weekdays)
{
	struct time_line *lines = ARENA_ARRAY(a, struct time_line, WEEKDAYS);

	for (int at = 0; at < WEEKDAYS; at++)
		lines[at] = (struct time_line){ names_text(&weekday_words, at), weekdays[at] };
	return LIST_OF(lines, WEEKDAYS);
}

/* ---- plots ---- */

static struct plot_bar bar(struct arena *a, struct str label, int64_t value)
{
	return (struct plot_bar){ label, number(a, value), value };
}

static size_t drawn(struct list rows)
{
	return rows.n < DRAWN ? rows.n : DRAWN;
}

static struct html draw_flows(struct arena *a, struct list rows)
{
	const struct stuck_flow *row = rows.items;
	struct plot_bar bars[DRAWN];

	for (size_t at = 0; at < drawn(rows); at++)
		bars[at] = bar(a, row[at].name, row[at].handoffs);
	return plot_bars(a, &(struct plot){ STR("Hand-offs by flow"), bars, drawn(rows) });
}

static struct html draw_steps(struct arena *a, struct list rows)
{
	const struct stuck_step *row = rows.items;
	struct plot_bar bars[DRAWN];

	for (size_t at = 0; at < drawn(rows); at++)
		bars[at] = bar(a, step_title(&row[at]), row[at].handoffs);
	return plot_bars(a, &(struct plot){ STR("Hand-offs by step"), bars, drawn(rows) });
}

static struct html draw_people(struct arena *a, struct list rows, bool taken)
{
	const struct stuck_person *row = rows.items;
	struct plot_bar bars[DRAWN];

	for (size_t at = 0; at < drawn(rows); at++)
		bars[at] = bar(a, row[at].name, taken ? row[at].taken : row[at].handed);
	return plot_bars(
		a, &(struct plot){ taken ? STR("Taken, by person") : STR("Handed off, by person"),
				   bars, drawn(rows) });
}

static struct html draw_hours(struct arena *a, const struct counts *c)
{
	struct plot_bar bars[HOURS];

	for (int at = 0; at < HOURS; at++)
		bars[at] = bar(a, str_fmt(a, "%02d", at), c->hours[at]);
	return plot_columns(a, &(struct plot){ str_fmt(a, "Hand-offs by hour of the day, %.*s",
						       STR_ARG(c->span.zone)),
					       bars, HOURS });
}

static struct html draw_weekdays(struct arena *a, const struct counts *c)
{
	struct plot_bar bars[WEEKDAYS];

	for (int at = 0; at < WEEKDAYS; at++)
		bars[at] = bar(a, str_first(names_text(&weekday_words, at), 3), c->weekdays[at]);
	return plot_columns(a, &(struct plot){ str_fmt(a, "Hand-offs by day of the week, %.*s",
						       STR_ARG(c->span.zone)),
					       bars, WEEKDAYS });
}

/* ---- the page ---- */

struct counts_page {
	struct list days, numbers, flows, steps, hours, weekdays, people;
	struct str from, to; /* the first and the last day */
	struct str zone;
	struct str year, csv;
	struct html flows_plot, steps_plot, hours_plot, weekdays_plot, handed_plot, taken_plot;
	bool none;
};

#define C struct counts_page
static const struct shape counts_page_shape = SHAPE(
	C, F_LIST(C, days, &tab_shape), F_LIST(C, numbers, &number_shape),
	F_LIST(C, flows, &flow_shape), F_LIST(C, steps, &step_shape), F_LIST(C, hours, &time_shape),
	F_LIST(C, weekdays, &time_shape), F_LIST(C, people, &person_shape), F_STR(C, from),
	F_STR(C, zone), F_STR(C, to), F_STR(C, year), F_STR(C, csv), F_HTML(C, flows_plot),
	F_HTML(C, steps_plot), F_HTML(C, hours_plot), F_HTML(C, weekdays_plot),
	F_HTML(C, handed_plot), F_HTML(C, taken_plot), F_BOOL(C, none));
#undef C
static const struct view escalations_view = { "insight/escalations", &counts_page_shape };
const struct view *const insight_views[] = { &escalations_view, NULL };

static struct str days_url(struct req *r, int days)
{
	return url_changed(r, &(struct url_change){ .drop = "days,from,to",
						    .name = "days",
						    .value = names_text(&count_days, days) });
}

static struct list days_links(struct req *r, int current)
{
	struct tab *links = ARENA_ARRAY(r->arena, struct tab, count_days.n);

	for (int at = 0; at < (int)count_days.n; at++)
		links[at] = (struct tab){ str_fmt(r->arena, "%s days", count_days.text[at]),
					  days_url(r, at), at == current };
	return LIST_OF(links, count_days.n);
}

static void draw(struct arena *a, const struct counts *c, struct counts_page *page)
{
	page->flows_plot = draw_flows(a, c->flows);
	page->steps_plot = draw_steps(a, c->steps);
	page->hours_plot = draw_hours(a, c);
	page->weekdays_plot = draw_weekdays(a, c);
	page->handed_plot = draw_people(a, c->people, false);
	page->taken_plot = draw_people(a, c->people, true);
}

static const struct err *escalations_show(struct req *r)
{
	struct arena *a = r->arena;
	struct counts_page page;
	struct counts c;

	TRY(counts_read(r, &c));
	page = (struct counts_page){
		.days = days_links(r, c.days),
		.numbers = numbers_of(a, c.totals),
		.flows = flows_of(a, c.flows),
		.steps = steps_of(a, c.steps),
		.hours = hours_of(a, c.hours),
		.weekdays = weekdays_of(a, c.weekdays),
		.people = people_of(a, c.people),
		.from = c.span.first,
		.to = c.span.last,
		.zone = c.span.zone,
		.year = days_url(r, (int)count_days.n - 1),
		.none = !c.totals->handoffs,
	};
	page.csv = str_fmt(a, "/insight/escalations.csv?from=%.*s&to=%.*s&of=", STR_ARG(page.from),
			   STR_ARG(page.to));
	draw(a, &c, &page);
	return reply_page(r, &escalations_view, &page);
}

const struct route insight_routes[] = {
	{ GET, "/insight/escalations", .need = PERM_QUEUE, .flag = FLAG_INSIGHT,
	  .input = &counts_query_shape, .run = escalations_show },
	{ GET, "/insight/escalations.csv", .need = PERM_QUEUE, .flag = FLAG_INSIGHT,
	  .input = &counts_file_shape, .run = counts_csv },
	{ 0 },
};
