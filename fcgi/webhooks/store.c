/* The webhooks room's statements; see store.h and store.sql. */
#include "webhooks/store.h"

const struct names webhook_kinds = NAMES("json", "slack", "teams");
const struct names call_states = NAMES("queued", "sending", "sent", "failed", "skipped");

#define W struct webhook_row
static const struct shape webhook_shape = SHAPE(
	W, F_UUID(W, id), F_STR(W, name), F_STR(W, url), F_ENUM(W, kind, &webhook_kinds),
	F_LIST(W, events, &shape_texts), F_BOOL(W, active), F_BOOL(W, paused), F_INT(W, failures),
	F_TIME(W, failing_since, .null = true), F_TIME(W, paused_until, .null = true),
	F_TIME(W, created_at), F_TIME(W, updated_at), F_STR(W, made_by), F_INT(W, waiting),
	F_TIME(W, last_at, .null = true), F_ENUM(W, last_state, &call_states, .null = true),
	F_STR(W, last_error, .null = true));
#define C struct call_row
static const struct shape call_shape =
	SHAPE(C, F_UUID(C, id), F_STR(C, event), F_STR(C, event_id), F_ENUM(C, state, &call_states),
	      F_INT(C, attempts), F_INT(C, status), F_STR(C, error), F_TIME(C, created_at),
	      F_TIME(C, next_at, .null = true), F_TIME(C, sent_at, .null = true));
#define R struct webhook_call_row
const struct shape webhook_call_row_shape = SHAPE(
	R, F_UUID(R, id), F_UUID(R, account), F_UUID(R, webhook), F_STR(R, event),
	F_ENUM(R, state, &call_states), F_INT(R, attempts), F_INT(R, last_status, .null = true),
	F_STR(R, last_error, .null = true), F_TIME(R, created_at), F_TIME(R, next_at, .null = true),
	F_TIME(R, sent_at, .null = true));
#undef R
static const struct shape calls_count_shape =
	SHAPE(struct webhook_call_count, F_INT(struct webhook_call_count, n));
static const struct shape webhook_to_shape = SHAPE(
	struct webhook_to, F_UUID(struct webhook_to, call), F_UUID(struct webhook_to, webhook));
#define D struct due_row
static const struct shape due_shape =
	SHAPE(D, F_UUID(D, account), F_UUID(D, id), F_UUID(D, webhook), F_STR(D, url),
	      F_STR(D, event), F_STR(D, event_id), F_STR(D, body), F_STR(D, secret),
	      F_STR(D, old_secret, .null = true), F_INT(D, attempt));

#include "fcgi/webhooks/store.sql.h"

void store_webhooks(struct tx *t, struct list *ret)
{
	tx_list(t, &sql_webhooks, ret);
}

void store_webhook(struct tx *t, struct uuid id, struct webhook_row **ret)
{
	tx_one(t, &sql_webhook, ret, P(id));
}

void store_webhook_add(struct tx *t, const struct webhook_row *row, struct str sealed)
{
	tx_exec(t, &sql_webhook_room);
	tx_exec(t, &sql_webhook_add, P(row->id), P(row->name), P(row->url),
		P(names_text(&webhook_kinds, row->kind)), P(row->events), P(sealed));
}

void store_webhook_save(struct tx *t, const struct webhook_row *row)
{
	tx_must(t, &sql_webhook_save, P(row->id), P(row->name), P(row->url), P(row->events),
		P(row->active));
	if (!row->active)
		tx_exec(t, &sql_webhook_calls_skip, P(row->id));
}

void store_webhook_delete(struct tx *t, struct uuid id)
{
	tx_must(t, &sql_webhook_delete, P(id));
	tx_exec(t, &sql_webhook_calls_skip, P(id));
}

void store_webhook_secret(struct tx *t, struct uuid id, struct str sealed, int64_t seconds)
{
	tx_must(t, &sql_webhook_secret, P(id), P(sealed), P(seconds));
}

void store_webhook_resume(struct tx *t, struct uuid id)
{
	tx_exec(t, &sql_webhook_resume, P(id));
	tx_exec(t, &sql_webhook_calls_now, P(id));
}

void store_calls_count(struct tx *t, struct uuid webhook, struct webhook_call_count **ret)
{
	tx_one(t, &sql_webhook_calls_count, ret, P(webhook));
}

void store_calls(struct tx *t, struct uuid webhook, int64_t most, int64_t skip, struct list *ret)
{
	tx_list(t, &sql_webhook_calls, ret, P(webhook), P(most), P(skip));
}

void store_call_again(struct tx *t, struct uuid webhook, struct uuid call)
{
	tx_must(t, &sql_webhook_call_again, P(webhook), P(call));
}

void store_calls_add(struct tx *t, const struct webhook_news *news,
		     const struct webhook_bodies *bodies, struct list *ret)
{
	tx_list(t, &sql_webhook_calls_add, ret, P(str_of(news->type)), P(news->id),
		P(bodies->of[WEBHOOK_JSON]), P(bodies->of[WEBHOOK_SLACK]),
		P(bodies->of[WEBHOOK_TEAMS]));
}

void store_calls_to(struct tx *t, const struct webhook_news *news,
		    const struct webhook_bodies *bodies, struct list calls, struct list webhooks)
{
	tx_exec(t, &sql_webhook_calls_to, P(str_of(news->type)), P(news->id),
		P(bodies->of[WEBHOOK_JSON]), P(bodies->of[WEBHOOK_SLACK]),
		P(bodies->of[WEBHOOK_TEAMS]), P(calls), P(webhooks));
}

void store_calls_claim(struct tx *t, const struct claim *claim, struct list *ret)
{
	tx_exec(t, &sql_webhook_claim_turn);
	tx_list(t, &sql_webhook_claim, ret, P(claim->most), P(claim->each), P(claim->seconds),
		P(claim->holder));
}

void store_call_sent(struct tx *t, const struct call_end *end)
{
	tx_exec(t, &sql_webhook_call_sent, P(end->call->account), P(end->call->id),
		P(end->call->attempt), P(end->holder), P(end->status));
}

void store_call_unsent(struct tx *t, const struct call_end *end)
{
	tx_exec(t, &sql_webhook_call_unsent, P(end->call->account), P(end->call->id),
		P(end->call->attempt), P(end->holder), P(end->status), P(end->error),
		P(end->seconds), P(end->pause));
}

void store_calls_sweep(struct tx *t)
{
	tx_exec(t, &sql_expire_webhook_calls);
	tx_exec(t, &sql_sweep_webhook_calls);
}

void webhooks_read_calls(struct tx *tx, struct str state, struct uuid account, int64_t most,
			 struct list *ret)
{
	tx_list(tx, &sql_webhook_calls_of_all, ret, P(state), P(account), P(most));
}

void store_calls_retry(struct tx *t, struct uuid id, struct uuid account,
		       struct webhook_call_count **ret)
{
	tx_maybe(t, &sql_webhook_calls_retry_of_all, ret, P(id), P(account));
}
