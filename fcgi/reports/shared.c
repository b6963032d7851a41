/* The page behind a link that shows a session to others; see shares.c. */
#include "flags/flags.h"
#include "kit/crypto/crypto.h"
#include "kit/render/render.h"
#include "record/record.h"
#include "reports/out.h"
#include "reports/pages.h"

struct shared_page {
	struct str flow, account, token;
	const struct report_paper *document;
	bool asks, is_public, many;
	int64_t views_left;
};

#define P_ struct shared_page
static const struct shape shared_page_shape =
	SHAPE(P_, F_STR(P_, flow), F_STR(P_, account), F_STR(P_, token),
	      F_REF(P_, document, struct report_paper, &report_paper_shape), F_BOOL(P_, asks),
	      F_BOOL(P_, is_public), F_BOOL(P_, many), F_INT(P_, views_left));
#undef P_
static const struct view shared_view = { "reports/shared", &shared_page_shape };

static const struct err *open_link(struct req *r, bool claim)
{
	struct shared_page page;
	struct report report;
	struct cleaning cleaning;
	struct share_open *share;
	struct taken_out out;

	reply_header(r, "X-Robots-Tag", STR("noindex, nofollow, noarchive"));
	reply_header(r, "Referrer-Policy", STR("no-referrer"));
	store_share_open(r->tx, crypto_hash_token(r->arena, r->word), claim, &share);
	TRY(tx_more(r->tx));
	if (share->audience == SHARE_PUBLIC &&
	    !flags_on(r->server->flags, FLAG_PUBLIC_LINKS, share->account))
		return ERR(r->arena, ERR_NOT_FOUND,
			   "There is nothing behind this link. Ask who gave it to you for a new "
			   "one.");
	if (!share->asks)
		audit(r, "session.share_opened", "session", share->session, audit_nothing,
		      audit_nothing);
	TRY(out_read(r, share->session, &out));
	page = (struct shared_page){
		.flow = STR("A shared record"), /* what it is of is told when it is open */
		.account = share->account_name,
		.token = r->word,
		.asks = share->asks,
		.is_public = share->audience == SHARE_PUBLIC,
		.views_left = share->views_left,
		.many = share->views_left != 1,
	};
	if (share->asks)
		return reply_page(r, &shared_view, &page);
	TRY(out_report(r, &out,
		       &(struct out_wish){ .detail = share->detail,
					   .unfilled = UNFILLED_TOKEN,
					   .redact = share->redact },
		       &cleaning, &report));
	page.flow = report.flow;
	page.document = report_paper(r->arena, &report);
	return reply_page(r, &shared_view, &page);
}

static const struct err *link_show(struct req *r)
{
	return open_link(r, false);
}

static const struct err *link_claim(struct req *r)
{
	return open_link(r, true);
}

const struct route shared_routes[] = {
	{ GET, "/s/*token", .run = link_show },
	{ POST, "/s/*token", .run = link_claim },
	{ 0 },
};

const struct view *const shared_views[] = { &shared_view, NULL };
