/* Which sessions would go: a list of them, for the page that shows how many, and for the API. */
#include "admin/admin.h"
#include "admin/pages.h"
#include "admin/store.h"
#include "kit/base/arena.h"
#include "kit/http/page.h"
#include "people/people.h"

struct due_query {
	int64_t page, per_page, days;
	int way;
};
#define Q struct due_query
static const struct shape due_query = SHAPE(Q, F_PAGE(Q), F_INT(Q, days, .min = 30, .max = 3650),
					    F_ENUM(Q, way, &retention_ways, .optional = true));
#undef Q

static const struct err *read_due(struct req *r, struct page *p, struct list *ret, int64_t *total)
{
	const struct due_query *query = r->input;
	struct str way = names_text(&retention_ways, query->way > 0 ? query->way : 0);
	struct past_total *past;

	*p = page_of(query->page, query->per_page);
	store_retention_total(r->tx, query->days, way, &past);
	store_retention_due(r->tx, &(struct due_wish){ query->days, way, p->size, page_skip(*p) },
			    ret);
	TRY(tx_run(r->tx));
	*total = past->sessions;
	return NULL;
}

/* ---- the page ---- */

struct due_page {
	int64_t days, sessions;
	struct list due;
	bool any, anonymises;
	struct pager_view pager;
};
struct due_line {
	struct str url, flow, client, ticket, ended, keep_url;
};
#define L struct due_line
static const struct shape due_line_shape =
	SHAPE(L, F_STR(L, url), F_STR(L, flow), F_STR(L, client), F_STR(L, ticket), F_STR(L, ended),
	      F_STR(L, keep_url));
#undef L
#define V struct due_page
static const struct shape due_page_shape = SHAPE(
	V, F_INT(V, days), F_INT(V, sessions), F_LIST(V, due, &due_line_shape), F_BOOL(V, any),
	F_BOOL(V, anonymises), F_OBJECT(V, pager, struct pager_view, &pager_shape));
#undef V
const struct view due_view = { "admin/due", &due_page_shape };

static struct list lines_of(struct arena *a, struct list rows)
{
	struct due_line *lines = ARENA_ARRAY(a, struct due_line, rows.n + 1);
	const struct due_row *row = rows.items;

	for (size_t at = 0; at < rows.n; at++)
		lines[at] = (struct due_line){
			str_fmt(a, "/sessions/%s/record", row[at].session.text),
			row[at].flow,
			row[at].client,
			row[at].ticket,
			clock_words(a, row[at].ended_at),
			str_fmt(a, "/account/retention/kept/%s", row[at].session.text),
		};
	return LIST_OF(lines, rows.n);
}

static const struct err *show(struct req *r)
{
	const struct due_query *query = r->input;
	struct due_page page = { .days = query->days, .anonymises = query->way > 0 };
	struct page p;
	struct list rows;

	TRY(read_due(r, &p, &rows, &page.sessions));
	page.due = lines_of(r->arena, rows);
	page.any = rows.n;
	page.pager = pager_view(r, p, page.sessions, STR("Sessions that would go"));
	return reply_page(r, &due_view, &page);
}

/* ---- API ---- */

#define D struct due_row
static const struct shape due_json =
	SHAPE_WITH(D, (.label = "DueSession"), F_UUID(D, session), F_STR(D, flow), F_STR(D, client),
		   F_STR(D, ticket), F_TIME(D, ended_at));
#undef D
static const struct shape dues_json = SHAPE_PAGE(&due_json);

static const struct err *list_api(struct req *r)
{
	struct page_json answer;
	struct page p;
	struct list rows;
	int64_t total;

	TRY(read_due(r, &p, &rows, &total));
	answer = page_json(r, p, rows, total);
	return reply_json(r, &dues_json, &answer);
}

const struct route due_routes[] = {
	{ GET, "/account/retention/due", .need = PERM_ADMIN, .input = &due_query, .run = show },
	{ GET, "/api/v1/account/retention/due", .need = PERM_ADMIN, .input = &due_query,
	  .run = list_api, .output = &dues_json,
	  .about = "The sessions that would go today, those that ended first before the others" },
	{ 0 },
};
