/* Into the outbox; see mail.h. */
#include "mail/mail.h"

#include "kit/db/db.h"

#include "fcgi/mail/store.sql.h"

void mail_bell(struct tx *tx)
{
	tx_bell(tx, STR("bell_job"), STR(""));
}

void mail_queue(struct tx *tx, const struct mail *mail)
{
	tx_exec(tx, &sql_outbox_add, P(mail->recipient), P(mail->subject), P(mail->text));
	mail_bell(tx);
}

/* RFC 5321's everyday part: no quotes, no comments, nothing that could end a header line or begin another. */
const char *mail_check_address(struct str address)
{
	static const char *const wrong = "Enter an e-mail address such as name@example.com.";
	struct str domain = address;
	struct str local = str_cut(&domain, '@');

	if (address.n > 254 || local.n < 1 || local.n > 64 || domain.n < 1 || str_find(domain, '@') >= 0)
		return wrong;
	for (size_t at = 0; at < address.n; at++) {
		unsigned char c = (unsigned char)address.p[at];

		if (c <= 0x20 || c == 0x7f || str_find(STR("<>()[],;:\\\""), (char)c) >= 0)
			return wrong;
	}
	if (domain.p[0] == '.' || domain.p[domain.n - 1] == '.' || str_contains(domain, STR("..")))
		return wrong;
	return NULL;
}
