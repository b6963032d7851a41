/* The history as a page: filters in the address, rows by key. */
#include "kit/http/form.h"
#include "kit/base/arena.h"
#include "kit/render/render.h"
#include "people/people.h"
#include "sessions/history.h"
#include "sessions/sessions.h"

#define PAGE_SIZE 25
#define COUNTED   200
#define OLD       (7 * 86400 * CLOCK_SECOND) /* a prepared one's mark */

/* ---- a row ---- */

struct session_line {
	struct uuid id;
	struct str flow, step, client, ticket, status, outcome, who, ago, active;
	struct instant at;
	bool told, running, prepared, aside, completed, old, newer;
};

#define L struct session_line
static const struct shape session_line_shape =
	SHAPE(L, F_UUID(L, id), F_STR(L, flow), F_STR(L, step), F_STR(L, client), F_STR(L, ticket),
	      F_STR(L, status), F_STR(L, outcome), F_STR(L, who), F_STR(L, ago), F_STR(L, active),
	      F_TIME(L, at), F_BOOL(L, told), F_BOOL(L, running), F_BOOL(L, prepared),
	      F_BOOL(L, aside), F_BOOL(L, completed), F_BOOL(L, old), F_BOOL(L, newer));

static struct str duration(struct arena *a, int64_t seconds)
{
	if (seconds < 60)
		return str_fmt(a, "%d s", (int)seconds);
	if (seconds < 3600)
		return str_fmt(a, "%d min", (int)(seconds / 60));
	return str_fmt(a, "%lld h %d min", (long long)(seconds / 3600), (int)(seconds / 60 % 60));
}

static struct str who_of(struct arena *a, const struct session_row *row)
{
	if (row->status != SESSION_PREPARED)
		return row->owner_name.n ? row->owner_name : row->preparer_name;
	if (row->assignee_name.n)
		return str_fmt(a, "%.*s, prepared by %.*s", STR_ARG(row->assignee_name),
			       STR_ARG(row->preparer_name));
	return str_fmt(a, "Anyone, prepared by %.*s", STR_ARG(row->preparer_name));
}

static struct str step_of(struct arena *a, const struct session *s)
{
	int status = s->row->status;

	if (status == SESSION_PREPARED || status == SESSION_COMPLETED ||
	    status == SESSION_ABANDONED)
		return STR_NONE;
	if (!s->here)
		return STR("All steps are done");
	return values_resolve(a, &s->values, s->here->title, UNFILLED_TOKEN, VALUES_LINE_ROOM);
}

static struct session_line line_of(struct arena *a, const struct session *s)
{
	const struct session_row *row = s->row;
	bool prepared = row->status == SESSION_PREPARED;
	struct instant at = row->started_at.us ? row->started_at : row->created_at;

	return (struct session_line){
		.id = row->id,
		.flow = row->flow_name,
		.step = step_of(a, s),
		.client = row->client,
		.ticket = row->ticket,
		.status = names_text(&session_status_words, row->status),
		.outcome = session_outcome_word(row->outcome),
		.who = who_of(a, row),
		.ago = clock_ago(a, at),
		.active = row->visit ? duration(a, row->active) : STR_NONE,
		.at = at,
		.told = row->client.n || row->ticket.n,
		.running = row->status == SESSION_ACTIVE,
		.prepared = prepared,
		.aside = row->status == SESSION_PARKED || row->status == SESSION_ESCALATED,
		.completed = row->status == SESSION_COMPLETED,
		.old = prepared && clock_now().us - row->created_at.us > OLD,
		.newer = prepared && row->newest > row->version,
	};
}

static struct list lines_of(struct arena *a, struct list sessions)
{
	struct session_line *lines = ARENA_ARRAY(a, struct session_line, sessions.n + 1);

	for (size_t at = 0; at < sessions.n; at++)
		lines[at] = line_of(a, &((const struct session *)sessions.items)[at]);
	return LIST_OF(lines, sessions.n);
}

/* ---- filters ---- */

struct history_page {
	struct str q, from, to, client, ticket, status, owner, count, newer, older, whole_url, csv;
	struct str ago;
	bool filtered, none, may_run, mine, gave_up;
	struct list statuses, owners, flows, people, clients, applied, sessions;
};

#define H struct history_page
static const struct shape history_page_shape = SHAPE(
	H, F_STR(H, q), F_STR(H, from), F_STR(H, to), F_STR(H, client), F_STR(H, ticket),
	F_STR(H, status), F_STR(H, owner), F_STR(H, count), F_STR(H, newer), F_STR(H, older),
	F_STR(H, whole_url), F_STR(H, csv), F_STR(H, ago), F_BOOL(H, filtered), F_BOOL(H, none),
	F_BOOL(H, may_run), F_BOOL(H, mine), F_BOOL(H, gave_up), F_LIST(H, statuses, &tab_shape),
	F_LIST(H, owners, &tab_shape), F_LIST(H, flows, &option_view_shape),
	F_LIST(H, people, &option_view_shape), F_LIST(H, clients, &option_view_shape),
	F_LIST(H, applied, &tab_shape), F_LIST(H, sessions, &session_line_shape));
const struct view session_history_view = { "sessions/history", &history_page_shape };

static struct list status_tabs(struct req *r, int status)
{
	static const int shown[] = { -1,
				     SESSION_ACTIVE,
				     SESSION_PREPARED,
				     SESSION_PARKED,
				     SESSION_ESCALATED,
				     SESSION_COMPLETED,
				     SESSION_ABANDONED };
	size_t n = sizeof shown / sizeof *shown;
	struct tab *tabs = ARENA_ARRAY(r->arena, struct tab, n);

	for (size_t at = 0; at < n; at++) {
		bool all = shown[at] < 0;

		tabs[at] = (struct tab){
			all ? STR("All") : names_text(&session_status_words, shown[at]),
			url_turned(r, "status",
				   all ? STR("") : names_text(&session_statuses, shown[at])),
			shown[at] == status,
		};
	}
	return LIST_OF(tabs, n);
}

static struct list owner_tabs(struct req *r, bool whole)
{
	struct tab *tabs = ARENA_ARRAY(r->arena, struct tab, 2);

	tabs[0] = (struct tab){ STR("Mine"), url_turned(r, "owner", STR("")), !whole };
	tabs[1] = (struct tab){ STR("Everyone's"), url_turned(r, "owner", STR("all")), whole };
	return LIST_OF(tabs, 2);
}

/* Those of one kind, behind one that stands for all where `all` is given. */
static struct list picks_of(struct arena *a, struct list rows, const char *kind, const char *all,
			    struct str value)
{
	struct option_view *picks = ARENA_ARRAY(a, struct option_view, rows.n + 1);
	size_t n = 0;

	if (all)
		picks[n++] = (struct option_view){ STR(""), str_of(all), !value.n };
	for (size_t at = 0; at < rows.n; at++) {
		const struct history_choice *c = &((const struct history_choice *)rows.items)[at];

		if (str_eq(c->kind, str_of(kind)))
			picks[n++] =
				(struct option_view){ c->value, c->label, str_eq(c->value, value) };
	}
	return LIST_OF(picks, n);
}

static struct str label_of(struct list picks)
{
	const struct option_view *pick = picks.items;

	for (size_t at = 0; at < picks.n; at++)
		if (pick[at].selected && pick[at].value.n)
			return pick[at].label;
	return STR("another one");
}

struct chips {
	struct req *r;
	struct tab *items;
	size_t n;
};

static void chip(struct chips *c, const char *field, const char *name, struct str value)
{
	if (!value.n)
		return;
	c->items[c->n++] = (struct tab){ str_fmt(c->r->arena, "%s: %.*s", name, STR_ARG(value)),
					 url_turned(c->r, field, STR("")), false };
}

/* Every filter that is on, as a link to the list without it; tabs are seen to be on. */
static struct list chips_of(struct req *r, const struct history *h, const struct history_page *p)
{
	struct chips c = { r, ARENA_ARRAY(r->arena, struct tab, 9), 0 };
	const struct history_filter *f = &h->filter;
	bool me = uuid_eq(f->assignee, r->who->person);

	chip(&c, "q", "Words", p->q);
	chip(&c, "tree_id", "Flow", uuid_is_none(f->flow) ? STR_NONE : label_of(p->flows));
	chip(&c, "person", "Run by", uuid_is_none(f->person) ? STR_NONE : label_of(p->people));
	chip(&c, "assigned_to_id", "For",
	     uuid_is_none(f->assignee) ? STR_NONE
	     : me                      ? STR("me")
				       : STR("a colleague"));
	chip(&c, "client", "Client", p->client);
	chip(&c, "ticket", "Ticket", p->ticket);
	chip(&c, "from", "From", p->from);
	chip(&c, "to", "To", p->to);
	return LIST_OF(c.items, c.n);
}

/* ---- the page ---- */

static void fill_filters(struct req *r, const struct history_query *query, const struct history *h,
			 struct list choices, struct history_page *p)
{
	const struct history_filter *f = &h->filter;

	p->q = query->q;
	p->from = query->from;
	p->to = query->to;
	p->client = query->client;
	p->ticket = query->ticket;
	p->status = names_text(&session_statuses, f->status);
	p->may_run = role_may(r->who->role, PERM_RUN);
	p->mine = !f->whole;
	p->owner = f->whole && p->may_run ? STR("all") : STR_NONE;
	p->statuses = status_tabs(r, f->status);
	p->owners = owner_tabs(r, f->whole);
	p->csv = str_fmt(r->arena, "/sessions.csv%.*s",
			 STR_ARG(str_skip(url_turned(r, "", STR("")), r->path.n)));
	p->whole_url = url_turned(r, "owner", STR("all"));
	p->flows = picks_of(r->arena, choices, "flow", "Every flow", uuid_str(&f->flow));
	p->people = picks_of(r->arena, choices, "person", "Anyone", uuid_str(&f->person));
	p->clients = picks_of(r->arena, choices, "client", NULL, STR_NONE);
	p->applied = chips_of(r, h, p);
	p->filtered = p->applied.n > 0 || f->status >= 0;
}

/* When an id was made. */
static struct instant time_of(struct uuid id)
{
	struct instant at = { 0 };

	for (size_t digit = 0; digit < sizeof "0190a000-0000" - 1; digit++) {
		char c = id.text[digit];

		if (c != '-')
			at.us = at.us * 16 + (c <= '9' ? c - '0' : c - 'a' + 10);
	}
	at.us *= 1000;
	return at;
}

static struct str count_of(struct arena *a, const struct history *h)
{
	int64_t n = h->total;

	if (!h->more_total)
		return str_fmt(a, "%lld %s", (long long)n, n == 1 ? "session" : "sessions");
	return str_fmt(a, n < h->counted ? "%lld sessions or more" : "More than %lld sessions",
		       (long long)n);
}

static void fill_page(struct req *r, const struct history *h, struct history_page *p)
{
	p->sessions = lines_of(r->arena, h->sessions);
	p->none = h->sessions.n == 0;
	p->count = count_of(r->arena, h);
	p->gave_up = h->gave_up && !uuid_is_none(h->older);
	if (p->gave_up)
		p->ago = clock_ago(r->arena, time_of(h->older));
	if (!uuid_is_none(h->newer))
		p->newer = url_changed(
			r, &(struct url_change){ .name = "before", .value = uuid_str(&h->newer) });
	if (!uuid_is_none(h->older))
		p->older = url_changed(
			r, &(struct url_change){ .name = "after", .value = uuid_str(&h->older) });
}

/* What the address asks for; who runs no sessions has none to call their own. */
static struct history_query query_of(struct req *r)
{
	struct history_query query = *(const struct history_query *)r->input;

	if (!role_may(r->who->role, PERM_RUN))
		query.owner = 1;
	return query;
}

static const struct err *show(struct req *r)
{
	static const struct history_need need = { PAGE_SIZE, COUNTED, false };
	struct history_query query = query_of(r);
	struct history_page page = { 0 };
	struct history h;
	struct list choices;

	TRY(history_ask(r, &query, &need, &h));
	store_history_choices(r->tx, &h.filter, &choices);
	TRY(history_fetch(r, &need, &h));
	fill_filters(r, &query, &h, choices, &page);
	fill_page(r, &h, &page);
	return reply_page(r, &session_history_view, &page);
}

static const struct err *download(struct req *r)
{
	struct history_query query = query_of(r);
	struct history_filter filter = history_filter(r, &query);

	return history_csv(r, &filter);
}

const struct route sessions_history[] = {
	{ GET, "/sessions", .need = PERM_READ, .input = &history_query_shape, .run = show },
	{ GET, "/sessions.csv", .need = PERM_READ, .input = &history_query_shape, .run = download },
	{ 0 },
};
