/* The page of notices and its API. */
#include "kit/base/arena.h"
#include "kit/render/render.h"
#include "notices/inside.h"
#include "notices/notices.h"
#include "notices/store.h"
#include "people/people.h"
#include "record/record.h"

#define PAGE_SIZE 30

struct notices_query {
	struct uuid before;
};

static const struct shape notices_query =
	SHAPE(struct notices_query, F_UUID(struct notices_query, before, .optional = true));

/* What was asked for, and where the next begins. */
struct found {
	const struct notice *rows;
	size_t n;
	struct str older; /* the query of the next page; none on the last */
};

static const struct err *find(struct req *r, struct found *ret)
{
	const struct notices_query *query = r->input;
	struct list rows;

	store_notices(r->tx, query->before, PAGE_SIZE + 1, &rows);
	TRY(tx_run(r->tx));
	*ret = (struct found){ .rows = rows.items, .n = rows.n };
	if (rows.n > PAGE_SIZE) {
		ret->n = PAGE_SIZE;
		ret->older = str_fmt(r->arena, "?before=%s", ret->rows[PAGE_SIZE - 1].id.text);
	}
	return NULL;
}

/* ---- the page ---- */

struct notice_view {
	struct uuid id;
	struct str text, at_ago;
	struct instant at;
	bool leads, unread;
};

struct day_view {
	struct str day;
	int64_t number; /* on this page */
	struct list notices;
};

struct notices_page {
	struct list days;
	struct str older;
	bool any, newer, many;
};

static const struct shape notice_view_shape =
	SHAPE(struct notice_view, F_UUID(struct notice_view, id), F_STR(struct notice_view, text),
	      F_STR(struct notice_view, at_ago), F_TIME(struct notice_view, at),
	      F_BOOL(struct notice_view, leads), F_BOOL(struct notice_view, unread));
static const struct shape day_view_shape =
	SHAPE(struct day_view, F_STR(struct day_view, day), F_INT(struct day_view, number),
	      F_LIST(struct day_view, notices, &notice_view_shape));
static const struct shape notices_page_shape =
	SHAPE(struct notices_page, F_LIST(struct notices_page, days, &day_view_shape),
	      F_STR(struct notices_page, older), F_BOOL(struct notices_page, any),
	      F_BOOL(struct notices_page, newer), F_BOOL(struct notices_page, many));

static const struct view list_view = { "notices/list", &notices_page_shape };
const struct view *const notices_views[] = {
	&list_view,        &preferences_view, &unsubscribe_view,
	&digest_html_view, &digest_text_view, NULL,
};

static struct notice_view view_of(struct arena *a, const struct notice *n)
{
	return (struct notice_view){ .id = n->id,
				     .text = n->text,
				     .at = n->created_at,
				     .at_ago = clock_ago(a, n->created_at),
				     .leads = n->link.n > 0,
				     .unread = n->unread };
}

/* Those of one day stand together: each day's part of the one list. */
static struct list by_day(struct arena *a, const struct found *found)
{
	struct notice_view *views = ARENA_ARRAY(a, struct notice_view, found->n + 1);
	struct day_view *days = ARENA_ARRAY(a, struct day_view, found->n + 1);
	size_t n = 0;

	for (size_t at = 0; at < found->n; at++) {
		const struct notice *row = &found->rows[at];

		views[at] = view_of(a, row);
		if (at == 0 || !str_eq(row->day, days[n - 1].day)) {
			days[n] = (struct day_view){ row->day, (int64_t)n + 1,
						     LIST_OF(&views[at], 0) };
			n++;
		}
		days[n - 1].notices.n++;
	}
	return LIST_OF(days, n);
}

static const struct err *show(struct req *r)
{
	const struct notices_query *query = r->input;
	struct notices_page page = { .newer = !uuid_is_none(query->before) };
	struct found found;

	TRY(find(r, &found));
	page.days = by_day(r->arena, &found);
	page.any = found.n > 0;
	page.older = found.older;
	page.many = page.newer || page.older.n;
	return reply_page(r, &list_view, &page);
}

static const struct err *open_one(struct req *r)
{
	struct opened *opened;

	store_notice_link(r->tx, r->id[0], &opened);
	store_notice_read(r->tx, r->id[0]);
	event_bell(r->tx, r->who->account);
	TRY(tx_run(r->tx));
	if (!opened)
		return ERR(r->arena, ERR_NOT_FOUND, "There is no such notice.");
	return reply_see_other(r, opened->link.n ? local_path(opened->link) : STR("/notices"));
}

static const struct err *mark_all(struct req *r)
{
	store_notice_read(r->tx, UUID_NONE);
	event_bell(r->tx, r->who->account);
	return tx_run(r->tx);
}

static const struct err *read_all(struct req *r)
{
	TRY(mark_all(r));
	return reply_see_other(r, STR("/notices"));
}

/* ---- the API ---- */

struct notices_json {
	struct list items;
	int64_t unread;
	struct str next;
};

static const struct shape notice_json =
	SHAPE_WITH(struct notice, (.label = "Notice"), F_UUID(struct notice, id),
		   F_STR(struct notice, text), F_STR(struct notice, link),
		   F_TIME(struct notice, created_at), F_BOOL(struct notice, unread));
static const struct shape notices_json =
	SHAPE(struct notices_json, F_LIST(struct notices_json, items, &notice_json),
	      F_INT(struct notices_json, unread), F_STR(struct notices_json, next, .null = true));

static const struct err *api_list(struct req *r)
{
	struct notices_json answer;
	struct found found;

	TRY(find(r, &found));
	answer = (struct notices_json){ .items = LIST_OF(found.rows, found.n),
					.unread = r->who->row->unread };
	if (found.older.n)
		answer.next = str_fmt(r->arena, "/api/v1/notices%.*s", STR_ARG(found.older));
	return reply_json(r, &notices_json, &answer);
}

static const struct err *api_read(struct req *r)
{
	TRY(mark_all(r));
	return reply_none(r);
}

const struct route notices_routes[] = {
	{ GET, "/notices", .need = PERM_SIGNED_IN, .input = &notices_query, .run = show },
	{ POST, "/notices/read", .need = PERM_SIGNED_IN, .run = read_all },
	{ POST, "/notices/:notice/open", .need = PERM_SIGNED_IN, .run = open_one },
	{ GET, "/api/v1/notices", .need = PERM_SIGNED_IN, .input = &notices_query, .run = api_list,
	  .output = &notices_json,
	  .about = "One's own notices, the newest first; unread is counted to 100" },
	{ POST, "/api/v1/notices/read", .need = PERM_SIGNED_IN, .run = api_read, .status = 204,
	  .about = "Mark all of one's notices as read" },
	{ 0 },
};
