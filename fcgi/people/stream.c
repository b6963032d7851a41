/* Event streams: a worker decides who may listen to what, the hub then holds the connection. */
#include "accounts/accounts.h"
#include "kit/db/db.h"
#include "people/pages.h"

/* The browser says which event it saw last; what is no number starts from now. */
static struct str last_event_id(struct req *r)
{
	struct str last = req_header(r, "HTTP_LAST_EVENT_ID");
	int64_t number;

	if (!last.n)
		last = form_value(r, STR("last_event_id"));
	return str_to_int(last, &number) && number >= 0 ? last : STR("");
}

/*
 * nginx does not show this answer to the browser but passes the stream to the hub, under an address
 * that no browser can call.  The stream ends after some minutes: the browser comes back, and is
 * judged anew.
 */
static const struct err *hand_to_hub(struct req *r, const char *topics)
{
	int64_t until = clock_now().us / CLOCK_SECOND + r->settings->hub_stream_seconds;
	struct str last = last_event_id(r);

	TRY(tx_run(r->tx));
	reply_header(
		r, "X-Accel-Redirect",
		str_fmt(r->arena,
			"/_stream?account=%s&user=%s&sign_in=%s&until=%lld&topics=%s&last=%.*s",
			r->who->account.text, r->who->person.text, r->who->sign_in.text,
			(long long)until, topics, STR_ARG(last)));
	return reply_text(r, STR("text/event-stream"), STR(""));
}

const struct err *events_stream(struct req *r)
{
	return hand_to_hub(r, "sign_in,notice");
}
