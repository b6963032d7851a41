/* Audit, events and answers that count once; see record.h. */
#include "record/record.h"

#include "kit/base/buf.h"
#include "kit/db/db.h"
#include "kit/http/http.h"
#include "kit/jobs/jobs.h"

#include "fcgi/record/store.sql.h"

static struct arg json_arg(struct json_text json)
{
	return P(json.s);
}

void audit(struct req *r, const char *action, const char *object, struct uuid id,
	   struct json_text before, struct json_text after)
{
	tx_exec(r->tx, &sql_audit_add, P(str_of(action)), P(str_of(object)), P(id),
		json_arg(before), json_arg(after), P(r->address), P(r->agent), P(r->request_id));
}

void audit_by_clock(struct tx *tx, const char *action, const char *object, struct uuid id,
		    struct json_text after)
{
	tx_exec(tx, &sql_audit_add, P(str_of(action)), P(str_of(object)), P(id),
		json_arg(audit_nothing), json_arg(after), P(STR_NONE), P(STR_NONE), P(STR_NONE));
}

void audit_by_operator(struct tx *tx, struct str agent, const char *action, const char *object,
		       struct uuid id, struct json_text after)
{
	tx_exec(tx, &sql_audit_add, P(str_of(action)), P(str_of(object)), P(id),
		json_arg(audit_nothing), json_arg(after), P(STR_NONE), P(agent), P(STR_NONE));
}

void audit_of_platform(struct tx *tx, struct str agent, const char *action, const char *object,
		       struct uuid id, struct json_text after)
{
	tx_exec(tx, &sql_audit_platform, P(str_of(action)), P(str_of(object)), P(id),
		json_arg(after), P(agent));
}

const struct json_text audit_nothing = { { NULL, 0 } };

struct json_text audit_fact(struct arena *a, const char *name, struct str value)
{
	struct buf out = buf_new(a, value.n * 6 + 100);

	buf_printf(&out, "{\"%s\":", name);
	buf_put_json(&out, value);
	buf_putc(&out, '}');
	return (struct json_text){ buf_str(&out) };
}

void event_bell(struct tx *tx, struct uuid account)
{
	tx_bell(tx, STR("bell_event"), uuid_str(&account));
}

void event(struct tx *tx, struct uuid account, const struct event *e)
{
	struct str payload = e->payload.s.p ? e->payload.s : STR("{}");

	tx_last(tx, &sql_event_add, P(str_of(e->topic)), P(str_of(e->type)), P(e->user),
		P(e->sign_in), P(payload));
	event_bell(tx, account);
}

void notice_add(struct tx *tx, struct uuid account, struct uuid person, struct str text,
		const char *link)
{
	tx_last(tx, &sql_notice_add, P(person), P(text), P(str_of(link)));
	event_bell(tx, account);
}

void notices_add(struct tx *tx, struct uuid account, struct list people, struct list texts,
		 const char *link)
{
	tx_last(tx, &sql_notices_add, P(people), P(texts), P(str_of(link)));
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

/* Streams reach back as far as events do. */
static const struct err *sweep(struct job *j)
{
	tx_exec(j->tx, &sql_sweep_events);
	return tx_run(j->tx);
}

const struct chore record_chores[] = { { "sweep_events", 600, sweep }, { 0 } };
