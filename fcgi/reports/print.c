/* The documentation of a session as a page to read and to print. */
#include "kit/render/render.h"
#include "people/people.h"
#include "reports/out.h"
#include "reports/pages.h"

struct print_query {
	int detail;
	bool redact;
};

#define Q struct print_query
static const struct shape print_query =
	SHAPE(Q, F_ENUM(Q, detail, &report_details, .optional = true),
	      F_BOOL(Q, redact, .optional = true));

struct print_page {
	struct uuid id;
	struct str flow;
	const struct report_paper *document;
	bool summary, standard, full, redacted;
};

#define P_ struct print_page
static const struct shape print_page_shape =
	SHAPE(P_, F_UUID(P_, id), F_STR(P_, flow),
	      F_REF(P_, document, struct report_paper, &report_paper_shape), F_BOOL(P_, summary),
	      F_BOOL(P_, standard), F_BOOL(P_, full), F_BOOL(P_, redacted));
static const struct view print_view = { "reports/print", &print_page_shape };

static const struct err *print_show(struct req *r)
{
	const struct print_query *query = r->input;
	int detail = query->detail < 0 ? REPORT_STANDARD : query->detail;
	const struct out_wish wish = {
		.detail = detail,
		.redact = query->redact || !input_given(r, "redact"),
	};
	struct print_page page;
	struct cleaning cleaning;
	struct report report;
	struct taken_out out;

	TRY(out_read(r, r->id[0], &out));
	TRY(out_check(r, &out.session));
	TRY(out_report(r, &out, &wish, &cleaning, &report));
	page = (struct print_page){
		.id = r->id[0],
		.summary = detail == REPORT_SUMMARY,
		.standard = detail == REPORT_STANDARD,
		.full = detail == REPORT_FULL,
		.redacted = wish.redact,
	};
	page.flow = report.flow;
	page.document = report_paper(r->arena, &report);
	return reply_page(r, &print_view, &page);
}

const struct route print_routes[] = {
	{ GET, "/sessions/:session/document", .need = PERM_RUN, .input = &print_query,
	  .find = session_find, .run = print_show },
	{ 0 },
};

const struct view *const print_views[] = { &print_view, NULL };
