/*
 * Turning off the mails of an event from the mail itself, without a sign-in (RFC 8058).
 *
 * The link holds whom and what it is for under a keyed hash, so it is in no table and holds for as
 * long as the mail is kept.  Scanners of mail follow links: GET changes nothing.
 */
#include "accounts/accounts.h"
#include "kit/base/arena.h"
#include "kit/crypto/crypto.h"
#include "notices/inside.h"
#include "notices/preferences.h"
#include "people/people.h"
#include "people/rates.h"
#include "record/record.h"

#define MAC_LENGTH 43

/* Behind event_names: all that comes by digest. */
static const struct names link_names =
	NAMES("prepared", "escalation", "overdue", "answer", "digest");

/* ---- the link ---- */

struct unsubscribe unsubscribe_link(struct arena *a, const struct settings *settings,
				    struct uuid account, struct uuid person,
				    enum notice_event event)
{
	struct str what = str_fmt(a, "%s %s %.*s", account.text, person.text,
				  STR_ARG(names_text(&link_names, (int)event)));
	struct str body = crypto_base64url(a, (const uint8_t *)what.p, what.n);
	struct str mac = crypto_mac(a, settings->keys.unsubscribe, body);
	struct str url = str_fmt(a, "%.*s/unsubscribe/%.*s%.*s", STR_ARG(settings->base_url),
				 STR_ARG(mac), STR_ARG(body));

	return (struct unsubscribe){
		.url = url,
		.headers = { { STR("List-Unsubscribe"), str_fmt(a, "<%.*s>", STR_ARG(url)) },
			     { STR("List-Unsubscribe-Post"), STR("List-Unsubscribe=One-Click") } },
	};
}

struct link {
	struct uuid account, person;
	int event;
};

static bool is_ours(struct req *r, struct str mac, struct str body)
{
	const struct settings_keys *keys = &r->settings->keys;

	return crypto_equal(mac, crypto_mac(r->arena, keys->unsubscribe, body)) ||
	       crypto_equal(mac, crypto_mac(r->arena, keys->unsubscribe_previous, body));
}

static const struct err *read_link(struct req *r, struct link *ret)
{
	struct str body = str_skip(r->word, MAC_LENGTH), text;
	uint8_t *bytes;
	size_t n;

	if (is_ours(r, str_first(r->word, MAC_LENGTH), body) &&
	    crypto_unbase64url(r->arena, body, &bytes, &n)) {
		text = (struct str){ (const char *)bytes, n };
		if (uuid_parse(str_cut(&text, ' '), &ret->account) &&
		    uuid_parse(str_cut(&text, ' '), &ret->person) &&
		    names_find(&link_names, text, &ret->event))
			return NULL;
	}
	TRY(tx_run(r->tx)); /* that it was tried counts */
	return ERR(r->arena, ERR_NOT_FOUND,
		   "This link is not complete. Copy the whole of it from the mail, or sign in and "
		   "open your notifications.");
}

/* ---- the pages ---- */

struct unsubscribe_page {
	struct str what, token;
	bool asks, off, on, digest;
};

#define P_ struct unsubscribe_page
static const struct shape unsubscribe_shape =
	SHAPE(P_, F_STR(P_, what), F_STR(P_, token), F_BOOL(P_, asks), F_BOOL(P_, off),
	      F_BOOL(P_, on), F_BOOL(P_, digest));
#undef P_
const struct view unsubscribe_view = { "notices/unsubscribe", &unsubscribe_shape };

static struct unsubscribe_page page_of(const struct req *r, const struct link *link)
{
	bool digest = link->event == NOTICE_DIGEST;

	return (struct unsubscribe_page){
		.what = digest ? STR("Your digest") : notice_event_title(link->event),
		.token = r->word,
		.digest = digest,
	};
}

static const struct err *ask(struct req *r)
{
	struct unsubscribe_page page;
	struct link link;

	TRY(read_link(r, &link));
	TRY(tx_run(r->tx));
	page = page_of(r, &link);
	page.asks = true;
	return reply_page(r, &unsubscribe_view, &page);
}

static void audit_link(struct req *r, const struct link *link, const char *action)
{
	audit(r, action, "person", link->person, audit_nothing,
	      audit_fact(r->arena, "event", names_text(&link_names, link->event)));
}

/* What the program behind the mail's own button sends is not looked at: the address says it all. */
static const struct err *turn_off(struct req *r)
{
	struct unsubscribe_page page;
	struct link link;

	TRY(read_link(r, &link));
	people_go_on_as(r->tx, link.account, link.person);
	if (link.event == NOTICE_DIGEST)
		store_digest_off(r->tx);
	else
		store_wish_email(r->tx, names_text(&link_names, link.event), STR("off"));
	audit_link(r, &link, "person.unsubscribed");
	TRY(tx_run(r->tx));
	page = page_of(r, &link);
	page.off = true;
	return reply_page(r, &unsubscribe_view, &page);
}

static const struct err *turn_on(struct req *r)
{
	struct unsubscribe_page page;
	struct link link;

	TRY(read_link(r, &link));
	if (link.event == NOTICE_DIGEST)
		return ERR(r->arena, ERR_NOT_FOUND, "Sign in and open your notifications.");
	people_go_on_as(r->tx, link.account, link.person);
	store_wish_email(r->tx, names_text(&link_names, link.event), STR("now"));
	audit_link(r, &link, "person.subscribed");
	TRY(tx_run(r->tx));
	page = page_of(r, &link);
	page.on = true;
	return reply_page(r, &unsubscribe_view, &page);
}

const struct route unsubscribe_routes[] = {
	{ GET, "/unsubscribe/*token", .run = ask, .anonymous = true },
	{ POST, "/unsubscribe/*token", .run = turn_off, .anonymous = true,
	  .rate = RATE_UNSUBSCRIBE },
	{ POST, "/unsubscribe/*token/back", .run = turn_on, .anonymous = true,
	  .rate = RATE_UNSUBSCRIBE },
	{ 0 },
};
