/* The history: which sessions there are, as API.  Its page is history_page.c's. */
#include "sessions/history.h"

#include "kit/base/arena.h"
#include "kit/jobs/jobs.h"
#include "people/people.h"
#include "sessions/inside.h"
#include "sessions/session_json.h"
#include "sessions/sessions.h"

#define COUNT_MAX 100 /* of what a search finds */

/* ---- what is asked for ---- */

const struct names history_owners = NAMES("mine", "all");

static const char *check_moment(struct str text)
{
	return !text.n || clock_is_moment(text) ? NULL : "Write a date such as 2026-11-21.";
}

static const char *check_person(struct str text)
{
	struct uuid id;

	return !text.n || str_eq(text, STR("me")) || uuid_parse(text, &id)
		       ? NULL
		       : "This is the id of a person, or \"me\".";
}

#define Q struct history_query
#define HISTORY_QUERY                                                                              \
	F_PAGE(Q), F_ENUM(Q, owner, &history_owners, .optional = true),                            \
		F_ENUM(Q, status, &session_statuses, .optional = true),                            \
		F_STR(Q, assigned_to_id, .optional = true, .max = 40, .check = check_person),      \
		F_UUID(Q, tree_id, .optional = true),                                              \
		F_STR(Q, q, .optional = true, .max = 200, .any = true, .lines = true),             \
		F_STR(Q, from, .optional = true, .max = 40, .check = check_moment),                \
		F_STR(Q, to, .optional = true, .max = 40, .check = check_moment),                  \
		F_STR(Q, client, .optional = true, .max = 200),                                    \
		F_STR(Q, ticket, .optional = true, .max = 120),                                    \
		F_UUID(Q, person, .optional = true), F_UUID(Q, after, .optional = true)

static const struct shape sessions_query = SHAPE(Q, HISTORY_QUERY);
const struct shape history_query_shape =
	SHAPE(Q, HISTORY_QUERY, F_UUID(Q, before, .optional = true));

static struct uuid assignee_of(struct req *r, struct str text)
{
	struct uuid id = { 0 };

	if (str_eq(text, STR("me")))
		return r->who->person;
	(void)uuid_parse(text, &id);
	return id;
}

struct history_filter history_filter(struct req *r, const struct history_query *q)
{
	return (struct history_filter){
		.q = q->q,
		.whole = q->owner == 1,
		.status = q->status,
		.flow = q->tree_id,
		.client = q->client,
		.ticket = q->ticket,
		.person = q->person,
		.assignee = assignee_of(r, q->assigned_to_id),
		.since = clock_since(q->from),
		.until = clock_until(q->to),
	};
}

const struct err *history_ask(struct req *r, const struct history_query *query,
			      const struct history_need *need, struct history *ret)
{
	struct page page = page_of(query->page, query->per_page ? query->per_page : need->size);
	struct history_place place = { query->after, query->before, 0, page.size + 1 };
	bool first = uuid_is_none(place.after) && uuid_is_none(place.before) && page.number == 1;

	*ret = (struct history){ .filter = history_filter(r, query), .page = page };
	ret->counted = ret->filter.q.n && need->count > COUNT_MAX ? COUNT_MAX : need->count;
	if (uuid_is_none(place.after) && uuid_is_none(place.before))
		place.skip = page_skip(page);
	if (place.skip >= PAGE_TOTAL_MAX)
		place.skip = place.most = 0;
	/* A search is dear: where it begins, one is for both. */
	if (first && ret->filter.q.n && place.most <= ret->counted)
		place.most = ret->counted + 1;
	store_history(r->tx, &ret->filter, &place, &ret->found);
	if (place.most <= page.size + 1)
		store_history_count(r->tx, &ret->filter, ret->counted + 1, &ret->count);
	ret->newer = place.before; /* until it is known what there is */
	ret->older = place.after;
	return NULL;
}

/* ---- what is found ---- */

/* One more than the page holds was asked for; it says that there are more, and goes. */
static struct list ids_of(struct req *r, struct history *h)
{
	const struct history_row *row = h->found.items;
	bool upward = !uuid_is_none(h->newer), later = !uuid_is_none(h->older);
	size_t n = h->found.n, from = 0;
	struct str *ids = ARENA_ARRAY(r->arena, struct str, n + 1);
	struct uuid reached = { 0 };
	bool more;

	h->gave_up = n > 0 && !row[n - 1].hit;
	if (h->gave_up)
		reached = row[--n].id;
	h->total = (int64_t)n;
	h->more_total = h->gave_up;
	more = (int64_t)n > h->page.size;
	if (more)
		n = (size_t)h->page.size;
	from = more && upward;
	for (size_t at = 0; at < n; at++)
		ids[at] = str_of(row[from + at].id.text);
	h->gave_up = h->gave_up && !more;
	h->newer = h->older = (struct uuid){ 0 };
	if (n && (upward ? more : later || h->page.number > 1))
		h->newer = row[from].id;
	if (n && (upward || more))
		h->older = row[from + n - 1].id;
	if (h->gave_up)
		*(upward ? &h->newer : &h->older) = reached;
	return LIST_OF(ids, n);
}

struct doc {
	struct flow_doc doc;
	const struct flow_index *ix;
};

static const struct err *read_docs(struct req *r, struct list rows, struct doc **ret)
{
	struct doc *docs = ARENA_ARRAY(r->arena, struct doc, rows.n + 1);

	for (size_t at = 0; at < rows.n; at++) {
		const struct session_doc_row *row =
			&((const struct session_doc_row *)rows.items)[at];
		const struct startable_row text = { row->version, false,          row->name,
						    row->type,    row->structure, row->intake };

		TRY(session_read_doc(r->arena, &text, &docs[at].doc));
		docs[at].ix = flow_index(r->arena, &docs[at].doc.structure);
	}
	*ret = docs;
	return NULL;
}

static struct list visit_of(struct arena *a, struct list visits, struct uuid session)
{
	const struct visit_here_row *row = visits.items;
	struct visit_row *visit;

	for (size_t at = 0; at < visits.n; at++) {
		if (!uuid_eq(row[at].session, session))
			continue;
		visit = ARENA_NEW(a, struct visit_row);
		*visit = (struct visit_row){
			.id = row[at].id,
			.n = row[at].n,
			.node = row[at].node,
			.kind = row[at].kind,
			.title = row[at].title,
			.section = row[at].section,
			.notes = row[at].notes,
			.again = row[at].again,
			.earlier = row[at].earlier,
			.entered_at = row[at].entered_at,
			.entered_active = row[at].entered_active,
			.answered_at = row[at].answered_at,
		};
		return LIST_OF(visit, 1);
	}
	return (struct list){ NULL, 0 };
}

struct parts {
	struct list rows, visits, docs;
};

static const struct err *take_sessions(struct req *r, const struct parts *from, struct list *ret)
{
	struct session *sessions = ARENA_ARRAY(r->arena, struct session, from->rows.n + 1);
	const struct session_doc_row *row = from->docs.items;
	struct doc *docs;

	TRY(read_docs(r, from->docs, &docs));
	for (size_t at = 0; at < from->rows.n; at++) {
		struct session *s = &sessions[at];

		s->row = ARENA_NEW(r->arena, struct session_row);
		*s->row = ((const struct session_row *)from->rows.items)[at];
		s->visits = visit_of(r->arena, from->visits, s->row->id);
		for (size_t doc = 0; doc < from->docs.n; doc++) {
			if (!uuid_eq(row[doc].flow, s->row->flow) ||
			    row[doc].version != s->row->version)
				continue;
			s->doc = docs[doc].doc;
			s->ix = docs[doc].ix;
			TRY(session_settle(r, s));
			break;
		}
	}
	*ret = LIST_OF(sessions, from->rows.n);
	return NULL;
}

const struct err *history_fetch(struct req *r, const struct history_need *need, struct history *h)
{
	struct parts parts = { 0 };
	struct list ids;

	TRY(tx_more(r->tx));
	ids = ids_of(r, h);
	store_sessions_listed(r->tx, ids, need->every, &parts.rows);
	store_visits_here(r->tx, ids, &parts.visits);
	store_session_docs(r->tx, ids, need->every, &parts.docs);
	TRY(tx_run(r->tx));
	if (h->count) {
		h->total = h->count->n;
		h->more_total = h->count->more;
	}
	if (h->total > h->counted) {
		h->total = h->counted;
		h->more_total = true;
	}
	return take_sessions(r, &parts, &h->sessions);
}

/* ---- the API's face ---- */

static const struct shape sessions_shape = SHAPE_PAGE(&session_item_shape);

static struct str next_of(struct req *r, const struct history *h)
{
	struct str url;

	if (uuid_is_none(h->older))
		return STR_NONE;
	url = url_changed(r, &(struct url_change){ .name = "after", .value = uuid_str(&h->older) });
	return str_fmt(r->arena, "%.*s&page=%lld", STR_ARG(url), (long long)h->page.number + 1);
}

static const struct err *list(struct req *r)
{
	static const struct history_need need = { 50, PAGE_TOTAL_MAX, true };
	struct page_json answer;
	struct session_json *items;
	struct history h;

	TRY(history_ask(r, r->input, &need, &h));
	TRY(history_fetch(r, &need, &h));
	items = ARENA_ARRAY(r->arena, struct session_json, h.sessions.n + 1);
	for (size_t at = 0; at < h.sessions.n; at++)
		items[at] = session_json(r->arena, &((const struct session *)h.sessions.items)[at]);
	answer = page_json(r, h.page, LIST_OF(items, h.sessions.n), h.total);
	answer.total_capped = h.more_total;
	answer.next = next_of(r, &h);
	return reply_json(r, &sessions_shape, &answer);
}

const struct route sessions_lists[] = {
	{ GET, "/api/v1/sessions", .need = PERM_READ, .input = &sessions_query, .run = list,
	  .output = &sessions_shape,
	  .about = "Your sessions, and those prepared that you may start, newest first; owner=all "
		   "for the account's; q is full text over notes, steps and names, of which up to "
		   "100 are counted" },
	{ 0 },
};

/* ---- what a search reads ---- */

/* The words of sessions that rest for a day go where they are found faster. */
static const struct err *settle_words(struct job *j)
{
	store_session_text_settle(j->tx);
	return tx_run(j->tx);
}

const struct chore sessions_chores[] = {
	{ "session_text_settle", 600, settle_words },
	{ 0 },
};
