/* The pages of endpoints: all of them, one with its calls, a secret that is shown once. */
#include "kit/base/arena.h"
#include "kit/http/form.h"
#include "kit/net/egress.h"
#include "kit/render/render.h"
#include "people/people.h"
#include "webhooks/acts.h"
#include "webhooks/inside.h"

#define PAGE "/webhooks"
#define ONE  PAGE "/:webhook"

/* ---- input ---- */

struct event_name {
	struct str text;
};

const struct shape event_text = SHAPE_WITH(
	struct event_name, (.scalar = true),
	F_STR(struct event_name, text, .max = 40, .check = check_event, .label = "The event"));

#define I struct webhook_input
const struct shape webhook_input = SHAPE(
	I, F_STR(I, name, .min = 1, .max = 80, .label = "Name"),
	F_STR(I, url, .min = 1, .max = 2000, .label = "Address"),
	F_ENUM(I, kind, &webhook_kinds, .label = "What is called", .choices = webhook_kind_choices),
	F_LIST(I, events, &event_text, .max = WEBHOOK_EVENTS, .label = "When"));

static const struct control add_controls[] = {
	{ "name", CONTROL_TEXT, .autocomplete = "off" },
	{ "kind", CONTROL_SELECT, .hint = "It can't be changed later." },
	{ "url", CONTROL_TEXT, .autocomplete = "off", .inputmode = "url",
	  .hint = "It begins with https://. Slack and Teams show one when you add an incoming "
		  "webhook." },
	{ 0 },
};

#define N struct webhook_change
static const struct shape change_input =
	SHAPE(N, F_STR(N, name, .min = 1, .max = 80, .label = "Name"),
	      F_STR(N, url, .min = 1, .max = 2000, .label = "Address"),
	      F_LIST(N, events, &event_text, .max = WEBHOOK_EVENTS, .label = "When"),
	      F_BOOL(N, active, .label = "Switched on"));

static const struct control change_controls[] = {
	{ "name", CONTROL_TEXT, .autocomplete = "off" },
	{ "url", CONTROL_TEXT, .autocomplete = "off", .inputmode = "url" },
	{ "active", CONTROL_CHECKBOX,
	  .hint = "What waits for one that is switched off does not go out later." },
	{ 0 },
};

const struct shape calls_query = SHAPE(struct calls_query, F_PAGE(struct calls_query));

const struct err *calls_find(struct req *r, struct calls *ret)
{
	const struct calls_query *q = r->route->input == &calls_query ? r->input : NULL;

	ret->page = q ? page_of(q->page, q->per_page) : page_of(1, 50);
	store_calls_count(r->tx, r->id[0], &ret->count);
	store_calls(r->tx, r->id[0], ret->page.size, page_skip(ret->page), &ret->rows);
	return tx_run(r->tx);
}

/* ---- the events as boxes ---- */

static bool is_asked(const struct list *kept, struct str value)
{
	const struct str *texts = kept->items;

	for (size_t at = 0; at < kept->n; at++)
		if (str_eq(texts[at], value))
			return true;
	return false;
}

/* kept: what the endpoint has asked for; NULL: it is new, and is offered all. */
static struct checks_view event_checks(struct req *r, const struct list *kept)
{
	struct check_view *checks = ARENA_ARRAY(r->arena, struct check_view, WEBHOOK_EVENTS);

	for (size_t at = 0; at < WEBHOOK_EVENTS; at++) {
		struct str value = str_of(webhook_events[at].value);

		checks[at] = (struct check_view){ .value = value,
						  .label = str_of(webhook_events[at].label),
						  .checked = !kept || is_asked(kept, value) };
	}
	return checks_view(r, "events", "Called when", checks, WEBHOOK_EVENTS);
}

/* ---- an endpoint, as lists and its page show it ---- */

struct webhook_view {
	struct uuid id;
	struct str name, host, kind, state, last_error, last_ago, next_try, made_by;
	struct instant last_at;
	int64_t waiting, failures;
	bool good, off, paused, failed;
};

#define V struct webhook_view
static const struct shape webhook_view_shape =
	SHAPE(V, F_UUID(V, id), F_STR(V, name), F_STR(V, host), F_STR(V, kind), F_STR(V, state),
	      F_STR(V, last_error), F_STR(V, last_ago), F_STR(V, next_try), F_STR(V, made_by),
	      F_TIME(V, last_at), F_INT(V, waiting), F_INT(V, failures), F_BOOL(V, good),
	      F_BOOL(V, off), F_BOOL(V, paused), F_BOOL(V, failed));

static const char *state_of(const struct webhook_row *row)
{
	return !row->active      ? "Off"
	       : row->paused     ? "Paused"
	       : row->failures   ? "Fails"
	       : row->last_at.us ? "Works"
				 : "Not called yet";
}

static struct str until(struct arena *a, struct instant at)
{
	int64_t seconds = (at.us - clock_now().us) / CLOCK_SECOND;

	return seconds > 0 ? str_fmt(a, "in %.*s", STR_ARG(clock_span(a, seconds))) : STR("now");
}

static struct webhook_view view_of(struct req *r, const struct webhook_row *row)
{
	return (struct webhook_view){
		.id = row->id,
		.name = row->name,
		.host = egress_host(row->url),
		.kind = str_of(webhook_kind_choices[row->kind].label),
		.state = str_of(state_of(row)),
		.last_error = row->failures ? row->last_error : STR_NONE,
		.last_at = row->last_at,
		.last_ago = clock_ago(r->arena, row->last_at),
		.next_try = until(r->arena, row->paused_until),
		.made_by = row->made_by,
		.waiting = row->waiting,
		.failures = row->failures,
		.good = row->active && !row->failures && row->last_at.us,
		.off = !row->active,
		.paused = row->active && row->paused,
		.failed = row->active && row->failures,
	};
}

/* ---- all of them ---- */

struct webhooks_page {
	struct form_view form;
	struct checks_view events;
	struct list webhooks;
	bool any;
};

#define P_ struct webhooks_page
static const struct shape webhooks_page_shape =
	SHAPE(P_, F_OBJECT(P_, form, struct form_view, &form_view_shape),
	      F_OBJECT(P_, events, struct checks_view, &checks_view_shape),
	      F_LIST(P_, webhooks, &webhook_view_shape), F_BOOL(P_, any));
static const struct view webhooks_view = { "webhooks/webhooks", &webhooks_page_shape };

static const struct err *show_all(struct req *r)
{
	struct webhooks_page page = { 0 };
	struct webhook_view *views;
	struct list rows;

	store_webhooks(r->tx, &rows);
	TRY(tx_run(r->tx));
	views = ARENA_ARRAY(r->arena, struct webhook_view, rows.n);
	for (size_t at = 0; at < rows.n; at++)
		views[at] = view_of(r, &((const struct webhook_row *)rows.items)[at]);
	page.webhooks = LIST_OF(views, rows.n);
	page.any = rows.n > 0;
	page.events = event_checks(r, NULL);
	page.form = form_view(r, &(struct form_settings){ .action = STR(PAGE),
							  .button = "Add the endpoint",
							  .input = &webhook_input,
							  .controls = add_controls,
							  .once = true,
							  .quiet = true });
	return reply_page(r, &webhooks_view, &page);
}

/* ---- one ---- */

struct call_view {
	struct uuid id, webhook;
	struct str event, state, error, created_ago, next_try;
	struct instant created_at;
	int64_t attempts;
	bool sent, failed, waits;
};

#define C struct call_view
static const struct shape call_view_shape =
	SHAPE(C, F_UUID(C, id), F_UUID(C, webhook), F_STR(C, event), F_STR(C, state),
	      F_STR(C, error), F_STR(C, created_ago), F_STR(C, next_try), F_TIME(C, created_at),
	      F_INT(C, attempts), F_BOOL(C, sent), F_BOOL(C, failed), F_BOOL(C, waits));

static struct call_view call_view(struct req *r, const struct call_row *row)
{
	static const char *const labels[] = { "Waits", "On its way", "Sent", "Failed", "Skipped" };

	return (struct call_view){
		.id = row->id,
		.webhook = r->id[0],
		.event = row->event,
		.state = str_of(labels[row->state]),
		.error = row->state == CALL_SENT ? STR_NONE : row->error,
		.created_at = row->created_at,
		.created_ago = clock_ago(r->arena, row->created_at),
		.next_try = until(r->arena, row->next_at),
		.attempts = row->attempts,
		.sent = row->state == CALL_SENT,
		.failed = row->state == CALL_FAILED,
		.waits = row->next_at.us > 0,
	};
}

struct webhook_page {
	struct webhook_view webhook;
	struct form_view form;
	struct checks_view events;
	struct list calls;
	int64_t total;
	struct pager_view pager;
};

#define O struct webhook_page
static const struct shape webhook_page_shape =
	SHAPE(O, F_OBJECT(O, webhook, struct webhook_view, &webhook_view_shape),
	      F_OBJECT(O, form, struct form_view, &form_view_shape),
	      F_OBJECT(O, events, struct checks_view, &checks_view_shape),
	      F_LIST(O, calls, &call_view_shape), F_INT(O, total),
	      F_OBJECT(O, pager, struct pager_view, &pager_shape));
static const struct view webhook_view = { "webhooks/webhook", &webhook_page_shape };

static struct form_view change_form(struct req *r, const struct webhook_row *row)
{
	const struct pair values[] = {
		{ STR("name"), row->name },
		{ STR("url"), row->url },
		{ STR("active"), row->active ? STR("true") : STR("") },
		{ { 0 }, { 0 } },
	};

	return form_view(
		r, &(struct form_settings){ .action = str_fmt(r->arena, PAGE "/%s", row->id.text),
					    .button = "Save",
					    .input = &change_input,
					    .controls = change_controls,
					    .values = values,
					    .quiet = true });
}

static const struct err *show(struct req *r)
{
	struct webhook_page page = { 0 };
	struct call_view *views;
	struct webhook_row *row;
	struct calls calls;

	store_webhook(r->tx, r->id[0], &row);
	TRY(calls_find(r, &calls));
	views = ARENA_ARRAY(r->arena, struct call_view, calls.rows.n);
	for (size_t at = 0; at < calls.rows.n; at++)
		views[at] = call_view(r, &((const struct call_row *)calls.rows.items)[at]);
	page.webhook = view_of(r, row);
	page.form = change_form(r, row);
	page.events = event_checks(r, &row->events);
	page.calls = LIST_OF(views, calls.rows.n);
	page.total = calls.count->n;
	page.pager = pager_view(r, calls.page, calls.count->n, STR("calls"));
	return reply_page(r, &webhook_view, &page);
}

static const struct view delete_view = { "webhooks/delete", &webhook_view_shape };

static const struct err *ask_delete(struct req *r)
{
	struct webhook_view view;
	struct webhook_row *row;

	store_webhook(r->tx, r->id[0], &row);
	TRY(tx_run(r->tx));
	view = view_of(r, row);
	return reply_page(r, &delete_view, &view);
}

/* ---- a secret ---- */

struct secret_page {
	struct uuid id;
	struct str secret;
	bool renewed;
};

static const struct shape secret_page_shape =
	SHAPE(struct secret_page, F_UUID(struct secret_page, id), F_STR(struct secret_page, secret),
	      F_BOOL(struct secret_page, renewed));
static const struct view secret_view = { "webhooks/secret", &secret_page_shape };

const struct view *const webhooks_views[] = { &webhooks_view, &webhook_view, &delete_view,
					      &secret_view, NULL };

static const struct err *add(struct req *r)
{
	struct webhook_row *row;

	TRY(act_add(r, &row));
	return reply_page(r, &secret_view,
			  &(struct secret_page){ .id = row->id, .secret = row->secret });
}

static const struct err *renew(struct req *r)
{
	struct secret_page page = { .id = r->id[0], .renewed = true };

	TRY(act_secret(r, &page.secret));
	return reply_page(r, &secret_view, &page);
}

/* ---- what the buttons do ---- */

static const struct err *back(struct req *r, const char *sentence)
{
	people_flash(r, sentence);
	return reply_see_other(r, str_fmt(r->arena, PAGE "/%s", r->id[0].text));
}

static const struct err *save(struct req *r)
{
	struct webhook_row *row;

	TRY(act_save(r, true, &row));
	return back(r, "Saved.");
}

static const struct err *delete (struct req *r)
{
	TRY(act_delete(r));
	people_flash(r, "The endpoint is gone. Nothing more is sent to it.");
	return reply_see_other(r, STR(PAGE));
}

static const struct err *test(struct req *r)
{
	struct uuid call;

	TRY(act_test(r, &call));
	return back(r, "A test call is on its way. Load this page again to see what became of it.");
}

static const struct err *resume(struct req *r)
{
	TRY(act_resume(r));
	return back(r, "The next call goes out now.");
}

static const struct err *again(struct req *r)
{
	TRY(act_again(r));
	return back(r, "The call goes out again.");
}

const struct route webhooks_routes[] = {
	{ GET, PAGE, .need = PERM_PEOPLE, .flag = FLAG_WEBHOOKS, .run = show_all },
	{ POST, PAGE, .need = PERM_PEOPLE, .flag = FLAG_WEBHOOKS, .input = &webhook_input,
	  .run = add, .again = show_all, .once = true },
	{ GET, ONE, .need = PERM_PEOPLE, .flag = FLAG_WEBHOOKS, .input = &calls_query,
	  .run = show },
	{ POST, ONE, .need = PERM_PEOPLE, .flag = FLAG_WEBHOOKS, .input = &change_input,
	  .find = webhook_find, .run = save, .again = show },
	{ GET, ONE "/delete", .need = PERM_PEOPLE, .flag = FLAG_WEBHOOKS, .asks = true,
	  .run = ask_delete },
	{ POST, ONE "/delete", .need = PERM_PEOPLE, .flag = FLAG_WEBHOOKS, .find = webhook_find,
	  .run = delete },
	{ POST, ONE "/secret", .need = PERM_PEOPLE, .flag = FLAG_WEBHOOKS, .find = webhook_find,
	  .run = renew },
	{ POST, ONE "/test", .need = PERM_PEOPLE, .flag = FLAG_WEBHOOKS, .find = webhook_find,
	  .run = test },
	{ POST, ONE "/resume", .need = PERM_PEOPLE, .flag = FLAG_WEBHOOKS, .find = webhook_find,
	  .run = resume },
	{ POST, ONE "/calls/:call/again", .need = PERM_PEOPLE, .flag = FLAG_WEBHOOKS,
	  .find = webhook_find, .run = again },
	{ 0 },
};
