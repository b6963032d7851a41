/* Into the outbox; see mail.h. */
#include "mail/mail.h"

#include "kit/db/db.h"
#include "kit/net/message.h"
#include "mail/store.h"

void mail_bell(struct tx *tx)
{
	tx_bell(tx, STR("bell_mail"), STR(""));
}

void mail_queue(struct tx *tx, const struct mail *mail)
{
	store_mail_add(tx, mail);
	mail_bell(tx);
}

const char *mail_check_address(struct str address)
{
	return address_is_sound(address) ? NULL
					 : "Enter an e-mail address such as name@example.com.";
}
