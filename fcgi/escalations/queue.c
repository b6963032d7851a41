/* The queue: who waits for a colleague, what one has taken over, and what was closed lately. */
#include "accounts/accounts.h"
#include "escalations/escalations.h"
#include "escalations/pages.h"
#include "escalations/store.h"
#include "handoffs/handoffs.h"
#include "kit/base/arena.h"
#include "kit/base/clock.h"
#include "kit/db/db.h"
#include "kit/http/page.h"
#include "people/people.h"
#include "sessions/acts.h"

#define REASON_MAX 160
#define LISTED     100 /* of each list: more than that nobody takes by looking */

/* ---- what the address asks for ---- */

enum shown { TAB_WAITING, TAB_MINE, TAB_CLOSED };
enum order { ORDER_URGENT, ORDER_NEWEST };
static const struct names tabs = NAMES("waiting", "mine", "closed");
static const struct names orders = NAMES("urgent", "newest");

struct queue_query {
	int show, sort;
	int64_t refresh;
};

#define Q struct queue_query
static const struct shape queue_query = SHAPE(
	Q, F_ENUM(Q, show, &tabs, .optional = true), F_ENUM(Q, sort, &orders, .optional = true),
	F_INT(Q, refresh, .optional = true, .min = 10, .max = 3600));
#undef Q

/* ---- a row ---- */

struct queue_line {
	struct uuid id;
	struct str flow, step, client, ticket, reason, priority, by, to, claimer, ago, status;
	struct str tone;
	struct str told; /* what a screen reader hears of it, and its button's name */
	struct instant at;
	bool overdue, claims, reached_nobody;
};

#define L struct queue_line
static const struct shape queue_line_shape =
	SHAPE(L, F_UUID(L, id), F_STR(L, flow), F_STR(L, step), F_STR(L, client), F_STR(L, ticket),
	      F_STR(L, reason), F_STR(L, priority), F_STR(L, by), F_STR(L, to), F_STR(L, claimer),
	      F_STR(L, ago), F_STR(L, status), F_STR(L, told), F_STR(L, tone), F_TIME(L, at),
	      F_BOOL(L, overdue), F_BOOL(L, claims), F_BOOL(L, reached_nobody));
#undef L

static const struct names state_words = NAMES("Waiting", "In hand", "Resolved", "Withdrawn");

static struct instant moment_of(const struct handoff_row *row)
{
	if (row->ended_at.us)
		return row->ended_at;
	return row->state == HANDOFF_CLAIMED ? row->claimed_at : row->created_at;
}

static struct queue_line line_of(struct req *r, const struct handoff_row *row)
{
	struct arena *a = r->arena;
	struct str flow = session_named(a, row->intake, row->variables, row->flow_name);
	struct instant at = moment_of(row);

	return (struct queue_line){
		.id = row->id,
		.flow = flow,
		.step = session_named(a, row->intake, row->variables, row->step),
		.client = row->client,
		.ticket = row->ticket,
		.reason = str_brief(a, row->reason, REASON_MAX),
		.priority = names_text(&handoff_priority_words, row->priority),
		.by = row->by_name,
		.to = row->to_name,
		.claimer = row->claimer_name,
		.ago = clock_ago(a, at),
		.status = names_text(&state_words, row->state),
		.told = str_fmt(a, "%.*s from %.*s", STR_ARG(flow), STR_ARG(row->by_name)),
		.at = at,
		.tone = priority_tone(row->priority),
		.overdue = row->overdue_at.us,
		.claims = handoff_may(r, row, HANDOFF_CLAIM),
	};
}

static struct list lines_of(struct req *r, struct list rows)
{
	struct queue_line *lines = ARENA_ARRAY(r->arena, struct queue_line, rows.n + 1);

	for (size_t at = 0; at < rows.n; at++)
		lines[at] = line_of(r, &((const struct handoff_row *)rows.items)[at]);
	return LIST_OF(lines, rows.n);
}

/* Of one's own it is told where nobody heard of them. */
static struct list own_lines(struct req *r, struct list handoffs)
{
	struct queue_line *lines = ARENA_ARRAY(r->arena, struct queue_line, handoffs.n + 1);
	const struct handoff *own = handoffs.items;

	for (size_t at = 0; at < handoffs.n; at++) {
		lines[at] = line_of(r, own[at].row);
		lines[at].reached_nobody = handoff_reached_nobody(&own[at]);
	}
	return LIST_OF(lines, handoffs.n);
}

/* ---- the page ---- */

struct queue_page {
	struct str again, slower; /* addresses: this page anew, and by itself every 30 s */
	struct list tabs, orders;
	bool waiting, is_mine, closed, none, refreshes, may_rule, after_hours;
	struct list lines, handed; /* of struct queue_line */
	bool has_handed;
	int64_t every;
};

#define P_ struct queue_page
static const struct shape queue_page_shape =
	SHAPE(P_, F_STR(P_, again), F_STR(P_, slower), F_LIST(P_, tabs, &tab_shape),
	      F_LIST(P_, orders, &tab_shape), F_BOOL(P_, waiting), F_BOOL(P_, is_mine),
	      F_BOOL(P_, closed), F_BOOL(P_, none), F_BOOL(P_, refreshes), F_BOOL(P_, may_rule),
	      F_BOOL(P_, after_hours), F_LIST(P_, lines, &queue_line_shape),
	      F_LIST(P_, handed, &queue_line_shape), F_BOOL(P_, has_handed), F_INT(P_, every));
#undef P_
const struct view queue_view = { "escalations/queue", &queue_page_shape };

/* What each tab lists; the second list of one's own is what one has handed off. */
static const struct tab_list {
	struct str states[2];
	size_t nstates;
	enum handoff_whose whose;
} tab_lists[] = {
	[TAB_WAITING] = { { STR_INIT("open") }, 1, WHOSE_OTHERS },
	[TAB_MINE] = { { STR_INIT("claimed") }, 1, WHOSE_TAKEN },
	[TAB_CLOSED] = { { STR_INIT("resolved"), STR_INIT("cancelled") }, 2, WHOSE_ALL },
};
static const struct str under_way[] = { STR_INIT("open"), STR_INIT("claimed") };

static struct list tab_links(struct req *r, const struct queue_query *q)
{
	static const char *const labels[] = { "Waiting", "Mine", "Closed lately" };
	struct tab *links = ARENA_ARRAY(r->arena, struct tab, 3);

	for (int at = 0; at < 3; at++)
		links[at] = (struct tab){
			str_of(labels[at]),
			url_turned(r, "show", at == TAB_WAITING ? STR("") : names_text(&tabs, at)),
			at == q->show
		};
	return LIST_OF(links, 3);
}

static struct list order_links(struct req *r, const struct queue_query *q)
{
	struct tab *links = ARENA_ARRAY(r->arena, struct tab, 2);

	links[0] = (struct tab){ STR("Most urgent first"), url_turned(r, "sort", STR("")),
				 q->sort == ORDER_URGENT };
	links[1] = (struct tab){ STR("Newest first"), url_turned(r, "sort", STR("newest")),
				 q->sort == ORDER_NEWEST };
	return LIST_OF(links, 2);
}

static void read_lists(struct req *r, const struct queue_query *q, struct list *rows,
		       struct list *handed)
{
	const struct tab_list *tab = &tab_lists[q->show];

	*handed = (struct list){ 0 };
	handoff_list(r->tx,
		     &(struct handoff_wish){ .states = LIST_OF(tab->states, tab->nstates),
					     .whose = tab->whose,
					     .first = q->show == TAB_CLOSED     ? FIRST_ENDED
						      : q->sort == ORDER_NEWEST ? FIRST_NEWEST
										: FIRST_URGENT,
					     .most = LISTED },
		     rows);
	if (q->show == TAB_MINE)
		handoff_list(r->tx,
			     &(struct handoff_wish){ .states = LIST_OF(under_way, 2),
						     .whose = WHOSE_HANDED,
						     .most = LISTED },
			     handed);
}

/* What the address does not say, or not so that it can be read, is as usual. */
static struct queue_query query_of(struct req *r)
{
	struct queue_query q = *(const struct queue_query *)r->input;

	q.show = q.show < 0 ? TAB_WAITING : q.show;
	q.sort = q.sort < 0 ? ORDER_URGENT : q.sort;
	return q;
}

static const struct err *queue_show(struct req *r)
{
	const struct queue_query asked = query_of(r), *q = &asked;
	const struct hours_row *hours = NULL;
	struct list rows, handed, own;
	struct queue_page page;

	read_lists(r, q, &rows, &handed);
	store_hours_now(r->tx, &hours);
	TRY(tx_more(r->tx));
	TRY(handoff_fill(r->tx, r->arena, handed, &own));
	TRY(tx_run(r->tx));
	page = (struct queue_page){
		.again = url_changed(r, &(struct url_change){ 0 }),
		.slower = url_turned(r, "refresh", q->refresh ? STR("") : STR("30")),
		.tabs = tab_links(r, q),
		.orders = order_links(r, q),
		.waiting = q->show == TAB_WAITING,
		.is_mine = q->show == TAB_MINE,
		.closed = q->show == TAB_CLOSED,
		.none = rows.n == 0,
		.refreshes = q->refresh > 0,
		.every = q->refresh,
		.may_rule = role_may((enum role)r->who->row->role, PERM_PEOPLE),
		.after_hours = hours && hours->closed,
		.lines = lines_of(r, rows),
		.handed = own_lines(r, own),
		.has_handed = handed.n > 0,
	};
	if (q->refresh)
		reply_header(r, "Refresh", str_fmt(r->arena, "%d", (int)q->refresh));
	return reply_page(r, &queue_view, &page);
}

/* ---- how many wait ---- */

struct waiting_json {
	int64_t waiting;
};
static const struct shape waiting_json =
	SHAPE_WITH(struct waiting_json, (.label = "Waiting"), F_INT(struct waiting_json, waiting));

/* It comes with who asks, as for every page's frame. */
static const struct err *waiting_get(struct req *r)
{
	TRY(tx_run(r->tx));
	return reply_json(r, r->route->output, &(struct waiting_json){ r->who->row->waiting });
}

const struct route queue_routes[] = {
	{ GET, "/escalations", .need = PERM_QUEUE, .input = &queue_query, .run = queue_show },
	{ GET, "/api/v1/escalations/waiting", .need = PERM_QUEUE, .run = waiting_get,
	  .output = &waiting_json,
	  .about = "How many hand-offs of colleagues nobody has taken; counted to 100" },
	{ 0 },
};
