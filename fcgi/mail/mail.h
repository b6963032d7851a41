#ifndef MAIL_MAIL_H
#define MAIL_MAIL_H

#include "kit/http/http.h"

struct arena;
struct req;
struct sql;
struct tx;

/*
 * Mail leaves by the outbox: a row written with the change that it tells of, which the jobs program
 * sends after the commit.
 */
struct mail {
	struct uuid id; /* of the row, by crypto_uuid7 for whoever refers to it; or none */
	struct str recipient, subject, text;
	struct str html;           /* none: text only */
	struct json_text headers;  /* by mail_headers, or none */
	struct instant not_before; /* none: at once */
};

/* Further headers, such as List-Unsubscribe; ended by one without a name. */
struct json_text mail_headers(struct arena *a, const struct pair *headers);
/* Queues the row in the account that the transaction has entered, and rings the jobs program. */
void mail_queue(struct tx *tx, const struct mail *mail);
/* The same for a list of struct mail, in one statement. */
void mail_queue_all(struct arena *a, struct tx *tx, struct list mails);
/* Rings the jobs program, where SQL has written the row by itself. */
void mail_bell(struct tx *tx);

/* NULL, or what is wrong with an e-mail address. */
const char *mail_check_address(struct str address);

/* Demonstrations only: GET /dev/mail shows the files that MAIL_MODE=file writes. */
extern const struct route mail_routes[];
extern const struct view *const mail_views[];
extern const struct sql *const mail_statements[];

#endif
