#ifndef MAIL_STORE_H
#define MAIL_STORE_H

#include "kit/db/db.h"
#include "mail/mail.h"

/* The outbox and its statements, one function each; private to the room. */

struct letter {
	struct uuid id, account;
	struct str recipient, subject, text, html, headers, message_id;
	int64_t attempt;
	struct instant created_at;
};

/* Mails as their columns, n texts each. */
struct mail_columns {
	struct str *ids, *recipients, *subjects, *texts, *htmls, *headers, *times;
	size_t n;
};

void store_mails_add(struct tx *t, const struct mail_columns *c);
void store_mail_claim(struct tx *t, int64_t most, int64_t seconds, struct list *ret);
/* Each holds for this attempt only: one whose lease was lost changes nothing. */
void store_mail_sent(struct tx *t, const struct letter *l);
void store_mail_later(struct tx *t, const struct letter *l, int64_t seconds, struct str error);
void store_mail_failed(struct tx *t, const struct letter *l, struct str error);
void store_mail_sweep(struct tx *t);

#endif
