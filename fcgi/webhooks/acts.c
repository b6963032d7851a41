/* What pages and API do to endpoints, and how news become calls; see acts.h and webhooks.h. */
#include "webhooks/acts.h"

#include "accounts/accounts.h"
#include "kit/base/arena.h"
#include "kit/crypto/crypto.h"
#include "kit/net/egress.h"
#include "people/people.h"
#include "record/record.h"
#include "webhooks/secret.h"

#define OLD_SECRET_SECONDS ((int64_t)24 * 3600)

const struct choice webhook_events[WEBHOOK_EVENTS + 1] = {
	{ "handoff_created", "Somebody hands a session off" },
	{ "handoff_claimed", "A hand-off is taken" },
	{ "handoff_released", "It is given back, and open again" },
	{ "handoff_resolved", "It is resolved" },
	{ "handoff_cancelled", "It is called off" },
	{ "handoff_overdue", "Nobody took it in time" },
	{ 0 },
};

const struct choice webhook_kind_choices[] = {
	{ "json", "JSON, for a program of yours" },
	{ "slack", "Slack" },
	{ "teams", "Microsoft Teams" },
	{ 0 },
};

const char *check_event(struct str event)
{
	for (size_t at = 0; at < WEBHOOK_EVENTS; at++)
		if (str_eq(event, str_of(webhook_events[at].value)))
			return NULL;
	return "is none of the events.";
}

/* ---- the queue ---- */

static void bell(struct tx *tx)
{
	tx_bell(tx, STR("bell_call"), STR(""));
}

void webhooks_queue(struct tx *tx, struct arena *a, const struct webhook_news *news,
		    struct list *ret)
{
	struct webhook_bodies bodies = webhook_bodies(a, news);

	store_calls_add(tx, news, &bodies, ret);
	bell(tx);
}

void webhooks_queue_to(struct tx *tx, struct arena *a, const struct webhook_news *news,
		       struct list to)
{
	struct webhook_bodies bodies = webhook_bodies(a, news);
	const struct webhook_to *rows = to.items;
	struct str *calls = ARENA_ARRAY(a, struct str, to.n);
	struct str *webhooks = ARENA_ARRAY(a, struct str, to.n);

	for (size_t at = 0; at < to.n; at++) {
		calls[at] = uuid_str(&rows[at].call);
		webhooks[at] = uuid_str(&rows[at].webhook);
	}
	store_calls_to(tx, news, &bodies, LIST_OF(calls, to.n), LIST_OF(webhooks, to.n));
	bell(tx);
}

/* ---- input ---- */

/* Each once, and in our order. */
static const struct err *read_events(struct req *r, struct list events, struct list *ret)
{
	struct str *kept = ARENA_ARRAY(r->arena, struct str, WEBHOOK_EVENTS);
	const struct str *given = events.items;
	size_t n = 0;

	for (size_t at = 0; at < WEBHOOK_EVENTS; at++) {
		struct str value = str_of(webhook_events[at].value);
		size_t of = 0;

		while (of < events.n && !str_eq(given[of], value))
			of++;
		if (of < events.n)
			kept[n++] = value;
	}
	if (n == 0)
		return input_refuse(r, "events", "Choose at least one event.");
	*ret = LIST_OF(kept, n);
	return NULL;
}

static const struct err *check_url(struct req *r, struct str url)
{
	const char *wrong = egress_check_url(url, r->settings->demo);

	return wrong ? input_refuse(r, "url", "The address %s", wrong) : NULL;
}

/* The rest of the address may be a secret. */
static struct json_text on_record(struct req *r, struct str name, struct str url)
{
	struct buf out = buf_new(r->arena, 8192);

	buf_put(&out, STR("{\"name\":"));
	buf_put_json(&out, name);
	buf_put(&out, STR(",\"host\":"));
	buf_put_json(&out, egress_host(url));
	buf_putc(&out, '}');
	return (struct json_text){ buf_str(&out) };
}

/* ---- acts ---- */

void webhook_find(struct req *r)
{
	struct webhook_row **row = ARENA_NEW(r->arena, struct webhook_row *);

	store_webhook(r->tx, r->id[0], row);
}

const struct err *act_add(struct req *r, struct webhook_row **ret)
{
	const struct webhook_input *in = r->input;
	struct webhook_row row = {
		.id = crypto_uuid7(), .name = in->name, .url = in->url, .kind = in->kind
	};
	struct str secret = secret_new(r->arena);
	const struct err *e;

	TRY(check_url(r, in->url));
	TRY(read_events(r, in->events, &row.events));
	store_webhook_add(r->tx, &row, secret_seal(r->arena, r->settings, row.id, secret));
	audit(r, "webhook.added", "webhook", row.id, audit_nothing,
	      on_record(r, row.name, row.url));
	store_webhook(r->tx, row.id, ret);
	e = tx_run(r->tx);
	if (e && e->kind == ERR_CONFLICT)
		input_problem(r, STR("name"), e->message);
	TRY(e);
	(*ret)->secret = secret;
	return NULL;
}

static const struct err *apply(struct req *r, bool whole, struct webhook_row *row)
{
	const struct webhook_change *in = r->input;

	if (whole || input_given(r, "name"))
		row->name = in->name;
	if (whole || input_given(r, "url"))
		row->url = in->url;
	if (whole || input_given(r, "active"))
		row->active = in->active;
	if (whole || input_given(r, "events"))
		TRY(read_events(r, in->events, &row->events));
	return check_url(r, row->url);
}

const struct err *act_save(struct req *r, bool whole, struct webhook_row **ret)
{
	struct webhook_row *was;
	struct webhook_row row;

	store_webhook(r->tx, r->id[0], &was);
	TRY(tx_more(r->tx));
	row = *was;
	TRY(apply(r, whole, &row));
	store_webhook_save(r->tx, &row);
	audit(r, "webhook.changed", "webhook", row.id, on_record(r, was->name, was->url),
	      on_record(r, row.name, row.url));
	store_webhook(r->tx, row.id, ret);
	bell(r->tx);
	return tx_run(r->tx);
}

const struct err *act_delete(struct req *r)
{
	struct webhook_row *was;

	store_webhook(r->tx, r->id[0], &was);
	TRY(tx_more(r->tx));
	store_webhook_delete(r->tx, was->id);
	audit(r, "webhook.deleted", "webhook", was->id, on_record(r, was->name, was->url),
	      audit_nothing);
	return tx_run(r->tx);
}

const struct err *act_secret(struct req *r, struct str *secret)
{
	*secret = secret_new(r->arena);
	store_webhook_secret(r->tx, r->id[0], secret_seal(r->arena, r->settings, r->id[0], *secret),
			     OLD_SECRET_SECONDS);
	audit(r, "webhook.secret_changed", "webhook", r->id[0], audit_nothing, audit_nothing);
	return tx_run(r->tx);
}

const struct err *act_resume(struct req *r)
{
	store_webhook_resume(r->tx, r->id[0]);
	audit(r, "webhook.resumed", "webhook", r->id[0], audit_nothing, audit_nothing);
	bell(r->tx);
	return tx_run(r->tx);
}

const struct err *act_test(struct req *r, struct uuid *call)
{
	const struct who_row *who;
	struct webhook_row *row;
	struct webhook_line line = { .label = STR("Sent by") };
	struct webhook_to to = { .call = crypto_uuid7(), .webhook = r->id[0] };
	struct webhook_news news = {
		.id = str_fmt(r->arena, "evt_%.*s", STR_ARG(uuid_str(&to.call))),
		.type = "test",
		.at = clock_now(),
		.account = r->who->account,
		.title = STR("A test call from ResolutionFlow"),
		.lines = LIST_OF(&line, 1),
		.url = str_fmt(r->arena, "%.*s/webhooks/%s", STR_ARG(r->settings->base_url),
			       r->id[0].text),
		.data = { STR("{\"test\":true}") },
	};

	store_webhook(r->tx, r->id[0], &row);
	TRY(tx_more(r->tx));
	if (!row->active)
		return ERR_CODE(r->arena, ERR_CONFLICT, "switched_off",
				"The endpoint is switched off. Switch it on first.");
	who = r->who->row;
	line.text = who->name;
	news.account_name = who->account_name;
	webhooks_queue_to(r->tx, r->arena, &news, LIST_OF(&to, 1));
	audit(r, "webhook.tested", "webhook", r->id[0], audit_nothing, audit_nothing);
	*call = to.call;
	return tx_run(r->tx);
}

void webhooks_retry_calls(struct tx *tx, struct uuid id, struct uuid account,
			  struct webhook_call_count **ret)
{
	store_calls_retry(tx, id, account, ret);
	bell(tx);
}

const struct err *act_again(struct req *r)
{
	store_call_again(r->tx, r->id[0], r->id[1]);
	audit(r, "webhook.call_repeated", "webhook", r->id[0], audit_nothing,
	      audit_fact(r->arena, "call", uuid_str(&r->id[1])));
	bell(r->tx);
	return tx_run(r->tx);
}
