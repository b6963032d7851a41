/* The mail room's statements; see store.h and store.sql. */
#include "mail/store.h"

static const struct shape letter_shape = SHAPE(
	struct letter, F_UUID(struct letter, id), F_UUID(struct letter, account),
	F_STR(struct letter, recipient), F_STR(struct letter, subject), F_STR(struct letter, text),
	F_STR(struct letter, html), F_STR(struct letter, headers), F_STR(struct letter, message_id),
	F_INT(struct letter, attempt), F_TIME(struct letter, created_at));

#include "fcgi/mail/store.sql.h"

void store_mails_add(struct tx *t, const struct mail_columns *c)
{
	tx_exec(t, &sql_outbox_add, P(LIST_OF(c->ids, c->n)), P(LIST_OF(c->recipients, c->n)),
		P(LIST_OF(c->subjects, c->n)), P(LIST_OF(c->texts, c->n)),
		P(LIST_OF(c->htmls, c->n)), P(LIST_OF(c->headers, c->n)),
		P(LIST_OF(c->times, c->n)));
}

void store_mail_claim(struct tx *t, int64_t most, int64_t seconds, struct list *ret)
{
	tx_list(t, &sql_outbox_claim, ret, P(most), P(seconds));
}

void store_mail_sent(struct tx *t, const struct letter *l)
{
	tx_exec(t, &sql_outbox_sent, P(l->id), P(l->attempt));
}

void store_mail_later(struct tx *t, const struct letter *l, int64_t seconds, struct str error)
{
	tx_exec(t, &sql_outbox_later, P(l->id), P(l->attempt), P(seconds), P(error));
}

void store_mail_failed(struct tx *t, const struct letter *l, struct str error)
{
	tx_exec(t, &sql_outbox_failed, P(l->id), P(l->attempt), P(error));
}

void store_mail_sweep(struct tx *t)
{
	tx_exec(t, &sql_sweep_outbox);
}
