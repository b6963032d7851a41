/* The API of endpoints and their calls: the JSON face of acts.h. */
#include "kit/base/arena.h"
#include "kit/http/page.h"
#include "people/people.h"
#include "webhooks/acts.h"
#include "webhooks/inside.h"

#define API "/api/v1/webhooks"
#define ONE API "/:webhook"

/* ---- resources ---- */

#define W struct webhook_row
#define WEBHOOK_FIELDS                                                                             \
	F_UUID(W, id), F_STR(W, name), F_STR(W, url), F_ENUM(W, kind, &webhook_kinds),             \
		F_LIST(W, events, &shape_texts), F_BOOL(W, active), F_BOOL(W, paused),             \
		F_INT(W, failures), F_TIME(W, failing_since, .null = true),                        \
		F_TIME(W, paused_until, .null = true), F_INT(W, waiting), F_STR(W, made_by),       \
		F_TIME(W, created_at), F_TIME(W, updated_at)
static const struct shape webhook_json = SHAPE_WITH(W, (.label = "Webhook"), WEBHOOK_FIELDS);
static const struct shape made_json = SHAPE(W, WEBHOOK_FIELDS, F_STR(W, secret));
static const struct shape secret_json = SHAPE(W, F_UUID(W, id), F_STR(W, secret));

struct webhooks_json {
	struct list items;
};

static const struct shape webhooks_json =
	SHAPE(struct webhooks_json, F_LIST(struct webhooks_json, items, &webhook_json));

#define C struct call_row
static const struct shape call_json = SHAPE_WITH(
	C, (.label = "WebhookCall"), F_UUID(C, id), F_STR(C, event), F_STR(C, event_id),
	F_ENUM(C, state, &call_states), F_INT(C, attempts), F_INT(C, status), F_STR(C, error),
	F_TIME(C, created_at), F_TIME(C, next_at, .null = true), F_TIME(C, sent_at, .null = true));
static const struct shape calls_json = SHAPE_PAGE(&call_json);
static const struct shape tested_json = SHAPE(struct webhook_to, F_UUID(struct webhook_to, call),
					      F_UUID(struct webhook_to, webhook));

#define N struct webhook_change
static const struct shape change_json = SHAPE_WITH(
	N,
	(.read_only = "id,kind,paused,failures,failing_since,paused_until,waiting,made_by,"
		      "created_at,updated_at"),
	F_STR(N, name, .optional = true, .min = 1, .max = 80),
	F_STR(N, url, .optional = true, .min = 1, .max = 2000),
	F_LIST(N, events, &event_text, .optional = true, .max = WEBHOOK_EVENTS),
	F_BOOL(N, active, .optional = true));

/* ---- handlers ---- */

static const struct err *list(struct req *r)
{
	struct webhooks_json answer;

	store_webhooks(r->tx, &answer.items);
	TRY(tx_run(r->tx));
	return reply_json(r, &webhooks_json, &answer);
}

static const struct err *show(struct req *r)
{
	struct webhook_row *row;

	store_webhook(r->tx, r->id[0], &row);
	TRY(tx_run(r->tx));
	return reply_json(r, &webhook_json, row);
}

static const struct err *add(struct req *r)
{
	struct webhook_row *row;

	TRY(act_add(r, &row));
	return reply_json(r, &made_json, row);
}

static const struct err *change(struct req *r)
{
	struct webhook_row *row;

	TRY(act_save(r, false, &row));
	return reply_json(r, &webhook_json, row);
}

static const struct err *delete (struct req *r)
{
	TRY(act_delete(r));
	return reply_none(r);
}

static const struct err *renew(struct req *r)
{
	struct webhook_row answer = { .id = r->id[0] };

	TRY(act_secret(r, &answer.secret));
	return reply_json(r, &secret_json, &answer);
}

static const struct err *resume(struct req *r)
{
	TRY(act_resume(r));
	return reply_none(r);
}

static const struct err *test(struct req *r)
{
	struct webhook_to answer = { .webhook = r->id[0] };

	TRY(act_test(r, &answer.call));
	return reply_json(r, &tested_json, &answer);
}

static const struct err *calls(struct req *r)
{
	struct page_json answer;
	struct calls found;

	TRY(calls_find(r, &found));
	answer = page_json(r, found.page, found.rows, found.count->n);
	return reply_json(r, &calls_json, &answer);
}

static const struct err *again(struct req *r)
{
	TRY(act_again(r));
	return reply_none(r);
}

const struct route webhooks_api[] = {
	{ GET, API, .need = PERM_PEOPLE, .flag = FLAG_WEBHOOKS, .run = list,
	  .output = &webhooks_json, .about = "The account's endpoints" },
	{ POST, API, .need = PERM_PEOPLE, .flag = FLAG_WEBHOOKS, .input = &webhook_input,
	  .run = add, .output = &made_json, .status = 201, .once = true,
	  .about = "Add an endpoint, at most 20; its secret is shown this once" },
	{ GET, ONE, .need = PERM_PEOPLE, .flag = FLAG_WEBHOOKS, .run = show,
	  .output = &webhook_json, .about = "One endpoint" },
	{ PATCH, ONE, .need = PERM_PEOPLE, .flag = FLAG_WEBHOOKS, .input = &change_json,
	  .find = webhook_find, .run = change, .output = &webhook_json,
	  .about = "Change an endpoint; what waits for one that is switched off is skipped" },
	{ DELETE, ONE, .need = PERM_PEOPLE, .flag = FLAG_WEBHOOKS, .find = webhook_find,
	  .run = delete, .status = 204, .about = "Delete an endpoint" },
	{ POST, ONE "/secret", .need = PERM_PEOPLE, .flag = FLAG_WEBHOOKS, .find = webhook_find,
	  .run = renew, .output = &secret_json,
	  .about = "Make a new secret, shown this once; the old one signs, too, for 24 hours" },
	{ POST, ONE "/resume", .need = PERM_PEOPLE, .flag = FLAG_WEBHOOKS, .find = webhook_find,
	  .run = resume, .status = 204, .about = "Try a paused endpoint again now" },
	{ POST, ONE "/test", .need = PERM_PEOPLE, .flag = FLAG_WEBHOOKS, .find = webhook_find,
	  .run = test, .output = &tested_json, .status = 202, .about = "Queue a test call" },
	{ GET, ONE "/calls", .need = PERM_PEOPLE, .flag = FLAG_WEBHOOKS, .input = &calls_query,
	  .find = webhook_find, .run = calls, .output = &calls_json,
	  .about = "An endpoint's calls of the last 30 days, the newest first" },
	{ POST, ONE "/calls/:call/again", .need = PERM_PEOPLE, .flag = FLAG_WEBHOOKS,
	  .find = webhook_find, .run = again, .status = 204,
	  .about = "Queue a call that has failed again" },
	{ 0 },
};
