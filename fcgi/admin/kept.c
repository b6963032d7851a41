/* Sessions that are kept, however old they get: the pages and the API. */
#include "admin/admin.h"
#include "admin/pages.h"
#include "admin/store.h"
#include "kit/base/arena.h"
#include "kit/http/form.h"
#include "kit/http/page.h"
#include "people/people.h"
#include "record/record.h"

#define PAGE "/account/retention/kept"
#define API  "/api/v1/account/retention/kept"

struct hold_wish {
	struct str reason;
};
static const struct shape hold_input = SHAPE_WITH(
	struct hold_wish, (.label = "SessionHold"),
	F_STR(struct hold_wish, reason, .min = 1, .max = 500, .label = "Why it is kept"));
static const struct control hold_controls[] = {
	{ "reason", CONTROL_TEXT, .autocomplete = "off" },
	{ 0 },
};

struct holds_query {
	int64_t page, per_page;
};
static const struct shape holds_query = SHAPE(struct holds_query, F_PAGE(struct holds_query));

/* ---- acts ---- */

static const struct err *keep(struct req *r)
{
	const struct hold_wish *in = r->input;

	store_hold_lock(r->tx, r->id[0]);
	store_hold_set(r->tx, r->id[0], in->reason);
	audit(r, "session.kept", "session", r->id[0], audit_nothing, audit_nothing);
	return tx_run(r->tx);
}

static const struct err *release(struct req *r)
{
	store_hold_end(r->tx, r->id[0]);
	audit(r, "session.kept_no_more", "session", r->id[0], audit_nothing, audit_nothing);
	return tx_run(r->tx);
}

static const struct err *read_holds(struct req *r, struct page *p, struct list *ret, int64_t *total)
{
	const struct holds_query *query = r->input;
	struct retention_row *now;

	*p = page_of(query->page, query->per_page);
	store_retention(r->tx, &now);
	store_holds(r->tx, p->size, page_skip(*p), ret);
	TRY(tx_run(r->tx));
	*total = now->kept;
	return NULL;
}

static void hold_find(struct req *r)
{
	store_hold_lock(r->tx, r->id[0]);
}

/* ---- the pages ---- */

struct hold_page {
	struct form_view form;
	struct str url, flow, client, ticket, reason, person, when, release_url;
	struct list holds;
	bool one, is_kept, any;
	struct pager_view pager;
};
struct hold_line {
	struct str url, flow, client, ticket, reason, person, ago;
};
#define L struct hold_line
static const struct shape hold_line_shape =
	SHAPE(L, F_STR(L, url), F_STR(L, flow), F_STR(L, client), F_STR(L, ticket),
	      F_STR(L, reason), F_STR(L, person), F_STR(L, ago));
#undef L
#define V struct hold_page
static const struct shape hold_page_shape = SHAPE(
	V, F_OBJECT(V, form, struct form_view, &form_view_shape), F_STR(V, url), F_STR(V, flow),
	F_STR(V, client), F_STR(V, ticket), F_STR(V, reason), F_STR(V, person), F_STR(V, when),
	F_STR(V, release_url), F_LIST(V, holds, &hold_line_shape), F_BOOL(V, one),
	F_BOOL(V, is_kept), F_BOOL(V, any), F_OBJECT(V, pager, struct pager_view, &pager_shape));
#undef V
const struct view hold_view = { "admin/kept", &hold_page_shape };

static struct str hold_url(struct req *r, struct uuid session)
{
	return str_fmt(r->arena, PAGE "/%s", session.text);
}

static const struct err *show_hold(struct req *r)
{
	struct hold_page page = { .one = true };
	struct hold_row *row;

	store_hold(r->tx, r->id[0], &row);
	TRY(tx_run(r->tx));
	if (!row)
		return ERR(r->arena, ERR_NOT_FOUND, "There is no such session.");
	page.url = str_fmt(r->arena, "/sessions/%s/record", row->session.text);
	page.flow = row->flow;
	page.client = row->client;
	page.ticket = row->ticket;
	page.reason = row->reason;
	page.person = row->person;
	page.is_kept = row->at.us;
	page.when = clock_words(r->arena, row->at);
	page.release_url = str_fmt(r->arena, PAGE "/%s/release", row->session.text);
	page.form = form_view(r, &(struct form_settings){ .action = hold_url(r, row->session),
							  .button = "Keep it",
							  .input = &hold_input,
							  .controls = hold_controls });
	return reply_page(r, &hold_view, &page);
}

static const struct err *show_holds(struct req *r)
{
	struct hold_page page = { 0 };
	const struct hold_row *row;
	struct hold_line *lines;
	struct page p;
	struct list rows;
	int64_t total;

	TRY(read_holds(r, &p, &rows, &total));
	lines = ARENA_ARRAY(r->arena, struct hold_line, rows.n + 1);
	row = rows.items;
	for (size_t at = 0; at < rows.n; at++)
		lines[at] = (struct hold_line){ hold_url(r, row[at].session),
						row[at].flow,
						row[at].client,
						row[at].ticket,
						row[at].reason,
						row[at].person,
						clock_ago(r->arena, row[at].at) };
	page.holds = LIST_OF(lines, rows.n);
	page.any = rows.n;
	page.pager = pager_view(r, p, total, STR("Kept sessions"));
	return reply_page(r, &hold_view, &page);
}

static const struct err *keep_by_page(struct req *r)
{
	TRY(keep(r));
	people_flash(r, "This session is kept, however old it gets.");
	return reply_see_other(r, hold_url(r, r->id[0]));
}

static const struct err *release_by_page(struct req *r)
{
	TRY(release(r));
	people_flash(r, "This session goes with the others again.");
	return reply_see_other(r, hold_url(r, r->id[0]));
}

/* ---- API ---- */

#define H struct hold_row
static const struct shape hold_shape = SHAPE_WITH(
	H, (.label = "KeptSession"), F_UUID(H, session), F_STR(H, flow), F_STR(H, client),
	F_STR(H, ticket), F_STR(H, reason), F_STR(H, person), F_TIME(H, at));
#undef H

static const struct shape holds_json = SHAPE_PAGE(&hold_shape);

static const struct err *holds_api(struct req *r)
{
	struct page_json answer;
	struct page p;
	struct list rows;
	int64_t total;

	TRY(read_holds(r, &p, &rows, &total));
	answer = page_json(r, p, rows, total);
	return reply_json(r, &holds_json, &answer);
}

static const struct err *keep_api(struct req *r)
{
	TRY(keep(r));
	return reply_none(r);
}

static const struct err *release_api(struct req *r)
{
	TRY(release(r));
	return reply_none(r);
}

void admin_seed_hold(struct tx *tx, struct str flow, struct str reason)
{
	store_hold_seed(tx, flow, reason);
}

const struct route kept_routes[] = {
	{ GET, PAGE, .need = PERM_ADMIN, .input = &holds_query, .run = show_holds },
	{ GET, PAGE "/:session", .need = PERM_ADMIN, .find = hold_find, .run = show_hold },
	{ POST, PAGE "/:session", .need = PERM_ADMIN, .input = &hold_input, .find = hold_find,
	  .run = keep_by_page, .again = show_hold },
	{ POST, PAGE "/:session/release", .need = PERM_ADMIN, .find = hold_find,
	  .run = release_by_page },
	{ GET, API, .need = PERM_ADMIN, .input = &holds_query, .run = holds_api,
	  .output = &holds_json, .about = "Sessions that are kept all the same" },
	{ PUT, API "/:session", .need = PERM_ADMIN, .input = &hold_input, .find = hold_find,
	  .run = keep_api, .status = 204, .about = "Keep a session, however old it gets" },
	{ DELETE, API "/:session", .need = PERM_ADMIN, .find = hold_find, .run = release_api,
	  .status = 204, .about = "Let it go with the others again" },
	{ 0 },
};
