/* Audit, events and answers that count once; see record.h. */
#include "record/record.h"

#include "kit/db/db.h"
#include "kit/http/http.h"

#include "fcgi/record/store.sql.h"

static struct arg json_arg(struct json_text json)
{
	return P(json.s);
}

void audit(struct req *r, const char *action, const char *object, struct uuid id, struct json_text before,
           struct json_text after)
{
	tx_exec(r->tx, &sql_audit_add, P(str_of(action)), P(str_of(object)), P(id), json_arg(before),
	        json_arg(after), P(r->address), P(r->agent), P(r->request_id));
}

void event_bell(struct tx *tx, struct uuid account)
{
	tx_bell(tx, STR("bell_event"), uuid_str(&account));
}

void event(struct tx *tx, struct uuid account, const struct event *e)
{
	struct str payload = e->payload.s.p ? e->payload.s : STR("{}");

	tx_exec(tx, &sql_event_add, P(str_of(e->topic)), P(str_of(e->type)), P(e->user), P(e->sign_in),
	        P(payload));
	event_bell(tx, account);
}

void once_take(struct tx *tx, struct str key, struct str body_hash)
{
	tx_exec(tx, &sql_once_take, P(key), P(body_hash));
}

void once_keep(struct tx *tx, struct str key, struct str sealed_answer)
{
	tx_exec(tx, &sql_once_keep, P(key), P(sealed_answer));
}
