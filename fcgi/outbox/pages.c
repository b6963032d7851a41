/* What became of the account's mails: the page, the API, and sending again what failed. */
#include "kit/base/arena.h"
#include "kit/http/page.h"
#include "kit/render/render.h"
#include "mail/mail.h"
#include "outbox/store.h"
#include "people/people.h"
#include "record/record.h"

#define PAGE "/outbox"
#define API  "/api/v1/outbox"

struct outbox_query {
	int64_t page, per_page;
	int status;
};

#define Q struct outbox_query
static const struct shape outbox_query =
	SHAPE(Q, F_PAGE(Q), F_ENUM(Q, status, &outbox_statuses, .optional = true));
#undef Q

struct mails {
	struct page page;
	struct list rows;
	int64_t total;
};

/* Queued, for whoever asks for more in the same wait. */
static void read_mails(struct req *r, struct mails *ret, struct outbox_count **count)
{
	const struct outbox_query *query = r->input;
	struct str status = STR("");

	if (input_given(r, "status"))
		status = names_text(&outbox_statuses, query->status);
	ret->page = page_of(query->page, query->per_page);
	store_outbox_count(r->tx, status, count);
	store_outbox(r->tx, status, ret->page.size, page_skip(ret->page), &ret->rows);
}

static void mail_find(struct req *r)
{
	struct outbox_row **row = ARENA_NEW(r->arena, struct outbox_row *);

	store_outbox_mail(r->tx, r->id[0], row);
}

static const struct err *retry(struct req *r, struct outbox_row **ret)
{
	store_outbox_retry(r->tx, r->id[0]);
	audit(r, "mail.retried", "mail", r->id[0], audit_nothing, audit_nothing);
	store_outbox_mail(r->tx, r->id[0], ret);
	mail_bell(r->tx);
	return tx_run(r->tx);
}

/* ---- API ---- */

#define R struct outbox_row
static const struct shape mail_json = SHAPE_WITH(
	R, (.label = "Mail"), F_UUID(R, id), F_STR(R, recipient), F_STR(R, subject),
	F_ENUM(R, status, &outbox_statuses), F_INT(R, attempts), F_STR(R, last_error, .null = true),
	F_TIME(R, created_at), F_TIME(R, next_at), F_TIME(R, sent_at, .null = true));
#undef R
static const struct shape mails_json = SHAPE_PAGE(&mail_json);

static const struct err *list_api(struct req *r)
{
	struct outbox_count *count;
	struct page_json answer;
	struct mails mails;

	read_mails(r, &mails, &count);
	TRY(tx_run(r->tx));
	answer = page_json(r, mails.page, mails.rows, count->n);
	return reply_json(r, &mails_json, &answer);
}

static const struct err *retry_api(struct req *r)
{
	struct outbox_row *row;

	TRY(retry(r, &row));
	return reply_json(r, &mail_json, row);
}

/* ---- the page ---- */

static const struct names status_words =
	NAMES("Waiting", "Being sent", "Sent", "Failed", "Not needed");

struct mail_line {
	struct uuid id;
	struct str recipient, subject, status, error, next, ago, sent_ago;
	struct instant at, sent_at;
	int64_t attempts;
	bool sent, failed, retrying, may_retry;
};

#define L struct mail_line
static const struct shape mail_line_shape =
	SHAPE(L, F_UUID(L, id), F_STR(L, recipient), F_STR(L, subject), F_STR(L, status),
	      F_STR(L, error), F_STR(L, next), F_STR(L, ago), F_STR(L, sent_ago), F_TIME(L, at),
	      F_TIME(L, sent_at), F_INT(L, attempts), F_BOOL(L, sent), F_BOOL(L, failed),
	      F_BOOL(L, retrying), F_BOOL(L, may_retry));
#undef L

struct outbox_page {
	struct pager_view pager;
	int64_t total, failed;
	struct str trouble;
	bool filtered, several;
	struct list tabs, mails;
};

#define V struct outbox_page
static const struct shape outbox_page_shape =
	SHAPE(V, F_OBJECT(V, pager, struct pager_view, &pager_shape), F_INT(V, total),
	      F_INT(V, failed), F_STR(V, trouble), F_BOOL(V, filtered), F_BOOL(V, several),
	      F_LIST(V, tabs, &tab_shape), F_LIST(V, mails, &mail_line_shape));
#undef V
static const struct view outbox_view = { "outbox/list", &outbox_page_shape };
const struct view *const outbox_views[] = { &outbox_view, NULL };

static struct mail_line line_of(struct arena *a, const struct outbox_row *row)
{
	bool retrying = row->status == OUTBOX_QUEUED && row->attempts > 0;

	return (struct mail_line){
		.id = row->id,
		.recipient = row->recipient,
		.subject = row->subject,
		.status = retrying ? STR("Tried again later")
				   : names_text(&status_words, row->status),
		.error = row->status == OUTBOX_SENT ? STR_NONE : row->last_error,
		.next = retrying ? clock_words(a, row->next_at) : STR_NONE,
		.at = row->created_at,
		.ago = clock_ago(a, row->created_at),
		.sent_at = row->sent_at,
		.sent_ago = row->sent_at.us ? clock_ago(a, row->sent_at) : STR_NONE,
		.attempts = row->attempts,
		.sent = row->status == OUTBOX_SENT,
		.failed = row->status == OUTBOX_FAILED,
		.retrying = retrying,
		.may_retry = row->status == OUTBOX_FAILED && !row->unwanted,
	};
}

static struct list lines_of(struct arena *a, struct list rows)
{
	struct mail_line *lines = ARENA_ARRAY(a, struct mail_line, rows.n);

	for (size_t at = 0; at < rows.n; at++)
		lines[at] = line_of(a, &((const struct outbox_row *)rows.items)[at]);
	return LIST_OF(lines, rows.n);
}

static struct list tabs_of(struct req *r, bool filtered, int status)
{
	static const int shown[] = { -1, OUTBOX_FAILED, OUTBOX_QUEUED, OUTBOX_SENT,
				     OUTBOX_SKIPPED };
	size_t n = sizeof shown / sizeof *shown;
	struct tab *tabs = ARENA_ARRAY(r->arena, struct tab, n);

	for (size_t at = 0; at < n; at++) {
		bool all = shown[at] < 0;

		tabs[at] = (struct tab){ all ? STR("All") : names_text(&status_words, shown[at]),
					 url_turned(r, "status",
						    all ? STR("")
							: names_text(&outbox_statuses, shown[at])),
					 all ? !filtered : filtered && shown[at] == status };
	}
	return LIST_OF(tabs, n);
}

/* "2 mails" */
static struct str mails_text(struct arena *a, int64_t n)
{
	return str_fmt(a, "%lld mail%s", (long long)n, n == 1 ? "" : "s");
}

/* What is wrong with mail as a whole, or nothing. */
static struct str trouble_of(struct arena *a, const struct outbox_health *h)
{
	struct str failed = mails_text(a, h->failed_now), retrying = mails_text(a, h->retrying);

	if (h->failed_now && h->retrying)
		return str_fmt(a,
			       "%.*s failed within the last hour, and %.*s could not be sent yet.",
			       STR_ARG(failed), STR_ARG(retrying));
	if (h->failed_now)
		return str_fmt(a, "%.*s failed within the last hour.", STR_ARG(failed));
	if (h->retrying)
		return str_fmt(a, "%.*s could not be sent yet.", STR_ARG(retrying));
	return STR_NONE;
}

static const struct err *show(struct req *r)
{
	const struct outbox_query *query = r->input;
	bool filtered = input_given(r, "status");
	struct outbox_health *health;
	struct outbox_count *count;
	struct outbox_page page;
	struct mails mails;

	read_mails(r, &mails, &count);
	store_outbox_health(r->tx, &health);
	TRY(tx_run(r->tx));
	page = (struct outbox_page){
		.pager = pager_view(r, mails.page, count->n, STR("mails")),
		.total = count->n,
		.failed = health->failed,
		.several = health->failed > 1,
		.trouble = trouble_of(r->arena, health),
		.filtered = filtered,
		.tabs = tabs_of(r, filtered, query->status),
		.mails = lines_of(r->arena, mails.rows),
	};
	return reply_page(r, &outbox_view, &page);
}

static const struct err *retry_by_page(struct req *r)
{
	struct outbox_row *row;

	TRY(retry(r, &row));
	people_flash(r, "The mail is on its way again.");
	return reply_see_other(r, STR(PAGE));
}

static const struct err *retry_failed(struct req *r)
{
	struct outbox_count *count;

	store_outbox_retry_failed(r->tx, &count);
	TRY(tx_more(r->tx));
	if (count->n)
		audit(r, "mail.retried_all", "mail", UUID_NONE, audit_nothing,
		      audit_fact(r->arena, "mails",
				 str_fmt(r->arena, "%lld", (long long)count->n)));
	mail_bell(r->tx);
	TRY(tx_run(r->tx));
	people_flash(r, count->n ? "All that failed is on its way again."
				 : "No mail has failed, so nothing was sent again.");
	return reply_see_other(r, STR(PAGE));
}

const struct route outbox_routes[] = {
	{ GET, API, .need = PERM_PEOPLE, .input = &outbox_query, .run = list_api,
	  .output = &mails_json, .about = "What became of the account's mails, newest first" },
	{ POST, API "/:mail/retry", .need = PERM_PEOPLE, .find = mail_find, .run = retry_api,
	  .output = &mail_json, .about = "Send a mail again that failed; 409 for any other" },
	{ GET, PAGE, .need = PERM_PEOPLE, .input = &outbox_query, .run = show },
	{ POST, PAGE "/retry", .need = PERM_PEOPLE, .run = retry_failed },
	{ POST, PAGE "/:mail/retry", .need = PERM_PEOPLE, .find = mail_find, .run = retry_by_page },
	{ 0 },
};
