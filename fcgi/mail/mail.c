/* Into the outbox; see mail.h. */
#include "mail/mail.h"

#include "kit/base/arena.h"
#include "kit/db/db.h"
#include "kit/net/message.h"
#include "mail/store.h"

#define HEADERS_MAX ((size_t)64 * 1024)

void mail_bell(struct tx *tx)
{
	tx_bell(tx, STR("bell_mail"), STR(""));
}

void mail_queue(struct tx *tx, const struct mail *mail)
{
	struct str id = uuid_str(&mail->id), recipient = mail->recipient, subject = mail->subject;
	struct str text = mail->text, html = mail->html, headers = mail->headers.s, time;
	char room[CLOCK_TEXT];

	time = (struct str){ room, mail->not_before.us ? clock_print(mail->not_before, room) : 0 };
	store_mails_add(tx, &(struct mail_columns){ &id, &recipient, &subject, &text, &html,
						    &headers, &time, 1 });
	mail_bell(tx);
}

void mail_queue_all(struct arena *a, struct tx *tx, struct list mails)
{
	struct mail_columns c = {
		.ids = ARENA_ARRAY(a, struct str, mails.n),
		.recipients = ARENA_ARRAY(a, struct str, mails.n),
		.subjects = ARENA_ARRAY(a, struct str, mails.n),
		.texts = ARENA_ARRAY(a, struct str, mails.n),
		.htmls = ARENA_ARRAY(a, struct str, mails.n),
		.headers = ARENA_ARRAY(a, struct str, mails.n),
		.times = ARENA_ARRAY(a, struct str, mails.n),
		.n = mails.n,
	};

	for (size_t at = 0; at < mails.n; at++) {
		const struct mail *mail = &((const struct mail *)mails.items)[at];

		c.ids[at] = uuid_str(&mail->id);
		c.recipients[at] = mail->recipient;
		c.subjects[at] = mail->subject;
		c.texts[at] = mail->text;
		c.htmls[at] = mail->html;
		c.headers[at] = mail->headers.s;
		if (mail->not_before.us)
			c.times[at] = clock_rfc3339(a, mail->not_before);
	}
	store_mails_add(tx, &c);
	mail_bell(tx);
}

struct json_text mail_headers(struct arena *a, const struct pair *headers)
{
	struct buf out = buf_new(a, HEADERS_MAX);

	buf_putc(&out, '{');
	for (const struct pair *header = headers; header->name.n; header++) {
		buf_put(&out, header == headers ? STR("") : STR(","));
		buf_put_json(&out, header->name);
		buf_putc(&out, ':');
		buf_put_json(&out, header->value);
	}
	buf_putc(&out, '}');
	return (struct json_text){ buf_str(&out) };
}

const char *mail_check_address(struct str address)
{
	return address_is_sound(address) ? NULL
					 : "Enter an e-mail address such as name@example.com.";
}
