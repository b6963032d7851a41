/* Event streams: a worker decides who may listen to what, the hub then holds the connection. */
#include <string.h>

#include "accounts/accounts.h"
#include "kit/base/buf.h"
#include "people/pages.h"
#include "people/store.h"

/* What a stream may tell; each tells of its own end, too. */
static const struct {
	const char *name;
	enum permission need;
} topics[] = {
	{ "notice", PERM_SIGNED_IN },
	{ "escalation", PERM_QUEUE },
};

/* Of all, or of the one that is wanted, what the role may hear; who lacks the second factor that
 * the account asks for hears nothing of it. */
static struct str topics_for(struct req *r, const char *wanted, const struct permit *permit)
{
	struct buf list = buf_new(r->arena, 200);

	buf_put(&list, STR("sign_in"));
	for (size_t at = 0; at < sizeof(topics) / sizeof(topics[0]); at++) {
		if (!role_may((enum role)permit->role, topics[at].need) ||
		    (permit->due && !permission_at_home(topics[at].need)) ||
		    (wanted && strcmp(wanted, topics[at].name) != 0))
			continue;
		buf_putc(&list, ',');
		buf_put(&list, str_of(topics[at].name));
	}
	return buf_str(&list);
}

/* The browser says which event it saw last; what is no number starts from now. */
static struct str last_event_id(struct req *r)
{
	struct str last = req_header(r, "HTTP_LAST_EVENT_ID");
	int64_t number;

	if (!last.n)
		last = form_value(r, STR("last_event_id"));
	return str_to_int(last, &number) && number >= 0 ? last : STR("");
}

static int64_t ends_by(const struct req *r, const struct permit *permit)
{
	int64_t until = clock_now().us / CLOCK_SECOND + r->settings->hub_stream_seconds,
		sign_in = permit->expires_at.us / CLOCK_SECOND;

	return sign_in < until ? sign_in : until;
}

/*
 * nginx does not show this answer to the browser but passes the stream to the hub, under an address
 * that no browser can call.  Sign-in, role and the account's number are read at one moment: what
 * ends the permission after that has a higher number, and the hub will meet it.
 */
const struct err *people_stream(struct req *r, const char *wanted)
{
	struct permit *permit;
	struct str last = last_event_id(r);

	store_permit(r->tx, r->who->sign_in, &permit);
	TRY(tx_run(r->tx));
	if (!permit)
		return ERR(r->arena, ERR_SIGNED_OUT, "Sign in to go on.");
	if (!r->api)
		reply_header(r, "Cache-Control", STR("no-store"));
	reply_header(r, "X-Accel-Redirect",
		     str_fmt(r->arena,
			     "/_stream?account=%s&user=%s&sign_in=%s&until=%lld&at=%lld"
			     "&topics=%.*s&last=%.*s",
			     r->who->account.text, r->who->person.text, r->who->sign_in.text,
			     (long long)ends_by(r, permit), (long long)permit->at,
			     STR_ARG(topics_for(r, wanted, permit)), STR_ARG(last)));
	return reply_text(r, STR("text/event-stream"), STR(""));
}

const struct err *events_stream(struct req *r)
{
	return people_stream(r, NULL);
}
